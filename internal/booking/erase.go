package booking

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Erasure is what erasing a guardian does, for whoever must decide.
type Erasure struct {
	Reference string // of the booking by which they were found; may be empty
	Erased    bool   // it was done: nothing more is known
	Guardian  Contact
	Children  []ErasedChild
	// Cancelled are the bookings that are given up, whose seats pass on: what is not over.
	Cancelled []Group
	// BusyUntil is the morning until which it is refused, at the venue, while a child is at a session; else zero.
	BusyUntil time.Time
	// Others are bookings by others than this guardian under the same address: nobody proved that it is the same person, so
	// each is erased for itself.
	Others []string
}

// ErasedChild is a child of the guardian. Stays is true where another guardian remains.
type ErasedChild struct {
	FirstName, LastName string
	Stays               bool
}

// Erasure returns what erasing the guardian who made a booking would do. Forbidden to all but staff; NotFound for an unknown
// reference.
func (s *Service) Erasure(ctx context.Context, actor account.Actor, reference string) (e Erasure, err error) {
	if !actor.CanManage() {
		return Erasure{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		guardianID, err := GuardianOf(tx, reference)
		if err != nil {
			return err
		}
		e, err = ErasureOf(tx, guardianID)
		e.Reference = reference
		return err
	})
	if err != nil {
		return Erasure{}, err
	}
	return e, nil
}

const sqlGuardianOf = `SELECT guardian_id FROM booking_groups WHERE reference = ?`

// GuardianOf returns the id of the guardian who made a booking; NotFound for an unknown reference.
func GuardianOf(tx *sqlite.Tx, reference string) (id int64, err error) {
	err = tx.QueryRow(sqlGuardianOf, reference).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	return id, err
}

const (
	sqlDropDraftsOf   = `DELETE FROM drafts WHERE result IN (SELECT reference FROM booking_groups WHERE guardian_id = ?1) OR guardian_id = ?1`
	sqlDraftAddresses = `
SELECT rowid, coalesce(iif(json_valid(answers), answers ->> '$.Contact.Email', ''), ''), coalesce(iif(json_valid(answers), answers ->> '$.YoungEmail', ''), '')
FROM drafts WHERE answers <> ''`
	sqlDropDraftRow    = `DELETE FROM drafts WHERE rowid = ?`
	sqlRevokeLinks     = `UPDATE booking_groups SET link_version = link_version + 1 WHERE guardian_id = ?`
	sqlYoungAddresses  = `SELECT DISTINCT young_email FROM booking_groups WHERE guardian_id = ? AND young_email <> ''`
	sqlForgetYoung     = `UPDATE booking_groups SET young_email = '' WHERE guardian_id = ? AND young_email <> ''`
	sqlForgetGuestKeys = `
UPDATE bookings SET guest_key = NULL, cancel_reason = '', override_reason = iif(override_by IS NULL, '', '–')
WHERE group_id IN (SELECT id FROM booking_groups WHERE guardian_id = ?)`
	sqlForgetReasons = `
UPDATE offers SET reason = '' WHERE booking_id IN (
    SELECT b.id FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id WHERE bg.guardian_id = ?)`
)

// EraseGuardian erases a guardian, and their children where no other guardian remains (domain, Family data 4 and 5). What they
// had booked and is not over is cancelled, and its seats pass on. Their links open nothing any more. Marks, certificates and
// figures stay, without names. Twice is the same as once. It returns what it did, as ErasureOf told before.
//
// Who calls it has asked who may, and lists the erasure outside the database (package privacy). Conflict
// "booking.erase_busy" between the start of a session where a child of theirs has a seat and 8 o'clock of the next morning: the
// team must be able to reach somebody.
func EraseGuardian(tx *sqlite.Tx, actor account.Actor, guardianID int64) (Erasure, error) {
	e, err := ErasureOf(tx, guardianID)
	if err != nil || e.Erased {
		return e, err
	}
	if !e.BusyUntil.IsZero() {
		return e, fault.New(fault.Conflict, "booking.erase_busy", e.BusyUntil)
	}
	return e, erase(tx, actor, guardianID, e)
}

// EraseAgain is EraseGuardian for who was erased before the database was restored: a session that goes on delays nothing.
func EraseAgain(tx *sqlite.Tx, guardianID int64) error {
	e, err := ErasureOf(tx, guardianID)
	if err != nil || e.Erased {
		return err
	}
	return erase(tx, account.Command(), guardianID, e)
}

