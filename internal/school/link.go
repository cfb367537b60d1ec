package school

import (
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Purposes of the links that open a request. The contact's opens the status page; the payer's opens the quote, the
// invoices and nothing else. Neither proves a mailbox: what binds somebody is confirmed from there (see Acceptance).
const (
	LinkContact = "request-contact"
	LinkPayer   = "request-payer"
)

// Link opens one request: its reference with a signature for one of the purposes.
type Link struct {
	Reference string
	Signature string
}

// Sign returns the link of a purpose that opens the request of a reference at a link version: that of the request for
// LinkContact, that of its payer for LinkPayer.
func (s *Service) Sign(purpose, reference string, version int) Link {
	return Link{Reference: reference, Signature: s.secret.Sign(purpose, reference, version)}
}

const sqlContactLink = `SELECT id, link_version FROM group_requests WHERE reference = ?`

const sqlPayerLink = `
SELECT r.id, p.link_version FROM group_requests r JOIN payers p ON p.request_id = r.id WHERE r.reference = ?`

// openTx returns the request that a contact's link opens. A wrong signature and an unknown reference are the same
// fault.NotFound.
func (s *Service) openTx(tx *sqlite.Tx, link Link) (Request, error) {
	return s.linked(tx, sqlContactLink, LinkContact, link)
}

// openPayerTx is openTx for the link of the payer.
func (s *Service) openPayerTx(tx *sqlite.Tx, link Link) (Request, error) {
	return s.linked(tx, sqlPayerLink, LinkPayer, link)
}

func (s *Service) linked(tx *sqlite.Tx, query, purpose string, link Link) (Request, error) {
	var id int64
	var version int
	err := tx.QueryRow(query, link.Reference).Scan(&id, &version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Request{}, err
	}
	if err != nil || !s.secret.Verify(purpose, link.Reference, version, link.Signature) {
		return Request{}, fault.New(fault.NotFound, "error.not_found")
	}
	return requestTx(tx, id)
}
