package school

import (
	"cmp"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// heldSession is a session that took place and how it was counted.
type heldSession struct {
	id             int64
	starts, ends   time.Time // in the venue's time zone
	discipline     string
	workshop       string
	venue, address string
	facilitators   string
	groups         []counted // by level and gender; none where nothing was counted
}

// counted is how many children of a level and gender came.
type counted struct {
	level, gender string
	children      int
}

// The register counts where there is no headcount: the last mark of each pupil that was not undone, as attendance.Fold
// has it. A headcount says more, and wins.
const sqlHeldSessions = `
SELECT s.id, s.starts_at, s.ends_at, v.time_zone, w.discipline, w.title || iif(w.level = '', '', ' – ' || w.level),
       v.name, v.address || ', ' || v.postcode || ' ' || v.city,
       (SELECT coalesce(group_concat(name, char(10)), '') FROM (
            SELECT u.name FROM session_facilitators f JOIN users u ON u.id = f.user_id WHERE f.session_id = s.id ORDER BY u.name, u.id)),
       EXISTS (SELECT 1 FROM marks m JOIN participants p ON p.id = m.participant_id WHERE p.session_id = s.id),
       (SELECT count(*) FROM participants p WHERE p.session_id = s.id AND (
            SELECT m.action FROM marks m
             WHERE m.participant_id = p.id AND m.action <> 'undo'
               AND NOT EXISTS (SELECT 1 FROM marks u WHERE u.participant_id = p.id AND u.undoes = m.entry_key)
             ORDER BY m.at DESC, m.entry_key DESC LIMIT 1) IN ('present', 'late', 'left'))
  FROM sessions s JOIN workshops w ON w.id = s.workshop_id JOIN venues v ON v.id = s.venue_id
 WHERE s.request_id = ? AND s.status <> 'cancelled' ORDER BY s.starts_at, s.id`

const sqlCounted = `
SELECT h.session_id, h.level, h.gender, h.children FROM headcounts h JOIN sessions s ON s.id = h.session_id
 WHERE s.request_id = ? ORDER BY h.level, h.gender`

// heldSessions returns the sessions of a request that were not called off, in order of time.
func heldSessions(tx *sqlite.Tx, r Request) ([]heldSession, error) {
	byHead, err := headcounts(tx, r.ID)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlHeldSessions, r.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []heldSession
	for rows.Next() {
		var h heldSession
		var starts, ends, zone string
		var marked bool
		var came int
		if err := rows.Scan(&h.id, &starts, &ends, &zone, &h.discipline, &h.workshop, &h.venue, &h.address, &h.facilitators, &marked, &came); err != nil {
			return nil, err
		}
		loc, err := catalog.LoadZone(zone)
		if err != nil {
			return nil, err
		}
		if h.starts, err = sqlite.ParseTime(starts); err != nil {
			return nil, err
		}
		if h.ends, err = sqlite.ParseTime(ends); err != nil {
			return nil, err
		}
		h.starts, h.ends = h.starts.In(loc), h.ends.In(loc)
		h.groups = byHead[h.id]
		if len(h.groups) == 0 && marked {
			h.groups = []counted{{level: r.Level, gender: "unsaid", children: came}}
		}
		list = append(list, h)
	}
	return list, rows.Err()
}

func headcounts(tx *sqlite.Tx, requestID int64) (map[int64][]counted, error) {
	rows, err := tx.Query(sqlCounted, requestID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64][]counted{}
	for rows.Next() {
		var session int64
		var c counted
		if err := rows.Scan(&session, &c.level, &c.gender, &c.children); err != nil {
			return nil, err
		}
		all[session] = append(all[session], c)
	}
	return all, rows.Err()
}

const sqlWriteFact = `
INSERT INTO group_facts (session_id, level, gender, held_on, minutes, children, discipline, kind, uai, sector, priority, commune_code, city, funding)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// writeGroupFacts writes what reports need of a request, in the transaction that makes it done: for each session the children
// by level and gender, with what the organisation is. It names nobody, and is never changed afterwards: neither by a
// contact forgotten nor by first names erased nor by a later mark (I14).
func writeGroupFacts(tx *sqlite.Tx, r Request) error {
	sessions, err := heldSessions(tx, r)
	if err != nil {
		return err
	}
	o := r.Organisation
	for _, s := range sessions {
		for _, c := range s.groups {
			minutes := max(int(s.ends.Sub(s.starts).Minutes()), 1)
			if _, err := tx.Exec(sqlWriteFact, s.id, cmp.Or(c.level, r.Level), c.gender, s.starts.Format(time.DateOnly), minutes, c.children,
				s.discipline, string(o.Kind), o.UAI, o.Sector, o.Priority, o.CommuneCode, o.City, string(r.Funding)); err != nil {
				return err
			}
		}
	}
	return nil
}
