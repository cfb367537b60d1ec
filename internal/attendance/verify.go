package attendance

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Verified is what anybody may know of a certificate.
type Verified struct {
	Number           string
	Code             string // see ShowCode
	Child            string // first name and initial, « Zoé D. », of a pupil the first name; empty once erased
	Title, Level     string // of a series its title
	Discipline       catalog.Discipline
	StartsAt, EndsAt time.Time // in the venue's time zone; of a series those of its last session that the child came to
	Series           bool      // about a series, else about one session
	Minutes          int       // how long the child took part
	Venue, City      string
	IssuedAt         time.Time
	RevokedAt        time.Time // zero while it is valid
	Replaced         bool      // revoked, and a valid one about the same was issued since
}

// Valid reports whether the certificate stands.
func (v Verified) Valid() bool { return v.RevokedAt.IsZero() }

const sqlVerify = `
SELECT x.year, x.number, x.issued_at, coalesce(x.revoked_at, ''), coalesce(c.first_name, u.first_name, ''), coalesce(c.last_name, ''),
       coalesce(r.title, w.title), iif(r.id IS NULL, w.level, ''), w.discipline, s.starts_at, s.ends_at, v.time_zone, v.name, v.city,
       x.minutes, r.id IS NOT NULL,
       x.revoked_at IS NOT NULL AND EXISTS (
           SELECT 1 FROM certificates n JOIN participants o ON o.id = n.participant_id LEFT JOIN bookings ob ON ob.id = o.booking_id
            WHERE n.revoked_at IS NULL AND n.series_id IS x.series_id AND (n.participant_id = x.participant_id
                  OR x.series_id IS NOT NULL AND ob.child_id = b.child_id))
  FROM certificates x
  JOIN participants p ON p.id = x.participant_id
  JOIN sessions s ON s.id = p.session_id
  JOIN workshops w ON w.id = s.workshop_id
  JOIN venues v ON v.id = s.venue_id
  LEFT JOIN series r ON r.id = x.series_id
  LEFT JOIN pupils u ON u.id = p.pupil_id
  LEFT JOIN bookings b ON b.id = p.booking_id
  LEFT JOIN children c ON c.id = b.child_id
 WHERE x.code = ?`

// Verify returns what the public page of a code says (domain, On the day 5); typed may be as people type. A code that no
// certificate has is NotFound; one that none can have does not even reach the database.
func (s *Service) Verify(ctx context.Context, typed string) (Verified, error) {
	code, ok := ParseCode(typed)
	if !ok {
		return Verified{}, fault.New(fault.NotFound, "attendance.error.code")
	}
	v := Verified{Code: code}
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var year, n int
		var issued, revoked, first, last, starts, ends, zone string
		err := tx.QueryRow(sqlVerify, code).Scan(&year, &n, &issued, &revoked, &first, &last,
			&v.Title, &v.Level, &v.Discipline, &starts, &ends, &zone, &v.Venue, &v.City,
			&v.Minutes, &v.Series, &v.Replaced)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "attendance.error.code")
		}
		if err != nil {
			return err
		}
		v.Number, v.Child = number(year, n), shortName(first, last)
		if v.StartsAt, v.EndsAt, err = span(starts, ends, zone); err != nil {
			return err
		}
		if v.IssuedAt, err = inZone(issued, v.StartsAt.Location()); err != nil {
			return err
		}
		v.RevokedAt, err = inZone(revoked, v.StartsAt.Location())
		return err
	})
	if err != nil {
		return Verified{}, err
	}
	return v, nil
}

// shortName is a first name and the initial of a last name, with the marks that belong to that letter.
func shortName(first, last string) string {
	start := strings.IndexFunc(last, unicode.IsLetter)
	if first == "" || start < 0 {
		return first
	}
	last = last[start:]
	_, end := utf8.DecodeRuneInString(last)
	for {
		r, size := utf8.DecodeRuneInString(last[end:])
		if !unicode.Is(unicode.M, r) {
			return first + " " + strings.ToUpper(last[:end]) + "."
		}
		end += size
	}
}
