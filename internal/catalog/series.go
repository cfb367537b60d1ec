package catalog

import (
	"context"
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Series is sessions that follow one another (« cycle »), such as the Wednesdays of a term. Its title is unique.
type Series struct {
	ID    int64
	Title string
}

const sqlSeries = `SELECT id, title FROM series ORDER BY id DESC`

// Series returns every series, the newest first.
func (c *Catalog) Series(ctx context.Context) (all []Series, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlSeries)
		if err != nil {
			return err
		}
		defer rows.Close()
		all = nil
		for rows.Next() {
			var s Series
			if err := rows.Scan(&s.ID, &s.Title); err != nil {
				return err
			}
			all = append(all, s)
		}
		return rows.Err()
	})
	return all, err
}

const sqlSessionsOfSeries = `SELECT id FROM sessions WHERE series_id = ? AND status <> 'cancelled' ORDER BY starts_at, id`

// SessionsOfSeriesTx returns the sessions of a series that are not called off, drafts too, in the order of time; none for an
// unknown series.
func SessionsOfSeriesTx(tx *sqlite.Tx, seriesID int64) ([]Session, error) {
	return sessionsOf(tx, sqlSessionsOfSeries, seriesID)
}

const (
	sqlSeriesByTitle = `SELECT id FROM series WHERE title = ?`
	sqlSeriesExists  = `SELECT EXISTS (SELECT 1 FROM series WHERE id = ?)`
	sqlInsertSeries  = `INSERT INTO series (title, created_at) VALUES (?, ?)`
)

// settleSeries returns the id of the series that r means, 0 for none, and makes one that it names and nobody made. What is
// wrong is noted as series or new_series; who calls it then rolls back.
func (r SessionRequest) settleSeries(tx *sqlite.Tx, actor account.Actor, t typed) (id int64, err error) {
	title := r.NewSeries
	if t.line("new_series", &title, false); title == "" {
		var known bool
		if r.SeriesID != 0 {
			if err = tx.QueryRow(sqlSeriesExists, r.SeriesID).Scan(&known); err == nil && !known {
				t["series"] = fault.Message{Key: "catalog.session.series"}
			}
		}
		return r.SeriesID, err
	}
	if err = tx.QueryRow(sqlSeriesByTitle, title).Scan(&id); !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	res, err := tx.Exec(sqlInsertSeries, title, sqlite.Time(tx.Now()))
	if err != nil {
		return 0, err
	}
	if id, err = res.LastInsertId(); err != nil {
		return 0, err
	}
	return id, audit.Add(tx, actor.String(), "series.create", record("series", id), nil)
}
