package privacy_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

func (d *day) set(name, value string) {
	d.t.Helper()
	d.must(d.db.Write(d.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := settings.Set(tx, name, value)
		return err
	}))
}

func (d *day) retain() privacy.Report {
	d.t.Helper()
	r, err := d.Retain(d.t.Context())
	d.must(err)
	return r
}

func (d *day) clockOf(guardian int64) privacy.Clock {
	d.t.Helper()
	c, err := d.Clock(d.t.Context(), guardian)
	d.must(err)
	return c
}

// did is what a run removed, by step.
func did(r privacy.Report) string {
	var parts []string
	for _, c := range r.Counts {
		if c.N > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", c.Step, c.N))
		}
	}
	return strings.Join(parts, ", ")
}

// RGPD-3, RGPD-10: health goes 30 days after the last session, the family 24 months after its last contact, when the family's
// own clock says so and not a night earlier; a dry run says the same and changes nothing.
func TestRetain(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	_, me := d.kanari(d.session)
	ends := saturday.Add(2 * time.Hour)
	c := d.clockOf(me.ID)
	if len(c.Health) != 2 || !c.Health[0].At.Equal(ends.AddDate(0, 0, 30)) || !c.Family.Equal(ends.AddDate(0, 24, 0)) {
		t.Fatalf("clock = %+v", c)
	}
	d.clock.Set(ends.Add(-time.Hour))
	d.mark(d.session, 1, "present")
	d.clock.Set(ends.AddDate(0, 0, 4))
	d.must(d.CloseOverdue(t.Context()))
	facts := d.facts()

	for _, step := range []struct {
		at   time.Time
		want string
	}{
		{c.Health[0].At, ""},
		{c.Health[0].At.Add(time.Second), "health 2"},
		{ends.AddDate(0, 13, 0), "traces 7, reports 2"},
		{c.Family, ""},
		{c.Family.Add(time.Second), "families 1"},
	} {
		d.clock.Set(step.at)
		before := d.text(`SELECT group_concat(name || email) FROM guardians`) + d.text(`SELECT group_concat(health_text) FROM children`)
		dry, err := d.WouldRetain(t.Context())
		d.must(err)
		if after := d.text(`SELECT group_concat(name || email) FROM guardians`) + d.text(`SELECT group_concat(health_text) FROM children`); after != before {
			t.Errorf("%v: a dry run changed something", step.at)
		}
		real := d.retain()
		got := did(real)
		if got != step.want || !reflect.DeepEqual(dry.Counts, real.Counts) {
			t.Errorf("%v: %q, dry %q, want %q", step.at, got, did(dry), step.want)
		}
	}
	if got := d.clockOf(me.ID); len(got.Health) != 0 {
		t.Errorf("the clock of who is erased: %+v", got)
	}
	if got := d.found(); len(got) != 0 || len(d.listed()) != 1 && len(d.listed()) != 2 {
		t.Errorf("still in the files: %q; listed: %q", got, d.listed())
	}
	if got := d.facts(); got != facts || facts == "" {
		t.Errorf("facts were\n%s\nand are\n%s", facts, got)
	}
	// Whoever asks again gets the same nothing.
	if r := d.retain(); did(r) != "" {
		t.Errorf("twice: %s", did(r))
	}
	reports, err := d.Reports(t.Context(), d.staff, 10)
	if err != nil || len(reports) != 4 || did(reports[1]) == "" {
		t.Errorf("reports: %+v, %v", reports, err)
	}
	_, err = d.Reports(t.Context(), d.write, 10)
	d.wants(err, fault.Forbidden, "error.forbidden")
}

