package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// familyChildPage shows one child with all that the guardian said about it.
type familyChildPage struct {
	Page
	Lines   []Answer
	History []Answer
	Leave   string // where the guardian takes themself out; empty for the last one
	Young   string // where a young person is given a space, or it is taken away; empty for a younger one
	HasOwn  bool   // they have one
}

func ownChildPath(id int64, below string) string {
	return "/compte/enfants/" + strconv.FormatInt(id, 10) + below
}

// ownChild is the child in the path, if it is the guardian's.
func (s *Server) ownChild(c *gin.Context) (family.OwnChild, error) {
	id, err := strconv.ParseInt(c.Param("child"), 10, 64)
	if err != nil {
		return family.OwnChild{}, fault.New(fault.NotFound, "error.not_found")
	}
	return s.Families.Child(c.Request.Context(), s.actor(c), id)
}

func getFamilyChild(s *Server, c *gin.Context) error {
	child, err := s.ownChild(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	page := &familyChildPage{Page: s.familyPage(c, child.FirstName+" "+child.LastName), Lines: s.childLines(c, child)}
	page.Notice = s.doneNotice(c)
	for _, said := range child.History {
		page.History = append(page.History, Answer{
			Label: p.T("space.purpose." + string(said.Purpose)), Value: p.T("space.history.line", p.T("space.answer."+string(said.Answer)), p.DateHour(said.At), said.Version),
		})
	}
	if child.MayHaveSpace(s.config.Now()) {
		page.Young, page.HasOwn = s.to(c, ownChildPath(child.ID, "/espace")), child.Young != ""
	}
	if child.Others > 0 {
		page.Leave = s.to(c, ownChildPath(child.ID, "/quitter"))
	}
	return s.show(c, http.StatusOK, "family/child", page)
}

// childLines is what the guardian said about a child, each line with where it is changed. The text about health is on its own page alone.
func (s *Server) childLines(c *gin.Context, child family.OwnChild) []Answer {
	p := s.printer(c)
	line := func(label, value, below string) Answer {
		return Answer{Label: p.T(label), Value: value, ChangeHref: s.to(c, ownChildPath(child.ID, below))}
	}
	image := p.T("space.image." + string(child.Answer(family.Image)))
	if child.ImageRefused {
		image = p.T("space.image.refused")
	}
	lines := []Answer{
		line("space.line.identity", p.T("space.identity", child.FirstName+" "+child.LastName, p.Date(child.Birth)), "/identite"),
		line("space.line.health", p.T("space.health."+string(child.Health.State)), "/sante"),
		line("space.line.departure", s.departureWords(p, child.Answer(family.LeaveAlone) == family.Yes, child.Pickups), "/depart"),
		line("space.line.image", image, "/photos"),
	}
	return lines
}

func (s *Server) departureWords(p *words.Printer, alone bool, pickups []string) string {
	switch {
	case alone:
		return p.T("space.departure.alone")
	case len(pickups) > 0:
		return p.T("space.departure.with", p.List(pickups))
	}
	return p.T("space.departure.me")
}

// identityForm is a child's names as typed.
type identityForm struct {
	FirstName string `form:"first_name" validate:"first_name"`
	LastName  string `form:"last_name" validate:"last_name"`
}

func editIdentity(s *Server, c *gin.Context) error {
	child, err := s.ownChild(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	birth := func(form url.Values) (d DateField) {
		d = DateField{Name: "birth", Legend: p.T("booking.birth"), Day: strconv.Itoa(child.Birth.Day()), Month: strconv.Itoa(int(child.Birth.Month())), Year: strconv.Itoa(child.Birth.Year())}
		d.Day, d.Month, d.Year = typedOr(form, "birth_day", d.Day), typedOr(form, "birth_month", d.Month), typedOr(form, "birth_year", d.Year)
		return d
	}
	return s.editing(c, edit{
		title: p.T("space.identity.title", child.FirstName), lead: p.T("space.identity.lead"), back: ownChildPath(child.ID, ""), done: "enregistre",
		parts: func(form url.Values) []editPart {
			date := birth(form)
			return []editPart{
				{Field: &Field{Name: "first_name", Label: p.T("booking.first_name"), Value: typedOr(form, "first_name", child.FirstName), Autocomplete: "off", People: true}},
				{Field: &Field{Name: "last_name", Label: p.T("booking.last_name"), Value: typedOr(form, "last_name", child.LastName), Autocomplete: "off", People: true}},
				{Date: &date},
			}
		},
		check: func(form url.Values) map[string]fault.Message {
			wrong := checkForm(identityForm{form.Get("first_name"), form.Get("last_name")})
			if wrong == nil {
				wrong = map[string]fault.Message{}
			}
			if _, m := family.ParseBirthDate(form.Get("birth_day"), form.Get("birth_month"), form.Get("birth_year"), s.config.Now()); m != nil {
				wrong["birth"] = *m
			}
			return wrong
		},
		review: func(form url.Values) []Answer {
			born, _ := family.ParseBirthDate(form.Get("birth_day"), form.Get("birth_month"), form.Get("birth_year"), s.config.Now())
			return []Answer{
				s.changed(c, p.T("booking.first_name"), child.FirstName, form.Get("first_name")), s.changed(c, p.T("booking.last_name"), child.LastName, form.Get("last_name")),
				s.changed(c, p.T("space.line.birth"), p.Date(child.Birth), p.Date(born)),
			}
		},
		save: func(key account.FormKey, form url.Values) error {
			first, _ := family.ParseName(form.Get("first_name"))
			last, _ := family.ParseName(form.Get("last_name"))
			born, _ := family.ParseBirthDate(form.Get("birth_day"), form.Get("birth_month"), form.Get("birth_year"), s.config.Now())
			return s.Families.SetChild(c.Request.Context(), s.actor(c), key, child.ID, first, last, born)
		},
	})
}

// healthForm is what a guardian says of a child's health.
type healthForm struct {
	Health string `form:"health" validate:"oneof=none described refused to_ask" msg:"booking.health.missing"`
}

// mostHealthText is how long a text about health may be, in signs.
const mostHealthText = 500

func editHealth(s *Server, c *gin.Context) error {
	child, err := s.ownChild(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	said := func(state family.HealthState, text string) string {
		if state == family.HealthDescribed {
			return text
		}
		return p.T("space.health." + string(state))
	}
	state := string(child.Health.State)
	if child.Health.State == family.HealthToAsk {
		state = ""
	}
	return s.editing(c, edit{
		title: p.T("space.health.title", child.FirstName), lead: p.T("space.health.lead"), back: ownChildPath(child.ID, ""), done: "enregistre",
		parts: func(form url.Values) []editPart {
			options := []Option{
				{Value: "none", Label: p.T("booking.health.no")}, {Value: "described", Label: p.T("booking.health.yes"), Reveals: true},
				{Value: "refused", Label: p.T("booking.health.unsaid")},
			}
			if child.Health.State == family.HealthDescribed {
				options = append(options, Option{Value: "to_ask", Label: p.T("space.health.withdraw"), Hint: p.T("space.health.withdraw.hint")})
			}
			return []editPart{
				{Choices: &Choices{Name: "health", Legend: p.T("booking.health", child.FirstName), Options: choose(options, typedOr(form, "health", state))},
					Text: &Field{Name: "health_text", Label: p.T("space.health.text"), Hint: p.T("space.health.text.hint"), Value: typedOr(form, "health_text", child.Health.Text), Optional: true, Autocomplete: "off", MaxLength: mostHealthText}},
				{Choices: &Choices{Name: "health_consent", Legend: p.T("booking.health.consent.legend", child.FirstName), Hint: p.T("space.health.consent.hint"), Many: true, Optional: true,
					Options: choose([]Option{{Value: "yes", Label: p.T("booking.health.consent", child.FirstName)}}, form.Get("health_consent"))}},
			}
		},
		check: func(form url.Values) map[string]fault.Message {
			wrong := checkForm(healthForm{form.Get("health")})
			if len(wrong) > 0 || form.Get("health") != "described" {
				return wrong
			}
			switch text := strings.TrimSpace(form.Get("health_text")); {
			case text == "":
				return map[string]fault.Message{"health_text": {Key: "space.health.text.missing"}}
			case len([]rune(text)) > mostHealthText:
				return map[string]fault.Message{"health_text": {Key: "space.health.text.long", Args: []any{mostHealthText}}}
			case form.Get("health_consent") != "yes":
				return map[string]fault.Message{"health_consent": {Key: "booking.health.consent_missing", Args: []any{child.FirstName}}}
			}
			return nil
		},
		review: func(form url.Values) []Answer {
			return []Answer{s.changed(c, p.T("space.line.health"), said(child.Health.State, child.Health.Text), said(family.HealthState(form.Get("health")), form.Get("health_text")))}
		},
		save: func(key account.FormKey, form url.Values) error {
			told := family.Health{State: family.HealthState(form.Get("health"))}
			if told.State == family.HealthDescribed {
				told.Text = strings.TrimSpace(form.Get("health_text"))
			}
			return s.Families.SetHealth(c.Request.Context(), s.actor(c), key, child.ID, told)
		},
	})
}

// departureForm is how a child leaves, as in a booking.
type departureForm struct {
	Leaves      string `form:"leaves" validate:"oneof=me other alone" msg:"booking.leaves.missing"`
	PickupNames string `form:"pickup_names" validate:"required_if=Leaves other,omitempty,pickups" msg:"family.pickups_missing"`
}

func readDeparture(form url.Values) departureForm {
	f := departureForm{Leaves: form.Get("leaves")}
	if f.Leaves == "other" {
		f.PickupNames = form.Get("pickup_names")
	}
	return f
}

func (f departureForm) pickups() []string {
	if f.Leaves != "other" {
		return nil
	}
	names, _ := family.ParsePickups(f.PickupNames)
	return names
}

func editDeparture(s *Server, c *gin.Context) error {
	child, err := s.ownChild(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	leaves := "me"
	switch {
	case len(child.Ask()) > 0 && child.Answer(family.LeaveAlone) == family.Later:
		leaves = "" // the text has changed: it is asked again
	case child.Answer(family.LeaveAlone) == family.Yes:
		leaves = "alone"
	case len(child.Pickups) > 0:
		leaves = "other"
	}
	return s.editing(c, edit{
		title: p.T("space.departure.title", child.FirstName), lead: p.T("space.departure.lead"), back: ownChildPath(child.ID, ""), done: "enregistre",
		parts: func(form url.Values) []editPart {
			return []editPart{{Choices: &Choices{Name: "leaves", Legend: p.T("booking.leaves", child.FirstName), Options: choose([]Option{
				{Value: "me", Label: p.T("booking.leaves.me")}, {Value: "other", Label: p.T("booking.leaves.other"), Reveals: true}, {Value: "alone", Label: p.T("booking.leaves.alone", child.FirstName)},
			}, typedOr(form, "leaves", leaves))},
				Names: &Field{Name: "pickup_names", Label: p.T("booking.pickup"), Hint: p.T("booking.pickup.hint"), Value: typedOr(form, "pickup_names", strings.Join(child.Pickups, ", ")), Autocomplete: "off", Conditional: true, People: true}}}
		},
		check: func(form url.Values) map[string]fault.Message { return checkForm(readDeparture(form)) },
		review: func(form url.Values) []Answer {
			f := readDeparture(form)
			return []Answer{s.changed(c, p.T("space.line.departure"), s.departureWords(p, child.Answer(family.LeaveAlone) == family.Yes, child.Pickups), s.departureWords(p, f.Leaves == "alone", f.pickups()))}
		},
		save: func(key account.FormKey, form url.Values) error {
			f := readDeparture(form)
			return s.Families.SetDeparture(c.Request.Context(), s.actor(c), key, child.ID, f.Leaves == "alone", f.pickups())
		},
	})
}

// imageForm is whether a child may be photographed.
type imageForm struct {
	Image string `form:"image" validate:"oneof=yes no later" msg:"booking.image.wrong"`
}

// editImage asks whether a child may be photographed, and then, for those who wish, where pictures may be shown. It is kept at once: it can be
// changed back as easily.
func editImage(s *Server, c *gin.Context) error {
	child, err := s.ownChild(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	var notes []string
	if child.ImageRefused {
		notes = append(notes, p.T("space.image.refused.why"))
	}
	image := string(child.Answer(family.Image))
	if child.Last[family.Image].Answer == "" || child.Last[family.Image].Outdated() {
		image = "" // not answered, or to another text
	}
	return s.editing(c, edit{
		title: p.T("space.image.title", child.FirstName), lead: p.T("space.image.lead"), notes: notes, back: ownChildPath(child.ID, ""), done: "reponse",
		parts: func(form url.Values) []editPart {
			parts := []editPart{{Choices: &Choices{Name: "image", Legend: p.T("booking.image", child.FirstName), Hint: p.T("booking.image.hint"), Options: choose([]Option{
				{Value: "yes", Label: p.T("booking.image.yes")}, {Value: "no", Label: p.T("booking.image.no")}, {Value: "later", Label: p.T("booking.image.later")},
			}, typedOr(form, "image", image))}}}
			media := &Choices{Name: "media", Legend: p.T("space.media.ask"), Hint: p.T("space.media.hint"), Many: true, Optional: true}
			for _, m := range family.Media() {
				chosen := child.Answer(m) == family.Yes
				if form != nil {
					chosen = slices.Contains(form["media"], string(m))
				}
				media.Options = append(media.Options, Option{Value: string(m), Label: p.T("space.purpose." + string(m)), Chosen: chosen})
			}
			return append(parts, editPart{Choices: media})
		},
		check: func(form url.Values) map[string]fault.Message { return checkForm(imageForm{form.Get("image")}) },
		save: func(key account.FormKey, form url.Values) error {
			answer, media := family.Answer(form.Get("image")), map[family.Purpose]family.Answer{}
			for _, m := range family.Media() {
				ticked := answer == family.Yes && slices.Contains(form["media"], string(m))
				switch {
				case ticked:
					media[m] = family.Yes
				case child.Last[m].Answer == family.Yes || answer == family.Yes:
					media[m] = family.No
				}
			}
			return s.Families.SetImage(c.Request.Context(), s.actor(c), key, child.ID, answer, media)
		},
	})
}

// editImageOff withdraws the consent to pictures: from the space it is one click here and one to confirm (RGPD-4).
func editImageOff(s *Server, c *gin.Context) error {
	child, err := s.ownChild(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	return s.editing(c, edit{
		title: p.T("space.image.off.title", child.FirstName), lead: p.T("space.image.off.lead"), button: p.T("space.image.off.button"), danger: true, done: "reponse",
		save: func(key account.FormKey, _ url.Values) error {
			media := map[family.Purpose]family.Answer{}
			for _, m := range family.Media() {
				if child.Last[m].Answer == family.Yes {
					media[m] = family.No
				}
			}
			return s.Families.SetImage(c.Request.Context(), s.actor(c), key, child.ID, family.No, media)
		},
	})
}

// editLeave takes the guardian out of a child's family.
func editLeave(s *Server, c *gin.Context) error {
	child, err := s.ownChild(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	return s.editing(c, edit{
		title: p.T("space.quit.title", child.FirstName), lead: p.T("space.quit.lead", child.FirstName), notes: []string{p.T("space.quit.what"), p.T("space.quit.stays")},
		button: p.T("space.quit.button"), danger: true, back: ownChildPath(child.ID, ""), next: familyStart, done: "quitte",
		save: func(key account.FormKey, _ url.Values) error {
			return s.Families.LeaveChild(c.Request.Context(), s.actor(c), key, child.ID)
		},
	})
}
