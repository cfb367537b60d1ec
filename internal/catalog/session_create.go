package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlInsertSession = `
INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, payment_url, status,
                      opens_at, closes_at, created_at, updated_at, series_id, schedule_id, pricing, price_min_cents, price_steps,
                      reserved_seats, reserved_for, reserved_until, funding)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, nullif(?12, 0), nullif(?13, 0), ?14, ?15, ?16, ?17, ?18, ?19, ?20)`

// CreateSession stores a draft and returns its id. What is wrong is Invalid by field: workshop,
// venue, date, starts, ends, capacity, reserved_seats, reserved_for, reserved_until, pricing, price, steps, least, payment_url, funding, opens, closes, series, new_series; an hour that the
// change of clocks skips or doubles is asked back on its field. A room, a person or a kit promised to a group
// then is Conflict, see Hindrance; for what else is in the way see Assent. Who cannot lead is Invalid on facilitator, a kit that does not
// exist on kit.
func (c *Catalog) CreateSession(ctx context.Context, actor account.Actor, key account.FormKey, r SessionRequest) (int64, error) {
	if err := mayManage(actor); err != nil {
		return 0, err
	}
	return c.create(ctx, key, func(tx *sqlite.Tx) (int64, error) {
		t := typed{}
		t.number("capacity", r.Capacity, 1, MaxCapacity)
		zone, err := placeOf(tx, t, r.WorkshopID, r.VenueID, 0)
		if err != nil {
			return 0, err
		}
		if err := checkFunding(tx, t, r.Funding, ""); err != nil {
			return 0, err
		}
		at := r.resolve(t, zone, tx.Now(), tx.Now())
		r := r // this may run again
		if err := noteClosed(tx, t, r.VenueID, at.starts); err != nil {
			return 0, err
		}
		kept := r.reservation(t, zone, at.starts, tx.Now(), Reservation{})
		if r.SeriesID, err = r.settleSeries(tx, actor, t); err != nil {
			return 0, err
		}
		t.pricing(&r.Pricing, r.PriceCents, r.SeriesID != 0)
		if err := r.joinSeriesPrice(tx, t, Session{}); err != nil {
			return 0, err
		}
		plan := Plan{VenueID: r.VenueID, From: at.starts, To: at.ends, Facilitators: r.Facilitators, Kits: r.Kits}
		if err := t.invalid(); err != nil {
			return 0, withObstacles(tx, err, plan)
		}
		if err := r.priceSeries(tx, actor); err != nil {
			return 0, err
		}
		id, err := insertDraft(tx, r, at, kept)
		if plan.Session = id; err != nil {
			return 0, withObstacles(tx, err, plan)
		}
		for _, user := range r.Facilitators {
			if _, _, err := leader(tx, user); err != nil {
				return 0, err
			}
			if err := assign(tx, actor, id, user); err != nil {
				return 0, err
			}
		}
		for _, u := range r.Kits {
			if err := takeKit(tx, actor, id, u); err != nil {
				return 0, err
			}
		}
		if err := AskTx(tx, r.Assent, id); err != nil {
			return 0, withObstacles(tx, err, plan)
		}
		return id, audit.Add(tx, actor.String(), "session.create", record("session", id), map[string]any{
			"workshop": r.WorkshopID, "venue": r.VenueID, "starts_at": sqlite.Time(at.starts), "series": r.SeriesID})
	})
}

// insertDraft makes a session that takes nothing a group was promised. Its id comes with a refusal too, for who looks at what is in its way.
func insertDraft(tx *sqlite.Tx, r SessionRequest, at times, kept Reservation) (int64, error) {
	id, err := insertSession(tx, r, at, Draft, kept)
	if err != nil {
		return 0, err
	}
	s, err := SessionTx(tx, id)
	if err != nil {
		return 0, err
	}
	if err := refuseOverfull(Session{}, s, s.Capacity); err != nil {
		return id, err
	}
	return id, refuseHindered(tx, s)
}

