package upkeep_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// backups are hourly copies of the house into a folder of their own, with the secret in its data folder.
func (h *house) backups() *upkeep.Backups {
	h.t.Helper()
	secret := filepath.Join(filepath.Dir(h.db.Path()), "ateliers.secret")
	if _, err := os.Stat(secret); err != nil {
		h.must(os.WriteFile(secret, []byte(strings.Repeat("5a", 32)+"\n"), 0o600))
	}
	return &upkeep.Backups{DB: h.db, Folder: filepath.Join(h.t.TempDir(), "backups"), Days: upkeep.MostBackupDays, Clock: h.clock.Now, Log: slog.New(slog.DiscardHandler)}
}

// otherDisk is a folder on another disk than the data of tests: where Linux keeps shared memory.
func (h *house) otherDisk() string {
	h.t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ateliers-test-")
	h.must(err)
	h.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// key makes a key of age and returns the recipient and the file with the secret one.
func (h *house) key() (upkeep.Recipient, string) {
	h.t.Helper()
	file := filepath.Join(h.t.TempDir(), "key.txt")
	public, err := upkeep.MakeKey(file)
	h.must(err)
	list, err := upkeep.ParseRecipients([]string{public})
	h.must(err)
	return list[0], file
}

// files are the names in a folder, in order, and fails unless their owner alone may read them (SEC-55).
func (h *house) files(dir string) (names []string) {
	h.t.Helper()
	entries, err := os.ReadDir(dir)
	h.must(err)
	for _, e := range entries {
		info, err := e.Info()
		h.must(err)
		if info.Mode().Perm()&0o077 != 0 {
			h.t.Errorf("%s has mode %#o", e.Name(), info.Mode().Perm())
		}
		names = append(names, e.Name())
	}
	return names
}

// REL-13: a copy within the hour, and within it no second one; beside it what a restore needs; names tell the instant alone.
func TestBackupsByTheHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.backups()
	for _, after := range []time.Duration{0, 54 * time.Minute, time.Minute, time.Hour} {
		h.clock.Advance(after)
		h.must(b.Due(t.Context()))
	}
	want := []string{"ateliers-20270504T160000Z.db", "ateliers-20270504T165500Z.db", "ateliers-20270504T175500Z.db", "ateliers.secret", "erasures.log"}
	if got := h.files(b.Folder); !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
	if state := b.State(); !state.Last.Equal(h.clock.Now()) || state.Sends {
		t.Errorf("%+v", state)
	}
	if _, err := os.Stat(h.db.Path() + ".copying"); !os.IsNotExist(err) {
		t.Errorf("what was looked through is still there: %v", err)
	}
	h.must(h.db.Close())
	if done, err := upkeep.Restore(t.Context(), h.restoration(filepath.Join(b.Folder, want[2]))); err != nil || len(done.Breaches) > 0 {
		t.Errorf("restored: %+v, %v", done, err)
	}
}

// RGPD-8: of the first day every copy stays, then the last of each day, and none for 30 days, here and where they are sent.
func TestBackupsHaveTheirTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.backups()
	b.SendTo = h.otherDisk()
	now := h.clock.Now()
	for _, dir := range []string{b.Folder, b.SendTo} {
		h.must(os.MkdirAll(dir, 0o700))
		for hours := 1; hours < 40*24; hours++ {
			name := "ateliers-" + now.Add(-time.Duration(hours)*time.Hour).Format("20060102T150405Z") + ".db"
			if hours%2 == 0 {
				name += ".age"
			}
			h.must(os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		}
		h.must(os.WriteFile(filepath.Join(dir, "letter-20200101T000000Z.db"), nil, 0o600))
	}
	h.must(b.Due(t.Context()))
	for _, dir := range []string{b.Folder, b.SendTo} {
		names := slices.DeleteFunc(h.files(dir), func(name string) bool { return !strings.HasPrefix(name, "ateliers-") })
		if oldest := "ateliers-20270405"; len(names) < 24+28 || len(names) > 24+31 || names[0] < oldest {
			t.Errorf("%d copies, the oldest %s", len(names), names[0])
		}
		for _, day := range []string{"20270502", "20270420"} {
			if n := strings.Count(strings.Join(names, " "), "ateliers-"+day); n != 1 || !strings.Contains(strings.Join(names, " "), day+"T230000Z") {
				t.Errorf("%d copies of %s in %q", n, day, names)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, "letter-20200101T000000Z.db")); err != nil {
			t.Errorf("a file that is none of ours is gone: %v", err)
		}
	}
}

