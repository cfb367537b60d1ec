package school

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// What a message of kind outbox.RequestChanged tells of its sessions, in News.
const (
	NewsMoved     = "moved"
	NewsCalledOff = "called_off"
)

const sqlEndSlots = `UPDATE slots SET state = ?2, ended_at = ?3 WHERE request_id = ?1 AND state = 'open'`

// The accepted option ends with the last of its sessions; one that took place keeps it.
const sqlEndAccepted = `
UPDATE slots SET state = 'withdrawn', ended_at = ?2
 WHERE request_id = ?1 AND state = 'accepted'
   AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.request_id = ?1 AND s.status <> 'cancelled')`

// callOff cancels the sessions of r that have not begun and withdraws its options, so that people, kits and rooms are free
// again. It returns the sessions as they are then. Who may, and telling people, is for the caller; reason is what the
// sessions keep.
func callOff(tx *sqlite.Tx, actor account.Actor, r Request, reason string) ([]catalog.Session, error) {
	called, err := catalog.CallOffTx(tx, actor, r.ID, reason)
	if err != nil {
		return nil, err
	}
	if err := endSlots(tx, r.ID, SlotWithdrawn); err != nil {
		return nil, err
	}
	return called, endAccepted(tx, r.ID)
}

// endSlots ends the options of a request that wait for an answer.
func endSlots(tx *sqlite.Tx, requestID int64, state SlotState) error {
	_, err := tx.Exec(sqlEndSlots, requestID, string(state), sqlite.Time(tx.Now()))
	return err
}

// endAccepted withdraws the accepted option of a request of which no session is left.
func endAccepted(tx *sqlite.Tx, requestID int64) error {
	_, err := tx.Exec(sqlEndAccepted, requestID, sqlite.Time(tx.Now()))
	return err
}

// toldSessions are sessions as a message tells them.
func toldSessions(sessions []catalog.Session) []outbox.Session {
	var all []outbox.Session
	for _, s := range sessions {
		all = append(all, s.Told())
	}
	return all
}

// tellChanged tells the contact that dates which were fixed are not what they were: news says how.
func tellChanged(tx *sqlite.Tx, r Request, news, reason string, sessions []catalog.Session) error {
	m := letter(r)
	m.News, m.Reason, m.Sessions = news, reason, toldSessions(sessions)
	return tellContact(tx, r, outbox.RequestChanged, m)
}

// A quote that waits for an answer names the dates that were called off: nobody agrees to it any more.
const sqlTakeQuoteBack = `UPDATE quotes SET state = 'replaced', updated_at = ?2 WHERE request_id = ?1 AND state = 'issued'`

// Reschedule takes the accepted option of a request back: its sessions are cancelled, the contact is told with the reason,
// and the team can propose other dates. A quote and an agreement that nobody agreed to yet are taken back with them.
// Forbidden to all but staff. Conflict when no option is accepted, or once one of its sessions has begun: the others are
// then changed one by one.
func (s *Service) Reschedule(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, reason string) error {
	return s.change(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) error {
		wrong := typed{}
		wrong.text("reason", &reason)
		if err := wrong.invalid(); err != nil {
			return err
		}
		if !r.Scheduled || !r.State.TakesDates() {
			return fault.New(fault.Conflict, "school.too_late")
		}
		called, err := callOff(tx, actor, r, reason)
		if err != nil {
			return err
		}
		left, err := catalog.SessionsOfRequestTx(tx, r.ID)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return fault.New(fault.Conflict, "school_dates.has_begun")
		}
		if err := addEvent(tx, actor, ByTeam, r.ID, "called_off", reason); err != nil {
			return err
		}
		if err := audit.Add(tx, actor.String(), "request.called_off", record("request", r.ID), nil); err != nil {
			return err
		}
		if _, err := takeAgreementBack(tx, r.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlTakeQuoteBack, r.ID, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		if err := setTurn(tx, r.ID, teamsTurn); err != nil {
			return err
		}
		return tellChanged(tx, r, NewsCalledOff, reason, called)
	})
}

// TakesDates reports whether dates can still be proposed and accepted.
func (s State) TakesDates() bool {
	switch s {
	case Received, Proposed, Quoted, Accepted, Agreed:
		return true
	}
	return false
}

// change runs one change of staff to a request, once for its form key.
func (s *Service) change(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, do func(tx *sqlite.Tx, r Request) error) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			r, err := requestTx(tx, requestID)
			if err != nil {
				return "", err
			}
			return "", do(tx, r)
		})
		return err
	})
}