// A dry run goes beside the server and its bookings: it holds up none, and what it removes it removes from a copy that nobody finds
// afterwards.
func TestADryRunHoldsUpNoBooking(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	d.kanari(d.session)
	d.clock.Set(saturday.AddDate(0, 25, 0))
	session := d.at(saturday.AddDate(0, 26, 0))
	booked, asked := errors.New("nobody booked"), false
	// The first transaction of the dry run begins here, and does not go on before somebody has booked.
	beside, err := sqlite.Open(t.Context(), sqlite.Config{Path: d.db.Path(), MustExist: true, Clock: func() time.Time {
		if !asked {
			asked = true
			_, booked = d.bookings.Book(t.Context(), account.Guest(), d.key(), booking.Request{SessionID: session,
				Guardian: family.NewGuardian{Name: "Łukasz", Email: "lukasz@example.org", Phone: "06 12 34 56 78", Language: "fr"},
				Children: []family.NewChild{{FirstName: "李", LastName: "D'Artagnan-N'Guyen", BirthDate: time.Date(2020, 3, 1, 0, 0, 0, 0, time.UTC),
					Health: family.Health{State: family.HealthNone}, Image: family.No}}})
		}
		return d.clock.Now()
	}})
	d.must(err)
	defer func() { d.must(beside.Close()) }()
	before := d.text(`SELECT group_concat(name || email || phone, ';') FROM guardians`)
	r, err := privacy.NewService(beside, account.Secret{}).WouldRetain(t.Context())
	d.must(err)
	if got := did(r); !strings.HasPrefix(got, "families 1, ") || booked != nil {
		t.Errorf("it would do %q; booking meanwhile: %v", got, booked)
	}
	if got := d.text(`SELECT group_concat(name || email || phone, ';') FROM guardians`); !strings.HasPrefix(got, before+";Łukasz") {
		t.Errorf("guardians were %s and are %s", before, got)
	}
	if n := d.count(`SELECT count(*) FROM retention_reports`); n != 0 {
		t.Errorf("it left %d reports", n)
	}
	if left, err := filepath.Glob(d.db.Path() + ".*"); err != nil || len(left) != 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

// A session to come keeps a family, and so does one that another guardian booked for the same child; a fresh word about health
// counts from when it was said; the periods are settings.
func TestWhatKeepsAFamily(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	_, me := d.kanari(d.session)
	later := saturday.AddDate(3, 0, 0)
	other := d.books(d.at(later), "李", 2018, "", "", "")
	d.insert(`UPDATE bookings SET child_id = 1 WHERE id = ?`, other)
	d.insert(`INSERT INTO guardianships SELECT g.guardian_id, 1 FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE b.id = ?`, other)
	if got := d.clockOf(me.ID); !got.Family.Equal(later.Add(2*time.Hour).AddDate(0, 24, 0)) {
		t.Errorf("clock = %+v", got)
	}
	d.clock.Set(saturday.AddDate(0, 30, 0))
	d.retain()
	if n := d.count(`SELECT count(*) FROM guardians WHERE name = ''`); n != 0 {
		t.Errorf("%d families with a session to come are erased", n)
	}
	if got := d.text(`SELECT group_concat(health_state, ' ') FROM (SELECT health_state FROM children WHERE id < 3 ORDER BY id)`); got != "described to_ask" {
		t.Errorf("health is %s", got)
	}
	d.insert(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family', cancelled_at = ?2 WHERE id = ?1`, other, sqlite.Time(d.clock.Now()))
	d.insert(`UPDATE children SET health_state = 'described', health_text = 'Arachides' WHERE id = 2`)
	d.insert(`INSERT INTO consents (child_id, guardian_id, purpose, answer, text_version, given_at) VALUES (2, ?1, 'health', 'yes', 'health-1', ?2)`, me.ID, sqlite.Time(d.clock.Now()))
	said := d.clock.Now()
	d.set("health_days", "10")
	d.set("family_months", "6")
	if got := d.clockOf(me.ID); !got.Family.Equal(said.AddDate(0, 6, 0)) || len(got.Health) != 2 || !got.Health[0].At.Equal(said.AddDate(0, 0, 10)) {
		t.Errorf("clock = %+v", got)
	}
	d.clock.Set(said.AddDate(0, 6, 1))
	if got := did(d.retain()); !strings.HasPrefix(got, "families ") {
		t.Errorf("six months later: %s", got)
	}
}

// RGPD-9: a session keeps the family of the child who was there, also when who booked it is no guardian of theirs any more; and who
// may not be erased before the morning stops nothing of the night.
func TestRetainTheNightAfterASession(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	_, booked := d.kanari(d.session)
	stays := d.insert(`INSERT INTO guardians (name, email, email_folded, phone, last_contact_at, created_at)
		VALUES ('محمد', 'm@exemple.fr', 'm@exemple.fr', '', ?1, ?1)`, sqlite.Time(saturday.AddDate(0, -25, 0)))
	d.insert(`INSERT INTO guardianships SELECT ?, id FROM children`, stays)
	d.insert(`DELETE FROM guardianships WHERE guardian_id = ?`, booked.ID)
	d.insert(`INSERT INTO former_guardianships SELECT ?, id, ? FROM children`, booked.ID, sqlite.Time(saturday.Add(6*time.Hour)))
	d.clock.Set(saturday.Add(14 * time.Hour))
	if got := did(d.retain()); got != "" {
		t.Errorf("the night after a session: %s", got)
	}
	if got := d.clockOf(stays); !got.Family.Equal(saturday.Add(2*time.Hour).AddDate(0, 24, 0)) {
		t.Errorf("clock = %+v", got)
	}

	// However short the period, somebody can be reached until the morning; the others go.
	d.insert(`INSERT INTO settings (name, value) VALUES ('family_months', '1')`)
	gone := d.insert(`INSERT INTO guardians (name, email, email_folded, phone, last_contact_at, created_at)
		VALUES ('李', 'li@exemple.fr', 'li@exemple.fr', '', ?1, ?1)`, sqlite.Time(saturday.AddDate(0, -2, 0)))
	if got := did(d.retain()); got != "families 1" || d.text(`SELECT name FROM guardians WHERE id = ?`, gone) != "" {
		t.Errorf("with a short period: %s", got)
	}
}

// The picture of a signature goes once no certificate has needed it for as long as who left the team is kept: whoever signs need not
// be of the team. One that is in use, or was set since, stays (RGPD-9).
func TestRetainTheSignatureInUse(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	d.set("member_months", "6")
	set := d.clock.Now()
	d.must(d.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return settings.SetSignature(tx, []byte("png")) }))
	zoe := d.books(d.session, "Zoé", 2018, "", "", "")
	d.clock.Set(saturday.Add(time.Hour))
	d.mark(d.session, zoe, "present")
	issued := set.AddDate(0, 4, 0)
	d.insert(`INSERT INTO certificates (participant_id, minutes, year, number, code, issued_at) VALUES ((SELECT max(id) FROM participants), 120, 2027, 1, 'K3M9', ?)`, sqlite.Time(issued))
	for _, step := range []struct {
		at   time.Time
		want int
	}{
		{set.AddDate(0, 6, 1), 1}, {issued.AddDate(0, 6, 0), 1}, {issued.AddDate(0, 6, 0).Add(time.Second), 0},
	} {
		d.clock.Set(step.at)
		got := did(d.retain())
		if n := d.count(`SELECT count(*) FROM signature`); n != step.want || strings.Contains(got, "signature 1") != (n == 0) {
			t.Errorf("%v: %d signatures, want %d; the run did %q", step.at, n, step.want, got)
		}
	}
}

