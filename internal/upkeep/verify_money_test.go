package upkeep_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// newTreasury is a house in which a quote was accepted after a first version, and a part of its invoice was paid, taken
// back, paid again and credited: quotes 1 (replaced) and 2 (accepted), invoice 1, credit note 2, payments 1 to 3. A
// second request has quote 3. Who booked first paid 20 € (payment 4, 6 € of it in advance) and a carnet (5), which was paid back (6); a seat
// given up late was let off.
func newTreasury(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	ctx, staff := t.Context(), account.Actor{Kind: account.KindUser, ID: 1, Name: "Nguyễn", Role: account.Staff}
	secret, err := account.LoadSecret(t.TempDir())
	h.must(err)
	schools, payments := school.NewService(h.db, secret), payment.NewService(h.db)
	h.must(h.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		for name, value := range map[string]string{"association_address": "7 place Louis Chazette", "association_siret": "73282932000074", "vat_sentence": "TVA non applicable"} {
			if _, _, err := settings.Set(tx, name, value); err != nil {
				return err
			}
		}
		return nil
	}))
	for range 2 {
		_, err := schools.Send(ctx, account.Guest(), key(), school.DraftKey{}, school.NewRequest{
			Organisation: school.Organisation{Kind: school.Library, Name: "La Ruche", Address: "3 place de la Paix", Postcode: "69100", City: "Villeurbanne"},
			Contact:      school.Contact{Name: "Łukasz", Role: "Bibliothécaire", Email: "lukasz@example.org", Phone: "06 39 98 01 02"},
			Wish:         "Une conférence", Level: "CM1", Children: 24, Adults: 3, Period: "Au printemps", Place: school.Theirs, Funding: settings.UnknownYet,
		})
		h.must(err)
	}
	h.breaks(`UPDATE group_requests SET state = 'proposed'`)
	text := school.QuoteText{Lines: []school.Line{{Kind: school.LineService, Label: "Conférence 李", Quantity: 100, UnitCents: 15000}}}
	var quotes []int64
	for _, request := range []int64{1, 1, 2} {
		id, err := schools.IssueQuote(ctx, staff, key(), request, text)
		h.must(err)
		quotes = append(quotes, id)
	}
	h.must(schools.RecordAcceptance(ctx, staff, key(), 1, school.Subject{Quote: quotes[1]}, school.Statement{
		Name: "محمد", Role: "Directeur", StatedOn: "2027-05-04"}, &school.Paper{FileName: "a.pdf", Content: []byte("%PDF-1.7\n%%EOF")}))
	h.breaks(`UPDATE group_requests SET state = 'done' WHERE id = 1`)
	invoice, err := schools.IssueInvoice(ctx, staff, key(), 1, school.InvoiceText{QuoteText: text})
	h.must(err)
	paid := payment.New{Cents: 5000, Mode: payment.Cash, ReceivedOn: "2027-05-04"}
	h.must(payments.Record(ctx, staff, key(), 1, invoice, paid))
	h.must(payments.Reverse(ctx, staff, key(), 1, 1))
	h.must(payments.Record(ctx, staff, key(), 1, invoice, paid))
	_, err = schools.IssueCreditNote(ctx, staff, key(), 1, invoice, 1000, "Deux absents")
	h.must(err)
	zoe := int64(h.count(`SELECT guardian_id FROM booking_groups WHERE id = 1`))
	for _, x := range []payment.Collected{
		{New: payment.New{Cents: 2000, Mode: payment.Cheque, Reference: "0042", ReceivedOn: "2027-05-04"}, For: payment.ForAll},
		{New: payment.New{Cents: 5000, Mode: payment.HelloAsso, ReceivedOn: "2027-05-04"}, For: payment.ForCarnet},
	} {
		_, err := payments.Collect(ctx, staff, key(), zoe, x)
		h.must(err)
	}
	h.must(payments.TakeBack(ctx, staff, key(), 5, "refund"))
	h.clock.Set(start.AddDate(0, 0, 3))
	late := h.book(1, "李")
	h.breaks(`UPDATE bookings SET status = 'confirmed' WHERE group_id = (SELECT max(id) FROM booking_groups)`)
	h.must(h.bookings.Cancel(ctx, account.Guest(), key(), h.links[late], nil, ""))
	h.breaks(`UPDATE bookings SET joined_list = 0 WHERE group_id = (SELECT max(id) FROM booking_groups)`)
	h.clock.Set(start.AddDate(0, 0, 3).Add(time.Hour))
	h.must(payments.Charge(ctx, staff, key(), int64(h.count(`SELECT max(guardian_id) FROM booking_groups`)), int64(h.count(`SELECT max(id) FROM bookings`))))
	return h
}

