package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A Level is how grave a Finding is.
type Level int

// The levels.
const (
	Fine    Level = iota
	Warning       // it works, and might not for long
	Wrong         // it does not work, or is not safe
)

// Finding is one thing that was looked at, in one line for the operator.
type Finding struct {
	Level Level
	What  string // the part: disk, clock, …
	Says  string
	Do    string // what to do about it; empty where all is fine
}

// Examination is what Examine looks at: the machine, the data folder and the copies of the database. It changes nothing.
type Examination struct {
	Data    string   // the data folder
	Base    string   // the name of the database in it
	Backups *Backups // how copies are made; nil where none are
	Clock   sqlite.Clock
	// Synced tells whether the clock is kept by the network; the kernel's word where it is nil.
	Synced func() bool
}

// Examine looks at everything that can be seen from the machine alone.
func Examine(ctx context.Context, e Examination) (all []Finding) {
	for _, look := range []func(context.Context) []Finding{e.disk, e.permissions, e.secret, e.database, e.clock, e.backups} {
		all = append(all, look(ctx)...)
	}
	return all
}

func fine(what, format string, args ...any) Finding {
	return Finding{Fine, what, fmt.Sprintf(format, args...), ""}
}

func (e Examination) disk(context.Context) []Finding {
	space, err := diskSpace(e.Data)
	if err != nil {
		return []Finding{{Wrong, "disk", err.Error(), "make the data folder, or name another with --data"}}
	}
	return []Finding{judgeDisk(space)}
}

func judgeDisk(s space) Finding {
	switch {
	case s.all > 0 && s.free*100/s.all < leastFree:
		return Finding{Wrong, "disk", fmt.Sprintf("%d MB are free, under %d %%: bookings stop when it is full", s.free>>20, leastFree), "remove what is not needed, or take a larger disk"}
	case s.most > 0 && s.nodes*100/s.most < leastFree:
		return Finding{Wrong, "disk", fmt.Sprintf("only %d more files can be made (inodes), whatever room there is", s.nodes), "remove folders with many small files"}
	}
	return fine("disk", "%d MB are free", s.free>>20)
}

// permissions looks for what others may read or belongs to somebody else (SEC-55).
func (e Examination) permissions(context.Context) (all []Finding) {
	owner := -1
	err := filepath.WalkDir(e.Data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a file that came and went
		}
		if err != nil {
			return err
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			want := "600"
			if d.IsDir() {
				want = "700"
			}
			all = append(all, Finding{Wrong, "permissions", fmt.Sprintf("others can read %s (mode %#o): it holds children's data", path, mode), "chmod " + want + " " + path})
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			if owner < 0 {
				owner = int(stat.Uid)
			} else if int(stat.Uid) != owner {
				all = append(all, Finding{Wrong, "permissions", fmt.Sprintf("%s belongs to another user than the data folder: the server may not be able to write it", path),
					fmt.Sprintf("chown %d %s", owner, path)})
			}
		}
		return nil
	})
	if err != nil {
		return append(all, Finding{Wrong, "permissions", err.Error(), "run this as the user of the service (runuser -u ateliers -- …)"})
	}
	if len(all) == 0 {
		all = append(all, fine("permissions", "only its owner can read the data folder"))
	}
	return all
}

func (e Examination) secret(context.Context) []Finding {
	path := filepath.Join(e.Data, account.SecretFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return []Finding{{Wrong, "secret", path + " is not there: links in mails that were sent open nothing", "restore it from beside a backup; where nothing was ever served, the first start makes it"}}
	}
	if _, err := account.LoadSecretIn(e.Data); err != nil {
		return []Finding{{Wrong, "secret", err.Error(), "do what the line says"}}
	}
	return []Finding{fine("secret", "long enough, and its owner's alone")}
}

func (e Examination) database(ctx context.Context) []Finding {
	path := filepath.Join(e.Data, e.Base)
	if _, err := os.Stat(path); err != nil {
		return []Finding{{Wrong, "database", "there is none in " + e.Data, "ateliers migrate makes an empty one, ateliers restore puts a copy in place"}}
	}
	if err := sqlite.CheckVersion(ctx, path); err != nil {
		return []Finding{{Wrong, "database", err.Error(), "restore the last copy (ateliers restore), or run the version of ateliers that it is of"}}
	}
	version, err := sqlite.Version(ctx)
	if err != nil {
		return []Finding{{Wrong, "database", err.Error(), "use the program as it was built: its own SQLite is in it"}}
	}
	all := []Finding{fine("database", "it can be read; SQLite %s", version)}
	old, err := filepath.Glob(path + ".before-v*")
	aside, err2 := filepath.Glob(filepath.Join(e.Data, asidePrefix+"*"))
	if errors.Join(err, err2) == nil {
		for _, left := range append(old, aside...) {
			all = append(all, Finding{Warning, "database", fmt.Sprintf("%s holds families as they were then: it goes by itself after %d days", left, MostBackupDays), "remove it once you do not need it"})
		}
	}
	return all
}

