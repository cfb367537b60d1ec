package booking_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	_ "github.com/lesbricodeurs/ateliersdada/internal/rapidtest"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// TestModel does at random what families, the team and the clock do, to the features and to the model, and compares all
// after each step (REL-11). A failure is shrunk and says how to repeat it: -rapid.failfile, or -rapid.seed.
func TestModel(t *testing.T) { // not parallel: the flags of rapid belong to the whole process
	checks, steps := "15", "150"                        // in each of two halves
	long := os.Getenv("ATELIERS_TEST_LONG_MODEL") != "" // make test-nightly
	if long {
		checks, steps = "250", "1000"
	}
	set := func(name, value string) {
		before := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set(name, before) })
	}
	set("rapid.checks", checks)
	set("rapid.steps", steps)
	set("rapid.shrinktime", "2m") // a run takes half a second, and each try to make it shorter is one
	dir := memoryDir(t)
	empty := emptyHouse(t, dir)
	_, err := account.LoadSecret(dir) // made once, for both halves
	must(t, err)
	halves := []map[string]int{{}, {}}
	t.Run("runs", func(t *testing.T) {
		for i, done := range halves {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				rapid.Check(t, func(rt *rapid.T) {
					rapid.SliceOfN(rapid.Bool(), i, i).Draw(rt, "half") // the halves draw from one seed: what follows differs
					run(rt, dir, empty, done)
				})
			})
		}
	})
	done := halves[0]
	for what, n := range halves[1] {
		done[what] += n
	}
	wanted := []string{"repeated", "refused", "booking.full", "booking.some_places", "booking.offer_over", "booking.cancel_late",
		"booking.book", "booking.cancel", "booking.offer", "booking.accept", "booking.decline", "booking.expire_offer",
		"session.capacity", "family.merge", "booking.list_closed", "error.not_found", "booking.join", "booking.join_nobody",
		"booking.move", "booking.move_full", "booking.move_nobody", "booking.wishes", "booking.wishes_late", "session.close_list", "booking.give", "given unasked", "booking.override",
		"error.invalid", "booking.give_late", "booking.give_nobody", "booking.offer_short", "silent", "family.erase", "by phone", "unmet", "booking.coming", "booking.walk_in", "booking.walk_in_early", "kept", "for the partner", "released to the list"}
	if long {
		wanted = append(wanted, "booking.reserved_few", "walked in", "walked in from the list", "booking.walk_in_confirm", "booking.join_mail", "booking.join_fewer", "booking.move_known", "booking.decline_late", "booking.child_known", "booking.remind", "coming.late", "called about seat", "called about offer", "called about reminder", "booking.cancel_all", "restored", "joined again", "lapsed", "booking.extend_offer", "booking.too_many", "booking.leave_unknown", "left for another", "booking.wishes_offered",
			"session.open_list", "overbooked", "seated from the list", "booking.erase_busy", "booking.session_past", "booking.session_cancelled")
	}
	for _, rare := range wanted {
		if done[rare] == 0 {
			t.Errorf("never %s: the machine is too tame", rare)
		}
	}
	t.Log(done)
}

// run is one run of the machine, on a database of its own; done counts what happened.
func run(rt *rapid.T, dir string, empty []byte, done map[string]int) {
	own, err := os.MkdirTemp(dir, "run")
	must(rt, err)
	defer func() { _ = os.RemoveAll(own) }()
	m := &machine{model: model{now: rapid.SampledFrom(mornings).Draw(rt, "first morning")}, path: filepath.Join(own, "ateliers.db"), dir: dir, done: done}
	must(rt, os.WriteFile(m.path, empty, 0o600))
	m.clock = sqlitetest.NewClock(m.now)
	m.open(rt)
	defer func() { _ = m.db.Close() }()
	rt.Repeat(map[string]func(*rapid.T){
		"":     m.compare,
		"book": m.bookSome, "book again": m.bookSome, "book more": m.bookSome, "book still more": m.bookSome,
		"cancel": m.cancelSome, "cancel more": m.cancelSome, "leave the list": m.leave,
		"book a lot": m.bookSome, "book again and again": m.bookSome, "cancel still more": m.cancelSome,
		"accept": m.acceptOffer, "accept by phone": m.acceptByPhone, "decline": m.declineOffer, "decline more": m.declineOffer, "prove": m.prove,
		"come": m.comeSome, "move a booking": m.moveBooking, "join": m.joinSome, "join another": m.joinSome, "wish": m.wishSome, "erase": m.eraseSome,
		"give": m.giveSome, "offer": m.offerSome, "call in vain": m.callInVain, "call": m.callSome, "call on the day": m.standbySome, "walk in": m.walkInSome, "close the list": m.closeList,
		"capacity": m.edit, "keep seats": m.keep, "keep more seats": m.keep, "move": m.move, "call off": m.callOff, "restore": m.restoreSome,
		"wait a little": m.waitALittle, "wait for a deadline": m.waitForDeadline, "wait for the next": m.waitForDeadline, "wait for one more": m.waitForDeadline,
		"wait for a release": m.waitForRelease, "stop": m.stop, "stop over a deadline": m.stopOverDeadline, "expire": m.expireNow, "reopen": m.reopen,
	})
	m.verify(rt)
	m.count(rt)
}

