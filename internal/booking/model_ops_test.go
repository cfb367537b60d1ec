package booking_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// joinSome lets a family go on another list as well, or come back to the one that it left.
func (m *machine) joinSome(t *rapid.T) {
	h := m.home(t, rapid.SampledFrom([]string{"waiting", "waiting", "offered", "declined", "lapsed", "cancelled"}).Draw(t, "who"))
	if !h.erased {
		m.sameChoices(t, h)
	}
	id, c := m.session(t)
	if same := rapid.IntRange(0, 2).Draw(t, "back to the same") == 2; same != (c == h.course) {
		c = m.latest()[0]
		if same {
			c = h.course
		} else if c == h.course {
			c = m.latest()[1]
		}
		id = m.id(c)
	}
	// Whose brother left a list may come back to it, beside who waits there already.
	if linked := m.linked(h); len(linked) > 0 && rapid.Bool().Draw(t, "where they are known") {
		c = rapid.SampledFrom(linked).Draw(t, "which of theirs").course
		id = m.id(c)
	}
	second := &household{course: c, together: rapid.Bool().Draw(t, "together"), unasked: rapid.IntRange(0, 3).Draw(t, "unasked") == 3}
	r := booking.JoinRequest{SessionID: id, Wishes: booking.Wishes{Together: second.together, Unasked: second.unasked},
		Seats: rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "told of seats")}
	joined, onScreen, byTeam := false, false, false
	m.act(t, h,
		func(link booking.Link) (err error) {
			onScreen = link == m.bookings.Sign(booking.LinkScreen, h.reference, 1)
			second.reference, err = m.bookings.Join(context.Background(), account.Guest(), formKey(), link, r)
			return err
		},
		func() (err error) {
			byTeam = true
			second.reference, err = m.bookings.JoinFor(context.Background(), team, formKey(), h.reference, r)
			return err
		},
		func() string {
			if onScreen && h.proved { // a stranger may have that link
				return "booking.join_mail"
			}
			second.person = h.person
			wrong := m.join(h, second, r.Seats, byTeam)
			joined = wrong == ""
			return wrong
		})
	if joined {
		m.homes = append(m.homes, second)
		if c == h.course {
			m.done["joined again"]++
		}
	}
}

