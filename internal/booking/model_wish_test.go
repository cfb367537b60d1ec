package booking_test

import (
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
)

// bookFor is a booking by the team, for a family that called: beyond the seats there are with a reason alone.
func (m *model) bookFor(h *household, children []string, ifFull, reason string) string {
	c := h.course
	open := c.open()
	switch {
	case c.cancelled:
		return "booking.session_cancelled"
	case m.begun(c):
		return "booking.session_past"
	case slices.ContainsFunc(children, func(child string) bool { return c.has(h.person, child) }):
		return "booking.child_known"
	case ifFull == "reserved" && c.held() < len(children):
		return "booking.reserved_few"
	case ifFull == "reserved":
		m.place(h, children, len(children))
		for _, p := range c.with(h, "confirmed") {
			p.kept = true
		}
		return ""
	case ifFull != "over" || open >= len(children):
		seats, wrong := m.decide(c, len(children), ifFull)
		if wrong == "" {
			m.place(h, children, seats)
		}
		return wrong
	case reason == "":
		return "error.invalid"
	}
	m.place(h, children, len(children))
	for _, p := range c.with(h, "confirmed")[open:] {
		p.override = true
	}
	return ""
}

// walkIn lets a child in at the door of a session: waits is its place on the list, nil for one whom nobody expected
// (Capacity 1 to 3). Whoever does it confirms with a reason what is beyond the rules.
func (m *model) walkIn(h *household, child string, waits *place, reason string, silent []*household) string {
	c := h.course
	beyond := c.open() < 1
	if waits != nil {
		beyond = !c.next(h, 1, silent)
	}
	switch {
	case c.cancelled:
		return "booking.session_cancelled"
	case m.now.Before(c.starts.Add(-2 * time.Hour)):
		return "booking.walk_in_early"
	case beyond && reason == "":
		return "booking.walk_in_confirm"
	case waits == nil:
		c.places = append(c.places, &place{household: h, child: child, status: "confirmed", override: beyond, since: m.now})
		return ""
	case m.now.Before(c.ends()):
		m.seat(waits)
	}
	waits.status, waits.override, waits.since = "confirmed", waits.override || beyond, m.now
	return ""
}

// linked are the other choices of the same children that are still live and to come (Waiting list 8).
func (m *model) linked(h *household) (list []*household) {
	for _, c := range m.sessions {
		if c.cancelled || m.begun(c) || c == h.course {
			continue
		}
		for _, p := range c.with(nil, live...) {
			if o := p.household; o.first == h.first && !slices.Contains(list, o) {
				list = append(list, o)
			}
		}
	}
	return list
}

// joining are the children of a family that may go on another list as well, or back to their own (Waiting list 5 and 8).
func (m *model) joining(h *household, c *course) (children []string) {
	statuses := []string{"waiting", "offered"}
	if c == h.course {
		statuses = []string{"cancelled", "declined", "lapsed"}
	}
	for _, p := range h.course.with(h, statuses...) {
		if !c.has(h.person, p.child) {
			children = append(children, p.child)
		}
	}
	return children
}

// join takes a place on another list, or on the same again. To join is to agree to wait, but by who was told of seats.
func (m *model) join(h, second *household, told int, byTeam bool) string {
	children := m.joining(h, second.course)
	if len(children) == 0 || h.erased {
		return "booking.join_nobody"
	}
	ifFull := "wait"
	if second.course.open() > 0 && !second.together {
		ifFull = "split"
	}
	second.first = h.first // also of who comes back
	if seats, wrong := m.decide(second.course, len(children), ifFull); wrong == "" && seats < told {
		return "booking.join_fewer"
	}
	return m.take(second, children, ifFull, byTeam)
}

// choices are the sessions that a family may join as well: where all its waiting children may.
func (m *model) choices(h *household) (list []*course) {
	waiting := len(h.course.with(h, "waiting", "offered"))
	if waiting == 0 || m.begun(h.course) {
		return nil
	}
	for _, c := range m.sessions {
		if c != h.course && !c.cancelled && !m.begun(c) && len(m.joining(h, c)) == waiting && (!c.listClosed || c.open() >= waiting) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b *course) int { return a.starts.Compare(b.starts) })
	return list[:min(len(list), 6)]
}