// SEC-50, SEC-55, REL-13: encrypted copies hold nothing that can be read, each of two holders alone can restore one on an empty machine, and
// who holds another key, a file that was cut short or changed, or none of the keys, is told why, with nothing touched.
func TestSealedBackups(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	b := h.backups()
	first, firstKey := h.key()
	second, secondKey := h.key()
	_, strangersKey := h.key()
	h.must(b.Due(ctx)) // not encrypted yet
	b.Recipients = []upkeep.Recipient{first, second}
	h.clock.Advance(time.Hour)
	h.must(b.Due(ctx))
	names := h.files(b.Folder)
	if want := []string{"ateliers-20270504T160000Z.db", "ateliers-20270504T170000Z.db.age", "ateliers.secret.age", "erasures.log"}; !slices.Equal(names, want) {
		t.Errorf("the folder holds %q", names)
	}
	file := filepath.Join(b.Folder, names[1])
	sealed := h.read(file)
	for _, text := range []string{"Zoé", "Nguyen", "SQLite format", "exam"} {
		if bytes.Contains(sealed, []byte(text)) {
			t.Errorf("the copy shows %q", text)
		}
	}
	h.must(h.db.Close())

	for i, holder := range []string{firstKey, secondKey} {
		empty := t.TempDir()
		r := upkeep.Restoration{Path: filepath.Join(empty, "ateliers.db"), File: file, Identity: holder, Clock: h.clock.Now, Log: slog.New(slog.DiscardHandler)}
		done, err := upkeep.Restore(ctx, r)
		if err != nil || !done.Placed || done.Secret != filepath.Join(b.Folder, "ateliers.secret.age") {
			t.Fatalf("holder %d: %+v, %v", i, done, err)
		}
		if got := h.files(empty); !slices.Equal(got, []string{"ateliers.db", "ateliers.lock", "ateliers.secret", "erasures.log"}) {
			t.Errorf("the data folder holds %q", got)
		}
		if !bytes.Equal(h.read(filepath.Join(empty, "ateliers.secret")), h.read(filepath.Join(filepath.Dir(h.db.Path()), "ateliers.secret"))) {
			t.Error("another secret")
		}
	}

	before := h.read(h.db.Path())
	flipped := slices.Clone(sealed)
	flipped[len(flipped)/2] ^= 1
	letter := filepath.Join(t.TempDir(), "letter.txt")
	h.must(os.WriteFile(letter, []byte("AGE-SECRET-KEY-1NOTAKEY, dear Łukasz\n"), 0o600))
	for _, c := range []struct {
		name     string
		raw      []byte
		identity string
		says     string
	}{
		{"no key", sealed, "", "--identity"},
		{"a stranger's key", sealed, strangersKey, "encrypted for others"},
		{"no such key", sealed, letter + ".none", "cannot be read"},
		{"a letter for a key", sealed, letter, "no secret key of age"},
		{"cut short", sealed[:len(sealed)-1000], firstKey, "damaged or was cut short"},
		{"cut at a chunk", sealed[:len(sealed)/2], firstKey, "damaged or was cut short"},
		{"changed", flipped, firstKey, "damaged"},
		{"cut in the header", sealed[:60], firstKey, "damaged"},
		{"what is inside is no database", seal(t, []byte("a letter to 李"), first), firstKey, "cannot be read as a database"},
	} {
		bad := filepath.Join(b.Folder, "bad.db.age")
		h.must(os.WriteFile(bad, c.raw, 0o600))
		r := h.restoration(bad)
		r.Identity = c.identity
		done, err := upkeep.Restore(ctx, r)
		if err == nil || done.Placed || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "NOTAKEY") {
			t.Errorf("%s: %+v, %v", c.name, done, err)
		}
	}
	if left, err := filepath.Glob(h.db.Path() + ".[^s]*"); err != nil || len(left) > 0 || !bytes.Equal(before, h.read(h.db.Path())) {
		t.Errorf("something changed; left: %q, %v", left, err)
	}
}

