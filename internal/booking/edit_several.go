package booking

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// SessionsChange is what becomes of several sessions at once. What is empty stays as it is in each of them.
type SessionsChange struct {
	Starts, Ends string // on the clock of the venue: 14:00; a start alone keeps how long each is
	VenueID      int64
	Capacity     int    // below 0 is refused
	Facilitator  int64  // leads them from now on, in place of whoever did
	Funding      string // who pays, as settings.Funding; NoFunding: nobody in particular
	Assent       catalog.Assent
	// Seen are the versions of the sessions that whoever asks has seen, by id; one without is changed whatever it is now.
	Seen map[int64]string
}

// nothing reports whether every session would stay as it is.
func (c SessionsChange) nothing() bool {
	return c.Starts+c.Ends+c.Funding == "" && c.VenueID == 0 && c.Capacity == 0 && c.Facilitator == 0
}

// NoFunding takes away who pays for several sessions.
const NoFunding = "-"

// EditSessions makes the same change to several sessions, all or none; each stays on its day. Families are told once per
// booking where theirs moves, and larger capacities offer seats to the lists. None chosen, or nothing to change, is Invalid on
// sessions. A capacity under the seats taken or kept for a partner is Invalid on capacity and names the sessions (domain, Capacity 5 and 8); whatever else
// EditSession refuses is refused in the same way, with the session named. Sessions that are no more as Seen says are Conflict
// "catalog.schedule.changed_meanwhile", which names them. What is in the way of any of them is asked about once, when all
// have changed: see catalog.Assent.
func (s *Service) EditSessions(ctx context.Context, actor account.Actor, key account.FormKey, ids []int64, change SessionsChange) error {
	if !actor.CanManage() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	switch {
	case len(ids) == 0:
		return invalid("sessions", fault.Message{Key: "catalog.schedule.none"})
	case change.nothing():
		return invalid("sessions", fault.Message{Key: "catalog.schedule.no_change"})
	case change.Capacity < 0:
		return invalid("capacity", fault.Message{Key: "catalog.number", Args: []any{1, catalog.MaxCapacity}})
	}
	return s.db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) { return "", editSessions(tx, actor, ids, change) })
		return err
	})
}

func invalid(field string, m fault.Message) error {
	return fault.InvalidFields(map[string]fault.Message{field: m})
}

func editSessions(tx *sqlite.Tx, actor account.Actor, ids []int64, change SessionsChange) error {
	var sessions []catalog.Session
	var full, overtaken []time.Time
	for _, id := range ids {
		v, err := catalog.SessionTx(tx, id)
		if err != nil {
			return err
		}
		if change.Capacity != 0 && change.Capacity < min(v.Capacity, v.Taken+v.Held) {
			full = append(full, v.StartsAt)
		}
		if seen := change.Seen[id]; seen != "" && seen != v.Version() {
			overtaken = append(overtaken, v.StartsAt)
		}
		sessions = append(sessions, v)
	}
	if len(overtaken) > 0 {
		return fault.New(fault.Conflict, "catalog.schedule.changed_meanwhile", overtaken)
	}
	if len(full) > 0 {
		return invalid("capacity", fault.Message{Key: "catalog.schedule.capacity_taken", Args: []any{full}})
	}
	for _, v := range sessions {
		r := v.Request()
		if change.Starts != "" {
			r.Starts = change.Starts
			// A session that moves is as long as it was, unless its end is said too.
			if starts, err := time.Parse(catalog.HourLayout, change.Starts); err == nil {
				r.Ends = starts.Add(v.EndsAt.Sub(v.StartsAt)).Format(catalog.HourLayout)
			}
		}
		if change.Ends != "" {
			r.Ends = change.Ends
		}
		if change.VenueID != 0 {
			r.VenueID = change.VenueID
		}
		if change.Capacity != 0 {
			r.Capacity = change.Capacity
		}
		switch change.Funding {
		case "":
		case NoFunding:
			r.Funding = ""
		default:
			r.Funding = change.Funding
		}
		if err := editLed(tx, actor, v.ID, r, change.Facilitator); err != nil {
			return named(v, err)
		}
	}
	if change.Starts == "" && change.Ends == "" && change.VenueID == 0 && change.Facilitator == 0 {
		return nil
	}
	return catalog.AskTx(tx, change.Assent, ids...)
}

// editLed edits a session and, unless facilitator is 0, makes them lead it alone. Whoever they replace is gone first: neither told
// of the new hour nor in its way. Who comes is told once, with the new hour.
func editLed(tx *sqlite.Tx, actor account.Actor, id int64, r catalog.SessionRequest, facilitator int64) error {
	if facilitator == 0 {
		return editSession(tx, actor, id, r)
	}
	if err := catalog.UnassignOthersTx(tx, actor, id, facilitator); err != nil {
		return err
	}
	if err := editSession(tx, actor, id, r); err != nil {
		return err
	}
	return catalog.LeadTx(tx, actor, id, facilitator)
}

// named says of a refusal which session it is about.
func named(v catalog.Session, err error) error {
	f, known := fault.As(err)
	switch {
	case known && len(f.Fields) > 0:
		fields := map[string]fault.Message{}
		for name, m := range f.Fields {
			fields[name] = fault.Message{Key: "catalog.schedule.hindered", Args: []any{v.StartsAt, m}}
		}
		return fault.InvalidFields(fields)
	case known && f.Kind == fault.Conflict:
		return fault.Wrap(err, fault.Conflict, "catalog.schedule.hindered", v.StartsAt, f.Message)
	}
	return err
}
