package web

import (
	"bytes"
	"context"
	"image/png"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// picturesPath is where the pictures are changed.
const picturesPath = "/equipe/reglages/images"

// pictureFile is the name of the field that brings one.
const pictureFile = "picture"

// settingPicture is one of the pictures that papers bear.
type settingPicture struct {
	name   string // in its form, of that form's purpose, and in the keys of its words
	read   func(fileName string, content []byte) ([]byte, error)
	kept   func(*account.Office, context.Context) ([]byte, error)
	change func(*account.Office, context.Context, account.Actor, account.FormKey, []byte) error
}

var (
	signaturePicture = settingPicture{"signature", settings.ReadSignature, (*account.Office).Signature, (*account.Office).ChangeSignature}
	logoPicture      = settingPicture{"logo", settings.ReadLogo, (*account.Office).Logo, (*account.Office).ChangeLogo}

	// settingPictures are all of them, in the order of the page.
	settingPictures = []settingPicture{logoPicture, signaturePicture}
)

// shown is the address of the picture in force.
func (what settingPicture) shown() string { return "/equipe/reglages/" + what.name + ".png" }

// drop is where it is asked once more whether to remove it.
func (what settingPicture) drop() string { return picturesPath + "/" + what.name + "/retirer" }

// picturesPage is apart from the other settings: nothing that is typed there is lost when a picture is sent.
type picturesPage struct {
	DeskHead
	Pictures []picturePart
}

// picturePart is the form about a picture.
type picturePart struct {
	Name, Title, What, None, Alt string
	Remove                       Link
	Key                          FormKey
	Changed                      string // when, and by whom; empty where nobody has
	Shown                        string // the picture in force; empty where there is none
	Width, Height                int    // of that
	File                         Field
}

// pictureDropPage asks once more.
type pictureDropPage struct {
	DeskHead
	Picture      picturePart
	Sure         string
	Action, Back string
}

func getPictures(s *Server, c *gin.Context) error { return s.showPictures(c, http.StatusOK, "", nil) }

// showPictures shows the page, with what is wrong about the picture of a name.
func (s *Server) showPictures(c *gin.Context, status int, name string, problem *fault.Error) error {
	page := &picturesPage{DeskHead: s.deskHead(c, s.words.T("settings.pictures.title"))}
	changes, err := s.Office.SettingChanges(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	for _, what := range settingPictures {
		part, err := s.picturePart(c, what)
		if err != nil {
			return err
		}
		part.Changed = s.settingChanged(changes[what.name], zone)
		page.Pictures = append(page.Pictures, part)
	}
	if problem != nil {
		var controls []control
		for i := range page.Pictures {
			if page.Pictures[i].Name == name {
				controls = append(controls, &page.Pictures[i].File)
			}
		}
		explain(s.words, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/pictures", page)
}

// picturePart fills the form.
func (s *Server) picturePart(c *gin.Context, what settingPicture) (part picturePart, err error) {
	p, words := s.words, "settings."+what.name+"."
	part = picturePart{Name: what.name, Title: p.T(words + "title"), What: p.T(words + "what"), None: p.T(words + "none"), Alt: p.T(words + "alt"), Remove: Link{Href: what.drop(), Label: p.T(words + "remove")},
		Key: s.newKey(c, what.name), File: Field{Name: pictureFile, ID: what.name + "-file", Label: p.T(words + "file"),
			Hint: p.T("settings.picture.hint", settings.MaxPicture>>20, settings.MaxPictureSide), Type: "file"}}
	picture, err := what.kept(s.Office, c.Request.Context())
	if err != nil || len(picture) == 0 {
		return part, err
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	part.Shown, part.Width, part.Height = what.shown(), size.Width, size.Height
	return part, err
}

// pictureNamed is the picture of a name that a request brings.
func pictureNamed(name string) (settingPicture, error) {
	i := slices.IndexFunc(settingPictures, func(what settingPicture) bool { return what.name == name })
	if i < 0 {
		return settingPicture{}, fault.New(fault.NotFound, "error.not_found")
	}
	return settingPictures[i], nil
}

// postPicture keeps the picture that was sent.
func postPicture(s *Server, c *gin.Context) error {
	form, file, err := readUpload(c, pictureFile)
	if err != nil {
		return err
	}
	what, err := pictureNamed(form.Get("image"))
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: what.name,
		read:    func(*gin.Context) (url.Values, error) { return form, nil },
		do: func(form url.Values, key account.FormKey) (string, error) {
			picture, err := what.read(file.Name, file.Content)
			if err != nil {
				return "", err
			}
			return picturesPath + "?fait=enregistree", what.change(s.Office, c.Request.Context(), s.actor(c), key, picture)
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showPictures(c, status, what.name, problem)
		},
	})
}

// getPictureDrop asks whether to remove the picture in force; without one there is nothing to ask.
func getPictureDrop(s *Server, c *gin.Context) error {
	what, err := pictureNamed(c.Param("image"))
	if err != nil {
		return err
	}
	part, err := s.picturePart(c, what)
	if err != nil {
		return err
	}
	if part.Shown == "" {
		return seeOther(c, picturesPath)
	}
	return s.show(c, http.StatusOK, "equipe/picture_drop", &pictureDropPage{DeskHead: s.deskHead(c, part.Remove.Label), Picture: part,
		Sure: s.words.T("settings." + what.name + ".remove.sure"), Action: part.Remove.Href, Back: picturesPath})
}

func postPictureDrop(s *Server, c *gin.Context) error {
	what, err := pictureNamed(c.Param("image"))
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: what.name,
		do: func(_ url.Values, key account.FormKey) (string, error) {
			return picturesPath + "?fait=enregistree", what.change(s.Office, c.Request.Context(), s.actor(c), key, nil)
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showPictures(c, status, what.name, problem)
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
