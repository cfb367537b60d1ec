package payment

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/account/accounttest"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// till is a Service with invoices F2026-0001 over 150 € of request 1 and F2026-0002 over 50 € of request 2.
type till struct {
	*Service
	t     *testing.T
	staff account.Actor
}

func newTill(t *testing.T) *till {
	t.Helper()
	clock := sqlitetest.NewClock(time.Date(2026, 5, 4, 22, 30, 0, 0, time.UTC)) // half past midnight in Lyon
	db := sqlitetest.NewAt(t, clock.Now)
	id := accounttest.AddUser(t, db, account.NewUser{
		Email: "staff@example.org", Name: "Łukasz", Role: account.Staff, Password: "quatre chevaux bleus dansent"})
	x := &till{Service: NewService(db), t: t, staff: account.Actor{Kind: account.KindUser, ID: id, Name: "Łukasz", Role: account.Staff}}
	const now = `'2026-05-04T12:00:00Z'`
	x.exec(`INSERT INTO organisations (id, kind, name, address, postcode, city, created_at) VALUES (1, 'library', 'La Ruche', '3 place', '69100', 'Villeurbanne', ` + now + `)`)
	for _, n := range []string{"1", "2"} {
		x.exec(`INSERT INTO group_requests (id, reference, organisation_id, contact_name, contact_role, contact_email, contact_phone, wish, level, children,
				adults, place, funding, state, state_since, created_at, updated_at)
			VALUES (`+n+`, 'GRP-2222222`+n+`', 1, 'Zoé', '', '', '', 'x', 'CM1', 20, 1, 'ours', 'own', 'done', `+now+`, `+now+`, `+now+`)`,
			`INSERT INTO invoices (id, kind, request_id, year, number, total_cents, content, content_hash, due_on, issued_at)
			VALUES (`+n+`, 'invoice', `+n+`, 2026, `+n+`, `+map[string]string{"1": "15000", "2": "5000"}[n]+`,
				'{"number":"F2026-000`+n+`","date":"2026-05-04","client":{"name":"=La Ruche, 李","siret":"1"}}', '', '2026-05-04', `+now+`)`)
	}
	return x
}

func (x *till) exec(statements ...string) {
	x.t.Helper()
	x.must(x.db.Write(x.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				return errors.New(s + ": " + err.Error())
			}
		}
		return nil
	}))
}

func (x *till) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func key() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func paid(cents int) New {
	return New{Cents: cents, Mode: Transfer, Reference: "VIR محمد", ReceivedOn: "5/5/2026"}
}

// account returns the invoice of a request as the treasurer reads it.
func (x *till) account(id int64) Account {
	x.t.Helper()
	all, err := x.Accounts(x.t.Context(), x.staff, true)
	x.must(err)
	for _, a := range all {
		if a.ID == id {
			return a
		}
	}
	x.t.Fatalf("no invoice %d", id)
	return Account{}
}

