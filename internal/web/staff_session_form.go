package web

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// sessionFormPage creates a session, or edits one.
type sessionFormPage struct {
	DeskHead
	Action    string
	Back      string
	BackLabel string
	Key       FormKey
	Seen      string // version of what is edited; empty for a new one
	LedBy     string // who led it when the form was shown
	Families  int    // who is told when it moves
	Group     string // whom a private session is for: its contact is told, and it is neither paid nor booked
	Workshop  Select
	Venue     Select
	Date      Field
	Starts    hourField
	Ends      hourField
	Capacity  Field
	Proposal  *Choices // of a capacity, to be taken with a tick; nil where there is nothing to say
	People    Choices  // who leads a new session …
	Kits      Choices  // … and with what; without options where it is made already
	Obstacles *obstacles
	Reserved  [3]Field // how many seats are kept, for whom, until when
	pricingFields
	PaymentURL Field
	Funding    Select
	Series     Select // without options where no series exists yet
	NewSeries  Field
	OpensDate  Field
	Opens      hourField
	ClosesDate Field
	Closes     hourField
}

// hourField is an hour, and, where the change of clocks skips or doubles what was typed, the two hours that it can
// mean. It is the partial "hour".
type hourField struct {
	Field
	Meant *Choices
}

func (s *Server) hourField(name, label, hint string, optional bool, form url.Values) hourField {
	return hourField{Field: Field{Name: name, Label: label, Hint: hint, Value: form.Get(name), Type: "time", Width: WidthShort, Optional: optional}}
}

// ask turns a refusal of the hour, among those of a form, into a question, if the change of clocks is why.
func (h *hourField) ask(s *Server, fields map[string]fault.Message) {
	m := fields[h.Name]
	if len(m.Args) != 3 {
		return
	}
	p := s.words
	var labels [2]string
	switch m.Key {
	case "catalog.hour.twice":
		fields[h.Name] = fault.Message{Key: "staff.hour.twice", Args: m.Args[:1]}
		labels = [2]string{p.T("staff.hour.first", p.Hour(clockOf(m.Args[0]))), p.T("staff.hour.second", p.Hour(clockOf(m.Args[0])))}
	case "catalog.hour.skipped":
		labels = [2]string{p.Hour(clockOf(m.Args[1])), p.Hour(clockOf(m.Args[2]))}
	default:
		return
	}
	h.Meant = &Choices{Name: h.Name + "_meant", Legend: p.T("staff.hour.which"), Inline: m.Key == "catalog.hour.skipped"}
	for i, label := range labels {
		value, _ := m.Args[i+1].(string)
		h.Meant.Options = append(h.Meant.Options, Option{Value: value, Label: label})
	}
}

