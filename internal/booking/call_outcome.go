package booking

import (
	"context"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// CallOutcome is what somebody who called says.
type CallOutcome string

// What may come of a call. Accepted is a yes to what the call was about: the seat, or that they still come.
const (
	CallAccepted CallOutcome = "accepted"
	CallDeclined CallOutcome = "declined"
	CallTold     CallOutcome = "told"
	CallNoAnswer CallOutcome = "no_answer"
)

// Outcomes are what may come of a call about something.
func (a CallAbout) Outcomes() []CallOutcome {
	switch a {
	case CallMail, CallCancelled, CallMoved, CallGiven, CallDisowned:
		return []CallOutcome{CallTold, CallNoAnswer}
	}
	return []CallOutcome{CallAccepted, CallDeclined, CallNoAnswer}
}

// CallResult is what a call did, for who made it.
type CallResult string

// What calls do.
const (
	CallSeated CallResult = "seated" // they have a seat now
	CallKept   CallResult = "kept"   // no seat is free for them now; they keep their rank
	CallOff    CallResult = "off"    // they are off the list, and may join again
	CallComing CallResult = "coming" // they still come
	CallLeft   CallResult = "left"   // they left the list, or gave their seat back
	CallDone   CallResult = "done"   // nothing more to do
	CallSilent CallResult = "silent" // nobody answered
	// CallExcused: a child that has not come will not, and is excused.
	CallExcused CallResult = "excused"
)

// RecordCall keeps what came of the call that subject names, and does what follows from it, in one transaction: who
// accepts gets the seat, who declines leaves the list. A form sent twice gives the first result.
//
// Forbidden to all but staff, each under their own name; Invalid "calls.outcome" for an outcome that this call cannot have,
// and for a child that has not arrived: that is for attendance.Service.RecordNotArrived;
// Conflict "calls.over" when there is nothing left to call about: somebody else called, the family answered by itself, or
// it is too late.
func (s *Service) RecordCall(ctx context.Context, actor account.Actor, key account.FormKey, subject string, outcome CallOutcome) (CallResult, error) {
	if !actor.IsStaff() {
		return "", fault.New(fault.Forbidden, "error.forbidden")
	}
	var result string
	err := s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		result, _, err = account.Once(tx, key, func() (string, error) {
			did, err := s.recordCall(tx, actor, subject, outcome)
			return string(did), err
		})
		return err
	})
	return CallResult(result), err
}

func (s *Service) recordCall(tx *sqlite.Tx, actor account.Actor, subject string, outcome CallOutcome) (CallResult, error) {
	list, err := calls(tx)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(list, func(c Call) bool { return c.Subject == subject })
	if i < 0 {
		return "", fault.New(fault.Conflict, "calls.over")
	}
	c := list[i]
	if !slices.Contains(c.About.Outcomes(), outcome) || c.About == CallNotArrived { // what follows stands in the register
		return "", fault.New(fault.Invalid, "calls.outcome")
	}
	v, err := viewGroup(tx, c.groupID)
	if err != nil {
		return "", err
	}
	did := CallDone
	switch outcome {
	case CallAccepted:
		did, err = s.callAccepted(tx, actor, c, v)
	case CallDeclined:
		did, err = CallLeft, s.callDeclined(tx, actor, c, v)
	case CallNoAnswer:
		did = CallSilent
	}
	if err != nil {
		return "", err
	}
	return did, keepCall(tx, actor, v, subject, outcome)
}

const sqlKeepCall = `INSERT INTO calls (group_id, subject, outcome, at, by) VALUES (?, ?, ?, ?, ?)`

// keepCall keeps what came of a call.
func keepCall(tx *sqlite.Tx, actor account.Actor, v Group, subject string, outcome CallOutcome) error {
	kept, err := tx.Exec(sqlKeepCall, v.id, subject, string(outcome), sqlite.Time(tx.Now()), actor.MemberID())
	if err != nil {
		return err
	}
	id, err := kept.LastInsertId()
	if err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "booking.call", record("call", id), map[string]any{"reference": v.Reference, "outcome": string(outcome)})
}

// callAccepted does what a yes means.
func (s *Service) callAccepted(tx *sqlite.Tx, actor account.Actor, c Call, v Group) (CallResult, error) {
	switch c.About {
	case CallSeat:
		return CallSeated, giveTo(tx, actor, v, c.Bookings, "")
	case CallOffer:
		return CallSeated, s.accept(tx, actor, v, nil)
	case CallReminder:
		return CallComing, coming(tx, actor, v)
	}
	// The seat that they left unanswered has passed on; perhaps there is another one.
	if c.OffList {
		return CallOff, nil
	}
	ids := v.waitingAmong(c.Bookings)
	next, err := isNext(tx, v, len(ids))
	if err != nil || !next {
		return CallKept, err
	}
	return CallSeated, giveTo(tx, actor, v, ids, "")
}

// callDeclined does what a no means.
func (s *Service) callDeclined(tx *sqlite.Tx, actor account.Actor, c Call, v Group) error {
	switch c.About {
	case CallOffer:
		return decline(tx, actor, v)
	case CallReminder:
		return s.cancel(tx, actor, v, nil, "")
	}
	return leaveList(tx, actor, v, v.waitingAmong(c.Bookings))
}

// waitingAmong returns which bookings of the group wait, of some or, with nil, of all.
func (g Group) waitingAmong(bookings []int64) (ids []int64) {
	for _, c := range g.Children {
		if c.Status == "waiting" && (bookings == nil || slices.Contains(bookings, c.BookingID)) {
			ids = append(ids, c.BookingID)
		}
	}
	return ids
}

// leaveList takes waiting children off the list who said no by phone, as declining an offer does.
func leaveList(tx *sqlite.Tx, actor account.Actor, v Group, ids []int64) error {
	if len(ids) == 0 {
		return nil // they were off it
	}
	for _, id := range ids {
		if _, err := tx.Exec(sqlSetStatus, id, "declined", sqlite.Time(tx.Now())); err != nil {
			return err
		}
	}
	after, err := viewGroup(tx, v.id)
	if err != nil {
		return err
	}
	m := after.mail()
	m.Cancelled = v.names(ids)
	if err := send(tx, outbox.WaitingLeft, v, m); err != nil {
		return err
	}
	if err := tellOthers(tx, v, v.among(ids), "unlisted", v.Session); err != nil {
		return err
	}
	if err := audit.Add(tx, actor.String(), "booking.decline", record("session", v.Session.ID), map[string]any{"reference": v.Reference}); err != nil {
		return err
	}
	return offerFreeSeats(tx, v.Session.ID, nil)
}
