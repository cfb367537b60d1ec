package booking_test

import (
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
)

// The model of the waiting list: domain.md, "Capacity" and "Waiting list", told a second time in the plainest way, to
// compare the real thing with (REL-11). It knows nothing of how package booking is built; its instants are whole minutes.
// What the team and the families may wish beyond the list is in model_wish_test.go.

// model is all sessions at an instant.
type model struct {
	now      time.Time
	sessions []*course
}

// course is one session. Its places are in the order in which they were asked for: that is the order of the list.
type course struct {
	capacity   int
	kept       int       // seats for a partner's families …
	keptUntil  time.Time // … until then
	now        func() time.Time
	starts     time.Time
	cancelled  bool
	calledOff  time.Time // when, and what each place was
	before     map[*place]string
	listClosed bool
	places     []*place
	demand     booking.ListFigures // once it was over
	recorded   bool
}

// person is who booked: an address that nobody proved is not the person of another booking from it. Without an address
// nobody is known again.
type person struct {
	email  string
	number int // tells people without an address apart
	proved bool
	erased bool
}

// household is what one form booked: one family in one session.
type household struct {
	reference string
	*person
	course   *course
	together bool
	unasked  bool
	first    *household // its first choice, or what it came back from; itself for neither
	ended    time.Time  // when the offers ended that ended last
	won      []*place   // those of them that gave a seat
	reminded bool       // asked whether it still comes
	coming   bool       // and said yes
}

// place is one child's seat, offer or place on the list.
type place struct {
	household  *household
	child      string
	status     string    // confirmed, offered, waiting, cancelled, declined or lapsed
	until      time.Time // the deadline of the offer
	unanswered int
	override   bool      // the team gave it beyond the rules
	kept       bool      // it is one of those kept for the partner
	listed     bool      // it began on the list
	asked, won bool      // they had an offer, and a seat from the list
	since      time.Time // when the seat became theirs
}

var live = []string{"confirmed", "offered", "waiting"}

func (c *course) ends() time.Time { return c.starts.Add(2 * time.Hour) }

func (c *course) with(h *household, statuses ...string) (list []*place) {
	for _, p := range c.places {
		if (h == nil || p.household == h) && slices.Contains(statuses, p.status) {
			list = append(list, p)
		}
	}
	return list
}

func (c *course) free() int {
	return max(0, c.capacity-c.held()-len(c.with(nil, "confirmed", "offered")))
}

// keptUsed is how many of the seats kept for the partner its families have.
func (c *course) keptUsed() (n int) {
	for _, p := range c.with(nil, "confirmed") {
		if p.kept {
			n++
		}
	}
	return n
}

// held is how many seats are for the partner alone (Capacity 8).
func (c *course) held() int {
	if !c.now().Before(c.keptUntil) {
		return 0
	}
	return max(0, c.kept-c.keptUsed())
}

// has reports whether a child of somebody has a live booking already (Capacity 4).
func (c *course) has(who *person, child string) bool {
	return slices.ContainsFunc(c.with(nil, live...), func(p *place) bool {
		return p.child == child && p.household.email == who.email && p.household.number == who.number && !p.household.erased
	})
}

// waiting returns the families of the list, first come first.
func (c *course) waiting() (list []*household) {
	for _, p := range c.with(nil, "waiting") {
		if !slices.Contains(list, p.household) {
			list = append(list, p.household)
		}
	}
	return list
}

// use is how many of the free seats a waiting family can use (Waiting list 4).
func (c *course) use(h *household, free int) int {
	children := len(c.with(h, "waiting"))
	if h.together && children > free {
		return 0
	}
	return min(children, free)
}

// open is how many seats a newcomer may take (Capacity 3).
func (c *course) open() int {
	for _, h := range c.waiting() {
		if c.use(h, c.free()) > 0 {
			return 0
		}
	}
	return c.free()
}

func (m *model) begun(c *course) bool { return !m.now.Before(c.starts) }

