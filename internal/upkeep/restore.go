package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Backup writes a copy of the database, as sqlite.DB.Backup does; with recipients it is one that only their keys open. Before that it brings the
// list of erasures that lies beside copies up to date, and makes it where there is none: whoever restores one needs the latest list, not that of its
// instant.
func Backup(ctx context.Context, db *sqlite.DB, file string, recipients ...Recipient) error {
	ids, err := privacy.ReadErasures(filepath.Join(filepath.Dir(db.Path()), privacy.ErasuresFile))
	if err != nil {
		return err
	}
	if err := privacy.AddErasures(filepath.Join(filepath.Dir(file), privacy.ErasuresFile), ids); err != nil {
		return err
	}
	if len(recipients) == 0 {
		return db.Backup(ctx, file)
	}
	return db.OnCopy(ctx, sqlite.ForBackup, func(ctx context.Context, copied *sqlite.DB) error {
		if err := copied.Checkpoint(ctx); err != nil {
			return err
		}
		in, err := os.Open(copied.Path())
		if err != nil {
			return err
		}
		defer func() { _ = in.Close() }() // nothing was written
		if err := seal(in, file, recipients); err != nil {
			return err
		}
		return syncFolder(filepath.Dir(file))
	})
}

// Restoration is what Restore is asked for.
type Restoration struct {
	// Path is the database to put the copy in place of; it need not exist.
	Path string
	// File is a copy that Backup made, or a database that a restore moved aside: its WAL beside it is a part of it.
	File string
	// Identity is the file with the secret key that opens an encrypted copy; empty for one that is not.
	Identity string
	// Anyway accepts a copy in which Verify finds breaches; a damaged file is refused all the same.
	Anyway bool
	Clock  sqlite.Clock
	Log    *slog.Logger
}

// Restored is what Restore did.
type Restored struct {
	Placed   bool   // the copy is in place, whatever failed afterwards
	Aside    string // the folder with what was there before; empty when nothing was
	Secret   string // the file whose secret was put into the data folder, which had none; empty when it had
	Erased   int    // guardians who were erased since the copy was made
	Breaches []Breach
}

// ErrBreaches says that a copy is whole, and yet holds what must never be: see Restored.Breaches.
var ErrBreaches = errors.New("the copy holds what must never be; --anyway restores it nevertheless")

// Restore puts a copy in place of the database (REL-13, REL-14). Nothing is touched unless the copy is whole, of the present
// schema and without breaches, a list of erasures is there, and no server runs (sqlite.ErrServed). Whoever was erased since the
// copy was made is erased in it too (RGPD-11), everybody is signed out, no tablet brings what it kept for other rows, and no mail leaves before staff say so. What was there
// before is kept aside.
//
// All of that is done to a file of its own, which then takes the place at once: a stop of the program on the way leaves either
// the old database or the new one, and no part of the other beside it.
func Restore(ctx context.Context, r Restoration) (done Restored, err error) {
	dir := filepath.Dir(r.Path)
	if err := checkOwner(dir); err != nil {
		return Restored{}, err
	}
	release, err := sqlite.Hold(dir)
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, release()) }()
	fresh := r.Path + restoringEnd
	if err := removeDatabase(fresh); err != nil {
		return Restored{}, err
	}
	ids, err := erasures(dir, filepath.Dir(r.File))
	if err != nil {
		return Restored{}, err
	}
	if err = r.open(ctx, fresh); err == nil {
		done, err = prepare(ctx, fresh, ids, r)
	}
	if err == nil {
		done.Secret, err = r.placeSecret(dir)
	}
	if err == nil {
		err = privacy.AddErasures(filepath.Join(dir, privacy.ErasuresFile), ids)
	}
	if err == nil {
		err = settle(ctx, r)
	}
	if err == nil {
		err = forgetSeen(r.Path, "") // that was another state
	}
	if err != nil {
		return done, errors.Join(err, removeDatabase(fresh))
	}
	done.Aside, done.Placed, err = swap(fresh, r.Path, r.Clock().UTC().Format("20060102T150405Z"))
	return done, err
}

