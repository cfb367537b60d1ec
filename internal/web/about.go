package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
)

// The pages that only tell: what becomes of data, accessibility.

type accessibilityPage struct{ Page }

// privacyPage lists what is kept, why, on which ground, who sees it and how long: the register of package privacy.
type privacyPage struct {
	Page
	Tables []privacyTable
}

// privacyTable is what is kept of one audience.
type privacyTable struct {
	Title string
	Rows  []privacyRow
}

type privacyRow struct{ Data, Need, Why, Basis, Seen, Kept string }

func aboutPages() []Declared {
	return []Declared{
		{Name: "about/privacy", Data: &privacyPage{}},
		{Name: "about/accessibility", Data: &accessibilityPage{}},
	}
}

// publicPage is a page that search engines may find and that reads the same for everybody.
func (s *Server) publicPage(c *gin.Context, title, description string) Page {
	page := s.newPage(c, title)
	page.NoIndex, page.Description, page.Canonical = false, description, s.absolute(c.Request.URL.Path)
	c.Header("Cache-Control", "public, max-age=600")
	return page
}

func getAccessibility(s *Server, c *gin.Context) error {
	return s.show(c, http.StatusOK, "about/accessibility", &accessibilityPage{s.publicPage(c, s.words.T("about.accessibility.title"), "")})
}

func getPrivacy(s *Server, c *gin.Context) error {
	page := &privacyPage{Page: s.publicPage(c, s.words.T("about.privacy.title"), s.words.T("about.privacy.who"))}
	page.Wide = true
	kept, err := s.Privacy.Kept(c.Request.Context())
	if err != nil {
		return err
	}
	for _, audience := range privacy.Audiences() {
		table := privacyTable{Title: s.words.T("privacy.audience." + string(audience))}
		for _, item := range privacy.Items() {
			if item.Audience != audience {
				continue
			}
			key := "privacy.item." + item.Name
			table.Rows = append(table.Rows, privacyRow{
				Data: s.words.T(key + ".data"), Need: s.words.T("privacy.need." + string(item.Need)), Why: s.words.T(key + ".why"),
				Basis: s.words.T("privacy.basis." + string(item.Basis)), Seen: s.words.T(key + ".seen"), Kept: s.words.T(key+".kept", kept[item.Name]...),
			})
		}
		page.Tables = append(page.Tables, table)
	}
	return s.show(c, http.StatusOK, "about/privacy", page)
}