func clockOf(arg any) time.Time {
	text, _ := arg.(string)
	t, err := time.Parse(catalog.HourLayout, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// meantHour is the hour of a field: the answer to the question about it, unless another hour was typed since.
func meantHour(form url.Values, name string) string {
	if meant := form.Get(name + "_meant"); meant != "" && form.Get(name+"_asked") == form.Get(name) {
		return meant
	}
	return form.Get(name)
}

// getSessionNew shows an empty form; the query may name the workshop.
func getSessionNew(s *Server, c *gin.Context) error {
	form := url.Values{"workshop": {c.Query("atelier")}, "venue": {c.Query("lieu")}}
	return s.showSessionForm(c, http.StatusOK, nil, form, nil)
}

func postSessionNew(s *Server, c *gin.Context) error {
	ctx := c.Request.Context()
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if form.Get("do") == "propose" {
		return s.showSessionForm(c, http.StatusOK, nil, form, nil)
	}
	return s.submit(c, deskForm{
		purpose: "session-new",
		read:    func(*gin.Context) (url.Values, error) { return form, nil },
		do: func(form url.Values, key account.FormKey) (string, error) {
			r := sessionRequest(form)
			w, err := s.Catalog.Workshop(ctx, r.WorkshopID)
			if err != nil { // the choice of the workshop is wrong, not what it would have given
				w = catalog.Workshop{Capacity: 1, DurationMinutes: 60}
			}
			fillUsual(&r, form, w)
			id, err := s.Catalog.CreateSession(ctx, s.actor(c), key, r)
			return deskSessionPath(id) + "?fait=creee", err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showSessionForm(c, status, nil, form, problem)
		},
		made: func(result string) string { return "/equipe/seances/" + result },
	})
}

// fillUsual gives what was left empty the usual value of the workshop.
func fillUsual(r *catalog.SessionRequest, form url.Values, w catalog.Workshop) {
	if form.Get("capacity") == "" && form.Get("take_capacity") == "" {
		r.Capacity = w.Capacity
	}
	way := form.Get("pricing") // « Gratuit » is a price too: none was left empty
	if form.Get("price") == "" && (way == "" || way == string(catalog.PerSession)) {
		r.PriceCents = w.PriceCents
	}
	if start, err := time.Parse(catalog.HourLayout, r.Starts); err == nil && r.Ends == "" {
		r.Ends = start.Add(time.Duration(w.DurationMinutes) * time.Minute).Format(catalog.HourLayout)
	}
}

// pricingFields ask how a session is priced, one way at a time. They are the partial "pricing".
type pricingFields struct {
	Pricing             Choices
	Price, Steps, Least Field
}

// pricingFields are the fields as a form has them.
func (s *Server) pricingFields(form url.Values) pricingFields {
	p := s.words
	return pricingFields{
		Pricing: Choices{Name: "pricing", Legend: p.T("price.form.legend"), Options: choose([]Option{
			{Value: freeWay, Label: p.T("price.form.free")},
			{Value: string(catalog.PerSession), Label: p.T("price.form.session")},
			{Value: string(catalog.PerSeries), Label: p.T("price.form.series"), Hint: p.T("price.form.series.hint")},
			{Value: string(catalog.Chosen), Label: p.T("price.form.chosen"), Hint: p.T("price.form.chosen.hint"), Reveals: true},
		}, cmp.Or(form.Get("pricing"), string(catalog.PerSession)))},
		Price: Field{Name: "price", Label: p.T("staff.session.price.field"), Hint: p.T("price.form.price.hint"), Value: form.Get("price"), InputMode: "decimal", Width: WidthShort, Optional: true},
		Steps: Field{Name: "steps", Label: p.T("price.form.steps"), Hint: p.T("price.form.steps.hint"), Value: form.Get("steps"), Width: WidthMedium, Optional: true},
		Least: Field{Name: "least", Label: p.T("price.form.least"), Hint: p.T("price.form.least.hint"), Value: form.Get("least"), InputMode: "decimal", Width: WidthShort, Optional: true},
	}
}

// freeWay is the answer of the form that a session costs nothing; a form that says nothing of it goes by the price.
const freeWay = "free"

// pricingOf is how a session is priced as the form says it. A wrong amount is -1.
func pricingOf(form url.Values) catalog.Pricing {
	p := catalog.Pricing{Way: catalog.Way(form.Get("pricing"))}
	switch p.Way {
	case freeWay:
		return catalog.Pricing{Way: catalog.PerSession}
	case catalog.Chosen:
		for step := range strings.FieldsFuncSeq(form.Get("steps"), func(r rune) bool { return strings.ContainsRune("/;€ \u00a0\u202f", r) }) {
			p.Steps = append(p.Steps, euros(step))
		}
		if form.Get("least") != "" {
			p.MinCents = euros(form.Get("least"))
		}
	}
	return p
}

func sessionRequest(form url.Values) catalog.SessionRequest {
	r := catalog.SessionRequest{
		WorkshopID: rowID(form.Get("workshop")), VenueID: rowID(form.Get("venue")),
		Date: form.Get("date"), Starts: meantHour(form, "starts"), Ends: meantHour(form, "ends"),
		Capacity: wholeNumber(form.Get("capacity")), PriceCents: euros(form.Get("price")), Pricing: pricingOf(form), PaymentURL: strings.TrimSpace(form.Get("payment_url")), Funding: form.Get("funding"),
		OpensDate: form.Get("opens_date"), OpensHour: meantHour(form, "opens"),
		ClosesDate: form.Get("closes_date"), ClosesHour: meantHour(form, "closes"),
		SeriesID: rowID(form.Get("series")), NewSeries: form.Get("new_series"),
		Facilitators: rowIDs(form["facilitators"]), Kits: oneOfEach(form["kits"]), Assent: assent(form),
		ReservedFor: form.Get("reserved_for"), ReservedUntil: form.Get("reserved_until"),
		Seen: form.Get("seen"),
	}
	if take := form.Get("take_capacity"); take != "" {
		r.Capacity = wholeNumber(take)
	}
	if form.Get("reserved_seats") != "" {
		r.ReservedSeats = wholeNumber(form.Get("reserved_seats"))
	}
	r.Free = form.Get("pricing") == freeWay
	switch {
	case r.Free && form.Get("price") == "":
		r.PriceCents = 0
	case form.Get("price") == "" && len(r.Pricing.Steps) > 0: // nobody said which of them is ticked beforehand
		r.PriceCents = slices.Max(r.Pricing.Steps)
	}
	return r
}

// oneOfEach is a copy of each kit that was ticked.
func oneOfEach(ticked []string) (uses []catalog.KitUse) {
	for _, id := range ticked {
		uses = append(uses, catalog.KitUse{KitID: rowID(id), Copies: 1})
	}
	return uses
}

func getSessionEdit(s *Server, c *gin.Context) error {
	v, err := s.pathSession(c)
	if err != nil {
		return err
	}
	if v.Status == catalog.Cancelled { // it changes no more
		return seeOther(c, deskSessionPath(v.ID))
	}
	return s.showSessionForm(c, http.StatusOK, &v, sessionValues(v), nil)
}

// ledBy names who leads a session; empty for nobody.
func (s *Server) ledBy(ctx context.Context, id int64) (string, error) {
	led, err := s.Catalog.Facilitators(ctx, id)
	return s.words.List(facilitatorNames(led)), err
}

// pathSession is the session that the path names.
func (s *Server) pathSession(c *gin.Context) (catalog.Session, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return catalog.Session{}, err
	}
	return s.Catalog.Session(c.Request.Context(), id)
}

// sessionValues are the fields of the form as they show a session.
func sessionValues(v catalog.Session) url.Values {
	date := func(t time.Time) []string { return []string{t.Format(catalog.DateLayout)} }
	hour := func(t time.Time) []string { return []string{t.Format(catalog.HourLayout)} }
	form := url.Values{
		"workshop": {idText(v.Workshop.ID)}, "venue": {idText(v.Venue.ID)},
		"date": date(v.StartsAt), "starts": hour(v.StartsAt), "ends": hour(v.EndsAt),
		"capacity": {idText(int64(v.Capacity))}, "price": {settings.WriteEuros(v.PriceCents)}, "payment_url": {v.PaymentURL}, "funding": {v.Funding},
		"opens_date": date(v.OpensAt), "opens": hour(v.OpensAt), "seen": {v.Version()},
	}
	if v.Reserved.Seats > 0 {
		form.Set("reserved_seats", strconv.Itoa(v.Reserved.Seats))
		form.Set("reserved_for", v.Reserved.Partner)
		form.Set("reserved_until", v.Reserved.LastDay())
	}
	form.Set("pricing", string(v.Pricing.Way))
	if v.Pricing.Free(v.PriceCents) {
		form.Set("pricing", freeWay)
		form.Del("price")
	}
	if v.Pricing.Way == catalog.Chosen {
		steps := make([]string, len(v.Pricing.Steps))
		for i, step := range v.Pricing.Steps {
			steps[i] = settings.WriteEuros(step)
		}
		form.Set("steps", strings.Join(steps, " / "))
		form.Set("least", settings.WriteEuros(v.Pricing.MinCents))
	}
	if v.Series.ID != 0 {
		form["series"] = []string{idText(v.Series.ID)}
	}
	if !v.ClosesAt.Equal(v.StartsAt) { // otherwise it follows the start when that moves
		form["closes_date"], form["closes"] = date(v.ClosesAt), hour(v.ClosesAt)
	}
	return form
}

func postSessionEdit(s *Server, c *gin.Context) error {
	v, err := s.pathSession(c)
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "session-edit",
		do: func(form url.Values, key account.FormKey) (string, error) {
			edit, r := s.Bookings.EditSession, sessionRequest(form)
			if v.Private() {
				edit = s.School.EditSession
			}
			if r.Free && form.Get("price") == sessionValues(v).Get("price") { // nobody typed it: the session costs it so far
				r.PriceCents = 0
			}
			return deskSessionPath(v.ID) + "?fait=enregistree", edit(c.Request.Context(), s.actor(c), key, v.ID, r)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showSessionForm(c, status, &v, form, problem)
		},
	})
}