// seal encrypts what is no copy.
func seal(t *testing.T, plain []byte, to upkeep.Recipient) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sealed")
	if err := upkeep.Seal(bytes.NewReader(plain), file, []upkeep.Recipient{to}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestParseRecipients(t *testing.T) {
	t.Parallel()
	for key, says := range map[string]string{"": "no public key", "zoe": "no public key", "AGE-SECRET-KEY-1X": "secret key", "age1x": "no public key"} {
		if _, err := upkeep.ParseRecipients([]string{key}); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "KEY-1X") {
			t.Errorf("%q: %v", key, err)
		}
	}
}

// REL-13: what is not whole never counts. A database that is damaged gives no copy; what a kill left half written goes; the next
// try comes after five minutes.
func TestHalfACopyIsNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.backups()
	h.must(os.MkdirAll(b.Folder, 0o700))
	half := filepath.Join(b.Folder, "ateliers-20270504T150000Z.db.part")
	h.must(os.WriteFile(half, []byte("SQLite format 3"), 0o600))
	if state := b.State(); !state.Last.IsZero() {
		t.Errorf("half a copy counts: %+v", state)
	}
	h.breaks(`PRAGMA writable_schema = on`, `UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'bookings_by_child'`,
		`UPDATE sqlite_schema SET sql = replace(sql, 'capacity >', 'capacity <') WHERE name = 'sessions'`)
	err := b.Due(t.Context())
	if err == nil || !strings.Contains(err.Error(), "no backup was made") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("of a damaged database: %v", err)
	}
	if breaches, known := b.Breaches(); !known || !slices.ContainsFunc(breaches, func(b upkeep.Breach) bool { return b.Record == "database" && !strings.Contains(b.Text, "\n") }) {
		t.Errorf("the damage is no breach: %v", breaches)
	}
	if names := h.files(b.Folder); !slices.Equal(names, []string{"ateliers.secret", "erasures.log"}) {
		t.Errorf("the folder holds %q", names)
	}
	if err := b.Due(t.Context()); err != nil {
		t.Errorf("tried again at once: %v", err)
	}
	h.clock.Advance(5 * time.Minute)
	if err := b.Due(t.Context()); err == nil {
		t.Error("not tried again")
	}
}

// What was left half written goes, here and elsewhere; a download of somebody else in a folder that is shared is none of ours.
func TestUnfinishedFilesOfOthersStay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.backups()
	b.SendTo = h.otherDisk()
	ours := []string{"ateliers-20270504T150000Z.db.part", "ateliers-20270504T150000Z.db.age.part", "ateliers.secret.part", "ateliers.secret.age.part"}
	others := []string{"Noël d'Anh.mkv.part", "ateliers-photos.zip.part", "letter-20270504T150000Z.db.part"}
	for _, dir := range []string{b.Folder, b.SendTo} {
		h.must(os.MkdirAll(dir, 0o700))
		for _, name := range slices.Concat(ours, others) {
			h.must(os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600))
		}
	}
	h.must(b.Due(t.Context()))
	for _, dir := range []string{b.Folder, b.SendTo} {
		left := slices.DeleteFunc(h.files(dir), func(name string) bool { return !strings.HasSuffix(name, ".part") })
		if !slices.Equal(left, others) {
			t.Errorf("%s: left of what is not finished is %q, want %q", dir, left, others)
		}
	}
}

