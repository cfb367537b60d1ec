package school

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlForgetWanted = `DELETE FROM wanted_dates WHERE request_id = ?`

// AskOtherDates declines every open option for the contact whose link it is, keeps the dates that would suit in place of those
// asked for before (if any are given), and makes the next step the team's. At least a word or a date is needed; what is
// wrong is Invalid by the fields of the request form. While dates are fixed it asks for others and changes none of them. A
// request that takes no dates any more, or whose last session has begun, is Conflict "school.too_late"; a wrong link is NotFound.
func (s *Service) AskOtherDates(ctx context.Context, actor account.Actor, key account.FormKey, link Link, text string, wanted []WantedDate) error {
	return s.byContact(ctx, key, link, func(tx *sqlite.Tx, r Request) error {
		sessions, err := catalog.SessionsOfRequestTx(tx, r.ID)
		if err != nil {
			return err
		}
		if !r.State.TakesDates() || allBegun(sessions, tx.Now()) {
			return fault.New(fault.Conflict, "school.too_late")
		}
		day, err := today(tx)
		if err != nil {
			return err
		}
		wrong := typed{}
		asked := NewRequest{Wanted: slices.Clone(wanted), Period: text}
		if wrong.text("period", &text); text == "" && len(wanted) == 0 {
			wrong.wrong("period", "school_dates.other.missing")
		} else {
			asked.checkDates(day, wrong)
		}
		if err := wrong.invalid(); err != nil {
			return err
		}
		if err := endSlots(tx, r.ID, SlotDeclined); err != nil {
			return err
		}
		if err := replaceWanted(tx, r.ID, asked.Wanted); err != nil {
			return err
		}
		if err := addEvent(tx, actor, ByContact, r.ID, "dates_asked", asked.Period); err != nil {
			return err
		}
		before := make([]string, len(r.Wanted))
		for i, d := range r.Wanted {
			before[i] = d.Day.Format(time.DateOnly) + " " + d.Half
		}
		if err := audit.Add(tx, actor.String(), "request.dates_asked", record("request", r.ID), map[string]any{"wanted_before": before}); err != nil {
			return err
		}
		if err := setTurn(tx, r.ID, teamsTurn); err != nil {
			return err
		}
		m := letter(r)
		m.News, m.Reason = "dates_asked", asked.Period
		return tellTeam(tx, r, outbox.RequestNews, m)
	})
}

func replaceWanted(tx *sqlite.Tx, requestID int64, wanted []WantedDate) error {
	if len(wanted) == 0 {
		return nil
	}
	if _, err := tx.Exec(sqlForgetWanted, requestID); err != nil {
		return err
	}
	return insertWanted(tx, requestID, wanted)
}