// showSessionForm shows the form of a session: a new one where v is nil.
func (s *Server) showSessionForm(c *gin.Context, status int, v *catalog.Session, form url.Values, problem *fault.Error) error {
	ctx, p := c.Request.Context(), s.words
	workshops, err := s.Catalog.Workshops(ctx)
	if err != nil {
		return err
	}
	venues, err := s.Catalog.Venues(ctx)
	if err != nil {
		return err
	}
	page := &sessionFormPage{
		DeskHead: s.deskHead(c, p.T("staff.session.new")), Action: "/equipe/seances/nouvelle", Back: "/equipe/seances", BackLabel: p.T("staff.session.back"),
		Workshop: Select{Name: "workshop", Label: p.T("staff.session.workshop"), Empty: p.T("staff.choose")},
		Venue:    Select{Name: "venue", Label: p.T("staff.session.venue"), Empty: p.T("staff.choose")},
		Date:     Field{Name: "date", Label: p.T("staff.session.date"), Value: form.Get("date"), Type: "date", Width: WidthMedium},
		Starts:   s.hourField("starts", p.T("staff.session.starts"), "", false, form),
		Ends:     s.hourField("ends", p.T("staff.session.ends"), "", v == nil, form),
		Capacity: Field{Name: "capacity", Label: p.T("staff.session.capacity"), Value: form.Get("capacity"), InputMode: "numeric", Width: WidthShort, Optional: v == nil},
		Reserved: [3]Field{
			{Name: "reserved_seats", Label: p.T("staff.session.reserved.seats"), Value: form.Get("reserved_seats"), InputMode: "numeric", Width: WidthShort, Optional: true},
			{Name: "reserved_for", Label: p.T("staff.session.reserved.for"), Value: form.Get("reserved_for"), Optional: true},
			{Name: "reserved_until", Label: p.T("staff.session.reserved.until"), Value: form.Get("reserved_until"), Type: "date", Width: WidthMedium, Optional: true},
		},
		pricingFields: s.pricingFields(form),
		PaymentURL:    Field{Name: "payment_url", Label: p.T("staff.session.payment"), Hint: p.T("staff.session.payment.hint"), Value: form.Get("payment_url"), Type: "url", Optional: true, NoSpellcheck: true},
		OpensDate:     Field{Name: "opens_date", Label: p.T("staff.session.opens.date"), Value: form.Get("opens_date"), Type: "date", Width: WidthMedium, Optional: true},
		Opens:         s.hourField("opens", p.T("staff.session.opens.hour"), "", true, form),
		ClosesDate:    Field{Name: "closes_date", Label: p.T("staff.session.closes.date"), Value: form.Get("closes_date"), Type: "date", Width: WidthMedium, Optional: true},
		Closes:        s.hourField("closes", p.T("staff.session.closes.hour"), "", true, form),
	}
	for _, w := range workshops {
		page.Workshop.Options = append(page.Workshop.Options, Option{Value: idText(w.ID), Label: workshopName(w)})
	}
	if v != nil && v.Private() { // it stays there, or comes to one of ours
		page.Group = v.Organisation
		if !slices.ContainsFunc(venues, func(l catalog.Venue) bool { return l.ID == v.Venue.ID }) {
			venues = append([]catalog.Venue{v.Venue}, venues...)
		}
	}
	for _, l := range venues {
		page.Venue.Options = append(page.Venue.Options, Option{Value: idText(l.ID), Label: p.T("staff.session.venue.city", l.Name, l.City)})
	}
	if page.Series, page.NewSeries, err = s.seriesFields(ctx, form); err != nil {
		return err
	}
	if page.Funding, err = s.fundingField(ctx, form, p.T("staff.session.funding.none")); err != nil {
		return err
	}
	page.Workshop.Options = choose(page.Workshop.Options, form.Get("workshop"))
	page.Venue.Options = choose(page.Venue.Options, form.Get("venue"))
	purpose := "session-new"
	if v != nil {
		purpose = "session-edit"
		page.Title = p.T("staff.session.edit", workshopName(v.Workshop))
		page.Back, page.BackLabel = deskSessionPath(v.ID), p.T("staff.session.back.one")
		page.Action, page.Seen = page.Back+"/modifier", form.Get("seen")
		led, err := s.ledBy(ctx, v.ID)
		if err != nil {
			return err
		}
		page.LedBy = typedOr(form, "led_by", led)
		list, err := s.Bookings.SessionBookings(ctx, s.actor(c), v.ID)
		if err != nil {
			return err
		}
		page.Families = list.Families()
		if !v.Private() {
			page.Capacity.Hint = p.N("staff.session.capacity.taken", v.Taken)
		}
		if stale(problem) {
			page.Seen = list.Session.Version()
			chosen := []Select{page.Workshop, page.Venue, page.Series, page.Funding}
			page.Notice = s.staleNotice(readable(form, chosen), readable(sessionValues(list.Session), chosen), page.labels())
			if page.LedBy != led { // by another page than this one, which replaces nothing of it
				now := p.T("staff.stale.led.nobody")
				if led != "" {
					now = p.T("staff.stale.led", led)
				}
				page.Notice.Text += " " + now
				page.LedBy = led
			}
			problem = nil
		}
	} else {
		if err := s.addWith(ctx, page, form); err != nil {
			return err
		}
		page.Ends.Hint, page.Capacity.Hint = p.T("staff.session.usual.ends"), p.T("staff.session.usual.capacity")
		page.Price.Hint = p.T("price.form.price.hint.new")
	}
	if page.Proposal, err = s.capacityProposal(c, v, form); err != nil {
		return err
	}
	page.Key = s.newKey(c, purpose)
	page.Obstacles = s.obstaclesOf(problem)
	if problem != nil {
		page.explain(s, problem)
		page.Obstacles.explain(page.Errors)
	}
	return s.show(c, status, "equipe/session_form", page)
}

