package upkeep_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/alert"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// watched is a house that is watched, with an admin who is told, and the log.
type watched struct {
	*house
	*upkeep.Watch
	log bytes.Buffer
}

func newWatched(t *testing.T, backups bool) *watched {
	t.Helper()
	w := &watched{house: newHouse(t)}
	w.breaks(`UPDATE outbox SET state = 'sent', done_at = created_at`,
		`INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at) VALUES (9, 'admin@example.org', 'admin@example.org', 'Łucja', 'admin', 'x', '2027-05-03T16:00:00Z')`,
		`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-03T16:00:00Z', 'command', 'account.add', 'user:9')`)
	w.Watch = &upkeep.Watch{DB: w.db, Outbox: outbox.NewStore(w.db), LeastFree: -1, Clock: w.clock.Now, Log: slog.New(slog.NewTextHandler(&w.log, nil))}
	if backups {
		w.Backups = w.backups()
	}
	return w
}

// look looks after a time and returns what is wrong now and how many mails tell so, and that it is over.
func (w *watched) look(after time.Duration) (open string, raised, ended int) {
	w.t.Helper()
	w.clock.Advance(after)
	_ = w.Look(w.t.Context())
	alerts, err := alert.NewStore(w.db).Open(w.t.Context())
	w.must(err)
	for _, a := range alerts {
		open += string(a.Kind) + " "
	}
	told := func(kind string) int {
		return w.count(`SELECT count(*) FROM outbox WHERE kind = ? AND recipient = 'admin@example.org'`, kind)
	}
	return strings.TrimSpace(open), told(outbox.AlertRaised), told(outbox.AlertEnded)
}

// wants looks after a time and fails unless it is as wanted.
func (w *watched) wants(what string, after time.Duration, open string, raised, ended int) {
	w.t.Helper()
	if o, r, e := w.look(after); o != open || r != raised || e != ended {
		w.t.Errorf("%s: open %q, told %d, over %d; want %q, %d, %d", what, o, r, e, open, raised, ended)
	}
}

// sound fails if the watch left anything that must never be.
func (w *watched) sound() {
	w.t.Helper()
	if breaches := w.verify(); len(breaches) > 0 {
		w.t.Errorf("breaches: %q", breaches)
	}
}

// REL-22: no mail leaves for 15 minutes and one waits: told once, in the log and on the home too, and once that it is over. A mailbox that is
// full while others get theirs is none.
func TestAlertOfMails(t *testing.T) {
	t.Parallel()
	w := newWatched(t, false)
	w.wants("at rest", 0, "", 0, 0)
	w.breaks(`UPDATE outbox SET state = 'pending', done_at = NULL, send_after = '2027-05-04T16:00:00Z' WHERE id = 1`)
	w.wants("within 15 minutes", 14*time.Minute, "", 0, 0)
	w.breaks(`UPDATE outbox SET done_at = '2027-05-04T16:10:00Z' WHERE id = 2`)
	w.wants("others get theirs", 2*time.Minute, "", 0, 0)
	w.wants("none leaves", 15*time.Minute, "mails_late", 1, 0)
	if !strings.Contains(w.log.String(), "level=ERROR msg=alert kind=mails_late count=1") {
		t.Errorf("the log: %s", w.log.String())
	}
	w.wants("still", time.Hour, "mails_late", 1, 0)
	w.breaks(`UPDATE outbox SET state = 'sent', done_at = '2027-05-04T18:00:00Z' WHERE state = 'pending'`)
	w.wants("it left", time.Minute, "", 1, 1)
	w.breaks(`UPDATE outbox SET state = 'sent', done_at = '2027-05-04T18:00:00Z' WHERE state = 'pending'`,
		`UPDATE outbox SET state = 'pending', done_at = NULL, attempts = 4, send_after = '2027-05-05T00:00:00Z' WHERE id = 1`)
	w.wants("tried in vain", time.Hour, "mails_late", 2, 1)
	w.breaks(`INSERT INTO outbox_pause VALUES (1, '2027-05-04T18:00:00Z')`)
	w.wants("paused by a restore", time.Hour, "", 2, 2)
}

// REL-22: the last verified copy is older than 26 hours, here or at the other place.
func TestAlertOfBackups(t *testing.T) {
	t.Parallel()
	w := newWatched(t, true)
	w.Backups.SendTo = filepath.Join(w.otherDisk(), "disk")
	w.wants("copied, not sent", 0, "", 0, 0)
	w.wants("a day later", 26*time.Hour, "", 0, 0)
	w.wants("nothing was sent", time.Hour, "backup_not_sent", 1, 0)
	w.must(os.Mkdir(w.Backups.SendTo, 0o700))
	w.sent()
	w.wants("sent", time.Hour, "", 1, 1)
	w.must(os.RemoveAll(w.Backups.Folder))
	w.must(os.WriteFile(w.Backups.Folder, nil, 0o600)) // no folder can be made there
	w.sent()
	w.wants("all are gone, and none is made", 27*time.Hour, "backup_late backup_not_sent", 3, 1)
	w.must(os.Remove(w.Backups.Folder))
	w.sent()
	w.wants("made again", 5*time.Minute, "", 3, 3)
	w.Backups.SendTo = t.TempDir()
	w.sent()
	w.wants("the disk is gone, and its folder on this one is there", 27*time.Hour, "backup_not_sent", 4, 3)
	w.sound()
}

