package catalog

import (
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Plan is a session as it would take place: where and when, who leads it, with which kits.
type Plan struct {
	// Session is the session itself where it exists already, and so does not hinder itself; 0: it does not.
	Session      int64
	VenueID      int64
	From, To     time.Time
	Facilitators []int64
	Kits         []KitUse
}

// Hindered is what stands in the way of a plan.
type Hindered string

// What can stand in the way.
const (
	HinderedPerson Hindered = "person" // leads something else at that time, or leads no longer at all
	HinderedKit    Hindered = "kit"    // every copy is used at that time
	HinderedRoom   Hindered = "room"   // another session takes place there at that time
	HinderedClosed Hindered = "closed" // the venue is closed by then
)

// Hindrance is one thing that keeps a plan from taking place. Sessions of any kind count until they are cancelled,
// drafts too: whoever made one holds who and what it needs.
type Hindrance struct {
	What Hindered
	Name string // of the person, the kit or the venue
	// With is the session in the way; 0 where there is no single one.
	With int64
	// Private tells that With is for a group request.
	Private bool
}

// Refusal is the hindrance as a Conflict, in words for the team.
func (h Hindrance) Refusal() *fault.Error {
	return fault.New(fault.Conflict, "catalog.hindered."+string(h.What), h.Name)
}

// firm reports whether the hindrance is no matter of opinion, also for a session of the programme: copies of kits that there
// are not, a venue that is closed by then, and what was promised to a group.
func (h Hindrance) firm() bool { return h.What == HinderedKit || h.What == HinderedClosed || h.Private }

// Hindrances returns all that keeps a plan from taking place, none when it can: people first, then kits, then the room,
// then whether it is closed by then: that keeps no session from staying that is there already.
// It must run in the transaction that acts on the answer. A person who does not exist is Invalid on facilitator, a kit
// NotFound. The place of an organisation is never taken: it may have two
// classrooms. The rule that no group is promised what another has is domain, Schools 2.
func Hindrances(tx *sqlite.Tx, p Plan) ([]Hindrance, error) {
	var all []Hindrance
	for _, look := range []func(*sqlite.Tx, Plan) ([]Hindrance, error){hinderedPeople, hinderedKits, hinderedRoom, hinderedClosed} {
		found, err := look(tx, p)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

const sqlHinderedPerson = `
SELECT o.id, o.request_id IS NOT NULL FROM session_facilitators f JOIN sessions o ON o.id = f.session_id
 WHERE f.user_id = ?1 AND o.id <> ?2 AND o.status <> 'cancelled' AND o.starts_at < ?4 AND o.ends_at > ?3
 ORDER BY o.request_id IS NULL, o.starts_at LIMIT 1`

const sqlPersonName = `SELECT name, disabled_at IS NULL AND role IN ('facilitator', 'staff', 'admin') FROM users WHERE id = ?`

// hinderedPeople names, for each person, one session in the way; a private one if there is any.
func hinderedPeople(tx *sqlite.Tx, p Plan) ([]Hindrance, error) {
	var all []Hindrance
	for _, user := range p.Facilitators {
		h := Hindrance{What: HinderedPerson}
		var leads bool
		err := tx.QueryRow(sqlPersonName, user).Scan(&h.Name, &leads)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, fault.InvalidFields(map[string]fault.Message{"facilitator": {Key: "catalog.facilitator.cannot_lead"}})
		}
		if err != nil {
			return nil, err
		}
		err = tx.QueryRow(sqlHinderedPerson, user, p.Session, sqlite.Time(p.From), sqlite.Time(p.To)).Scan(&h.With, &h.Private)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		if err == nil || !leads {
			all = append(all, h)
		}
	}
	return all, nil
}

func hinderedClosed(tx *sqlite.Tx, p Plan) ([]Hindrance, error) {
	if p.Session != 0 {
		return nil, nil
	}
	v, err := venueTx(tx, p.VenueID)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil // which who plans is told of the venue itself
	}
	if err != nil {
		return nil, err
	}
	if _, closed, err := v.closedBy(p.From); err != nil || !closed {
		return nil, err
	}
	return []Hindrance{{What: HinderedClosed, Name: v.Name}}, nil
}

const sqlHinderedKit = `
SELECT o.starts_at, o.ends_at, k.copies FROM session_kits k JOIN sessions o ON o.id = k.session_id
 WHERE k.kit_id = ?1 AND o.id <> ?2 AND o.status <> 'cancelled' AND o.starts_at < ?4 AND o.ends_at > ?3`

// hinderedKits counts the copies at the busiest moment of the plan.
func hinderedKits(tx *sqlite.Tx, p Plan) ([]Hindrance, error) {
	var all []Hindrance
	for _, need := range p.Kits {
		kit, err := kitTx(tx, need.KitID)
		if err != nil {
			return nil, err
		}
		used, err := kitUses(tx, sqlHinderedKit, need.KitID, p.Session, sqlite.Time(p.From), sqlite.Time(p.To))
		if err != nil {
			return nil, err
		}
		if busiest(used, p.From, p.To)+need.Copies > kit.Copies {
			all = append(all, Hindrance{What: HinderedKit, Name: kit.Name})
		}
	}
	return all, nil
}

// kitUses reads rows of a start, an end and a number of copies.
func kitUses(tx *sqlite.Tx, query string, args ...any) ([]use, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []use
	for rows.Next() {
		var u use
		var from, to string
		if err := rows.Scan(&from, &to, &u.copies); err != nil {
			return nil, err
		}
		if u.from, err = sqlite.ParseTime(from); err != nil {
			return nil, err
		}
		if u.to, err = sqlite.ParseTime(to); err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, rows.Err()
}

// use is copies of a kit that are away from one instant to another.
type use struct {
	from, to time.Time
	copies   int
}

// busiest returns how many copies are used at once, at most, between from and to. Two uses that follow each other share
// a copy.
func busiest(used []use, from, to time.Time) int {
	most := 0
	at := []time.Time{from}
	for _, u := range used {
		if u.from.After(from) && u.from.Before(to) {
			at = append(at, u.from)
		}
	}
	for _, t := range at {
		n := 0
		for _, u := range used {
			if !u.from.After(t) && u.to.After(t) {
				n += u.copies
			}
		}
		most = max(most, n)
	}
	return most
}

const sqlHinderedRoom = `
SELECT v.name, o.id, o.request_id IS NOT NULL FROM venues v JOIN sessions o ON o.venue_id = v.id
 WHERE v.id = ?1 AND v.listed = 1 AND o.id <> ?2 AND o.status <> 'cancelled' AND o.starts_at < ?4 AND o.ends_at > ?3
 ORDER BY o.request_id IS NULL, o.starts_at LIMIT 1`

// hinderedRoom names one session in the way; a private one if there is any.
func hinderedRoom(tx *sqlite.Tx, p Plan) ([]Hindrance, error) {
	h := Hindrance{What: HinderedRoom}
	err := tx.QueryRow(sqlHinderedRoom, p.VenueID, p.Session, sqlite.Time(p.From), sqlite.Time(p.To)).Scan(&h.Name, &h.With, &h.Private)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return []Hindrance{h}, err
}

const sqlLedBy = `SELECT user_id FROM session_facilitators WHERE session_id = ?`
