package school

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	// A request is at its end when it is over, or when nothing at all was done about it for as long.
	sqlForgetContacts = `
UPDATE group_requests
   SET contact_name = '', contact_role = '', contact_email = '', contact_phone = '', wish = '', aim = '', period = '', room = '', equipment = '',
       accessibility = '', adage_reference = '', message = '', next_action = '', link_version = link_version + 1, forgotten_at = ?2
 WHERE forgotten_at IS NULL AND (updated_at <= ?1 OR state IN ('closed', 'declined', 'withdrawn') AND state_since <= ?1)`

	sqlForgetPayers = `
UPDATE payers SET contact_name = '', contact_email = '', contact_phone = '', link_version = link_version + 1
 WHERE request_id IN (SELECT id FROM group_requests WHERE forgotten_at = ?)`

	sqlForgetEvents = `UPDATE request_events SET text = '' WHERE request_id IN (SELECT id FROM group_requests WHERE forgotten_at = ?)`

	sqlForgetComments = `UPDATE feedbacks SET comment = '' WHERE request_id IN (SELECT id FROM group_requests WHERE forgotten_at = ?)`
)

// ForgetContacts erases who asked and who was to be reached at the payer's, and all that was written freely, as many years
// after the end of a request as settings.RequestContactYears says (RGPD-10); its links die with them. What remains counts
// and names nobody, but for quotes, invoices and what was signed, which the law wants kept for ten years (ForgetPapers). It returns of how many requests.
func ForgetContacts(tx *sqlite.Tx) (forgotten int, err error) {
	years, err := settings.Get(tx, settings.RequestContactYears)
	if err != nil {
		return 0, err
	}
	now := sqlite.Time(tx.Now())
	res, err := tx.Exec(sqlForgetContacts, sqlite.Time(tx.Now().AddDate(-years, 0, 0)), now)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	for _, query := range []string{sqlForgetPayers, sqlForgetEvents, sqlForgetComments} {
		if _, err := tx.Exec(query, now); err != nil {
			return 0, err
		}
	}
	return int(n), audit.Add(tx, account.System().String(), "request.forget", "requests", map[string]any{"requests": n})
}

// papersKept is how many whole years after the one in which it was made a paper of the accounts is kept (Code de commerce,
// L123-22).
const papersKept = 10

// What is left of a paper: its number and its total, so that the row of numbers stays without a gap.
const (
	sqlForgetQuotes = `
UPDATE quotes SET lines = '[]', note = '', content = json_object('total_cents', total_cents), content_hash = ?2
WHERE id = ?1`
	sqlForgetInvoices   = `UPDATE invoices SET content = json_object('total_cents', total_cents), content_hash = ?2 WHERE id = ?1`
	sqlForgetAgreements = `UPDATE agreements SET content = '{}', content_hash = ?2 WHERE id = ?1`
	sqlForgetDrafts     = `
UPDATE quotes SET lines = '[]', note = '' WHERE state = 'draft' AND updated_at < ?1 AND (lines <> '[]' OR note <> '')`
	sqlForgetSignatories = `
UPDATE acceptances SET name = '', role = '', mailbox = '', engagement = '',
       content_hash = coalesce((SELECT q.content_hash FROM quotes q WHERE q.id = quote_id), (SELECT g.content_hash FROM agreements g WHERE g.id = agreement_id))
WHERE stated_at < ?1 AND (name <> '' OR mailbox <> '')`
	sqlForgetUploads    = `UPDATE uploads SET content = x'00', size = 1, sha256 = '' WHERE uploaded_at < ?1 AND size > 1`
	sqlForgetPayerNames = `
UPDATE payers SET name = '', address = '', postcode = '', city = '', siret = '', service_code = '' WHERE name <> '' AND updated_at < ?1
   AND request_id IN (SELECT id FROM group_requests WHERE forgotten_at IS NOT NULL)`
	sqlOldQuotes     = `SELECT id, json_object('total_cents', total_cents) FROM quotes WHERE issued_at < ?1 AND content <> json_object('total_cents', total_cents)`
	sqlOldInvoices   = `SELECT id, json_object('total_cents', total_cents) FROM invoices WHERE issued_at < ?1 AND content <> json_object('total_cents', total_cents)`
	sqlOldAgreements = `SELECT id, '{}' FROM agreements WHERE issued_at < ?1 AND content <> '{}'`
)

// ForgetPapers empties quotes, invoices, agreements and what was signed, ten years after the end of the year in which each was
// made. Numbers and totals stay. It returns how many papers that were.
func ForgetPapers(tx *sqlite.Tx) (forgotten int, err error) {
	before := sqlite.Time(time.Date(tx.Now().Year()-papersKept, 1, 1, 0, 0, 0, 0, time.UTC))
	quotes, err := forgetPapers(tx, sqlOldQuotes, sqlForgetQuotes, before)
	if err != nil {
		return 0, err
	}
	invoices, err := forgetPapers(tx, sqlOldInvoices, sqlForgetInvoices, before)
	if err != nil {
		return 0, err
	}
	agreements, err := forgetPapers(tx, sqlOldAgreements, sqlForgetAgreements, before)
	if err != nil {
		return 0, err
	}
	forgotten = quotes + invoices + agreements
	for _, statement := range []string{sqlForgetDrafts, sqlForgetSignatories, sqlForgetUploads, sqlForgetPayerNames} {
		res, err := tx.Exec(statement, before)
		if err != nil {
			return 0, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return 0, err
		}
		forgotten += int(n)
	}
	if forgotten == 0 {
		return 0, nil
	}
	return forgotten, audit.Add(tx, account.System().String(), "papers.forget", "papers", map[string]any{"papers": forgotten})
}

// forgetPapers empties the papers of one table that old finds.
func forgetPapers(tx *sqlite.Tx, old, forget, before string) (int, error) {
	rest, err := oldPapers(tx, old, before)
	if err != nil {
		return 0, err
	}
	for id, content := range rest {
		if _, err := tx.Exec(forget, id, ContentHash(content)); err != nil {
			return 0, err
		}
	}
	return len(rest), nil
}

// oldPapers are the papers of one table that have had their time, with what is left of each.
func oldPapers(tx *sqlite.Tx, query, before string) (map[int64]string, error) {
	rows, err := tx.Query(query, before)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	rest := map[int64]string{}
	for rows.Next() {
		var id int64
		var content string
		if err := rows.Scan(&id, &content); err != nil {
			return nil, err
		}
		rest[id] = content
	}
	return rest, rows.Err()
}
