package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Open checks every connection; this proves that the check can fail.
func TestConnectionsThatAreNotSafeAreRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ateliers.db")
	if err := makeFile(path, false); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		own  map[string]string
		want string
	}{
		{"WAL", map[string]string{"_journal_mode": "WAL"}, ""},
		{"NORMAL", map[string]string{"_journal_mode": "WAL", "_synchronous": "NORMAL"}, "synchronous is 1"},
		{"no foreign keys", map[string]string{"_journal_mode": "WAL", "_foreign_keys": "off"}, "foreign_keys is off"},
		{"deleted text stays", map[string]string{"_journal_mode": "WAL", "_secure_delete": "off"}, "secure_delete is 0"},
		{"a writer that cannot", map[string]string{"_journal_mode": "WAL", "_query_only": "on"}, "query_only is true"},
		{"a rollback journal", map[string]string{"_journal_mode": "DELETE"}, "journal_mode is delete"},
	} {
		// One after the other: they share the file and the journal mode is kept in it.
		db, err := pool(dsn(path, test.own), 3)
		if err != nil {
			t.Fatal(err)
		}
		err = checkConnections(t.Context(), db, 3, false)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want …%s…", test.name, err, test.want)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// ateliers restore --data data, as somebody types it: the old database is found, and whoever has it open is too.
func TestSettleFindsARelativePath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ateliers.db")
	if err := makeFile(path, false); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(here, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Settle(t.Context(), relative); err != nil {
		t.Error(err)
	}
}

func TestCheckVersion(t *testing.T) {
	t.Parallel()
	for version, ok := range map[string]bool{
		"3.51.2": false, "3.9.99": false, "2.60.0": false, "new": false,
		"3.51.3": true, "3.54.1": true, "4.0.0": true,
	} {
		if err := checkVersion(version); (err == nil) != ok {
			t.Errorf("%s: %v", version, err)
		}
	}
}

func TestAsFault(t *testing.T) {
	t.Parallel()
	ours := fault.New(fault.Conflict, "booking.full")
	for _, test := range []struct {
		err  error
		kind fault.Kind
		key  string
	}{
		{sqlite3.Error{Code: sqlite3.ErrBusy}, fault.Unavailable, "error.unavailable"},
		{sqlite3.Error{Code: sqlite3.ErrReadonly}, fault.Unavailable, "error.disk_full"},
		{sqlite3.Error{Code: sqlite3.ErrCorrupt}, fault.Internal, ""},
		{sqlite3.Error{Code: sqlite3.ErrIoErr}, fault.Unavailable, "error.disk_full"},
		{sqlite3.Error{Code: sqlite3.ErrCantOpen}, fault.Unavailable, "error.unavailable"},
		{sqlite3.Error{Code: sqlite3.ErrFull}, fault.Unavailable, "error.disk_full"},
		{sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.ENOSPC}, fault.Unavailable, "error.disk_full"},
		{sqlite3.Error{Code: sqlite3.ErrConstraint}, fault.Internal, ""},
		{errors.New("unknown"), fault.Internal, ""},
		{ours, fault.Conflict, "booking.full"},
	} {
		got := asFault(test.err)
		if !errors.Is(got, test.err) {
			t.Errorf("%v: the cause is lost", test.err)
		}
		if kind := fault.KindOf(got); kind != test.kind {
			t.Errorf("%v: kind %v, want %v", test.err, kind, test.kind)
		}
		if f, ok := fault.As(got); ok && f.Message.Key != test.key {
			t.Errorf("%v: message %s, want %s", test.err, f.Message.Key, test.key)
		}
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2027, 5, 8, 14, 0, 0, 999, paris)
	if got := Time(at); got != "2027-05-08T12:00:00Z" {
		t.Errorf("Time = %s", got)
	}
	back, err := ParseTime("2027-05-08T12:00:00Z")
	if err != nil || !back.Equal(at.Truncate(time.Second)) || back.Location() != time.UTC {
		t.Errorf("ParseTime = %v, %v", back, err)
	}
	for _, wrong := range []string{"", "2027-05-08T14:00:00+02:00", "2027-05-08 12:00:00", "2027-05-08T12:00:00.5Z", "2027-02-30T12:00:00Z"} {
		if got, err := ParseTime(wrong); err == nil {
			t.Errorf("ParseTime(%q) = %v", wrong, got)
		}
	}
}