// moveBooking takes a family's booking to another session, in one step.
func (m *machine) moveBooking(t *rapid.T) {
	h := m.home(t, rapid.SampledFrom([]string{"confirmed", "confirmed", "offered", "waiting", "cancelled"}).Draw(t, "who"))
	if !h.erased {
		choices, err := m.bookings.Moves(context.Background(), m.bookings.Sign(booking.LinkMail, h.reference, 1))
		must(t, err)
		m.sameSessions(t, h, choices, m.moves(h))
	}
	id, c := m.session(t)
	if c == h.course && rapid.IntRange(0, 4).Draw(t, "to the same") < 4 {
		c = m.latest()[0]
		if c == h.course {
			c = m.latest()[1]
		}
		id = m.id(c)
	}
	left, moved, onScreen := &household{}, false, false
	m.act(t, h,
		func(link booking.Link) error {
			onScreen = link == m.bookings.Sign(booking.LinkScreen, h.reference, 1)
			return m.bookings.Move(context.Background(), account.Guest(), formKey(), link, id)
		},
		nil,
		func() string {
			if onScreen && h.proved { // a stranger may have that link
				return "booking.join_mail"
			}
			wrong := m.moveTo(h, left, c)
			moved = wrong == ""
			return wrong
		})
	if !moved {
		return
	}
	must(t, m.db.Read(context.Background(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT l.reference FROM booking_groups l JOIN booking_groups m ON m.id = l.moved_id
			WHERE m.reference = ? ORDER BY l.id DESC LIMIT 1`, h.reference).Scan(&left.reference)
	}))
	m.homes = append(m.homes, left)
}

// sameChoices fails the run unless the family is offered the other sessions that the model says.
func (m *machine) sameChoices(t *rapid.T, h *household) {
	choices, err := m.bookings.SecondChoices(context.Background(), m.bookings.Sign(booking.LinkMail, h.reference, 1))
	if rapid.Bool().Draw(t, "at the desk") {
		choices, err = m.bookings.ChoicesFor(context.Background(), team, h.reference)
	}
	must(t, err)
	m.sameSessions(t, h, choices, m.choices(h))
}

// sameSessions fails the run unless a family may choose among the sessions that the model says.
func (m *machine) sameSessions(t *rapid.T, h *household, choices []booking.Choice, courses []*course) {
	var got, want []int64
	for _, c := range choices {
		got = append(got, c.Session.ID)
	}
	for _, c := range courses {
		want = append(want, m.id(c))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s may choose among %v, the model says %v", h.reference, got, want)
	}
}

// id is that of a session.
func (m *machine) id(c *course) int64 { return int64(slices.Index(m.sessions, c)) + 1 }

func (m *machine) wishSome(t *rapid.T) {
	h := m.prefer(t, m.home(t, "waiting"), func(h *household) bool {
		return len(h.course.with(h, "waiting")) > 0 && len(h.course.with(h, "offered")) > 0
	})
	w := booking.Wishes{Together: rapid.Bool().Draw(t, "together"), Unasked: rapid.Bool().Draw(t, "unasked")}
	m.act(t, h,
		func(link booking.Link) error {
			return m.bookings.SetWishes(context.Background(), account.Guest(), formKey(), link, w)
		},
		func() error { return m.bookings.SetWishesFor(context.Background(), team, formKey(), h.reference, w) },
		func() string { return m.wish(h, w.Together, w.Unasked) })
}

// comeSome lets a family say that it still comes.
func (m *machine) comeSome(t *rapid.T) {
	h := m.home(t, "confirmed")
	m.act(t, h,
		func(link booking.Link) error {
			return m.bookings.Coming(context.Background(), account.Guest(), formKey(), link, m.id(h.course))
		},
		nil,
		func() string { return m.comes(h) })
	if h.erased {
		return
	}
	g, err := m.bookings.Find(context.Background(), m.bookings.Sign(booking.LinkScreen, h.reference, 1))
	must(t, err)
	if g.Coming != h.coming {
		t.Fatalf("%s comes: %v, the model says %v", h.reference, g.Coming, h.coming)
	}
}

// closeList closes a list to newcomers, or opens it again, once or twice.
func (m *machine) closeList(t *rapid.T) {
	id, c := m.session(t)
	closed := rapid.IntRange(0, 2).Draw(t, "closed") == 2
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		err := catalog.New(m.db).CloseList(context.Background(), team, formKey(), id, closed)
		if refused := c.cancelled || m.begun(c); refused != (err != nil) {
			t.Fatalf("closing the list answered %v, refused by the model: %v", err, refused)
		} else if !refused {
			c.listClosed = closed
		}
	}
}

var reasons = []string{"", "", "Une chaise de plus"}

// giveSome gives seats to a family that the team reached by phone, in the order of the list or not.
func (m *machine) giveSome(t *rapid.T) {
	h, names, ids, reason := m.toPlace(t)
	m.same(t, m.bookings.Give(context.Background(), team, formKey(), h.reference, ids, reason), m.give(h, names, reason, m.silent))
}

func (m *machine) offerSome(t *rapid.T) {
	h, names, ids, reason := m.toPlace(t)
	m.same(t, m.bookings.OfferTo(context.Background(), team, formKey(), h.reference, ids, reason), m.offerTo(h, names, reason, m.silent))
}

// toPlace draws who gets seats from the team, and fails the run unless it is told before what that means for the others.
func (m *machine) toPlace(t *rapid.T) (h *household, names []string, ids []int64, reason string) {
	h = m.home(t, "waiting")
	names, ids = m.some(t, h)
	reason = rapid.SampledFrom(reasons).Draw(t, "reason")
	got, err := m.bookings.Placing(context.Background(), team, h.reference, ids)
	list, wrong := m.placed(h, names)
	m.same(t, err, wrong)
	if wrong != "" {
		return h, names, ids, reason
	}
	n, inOrder := len(list), h.course.next(h, len(list), m.silent)
	want := booking.Placing{InOrder: inOrder, Nth: len(h.course.with(nil, "confirmed", "offered")) + n, Capacity: h.course.capacity}
	if until, ok := m.deadline(h.course); ok {
		want.Deadline = until
	}
	if !inOrder {
		want.Passes = slices.Index(h.course.waiting(), h)
		if want.Nth > h.course.capacity-h.course.held() && want.Nth <= h.course.capacity {
			want.Partner = partner
		}
	}
	if !got.Deadline.Equal(want.Deadline) {
		t.Fatalf("an offer to %s would live until %v, the model says %v", h.reference, got.Deadline, want.Deadline)
	}
	if got.Deadline = want.Deadline; got != want {
		t.Fatalf("placing %s is %+v, the model says %+v", h.reference, got, want)
	}
	return h, names, ids, reason
}

const sqlCallInVain = `
INSERT INTO calls (group_id, subject, outcome, at, by)
SELECT id, 'group:' || id, 'no_answer', ?2, 99 FROM booking_groups WHERE reference = ?1`

// callInVain calls a family about a free seat, and nobody answers.
func (m *machine) callInVain(t *rapid.T) {
	h := m.home(t, "waiting")
	must(t, m.db.Write(context.Background(), func(_ context.Context, tx *sqlite.Tx) error {
		res, err := tx.Exec(sqlCallInVain, h.reference, sqlite.Time(tx.Now()))
		if err != nil {
			return err
		}
		id, err := res.LastInsertId()
		if err != nil {
			return err
		}
		return audit.Add(tx, team.String(), "call.note", fmt.Sprintf("call:%d", id), nil)
	}))
	m.silent = append(m.silent, h)
	m.done["silent"]++
}

// callSome calls a family that is to be called, and notes what it says; the list of calls is the model's.
func (m *machine) callSome(t *rapid.T) {
	list, err := m.bookings.Calls(context.Background(), team)
	must(t, err)
	got := map[string]string{} // subjects
	for _, c := range list {
		got[string(c.About)+" "+c.Reference] = c.Subject
	}
	type matter struct {
		h     *household
		about booking.CallAbout
	}
	var due []matter
	for _, h := range m.homes {
		for _, about := range m.toCall(h, m.silent) {
			if got[string(about)+" "+h.reference] == "" {
				t.Fatalf("at %v %s is not to be called about %s, the model says it is, of\n%v", m.now, h.reference, about, h.course)
			}
			due = append(due, matter{h, about})
		}
	}
	for _, c := range list {
		known := c.About != booking.CallSeat && c.About != booking.CallOffer && c.About != booking.CallReminder
		if !known && !slices.ContainsFunc(due, func(d matter) bool { return d.about == c.About && d.h.reference == c.Reference }) {
			t.Fatalf("at %v %s is to be called about %s, the model says it is not, of\n%v", m.now, c.Reference, c.About, c.Session)
		}
	}
	if len(due) == 0 {
		_, err := m.bookings.RecordCall(context.Background(), team, formKey(), "group:1", booking.CallAccepted)
		m.same(t, err, "calls.over")
		return
	}
	d := rapid.SampledFrom(due).Draw(t, "whom")
	outcome := rapid.SampledFrom([]booking.CallOutcome{booking.CallAccepted, booking.CallDeclined, booking.CallNoAnswer}).Draw(t, "outcome")
	_, err = m.bookings.RecordCall(context.Background(), team, formKey(), got[string(d.about)+" "+d.h.reference], outcome)
	must(t, err)
	m.done["called about "+string(d.about)]++
	switch outcome {
	case booking.CallNoAnswer:
		if d.about == booking.CallSeat {
			m.silent = append(m.silent, d.h)
		}
	default:
		m.answered(d.h, d.about, outcome == booking.CallAccepted, m.silent)
	}
}

// standbySome calls a family on the day of the session, because a child did not come.
func (m *machine) standbySome(t *rapid.T) {
	today := func(c *course) bool {
		return c.starts.Format(time.DateOnly) == m.now.Format(time.DateOnly) && m.now.Before(c.ends())
	}
	h := m.prefer(t, m.home(t, "waiting"), func(h *household) bool { return today(h.course) && len(h.course.with(h, "waiting")) > 0 })
	call := booking.StandbyCall{SessionID: m.id(h.course), Reference: h.reference, Outcome: booking.CallNoAnswer}
	names, ids := m.some(t, h)
	if len(ids) > 0 {
		call.Outcome, call.BookingIDs = booking.CallAccepted, ids
		call.Instead = "remplace un enfant absent" // which nobody is, as long as nobody is marked
		call.Reason = rapid.SampledFrom(reasons).Draw(t, "reason")
	}
	err := m.bookings.RecordStandby(context.Background(), team, formKey(), call)
	switch {
	case h.course.cancelled || !today(h.course):
		m.same(t, err, "booking.give_late")
	case len(h.course.with(h, "waiting")) == 0:
		m.same(t, err, "booking.give_nobody")
	case len(ids) > 0:
		m.same(t, err, m.give(h, names, call.Reason, m.silent))
	default:
		must(t, err)
		m.silent = append(m.silent, h)
	}
}

// walkInSome lets a child in at the door, mostly of a session that begins or has begun: one who waits for it, or a stranger.
func (m *machine) walkInSome(t *rapid.T) {
	_, c := m.session(t)
	var near []*course
	for _, o := range m.sessions {
		if from := o.starts.Add(-2 * time.Hour); !m.now.Before(from) && m.now.Before(from.AddDate(0, 0, 7)) {
			near = append(near, o)
		}
	}
	if len(near) > 0 && rapid.IntRange(0, 4).Draw(t, "far from its day") < 4 {
		c = rapid.SampledFrom(near).Draw(t, "at which door")
	}
	h := &household{course: c, person: &person{number: m.step}}
	h.first = h
	child := rapid.SampledFrom(firstNames).Draw(t, "at the door")
	var waits *place
	known := slices.DeleteFunc(c.with(nil, "waiting"), func(p *place) bool { return p.household.erased })
	if len(known) > 0 && rapid.Bool().Draw(t, "who waits") {
		waits = rapid.SampledFrom(known).Draw(t, "who of them")
		h, child = waits.household, waits.child
	}
	reason := rapid.SampledFrom(reasons).Draw(t, "reason")
	w := booking.WalkIn{SessionID: m.id(c), OverCapacity: reason != "", Reason: reason,
		Guardian: family.NewGuardian{Name: "Responsable de " + child, Phone: "06 12 34 56 78", Language: "fr"},
		Child: family.NewChild{FirstName: child, LastName: fmt.Sprintf("D'Artagnan-N'Guyen %s%d", h.email, h.number),
			BirthDate: time.Date(2018, 2, 1, 0, 0, 0, 0, time.UTC), Health: family.Health{State: family.HealthToAsk}, Image: family.Later}}
	var reference string
	err := m.db.Write(context.Background(), func(_ context.Context, tx *sqlite.Tx) error {
		id, isKnown, err := m.bookings.AddWalkIn(tx, team, w)
		if err != nil {
			return err
		}
		if isKnown != (waits != nil) {
			t.Errorf("%s at the door of\n%v is known: %v", child, c, isKnown)
		}
		return tx.QueryRow(`SELECT g.reference FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE b.id = ?`, id).Scan(&reference)
	})
	want := m.walkIn(h, child, waits, reason, m.silent)
	m.same(t, err, want)
	switch {
	case want == "" && waits == nil:
		h.reference = reference
		m.homes = append(m.homes, h)
		m.done["walked in"]++
	case want == "":
		m.done["walked in from the list"]++
	}
}

// eraseSome erases one family in some of those it is asked to, and tries to on the day of a session.
func (m *machine) eraseSome(t *rapid.T) {
	h := m.home(t, rapid.SampledFrom([]string{"waiting", "offered", "confirmed"}).Draw(t, "who"))
	today := m.prefer(t, h, func(o *household) bool {
		return len(o.course.with(o, "confirmed")) > 0 && m.begun(o.course) && m.now.Before(o.course.ends().Add(12*time.Hour))
	})
	if today == h && rapid.IntRange(0, 2).Draw(t, "really") < 2 {
		return
	}
	h = today
	err := m.db.Write(context.Background(), func(_ context.Context, tx *sqlite.Tx) error {
		id, err := booking.GuardianOf(tx, h.reference)
		if err != nil {
			return err
		}
		_, err = booking.EraseGuardian(tx, team, id)
		return err
	})
	m.same(t, err, m.erase(h.person, m.homes))
}