// addWith asks who leads a new session, and with what.
func (s *Server) addWith(ctx context.Context, page *sessionFormPage, form url.Values) error {
	people, err := s.Catalog.Assignable(ctx)
	if err != nil {
		return err
	}
	kits, err := s.Catalog.Kits(ctx)
	if err != nil {
		return err
	}
	page.People = Choices{Name: "facilitators", Legend: s.words.T("plan.people"), Many: true, Optional: true}
	page.Kits = Choices{Name: "kits", Legend: s.words.T("plan.kits"), Many: true, Optional: true}
	for _, f := range people {
		page.People.Options = append(page.People.Options, Option{Value: idText(f.ID), Label: f.Name})
	}
	for _, k := range kits {
		if k.Copies > 0 {
			page.Kits.Options = append(page.Kits.Options, Option{Value: idText(k.ID), Label: k.Name})
		}
	}
	page.People.Options = choose(page.People.Options, form["facilitators"]...)
	page.Kits.Options = choose(page.Kits.Options, form["kits"]...)
	return nil
}

// capacityProposal proposes how many places a session should have where the form says it takes place, with why; nil before a venue is
// chosen, and where the form says that number already.
func (s *Server) capacityProposal(c *gin.Context, v *catalog.Session, form url.Values) (*Choices, error) {
	ctx, p := c.Request.Context(), s.words
	people, uses := len(form["facilitators"]), oneOfEach(form["kits"])
	if v != nil {
		led, err := s.Catalog.Facilitators(ctx, v.ID)
		if err != nil {
			return nil, err
		}
		kits, err := s.Catalog.SessionKits(ctx, v.ID)
		if err != nil {
			return nil, err
		}
		people, uses = len(led), nil
		for _, k := range kits {
			uses = append(uses, catalog.KitUse{KitID: k.ID, Copies: k.Used})
		}
	}
	proposal, err := s.Catalog.ProposeCapacity(ctx, s.actor(c), rowID(form.Get("venue")), uses, people)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	seats := strconv.Itoa(proposal.Seats)
	if seats == form.Get("capacity") {
		return nil, nil
	}
	reasons := []string{p.T("staff.capacity.room", proposal.Room)}
	for _, k := range proposal.Kits {
		reasons = append(reasons, p.T("staff.capacity.kit", k.Name, k.Seats))
	}
	hint := p.T("staff.capacity.hint.nobody")
	if proposal.People > 0 {
		reasons = append(reasons, p.N("staff.capacity.people", proposal.People, proposal.PerPerson))
		hint = p.T("staff.capacity.hint")
	}
	return &Choices{Name: "take_capacity", Legend: p.T("staff.capacity.legend"), Hint: hint, Many: true, Optional: true,
		Options: choose([]Option{{Value: seats, Label: p.N("staff.capacity.take", proposal.Seats, p.List(reasons))}}, form.Get("take_capacity"))}, nil
}

