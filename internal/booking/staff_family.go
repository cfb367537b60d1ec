package booking

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// DeskFamily is a guardian with their children as the team's desk sees them. Nothing about health.
type DeskFamily struct {
	Found
	Language      string
	Since         time.Time // when they were first heard of, where the association is
	EmergencyName string    // empty: the guardian themself
	Emergency     string    // the phone of that person
	Missed        []Missed  // newest session first
}

// Missed is a seat that a family did not use: facts for whoever speaks with it, which no rule acts on.
type Missed struct {
	Child     string // first name
	Reference string
	Title     string
	StartsAt  time.Time // in the venue's zone, as GivenUp
	// GivenUp is when the seat was given up, less than LateNotice before the start; zero where nobody came, and nobody said so.
	GivenUp time.Time
	Reason  LateReason
}

const sqlDeskFamily = `SELECT emergency_name, emergency_phone, language, created_at FROM guardians WHERE id = ? AND name <> ''`

// DeskFamily returns a family by the id of its guardian. Forbidden to all but staff; NotFound for who is unknown or was erased.
func (s *Service) DeskFamily(ctx context.Context, actor account.Actor, guardianID int64) (f DeskFamily, err error) {
	if !actor.CanManage() {
		return DeskFamily{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		f, err = deskFamily(tx, guardianID)
		return err
	})
	return f, err
}

func deskFamily(tx *sqlite.Tx, guardianID int64) (f DeskFamily, err error) {
	var since string
	err = tx.QueryRow(sqlDeskFamily, guardianID).Scan(&f.EmergencyName, &f.Emergency, &f.Language, &since)
	if errors.Is(err, sql.ErrNoRows) {
		return f, fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil {
		return f, err
	}
	if f.Since, err = venueTime(since, catalog.HomeZone); err != nil {
		return f, err
	}
	list, err := found(tx, []int64{guardianID})
	if err != nil {
		return f, err
	}
	f.Found = list[0]
	f.Missed, err = missed(tx, guardianID)
	return f, err
}

// The last mark is the one that attendance.Fold has. A place on the list that was given up was never a seat, and a seat that was left for one in another session, in the
// very transaction that ended it, was given up by nobody, however often the booking moved since.
const sqlMissed = `
SELECT c.first_name, bg.reference, w.title, s.starts_at, v.time_zone, coalesce(b.cancelled_at, ''), b.cancel_reason
FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id JOIN children c ON c.id = b.child_id JOIN sessions s ON s.id = b.session_id
JOIN workshops w ON w.id = s.workshop_id JOIN venues v ON v.id = s.venue_id
WHERE bg.guardian_id = ?1 AND (
    b.cancelled_by = 'family' AND NOT EXISTS (SELECT 1 FROM booking_groups m JOIN bookings n ON n.group_id = m.id
        WHERE (m.id = bg.moved_id OR m.moved_id = bg.moved_id) AND n.child_id = b.child_id AND n.created_at = b.cancelled_at)
    AND (b.joined_list = 0 OR EXISTS (SELECT 1 FROM offers o WHERE o.booking_id = b.id AND o.outcome IN ('accepted', 'given')))
    OR b.status = 'confirmed' AND s.status = 'published' AND s.ends_at <= ?2 AND (
        SELECT m.action FROM participants p JOIN marks m ON m.participant_id = p.id
        WHERE p.booking_id = b.id AND m.action <> 'undo' AND NOT EXISTS (SELECT 1 FROM marks u WHERE u.participant_id = p.id AND u.undoes = m.entry_key)
        ORDER BY m.at DESC, m.entry_key DESC LIMIT 1) = 'absent')
ORDER BY s.starts_at DESC, b.id DESC`

// missed are the seats of a guardian's bookings that were given up late, or where a child did not come without a word.
func missed(tx *sqlite.Tx, guardianID int64) (list []Missed, err error) {
	rows, err := tx.Query(sqlMissed, guardianID, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m Missed
		var starts, zone, given string
		if err := rows.Scan(&m.Child, &m.Reference, &m.Title, &starts, &zone, &given, &m.Reason); err != nil {
			return nil, err
		}
		if m.StartsAt, err = venueTime(starts, zone); err != nil {
			return nil, err
		}
		if given != "" {
			if m.GivenUp, err = venueTime(given, zone); err != nil {
				return nil, err
			}
			if m.GivenUp.Before(m.StartsAt.Add(-LateNotice)) {
				continue
			}
		}
		list = append(list, m)
	}
	return list, rows.Err()
}
