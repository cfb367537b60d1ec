package catalog

import (
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Obstacle is something in the way of a session as somebody is about to save it.
type Obstacle struct {
	Hindrance
	StartsAt time.Time // of the session that is saved, in its zone
	// Other is the session in the way; nil where there is none, as for somebody who leads no longer.
	Other *Session
}

// Obstacles is the cause of a Conflict about what stands in the way of sessions. With Token in Assent they are saved all the same; it
// is empty where that is not for people to judge.
type Obstacles struct {
	All   []Obstacle
	Token string
}

func (o *Obstacles) Error() string { return "obstacles" }

// Assent says whether whoever saves sessions is asked about what is in their way and for people to judge: a room or somebody who has
// another session of the programme then. The zero value is not: what comes from a file or a plan was looked at before.
type Assent struct {
	Asked bool
	Token string // of the Obstacles that they have seen; others are asked about anew
}

// AskTx refuses sessions as they have just been made or changed, and so are rolled back: as refuseHindered does, and, where a asks,
// with Conflict "catalog.obstacles.ask" and its cause Obstacles.
func AskTx(tx *sqlite.Tx, a Assent, ids ...int64) error {
	var all []Obstacle
	for _, id := range ids {
		s, err := SessionTx(tx, id)
		if err != nil {
			return err
		}
		if err := refuseHindered(tx, s); err != nil {
			return err
		}
		if !a.Asked {
			continue
		}
		found, err := hindrancesOf(tx, s)
		if err != nil {
			return err
		}
		if all, err = appendObstacles(tx, all, s, found); err != nil {
			return err
		}
	}
	o := &Obstacles{All: all}
	if o.Token = o.token(); len(all) == 0 || o.Token == a.Token {
		return nil
	}
	return fault.Wrap(o, fault.Conflict, "catalog.obstacles.ask")
}

// withObstacles adds to a refusal all that is in the way of the plan, so that whoever made it mends everything at once. Where its place, its
// time or its people are wrong themselves, nobody knows what is in its way.
func withObstacles(tx *sqlite.Tx, refusal error, p Plan) error {
	f, known := fault.As(refusal)
	if !known || f.Kind != fault.Invalid && f.Kind != fault.Conflict || !p.To.After(p.From) {
		return refusal
	}
	for _, field := range []string{"venue", "date", "starts", "ends", "facilitator", "kit"} {
		if _, wrong := f.Fields[field]; wrong {
			return refusal
		}
	}
	found, err := Hindrances(tx, p)
	if _, forged := fault.As(err); forged || err == nil && len(found) == 0 { // a kit or somebody that no list offers
		return refusal
	}
	if err != nil {
		return err
	}
	o := &Obstacles{}
	if o.All, err = appendObstacles(tx, nil, Session{ID: p.Session, StartsAt: p.From, EndsAt: p.To}, found); err != nil {
		return err
	}
	if !slices.ContainsFunc(found, Hindrance.firm) {
		o.Token = o.token()
	}
	return &fault.Error{Kind: f.Kind, Message: f.Message, Fields: f.Fields, Cause: o}
}

// token is the same for the same obstacles, whichever session a draft that is rolled back would have been.
func (o *Obstacles) token() string {
	var what []any
	for _, x := range o.All {
		what = append(what, x.What, x.Name, x.With, sqlite.Time(x.StartsAt))
	}
	return version(what)
}

const sqlKitElsewhere = `
SELECT o.id FROM session_kits k JOIN kits t ON t.id = k.kit_id JOIN sessions o ON o.id = k.session_id
 WHERE t.name = ?1 AND o.id <> ?2 AND o.status <> 'cancelled' AND o.starts_at < ?4 AND o.ends_at > ?3 ORDER BY o.starts_at, o.id LIMIT 1`

func appendObstacles(tx *sqlite.Tx, all []Obstacle, s Session, found []Hindrance) ([]Obstacle, error) {
	for _, h := range found {
		o := Obstacle{Hindrance: h, StartsAt: s.StartsAt}
		if h.What == HinderedKit {
			err := tx.QueryRow(sqlKitElsewhere, h.Name, s.ID, sqlite.Time(s.StartsAt), sqlite.Time(s.EndsAt)).Scan(&o.With)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return nil, err
			}
		}
		if o.With != 0 {
			other, err := SessionTx(tx, o.With)
			if err != nil {
				return nil, err
			}
			o.Other = &other
		}
		all = append(all, o)
	}
	return all, nil
}

// hindrancesOf returns what is in the way of a session as it is, with who leads it and its kits.
func hindrancesOf(tx *sqlite.Tx, s Session) ([]Hindrance, error) {
	p, err := planOf(tx, s)
	if err != nil {
		return nil, err
	}
	return Hindrances(tx, p)
}

// planOf is a session as it is, with who leads it and its kits.
func planOf(tx *sqlite.Tx, s Session) (p Plan, err error) {
	p = Plan{Session: s.ID, VenueID: s.Venue.ID, From: s.StartsAt, To: s.EndsAt}
	if p.Facilitators, err = idsOf(tx, sqlLedBy, s.ID); err != nil {
		return Plan{}, err
	}
	kits, err := sessionKitsTx(tx, s.ID)
	if err != nil {
		return Plan{}, err
	}
	for _, k := range kits {
		p.Kits = append(p.Kits, KitUse{KitID: k.ID, Copies: k.Used})
	}
	return p, nil
}

// refuseHindered refuses a change that has just been made to a session, and so is rolled back, where it promises a
// group what is taken, or takes what a group was promised; copies of kits are never exceeded. Two public sessions of one
// person or in one room are for people to judge: see AskTx and Clashes.
func refuseHindered(tx *sqlite.Tx, s Session) error {
	found, err := hindrancesOf(tx, s)
	if err != nil {
		return err
	}
	for _, h := range found {
		if !s.Private() && !h.firm() {
			continue
		}
		refusal := h.Refusal()
		all, err := appendObstacles(tx, nil, s, []Hindrance{h})
		if err != nil {
			return err
		}
		refusal.Cause = &Obstacles{All: all}
		return refusal
	}
	return nil
}
