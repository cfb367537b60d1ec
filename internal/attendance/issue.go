package attendance

import (
	"context"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Issue gives a certificate to each child of a session who came (present, late or left) and never had one, but to nobody
// whose name is erased, and returns how many it gave. Numbers have no gap within a year, that of the day of issue at the venue. With tell, the
// families with an e-mail are told in the same transaction. The
// same form sent twice returns the first count; a command needs no key, since a second run finds nothing to do.
// For who leads the session and for staff; NotFound and Forbidden as for a register. A cancelled session is Conflict.
func (s *Service) Issue(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, tell bool) (issued int, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		issued = 0
		if err := reachToLead(tx, actor, sessionID); err != nil {
			return err
		}
		if !actor.IsTeam() {
			issued, err = issue(tx, actor, sessionID, tell)
			return err
		}
		issued, err = onceCounted(tx, key, func() (int, error) { return issue(tx, actor, sessionID, tell) })
		return err
	})
	return issued, err
}

// onceCounted is account.Once for what returns how many it did.
func onceCounted(tx *sqlite.Tx, key account.FormKey, do func() (int, error)) (int, error) {
	result, _, err := account.Once(tx, key, func() (string, error) {
		n, err := do()
		return strconv.Itoa(n), err
	})
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(result)
}

func issue(tx *sqlite.Tx, actor account.Actor, sessionID int64, tell bool) (int, error) {
	session, err := openToCertify(tx, sessionID)
	if err != nil {
		return 0, err
	}
	came, err := toCertify(tx, session)
	if err != nil {
		return 0, err
	}
	return len(came), awardAll(tx, actor, session, came, tell)
}

// openToCertify returns a session, unless it was called off.
func openToCertify(tx *sqlite.Tx, sessionID int64) (catalog.Session, error) {
	session, err := catalog.SessionTx(tx, sessionID)
	if err == nil && session.Status == catalog.Cancelled {
		err = fault.New(fault.Conflict, "attendance.error.session_cancelled")
	}
	return session, err
}

// award is a certificate to be given.
type award struct {
	participant int64
	series      catalog.Series // zero for one of a session
	minutes     int
}

// awardAll gives certificates, about a session or about the series whose last session it is, and tells the families.
func awardAll(tx *sqlite.Tx, actor account.Actor, session catalog.Session, awards []award, tell bool) error {
	var given []awarded
	for _, a := range awards {
		code, err := give(tx, actor, session, a)
		if err != nil {
			return err
		}
		given = append(given, awarded{a, code})
	}
	if !tell {
		return nil
	}
	return tellFamilies(tx, session, given)
}

const sqlIssue = `
INSERT INTO certificates (participant_id, series_id, minutes, year, number, code, issued_at, issued_by)
VALUES (?, nullif(?, 0), ?, ?, ?, ?, ?, nullif(?, 0))`

// give writes one certificate with the next number of its year and returns its code.
func give(tx *sqlite.Tx, actor account.Actor, session catalog.Session, a award) (code string, err error) {
	year := tx.Now().In(session.StartsAt.Location()).Year()
	next, err := numbering.Next(tx, numbering.Certificate, year)
	if err != nil {
		return "", err
	}
	code = newCode()
	res, err := tx.Exec(sqlIssue, a.participant, a.series.ID, a.minutes, year, next, code, sqlite.Time(tx.Now()), actor.MemberID())
	if err != nil {
		return "", err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return "", err
	}
	details := map[string]any{"session": session.ID, "participant": a.participant, "number": number(year, next)}
	if a.series.ID != 0 {
		details["series"] = a.series.ID
	}
	return code, audit.Add(tx, actor.String(), "certificate.issue", record("certificate", id), details)
}

const sqlWithoutCertificate = `
SELECT p.id FROM participants p
  LEFT JOIN pupils u ON u.id = p.pupil_id
  LEFT JOIN bookings b ON b.id = p.booking_id
  LEFT JOIN children c ON c.id = b.child_id
 WHERE p.session_id = ? AND NOT EXISTS (SELECT 1 FROM certificates x WHERE x.participant_id = p.id AND x.series_id IS NULL)
   AND u.first_name IS NOT '' AND c.first_name IS NOT ''
 ORDER BY c.name_folded, u.position, p.id`

// toCertify returns the participants who came and never had a certificate, in the order of the register. Who had one that
// was revoked is left out: issuing again is an act of its own, see Reissue.
func toCertify(tx *sqlite.Tx, session catalog.Session) ([]award, error) {
	states, err := states(tx, session.ID)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlWithoutCertificate, session.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var came []award
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		if minutes := attended(states[id], session.StartsAt, session.EndsAt); minutes > 0 {
			came = append(came, award{participant: id, minutes: minutes})
		}
	}
	return came, rows.Err()
}
