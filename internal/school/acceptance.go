package school

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Visit is somebody who opened a request by a link: its contact, or its payer.
type Visit struct {
	Party By // ByContact or ByPayer
	Link  Link
}

// visitTx returns the request that a visit opens; see openTx.
func (s *Service) visitTx(tx *sqlite.Tx, v Visit) (Request, error) {
	if v.Party == ByPayer {
		return s.openPayerTx(tx, v.Link)
	}
	return s.openTx(tx, v.Link)
}

// Subject is what somebody agrees to: one version of a quote or of an agreement. Exactly one id is set.
type Subject struct{ Quote, Agreement int64 }

// Statement is « bon pour accord » as the signatory fills it in.
type Statement struct {
	Name, Role string
	StatedOn   string // the day that the signatory writes, as typed
	Engagement string // of a public buyer; may be empty
	Agreed     bool   // the box is ticked
}

// Acceptance is one statement about one paper. It counts once it is confirmed: from the mailbox of the party, or by the
// team after reading a signed paper.
type Acceptance struct {
	ID, RequestID int64
	Subject       Subject
	Party         By
	Name, Role    string
	StatedOn      string // a day
	Engagement    string
	Mailbox       string // where the confirmation was asked; empty for a signed paper
	Hash          string // of what was agreed to
	UploadID      int64  // the signed paper; 0: none
	StatedAt      time.Time
	ConfirmedAt   time.Time // zero: not yet
	ConfirmedBy   string    // a member of the team by name; empty: from the mailbox
}

// Confirmed reports whether the acceptance counts.
func (a Acceptance) Confirmed() bool { return !a.ConfirmedAt.IsZero() }

// agreedPaper is what a subject points to, as far as agreeing needs it.
type agreedPaper struct {
	name       string // number of a quote, title of an agreement
	kind       string // of outbox.Request.PaperKind
	hash       string
	open       bool   // it can be agreed to
	settled    bool   // it was agreed to
	validUntil string // a day; empty: for ever
	payer      *Client
}

const sqlAgreementPaper = `SELECT state, content, content_hash FROM agreements WHERE id = ? AND request_id = ?`

// paperTx returns the paper of a subject; one of another request is NotFound.
func (sub Subject) paperTx(tx *sqlite.Tx, requestID int64) (agreedPaper, error) {
	if sub.Quote != 0 {
		q, err := quoteTx(tx, requestID, sub.Quote)
		if err == nil && q.State == QuoteDraft {
			err = fault.New(fault.NotFound, "error.not_found")
		}
		return agreedPaper{name: q.Number, kind: "quote", hash: q.Hash, open: q.State == QuoteIssued, settled: q.State == QuoteAccepted,
			validUntil: q.ValidUntil, payer: q.Bill.Payer}, err
	}
	p := agreedPaper{kind: "agreement"}
	var state, content string
	err := tx.QueryRow(sqlAgreementPaper, sub.Agreement, requestID).Scan(&state, &content, &p.hash)
	if errors.Is(err, sql.ErrNoRows) {
		return agreedPaper{}, fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil {
		return agreedPaper{}, err
	}
	text, err := thawAgreement(content)
	p.name, p.open, p.settled = text.Title(), state == "issued", state == "signed"
	return p, err
}

// mustBeOpen returns the fault that says why p cannot be agreed to in r any more, nil when it can. stated is when
// somebody agreed: a mail that is read the next morning still counts.
func (p agreedPaper) mustBeOpen(tx *sqlite.Tx, r Request, stated time.Time) error {
	switch {
	case p.settled:
		return fault.New(fault.Conflict, "school_money.accept.already")
	case r.State.IsOver():
		return fault.New(fault.Conflict, "school_money.accept.over")
	case !p.open:
		return fault.New(fault.Conflict, "school_money.accept.replaced")
	}
	day, err := dayAt(stated)
	if err != nil {
		return err
	}
	if p.validUntil != "" && day.Format(time.DateOnly) > p.validUntil {
		return fault.New(fault.Gone, "school_money.accept.expired")
	}
	if p.kind != "quote" {
		return nil
	}
	payer, err := payerTx(tx, r.ID)
	if err != nil {
		return err
	}
	if !payer.namedAs(p.payer) {
		return fault.New(fault.Conflict, "school_money.accept.payer_changed")
	}
	return nil
}

// check cleans what the signatory wrote; what is wrong is fault.Invalid by the names of its fields.
func (st *Statement) check(now time.Time) error {
	t := typed{}
	t.told("name", &st.Name, "school_money.accept.name_missing")
	t.told("role", &st.Role, "school_money.accept.role_missing")
	t.line("engagement", &st.Engagement, "")
	day, err := dayAt(now)
	if err != nil {
		return err
	}
	switch on, m := ParseDay(st.StatedOn); {
	case m != nil:
		t.wrong("stated_on", m.Key, m.Args...)
	case on.After(day) || on.Before(day.AddDate(-1, 0, 0)):
		t.wrong("stated_on", "school_money.accept.day_wrong")
	default:
		st.StatedOn = on.Format(time.DateOnly)
	}
	if !st.Agreed {
		t.wrong("agreed", "school_money.accept.not_ticked")
	}
	return t.invalid()
}

// Accept notes that the party of a visit agrees to a paper, and asks to confirm it from the mailbox that the request
// knows for that party: links get forwarded, mailboxes do not. The payer agrees to a quote where there is one, the
// contact to everything else; the other party gets NotFound. The acceptance counts once it is confirmed (Confirm).
//
// What is wrong with the statement is fault.Invalid by field; a paper that cannot be agreed to any more is Conflict or
// Gone with a sentence that says why.
func (s *Service) Accept(ctx context.Context, key account.FormKey, v Visit, sub Subject, st Statement) (id int64, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := s.visitTx(tx, v)
		if err != nil {
			return err
		}
		id, err = account.OnceID(tx, key, func() (int64, error) { return accept(tx, v.Party, r, sub, st) })
		return err
	})
	return id, err
}

