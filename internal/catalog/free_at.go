package catalog

import (
	"database/sql"
	"errors"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlBusy = `
SELECT o.starts_at, o.ends_at, 0 FROM session_facilitators f JOIN sessions o ON o.id = f.session_id
 WHERE f.user_id = ?1 AND o.status <> 'cancelled' AND o.starts_at < ?3 AND o.ends_at > ?2`

const sqlWhereBusy = `
SELECT w.title, coalesce((SELECT g.name FROM group_requests r JOIN organisations g ON g.id = r.organisation_id WHERE r.id = o.request_id), v.name)
  FROM session_facilitators f JOIN sessions o ON o.id = f.session_id JOIN workshops w ON w.id = o.workshop_id JOIN venues v ON v.id = o.venue_id
 WHERE f.user_id = ?1 AND o.status <> 'cancelled' AND o.starts_at < ?3 AND o.ends_at > ?2 ORDER BY o.starts_at LIMIT 1`

// At is who and what is free at a time, for the team.
type At struct {
	Period
	People []PersonAt // available first, busy last
	Kits   []KitAt
	Rooms  []RoomTaken
}

// PersonAt is how somebody stands at a time.
type PersonAt struct {
	Facilitator
	Standing Standing
	// Doing is what keeps them where they are busy: the workshop, and where or for whom.
	Doing, Where string
}

// KitAt is a kit with the copies that are free all along.
type KitAt struct {
	Kit
	Free int
}

// RoomTaken is one of our venues where something takes place at that time.
type RoomTaken struct {
	VenueID     int64
	Venue, What string
}

// standings in the order in which people look for somebody.
var standingOrder = []Standing{Available, Unsaid, Unavailable, Absent, Busy}

const sqlRoomsTaken = `
SELECT v.id, v.name, w.title FROM sessions o JOIN venues v ON v.id = o.venue_id JOIN workshops w ON w.id = o.workshop_id
 WHERE v.listed = 1 AND o.status <> 'cancelled' AND o.starts_at < ?2 AND o.ends_at > ?1 ORDER BY v.name, o.starts_at`

// FreeAtTx returns who and what is free during a period: everybody who can lead, every kit that has copies, and the venues of
// the programme that are taken.
func FreeAtTx(tx *sqlite.Tx, p Period) (At, error) {
	zone, err := LoadZone(HomeZone)
	if err != nil {
		return At{}, err
	}
	at := At{Period: p}
	people, err := peopleTx(tx, sqlAssignable)
	if err != nil {
		return At{}, err
	}
	from, to := sqlite.Time(p.From), sqlite.Time(p.To)
	for _, f := range people {
		weekly, err := weeklyTx(tx, f.ID)
		if err != nil {
			return At{}, err
		}
		absences, err := absencesTx(tx, f.ID, p.From)
		if err != nil {
			return At{}, err
		}
		busy, err := kitUses(tx, sqlBusy, f.ID, from, to)
		if err != nil {
			return At{}, err
		}
		var periods []Period
		for _, u := range busy {
			periods = append(periods, Period{u.from, u.to})
		}
		person := PersonAt{Facilitator: f, Standing: availableAt(weekly, absences, periods, p.From.In(zone), p.To.In(zone))}
		if person.Standing == Busy {
			if err := tx.QueryRow(sqlWhereBusy, f.ID, from, to).Scan(&person.Doing, &person.Where); err != nil && !errors.Is(err, sql.ErrNoRows) {
				return At{}, err
			}
		}
		at.People = append(at.People, person)
	}
	slices.SortStableFunc(at.People, func(a, b PersonAt) int {
		return slices.Index(standingOrder, a.Standing) - slices.Index(standingOrder, b.Standing)
	})
	kits, err := kitsTx(tx)
	if err != nil {
		return At{}, err
	}
	for _, k := range kits {
		if k.Copies == 0 {
			continue
		}
		free, err := copiesFree(tx, k, p.From, p.To)
		if err != nil {
			return At{}, err
		}
		at.Kits = append(at.Kits, KitAt{k, free})
	}
	at.Rooms, err = roomsTaken(tx, from, to)
	return at, err
}

func roomsTaken(tx *sqlite.Tx, from, to string) ([]RoomTaken, error) {
	rows, err := tx.Query(sqlRoomsTaken, from, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []RoomTaken
	for rows.Next() {
		var r RoomTaken
		if err := rows.Scan(&r.VenueID, &r.Venue, &r.What); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}
