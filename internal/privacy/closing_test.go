package privacy_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// day is a session on Saturday 8 May 2027 from 14 h to 16 h in Lyon, led by nadia.
type day struct {
	*privacy.Service
	t                          *testing.T
	db                         *sqlite.DB
	clock                      *sqlitetest.Clock
	register                   *attendance.Service
	bookings                   *booking.Service
	workshop, venue, session   int64
	nadia, amine, staff, write account.Actor
}

var saturday = time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)

func newDay(t *testing.T) *day {
	t.Helper()
	clock := sqlitetest.NewClock(saturday.Add(-24 * time.Hour))
	db := sqlitetest.NewAt(t, clock.Now)
	secret, err := account.LoadSecret(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &day{Service: privacy.NewService(db, secret), t: t, db: db, clock: clock, bookings: booking.NewService(db, secret)}
	d.register = attendance.NewService(db, d.bookings)
	now := sqlite.Time(clock.Now())
	d.workshop = d.insert(`INSERT INTO workshops (title, level, discipline, min_age, max_age, created_at, updated_at)
		VALUES ('Robotique', 'Initiation', 'robotique', 6, 12, ?1, ?1)`, now)
	d.venue = d.insert(`INSERT INTO venues (name, address, postcode, city, created_at, updated_at)
		VALUES ('Espace Altnet', '7 place Louis Chazette', '69001', 'Lyon', ?1, ?1)`, now)
	d.nadia, d.amine = d.user("Nadia", account.Facilitator), d.user("Amine", account.Facilitator)
	d.staff, d.write = d.user("Łukasz", account.Staff), d.user("Camille", account.Communication)
	d.session = d.at(saturday)
	return d
}

func (d *day) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *day) insert(query string, args ...any) (id int64) {
	d.t.Helper()
	d.must(d.db.Write(d.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		res, err := tx.Exec(query, args...)
		if err != nil {
			return err
		}
		id, err = res.LastInsertId()
		return err
	}))
	return id
}

func (d *day) user(name string, role account.Role) account.Actor {
	id := d.insert(`INSERT INTO users (email, email_folded, name, role, password_hash, created_at) VALUES (?1, ?1, ?2, ?3, '-', ?4)`,
		rand.Text(), name, string(role), sqlite.Time(d.clock.Now()))
	return account.Actor{Kind: account.KindUser, ID: id, Name: name, Role: role}
}

// at is a session of nadia's.
func (d *day) at(starts time.Time) int64 {
	id := d.insert(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at)
		VALUES (?1, ?2, ?3, ?4, 12, 1400, 'published', '2027-01-01T00:00:00Z', ?3, ?5, ?5)`, d.workshop, d.venue, sqlite.Time(starts), sqlite.Time(starts.Add(2*time.Hour)), sqlite.Time(d.clock.Now()))
	d.insert(`INSERT INTO session_facilitators (session_id, user_id) VALUES (?, ?)`, id, d.nadia.ID)
	return id
}

func (d *day) key() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: d.clock.Now().AddDate(1, 0, 0)}
}

// books gives a child a seat in a session, and what funders ask.
func (d *day) books(session int64, first string, year int, gender, postcode, qpv string) int64 {
	d.t.Helper()
	_, err := d.bookings.Book(d.t.Context(), account.Guest(), d.key(), booking.Request{SessionID: session,
		Guardian: family.NewGuardian{Name: "Parent de " + first, Email: rand.Text() + "@example.org", Phone: "06 12 34 56 78", Language: "fr"},
		Children: []family.NewChild{{FirstName: first, LastName: "D'Artagnan-N'Guyen", BirthDate: time.Date(year, 3, 1, 0, 0, 0, 0, time.UTC),
			Health: family.Health{State: family.HealthDescribed, Text: "Arachides"}, Image: family.No}}})
	d.must(err)
	id := int64(d.count(`SELECT max(id) FROM bookings`))
	d.insert(`UPDATE children SET gender = nullif(?2, ''), postal_code = nullif(?3, ''), qpv = nullif(?4, ''), qpv_method = iif(?4 IN ('yes', 'no'), 'declared', NULL) WHERE id = (SELECT child_id FROM bookings WHERE id = ?1)`, id, gender, postcode, qpv)
	return id
}

func (d *day) mark(session, booking int64, action attendance.Action) {
	d.t.Helper()
	d.clock.Advance(time.Second) // within one second the greater key wins
	m := attendance.NewMark{EntryKey: rand.Text(), SessionID: session, BookingID: booking, Action: action}
	if action == attendance.Left {
		m.Taken = attendance.Taken{By: attendance.Alone, Reason: "au téléphone : oui"}
	}
	d.must(d.register.Mark(d.t.Context(), d.nadia, d.key(), m))
}

func (d *day) count(query string, args ...any) (n int) {
	d.t.Helper()
	d.must(d.db.Read(d.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

// facts are the facts as a report reads them, one a line.
func (d *day) facts() string {
	d.t.Helper()
	var lines []string
	d.must(d.db.Read(d.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(`SELECT held_on || ' ' || discipline || ' ' || city || ' ' || age_band || ' ' || gender || ' ' || home || ' ' || qpv || ' ' || (first & 15) || ' ' || minutes FROM facts ORDER BY id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return rows.Err()
	}))
	return strings.Join(lines, "\n")
}

