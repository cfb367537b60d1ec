package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// won reports whether the offer gave a seat.
func (o ListedOffer) won() bool { return o.Outcome == "accepted" || o.Outcome == "given" }

// SessionList is everybody who ever booked a session, as the team's desk sees it: contacts, never health.
// Instants are in the venue's zone.
type SessionList struct {
	Session  catalog.Session
	Bookings []Listed // in the order in which they were made
}

// Listed is one child's booking of the list.
type Listed struct {
	BookingID   int64
	Reference   string
	FirstName   string // empty, as is the last name, once the family is erased
	LastName    string
	Age         int // on the day of the session; 0 once erased
	Status      string
	CancelledBy string    // family, team or organiser; empty unless cancelled
	CancelledAt time.Time // zero unless cancelled
	// Late tells that a family gave a seat up less than LateNotice before the start, and LateReason why, if it said so.
	Late       bool
	LateReason LateReason
	BookedAt   time.Time // when it was booked, or joined the waiting list
	Rank       int       // on the waiting list, from 1; 0 for who does not wait
	Together   bool      // waits for seats beside its siblings only
	Unasked    bool      // a freed seat is theirs at once
	OutOfAge   bool      // outside the ages of the session on its day, be it that these changed since
	Partner    string    // whose kept seat it takes; empty for nearly all
	Override   string    // why a seat was given beyond the rules; empty for nearly all
	OverrideBy string    // and who did, by name
	ByYoung    bool      // a young person booked for themselves
	Guardian   Contact
	Offers     []ListedOffer // oldest first
}

// Contact is how the team reaches the guardian who booked.
type Contact struct {
	Name  string // empty once erased
	Email string // empty: booked by phone
	Phone string
}

// ListedOffer is a seat that was offered to somebody on the list. Outcome is empty while it lives, then
// accepted, declined, expired or withdrawn; given is a seat that was theirs at once.
type ListedOffer struct {
	MadeAt, ExpiresAt, EndedAt time.Time // EndedAt is zero while it lives
	Outcome                    string
	MadeBy                     string // the member of the team who made it, by name; empty for the rules of the list
	Reason                     string // why against the order of the list, or over the capacity
}

// Families counts the families with a live booking: who is told when the session changes.
func (l SessionList) Families() int {
	return l.families(func(Listed) bool { return true })
}

// FamiliesByPhone counts those of Families that no mail reaches: somebody must call them.
func (l SessionList) FamiliesByPhone() int {
	return l.families(func(b Listed) bool { return b.Guardian.Email == "" })
}

func (l SessionList) families(counts func(Listed) bool) int {
	references := map[string]bool{}
	for _, b := range l.Bookings {
		if (Seat{Status: b.Status}).Live() && counts(b) {
			references[b.Reference] = true
		}
	}
	return len(references)
}

// SessionBookings returns who is booked in a session, who waits, and who gave up. Forbidden to guests,
// families and facilitators, who see the register of their own sessions in package attendance; NotFound
// for an unknown session.
func (s *Service) SessionBookings(ctx context.Context, actor account.Actor, sessionID int64) (list SessionList, err error) {
	if !mayReadLists(actor) {
		return SessionList{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list, err = sessionList(tx, sessionID)
		return err
	})
	return list, err
}

// mayReadLists reports whether an actor may read who booked, with contacts and without health: all of the team but
// facilitators.
func mayReadLists(actor account.Actor) bool {
	return actor.CanManage() || actor.IsTeam() && actor.Role != account.Facilitator
}

// ExportBookings is SessionBookings for a copy that leaves the program: it notes who took it in the access log.
// Forbidden to all but staff (UX-A6).
func (s *Service) ExportBookings(ctx context.Context, actor account.Actor, sessionID int64) (list SessionList, err error) {
	if !actor.CanManage() {
		return SessionList{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if list, err = sessionList(tx, sessionID); err != nil {
			return err
		}
		return audit.Access(tx, actor.String(), "booking.export", record("session", sessionID))
	})
	return list, err
}

