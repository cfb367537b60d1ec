package attendance

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Certificates are the certificates of one session.
type Certificates struct {
	Session      catalog.Session
	Facilitators []catalog.Facilitator
	Group        *Group        // whom a private session is for; nil for a public one
	Issued       []Certificate // in the order of their numbers
	Named        int           // pupils whose first names are still there
	ToIssue      int           // children who came and have none
	MayRevoke    bool
	ReadAt       time.Time // in the venue's time zone
}

// Certificate says that a child took part.
type Certificate struct {
	ID                  int64
	Number              string // ADA-2027-000123
	Code                string // see ShowCode
	FirstName, LastName string // empty once erased; a pupil has a first name alone
	IssuedAt            time.Time
	RevokedAt           time.Time // zero while it is valid
	// Came is false when the register now says that the child did not come: for the team to look at.
	Came bool
}

// Valid reports whether the certificate stands.
func (c Certificate) Valid() bool { return c.RevokedAt.IsZero() }

const sqlCertificates = `
SELECT x.id, x.participant_id, x.year, x.number, x.code, x.issued_at, coalesce(x.revoked_at, ''),
       coalesce(c.first_name, u.first_name, ''), coalesce(c.last_name, '')
  FROM participants p
  JOIN certificates x ON x.participant_id = p.id
  LEFT JOIN pupils u ON u.id = p.pupil_id
  LEFT JOIN bookings b ON b.id = p.booking_id
  LEFT JOIN children c ON c.id = b.child_id
 WHERE p.session_id = ? ORDER BY x.year, x.number`

const sqlNamedPupils = `SELECT count(*) FROM pupils WHERE session_id = ? AND first_name <> ''`

// Certificates returns the certificates of a session, to list and to draw. For who leads the session and for
// staff; NotFound and Forbidden as for a register.
func (s *Service) Certificates(ctx context.Context, actor account.Actor, sessionID int64) (Certificates, error) {
	var list Certificates
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		if err := reachToLead(tx, actor, sessionID); err != nil {
			return err
		}
		list.MayRevoke = actor.CanManage()
		if list.Session, err = catalog.SessionTx(tx, sessionID); err != nil {
			return err
		}
		zone := list.Session.StartsAt.Location()
		list.ReadAt = tx.Now().In(zone)
		if list.Facilitators, err = leaders(tx, sessionID); err != nil {
			return err
		}
		if list.Group, err = groupOf(tx, sessionID); err != nil {
			return err
		}
		if err := tx.QueryRow(sqlNamedPupils, sessionID).Scan(&list.Named); err != nil {
			return err
		}
		missing, err := toCertify(tx, sessionID)
		if err != nil {
			return err
		}
		list.ToIssue = len(missing)
		list.Issued, err = certificates(tx, sessionID, zone)
		return err
	})
	if err != nil {
		return Certificates{}, err
	}
	return list, nil
}

func certificates(tx *sqlite.Tx, sessionID int64, zone *time.Location) ([]Certificate, error) {
	journals, err := journals(tx, sessionID)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlCertificates, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Certificate
	for rows.Next() {
		var c Certificate
		var participant int64
		var year, n int
		var issued, revoked string
		if err := rows.Scan(&c.ID, &participant, &year, &n, &c.Code, &issued, &revoked, &c.FirstName, &c.LastName); err != nil {
			return nil, err
		}
		c.Number = number(year, n)
		c.Came = Fold(journals[participant]).Action.Came()
		if c.IssuedAt, err = inZone(issued, zone); err != nil {
			return nil, err
		}
		if c.RevokedAt, err = inZone(revoked, zone); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// inZone reads an instant that may be missing.
func inZone(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := sqlite.ParseTime(text)
	return t.In(zone), err
}

const (
	sqlRevocable = `
SELECT EXISTS (SELECT 1 FROM certificates x JOIN participants p ON p.id = x.participant_id WHERE x.id = ? AND p.session_id = ?)`
	sqlRevoke = `UPDATE certificates SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL`
)

// Revoke makes a certificate of a session invalid for good; a second time changes nothing. For staff: a
// facilitator gets Forbidden, and NotFound where the session or the certificate is not theirs to see.
func (s *Service) Revoke(ctx context.Context, actor account.Actor, key account.FormKey, sessionID, certificateID int64) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if _, _, err := reach(tx, actor, sessionID); err != nil {
			return err
		}
		if !actor.CanManage() {
			return fault.New(fault.Forbidden, "error.forbidden")
		}
		_, _, err := account.Once(tx, key, func() (string, error) { return "", revoke(tx, actor, sessionID, certificateID) })
		return err
	})
}

func revoke(tx *sqlite.Tx, actor account.Actor, sessionID, certificateID int64) error {
	var known bool
	if err := tx.QueryRow(sqlRevocable, certificateID, sessionID).Scan(&known); err != nil {
		return err
	}
	if !known {
		return fault.New(fault.NotFound, "error.not_found")
	}
	res, err := tx.Exec(sqlRevoke, certificateID, sqlite.Time(tx.Now()))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return audit.Add(tx, actor.String(), "certificate.revoke", record("certificate", certificateID), map[string]any{"session": sessionID})
}