// The retention runs once a night, at the first call after three in the morning in Paris, whichever it is.
func TestRetainNightly(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	paris, err := time.LoadLocation("Europe/Paris")
	d.must(err)
	runs := 0
	for _, step := range []struct {
		at   string
		want int
	}{
		{"2027-05-10T14:00:00+02:00", 1}, {"2027-05-10T23:00:00+02:00", 1}, {"2027-05-11T02:59:59+02:00", 1}, {"2027-05-11T03:00:00+02:00", 2}, {"2027-05-11T03:30:00+02:00", 2},
		{"2027-05-14T12:00:00+02:00", 3}, {"2027-10-31T02:30:00+02:00", 4}, {"2027-10-31T02:30:00+01:00", 4}, {"2027-10-31T03:00:00+01:00", 5},
	} {
		at, err := time.Parse(time.RFC3339, step.at)
		d.must(err)
		d.clock.Set(at)
		d.must(d.RetainNightly(t.Context(), paris))
		if runs = d.count(`SELECT count(*) FROM retention_reports`); runs != step.want {
			t.Errorf("%s: %d runs, want %d", step.at, runs, step.want)
		}
	}
}

// RGPD-10: five years on, nothing personal of a family, a contact or a former member is left, whatever the register names;
// twelve years on, nothing of the accounts either.
func TestFiveYearsOn(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	d.kanari(d.session)
	now := sqlite.Time(d.clock.Now())
	d.insert(`INSERT INTO organisations (kind, name, address, postcode, city, created_at) VALUES ('school', 'École', 'rue', '35000', 'Rennes', ?)`, now)
	d.insert(`INSERT INTO group_requests (reference, organisation_id, contact_name, contact_role, contact_email, contact_phone, workshop_id, level, children, adults, place, funding, state, state_since, created_at, updated_at)
		VALUES ('GRP-22222222', 1, 'x', 'x', 'x', 'x', 1, 'CE2', 20, 2, 'ours', 'own', 'closed', ?1, ?1, ?1)`, now)
	d.insert(`INSERT INTO payers (request_id, name, address, postcode, city, is_public, contact_name, contact_email, created_at, updated_at) VALUES (1, 'x', 'x', '35000', 'Rennes', 1, 'x', 'x', ?1, ?1)`, now)
	d.insert(`INSERT INTO request_events (request_id, at, by, kind, text) VALUES (1, ?, 'team', 'note', 'x')`, now)
	d.insert(`INSERT INTO feedbacks (request_id, rating, comment, given_at) VALUES (1, 4, 'x', ?)`, now)
	d.insert(`INSERT INTO quotes (request_id, version, year, number, state, lines, content, content_hash, total_cents, issued_at, created_at, updated_at) VALUES (1, 1, 2027, 1, 'accepted', '[]', '{"total_cents":100}', 'x', 100, ?1, ?1, ?1)`, now)
	d.insert(`INSERT INTO acceptances (request_id, quote_id, party, name, role, stated_on, mailbox, content_hash, stated_at, confirmed_at) VALUES (1, 1, 'contact', 'x', 'x', '2027-05-07', 'x', 'x', ?1, ?1)`, now)
	d.insert(`INSERT INTO invoices (kind, request_id, year, number, total_cents, content, content_hash, issued_at) VALUES ('invoice', 1, 2027, 1, 100, '{"total_cents":100}', 'x', ?)`, now)
	d.insert(`INSERT INTO pupils (session_id, position, first_name, created_at) VALUES (?, 1, 'x', ?)`, d.session, now)
	d.pays(int64(d.count(`SELECT guardian_id FROM booking_groups`)))
	d.insert(`UPDATE sessions SET request_id = 1 WHERE id = ?`, d.at(saturday))
	d.insert(`UPDATE pupils SET session_id = (SELECT max(id) FROM sessions)`)
	d.insert(`INSERT INTO incidents (session_id, text, written_at, written_by) VALUES (?, 'x', ?, ?)`, d.session, now, d.nadia.ID)
	d.insert(`INSERT INTO barred_persons (child_id, name, note, set_by, set_at) VALUES (1, 'x', 'x', ?, ?)`, d.nadia.ID, now)
	d.insert(`INSERT INTO access_log (at, actor, action, record) VALUES (?, 'user:1', 'health.read', 'session:1')`, now)
	d.insert(`INSERT INTO sign_ins (token_hash, data, expires_at) VALUES ('x', x'00', ?)`, now)
	d.insert(`UPDATE users SET disabled_at = ?`, now)
	d.mark(d.session, 1, "left")
	d.clock.Set(saturday.AddDate(0, 0, 4))
	d.must(d.CloseOverdue(t.Context()))
	facts := d.facts()
	d.insert(`INSERT INTO group_facts (session_id, level, gender, held_on, minutes, children, discipline, kind, uai, sector, priority, commune_code, city, funding)
		VALUES ((SELECT max(id) FROM sessions), 'CE2', 'girl', '2027-05-08', 120, 20, 'robotique', 'school', '', 'public', '', '', 'Rennes', 'own')`)
	_, err := d.bookings.RecordLists(t.Context())
	d.must(err)
	reported := d.reported()
	free := d.sow()
	if len(free) < 45 {
		t.Fatalf("canaries only in %q", free)
	}
	bills := []string{"quotes", "acceptances", "invoices", "payers", "receipts"}

	age := func(years int) (left []string) {
		d.clock.Set(saturday.AddDate(years, 0, 0))
		d.retain()
		d.must(account.Purge(t.Context(), d.db))
		d.must(d.bookings.PurgeDrafts(t.Context()))
		for _, column := range free {
			table, name, _ := strings.Cut(column, ".")
			if d.count(`SELECT count(*) FROM "`+table+`" WHERE "`+name+`" LIKE '%kanari-%'`) > 0 {
				left = append(left, column)
			}
		}
		return left
	}
	for _, column := range age(5) {
		if table, _, _ := strings.Cut(column, "."); !slices.Contains(bills, table) {
			t.Errorf("after five years %s still says something", column)
		}
	}
	if left := age(12); len(left) != 0 {
		t.Errorf("after twelve years: %q", left)
	}
	// I14, RGPD-9: what funders were told is what they are told, to the byte.
	if got := d.reported(); got != reported {
		t.Errorf("reports were\n%s\nand are\n%s", reported, got)
	}
	if got := d.facts(); got != facts || facts == "" {
		t.Errorf("facts were\n%s\nand are\n%s", facts, got)
	}
}

