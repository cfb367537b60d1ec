package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	// copyEvery is under the hour that may be lost at most (RPO, REL-13), by what making a copy may take.
	copyEvery = 55 * time.Minute
	// copyAgain is how soon what failed is tried again.
	copyAgain = 5 * time.Minute
	// keepHourly is for how long every copy stays; after that the last one of each day.
	keepHourly = 24 * time.Hour
	// MostBackupDays is for how long a copy may stay at most: whoever was erased is gone from all of them within 30 days (RGPD-8).
	MostBackupDays = 29
)

// Names of copies tell when they were made and nothing else.
const (
	copyBegin   = "ateliers-"
	copyInstant = "20060102T150405Z"
	partEnd     = ".part"     // of a file that is not whole yet
	sentFile    = "last-sent" // names the last copy that arrived elsewhere
)

// Backups makes a copy of the database every hour, looks through it, and keeps the last ones (REL-13). Bookings go on meanwhile.
type Backups struct {
	DB *sqlite.DB
	// Folder is where copies lie, with the list of erasures and the secret; it is made where it is not there. Files of others in it, and
	// in SendTo, are left alone.
	Folder string
	// Recipients hold the keys that open the copies and the secret beside them; without any they are not encrypted.
	Recipients []Recipient
	// Days is for how many days copies stay, from 1 to MostBackupDays.
	Days int
	// SendTo is a folder that copies go to as well, on another disk than the database, such as one of another machine; empty for none.
	SendTo string
	// Command is a program with its arguments that takes each file elsewhere; the argument {} is replaced by the file, which is
	// the last argument where there is none. Empty for none.
	Command []string
	// CommandLimit is how long Command may take for a file; ten minutes where it is zero.
	CommandLimit time.Duration
	Clock        sqlite.Clock
	Log          *slog.Logger

	mu        sync.Mutex // one at a time
	makeAgain time.Time  // not before, since it failed
	sendAgain time.Time

	nightly nightly // when a copy's invariants are verified

	seen     sync.Mutex
	breaches *[]Breach // of the last copy that was verified; nil before the first
	broken   []Breach  // what SQLite found damaged in the database itself when the last copy was to be made
	changed  []Breach  // rows of the last copy that were otherwise in the one before, and may not be
}

// BackupState is how copies stand.
type BackupState struct {
	// Last is when the newest copy was made that is whole; zero when there is none.
	Last time.Time
	// Sends says that copies go elsewhere too, Sent when the newest one that arrived there was made.
	Sends bool
	Sent  time.Time
}

// Due makes a copy if the last one is an hour old, takes it elsewhere, and removes the copies that have had their time. What
// fails is tried again five minutes later. The error is one line for the operator.
func (b *Backups) Due(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.Clock()
	b.nightly.begin(now)
	var makeErr, sendErr error
	if last, _ := newest(b.Folder, now); now.Sub(last) >= copyEvery && !now.Before(b.makeAgain) {
		if makeErr = b.make(ctx, now); makeErr != nil {
			b.makeAgain = now.Add(copyAgain)
			makeErr = fmt.Errorf("no backup was made: %w", makeErr)
		}
	}
	if b.sends() && !now.Before(b.sendAgain) {
		if sendErr = b.sendNewest(ctx, now); sendErr != nil {
			b.sendAgain = now.Add(copyAgain)
			sendErr = fmt.Errorf("the backup did not get to the other place: %w", sendErr)
		}
	}
	rotateErr := b.rotate(b.Folder, now)
	if b.SendTo != "" {
		rotateErr = errors.Join(rotateErr, b.rotate(b.SendTo, now))
	}
	return errors.Join(makeErr, sendErr, rotateErr)
}

// State tells how copies stand.
func (b *Backups) State() BackupState {
	now := b.Clock()
	last, _ := newest(b.Folder, now)
	state := BackupState{Last: last, Sends: b.sends()}
	if name, err := os.ReadFile(filepath.Join(b.Folder, sentFile)); err == nil {
		state.Sent, _ = instantOf(strings.TrimSpace(string(name)))
	}
	return state
}

