package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Over is a choice of the team alone: all children have a seat, whatever the list and the capacity say.
const Over IfFull = "over"

// Reserved is a choice of the team alone: all children take seats that are kept for the partner of the session, theirs as soon as
// they are booked, whoever waits (domain, Capacity 8).
const Reserved IfFull = "reserved"

// BookFor is Book by the team, for a family that called, with an e-mail or without one (domain, Waiting list 9). It
// returns the reference of the new booking. As with a guest, a known address changes nothing of the family that it
// belongs to.
//
// The team may book before the opening instant and after the closing one, until the start: those are for who books
// without talking to anybody. It goes beyond the rules with a reason, which stays with the bookings that needed it and
// the name of who gave it: a child outside the ages of the session (Capacity 6), and Over, where there are fewer seats
// open than children (Capacity 1). An address has no limit here. Nobody joins a list that is closed.
//
// Faults: Forbidden to all but staff; NotFound; Gone for a session that is called off or has started; Conflict
// "booking.child_known", with the child and the reference, for one who is in the session already; Invalid, field
// "reason", where one is needed; Conflict "booking.reserved_few" where Reserved asks for more than are kept; Conflict "booking.full", "booking.some_places" and "booking.list_closed" as decide.
func (s *Service) BookFor(ctx context.Context, actor account.Actor, key account.FormKey, req Request, reason string) (reference string, err error) {
	if !actor.CanManage() {
		return "", fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		reference, _, err = account.Once(tx, key, func() (string, error) { return s.bookFor(tx, actor, req, knownRecord{}, reason) })
		return err
	})
	return reference, err
}

func (s *Service) bookFor(tx *sqlite.Tx, actor account.Actor, req Request, of knownRecord, reason string) (string, error) {
	session, err := loadSession(tx, req.SessionID)
	if err != nil {
		return "", err
	}
	if err := session.bookableFor(tx.Now()); err != nil {
		return "", err
	}
	t := taking{reference: account.NewReference("ADA"), session: session, guardian: req.Guardian, children: req.Children, of: of,
		wishes: Wishes{Together: req.Together, Unasked: req.Unasked}, over: make([]bool, len(req.Children))}
	for _, child := range req.Children {
		known, err := namesake(tx, session.ID, child)
		if err != nil {
			return "", err
		}
		if (Seat{Status: known.status}).Live() {
			return "", fault.New(fault.Conflict, "booking.child_known", child.FirstName, known.reference)
		}
		t.keys = append(t.keys, s.guestKey(session.ID, req.Guardian.Email, child))
	}
	open, err := openSeats(tx, session)
	if err != nil {
		return "", err
	}
	missing, err := t.decideFor(open, req.IfFull)
	if err != nil {
		return "", err
	}
	if !slices.Contains(t.over, true) {
		return t.reference, take(tx, actor, t)
	}
	if reason == "" {
		return "", fault.InvalidFields(map[string]fault.Message{"reason": missing})
	}
	if actor.MemberID() == 0 {
		return "", fault.New(fault.Forbidden, "error.forbidden") // a reason needs a name
	}
	t.override = reason
	if err := take(tx, actor, t); err != nil {
		return "", err
	}
	n := 0
	for _, over := range t.over {
		if over {
			n++
		}
	}
	return t.reference, audit.Add(tx, actor.String(), "booking.override", record("session", session.ID),
		map[string]any{"reference": t.reference, "seats": n, "taken": session.Taken, "capacity": session.Capacity})
}

// bookableFor says whether the team may book s at now. Gone: cancelled or begun.
func (s Session) bookableFor(now time.Time) error {
	switch {
	case s.Status == "cancelled":
		return fault.New(fault.Gone, "booking.session_cancelled")
	case !now.Before(s.StartsAt):
		return fault.New(fault.Gone, "booking.session_past")
	}
	return nil
}

// decideFor is decide for the team: it marks which children are beyond the rules, and says what a reason is missing for.
func (t *taking) decideFor(open int, choice IfFull) (missing fault.Message, err error) {
	if choice == Reserved {
		if t.session.Held < len(t.children) {
			return fault.Message{}, fault.New(fault.Conflict, "booking.reserved_few", t.session.Held)
		}
		t.confirmed, t.reserved = len(t.children), true
	} else if choice == Over && open < len(t.children) {
		t.confirmed = len(t.children)
		for i := open; i < len(t.children); i++ {
			t.over[i] = true
		}
		missing = fault.Message{Key: "booking.give_reason"}
	} else if t.confirmed, err = seat(t.session, len(t.children), open, choice); err != nil {
		return fault.Message{}, err
	}
	for i, child := range t.children {
		if !fits(t.session, child.BirthDate) {
			t.over[i] = true
			missing = fault.Message{Key: "booking.age_reason", Args: []any{t.session.MinAge, t.session.MaxAge}}
		}
	}
	return missing, nil
}

const sqlOverrideChild = `UPDATE bookings SET override_by = ?3, override_reason = ?4 WHERE group_id = ?1 AND child_id = ?2`

const sqlReservedChild = `UPDATE bookings SET reserved = 1 WHERE group_id = ? AND child_id = ?`

// AvailableFor is Available for the team, as BookFor books. Forbidden to all but staff.
func (s *Service) AvailableFor(ctx context.Context, actor account.Actor, sessionID int64) (session Session, open int, err error) {
	if !actor.CanManage() {
		return Session{}, 0, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if session, err = loadSession(tx, sessionID); err != nil {
			return err
		}
		if err := session.bookableFor(tx.Now()); err != nil {
			return err
		}
		open, err = openSeats(tx, session)
		return err
	})
	return session, open, err
}
