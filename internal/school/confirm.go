package school

import (
	"context"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// linkConfirm is the purpose of the link in the mail that asks to confirm an acceptance.
const linkConfirm = "request-confirm"

// confirmDays is for how long that link works.
const confirmDays = 30

// SignConfirmation returns the signature of the link that confirms an acceptance. version is that of the link of its
// party (outbox.Request.LinkVersion): whatever revokes that link revokes this one.
func (s *Service) SignConfirmation(id int64, version int) string {
	return s.secret.Sign(linkConfirm, strconv.FormatInt(id, 10), version)
}

// Confirmation is an acceptance that waits for its confirmation, with the paper that it is about.
type Confirmation struct {
	Acceptance Acceptance
	Request    Request
	// Quote is the quote agreed to; zero for an agreement.
	Quote Quote
	// Agreement is the agreement signed; zero for a quote.
	Agreement Agreement
	// Back is the link of the party's own page, where to go afterwards.
	Party By
	Back  Link
	// TooLate is why it cannot be confirmed any more; nil while it can, and once it was.
	TooLate *fault.Error
}

// Confirmation returns what the link of a mail is about. An unknown id and a wrong or revoked signature are the same
// NotFound; after 30 days it is Gone "school_money.confirm.expired", unless it was confirmed.
func (s *Service) Confirmation(ctx context.Context, id int64, signature string) (c Confirmation, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		c, err = s.confirmationTx(tx, id, signature)
		return err
	})
	return c, err
}

func (s *Service) confirmationTx(tx *sqlite.Tx, id int64, signature string) (c Confirmation, err error) {
	notFound := fault.New(fault.NotFound, "error.not_found")
	a, err := scanAcceptance(tx.QueryRow(sqlAcceptance, id).Scan)
	if err != nil {
		return c, err
	}
	if a.UploadID != 0 || a.Mailbox == "" {
		return c, notFound
	}
	r, err := requestTx(tx, a.RequestID)
	if err != nil {
		return c, err
	}
	version, purpose := r.LinkVersion, LinkContact
	if a.Party == ByPayer {
		payer, err := payerTx(tx, r.ID)
		if err != nil {
			return c, err
		}
		if payer == nil {
			return c, notFound
		}
		version, purpose = payer.LinkVersion, LinkPayer
	}
	if !s.secret.Verify(linkConfirm, strconv.FormatInt(id, 10), version, signature) {
		return c, notFound
	}
	if !a.Confirmed() && tx.Now().After(a.StatedAt.AddDate(0, 0, confirmDays)) {
		return c, fault.New(fault.Gone, "school_money.confirm.expired")
	}
	c = Confirmation{Acceptance: a, Request: r, Party: a.Party, Back: s.Sign(purpose, r.Reference, version)}
	if !a.Confirmed() {
		err := a.mustHold(tx, r)
		late, known := fault.As(err)
		if err != nil && !known {
			return c, err
		}
		c.TooLate = late
	}
	if a.Subject.Quote != 0 {
		c.Quote, err = quoteTx(tx, r.ID, a.Subject.Quote)
	} else {
		all, err := agreementsTx(tx, r.ID)
		if err != nil {
			return c, err
		}
		if c.Agreement, err = FindAgreement(all, a.Subject.Agreement); err != nil {
			return c, err
		}
	}
	return c, err
}

// Confirm makes an acceptance count, from the link in the mail: the quote is accepted, or the agreement signed, and
// everybody concerned learns of it. Doing it twice is doing it once. A paper that was replaced, refused or agreed to by
// somebody else meanwhile is Conflict; see Confirmation for the rest.
func (s *Service) Confirm(ctx context.Context, key account.FormKey, id int64, signature string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		c, err := s.confirmationTx(tx, id, signature)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			if c.Acceptance.Confirmed() {
				return "", nil
			}
			return "", settleOpen(tx, account.Guest(), c.Acceptance.Party, &c.Request, c.Acceptance)
		})
		return err
	})
}

// settleOpen is settle where the paper is still what was agreed to.
func settleOpen(tx *sqlite.Tx, actor account.Actor, by By, r *Request, a Acceptance) error {
	if err := a.mustHold(tx, *r); err != nil {
		return err
	}
	return settle(tx, actor, by, r, a)
}

// mustHold returns the fault that says why what was stated in r counts no more, nil while it does.
func (a Acceptance) mustHold(tx *sqlite.Tx, r Request) error {
	p, err := a.Subject.paperTx(tx, r.ID)
	if err != nil {
		return err
	}
	if p.hash != a.Hash {
		return fault.New(fault.Conflict, "school_money.accept.replaced")
	}
	return p.mustBeOpen(tx, r, a.StatedAt)
}

const sqlRefuseQuote = `UPDATE quotes SET state = 'refused', updated_at = ?2 WHERE id = ?1`

// RefuseQuote notes that the party of a visit does not want a quote, and why: the team then writes another one. Once is
// as good as twice.
func (s *Service) RefuseQuote(ctx context.Context, key account.FormKey, v Visit, quoteID int64, reason string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := s.visitTx(tx, v)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) { return "", refuseQuote(tx, v.Party, r, quoteID, reason) })
		return err
	})
}

func refuseQuote(tx *sqlite.Tx, by By, r Request, quoteID int64, reason string) error {
	q, err := quoteTx(tx, r.ID, quoteID)
	if err != nil {
		return err
	}
	p, err := Subject{Quote: quoteID}.paperTx(tx, r.ID)
	if err != nil {
		return err
	}
	party, _, err := mailboxOf(tx, r, p)
	if err != nil {
		return err
	}
	if party != by {
		return fault.New(fault.NotFound, "error.not_found")
	}
	switch {
	case q.State == QuoteRefused:
		return nil
	case q.State == QuoteAccepted:
		return fault.New(fault.Conflict, "school_money.accept.already")
	case q.State != QuoteIssued:
		return fault.New(fault.Conflict, "school_money.accept.replaced")
	case r.State.IsOver():
		return fault.New(fault.Conflict, "school_money.accept.over")
	}
	t := typed{}
	t.text("reason", &reason)
	if reason == "" {
		t.wrong("reason", "school_money.refuse.reason_missing")
	}
	if err := t.invalid(); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlRefuseQuote, quoteID, sqlite.Time(tx.Now())); err != nil {
		return err
	}
	if err := addEvent(tx, account.Guest(), by, r.ID, "quote_refused", reason); err != nil {
		return err
	}
	if err := setTurn(tx, r.ID, teamsTurn); err != nil {
		return err
	}
	m := letter(r)
	m.Paper, m.PaperKind, m.News, m.Reason = q.Number, string(KindQuote), "quote_refused", reason
	if err := tellTeam(tx, r, outbox.RequestNews, m); err != nil {
		return err
	}
	return audit.Add(tx, account.Guest().String(), "quote.refuse", record("quote", quoteID), nil)
}
