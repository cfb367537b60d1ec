package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// sessionsPerPage keeps a page of the list light for a phone.
const sessionsPerPage = 20

const htmlType = "text/html; charset=utf-8"

// cataloguePage is the list of the coming sessions: the home page and /seances, with their filters.
type cataloguePage struct {
	Page
	// Home adds the welcome above the list.
	Home    bool
	Filters catalogueFilters
	// Count is how many sessions there are, in a sentence.
	Count string
	// None is what to do when there is none; empty otherwise.
	None string
	// Clear leads back to all sessions when none matches.
	Clear  *Button
	Months []catalogueMonth
	// FeedHref is the calendar of these sessions.
	FeedHref       string
	Earlier, Later *Link
	PageOf         string // « Page 2 sur 3 »; empty when there is one
}

// catalogueMonth is a month of the list with its sessions.
type catalogueMonth struct {
	Name  string
	Cards []SessionCard
}

// catalogueFilters is the form above the list. From and To show only where the address holds them.
type catalogueFilters struct {
	Action                       string
	Age, Discipline, City, Month Select
	From, To                     *Field
	Places                       Choices
	ClearHref                    string // where no filter is left; empty when there is none
}

func cataloguePages() []Declared {
	return []Declared{
		{Name: "catalogue/list", Data: &cataloguePage{}},
		{Name: "catalogue/session", Data: &sessionPage{}},
		{Name: "catalogue/map", Data: &mapPage{}},
	}
}

// cached answers with a page that is the same for everybody, from the cache or rendered now.
func (s *Server) cached(c *gin.Context, query string, render func(context.Context) (pageContent, error)) error {
	page, err := s.pages.get(c.Request.Context(), pageKey{c.Request.URL.Path, query}, render)
	if err != nil {
		return err
	}
	page.serve(c.Writer, c.Request)
	return nil
}

// html renders a cached page that is true until an instant.
func (s *Server) html(name string, page PageData, until time.Time) (pageContent, error) {
	body, err := s.views.Bytes(name, page)
	return pageContent{Type: htmlType, Body: body, Until: until}, err
}

func getHome(s *Server, c *gin.Context) error { return s.catalogue(c, "/") }

func getSessions(s *Server, c *gin.Context) error { return s.catalogue(c, "/seances") }

func (s *Server) catalogue(c *gin.Context, path string) error {
	query, page, err := readFilter(c.Request.URL)
	if err != nil {
		return err
	}
	filter, err := query.Parse()
	problem, wrong := fault.As(err)
	if err != nil && !wrong {
		return err
	}
	if wrong {
		coming, err := s.Catalog.Coming(c.Request.Context())
		if err != nil {
			return err
		}
		list, err := s.catalogueList(path, query, filter, page, coming, s.config.Now())
		if err != nil {
			return err
		}
		// All sessions are shown, so that is what is said of them.
		list.NoIndex, list.Query, list.FeedHref, list.Count = true, c.Request.URL.RawQuery, "/agenda.ics", s.words.N("catalog.list.coming", len(coming))
		explain(s.words, &list.Page, problem, list.Filters.controls()...)
		return s.show(c, http.StatusUnprocessableEntity, "catalogue/list", list)
	}
	return s.cached(c, pageQuery(query, page).Encode(), func(ctx context.Context) (pageContent, error) {
		now := s.config.Now()
		coming, err := s.Catalog.Coming(ctx)
		if err != nil {
			return pageContent{}, err
		}
		list, err := s.catalogueList(path, query, filter, page, coming, now)
		if err != nil {
			return pageContent{}, err
		}
		return s.html("catalogue/list", list, nextChange(coming, now))
	})
}