func (d *day) wants(err error, kind fault.Kind, key string) {
	d.t.Helper()
	if !fault.Is(err, kind, key) {
		d.t.Fatalf("got %v, want %v %s", err, kind, key)
	}
}

// UX-F15, RGPD-9, I14: a session closes once every child is settled; then its figures stand, whatever becomes of the families.
func TestClose(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	before := d.at(saturday.AddDate(0, 0, -7).Add(-48 * time.Hour))
	d.clock.Set(saturday.AddDate(0, 0, -10))
	earlier := d.books(before, "Zoé", 2018, "girl", "69001", "no")
	zoe := d.books(d.session, "Zoé", 2018, "girl", "69001", "no") // the same child, as another guest
	ali := d.books(d.session, "محمد", 2020, "boy", "20137", "yes")
	li := d.books(d.session, "李", 2016, "", "97110", "")
	anh := d.books(d.session, "Ánh", 2017, "other", "", "unknown")
	d.clock.Set(saturday.AddDate(0, 0, -9).Add(time.Hour))
	d.mark(before, earlier, attendance.Present)
	ctx := t.Context()

	d.clock.Set(saturday.Add(-time.Minute))
	d.wants(d.Close(ctx, d.nadia, d.key(), d.session), fault.Conflict, "closing.not_started")
	d.clock.Set(saturday.Add(2 * time.Hour))
	d.mark(d.session, zoe, attendance.Present)
	d.mark(d.session, ali, attendance.Late)
	d.mark(d.session, anh, attendance.Excused)
	d.wants(d.Close(ctx, d.nadia, d.key(), d.session), fault.Conflict, "closing.unsettled")
	d.mark(d.session, zoe, attendance.Left)
	d.mark(d.session, ali, attendance.Left)
	d.wants(d.Close(ctx, d.nadia, d.key(), d.session), fault.Conflict, "closing.unsettled")
	d.mark(d.session, li, attendance.Absent)
	d.wants(d.Close(ctx, d.amine, d.key(), d.session), fault.NotFound, "error.not_found")
	d.wants(d.Close(ctx, d.write, d.key(), d.session), fault.Forbidden, "error.forbidden")
	d.must(d.Close(ctx, d.nadia, d.key(), d.session))
	d.must(d.Close(ctx, d.nadia, d.key(), d.session)) // twice is once
	d.must(d.CloseOverdue(ctx))                       // of the one before: it is the first that Zoé came to, though it was closed later

	want := "2027-05-08 robotique Lyon 6-8 boy 2A yes 15 120\n2027-05-08 robotique Lyon 9-11 girl 69 no 0 120\n2027-04-29 robotique Lyon 9-11 girl 69 no 15 120"
	if got := d.facts(); got != want {
		t.Errorf("facts:\n%s\nwant:\n%s", got, want)
	}
	if n := d.count(`SELECT count(*) FROM session_facts WHERE came = 2 AND absent = 1 AND excused = 1 AND capacity = 12`); n != 1 {
		t.Error("the figures of the session are wrong")
	}
	d.wants(d.register.Mark(ctx, d.nadia, d.key(), attendance.NewMark{EntryKey: "x", SessionID: d.session, BookingID: li, Action: attendance.Present}), fault.Conflict, "attendance.error.closed")
	_, err := d.register.AddWalkIn(ctx, d.nadia, d.key(), attendance.WalkIn{EntryKey: "y", SessionID: d.session, FirstName: "Zoé", LastName: "Y", GuardianName: "Z"})
	d.wants(err, fault.Conflict, "attendance.error.closed")

	// Nothing that happens to families afterwards changes a figure.
	d.clock.Set(saturday.AddDate(0, 2, 0))
	d.must(d.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		for id := range int64(d.countTx(tx, `SELECT max(id) FROM guardians`)) {
			if _, err := family.Erase(tx, id+1); err != nil {
				return err
			}
		}
		return nil
	}))
	if got := d.facts(); got != want {
		t.Errorf("after all families were erased:\n%s", got)
	}
	for _, statement := range []string{`UPDATE facts SET gender = 'unsaid'`, `DELETE FROM facts`, `UPDATE session_facts SET came = 0`, `DELETE FROM session_facts`, `DELETE FROM closings`, `UPDATE closings SET last_mark = 0`} {
		err := d.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
			_, err := tx.Exec(statement)
			return err
		})
		if err == nil {
			t.Errorf("%s is done", statement)
		}
	}
}

