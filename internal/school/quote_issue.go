package school

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// IssueQuote issues what was written as the next version of the request's quote and sends it to who pays and to who
// asked. The first version takes the next number of the year; later ones keep it and replace the version before, with the
// agreement that waits for a signature at its price. From then on it never changes. Settings without which a quote is not
// valid are fault.Conflict "school_money.missing"; a request that is not at that point is fault.Conflict
// "school_money.quote_not_now".
func (s *Service) IssueQuote(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, text QuoteText) (id int64, err error) {
	cents, wrong := text.check()
	return s.onceID(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) (int64, error) {
		if wrong != nil {
			return 0, wrong
		}
		return issueQuote(tx, actor, &r, text, cents)
	})
}

const (
	sqlQuoteNumber = `SELECT coalesce(max(year), 0), coalesce(max(number), 0) FROM quotes WHERE request_id = ?`

	sqlIssueQuote = `
UPDATE quotes SET state = 'issued', year = ?2, number = ?3, valid_until = ?4, content = ?5, content_hash = ?6, issued_at = ?7,
       issued_by = NULLIF(?8, 0), updated_at = ?7
 WHERE id = ?1`

	sqlReplaceQuotes = `
UPDATE quotes SET state = 'replaced', updated_at = ?3 WHERE request_id = ?1 AND id <> ?2 AND state IN ('issued', 'accepted')`
)

func issueQuote(tx *sqlite.Tx, actor account.Actor, r *Request, text QuoteText, cents int) (id int64, err error) {
	if !r.State.MayBecome(Quoted) {
		return 0, fault.New(fault.Conflict, "school_money.quote_not_now")
	}
	bill, err := newBill(tx, KindQuote, *r)
	if err != nil {
		return 0, err
	}
	day, err := today(tx)
	if err != nil {
		return 0, err
	}
	days, err := settings.Get(tx, settings.QuoteDays)
	if err != nil {
		return 0, err
	}
	id, version, err := saveDraft(tx, r.ID, text, cents)
	if err != nil {
		return 0, err
	}
	var year, number int
	if err := tx.QueryRow(sqlQuoteNumber, r.ID).Scan(&year, &number); err != nil {
		return 0, err
	}
	if number == 0 {
		year = day.Year()
		if number, err = numbering.Next(tx, numbering.Quote, year); err != nil {
			return 0, err
		}
	}
	bill.Number, bill.Version = BillNumber(KindQuote, year, number), version
	bill.ValidUntil = day.AddDate(0, 0, days).Format(time.DateOnly)
	bill.Lines, bill.TotalCents, bill.Note = text.Lines, cents, text.Note
	content, hash, err := bill.freeze()
	if err != nil {
		return 0, err
	}
	now := sqlite.Time(tx.Now())
	if _, err := tx.Exec(sqlIssueQuote, id, year, number, bill.ValidUntil, content, hash, now, actor.ID); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(sqlReplaceQuotes, r.ID, id, now); err != nil {
		return 0, err
	}
	if _, err := takeAgreementBack(tx, r.ID); err != nil {
		return 0, err
	}
	if err := advance(tx, actor, r, step{to: Quoted, by: ByTeam, turn: othersTurn, text: bill.Number}); err != nil {
		return 0, err
	}
	if err := tellBoth(tx, *r, outbox.RequestQuoted, quoteLetter(*r, bill)); err != nil {
		return 0, err
	}
	return id, audit.Add(tx, actor.String(), "quote.issue", record("quote", id),
		map[string]any{"number": bill.Number, "version": version, "cents": cents})
}

// quoteLetter brings a quote.
func quoteLetter(r Request, quote Bill) outbox.Request {
	m := letter(r)
	m.Paper, m.PaperKind, m.Cents, m.ValidUntil = quote.Number, string(KindQuote), quote.TotalCents, quote.ValidUntil
	return m
}

// tellBoth adds a message to who asked and, when that is somebody else, to who pays.
func tellBoth(tx *sqlite.Tx, r Request, kind string, m outbox.Request) error {
	if _, err := tellPayer(tx, r, kind, m); err != nil {
		return err
	}
	return tellContact(tx, r, kind, m)
}

// newBill begins a paper: both parties, the dates and the texts as they are now.
func newBill(tx *sqlite.Tx, kind BillKind, r Request) (b Bill, err error) {
	day, err := today(tx)
	if err != nil {
		return Bill{}, err
	}
	b = Bill{
		Kind: kind, Date: day.Format(time.DateOnly), Request: r.Reference, Subject: r.Asked(), Level: r.Level, Children: r.Children,
		Client: clientOf(r), Public: isPublic(r.Organisation),
	}
	payer, err := payerTx(tx, r.ID)
	if err != nil {
		return Bill{}, err
	}
	if payer != nil {
		b.Payer = &Client{Name: payer.Name, Address: payer.Address, Postcode: payer.Postcode, City: payer.City, SIRET: payer.SIRET, Contact: payer.ContactName}
		b.Public, b.Service = payer.Public, serviceOf(payer.ServiceCode)
	}
	if b.Dates, err = billDates(tx, r.ID); err != nil {
		return Bill{}, err
	}
	if b.Seller, b.VAT, err = SellerTx(tx); err != nil {
		return Bill{}, err
	}
	if missing := missingOf(b.Seller, b.VAT); len(missing) > 0 {
		return Bill{}, missingFault(missing)
	}
	b.Terms, err = settings.Get(tx, settings.PaymentTerms)
	return b, err
}

// clientOf is who asked as a paper names it.
func clientOf(r Request) Client {
	o := r.Organisation
	return Client{Name: o.Name, Address: o.Address, Postcode: o.Postcode, City: o.City, UAI: o.UAI, SIRET: o.SIRET, Contact: r.Contact.Name}
}

// isPublic tells bodies whose invoices go through Chorus Pro.
func isPublic(o Organisation) bool { return o.Sector == "public" || o.Kind == TownHall }

// SellerTx is the association as papers about money name it, and what they say about VAT.
func SellerTx(tx *sqlite.Tx) (seller Seller, vat string, err error) {
	for _, f := range []struct {
		to *string
		of settings.Setting[string]
	}{
		{&seller.Name, settings.AssociationName}, {&seller.Address, settings.AssociationAddress}, {&seller.SIRET, settings.AssociationSIRET},
		{&seller.RNA, settings.AssociationRNA}, {&seller.Email, settings.AssociationEmail}, {&seller.Phone, settings.AssociationPhone},
		{&seller.Website, settings.AssociationWebsite}, {&seller.IBAN, settings.AssociationIBAN}, {&vat, settings.VATSentence},
	} {
		if *f.to, err = settings.Get(tx, f.of); err != nil {
			return Seller{}, "", err
		}
	}
	return seller, vat, nil
}

// missingOf are the settings, by name, without which no paper about money is valid.
func missingOf(seller Seller, vat string) (missing []string) {
	for _, f := range []struct {
		value string
		of    settings.Setting[string]
	}{
		{seller.Name, settings.AssociationName}, {seller.Address, settings.AssociationAddress},
		{seller.SIRET, settings.AssociationSIRET}, {vat, settings.VATSentence},
	} {
		if f.value == "" {
			missing = append(missing, f.of.Name)
		}
	}
	return missing
}

// missingFault names in one sentence every setting that lacks.
func missingFault(names []string) error {
	list := fault.Message{Key: "settings." + names[0]}
	for _, name := range names[1:] {
		list = fault.Message{Key: "school_money.missing.and", Args: []any{list, fault.Message{Key: "settings." + name}}}
	}
	return fault.New(fault.Conflict, "school_money.missing", list)
}
