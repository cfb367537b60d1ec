package booking

import (
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Purposes of the links that open a booking. A link shown on the screen opens the booking;
// a POST from a link that was mailed proves the mailbox as well.
const (
	LinkScreen = "booking-screen"
	LinkMail   = "booking-mail"
)

// Link opens one booking: its reference with a signature for one of the purposes.
type Link struct {
	Reference string
	Signature string
}

// group is the row that a link opened.
type group struct {
	id         int64
	reference  string
	sessionID  int64
	guardianID int64
	seating    string
	version    int
	viaMail    bool
}

const sqlGroupByReference = `
SELECT id, reference, session_id, guardian_id, seating, link_version FROM booking_groups WHERE reference = ?`

// open returns the booking behind a link. A wrong signature and an unknown reference are the
// same fault.NotFound.
func (s *Service) open(tx *sqlite.Tx, link Link) (group, error) {
	var g group
	err := tx.QueryRow(sqlGroupByReference, link.Reference).
		Scan(&g.id, &g.reference, &g.sessionID, &g.guardianID, &g.seating, &g.version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return group{}, err
	}
	g.viaMail = s.secret.Verify(LinkMail, link.Reference, g.version, link.Signature)
	if err != nil || !g.viaMail && !s.secret.Verify(LinkScreen, link.Reference, g.version, link.Signature) {
		return group{}, fault.New(fault.NotFound, "error.not_found")
	}
	return g, nil
}

// Sign returns the link of a purpose that opens the booking of a reference at a link version.
func (s *Service) Sign(purpose, reference string, version int) Link {
	return Link{Reference: reference, Signature: s.secret.Sign(purpose, reference, version)}
}
