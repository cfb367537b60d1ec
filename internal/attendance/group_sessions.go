package attendance

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// GroupSession is one private session of a request and how it was counted. It names no child.
type GroupSession struct {
	ID               int64
	StartsAt, EndsAt time.Time // in the venue's time zone
	Status           catalog.Status
	Pupils           int  // on the class list
	Erased           bool // the list's first names are gone
	Came             int  // of the list, by the register
	Counted          int  // by the headcount
}

const sqlGroupSessions = `
SELECT s.id, s.starts_at, s.ends_at, v.time_zone, s.status,
       (SELECT count(*) FROM pupils u WHERE u.session_id = s.id),
       EXISTS (SELECT 1 FROM pupils u WHERE u.session_id = s.id AND u.first_name = ''),
       (SELECT coalesce(sum(h.children), 0) FROM headcounts h WHERE h.session_id = s.id)
  FROM sessions s JOIN venues v ON v.id = s.venue_id
 WHERE s.request_id = ? ORDER BY s.starts_at, s.id`

// OfRequest returns the private sessions of a request, in order of time. Whoever calls it has made sure that the
// request may be seen.
func (s *Service) OfRequest(ctx context.Context, requestID int64) (list []GroupSession, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if list, err = groupSessions(tx, requestID); err != nil {
			return err
		}
		for i := range list {
			journals, err := journals(tx, list[i].ID)
			if err != nil {
				return err
			}
			for _, journal := range journals {
				if Fold(journal).Action.Came() {
					list[i].Came++
				}
			}
		}
		return nil
	})
	return list, err
}

func groupSessions(tx *sqlite.Tx, requestID int64) (list []GroupSession, err error) {
	rows, err := tx.Query(sqlGroupSessions, requestID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var g GroupSession
		var starts, ends, zone string
		if err := rows.Scan(&g.ID, &starts, &ends, &zone, &g.Status, &g.Pupils, &g.Erased, &g.Counted); err != nil {
			return nil, err
		}
		if g.StartsAt, g.EndsAt, err = span(starts, ends, zone); err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, rows.Err()
}