// sent lets all mails have left.
func (w *watched) sent() {
	w.t.Helper()
	w.breaks(`UPDATE outbox SET state = 'sent', done_at = created_at WHERE state = 'pending'`)
}

// REL-22: the disk is nearly full.
func TestAlertOfTheDisk(t *testing.T) {
	t.Parallel()
	w := newWatched(t, false)
	w.LeastFree = 101 // no disk is as free as that
	w.wants("full", 0, "disk_low", 1, 0)
	w.wants("still", time.Minute, "disk_low", 1, 0)
	free, err := upkeep.PercentFree(filepath.Dir(w.db.Path()))
	w.must(err)
	w.LeastFree = free // it is as free as that, but not by two points
	w.wants("at the limit", time.Minute, "disk_low", 1, 0)
	w.LeastFree = -3
	w.wants("emptied", time.Minute, "", 1, 1)
	w.sound()
}

// REL-22: verify is red, by the copy of the night or, where none is made, by night.
func TestAlertOfBreaches(t *testing.T) {
	t.Parallel()
	const breach, mend = `UPDATE venues SET created_at = '2027-05-08T14:00:00+02:00'`, `UPDATE venues SET created_at = '2027-05-03T16:00:00Z'`
	for _, backups := range []bool{false, true} {
		w := newWatched(t, backups)
		w.wants("sound", 0, "", 0, 0)
		w.breaks(breach)
		w.wants("before it is looked at", 30*time.Minute, "", 0, 0)
		w.wants("looked at", 12*time.Hour, "breaches", 1, 0)
		if !strings.Contains(w.log.String(), "msg=breach invariant=I11") {
			t.Errorf("the log: %s", w.log.String())
		}
		w.breaks(mend)
		w.sent()
		w.wants("mended", 24*time.Hour, "", 1, 1)
	}
}

// REL-19: a value that changed by itself is told within the hour, in the log with what to do and without the value, and for as long as it is not right again; after
// 29 days nothing is left to compare it with.
func TestAlertOfWhatChangedByItself(t *testing.T) {
	t.Parallel()
	const damage, mend = `UPDATE guardians SET phone = '06 12 34 56 79' WHERE id = 2`, `UPDATE guardians SET phone = '06 12 34 56 78' WHERE id = 2`
	w := newWatched(t, true)
	w.wants("sound", 0, "", 0, 0)
	w.breaks(damage)
	w.wants("damaged", time.Hour, "breaches", 1, 0)
	log := w.log.String()
	if !strings.Contains(log, "record=guardians:2") || !strings.Contains(log, "ateliers restore") || strings.Contains(log, "06 12") {
		t.Errorf("the log: %s", log)
	}
	w.sent()
	w.wants("verified, and still damaged", 12*time.Hour, "breaches", 1, 0)
	w.breaks(mend)
	w.wants("mended", time.Hour, "", 1, 1)
	w.breaks(damage)
	w.sent()
	w.wants("damaged again", time.Hour, "breaches", 2, 1)
	w.sent()
	w.look(30 * 24 * time.Hour)
	if left, err := filepath.Glob(w.db.Path() + ".seen*"); err != nil || len(left) > 0 {
		t.Errorf("after 30 days: %q, %v", left, err)
	}
}

// Without an admin the association is told.
func TestAlertsReachSomebody(t *testing.T) {
	t.Parallel()
	w := newWatched(t, false)
	w.breaks(`UPDATE users SET role = 'staff' WHERE id = 9`)
	w.LeastFree = 101
	w.look(0)
	if n := w.count(`SELECT count(*) FROM outbox WHERE kind = ? AND recipient = 'salut@lesbricodeurs.fr'`, outbox.AlertRaised); n != 1 {
		t.Errorf("%d mails to the association", n)
	}
}

// RGPD-8: what an upgrade or a restore put aside goes before 30 days have passed, and nothing else does.
func TestLeftoversHaveTheirTime(t *testing.T) {
	t.Parallel()
	w := newWatched(t, false)
	path := w.db.Path()
	dir := filepath.Dir(path)
	made := w.clock.Now()
	for _, name := range []string{"before-restore-" + made.Format("20060102T150405Z"), "before-restore-of-Zoé"} {
		w.must(os.Mkdir(filepath.Join(dir, name), 0o700))
		w.must(os.WriteFile(filepath.Join(dir, name, "ateliers.db"), nil, 0o600))
	}
	w.must(os.WriteFile(path+".before-v2", nil, 0o600))
	w.must(os.Chtimes(path+".before-v2", made, made))
	left := func() int {
		w.t.Helper()
		all, err := filepath.Glob(filepath.Join(dir, "*before-*"))
		w.must(err)
		return len(all)
	}
	w.look(28 * 24 * time.Hour)
	if n := left(); n != 3 {
		t.Errorf("after 28 days %d of 3 are left", n)
	}
	w.look(36 * time.Hour)
	if n := left(); n != 1 {
		t.Errorf("after 29 days and a half %d are left, want the one that is not ours", n)
	}
}