// Breaches are those of the database as the last copy holds it that was verified, what was damaged when one was to be made, and what the last copy
// shows that changed by itself; false before the first one that was verified, unless something was damaged or changed.
func (b *Backups) Breaches() ([]Breach, bool) {
	b.seen.Lock()
	defer b.seen.Unlock()
	damage := slices.Concat(b.broken, b.changed)
	if b.breaches == nil {
		return damage, len(damage) > 0
	}
	return slices.Concat(*b.breaches, damage), true
}

// make makes one copy. A file that has the name of a copy is whole: damage keeps it from getting one. Breaches of invariants do not: it
// is what there is, and Breaches tells of them. They are looked for in one copy a day, since that costs more than all the others do.
func (b *Backups) make(ctx context.Context, now time.Time) error {
	if err := os.MkdirAll(b.Folder, 0o700); err != nil {
		return err
	}
	if err := b.removeParts(b.Folder); err != nil {
		return err
	}
	if err := b.spaceFor(); err != nil {
		return err
	}
	if err := b.putBeside(); err != nil {
		return err
	}
	name := copyBegin + now.UTC().Format(copyInstant) + ".db"
	if len(b.Recipients) > 0 {
		name += sealedEnd
	}
	b.lookThrough(ctx)
	err := b.DB.OnCopy(ctx, sqlite.ForBackup, func(ctx context.Context, copied *sqlite.DB) error {
		lines, err := copied.Integrity(ctx)
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			return fmt.Errorf("the database is damaged: %s", lines[0])
		}
		if err := b.verify(ctx, copied, now); err != nil {
			return err
		}
		same := b.compare(ctx, copied)
		if err := copied.Checkpoint(ctx); err != nil { // the file alone is the copy then
			return err
		}
		if err := b.keep(copied.Path(), filepath.Join(b.Folder, name)); err != nil || !same {
			return err
		}
		return keepSeen(copied.Path(), b.DB.Path(), now)
	})
	if err != nil {
		return err
	}
	b.Log.Info("backup made", "file", name)
	return nil
}

// verify looks for breaches in a copy, if it is time.
func (b *Backups) verify(ctx context.Context, copied *sqlite.DB, now time.Time) error {
	if due, err := b.nightly.due(now); err != nil || !due {
		return err
	}
	breaches, err := invariants(ctx, copied)
	if err != nil {
		return err
	}
	b.nightly.last = now
	b.seen.Lock()
	b.breaches = &breaches
	b.seen.Unlock()
	return nil
}

// lookThrough looks for what is damaged in the database itself. That keeps a copy from being made, and the age of the last one would tell of it a day later.
func (b *Backups) lookThrough(ctx context.Context) {
	broken, err := brokenFile(ctx, b.DB)
	if err != nil {
		b.Log.Error("the database was not looked through", "error", err)
		return
	}
	b.seen.Lock()
	b.broken = broken
	b.seen.Unlock()
}

// compare looks in a copy for what changed by itself since the one before (REL-19), and says whether nothing did: then it is the one that the next is
// compared with. What cannot be compared, such as with a file that somebody damaged, keeps no copy from being made.
func (b *Backups) compare(ctx context.Context, copied *sqlite.DB) (same bool) {
	changed, err := changedSinceSeen(ctx, copied, b.DB.Path())
	if err != nil {
		b.Log.Error("the copy was not compared with the one before", "error", err)
	}
	b.seen.Lock()
	b.changed = changed
	b.seen.Unlock()
	return len(changed) == 0
}

// keep gives a copy its place and its name, in one step once it is whole.
func (b *Backups) keep(from, to string) error {
	part := to + partEnd
	if len(b.Recipients) > 0 || os.Link(from, part) != nil {
		in, err := os.Open(from)
		if err != nil {
			return err
		}
		defer func() { _ = in.Close() }() // nothing was written
		if err := seal(in, part, b.Recipients); err != nil {
			return err
		}
	}
	if err := os.Rename(part, to); err != nil {
		return err
	}
	return syncFolder(b.Folder)
}

