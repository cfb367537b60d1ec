package attendance

import (
	"context"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Issue gives a certificate to each child of a session who came (present, late or left) and has none, but to no pupil
// whose name is erased, and
// returns how many it gave. Numbers have no gap within a year, that of the day of issue at the venue. The
// same form sent twice returns the first count; a command needs no key, since a second run finds nothing to do.
// For who leads the session and for staff; NotFound and Forbidden as for a register. A cancelled session is Conflict.
func (s *Service) Issue(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64) (issued int, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		issued = 0
		if err := reachToLead(tx, actor, sessionID); err != nil {
			return err
		}
		if !actor.IsTeam() {
			issued, err = issue(tx, actor, sessionID)
			return err
		}
		result, _, err := account.Once(tx, key, func() (string, error) {
			n, err := issue(tx, actor, sessionID)
			return strconv.Itoa(n), err
		})
		if err != nil {
			return err
		}
		issued, err = strconv.Atoi(result)
		return err
	})
	return issued, err
}

const (
	sqlWithoutCertificate = `
SELECT p.id FROM participants p
  LEFT JOIN pupils u ON u.id = p.pupil_id
  LEFT JOIN bookings b ON b.id = p.booking_id
  LEFT JOIN children c ON c.id = b.child_id
 WHERE p.session_id = ? AND NOT EXISTS (SELECT 1 FROM certificates x WHERE x.participant_id = p.id)
   AND u.first_name IS NOT ''
 ORDER BY c.name_folded, u.position, p.id`
	sqlLastNumber = `SELECT coalesce(max(number), 0) FROM certificates WHERE year = ?`
	sqlIssue      = `
INSERT INTO certificates (participant_id, year, number, code, issued_at, issued_by) VALUES (?, ?, ?, ?, ?, nullif(?, 0))`
)

func issue(tx *sqlite.Tx, actor account.Actor, sessionID int64) (issued int, err error) {
	session, err := catalog.SessionTx(tx, sessionID)
	if err != nil {
		return 0, err
	}
	if session.Status == catalog.Cancelled {
		return 0, fault.New(fault.Conflict, "attendance.error.session_cancelled")
	}
	came, err := toCertify(tx, sessionID)
	if err != nil {
		return 0, err
	}
	year := tx.Now().In(session.StartsAt.Location()).Year()
	var last int
	if err := tx.QueryRow(sqlLastNumber, year).Scan(&last); err != nil {
		return 0, err
	}
	for i, participant := range came {
		n := last + 1 + i
		res, err := tx.Exec(sqlIssue, participant, year, n, newCode(), sqlite.Time(tx.Now()), actor.MemberID())
		if err != nil {
			return 0, err
		}
		id, err := res.LastInsertId()
		if err != nil {
			return 0, err
		}
		if err := audit.Add(tx, actor.String(), "certificate.issue", record("certificate", id),
			map[string]any{"session": sessionID, "participant": participant, "number": number(year, n)}); err != nil {
			return 0, err
		}
	}
	return len(came), nil
}

// toCertify returns the participants who came and have no certificate, in the order of the register.
func toCertify(tx *sqlite.Tx, sessionID int64) ([]int64, error) {
	journals, err := journals(tx, sessionID)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlWithoutCertificate, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var came []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		if Fold(journals[id]).Action.Came() {
			came = append(came, id)
		}
	}
	return came, rows.Err()
}