// The first closing thanks the families of those who came, once each; who was absent, or excused, or has the certificates already,
// hears nothing more, nor does anybody when it is closed again (issue 6, point 5).
func TestThanks(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	zoe, li, anh := d.books(d.session, "Zoé", 2018, "girl", "69001", ""), d.books(d.session, "李", 2016, "", "", ""), d.books(d.session, "Ánh", 2017, "", "", "")
	ctx := t.Context()
	d.clock.Set(saturday.Add(2 * time.Hour))
	d.mark(d.session, zoe, attendance.Left)
	d.mark(d.session, li, attendance.Absent)
	d.mark(d.session, anh, attendance.Excused)
	d.must(d.Close(ctx, d.nadia, d.key(), d.session))
	thanked := func() int { return d.count(`SELECT count(*) FROM outbox WHERE kind = 'session_thanked'`) }
	if n := thanked(); n != 1 || d.count(`SELECT count(*) FROM outbox WHERE kind = 'session_thanked' AND instr(payload, 'Zoé') > 0`) != 1 {
		t.Errorf("%d families are thanked, want Zoé's", n)
	}
	d.must(d.Reopen(ctx, d.nadia, d.key(), d.session, "oubli"))
	d.must(d.Close(ctx, d.nadia, d.key(), d.session))
	if n := thanked(); n != 1 {
		t.Errorf("%d thanks after closing again", n)
	}

	other := d.at(saturday.Add(4 * time.Hour))
	came := d.books(other, "Zoé", 2018, "girl", "69001", "")
	d.clock.Set(saturday.Add(6 * time.Hour))
	d.mark(other, came, attendance.Left)
	_, err := d.register.Issue(ctx, d.nadia, d.key(), other, false)
	d.must(err)
	d.must(d.Close(ctx, d.nadia, d.key(), other))
	if n := thanked(); n != 1 {
		t.Errorf("who has the certificate is thanked %d times more", n-1)
	}
}

func (d *day) countTx(tx *sqlite.Tx, query string) (n int) {
	d.must(tx.QueryRow(query).Scan(&n))
	return n
}

