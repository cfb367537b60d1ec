package privacy_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// canaries are what a family of these tests is told by: if any of them is found, so is the family.
var canaries = []string{"Kanarienvogel", "kanarienvogel", "06 98 76 54 32", "Arachidenallergie", "2018-03-17", "PapiKanari", "Notkanari", "35999"}

// kanari books two children who are all canaries, and proves the mailbox.
func (d *day) kanari(session int64) (reference string, guardian account.Actor) {
	d.t.Helper()
	r := booking.Request{SessionID: session, Guardian: family.NewGuardian{Name: "Madame Kanarienvogel", Email: "Kanarienvogel@exemple.fr", Phone: "06 98 76 54 32",
		EmergencyName: "Notkanari", EmergencyPhone: "06 98 76 54 32", Language: "fr"}}
	for _, first := range []string{"Zoé", "Łukasz"} {
		r.Children = append(r.Children, family.NewChild{FirstName: first, LastName: "Kanarienvogel", BirthDate: time.Date(2018, 3, 17, 0, 0, 0, 0, time.UTC),
			Health: family.Health{State: family.HealthDescribed, Text: "Arachidenallergie"}, Image: family.Yes, PickupPersons: []string{"PapiKanari"}})
	}
	reference, err := d.bookings.Book(d.t.Context(), account.Guest(), d.key(), r)
	d.must(err)
	d.must(d.bookings.Prove(d.t.Context(), d.key(), d.bookings.Sign(booking.LinkMail, reference, 1)))
	d.insert(`UPDATE children SET gender = 'girl', postal_code = '35999', qpv = 'yes' WHERE last_name = 'Kanarienvogel'`)
	return reference, account.Guardian(int64(d.count(`SELECT max(id) FROM guardians`)))
}

// found are the canaries in the database, its write-ahead log and the list of erasures, wherever in the files.
func (d *day) found() (found []string) {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(d.db.Path()), "*"))
	d.must(err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		d.must(err)
		for _, canary := range canaries {
			if bytes.Contains(raw, []byte(canary)) && !slices.Contains(found, canary) {
				found = append(found, canary)
			}
		}
	}
	return found
}

func (d *day) listed() []string {
	d.t.Helper()
	ids, err := privacy.ReadErasures(filepath.Join(filepath.Dir(d.db.Path()), privacy.ErasuresFile))
	d.must(err)
	return ids
}

func (d *day) text(query string, args ...any) (text string) {
	d.t.Helper()
	d.must(d.db.Read(d.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query, args...).Scan(&text) }))
	return text
}

// RGPD-8, I8: staff erase a family that asked for it; twice, by the same form or another, is the same as once.
func TestEraseFamily(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	reference, _ := d.kanari(d.session)
	stays := d.books(d.session, "李", 2018, "", "", "")
	d.insert(`UPDATE guardians SET email = 'KANARIENVOGEL@exemple.fr', email_folded = 'kanarienvogel@exemple.fr' WHERE id = (
		SELECT g.guardian_id FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE b.id = ?)`, stays)
	for _, actor := range []account.Actor{account.Guest(), account.Guardian(1), d.write, d.nadia} {
		_, err := d.EraseFamily(t.Context(), actor, d.key(), reference)
		d.wants(err, fault.Forbidden, "error.forbidden")
	}
	_, err := d.EraseFamily(t.Context(), d.staff, d.key(), "ADA-22222222")
	d.wants(err, fault.NotFound, "error.not_found")
	key := d.key()
	for i, k := range []account.FormKey{key, key, d.key()} {
		others, err := d.EraseFamily(t.Context(), d.staff, k, reference)
		d.must(err)
		if (len(others) == 1) != (i < 2) {
			t.Errorf("form %d: others under the address: %v", i, others)
		}
	}
	if ids := d.listed(); len(ids) != 1 || ids[0] != d.text(`SELECT erasure_id FROM guardians WHERE name = ''`) {
		t.Errorf("the list of erasures is %q", ids)
	}
}