// A folder on the disk of the data is no other place, such as the one that a disk leaves that is not mounted: it gets nothing.
func TestCopiesDoNotGoToTheSameDisk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.backups()
	b.SendTo = t.TempDir()
	if err := b.Due(t.Context()); err == nil || !strings.Contains(err.Error(), b.SendTo+" is on the disk of the data folder") {
		t.Errorf("sent to the same disk: %v", err)
	}
	if state := b.State(); state.Last.IsZero() || !state.Sent.IsZero() {
		t.Errorf("%+v", state)
	}
	if names := h.files(b.SendTo); len(names) > 0 {
		t.Errorf("it got %q", names)
	}
}

// Every copy is looked through for damage, but the invariants are verified in one a day: 55 minutes after the program began, and then in
// the first copy after three at night.
func TestInvariantsAreVerifiedByNight(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.backups()
	copied := func(at string) int {
		t.Helper()
		h.clock.Set(sqliteTime(t, at))
		h.must(b.Due(t.Context()))
		if !b.State().Last.Equal(h.clock.Now()) {
			t.Errorf("%s: no copy was made", at)
		}
		breaches, known := b.Breaches()
		if !known {
			return -1
		}
		return len(breaches)
	}
	// Of a column that changes without a trace: others show in each copy, being unlike in the one before.
	const breach, mend = `UPDATE outbox SET send_after = '2027-05-08T14:00:00+02:00'`, `UPDATE outbox SET send_after = '2027-05-03T16:00:00Z'`
	h.breaks(breach)
	for _, c := range []struct {
		at, does string
		want     int
	}{
		{"2027-05-04T16:00:00Z", "", -1},  // the first copy, while the program begins
		{"2027-05-04T16:55:00Z", "", 1},   // the second
		{"2027-05-05T00:50:00Z", mend, 1}, // ten to three in Paris
		{"2027-05-05T01:45:00Z", "", 0},
		{"2027-05-05T22:00:00Z", breach, 0},
		{"2027-05-06T01:00:00Z", "", 1},
	} {
		if c.does != "" {
			h.breaks(c.does)
		}
		if got := copied(c.at); got != c.want && (c.want < 1 || got < 1) {
			t.Errorf("%s: %d breaches are known, want %d (-1: not yet looked)", c.at, got, c.want)
		}
	}
}

func sqliteTime(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := sqlite.ParseTime(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A breach of an invariant is told, and the copy stays all the same: it is what there is.
func TestBreachesInACopy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.backups()
	if _, known := b.Breaches(); known {
		t.Error("before the first copy")
	}
	h.breaks(`DELETE FROM outbox`)
	for range 2 {
		h.must(b.Due(t.Context()))
		h.clock.Advance(55 * time.Minute)
	}
	if breaches, known := b.Breaches(); !known || len(breaches) == 0 || b.State().Last.IsZero() {
		t.Errorf("%v %v, %+v", breaches, known, b.State())
	}
}

// REL-19: an index that is damaged answers wrongly while the server goes on. Within the hour it is a breach, which the team is told of by mail, with what to do; no
// copy is made of it, and the next one is once it is mended.
func TestDamagedIndexIsSeenByTheHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.backups()
	h.must(b.Due(t.Context()))
	if breaches, _ := b.Breaches(); len(breaches) > 0 {
		t.Fatalf("already before: %v", breaches)
	}
	whole := b.State().Last
	const index = `'audit_of_resumes'`
	h.breaks(`CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = `+index, `PRAGMA writable_schema = on`, `DELETE FROM sqlite_schema WHERE name = `+index)
	h.breaks(`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-04T12:00:00Z', 'system', 'outbox.resume', 'outbox')`)
	h.breaks(`PRAGMA writable_schema = on`, `INSERT INTO sqlite_schema SELECT * FROM kept`, `DROP TABLE kept`)
	h.clock.Advance(55 * time.Minute)
	if err := b.Due(t.Context()); err == nil || !strings.Contains(err.Error(), "the database is damaged") {
		t.Errorf("the copy: %v", err)
	}
	breaches, known := b.Breaches()
	if !known || len(breaches) == 0 || !strings.Contains(breaches[0].Text, "missing from index audit_of_resumes") {
		t.Fatalf("%v %v", breaches, known)
	}
	if text := upkeep.ToRestore(breaches); !strings.Contains(text, "damaged") || !strings.Contains(text, "ateliers restore") {
		t.Errorf("what to do: %s", text)
	}
	if last := b.State().Last; !last.Equal(whole) {
		t.Errorf("a copy of %v is thought whole", last)
	}
	h.breaks(`REINDEX`)
	h.clock.Advance(55 * time.Minute)
	h.must(b.Due(t.Context()))
	if breaches, _ := b.Breaches(); len(breaches) > 0 || !b.State().Last.After(whole) {
		t.Errorf("mended, and still told: %v; the last copy is of %v", breaches, b.State().Last)
	}
}

