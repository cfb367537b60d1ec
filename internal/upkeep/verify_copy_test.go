package upkeep_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// REL-19: every table of the schema stands once in the list of what may change, and the list names no column that is not there.
func TestEveryTableMayChangeOrNot(t *testing.T) {
	t.Parallel()
	columns := sqlitetest.Columns(t, sqlitetest.New(t))
	for _, c := range upkeep.Changes() {
		there, known := columns[c.Table]
		if !known {
			t.Errorf("the list has %s twice, or the schema has it not", c.Table)
		}
		delete(columns, c.Table)
		for _, name := range c.Columns {
			if !slices.Contains(there, name) {
				t.Errorf("the list names %s.%s, which the schema does not have", c.Table, name)
			}
		}
	}
	for table := range columns {
		t.Errorf("%s is not in verify_copy_list.go: which of its columns change, and how does one see that the program did it?", table)
	}
}

// copied makes the copy that the next state is compared with.
func (h *house) copied() {
	h.t.Helper()
	h.clock.Advance(time.Hour)
	h.breaks(`INSERT INTO access_log (at, actor, action, record) VALUES ('2027-05-04T12:00:00Z', 'user:1', 'register.open', 'session:2')`)
	b := h.backups()
	h.must(b.Due(h.t.Context()))
	if breaches, _ := b.Breaches(); len(breaches) > 0 {
		h.t.Errorf("already in the copy: %v", breaches)
	}
}

// REL-19: a value that changes behind the back of the program is found by verify, and named without a value of anybody.
func TestChangedBehindTheBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, does, record, says string }{
		{"a trigger", `PRAGMA writable_schema = on; DELETE FROM sqlite_schema WHERE name = 'audit_never_changes'`, "database", "what the schema says of audit_never_changes changed"},
		{"a line of the access log", `UPDATE access_log SET record = 'session:9'`, "access_log:1", "record changed"},
		{"a message", `UPDATE outbox SET payload = replace(payload, 'e', 'f') WHERE id = 1`, "outbox:1", "payload changed"},
		{"a phone number", `UPDATE guardians SET phone = '06 12 34 56 79' WHERE id = 2`, "guardians:2", "phone changed"},
		{"an allergy", `UPDATE children SET health_state = 'described', health_text = 'noix' WHERE id = 1`, "children:1", "health_state, health_text changed"},
		{"a name in a booking's family", `UPDATE children SET first_name = 'Zoe' WHERE id = 1`, "children:1", "first_name changed"},
		{"a booking without its stamp", `UPDATE bookings SET status = 'cancelled', cancelled_by = 'team' WHERE id = 1`, "bookings:1", "status, cancelled_by changed"},
		{"a consent", `UPDATE consents SET answer = 'yes' WHERE id = (SELECT min(id) FROM consents WHERE answer = 'later')`, "consents:1", "answer changed"},
		{"a consent that is gone", `DELETE FROM consents WHERE id = 1`, "consents:1", "the row is gone"},
		{"a price", `UPDATE sessions SET price_cents = 1401 WHERE id = 1`, "sessions:1", "price_cents changed"},
		{"a certificate", `UPDATE certificates SET minutes = 121 WHERE id = 1`, "certificates:1", "minutes changed"},
		{"a mark", `UPDATE marks SET at = '2027-05-04T12:06:00Z' WHERE id = 1`, "marks:1", "at changed"},
		{"a name in a message is emptied", `UPDATE outbox SET payload = '{}', recipient = '' WHERE id = 1`, "", ""},
		{"a state that the worker keeps", `UPDATE outbox SET state = 'sent', done_at = '2027-05-04T18:00:00Z'`, "", ""},
		{"a booking with its stamp", `UPDATE bookings SET status = 'cancelled', cancelled_by = 'team', cancelled_at = '2027-05-04T18:00:00Z', updated_at = '2027-05-04T18:00:00Z' WHERE id = 1`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.copied()
			h.breaks(tt.does)
			found := slices.DeleteFunc(h.verify(), func(b upkeep.Breach) bool { return b.Invariant != "REL-19" })
			switch {
			case tt.record == "" && len(found) > 0:
				t.Errorf("found %v", found)
			case tt.record == "":
			case len(found) != 1 || found[0].Record != tt.record || !strings.HasPrefix(found[0].Text, tt.says+" since the copy ateliers-20270504T170000Z,"):
				t.Errorf("found %v, want %s: %s", found, tt.record, tt.says)
			}
		})
	}
}

// REL-19: what people do through the program between two copies is never taken for damage, not even where it takes rows away; and the copy before is
// kept for as long as something differs from it, so that what is wrong does not become what is right.
func TestCopiesAreCompared(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.backups()
	due := func() (found []upkeep.Breach) {
		t.Helper()
		h.clock.Advance(time.Hour)
		h.must(b.Due(t.Context()))
		found, _ = b.Breaches()
		return slices.DeleteFunc(found, func(b upkeep.Breach) bool { return b.Invariant != "REL-19" })
	}
	seen := func() string {
		t.Helper()
		files, err := filepath.Glob(h.db.Path() + ".seen*")
		if err != nil || len(files) != 1 {
			t.Fatalf("%q, %v", files, err)
		}
		return strings.TrimPrefix(files[0], h.db.Path()+".seen-")
	}
	due()
	h.must(h.bookings.Cancel(t.Context(), account.Guest(), key(), h.links["zoe"], nil, ""))
	h.book(1, "Zoé")
	if found := due(); len(found) > 0 || seen() != "20270504T180000Z" {
		t.Errorf("found %v, the last copy is %s", found, seen())
	}
	h.breaks(`UPDATE guardians SET phone = '06 12 34 56 79' WHERE id = 2`)
	for range 2 {
		if found := due(); len(found) != 1 || found[0].Record != "guardians:2" || seen() != "20270504T180000Z" {
			t.Errorf("found %v, the last copy is %s", found, seen())
		}
	}
	h.breaks(`UPDATE guardians SET phone = '06 12 34 56 78' WHERE id = 2`)
	if found := due(); len(found) > 0 || seen() != "20270504T210000Z" {
		t.Errorf("put right: found %v, the last copy is %s", found, seen())
	}

	// One that is no database keeps no copy from being made, and gives way to it.
	h.must(os.WriteFile(h.db.Path()+".seen-20270504T210000Z", []byte("a letter to 李"), 0o600))
	if found := due(); len(found) > 0 || seen() != "20270504T220000Z" {
		t.Errorf("a letter: found %v, the last copy is %s", found, seen())
	}
	// A restore puts another state in place.
	file := filepath.Join(b.Folder, "ateliers-20270504T180000Z.db")
	h.must(h.db.Close())
	if _, err := upkeep.Restore(t.Context(), h.restoration(file)); err != nil {
		t.Fatal(err)
	}
	if files, err := filepath.Glob(h.db.Path() + ".seen*"); err != nil || len(files) > 0 {
		t.Errorf("after a restore: %q, %v", files, err)
	}
}
