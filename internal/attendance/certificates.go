package attendance

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Certificates are the certificates of one session.
type Certificates struct {
	Session      catalog.Session
	Facilitators []catalog.Facilitator
	Group        *Group        // whom a private session is for; nil for a public one
	Issued       []Certificate // in the order of their numbers
	Named        int           // pupils whose first names are still there
	ToIssue      int           // children who came and never had one
	MayRevoke    bool
	Signatory    Signatory
	ReadAt       time.Time // in the venue's time zone
}

// Signatory is who signs certificates for the association, and the picture of the signature, a PNG. Each may be missing.
type Signatory struct {
	Name, Role string
	Image      []byte
}

func signatory(tx *sqlite.Tx) (s Signatory, err error) {
	if s.Name, err = settings.Get(tx, settings.SignatoryName); err != nil {
		return s, err
	}
	if s.Role, err = settings.Get(tx, settings.SignatoryRole); err != nil {
		return s, err
	}
	s.Image, err = settings.Signature(tx)
	return s, err
}

// Certificate says that a child took part.
type Certificate struct {
	ID                  int64
	Number              string // ADA-2027-000123
	Code                string // see ShowCode
	FirstName, LastName string // empty once erased; a pupil has a first name alone
	Minutes             int    // how long the child took part, see attended
	IssuedAt            time.Time
	RevokedAt           time.Time // zero while it is valid
	RevokeReason        string    // for the team alone; empty once the child is erased
	// Replaced is true of a revoked one when a valid one was issued since.
	Replaced bool
	// Doubt is true when the register now says something else: that the child did not come, or for another time.
	Doubt bool
	// Attended are the sessions that one of a series stands for, in the order of time.
	Attended []catalog.Session

	participant int64
	child       int64 // 0 of a pupil
}

// Valid reports whether the certificate stands.
func (c Certificate) Valid() bool { return c.RevokedAt.IsZero() }

const sqlCertificates = `
SELECT x.id, x.participant_id, x.year, x.number, x.code, x.minutes, x.issued_at, coalesce(x.revoked_at, ''), x.revoke_reason,
       coalesce(c.id, 0), coalesce(c.first_name, u.first_name, ''), coalesce(c.last_name, '')
  FROM participants p
  JOIN certificates x ON x.participant_id = p.id AND x.series_id IS NULL
  LEFT JOIN pupils u ON u.id = p.pupil_id
  LEFT JOIN bookings b ON b.id = p.booking_id
  LEFT JOIN children c ON c.id = b.child_id
 WHERE p.session_id = ? ORDER BY x.year, x.number`

const sqlNamedPupils = `SELECT count(*) FROM pupils WHERE session_id = ? AND first_name <> ''`

// Certificates returns the certificates of a session, to list and to draw. For who leads the session and for
// staff; NotFound and Forbidden as for a register.
func (s *Service) Certificates(ctx context.Context, actor account.Actor, sessionID int64) (list Certificates, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := reachToLead(tx, actor, sessionID); err != nil {
			return err
		}
		list, err = certificatesOf(tx, sessionID)
		list.MayRevoke = actor.CanManage()
		return err
	})
	return list, err
}

// certificatesOf is Certificates for whoever may.
func certificatesOf(tx *sqlite.Tx, sessionID int64) (list Certificates, err error) {
	if list.Session, err = catalog.SessionTx(tx, sessionID); err != nil {
		return list, err
	}
	list.ReadAt = tx.Now().In(list.Session.StartsAt.Location())
	if list.Signatory, err = signatory(tx); err != nil {
		return list, err
	}
	if list.Facilitators, err = leaders(tx, sessionID); err != nil {
		return list, err
	}
	if list.Group, err = groupOf(tx, sessionID); err != nil {
		return list, err
	}
	if err := tx.QueryRow(sqlNamedPupils, sessionID).Scan(&list.Named); err != nil {
		return list, err
	}
	missing, err := toCertify(tx, list.Session)
	if err != nil {
		return list, err
	}
	list.ToIssue = len(missing)
	list.Issued, err = certificates(tx, list.Session)
	return list, err
}

// certificates returns those of one session.
func certificates(tx *sqlite.Tx, session catalog.Session) ([]Certificate, error) {
	states, err := states(tx, session.ID)
	if err != nil {
		return nil, err
	}
	list, err := readCertificates(tx, session.StartsAt.Location(), sqlCertificates, session.ID)
	for i := range list {
		c := &list[i]
		c.Doubt = c.Valid() && attended(states[c.participant], session.StartsAt, session.EndsAt) != c.Minutes
		for _, other := range list {
			c.Replaced = c.Replaced || !c.Valid() && other.Valid() && other.participant == c.participant
		}
	}
	return list, err
}

// readCertificates reads the rows of sqlCertificates or sqlSeriesCertificates.
func readCertificates(tx *sqlite.Tx, zone *time.Location, query string, of int64) ([]Certificate, error) {
	rows, err := tx.Query(query, of)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Certificate
	for rows.Next() {
		var c Certificate
		var year, n int
		var issued, revoked string
		if err := rows.Scan(&c.ID, &c.participant, &year, &n, &c.Code, &c.Minutes, &issued, &revoked, &c.RevokeReason, &c.child,
			&c.FirstName, &c.LastName); err != nil {
			return nil, err
		}
		c.Number = number(year, n)
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

// states returns where each participant of a session stands.
func states(tx *sqlite.Tx, sessionID int64) (map[int64]State, error) {
	journals, err := journals(tx, sessionID)
	if err != nil {
		return nil, err
	}
	folded := map[int64]State{}
	for participant, journal := range journals {
		folded[participant] = Fold(journal)
	}
	return folded, nil
}

const (
	// graceMinutes is how early a child may leave and still have taken part in all of a session: coats, goodbyes.
	graceMinutes = 15
	// quarterMinutes is in what a shorter time is counted.
	quarterMinutes = 15
)

// attended returns for how many minutes a child took part in a session from starts to ends: 0 for who did not come, else
// the whole session, unless a departure was noted more than graceMinutes before its end: then the time until it, in whole
// quarters of an hour and at least one. An arrival takes nothing off: marks say when it was noted, which in a room full of
// children is often long after the child came, and who was late was welcomed all the same.
func attended(s State, starts, ends time.Time) int {
	whole := int(ends.Sub(starts).Minutes())
	switch {
	case !s.Action.Came():
		return 0
	case s.Action != Left || int(ends.Sub(s.At).Minutes()) <= graceMinutes:
		return whole
	}
	there := int(s.At.Sub(starts).Minutes())
	return min(whole, max(quarterMinutes, there-there%quarterMinutes))
}

// inZone reads an instant that may be missing.
func inZone(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := sqlite.ParseTime(text)
	return t.In(zone), err
}
