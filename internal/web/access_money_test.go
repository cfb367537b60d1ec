package web

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// canIssue gives the association all that a quote needs.
func (s *site) canIssue() {
	s.t.Helper()
	s.set("association_address", "7 place Louis Chazette\n69001 Lyon", "association_siret", "73282932000074",
		"vat_sentence", "TVA non applicable, art. 293 B du CGI", "session_price", "150", "kilometre_price", "0,55")
}

// set stores settings, in pairs of name and value.
func (s *site) set(pairs ...string) {
	s.t.Helper()
	err := s.db.Write(s.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		for i := 0; i < len(pairs); i += 2 {
			if _, _, err := settings.Set(tx, pairs[i], pairs[i+1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// signedPDF is a small file that passes for a signed paper.
var signedPDF = school.Paper{FileName: "signé.pdf", Content: []byte("%PDF-1.7\n%%EOF\n")}

// statement is « bon pour accord » as somebody fills it in.
var statement = school.Statement{Name: "Łukasz N'Guyen", Role: "Maire adjoint", StatedOn: "2026-05-04", Agreed: true}

// moneyThings gives a request a payer, a quote to accept, an acceptance to confirm, a signed paper to read, an agreement
// to sign, and an invoice with a payment. It returns their ids, and the signature of the mail that asks to confirm.
func (w *accessWorld) moneyThings(a asked, user int64) (things map[string]string, confirmation string) {
	t, ctx := w.house.t, w.house.t.Context()
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.canIssue()
	now := sqlite.Time(w.clock.Now())
	w.write(`INSERT INTO payers (request_id, name, address, postcode, city, is_public, contact_name, contact_email, created_at, updated_at)
		VALUES (?1, 'Ville de ' || ?1, '1 place Lazare-Goujon', '69100', 'Villeurbanne', 1, 'Nguyễn', 'compta' || ?1 || '@ville.exemple.fr', ?2, ?2)`, a.id, now)
	w.write(`UPDATE group_requests SET state = 'proposed' WHERE id = ?`, a.id)
	quote, err := w.web.School.IssueQuote(ctx, account.Command(), w.key(), a.id, school.QuoteText{
		Lines: []school.Line{{Kind: school.LineService, Label: "Atelier 李", Quantity: 100, UnitCents: 15000}}})
	must(err)
	payer := school.Visit{Party: school.ByPayer, Link: w.web.School.Sign(school.LinkPayer, a.reference, 1)}
	acceptance, err := w.web.School.Accept(ctx, w.key(), payer, school.Subject{Quote: quote}, statement)
	must(err)
	must(w.web.School.SendPaper(ctx, w.key(), payer, school.Subject{Quote: quote}, statement, signedPDF))
	agreement := w.write(`INSERT INTO agreements (request_id, version, state, content, content_hash, issued_at) VALUES (?, 9, 'issued', '{"text":[{"kind":"heading","text":[{"text":"Convention"}]}]}', 'x', ?)`, a.id, now)
	invoice := w.write(`INSERT INTO invoices (kind, request_id, quote_id, year, number, total_cents, content, content_hash, due_on, issued_at)
		SELECT 'invoice', request_id, id, 2026, ?2, total_cents, json_set(content, '$.kind', 'invoice', '$.number', 'F2026-000' || ?2), 'x', '2026-06-01', ?3
		  FROM quotes WHERE id = ?1`, quote, a.id, now)
	paid := w.write(`INSERT INTO payments (invoice_id, cents, mode, received_on, recorded_by, recorded_at) VALUES (?, 100, 'cash', '2026-05-04', ?, ?)`, invoice, user, now)
	var upload int64
	w.scan(&upload, `SELECT max(id) FROM uploads WHERE request_id = ?`, a.id)
	return map[string]string{
		"quote": idText(quote), "invoice": idText(invoice), "upload": idText(upload), "payment": idText(paid),
		"agreement": idText(agreement), "acceptance": idText(acceptance),
	}, w.web.School.SignConfirmation(acceptance, 1)
}

// nothingOfMoney are ids that no paper about money has.
func nothingOfMoney() map[string]string {
	return map[string]string{"quote": "987654", "invoice": "987654", "upload": "987654", "payment": "987654", "agreement": "987654", "acceptance": "987654", "recu": "987654"}
}

// paidBy keeps a payment of a guardian for nothing in particular, and returns its id.
func (w *accessWorld) paidBy(guardian, user int64) string {
	w.house.t.Helper()
	by := account.Actor{Kind: account.KindUser, ID: user, Role: account.Staff}
	id, err := w.web.Payments.Collect(w.house.t.Context(), by, w.key(), guardian, payment.Collected{For: payment.ForAll,
		New: payment.New{Cents: 100, Mode: payment.Cash, Reference: "Łukasz", ReceivedOn: "2026-05-04"}})
	w.must(err)
	return idText(id)
}