// mornings are days before the clocks go forward, and back.
var mornings = []time.Time{firstMorning(), time.Date(2027, 10, 27, 10, 0, 0, 0, paris)}

// memoryDir is a folder in memory where there is one: the model asks nothing about the disk, and would wait for it half of
// its time.
func memoryDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "model")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

var paris = func() *time.Location {
	loc, err := catalog.LoadZone("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return loc
}()

// firstMorning is a Wednesday in Paris, some days before the clocks go forward.
func firstMorning() time.Time { return time.Date(2027, 3, 24, 10, 0, 0, 0, paris) }

var team = account.Actor{Kind: account.KindUser, ID: 99, Name: "Łukasz", Role: account.Staff}

func formKey() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: firstMorning().AddDate(10, 0, 0)}
}

// emptyHouse is the file of a database with one workshop and one venue.
func emptyHouse(t *testing.T, dir string) []byte {
	t.Helper()
	path := filepath.Join(dir, "empty.db")
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Clock: firstMorning})
	must(t, err)
	must(t, booking.AddStaff(t.Context(), db))
	c := catalog.New(db)
	_, err = c.CreateWorkshop(t.Context(), team, formKey(), catalog.Workshop{Title: "Robotique", Level: "Initiation", Discipline: "robotique",
		MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120})
	must(t, err)
	_, err = c.CreateVenue(t.Context(), team, formKey(), catalog.Venue{Name: "Espace Altnet", Address: "7 place Louis Chazette", Postcode: "69001",
		City: "Lyon", StepFree: catalog.StepFreeUnknown, Capacity: 12, TimeZone: "Europe/Paris"})
	must(t, err)
	must(t, db.Close())
	file, err := os.ReadFile(path)
	must(t, err)
	return file
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// machine does everything twice: to a database and to the model. Session n of the model has the id n+1.
type machine struct {
	model
	path, dir string
	clock     *sqlitetest.Clock
	db        *sqlite.DB
	bookings  *booking.Service
	homes     []*household
	silent    []*household // called about a free seat in vain
	step      int
	done      map[string]int // how often what happened, in all runs
	// read are the sessions as they were read, by index, while the database has this version.
	read    map[int]string
	version int64
}

func (m *machine) open(t *rapid.T) {
	var err error
	m.db, err = sqlite.Open(context.Background(), sqlite.Config{Path: m.path, Clock: m.clock.Now, Readers: 1})
	must(t, err)
	m.read = map[int]string{} // versions of another opening say nothing
	secret, err := account.LoadSecret(m.dir)
	must(t, err)
	m.bookings = booking.NewService(m.db, secret)
}

// same fails the run unless the features answered what the model did: the key of a fault, or nothing.
func (m *machine) same(t *rapid.T, err error, want string) {
	t.Helper()
	got := ""
	if f, ok := fault.As(err); ok {
		got = f.Message.Key
	} else if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("answered %q, the model says %q", got, want)
	}
	m.done[want]++
}

