package upkeep_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// examination is of the house as it should be, with copies that go elsewhere, encrypted for two.
func (h *house) examination() upkeep.Examination {
	h.t.Helper()
	b := h.backups()
	one, _ := h.key()
	two, _ := h.key()
	b.Recipients, b.SendTo = []upkeep.Recipient{one, two}, "/dev/shm"
	dir := filepath.Dir(h.db.Path())
	h.must(os.Chmod(dir, 0o700))
	return upkeep.Examination{Data: dir, Base: filepath.Base(h.db.Path()), Backups: b, Clock: h.clock.Now, Synced: func() bool { return true }}
}

// Each thing that can be wrong is found, in one line with what to do, and nothing else; a sound installation has none (SEC-50, SEC-55).
func TestExamine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(h *house, e *upkeep.Examination)
		level upkeep.Level
		what  string
		says  string
	}{
		{"nothing", func(*house, *upkeep.Examination) {}, upkeep.Fine, "", ""},
		{"no data folder", func(h *house, e *upkeep.Examination) { e.Data += "-none" }, upkeep.Wrong, "disk", "no such file"},
		{"a database that others read", func(h *house, e *upkeep.Examination) { h.must(os.Chmod(h.db.Path(), 0o640)) }, upkeep.Wrong, "permissions", "others can read"},
		{"a folder that others read", func(h *house, e *upkeep.Examination) { h.must(os.Chmod(e.Data, 0o755)) }, upkeep.Wrong, "permissions", "mode 0755"},
		{"a short secret", func(h *house, e *upkeep.Examination) {
			h.must(os.WriteFile(filepath.Join(e.Data, "ateliers.secret"), []byte("5a5a\n"), 0o600))
		}, upkeep.Wrong, "secret", "is damaged"},
		{"no secret", func(h *house, e *upkeep.Examination) { h.must(os.Remove(filepath.Join(e.Data, "ateliers.secret"))) }, upkeep.Wrong, "secret", "is not there"},
		{"no database", func(h *house, e *upkeep.Examination) { e.Base = "other.db" }, upkeep.Wrong, "database", "there is none"},
		{"a letter", func(h *house, e *upkeep.Examination) {
			e.Base = "letter.db"
			h.must(os.WriteFile(filepath.Join(e.Data, e.Base), []byte("a letter to Łukasz, long enough to be read as something else than an empty file is"), 0o600))
		}, upkeep.Wrong, "database", "cannot be read as a database"},
		{"an old copy", func(h *house, e *upkeep.Examination) { h.must(os.WriteFile(h.db.Path()+".before-v2", nil, 0o600)) }, upkeep.Warning, "database", "before-v2 holds families as they were then: it goes by itself after 29 days"},
		{"a clock of last century", func(h *house, e *upkeep.Examination) {
			e.Clock = func() time.Time { return time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) }
		}, upkeep.Wrong, "clock", "1999"},
		{"a clock that was set back", func(h *house, e *upkeep.Examination) {
			h.clock.Advance(time.Hour)
			h.must(h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
				_, err := tx.Exec(`INSERT INTO audit (at, actor, action, record) VALUES (?, 'system', 'x.y', 'x:1')`, sqlite.Time(tx.Now()))
				return err
			}))
			h.clock.Advance(-time.Hour)
		}, upkeep.Wrong, "clock", "the last change in the database is later"},
		{"a clock that nothing keeps", func(h *house, e *upkeep.Examination) { e.Synced = func() bool { return false } }, upkeep.Warning, "clock", "nothing keeps it right"},
		{"copies that are off", func(h *house, e *upkeep.Examination) { e.Backups = nil }, upkeep.Warning, "backups", "they are off"},
		{"no copy", func(h *house, e *upkeep.Examination) { h.must(os.RemoveAll(e.Backups.Folder)) }, upkeep.Wrong, "backups", "there is no copy"},
		{"an old last copy", func(h *house, e *upkeep.Examination) { h.clock.Advance(27 * time.Hour) }, upkeep.Wrong, "backups", "the last copy is of"},
		{"copies that do not leave", func(h *house, e *upkeep.Examination) { h.must(os.Remove(filepath.Join(e.Backups.Folder, "last-sent"))) }, upkeep.Wrong, "backups", "no copy got to the other place"},
		{"copies that go nowhere", func(h *house, e *upkeep.Examination) { e.Backups.SendTo = "" }, upkeep.Warning, "backups", "stay on this machine"},
		{"copies on the same disk", func(h *house, e *upkeep.Examination) { e.Backups.SendTo = e.Data }, upkeep.Wrong, "backups", "on the disk of the data folder"},
		{"copies in the clear", func(h *house, e *upkeep.Examination) { e.Backups.Recipients = nil }, upkeep.Warning, "backups", "unencrypted"},
		{"one holder", func(h *house, e *upkeep.Examination) { e.Backups.Recipients = e.Backups.Recipients[:1] }, upkeep.Warning, "backups", "one key alone"},
		{"a copy that is no copy", func(h *house, e *upkeep.Examination) { h.spoilCopies(e, "letter") }, upkeep.Wrong, "backups", "no file of age"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			e := h.examination()
			sendTo := e.Backups.SendTo
			e.Backups.SendTo = h.otherDisk() // nothing of the test is to stay in /dev/shm
			h.must(e.Backups.Due(t.Context()))
			e.Backups.SendTo = sendTo
			c.spoil(h, &e)
			found := false
			for _, f := range upkeep.Examine(t.Context(), e) {
				if strings.Contains(f.Says+f.Do, "\n") || (f.Level == upkeep.Fine) != (f.Do == "") {
					t.Errorf("not one line, or nothing to do: %+v", f)
				}
				isIt := f.Level == c.level && f.What == c.what && strings.Contains(f.Says, c.says)
				found = found || isIt
				if c.level == upkeep.Fine && f.Level != upkeep.Fine {
					t.Errorf("a sound installation: %+v", f)
				}
			}
			if !found && c.level != upkeep.Fine {
				t.Errorf("it was not found among %+v", upkeep.Examine(t.Context(), e))
			}
		})
	}
}