func insertSession(tx *sqlite.Tx, r SessionRequest, at times, status Status, kept Reservation) (int64, error) {
	if err := refuseClosed(tx, r.VenueID, at.starts); err != nil {
		return 0, err
	}
	res, err := tx.Exec(sqlInsertSession, r.WorkshopID, r.VenueID, sqlite.Time(at.starts), sqlite.Time(at.ends), r.Capacity,
		r.PriceCents, r.PaymentURL, string(status), sqlite.Time(at.opens), sqlite.Time(at.closes), sqlite.Time(tx.Now()), r.SeriesID, r.schedule,
		cmp.Or(string(r.Pricing.Way), string(PerSession)), r.Pricing.MinCents, writeSteps(r.Pricing.Steps),
		kept.Seats, kept.Partner, kept.until(), r.Funding)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// placeOf notes a workshop or a venue that does not exist and returns the time zone of the venue;
// that of home when there is none, so that the other fields can still be checked. The place of an organisation is none, but for
// the session that takes place there already.
func placeOf(tx *sqlite.Tx, t typed, workshopID, venueID, present int64) (*time.Location, error) {
	if _, err := scanWorkshop(tx.QueryRow(sqlWorkshopByID, workshopID)); errors.Is(err, sql.ErrNoRows) {
		t["workshop"] = fault.Message{Key: "catalog.session.workshop"}
	} else if err != nil {
		return nil, err
	}
	v, err := scanVenue(tx.QueryRow(sqlVenueByID, venueID))
	if errors.Is(err, sql.ErrNoRows) || err == nil && v.Unlisted && venueID != present {
		t["venue"] = fault.Message{Key: "catalog.session.venue"}
		return LoadZone(HomeZone)
	}
	if err != nil {
		return nil, err
	}
	return LoadZone(v.TimeZone)
}

// DuplicateSession copies a session to another day and returns the id of the copy: a draft with the
// same workshop, venue, series, wall-clock hours, capacity, price, payment link and funding, open from now until its
// start. Who leads it and its kits come along as far as they are free on that day: see LeftBehind. Seats kept for a partner do not: what was agreed is for one day. A private session, and a room promised to a group on that day, are Conflict; so is what a asks about, as "catalog.obstacles.ask_date". A wrong day, or one
// on which the hours do not exist or come twice, is Invalid on date.
func (c *Catalog) DuplicateSession(ctx context.Context, actor account.Actor, key account.FormKey, id int64, date string, a Assent) (int64, error) {
	if err := mayManage(actor); err != nil {
		return 0, err
	}
	return c.create(ctx, key, func(tx *sqlite.Tx) (int64, error) {
		old, err := SessionTx(tx, id)
		if err != nil {
			return 0, err
		}
		r := SessionRequest{WorkshopID: old.Workshop.ID, VenueID: old.Venue.ID, Date: date,
			Starts: old.StartsAt.Format(HourLayout), Ends: old.EndsAt.Format(HourLayout),
			Capacity: old.Capacity, PriceCents: old.PriceCents, Pricing: old.Pricing, PaymentURL: old.PaymentURL, Funding: old.Funding, SeriesID: old.Series.ID}
		if old.Private() { // a copy would be for everybody
			return 0, fault.New(fault.Conflict, "catalog.session.is_private")
		}
		t := typed{}
		at := r.resolve(t, old.StartsAt.Location(), tx.Now(), tx.Now())
		// There is one field on that form: what is wrong with an hour is wrong with the day.
		for _, field := range []string{"starts", "ends"} {
			if m, wrong := t[field]; wrong {
				delete(t, field)
				t["date"] = m
			}
		}
		if err := t.invalid(); err != nil {
			return 0, err
		}
		copied, err := insertDraft(tx, r, at, Reservation{})
		if err != nil {
			return 0, err
		}
		if err := takeAlong(tx, old, copied, at); err != nil {
			return 0, err
		}
		if err := AskTx(tx, a, copied); fault.Is(err, fault.Conflict, "catalog.obstacles.ask") {
			return 0, fault.Wrap(err, fault.Conflict, "catalog.obstacles.ask_date") // hour and place are those of the original
		} else if err != nil {
			return 0, err
		}
		return copied, audit.Add(tx, actor.String(), "session.duplicate", record("session", copied), map[string]any{"from": id})
	})
}

// takeAlong gives a copy those who lead a session and its kits, but who and what is not free then.
func takeAlong(tx *sqlite.Tx, old Session, copied int64, at times) error {
	leaders, err := idsOf(tx, sqlLedBy, old.ID)
	if err != nil {
		return err
	}
	for _, user := range leaders {
		_, _, err := leader(tx, user)
		if _, gone := fault.As(err); gone {
			continue
		}
		if err != nil {
			return err
		}
		found, err := Hindrances(tx, Plan{Session: copied, VenueID: old.Venue.ID, From: at.starts, To: at.ends, Facilitators: []int64{user}})
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(found, func(h Hindrance) bool { return h.What == HinderedPerson }) {
			if _, err := tx.Exec(sqlAssign, copied, user); err != nil {
				return err
			}
		}
	}
	kits, err := sessionKitsTx(tx, old.ID)
	if err != nil {
		return err
	}
	for _, kit := range kits {
		found, err := Hindrances(tx, Plan{Session: copied, VenueID: old.Venue.ID, From: at.starts, To: at.ends, Kits: []KitUse{{KitID: kit.ID, Copies: kit.Used}}})
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(found, func(h Hindrance) bool { return h.What == HinderedKit }) {
			if _, err := tx.Exec(sqlTakeKit, copied, kit.ID, kit.Used); err != nil {
				return err
			}
		}
	}
	return nil
}

const sqlLeftBehind = `
SELECT u.name FROM session_facilitators f JOIN users u ON u.id = f.user_id
 WHERE f.session_id = ?1 AND f.user_id NOT IN (SELECT user_id FROM session_facilitators WHERE session_id = ?2)
 UNION ALL
SELECT k.name FROM session_kits u JOIN kits k ON k.id = u.kit_id
 WHERE u.session_id = ?1 AND u.kit_id NOT IN (SELECT kit_id FROM session_kits WHERE session_id = ?2)`

// LeftBehind names who leads a session and the kits of it that a copy lacks: they were not free.
func (c *Catalog) LeftBehind(ctx context.Context, session, copied int64) (names []string, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		names, err = sqlite.Column[string](tx, sqlLeftBehind, session, copied)
		return err
	})
	return names, err
}
