package booking

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// ListFigures is the demand for a session beyond its seats, as it was when the session ended. Who is neither seated nor
// unmet left the list, or had an offer and did not take it.
type ListFigures struct {
	Families, Children int // ever on the list
	Seated             int // children who got a seat from it, be it that they gave it up
	Unmet              int // children who still waited at the end, and never had an offer
	UnmetFamilies      int
}

// ListFigures returns the figures of a session, zero before they are recorded. Forbidden for who has no desk.
func (s *Service) ListFigures(ctx context.Context, actor account.Actor, sessionID int64) (f ListFigures, err error) {
	if !actor.HasDesk() {
		return ListFigures{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		f, err = listFigures(tx, sessionID)
		return err
	})
	return f, err
}

const sqlListFigures = `SELECT families, children, seated, unmet, unmet_families FROM list_figures WHERE session_id = ?`

func listFigures(tx *sqlite.Tx, sessionID int64) (f ListFigures, err error) {
	err = tx.QueryRow(sqlListFigures, sessionID).Scan(&f.Families, &f.Children, &f.Seated, &f.Unmet, &f.UnmetFamilies)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return f, err
}

// Private sessions have no list, and those that were called off met no demand at all.
const sqlListsToRecord = `
SELECT id FROM sessions
WHERE status = 'published' AND request_id IS NULL AND ends_at <= ? AND id NOT IN (SELECT session_id FROM list_figures) ORDER BY id`

// A family that left and came back has several bookings, and as a guest several rows: it is told by its address, a child
// by what tells guests apart.
const sqlRecordList = `
INSERT INTO list_figures (session_id, held_on, discipline, city, families, children, seated, unmet, unmet_families, recorded_at)
WITH places AS (
  SELECT iif(b.guest_key IS NULL, 'child ' || b.child_id, hex(b.guest_key)) AS child, coalesce(nullif(g.email_folded, ''), 'guardian ' || g.id) AS family,
         b.status = 'waiting' AS waits,
         EXISTS (SELECT 1 FROM offers o WHERE o.booking_id = b.id AND o.outcome IN ('accepted', 'given')) AS seated,
         EXISTS (SELECT 1 FROM offers o WHERE o.booking_id = b.id AND o.outcome IS NOT 'withdrawn') AS asked
  FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id JOIN guardians g ON g.id = bg.guardian_id
  WHERE b.session_id = ?1 AND b.joined_list),
children AS (
  SELECT family, max(seated) AS seated, max(waits) AND NOT max(asked) AS unmet FROM places GROUP BY child)
SELECT ?1, ?2, (SELECT discipline FROM workshops WHERE id = ?4), ?5, (SELECT count(DISTINCT family) FROM places), count(*), coalesce(sum(seated), 0), coalesce(sum(unmet), 0),
       count(DISTINCT iif(unmet, family, NULL)), ?3
FROM children`

// RecordLists keeps the demand for the sessions that are over, before families are forgotten: once for each, whenever it
// runs. It returns how many it kept.
func (s *Service) RecordLists(ctx context.Context) (recorded int, err error) {
	var due []int64
	toRecord := func(_ context.Context, tx *sqlite.Tx) error {
		due, err = sqlite.Column[int64](tx, sqlListsToRecord, sqlite.Time(tx.Now()))
		return err
	}
	if err := s.db.Read(ctx, toRecord); err != nil || len(due) == 0 {
		return 0, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *sqlite.Tx) error {
		if err := toRecord(ctx, tx); err != nil { // again: somebody else may have been faster
			return err
		}
		recorded = len(due)
		for _, id := range due {
			if err := recordList(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	return recorded, err
}

func recordList(tx *sqlite.Tx, sessionID int64) error {
	session, err := loadSession(tx, sessionID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(sqlRecordList, sessionID, session.StartsAt.Format(time.DateOnly), sqlite.Time(tx.Now()), session.WorkshopID, session.City); err != nil {
		return err
	}
	f, err := listFigures(tx, sessionID)
	if err != nil {
		return err
	}
	return audit.Add(tx, "system", "session.list_figures", record("session", sessionID), map[string]any{"children": f.Children, "unmet": f.Unmet})
}
