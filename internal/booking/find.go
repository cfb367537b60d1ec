package booking

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// mostFound is how many families one search shows: who gets more writes more.
const mostFound = 30

// Found is a family as a search of the team finds it. Nothing about health.
type Found struct {
	ID int64 // of the guardian
	Contact
	Proved   bool // the mailbox is theirs
	Children []FoundChild
	Bookings []FoundBooking // newest session first
	// Late counts the seats that the family gave up less than LateNotice before the start, Absent those where a child did not come
	// without a word: facts, and no judgement.
	Late, Absent int
}

// FoundChild is a child of a found family. Age is in years, today where the association is.
type FoundChild struct {
	ID   int64
	Name string
	Age  int
}

// FoundBooking is what a found family has or had in one session. StartsAt is in the venue's zone. Seats and Waiting count
// children who have a seat, kept for them or theirs, and children on the list; both are 0 where all was given up.
type FoundBooking struct {
	Reference, Title string
	StartsAt         time.Time
	Seats, Waiting   int
}

// The names are folded in Go, SQLite knows ASCII only; five years of families are some ten thousand rows.
const sqlLookThrough = `
SELECT g.id, g.name, g.email_folded, g.phone,
       coalesce((SELECT group_concat(c.name_folded, ' ') FROM guardianships s JOIN children c ON c.id = s.child_id WHERE s.guardian_id = g.id), ''),
       coalesce((SELECT group_concat(lower(bg.reference), ' ') FROM booking_groups bg WHERE bg.guardian_id = g.id), '')
FROM guardians g WHERE g.name <> '' ORDER BY g.last_contact_at DESC, g.id DESC`

// FindFamilies returns the families in whose names, children's names, address, phone or references every word of what was typed
// is found, whatever the case and the accents; the last to be heard of first, at most 30, and whether there are more.
// Nothing typed finds nothing. Forbidden to all but staff.
func (s *Service) FindFamilies(ctx context.Context, actor account.Actor, typed string) (list []Found, more bool, err error) {
	if !actor.CanManage() {
		return nil, false, fault.New(fault.Forbidden, "error.forbidden")
	}
	wanted := wordsOf(typed)
	if len(wanted) == 0 {
		return nil, false, nil
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		ids, err := lookThrough(tx, wanted)
		if err != nil {
			return err
		}
		more = len(ids) > mostFound
		list, err = found(tx, ids[:min(len(ids), mostFound)])
		return err
	})
	return list, more, err
}

// wordsOf folds what was typed into words; a phone, however it is spaced, is one.
func wordsOf(typed string) []string {
	if digits := phoneDigits(typed); len(digits) >= 4 && strings.Trim(typed, "+0123456789 .-/()\u00a0\u202f") == "" {
		return []string{digits}
	}
	return strings.Fields(family.Fold(typed))
}

// phoneDigits are the digits of a phone, with the 0 of France for its prefix.
func phoneDigits(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	if rest, ok := strings.CutPrefix(digits, "0033"); ok {
		return "0" + rest
	}
	if rest, ok := strings.CutPrefix(digits, "33"); ok && len(rest) == 9 {
		return "0" + rest
	}
	return digits
}

func lookThrough(tx *sqlite.Tx, wanted []string) (ids []int64, err error) {
	rows, err := tx.Query(sqlLookThrough)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var name, email, phone, children, references string
		if err := rows.Scan(&id, &name, &email, &phone, &children, &references); err != nil {
			return nil, err
		}
		all := strings.Join([]string{family.Fold(name), family.Fold(email), phoneDigits(phone), children, references}, " ")
		if !slices.ContainsFunc(wanted, func(word string) bool { return !strings.Contains(all, word) }) {
			ids = append(ids, id)
		}
	}
	return ids, rows.Err()
}

const (
	sqlFoundGuardian = `SELECT name, email, phone, proved_at IS NOT NULL FROM guardians WHERE id = ?`
	sqlFoundChildren = `
SELECT c.id, c.first_name || ' ' || c.last_name, c.birth_date FROM guardianships s JOIN children c ON c.id = s.child_id
WHERE s.guardian_id = ? ORDER BY c.name_folded, c.id`
	sqlFoundBookings = `
SELECT bg.reference, w.title, s.starts_at, v.time_zone, count(*) FILTER (WHERE b.status IN ('confirmed', 'offered')), count(*) FILTER (WHERE b.status = 'waiting')
FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id JOIN sessions s ON s.id = bg.session_id
JOIN workshops w ON w.id = s.workshop_id JOIN venues v ON v.id = s.venue_id
WHERE bg.guardian_id = ? GROUP BY bg.id ORDER BY s.starts_at DESC, bg.id DESC`
)

func found(tx *sqlite.Tx, ids []int64) (list []Found, err error) {
	for _, id := range ids {
		f := Found{ID: id}
		if err := tx.QueryRow(sqlFoundGuardian, id).Scan(&f.Name, &f.Email, &f.Phone, &f.Proved); err != nil {
			return nil, err
		}
		if f.Children, err = foundChildren(tx, id); err != nil {
			return nil, err
		}
		if f.Bookings, err = foundBookings(tx, id); err != nil {
			return nil, err
		}
		unused, err := missed(tx, id)
		if err != nil {
			return nil, err
		}
		for _, m := range unused {
			if m.GivenUp.IsZero() {
				f.Absent++
			} else {
				f.Late++
			}
		}
		list = append(list, f)
	}
	return list, nil
}

func foundChildren(tx *sqlite.Tx, guardian int64) (list []FoundChild, err error) {
	rows, err := tx.Query(sqlFoundChildren, guardian)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	home, err := venueTime(sqlite.Time(tx.Now()), catalog.HomeZone)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var c FoundChild
		var born string
		if err := rows.Scan(&c.ID, &c.Name, &born); err != nil {
			return nil, err
		}
		birth, err := time.Parse(time.DateOnly, born)
		if err != nil {
			return nil, err
		}
		c.Age = family.AgeOn(birth, home)
		list = append(list, c)
	}
	return list, rows.Err()
}

func foundBookings(tx *sqlite.Tx, guardian int64) (list []FoundBooking, err error) {
	rows, err := tx.Query(sqlFoundBookings, guardian)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b FoundBooking
		var starts, zone string
		if err := rows.Scan(&b.Reference, &b.Title, &starts, &zone, &b.Seats, &b.Waiting); err != nil {
			return nil, err
		}
		if b.StartsAt, err = venueTime(starts, zone); err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, rows.Err()
}