// readFilter reads the filter and the number of the page, from 1, as they stand in an address.
// A number that cannot be is NotFound: nobody has typed it into a form.
func readFilter(u *url.URL) (form catalog.FilterForm, page int, err error) {
	if u.RawQuery == "" {
		return form, 1, nil
	}
	query := u.Query()
	form = catalog.FilterForm{Age: query.Get("age"), Discipline: query.Get("discipline"), City: strings.TrimSpace(query.Get("city")),
		Month: query.Get("month"), From: query.Get("from"), To: query.Get("to"), Places: query.Get("places")}
	page = 1
	if typed := query.Get("page"); typed != "" {
		if page, err = strconv.Atoi(typed); err != nil || page < 1 {
			return form, 0, fault.New(fault.NotFound, "error.not_found")
		}
	}
	return form, page, nil
}

// filterQuery writes a filter as a query, in one way only.
func filterQuery(f catalog.FilterForm) url.Values {
	query := url.Values{}
	for name, value := range map[string]string{"age": f.Age, "discipline": f.Discipline, "city": f.City, "month": f.Month,
		"from": f.From, "to": f.To, "places": f.Places} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

func pageQuery(f catalog.FilterForm, page int) url.Values {
	query := filterQuery(f)
	if page > 1 {
		query.Set("page", strconv.Itoa(page))
	}
	return query
}

// withQuery is a path with a query, if there is one.
func withQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// nextChange is the first instant at which one of the sessions opens, closes, starts or ends.
func nextChange(sessions []catalog.Session, now time.Time) time.Time {
	var next time.Time
	for i := range sessions {
		if t := sessions[i].NextChange(now); !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

// catalogueList is the page of the list as it is at now. A page number past the end is NotFound.
func (s *Server) catalogueList(path string, form catalog.FilterForm, filter catalog.Filter, number int, coming []catalog.Session, now time.Time) (*cataloguePage, error) {
	p := s.words
	query := filterQuery(form)
	chosen := filter.Select(coming, now)
	pages := max(1, (len(chosen)+sessionsPerPage-1)/sessionsPerPage)
	if number > pages {
		return nil, fault.New(fault.NotFound, "error.not_found")
	}
	list := &cataloguePage{
		Page: Page{Lang: p.Lang(), Path: s.here(path), Query: pageQuery(form, number).Encode(), Section: SectionSessions, Canonical: s.absolute("/seances"),
			Description: p.T("catalog.list.description")},
		Home:     path == "/" && len(query) == 0 && number == 1,
		Filters:  s.catalogueFilters(form, coming),
		FeedHref: withQuery("/agenda.ics", query),
	}
	// The home page has the name of the site alone; its list, filtered or turned over, is the list.
	if !list.Home {
		list.Title = p.T("catalog.list.title")
	} else {
		list.Canonical = s.absolute("/")
	}
	switch {
	case len(chosen) > 0 && len(query) > 0:
		list.Count = p.N("catalog.list.matching", len(chosen))
	case len(chosen) > 0:
		list.Count = p.N("catalog.list.coming", len(chosen))
	case len(coming) > 0:
		list.Count, list.None = p.T("catalog.list.no_match"), p.T("catalog.list.no_match.advice")
		list.Clear = &Button{Label: p.T("catalog.list.clear"), Kind: ButtonSecondary, Href: "/seances"}
	default:
		list.Count, list.None = p.T("catalog.list.empty"), p.T("catalog.list.empty.advice")
	}
	if len(query) > 0 && list.Clear == nil {
		list.Filters.ClearHref = "/seances"
	}
	if pages > 1 {
		list.PageOf = p.T("catalog.list.page", number, pages)
		if number > 1 {
			list.Earlier = &Link{withQuery("/seances", pageQuery(form, number-1)), p.T("catalog.list.earlier")}
			list.Title = p.T("catalog.list.title_page", number)
		}
		if number < pages {
			list.Later = &Link{withQuery("/seances", pageQuery(form, number+1)), p.T("catalog.list.later")}
		}
	}
	for _, v := range chosen[(number-1)*sessionsPerPage : min(len(chosen), number*sessionsPerPage)] {
		month := p.Month(v.StartsAt)
		if len(list.Months) == 0 || list.Months[len(list.Months)-1].Name != month {
			list.Months = append(list.Months, catalogueMonth{Name: month})
		}
		last := &list.Months[len(list.Months)-1]
		last.Cards = append(last.Cards, s.sessionCard(v, now))
	}
	return list, nil
}

// catalogueFilters offers what the coming sessions have, and keeps what was asked for.
func (s *Server) catalogueFilters(form catalog.FilterForm, coming []catalog.Session) catalogueFilters {
	p := s.words
	youngest, oldest := 0, -1
	var disciplines []catalog.Discipline
	var cities, months []string
	monthNames := map[string]string{}
	for i := range coming {
		v := &coming[i]
		if oldest < 0 || v.Workshop.MinAge < youngest {
			youngest = v.Workshop.MinAge
		}
		oldest = max(oldest, v.Workshop.MaxAge)
		disciplines = append(disciplines, v.Workshop.Discipline)
		cities = append(cities, v.Venue.City)
		month := v.StartsAt.Format(catalog.MonthLayout)
		months = append(months, month)
		monthNames[month] = p.Month(v.StartsAt)
	}
	filters := catalogueFilters{
		Action:     "/seances",
		Age:        Select{Name: "age", Label: p.T("catalog.filters.age"), Empty: p.T("catalog.filters.age.all"), Optional: true},
		Discipline: Select{Name: "discipline", Label: p.T("catalog.filters.discipline"), Empty: p.T("catalog.filters.discipline.all"), Optional: true},
		City:       Select{Name: "city", Label: p.T("catalog.filters.city"), Empty: p.T("catalog.filters.city.all"), Optional: true},
		Month:      Select{Name: "month", Label: p.T("catalog.filters.month"), Empty: p.T("catalog.filters.month.all"), Optional: true},
		Places: Choices{Name: "places", Legend: p.T("catalog.filters.places"), Many: true, Optional: true,
			Options: choose([]Option{{Value: "1", Label: p.T("catalog.filters.places.only")}}, form.Places)},
	}
	for age := youngest; age <= oldest; age++ {
		filters.Age.Options = append(filters.Age.Options, Option{Value: strconv.Itoa(age), Label: p.Age(age)})
	}
	for _, d := range catalog.Disciplines {
		if slices.Contains(disciplines, d) {
			filters.Discipline.Options = append(filters.Discipline.Options, Option{Value: string(d), Label: p.T("discipline." + string(d))})
		}
	}
	slices.Sort(cities)
	for _, city := range slices.Compact(cities) {
		filters.City.Options = append(filters.City.Options, Option{Value: city, Label: city})
	}
	for _, month := range slices.Compact(months) {
		filters.Month.Options = append(filters.Month.Options, Option{Value: month, Label: monthNames[month]})
	}
	filters.Age.Options = chooseAsked(filters.Age.Options, form.Age)
	filters.Discipline.Options = chooseAsked(filters.Discipline.Options, form.Discipline)
	filters.City.Options = chooseAsked(filters.City.Options, form.City)
	filters.Month.Options = chooseAsked(filters.Month.Options, form.Month)
	if form.From != "" || form.To != "" {
		filters.From = &Field{Name: "from", Label: p.T("catalog.filters.from"), Value: form.From, Type: "date", Optional: true}
		filters.To = &Field{Name: "to", Label: p.T("catalog.filters.to"), Value: form.To, Type: "date", Optional: true}
	}
	return filters
}

// chooseAsked marks what was asked for; what no session has is kept as one more option.
func chooseAsked(options []Option, asked string) []Option {
	if asked != "" && !slices.ContainsFunc(options, func(o Option) bool { return strings.EqualFold(o.Value, asked) }) {
		options = append(options, Option{Value: asked, Label: asked})
	}
	for i := range options {
		options[i].Chosen = asked != "" && strings.EqualFold(options[i].Value, asked)
	}
	return options
}

// controls are the parts of the form in its order.
func (f *catalogueFilters) controls() []control {
	controls := []control{&f.Age, &f.Discipline, &f.City, &f.Month}
	if f.From != nil {
		controls = append(controls, f.From, f.To)
	}
	return append(controls, &f.Places)
}