// reported is what funders are told of the year, as the reports have it.
func (d *day) reported() string {
	d.t.Helper()
	s, from, to := report.NewService(d.db), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)
	groups, err := s.GroupFigures(d.t.Context(), account.Command(), from, to)
	d.must(err)
	demand, err := s.Demand(d.t.Context(), account.Command(), from, to)
	d.must(err)
	rows, err := s.ExportGroups(d.t.Context(), account.Command(), from, to)
	d.must(err)
	return fmt.Sprintf("%+v\n%+v\n%+v\n%s", groups, demand, rows, d.facts())
}

// sow writes a canary of its own into every column of the register that is somebody's, says no instant or choice, and takes
// any text. It returns those columns.
func (d *day) sow() (columns []string) {
	d.t.Helper()
	for _, c := range register() {
		if c.item == nobody {
			continue
		}
		for _, name := range strings.Fields(c.names) {
			if !sowable(name) {
				continue
			}
			canary := "kanari-" + c.table + "-" + name
			if name == "payload" || name == "content" || name == "lines" {
				canary = `{"total_cents":100,"said":"` + canary + `"}`
			}
			err := d.db.Write(d.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
				_, err := tx.Exec(`UPDATE "`+c.table+`" SET "`+name+`" = ?1 WHERE "`+name+`" IS NOT NULL AND rowid = (SELECT min(rowid) FROM "`+c.table+`")`, canary)
				return err
			})
			if err != nil {
				continue // a number, a choice, a reference to a row
			}
			if d.count(`SELECT count(*) FROM "`+c.table+`" WHERE "`+name+`" = ?`, canary) == 1 {
				columns = append(columns, c.table+"."+name)
			}
		}
	}
	return columns
}

// sowable are the columns whose text nothing reads as an instant, a day or the name of something else.
func sowable(name string) bool {
	for _, end := range []string{"_at", "_on", "_date", "_since", "_until", "_id"} {
		if strings.HasSuffix(name, end) {
			return false
		}
	}
	return !slices.Contains([]string{"at", "actor", "action", "record", "details", "day", "state", "kind", "email_folded", "name_folded", "token_hash",
		"reference", "link_version", "code", "text_version", "content_hash", "sha256", "message_id", "device", "entry_key", "starts", "ends", "subject", "role", "level", "funding", "undoes", "send_after"}, name)
}