func erase(tx *sqlite.Tx, actor account.Actor, guardianID int64, e Erasure) error {
	var sessions []int64
	for _, v := range e.Cancelled {
		if err := cancelAll(tx, actor, v); err != nil {
			return err
		}
		if !slices.Contains(sessions, v.Session.ID) {
			sessions = append(sessions, v.Session.ID)
		}
	}
	addresses, err := sqlite.Column[string](tx, sqlYoungAddresses, guardianID)
	if err != nil {
		return err
	}
	for i, address := range addresses {
		addresses[i] = account.FoldEmail(address)
	}
	// A draft leads its browser back to the booking by a fresh link, and what the team wrote about a seat may name who has it.
	for _, statement := range []string{sqlDropDraftsOf, sqlRevokeLinks, sqlForgetYoung, sqlForgetGuestKeys, sqlForgetReasons, sqlForgetDifferent} {
		if _, err := tx.Exec(statement, guardianID); err != nil {
			return err
		}
	}
	// Nor may a form that was begun and left, or the link to finish it, be the last to know them.
	if err := outbox.EraseTo(tx, func(to string) bool { return slices.Contains(addresses, account.FoldEmail(to)) }); err != nil {
		return err
	}
	if folded := account.FoldEmail(e.Guardian.Email); folded != "" {
		addresses = append(addresses, folded)
	}
	if err := dropDraftsOf(tx, addresses); err != nil {
		return err
	}
	if err := tellLeft(tx, guardianID); err != nil {
		return err
	}
	children, err := family.Erase(tx, guardianID)
	if err != nil {
		return err
	}
	if err := audit.Add(tx, actor.String(), "family.erase", record("guardian", guardianID),
		map[string]any{"children": children, "bookings": len(e.Cancelled)}); err != nil {
		return err
	}
	for _, id := range sessions {
		if err := offerFreeSeats(tx, id, nil); err != nil {
			return err
		}
	}
	return nil
}

// dropDraftsOf forgets the forms where one of some folded addresses was typed, as that of the guardian or of a young person.
func dropDraftsOf(tx *sqlite.Tx, addresses []string) error {
	rows, err := tx.Query(sqlDraftAddresses)
	if err != nil {
		return err
	}
	defer rows.Close()
	var found []int64
	for rows.Next() {
		var id int64
		var guardian, young string
		if err := rows.Scan(&id, &guardian, &young); err != nil {
			return err
		}
		if slices.Contains(addresses, account.FoldEmail(guardian)) || slices.Contains(addresses, account.FoldEmail(young)) {
			found = append(found, id)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, id := range found {
		if _, err := tx.Exec(sqlDropDraftRow, id); err != nil {
			return err
		}
	}
	return nil
}

// cancelAll cancels all that is live of a booking, and tells the other guardians of the children, and the young person who booked for themselves and stays: of
// who booked there will be nobody to tell.
func cancelAll(tx *sqlite.Tx, actor account.Actor, v Group) error {
	now := sqlite.Time(tx.Now())
	seats, places := 0, 0
	if err := tellOthers(tx, v, v.moving(), "cancelled", v.Session); err != nil {
		return err
	}
	for _, c := range v.Children {
		switch {
		case !c.Live():
			continue
		case c.Status == "waiting":
			places++
		default:
			seats++
		}
		if _, err := tx.Exec(sqlEndOffer, c.BookingID, "withdrawn", now); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlCancel, c.BookingID, "family", now); err != nil {
			return err
		}
	}
	if err := tellYoungCancelled(tx, v, seats > 0); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "booking.cancel", record("session", v.Session.ID),
		map[string]any{"reference": v.Reference, "seats": seats, "places_on_list": places})
}

const sqlWhoStays = `
SELECT g.id FROM guardianships x JOIN guardians g ON g.id = x.guardian_id WHERE x.child_id = ? AND g.id <> ? AND g.name <> '' ORDER BY g.id LIMIT 1`

// tellYoungCancelled tells a young person who booked for themselves, and has another guardian, that what they had in a booking is given up. The message goes with
// that guardian, as the young person does; it is about seats, or places on the list alone.
func tellYoungCancelled(tx *sqlite.Tx, v Group, seats bool) error {
	if v.youngEmail == "" {
		return nil
	}
	stays, err := sqlite.Column[int64](tx, sqlWhoStays, v.Children[0].ChildID, v.guardianID)
	if err != nil || len(stays) == 0 {
		return err
	}
	after, err := viewGroup(tx, v.id)
	if err != nil {
		return err
	}
	m, kind := after.copied(after.mail()), outbox.WaitingLeft
	if seats {
		kind = outbox.BookingCancelled
	}
	m.Cancelled = firstNames(v.moving())
	return outbox.Add(tx, outbox.Message{Kind: kind, Language: v.language, To: v.youngEmail, GuardianID: stays[0], Payload: m})
}

