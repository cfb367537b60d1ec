package booking

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// OwnRequest is the wish of a guardian who is signed in: some of their children, in one session or in several at once.
type OwnRequest struct {
	Sessions []OwnSession // at least one, each once
	// Guardian is how to reach them now; the address stays as it is.
	Guardian family.NewGuardian
	Children []OwnChild // at least one, each once
	Draft    DraftKey
}

// OwnSession is one session of the request, and what is to be done where there are fewer seats than children.
type OwnSession struct {
	SessionID int64
	IfFull    IfFull
	Together  bool
	Unasked   bool
	SeatCents *int // as in Request
}

// OwnChild is a child of the guardian, by id, or a new one.
type OwnChild struct {
	ID int64 // 0: New joins the family
	// New is how a new child is described; of a known one the answers to what was asked count, and the names and the birth date
	// do not.
	New family.NewChild
	// New.Image may be empty: the question was not asked, and what was answered before holds.
	// HealthKnown says that the question of health was not asked: what is known holds.
	HealthKnown bool
}

// BookOwn books children of the guardian who is signed in, as Book does for a guest: all sessions in one transaction or none,
// each a booking of its own with its entry in calendars, told by one mail. Nothing is typed again, and what was answered anew is
// kept with the family. Children who are in a session already are left out of it; it returns the references of the bookings,
// the first one where all are there already, Repeated where that is not theirs to open. The same draft gives the first result
// again.
//
// Faults: Forbidden to all but guardians; NotFound for a child of others or no such session; those of Book but booking.too_many.
func (s *Service) BookOwn(ctx context.Context, actor account.Actor, key account.FormKey, req OwnRequest) (references []string, err error) {
	if actor.Kind != account.KindGuardian {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		result, _, err := account.Once(tx, key, func() (string, error) {
			all, err := s.bookOwn(tx, actor, req)
			if err != nil {
				return "", err
			}
			text, err := json.Marshal(all)
			return string(text), err
		})
		if err != nil {
			return err
		}
		references = nil
		return json.Unmarshal([]byte(result), &references)
	})
	return references, err
}

func (s *Service) bookOwn(tx *sqlite.Tx, actor account.Actor, req OwnRequest) (references []string, err error) {
	if first, err := finishDraft(tx, req.Draft, Repeated); err != nil || first != "" {
		return []string{first}, err
	}
	children, err := ownChildren(tx, actor, req.Children)
	if err != nil {
		return nil, err
	}
	if err := family.ReviseGuardian(tx, actor.ID, req.Guardian); err != nil {
		return nil, err
	}
	earlier := ""
	var taken []Group
	for _, wish := range req.Sessions {
		v, first, err := s.bookOwnSession(tx, actor, wish, children)
		if err != nil {
			return nil, err
		}
		if v.Reference != "" {
			references, taken = append(references, v.Reference), append(taken, v)
		} else if earlier == "" {
			earlier = first
		}
	}
	if err := tellTaken(tx, taken); err != nil {
		return nil, err
	}
	for _, v := range taken {
		if len(v.With("waiting")) == 0 {
			continue
		}
		if err := offerFreeSeats(tx, v.Session.ID, nil); err != nil { // seats that were too few for those who want all or none
			return nil, err
		}
	}
	if len(references) == 0 {
		references = []string{earlier}
	}
	if err := finishCopy(tx, req.Draft.Saved, references[0]); err != nil {
		return nil, err
	}
	return references, setDraftResult(tx, req.Draft, references[0])
}

// ownChildren returns the rows of the children, keeps what was said anew of them, and adds those who are new.
func ownChildren(tx *sqlite.Tx, actor account.Actor, wanted []OwnChild) (children []Seat, err error) {
	for _, c := range wanted {
		if c.ID == 0 {
			if c.ID, err = family.Theirs(tx, actor.ID, c.New); err != nil {
				return nil, err
			}
		}
		if c.ID == 0 {
			c.New.Image = cmp.Or(c.New.Image, family.Later)
			if c.ID, err = family.AddChild(tx, actor.ID, c.New); err != nil {
				return nil, err
			}
		} else if err := reviseOwn(tx, actor, c); err != nil {
			return nil, err
		}
		seat, err := readChild(tx, c.ID)
		if err != nil {
			return nil, err
		}
		children = append(children, seat)
	}
	return children, nil
}

