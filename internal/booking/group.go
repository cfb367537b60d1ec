package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Group is a booking as its family sees it.
type Group struct {
	Reference     string
	Session       Session
	GuardianName  string
	GuardianEmail string
	Together      bool
	Proved        bool // the mailbox is proved
	ViaMail       bool // opened by a mailed link
	Children      []Seat

	id, guardianID int64
	version        int
	language       string
}

// Seat is one child of a booking. Rank is 1 for the first of the list, 0 for who does not wait;
// OfferUntil is zero without a live offer.
type Seat struct {
	BookingID   int64
	ChildID     int64
	FirstName   string
	LastName    string
	Status      string
	CancelledBy string
	Rank        int
	OfferUntil  time.Time
	// FiguresAsked is true once the optional figures were answered.
	FiguresAsked bool

	sequence int
}

// Live reports whether the child has a seat, an offer or a place on the list.
func (s Seat) Live() bool {
	return s.Status == "confirmed" || s.Status == "offered" || s.Status == "waiting"
}

// With returns the first names of the children in a status.
func (g Group) With(status string) []string {
	var names []string
	for _, c := range g.Children {
		if c.Status == status {
			names = append(names, c.FirstName)
		}
	}
	return names
}

// names returns the first names of the children of some bookings of the group.
func (g Group) names(bookingIDs []int64) []string {
	var names []string
	for _, c := range g.Children {
		if slices.Contains(bookingIDs, c.BookingID) {
			names = append(names, c.FirstName)
		}
	}
	return names
}

// Rank is the best rank of the children who wait, 0 when none does.
func (g Group) Rank() int {
	for _, c := range g.Children {
		if c.Rank > 0 {
			return c.Rank
		}
	}
	return 0
}

// OfferUntil is when the first of the family's offers ends, zero without a live offer. Seats that were freed
// on different days have deadlines of their own.
func (g Group) OfferUntil() (first time.Time) {
	for _, c := range g.Children {
		if first.IsZero() || !c.OfferUntil.IsZero() && c.OfferUntil.Before(first) {
			first = c.OfferUntil
		}
	}
	return first
}

// OffList reports whether no child has anything left because offers were declined or left unanswered, while nobody
// cancelled.
func (g Group) OffList() bool {
	for _, c := range g.Children {
		if c.Status != "declined" && c.Status != "lapsed" {
			return false
		}
	}
	return true
}

// PriceCents is what the confirmed seats cost together.
func (g Group) PriceCents() int { return len(g.With("confirmed")) * g.Session.PriceCents }

// Sequence is the iCalendar sequence of the booking: it grows with every change of the session or of a seat.
func (g Group) Sequence() int {
	n := 0
	for _, c := range g.Children {
		n = max(n, c.sequence)
	}
	return g.Session.Sequence + n
}

func (g Group) mail() outbox.Booking {
	m := outbox.Booking{
		Reference: g.Reference, LinkVersion: g.version, Guardian: g.GuardianName,
		Confirmed: g.With("confirmed"), Waiting: g.With("waiting"), Offered: g.With("offered"),
		Rank: g.Rank(), PriceCents: g.PriceCents(), PaymentURL: g.Session.PaymentURL, Session: g.Session.forMail(),
	}
	m.Session.Sequence = g.Sequence()
	if until := g.OfferUntil(); !until.IsZero() {
		m.OfferUntil = sqlite.Time(until)
	}
	return m
}

// Find returns the booking that a link opens. fault.NotFound for any other link.
func (s *Service) Find(ctx context.Context, link Link) (v Group, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		g, err := s.open(tx, link)
		if err != nil {
			return err
		}
		v, err = viewGroup(tx, g.id)
		v.ViaMail = g.viaMail
		return err
	})
	return v, err
}

const sqlGroup = `
SELECT bg.reference, bg.link_version, bg.session_id, bg.seating, g.id, g.name, g.email, g.language, g.proved_at IS NOT NULL
FROM booking_groups bg JOIN guardians g ON g.id = bg.guardian_id WHERE bg.id = ?`

const sqlSeats = `
SELECT b.id, c.id, c.first_name, c.last_name, b.status, coalesce(b.cancelled_by, ''), coalesce(o.expires_at, ''),
       CASE WHEN b.status = 'waiting' THEN
           (SELECT count(*) FROM bookings a WHERE a.session_id = b.session_id AND a.status = 'waiting' AND a.id <= b.id)
       ELSE 0 END,
       c.gender IS NOT NULL OR c.postal_code IS NOT NULL OR c.qpv IS NOT NULL, b.ical_sequence
FROM bookings b JOIN children c ON c.id = b.child_id LEFT JOIN offers o ON o.booking_id = b.id AND o.outcome IS NULL
WHERE b.group_id = ? ORDER BY b.id`

// viewGroup reads a booking with its session and children.
func viewGroup(tx *sqlite.Tx, id int64) (Group, error) {
	v := Group{id: id}
	var sessionID int64
	var seating string
	if err := tx.QueryRow(sqlGroup, id).Scan(&v.Reference, &v.version, &sessionID, &seating,
		&v.guardianID, &v.GuardianName, &v.GuardianEmail, &v.language, &v.Proved); err != nil {
		return Group{}, err
	}
	v.Together = seating == "together"
	var err error
	if v.Session, err = loadSession(tx, sessionID); err != nil {
		return Group{}, err
	}
	rows, err := tx.Query(sqlSeats, id)
	if err != nil {
		return Group{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Seat
		var until string
		if err := rows.Scan(&c.BookingID, &c.ChildID, &c.FirstName, &c.LastName, &c.Status, &c.CancelledBy,
			&until, &c.Rank, &c.FiguresAsked, &c.sequence); err != nil {
			return Group{}, err
		}
		if until != "" {
			t, err := sqlite.ParseTime(until)
			if err != nil {
				return Group{}, err
			}
			c.OfferUntil = t.In(v.Session.StartsAt.Location())
		}
		v.Children = append(v.Children, c)
	}
	return v, rows.Err()
}

// Available returns a session and how many seats a newcomer may take. NotFound for a draft or unknown
// session; Gone and Conflict when it cannot be booked now, as Book says.
func (s *Service) Available(ctx context.Context, sessionID int64) (session Session, open int, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if session, err = loadSession(tx, sessionID); err != nil {
			return err
		}
		if err := session.Bookable(tx.Now()); err != nil {
			return err
		}
		open, err = openSeats(tx, session)
		return err
	})
	return session, open, err
}
