package booking

import (
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Purposes of the links that open a booking. A link shown on the screen opens the booking;
// a POST from a link that was mailed proves the mailbox as well.
const (
	LinkScreen = "booking-screen"
	LinkMail   = "booking-mail"
)

// OwnSignature stands where a signature would in the link to a booking of whoever is signed in. Such a link authorises nothing by itself: what stays
// of it in a browser that others use opens nothing once they left (domain, Family data 8).
const OwnSignature = "compte"

// Link opens one booking: its reference with a signature for one of the purposes, or with OwnSignature and its owner.
type Link struct {
	Reference string
	Signature string
	// Owner is the guardian, or the young person, who is signed in, for OwnSignature: it comes from the sign-in, never from what a request says.
	Owner account.Actor
}

// OwnLink is the link by which a guardian who is signed in opens a booking of theirs, or a young person one that they made for themselves.
func OwnLink(owner account.Actor, reference string) Link {
	return Link{Reference: reference, Signature: OwnSignature, Owner: owner}
}

// group is the row that a link opened.
type group struct {
	id         int64
	reference  string
	sessionID  int64
	guardianID int64
	version    int
	viaMail    bool
	owned      bool // opened by the OwnLink of a guardian
	trusted    bool // by a mailed link or an OwnLink: nobody else can have it
}

const sqlGroupByReference = `
SELECT id, reference, session_id, guardian_id, link_version FROM booking_groups WHERE reference = ?`

func groupByReference(tx *sqlite.Tx, reference string) (g group, err error) {
	err = tx.QueryRow(sqlGroupByReference, reference).Scan(&g.id, &g.reference, &g.sessionID, &g.guardianID, &g.version)
	return g, err
}

// open returns the booking behind a link. A wrong signature, the booking of somebody else and an unknown reference are the
// same fault.NotFound. Who signed in came by a mailed link, so that their own booking is opened as by one; a young person opens theirs as by a link shown on the
// screen, so that nothing becomes a guardian's word.
func (s *Service) open(tx *sqlite.Tx, link Link) (group, error) {
	g, err := groupByReference(tx, link.Reference)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return group{}, err
	}
	if link.Signature == OwnSignature {
		if err == nil && link.Owner.IsGuardian(g.guardianID) {
			g.viaMail, g.owned, g.trusted = true, true, true
			return g, nil
		}
		theirs := false
		if err == nil && link.Owner.Kind == account.KindYoung {
			if theirs, err = isYoungs(tx, g.id, link.Owner.ID); err != nil {
				return group{}, err
			}
		}
		if !theirs {
			return group{}, fault.New(fault.NotFound, "error.not_found")
		}
		g.trusted = true
		return g, nil
	}
	g.viaMail = s.secret.Verify(LinkMail, link.Reference, g.version, link.Signature)
	if err != nil || !g.viaMail && !s.secret.Verify(LinkScreen, link.Reference, g.version, link.Signature) {
		return group{}, fault.New(fault.NotFound, "error.not_found")
	}
	g.trusted = g.viaMail
	return g, nil
}

// Sign returns the link of a purpose that opens the booking of a reference at a link version.
func (s *Service) Sign(purpose, reference string, version int) Link {
	return Link{Reference: reference, Signature: s.secret.Sign(purpose, reference, version)}
}
