package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

const regularPath = "/equipe/seances/planifier"

// regularPage asks what comes back every week, where, when and with whom. Sending it shows the dates, and changes nothing.
type regularPage struct {
	DeskHead
	Workshop, Venue   Select
	Weekdays, Every   Choices
	FirstDay, LastDay Field
	Starts, Ends      Field
	Capacity          Field
	Proposal          *Choices // of places; nil until a venue is chosen
	pricingFields
	PaymentURL   Field
	Funding      Select
	NewSeries    Field
	OpensDate    Field
	Opens        hourField
	People, Kits Choices
	More         bool // what most plans leave alone was filled in, or is wrong: it is shown
}

// regularDatesPage shows the dates of a plan before any session is made (UX-A2).
type regularDatesPage struct {
	DeskHead
	Key      FormKey
	Summary  string
	Hidden   []hiddenField
	Capacity int     // places of each session
	Warning  *Notice // the school holidays of some dates are not known
	// Proposal is another number of places, with why, and leads to the same dates with it; nil where they have that many.
	Proposal *Link
	Days     Choices // those that can be taken; what speaks against one is its hint
	Asked    []Choices
	Left     []dayOff // those on which it is impossible, and why
	Back     string
}

// hiddenField is an answer of an earlier page that is sent along.
type hiddenField struct{ Name, Value string }

// regularFields are the fields of the plan, in its order.
var regularFields = []string{"workshop", "venue", "weekdays", "every", "first_day", "last_day", "starts", "ends", "capacity", "take_capacity", "pricing", "price", "steps", "least", "payment_url", "funding",
	"new_series", "opens_date", "opens", "opens_asked", "opens_meant", "facilitators", "kits"}

func getRegular(s *Server, c *gin.Context) error {
	form := cleanForm(c.Request.URL.Query())
	if form.Get("every") == "" {
		form.Set("every", "1")
	}
	return s.showRegular(c, http.StatusOK, form, nil)
}

