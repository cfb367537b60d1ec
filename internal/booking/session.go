package booking

import (
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Session is what booking needs to know of a session. Instants are in the venue's zone.
type Session struct {
	ID         int64
	WorkshopID int64
	Title      string
	Level      string
	Status     string
	MinAge     int
	MaxAge     int
	Bring      string
	StartsAt   time.Time
	EndsAt     time.Time
	OpensAt    time.Time
	ClosesAt   time.Time
	Capacity   int
	// Held counts the seats that the families of Partner alone may have now (domain, Capacity 8).
	Held       int
	Partner    string
	PriceCents int // of a seat; of the whole series; or what is suggested: Pricing says which
	Pricing    catalog.Pricing
	PaymentURL string
	Sequence   int
	Venue      string
	Address    string
	Postcode   string
	City       string
	Access     string
	Zone       string
	// ListClosed is true when nobody new may join the waiting list.
	ListClosed bool
	// Taken counts confirmed bookings and live offers, Waiting the children on the list.
	Taken   int
	Waiting int
	// Hours say until when an offer of a seat lasts.
	Hours Hours
}

// Three counts, because IN would cost a temporary table; + as in sqlLiveUnproved.
const sqlSession = `
SELECT s.id, w.id, w.title, w.level, s.status, w.min_age, w.max_age, w.bring, s.starts_at, s.ends_at, s.opens_at, s.closes_at,
       s.capacity, s.reserved_for, iif(s.reserved_until > ?2, max(0, s.reserved_seats -
         (SELECT count(*) FROM bookings b WHERE b.session_id = s.id AND b.status = 'confirmed' AND b.reserved = 1)), 0), iif(s.pricing = 'series', (SELECT x.price_cents FROM series x WHERE x.id = s.series_id), s.price_cents),
       s.pricing, s.price_min_cents, s.price_steps, s.payment_url, s.ical_sequence, s.list_closed_at IS NOT NULL, v.name, v.address, v.postcode, v.city, v.access, v.time_zone,
       (SELECT count(*) FROM bookings b WHERE b.session_id = s.id AND b.status = 'confirmed') +
       (SELECT count(*) FROM bookings b WHERE b.session_id = s.id AND b.status = 'offered'),
       (SELECT count(*) FROM bookings b WHERE b.session_id = s.id AND b.status = 'waiting')
FROM sessions s JOIN workshops w ON w.id = s.workshop_id JOIN venues v ON v.id = s.venue_id
WHERE s.id = +?1 AND s.request_id IS NULL`

// loadSession reads a session with its counts. A draft, a private or an unknown session is fault.NotFound: a group request
// has no bookings.
func loadSession(tx *sqlite.Tx, id int64) (Session, error) {
	var s Session
	var starts, ends, opens, closes, steps string
	err := tx.QueryRow(sqlSession, id, sqlite.Time(tx.Now())).Scan(&s.ID, &s.WorkshopID, &s.Title, &s.Level, &s.Status, &s.MinAge, &s.MaxAge, &s.Bring,
		&starts, &ends, &opens, &closes, &s.Capacity, &s.Partner, &s.Held, &s.PriceCents, &s.Pricing.Way, &s.Pricing.MinCents, &steps, &s.PaymentURL, &s.Sequence, &s.ListClosed,
		&s.Venue, &s.Address, &s.Postcode, &s.City, &s.Access, &s.Zone, &s.Taken, &s.Waiting)
	if errors.Is(err, sql.ErrNoRows) || err == nil && s.Status == "draft" {
		return Session{}, fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil {
		return Session{}, err
	}
	if s.Pricing.Steps, err = catalog.ReadSteps(steps); err != nil {
		return Session{}, err
	}
	for _, in := range []struct {
		to   *time.Time
		text string
	}{{&s.StartsAt, starts}, {&s.EndsAt, ends}, {&s.OpensAt, opens}, {&s.ClosesAt, closes}} {
		if *in.to, err = venueTime(in.text, s.Zone); err != nil {
			return Session{}, err
		}
	}
	s.Hours, err = OfferHours(tx)
	return s, err
}

// free returns how many seats nobody has and no partner is promised; negative where more was given than there is.
func (s Session) free() int { return s.Capacity - s.Held - s.Taken }

// venueTime reads an instant of the database as the clocks of a venue show it.
func venueTime(text, zone string) (time.Time, error) {
	t, err := sqlite.ParseTime(text)
	if err != nil {
		return time.Time{}, err
	}
	loc, err := catalog.LoadZone(zone)
	if err != nil {
		return time.Time{}, err
	}
	return t.In(loc), nil
}

// forMail is the session as messages tell it.
func (s Session) forMail() outbox.Session {
	return outbox.Session{
		ID: s.ID, Title: s.Title, Level: s.Level,
		StartsAt: sqlite.Time(s.StartsAt), EndsAt: sqlite.Time(s.EndsAt), Zone: s.Zone,
		Venue: s.Venue, Address: s.Address, Postcode: s.Postcode, City: s.City, Access: s.Access, Bring: s.Bring,
		Sequence: s.Sequence, Offers: outbox.OfferHours(s.Hours),
	}
}
