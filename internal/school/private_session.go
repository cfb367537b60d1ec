package school

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// EditSession replaces what a private session says, its capacity included; it costs nothing by itself and nobody books it,
// so that price, payment and bounds stay as they are. Another time or place is told to the contact, and is Conflict where
// people, kits or room are taken; an agreement that nobody signed yet is to be issued anew. A session that is not private
// is NotFound; the rest is as in catalog.EditSessionTx.
func (s *Service) EditSession(ctx context.Context, actor account.Actor, key account.FormKey, id int64, r catalog.SessionRequest) error {
	return s.changeSession(ctx, actor, key, id, func(tx *sqlite.Tx, request Request) error {
		r := r
		r.PriceCents, r.PaymentURL = 0, ""
		r.OpensDate, r.OpensHour, r.ClosesDate, r.ClosesHour = "", "", "", ""
		edited, err := catalog.EditSessionTx(tx, actor, id, r)
		if err != nil {
			return err
		}
		if _, err := catalog.SetCapacityTx(tx, actor, id, r.Capacity); err != nil {
			return err
		}
		if !edited.Moved {
			return nil
		}
		if err := addEvent(tx, actor, ByTeam, request.ID, "changed", ""); err != nil {
			return err
		}
		if err := agreementAnew(tx, request.ID); err != nil {
			return err
		}
		return tellChanged(tx, request, NewsMoved, "", []catalog.Session{edited.After})
	})
}

// CancelSession cancels a private session and tells the contact, with the reason. Without its last session the accepted
// option is withdrawn, and other dates are the team's next step; an agreement as in EditSession. A session that is not
// private is NotFound; the rest is as in catalog.CancelTx.
func (s *Service) CancelSession(ctx context.Context, actor account.Actor, key account.FormKey, id int64, reason string) error {
	return s.changeSession(ctx, actor, key, id, func(tx *sqlite.Tx, request Request) error {
		if _, err := catalog.CancelTx(tx, actor, id, reason); err != nil {
			return err
		}
		session, err := catalog.SessionTx(tx, id)
		if err != nil {
			return err
		}
		if err := addEvent(tx, actor, ByTeam, request.ID, "called_off", session.CancelReason); err != nil {
			return err
		}
		if err := endAccepted(tx, request.ID); err != nil {
			return err
		}
		if err := agreementAnew(tx, request.ID); err != nil {
			return err
		}
		after, err := requestTx(tx, request.ID)
		if err != nil {
			return err
		}
		if !after.Scheduled && after.State.TakesDates() {
			if err := setTurn(tx, request.ID, teamsTurn); err != nil {
				return err
			}
		}
		return tellChanged(tx, request, NewsCalledOff, session.CancelReason, []catalog.Session{session})
	})
}

// agreementAnew takes back an agreement that waits for a signature under dates that are not those any more: the team issues
// another one.
func agreementAnew(tx *sqlite.Tx, requestID int64) error {
	there, err := takeAgreementBack(tx, requestID)
	if err != nil || !there {
		return err
	}
	return setTurn(tx, requestID, teamsTurn)
}

// changeSession runs one change of staff to a private session, once for its form key.
func (s *Service) changeSession(ctx context.Context, actor account.Actor, key account.FormKey, id int64, do func(tx *sqlite.Tx, r Request) error) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			session, err := catalog.SessionTx(tx, id)
			if err != nil {
				return "", err
			}
			if !session.Private() {
				return "", fault.New(fault.NotFound, "error.not_found")
			}
			r, err := requestTx(tx, session.RequestID)
			if err != nil {
				return "", err
			}
			return "", do(tx, r)
		})
		return err
	})
}
