package sqlite

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// ErrNested is returned by Read, Write and Bulk for a ctx that is already inside one
// of them: a Write inside a Write would wait for itself, and a Read inside a
// transaction would see another state than it. Pass the *Tx down instead.
var ErrNested = errors.New("sqlite: transaction inside a transaction")

// errTxDone is what a Tx answers after its closure has returned.
var errTxDone = errors.New("sqlite: transaction used after its end")

// unavailable says to people that nothing was done and that trying again may help.
func unavailable(cause error) error {
	return fault.Wrap(cause, fault.Unavailable, "error.unavailable")
}

// WayOut is what the operator does about a database that is damaged or foreign; it ends the line that says so.
const WayOut = "stop the server and put the latest copy in its place: ateliers restore FILE"

var errForeign = errors.New("is not a database of Les Ateliers d'Ada")

// isDamage says whether SQLite can make no sense of the file.
func isDamage(err error) bool {
	cause, ok := errors.AsType[sqlite3.Error](err)
	return ok && (cause.Code == sqlite3.ErrCorrupt || cause.Code == sqlite3.ErrNotADB)
}

// advise names the way out where the file makes no sense, and leaves every other error as it is. People are told of a failure of ours.
func advise(err error) error {
	if isDamage(err) || errors.Is(err, errForeign) {
		return fmt.Errorf("%w; %s", err, WayOut)
	}
	return err
}

// asFault turns what the machine refuses (lock held by another process, disk full or
// failing, read-only file system) into fault.Unavailable, names the way out of a damaged file, and leaves every other error,
// and every fault that a feature has made, as it is.
func asFault(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	cause, ok := errors.AsType[sqlite3.Error](err)
	if !ok {
		return err
	}
	if cause.Code == sqlite3.ErrFull || cause.SystemErrno == syscall.ENOSPC || cause.SystemErrno == syscall.EDQUOT {
		return fault.Wrap(err, fault.Unavailable, "error.disk_full")
	}
	switch cause.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrCantOpen:
		return unavailable(err)
	case sqlite3.ErrIoErr, sqlite3.ErrReadonly: // nobody is too busy: the disk takes nothing
		return fault.Wrap(err, fault.Unavailable, "error.disk_full")
	}
	return advise(err)
}
