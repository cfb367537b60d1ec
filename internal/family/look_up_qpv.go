package family

import (
	"context"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// LookUpQPV keeps whether a child lives in a priority district, as somebody of the team looked it up on the official map while the family was on the phone: the
// address is asked and kept nowhere (UX-A8). The audit says that it was done, not what was found. Forbidden to all but staff who have a name; Invalid, fields "qpv_child" and "qpv".
func (s *Service) LookUpQPV(ctx context.Context, actor account.Actor, key account.FormKey, guardianID, childID int64, qpv string) error {
	return s.onNotes(ctx, actor, key, func(tx *sqlite.Tx) error {
		theirs, err := IsTheirs(tx, guardianID, childID)
		if err != nil {
			return err
		}
		wrong := map[string]fault.Message{}
		if !theirs {
			wrong["qpv_child"] = fault.Message{Key: "family_qpv.child"}
		}
		if qpv != "yes" && qpv != "no" {
			wrong["qpv"] = fault.Message{Key: "family_qpv.missing"}
		}
		if len(wrong) > 0 {
			return fault.InvalidFields(wrong)
		}
		if err := SetFigures(tx, childID, Figures{QPV: &qpv, LookedUp: true}); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "family.look_up_qpv", "child:"+strconv.FormatInt(childID, 10), nil)
	})
}
