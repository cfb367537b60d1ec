package web

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// sessionPage is everything that a family wants to know of a session before it books.
type sessionPage struct {
	Page
	Name           string // Robotique 2
	Kind, Level    string // Robotique, Avancé
	Discipline     Discipline
	Start, End     time.Time
	MinAge, MaxAge int
	Summary        string
	Description    []string
	Skills         []string
	Tools, Bring   string
	Venue          string
	Address, City  string
	Access         []string
	StepFree       string
	MapHref        string
	Price          string
	PriceHow       string
	PriceNote      string // that nobody asks for a proof; empty where the price is fixed
	PaymentHref    string // where it is paid; empty: on the spot
	State          SessionState
	Seats          Seats
	Reserved       string // that seats are kept for a partner, and until when; empty for nearly all
	// Said is what keeps the session from being booked; nil when it can be.
	Said *Notice
	// Book leads to the booking or to the waiting list; nil when neither is possible.
	Book         *Button
	BookHint     string
	CalendarHref string // empty once the session is over
	Others       []SessionCard
	Event        schemaEvent
}

// otherSessions is how many sessions for the same ages are shown below one that cannot be booked.
const otherSessions = 3

// sessionID reads the id in the path: digits written in one way only, so that a session has one address.
func sessionID(c *gin.Context) (int64, error) {
	text := c.Param("id")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, fault.New(fault.NotFound, "catalog.session.not_found")
	}
	return id, nil
}

func sessionPath(id int64) string { return "/seances/" + strconv.FormatInt(id, 10) }

func getSession(s *Server, c *gin.Context) error {
	id, err := sessionID(c)
	if err != nil {
		return err
	}
	return s.cached(c, "", func(ctx context.Context) (pageContent, error) {
		now := s.config.Now()
		v, err := s.Catalog.PublicSession(ctx, id)
		if err != nil {
			return pageContent{}, err
		}
		page, until := s.sessionPage(v, now), v.NextChange(now)
		if page.State != SessionOpen {
			coming, err := s.Catalog.Coming(ctx)
			if err != nil {
				return pageContent{}, err
			}
			page.Others = s.instead(v, coming, now)
			if next := nextChange(coming, now); until.IsZero() || !next.IsZero() && next.Before(until) {
				until = next
			}
		}
		return s.html("catalogue/session", page, until)
	})
}

// instead returns a few sessions with a place, in order of time, that whoever wanted v could take: for the same ages, those of
// the same workshop first, then those of the same discipline and level.
func (s *Server) instead(v catalog.Session, coming []catalog.Session, now time.Time) []SessionCard {
	var same, alike, others []catalog.Session
	for _, o := range coming {
		switch {
		case o.ID == v.ID, o.Availability(now) != catalog.Open,
			o.Workshop.MinAge > v.Workshop.MaxAge, o.Workshop.MaxAge < v.Workshop.MinAge:
		case o.Workshop.ID == v.Workshop.ID:
			same = append(same, o)
		case o.Workshop.Discipline == v.Workshop.Discipline && o.Workshop.Level == v.Workshop.Level:
			alike = append(alike, o)
		default:
			others = append(others, o)
		}
	}
	chosen := slices.Concat(same, alike, others)
	chosen = chosen[:min(len(chosen), otherSessions)]
	slices.SortStableFunc(chosen, func(a, b catalog.Session) int { return a.StartsAt.Compare(b.StartsAt) })
	var cards []SessionCard
	for _, o := range chosen {
		cards = append(cards, s.sessionCard(o, now))
	}
	return cards
}