// seriesFields are the choice of a series and the title of a new one, as a form has them.
func (s *Server) seriesFields(ctx context.Context, form url.Values) (choice Select, title Field, err error) {
	p := s.words
	series, err := s.Catalog.Series(ctx)
	if err != nil {
		return choice, title, err
	}
	choice = Select{Name: "series", Label: p.T("staff.session.series"), Hint: p.T("staff.session.series.hint"), Empty: p.T("staff.session.series.none"), Optional: true}
	for _, x := range series {
		choice.Options = append(choice.Options, Option{Value: idText(x.ID), Label: x.Title})
	}
	choice.Options = choose(choice.Options, form.Get("series"))
	title = Field{Name: "new_series", Label: p.T("staff.session.series.new"), Hint: p.T("staff.session.series.new.hint"), Value: form.Get("new_series"), Optional: true}
	return choice, title, nil
}

// fundingField is the choice of who pays, for the report: of the kinds there are those that are somebody's money, and what was chosen
// before it left the list. empty is what none of them means; more are choices after them.
func (s *Server) fundingField(ctx context.Context, form url.Values, empty string, more ...Option) (Select, error) {
	p := s.words
	fundings, err := s.Office.Fundings(ctx)
	if err != nil {
		return Select{}, err
	}
	field := Select{Name: "funding", Label: p.T("staff.session.funding"), Hint: p.T("staff.session.funding.hint"), Empty: empty, Optional: true}
	for _, f := range fundings {
		if f != settings.Free && f != settings.UnknownYet {
			field.Options = append(field.Options, Option{Value: string(f), Label: fundingName(p, string(f))})
		}
	}
	field.Options = chooseAsked(append(field.Options, more...), form.Get("funding"))
	return field, nil
}

