package audit_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

func write(t *testing.T, db *sqlite.DB, do func(tx *sqlite.Tx) error) error {
	t.Helper()
	return db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return do(tx) })
}

func mustWrite(t *testing.T, db *sqlite.DB, do func(tx *sqlite.Tx) error) {
	t.Helper()
	if err := write(t, db, do); err != nil {
		t.Fatal(err)
	}
}

// history is what Search finds of one record, oldest first.
func history(t *testing.T, db *sqlite.DB, record string) (entries []audit.Entry) {
	t.Helper()
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return audit.Search(tx, audit.Query{Record: record}, 100, func(l audit.Line) error {
			entries = slices.Insert(entries, 0, l.Entry)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestHistoryOfARecord(t *testing.T) {
	t.Parallel()
	clock := sqlitetest.NewClock(time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC))
	db := sqlitetest.NewAt(t, clock.Now)
	add := func(actor, action, record string, details map[string]any) {
		mustWrite(t, db, func(tx *sqlite.Tx) error { return audit.Add(tx, actor, action, record, details) })
		clock.Advance(time.Minute)
	}
	add("user:3", "session.create", "session:12", nil)
	add("guest", "booking.book", "booking:1", nil)
	add("user:3", "session.set_capacity", "session:12", map[string]any{"from": 12, "to": 14, "why": "« Zoé », 李 & محمد"})

	got := history(t, db, "session:12")
	want := []audit.Entry{
		{At: time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC), Actor: "user:3", Action: "session.create", Record: "session:12", Details: map[string]any{}},
		{At: time.Date(2027, 5, 8, 12, 2, 0, 0, time.UTC), Actor: "user:3", Action: "session.set_capacity", Record: "session:12",
			Details: map[string]any{"from": 12.0, "to": 14.0, "why": "« Zoé », 李 & محمد"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the history is\n%+v, want\n%+v", got, want)
	}
	if none := history(t, db, "session:1"); len(none) != 0 {
		t.Errorf("the history of a prefix of a record is %v", none)
	}
}

func TestAddRefusesWhatIsNotData(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	err := write(t, db, func(tx *sqlite.Tx) error {
		return audit.Add(tx, "guest", "a.b", "c:1", map[string]any{"f": func() {}})
	})
	if err == nil || !strings.Contains(err.Error(), "a.b of c:1") {
		t.Errorf("Add = %v, want an error that names the action and the record", err)
	}
}

// SEC-51, I12: rows never change, and stay 12 months.
func TestAppendOnly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		age     time.Duration
		change  string
		refusal string // empty: allowed
	}{
		{"change a fresh row", 0, `UPDATE audit SET actor = 'user:9'`, "never change"},
		{"change an old row", 1000 * 24 * time.Hour, `UPDATE audit SET details = '{}'`, "never change"},
		{"replace a row", 0, `INSERT INTO audit (id, at, actor, action, record) SELECT id, at, 'user:9', action, record FROM audit WHERE true
			ON CONFLICT (id) DO UPDATE SET actor = 'user:9'`, "never change"},
		{"replace a row the other way", 0, `INSERT OR REPLACE INTO audit (id, at, actor, action, record) SELECT id, at, 'user:9', action, record FROM audit`, "kept 12 months"},
		{"remove a fresh row", 0, `DELETE FROM audit`, "kept 12 months"},
		{"remove a row of 364 days", 364 * 24 * time.Hour, `DELETE FROM audit`, "kept 12 months"},
		{"remove a row of 366 days", 366 * 24 * time.Hour, `DELETE FROM audit`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// The trigger asks the real clock, so that no other clock can shorten the delay.
			db := sqlitetest.NewAt(t, func() time.Time { return time.Now().Add(-test.age) })
			mustWrite(t, db, func(tx *sqlite.Tx) error { return audit.Add(tx, "user:3", "session.cancel", "session:12", nil) })
			err := write(t, db, func(tx *sqlite.Tx) error {
				_, err := tx.Exec(test.change)
				return err
			})
			left := history(t, db, "session:12")
			if test.refusal == "" {
				if err != nil || len(left) != 0 {
					t.Errorf("%v, %d rows left; want it allowed", err, len(left))
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.refusal) {
				t.Errorf("error = %v, want one with %q", err, test.refusal)
			}
			if len(left) != 1 || left[0].Actor != "user:3" {
				t.Errorf("left = %+v, want the row as it was", left)
			}
		})
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)
	db := sqlitetest.NewAt(t, func() time.Time { return now })
	mustWrite(t, db, func(tx *sqlite.Tx) error { return audit.Access(tx, "user:3", "sheet.team_page", "session:12") })
	var got string
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT at || ' ' || actor || ' ' || action || ' ' || record FROM access_log`).Scan(&got)
	})
	if want := "2027-05-08T12:00:00Z user:3 sheet.team_page session:12"; err != nil || got != want {
		t.Errorf("access_log = %q, %v; want %q", got, err, want)
	}
}
