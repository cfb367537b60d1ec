package booking

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Fields of the answers that forYoung may refuse.
const (
	FieldYoungEmail = "young_email"
	FieldEmail      = "email"
)

// mayBookAlone is the rule of who books for themselves (domain, Family data 7): one young person, old enough today where the session is, and a guardian who can be
// told at an address that is not the young person's own.
//
//   - Conflict "booking.young_age": somebody younger, or several.
//   - Invalid by field: no address of a guardian, or the same as the young person's.
func mayBookAlone(s Session, births []time.Time, youngEmail, guardianEmail string, now time.Time) error {
	if len(births) != 1 || !family.MayBookAlone(births[0], now.In(s.StartsAt.Location())) {
		return fault.New(fault.Conflict, "booking.young_age", family.YoungAge)
	}
	switch account.FoldEmail(guardianEmail) {
	case "":
		return fault.InvalidFields(map[string]fault.Message{FieldEmail: {Key: "family.email_missing"}})
	case account.FoldEmail(youngEmail):
		return fault.InvalidFields(map[string]fault.Message{FieldEmail: {Key: "booking.young_guardian"}})
	}
	return nil
}

// Together with the addresses as they were typed: who changes them each time still has the cap of the guardian's.
const sqlLiveYoung = `
SELECT count(*) FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id
WHERE bg.young_email = ? AND bg.young_email <> '' AND b.status IN ('waiting', 'offered', 'confirmed')`

// forYoung is a request of a young person as it counts: nothing that only a guardian may say is taken from it. Faults are those of mayBookAlone, and Conflict
// "booking.too_many" for an address that is in too many live bookings already.
func forYoung(tx *sqlite.Tx, r Request, s Session) (Request, error) {
	births := make([]time.Time, len(r.Children))
	for i, c := range r.Children {
		births[i] = c.BirthDate
	}
	if err := mayBookAlone(s, births, r.YoungEmail, r.Guardian.Email, tx.Now()); err != nil {
		return r, err
	}
	limit, err := settings.Get(tx, settings.UnprovedBookingsCap)
	if err != nil {
		return r, err
	}
	var live int
	if err := tx.QueryRow(sqlLiveYoung, r.YoungEmail).Scan(&live); err != nil {
		return r, err
	}
	if live >= limit {
		return r, fault.New(fault.Conflict, "booking.too_many", limit)
	}
	c := r.Children[0]
	r.Children = []family.NewChild{{FirstName: c.FirstName, LastName: c.LastName, BirthDate: c.BirthDate,
		Health: family.Health{State: family.HealthToAsk}, Image: family.Later, Spoken: true}}
	r.Guardian.EmergencyName, r.Guardian.EmergencyPhone = "", ""
	return r, nil
}

const sqlIsYoungs = `
SELECT EXISTS (SELECT 1 FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id WHERE bg.id = ? AND b.child_id = ? AND bg.young_email IS NOT NULL)`

// isYoungs reports whether a young person made a booking for themselves.
func isYoungs(tx *sqlite.Tx, groupID, childID int64) (theirs bool, err error) {
	err = tx.QueryRow(sqlIsYoungs, groupID, childID).Scan(&theirs)
	return theirs, err
}

// YoungRequest is the wish of a young person who is signed in.
type YoungRequest struct {
	SessionID int64
	IfFull    IfFull
	Unasked   bool // while waiting: a freed seat is theirs at once
}

// BookYoung books the young person who is signed in, as BookOwn does for a guardian, in the name of the guardian who gave them their space: that one is told, may
// cancel, and is asked for what nobody has said yet; the other guardians are told too. It returns the reference of the booking, Repeated for who is in the session
// already.
//
// Faults: Forbidden to all but young people; NotFound; Conflict "family.young_guardian" where no guardian can be told; those of Book but booking.too_many.
func (s *Service) BookYoung(ctx context.Context, actor account.Actor, key account.FormKey, req YoungRequest) (reference string, err error) {
	if actor.Kind != account.KindYoung {
		return "", fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		reference, _, err = account.Once(tx, key, func() (string, error) { return s.bookYoung(tx, actor, req) })
		return err
	})
	return reference, err
}

