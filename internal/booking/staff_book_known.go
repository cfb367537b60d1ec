package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Caller is a family on the phone whose record the team has, as far as a booking needs it. Nothing of what is known about health.
type Caller struct {
	DeskFamily
	Kids []CallerChild // oldest first
}

// CallerChild is a child of it.
type CallerChild struct {
	ID                  int64
	FirstName, LastName string
	Birth               time.Time // midnight UTC of the day
	HealthToAsk         bool      // the question of health is open
	Reference           string    // of the booking by which the child is in the session already, or waits; else empty
}

const sqlCallerChildren = `
SELECT c.id, c.first_name, c.last_name, c.birth_date, c.health_state = 'to_ask',
       coalesce((SELECT bg.reference FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id
                 WHERE b.child_id = c.id AND b.session_id = ?2 AND b.status IN ('waiting', 'offered', 'confirmed')), '')
FROM guardianships x JOIN children c ON c.id = x.child_id WHERE x.guardian_id = ?1 AND c.name_folded <> '' ORDER BY c.birth_date, c.id`

// CallerFor returns the family of a guardian, to book it in a session by BookKnown. Forbidden to all but staff; NotFound for who is unknown or was erased.
func (s *Service) CallerFor(ctx context.Context, actor account.Actor, guardianID, sessionID int64) (caller Caller, err error) {
	if !actor.CanManage() {
		return Caller{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		caller = Caller{}
		if caller.DeskFamily, err = deskFamily(tx, guardianID); err != nil {
			return err
		}
		rows, err := tx.Query(sqlCallerChildren, guardianID, sessionID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c CallerChild
			var born string
			if err := rows.Scan(&c.ID, &c.FirstName, &c.LastName, &born, &c.HealthToAsk, &c.Reference); err != nil {
				return err
			}
			if c.Birth, err = time.Parse(time.DateOnly, born); err != nil {
				return err
			}
			caller.Kids = append(caller.Kids, c)
		}
		return rows.Err()
	})
	return caller, err
}

// KnownRequest is the wish of a family that called, of which the team has a record already: as Request, for that record.
type KnownRequest struct {
	SessionID, GuardianID int64
	Children              []KnownChild // at least one, each once
	IfFull                IfFull
	Together, Unasked     bool
}

// KnownChild is a child of the record, by id, or a new one.
type KnownChild struct {
	ID int64 // 0: New joins the family
	// New is how a new child is described. Of a known one only Health counts, as far as the question is still open: whatever else the family said holds.
	New family.NewChild
}

// BookKnown is BookFor for a family whose record the team has: its children keep their records, and so what the family paid before, a carnet too, pays what is booked
// now. Other guardians of the children learn of it.
//
// Faults: those of BookFor; NotFound also for a record that was erased or has joined another one, and for a child that is not of it; Conflict "booking.child_twice".
func (s *Service) BookKnown(ctx context.Context, actor account.Actor, key account.FormKey, req KnownRequest, reason string) (reference string, err error) {
	if !actor.CanManage() {
		return "", fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		reference, _, err = account.Once(tx, key, func() (string, error) { return s.bookKnown(tx, actor, req, reason) })
		return err
	})
	return reference, err
}

func (s *Service) bookKnown(tx *sqlite.Tx, actor account.Actor, req KnownRequest, reason string) (string, error) {
	f, err := deskFamily(tx, req.GuardianID)
	if err != nil {
		return "", err
	}
	asked := Request{SessionID: req.SessionID, IfFull: req.IfFull, Together: req.Together, Unasked: req.Unasked, Guardian: family.NewGuardian{
		Name: f.Name, Email: f.Email, Phone: f.Phone, EmergencyName: f.EmergencyName, EmergencyPhone: f.Emergency, Language: f.Language}}
	of := knownRecord{guardianID: f.ID}
	for _, c := range req.Children {
		if c.ID == 0 {
			if c.ID, err = family.Theirs(tx, f.ID, c.New); err != nil {
				return "", err
			}
		}
		if c.ID != 0 {
			if c.New, err = knownChild(tx, actor, f.ID, c); err != nil {
				return "", err
			}
			if slices.Contains(of.childIDs, c.ID) {
				return "", fault.New(fault.Conflict, "booking.child_twice")
			}
		}
		asked.Children, of.childIDs = append(asked.Children, c.New), append(of.childIDs, c.ID)
	}
	if err := family.ReviseGuardian(tx, f.ID, asked.Guardian); err != nil { // they were heard of
		return "", err
	}
	return s.bookFor(tx, actor, asked, of, reason)
}

// knownChild keeps what was said of the health of a child, as far as that is still open, and returns the child as its record has it.
func knownChild(tx *sqlite.Tx, actor account.Actor, guardianID int64, c KnownChild) (family.NewChild, error) {
	theirs, err := family.IsTheirs(tx, guardianID, c.ID)
	if err != nil {
		return family.NewChild{}, err
	}
	if !theirs {
		return family.NewChild{}, fault.New(fault.NotFound, "error.not_found")
	}
	if told := c.New.Health; told.State != "" && told.State != family.HealthToAsk {
		if err := family.AddHealth(tx, c.ID, guardianID, told, family.HealthSpokenTextVersion); err != nil {
			return family.NewChild{}, err
		}
		if err := family.TellOthers(tx, []family.Ward{{ChildID: c.ID, GuardianID: guardianID}}, outbox.ChildChange{What: "health"}, tx.Now()); err != nil {
			return family.NewChild{}, err
		}
		if err := audit.Add(tx, actor.String(), "family.revise_child", record("child", c.ID), map[string]any{"changed": []string{"health"}}); err != nil {
			return family.NewChild{}, err
		}
	}
	seat, err := readChild(tx, c.ID)
	return seat.asGuest(), err
}