// open writes what the copy holds to fresh, if it is a database of the present schema.
func (r Restoration) open(ctx context.Context, fresh string) error {
	sealed, err := isSealed(r.File)
	if err != nil {
		return err
	}
	if !sealed {
		if err := sqlite.CheckVersion(ctx, r.File); err != nil {
			return err
		}
		return copyDatabase(r.File, fresh)
	}
	if err := unseal(r.File, fresh, r.Identity); err != nil {
		return err
	}
	return sqlite.CheckVersion(ctx, fresh)
}

// placeSecret puts the secret that lies beside the copy into a data folder that has none: without it no link in mails that were sent opens
// anything. It returns the file that it was in.
func (r Restoration) placeSecret(dir string) (from string, err error) {
	path := filepath.Join(dir, account.SecretFile)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	from = filepath.Join(filepath.Dir(r.File), account.SecretFile)
	part := path + partEnd
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	err = copyFile(from, part)
	if errors.Is(err, fs.ErrNotExist) && r.Identity != "" {
		from += sealedEnd
		err = unseal(from, part, r.Identity)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil // the next start makes one
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(part))
	}
	return from, os.Rename(part, path)
}

// checkOwner refuses to leave files of root in a folder of the service: it could not open them.
func checkOwner(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 && stat.Uid != 0 {
		return fmt.Errorf("%s belongs to user %d, and what root restores there only root can read: run this as that user (runuser -u)", dir, stat.Uid)
	}
	return nil
}

// erasures are those of every list there is; one there must be.
func erasures(data, copies string) (ids []string, err error) {
	found := false
	for _, dir := range []string{data, copies} {
		path := filepath.Join(dir, privacy.ErasuresFile)
		if _, err := os.Stat(path); err == nil {
			found = true
		}
		list, err := privacy.ReadErasures(path)
		if err != nil {
			return nil, err
		}
		ids = append(ids, list...)
	}
	if !found {
		return nil, fmt.Errorf("%s is neither in %s nor in %s: without it who was erased is back; put the latest one beside the copy (if it is lost for good, an empty file says so)",
			privacy.ErasuresFile, data, copies)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// prepare makes a fresh copy fit to take the place.
func prepare(ctx context.Context, fresh string, ids []string, r Restoration) (done Restored, err error) {
	db, err := sqlite.Open(ctx, sqlite.Config{Path: fresh, MustExist: true, Clock: r.Clock, Log: r.Log, Readers: 1})
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	lines, err := db.Integrity(ctx)
	if err != nil {
		return Restored{}, fmt.Errorf("%s is damaged: %w", r.File, err)
	}
	if len(lines) > 0 {
		return Restored{}, fmt.Errorf("%s is damaged: %s", r.File, lines[0])
	}
	if done.Breaches, err = invariants(ctx, db); err != nil {
		return done, err
	}
	if len(done.Breaches) > 0 && !r.Anyway {
		return done, ErrBreaches
	}
	if done.Erased, err = privacy.Replay(ctx, db, ids); err != nil {
		return done, err
	}
	// What came due since the copy was made may have been told before the loss: told now, it is among the mails that staff may
	// give up. What fails here the timers try again.
	bookings := booking.NewService(db, account.Secret{})
	_, soonErr := bookings.RemindOffers(ctx)
	_, remindErr := bookings.Remind(ctx)
	if err := errors.Join(soonErr, remindErr, school.NewService(db, account.Secret{}).Settle(ctx)); err != nil {
		r.Log.Warn("reminders since the copy", "error", err)
	}
	err = db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := account.EndAllSignIns(tx); err != nil {
			return err
		}
		if err := attendance.DisownTablets(tx); err != nil {
			return err
		}
		if err := outbox.Pause(tx); err != nil {
			return err
		}
		if err := lockNumbers(tx); err != nil {
			return err
		}
		return audit.Add(tx, account.Command().String(), "database.restore", "database", map[string]any{"erased": done.Erased})
	})
	if err != nil {
		return done, err
	}
	return done, db.Checkpoint(ctx)
}