const (
	// clockAhead is how far the last change may be ahead of the clock: more, and the clock was set back.
	clockAhead = 5 * time.Minute
	// leastYear is before this program was written.
	leastYear = 2026
)

func (e Examination) clock(ctx context.Context) []Finding {
	now := e.Clock()
	const ntp = "timedatectl set-ntp true (systemd-timesyncd or chrony)"
	synced := e.Synced
	if synced == nil {
		synced = kernelSynced
	}
	if now.Year() < leastYear {
		return []Finding{{Wrong, "clock", "it shows " + now.UTC().Format(time.RFC3339) + ": reminders and offers go wrong", ntp}}
	}
	if last, err := sqlite.LastInstant(ctx, filepath.Join(e.Data, e.Base), sqlLatestAudit); err == nil && last.Sub(now) > clockAhead {
		return []Finding{{Wrong, "clock", fmt.Sprintf("it shows %s, and the last change in the database is later: %s", now.UTC().Format(time.RFC3339), last.Format(time.RFC3339)), ntp}}
	}
	if !synced() {
		return []Finding{{Warning, "clock", "nothing keeps it right over the network, as far as the kernel knows", ntp}}
	}
	return []Finding{fine("clock", "%s, kept by the network", now.UTC().Format(time.RFC3339))}
}

// kernelSynced is whether something like NTP keeps the clock of the kernel.
func kernelSynced() bool {
	state, err := unix.Adjtimex(&unix.Timex{})
	return err == nil && state != unix.TIME_ERROR
}

func (e Examination) backups(ctx context.Context) (all []Finding) {
	b := e.Backups
	if b == nil {
		return []Finding{{Warning, "backups", "they are off", "unset ATELIERS_BACKUPS, unless something else makes copies"}}
	}
	now := e.Clock()
	state := b.State()
	switch {
	case state.Last.IsZero():
		all = append(all, Finding{Wrong, "backups", "there is no copy in " + b.Folder, "start the server, wait a minute, and read its log: journalctl -u ateliers"})
	case now.Sub(state.Last) > backupLate:
		all = append(all, Finding{Wrong, "backups", fmt.Sprintf("the last copy is of %s", state.Last.Format(time.RFC3339)), "read why in the log: journalctl -u ateliers | grep backup"})
	default:
		all = append(all, b.examineCopy(ctx, now))
	}
	if state.Sends && (state.Sent.IsZero() || now.Sub(state.Sent) > backupLate) {
		all = append(all, Finding{Wrong, "backups", "no copy got to the other place in the last 26 hours", "see that the disk is mounted or the command works; the log says why: journalctl -u ateliers | grep backup"})
	}
	if !state.Sends {
		all = append(all, Finding{Warning, "backups", "copies stay on this machine: they are lost with it", "set ATELIERS_BACKUP_SEND_TO or ATELIERS_BACKUP_COMMAND"})
	}
	if b.SendTo != "" && sameDisk(e.Data, b.SendTo) {
		all = append(all, Finding{Wrong, "backups", onSameDisk(b.SendTo), "mount another disk or machine there; until then no copy goes there"})
	}
	switch {
	case state.Sends && len(b.Recipients) == 0:
		all = append(all, Finding{Warning, "backups", "copies leave this machine unencrypted, with children's data in them", "let two people make a key (ateliers key), and set ATELIERS_BACKUP_RECIPIENTS"})
	case len(b.Recipients) == 1:
		all = append(all, Finding{Warning, "backups", "one key alone opens the copies: if it is lost, so are they", "let a second person make a key (ateliers key), and add it to ATELIERS_BACKUP_RECIPIENTS"})
	}
	return all
}

// examineCopy looks whether the newest copy is still whole.
func (b *Backups) examineCopy(ctx context.Context, now time.Time) Finding {
	at, name := newest(b.Folder, now)
	path := filepath.Join(b.Folder, name)
	damaged := func(err error) Finding {
		return Finding{Wrong, "backups", fmt.Sprintf("the last copy, %s, is damaged: %s", path, oneLine(err.Error())), "remove it, and look at the disk (smartctl -a)"}
	}
	if strings.HasSuffix(name, sealedEnd) {
		if sealed, err := isSealed(path); err != nil || !sealed {
			return damaged(errors.Join(err, errors.New("it is no file of age")))
		}
		return fine("backups", "the last copy is of %s, encrypted: only the holders of a key can look into it", at.Format(time.RFC3339))
	}
	lines, err := sqlite.CheckFile(ctx, path)
	if err == nil && len(lines) > 0 {
		err = errors.New(lines[0])
	}
	if err != nil {
		return damaged(err)
	}
	return fine("backups", "the last copy is of %s, and whole", at.Format(time.RFC3339))
}

func oneLine(text string) string { return strings.ReplaceAll(text, "\n", "; ") }

func sameDisk(a, b string) bool {
	var one, two unix.Stat_t
	return unix.Stat(a, &one) == nil && unix.Stat(b, &two) == nil && one.Dev == two.Dev
}
