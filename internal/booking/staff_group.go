package booking

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// DeskGroup is one booking as the team's desk sees it: contacts, never health. Instants are in the venue's zone.
type DeskGroup struct {
	Group
	GuardianID int64
	Phone      string
	Language   string
	BookedAt   time.Time
	BookedBy   string   // the member of the team who booked for the family, by name; empty for the family itself
	Listed     []Listed // its children, in the order of Group.Children
	Links      []ListedLink
	Calls      []ListedCall // oldest first
	Steps      []Step       // oldest first
}

// Step is one thing that was done with a booking, as the audit noted it.
type Step struct {
	At     time.Time
	By     Author
	Name   string    // of a member of the team
	Action string    // book, join, offer, give, override, accept, decline, cancel, cancel_all, wishes, …
	Seats  int       // that were taken, offered, given or given up
	Places int       // places on the list that were taken or given up
	From   time.Time // of booking.move: when the session starts that was left
}

// Author is who did something with a booking.
type Author string

// The authors.
const (
	ByFamily  Author = "family"
	ByTeam    Author = "team"
	ByProgram Author = "program"
)

// DeskGroup returns one booking with everything that happened to it. Forbidden as in SessionBookings; NotFound for an
// unknown reference.
func (s *Service) DeskGroup(ctx context.Context, actor account.Actor, reference string) (g DeskGroup, err error) {
	if !mayReadLists(actor) {
		return DeskGroup{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		row, err := groupByReference(tx, reference)
		if err != nil {
			return notFound(err)
		}
		g, err = deskGroup(tx, row)
		return err
	})
	return g, err
}

const sqlDeskGroup = `
SELECT g.phone, g.language, bg.created_at, coalesce(u.name, '')
FROM booking_groups bg JOIN guardians g ON g.id = bg.guardian_id LEFT JOIN users u ON u.id = bg.created_by
WHERE bg.id = ?`

func deskGroup(tx *sqlite.Tx, row group) (g DeskGroup, err error) {
	if g.Group, err = viewGroup(tx, row.id); err != nil {
		return DeskGroup{}, err
	}
	g.GuardianID = g.guardianID
	zone := g.Session.StartsAt.Location()
	var booked string
	if err := tx.QueryRow(sqlDeskGroup, row.id).Scan(&g.Phone, &g.Language, &booked, &g.BookedBy); err != nil {
		return DeskGroup{}, err
	}
	if g.BookedAt, err = instant(booked, zone); err != nil {
		return DeskGroup{}, err
	}
	list, err := sessionList(tx, row.sessionID)
	if err != nil {
		return DeskGroup{}, err
	}
	for _, b := range list.Bookings {
		if b.Reference == row.reference {
			g.Listed = append(g.Listed, b)
		}
	}
	links, err := listedLinks(tx, row.sessionID)
	if err != nil {
		return DeskGroup{}, err
	}
	calls, err := listedCalls(tx, row.sessionID, zone)
	if err != nil {
		return DeskGroup{}, err
	}
	g.Links, g.Calls = links[row.reference], calls[row.reference]
	if g.Overlaps, err = overlaps(tx, g.Group); err != nil {
		return DeskGroup{}, err
	}
	g.Steps, err = steps(tx, row, booked, zone)
	return g, err
}

const sqlSteps = `
SELECT a.at, a.actor, a.action, a.details, coalesce(u.name, '')
FROM audit a LEFT JOIN users u ON a.actor = 'user:' || u.id
WHERE a.record IN (SELECT ?1 UNION ALL SELECT 'session:' || session_id FROM booking_groups WHERE moved_id = ?5) AND a.at >= ?2
  AND (a.details ->> '$.reference' = ?3 OR a.record = ?1 AND (a.details ->> '$.reference' = ?4 OR a.action IN ('booking.cancel_all', 'booking.restore_all')))
ORDER BY a.id`

const sqlMovedOn = `SELECT m.reference FROM booking_groups g JOIN booking_groups m ON m.id = g.moved_id WHERE g.id = ?`

// steps reads what the audit noted of a booking since it was made; what it left behind when it moved was known by the
// reference that moved on, and what moved was in the sessions of what it left behind.
func steps(tx *sqlite.Tx, row group, since string, zone *time.Location) ([]Step, error) {
	earlier := ""
	if err := tx.QueryRow(sqlMovedOn, row.id).Scan(&earlier); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	rows, err := tx.Query(sqlSteps, record("session", row.sessionID), since, row.reference, earlier, row.id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Step
	left := map[int]int64{} // session, by the step that left it
	for rows.Next() {
		var step Step
		var at, actor string
		var details []byte
		if err := rows.Scan(&at, &actor, &step.Action, &details, &step.Name); err != nil {
			return nil, err
		}
		if step.At, err = instant(at, zone); err != nil {
			return nil, err
		}
		var n struct {
			Seats, Confirmed, Waiting int
			Places                    int `json:"places_on_list"`
		}
		if err := json.Unmarshal(details, &n); err != nil {
			return nil, err
		}
		if step.Action == "booking.move" {
			var move struct{ From int64 }
			if err := json.Unmarshal(details, &move); err != nil {
				return nil, err
			}
			left[len(list)] = move.From
		}
		step.Seats, step.Places = n.Seats+n.Confirmed, n.Waiting+n.Places
		switch {
		case step.Name != "":
			step.By = ByTeam
		case actor == account.System().String() || actor == account.Command().String():
			step.By = ByProgram
		default:
			step.By = ByFamily
		}
		list = append(list, step)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i, id := range left {
		session, err := loadSession(tx, id)
		if err != nil {
			return nil, err
		}
		list[i].From = session.StartsAt
	}
	return list, nil
}

// ChoicesFor is SecondChoices for the team. Forbidden to all but staff.
func (s *Service) ChoicesFor(ctx context.Context, actor account.Actor, reference string) (choices []Choice, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		g, err := byReference(actor, reference)(tx)
		if err != nil {
			return err
		}
		v, err := viewGroup(tx, g.id)
		if err != nil {
			return err
		}
		choices, err = s.secondChoices(tx, v)
		return err
	})
	return choices, err
}

// SendLink mails a family the link to its booking again, with how it stands. Forbidden to all but staff; Conflict
// "booking.no_mail" for a family without e-mail, "booking.link_over" when nothing is left that the link would show.
func (s *Service) SendLink(ctx context.Context, actor account.Actor, key account.FormKey, reference string) error {
	return s.change(ctx, key, byReference(actor, reference), func(tx *sqlite.Tx, v Group) error {
		m := v.mail()
		switch {
		case v.GuardianEmail == "":
			return fault.New(fault.Conflict, "booking.no_mail")
		case len(m.Confirmed)+len(m.Waiting)+len(m.Offered) == 0 || !tx.Now().Before(v.Session.EndsAt):
			return fault.New(fault.Conflict, "booking.link_over")
		}
		if err := send(tx, outbox.BookingRepeated, v, m); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "booking.send_link", record("session", v.Session.ID), map[string]any{"reference": v.Reference})
	})
}