// putBeside brings what a restore needs beside the copy up to date: the list of erasures and the secret.
func (b *Backups) putBeside() error {
	data := filepath.Dir(b.DB.Path())
	ids, err := privacy.ReadErasures(filepath.Join(data, privacy.ErasuresFile))
	if err != nil {
		return err
	}
	if err := privacy.AddErasures(filepath.Join(b.Folder, privacy.ErasuresFile), ids); err != nil {
		return err
	}
	from, plain := filepath.Join(data, account.SecretFile), filepath.Join(b.Folder, account.SecretFile)
	to := plain
	if len(b.Recipients) > 0 {
		to += sealedEnd
	}
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // whoever opened the database makes no links
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // nothing was written
	if err := seal(in, to+partEnd, b.Recipients); err != nil {
		return err
	}
	if err := os.Rename(to+partEnd, to); err != nil || to == plain {
		return err
	}
	// One from before copies were encrypted would open what they are to keep shut.
	if err := os.Remove(plain); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// spaceFor refuses to begin what the disk cannot hold: a full disk stops the bookings too.
func (b *Backups) spaceFor() error {
	info, err := os.Stat(b.DB.Path())
	if err != nil {
		return err
	}
	// Beside the database the copy that is looked through, and in the folder the one that stays.
	for _, dir := range []string{filepath.Dir(b.DB.Path()), b.Folder} {
		space, err := diskSpace(dir)
		if err != nil {
			return err
		}
		if need := uint64(2*info.Size()) + 16<<20; space.free < need {
			return fmt.Errorf("the disk of %s is full: %d MB are free, a copy needs %d MB", dir, space.free>>20, need>>20)
		}
	}
	return nil
}

// removeParts removes what this program left unfinished. Folders may be shared: a file of another name is somebody else's.
func (b *Backups) removeParts(dir string) error {
	parts, err := filepath.Glob(filepath.Join(dir, "*"+partEnd))
	for _, part := range parts {
		name := strings.TrimSuffix(filepath.Base(part), partEnd)
		_, isCopy := instantOf(name)
		if isCopy || strings.TrimSuffix(name, sealedEnd) == account.SecretFile {
			err = errors.Join(err, os.Remove(part))
		}
	}
	return err
}

// instantOf is when the copy was made that has this name.
func instantOf(name string) (time.Time, bool) {
	text, ours := strings.CutPrefix(name, copyBegin)
	text, isCopy := strings.CutSuffix(strings.TrimSuffix(text, sealedEnd), ".db")
	at, err := time.Parse(copyInstant, text)
	return at, ours && isCopy && err == nil
}

// copies are those in a folder, by their instants, the newest first. A folder that is not there has none.
func copies(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if _, ok := instantOf(e.Name()); ok && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names) // the instant comes first
	slices.Reverse(names)
	return names, err
}

// newest is the last copy that was made until now: one with a later name is of a clock that was wrong.
func newest(dir string, now time.Time) (at time.Time, name string) {
	names, err := copies(dir)
	if err != nil {
		return time.Time{}, ""
	}
	for _, name := range names {
		if at, _ := instantOf(name); !at.After(now) {
			return at, name
		}
	}
	return time.Time{}, ""
}

// rotate removes the copies that have had their time: after a day all but the last one of each, after Days every one.
func (b *Backups) rotate(dir string, now time.Time) error {
	names, err := copies(dir)
	if err != nil {
		return err
	}
	for _, name := range outdated(names, now, b.Days) {
		if removeErr := os.Remove(filepath.Join(dir, name)); removeErr != nil && !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
	}
	return err
}

// outdated are those of names, the newest first, that have had their time.
func outdated(names []string, now time.Time, days int) (old []string) {
	kept := ""
	for _, name := range names {
		at, _ := instantOf(name)
		day := at.Format(time.DateOnly)
		switch age := now.Sub(at); {
		case age >= time.Duration(days)*24*time.Hour:
			old = append(old, name)
		case age > keepHourly && day == kept:
			old = append(old, name)
		}
		kept = day
	}
	return old
}
