package booking

import (
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// WalkIn is a child who stands at the door of a session without a seat in it.
type WalkIn struct {
	SessionID int64
	Guardian  family.NewGuardian // an e-mail is not needed
	Child     family.NewChild
	// OverCapacity and OutOfAge are what whoever lets the child in has confirmed; Reason stays with the booking then, and
	// their name (domain, Capacity 1 and 6). Without Reason nothing is confirmed.
	OverCapacity, OutOfAge bool
	Reason                 string
}

// Fields of the questions that a walk-in may have to confirm.
const (
	FieldOverCapacity = "over_capacity"
	FieldOutOfAge     = "out_of_age"
)

// walkInFrom is how long before its start a session takes who comes without a seat: from then on no offer of it lives
// (domain, Waiting list 2), so that no seat is promised to somebody else.
const walkInFrom = 2 * time.Hour

// AddWalkIn gives a child who is there a seat, and returns its booking. A child of the same name and birth date who is in
// the session already leads to that booking, with known true (I3); one who waits gets its seat, and one who had given it
// up has it again. What is described of a known child's health is added to what its family wrote; that there is nothing
// counts only for a child nobody knew, since who says so at the door need not be its guardian. Whether actor may let
// children in is for the caller to say.
//
// The seat is taken even where the session is full, or families wait who come first, once that is confirmed: who stands at
// the door is not sent away by a program. Faults: NotFound; Gone for a session that is called off; Conflict
// "booking.walk_in_early" before two hours to the start; Conflict "booking.walk_in_confirm", with a question in Fields for
// each of FieldOverCapacity and FieldOutOfAge that has to be confirmed first; Forbidden where that needs a name and actor
// has none.
func (s *Service) AddWalkIn(tx *sqlite.Tx, actor account.Actor, w WalkIn) (bookingID int64, known bool, err error) {
	session, err := loadSession(tx, w.SessionID)
	if err != nil {
		return 0, false, err
	}
	switch {
	case session.Status == "cancelled":
		return 0, false, fault.New(fault.Gone, "booking.session_cancelled")
	case tx.Now().Before(session.StartsAt.Add(-walkInFrom)):
		return 0, false, fault.New(fault.Conflict, "booking.walk_in_early")
	}
	before, err := namesake(tx, session.ID, w.Child)
	if err != nil {
		return 0, false, err
	}
	known = before.id != 0
	if before.status == "offered" || before.status == "confirmed" {
		if before.status == "offered" {
			v, err := viewGroup(tx, before.group)
			if err != nil {
				return 0, false, err
			}
			if err := s.accept(tx, actor, v, nil); err != nil {
				return 0, false, err
			}
		}
		return before.id, true, before.addHealth(tx, actor, w.Child.Health)
	}
	over, err := w.confirm(tx, actor, session, before)
	if err != nil {
		return 0, false, err
	}
	switch {
	case before.status == "waiting":
		bookingID, err = before.id, seatWaiting(tx, actor, session, w, before, over)
	case before.marked:
		bookingID, err = before.id, seatBack(tx, before)
	case known:
		bookingID, err = s.seatAgain(tx, actor, w, before)
	default:
		bookingID, err = s.seatNew(tx, actor, w)
	}
	if err != nil {
		return 0, false, err
	}
	if err := before.addHealth(tx, actor, w.Child.Health); err != nil {
		return 0, false, err
	}
	details := map[string]any{"booking": bookingID, "known": known}
	if details["reference"], err = referenceOf(tx, bookingID); err != nil {
		return 0, false, err
	}
	if over {
		if _, err := tx.Exec(sqlOverride, bookingID, actor.MemberID(), w.Reason); err != nil {
			return 0, false, err
		}
		details["override"], details["taken"], details["capacity"] = true, session.Taken, session.Capacity
	}
	return bookingID, known, audit.Add(tx, actor.String(), "booking.walk_in", record("session", session.ID), details)
}

const sqlReferenceOf = `SELECT bg.reference FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id WHERE b.id = ?`

func referenceOf(tx *sqlite.Tx, bookingID int64) (reference string, err error) {
	err = tx.QueryRow(sqlReferenceOf, bookingID).Scan(&reference)
	return reference, err
}

// confirm asks what has to be confirmed before the child gets a seat. over is true where something was.
func (w WalkIn) confirm(tx *sqlite.Tx, actor account.Actor, session Session, before earlier) (over bool, err error) {
	questions := map[string]fault.Message{}
	full := session.free() <= 0
	passes := false
	if before.status == "waiting" {
		v, err := viewGroup(tx, before.group)
		if err != nil {
			return false, err
		}
		next, err := isNext(tx, v, 1)
		if err != nil {
			return false, err
		}
		passes = !next
	} else {
		open, err := openSeats(tx, session)
		if err != nil {
			return false, err
		}
		passes = open < 1
	}
	if full || passes {
		over = true
		switch {
		case w.OverCapacity && w.Reason != "":
		case full:
			questions[FieldOverCapacity] = fault.Message{Key: "booking.walk_in_full", Args: []any{session.Capacity, session.Taken + 1}}
		default:
			questions[FieldOverCapacity] = fault.Message{Key: "booking.walk_in_waited", Args: []any{session.Waiting}}
		}
	}
	if !fits(session, w.Child.BirthDate) {
		over = true
		if !w.OutOfAge || w.Reason == "" {
			questions[FieldOutOfAge] = fault.Message{Key: "booking.walk_in_age",
				Args: []any{family.AgeOn(w.Child.BirthDate, session.StartsAt), session.MinAge, session.MaxAge}}
		}
	}
	switch {
	case len(questions) > 0:
		return false, &fault.Error{Kind: fault.Conflict, Message: fault.Message{Key: "booking.walk_in_confirm"}, Fields: questions}
	case over && actor.MemberID() == 0:
		return false, fault.New(fault.Forbidden, "error.forbidden") // a reason needs a name
	}
	return over, nil
}

// earlier is what a child has, or had, in a session; id is 0 for nothing.
type earlier struct {
	id, group, child, guardian int64
	reference, email, status   string
	marked                     bool // it stands on the register: the child was marked
}

// What lives comes first, then what was last; a guardian who was erased has no booking to come back to.
const sqlNamesake = `
SELECT b.id, b.group_id, b.child_id, g.id, bg.reference, g.email, b.status,
       EXISTS (SELECT 1 FROM participants p JOIN marks m ON m.participant_id = p.id WHERE p.booking_id = b.id) AS marked
FROM children c JOIN bookings b ON b.child_id = c.id JOIN booking_groups bg ON bg.id = b.group_id JOIN guardians g ON g.id = bg.guardian_id
WHERE b.session_id = ? AND c.name_folded = ? AND c.birth_date = ? AND g.name <> ''
ORDER BY b.status IN ('waiting', 'offered', 'confirmed') DESC, b.status <> 'waiting' DESC, marked DESC, b.id DESC LIMIT 1`

// namesake returns the booking in a session of a child of the same name and birth date, whoever booked it. The team may see
// it, unlike a guest.
func namesake(tx *sqlite.Tx, sessionID int64, child family.NewChild) (e earlier, err error) {
	err = tx.QueryRow(sqlNamesake, sessionID, family.SortName(child.LastName, child.FirstName), child.BirthDate.Format(time.DateOnly)).
		Scan(&e.id, &e.group, &e.child, &e.guardian, &e.reference, &e.email, &e.status, &e.marked)
	if errors.Is(err, sql.ErrNoRows) {
		return earlier{}, nil
	}
	return e, err
}

// seatWaiting gives a child of the list its seat. Once the session is over that is no news for its family.
func seatWaiting(tx *sqlite.Tx, actor account.Actor, session Session, w WalkIn, e earlier, over bool) error {
	if !tx.Now().Before(session.EndsAt) {
		_, err := tx.Exec(sqlSetStatus, e.id, "confirmed", sqlite.Time(tx.Now()))
		return err
	}
	by := maker{actor: actor.String(), userID: actor.MemberID()}
	if over {
		by.reason = w.Reason
	}
	return give(tx, e.group, []int64{e.id}, by)
}

// addHealth adds to what a known family wrote of a child's health.
func (e earlier) addHealth(tx *sqlite.Tx, actor account.Actor, told family.Health) error {
	if e.id == 0 || told.State != family.HealthDescribed {
		return nil
	}
	if err := family.AddHealth(tx, e.child, e.guardian, told, family.HealthSpokenTextVersion); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "booking.health", record("booking", e.id), nil)
}

