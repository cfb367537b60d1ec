package booking

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// JoinRequest is where the children of a booking go as well, or again.
type JoinRequest struct {
	SessionID int64
	Wishes    Wishes // while waiting
	// Seats is how many seats the family was told that it gets; nobody is put on a list who expects a seat.
	Seats int
}

// Join books the children of a booking in another session of its workshop, or in its own again. What was typed once is
// not asked again. It returns the reference of the new booking; the mail tells it too.
//
//   - Another session: a second choice of the children who wait here. It is an ordinary place with its own time of joining;
//     where seats are free they are simply booked (domain, Waiting list 1 and 8).
//   - The same session: the way back for the children who left, declined or did not answer, at the end of the list.
//
// Faults: NotFound (no such session, or one of another workshop), Conflict "booking.join_nobody" (no child to join
// with), Conflict "booking.join_fewer" (less than r.Seats is left), Conflict "booking.join_mail" (the mailbox was proved, and the
// link is not a mailed one: a stranger may have it, and would learn where the family's child is), and those of Book but booking.full and booking.some_places, and for the team booking.too_many: to join is to agree to wait.
func (s *Service) Join(ctx context.Context, actor account.Actor, key account.FormKey, link Link, r JoinRequest) (reference string, err error) {
	return s.changeTo(ctx, key, s.byLink(link), func(tx *sqlite.Tx, v Group) (string, error) {
		if v.Proved && !v.Trusted {
			return "", fault.New(fault.Conflict, "booking.join_mail")
		}
		return s.join(tx, actor, v, r)
	})
}

// JoinFor is Join by the team, for a family that said so by phone. Forbidden to all but staff.
func (s *Service) JoinFor(ctx context.Context, actor account.Actor, key account.FormKey, reference string, r JoinRequest) (string, error) {
	return s.changeTo(ctx, key, byReference(actor, reference), func(tx *sqlite.Tx, v Group) (string, error) { return s.join(tx, actor, v, r) })
}

func (s *Service) join(tx *sqlite.Tx, actor account.Actor, v Group, r JoinRequest) (string, error) {
	session, err := loadSession(tx, r.SessionID)
	if err != nil {
		return "", err
	}
	if session.WorkshopID != v.Session.WorkshopID {
		return "", fault.New(fault.NotFound, "error.not_found")
	}
	children, err := s.joining(tx, v, session.ID)
	if err != nil {
		return "", err
	}
	if len(children) == 0 {
		return "", fault.New(fault.Conflict, "booking.join_nobody")
	}
	open, err := openSeats(tx, session)
	if err != nil {
		return "", err
	}
	choice := Wait
	if open > 0 && !r.Wishes.Together {
		choice = Split
	}
	births := make([]time.Time, len(children))
	for i, c := range children {
		births[i] = c.Birth
	}
	confirmed, err := decide(session, births, open, choice, tx.Now())
	if err != nil {
		return "", err
	}
	if confirmed < r.Seats {
		return "", fault.New(fault.Conflict, "booking.join_fewer")
	}
	if !v.Proved && !actor.CanManage() { // the team knows whom it has on the phone
		if err := checkCap(tx, v.GuardianEmail, len(children)); err != nil {
			return "", err
		}
	}
	return s.insertJoined(tx, actor, v, r, session, children, confirmed)
}

// joining returns the children of a booking who may join a session: who waits and has no live booking there, or, in
// their own session, who left. An erased family joins nothing.
func (s *Service) joining(tx *sqlite.Tx, v Group, sessionID int64) (children []Seat, err error) {
	if v.GuardianName == "" {
		return nil, nil
	}
	for _, c := range v.Children {
		if again := sessionID == v.Session.ID; again && c.Live() || !again && c.Status != "waiting" && c.Status != "offered" {
			continue
		}
		live, err := s.hasLive(tx, v, c, sessionID)
		if err != nil {
			return nil, err
		}
		if !live {
			children = append(children, c)
		}
	}
	return children, nil
}

const sqlLiveChild = `
SELECT count(*) FROM bookings WHERE child_id = ? AND session_id = ? AND status IN ('waiting', 'offered', 'confirmed')`

// hasLive reports whether a child of a booking is in a session already, by its row or as a guest.
func (s *Service) hasLive(tx *sqlite.Tx, v Group, c Seat, sessionID int64) (bool, error) {
	var n int
	if err := tx.QueryRow(sqlLiveChild, c.ChildID, sessionID).Scan(&n); err != nil || n > 0 {
		return n > 0, err
	}
	first, err := liveGuest(tx, s.guestKey(sessionID, v.GuardianEmail, c.asGuest()))
	return first != 0, err
}

