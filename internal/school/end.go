package school

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Decline ends a request that the team cannot fulfil: its sessions are called off, and who asked and who pays learn why. A
// reason is needed (Invalid on reason). Once a workshop has begun it is Conflict "school.has_begun", once the request is done
// or over "school.too_late". Forbidden to all but staff.
func (s *Service) Decline(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, reason string) error {
	return s.change(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) error {
		if err := required("reason", &reason, "school.reason_missing"); err != nil {
			return err
		}
		return end(tx, actor, r, step{to: Declined, by: ByTeam, turn: othersTurn, text: reason}, outbox.RequestDeclined)
	})
}

// Withdraw ends a request for the contact whose link it is, with a reason if one is given. Its sessions are called off; the
// contact, who pays and the team are told. Withdrawn twice is withdrawn once. Otherwise as Decline; a wrong link is NotFound.
func (s *Service) Withdraw(ctx context.Context, key account.FormKey, link Link, reason string) error {
	return s.byContact(ctx, key, link, func(tx *sqlite.Tx, r Request) error {
		if r.State == Withdrawn {
			return nil
		}
		wrong := typed{}
		wrong.text("reason", &reason)
		if err := wrong.invalid(); err != nil {
			return err
		}
		if err := end(tx, account.Guest(), r, step{to: Withdrawn, by: ByContact, turn: othersTurn, text: reason}, outbox.RequestWithdrawn); err != nil {
			return err
		}
		m := letter(r)
		m.News, m.Reason = string(Withdrawn), reason
		return tellTeam(tx, r, outbox.RequestNews, m)
	})
}

const sqlHasBegun = `SELECT EXISTS (SELECT 1 FROM sessions WHERE request_id = ? AND status <> 'cancelled' AND starts_at <= ?)`

// end calls everything off and tells both parties. What took place counts for reports and invoices: such a request goes its
// way to the end, and only the sessions that are left are cancelled.
func end(tx *sqlite.Tx, actor account.Actor, r Request, last step, kind string) error {
	if !r.State.MayBecome(last.to) {
		return fault.New(fault.Conflict, "school.too_late")
	}
	var begun bool
	if err := tx.QueryRow(sqlHasBegun, r.ID, sqlite.Time(tx.Now())).Scan(&begun); err != nil {
		return err
	}
	if begun {
		return fault.New(fault.Conflict, "school.has_begun")
	}
	if _, err := callOff(tx, actor, r, last.text); err != nil {
		return err
	}
	if err := advance(tx, actor, &r, last); err != nil {
		return err
	}
	m := letter(r)
	if last.by == ByTeam { // what a contact writes freely goes to no mailbox that the contact names
		m.Reason = last.text
	}
	return tellBoth(tx, r, kind, m)
}
