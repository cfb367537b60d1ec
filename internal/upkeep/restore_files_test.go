package upkeep_test

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

func (h *house) restoration(file string) upkeep.Restoration {
	return upkeep.Restoration{Path: h.db.Path(), File: file, Clock: h.clock.Now, Log: slog.New(slog.DiscardHandler)}
}

// reopened opens what is in place after a restore.
func (h *house) reopened() {
	h.t.Helper()
	db, err := sqlite.Open(h.t.Context(), sqlite.Config{Path: h.db.Path(), MustExist: true, Clock: h.clock.Now})
	h.must(err)
	h.t.Cleanup(func() { _ = db.Close() })
	h.db = db
}

// booked counts the bookings of a child by the first name.
func (h *house) booked(child string) int {
	h.t.Helper()
	return h.count(`SELECT count(*) FROM bookings b JOIN children c ON c.id = b.child_id WHERE c.first_name = ?`, child)
}

func (h *house) read(path string) []byte {
	h.t.Helper()
	raw, err := os.ReadFile(path)
	h.must(err)
	return raw
}

// REL-13, REL-14: the file of the last writes that a crash leaves beside a database is not played onto the copy that takes its
// place, whether or not the database itself is still there.
func TestRestoreBesideALeftoverWAL(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]bool{"the database is there": false, "the database was moved away": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			ctx := t.Context()
			file := filepath.Join(t.TempDir(), "copy.db")
			h.must(upkeep.Backup(ctx, h.db, file))
			h.must(h.db.Checkpoint(ctx))
			before := h.read(h.db.Path())
			h.book(1, "Nguyễn")
			wal := h.read(h.db.Path() + "-wal")
			h.must(h.db.Close())
			h.must(os.WriteFile(h.db.Path(), before, 0o600))
			h.must(os.WriteFile(h.db.Path()+"-wal", wal, 0o600))
			if gone {
				h.must(os.Rename(h.db.Path(), h.db.Path()+".bad"))
			}
			done, err := upkeep.Restore(ctx, h.restoration(file))
			if err != nil || !done.Placed {
				t.Fatalf("restored: %+v, %v", done, err)
			}
			kept, err := filepath.Glob(filepath.Join(done.Aside, "ateliers.db*"))
			if h.must(err); len(kept) == 0 {
				t.Error("nothing was kept of what was there")
			}
			h.reopened()
			if n := h.booked("Nguyễn"); n != 0 || h.booked("Zoé") != 1 {
				t.Errorf("%d bookings of the old database are back", n)
			}
			if breaches := h.verify(); len(breaches) > 0 {
				t.Errorf("breaches: %q", breaches)
			}
		})
	}
}

// REL-14: whoever goes back to what a restore moved aside gets it with its last writes.
func TestRestoreTakesTheWALOfTheCopy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	dir := t.TempDir()
	file := filepath.Join(dir, "ateliers.db")
	h.must(h.db.Checkpoint(ctx))
	h.book(1, "Nguyễn")
	h.must(os.WriteFile(file, h.read(h.db.Path()), 0o600))
	h.must(os.WriteFile(file+"-wal", h.read(h.db.Path()+"-wal"), 0o600))
	h.must(h.db.Close())
	h.must(privacy.AddErasures(filepath.Join(dir, privacy.ErasuresFile), nil))
	if done, err := upkeep.Restore(ctx, h.restoration(file)); err != nil {
		t.Fatalf("restored: %+v, %v", done, err)
	}
	h.reopened()
	if h.booked("Nguyễn") != 1 {
		t.Error("the last writes of the copy are lost")
	}
}

// RGPD-11: a copy always has its list of erasures, even an empty one; without any list nothing is restored, since who was erased
// would be back.
func TestRestoreWantsAListOfErasures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	dir := t.TempDir()
	file, list := filepath.Join(dir, "copy.db"), filepath.Join(dir, privacy.ErasuresFile)
	h.must(upkeep.Backup(ctx, h.db, file))
	if info, err := os.Stat(list); err != nil || info.Size() != 0 {
		t.Fatalf("beside the copy: %v, %v", info, err)
	}
	h.must(h.db.Close())
	before := h.read(h.db.Path())
	h.must(os.Remove(list))
	done, err := upkeep.Restore(ctx, h.restoration(file))
	if err == nil || !strings.Contains(err.Error(), privacy.ErasuresFile) || strings.Contains(err.Error(), "\n") || done.Placed {
		t.Errorf("without a list: %+v, %v", done, err)
	}
	if string(h.read(h.db.Path())) != string(before) {
		t.Error("something changed")
	}
	if _, err := os.Stat(h.db.Path() + ".restoring"); err == nil {
		t.Error("the copy was left behind")
	}
}

