package attendance

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// MostSheets is the most sheets that are read together: a printer's tray, and a file that a phone still opens.
const MostSheets = 30

// Sheet is a register for paper.
type Sheet struct{ Roster }

// Sheet is Roster for who prints it, and is noted as such.
func (s *Service) Sheet(ctx context.Context, actor account.Actor, sessionID int64) (Sheet, error) {
	sheets, err := s.sheets(ctx, actor, func(*sqlite.Tx) ([]int64, error) { return []int64{sessionID}, nil })
	if err != nil {
		return Sheet{}, err
	}
	return sheets[0], nil
}

// DaySheets returns the sheets of the published sessions of a day that actor leads, or of all for who works at the
// desk, in the order of time; each shows what Sheet shows, and is noted like it. Of day only the date counts, and it is
// that of each venue. Forbidden for who is not of the team, Invalid for more than MostSheets.
func (s *Service) DaySheets(ctx context.Context, actor account.Actor, day time.Time) ([]Sheet, error) {
	if !actor.IsTeam() && !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.sheets(ctx, actor, func(tx *sqlite.Tx) ([]int64, error) { return sessionsOn(tx, actor, day) })
}

// SeriesSheets is DaySheets for the published sessions of a series. NotFound for one without a session that actor may
// print; so there is always a sheet to tell the series by.
func (s *Service) SeriesSheets(ctx context.Context, actor account.Actor, seriesID int64) ([]Sheet, error) {
	if !actor.IsTeam() && !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	sheets, err := s.sheets(ctx, actor, func(tx *sqlite.Tx) ([]int64, error) {
		rows, err := tx.Query(sqlSessionsOfSeries, seriesID, actor.HasDesk(), actor.MemberID())
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var ids []int64
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
		return ids, rows.Err()
	})
	if err == nil && len(sheets) == 0 {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	return sheets, err
}

const sqlSessionsOfSeries = `
SELECT s.id FROM sessions s
 WHERE s.series_id = ?1 AND s.status = 'published'
   AND (?2 OR EXISTS (SELECT 1 FROM session_facilitators f WHERE f.session_id = s.id AND f.user_id = ?3))
 ORDER BY s.starts_at, s.id`

// sheets reads the sheets of the sessions that choose names, all at one instant.
func (s *Service) sheets(ctx context.Context, actor account.Actor, choose func(*sqlite.Tx) ([]int64, error)) ([]Sheet, error) {
	var sheets []Sheet
	var registers []Roster
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		ids, err := choose(tx)
		if err != nil {
			return err
		}
		if len(ids) > MostSheets {
			return fault.New(fault.Invalid, "sheets.too_many", len(ids), MostSheets)
		}
		for _, id := range ids {
			r, err := roster(tx, actor, id)
			if err != nil {
				return err
			}
			sheets, registers = append(sheets, Sheet{r}), append(registers, r)
		}
		return nil
	})
	if err == nil {
		err = s.note(ctx, actor, "sheet.read", registers...)
	}
	if err != nil {
		return nil, err
	}
	return sheets, nil
}

const sqlSessionsOn = `
SELECT s.id, s.starts_at, s.ends_at, v.time_zone
  FROM sessions s JOIN venues v ON v.id = s.venue_id
 WHERE s.starts_at < ?1 AND s.ends_at > ?2 AND s.status = 'published'
   AND (?3 OR EXISTS (SELECT 1 FROM session_facilitators f WHERE f.session_id = s.id AND f.user_id = ?4))
 ORDER BY s.starts_at, s.id`

// sessionsOn are the sessions that a day has a part of, at their venue.
func sessionsOn(tx *sqlite.Tx, actor account.Actor, day time.Time) ([]int64, error) {
	y, m, d := day.Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	// A day more on both sides than needed: which day it is depends on the zone.
	rows, err := tx.Query(sqlSessionsOn, sqlite.Time(midnight.AddDate(0, 0, 2)), sqlite.Time(midnight.AddDate(0, 0, -1)),
		actor.HasDesk(), actor.MemberID())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		var starts, ends, zone string
		if err := rows.Scan(&id, &starts, &ends, &zone); err != nil {
			return nil, err
		}
		from, until, err := span(starts, ends, zone)
		if err != nil {
			return nil, err
		}
		begins := time.Date(y, m, d, 0, 0, 0, 0, from.Location())
		if from.Before(begins.AddDate(0, 0, 1)) && until.After(begins) {
			ids = append(ids, id)
		}
	}
	return ids, rows.Err()
}

// BareSheet is Sheet without its children, for papers that name nobody: a blank register, the poster on the door. For
// who leads the session and for staff; NotFound and Forbidden as for handing it over.
func (s *Service) BareSheet(ctx context.Context, actor account.Actor, sessionID int64) (sheet Sheet, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := reachToLead(tx, actor, sessionID); err != nil {
			return err
		}
		if sheet.Group, err = groupOf(tx, sessionID); err != nil {
			return err
		}
		if sheet.Session, err = catalog.SessionTx(tx, sessionID); err != nil {
			return err
		}
		if sheet.Facilitators, err = leaders(tx, sessionID); err != nil {
			return err
		}
		sheet.MayLead, sheet.ReadAt = true, tx.Now().In(sheet.Session.StartsAt.Location())
		sheet.BlankLines, err = settings.Get(tx, settings.SheetBlankLines)
		return err
	})
	if err != nil {
		return Sheet{}, err
	}
	return sheet, nil
}
