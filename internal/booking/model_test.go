package booking_test

import (
	"slices"
	"time"
)

// The model of the waiting list: domain.md, "Capacity" and "Waiting list", told a second time in the plainest way, to
// compare the real thing with (REL-11). It knows nothing of how package booking is built; its instants are whole minutes.

// model is all sessions at an instant.
type model struct {
	now      time.Time
	sessions []*course
}

// course is one session. Its places are in the order in which they were asked for: that is the order of the list.
type course struct {
	capacity  int
	starts    time.Time
	cancelled bool
	places    []*place
}

// household is what one form booked: one family in one session.
type household struct {
	reference string
	email     string
	course    *course
	together  bool
	answered  []*place // what the offers were for that ended last, when they ended by an acceptance
}

// place is one child's seat, offer or place on the list.
type place struct {
	household  *household
	child      string
	status     string    // confirmed, offered, waiting, cancelled, declined or lapsed
	until      time.Time // the deadline of the offer
	unanswered int
}

var live = []string{"confirmed", "offered", "waiting"}

func (c *course) with(h *household, statuses ...string) (list []*place) {
	for _, p := range c.places {
		if (h == nil || p.household == h) && slices.Contains(statuses, p.status) {
			list = append(list, p)
		}
	}
	return list
}

func (c *course) free() int { return max(0, c.capacity-len(c.with(nil, "confirmed", "offered"))) }

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
	c := h.course
	children = slices.DeleteFunc(children, func(child string) bool {
		return slices.ContainsFunc(c.with(nil, live...), func(p *place) bool { return p.household.email == h.email && p.child == child })
	})
	if len(children) == 0 {
		return "repeated"
	}
	open := c.open()
	switch {
	case c.cancelled:
		return "booking.session_cancelled"
	case m.begun(c):
		return "booking.session_past"
	case open >= len(children):
		open = len(children)
	case ifFull == "wait":
		open = 0
	case open == 0:
		return "booking.full"
	case ifFull != "split":
		return "booking.some_places"
	}
	for i, child := range children {
		p := &place{household: h, child: child, status: "waiting"}
		if i < open {
			p.status = "confirmed"
		}
		c.places = append(c.places, p)
	}
	m.offer(c, nil)
	return ""
}

// offer keeps the free seats for the families that can use them, in their order, those that have just let an offer run
// out after all others (Waiting list 2, 4, 5, 7).
func (m *model) offer(c *course, passed []*household) {
	until, ok := m.deadline(c)
	if c.cancelled || !ok {
		return
	}
	for _, again := range []bool{false, true} {
		for _, h := range c.waiting() {
			if slices.Contains(passed, h) == again {
				for _, p := range c.with(h, "waiting")[:c.use(h, c.free())] {
					p.status, p.until = "offered", until
				}
			}
		}
	}
}

// cancel gives up some children's seats, offers and places on the list (I8; Waiting list 7).
func (m *model) cancel(h *household, children []string) string {
	for _, p := range h.course.with(h, live...) {
		if slices.Contains(children, p.child) {
			if m.begun(h.course) {
				return "booking.cancel_late"
			}
			if p.status == "offered" {
				h.answered = nil
			}
			p.status = "cancelled"
		}
	}
	m.offer(h.course, nil)
	return ""
}

// accept takes all that is offered; once more is the same as once (Waiting list 6).
func (m *model) accept(h *household) string {
	offered := h.course.with(h, "offered")
	if len(offered) == 0 && slices.ContainsFunc(h.answered, func(p *place) bool { return p.status == "confirmed" }) {
		return ""
	}
	if len(offered) == 0 || m.begun(h.course) {
		return "booking.offer_over"
	}
	for _, p := range offered {
		p.status = "confirmed"
	}
	h.answered = offered
	return ""
}

// decline leaves the list (Waiting list 5).
func (m *model) decline(h *household) {
	for _, p := range h.course.with(h, "offered") {
		p.status, h.answered = "declined", nil
	}
	m.offer(h.course, nil)
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
					o.status, o.household.answered = []string{"waiting", "lapsed"}[o.unanswered-1], nil
					passed = append(passed, o.household)
				}
			}
		}
		if len(passed) > 0 {
			m.offer(c, passed)
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