// showRegular shows the form of a plan.
func (s *Server) showRegular(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	ctx, p := c.Request.Context(), s.words
	workshops, err := s.Catalog.Workshops(ctx)
	if err != nil {
		return err
	}
	venues, err := s.Catalog.Venues(ctx)
	if err != nil {
		return err
	}
	people, err := s.Catalog.Assignable(ctx)
	if err != nil {
		return err
	}
	kits, err := s.Catalog.Kits(ctx)
	if err != nil {
		return err
	}
	page := &regularPage{
		DeskHead:      s.deskHead(c, p.T("plan.title")),
		Workshop:      Select{Name: "workshop", Label: p.T("staff.session.workshop"), Empty: p.T("staff.choose")},
		Venue:         Select{Name: "venue", Label: p.T("staff.session.venue"), Hint: p.T("plan.venue.hint"), Empty: p.T("staff.choose")},
		Weekdays:      Choices{Name: "weekdays", Legend: p.T("plan.weekdays"), Many: true, Inline: true},
		Every:         Choices{Name: "every", Legend: p.T("plan.every"), Inline: true},
		FirstDay:      Field{Name: "first_day", Label: p.T("plan.first_day"), Value: form.Get("first_day"), Type: "date", Width: WidthMedium},
		LastDay:       Field{Name: "last_day", Label: p.T("plan.last_day"), Value: form.Get("last_day"), Type: "date", Width: WidthMedium},
		Starts:        Field{Name: "starts", Label: p.T("staff.session.starts"), Value: form.Get("starts"), Type: "time", Width: WidthShort},
		Ends:          Field{Name: "ends", Label: p.T("staff.session.ends"), Hint: p.T("staff.session.usual.ends"), Value: form.Get("ends"), Type: "time", Width: WidthShort, Optional: true},
		pricingFields: s.pricingFields(form),
		Capacity:      Field{Name: "capacity", Label: p.T("staff.session.capacity"), Hint: p.T("staff.session.usual.capacity"), Value: form.Get("capacity"), InputMode: "numeric", Width: WidthShort, Optional: true},
		PaymentURL:    Field{Name: "payment_url", Label: p.T("staff.session.payment"), Hint: p.T("staff.session.payment.hint"), Value: form.Get("payment_url"), Type: "url", Optional: true, NoSpellcheck: true},
		NewSeries:     Field{Name: "new_series", Label: p.T("plan.series"), Hint: p.T("plan.series.hint"), Value: form.Get("new_series"), Optional: true},
		OpensDate:     Field{Name: "opens_date", Label: p.T("staff.session.opens.date"), Value: form.Get("opens_date"), Type: "date", Width: WidthMedium, Optional: true},
		Opens:         s.hourField("opens", p.T("staff.session.opens.hour"), "", true, form),
		People:        Choices{Name: "facilitators", Legend: p.T("plan.people"), Many: true, Optional: true},
		Kits:          Choices{Name: "kits", Legend: p.T("plan.kits"), Many: true, Optional: true},
	}
	if page.Funding, err = s.fundingField(ctx, form, p.T("staff.session.funding.none")); err != nil {
		return err
	}
	page.Price.Hint = p.T("price.form.price.hint.new")
	if page.Proposal, err = s.capacityProposal(c, nil, form); err != nil {
		return err
	}
	for _, w := range workshops {
		page.Workshop.Options = append(page.Workshop.Options, Option{Value: idText(w.ID), Label: workshopName(w)})
	}
	for _, v := range venues {
		label := p.T("staff.session.venue.city", v.Name, v.City)
		if v.Zone() != "" {
			label = p.T("plan.venue", v.Name, v.City, string(v.Zone()))
		}
		page.Venue.Options = append(page.Venue.Options, Option{Value: idText(v.ID), Label: label})
	}
	for day := 1; day <= 7; day++ {
		page.Weekdays.Options = append(page.Weekdays.Options, Option{Value: strconv.Itoa(day), Label: p.T("school_dates.weekday." + strconv.Itoa(day))})
	}
	page.Every.Options = []Option{{Value: "1", Label: p.T("plan.every.1")}, {Value: "2", Label: p.T("plan.every.2")}}
	for _, f := range people {
		page.People.Options = append(page.People.Options, Option{Value: idText(f.ID), Label: f.Name})
	}
	for _, k := range kits {
		if k.Copies > 0 {
			page.Kits.Options = append(page.Kits.Options, Option{Value: idText(k.ID), Label: k.Name})
		}
	}
	page.Workshop.Options = choose(page.Workshop.Options, form.Get("workshop"))
	page.Venue.Options = choose(page.Venue.Options, form.Get("venue"))
	page.Weekdays.Options = choose(page.Weekdays.Options, form["weekdays"]...)
	page.Every.Options = choose(page.Every.Options, form.Get("every"))
	page.People.Options = choose(page.People.Options, form["facilitators"]...)
	page.Kits.Options = choose(page.Kits.Options, form["kits"]...)
	if problem != nil {
		fields := map[string]fault.Message{}
		for name, m := range problem.Fields {
			switch {
			case name == "opens" && m.Key == "catalog.date.format":
				name = "opens_date"
			case name == "facilitator":
				name = "facilitators"
			}
			fields[name] = m
		}
		if _, wrong := fields["starts"]; wrong && page.Ends.Value == "" {
			delete(fields, "ends") // it follows from the start
		}
		page.Opens.ask(s, fields)
		explain(p, &page.Page, &fault.Error{Kind: problem.Kind, Message: problem.Message, Fields: fields},
			&page.Workshop, &page.Venue, &page.Weekdays, &page.Every, &page.FirstDay, &page.LastDay, &page.Starts, &page.Ends, &page.Capacity, &page.Pricing, &page.Price, &page.Steps, &page.Least,
			&page.People, &page.Kits, &page.OpensDate, &page.Opens.Field, &page.NewSeries, &page.PaymentURL, &page.Funding)
	}
	for _, name := range []string{"payment_url", "funding", "opens_date", "opens", "kits"} {
		page.More = page.More || form.Get(name) != ""
	}
	return s.show(c, status, "equipe/regular", page)
}

