package numbering_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

var staff = account.Actor{Kind: account.KindUser, ID: 1, Role: account.Staff}

func key() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write runs one transaction.
func write(t *testing.T, db *sqlite.DB, do func(tx *sqlite.Tx) error) {
	t.Helper()
	must(t, db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return do(tx) }))
}

func lock(t *testing.T, db *sqlite.DB, first, last int) {
	t.Helper()
	write(t, db, func(tx *sqlite.Tx) error { return numbering.LockAll(tx, first, last) })
}

// next is what the next paper would be called, or the key of what is in the way.
func next(t *testing.T, db *sqlite.DB, s numbering.Series, year int) (name string) {
	t.Helper()
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		n, err := numbering.Next(tx, s, year)
		if err == nil {
			name = numbering.Format(s, year, n)
		}
		return err
	})
	if f, ok := fault.As(err); ok {
		return f.Message.Key
	}
	must(t, err)
	return name
}

// I15, REL-14: after a restore no series gives a number before staff say which was sent last; what is missing is void, and the next
// number comes after it. Years and series are let go one by one.
func TestLockAndRelease(t *testing.T) {
	t.Parallel()
	db := sqlitetest.NewAt(t, sqlitetest.NewClock(time.Date(2027, 1, 2, 8, 0, 0, 0, time.UTC)).Now)
	numbers := numbering.NewService(db)
	ctx := t.Context()
	if got := next(t, db, numbering.Quote, 2027); got != "D2027-0001" {
		t.Errorf("before: %s", got)
	}
	lock(t, db, 2026, 2027)
	locks, err := numbers.Locks(ctx)
	if must(t, err); len(locks) != 10 || locks[0].Series != numbering.Quote || locks[4].Series != numbering.Receipt || locks[5].Year != 2027 {
		t.Fatalf("locks: %+v", locks)
	}
	for _, s := range []numbering.Series{numbering.Quote, numbering.Invoice, numbering.CreditNote, numbering.Certificate, numbering.Receipt} {
		if got := next(t, db, s, 2027); got != "numbering.locked" {
			t.Errorf("%s while locked: %s", s, got)
		}
	}
	if got := next(t, db, numbering.Quote, 2028); got != "D2028-0001" {
		t.Errorf("of a year after the restore: %s", got)
	}
	answers := []numbering.Answer{{numbering.Invoice, 2026, "F2026-0012"}, {numbering.Invoice, 2027, "0"}, {numbering.Certificate, 2027, " ada-2027-000002 "}}
	gaps, err := numbers.Plan(ctx, answers)
	if must(t, err); fmt.Sprint(gaps) != "[{invoice 2026 1 12} {certificate 2027 1 2}]" {
		t.Errorf("planned: %v", gaps)
	}
	if got := next(t, db, numbering.Invoice, 2027); got != "numbering.locked" {
		t.Errorf("looking lets go: %s", got)
	}
	k := key()
	for range 2 { // a double click
		must(t, numbers.Release(ctx, staff, k, answers))
	}
	for _, c := range []struct {
		series numbering.Series
		year   int
		want   string
	}{
		{numbering.Invoice, 2026, "F2026-0013"}, {numbering.Invoice, 2027, "F2027-0001"}, {numbering.Certificate, 2027, "ADA-2027-000003"},
		{numbering.Quote, 2027, "numbering.locked"}, {numbering.Certificate, 2026, "numbering.locked"},
	} {
		if got := next(t, db, c.series, c.year); got != c.want {
			t.Errorf("%s %d: %s, want %s", c.series, c.year, got, c.want)
		}
	}
	voids, err := numbers.Voids(ctx)
	if must(t, err); len(voids) != 2 || voids[1].FromText() != "F2026-0001" || voids[1].ToText() != "F2026-0012" || voids[1].Count() != 12 {
		t.Errorf("void: %+v", voids)
	}
	// A second restore locks again, and knows of what was void in the copy.
	lock(t, db, 2027, 2027)
	if locks, err = numbers.Locks(ctx); err != nil || locks[len(locks)-2].LastText() != "ADA-2027-000002" {
		t.Errorf("locked again: %+v, %v", locks, err)
	}
}

func TestReleaseRefuses(t *testing.T) {
	t.Parallel()
	db := sqlitetest.NewAt(t, sqlitetest.NewClock(time.Date(2030, 5, 3, 8, 0, 0, 0, time.UTC)).Now)
	numbers := numbering.NewService(db)
	lock(t, db, 2030, 2030)
	must(t, numbers.Release(t.Context(), staff, key(), []numbering.Answer{{numbering.Quote, 2030, "7"}}))
	lock(t, db, 2030, 2030)
	for typed, want := range map[string]string{
		"": "numbering.nothing", "douze": "numbering.error.shape", "-3": "numbering.error.shape", "D2029-0012": "numbering.error.shape", "F2030-0012": "numbering.error.shape",
		"6": "numbering.error.earlier", "0": "numbering.error.earlier", "508": "numbering.error.far", "99999999999999999999": "numbering.error.shape",
		"7": "", "D2030-0507": "", "d 2030 - 0008": "",
	} {
		_, err := numbers.Plan(t.Context(), []numbering.Answer{{numbering.Quote, 2030, typed}})
		got := ""
		if f, ok := fault.As(err); ok {
			if got = f.Message.Key; f.Fields["quote_2030"].Key != "" {
				got = f.Fields["quote_2030"].Key
			}
		} else {
			must(t, err)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
	}
	for _, role := range []account.Role{account.Communication, account.Facilitator} {
		err := numbers.Release(t.Context(), account.Actor{Kind: account.KindUser, ID: 2, Role: role}, key(), []numbering.Answer{{numbering.Quote, 2030, "7"}})
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s: %v", role, err)
		}
	}
	if got := next(t, db, numbering.Quote, 2030); got != "numbering.locked" {
		t.Errorf("let go all the same: %s", got)
	}
}
