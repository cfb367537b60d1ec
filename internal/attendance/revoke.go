package attendance

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Subject is what a certificate is about: one session, or one series.
type Subject struct{ SessionID, SeriesID int64 }

// maxRevokeReason is how long a reason may be, in runes.
const maxRevokeReason = 300

// Revoke makes a certificate about a subject invalid for good; a second time changes nothing. The reason is for the team,
// and asked for: without it Invalid on reason. For staff: a
// facilitator gets Forbidden, and NotFound where the session or the certificate is not theirs to see.
func (s *Service) Revoke(ctx context.Context, actor account.Actor, key account.FormKey, about Subject, certificateID int64, reason string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if _, err := certificateOf(tx, actor, about, certificateID); err != nil {
			return err
		}
		reason, err := checkReason(reason)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) { return "", revoke(tx, actor, certificateID, reason) })
		return err
	})
}

func checkReason(typed string) (string, error) {
	reason := strings.Join(strings.Fields(strings.ToValidUTF8(typed, "\uFFFD")), " ")
	switch {
	case reason == "":
		return "", fault.InvalidFields(map[string]fault.Message{"reason": {Key: "attendance.revoke.reason.missing"}})
	case utf8.RuneCountInString(reason) > maxRevokeReason:
		return "", fault.InvalidFields(map[string]fault.Message{"reason": {Key: "attendance.depart.reason.long", Args: []any{maxRevokeReason}}})
	}
	return reason, nil
}

const sqlRevoke = `UPDATE certificates SET revoked_at = ?2, revoked_by = nullif(?3, 0), revoke_reason = ?4 WHERE id = ?1 AND revoked_at IS NULL`

func revoke(tx *sqlite.Tx, actor account.Actor, certificateID int64, reason string) error {
	res, err := tx.Exec(sqlRevoke, certificateID, sqlite.Time(tx.Now()), actor.MemberID(), reason)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return audit.Add(tx, actor.String(), "certificate.revoke", record("certificate", certificateID), nil)
}

const sqlCertificateOf = `
SELECT x.participant_id, p.session_id, coalesce(x.series_id, 0)
  FROM certificates x JOIN participants p ON p.id = x.participant_id
 WHERE x.id = ?1 AND coalesce(x.series_id, 0) = ?3 AND (?2 = 0 OR p.session_id = ?2)`

// row is a certificate as it is stored.
type row struct{ id, participant, session, series int64 }

// certificateOf returns a certificate about a subject, for staff.
func certificateOf(tx *sqlite.Tx, actor account.Actor, about Subject, certificateID int64) (r row, err error) {
	if about.SessionID != 0 {
		if _, _, err := reach(tx, actor, about.SessionID); err != nil {
			return r, err
		}
	}
	if !actor.CanManage() {
		return r, fault.New(fault.Forbidden, "error.forbidden")
	}
	r.id = certificateID
	err = tx.QueryRow(sqlCertificateOf, certificateID, about.SessionID, about.SeriesID).Scan(&r.participant, &r.session, &r.series)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	return r, err
}

// Reissue gives another certificate to the child of one that was revoked, with a number and a code of its own: after a name
// was put right, or when it was revoked by mistake. The old one stays revoked. With tell the family is told. Conflict where
// it stands, another valid one exists, the child's name is erased, or the register says that the child did not come. For
// staff; Forbidden and NotFound as for Revoke.
func (s *Service) Reissue(ctx context.Context, actor account.Actor, key account.FormKey, about Subject, certificateID int64, tell bool) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		old, err := certificateOf(tx, actor, about, certificateID)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			if old.series != 0 {
				return "", reissueSeries(tx, actor, old, tell)
			}
			return "", reissue(tx, actor, old, tell)
		})
		return err
	})
}

// notAgain refuses to issue a certificate again.
func notAgain() error { return fault.New(fault.Conflict, "attendance.reissue.not") }

const sqlMayHaveAnother = `
SELECT coalesce(c.first_name, u.first_name, '') <> ''
       AND NOT EXISTS (SELECT 1 FROM certificates x WHERE x.participant_id = p.id AND x.series_id IS NULL AND x.revoked_at IS NULL)
  FROM participants p
  LEFT JOIN pupils u ON u.id = p.pupil_id
  LEFT JOIN bookings b ON b.id = p.booking_id
  LEFT JOIN children c ON c.id = b.child_id
 WHERE p.id = ?`

func reissue(tx *sqlite.Tx, actor account.Actor, old row, tell bool) error {
	session, err := openToCertify(tx, old.session)
	if err != nil {
		return err
	}
	var may bool
	if err := tx.QueryRow(sqlMayHaveAnother, old.participant).Scan(&may); err != nil {
		return err
	}
	states, err := states(tx, session.ID)
	if err != nil {
		return err
	}
	minutes := attended(states[old.participant], session.StartsAt, session.EndsAt)
	if !may || minutes == 0 {
		return notAgain()
	}
	return awardAll(tx, actor, session, []award{{participant: old.participant, minutes: minutes}}, tell)
}

// reissueSeries counts the series anew: the child may have come to more of it since.
func reissueSeries(tx *sqlite.Tx, actor account.Actor, old row, tell bool) error {
	roll, err := seriesTx(tx, old.series)
	if err != nil {
		return err
	}
	m, earned := roll.earner(old.id)
	if !earned {
		return notAgain()
	}
	return awardSeries(tx, actor, roll, []maker{m}, tell)
}