// regularRequest reads a plan; what was left empty is what is usual for the workshop.
func (s *Server) regularRequest(c *gin.Context, form url.Values) catalog.ScheduleRequest {
	each := sessionRequest(form)
	each.Starts, each.Ends = form.Get("starts"), form.Get("ends") // the hours of one day are asked by day
	w, err := s.Catalog.Workshop(c.Request.Context(), each.WorkshopID)
	if err != nil { // the choice of the workshop is wrong, not what it would have given
		w = catalog.Workshop{Capacity: 1, DurationMinutes: 60}
	}
	fillUsual(&each, form, w)
	r := catalog.ScheduleRequest{Each: each, Every: wholeNumber(form.Get("every")), FirstDay: form.Get("first_day"), LastDay: form.Get("last_day"),
		Facilitators: rowIDs(form["facilitators"]), Days: form["days"], Starts: map[string]string{}, Ends: map[string]string{}}
	for _, d := range form["weekdays"] {
		r.Weekdays = append(r.Weekdays, wholeNumber(d))
	}
	for _, id := range form["kits"] {
		r.Kits = append(r.Kits, catalog.KitUse{KitID: rowID(id), Copies: 1})
	}
	for _, day := range r.Days {
		r.Starts[day], r.Ends[day] = form.Get("starts_"+day), form.Get("ends_"+day)
	}
	return r
}

func getRegularDates(s *Server, c *gin.Context) error {
	return s.showRegularDates(c, http.StatusOK, cleanForm(c.Request.URL.Query()), nil)
}

// showRegularDates shows the dates of a plan; where it says none, its form again.
func (s *Server) showRegularDates(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	p, r := s.words, s.regularRequest(c, form)
	days, err := s.Catalog.Preview(c.Request.Context(), s.actor(c), r)
	if f, known := fault.As(err); known && (f.Kind == fault.Invalid || f.Kind == fault.NotFound) {
		return s.showRegular(c, http.StatusUnprocessableEntity, form, f)
	}
	if err != nil {
		return err
	}
	venue, err := s.Catalog.Venue(c.Request.Context(), r.Each.VenueID)
	if err != nil {
		return err
	}
	workshop, err := s.Catalog.Workshop(c.Request.Context(), r.Each.WorkshopID)
	if err != nil {
		return err
	}
	sent := form.Has(formKeyField) // the boxes were ticked by somebody
	page := &regularDatesPage{DeskHead: s.deskHead(c, p.T("plan.dates.title")), Key: s.newKey(c, "plan"), Back: regularPath + "?" + regularQuery(form),
		Days: Choices{Name: "days", Legend: p.T("plan.dates"), Hint: p.T("plan.dates.hint"), Many: true}}
	page.Capacity = r.Each.Capacity
	page.Summary = p.T("plan.summary", workshopName(workshop), p.Span(clockOf(r.Each.Starts), clockOf(r.Each.Ends)), venue.Name)
	if page.Proposal, err = s.otherCapacity(c, r, form); err != nil {
		return err
	}
	for _, name := range regularFields {
		for _, v := range form[name] {
			page.Hidden = append(page.Hidden, hiddenField{name, v})
		}
	}
	proposed, unknown := 0, false
	for _, day := range days {
		unknown = unknown || day.Unknown
		reasons := s.dayReasons(day, venue)
		if !day.Possible() {
			page.Left = append(page.Left, dayOff{Name: p.Date(dayOf(day.Day)), When: joinSentences(reasons)})
			continue
		}
		chosen := day.Proposed()
		if sent {
			chosen = slices.Contains(form["days"], day.Day)
		}
		if chosen {
			proposed++
		}
		page.Days.Options = append(page.Days.Options, Option{Value: day.Day, Label: p.Date(dayOf(day.Day)), Hint: joinSentences(reasons), Chosen: chosen})
		page.Asked = append(page.Asked, s.askedHours(day, form)...)
	}
	if unknown {
		page.Warning = &Notice{Tone: ToneWarning, Title: p.T("plan.dates.unknown"), Text: p.T("plan.dates.unknown.text", string(venue.Zone())), Link: &Link{Href: holidaysPath, Label: p.T("plan.holidays.link")}}
	}
	page.Title = p.N("plan.dates.count", proposed)
	if problem != nil {
		explain(p, &page.Page, problem, &page.Days)
	}
	return s.show(c, status, "equipe/regular_dates", page)
}

