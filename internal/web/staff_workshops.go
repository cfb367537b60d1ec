package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// workshopsPage lists what is taught.
type workshopsPage struct {
	DeskHead
	Workshops []workshopLine
}

type workshopLine struct {
	Name, Discipline string
	MinAge, MaxAge   int
	Capacity         int
	Price            string
	Edit, Plan       string
}

// workshopFormPage creates a workshop, or edits one.
type workshopFormPage struct {
	DeskHead
	Action      string
	Key         FormKey
	Seen        string
	Heading     Field
	Level       Field
	Discipline  Choices
	MinAge      Field
	MaxAge      Field
	Summary     Field
	Description Field
	Skills      Field
	Tools       Field
	Bring       Field
	Capacity    Field
	Price       Field
	Duration    Field
}

func getWorkshops(s *Server, c *gin.Context) error {
	all, err := s.Catalog.Workshops(c.Request.Context())
	if err != nil {
		return err
	}
	page := &workshopsPage{DeskHead: s.deskHead(c, s.words.T("staff.workshops.title"))}
	for _, w := range all {
		price := s.words.T("ui.free")
		if w.PriceCents > 0 {
			price = s.words.Money(w.PriceCents)
		}
		page.Workshops = append(page.Workshops, workshopLine{
			Name: workshopName(w), Discipline: s.words.T("discipline." + string(w.Discipline)), MinAge: w.MinAge, MaxAge: w.MaxAge,
			Capacity: w.Capacity, Price: price, Edit: "/equipe/ateliers/" + idText(w.ID), Plan: "/equipe/seances/nouvelle?atelier=" + idText(w.ID),
		})
	}
	return s.show(c, http.StatusOK, "equipe/workshops", page)
}

var workshopRecord = deskRecord[catalog.Workshop, *catalog.Catalog]{
	list: "/equipe/ateliers", purpose: "workshop", usual: url.Values{"capacity": {"12"}, "price": {"14"}, "duration": {"120"}},
	keeper: catalogOf, load: (*catalog.Catalog).Workshop, create: (*catalog.Catalog).CreateWorkshop,
	edit: func(cat *catalog.Catalog, ctx context.Context, actor account.Actor, key account.FormKey, id int64, w catalog.Workshop, seen string) error {
		w.ID = id
		return cat.EditWorkshop(ctx, actor, key, w, seen)
	},
	typed: typedWorkshop, values: workshopValues, show: (*Server).showWorkshopForm,
}

func typedWorkshop(form url.Values) catalog.Workshop {
	return catalog.Workshop{
		Title: form.Get("title"), Level: form.Get("level"), Discipline: catalog.Discipline(form.Get("discipline")),
		MinAge: wholeNumber(form.Get("min_age")), MaxAge: wholeNumber(form.Get("max_age")),
		Summary: form.Get("summary"), Description: form.Get("description"), Skills: form.Get("skills"), Tools: form.Get("tools"), Bring: form.Get("bring"),
		Capacity: wholeNumber(form.Get("capacity")), PriceCents: euros(form.Get("price")), DurationMinutes: wholeNumber(form.Get("duration")),
	}
}

func workshopValues(w catalog.Workshop) url.Values {
	return url.Values{
		"title": {w.Title}, "level": {w.Level}, "discipline": {string(w.Discipline)},
		"min_age": {strconv.Itoa(w.MinAge)}, "max_age": {strconv.Itoa(w.MaxAge)},
		"summary": {w.Summary}, "description": {w.Description}, "skills": {w.Skills}, "tools": {w.Tools}, "bring": {w.Bring},
		"capacity": {strconv.Itoa(w.Capacity)}, "price": {settings.WriteEuros(w.PriceCents)}, "duration": {strconv.Itoa(w.DurationMinutes)},
		"seen": {w.Version()},
	}
}

// showWorkshopForm shows the form of a workshop: a new one where w is nil.
func (s *Server) showWorkshopForm(c *gin.Context, status int, w *catalog.Workshop, form url.Values, problem *fault.Error) error {
	p := s.words
	text := func(name, label, hint string, rows int) Field {
		return Field{Name: name, Label: label, Hint: hint, Value: form.Get(name), Rows: rows, Optional: true}
	}
	number := func(name, label string) Field {
		return Field{Name: name, Label: label, Value: form.Get(name), InputMode: "numeric", Width: WidthShort}
	}
	page := &workshopFormPage{
		DeskHead:    s.deskHead(c, p.T("staff.workshop.new")),
		Action:      "/equipe/ateliers/nouveau",
		Heading:     Field{Name: "title", Label: p.T("staff.workshop.title"), Value: form.Get("title"), Autocomplete: "off"},
		Level:       Field{Name: "level", Label: p.T("staff.workshop.level"), Hint: p.T("staff.workshop.level.hint"), Value: form.Get("level"), Optional: true, Width: WidthMedium},
		Discipline:  Choices{Name: "discipline", Legend: p.T("staff.workshop.discipline"), Inline: true},
		MinAge:      number("min_age", p.T("staff.workshop.min_age")),
		MaxAge:      number("max_age", p.T("staff.workshop.max_age")),
		Summary:     text("summary", p.T("staff.workshop.summary"), p.T("staff.workshop.summary.hint"), 2),
		Description: text("description", p.T("staff.workshop.description"), "", 5),
		Skills:      text("skills", p.T("staff.workshop.skills"), p.T("staff.workshop.skills.hint"), 4),
		Tools:       text("tools", p.T("staff.workshop.tools"), "", 2),
		Bring:       text("bring", p.T("staff.workshop.bring"), p.T("staff.workshop.bring.hint"), 2),
		Capacity:    number("capacity", p.T("staff.workshop.capacity")),
		Price:       Field{Name: "price", Label: p.T("staff.session.price.field"), Value: form.Get("price"), InputMode: "decimal", Width: WidthShort},
		Duration:    number("duration", p.T("staff.workshop.duration")),
	}
	for _, d := range catalog.Disciplines {
		page.Discipline.Options = append(page.Discipline.Options, Option{Value: string(d), Label: p.T("discipline." + string(d))})
	}
	page.Discipline.Options = choose(page.Discipline.Options, form.Get("discipline"))
	purpose := "workshop-new"
	if w != nil {
		purpose = "workshop-edit"
		page.Title = p.T("staff.workshop.edit", workshopName(*w))
		page.Action, page.Seen = "/equipe/ateliers/"+idText(w.ID), form.Get("seen")
		if stale(problem) {
			page.Seen = w.Version()
			page.Notice = s.staleNotice(form, workshopValues(*w), []Field{page.Heading, page.Level, page.MinAge, page.MaxAge, page.Summary,
				page.Description, page.Skills, page.Tools, page.Bring, page.Capacity, page.Price, page.Duration})
			problem = nil
		}
	}
	page.Key = s.newKey(c, purpose)
	if problem != nil {
		explain(p, &page.Page, problem, &page.Heading, &page.Level, &page.Discipline, &page.MinAge, &page.MaxAge, &page.Summary,
			&page.Description, &page.Skills, &page.Tools, &page.Bring, &page.Duration, &page.Capacity, &page.Price)
	}
	return s.show(c, status, "equipe/workshop_form", page)
}