// spoilCopies makes every copy hold something else.
func (h *house) spoilCopies(e *upkeep.Examination, text string) {
	h.t.Helper()
	names, err := filepath.Glob(filepath.Join(e.Backups.Folder, "ateliers-*"))
	h.must(err)
	for _, name := range names {
		h.must(os.WriteFile(name, []byte(text), 0o600))
	}
}

// A copy that is not encrypted is looked through: bits fall over on a disk too.
func TestExamineLooksThroughTheCopy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.examination()
	e.Backups.Recipients, e.Backups.SendTo = nil, ""
	h.must(e.Backups.Due(t.Context()))
	says := func() (all string) {
		for _, f := range upkeep.Examine(t.Context(), e) {
			all += f.What + " " + f.Says + "\n"
		}
		return all
	}
	if got := says(); !strings.Contains(got, "and whole") {
		t.Errorf("a whole copy: %s", got)
	}
	names, err := filepath.Glob(filepath.Join(e.Backups.Folder, "ateliers-*.db"))
	h.must(err)
	raw := h.read(names[0])
	for i := len(raw) / 2; i < len(raw)/2+4096; i++ {
		raw[i] ^= 0xff
	}
	h.must(os.WriteFile(names[0], raw, 0o600))
	if got := says(); !strings.Contains(got, "is damaged") {
		t.Errorf("a damaged copy: %s", got)
	}
}

func TestJudgeDisk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		free, all, nodes, most uint64
		want                   string
	}{
		{50, 100, 50, 100, ""}, {9, 100, 50, 100, "bookings stop"}, {50, 100, 9, 100, "inodes"}, {50, 100, 0, 0, ""},
	} {
		f := upkeep.JudgeDisk(c.free, c.all, c.nodes, c.most)
		if (f.Level == upkeep.Fine) != (c.want == "") || !strings.Contains(f.Says, c.want) {
			t.Errorf("%+v: %+v", c, f)
		}
	}
}