// moveTo takes a booking to another session in one step; what it had stays with left (Capacity 1 to 4 and 7; I8).
func (m *model) moveTo(h, left *household, c *course) string {
	old := h.course
	going := old.with(h, live...)
	switch {
	case len(going) == 0 || m.begun(old) || h.erased:
		return "booking.move_nobody"
	case c == old:
		return "error.not_found"
	case slices.ContainsFunc(going, func(p *place) bool { return c.has(h.person, p.child) }):
		return "booking.move_known"
	case c.cancelled:
		return "booking.session_cancelled"
	case m.begun(c):
		return "booking.session_past"
	case c.open() < len(going):
		return "booking.move_full"
	}
	*left = household{person: h.person, course: old, first: h.first, ended: h.ended, won: h.won}
	for _, p := range old.places {
		if p.household == h {
			p.household = left
		}
	}
	h.course, h.together, h.unasked, h.ended, h.won, h.reminded, h.coming = c, false, false, time.Time{}, nil, false, false
	for _, p := range going {
		m.giveUp(p)
		c.places = append(c.places, &place{household: h, child: p.child, status: "confirmed", since: m.now})
	}
	m.offer(old, nil)
	return ""
}

// moves are the sessions to which a family could move.
func (m *model) moves(h *household) (list []*course) {
	going := h.course.with(h, live...)
	if len(going) == 0 || m.begun(h.course) {
		return nil
	}
	for _, c := range m.sessions {
		known := slices.ContainsFunc(going, func(p *place) bool { return c.has(h.person, p.child) })
		if c != h.course && !c.cancelled && !m.begun(c) && !known && c.open() >= len(going) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b *course) int { return a.starts.Compare(b.starts) })
	return list[:min(len(list), 6)]
}

// wish changes how a family waits.
func (m *model) wish(h *household, together, unasked bool) string {
	switch {
	case len(h.course.with(h, "waiting")) == 0 || m.begun(h.course):
		return "booking.wishes_late"
	case together && len(h.course.with(h, "offered")) > 0:
		return "booking.wishes_offered"
	}
	h.together, h.unasked = together, unasked
	m.offer(h.course, nil)
	return ""
}

// next reports whether n seats are a family's by the order of the list, when who did not answer the phone is passed over
// or not.
func (c *course) next(h *household, n int, silent []*household) bool {
	for _, passed := range [][]*household{nil, silent} {
		if seats := c.byPhone(h, passed); n > 0 && (n == seats || n < seats && !h.together) {
			return true
		}
	}
	return false
}

// byPhone is how many of the free seats a family gets that answers the phone, when others are passed over.
func (c *course) byPhone(h *household, passed []*household) int {
	free := c.free()
	for _, again := range []bool{false, true} {
		for _, o := range c.waiting() {
			if (o != h && slices.Contains(passed, o)) != again {
				continue
			}
			seats := c.use(o, free)
			if o == h {
				return seats
			}
			free -= seats
		}
	}
	return 0
}

// toCall says about what a family is to be called: "seat", "offer" or "reminder".
func (m *model) toCall(h *household, silent []*household) (about []booking.CallAbout) {
	c := h.course
	if h.erased || c.cancelled || m.begun(c) {
		return nil
	}
	tomorrow := m.now.Add(24 * time.Hour)
	if _, ok := m.deadline(c); !ok && c.starts.Before(tomorrow) && c.byPhone(h, silent) > 0 {
		about = append(about, booking.CallSeat)
	}
	if h.email == "" && len(c.with(h, "offered")) > 0 {
		about = append(about, booking.CallOffer)
	}
	if h.reminded && !h.coming && len(c.with(h, "confirmed")) > 0 && !c.starts.After(tomorrow) {
		about = append(about, booking.CallReminder)
	}
	return about
}

// answered does what a family said on the phone.
func (m *model) answered(h *household, about booking.CallAbout, yes bool, silent []*household) {
	switch {
	case about == booking.CallSeat && yes:
		for _, p := range h.course.with(h, "waiting")[:h.course.byPhone(h, silent)] {
			m.seat(p)
		}
	case about == booking.CallSeat:
		for _, p := range h.course.with(h, "waiting")[:h.course.byPhone(h, silent)] {
			p.status = "declined"
		}
	case about == booking.CallOffer && yes:
		m.accept(h, nil)
	case about == booking.CallOffer:
		m.decline(h)
	case yes:
		m.comes(h)
	default:
		m.cancel(h, firstNames)
	}
	m.offer(h.course, nil)
}

// placing is what the team decides: seats for children who wait, against the order only with a reason.
func (m *model) placing(h *household, children []string, reason string, silent []*household) (list []*place, wrong string) {
	list, wrong = m.placed(h, children)
	inOrder := h.course.next(h, len(list), silent)
	switch {
	case wrong != "":
		return nil, wrong
	case !inOrder && reason == "":
		return nil, "error.invalid"
	}
	for _, p := range list {
		p.override = p.override || !inOrder
	}
	return list, ""
}

// placed are the children whom the team can give seats: some or all of those who wait.
func (m *model) placed(h *household, children []string) (list []*place, wrong string) {
	if h.course.cancelled || !m.now.Before(h.course.ends()) {
		return nil, "booking.give_late"
	}
	for _, p := range h.course.with(h, "waiting") {
		if len(children) == 0 || slices.Contains(children, p.child) {
			list = append(list, p)
		}
	}
	if len(list) == 0 || len(list) < len(children) {
		return nil, "booking.give_nobody"
	}
	return list, ""
}

