package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
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
	Unasked       bool // a freed seat is theirs at once
	Coming        bool // said yes to « toujours partants ? »
	Proved        bool // the mailbox is proved
	SeatPrice     *int // what the family chose to pay for a seat; nil: what the session says
	ViaMail       bool // opened by a mailed link, or as Owned
	Owned         bool // opened by the guardian who is signed in, see OwnLink
	Trusted       bool // ViaMail, or opened by the young person who is signed in: nobody else can have such a link
	ByYoung       bool // a young person booked for themselves, see newGroup
	ToComplete    bool // questions are left for the guardian
	Children      []Seat
	// Linked are the same children's live places on the lists of other sessions of the workshop, or their seats there.
	Linked []Linked
	// Overlaps are the sessions that take place while one lies to which a child of the booking is offered a seat.
	Overlaps []Overlap
	// PassesTo are the first names of the children of this very booking who are next for the seats offered to others of it, if
	// those are declined; Given tells that the seats are theirs at once then.
	PassesTo []string
	Given    bool
	// MayReturn are the first names of the children who left, declined or did not answer, and may join the session again.
	MayReturn []string

	id, guardianID int64
	firstID        int64 // the group of the first choice; its own id for a first choice
	version        int
	language       string
	young          *string // as newGroup has youngEmail
	youngEmail     string  // where copies of messages go; empty for nowhere
}

// Seat is one child of a booking. Rank is 1 for the first of the list, 0 for who does not wait;
// OfferUntil is zero without a live offer.
type Seat struct {
	BookingID   int64
	ChildID     int64
	FirstName   string
	LastName    string
	Birth       time.Time // midnight UTC of the day
	Status      string
	CancelledBy string
	Rank        int
	OfferUntil  time.Time
	// Missed is true of a child who waits or is offered a seat after one offer was left unanswered: the next one, or the one
	// that lives, is the last.
	Missed bool
	// FiguresAsked is true once the optional figures were answered.
	FiguresAsked bool
	// InSeries is true of a child whose seat costs nothing more: a place in the whole series is paid with an earlier booking.
	InSeries bool

	sequence int
}

// Live reports whether the child has a seat, an offer or a place on the list.
func (s Seat) Live() bool {
	return s.Status == "confirmed" || s.Status == "offered" || s.Status == "waiting"
}

// With returns the first names of the children in a status.
func (g Group) With(status string) []string { return firstNames(g.those(status)) }

// those returns the children in one of some statuses.
func (g Group) those(statuses ...string) (children []Seat) {
	for _, c := range g.Children {
		if slices.Contains(statuses, c.Status) {
			children = append(children, c)
		}
	}
	return children
}

// among returns the children of some bookings of the group.
func (g Group) among(bookingIDs []int64) (children []Seat) {
	for _, c := range g.Children {
		if slices.Contains(bookingIDs, c.BookingID) {
			children = append(children, c)
		}
	}
	return children
}

// names returns the first names of the children of some bookings of the group.
func (g Group) names(bookingIDs []int64) []string { return firstNames(g.among(bookingIDs)) }

func firstNames(children []Seat) (names []string) {
	for _, c := range children {
		names = append(names, c.FirstName)
	}
	return names
}

// offering fills what a message says of the seats that are offered to the children of some bookings of the group.
func (g Group) offering(m *outbox.Booking, bookingIDs []int64, until time.Time) {
	m.Offered, m.Last, m.OfferUntil = g.names(bookingIDs), nil, sqlite.Time(until)
	for _, c := range g.Children {
		if c.Missed && slices.Contains(bookingIDs, c.BookingID) {
			m.Last = append(m.Last, c.FirstName)
		}
	}
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

// SeatCents is what each seat costs; of a session that is sold with its series, what the whole series does.
func (g Group) SeatCents() int { return g.Session.seatCents(g.SeatPrice) }

// PriceCents is what the confirmed seats cost together. Of a session that is sold with its series that is due once for each
// child, however many of its sessions are booked, and with the first of them.
func (g Group) PriceCents() int { return g.Paying() * g.SeatCents() }

// Paying counts the children for whom something is to be paid with this booking.
func (g Group) Paying() (n int) {
	for _, c := range g.those("confirmed") {
		if !c.InSeries {
			n++
		}
	}
	return n
}

// Free reports whether nothing is to be paid for seats of the booking.
func (g Group) Free() bool { return g.SeatCents() == 0 }

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
		Rank: g.Rank(), PriceCents: g.PriceCents(), PerSeries: g.Session.Pricing.Way == catalog.PerSeries, PaymentURL: g.Session.PaymentURL, Session: g.Session.forMail(),
		Unasked: g.Unasked, ToComplete: g.ToComplete,
	}
	m.Session.Sequence = g.Sequence()
	if until := g.OfferUntil(); !until.IsZero() {
		m.OfferUntil = sqlite.Time(until)
	}
	return m
}