// book is the last POST of a form (Capacity 1 to 4 and 7; Waiting list 1). It answers with what is wrong, if anything.
func (m *model) book(h *household, children []string, ifFull string) string {
	children = slices.DeleteFunc(children, func(child string) bool { return h.email != "" && h.course.has(h.person, child) })
	if len(children) == 0 {
		return "repeated"
	}
	return m.take(h, children, ifFull, false)
}

// bookingsCap is how many live bookings an address may have that nobody proved.
const bookingsCap = 8

// take books children, or puts them on the list. The team is bound by no cap.
func (m *model) take(h *household, children []string, ifFull string, byTeam bool) string {
	seats, wrong := m.decide(h.course, len(children), ifFull)
	if wrong != "" {
		return wrong
	}
	unproved := len(children)
	for _, c := range m.sessions {
		for _, p := range c.with(nil, live...) {
			if p.household.email == h.email && !p.household.proved && !p.household.erased {
				unproved++
			}
		}
	}
	if h.email != "" && !h.proved && !byTeam && unproved > bookingsCap {
		return "booking.too_many"
	}
	m.place(h, children, seats)
	return ""
}

// decide is how many of some children get a seat at once.
func (m *model) decide(c *course, children int, ifFull string) (seats int, wrong string) {
	open := c.open()
	switch {
	case c.cancelled:
		return 0, "booking.session_cancelled"
	case m.begun(c):
		return 0, "booking.session_past"
	case open >= children:
		return children, ""
	case c.listClosed:
		return 0, "booking.list_closed"
	case ifFull == "wait":
		return 0, ""
	case open == 0:
		return 0, "booking.full"
	case ifFull == "split":
		return open, ""
	}
	return 0, "booking.some_places"
}

// place writes down a booking: so many of its children have a seat, the others wait.
func (m *model) place(h *household, children []string, seats int) {
	for i, child := range children {
		p := &place{household: h, child: child, status: "waiting", listed: true, since: m.now}
		if i < seats {
			p.status, p.listed = "confirmed", false
		}
		h.course.places = append(h.course.places, p)
	}
	if seats == len(children) {
		h.together, h.unasked = false, false
	}
	m.offer(h.course, nil)
}

// offer keeps the free seats for the families that can use them, in their order, those that have just let an offer run
// out after all others (Waiting list 2, 4, 5, 7), or gives them to who asked not to be asked (Waiting list 3).
func (m *model) offer(c *course, passed []*household) {
	until, ok := m.deadline(c)
	if c.cancelled || !ok {
		return
	}
	for _, again := range []bool{false, true} {
		for _, h := range c.waiting() {
			if slices.Contains(passed, h) != again {
				continue
			}
			for _, p := range c.with(h, "waiting")[:c.use(h, c.free())] {
				if h.unasked && m.dayBefore(c) {
					m.seat(p)
				} else {
					p.status, p.until = "offered", until
				}
			}
		}
	}
}

// seat makes a seat theirs.
func (m *model) seat(p *place) {
	p.status, p.won, p.since = "confirmed", true, m.now
	m.end(p)
	p.household.won = append(p.household.won, p)
}

// end ends the offer of a seat.
func (m *model) end(p *place) {
	p.asked = true
	m.withdraw(p)
}

// withdraw ends an offer that nobody could take any more.
func (m *model) withdraw(p *place) {
	if h := p.household; !h.ended.Equal(m.now) {
		h.ended, h.won = m.now, nil
	}
}

// cancel gives up some children's seats, offers and places on the list (I8; Waiting list 7).
func (m *model) cancel(h *household, children []string) string {
	for _, p := range h.course.with(h, live...) {
		if slices.Contains(children, p.child) {
			if m.begun(h.course) {
				return "booking.cancel_late"
			}
			m.giveUp(p)
		}
	}
	m.offer(h.course, nil)
	return ""
}

func (m *model) giveUp(p *place) {
	if p.status == "offered" {
		m.end(p)
	}
	p.status = "cancelled"
}