// lockNumbers lets no paper have a number before staff say which was the last one of each year since the copy was made.
func lockNumbers(tx *sqlite.Tx) error {
	zone, err := catalog.LoadZone(catalog.HomeZone)
	if err != nil {
		return err
	}
	var latest string
	if err := tx.QueryRow(sqlLatestAudit).Scan(&latest); err != nil {
		return err
	}
	this := tx.Now().In(zone).Year()
	first := this
	if at, err := sqlite.ParseTime(latest); err == nil { // a copy without any line is as old as this year
		first = min(this, at.In(zone).Year())
	}
	return numbering.LockAll(tx, first, this)
}

const (
	restoringEnd = ".restoring"      // of the file that is to take the place
	asidePrefix  = "before-restore-" // of folders with what was there before
)

// CutShort refuses, with one line that says what to do, a new database at path where a restore was cut short or went wrong: there
// is none, and yet something that a restore left. Otherwise it is nil.
func CutShort(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	dir := filepath.Dir(path)
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil //nolint:nilerr // there is no folder: whoever opens the database says so better
	}
	for _, name := range names {
		if name.Name() == filepath.Base(path)+restoringEnd || strings.HasPrefix(name.Name(), asidePrefix) {
			return fmt.Errorf("there is no database in %s, but %s of a restore: run ateliers restore again (or move it elsewhere to begin with an empty database)", dir, name.Name())
		}
	}
	return nil
}

// settle writes what the WAL of the old database holds back into its file, so that the file alone is the old database. One that
// cannot be read goes aside as it is: it may be the reason for all this.
func settle(ctx context.Context, r Restoration) error {
	if _, err := os.Stat(r.Path); err != nil {
		return nil //nolint:nilerr // no file, nothing to write back to
	}
	err := sqlite.Settle(ctx, r.Path)
	if err != nil && !errors.Is(err, sqlite.ErrInUse) {
		r.Log.Warn("the old database cannot be read", "error", err)
		return nil
	}
	return err
}

// sidecars are the files of a database beside it: they belong to it, and go where it goes.
var sidecars = []string{"-wal", "-shm"}

// swap keeps what is at path in a folder of its own and puts fresh in its place, in one step. What lies beside path goes first,
// also where there is no database any more: SQLite would play an old WAL onto the new file.
func swap(fresh, path, now string) (aside string, placed bool, err error) {
	dir := filepath.Dir(path)
	if aside, err = setAside(path, filepath.Join(dir, asidePrefix+now)); err != nil {
		return aside, false, err
	}
	if err := syncFolder(dir); err != nil {
		return aside, false, err
	}
	if err := os.Rename(fresh, path); err != nil {
		return aside, false, err
	}
	return aside, true, syncFolder(dir)
}

// setAside gives the database at path a second name in the folder aside, and moves what lies beside it there. aside is empty when
// there was nothing.
func setAside(path, folder string) (aside string, err error) {
	there := slices.DeleteFunc(append([]string{""}, sidecars...), func(end string) bool {
		_, err := os.Lstat(path + end)
		return errors.Is(err, fs.ErrNotExist)
	})
	if len(there) == 0 {
		return "", nil
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", err
	}
	for _, end := range there {
		move := os.Rename
		if end == "" {
			move = os.Link // so that path is never without a database
		}
		if err := move(path+end, filepath.Join(folder, filepath.Base(path)+end)); err != nil {
			return folder, err
		}
	}
	return folder, syncFolder(folder)
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func removeDatabase(path string) error {
	for _, end := range append([]string{""}, sidecars...) {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// copyDatabase copies a database that nobody has open, with the WAL that may lie beside it.
func copyDatabase(from, to string) error {
	if err := copyFile(from, to); err != nil {
		return err
	}
	if err := copyFile(from+"-wal", to+"-wal"); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// copyFile copies a whole file, readable by its owner alone, and returns once the disk has it.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // nothing was written
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}
