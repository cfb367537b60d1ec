package school

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/prose"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// AgreementState is what became of one version of an agreement.
type AgreementState string

// The states of an agreement.
const (
	AgreementIssued   AgreementState = "issued"
	AgreementReplaced AgreementState = "replaced"
	AgreementSigned   AgreementState = "signed"
)

// Agreement is one version of the agreement of a request, as it was issued.
type Agreement struct {
	ID, RequestID int64
	Version       int
	State         AgreementState
	Paper         AgreementPaper
	Hash          string // SHA-256 of the frozen paper
	IssuedAt      time.Time
	IssuedBy      string // a member of the team by name; may be empty
	// Signed is the acceptance that counts; its ID is 0 while nobody signed.
	Signed Acceptance
}

// AgreementPaper is all that an agreement says, frozen as JSON when it is issued. The text is kept as blocks, not as
// Markdown: how Markdown is read may change, what was signed may not.
type AgreementPaper struct {
	Reference   string         `json:"reference"` // of the request
	Version     int            `json:"version"`
	Date        string         `json:"date"` // a day
	Association Seller         `json:"association"`
	Client      Client         `json:"client"`
	Text        prose.Document `json:"text"`
}

// AgreementFacts are what the fields of the agreement are written from.
type AgreementFacts struct {
	Request     Request
	Association Seller
	Payer       string // empty: the organisation pays
	Dates       []BillDate
	Team        []string // who leads the sessions, by name
	Quote       string   // number of the quote that counts; empty: there is none
	Cents       int
	Date        string // today where the association is
}

// WriteFacts writes facts as people read them: a text for each field that has one. It is called inside a transaction,
// perhaps twice, and looks at nothing but its argument.
type WriteFacts func(AgreementFacts) (map[string]string, error)

// AgreementWork is what the desk needs to issue an agreement.
type AgreementWork struct {
	Request  Request
	Paper    AgreementPaper  // as it would be issued now
	Problems []prose.Problem // of the text in settings: nothing is issued before they are mended
	Empty    []string        // fields of the text that have no value yet: each is a gap to complete by hand
	Issued   []Agreement     // the newest first
}

// CanIssue reports whether an agreement may be issued now: once the quote was accepted, or was not needed.
func (w AgreementWork) CanIssue() bool { return w.Request.State == Accepted && len(w.Problems) == 0 }

// AgreementWork returns how the agreement of a request would look now, and the versions that were issued. Forbidden
// for who has no desk; an unknown id is NotFound.
func (s *Service) AgreementWork(ctx context.Context, actor account.Actor, requestID int64, write WriteFacts) (w AgreementWork, err error) {
	if err := mayRead(actor); err != nil {
		return AgreementWork{}, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		if w.Request, err = requestTx(tx, requestID); err != nil {
			return err
		}
		if w.Paper, w.Problems, w.Empty, err = draftAgreement(tx, w.Request, write); err != nil {
			return err
		}
		w.Issued, err = agreementsTx(tx, requestID)
		return err
	})
	return w, err
}

// draftAgreement fills the text of the settings for r.
func draftAgreement(tx *sqlite.Tx, r Request, write WriteFacts) (p AgreementPaper, problems []prose.Problem, empty []string, err error) {
	facts, err := agreementFacts(tx, r)
	if err != nil {
		return p, nil, nil, err
	}
	text, _, err := agreementText(tx)
	if err != nil {
		return p, nil, nil, err
	}
	values, err := write(facts)
	if err != nil {
		return p, nil, nil, err
	}
	for _, name := range prose.Fields(text) {
		if values[name] == "" {
			empty = append(empty, name)
		}
	}
	document, _ := prose.Parse(text)
	p = AgreementPaper{
		Reference: r.Reference, Date: facts.Date, Association: facts.Association, Text: document.Fill(values),
		Client: clientOf(r),
	}
	return p, CheckAgreement(text), empty, nil
}

