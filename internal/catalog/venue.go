package catalog

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

// check cleans what was typed and says what is wrong, by the names of the form's fields: name,
// address, postcode, city, access, step_free, capacity, time_zone, closed_from.
func (v *Venue) check() error {
	t := typed{}
	t.line("name", &v.Name, true)
	t.line("address", &v.Address, true)
	t.line("postcode", &v.Postcode, true)
	if _, wrong := t["postcode"]; !wrong && !IsPostcode(v.Postcode) {
		t["postcode"] = fault.Message{Key: "catalog.venue.postcode"}
	}
	t.line("city", &v.City, true)
	t.text("access", &v.Access)
	switch v.StepFree {
	case StepFreeYes, StepFreeNo, StepFreeUnknown:
	default:
		t["step_free"] = fault.Message{Key: "catalog.venue.step_free"}
	}
	t.number("capacity", v.Capacity, 1, MaxCapacity)
	// "Local" would be the zone of the machine, which may change under the data.
	if _, err := LoadZone(v.TimeZone); err != nil || v.TimeZone == "" || v.TimeZone == "Local" {
		t["time_zone"] = fault.Message{Key: "catalog.venue.time_zone"}
	}
	if _, err := time.Parse(DateLayout, v.ClosedFrom); err != nil && v.ClosedFrom != "" {
		t["closed_from"] = fault.Message{Key: "catalog.date.format"}
	}
	return t.invalid()
}

// refuseClosed refuses, as Invalid on venue, what starts at a venue that is closed by then.
func refuseClosed(tx *sqlite.Tx, venueID int64, starts time.Time) error {
	v, err := venueTx(tx, venueID)
	if err != nil {
		return err
	}
	day, closed, err := v.closedBy(starts)
	if err != nil || !closed {
		return err
	}
	return fault.InvalidFields(map[string]fault.Message{"venue": {Key: "catalog.venue.closed", Args: []any{v.Name, day}}})
}

// noteClosed notes that the venue is closed by the instant at which something starts there; zero, and a place that does not exist, are noted elsewhere.
func noteClosed(tx *sqlite.Tx, t typed, venueID int64, starts time.Time) error {
	if _, wrong := t["venue"]; wrong || starts.IsZero() {
		return nil
	}
	err := refuseClosed(tx, venueID, starts)
	if f, known := fault.As(err); known && f.Kind == fault.Invalid {
		t["venue"] = f.Fields["venue"]
		return nil
	}
	return err
}

// closedBy reports whether the venue is closed by an instant, and since which day there.
func (v Venue) closedBy(at time.Time) (day time.Time, closed bool, err error) {
	if v.ClosedFrom == "" {
		return time.Time{}, false, nil
	}
	zone, err := LoadZone(v.TimeZone)
	if err != nil || at.In(zone).Format(DateLayout) < v.ClosedFrom {
		return time.Time{}, false, err
	}
	day, err = time.ParseInLocation(DateLayout, v.ClosedFrom, zone)
	return day, true, err
}

