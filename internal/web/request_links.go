package web

import (
	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// RequestPath is the status page that a contact's link opens.
func RequestPath(l school.Link) string { return "/demandes/" + l.Reference + "/" + l.Signature }

// PayerPath is the page that a payer's link opens.
func PayerPath(l school.Link) string { return "/payeurs/" + l.Reference + "/" + l.Signature }

// ConfirmationPath is the page on which somebody confirms from the mailbox what was stated in their name.
func ConfirmationPath(id int64, signature string) string {
	return "/confirmations/" + idText(id) + "/" + signature
}

// DeskRequestPath is the page of a request at the desk.
func DeskRequestPath(id int64) string { return "/equipe/demandes/" + idText(id) }

// requestLink is the link in the path of a contact's or a payer's page.
func requestLink(c *gin.Context) school.Link {
	return school.Link{Reference: c.Param("reference"), Signature: c.Param("signature")}
}