// session is one of the two latest sessions; there are always two that can still be booked.
func (m *machine) session(t *rapid.T) (id int64, c *course) {
	bookable := 0
	for _, c := range m.latest() {
		if !c.cancelled && !m.begun(c) {
			bookable++
		}
	}
	for ; bookable < 2; bookable++ {
		m.publish(t)
	}
	n := len(m.sessions) - rapid.IntRange(1, 2).Draw(t, "session from the end")
	return int64(n) + 1, m.sessions[n]
}

// latest are the sessions that most of what happens is about.
func (m *machine) latest() []*course { return m.sessions[max(0, len(m.sessions)-2):] }

func (m *machine) publish(t *rapid.T) {
	c := &course{now: func() time.Time { return m.now }, capacity: rapid.IntRange(1, 4).Draw(t, "capacity"), starts: m.start(t)}
	if eve := int(c.starts.Sub(m.now) / (24 * time.Hour)); eve > 0 && rapid.IntRange(0, 2).Draw(t, "kept for a partner") > 0 {
		c.kept = rapid.IntRange(1, c.capacity).Draw(t, "kept")
		c.keptUntil = m.midnightAfter(rapid.IntRange(0, eve-1).Draw(t, "last day"))
	}
	all := catalog.New(m.db)
	id, err := all.CreateSession(context.Background(), team, formKey(), request(c))
	must(t, err)
	must(t, all.PublishSession(context.Background(), team, formKey(), id))
	m.sessions = append(m.sessions, c)
}

// start is an hour of a day to come.
func (m *machine) start(t *rapid.T) time.Time {
	day := m.now.AddDate(0, 0, rapid.SampledFrom([]int{1, 2, 4, 7, 9}).Draw(t, "days ahead"))
	return time.Date(day.Year(), day.Month(), day.Day(), rapid.SampledFrom([]int{8, 9, 14, 20}).Draw(t, "hour"), 0, 0, 0, paris)
}

// partner is whom seats are kept for.
const partner = "Centre social Łukasiewicz"

func request(c *course) catalog.SessionRequest {
	r := catalog.SessionRequest{WorkshopID: 1, VenueID: 1, Date: c.starts.Format(time.DateOnly), Starts: c.starts.Format("15:04"),
		Ends: c.starts.Add(2 * time.Hour).Format("15:04"), Capacity: c.capacity, PriceCents: 1400}
	if c.kept > 0 {
		r.ReservedSeats, r.ReservedFor, r.ReservedUntil = c.kept, partner, c.keptUntil.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return r
}

var firstNames = []string{"Zoé", "محمد", "李", "Łukasz"}

// children are one to four first names, each once.
func children(t *rapid.T) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(firstNames), 1, 4, func(name string) string { return name }).Draw(t, "children")
}

func (m *machine) bookSome(t *rapid.T) {
	id, c := m.session(t)
	h := &household{course: c, together: rapid.Bool().Draw(t, "together"), unasked: rapid.IntRange(0, 3).Draw(t, "unasked") == 3}
	h.first, h.person = h, &person{email: "famille.0@exemple.fr"} // who books in all sessions
	if n := rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3, 4, 5}).Draw(t, "family"); n > 0 {
		h.email = fmt.Sprintf("famille.%d.%d@exemple.fr", n, id/2)
	}
	byPhone := rapid.IntRange(0, 4).Draw(t, "by phone") == 4 || c.held() > 0 && rapid.Bool().Draw(t, "at the desk")
	if byPhone && rapid.IntRange(0, 3).Draw(t, "with e-mail") < 3 {
		h.email, h.number = "", m.step
	}
	names, ifFull := children(t), rapid.SampledFrom([]string{"", "split", "wait", "wait", "wait"}).Draw(t, "if full")
	r := booking.Request{SessionID: id, IfFull: booking.IfFull(ifFull), Together: h.together, Unasked: h.unasked,
		Guardian: family.NewGuardian{Name: "Nguyễn", Email: h.email, Phone: "06 12 34 56 78", Language: "fr"}}
	for _, name := range names {
		r.Children = append(r.Children, family.NewChild{FirstName: name, LastName: fmt.Sprintf("D'Artagnan-N'Guyen %s%d", h.email, h.number),
			BirthDate: time.Date(2018, 2, 1, 0, 0, 0, 0, time.UTC), Health: family.Health{State: family.HealthNone}, Image: family.Later})
	}
	if byPhone {
		m.bookByPhone(t, h, r, names)
		return
	}
	reference, err := m.bookings.Book(context.Background(), account.Guest(), formKey(), r)
	want := m.book(h, names, ifFull)
	if want == booking.Repeated {
		if reference != want {
			t.Fatalf("booked children again as %q, %v", reference, err)
		}
		m.done[want]++
		return
	}
	m.booked(t, h, reference, err, want)
}