func (s *Service) bookYoung(tx *sqlite.Tx, actor account.Actor, req YoungRequest) (string, error) {
	session, err := loadSession(tx, req.SessionID)
	if err != nil {
		return "", err
	}
	self, err := readChild(tx, actor.ID)
	if err != nil {
		return "", err
	}
	guardianID, err := family.GuardianOfYoung(tx, actor.ID)
	if err != nil {
		return "", err
	}
	there, err := s.thereAlready(tx, guardianID, self, session.ID)
	if err != nil {
		return "", err
	}
	if there != "" {
		return Repeated, nil
	}
	open, err := openSeats(tx, session)
	if err != nil {
		return "", err
	}
	confirmed, err := decide(session, []time.Time{self.Birth}, open, req.IfFull, tx.Now())
	if err != nil {
		return "", err
	}
	ask, err := family.Unsaid(tx, actor.ID)
	if err != nil {
		return "", err
	}
	inTheirSpace := "" // copies go to the address of that
	g := newGroup{reference: account.NewReference("ADA"), sessionID: session.ID, guardianID: guardianID, wishes: Wishes{Unasked: req.Unasked},
		youngEmail: &inTheirSpace, toComplete: ask}
	v, err := s.takeOwn(tx, actor, g, session, []Seat{self}, confirmed)
	if err != nil {
		return "", err
	}
	return g.reference, tellTaken(tx, []Group{v})
}

// Myself is a session as the young person who is signed in may book it for themselves.
type Myself struct {
	Session   Session
	Open      int // seats that a newcomer may take
	FirstName string
	LastName  string
	Age       int  // on the day of the session
	Fits      bool // that age is one of the session's
	There     bool // they have a seat, an offer or a place on the list already
}

// Myself returns what a young person who is signed in is asked before they book. Faults as Available says, and Forbidden to all others.
func (s *Service) Myself(ctx context.Context, actor account.Actor, sessionID int64) (m Myself, err error) {
	if actor.Kind != account.KindYoung {
		return m, fault.New(fault.Forbidden, "error.forbidden")
	}
	if m.Session, m.Open, err = s.Available(ctx, sessionID); err != nil {
		return m, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		self, err := readChild(tx, actor.ID)
		if err != nil {
			return err
		}
		m.FirstName, m.LastName, m.Age, m.Fits = self.FirstName, self.LastName, family.AgeOn(self.Birth, m.Session.StartsAt), fits(m.Session, self.Birth)
		var live int
		err = tx.QueryRow(sqlLiveChild, actor.ID, sessionID).Scan(&live)
		m.There = live > 0
		return err
	})
	return m, err
}

const sqlStopCopies = `UPDATE booking_groups SET young_email = '' WHERE id = ?`

// StopCopies ends the copies of messages about a booking to the address that a young person typed when they booked for themselves; copies that have
// not left do not leave. It is for the guardian, who is named the address: Forbidden unless the link was mailed to them. Twice is the same as once.
func (s *Service) StopCopies(ctx context.Context, actor account.Actor, key account.FormKey, link Link) error {
	return s.change(ctx, key, s.byLink(link), func(tx *sqlite.Tx, v Group) error {
		if !v.ViaMail {
			return fault.New(fault.Forbidden, "error.forbidden")
		}
		address := v.typedYoung()
		if address == "" {
			return nil
		}
		if _, err := tx.Exec(sqlStopCopies, v.id); err != nil {
			return err
		}
		if err := outbox.Recall(tx, v.guardianID, address); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "booking.stop_copies", record("session", v.Session.ID), map[string]any{"reference": v.Reference})
	})
}

// typedYoung is the address that a young person typed when they booked; empty for none, and for that of a space which a guardian gave.
func (g Group) typedYoung() string {
	if g.young == nil {
		return ""
	}
	return *g.young
}

// CopiesTo is the address of a young person to which copies of messages go, for the guardian to know: empty for none, for that of a space which a guardian
// gave, and for whoever did not open the booking by a link mailed to the guardian.
func (g Group) CopiesTo() string {
	if !g.ViaMail {
		return ""
	}
	return g.typedYoung()
}
