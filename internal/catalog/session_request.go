package catalog

import (
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// SessionRequest is a session as a form describes it: days and hours are those of the venue's
// clocks, since an instant can only be made once the venue's time zone is known.
type SessionRequest struct {
	WorkshopID, VenueID int64
	Date                string // 2027-05-08
	Starts, Ends        string // 14:00, or 02:30+02:00 where the hour comes twice
	// Capacity counts in CreateSession only: afterwards it touches bookings, see SetCapacityTx.
	Capacity int
	// Seats to keep for the families of a partner, until the end of a last day. Nothing at all keeps none. A private session and
	// those of a schedule keep none either.
	ReservedSeats int
	ReservedFor   string
	ReservedUntil string // 2027-05-01
	PriceCents    int
	Free          bool    // somebody said so: a price beside it is Invalid on price
	Pricing       Pricing // PerSeries changes the price of the series, and so of all its sessions that are sold so; who joins a series takes its price
	PaymentURL    string  // empty: paid on the spot
	Funding       string  // who pays, as settings.Funding; empty: nobody in particular. It counts for no private session
	// From when and until when a family can book. Empty: from now on, and until the start.
	OpensDate, OpensHour   string
	ClosesDate, ClosesHour string
	// SeriesID is the series that the session belongs to, 0 for none; NewSeries goes before it and names one that is made
	// where no series has that title. Neither counts for a private session.
	SeriesID  int64
	NewSeries string
	// Facilitators and Kits count in CreateSession alone.
	Facilitators []int64
	Kits         []KitUse
	// Assent says whether to ask about what is in the way: of a new session, or of one that another time or place is for.
	Assent Assent
	// schedule is the schedule that makes the session, 0 for none.
	schedule int64
	// Seen is the Version of the session that the form showed. When somebody else has changed it since, an edit
	// is Conflict "catalog.changed_meanwhile"; empty replaces whatever is there.
	Seen string
}

// Request returns the request that would leave a session as it is.
func (s Session) Request() SessionRequest {
	// With their offset hours mean one instant, also in a night in which the clocks change.
	r := SessionRequest{WorkshopID: s.Workshop.ID, VenueID: s.Venue.ID, Date: s.StartsAt.Format(DateLayout),
		Starts: s.StartsAt.Format(hourWithOffset), Ends: s.EndsAt.Format(hourWithOffset),
		Capacity: s.Capacity, ReservedSeats: s.Reserved.Seats, ReservedFor: s.Reserved.Partner, ReservedUntil: s.Reserved.LastDay(),
		PriceCents: s.PriceCents, Pricing: s.Pricing, PaymentURL: s.PaymentURL, Funding: s.Funding, SeriesID: s.Series.ID,
		OpensDate: s.OpensAt.Format(DateLayout), OpensHour: s.OpensAt.Format(hourWithOffset)}
	if !s.ClosesAt.Equal(s.StartsAt) { // otherwise it follows the start
		r.ClosesDate, r.ClosesHour = s.ClosesAt.Format(DateLayout), s.ClosesAt.Format(hourWithOffset)
	}
	return r
}

// times are the instants that a SessionRequest means.
type times struct{ starts, ends, opens, closes time.Time }

// resolve checks what does not need the database and returns the instants, in zone. What is wrong is
// noted by the names of the form's fields: date, starts, ends, payment_url, opens, closes. What
// starts at now or before is wrong too. An empty opening is opensByDefault.
func (r SessionRequest) resolve(t typed, zone *time.Location, now, opensByDefault time.Time) times {
	t.price("price", r.PriceCents)
	if r.Free && r.PriceCents != 0 {
		t["price"] = fault.Message{Key: "price.free.priced"}
	}
	if !isPaymentURL(r.PaymentURL) {
		t["payment_url"] = fault.Message{Key: "catalog.session.payment_url"}
	}
	var at times
	day, err := time.Parse(DateLayout, r.Date)
	if err != nil {
		t["date"] = fault.Message{Key: "catalog.date.format"}
		return at
	}
	at.starts, err = LocalTime(r.Date, r.Starts, zone)
	noStart := t.put("starts", err)
	at.ends, err = LocalTime(r.Date, r.Ends, zone)
	noEnd := t.put("ends", err)
	if !noStart && !noEnd && !at.ends.After(at.starts) {
		t["ends"] = fault.Message{Key: "catalog.session.order"}
	}
	past := !noStart && !at.starts.After(now)
	if past {
		t["date"] = fault.Message{Key: "catalog.session.in_the_past"}
	}
	if tooFar(day, now) {
		t["date"] = fault.Message{Key: "catalog.session.too_far", Args: []any{maxYearsAhead}}
	}
	at.opens, at.closes = opensByDefault, at.starts
	noBound := noStart || past
	if r.OpensDate != "" || r.OpensHour != "" {
		at.opens, err = LocalTime(r.OpensDate, r.OpensHour, zone)
		noBound = t.put("opens", err) || noBound
	}
	if r.ClosesDate != "" || r.ClosesHour != "" {
		at.closes, err = LocalTime(r.ClosesDate, r.ClosesHour, zone)
		noBound = t.put("closes", err) || noBound
	}
	switch {
	case noBound:
	case at.closes.After(at.starts):
		t["closes"] = fault.Message{Key: "catalog.session.closes_after_start"}
	case !at.opens.Before(at.closes):
		t["opens"] = fault.Message{Key: "catalog.session.opens_after_close"}
	}
	return at
}

// tooFar reports whether a day is later than anybody plans.
func tooFar(day, now time.Time) bool { return day.After(now.AddDate(maxYearsAhead, 0, 0)) }

// isPaymentURL reports whether s is empty or a link that a family can safely follow.
func isPaymentURL(s string) bool {
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && utf8.RuneCountInString(s) <= 500
}

// maxSteps is how many amounts a family is shown at most: more is no help.
const maxSteps = 6

// pricing checks how a session is priced and puts it in order, under the fields pricing, price, steps and least. What belongs
// to another way is dropped.
func (t typed) pricing(p *Pricing, cents int, inSeries bool) {
	switch p.Way {
	case "", PerSession:
		*p = Pricing{Way: PerSession}
	case PerSeries:
		*p = Pricing{Way: PerSeries}
		if !inSeries {
			t["pricing"] = fault.Message{Key: "price.series.missing"}
		}
		if cents == 0 {
			t["price"] = fault.Message{Key: "price.series.none"}
		}
	case Chosen:
		p.Steps = slices.Clone(p.Steps)
		slices.Sort(p.Steps)
		p.Steps = slices.Compact(p.Steps)
		t.price("least", p.MinCents)
		for _, step := range p.Steps {
			t.price("steps", step)
		}
		switch _, slip := t["steps"]; {
		case slip:
		case len(p.Steps) < 2 || len(p.Steps) > maxSteps:
			t["steps"] = fault.Message{Key: "price.steps.number", Args: []any{maxSteps}}
		case p.MinCents > p.Steps[0]:
			t["least"] = fault.Message{Key: "price.least.high"}
		case !slices.Contains(p.Steps, cents):
			t["price"] = fault.Message{Key: "price.suggested"}
		}
	default:
		t["pricing"] = fault.Message{Key: "price.way.missing"}
	}
}
