package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// askWorkshopPage is screen 2: what, for whom, when and where.
type askWorkshopPage struct {
	AskHead
	Workshop         Choices
	Wish             Field
	Aim              Field
	Level            Field
	Children, Adults Field
	Dates            []dateFields
	Period           Field
	Place            Choices
	Room, Equipment  Field
	Wifi             Choices
	Access           Field
}

// dateFields ask for one day that would suit.
type dateFields struct {
	Day  Field
	Half Choices
}

func getAskWorkshop(s *Server, c *gin.Context) error {
	v, stop, err := s.askVisitAfter(c, askWorkshop)
	if err != nil || stop {
		return err
	}
	return s.showAskWorkshop(c, http.StatusOK, v, nil)
}

func postAskWorkshop(s *Server, c *gin.Context) error {
	v, stop, err := s.askVisitAfter(c, askWorkshop)
	if err != nil || stop {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	readAskWorkshop(&v.answers, form)
	return s.goOn(c, v, askWorkshop, func(status int, v askVisit, problem *fault.Error) error {
		return s.showAskWorkshop(c, status, v, problem)
	})
}

func readAskWorkshop(a *askAnswers, form url.Values) {
	a.Workshop, a.Wish, a.Aim, a.Level = form.Get("workshop"), form.Get("wish"), form.Get("aim"), form.Get("level")
	a.Children, a.Adults, a.Period = form.Get("children"), form.Get("adults"), form.Get("period")
	a.Place, a.Room, a.Equipment = form.Get("place"), form.Get("room"), form.Get("equipment")
	a.Wifi, a.Access = form.Get("wifi"), form.Get("access")
	// Boxes left empty between two dates close up: the first date is the first wish.
	a.Dates = [school.MaxWanted]askDate{}
	n := 0
	for i := range a.Dates {
		d := askDate{Day: form.Get(dateName(i)), Half: form.Get(dateName(i) + "_half")}
		if strings.TrimSpace(d.Day) != "" {
			a.Dates[n] = d
			n++
		}
	}
}

func (s *Server) showAskWorkshop(c *gin.Context, status int, v askVisit, problem *fault.Error) error {
	p, a := s.words, v.answers
	workshops, err := s.Catalog.Workshops(c.Request.Context())
	if err != nil {
		return err
	}
	options := make([]Option, 0, len(workshops)+1)
	for _, w := range workshops {
		options = append(options, Option{Value: idText(w.ID), Label: w.Name(), Hint: w.Summary, Lang: string(words.French)})
	}
	options = append(options, Option{Value: otherWorkshop, Label: p.T("ask.workshop.other"), Hint: p.T("ask.workshop.other.hint"), Reveals: true})
	page := &askWorkshopPage{
		AskHead:   s.askHead(c, askWorkshop, "ask.workshop.title"),
		Workshop:  Choices{Name: "workshop", Legend: p.T("ask.workshop"), Options: choose(options, a.Workshop)},
		Wish:      Field{Name: "wish", Label: p.T("ask.wish"), Value: a.Wish, Conditional: true, MaxLength: school.MaxLine, Autocomplete: "off"},
		Level:     Field{Name: "level", Label: p.T("ask.level"), Hint: p.T("ask.level.hint"), Value: a.Level, Width: WidthMedium, MaxLength: school.MaxLine, Autocomplete: "off"},
		Children:  Field{Name: "children", Label: p.T("ask.children"), Hint: p.T("ask.children.hint"), Value: a.Children, InputMode: "numeric", Width: WidthShort, Autocomplete: "off"},
		Adults:    Field{Name: "adults", Label: p.T("ask.adults"), Value: a.Adults, InputMode: "numeric", Width: WidthShort, Optional: true, Autocomplete: "off"},
		Aim:       Field{Name: "aim", Label: p.T("ask.aim"), Hint: p.T("ask.aim.hint"), Value: a.Aim, Optional: true, Rows: 3, MaxLength: school.MaxText},
		Period:    Field{Name: "period", Label: p.T("ask.period"), Hint: p.T("ask.period.hint"), Value: a.Period, Optional: true, Rows: 2, MaxLength: school.MaxText},
		Room:      Field{Name: "room", Label: p.T("ask.room"), Hint: p.T("ask.room.hint"), Value: a.Room, Optional: true, Rows: 2, MaxLength: school.MaxText},
		Equipment: Field{Name: "equipment", Label: p.T("ask.equipment"), Hint: p.T("ask.equipment.hint"), Value: a.Equipment, Optional: true, Rows: 2, MaxLength: school.MaxText},
		Wifi: Choices{Name: "wifi", Legend: p.T("ask.wifi"), Optional: true, Inline: true, Options: choose([]Option{
			{Value: "yes", Label: p.T("ask.wifi.yes")}, {Value: "no", Label: p.T("ask.wifi.no")}, {Value: "unknown", Label: p.T("ask.wifi.unknown")}}, a.Wifi)},
		Place: Choices{Name: "place", Legend: p.T("ask.place"), Options: choose([]Option{
			{Value: string(school.Theirs), Label: p.T("ask.place.theirs"), Reveals: true},
			{Value: string(school.Ours), Label: p.T("ask.place.ours")}}, a.Place)},
		Access: Field{Name: "access", Label: p.T("ask.access"), Hint: p.T("ask.access.hint"), Value: a.Access, Optional: true, Rows: 3, MaxLength: school.MaxText},
	}
	for i, d := range a.Dates {
		field := dateFields{
			Day: Field{Name: dateName(i), Label: p.T("ask.date", p.Ordinal(i+1)), Value: d.Day, Optional: i > 0, Conditional: true, Width: WidthMedium, Autocomplete: "off"},
			Half: Choices{Name: dateName(i) + "_half", Legend: p.T("ask.half", p.Ordinal(i+1)), Inline: true, Optional: i > 0, Options: choose([]Option{
				{Value: "morning", Label: p.T("ask.half.morning")}, {Value: "afternoon", Label: p.T("ask.half.afternoon")}, {Value: "day", Label: p.T("ask.half.day")}}, d.Half)},
		}
		if i == 0 {
			field.Day.Hint = p.T("ask.date.hint")
		}
		page.Dates = append(page.Dates, field)
	}
	if problem != nil {
		controls := []control{&page.Workshop, &page.Wish, &page.Level, &page.Children, &page.Adults, &page.Aim}
		for i := range page.Dates {
			controls = append(controls, &page.Dates[i].Day, &page.Dates[i].Half)
		}
		explain(p, &page.Page, problem, append(controls, &page.Period, &page.Place, &page.Room, &page.Equipment, &page.Wifi, &page.Access)...)
	}
	return s.show(c, status, "ecoles/workshop", page)
}
