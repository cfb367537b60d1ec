package web

import (
	"bytes"
	"context"
	"image/png"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// Where the pictures of the settings are sent; with .png they are shown.
const (
	routeSignature = "/equipe/reglages/signature"
	routeLogo      = "/equipe/reglages/logo"
)

// settingPicture is one of the pictures that papers bear.
type settingPicture struct {
	name   string // of the field, of the form's purpose, and in the keys of its words
	route  string
	read   func(fileName string, content []byte) ([]byte, error)
	kept   func(*account.Office, context.Context) ([]byte, error)
	change func(*account.Office, context.Context, account.Actor, account.FormKey, []byte) error
}

var (
	signaturePicture = settingPicture{"signature", routeSignature, settings.ReadSignature, (*account.Office).Signature, (*account.Office).ChangeSignature}
	logoPicture      = settingPicture{"logo", routeLogo, settings.ReadLogo, (*account.Office).Logo, (*account.Office).ChangeLogo}
)

// picturePart is the form about a picture, below the settings.
type picturePart struct {
	Title, What, None, Alt, Remove string
	Key                            FormKey
	Action                         string
	Shown                          string // the picture in force; empty where there is none
	Width, Height                  int    // of that
	File                           Field
}

// picturePart fills the form.
func (s *Server) picturePart(c *gin.Context, what settingPicture) (part picturePart, err error) {
	p, words := s.words, "settings."+what.name+"."
	part = picturePart{Title: p.T(words + "title"), What: p.T(words + "what"), None: p.T(words + "none"), Alt: p.T(words + "alt"), Remove: p.T(words + "remove"),
		Key: s.newKey(c, what.name), Action: what.route, File: Field{Name: what.name, Label: p.T(words + "file"),
			Hint: p.T("settings.picture.hint", settings.MaxPicture>>20, settings.MaxPictureSide), Type: "file"}}
	picture, err := what.kept(s.Office, c.Request.Context())
	if err != nil || len(picture) == 0 {
		return part, err
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	part.Shown, part.Width, part.Height = what.route+".png", size.Width, size.Height
	return part, err
}

func postSignature(s *Server, c *gin.Context) error { return s.keepPicture(c, signaturePicture) }

func postLogo(s *Server, c *gin.Context) error { return s.keepPicture(c, logoPicture) }

// keepPicture keeps the picture that was sent, or removes the one in force.
func (s *Server) keepPicture(c *gin.Context, what settingPicture) error {
	var file upload
	return s.submit(c, deskForm{
		purpose: what.name,
		read: func(c *gin.Context) (form url.Values, err error) {
			form, file, err = readUpload(c, what.name)
			return form, err
		},
		do: func(form url.Values, key account.FormKey) (string, error) {
			const done = "/equipe/reglages?fait=enregistree"
			if form.Has("remove") {
				return done, what.change(s.Office, c.Request.Context(), s.actor(c), key, nil)
			}
			picture, err := what.read(file.Name, file.Content)
			if err != nil {
				return "", err
			}
			return done, what.change(s.Office, c.Request.Context(), s.actor(c), key, picture)
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showSettings(c, status, nil, problem)
		},
	})
}

func getSignature(s *Server, c *gin.Context) error { return s.sendPicture(c, signaturePicture) }

func getLogo(s *Server, c *gin.Context) error { return s.sendPicture(c, logoPicture) }

// sendPicture shows a picture to staff: the only place but papers where it is seen.
func (s *Server) sendPicture(c *gin.Context, what settingPicture) error {
	picture, err := what.kept(s.Office, c.Request.Context())
	if err != nil {
		return err
	}
	if len(picture) == 0 {
		return fault.New(fault.NotFound, "error.not_found")
	}
	return sendFile(c, what.name+".png", "image/png", picture)
}