func TestVerifyFindsNothingWrongInTheBooks(t *testing.T) {
	t.Parallel()
	if breaches := newTreasury(t).verify(); len(breaches) > 0 {
		t.Errorf("breaches: %q", breaches)
	}
}

// I15: each of these must never be, and is seen.
func TestVerifyShowsEveryBreachInTheBooks(t *testing.T) {
	t.Parallel()
	const free = `DROP TRIGGER payments_never_change`
	for _, c := range []struct {
		name, invariant, record string
		breaks                  []string
	}{
		{"a number of a quote that is missing", "I15", "quote:2027", []string{`UPDATE quotes SET number = 3 WHERE id = 3`}},
		{"a number of an invoice that is missing", "I15", "invoice:2027", []string{`UPDATE invoices SET number = 2 WHERE id = 1`}},
		{"a number of a credit note that is missing", "I15", "credit_note:2027", []string{`UPDATE invoices SET number = 2 WHERE id = 2`}},
		{"a quote with two numbers", "I15", "request:1", []string{`UPDATE quotes SET number = 3 WHERE id = 1`}},
		{"a number of two quotes", "I15", "quote:2027-1", []string{`UPDATE quotes SET version = 7, number = 1 WHERE id = 3`}},
		{"a quote that was changed", "I15", "quote:2", []string{`UPDATE quotes SET content = replace(content, '15000', '14000') WHERE id = 2`}},
		{"an invoice that was changed", "I15", "invoice:1", []string{`UPDATE invoices SET content = replace(content, 'Ruche', 'Rucher') WHERE id = 1`}},
		{"a quote over another total", "I15", "quote:2", []string{`UPDATE quotes SET total_cents = 1 WHERE id = 2`}},
		{"an invoice over another total", "I15", "invoice:1", []string{`UPDATE invoices SET total_cents = 16000 WHERE id = 1`}},
		{"more credited than invoiced", "I15", "invoice:1", []string{`UPDATE invoices SET total_cents = 15001 WHERE id = 2`}},
		{"a credit note about another request", "I15", "invoice:2", []string{`UPDATE invoices SET request_id = 2 WHERE id = 2`}},
		{"half a payment taken back", "I15", "payment:2", []string{free, `UPDATE payments SET cents = -1 WHERE id = 2`}},
		{"less than nothing paid", "I15", "invoice:1", []string{free, `UPDATE payments SET cents = 10 WHERE id IN (1, 3)`}},
		{"a payment of a credit note", "I15", "payment:3", []string{free, `UPDATE payments SET invoice_id = 2 WHERE id = 3`}},
		{"a number of a receipt that is missing", "I15", "receipt:2027", []string{`UPDATE receipts SET number = 3 WHERE number = 2`}},
		{"a receipt that was changed", "I15", "receipt:4", []string{`UPDATE receipts SET content = replace(content, 'D''Artagnan', 'Dartagnan') WHERE payment_id = 4`}},
		{"a receipt over another total", "I15", "receipt:4", []string{`UPDATE receipts SET total_cents = 1 WHERE payment_id = 4`}},
		{"a receipt whose lines are something else", "I15", "receipt:4", []string{`UPDATE receipts SET content = json_set(content, '$.lines[0].cents', 1) WHERE payment_id = 4`}},
		{"a receipt under another number", "I15", "receipt:4", []string{`UPDATE receipts SET content = json_set(content, '$.number', 'R2027-0009') WHERE payment_id = 4`}},
		{"a payment without a receipt", "I15", "payment:4", []string{`DROP TRIGGER receipts_never_vanish`, `DELETE FROM receipts WHERE payment_id = 4`}},
		{"a receipt of a reversal", "I15", "receipt:6", []string{`UPDATE receipts SET payment_id = 6 WHERE payment_id = 5`}},
		{"a payment for more than it is", "I15", "payment:4", []string{`DROP TRIGGER payment_parts_never_change`, `UPDATE payment_parts SET cents = 2001`}},
		{"a payment for others", "I15", "payment:4", []string{`DROP TRIGGER payment_parts_never_change`, `UPDATE payment_parts SET group_id = 3`}},
		{"a carnet and a seat for one payment", "I15", "carnet:5", []string{`INSERT INTO payment_parts (payment_id, group_id, cents) VALUES (5, 1, 1)`}},
		{"taken back from others", "I15", "payment:6", []string{`DROP TRIGGER payments_stay_theirs`, `UPDATE payments SET guardian_id = 3 WHERE id = 6`}},
		{"counted for nothing", "I15", "booking:1", []string{`INSERT INTO late_charges (booking_id, charged_by, charged_at) VALUES (1, 1, '2027-05-07T00:00:00Z')`}},
		{"counted unnoted", "I12", "session:1", []string{`UPDATE late_charges SET charged_at = '2027-05-06T16:30:00Z'`}},
		{"accepted by nobody", "I15", "quote:2", []string{`UPDATE acceptances SET confirmed_at = NULL`}},
		{"accepted in another text", "I15", "quote:2", []string{`UPDATE acceptances SET content_hash = 'x'`}},
		{"signed by nobody", "I15", "agreement:1", []string{
			`INSERT INTO agreements (id, request_id, version, state, content, content_hash, issued_at) VALUES (1, 1, 1, 'signed', '{}', '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', '2027-05-04T16:00:00Z')`}},
		{"an agreement that was changed", "I15", "agreement:1", []string{
			`INSERT INTO agreements (id, request_id, version, state, content, content_hash, issued_at) VALUES (1, 1, 1, 'issued', '{}', 'x', '2027-05-04T16:00:00Z')`}},
		{"two versions in force", "I15", "request:1", []string{`UPDATE quotes SET state = 'issued' WHERE id = 1`}},
		{"a signed paper cut short", "I15", "upload:1", []string{`UPDATE uploads SET content = x'25'`}},
		{"a quote that nobody noted", "I12", "quote:2", []string{`DROP TRIGGER audit_kept_12_months`, `DELETE FROM audit WHERE record = 'quote:2'`}},
		{"an invoice that nobody noted", "I12", "invoice:1", []string{`DROP TRIGGER audit_kept_12_months`, `DELETE FROM audit WHERE record = 'invoice:1'`}},
		{"a payment that nobody noted", "I12", "payment:1", []string{`DROP TRIGGER audit_kept_12_months`, `DELETE FROM audit WHERE record = 'payment:1'`}},
		{"an acceptance that nobody noted", "I12", "acceptance:1", []string{`DROP TRIGGER audit_kept_12_months`, `UPDATE acceptances SET id = 1 WHERE confirmed_at IS NOT NULL`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newTreasury(t)
			h.breaks(c.breaks...)
			breaches := h.verify()
			if !slices.ContainsFunc(breaches, func(b upkeep.Breach) bool { return b.Invariant == c.invariant && b.Record == c.record }) {
				t.Errorf("want a breach of %s at %s, got %q", c.invariant, c.record, breaches)
			}
		})
	}
}