// TestPaidPartlyTooMuchAndBack walks one invoice through every standing.
func TestPaidPartlyTooMuchAndBack(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx := t.Context()
	want := func(standing Standing, left int) {
		t.Helper()
		if a := x.account(1); a.Standing() != standing || a.LeftCents() != left {
			t.Errorf("%s, %d left, want %s, %d", a.Standing(), a.LeftCents(), standing, left)
		}
	}
	want(Unpaid, 15000)
	again := key()
	for range 2 {
		x.must(x.Record(ctx, x.staff, again, 1, 1, paid(10000)))
	}
	want(Partly, 5000)
	x.must(x.Record(ctx, x.staff, key(), 1, 1, paid(5000)))
	want(Paid, 0)
	x.must(x.Record(ctx, x.staff, key(), 1, 1, paid(1)))
	want(Overpaid, -1)
	all, err := x.OfRequest(ctx, 1)
	x.must(err)
	x.must(x.Reverse(ctx, x.staff, key(), 1, all[2].ID))
	want(Paid, 0)
	if err := x.Reverse(ctx, x.staff, key(), 1, all[2].ID); !fault.Is(err, fault.Conflict, "school_money.payment.reversed") {
		t.Errorf("taken back twice: %v", err)
	}
	all, err = x.OfRequest(ctx, 1)
	x.must(err)
	if last := all[3]; last.Cents != -1 || last.Reversible || all[2].Reversible || !all[1].Reversible || PaidOn(all, 1) != 15000 || last.By != "Łukasz" {
		t.Errorf("payments = %+v", all)
	}
	if err := x.Reverse(ctx, x.staff, key(), 1, all[3].ID); !fault.Is(err, fault.Conflict, "school_money.payment.reversed") {
		t.Errorf("a row that takes back was taken back: %v", err)
	}
	if open, err := x.Accounts(ctx, x.staff, false); err != nil || len(open) != 1 || open[0].ID != 2 {
		t.Errorf("to be paid: %+v, %v", open, err)
	}
	var told int
	x.must(x.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM request_events WHERE kind = 'paid' AND text = 'F2026-0001' AND request_id = 1`).Scan(&told)
	}))
	if told != 1 {
		t.Errorf("told %d times that it is paid, want 1", told)
	}
}

// What is taken back counts on the day on which it is, so that no month that was told changes.
func TestReversedToday(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	n := paid(100)
	n.ReceivedOn = "2/4/2026"
	x.must(x.Record(t.Context(), x.staff, key(), 1, 1, n))
	x.must(x.Reverse(t.Context(), x.staff, key(), 1, 1))
	april := time.Date(2026, 4, 30, 0, 0, 0, 0, time.UTC)
	j, err := x.ExportJournal(t.Context(), x.staff, april.AddDate(0, -1, 0), april, "", "csv")
	x.must(err)
	if j.Cents != 100 {
		t.Errorf("April has %d cents, want 100", j.Cents)
	}
	// Its line says which payment it takes back: an invoice may have several.
	j, err = x.Journal(t.Context(), x.staff, april, april.AddDate(0, 1, 0), "")
	x.must(err)
	if len(j.Entries) != 1 || j.Entries[0].Reverses != (Taken{ID: 1, On: "2026-04-02", Reference: n.Reference}) {
		t.Errorf("the reversal is %+v", j.Entries)
	}
}

// Payments never change: not even by SQL.
func TestPaymentsNeverChange(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.must(x.Record(t.Context(), x.staff, key(), 1, 1, paid(1)))
	for _, statement := range []string{`UPDATE payments SET cents = 2`, `DELETE FROM payments`} {
		err := x.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { _, err := tx.Exec(statement); return err })
		if err == nil {
			t.Errorf("%s was let through", statement)
		}
	}
}

func TestCreditNotesCount(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.exec(`INSERT INTO invoices (kind, request_id, credits, year, number, total_cents, content, content_hash, issued_at)
		VALUES ('credit_note', 1, 1, 2026, 1, 15000, '{"number":"A2026-0001","date":"2026-05-05","credits":"F2026-0001","client":{"name":"=La Ruche, 李"}}', '', '2026-05-05T10:00:00Z')`)
	if a := x.account(1); a.Standing() != Credited || a.LeftCents() != 0 {
		t.Errorf("wholly credited: %s, %d", a.Standing(), a.LeftCents())
	}
	x.must(x.Record(t.Context(), x.staff, key(), 1, 1, paid(10)))
	if a := x.account(1); a.Standing() != Overpaid {
		t.Errorf("paid and wholly credited: %s", a.Standing())
	}
	if err := x.Record(t.Context(), x.staff, key(), 1, 3, paid(1)); !fault.Is(err, fault.NotFound, "error.not_found") {
		t.Errorf("a credit note was paid: %v", err)
	}
	book, err := x.Movements(t.Context(), x.staff, time.Date(2026, 5, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 5, 5, 0, 0, 0, 0, time.UTC))
	x.must(err)
	var kinds []string
	sum := 0
	for _, m := range book {
		kinds, sum = append(kinds, m.Kind+" "+m.Number), sum+m.Cents
	}
	if got := strings.Join(kinds, ", "); got != "payment F2026-0001, credit_note A2026-0001" || sum != -15010 {
		t.Errorf("book = %s over %d", got, sum)
	}
}

func TestRecordRefusals(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx := t.Context()
	for _, tt := range []struct {
		name, field, key string
		change           func(*New)
	}{
		{"nothing", "cents", "school_money.payment.cents_wrong", func(n *New) { n.Cents = 0 }},
		{"less than nothing", "cents", "school_money.payment.cents_wrong", func(n *New) { n.Cents = -5 }},
		{"in shells", "mode", "school_money.payment.mode_missing", func(n *New) { n.Mode = "shells" }},
		{"tomorrow", "received_on", "school_money.payment.day_future", func(n *New) { n.ReceivedOn = "2026-05-06" }},
		{"a slip in the year", "received_on", "school_money.payment.day_old", func(n *New) { n.ReceivedOn = "4/5/2024" }},
		{"a card", "reference", "school_money.payment.reference_card", func(n *New) { n.Reference = "4242 4242 4242 4242" }},
		{"no day", "received_on", "ask.day_impossible", func(n *New) { n.ReceivedOn = "31/2/2026" }},
		{"a long story", "reference", "school_money.payment.reference_long", func(n *New) { n.Reference = strings.Repeat("é", 101) }},
	} {
		n := paid(100)
		tt.change(&n)
		if f, _ := fault.As(x.Record(ctx, x.staff, key(), 1, 1, n)); f == nil || f.Fields[tt.field].Key != tt.key {
			t.Errorf("%s: %v, want %s", tt.name, f, tt.key)
		}
	}
	for name, err := range map[string]error{
		"guest":         x.Record(ctx, account.Guest(), key(), 1, 1, paid(1)),
		"communication": x.Record(ctx, account.Actor{Kind: account.KindUser, ID: 1, Role: account.Communication}, key(), 1, 1, paid(1)),
		"guest back":    x.Reverse(ctx, account.Guest(), key(), 1, 1),
	} {
		if !fault.Is(err, fault.Forbidden, "error.forbidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"invoice of another request": x.Record(ctx, x.staff, key(), 1, 2, paid(1)),
		"no such invoice":            x.Record(ctx, x.staff, key(), 1, 99, paid(1)),
		"no such payment":            x.Reverse(ctx, x.staff, key(), 1, 99),
	} {
		if !fault.Is(err, fault.NotFound, "error.not_found") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := x.Accounts(ctx, account.Guest(), true); !fault.Is(err, fault.Forbidden, "error.forbidden") {
		t.Errorf("a guest reads the accounts: %v", err)
	}
	if _, err := x.Movements(ctx, account.Guest(), time.Time{}, time.Now()); !fault.Is(err, fault.Forbidden, "error.forbidden") {
		t.Errorf("a guest takes the book: %v", err)
	}
}