const sqlListed = `
SELECT b.id, bg.reference, c.first_name, c.last_name, c.birth_date, b.status, coalesce(b.cancelled_by, ''),
       coalesce(b.cancelled_at, ''), b.cancel_reason, b.joined_list, b.created_at,
       CASE WHEN b.status = 'waiting' THEN
           (SELECT count(*) FROM bookings a WHERE a.session_id = b.session_id AND a.status = 'waiting' AND a.id <= b.id)
       ELSE 0 END,
       bg.seating = 'together', bg.unasked, b.reserved, b.override_reason, coalesce(u.name, ''), bg.young_email IS NOT NULL, g.name, g.email, g.phone
FROM bookings b
JOIN booking_groups bg ON bg.id = b.group_id
JOIN guardians g ON g.id = bg.guardian_id
JOIN children c ON c.id = b.child_id
LEFT JOIN users u ON u.id = b.override_by
WHERE b.session_id = ? ORDER BY b.id`

func sessionList(tx *sqlite.Tx, sessionID int64) (SessionList, error) {
	session, err := catalog.SessionTx(tx, sessionID)
	if err != nil {
		return SessionList{}, err
	}
	list := SessionList{Session: session}
	zone := session.StartsAt.Location()
	offers, err := listedOffers(tx, sessionID, zone)
	if err != nil {
		return SessionList{}, err
	}
	rows, err := tx.Query(sqlListed, sessionID)
	if err != nil {
		return SessionList{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var b Listed
		var born, cancelled, booked string
		var listed, reserved bool
		if err := rows.Scan(&b.BookingID, &b.Reference, &b.FirstName, &b.LastName, &born, &b.Status, &b.CancelledBy,
			&cancelled, &b.LateReason, &listed, &booked, &b.Rank, &b.Together, &b.Unasked, &reserved, &b.Override, &b.OverrideBy, &b.ByYoung,
			&b.Guardian.Name, &b.Guardian.Email, &b.Guardian.Phone); err != nil {
			return SessionList{}, err
		}
		if reserved {
			b.Partner = session.Reserved.Partner
		}
		birth, err := time.Parse(catalog.DateLayout, born)
		if err != nil {
			return SessionList{}, err
		}
		if b.FirstName != "" {
			b.Age = family.AgeOn(birth, session.StartsAt)
			b.OutOfAge = b.Age < session.Workshop.MinAge || session.Workshop.MaxAge < b.Age
		}
		if b.BookedAt, err = instant(booked, zone); err != nil {
			return SessionList{}, err
		}
		if b.CancelledAt, err = instant(cancelled, zone); err != nil {
			return SessionList{}, err
		}
		b.Offers = offers[b.BookingID]
		b.Late = b.CancelledBy == "family" && !b.CancelledAt.Before(session.StartsAt.Add(-LateNotice)) &&
			(!listed || slices.ContainsFunc(b.Offers, ListedOffer.won))
		list.Bookings = append(list.Bookings, b)
	}
	return list, rows.Err()
}

const sqlListedOffers = `
SELECT o.booking_id, o.made_at, o.expires_at, coalesce(o.ended_at, ''), coalesce(o.outcome, ''), coalesce(u.name, ''), o.reason
FROM offers o JOIN bookings b ON b.id = o.booking_id LEFT JOIN users u ON u.id = o.made_by
WHERE b.session_id = ? ORDER BY o.id`

// listedOffers returns the offers of a session by booking, oldest first.
func listedOffers(tx *sqlite.Tx, sessionID int64, zone *time.Location) (map[int64][]ListedOffer, error) {
	rows, err := tx.Query(sqlListedOffers, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	offers := map[int64][]ListedOffer{}
	for rows.Next() {
		var id int64
		var o ListedOffer
		var made, expires, ended string
		if err := rows.Scan(&id, &made, &expires, &ended, &o.Outcome, &o.MadeBy, &o.Reason); err != nil {
			return nil, err
		}
		for _, in := range []struct {
			to   *time.Time
			text string
		}{{&o.MadeAt, made}, {&o.ExpiresAt, expires}, {&o.EndedAt, ended}} {
			if *in.to, err = instant(in.text, zone); err != nil {
				return nil, err
			}
		}
		offers[id] = append(offers[id], o)
	}
	return offers, rows.Err()
}

// instant reads an instant of the database in a zone; empty is the zero time.
func instant(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := sqlite.ParseTime(text)
	return t.In(zone), err
}