func (m *model) give(h *household, children []string, reason string, silent []*household) string {
	list, wrong := m.placing(h, children, reason, silent)
	for _, p := range list {
		m.seat(p)
	}
	if wrong == "" {
		m.offer(h.course, nil)
	}
	return wrong
}

func (m *model) offerTo(h *household, children []string, reason string, silent []*household) string {
	until, ok := m.deadline(h.course)
	if !ok {
		return "booking.offer_short"
	}
	list, wrong := m.placing(h, children, reason, silent)
	for _, p := range list {
		p.status, p.until = "offered", until
	}
	if wrong == "" {
		m.offer(h.course, nil)
	}
	return wrong
}

// prove makes a booking that of the person of its address (Family data 6). undo is for what fails afterwards.
func prove(h *household, all []*household) (undo func()) {
	guest := h.person
	if guest.proved || guest.email == "" || guest.erased {
		return func() {}
	}
	var theirs []*household
	for _, o := range all {
		if o.person == guest {
			theirs = append(theirs, o)
		}
	}
	become := func(who *person) {
		for _, o := range theirs {
			o.person = who
		}
	}
	known := slices.IndexFunc(all, func(o *household) bool { return o.email == guest.email && o.proved && !o.erased })
	if known < 0 {
		guest.proved = true
		return func() { guest.proved = false }
	}
	become(all[known].person)
	return func() { become(guest) }
}

// erase forgets a person, whose seats pass on; not on the day of a session of theirs (Waiting list 7, Family data 4).
func (m *model) erase(who *person, all []*household) string {
	if who.erased {
		return ""
	}
	var coming []*household
	for _, h := range all {
		if h.person != who {
			continue
		}
		end := h.course.ends()
		morning := time.Date(end.Year(), end.Month(), end.Day()+1, 8, 0, 0, 0, end.Location())
		if len(h.course.with(h, "confirmed")) > 0 && m.begun(h.course) && m.now.Before(morning) {
			return "booking.erase_busy"
		}
		if m.now.Before(end) {
			coming = append(coming, h)
		}
	}
	for _, h := range coming {
		for _, p := range h.course.with(h, live...) {
			if p.status == "offered" {
				m.withdraw(p)
			}
			p.status = "cancelled"
		}
	}
	who.erased, who.proved = true, false
	for _, h := range coming {
		m.offer(h.course, nil)
	}
	return ""
}

// remind asks « toujours partants ? » of who has had a seat long enough, two days before (UX-P14).
func (m *model) remind() (asked int) {
	for _, c := range m.sessions {
		at := time.Date(c.starts.Year(), c.starts.Month(), c.starts.Day()-2, 18, 0, 0, 0, c.starts.Location())
		if m.now.Before(at) || !m.now.Before(c.starts.Add(-24*time.Hour)) || !awake(m.now) {
			continue
		}
		first := map[*household]time.Time{}
		for _, p := range c.with(nil, "confirmed") {
			if since, known := first[p.household]; !known || p.since.Before(since) {
				first[p.household] = p.since
			}
		}
		for h, since := range first {
			if !h.reminded && !since.After(at.Add(-24*time.Hour)) {
				h.reminded = true
				asked++
			}
		}
	}
	return asked
}

// comes notes that a family still comes.
func (m *model) comes(h *household) string {
	if len(h.course.with(h, "confirmed")) == 0 || m.begun(h.course) {
		return "coming.late"
	}
	h.coming = true
	return ""
}

// record keeps the demand for what is over, for good.
func (m *model) record() {
	for _, c := range m.sessions {
		if c.cancelled || c.recorded || m.now.Before(c.ends()) {
			continue
		}
		type key struct {
			email string
			who   *person // where there is no address any more
			child string
		}
		c.recorded = true
		families, unmet := map[key]bool{}, map[key]bool{}
		children := map[key]place{}
		for _, p := range c.places {
			if !p.listed {
				continue
			}
			k := key{email: p.household.email, child: p.child}
			if k.email == "" || p.household.erased {
				k = key{who: p.household.person, child: p.child}
			}
			all := children[k]
			all.asked, all.won = all.asked || p.asked || p.status == "offered", all.won || p.won
			if p.status == "waiting" {
				all.status = p.status
			}
			children[k] = all
		}
		for k, p := range children {
			family := key{email: k.email, who: k.who}
			families[family] = true
			switch {
			case p.won:
				c.demand.Seated++
			case p.status == "waiting" && !p.asked:
				c.demand.Unmet++
				unmet[family] = true
			}
		}
		c.demand.Children, c.demand.Families, c.demand.UnmetFamilies = len(children), len(families), len(unmet)
	}
}