// otherCapacity is what the form of one session proposes, for all dates of a plan.
func (s *Server) otherCapacity(c *gin.Context, r catalog.ScheduleRequest, form url.Values) (*Link, error) {
	with := url.Values{}
	for name, v := range form {
		with[name] = v
	}
	with.Del("take_capacity")
	with.Set("capacity", strconv.Itoa(r.Each.Capacity))
	proposed, err := s.capacityProposal(c, nil, with)
	if err != nil || proposed == nil {
		return nil, err
	}
	option := proposed.Options[0]
	with.Set("capacity", option.Value)
	return &Link{regularPath + "/dates?" + regularQuery(with), option.Label}, nil
}

// regularQuery is what was said of a plan, as the query of its form.
func regularQuery(form url.Values) string {
	said := url.Values{}
	for _, name := range regularFields {
		if form.Has(name) {
			said[name] = form[name]
		}
	}
	return said.Encode()
}

// dayReasons say what speaks against a day.
func (s *Server) dayReasons(day catalog.ScheduleDay, venue catalog.Venue) (reasons []string) {
	p := s.words
	if day.Past {
		reasons = append(reasons, p.T("plan.day.past"))
	}
	if day.There {
		reasons = append(reasons, p.T("plan.day.there"))
	}
	if day.Holiday != "" {
		reasons = append(reasons, p.T("plan.day.holiday", day.Holiday, string(venue.Zone())))
	}
	if day.Public != "" {
		reasons = append(reasons, p.T("plan.day.public", p.T("catalog.public_holiday."+day.Public)))
	}
	for _, h := range day.Hindrances {
		key := "plan.day." + string(h.What)
		if h.Private {
			key += ".private"
		}
		reasons = append(reasons, p.T(key, h.Name))
	}
	if len(day.Asked) > 0 {
		reasons = append(reasons, p.T("plan.day.asked"))
	}
	return reasons
}

// askedHours ask which hour is meant on a day on which the clocks change.
func (s *Server) askedHours(day catalog.ScheduleDay, form url.Values) (all []Choices) {
	for _, field := range []string{"starts", "ends"} {
		m, asked := day.Asked[field]
		if !asked {
			continue
		}
		name := field + "_" + day.Day
		h, said := hourField{Field: Field{Name: name}}, map[string]fault.Message{name: m}
		h.ask(s, said)
		h.Meant.Name, h.Meant.Legend = name, s.words.T("plan.hour."+field, s.words.Date(dayOf(day.Day)))
		h.Meant.Hint = s.words.Message(said[name])
		h.Meant.Options = choose(h.Meant.Options, form.Get(name))
		all = append(all, *h.Meant)
	}
	return all
}

func postRegular(s *Server, c *gin.Context) error {
	return s.submit(c, deskForm{
		purpose: "plan",
		do: func(form url.Values, key account.FormKey) (string, error) {
			id, err := s.Catalog.CreateSchedule(c.Request.Context(), s.actor(c), key, s.regularRequest(c, form))
			return schedulePath(id) + "?fait=planifiees", err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showRegularDates(c, status, form, problem)
		},
		made: func(result string) string { return schedulesPath + "/" + result },
	})
}