// RGPD-11: no copy is said not to be made that was, and none made without the list beside it.
func TestBackupWithoutItsList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	dir := t.TempDir()
	h.must(os.Mkdir(filepath.Join(dir, privacy.ErasuresFile), 0o700)) // cannot be written
	file := filepath.Join(dir, "copy.db")
	if err := upkeep.Backup(t.Context(), h.db, file); err == nil {
		t.Error("a copy without its list")
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("an error, and yet a copy")
	}
}

// REL-14: a restore that was cut short is seen, so that no empty database takes the place of what it was to bring.
func TestCutShort(t *testing.T) {
	t.Parallel()
	for left, isDir := range map[string]bool{"ateliers.db.restoring": false, "before-restore-20270508T120000Z": true} {
		path := filepath.Join(t.TempDir(), "ateliers.db")
		if err := upkeep.CutShort(path); err != nil {
			t.Errorf("an empty folder: %v", err)
		}
		left = filepath.Join(filepath.Dir(path), left)
		err := os.WriteFile(left, nil, 0o600)
		if isDir {
			err = os.Remove(left)
			if err == nil {
				err = os.Mkdir(left, 0o700)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := upkeep.CutShort(path); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", left, err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := upkeep.CutShort(path); err != nil {
			t.Errorf("%s beside a database: %v", left, err)
		}
	}
}

// SEC-3, REL-14: who signed out in the lost hour, or was signed out, is not signed in again by the copy, and no link of it opens
// anything.
func TestRestoreEndsSignIns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.must(h.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if _, err := tx.Exec(`INSERT INTO sign_ins VALUES ('a', x'00', '2027-11-01T00:00:00Z')`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO sign_in_links (token_hash, mailbox, guardian_id, expires_at) VALUES (x'01', x'02', 1, '2027-11-01T00:00:00Z')`)
		return err
	}))
	file := filepath.Join(t.TempDir(), "copy.db")
	h.must(upkeep.Backup(ctx, h.db, file))
	h.must(h.db.Close())
	_, err := upkeep.Restore(ctx, h.restoration(file))
	h.must(err)
	h.reopened()
	if n := h.count(`SELECT count(*) FROM sign_ins`); n != 0 {
		t.Errorf("%d browsers are signed in", n)
	}
	if n := h.count(`SELECT count(*) FROM sign_in_links WHERE outcome IS NULL AND expires_at > ?`, sqlite.Time(h.clock.Now())); n != 0 {
		t.Errorf("%d links open a space", n)
	}
}

// REL-14: what tablets kept before a restore is about rows that may be of other children by then.
func TestRestoreDisownsTablets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.restored(h.clock.Now().Add(time.Hour))
	since, err := attendance.NewService(h.db, nil).TabletsSince(t.Context())
	if h.must(err); !since.Equal(h.clock.Now()) {
		t.Errorf("since %v", since)
	}
}

// A file that is left of a restore that was killed goes with the next try, even with one that is refused.
func TestRestoreClearsWhatWasLeft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.db.Close())
	left := h.db.Path() + ".restoring"
	h.must(os.WriteFile(left, []byte("children"), 0o600))
	if _, err := upkeep.Restore(t.Context(), h.restoration(filepath.Join(t.TempDir(), "absent.db"))); err == nil {
		t.Error("an absent copy was restored")
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("left behind: %v, %v", err, fs.ErrNotExist)
	}
}

// REL-14: root leaves nothing in the folder of the service that the service could not open.
func TestRestoreAsRoot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	file := filepath.Join(t.TempDir(), "copy.db")
	h.must(upkeep.Backup(t.Context(), h.db, file))
	h.must(h.db.Close())
	if os.Geteuid() != 0 { // only root can give a folder away: whoever else runs this restores what is theirs
		_, err := upkeep.Restore(t.Context(), h.restoration(file))
		h.must(err)
		return
	}
	h.must(os.Chown(filepath.Dir(h.db.Path()), 65534, 65534))
	if done, err := upkeep.Restore(t.Context(), h.restoration(file)); err == nil || !strings.Contains(err.Error(), "runuser") {
		t.Errorf("as root: %+v, %v", done, err)
	}
}