// UX-F15: reopening takes the figures back, with a reason; closing again writes them anew. What tablets bring after the
// closing is kept, and counts at the next one.
func TestReopen(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	zoe, li := d.books(d.session, "Zoé", 2018, "girl", "69001", ""), d.books(d.session, "李", 2016, "", "", "")
	ctx := t.Context()
	d.clock.Set(saturday.Add(2 * time.Hour))
	d.mark(d.session, zoe, attendance.Left)
	d.mark(d.session, li, attendance.Absent)
	d.wants(d.Reopen(ctx, d.nadia, d.key(), d.session, "oubli"), fault.Conflict, "closing.open")
	d.must(d.Close(ctx, d.nadia, d.key(), d.session))
	refused, err := d.register.Upload(ctx, d.nadia, attendance.Upload{SessionID: d.session, AuthorID: d.nadia.ID, Entries: []attendance.Kept{{NewMark: attendance.NewMark{
		EntryKey: "late", SessionID: d.session, BookingID: li, Action: attendance.Left, At: saturday.Add(119 * time.Minute), Taken: attendance.Taken{By: attendance.Alone, Reason: "oui"}}}}})
	d.must(err)
	if refused[0] != nil {
		t.Fatalf("a late mark was refused: %v", refused[0])
	}
	if c, err := d.register.Closing(ctx, d.staff, d.session); err != nil || c.Late != 1 || c.By != "Nadia" {
		t.Errorf("closing = %+v, %v; want one late mark", c, err)
	}
	if n := d.count(`SELECT count(*) FROM facts`); n != 1 {
		t.Errorf("a late mark made %d facts of one", n)
	}
	if err := d.Reopen(ctx, d.nadia, d.key(), d.session, "  "); fault.KindOf(err) != fault.Invalid {
		t.Errorf("reopened without a reason: %v", err)
	}
	d.clock.Set(saturday.AddDate(0, 0, 2))
	d.wants(d.Reopen(ctx, d.nadia, d.key(), d.session, "oubli"), fault.Forbidden, "attendance.error.too_far")
	d.must(d.Reopen(ctx, d.staff, d.key(), d.session, "une tablette est arrivée plus tard"))
	if n := d.count(`SELECT (SELECT count(*) FROM facts) + (SELECT count(*) FROM session_facts)`); n != 0 {
		t.Errorf("%d figures are left of an open session", n)
	}
	d.mark2(li)
	d.must(d.Close(ctx, d.staff, d.key(), d.session))
	if n := d.count(`SELECT count(*) FROM facts`); n != 2 {
		t.Errorf("%d facts after closing again, want 2", n)
	}
	if got := d.count(`SELECT count(*) FROM audit WHERE action IN ('session.close', 'session.reopen')`); got != 3 {
		t.Errorf("%d lines in the audit, want 3 (I12)", got)
	}
}

// mark2 is a correction by staff, once nadia may no more.
func (d *day) mark2(booking int64) {
	d.must(d.register.Mark(d.t.Context(), d.staff, d.key(), attendance.NewMark{EntryKey: rand.Text(), SessionID: d.session, BookingID: booking, Action: attendance.Left,
		Taken: attendance.Taken{By: attendance.Alone, Reason: "oui"}}))
}

// A session that nobody closes closes itself; who has no mark did not come, and the audit says who did it.
func TestCloseOverdue(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	zoe := d.books(d.session, "Zoé", 2018, "girl", "69001", "")
	d.books(d.session, "李", 2016, "", "", "")
	d.clock.Set(saturday.Add(time.Hour))
	d.mark(d.session, zoe, attendance.Present)
	ctx := t.Context()
	d.clock.Set(saturday.Add(2*time.Hour).AddDate(0, 0, 3))
	d.must(d.CloseOverdue(ctx))
	if n := d.count(`SELECT count(*) FROM closings`); n != 0 {
		t.Errorf("closed too early")
	}
	d.clock.Advance(time.Second)
	d.must(d.CloseOverdue(ctx))
	d.must(d.CloseOverdue(ctx))
	if n := d.count(`SELECT count(*) FROM session_facts WHERE came = 1 AND absent = 1`); n != 1 {
		t.Error("the figures of a session that closed itself are wrong")
	}
	if n := d.count(`SELECT count(*) FROM audit WHERE action = 'session.close' AND actor = 'system'`); n != 1 {
		t.Errorf("the audit tells of %d closings", n)
	}
	d.must(d.Reopen(ctx, d.staff, d.key(), d.session, "erreur"))
	d.must(d.CloseOverdue(ctx))
	if n := d.count(`SELECT count(*) FROM closings WHERE reopened_at IS NULL`); n != 0 {
		t.Error("closed at once that was opened just now")
	}
	d.clock.Set(d.clock.Now().AddDate(0, 0, 4))
	d.must(d.CloseOverdue(ctx))
	if n := d.count(`SELECT count(*) FROM closings WHERE reopened_at IS NULL`); n != 1 {
		t.Error("a session that was opened again stays open for ever")
	}
}