const sqlSeatBack = `
UPDATE bookings SET status = 'confirmed', cancelled_by = NULL, cancelled_at = NULL, ical_sequence = ical_sequence + 1, updated_at = ?2 WHERE id = ?1`

// seatBack confirms a booking again that was given up and stands on the register all the same: a second one would put the
// child there twice.
func seatBack(tx *sqlite.Tx, e earlier) error {
	if _, err := tx.Exec(sqlSeatBack, e.id, sqlite.Time(tx.Now())); err != nil {
		return err
	}
	v, err := viewGroup(tx, e.group)
	if err != nil {
		return err
	}
	if err := send(tx, outbox.WalkedIn, v, v.mail()); err != nil {
		return err
	}
	return tellOthers(tx, v, v.among([]int64{e.id}), "seated", v.Session)
}

// seatAgain books a child anew that has no seat any more, for the same guardian.
func (s *Service) seatAgain(tx *sqlite.Tx, actor account.Actor, w WalkIn, e earlier) (int64, error) {
	g := newGroup{sessionID: w.SessionID, guardianID: e.guardian, createdBy: actor.MemberID()}
	return insertWalkIn(tx, g, e.child, s.guestKey(w.SessionID, e.email, w.Child))
}

// seatNew books a child whom nobody knew. What was not asked at the door is asked afterwards.
func (s *Service) seatNew(tx *sqlite.Tx, actor account.Actor, w WalkIn) (int64, error) {
	guardianID, err := family.AddGuardian(tx, w.Guardian)
	if err != nil {
		return 0, err
	}
	childID, err := family.AddChild(tx, guardianID, w.Child)
	if err != nil {
		return 0, err
	}
	g := newGroup{sessionID: w.SessionID, guardianID: guardianID, createdBy: actor.MemberID(), toComplete: true}
	return insertWalkIn(tx, g, childID, s.guestKey(w.SessionID, w.Guardian.Email, w.Child))
}

// insertWalkIn books one child, tells its family where it has an address, and returns the booking.
func insertWalkIn(tx *sqlite.Tx, g newGroup, childID int64, guestKey []byte) (int64, error) {
	g.reference = account.NewReference("ADA")
	groupID, err := insertGroup(tx, g)
	if err != nil {
		return 0, err
	}
	if err := insertBooking(tx, groupID, g.sessionID, childID, "confirmed", guestKey); err != nil {
		return 0, err
	}
	v, err := viewGroup(tx, groupID)
	if err != nil {
		return 0, err
	}
	if err := send(tx, outbox.WalkedIn, v, v.mail()); err != nil {
		return 0, err
	}
	if err := tellOthersBooked(tx, v); err != nil {
		return 0, err
	}
	return v.Children[0].BookingID, nil
}