// RGPD-8: a guardian asks, confirms from the mailbox, and nothing is left of them anywhere; the figures of who came stay until
// the session is closed, and the last mail is empty once it has left.
func TestEraseOneself(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	ctx := t.Context()
	past, next := d.session, d.at(saturday.AddDate(0, 0, 14))
	_, me := d.kanari(past)
	d.kanari(next)
	if n := d.count(`SELECT count(*) FROM guardians`); n != 1 {
		t.Fatalf("%d guardians, want one", n)
	}
	// Another parent who mistyped their address, or shares the mailbox; and a form that was begun.
	guest := d.books(next, "Nguyễn", 2018, "", "", "")
	d.insert(`UPDATE guardians SET email = 'kanarienvogel@exemple.fr', email_folded = 'kanarienvogel@exemple.fr' WHERE id = (
		SELECT g.guardian_id FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE b.id = ?)`, guest)
	d.must(d.bookings.SaveDraft(ctx, account.Guest(), []byte("token"), next, `{"Contact":{"Email":"Kanarienvogel@exemple.fr"}}`))
	stranger := d.books(next, "محمد", 2018, "", "", "")
	d.clock.Set(saturday.Add(time.Minute))
	d.mark(past, 1, "present")

	_, err := d.OwnErasure(ctx, account.Guest())
	d.wants(err, fault.Forbidden, "error.forbidden")
	d.wants(d.AskErasure(ctx, d.staff, d.key()), fault.Forbidden, "error.forbidden")
	e, err := d.OwnErasure(ctx, me)
	if err != nil || len(e.Children) != 2 || len(e.Cancelled) != 2 || !e.Others || e.BusyUntil.IsZero() {
		t.Fatalf("what would go: %+v, %v", e, err)
	}
	d.wants(d.AskErasure(ctx, me, d.key()), fault.Conflict, "booking.erase_busy")
	d.clock.Set(saturday.Add(24 * time.Hour))
	d.must(d.AskErasure(ctx, me, d.key()))
	token := d.text(`SELECT payload ->> '$.token' FROM outbox WHERE kind = 'erasure_asked'`)
	link := d.ErasureLink(token)
	for range 3 { // scanners open links
		if e, err = d.LinkedErasure(ctx, link); err != nil || len(e.Children) != 2 || len(e.Cancelled) != 1 || !e.Others || !e.BusyUntil.IsZero() {
			t.Fatalf("by the link: %+v, %v", e, err)
		}
	}
	if got := d.found(); len(got) != len(canaries) {
		t.Fatalf("of %q only %q are found where they must be", canaries, got)
	}

	for _, bad := range []privacy.ErasureLink{{}, {Token: token}, {Token: token + "0", Signature: link.Signature}, {Token: token, Signature: "AAAAAAAAAAAAAAAAAAAAAA"}} {
		_, err = d.LinkedErasure(ctx, bad)
		d.wants(err, fault.NotFound, "error.not_found")
		d.wants(d.EraseLinked(ctx, d.key(), bad), fault.NotFound, "error.not_found")
	}
	d.clock.Advance(24 * time.Hour)
	d.wants(d.EraseLinked(ctx, d.key(), link), fault.Gone, "erasure.expired")
	d.clock.Advance(-time.Hour)
	d.insert(`UPDATE guardians SET email_folded = 'new@exemple.fr' WHERE id = ?`, me.ID)
	d.wants(d.EraseLinked(ctx, d.key(), link), fault.Gone, "erasure.moved")
	d.insert(`UPDATE guardians SET email_folded = 'kanarienvogel@exemple.fr' WHERE id = ?`, me.ID)

	key := d.key()
	for range 2 {
		d.must(d.EraseLinked(ctx, key, link))
	}
	d.wants(d.EraseLinked(ctx, d.key(), link), fault.Gone, "erasure.done")
	_, err = d.LinkedErasure(ctx, link)
	d.wants(err, fault.Gone, "erasure.done")
	if n := d.count(`SELECT count(*) FROM guardians WHERE name = ''`); n != 1 || len(d.listed()) != 2 { // one was merged
		t.Errorf("%d guardians are erased and %d listed, want 1 and 2", n, len(d.listed()))
	}
	// Domain, Family data 5: the other family keeps all but the address, and no link opens its booking from that mailbox.
	if got, want := d.text(`SELECT b.status || ' ' || c.first_name || ' ' || g.name || ' ' || g.email || g.email_folded || ' ' || bg.link_version FROM bookings b JOIN children c ON c.id = b.child_id
		JOIN booking_groups bg ON bg.id = b.group_id JOIN guardians g ON g.id = bg.guardian_id WHERE b.id = ?`, guest), "confirmed Nguyễn Parent de Nguyễn  2"; got != want {
		t.Errorf("the other family has %q, want %q", got, want)
	}
	if n := d.count(`SELECT count(*) FROM audit WHERE action = 'family.disown' AND actor = ?`, me.String()); n != 1 {
		t.Errorf("%d audit lines say whose address it was not, want 1", n)
	}
	if got := d.text(`SELECT status FROM bookings WHERE id = ?`, stranger); got != "confirmed" {
		t.Errorf("the stranger's seat is %s", got)
	}

	// The last mail knows where it goes, until it has left.
	store := outbox.NewStore(d.db)
	claimed, err := store.Claim(ctx, 100)
	d.must(err)
	last := claimed[slices.IndexFunc(claimed, func(c outbox.Claimed) bool { return c.Kind == outbox.FamilyErased })]
	if last.To != "Kanarienvogel@exemple.fr" || strings.Contains(strings.ToLower(string(last.Payload)), "kanari") {
		t.Errorf("the last mail: %+v", last)
	}
	d.must(store.Sent(ctx, last.ID))
	d.must(d.db.Checkpoint(ctx))
	if got := d.found(); !slices.Equal(got, []string{"35999"}) { // the figures of who came
		t.Errorf("still in the files: %q", got)
	}
	d.clock.Advance(7 * 24 * time.Hour)
	d.must(d.CloseOverdue(ctx))
	if got := d.facts(); !strings.Contains(got, "girl 35 yes") {
		t.Errorf("facts: %s", got)
	}
	d.must(d.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := family.ForgetFigures(tx)
		return err
	}))
	d.must(d.db.Checkpoint(ctx))
	if got := d.found(); len(got) != 0 {
		t.Errorf("still in the files: %q", got)
	}
}

