package attendance

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// minSeries is how many sessions of a series a child must have come to for a certificate about it.
const minSeries = 2

// SeriesCertificates are the certificates about one series.
type SeriesCertificates struct {
	Series   catalog.Series
	Sessions []catalog.Session // not called off, in the order of time
	// Over is true from the end of the last session on. Before, issuing says so twice.
	Over      bool
	Issued    []Certificate // in the order of their numbers
	ToIssue   int           // children who came to at least two sessions and never had one
	Signatory Signatory
	ReadAt    time.Time // in the zone of the last session's venue
}

// SeriesCertificates returns the certificates about a series, to list and to draw. For staff, else Forbidden; a series
// without any session is NotFound.
func (s *Service) SeriesCertificates(ctx context.Context, actor account.Actor, seriesID int64) (list SeriesCertificates, err error) {
	if !actor.CanManage() {
		return list, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list, err = seriesCertificatesOf(tx, seriesID)
		return err
	})
	return list, err
}

// seriesCertificatesOf is SeriesCertificates for whoever may.
func seriesCertificatesOf(tx *sqlite.Tx, seriesID int64) (list SeriesCertificates, err error) {
	roll, err := seriesTx(tx, seriesID)
	if err != nil {
		return list, err
	}
	last := roll.last()
	list = SeriesCertificates{Series: last.Series, Sessions: roll.sessions, Over: roll.over(tx.Now()), Issued: roll.issued,
		ToIssue: len(roll.toCertify()), ReadAt: tx.Now().In(last.StartsAt.Location())}
	list.Signatory, err = signatory(tx)
	return list, err
}

// IssueSeries gives a certificate about a series to each child who came to at least two of its sessions and never had one,
// and returns how many it gave. It is issued once the last session is over; before that only early says that no more is
// to come, otherwise Conflict. The rest is as for Issue; for staff.
func (s *Service) IssueSeries(ctx context.Context, actor account.Actor, key account.FormKey, seriesID int64, early, tell bool) (issued int, err error) {
	if !actor.CanManage() {
		return 0, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		issued, err = onceCounted(tx, key, func() (int, error) {
			all, err := seriesTx(tx, seriesID)
			if err != nil {
				return 0, err
			}
			if !early && !all.over(tx.Now()) {
				return 0, fault.New(fault.Conflict, "attendance.series.not_over")
			}
			makers := all.toCertify()
			return len(makers), awardSeries(tx, actor, all, makers, tell)
		})
		return err
	})
	return issued, err
}

// seriesRoll is who came to what of a series.
type seriesRoll struct {
	sessions []catalog.Session
	makers   []maker
	issued   []Certificate
}

// maker is one child in a series.
type maker struct {
	child    int64
	folded   string // name; empty once erased
	last     int64  // the participant of the last session that the child came to
	attended []catalog.Session
	minutes  int
}

func (r seriesRoll) last() catalog.Session { return r.sessions[len(r.sessions)-1] }

func (r seriesRoll) over(now time.Time) bool { return !now.Before(r.last().EndsAt) }

// toCertify returns the children who have earned a certificate about the series and never had one.
func (r seriesRoll) toCertify() []maker {
	had := map[int64]bool{}
	for _, c := range r.issued {
		had[c.child] = true
	}
	var list []maker
	for _, m := range r.makers {
		if m.earned() && !had[m.child] {
			list = append(list, m)
		}
	}
	return list
}

// earner returns the child of a certificate about the series, if it has none that is valid and has earned one.
func (r seriesRoll) earner(certificateID int64) (m maker, earned bool) {
	var child int64
	for _, c := range r.issued {
		if c.ID == certificateID {
			child = c.child
		}
	}
	for _, c := range r.issued {
		if c.child == child && c.Valid() {
			return m, false
		}
	}
	for _, m := range r.makers {
		if m.child == child {
			return m, m.earned()
		}
	}
	return m, false
}

func (m maker) earned() bool { return m.folded != "" && len(m.attended) >= minSeries }

// awardSeries gives certificates about a series.
func awardSeries(tx *sqlite.Tx, actor account.Actor, r seriesRoll, makers []maker, tell bool) error {
	var awards []award
	for _, m := range makers {
		awards = append(awards, award{participant: m.last, series: r.last().Series, minutes: m.minutes})
	}
	return awardAll(tx, actor, r.last(), awards, tell)
}

const sqlSeriesCertificates = `
SELECT x.id, x.participant_id, x.year, x.number, x.code, x.minutes, x.issued_at, coalesce(x.revoked_at, ''), x.revoke_reason,
       c.id, c.first_name, c.last_name
  FROM certificates x
  JOIN participants p ON p.id = x.participant_id
  JOIN bookings b ON b.id = p.booking_id
  JOIN children c ON c.id = b.child_id
 WHERE x.series_id = ? ORDER BY x.year, x.number`

// seriesTx reads a series with who came to what; NotFound where it has no session.
func seriesTx(tx *sqlite.Tx, seriesID int64) (r seriesRoll, err error) {
	if r.sessions, err = catalog.SessionsOfSeriesTx(tx, seriesID); err != nil {
		return r, err
	}
	if len(r.sessions) == 0 {
		return r, fault.New(fault.NotFound, "error.not_found")
	}
	if r.makers, err = makersOf(tx, r.sessions); err != nil {
		return r, err
	}
	if r.issued, err = readCertificates(tx, r.last().StartsAt.Location(), sqlSeriesCertificates, seriesID); err != nil {
		return r, err
	}
	for i := range r.issued {
		c := &r.issued[i]
		c.Doubt = c.Valid()
		for _, m := range r.makers {
			if m.child == c.child {
				c.Attended, c.Doubt = m.attended, c.Valid() && m.minutes != c.Minutes
			}
		}
		for _, other := range r.issued {
			c.Replaced = c.Replaced || !c.Valid() && other.Valid() && other.child == c.child
		}
	}
	return r, nil
}

const sqlMakersOf = `
SELECT p.id, c.id, c.name_folded
  FROM participants p
  JOIN bookings b ON b.id = p.booking_id
  JOIN children c ON c.id = b.child_id
 WHERE p.session_id = ?`

// makersOf returns the children who came to any of some sessions, each with those it came to, in the order of their names.
func makersOf(tx *sqlite.Tx, sessions []catalog.Session) ([]maker, error) {
	var makers []maker
	at := map[int64]int{}
	for _, session := range sessions {
		states, err := states(tx, session.ID)
		if err != nil {
			return nil, err
		}
		rows, err := tx.Query(sqlMakersOf, session.ID)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var participant int64
			var m maker
			if err := rows.Scan(&participant, &m.child, &m.folded); err != nil {
				return nil, err
			}
			minutes := attended(states[participant], session.StartsAt, session.EndsAt)
			if minutes == 0 {
				continue
			}
			i, known := at[m.child]
			if !known {
				i = len(makers)
				at[m.child] = i
				makers = append(makers, m)
			}
			makers[i].last, makers[i].minutes = participant, makers[i].minutes+minutes
			makers[i].attended = append(makers[i].attended, session)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(makers, func(a, b maker) int {
		return cmp.Or(cmp.Compare(a.folded, b.folded), cmp.Compare(a.child, b.child))
	})
	return makers, nil
}
