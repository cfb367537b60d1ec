package booking

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Prove confirms that the mailbox behind a mailed link belongs to who booked; from then on what they
// wrote belongs to the family of that address (domain, Family data 6). Doing it twice changes nothing.
// Forbidden when the link was not mailed.
func (s *Service) Prove(ctx context.Context, key account.FormKey, link Link) error {
	return s.change(ctx, key, s.byLink(link), func(_ *sqlite.Tx, v Group) error {
		if !v.ViaMail {
			return fault.New(fault.Forbidden, "error.forbidden")
		}
		return nil // change proves before it calls
	})
}

const sqlMoveGroups = `UPDATE booking_groups SET guardian_id = ?2 WHERE guardian_id = ?1`

const sqlMoveBookings = `
UPDATE bookings SET child_id = ?2 WHERE child_id = ?1 AND NOT (
    status IN ('waiting', 'offered', 'confirmed') AND EXISTS (
        SELECT 1 FROM bookings o WHERE o.child_id = ?2 AND o.session_id = bookings.session_id
          AND o.status IN ('waiting', 'offered', 'confirmed')))`

const sqlTypedByYoung = `SELECT EXISTS (SELECT 1 FROM booking_groups WHERE guardian_id = ? AND young_email IS NOT NULL)`

const sqlBookingsOfChild = `SELECT count(*) FROM bookings WHERE child_id = ?`

// prove marks the mailbox of a booking's guardian as proved. When the address has a family already, the
// booking moves to it; a child of the same name and birth date becomes one with the family's, unless both
// have a live booking of one session (staff then see two records).
func prove(tx *sqlite.Tx, g group) error {
	known, err := family.Prove(tx, g.guardianID)
	if err != nil || known == 0 {
		return err
	}
	return merge(tx, g.guardianID, known)
}

// merge gives all that a guest booked to the guardian who proved the same address.
func merge(tx *sqlite.Tx, guest, known int64) error {
	pairs, err := family.SameChildren(tx, guest, known)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if _, err := tx.Exec(sqlMoveBookings, p.Guest, p.Known); err != nil {
			return err
		}
		var left int
		if err := tx.QueryRow(sqlBookingsOfChild, p.Guest).Scan(&left); err != nil {
			return err
		}
		if left > 0 {
			continue
		}
		if err := family.MergeChild(tx, p.Guest, p.Known, known); err != nil {
			return err
		}
	}
	groups, err := sqlite.Column[int64](tx, sqlGroupsOf, guest)
	if err != nil {
		return err
	}
	var byYoung bool
	if err := tx.QueryRow(sqlTypedByYoung, guest).Scan(&byYoung); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlMoveGroups, guest, known); err != nil {
		return err
	}
	if err := keepDifferent(tx, guest, known); err != nil {
		return err
	}
	if err := family.MergeGuardian(tx, guest, known, byYoung); err != nil {
		return err
	}
	if err := tellOthersMerged(tx, groups); err != nil {
		return err
	}
	return audit.Add(tx, "system", "family.merge", record("guardian", known), map[string]any{"from": guest})
}