func reviseOwn(tx *sqlite.Tx, actor account.Actor, c OwnChild) error {
	theirs, err := family.IsTheirs(tx, actor.ID, c.ID)
	if err != nil {
		return err
	}
	if !theirs {
		return fault.New(fault.NotFound, "error.not_found")
	}
	r := family.Revision{Health: &c.New.Health, Image: c.New.Image, LeavesAlone: c.New.LeavesAlone, PickupPersons: c.New.PickupPersons}
	if c.HealthKnown {
		r.Health = nil
	}
	changed, err := family.ReviseChild(tx, actor.ID, c.ID, r)
	if err != nil || len(changed) == 0 {
		return err
	}
	return audit.Add(tx, actor.String(), "family.revise_child", record("child", c.ID), map[string]any{"changed": changed})
}

const sqlChild = `SELECT first_name, last_name, birth_date FROM children WHERE id = ?`

func readChild(tx *sqlite.Tx, id int64) (Seat, error) {
	c := Seat{ChildID: id}
	var born string
	if err := tx.QueryRow(sqlChild, id).Scan(&c.FirstName, &c.LastName, &born); err != nil {
		return Seat{}, err
	}
	birth, err := time.Parse(time.DateOnly, born)
	c.Birth = birth
	return c, err
}

// tellTaken tells a family what it booked, in one message.
func tellTaken(tx *sqlite.Tx, taken []Group) error {
	if len(taken) == 0 {
		return nil
	}
	v := taken[0]
	m, kind := v.firstMail(), outbox.BookingConfirmed
	if len(m.Confirmed) == 0 {
		kind = outbox.WaitingJoined
	}
	for _, other := range taken[1:] {
		m.Others, kind = append(m.Others, other.mail()), outbox.BookingsConfirmed
	}
	return send(tx, kind, v, m)
}

// bookOwnSession books the children in one session; v is zero where all of them are there already, and first is then
// the booking of one of them.
func (s *Service) bookOwnSession(tx *sqlite.Tx, actor account.Actor, wish OwnSession, children []Seat) (v Group, first string, err error) {
	session, err := loadSession(tx, wish.SessionID)
	if err != nil {
		return Group{}, "", err
	}
	var fresh []Seat
	var births []time.Time
	for _, c := range children {
		there, err := s.thereAlready(tx, actor.ID, c, session.ID)
		if err != nil {
			return Group{}, "", err
		}
		if there != "" {
			first = there
			continue
		}
		fresh, births = append(fresh, c), append(births, c.Birth)
	}
	if len(fresh) == 0 {
		return Group{}, first, nil
	}
	open, err := openSeats(tx, session)
	if err != nil {
		return Group{}, "", err
	}
	confirmed, err := decide(session, births, open, wish.IfFull, tx.Now())
	if err != nil {
		return Group{}, "", err
	}
	price, err := session.seatPrice(wish.SeatCents)
	if err != nil {
		return Group{}, "", err
	}
	g := newGroup{reference: account.NewReference("ADA"), sessionID: session.ID, guardianID: actor.ID, price: price, wishes: Wishes{Together: wish.Together, Unasked: wish.Unasked}}
	v, err = s.takeOwn(tx, actor, g, session, fresh, confirmed)
	return v, "", err
}

// The booking of another guardian of the child is theirs to open.
const sqlLiveReference = `
SELECT iif(bg.guardian_id = ?3, bg.reference, 'repeated') FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id
WHERE b.child_id = ?1 AND b.session_id = ?2 AND b.status IN ('waiting', 'offered', 'confirmed')`

// thereAlready returns the booking in which a child is in a session already, or "". Who booked it as a guest with the same
// address gets its mail again, and the page tells nothing of that booking: nobody has said that it is theirs.
func (s *Service) thereAlready(tx *sqlite.Tx, guardianID int64, c Seat, sessionID int64) (reference string, err error) {
	references, err := sqlite.Column[string](tx, sqlLiveReference, c.ChildID, sessionID, guardianID)
	if err != nil || len(references) > 0 {
		return strings.Join(references, " "), err
	}
	var email string
	if err := tx.QueryRow(sqlAddress, guardianID).Scan(&email); err != nil {
		return "", err
	}
	guest, err := liveGuest(tx, s.guestKey(sessionID, email, c.asGuest()))
	if err != nil || guest == 0 {
		return "", err
	}
	return Repeated, s.repeatMail(tx, guest)
}

const sqlAddress = `SELECT email FROM guardians WHERE id = ?`