// bookByPhone books for a family that called, perhaps beyond the rules.
func (m *machine) bookByPhone(t *rapid.T, h *household, r booking.Request, names []string) {
	if rapid.IntRange(0, 3).Draw(t, "over") == 3 {
		r.IfFull = booking.Over
	}
	if h.course.held() > 0 && rapid.IntRange(0, 3).Draw(t, "from the partner") > 0 {
		r.IfFull = booking.Reserved
	}
	reason := rapid.SampledFrom(reasons).Draw(t, "reason")
	reference, err := m.bookings.BookFor(context.Background(), team, formKey(), r, reason)
	want := m.bookFor(h, names, string(r.IfFull), reason)
	if m.booked(t, h, reference, err, want); want == "" {
		m.done["by phone"]++
		if r.IfFull == booking.Reserved {
			m.done["for the partner"]++
		}
	}
}

// booked compares what came of booking, and keeps the family when it is.
func (m *machine) booked(t *rapid.T, h *household, reference string, err error, want string) {
	m.same(t, err, want)
	if want == "" {
		h.reference = reference
		m.homes = append(m.homes, h)
	}
}

// home draws a family that has booked: mostly one with a child of a status, if there is any. Where nobody has, somebody
// books: a run is stopped that skips too much.
func (m *machine) home(t *rapid.T, status string) *household {
	var some []*household
	for _, c := range m.latest() {
		for _, p := range c.with(nil, status) {
			some = append(some, p.household)
		}
	}
	for len(m.homes) == 0 {
		m.bookSome(t)
	}
	if len(some) == 0 || rapid.IntRange(0, 9).Draw(t, "anybody") == 9 {
		some = m.homes
	}
	return some[rapid.IntRange(0, len(some)-1).Draw(t, "whose")]
}

// prefer draws a family of a rare kind rather than h, every other time that there is one.
func (m *machine) prefer(t *rapid.T, h *household, rare func(*household) bool) *household {
	var some []*household
	for _, o := range m.homes {
		if rare(o) {
			some = append(some, o)
		}
	}
	if len(some) == 0 || rapid.Bool().Draw(t, "anyway") {
		return h
	}
	return rapid.SampledFrom(some).Draw(t, "who rather")
}

// act runs a change of a booking by one of its links, or by the team, and compares the answer with the model's. A link
// of an erased family opens nothing; a change by mail proves the mailbox.
func (m *machine) act(t *rapid.T, h *household, byLink func(booking.Link) error, byTeam func() error, rule func() string) {
	m.actAs(t, h, true, byLink, byTeam, rule)
}

// actAs is act; proves says that who does it with a mailed link shows that it is their booking.
func (m *machine) actAs(t *rapid.T, h *household, proves bool, byLink func(booking.Link) error, byTeam func() error, rule func() string) {
	if byTeam != nil && rapid.IntRange(0, 3).Draw(t, "by the team") == 3 {
		m.same(t, byTeam(), rule())
		return
	}
	link := m.link(t, h)
	err := byLink(link)
	if h.erased {
		m.same(t, err, "error.not_found")
		return
	}
	undo := func() {}
	if proves && link == m.bookings.Sign(booking.LinkMail, h.reference, 1) {
		undo = prove(h, m.homes)
	}
	want := rule()
	if want != "" {
		undo()
	}
	m.same(t, err, want)
}

// link is one that a family has got; to who has no address nothing is mailed.
func (m *machine) link(t *rapid.T, h *household) booking.Link {
	purpose := booking.LinkScreen
	if h.email != "" && rapid.Bool().Draw(t, "mailed link") {
		purpose = booking.LinkMail
	}
	return m.bookings.Sign(purpose, h.reference, 1)
}

func (m *machine) cancelSome(t *rapid.T) { m.giveUp(t, "confirmed") }

