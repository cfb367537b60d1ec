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
	Key    FormKey
	Groups []settingGroup
}

// settingField is one setting; a text of several lines has a larger box. Seen is what was stored when the box was filled: only what
// differs from it is stored, so that of two people who change different settings neither undoes the other.
type settingField struct {
	Field
	Large    bool
	SeenName string
	Seen     string
}

// seenField is the name of the field that says what the form showed of a setting.
func seenField(name string) string { return "seen_" + name }

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
	overtaken := problem != nil && problem.Message.Key == "settings.changed_meanwhile"
	fields := map[string]settingField{}
	var differ []Field // what is stored now of settings that somebody else changed too
	page := &settingsPage{DeskHead: s.deskHead(c, s.words.T("staff.settings.title")), Key: s.newKey(c, "settings")}
	for _, v := range all {
		f := settingField{Field: Field{Name: v.Name, Autocomplete: "off", Label: s.words.T(v.Label()), Value: v.Value, Optional: v.Min == 0 && v.Kind != settings.Number}, Large: v.Kind == settings.Lines || v.Kind == settings.Names}
		f.Hint = s.settingHint(v, changes[v.Name], zone)
		f.SeenName, f.Seen = seenField(v.Name), v.Value
		if typed, seen := form.Get(v.Name), typedOr(form, f.SeenName, v.Value); form.Has(v.Name) && typed != seen {
			f.Value = typed
			switch {
			case !overtaken:
				f.Seen = seen
			case seen != v.Value && typed != v.Value:
				differ = append(differ, f.Field)
			}
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
		case settings.SIRET, settings.RNA:
			f.Width, f.NoSpellcheck = WidthMedium, true
		case settings.IBAN:
			f.NoSpellcheck = true // as wide as its 27 signs in groups of four
		}
		fields[v.Name] = f
	}
	page.Groups = s.grouped(fields)
	if overtaken {
		page.Notice = s.staleNotice(form, settingValues(all), differ)
		page.Notice.Title = s.words.T("settings.changed_meanwhile")
		problem = nil
	}
	if problem != nil {
		var controls []control
		for _, group := range page.Groups {
			for i := range group.Fields {
				controls = append(controls, &group.Fields[i].Field)
			}
		}
		explain(s.words, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/settings", page)
}

// settingValues are the values of settings, by their names.
func settingValues(all []settings.Value) url.Values {
	values := url.Values{}
	for _, v := range all {
		values.Set(v.Name, v.Value)
	}
	return values
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
			typed, seen := map[string]string{}, map[string]string{}
			for _, v := range all {
				if form.Has(v.Name) {
					typed[v.Name] = form.Get(v.Name)
				}
				if form.Has(seenField(v.Name)) {
					seen[v.Name] = form.Get(seenField(v.Name))
				}
			}
			return "/equipe/reglages?fait=enregistree", s.Office.ChangeSettings(ctx, s.actor(c), key, typed, seen)
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
	if changed := s.settingChanged(last, zone); changed != "" {
		told = append(told, changed)
	}
	return joinSentences(told)
}

// settingChanged says when a setting was last changed, and by whom; nothing where the journal does not know.
func (s *Server) settingChanged(last account.SettingChange, zone *time.Location) string {
	switch at := last.At.In(zone); {
	case last.At.IsZero():
		return ""
	case last.By == "":
		return s.words.T("settings.changed", s.words.Birth(at))
	default:
		return s.words.T("settings.changed_by", last.By, s.words.Birth(at))
	}
}