// insteadOf is instead for the session of an id.
func (s *Server) insteadOf(c *gin.Context, id int64) ([]SessionCard, error) {
	v, err := s.Catalog.PublicSession(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	coming, err := s.Catalog.Coming(c.Request.Context())
	if err != nil {
		return nil, err
	}
	return s.instead(v, coming, s.config.Now()), nil
}

// sessionPage is the page of a session as it is at now, without the others.
func (s *Server) sessionPage(v catalog.Session, now time.Time) *sessionPage {
	p := s.words
	w := v.Workshop
	state := sessionStates[v.Availability(now)]
	page := &sessionPage{
		Page: Page{Lang: p.Lang(), Title: w.Name() + ", " + p.Date(v.StartsAt), Path: s.here(sessionPath(v.ID)), Section: SectionSessions,
			Canonical: s.absolute(sessionPath(v.ID)), Description: w.Summary},
		Name: w.Title, Kind: p.T("discipline." + string(w.Discipline)), Level: w.Level, Discipline: Discipline(w.Discipline), Start: v.StartsAt, End: v.EndsAt,
		MinAge: w.MinAge, MaxAge: w.MaxAge, Summary: w.Summary, Description: w.Paragraphs(), Skills: w.SkillList(),
		Tools: w.Tools, Bring: w.Bring,
		Venue: v.Venue.Name, Address: v.Venue.Address, City: v.Venue.Postcode + " " + v.Venue.City,
		Access: v.Venue.AccessLines(), StepFree: p.T("catalog.step_free." + string(v.Venue.StepFree)),
		MapHref: mapHref(v.Venue), State: state,
		Seats: seatsOf(v),
		Event: s.schemaEvent(v, now),
	}
	page.Price = priceSentence(p, v.Pricing, v.PriceCents)
	switch {
	case v.Pricing.Free(v.PriceCents):
	case v.PaymentURL != "":
		page.PriceHow, page.PaymentHref = p.T("catalog.show.price.link", hostOf(v.PaymentURL)), v.PaymentURL
	default:
		page.PriceHow = p.T("catalog.show.price.spot")
	}
	if v.Pricing.Way == catalog.Chosen {
		page.PriceNote = p.T("price.choice.hint")
	}
	if state != SessionPast && state != SessionCancelled {
		page.CalendarHref = sessionPath(v.ID) + "/agenda.ics"
	}
	page.Reserved = s.reservedSentence(v, now)
	page.Said = s.said(v, now)
	switch state {
	case SessionOpen:
		page.Book, page.BookHint = &Button{Label: p.T("catalog.show.book"), Href: screenPath(v.ID, "")}, p.T("catalog.show.book.hint")
	case SessionFull:
		if v.ListClosed {
			break
		}
		page.Book, page.BookHint = &Button{Label: p.T("catalog.show.wait"), Href: screenPath(v.ID, "")}, p.T("catalog.show.wait.hint")
	}
	return page
}

// reservedSentence tells families that seats are kept for a partner, as long as they are (domain, Capacity 8).
func (s *Server) reservedSentence(v catalog.Session, now time.Time) string {
	switch v.Availability(now) {
	case catalog.Open, catalog.Full, catalog.NotYetOpen:
		if now.Before(v.Reserved.Until) {
			return s.words.N("catalog.show.reserved", v.Reserved.Seats, v.Reserved.Partner, s.words.Date(v.Reserved.Until.AddDate(0, 0, -1)))
		}
	}
	return ""
}

// said is what keeps a session from being booked at now.
func (s *Server) said(v catalog.Session, now time.Time) *Notice {
	p := s.words
	say := func(tone Tone, title, text string) *Notice { return &Notice{Tone: tone, Title: title, Text: text} }
	switch v.Availability(now) {
	case catalog.NotYetOpen:
		return say(ToneInfo, p.T("catalog.show.opens", p.Date(v.OpensAt), p.Hour(v.OpensAt)), p.T("catalog.show.opens.advice"))
	case catalog.Closed:
		return say(ToneStopped, p.T("catalog.show.closed"), p.T("catalog.show.closed.advice"))
	case catalog.Started:
		return say(ToneInfo, p.T("catalog.show.started"), p.T("catalog.show.other_dates"))
	case catalog.Past:
		return say(ToneInfo, p.T("catalog.show.past", p.Date(v.StartsAt)), p.T("catalog.show.other_dates"))
	case catalog.CalledOff:
		return say(ToneStopped, p.T("catalog.show.cancelled"), p.T("catalog.show.cancelled.advice"))
	case catalog.Full:
		if v.ListClosed {
			return say(ToneStopped, p.T("ui.seats.list_closed"), p.T("catalog.show.list_closed.advice"))
		}
	}
	return nil
}

// venueAddress is where a venue is, on one line.
func venueAddress(v catalog.Venue) string { return v.Address + ", " + v.Postcode + " " + v.City }

// mapHref finds a venue on OpenStreetMap, where no account is needed and nobody is followed. It is a link: nothing is
// loaded from there (PERF-1).
func mapHref(v catalog.Venue) string {
	return "https://www.openstreetmap.org/search?" + url.Values{"query": {venueAddress(v)}}.Encode()
}

// hostOf is the site that a link leads to, as people know it.
func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// schemaEvent is a session as search engines read it: a schema.org Event.
type schemaEvent struct {
	Context     string       `json:"@context"`
	Type        string       `json:"@type"`
	ID          string       `json:"@id"`
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	URL         string       `json:"url"`
	StartDate   string       `json:"startDate"`
	EndDate     string       `json:"endDate"`
	Status      string       `json:"eventStatus"`
	Attendance  string       `json:"eventAttendanceMode"`
	Language    string       `json:"inLanguage"`
	Ages        string       `json:"typicalAgeRange"`
	Free        bool         `json:"isAccessibleForFree"`
	Capacity    int          `json:"maximumAttendeeCapacity"`
	Left        int          `json:"remainingAttendeeCapacity"`
	Location    schemaPlace  `json:"location"`
	Organizer   schemaEntity `json:"organizer"`
	Offer       schemaOffer  `json:"offers"`
}

type schemaPlace struct {
	Type    string        `json:"@type"`
	Name    string        `json:"name"`
	Address schemaAddress `json:"address"`
}

type schemaAddress struct {
	Type     string `json:"@type"`
	Street   string `json:"streetAddress"`
	Postcode string `json:"postalCode"`
	City     string `json:"addressLocality"`
	Country  string `json:"addressCountry"`
}

type schemaEntity struct {
	Type string `json:"@type"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

type schemaOffer struct {
	Type         string `json:"@type"`
	Price        string `json:"price"`
	Currency     string `json:"priceCurrency"`
	Availability string `json:"availability"`
	ValidFrom    string `json:"validFrom"`
	URL          string `json:"url"`
}

// leastCents is the least that a seat can cost.
func leastCents(v catalog.Session) int {
	if v.Pricing.Way == catalog.Chosen {
		return v.Pricing.MinCents
	}
	return v.PriceCents
}

func (s *Server) schemaEvent(v catalog.Session, now time.Time) schemaEvent {
	page := s.absolute(sessionPath(v.ID))
	status, availability := "EventScheduled", "SoldOut"
	if v.Status == catalog.Cancelled {
		status = "EventCancelled"
	}
	switch v.Availability(now) {
	case catalog.Open:
		availability = "InStock"
	case catalog.NotYetOpen:
		availability = "PreOrder"
	}
	return schemaEvent{
		Context: "https://schema.org", Type: "Event", ID: page, Name: v.Workshop.Name(), Description: v.Workshop.Summary, URL: page,
		StartDate: v.StartsAt.Format(time.RFC3339), EndDate: v.EndsAt.Format(time.RFC3339),
		Status: "https://schema.org/" + status, Attendance: "https://schema.org/OfflineEventAttendanceMode", Language: string(words.French),
		Ages: fmt.Sprintf("%d-%d", v.Workshop.MinAge, v.Workshop.MaxAge), Free: leastCents(v) == 0, Capacity: v.Capacity, Left: v.PlacesOpen,
		Location: schemaPlace{Type: "Place", Name: v.Venue.Name, Address: schemaAddress{
			Type: "PostalAddress", Street: v.Venue.Address, Postcode: v.Venue.Postcode, City: v.Venue.City, Country: "FR"}},
		Organizer: schemaEntity{Type: "Organization", Name: s.words.T("ui.site"), URL: s.absolute("/")},
		Offer: schemaOffer{Type: "Offer", Price: fmt.Sprintf("%d.%02d", leastCents(v)/100, leastCents(v)%100), Currency: "EUR",
			Availability: "https://schema.org/" + availability, ValidFrom: v.OpensAt.Format(time.RFC3339), URL: page},
	}
}
