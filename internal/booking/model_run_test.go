package booking_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// TestModel does at random what families, the team and the clock do, to the features and to the model, and compares all
// after each step (REL-11). A failure is shrunk and says how to repeat it: -rapid.failfile, or -rapid.seed.
func TestModel(t *testing.T) { // not parallel: the flags of rapid belong to the whole process
	checks, steps := "20", "150"
	if os.Getenv("ATELIERS_TEST_NIGHTLY") != "" {
		checks, steps = "500", "1000"
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
	dir := t.TempDir()
	empty := emptyHouse(t, dir)
	done := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(dir, rand.Text())
		if err := os.WriteFile(path, empty, 0o600); err != nil {
			rt.Fatal(err)
		}
		m := &machine{model: model{now: firstMorning()}, path: path, dir: dir, done: done}
		m.clock = sqlitetest.NewClock(m.now)
		m.open(rt)
		defer func() { _ = m.db.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"":     m.compare,
			"book": m.bookSome, "book again": m.bookSome, "book more": m.bookSome, "book still more": m.bookSome,
			"cancel": m.cancelSome, "cancel more": m.cancelSome, "leave the list": m.leave,
			"accept": m.acceptOffer, "decline": m.declineOffer, "prove": m.prove,
			"capacity": m.edit, "move": m.move, "call off": m.callOff,
			"wait a little": m.waitALittle, "wait for a deadline": m.waitForDeadline, "wait for the next": m.waitForDeadline,
			"stop": m.stop, "stop over a deadline": m.stopOverDeadline, "expire": m.expireNow, "reopen": m.reopen,
		})
		m.verify(rt)
		m.count(rt)
	})
	for _, rare := range []string{"repeated", "refused", "lapsed", "booking.full", "booking.some_places", "booking.offer_over", "booking.cancel_late",
		"booking.book", "booking.cancel", "booking.offer", "booking.accept", "booking.decline", "booking.expire_offer", "booking.extend_offer",
		"booking.cancel_all", "session.capacity", "family.merge"} {
		if done[rare] == 0 {
			t.Errorf("never %s: the machine is too tame", rare)
		}
	}
	t.Log(done)
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
	step      int
	done      map[string]int // how often what happened, in all runs
}

func (m *machine) open(t *rapid.T) {
	var err error
	m.db, err = sqlite.Open(context.Background(), sqlite.Config{Path: m.path, Clock: m.clock.Now, Readers: 1})
	must(t, err)
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
	c := &course{capacity: rapid.IntRange(1, 4).Draw(t, "capacity"), starts: m.start(t)}
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

func request(c *course) catalog.SessionRequest {
	return catalog.SessionRequest{WorkshopID: 1, VenueID: 1, Date: c.starts.Format(time.DateOnly), Starts: c.starts.Format("15:04"),
		Ends: c.starts.Add(2 * time.Hour).Format("15:04"), Capacity: c.capacity, PriceCents: 1400}
}

var firstNames = []string{"Zoé", "محمد", "李", "Łukasz"}

// children are one to four first names, each once.
func children(t *rapid.T) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(firstNames), 1, 4, func(name string) string { return name }).Draw(t, "children")
}

func (m *machine) bookSome(t *rapid.T) {
	id, c := m.session(t)
	h := &household{course: c, together: rapid.Bool().Draw(t, "together"),
		email: fmt.Sprintf("famille.%d.%d@exemple.fr", rapid.IntRange(1, 5).Draw(t, "family"), id/2)}
	names, ifFull := children(t), rapid.SampledFrom([]string{"", "split", "wait", "wait", "wait"}).Draw(t, "if full")
	r := booking.Request{SessionID: id, IfFull: booking.IfFull(ifFull), Together: h.together,
		Guardian: family.NewGuardian{Name: "Nguyễn", Email: h.email, Phone: "06 12 34 56 78", Language: "fr"}}
	for _, name := range names {
		r.Children = append(r.Children, family.NewChild{FirstName: name, LastName: "D'Artagnan-N'Guyen",
			BirthDate: time.Date(2018, 2, 1, 0, 0, 0, 0, time.UTC), Health: family.Health{State: family.HealthNone}, Image: family.Later})
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
	m.same(t, err, want)
	if want == "" {
		h.reference = reference
		m.homes = append(m.homes, h)
	}
}

// home draws a family that has booked: mostly one with a child of a status, if there is any. Where nobody has, somebody
// books: a run is stopped that skips too much.
func (m *machine) home(t *rapid.T, status string) (*household, booking.Link) {
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
	h := some[rapid.IntRange(0, len(some)-1).Draw(t, "whose")]
	purpose := rapid.SampledFrom([]string{booking.LinkScreen, booking.LinkMail}).Draw(t, "link")
	return h, m.bookings.Sign(purpose, h.reference, 1)
}

func (m *machine) cancelSome(t *rapid.T) { m.giveUp(t, "confirmed") }

func (m *machine) leave(t *rapid.T) { m.giveUp(t, "waiting") }

// giveUp cancels all or some of what a family has, once or twice.
func (m *machine) giveUp(t *rapid.T, status string) {
	h, link := m.home(t, status)
	names := firstNames
	var ids []int64
	if rapid.Bool().Draw(t, "only some") {
		names = children(t)
		g, err := m.bookings.Find(context.Background(), link)
		must(t, err)
		for _, c := range g.Children {
			for _, name := range names {
				if c.FirstName == name {
					ids = append(ids, c.BookingID)
				}
			}
		}
		if len(ids) == 0 {
			names = firstNames // none of theirs: all
		}
	}
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		m.same(t, m.bookings.Cancel(context.Background(), account.Guest(), formKey(), link, ids), m.cancel(h, names))
	}
}

