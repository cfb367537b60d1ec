package school

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// done is a request whose workshops took place, with its quote accepted.
func (o *office) done(cents int) (Request, Quote) {
	o.t.Helper()
	r, q := o.quoted(cents)
	o.must(o.RecordAcceptance(o.t.Context(), account.Command(), o.key(), r.ID, Subject{Quote: q.ID}, signed(), nil))
	o.exec(`UPDATE group_requests SET state = 'done' WHERE reference = '` + r.Reference + `'`)
	return o.reload(r.Reference), q
}

func billed(cents int) InvoiceText { return InvoiceText{QuoteText: text(cents)} }

// invoices are those of a request, the newest first.
func (o *office) invoices(r Request) []Invoice {
	o.t.Helper()
	m, err := o.DeskMoney(o.t.Context(), account.Command(), r.ID)
	o.must(err)
	return m.Invoices
}

// TestInvoiceAndCreditNotes: numbers of their own, what is left, nothing twice.
func TestInvoiceAndCreditNotes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	ctx, staff := t.Context(), account.Command()
	r, q := o.done(15001)
	w, err := o.InvoiceWork(ctx, staff, r.ID)
	if err != nil || w.Refusal != nil || len(w.Usual.Lines) != 1 || w.Usual.Lines[0].UnitCents != 15001 || w.Usual.Engagement != "2026-EJ-0042" {
		t.Fatalf("work = %+v, %v", w, err)
	}
	id, err := o.IssueInvoice(ctx, staff, o.key(), r.ID, billed(14000))
	o.must(err)
	i := o.invoices(r)[0]
	if i.ID != id || i.Number != "F2026-0001" || i.TotalCents != 14000 || i.DueOn != "2026-06-03" || i.Bill.Quote != q.Number || i.Bill.Kind != KindInvoice {
		t.Errorf("invoice = %+v", i)
	}
	_, err = o.IssueInvoice(ctx, staff, o.key(), r.ID, billed(14000))
	o.wants(err, fault.Conflict, "school_money.invoice.already")

	credit := func(cents int) error {
		_, err := o.IssueCreditNote(ctx, staff, o.key(), r.ID, id, cents, "Deux enfants absents, 李 et محمد")
		return err
	}
	for _, cents := range []int{0, -1, 14001} {
		if f, _ := fault.As(credit(cents)); f == nil || f.Fields["cents"].Key != "school_money.credit.cents_wrong" {
			t.Errorf("a credit note over %d cents passed: %v", cents, f)
		}
	}
	o.must(credit(4000))
	if all := o.invoices(r); all[0].Number != "A2026-0001" || all[0].Bill.Credits != "F2026-0001" || all[0].Bill.TotalCents != 4000 || all[1].LeftCents() != 10000 {
		t.Errorf("after a credit note: %+v", all)
	}
	if f, _ := fault.As(credit(10001)); f == nil || f.Fields["cents"].Key != "school_money.credit.cents_wrong" {
		t.Errorf("more was credited than is left")
	}
	o.must(credit(10000))
	second, err := o.IssueInvoice(ctx, staff, o.key(), r.ID, billed(13000))
	if err != nil || o.invoices(r)[0].Number != "F2026-0002" || second == id {
		t.Errorf("after all was credited: %v", err)
	}
	_, err = o.IssueCreditNote(ctx, staff, o.key(), r.ID, o.invoices(r)[1].ID, 1, "Un avoir sur un avoir")
	o.wants(err, fault.NotFound, "error.not_found")
	if n := o.count(`SELECT count(*) FROM outbox WHERE kind = 'request_invoiced'`); n != 4 {
		t.Errorf("%d letters, want 4", n)
	}
	_, err = o.IssueInvoice(ctx, account.Guest(), o.key(), r.ID, billed(1))
	o.wants(err, fault.Forbidden, "error.forbidden")
}