// RGPD-9: no column of the facts holds a name or a number of a child.
func TestFactsNameNobody(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	zoe := d.books(d.session, "Zoé", 2018, "girl", "69001", "")
	d.clock.Set(saturday.Add(2 * time.Hour))
	d.mark(d.session, zoe, attendance.Left)
	d.must(d.Close(t.Context(), d.nadia, d.key(), d.session))
	if got := d.facts(); strings.Contains(got, "69001") || strings.Contains(got, "2018") || strings.Contains(got, "Zoé") {
		t.Errorf("facts tell too much: %s", got)
	}
	for _, c := range register() {
		if (c.table == "facts" || c.table == "session_facts") && c.item != nobody {
			t.Errorf("%s is said to be about people", fmt.Sprint(c))
		}
	}
}

// Why a session was opened again may tell of a child: it is emptied with the notes about incidents (RGPD-10), and nothing
// else of an ended closing can change.
func TestReasonsAreForgotten(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	d.clock.Set(saturday.Add(3 * time.Hour))
	d.must(d.Close(t.Context(), d.nadia, d.key(), d.session))
	d.must(d.Reopen(t.Context(), d.nadia, d.key(), d.session, "Léa était là"))
	d.clock.Set(saturday.AddDate(0, 11, 0))
	_, err := d.Retain(t.Context())
	d.must(err)
	if d.count(`SELECT count(*) FROM closings WHERE reason <> ''`) != 1 {
		t.Error("a reason is gone after eleven months")
	}
	d.clock.Set(saturday.AddDate(0, 13, 0))
	_, err = d.Retain(t.Context())
	d.must(err)
	if d.count(`SELECT count(*) FROM closings WHERE reason <> ''`) != 0 || d.count(`SELECT count(*) FROM audit WHERE action = 'session.forget_reasons'`) != 1 {
		t.Error("the reason stayed, or its end is on no record")
	}
	for _, change := range []string{`reason = 'autre'`, `reopened_at = '2027-05-08T16:00:00Z'`, `closed_at = '2027-05-08T16:00:00Z'`} {
		err := d.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			_, err := tx.Exec(`UPDATE closings SET ` + change)
			return err
		})
		if err == nil {
			t.Errorf("an ended closing takes %s", change)
		}
	}
}

// Two presences of one child at the same hour have one first; another spelling of a name is told, a twin is not; a seat that was given
// up late is counted, one in good time is not.
func TestFirstsOfOneChild(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	other := d.at(saturday)
	d.clock.Set(saturday.AddDate(0, 0, -10))
	here, there := d.books(d.session, "Zoé", 2018, "girl", "69001", "no"), d.books(other, "Zoé", 2018, "girl", "69001", "no")
	second := d.books(other, "Zoe", 2018, "girl", "69001", "no") // the same folded name
	spelt := d.books(other, "Zoée", 2018, "girl", "69001", "no")
	d.books(d.session, "李", 2016, "", "", "")
	d.insert(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family', cancelled_at = '2027-05-07T12:00:00Z' WHERE child_id = (SELECT id FROM children WHERE first_name = '李')`)
	d.books(d.session, "محمد", 2016, "", "", "")
	d.insert(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family', cancelled_at = '2027-05-06T11:59:59Z' WHERE child_id = (SELECT id FROM children WHERE first_name = 'محمد')`)
	d.clock.Set(saturday.Add(2 * time.Hour))
	for _, booking := range []int64{here} {
		d.mark(d.session, booking, attendance.Left)
	}
	for _, booking := range []int64{there, second, spelt} {
		d.mark(other, booking, attendance.Left)
	}
	d.must(d.Close(t.Context(), d.nadia, d.key(), other))
	d.must(d.Close(t.Context(), d.nadia, d.key(), d.session))
	if n := d.count(`SELECT count(*) FROM facts WHERE first & 1`); n != 2 {
		t.Errorf("%d children came for the first time, want Zoé and who is nearly her", n)
	}
	if n := d.count(`SELECT count(*) FROM facts WHERE maybe_known AND session_id = ?`, other); n != 1 {
		t.Errorf("%d of the other session may be somebody else, want 1", n)
	}
	if n := d.count(`SELECT late FROM session_facts WHERE session_id = ?`, d.session); n != 1 {
		t.Errorf("%d seats were given up late, want 1", n)
	}
}