// IsPostcode reports whether s is a French postcode: five digits.
func IsPostcode(s string) bool {
	if len(s) != 5 {
		return false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

const sqlInsertVenue = `
INSERT INTO venues (name, address, postcode, city, access, step_free, capacity, time_zone, created_at, updated_at, closed_from)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)
ON CONFLICT (name, postcode) DO UPDATE
   SET listed = 1, address = ?2, city = ?4, access = ?5, step_free = ?6, capacity = ?7, updated_at = ?9, closed_from = ?10
 WHERE listed = 0
RETURNING id`

// CreateVenue stores a venue and returns its id; v.ID is ignored. What is wrong is Invalid by
// field; a name that the postcode has already is Invalid on name. The place of an organisation, which no list shows,
// becomes a venue of the programme instead.
func (c *Catalog) CreateVenue(ctx context.Context, actor account.Actor, key account.FormKey, v Venue) (int64, error) {
	if err := mayManage(actor); err != nil {
		return 0, err
	}
	if err := v.check(); err != nil {
		return 0, err
	}
	return c.create(ctx, key, func(tx *sqlite.Tx) (int64, error) {
		id, err := insertVenue(tx, actor, v)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, fault.InvalidFields(map[string]fault.Message{"name": {Key: "catalog.venue.exists"}})
		}
		return id, err
	})
}

// insertVenue stores a checked venue; sql.ErrNoRows when its name and postcode are listed already.
func insertVenue(tx *sqlite.Tx, actor account.Actor, v Venue) (int64, error) {
	var id int64
	if err := tx.QueryRow(sqlInsertVenue, v.Name, v.Address, v.Postcode, v.City, v.Access, v.StepFree, v.Capacity, v.TimeZone,
		sqlite.Time(tx.Now()), v.ClosedFrom).Scan(&id); err != nil {
		return 0, err
	}
	return id, audit.Add(tx, actor.String(), "venue.create", record("venue", id), nil)
}

const sqlUpdateVenue = `
UPDATE OR IGNORE venues SET name = ?2, address = ?3, postcode = ?4, city = ?5, access = ?6, step_free = ?7,
       capacity = ?8, updated_at = ?9, closed_from = ?10
 WHERE id = ?1`

// A place that moves changes the calendar entries of all that is to come there.
const sqlVenueMoved = `
UPDATE sessions SET ical_sequence = ical_sequence + 1, updated_at = ?2 WHERE venue_id = ?1 AND starts_at > ?2`

// EditVenue replaces every field of the venue v.ID but its time zone, which would move the hours
// of its sessions. Another name or address raises the iCalendar sequence of its coming sessions. seen is as in
// EditWorkshop. An unknown id is NotFound; the rest is as in CreateVenue.
func (c *Catalog) EditVenue(ctx context.Context, actor account.Actor, key account.FormKey, v Venue, seen string) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		old, err := scanVenue(tx.QueryRow(sqlVenueByID, v.ID))
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "catalog.venue.not_found")
		}
		if err != nil {
			return err
		}
		if err := unchanged(seen, old.Version()); err != nil {
			return err
		}
		v := v
		v.TimeZone, v.Unlisted = old.TimeZone, old.Unlisted
		if err := v.check(); err != nil {
			return err
		}
		res, err := tx.Exec(sqlUpdateVenue, v.ID, v.Name, v.Address, v.Postcode, v.City, v.Access, v.StepFree, v.Capacity,
			sqlite.Time(tx.Now()), v.ClosedFrom)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return fault.InvalidFields(map[string]fault.Message{"name": {Key: "catalog.venue.exists"}})
		}
		if v.Name != old.Name || v.Address != old.Address || v.Postcode != old.Postcode || v.City != old.City {
			if _, err := tx.Exec(sqlVenueMoved, v.ID, sqlite.Time(tx.Now())); err != nil {
				return err
			}
		}
		return audit.Add(tx, actor.String(), "venue.edit", record("venue", v.ID), changes{
			"name": {old.Name, v.Name}, "address": {old.Address, v.Address}, "postcode": {old.Postcode, v.Postcode},
			"city": {old.City, v.City}, "step_free": {old.StepFree, v.StepFree}, "capacity": {old.Capacity, v.Capacity}, "closed_from": {old.ClosedFrom, v.ClosedFrom},
		}.details())
	})
}

const sqlVenueByID = `
SELECT id, name, address, postcode, city, access, step_free, capacity, time_zone, listed = 0, closed_from FROM venues WHERE id = ?`

const sqlVenues = `
SELECT id, name, address, postcode, city, access, step_free, capacity, time_zone, listed = 0, closed_from FROM venues
 WHERE listed = 1 ORDER BY city, name, id`

// Venue returns one venue; an unknown id is NotFound.
func (c *Catalog) Venue(ctx context.Context, id int64) (Venue, error) {
	var v Venue
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		v, err = venueTx(tx, id)
		return err
	})
	return v, err
}

func venueTx(tx *sqlite.Tx, id int64) (Venue, error) {
	v, err := scanVenue(tx.QueryRow(sqlVenueByID, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "catalog.venue.not_found")
	}
	return v, err
}

// Venues returns the venues of the programme, by city and name: not the places of organisations.
func (c *Catalog) Venues(ctx context.Context) ([]Venue, error) {
	var all []Venue
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlVenues)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			v, err := scanVenue(rows)
			if err != nil {
				return err
			}
			all = append(all, v)
		}
		return rows.Err()
	})
	return all, err
}

func scanVenue(row scanner) (Venue, error) {
	var v Venue
	err := row.Scan(&v.ID, &v.Name, &v.Address, &v.Postcode, &v.City, &v.Access, &v.StepFree, &v.Capacity, &v.TimeZone, &v.Unlisted, &v.ClosedFrom)
	return v, err
}