const (
	sqlAgreementTeam = `
SELECT DISTINCT u.name FROM sessions s JOIN session_facilitators f ON f.session_id = s.id JOIN users u ON u.id = f.user_id
 WHERE s.request_id = ? AND s.status <> 'cancelled' ORDER BY u.name`

	sqlAgreementQuote = `
SELECT content FROM quotes WHERE request_id = ? AND state IN ('issued', 'accepted') ORDER BY version DESC LIMIT 1`
)

func agreementFacts(tx *sqlite.Tx, r Request) (f AgreementFacts, err error) {
	f.Request = r
	if f.Association, _, err = SellerTx(tx); err != nil {
		return f, err
	}
	payer, err := payerTx(tx, r.ID)
	if err != nil {
		return f, err
	}
	if payer != nil {
		f.Payer = payer.Name
	}
	if f.Dates, err = billDates(tx, r.ID); err != nil {
		return f, err
	}
	if f.Team, err = names(tx, sqlAgreementTeam, r.ID); err != nil {
		return f, err
	}
	var content string
	switch err := tx.QueryRow(sqlAgreementQuote, r.ID).Scan(&content); {
	case err == nil:
		bill, err := thawBill(content)
		if err != nil {
			return f, err
		}
		f.Quote, f.Cents = bill.Number, bill.TotalCents
	case !errors.Is(err, sql.ErrNoRows):
		return f, err
	}
	day, err := today(tx)
	f.Date = day.Format(time.DateOnly)
	return f, err
}

func names(tx *sqlite.Tx, query string, id int64) (all []string, err error) {
	err = each(tx, query, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		all = append(all, name)
		return err
	}, id)
	return all, err
}

// IssueAgreement issues the next version of a request's agreement, which replaces the one before, and sends it to the
// contact to sign. From then on it never changes. A request that is not at that point is fault.Conflict
// "school_papers.not_now", a text in settings that is not right "school_papers.text_wrong". Forbidden to all but staff.
func (s *Service) IssueAgreement(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, write WriteFacts) (id int64, err error) {
	return s.onceID(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) (int64, error) {
		return issueAgreement(tx, actor, r, write)
	})
}

const (
	sqlNextAgreement     = `SELECT coalesce(max(version), 0) + 1 FROM agreements WHERE request_id = ?`
	sqlReplaceAgreements = `UPDATE agreements SET state = 'replaced' WHERE request_id = ? AND state = 'issued'`
	sqlIssueAgreement    = `
INSERT INTO agreements (request_id, version, state, content, content_hash, issued_at, issued_by)
VALUES (?1, ?2, 'issued', ?3, ?4, ?5, NULLIF(?6, 0)) RETURNING id`
)

func issueAgreement(tx *sqlite.Tx, actor account.Actor, r Request, write WriteFacts) (id int64, err error) {
	if r.State != Accepted {
		return 0, fault.New(fault.Conflict, "school_papers.not_now")
	}
	paper, problems, _, err := draftAgreement(tx, r, write)
	if err != nil {
		return 0, err
	}
	if len(problems) > 0 {
		return 0, fault.New(fault.Conflict, "school_papers.text_wrong", AtLine(problems[0]))
	}
	if err := tx.QueryRow(sqlNextAgreement, r.ID).Scan(&paper.Version); err != nil {
		return 0, err
	}
	raw, err := json.Marshal(paper)
	if err != nil {
		return 0, fmt.Errorf("school: freeze an agreement: %w", err)
	}
	if _, err := takeAgreementBack(tx, r.ID); err != nil {
		return 0, err
	}
	err = tx.QueryRow(sqlIssueAgreement, r.ID, paper.Version, string(raw), ContentHash(string(raw)), sqlite.Time(tx.Now()), actor.ID).Scan(&id)
	if err != nil {
		return 0, err
	}
	if err := addEvent(tx, actor, ByTeam, r.ID, "agreement", ""); err != nil {
		return 0, err
	}
	if err := setTurn(tx, r.ID, othersTurn); err != nil {
		return 0, err
	}
	m := letter(r)
	m.Paper, m.PaperKind = paper.Title(), "agreement"
	if err := tellContact(tx, r, outbox.RequestAgreement, m); err != nil {
		return 0, err
	}
	return id, audit.Add(tx, actor.String(), "agreement.issue", record("agreement", id), map[string]any{"version": paper.Version})
}

