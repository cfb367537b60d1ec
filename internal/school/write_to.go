package school

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Answer sends the contact a word from the team. Whose turn it is stays as it was. An empty or overlong one is Invalid on
// message; a contact who was forgotten is Conflict "school.forgotten"; seen as in changeSeen. Forbidden to all but staff.
func (s *Service) Answer(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, seen *int, text string) error {
	return s.changeSeen(ctx, actor, key, requestID, seen, func(tx *sqlite.Tx, r Request) error {
		if r.Contact.Email == "" {
			return fault.New(fault.Conflict, "school.forgotten")
		}
		if err := required("message", &text, "school.message_missing"); err != nil {
			return err
		}
		if err := addEvent(tx, actor, ByTeam, r.ID, "answered", text); err != nil {
			return err
		}
		if err := audit.Add(tx, actor.String(), "request.answer", record("request", r.ID), nil); err != nil {
			return err
		}
		m := letter(r)
		m.Reason = text
		return tellContact(tx, r, outbox.RequestAnswered, m)
	})
}

const sqlEditContact = `
UPDATE group_requests SET contact_name = ?2, contact_role = ?3, contact_email = ?4, contact_phone = ?5, link_version = ?6, updated_at = ?7 WHERE id = ?1`

// EditContact corrects who writes for the organisation. Another e-mail address revokes the links that went to the old one
// (SEC-9), and the new one gets its own. What is wrong is Invalid by field: contact_name, role, email, phone. A contact who
// was forgotten stays so: Conflict "school.forgotten". Forbidden to all but staff.
func (s *Service) EditContact(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, c Contact) error {
	return s.change(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) error {
		if r.Contact.Email == "" {
			return fault.New(fault.Conflict, "school.forgotten")
		}
		wrong, n := typed{}, NewRequest{Contact: c}
		n.checkContact(wrong)
		if err := wrong.invalid(); err != nil {
			return err
		}
		moved := n.Contact.Email != r.Contact.Email
		if moved {
			r.LinkVersion++
		}
		before := r.Contact
		r.Contact = n.Contact
		if _, err := tx.Exec(sqlEditContact, r.ID, r.Contact.Name, r.Contact.Role, r.Contact.Email, r.Contact.Phone, r.LinkVersion, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		if before == r.Contact {
			return nil
		}
		if err := addEvent(tx, actor, ByTeam, r.ID, "contact", ""); err != nil {
			return err
		}
		if err := audit.Add(tx, actor.String(), "request.contact", record("request", r.ID), map[string]any{"link_version": r.LinkVersion}); err != nil {
			return err
		}
		if !moved {
			return nil
		}
		return tellContact(tx, r, outbox.RequestLinked, letter(r))
	})
}
