package web

import (
	"bytes"
	"image/png"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// routeSignature takes the picture of the signature.
const routeSignature = "/equipe/reglages/signature"

// signatureFile is the name of the field that brings it.
const signatureFile = "signature"

// signaturePart is the form about the signature, below the settings.
type signaturePart struct {
	Key   FormKey
	Shown string // the picture in force; empty where there is none
	// Width and Height are those of the picture.
	Width, Height int
	File          Field
}

// signaturePart fills the form.
func (s *Server) signaturePart(c *gin.Context) (part signaturePart, err error) {
	p := s.words
	part = signaturePart{Key: s.newKey(c, "signature"), File: Field{Name: signatureFile, Label: p.T("settings.signature.file"),
		Hint: p.T("settings.signature.hint", settings.MaxSignature>>20, settings.MaxSignatureSide), Type: "file"}}
	picture, err := s.Office.Signature(c.Request.Context())
	if err != nil || len(picture) == 0 {
		return part, err
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	part.Shown, part.Width, part.Height = routeSignature+".png", size.Width, size.Height
	return part, err
}

// postSignature keeps the picture that was sent, or removes the one in force.
func postSignature(s *Server, c *gin.Context) error {
	var file upload
	return s.submit(c, deskForm{
		purpose: "signature",
		read: func(c *gin.Context) (form url.Values, err error) {
			form, file, err = readUpload(c, signatureFile)
			return form, err
		},
		do: func(form url.Values, key account.FormKey) (string, error) {
			const done = "/equipe/reglages?fait=enregistree"
			if form.Has("remove") {
				return done, s.Office.ChangeSignature(c.Request.Context(), s.actor(c), key, nil)
			}
			picture, err := settings.ReadSignature(file.Name, file.Content)
			if err != nil {
				return "", err
			}
			return done, s.Office.ChangeSignature(c.Request.Context(), s.actor(c), key, picture)
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showSettings(c, status, nil, problem)
		},
	})
}

// getSignature shows the picture to staff: the only place but papers where it is seen.
func getSignature(s *Server, c *gin.Context) error {
	picture, err := s.Office.Signature(c.Request.Context())
	if err != nil {
		return err
	}
	if len(picture) == 0 {
		return fault.New(fault.NotFound, "error.not_found")
	}
	return sendFile(c, "signature.png", "image/png", picture)
}