func (m *machine) leave(t *rapid.T) { m.giveUp(t, "waiting") }

// giveUp cancels all or some of what a family has, once or twice.
func (m *machine) giveUp(t *rapid.T, status string) {
	h := m.prefer(t, m.home(t, status), func(h *household) bool {
		return h.first != h && len(h.course.with(h, "waiting")) > 1 && status == "waiting"
	})
	names, ids := m.some(t, h)
	if len(ids) == 0 {
		names = firstNames
	}
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		m.actAs(t, h, false,
			func(link booking.Link) error {
				return m.bookings.Cancel(context.Background(), account.Guest(), formKey(), link, ids, "")
			},
			func() error { return m.bookings.CancelFor(context.Background(), team, formKey(), h.reference, ids) },
			func() string { return m.cancel(h, names) })
	}
}

// some draws all or some of the children of a booking: the names and the ids of some, or none for all.
func (m *machine) some(t *rapid.T, h *household) (names []string, ids []int64) {
	if rapid.Bool().Draw(t, "only some") {
		drawn := children(t)
		theirs := m.ids(t, h)
		for _, p := range h.course.places {
			if p.household == h && slices.Contains(drawn, p.child) {
				names, ids = append(names, p.child), append(ids, theirs[0])
			}
			if p.household == h {
				theirs = theirs[1:]
			}
		}
	}
	return names, ids
}

// ids are those of the children of a booking, in their order.
func (m *machine) ids(t *rapid.T, h *household) (ids []int64) {
	session := int64(slices.Index(m.sessions, h.course)) + 1
	list, err := m.bookings.SessionBookings(context.Background(), team, session)
	must(t, err)
	for _, b := range list.Bookings {
		if b.Reference == h.reference {
			ids = append(ids, b.BookingID)
		}
	}
	return ids
}

func (m *machine) acceptOffer(t *rapid.T) {
	h := m.prefer(t, m.home(t, "offered"), func(h *household) bool { return len(h.course.with(h, "offered")) > 0 && len(m.linked(h)) > 0 })
	var leave []*household
	var references []string
	linked := m.linked(h)
	if !h.erased {
		m.sameLinked(t, h, linked)
	}
	if rapid.IntRange(0, 9).Draw(t, "a stranger's place") == 9 {
		linked = append(linked, m.home(t, "waiting"))
	}
	for _, other := range linked {
		if !slices.Contains(leave, other) && rapid.Bool().Draw(t, "leave") {
			leave, references = append(leave, other), append(references, other.reference)
		}
	}
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		offered := len(h.course.with(h, "offered"))
		m.act(t, h,
			func(link booking.Link) error {
				return m.bookings.Accept(context.Background(), account.Guest(), formKey(), link, references)
			},
			nil,
			func() string { return m.accept(h, leave) })
		if offered > 0 && len(h.course.with(h, "offered")) == 0 && len(leave) > 0 {
			m.done["left for another"]++
		}
	}
}

func (m *machine) acceptByPhone(t *rapid.T) {
	h := m.home(t, "offered")
	m.same(t, m.bookings.AcceptFor(context.Background(), team, formKey(), h.reference), m.accept(h, nil))
}

// sameLinked fails the run unless the family sees the other lists that its children are on.
func (m *machine) sameLinked(t *rapid.T, h *household, linked []*household) {
	g, err := m.bookings.Find(context.Background(), m.bookings.Sign(booking.LinkScreen, h.reference, 1))
	must(t, err)
	var got, want []string
	for _, l := range g.Linked {
		got = append(got, l.Link.Reference)
	}
	for _, l := range linked {
		want = append(want, l.reference)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("%s is linked to %v, the model says %v", h.reference, got, want)
	}
}

func (m *machine) declineOffer(t *rapid.T) {
	h := m.home(t, "offered")
	m.actAs(t, h, false,
		func(link booking.Link) error {
			return m.bookings.Decline(context.Background(), account.Guest(), formKey(), link)
		},
		func() error { return m.bookings.DeclineFor(context.Background(), team, formKey(), h.reference) },
		func() string { return m.decline(h) })
}