const sqlErasure = `SELECT name = '', name, email, phone FROM guardians WHERE id = ?`

// ErasureOf returns what EraseGuardian would do. NotFound for an unknown guardian.
func ErasureOf(tx *sqlite.Tx, guardianID int64) (e Erasure, err error) {
	err = tx.QueryRow(sqlErasure, guardianID).Scan(&e.Erased, &e.Guardian.Name, &e.Guardian.Email, &e.Guardian.Phone)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil || e.Erased {
		return e, err
	}
	if e.Children, err = erasedChildren(tx, guardianID); err != nil {
		return e, err
	}
	if e.BusyUntil, err = busyUntil(tx, guardianID); err != nil {
		return e, err
	}
	if e.Others, err = otherBookings(tx, guardianID); err != nil {
		return e, err
	}
	groups, err := sqlite.Column[int64](tx, sqlComingGroups, guardianID, sqlite.Time(tx.Now()))
	if err != nil {
		return e, err
	}
	for _, id := range groups {
		v, err := viewGroup(tx, id)
		if err != nil {
			return e, err
		}
		e.Cancelled = append(e.Cancelled, v)
	}
	return e, nil
}

const sqlErasedChildren = `
SELECT c.first_name, c.last_name, EXISTS (
    SELECT 1 FROM guardianships o JOIN guardians g ON g.id = o.guardian_id
    WHERE o.child_id = c.id AND o.guardian_id <> x.guardian_id AND g.name <> '')
FROM guardianships x JOIN children c ON c.id = x.child_id WHERE x.guardian_id = ? ORDER BY c.name_folded, c.id`

func erasedChildren(tx *sqlite.Tx, guardianID int64) ([]ErasedChild, error) {
	rows, err := tx.Query(sqlErasedChildren, guardianID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []ErasedChild
	for rows.Next() {
		var c ErasedChild
		if err := rows.Scan(&c.FirstName, &c.LastName, &c.Stays); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// A session that ended two days ago keeps nobody busy.
const sqlBegun = `
SELECT s.ends_at, v.time_zone
FROM guardianships x JOIN bookings b ON b.child_id = x.child_id AND b.status = 'confirmed'
JOIN sessions s ON s.id = b.session_id JOIN venues v ON v.id = s.venue_id
WHERE x.guardian_id = ?1 AND s.starts_at <= ?2 AND s.ends_at > ?3`

// morning is the hour of the day, at the venue, from which nobody is at yesterday's session any more.
const morning = 8

// busyUntil is the morning after the session that a child of a guardian is at, or was at since; zero when there is none.
func busyUntil(tx *sqlite.Tx, guardianID int64) (until time.Time, err error) {
	rows, err := tx.Query(sqlBegun, guardianID, sqlite.Time(tx.Now()), sqlite.Time(tx.Now().AddDate(0, 0, -2)))
	if err != nil {
		return time.Time{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var text, zone string
		if err := rows.Scan(&text, &zone); err != nil {
			return time.Time{}, err
		}
		ends, err := venueTime(text, zone)
		if err != nil {
			return time.Time{}, err
		}
		next := time.Date(ends.Year(), ends.Month(), ends.Day()+1, morning, 0, 0, 0, ends.Location())
		if next.After(tx.Now()) && next.After(until) {
			until = next
		}
	}
	return until, rows.Err()
}

const sqlComingGroups = `
SELECT DISTINCT b.group_id FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id JOIN sessions s ON s.id = b.session_id
WHERE bg.guardian_id = ? AND b.status IN ('waiting', 'offered', 'confirmed') AND s.ends_at > ? ORDER BY b.group_id`

const sqlOtherBookings = `
SELECT bg.reference FROM guardians g JOIN guardians o ON o.email_folded = g.email_folded AND o.id <> g.id
JOIN booking_groups bg ON bg.guardian_id = o.id
WHERE g.id = ? AND g.email_folded <> '' ORDER BY bg.id`

func otherBookings(tx *sqlite.Tx, guardianID int64) (references []string, err error) {
	rows, err := tx.Query(sqlOtherBookings, guardianID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var reference string
		if err := rows.Scan(&reference); err != nil {
			return nil, err
		}
		references = append(references, reference)
	}
	return references, rows.Err()
}