// explain writes what is wrong beside the fields, and asks back the hours that the change of clocks makes unclear.
func (page *sessionFormPage) explain(s *Server, problem *fault.Error) {
	fields := map[string]fault.Message{}
	for name, m := range problem.Fields {
		switch name {
		case "facilitator":
			name = page.People.Name
		case "kit":
			name = page.Kits.Name
		}
		if name != "date" && name != "reserved_until" && m.Key == "catalog.date.format" {
			name += "_date" // the opening or the closing
		}
		fields[name] = m
	}
	if _, wrong := fields["starts"]; wrong && page.Ends.Optional && page.Ends.Value == "" {
		delete(fields, "ends") // it follows from the start
	}
	for _, h := range []*hourField{&page.Starts, &page.Ends, &page.Opens, &page.Closes} {
		h.ask(s, fields)
	}
	explain(s.words, &page.Page, &fault.Error{Kind: problem.Kind, Message: problem.Message, Fields: fields},
		&page.Workshop, &page.Venue, &page.Date, &page.Starts.Field, &page.Ends.Field, &page.People, &page.Kits, &page.Capacity,
		&page.Reserved[0], &page.Reserved[1], &page.Reserved[2], &page.Pricing, &page.Price, &page.Steps, &page.Least, &page.PaymentURL, &page.Funding,
		&page.Series, &page.NewSeries, &page.OpensDate, &page.Opens.Field, &page.ClosesDate, &page.Closes.Field)
}

// labels are the fields whose values a notice can tell, in the order of the form.
func (page *sessionFormPage) labels() []Field {
	return []Field{{Name: page.Workshop.Name, Label: page.Workshop.Label}, {Name: page.Venue.Name, Label: page.Venue.Label},
		{Name: page.Series.Name, Label: page.Series.Label}, {Name: page.Funding.Name, Label: page.Funding.Label}, page.Date, page.Starts.Field, page.Ends.Field, page.Capacity,
		page.Reserved[0], page.Reserved[1], page.Reserved[2], page.Price, page.Steps, page.Least, page.PaymentURL, page.OpensDate, page.Opens.Field, page.ClosesDate, page.Closes.Field}
}

// readable are the values of a form with what people chose from lists as the lists show it.
func readable(form url.Values, lists []Select) url.Values {
	told := maps.Clone(form)
	for _, list := range lists {
		for _, o := range list.Options {
			if o.Value == form.Get(list.Name) {
				told[list.Name] = []string{o.Label}
			}
		}
	}
	return told
}

// stale reports whether somebody else changed the thing while its form was open.
func stale(problem *fault.Error) bool {
	return problem != nil && problem.Message.Key == "catalog.changed_meanwhile"
}

// staleNotice tells what is stored now where it differs from what was typed: sending the form again replaces it.
func (s *Server) staleNotice(typed, stored url.Values, fields []Field) *Notice {
	var differ []string
	for _, f := range fields {
		if now := stored.Get(f.Name); now != typed.Get(f.Name) {
			if now == "" {
				now = s.words.T("staff.stale.empty")
			}
			differ = append(differ, s.words.T("staff.stale.field", f.Label, now))
		}
	}
	text := s.words.T("staff.stale.same")
	if len(differ) > 0 {
		text = s.words.T("staff.stale.differs", s.words.List(differ))
	}
	return &Notice{Tone: ToneWarning, Title: s.words.T("catalog.changed_meanwhile"), Text: text}
}
