package booking

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// WaitingList is the list of one session as the team's desk sees it, family by family: contacts, never health. A family
// of which one child is offered a seat while another waits is in both lists, each time with those children.
type WaitingList struct {
	Session catalog.Session
	Hours   Hours          // until when offers of its seats last
	Offered []ListedFamily // were offered seats and have not answered
	Waiting []ListedFamily // in the order of the list
	Gone    []ListedFamily // have waited: got a seat, declined, did not answer twice, left
}

// ListedFamily is some children of one booking, as they wait or waited.
type ListedFamily struct {
	Children []Listed
	Linked   []ListedLink
	Calls    []ListedCall // oldest first
}

// First is the child of the family that booked first: what belongs to the booking is the same of all.
func (f ListedFamily) First() Listed { return f.Children[0] }

// ListedLink is another choice of the same children that is still live.
type ListedLink struct {
	Reference string
	SessionID int64
	StartsAt  time.Time // at its venue
	Venue     string
	Status    string // the best of its children: confirmed, offered or waiting
}

// ListedCall is what came of a call to a family.
type ListedCall struct {
	At      time.Time
	Outcome string // accepted, declined, told, no_answer
	By      string // the member of the team who called, by name
}

// WaitingList returns who is, and who was, on the list of a session. Forbidden and NotFound as in SessionBookings.
func (s *Service) WaitingList(ctx context.Context, actor account.Actor, sessionID int64) (list WaitingList, err error) {
	if !mayReadLists(actor) {
		return WaitingList{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list, err = waitingList(tx, sessionID)
		return err
	})
	return list, err
}

func waitingList(tx *sqlite.Tx, sessionID int64) (WaitingList, error) {
	all, err := sessionList(tx, sessionID)
	if err != nil {
		return WaitingList{}, err
	}
	list := WaitingList{Session: all.Session}
	if list.Hours, err = OfferHours(tx); err != nil {
		return WaitingList{}, err
	}
	zone := all.Session.StartsAt.Location()
	links, err := listedLinks(tx, sessionID)
	if err != nil {
		return WaitingList{}, err
	}
	calls, err := listedCalls(tx, sessionID, zone)
	if err != nil {
		return WaitingList{}, err
	}
	joined, err := joinedList(tx, sessionID)
	if err != nil {
		return WaitingList{}, err
	}
	add := func(to *[]ListedFamily, b Listed) {
		if n := len(*to); n > 0 && (*to)[n-1].First().Reference == b.Reference { // a family books in one go
			(*to)[n-1].Children = append((*to)[n-1].Children, b)
			return
		}
		*to = append(*to, ListedFamily{Children: []Listed{b}, Linked: links[b.Reference], Calls: calls[b.Reference]})
	}
	nth := map[string]int{} // the place of a child in its booking, from 0
	for _, b := range all.Bookings {
		seated, waited := joined[b.Reference]
		waited = waited && nth[b.Reference] >= seated || len(b.Offers) > 0
		nth[b.Reference]++
		switch {
		case b.Status == "offered":
			add(&list.Offered, b)
		case b.Status == "waiting":
			add(&list.Waiting, b)
		case waited || b.Status == "declined" || b.Status == "lapsed":
			add(&list.Gone, b)
		}
	}
	return list, nil
}

// The first choice of a booking, its second choices, and the other second choices of its first.
const sqlListedLinks = `
SELECT bg.reference, o.reference, s.id, s.starts_at, v.time_zone, v.name,
       CASE WHEN max(b.status = 'confirmed') THEN 'confirmed' WHEN max(b.status = 'offered') THEN 'offered' ELSE 'waiting' END
FROM booking_groups bg
JOIN booking_groups o ON (o.first_id = bg.id OR o.id = bg.first_id OR o.first_id = bg.first_id) AND o.session_id <> bg.session_id
JOIN bookings b ON b.group_id = o.id AND b.status IN ('waiting', 'offered', 'confirmed')
JOIN sessions s ON s.id = o.session_id AND s.status = 'published'
JOIN venues v ON v.id = s.venue_id
WHERE bg.id IN (SELECT group_id FROM bookings WHERE session_id = ?)
GROUP BY bg.id, o.id ORDER BY s.starts_at, o.id`

// listedLinks returns the other choices of the families of a session, by reference.
func listedLinks(tx *sqlite.Tx, sessionID int64) (map[string][]ListedLink, error) {
	rows, err := tx.Query(sqlListedLinks, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	links := map[string][]ListedLink{}
	for rows.Next() {
		var from, starts, zone string
		var l ListedLink
		if err := rows.Scan(&from, &l.Reference, &l.SessionID, &starts, &zone, &l.Venue, &l.Status); err != nil {
			return nil, err
		}
		if l.StartsAt, err = venueTime(starts, zone); err != nil {
			return nil, err
		}
		links[from] = append(links[from], l)
	}
	return links, rows.Err()
}

const sqlListedCalls = `
SELECT bg.reference, c.at, c.outcome, u.name FROM calls c
JOIN booking_groups bg ON bg.id = c.group_id JOIN users u ON u.id = c.by
WHERE bg.session_id = ? ORDER BY c.id`

// listedCalls returns the calls to the families of a session, by reference.
func listedCalls(tx *sqlite.Tx, sessionID int64, zone *time.Location) (map[string][]ListedCall, error) {
	rows, err := tx.Query(sqlListedCalls, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	calls := map[string][]ListedCall{}
	for rows.Next() {
		var reference, at string
		var c ListedCall
		if err := rows.Scan(&reference, &at, &c.Outcome, &c.By); err != nil {
			return nil, err
		}
		if c.At, err = instant(at, zone); err != nil {
			return nil, err
		}
		calls[reference] = append(calls[reference], c)
	}
	return calls, rows.Err()
}

// A booking that was cancelled tells no longer whether it had waited; the audit does. The children who had a seat at
// once are the first of their booking.
const sqlJoinedList = `
SELECT details ->> '$.reference', details ->> '$.confirmed' FROM audit
WHERE record = ? AND action IN ('booking.book', 'booking.join') AND details ->> '$.waiting' > 0`

// joinedList returns the bookings of a session that joined its list, with how many of their children had a seat at once.
func joinedList(tx *sqlite.Tx, sessionID int64) (map[string]int, error) {
	rows, err := tx.Query(sqlJoinedList, record("session", sessionID))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	joined := map[string]int{}
	for rows.Next() {
		var reference string
		var seated int
		if err := rows.Scan(&reference, &seated); err != nil {
			return nil, err
		}
		joined[reference] = seated
	}
	return joined, rows.Err()
}