// I14: the figures of a session whose children were erased cannot be made again, so it stays closed.
func TestErasedStayCounted(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	reference, _ := d.kanari(d.session)
	d.clock.Set(saturday.Add(time.Minute))
	d.mark(d.session, 1, "present")
	d.clock.Set(saturday.Add(24 * time.Hour))
	d.mark(d.session, 2, "absent")
	d.clock.Set(saturday.AddDate(0, 0, 4))
	d.must(d.CloseOverdue(t.Context()))
	facts := d.facts()
	_, err := d.EraseFamily(t.Context(), d.staff, d.key(), reference)
	d.must(err)
	d.wants(d.Reopen(t.Context(), d.staff, d.key(), d.session, "Oubli"), fault.Conflict, "closing.erased")
	if got := d.facts(); got != facts || facts == "" {
		t.Errorf("facts were\n%s\nand are\n%s", facts, got)
	}
}

// RGPD-11: a copy that is older than an erasure is put in place, and who was erased is erased in it too, also where a guest was
// merged since; nobody else is.
func TestReplay(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	reference, me := d.kanari(d.session)
	// A second booking as a guest, merged only after the copy.
	again, err := d.bookings.Book(t.Context(), account.Guest(), d.key(), booking.Request{SessionID: d.at(saturday.AddDate(0, 0, 7)),
		Guardian: family.NewGuardian{Name: "Kanarienvogel", Email: "kanarienvogel@exemple.fr", Phone: "06 98 76 54 32", Language: "fr"},
		Children: []family.NewChild{{FirstName: "Zoé", LastName: "Kanarienvogel", BirthDate: time.Date(2018, 3, 17, 0, 0, 0, 0, time.UTC),
			Health: family.Health{State: family.HealthDescribed, Text: "Arachidenallergie"}, Image: family.Yes}}})
	d.must(err)
	d.books(d.session, "李", 2018, "", "", "")
	copied := filepath.Join(t.TempDir(), "copy.db")
	d.must(d.db.Backup(t.Context(), copied))

	d.must(d.bookings.Prove(t.Context(), d.key(), d.bookings.Sign(booking.LinkMail, again, 1)))
	if n := d.count(`SELECT count(*) FROM merged_guardians WHERE guardian_id = ?`, me.ID); n != 1 {
		t.Fatalf("%d merged, want 1", n)
	}
	_, err = d.EraseFamily(t.Context(), d.staff, d.key(), reference)
	d.must(err)
	ids := d.listed()
	if len(ids) != 2 {
		t.Fatalf("listed: %q", ids)
	}

	old, err := sqlite.Open(t.Context(), sqlite.Config{Path: copied, MustExist: true, Clock: d.clock.Now})
	d.must(err)
	for want := range []int{2, 0} {
		n, err := privacy.Replay(t.Context(), old, append(ids, "00000000000000000000000000000000"))
		if d.must(err); n != []int{2, 0}[want] {
			t.Errorf("replayed %d", n)
		}
	}
	d.must(old.Close())
	raw, err := os.ReadFile(copied)
	d.must(err)
	for _, canary := range canaries {
		if bytes.Contains(raw, []byte(canary)) {
			t.Errorf("%q is in the copy", canary)
		}
	}
	if !bytes.Contains(raw, []byte("Parent de 李")) {
		t.Error("the replay erased who never asked")
	}
}

// A line that a crash cut short hides neither itself nor the next one.
func TestListOfErasures(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), privacy.ErasuresFile)
	a, b := strings.Repeat("a", 32), strings.Repeat("b", 32)
	if err := os.WriteFile(path, []byte(a+"\n"+b[:10]), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := privacy.AddErasures(path, []string{a, b}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := privacy.ReadErasures(path)
	if err != nil || !slices.Equal(got, []string{a, b}) {
		t.Errorf("list = %q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