// asGuest is the child as guestKey tells it from others.
func (c Seat) asGuest() family.NewChild {
	return family.NewChild{FirstName: c.FirstName, LastName: c.LastName, BirthDate: c.Birth}
}

func (s *Service) insertJoined(tx *sqlite.Tx, actor account.Actor, v Group, r JoinRequest, session Session, children []Seat, confirmed int) (string, error) {
	// Who comes back keeps what was linked: the other lists are still the same children's.
	g := newGroup{reference: account.NewReference("ADA"), sessionID: session.ID, guardianID: v.guardianID, firstID: v.firstID, createdBy: actor.MemberID()}
	if session.Pricing.Way == catalog.Chosen { // what a seat cost before its price changed is for that seat alone
		g.price = v.SeatPriceIn(session)
	}
	if confirmed < len(children) {
		g.wishes = r.Wishes
	}
	if !v.ViaMail && actor.MemberID() == 0 {
		g.youngEmail = v.young // who has booked for themselves does so again; who calls the team is a guardian
	}
	groupID, err := insertGroup(tx, g)
	if err != nil {
		return "", err
	}
	for i, c := range children {
		status := "waiting"
		if i < confirmed {
			status = "confirmed"
		}
		if err := insertBooking(tx, groupID, session.ID, c.ChildID, status, s.guestKey(session.ID, v.GuardianEmail, c.asGuest())); err != nil {
			return "", err
		}
	}
	after, err := viewGroup(tx, groupID)
	if err != nil {
		return "", err
	}
	m, kind := after.firstMail(), outbox.WaitingJoined
	if confirmed > 0 {
		kind = outbox.BookingConfirmed
	}
	if m.Also, err = stillWaiting(tx, after); err != nil {
		return "", err
	}
	if err := send(tx, kind, after, m); err != nil {
		return "", err
	}
	if err := tellOthersBooked(tx, after); err != nil {
		return "", err
	}
	if err := audit.Add(tx, actor.String(), "booking.join", record("session", session.ID),
		map[string]any{"reference": g.reference, "from": v.Reference, "confirmed": confirmed, "waiting": len(children) - confirmed}); err != nil {
		return "", err
	}
	if confirmed == len(children) {
		return g.reference, nil
	}
	return g.reference, offerFreeSeats(tx, session.ID, nil)
}

// Choice is a session that a family which waits may join as well.
type Choice struct {
	Session Session
	Open    int // seats that it would simply get
}

// choicesShown is how many second choices are offered: the next ones.
const choicesShown = 6

const sqlOtherSessions = `
SELECT id FROM sessions
WHERE workshop_id = ? AND id <> ? AND status = 'published' AND request_id IS NULL AND opens_at <= ?3 AND closes_at > ?3 AND starts_at > ?3
ORDER BY starts_at, id`

// SecondChoices returns the next sessions of the same workshop that all children who wait in the booking behind link may
// join: open to booking, of their age, and where none of them is already; none when nobody waits, or where Join refuses the link.
func (s *Service) SecondChoices(ctx context.Context, link Link) (choices []Choice, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		g, err := s.open(tx, link)
		if err != nil {
			return err
		}
		v, err := viewGroup(tx, g.id)
		if err != nil || v.Proved && !g.trusted {
			return err
		}
		choices, err = s.secondChoices(tx, v)
		return err
	})
	return choices, err
}

func (s *Service) secondChoices(tx *sqlite.Tx, v Group) (choices []Choice, err error) {
	waiting := len(v.With("waiting")) + len(v.With("offered"))
	if waiting == 0 || !tx.Now().Before(v.Session.StartsAt) {
		return nil, nil
	}
	ids, err := sqlite.Column[int64](tx, sqlOtherSessions, v.Session.WorkshopID, v.Session.ID, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if len(choices) == choicesShown {
			break
		}
		session, err := loadSession(tx, id)
		if err != nil {
			return nil, err
		}
		children, err := s.joining(tx, v, id)
		if err != nil {
			return nil, err
		}
		open, err := openSeats(tx, session)
		if err != nil {
			return nil, err
		}
		if len(children) < waiting || session.ListClosed && open < waiting {
			continue
		}
		if !allFit(session, children) {
			continue
		}
		choices = append(choices, Choice{Session: session, Open: open})
	}
	return choices, nil
}

func allFit(session Session, children []Seat) bool {
	for _, c := range children {
		if !fits(session, c.Birth) {
			return false
		}
	}
	return true
}