func (m *machine) prove(t *rapid.T) {
	h := m.home(t, "confirmed")
	if h.email == "" {
		return
	}
	err := m.bookings.Prove(context.Background(), formKey(), m.bookings.Sign(booking.LinkMail, h.reference, 1))
	if h.erased {
		m.same(t, err, "error.not_found")
		return
	}
	must(t, err)
	prove(h, m.homes)
}

// edit changes how many seats a session has.
func (m *machine) edit(t *rapid.T) {
	id, c := m.session(t)
	old := *c
	c.capacity = rapid.IntRange(1, 6).Draw(t, "capacity")
	m.change(t, id, c, old)
}

// keep keeps seats of a session for a partner, or some more or fewer, or none.
func (m *machine) keep(t *rapid.T) {
	id, c := m.session(t)
	old := *c
	c.kept, c.keptUntil = rapid.IntRange(0, 3).Draw(t, "kept"), time.Time{}
	if c.kept > 0 {
		c.keptUntil = m.midnightAfter(rapid.IntRange(-1, 4).Draw(t, "last day"))
	}
	m.change(t, id, c, old)
}

// midnightAfter is the end of a day, so many days from now.
func (m *machine) midnightAfter(days int) time.Time {
	return time.Date(m.now.Year(), m.now.Month(), m.now.Day()+days+1, 0, 0, 0, 0, paris)
}

// keeps reports whether the seats that c is to keep for a partner can be kept, where it was old (Capacity 8).
func (m *machine) keeps(c *course, old course) bool {
	if c.kept == 0 {
		return c.keptUsed() == 0
	}
	passed := !c.keptUntil.After(m.now) && !c.keptUntil.Equal(old.keptUntil)
	more := c.held() > old.held() && len(c.with(nil, "confirmed", "offered"))+c.held() > max(c.capacity, old.capacity)
	return c.kept >= c.keptUsed() && !passed && !more && !c.keptUntil.After(c.starts)
}

// move gives a session another day and hour.
func (m *machine) move(t *rapid.T) {
	id, c := m.session(t)
	old := *c
	c.starts = m.start(t)
	m.change(t, id, c, old)
}

// change edits a session as c now says. It is refused after its end, and below the seats taken or kept (Capacity 5 and 8).
func (m *machine) change(t *rapid.T, id int64, c *course, old course) {
	err := m.bookings.EditSession(context.Background(), team, formKey(), id, request(c))
	refused := c.cancelled || m.begun(&old) || !m.keeps(c, old) ||
		c.capacity < min(old.capacity, len(c.with(nil, "confirmed", "offered"))+c.held())
	if refused != (err != nil) {
		t.Fatalf("edit answered %v, refused by the model: %v", err, refused)
	}
	if refused {
		*c = old
		m.done["refused"]++
		return
	}
	if c.starts.YearDay() != old.starts.YearDay() {
		for _, p := range c.places {
			p.household.reminded, p.household.coming = false, false
		}
	}
	if !c.starts.Equal(old.starts) {
		m.fitOffers(c)
	}
	if c.held() > 0 {
		m.done["kept"]++
	}
	m.offer(c, nil)
}

// callOff cancels one session in ten of those it is asked to.
func (m *machine) callOff(t *rapid.T) {
	id, c := m.session(t)
	if rapid.IntRange(0, 9).Draw(t, "really") < 9 {
		return
	}
	err := m.bookings.CancelSession(context.Background(), team, formKey(), id, "Grève")
	if refused := c.cancelled || m.begun(c); refused != (err != nil) {
		t.Fatalf("cancelling answered %v, refused by the model: %v", err, refused)
	} else if refused {
		return
	}
	c.cancelled, c.calledOff, c.before = true, m.now, map[*place]string{}
	for _, p := range c.with(nil, live...) {
		c.before[p] = p.status
		p.status = "cancelled"
	}
	if rapid.Bool().Draw(t, "think again") {
		m.restoreOne(t, id, c)
	}
}

// restoreSome takes back that a session was called off, mostly too late.
func (m *machine) restoreSome(t *rapid.T) {
	id, c := m.session(t)
	m.restoreOne(t, id, c)
}