// firstMail is mail for the message that tells a guardian of the booking: who made it.
func (g Group) firstMail() outbox.Booking {
	m := g.mail()
	m.ByYoung, m.InSpace = g.ByYoung, g.ByYoung && *g.young == ""
	return m
}

// Find returns the booking that a link opens. fault.NotFound for any other link.
func (s *Service) Find(ctx context.Context, link Link) (v Group, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		g, err := s.open(tx, link)
		if err != nil {
			return err
		}
		if v, err = viewGroup(tx, g.id); err != nil {
			return err
		}
		v.ViaMail, v.Owned, v.Trusted = g.viaMail, g.owned, g.trusted
		if v.Linked, err = s.linked(tx, v, link); err != nil {
			return err
		}
		if v.Overlaps, err = overlaps(tx, v); err != nil {
			return err
		}
		if v.PassesTo, err = passesTo(tx, v); err != nil {
			return err
		}
		v.Given = v.givenAt(tx.Now())
		back, err := s.joining(tx, v, v.Session.ID)
		for _, c := range back {
			v.MayReturn = append(v.MayReturn, c.FirstName)
		}
		return err
	})
	return v, err
}

const sqlGroup = `
SELECT bg.reference, bg.link_version, bg.session_id, bg.seating = 'together', bg.unasked, bg.seat_cents, bg.coming_at IS NOT NULL, coalesce(bg.first_id, bg.id), g.id, g.name, g.email, g.language, g.proved_at IS NOT NULL,
       bg.to_complete AND bg.completed_at IS NULL, bg.young_email, CASE bg.young_email WHEN '' THEN coalesce((SELECT y.email FROM young_holders y
           WHERE y.child_id = (SELECT child_id FROM bookings WHERE group_id = bg.id LIMIT 1)), '') ELSE coalesce(bg.young_email, '') END
FROM booking_groups bg JOIN guardians g ON g.id = bg.guardian_id WHERE bg.id = ?`

const sqlSeats = `
SELECT b.id, c.id, c.first_name, c.last_name, c.birth_date, b.status, coalesce(b.cancelled_by, ''), coalesce(o.expires_at, ''),
       CASE WHEN b.status = 'waiting' THEN
           (SELECT count(*) FROM bookings a WHERE a.session_id = b.session_id AND a.status = 'waiting' AND a.id <= b.id)
       ELSE 0 END,
       b.status IN ('waiting', 'offered') AND b.unanswered_offers > 0, c.gender IS NOT NULL OR c.postal_code IS NOT NULL OR c.qpv IS NOT NULL, b.ical_sequence,
       EXISTS (SELECT 1 FROM sessions s JOIN sessions t ON t.series_id = s.series_id AND t.pricing = 'series' AND t.status <> 'cancelled'
           JOIN bookings e ON e.session_id = t.id AND e.child_id = b.child_id AND e.status = 'confirmed' AND e.id < b.id
           WHERE s.id = b.session_id AND s.pricing = 'series')
FROM bookings b JOIN children c ON c.id = b.child_id LEFT JOIN offers o ON o.booking_id = b.id AND o.outcome IS NULL
WHERE b.group_id = ? ORDER BY b.id`

// viewGroup reads a booking with its session and children.
func viewGroup(tx *sqlite.Tx, id int64) (Group, error) {
	v := Group{id: id}
	var sessionID int64
	if err := tx.QueryRow(sqlGroup, id).Scan(&v.Reference, &v.version, &sessionID, &v.Together, &v.Unasked, &v.SeatPrice, &v.Coming, &v.firstID,
		&v.guardianID, &v.GuardianName, &v.GuardianEmail, &v.language, &v.Proved,
		&v.ToComplete, &v.young, &v.youngEmail); err != nil {
		return Group{}, err
	}
	v.ByYoung = v.young != nil
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
		var born, until string
		if err := rows.Scan(&c.BookingID, &c.ChildID, &c.FirstName, &c.LastName, &born, &c.Status, &c.CancelledBy,
			&until, &c.Rank, &c.Missed, &c.FiguresAsked, &c.sequence, &c.InSeries); err != nil {
			return Group{}, err
		}
		if c.Birth, err = time.Parse(time.DateOnly, born); err != nil {
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