// mailboxOf is the party that agrees to a paper, and where it confirms it.
func mailboxOf(tx *sqlite.Tx, r Request, p agreedPaper) (party By, mailbox string, err error) {
	if p.kind == "quote" {
		payer, err := payerTx(tx, r.ID)
		if err != nil {
			return "", "", err
		}
		if payer != nil {
			return ByPayer, payer.Email, nil
		}
	}
	return ByContact, r.Contact.Email, nil
}

// maxStatements is how often a day one request may ask for a confirmation: a link that got out fills nobody's mailbox.
const maxStatements = 5

const (
	sqlStatementsSince = `SELECT count(*) FROM acceptances WHERE request_id = ? AND upload_id IS NULL AND stated_at > ?`

	// The id is drawn: mailed links name it, and after a restore of the database no other statement must have that of one that was lost.
	// It stays below 2^53, as far as JSON counts.
	sqlAddAcceptance = `
INSERT INTO acceptances (id, request_id, quote_id, agreement_id, party, name, role, stated_on, engagement, mailbox, content_hash,
                         upload_id, stated_at)
VALUES (abs(random() % 9007199254740991) + 1, ?1, NULLIF(?2, 0), NULLIF(?3, 0), ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULLIF(?11, 0), ?12) RETURNING id`
)

func accept(tx *sqlite.Tx, by By, r Request, sub Subject, st Statement) (id int64, err error) {
	p, err := sub.paperTx(tx, r.ID)
	if err != nil {
		return 0, err
	}
	party, mailbox, err := mailboxOf(tx, r, p)
	if err != nil {
		return 0, err
	}
	if party != by {
		return 0, fault.New(fault.NotFound, "error.not_found")
	}
	if err := p.mustBeOpen(tx, r, tx.Now()); err != nil {
		return 0, err
	}
	if err := st.check(tx.Now()); err != nil {
		return 0, err
	}
	var already int
	if err := tx.QueryRow(sqlStatementsSince, r.ID, sqlite.Time(tx.Now().AddDate(0, 0, -1))).Scan(&already); err != nil {
		return 0, err
	}
	if already >= maxStatements {
		return 0, fault.New(fault.Conflict, "school_money.accept.too_often")
	}
	if id, err = addAcceptance(tx, r.ID, sub, party, st, mailbox, p.hash, 0); err != nil {
		return 0, err
	}
	m := letter(r)
	m.Paper, m.PaperKind, m.ConfirmID, m.Signatory = p.name, p.kind, id, st.Name
	if party == ByPayer {
		_, err = tellPayer(tx, r, outbox.RequestConfirm, m)
	} else {
		err = tellContact(tx, r, outbox.RequestConfirm, m)
	}
	if err != nil {
		return 0, err
	}
	return id, audit.Add(tx, account.Guest().String(), "acceptance.state", record("acceptance", id), sub.details())
}

func addAcceptance(tx *sqlite.Tx, requestID int64, sub Subject, party By, st Statement, mailbox, hash string, upload int64) (id int64, err error) {
	err = tx.QueryRow(sqlAddAcceptance, requestID, sub.Quote, sub.Agreement, string(party), st.Name, st.Role, st.StatedOn, st.Engagement,
		mailbox, hash, upload, sqlite.Time(tx.Now())).Scan(&id)
	return id, err
}