func (m *machine) restoreOne(t *rapid.T, id int64, c *course) {
	err := m.bookings.RestoreSession(context.Background(), team, formKey(), id)
	if refused := !c.cancelled || m.begun(c) || !m.now.Before(c.calledOff.Add(10*time.Minute)); refused != (err != nil) {
		t.Fatalf("restoring answered %v, refused by the model: %v", err, refused)
	} else if refused {
		return
	}
	m.done["restored"]++
	c.cancelled = false
	for p, status := range c.before {
		if !p.household.erased {
			p.status = status
		}
	}
	m.offer(c, nil)
}

// waitALittle is an hour or less in which the worker did not find time.
func (m *machine) waitALittle(t *rapid.T) { m.goOn(t, m.now, rapid.IntRange(0, 60).Draw(t, "minutes")) }

// waitForDeadline lets the next offer run out, and the worker see it at once.
func (m *machine) waitForDeadline(t *rapid.T) {
	m.goOn(t, m.nextDeadline(), rapid.IntRange(0, 10).Draw(t, "minutes late"))
	m.expireNow(t)
}

// waitForRelease lets seats that are kept for a partner join the others.
func (m *machine) waitForRelease(t *rapid.T) {
	_, c := m.session(t)
	m.goOn(t, c.keptUntil, rapid.IntRange(0, 10).Draw(t, "minutes late"))
}

// nextDeadline is that of the offer which runs out first, or now.
func (m *machine) nextDeadline() (next time.Time) {
	for _, c := range m.sessions {
		for _, p := range c.with(nil, "offered") {
			if next.IsZero() || p.until.Before(next) {
				next = p.until
			}
		}
	}
	if next.IsZero() {
		return m.now
	}
	return next
}

// stop is some hours or a night without the worker, stopOverDeadline one in which an offer runs out.
func (m *machine) stop(t *rapid.T) { m.stopFrom(t, m.now) }

func (m *machine) stopOverDeadline(t *rapid.T) { m.stopFrom(t, m.nextDeadline()) }

func (m *machine) stopFrom(t *rapid.T, from time.Time) {
	m.goOn(t, from, rapid.SampledFrom([]int{15, 60, 5 * 60, 11 * 60, 26 * 60}).Draw(t, "minutes"))
	m.expireNow(t)
}

// goOn moves the clock to some minutes after an instant, unless it is already later.
func (m *machine) goOn(t *rapid.T, from time.Time, minutes int) {
	if to := from.Add(time.Duration(minutes) * time.Minute); to.After(m.now) {
		before := m.now
		m.now = to.In(paris)
		m.clock.Set(m.now)
		m.release(t, before)
	}
}

// release lets the worker see at once that seats kept for a partner join the others. That is seen in a session though nothing is written.
func (m *machine) release(t *rapid.T, before time.Time) {
	due := false
	for _, c := range m.sessions {
		if c.kept == 0 || !c.keptUntil.After(before) || c.keptUntil.After(m.now) {
			continue
		}
		due = true
		offered := len(c.with(nil, "offered"))
		if !m.begun(c) {
			m.offer(c, nil)
		}
		m.done["released to the list"] += len(c.with(nil, "offered")) - offered
	}
	if due {
		m.read = map[int]string{}
		must(t, m.bookings.ReleaseReserved(context.Background()))
	}
}

func (m *machine) expireNow(t *rapid.T) {
	m.expire()
	m.record()
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		_, err := m.bookings.ExpireOffers(context.Background())
		must(t, err)
		_, err = m.bookings.RemindOffers(context.Background())
		must(t, err)
		asked, err := m.bookings.Remind(context.Background())
		must(t, err)
		if want := m.remind(); asked != want {
			t.Fatalf("at %v %d families were reminded, the model says %d of\n%v", m.now, asked, want, m.sessions)
		}
		_, err = m.bookings.RecordLists(context.Background())
		must(t, err)
	}
}

func (m *machine) reopen(t *rapid.T) {
	must(t, m.db.Close())
	m.open(t)
}

// every so many steps the whole database is verified too, and at the end of each run.
const every = 40

