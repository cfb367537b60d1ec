package school

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	// A request is at its end when it is over, or when nothing at all was done about it for as long.
	sqlForgetContacts = `
UPDATE group_requests
   SET contact_name = '', contact_role = '', contact_email = '', contact_phone = '', wish = '', aim = '', period = '', room = '', equipment = '',
       accessibility = '', adage_reference = '', message = '', next_action = '', link_version = link_version + 1, forgotten_at = ?2
 WHERE forgotten_at IS NULL AND (updated_at <= ?1 OR state IN ('closed', 'declined', 'withdrawn') AND state_since <= ?1)`

	sqlForgetPayers = `
UPDATE payers SET contact_name = '', contact_email = '', contact_phone = '', link_version = link_version + 1
 WHERE request_id IN (SELECT id FROM group_requests WHERE forgotten_at = ?)`

	sqlForgetEvents = `UPDATE request_events SET text = '' WHERE request_id IN (SELECT id FROM group_requests WHERE forgotten_at = ?)`

	sqlForgetComments = `UPDATE feedbacks SET comment = '' WHERE request_id IN (SELECT id FROM group_requests WHERE forgotten_at = ?)`
)

// ForgetContacts erases who asked and who was to be reached at the payer's, and all that was written freely, as many years
// after the end of a request as settings.RequestContactYears says (RGPD-10); its links die with them. What remains counts
// and names nobody, but for quotes, invoices and what was signed, which the law wants kept for ten years. It is for the timers.
func (s *Service) ForgetContacts(ctx context.Context) error {
	return s.db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		years, err := settings.Get(tx, settings.RequestContactYears)
		if err != nil {
			return err
		}
		now := sqlite.Time(tx.Now())
		res, err := tx.Exec(sqlForgetContacts, sqlite.Time(tx.Now().AddDate(-years, 0, 0)), now)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil || n == 0 {
			return err
		}
		for _, query := range []string{sqlForgetPayers, sqlForgetEvents, sqlForgetComments} {
			if _, err := tx.Exec(query, now); err != nil {
				return err
			}
		}
		return audit.Add(tx, account.System().String(), "request.forget", "requests", map[string]any{"requests": n})
	})
}