// details names the paper in the audit.
func (sub Subject) details() map[string]any {
	if sub.Quote != 0 {
		return map[string]any{"quote": sub.Quote}
	}
	return map[string]any{"agreement": sub.Agreement}
}

const (
	sqlAcceptanceColumns = `
SELECT a.id, a.request_id, coalesce(a.quote_id, 0), coalesce(a.agreement_id, 0), a.party, a.name, a.role, a.stated_on, a.engagement,
       a.mailbox, a.content_hash, coalesce(a.upload_id, 0), a.stated_at, coalesce(a.confirmed_at, ''), coalesce(u.name, '')
  FROM acceptances a LEFT JOIN users u ON u.id = a.confirmed_by`
	sqlAcceptance           = sqlAcceptanceColumns + ` WHERE a.id = ?`
	sqlAcceptancesOfRequest = sqlAcceptanceColumns + ` WHERE a.request_id = ? ORDER BY a.stated_at DESC, a.id DESC`
	sqlConfirmAcceptance    = `UPDATE acceptances SET confirmed_at = ?2, confirmed_by = NULLIF(?3, 0) WHERE id = ?1`
	sqlQuoteAccepted        = `UPDATE quotes SET state = 'accepted', updated_at = ?2 WHERE id = ?1`
	sqlAgreementSigned      = `UPDATE agreements SET state = 'signed' WHERE id = ?1`
	sqlAcceptanceOfUpload   = sqlAcceptanceColumns + ` WHERE a.upload_id = ? AND a.request_id = ?`
	sqlEngagementOfAccepted = `SELECT coalesce(max(engagement), '') FROM acceptances WHERE quote_id = ? AND confirmed_at IS NOT NULL`
)

func scanAcceptance(scan func(...any) error) (a Acceptance, err error) {
	var stated, confirmed string
	err = scan(&a.ID, &a.RequestID, &a.Subject.Quote, &a.Subject.Agreement, &a.Party, &a.Name, &a.Role, &a.StatedOn, &a.Engagement,
		&a.Mailbox, &a.Hash, &a.UploadID, &stated, &confirmed, &a.ConfirmedBy)
	if errors.Is(err, sql.ErrNoRows) {
		return Acceptance{}, fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil {
		return Acceptance{}, err
	}
	if a.StatedAt, err = sqlite.ParseTime(stated); err == nil && confirmed != "" {
		a.ConfirmedAt, err = sqlite.ParseTime(confirmed)
	}
	return a, err
}

// acceptancesTx returns what was said about the papers of a request, the newest first.
func acceptancesTx(tx *sqlite.Tx, requestID int64) (all []Acceptance, err error) {
	rows, err := tx.Query(sqlAcceptancesOfRequest, requestID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		a, err := scanAcceptance(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// settle makes an acceptance count, once: the paper is agreed to and the request goes on; by is on
// whose side it was confirmed.
func settle(tx *sqlite.Tx, actor account.Actor, by By, r *Request, a Acceptance) error {
	now := sqlite.Time(tx.Now())
	if _, err := tx.Exec(sqlConfirmAcceptance, a.ID, now, actor.MemberID()); err != nil {
		return err
	}
	p, err := a.Subject.paperTx(tx, r.ID)
	if err != nil {
		return err
	}
	text := a.Name + ", " + a.Role
	m := letter(*r)
	m.Paper, m.PaperKind, m.Signatory, m.News = p.name, p.kind, a.Name, "quote_accepted"
	kind, tell := outbox.RequestAccepted, tellBoth
	if a.Subject.Quote != 0 {
		if _, err := tx.Exec(sqlQuoteAccepted, a.Subject.Quote, now); err != nil {
			return err
		}
		if err := advance(tx, actor, r, step{to: Accepted, by: by, turn: teamsTurn, text: text}); err != nil {
			return err
		}
	} else {
		if _, err := tx.Exec(sqlAgreementSigned, a.Subject.Agreement); err != nil {
			return err
		}
		if err := advance(tx, actor, r, step{to: Agreed, by: by, turn: othersTurn, text: text}); err != nil {
			return err
		}
		kind, tell, m.News = outbox.RequestAgreed, tellContact, "agreement_signed"
		sessions, err := catalog.SessionsOfRequestTx(tx, r.ID)
		if err != nil {
			return err
		}
		m.Sessions = toldSessions(sessions)
	}
	if err := tell(tx, *r, kind, m); err != nil {
		return err
	}
	if by != ByTeam {
		if err := tellTeam(tx, *r, outbox.RequestNews, m); err != nil {
			return err
		}
	}
	return audit.Add(tx, actor.String(), "acceptance.confirm", record("acceptance", a.ID), a.Subject.details())
}
