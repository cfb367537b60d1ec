package catalog

import (
	"context"
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
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
	sqlSetSeries     = `UPDATE sessions SET series_id = nullif(?2, 0), updated_at = ?3 WHERE id = ?1`
	sqlSeriesAwarded = `SELECT EXISTS (SELECT 1 FROM certificates WHERE series_id = ?)`
)

// SetSeries puts a session into the series of an id or a title, as CreateSession does, or with neither out of the one it is in.
// Unlike EditSession it does so after the start too: that sessions belong together, and are worth one certificate for all
// their hours, is often decided when they are over. A session called off or of a group request is Conflict, and so is one that
// would leave a series about which there are certificates, which have counted it, or is priced with its series.
func (c *Catalog) SetSeries(ctx context.Context, actor account.Actor, key account.FormKey, id, seriesID int64, newTitle string) error {
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		if err := mayManage(actor); err != nil {
			return err
		}
		old, err := SessionTx(tx, id)
		if err != nil {
			return err
		}
		if old.Status == Cancelled {
			return fault.New(fault.Conflict, "catalog.session.is_cancelled")
		}
		if old.Private() {
			return fault.New(fault.Conflict, "catalog.session.no_series")
		}
		if old.Pricing.Way == PerSeries {
			return fault.New(fault.Conflict, "price.series.keeps")
		}
		t := typed{}
		seriesID, err := SessionRequest{SeriesID: seriesID, NewSeries: newTitle}.settleSeries(tx, actor, t)
		if err == nil {
			err = t.invalid()
		}
		if err != nil || seriesID == old.Series.ID {
			return err
		}
		var awarded bool
		if err := tx.QueryRow(sqlSeriesAwarded, old.Series.ID).Scan(&awarded); err != nil {
			return err
		}
		if awarded {
			return fault.New(fault.Conflict, "catalog.session.keeps_series", old.Series.Title)
		}
		if _, err := tx.Exec(sqlSetSeries, id, seriesID, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "session.edit", record("session", id), changes{"series": {old.Series.ID, seriesID}}.details())
	})
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

const sqlPriceOfSeries = `
SELECT title, price_cents FROM series WHERE id = ?1 AND EXISTS (SELECT 1 FROM sessions WHERE series_id = ?1 AND pricing = 'series')`

// joinSeriesPrice notes as price one that is not that of the series r comes to be sold with. Only a session that is sold with
// it already changes what the others cost; old is the session as it was, empty for a new one.
func (r SessionRequest) joinSeriesPrice(tx *sqlite.Tx, t typed, old Session) error {
	if _, slip := t["price"]; slip || r.Pricing.Way != PerSeries || old.Pricing.Way == PerSeries && old.Series.ID == r.SeriesID {
		return nil
	}
	var title string
	var cents int
	err := tx.QueryRow(sqlPriceOfSeries, r.SeriesID).Scan(&title, &cents)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil && cents != r.PriceCents {
		t["price"] = fault.Message{Key: "price.series.other", Args: []any{title, settings.WriteEuros(cents)}}
	}
	return err
}

const sqlPriceSeries = `UPDATE series SET price_cents = ?2 WHERE id = ?1 AND price_cents <> ?2`

// priceSeries gives the series of a session that is sold with it the price that r says.
func (r SessionRequest) priceSeries(tx *sqlite.Tx, actor account.Actor) error {
	if r.Pricing.Way != PerSeries {
		return nil
	}
	res, err := tx.Exec(sqlPriceSeries, r.SeriesID, r.PriceCents)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return audit.Add(tx, actor.String(), "series.price", record("series", r.SeriesID), map[string]any{"price_cents": r.PriceCents})
}