// accept takes all that is offered, and leaves other lists; once more is the same as once (Waiting list 6 and 8).
func (m *model) accept(h *household, leave []*household) string {
	offered := h.course.with(h, "offered")
	if len(offered) == 0 && slices.ContainsFunc(h.won, func(p *place) bool { return p.status == "confirmed" }) {
		return ""
	}
	if len(offered) == 0 || m.begun(h.course) {
		return "booking.offer_over"
	}
	if slices.ContainsFunc(leave, func(other *household) bool { return other == h || other.first != h.first }) {
		return "booking.leave_unknown"
	}
	for _, p := range offered {
		m.seat(p)
	}
	linked := m.linked(h) // what is over needs no leaving
	for _, other := range leave {
		if !slices.Contains(linked, other) {
			continue
		}
		for _, p := range other.course.with(other, "waiting", "offered") {
			m.giveUp(p)
		}
		m.offer(other.course, nil)
	}
	return ""
}

// decline leaves the list (Waiting list 5).
func (m *model) decline(h *household) string {
	if len(h.course.with(h, "offered")) == 0 && slices.ContainsFunc(h.won, func(p *place) bool { return p.status == "confirmed" }) {
		return "booking.decline_late"
	}
	for _, p := range h.course.with(h, "offered") {
		m.end(p)
		p.status = "declined"
	}
	m.offer(h.course, nil)
	return ""
}

// expire ends the offers that nobody answered (Waiting list 2 and 5). What ran out more than ten minutes ago ran out
// while the program was stopped.
func (m *model) expire() {
	for _, c := range m.sessions {
		var passed []*household
		for _, p := range c.with(nil, "offered") {
			if p.status != "offered" || p.until.After(m.now) {
				continue // not overdue, or done with a sibling
			}
			offers := c.with(p.household, "offered")
			first := slices.MinFunc(offers, func(a, b *place) int { return a.until.Compare(b.until) }).until
			more := m.threeMoreHours(c)
			for _, o := range offers {
				switch {
				case o.until.After(m.now):
				case m.now.Sub(first) > 10*time.Minute && more.After(m.now):
					o.until = more
				default:
					o.unanswered++
					o.status, o.override = []string{"waiting", "lapsed"}[o.unanswered-1], false
					m.end(o)
					passed = append(passed, o.household)
				}
			}
		}
		if len(passed) > 0 {
			m.offer(c, passed)
		}
	}
}

// fitOffers shortens the offers of a session that was moved, or takes them back where no time to answer is left
// (Waiting list 2).
func (m *model) fitOffers(c *course) {
	latest, ok := m.deadline(c)
	for _, p := range c.with(nil, "offered") {
		p.until = earlier(p.until, latest)
		if !ok {
			m.withdraw(p)
			p.status, p.override = "waiting", false
		}
	}
}

func earlier(a, b time.Time) time.Time { return slices.MinFunc([]time.Time{a, b}, time.Time.Compare) }

func awake(t time.Time) bool { return t.Hour() >= 8 && t.Hour() < 21 }

// lastAwake is the latest waking instant until t: 21:00 is one.
func lastAwake(t time.Time) time.Time {
	for !awake(t) && (t.Hour() != 21 || t.Minute() != 0) {
		t = t.Add(-time.Minute)
	}
	return t
}

// deadline is that of an offer made now, if one may be made (Waiting list 2).
func (m *model) deadline(c *course) (until time.Time, ok bool) {
	until = lastAwake(earlier(m.now.Add(48*time.Hour), c.starts.Add(-2*time.Hour)))
	minutes := 0
	for t := m.now; t.Before(until); t = t.Add(time.Minute) {
		if awake(t) {
			minutes++
		}
	}
	return until, minutes >= 3*60
}

// threeMoreHours is the new deadline of an offer that ran out while the program was stopped.
func (m *model) threeMoreHours(c *course) time.Time {
	until := m.now
	for minutes := 0; minutes < 3*60; until = until.Add(time.Minute) {
		if awake(until) {
			minutes++
		}
	}
	return earlier(until, lastAwake(c.starts.Add(-2*time.Hour)))
}

// dayBefore reports whether it is not yet 18:00 of the day before a session (Waiting list 3).
func (m *model) dayBefore(c *course) bool {
	return m.now.Format("2006-01-02 15:04") < c.starts.AddDate(0, 0, -1).Format(time.DateOnly)+" 18:00"
}