// takeAgreementBack makes an agreement that waits for a signature one that nobody can sign any more: what it says of the
// price or the dates is not true now. It reports whether there was one. What was signed stays.
func takeAgreementBack(tx *sqlite.Tx, requestID int64) (there bool, err error) {
	res, err := tx.Exec(sqlReplaceAgreements, requestID)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Title is the first heading of an agreement.
func (p AgreementPaper) Title() string { return titleOf(p.Text) }

// titleOf is the first heading that says something; empty when there is none.
func titleOf(text prose.Document) string {
	for _, block := range text {
		if title := prose.Plain(block.Text); block.Kind == prose.Heading && title != "" {
			return title
		}
	}
	return ""
}

// thawAgreement reads what issueAgreement froze.
func thawAgreement(content string) (p AgreementPaper, err error) {
	if err := json.Unmarshal([]byte(content), &p); err != nil {
		return AgreementPaper{}, fmt.Errorf("school: thaw an agreement: %w", err)
	}
	return p, nil
}

const sqlAgreements = `
SELECT a.id, a.request_id, a.version, a.state, a.content, a.content_hash, a.issued_at, coalesce(u.name, '')
  FROM agreements a LEFT JOIN users u ON u.id = a.issued_by WHERE a.request_id = ? ORDER BY a.version DESC`

// agreementsTx returns every version of the agreement of a request, the newest first, with who signed.
func agreementsTx(tx *sqlite.Tx, requestID int64) ([]Agreement, error) {
	all, err := scanAgreements(tx, requestID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	statements, err := acceptancesTx(tx, requestID)
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, a := range statements {
			if a.Subject.Agreement == all[i].ID && a.Confirmed() && a.Hash == all[i].Hash {
				all[i].Signed = a
			}
		}
	}
	return all, nil
}

func scanAgreements(tx *sqlite.Tx, requestID int64) (all []Agreement, err error) {
	rows, err := tx.Query(sqlAgreements, requestID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a Agreement
		var content, issued string
		if err := rows.Scan(&a.ID, &a.RequestID, &a.Version, &a.State, &content, &a.Hash, &issued, &a.IssuedBy); err != nil {
			return nil, err
		}
		if a.Paper, err = thawAgreement(content); err != nil {
			return nil, err
		}
		if a.IssuedAt, err = sqlite.ParseTime(issued); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// Agreements returns every version of the agreement that a contact's link opens, the newest first. A wrong signature
// and an unknown reference are the same fault.NotFound.
func (s *Service) Agreements(ctx context.Context, link Link) (all []Agreement, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := s.openTx(tx, link)
		if err != nil {
			return err
		}
		all, err = agreementsTx(tx, r.ID)
		return err
	})
	return all, err
}

// AgreementToSign returns an agreement that is for the party of a visit to sign: the contact, alone. For others, and for an
// agreement of another request, it is fault.NotFound.
func (s *Service) AgreementToSign(ctx context.Context, v Visit, id int64) (Agreement, error) {
	if v.Party != ByContact {
		return Agreement{}, fault.New(fault.NotFound, "error.not_found")
	}
	all, err := s.Agreements(ctx, v.Link)
	if err != nil {
		return Agreement{}, err
	}
	return FindAgreement(all, id)
}

// FindAgreement picks one version; an id that is not among them is fault.NotFound.
func FindAgreement(all []Agreement, id int64) (Agreement, error) {
	i := slices.IndexFunc(all, func(a Agreement) bool { return a.ID == id })
	if i < 0 {
		return Agreement{}, fault.New(fault.NotFound, "error.not_found")
	}
	return all[i], nil
}

// DeskAgreements is Agreements for the desk. Forbidden for who has none.
func (s *Service) DeskAgreements(ctx context.Context, actor account.Actor, requestID int64) (all []Agreement, err error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		all, err = agreementsTx(tx, requestID)
		return err
	})
	return all, err
}
