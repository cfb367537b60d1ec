package school

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// SkipQuote goes on without a quote, once dates are fixed. Where the workshop was not asked for as a free one, a reason is
// needed (Invalid on reason); the history keeps it, and everybody concerned may read it. Before dates are fixed it is Conflict
// "school.dates_first", once there is a quote or the request went on "school.too_late". Forbidden to all but staff.
func (s *Service) SkipQuote(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, reason string) error {
	return s.change(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) error {
		wrong := typed{}
		wrong.text("reason", &reason)
		if reason == "" && r.Funding != settings.Free {
			wrong.wrong("reason", "school.no_quote.reason_missing")
		}
		if err := wrong.invalid(); err != nil {
			return err
		}
		switch {
		case r.State != Proposed:
			return fault.New(fault.Conflict, "school.too_late")
		case !r.Scheduled:
			return fault.New(fault.Conflict, "school.dates_first")
		}
		if err := advance(tx, actor, &r, step{to: Accepted, by: ByTeam, turn: teamsTurn, text: reason}); err != nil {
			return err
		}
		return tellContact(tx, r, outbox.RequestAccepted, letter(r))
	})
}

// SkipAgreement goes on without a signed agreement: some organisations have none. Before dates are fixed it is Conflict
// "school.dates_first", in any state but Accepted "school.too_late". Forbidden to all but staff.
func (s *Service) SkipAgreement(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64) error {
	return s.change(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) error {
		switch {
		case r.State != Accepted:
			return fault.New(fault.Conflict, "school.too_late")
		case !r.Scheduled:
			return fault.New(fault.Conflict, "school.dates_first")
		}
		if err := advance(tx, actor, &r, step{to: Agreed, by: ByTeam, turn: othersTurn}); err != nil {
			return err
		}
		sessions, err := catalog.SessionsOfRequestTx(tx, r.ID)
		if err != nil {
			return err
		}
		m := letter(r)
		m.Sessions = toldSessions(sessions)
		return tellContact(tx, r, outbox.RequestAgreed, m)
	})
}