// TestInvoiceOfAPublicBody: Chorus Pro sends back what lacks a field; we name each one (issue 3, 4).
func TestInvoiceOfAPublicBody(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	r, _ := o.done(15000)
	o.exec(`UPDATE organisations SET sector = 'public'`)
	_, err := o.IssueInvoice(t.Context(), account.Command(), o.key(), r.ID, billed(15000))
	f, _ := fault.As(err)
	for field, key := range map[string]string{"siret": "school_money.invoice.siret_missing", "service_code": "school_money.invoice.service_missing",
		"engagement": "school_money.invoice.engagement_missing"} {
		if f == nil || f.Fields[field].Key != key {
			t.Errorf("%s: %v, want %s", field, err, key)
		}
	}
	all := billed(15000)
	all.SIRET, all.ServiceCode, all.Engagement = "732 829 320 00074", "EDUC", "2026-EJ-0042"
	_, err = o.IssueInvoice(t.Context(), account.Command(), o.key(), r.ID, all)
	o.must(err)
	if b := o.invoices(r)[0].Bill; b.Client.SIRET != "73282932000074" || b.Service != "EDUC" || b.Engagement != "2026-EJ-0042" || !b.Public {
		t.Errorf("bill = %+v", b)
	}

	// Where there is no service code the form asks to say so; the paper then has no line about it.
	r, _ = o.done(15000)
	o.exec(`UPDATE organisations SET sector = 'public'`)
	all.ServiceCode = "Aucun"
	_, err = o.IssueInvoice(t.Context(), account.Command(), o.key(), r.ID, all)
	o.must(err)
	if b := o.invoices(r)[0].Bill; b.Service != "" || !b.Public {
		t.Errorf("the paper bears the service code %q", b.Service)
	}
}

// TestInvoiceComesAfterTheService: agreed is soon enough once every session ended.
func TestInvoiceComesAfterTheService(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	r, _ := o.done(15000)
	issue := func() error {
		_, err := o.IssueInvoice(t.Context(), account.Command(), o.key(), r.ID, billed(15000))
		return err
	}
	for _, state := range []string{"quoted", "accepted", "agreed", "declined", "withdrawn"} {
		o.exec(`UPDATE group_requests SET state = '` + state + `'`)
		o.wants(issue(), fault.Conflict, "school_money.invoice.early")
	}
	o.workshop("Robotique")
	o.exec(`UPDATE group_requests SET state = 'agreed'`,
		`INSERT INTO venues (id, name, address, postcode, city, step_free, capacity, time_zone, created_at, updated_at)
			VALUES (1, 'Altnet', '7 place', '69001', 'Lyon', 'unknown', 30, 'Europe/Paris', '2026-05-01T00:00:00Z', '2026-05-01T00:00:00Z')`,
		`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, request_id, created_at, updated_at)
			VALUES (1, 1, '2026-05-05T12:00:00Z', '2026-05-05T14:00:00Z', 30, 0, 'published', '2026-05-01T00:00:00Z', '2026-05-05T12:00:00Z', 1,
			'2026-05-01T00:00:00Z', '2026-05-01T00:00:00Z')`)
	o.wants(issue(), fault.Conflict, "school_money.invoice.early")
	o.clock.Set(time.Date(2026, 5, 5, 14, 0, 0, 0, time.UTC))
	o.must(issue())
	b := o.invoices(r)[0].Bill
	if len(b.Dates) != 1 || b.Dates[0].City != "Lyon" || b.Dates[0].StartsAt != "2026-05-05T12:00:00Z" {
		t.Errorf("dates = %+v", b.Dates)
	}
	if _, err := o.IssueInvoice(t.Context(), account.Command(), o.key(), r.ID, InvoiceText{QuoteText: text(0)}); err == nil {
		t.Error("an invoice over nothing was issued")
	}
}

// TestInvoiceNumbersHaveNoGap: twenty at once, each with a credit note, get two rows of numbers without a gap (I15).
func TestInvoiceNumbersHaveNoGap(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	var requests []Request
	for range 20 {
		r, _ := o.done(100)
		requests = append(requests, r)
	}
	next := make(chan Request, len(requests))
	for _, r := range requests {
		next <- r
	}
	o.issueAtOnce(len(requests), func(Request) (string, error) {
		r := <-next
		id, err := o.IssueInvoice(t.Context(), account.Command(), o.key(), r.ID, billed(100))
		if err == nil {
			_, err = o.IssueCreditNote(t.Context(), account.Command(), o.key(), r.ID, id, 100, "Erreur")
		}
		return "", err
	})
	for _, kind := range []BillKind{KindInvoice, KindCreditNote} {
		if n := o.count(`SELECT count(DISTINCT number) + 1000 * max(number) FROM invoices WHERE kind = ? AND year = 2026`, string(kind)); n != 20020 {
			t.Errorf("%s: %d, want 20 numbers up to 20", kind, n)
		}
	}
}