// takeOwn writes a booking of a family's own children and notes it, as take does for a guest; tellTaken tells them.
func (s *Service) takeOwn(tx *sqlite.Tx, actor account.Actor, g newGroup, session Session, children []Seat, confirmed int) (Group, error) {
	waiting := len(children) - confirmed
	if waiting == 0 {
		g.wishes = Wishes{}
	}
	groupID, err := insertGroup(tx, g)
	if err != nil {
		return Group{}, err
	}
	var email string
	if err := tx.QueryRow(sqlAddress, g.guardianID).Scan(&email); err != nil {
		return Group{}, err
	}
	for i, c := range children {
		status := "waiting"
		if i < confirmed {
			status = "confirmed"
		}
		if err := insertBooking(tx, groupID, session.ID, c.ChildID, status, s.guestKey(session.ID, email, c.asGuest())); err != nil {
			return Group{}, err
		}
	}
	v, err := viewGroup(tx, groupID)
	if err != nil {
		return Group{}, err
	}
	if err := tellOthersBooked(tx, v); err != nil {
		return Group{}, err
	}
	return v, audit.Add(tx, actor.String(), "booking.book", record("session", session.ID),
		map[string]any{"reference": g.reference, "confirmed": confirmed, "waiting": waiting})
}

// ChildThere is a child who is in a session already, as the guardian who is signed in may know.
type ChildThere struct {
	ChildID int64
	Status  string
	// Link opens the booking; zero for one that another guardian made.
	Link Link
}

const sqlChildrenThere = `
SELECT b.child_id, b.status, bg.reference, bg.guardian_id = x.guardian_id
FROM guardianships x JOIN bookings b ON b.child_id = x.child_id JOIN booking_groups bg ON bg.id = b.group_id
WHERE x.guardian_id = ? AND b.session_id = ? AND b.status IN ('waiting', 'offered', 'confirmed')`

// OwnThere returns which children of the guardian who is signed in are in a session already (UX-P17).
func (s *Service) OwnThere(ctx context.Context, actor account.Actor, sessionID int64) (list []ChildThere, err error) {
	if actor.Kind != account.KindGuardian {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlChildrenThere, actor.ID, sessionID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c ChildThere
			var reference string
			var own bool
			if err := rows.Scan(&c.ChildID, &c.Status, &reference, &own); err != nil {
				return err
			}
			if own {
				c.Link = OwnLink(actor, reference)
			}
			list = append(list, c)
		}
		return rows.Err()
	})
	return list, err
}

const sqlInSeries = `
SELECT DISTINCT b.child_id FROM sessions s JOIN sessions o ON o.series_id = s.series_id AND o.pricing = 'series' AND o.status <> 'cancelled'
JOIN bookings b ON b.session_id = o.id AND b.status = 'confirmed' JOIN guardianships x ON x.child_id = b.child_id AND x.guardian_id = ?2
WHERE s.id = ?1 AND s.pricing = 'series'`

// InSeries returns the children of the guardian who is signed in for whom a place in the whole series of a session is counted already: they
// pay nothing more in it. Forbidden to all but guardians.
func (s *Service) InSeries(ctx context.Context, actor account.Actor, sessionID int64) (children []int64, err error) {
	if actor.Kind != account.KindGuardian {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		children, err = sqlite.Column[int64](tx, sqlInSeries, sessionID, actor.ID)
		return err
	})
	return children, err
}

const sqlSeriesMates = `
SELECT o.id FROM sessions s JOIN sessions o ON o.series_id = s.series_id AND o.id <> s.id AND o.status = 'published'
WHERE s.id = ?1 AND o.opens_at <= ?2 AND o.closes_at > ?2 AND o.starts_at > ?2 ORDER BY o.starts_at, o.id`

// SeriesMates returns the other sessions of the series of a session that can be booked now, with the seats that a newcomer
// would get; none for a session that stands alone.
func (s *Service) SeriesMates(ctx context.Context, sessionID int64) (choices []Choice, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		choices = nil
		ids, err := sqlite.Column[int64](tx, sqlSeriesMates, sessionID, sqlite.Time(tx.Now()))
		if err != nil {
			return err
		}
		for _, id := range ids {
			session, err := loadSession(tx, id)
			if err != nil {
				return err
			}
			open, err := openSeats(tx, session)
			if err != nil {
				return err
			}
			choices = append(choices, Choice{Session: session, Open: open})
		}
		return nil
	})
	return choices, err
}
