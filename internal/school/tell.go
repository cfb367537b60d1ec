package school

import (
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// letter is what every message about r says; callers add what its kind carries.
func letter(r Request) outbox.Request {
	return outbox.Request{
		ID: r.ID, Reference: r.Reference, LinkVersion: r.LinkVersion, Contact: r.Contact.Name,
		Organisation: r.Organisation.Name, Asked: r.Asked(), Children: r.Children, Level: r.Level,
	}
}

// tellContact adds a message to who asked. Nothing is sent to a contact who was forgotten.
func tellContact(tx *sqlite.Tx, r Request, kind string, m outbox.Request) error {
	m.Party = outbox.PartyContact
	return outbox.Add(tx, outbox.Message{Kind: kind, Language: r.Language, To: r.Contact.Email, Payload: m})
}

const sqlPayerAddress = `SELECT contact_name, contact_email, link_version FROM payers WHERE request_id = ?`

// tellPayer adds a message to who pays, with the payer's own link. It reports false, and adds nothing, where who asks
// is who pays.
func tellPayer(tx *sqlite.Tx, r Request, kind string, m outbox.Request) (bool, error) {
	var email string
	err := tx.QueryRow(sqlPayerAddress, r.ID).Scan(&m.Contact, &email, &m.LinkVersion)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	m.Party = outbox.PartyPayer
	return true, outbox.Add(tx, outbox.Message{Kind: kind, Language: r.Language, To: email, Payload: m})
}

const sqlAssignee = `
SELECT u.name, u.email FROM group_requests r JOIN users u ON u.id = r.assigned_to WHERE r.id = ? AND u.disabled_at IS NULL`

// tellTeam adds a message to who looks after the request, or to the association while nobody does.
func tellTeam(tx *sqlite.Tx, r Request, kind string, m outbox.Request) error {
	var email string
	err := tx.QueryRow(sqlAssignee, r.ID).Scan(&m.Contact, &email)
	if errors.Is(err, sql.ErrNoRows) {
		m.Contact = ""
		email, err = settings.Get(tx, settings.AssociationEmail)
	}
	if err != nil {
		return err
	}
	m.Party = outbox.PartyTeam
	return outbox.Add(tx, outbox.Message{Kind: kind, Language: "fr", To: email, Payload: m})
}