// compare fails the run when a session is not what the model says. What was read before stays so
// while nothing is written: about half of the steps are refused, or change nothing. Then a minute goes by.
func (m *machine) compare(t *rapid.T) {
	m.step++
	version, err := m.db.DataVersion(context.Background())
	must(t, err)
	if version != m.version {
		m.read, m.version = map[int]string{}, version
	}
	for i := range m.sessions {
		if i < len(m.sessions)-2 && m.step%every > 0 {
			continue // long over
		}
		got, known := m.read[i]
		if !known {
			list, err := m.bookings.SessionBookings(context.Background(), team, int64(i)+1)
			must(t, err)
			got = seen(list)
			m.read[i] = got
		}
		if want := m.sessions[i].String(); got != want {
			t.Fatalf("at %v session %d is\n%swant\n%s", m.now, i+1, got, want)
		}
	}
	if m.step%every == 0 {
		m.verify(t)
	}
	m.goOn(t, m.now, 1)
}

func (m *machine) verify(t *rapid.T) {
	for i, c := range m.sessions {
		got, err := m.bookings.ListFigures(context.Background(), team, int64(i)+1)
		must(t, err)
		if got != c.demand {
			t.Fatalf("at %v the demand for session %d is %+v, the model says %+v of\n%v", m.now, i+1, got, c.demand, c)
		}
	}
	breaches, err := upkeep.Verify(context.Background(), m.db)
	must(t, err)
	if len(breaches) > 0 {
		t.Fatalf("at %v: %v in\n%v", m.now, breaches, m.sessions)
	}
	// All that the next steps change must have an explanation then (REL-19): without one it would be taken for damage.
	seen := m.path + ".seen-20270101T000000Z"
	if err := os.Remove(seen); err != nil && m.step > every {
		t.Fatal(err)
	}
	must(t, m.db.Backup(context.Background(), seen))
}

// count notes what happened in this run.
func (m *machine) count(t *rapid.T) {
	for _, c := range m.sessions {
		m.done["lapsed"] += len(c.with(nil, "lapsed"))
		m.done["unmet"] += c.demand.Unmet
		m.done["seated from the list"] += c.demand.Seated
		if len(c.with(nil, "confirmed", "offered")) > c.capacity {
			m.done["overbooked"]++
		}
	}
	must(t, m.db.Read(context.Background(), func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(`SELECT action, count(*) FROM audit GROUP BY action
			UNION ALL SELECT 'given unasked', count(*) FROM offers WHERE outcome = 'given' AND made_by IS NULL`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var action string
			var n int
			if err := rows.Scan(&action, &n); err != nil {
				return err
			}
			m.done[action] += n
		}
		return rows.Err()
	}))
}

// String is a session as the model says it is; seen is the same of the real one.
func (c *course) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v, %d of %d, %d kept, %d open\n", c.starts, len(c.with(nil, "confirmed", "offered")), c.capacity, c.held(), c.open())
	rank := 0
	for _, p := range c.places {
		who, child := p.household.email, p.child
		if p.household.erased {
			who, child = "", ""
		}
		fmt.Fprint(&b, "  ", who, " ", child, " ", p.status)
		if p.household.together {
			fmt.Fprint(&b, " together")
		}
		if p.override {
			fmt.Fprint(&b, " by the team")
		}
		if p.kept && p.status == "confirmed" {
			fmt.Fprint(&b, " for the partner")
		}
		switch p.status {
		case "waiting":
			rank++
			fmt.Fprint(&b, " ", rank)
		case "offered":
			fmt.Fprint(&b, " until ", p.until)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

func seen(list booking.SessionList) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v, %d of %d, %d kept, %d open\n", list.Session.StartsAt, list.Session.Taken, list.Session.Capacity, list.Session.Held, list.Session.PlacesOpen)
	for _, p := range list.Bookings {
		fmt.Fprint(&b, "  ", p.Guardian.Email, " ", p.FirstName, " ", p.Status)
		if p.Together {
			fmt.Fprint(&b, " together")
		}
		if p.Override != "" {
			fmt.Fprint(&b, " by the team")
		}
		if p.Partner != "" && p.Status == "confirmed" {
			fmt.Fprint(&b, " for the partner")
		}
		if p.Rank > 0 {
			fmt.Fprint(&b, " ", p.Rank)
		}
		for _, o := range p.Offers {
			if o.Outcome == "" {
				fmt.Fprint(&b, " until ", o.ExpiresAt)
			}
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}