func (m *machine) acceptOffer(t *rapid.T) {
	h, link := m.home(t, "offered")
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		m.same(t, m.bookings.Accept(context.Background(), account.Guest(), formKey(), link), m.accept(h))
	}
}

func (m *machine) declineOffer(t *rapid.T) {
	h, link := m.home(t, "offered")
	m.decline(h)
	m.same(t, m.bookings.Decline(context.Background(), account.Guest(), formKey(), link), "")
}

func (m *machine) prove(t *rapid.T) {
	h, _ := m.home(t, "confirmed")
	must(t, m.bookings.Prove(context.Background(), formKey(), m.bookings.Sign(booking.LinkMail, h.reference, 1)))
}

// edit changes how many seats a session has.
func (m *machine) edit(t *rapid.T) {
	id, c := m.session(t)
	old := *c
	c.capacity = rapid.IntRange(1, 6).Draw(t, "capacity")
	m.change(t, id, c, old)
}

// move gives a session another day and hour. Offers keep the deadline that their families were told.
func (m *machine) move(t *rapid.T) {
	id, c := m.session(t)
	old := *c
	c.starts = m.start(t)
	m.change(t, id, c, old)
}

// change edits a session as c now says. It is refused after its end, and below the seats taken (Capacity 5).
func (m *machine) change(t *rapid.T, id int64, c *course, old course) {
	err := m.bookings.EditSession(context.Background(), team, formKey(), id, request(c))
	refused := c.cancelled || m.begun(&old) || c.capacity < min(old.capacity, len(c.with(nil, "confirmed", "offered")))
	if refused != (err != nil) {
		t.Fatalf("edit answered %v, refused by the model: %v", err, refused)
	}
	if refused {
		*c = old
		m.done["refused"]++
		return
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
	c.cancelled = true
	for _, p := range c.with(nil, live...) {
		p.status = "cancelled"
	}
}

// waitALittle is an hour or less in which the worker did not find time.
func (m *machine) waitALittle(t *rapid.T) { m.goOn(t, m.now, rapid.IntRange(0, 60).Draw(t, "minutes")) }

// waitForDeadline lets the next offer run out, and the worker see it at once.
func (m *machine) waitForDeadline(t *rapid.T) {
	m.goOn(t, m.nextDeadline(), rapid.IntRange(0, 10).Draw(t, "minutes late"))
	m.expireNow(t)
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
		m.now = to.In(paris)
		m.clock.Set(m.now)
	}
}

func (m *machine) expireNow(t *rapid.T) {
	m.expire()
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		_, err := m.bookings.ExpireOffers(context.Background())
		must(t, err)
	}
}

func (m *machine) reopen(t *rapid.T) {
	must(t, m.db.Close())
	m.open(t)
}

// every so many steps the whole database is verified too, and at the end of each run.
const every = 40

// compare fails the run when a session is not what the model says. Then a minute goes by.
func (m *machine) compare(t *rapid.T) {
	m.step++
	for i := range m.sessions {
		if i < len(m.sessions)-2 && m.step%every > 0 {
			continue // long over
		}
		list, err := m.bookings.SessionBookings(context.Background(), team, int64(i)+1)
		must(t, err)
		if got, want := seen(list), m.sessions[i].String(); got != want {
			t.Fatalf("at %v session %d is\n%swant\n%s", m.now, i+1, got, want)
		}
	}
	if m.step%every == 0 {
		m.verify(t)
	}
	m.goOn(t, m.now, 1)
}

func (m *machine) verify(t *rapid.T) {
	breaches, err := upkeep.Verify(context.Background(), m.db)
	must(t, err)
	if len(breaches) > 0 {
		t.Fatalf("at %v: %v in\n%v", m.now, breaches, m.sessions)
	}
}

// count notes what happened in this run.
func (m *machine) count(t *rapid.T) {
	for _, c := range m.sessions {
		m.done["lapsed"] += len(c.with(nil, "lapsed"))
	}
	must(t, m.db.Read(context.Background(), func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(`SELECT action, count(*) FROM audit GROUP BY action`)
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
	fmt.Fprintf(&b, "%v, %d of %d, %d open\n", c.starts, len(c.with(nil, "confirmed", "offered")), c.capacity, c.open())
	rank := 0
	for _, p := range c.places {
		fmt.Fprint(&b, "  ", p.household.email, " ", p.child, " ", p.status)
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
	fmt.Fprintf(&b, "%v, %d of %d, %d open\n", list.Session.StartsAt, list.Session.Taken, list.Session.Capacity, list.Session.PlacesOpen)
	for _, p := range list.Bookings {
		fmt.Fprint(&b, "  ", p.Guardian.Email, " ", p.FirstName, " ", p.Status)
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
