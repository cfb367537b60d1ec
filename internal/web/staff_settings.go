package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// settingsPage holds every setting.
type settingsPage struct {
	DeskHead
	Key       FormKey
	Fields    []settingField
	Signature signaturePart
}

// settingField is one setting; a text of several lines has a larger box.
type settingField struct {
	Field
	Large bool
}

func getSettings(s *Server, c *gin.Context) error {
	return s.showSettings(c, http.StatusOK, nil, nil)
}

func (s *Server) showSettings(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	all, err := s.Office.Settings(c.Request.Context())
	if err != nil {
		return err
	}
	changes, err := s.Office.SettingChanges(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	page := &settingsPage{DeskHead: s.deskHead(c, s.words.T("staff.settings.title")), Key: s.newKey(c, "settings")}
	for _, v := range all {
		f := settingField{Field: Field{Name: v.Name, Autocomplete: "off", Label: s.words.T(v.Label()), Value: v.Value, Optional: v.Min == 0 && v.Kind != settings.Number}, Large: v.Kind == settings.Lines || v.Kind == settings.Names}
		f.Hint = s.settingHint(v, changes[v.Name], zone)
		if form.Has(v.Name) {
			f.Value = form.Get(v.Name)
		}
		switch v.Kind {
		case settings.Number:
			f.InputMode, f.Width = "numeric", WidthShort
		case settings.Email:
			f.Type, f.NoSpellcheck = "email", true
		case settings.Web:
			f.Type, f.NoSpellcheck = "url", true
		case settings.Euros:
			f.InputMode, f.Width, f.Optional = "decimal", WidthShort, false
		case settings.SIRET, settings.RNA, settings.IBAN:
			f.Width, f.NoSpellcheck = WidthMedium, true
		}
		page.Fields = append(page.Fields, f)
	}
	if page.Signature, err = s.signaturePart(c); err != nil {
		return err
	}
	if problem != nil {
		var controls []control
		for i := range page.Fields {
			controls = append(controls, &page.Fields[i].Field)
		}
		controls = append(controls, &page.Signature.File)
		explain(s.words, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/settings", page)
}

// postSettings stores the settings that the form holds; names that are no setting are left alone.
func postSettings(s *Server, c *gin.Context) error {
	ctx := c.Request.Context()
	return s.submit(c, deskForm{
		purpose: "settings",
		do: func(form url.Values, key account.FormKey) (string, error) {
			all, err := s.Office.Settings(ctx)
			if err != nil {
				return "", err
			}
			typed := map[string]string{}
			for _, v := range all {
				if form.Has(v.Name) {
					typed[v.Name] = form.Get(v.Name)
				}
			}
			return "/equipe/reglages?fait=enregistree", s.Office.ChangeSettings(ctx, s.actor(c), key, typed)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showSettings(c, status, form, problem)
		},
	})
}

// settingHint says what a setting is for, what it is where nobody chose, and who chose last.
func (s *Server) settingHint(v settings.Value, last account.SettingChange, zone *time.Location) string {
	p := s.words
	var told []string
	if p.Has(v.Hint()) {
		told = append(told, p.T(v.Hint()))
	}
	if v.Default != "" && v.Default != v.Value {
		told = append(told, p.T("settings.default", v.Default))
	}
	switch at := last.At.In(zone); {
	case last.At.IsZero():
	case last.By == "":
		told = append(told, p.T("settings.changed", p.Birth(at)))
	default:
		told = append(told, p.T("settings.changed_by", last.By, p.Birth(at)))
	}
	return joinSentences(told)
}
