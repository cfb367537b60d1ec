package attendance

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Passport is what one child has done.
type Passport struct {
	FirstName string
	LastName  string
	Stages    []Stage       // in the order of time
	Series    []SeriesStage // certificates about series
	Minutes   int           // of all stages
}

// Stage is one session that the child came to.
type Stage struct {
	Session catalog.Session
	Minutes int
	Code    string // of the valid certificate; empty where there is none
}

// SeriesStage is a valid certificate about a series.
type SeriesStage struct {
	Title   string
	Minutes int
	Code    string
}

// Skills are what the workshops taught, each once, in the order of time.
func (p Passport) Skills() []string {
	var all []string
	for _, s := range p.Stages {
		for _, skill := range s.Session.Workshop.SkillList() {
			if !slices.Contains(all, skill) {
				all = append(all, skill)
			}
		}
	}
	return all
}

const sqlPassports = `
SELECT c.id, c.first_name, c.last_name, p.id, p.session_id,
       coalesce((SELECT x.code FROM certificates x WHERE x.participant_id = p.id AND x.series_id IS NULL AND x.revoked_at IS NULL), '')
  FROM guardianships g
  JOIN children c ON c.id = g.child_id
  JOIN bookings b ON b.child_id = c.id
  JOIN participants p ON p.booking_id = b.id
  JOIN sessions s ON s.id = p.session_id
 WHERE g.guardian_id = ?1 AND c.first_name <> '' AND s.status <> 'cancelled' AND s.ends_at <= ?2
 ORDER BY c.name_folded, c.id, s.starts_at, s.id`

// Passports returns what each child of a guardian has done in sessions that are over; a child who never came has none. Whoever
// calls it has opened the link that proves who asks. It tells nothing of other guardians: what a child did is the child's.
func (s *Service) Passports(ctx context.Context, guardianID int64) (list []Passport, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list, err = passports(tx, guardianID)
		return err
	})
	return list, err
}

func passports(tx *sqlite.Tx, guardianID int64) ([]Passport, error) {
	booked, err := bookedStages(tx, guardianID)
	if err != nil {
		return nil, err
	}
	var list []Passport
	var latest int64
	for _, b := range booked {
		session, err := catalog.SessionTx(tx, b.session)
		if err != nil {
			return nil, err
		}
		states, err := states(tx, b.session)
		if err != nil {
			return nil, err
		}
		minutes := attended(states[b.participant], session.StartsAt, session.EndsAt)
		if minutes == 0 {
			continue
		}
		if b.child != latest {
			latest = b.child
			if b.passport.Series, err = seriesStages(tx, b.child); err != nil {
				return nil, err
			}
			list = append(list, b.passport)
		}
		p := &list[len(list)-1]
		p.Stages, p.Minutes = append(p.Stages, Stage{Session: session, Minutes: minutes, Code: b.code}), p.Minutes+minutes
	}
	return list, nil
}

// bookedStage is a session that is over and that a child had a line in.
type bookedStage struct {
	child, participant, session int64
	passport                    Passport // the name alone
	code                        string
}

func bookedStages(tx *sqlite.Tx, guardianID int64) (list []bookedStage, err error) {
	rows, err := tx.Query(sqlPassports, guardianID, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b bookedStage
		if err := rows.Scan(&b.child, &b.passport.FirstName, &b.passport.LastName, &b.participant, &b.session, &b.code); err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, rows.Err()
}

const sqlSeriesStages = `
SELECT r.title, x.minutes, x.code
  FROM bookings b
  JOIN participants p ON p.booking_id = b.id
  JOIN certificates x ON x.participant_id = p.id AND x.revoked_at IS NULL
  JOIN series r ON r.id = x.series_id
 WHERE b.child_id = ? ORDER BY x.id`

func seriesStages(tx *sqlite.Tx, childID int64) (list []SeriesStage, err error) {
	rows, err := tx.Query(sqlSeriesStages, childID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s SeriesStage
		if err := rows.Scan(&s.Title, &s.Minutes, &s.Code); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

const sqlOwnCertificate = `
SELECT x.id, p.session_id, coalesce(x.series_id, 0)
  FROM certificates x
  JOIN participants p ON p.id = x.participant_id
  JOIN bookings b ON b.id = p.booking_id
  JOIN guardianships g ON g.child_id = b.child_id
 WHERE x.code = ? AND g.guardian_id = ? AND x.revoked_at IS NULL`

// OwnCertificate returns one certificate of a child of a guardian, to draw: the list of its session or of its series, the
// other one empty, with that certificate alone. A code of another family's, of one that was revoked, or of none is NotFound. Whoever calls it has opened the link
// that proves who asks.
func (s *Service) OwnCertificate(ctx context.Context, guardianID int64, typed string) (of Certificates, ofSeries SeriesCertificates, err error) {
	code, _ := ParseCode(typed)
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var id, session, series int64
		err := tx.QueryRow(sqlOwnCertificate, code, guardianID).Scan(&id, &session, &series)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "error.not_found")
		}
		if err != nil {
			return err
		}
		others := func(c Certificate) bool { return c.ID != id }
		if series != 0 {
			ofSeries, err = seriesCertificatesOf(tx, series)
			ofSeries.Issued = slices.DeleteFunc(ofSeries.Issued, others)
			return err
		}
		of, err = certificatesOf(tx, session)
		of.Issued = slices.DeleteFunc(of.Issued, others)
		return err
	})
	return of, ofSeries, err
}