// A copy goes to another place with what a restore needs, by a folder and by a command, and what fails is told and tried again.
func TestBackupsGoElsewhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	b := h.backups()
	b.SendTo = filepath.Join(h.otherDisk(), "disk")
	if err := b.Due(ctx); err == nil || !strings.Contains(err.Error(), "is the disk there?") {
		t.Errorf("a disk that is not mounted: %v", err)
	}
	if state := b.State(); state.Last.IsZero() || !state.Sent.IsZero() || !state.Sends {
		t.Errorf("%+v", state)
	}
	h.must(os.Mkdir(b.SendTo, 0o700))
	known := strings.Repeat("ab", 16)
	h.must(privacy.AddErasures(filepath.Join(b.SendTo, privacy.ErasuresFile), []string{known}))
	h.clock.Advance(5 * time.Minute)
	h.must(b.Due(ctx))
	if state := b.State(); !state.Sent.Equal(state.Last) {
		t.Errorf("%+v", state)
	}
	if got, want := h.files(b.SendTo), []string{"ateliers-20270504T160000Z.db", "ateliers.secret", "erasures.log"}; !slices.Equal(got, want) {
		t.Errorf("elsewhere is %q", got)
	}
	if ids, err := privacy.ReadErasures(filepath.Join(b.SendTo, privacy.ErasuresFile)); err != nil || !slices.Contains(ids, known) {
		t.Errorf("the list elsewhere forgot: %q, %v", ids, err)
	}

	log := filepath.Join(t.TempDir(), "log")
	script := func(text string) string {
		file := filepath.Join(t.TempDir(), "send it") // no shell splits it
		h.must(os.WriteFile(file, []byte("#!/bin/sh\n"+text), 0o700))
		return file
	}
	b.SendTo = ""
	b.Command = []string{script(`echo "$#:$1:$(basename "$2"):$3" >> ` + log), "$(reboot)", "{}", "to: elsewhere"}
	h.clock.Advance(time.Hour)
	h.must(b.Due(ctx))
	want := "3:$(reboot):erasures.log:to: elsewhere\n3:$(reboot):ateliers.secret:to: elsewhere\n3:$(reboot):ateliers-20270504T170500Z.db:to: elsewhere\n"
	if got := string(h.read(log)); got != want {
		t.Errorf("the command got\n%swant\n%s", got, want)
	}
	for name, c := range map[string]struct{ text, says string }{
		"fails":        {"echo Łukasz >&2; echo 550 no room >&2; exit 3", "exit status 3: 550 no room"},
		"has no end":   {"sleep 600 & wait", "took longer than"},
		"knows no key": {`test -z "$ATELIERS_SMTP_URL" && exit 9`, "exit status 9"},
	} {
		b.Command, b.CommandLimit = []string{script(c.text)}, 300*time.Millisecond
		if strings.Contains(c.says, "exit") {
			b.CommandLimit = time.Minute
		}
		h.clock.Advance(time.Hour)
		if err := b.Due(ctx); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "did not get to the other place") {
			t.Errorf("a command that %s: %v", name, err)
		}
	}
	if err := fmt.Sprint(b.State().Sent); !strings.Contains(err, "17:05") {
		t.Errorf("what failed counts as sent: %s", err)
	}
}
