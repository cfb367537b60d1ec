package privacy_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	_ "github.com/lesbricodeurs/ateliersdada/internal/rapidtest"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// seat is a booking of a child in a session.
type seat struct{ session, booking int64 }

// pastSessions are six sessions in the months before, of two cities, disciplines and fundings, two of them at the same hour, with
// three children and a fourth of nearly the same name as the first: guests each time, whom nobody merged.
func (d *day) pastSessions() (sessions []int64, seats []seat) {
	d.t.Helper()
	d.must(d.db.Write(d.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		insert := func(query string, args ...any) (id int64) {
			res, err := tx.Exec(query, args...)
			d.must(err)
			id, err = res.LastInsertId()
			d.must(err)
			return id
		}
		workshop := insert(`INSERT INTO workshops (title, level, discipline, min_age, max_age, created_at, updated_at) SELECT 'Musique', level, 'musique', 6, 12, created_at, updated_at FROM workshops`)
		venue := insert(`INSERT INTO venues (name, address, postcode, city, created_at, updated_at) SELECT 'Lille', address, '59000', 'Lille', created_at, updated_at FROM venues`)
		for i, at := range []string{"2026-08-29T12:00:00Z", "2026-11-14T13:00:00Z", "2027-01-09T13:00:00Z", "2027-01-09T13:00:00Z", "2027-03-13T13:00:00Z", "2027-04-03T12:00:00Z"} {
			id := insert(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, funding, created_at, updated_at)
				VALUES (iif(?1 % 2, ?2, ?3), iif(?1 < 3, ?4, ?5), ?6, substr(?6, 1, 11) || '15:00:00Z', 12, 0, 'published', ?6, ?6, iif(?1 IN (1, 4), 'Métropole', ''), '2026-08-01T00:00:00Z', '2026-08-01T00:00:00Z')`,
				i, d.workshop, workshop, d.venue, venue, at)
			sessions = append(sessions, id)
			for n, name := range []string{"artagnan zoe", "nguyen anh", "li li", "artagnan zoee"} {
				guardian := insert(`INSERT INTO guardians (name, email, email_folded, phone, last_contact_at, created_at) VALUES ('Parent', '', '', '06', ?1, ?1)`, at)
				child := insert(`INSERT INTO children (first_name, last_name, name_folded, birth_date, health_state, created_at) VALUES (?1, ?1, ?1, '2018-05-0' || (1 + ?2 % 3), 'none', ?3)`, name, n, at)
				insert(`INSERT INTO guardianships (guardian_id, child_id) VALUES (?, ?)`, guardian, child)
				group := insert(`INSERT INTO booking_groups (reference, session_id, guardian_id, created_at) VALUES (?, ?, ?, ?)`, fmt.Sprintf("ADA-P%07d", child), id, guardian, at)
				booking := insert(`INSERT INTO bookings (group_id, session_id, child_id, status, created_at, updated_at) VALUES (?1, ?2, ?3, 'confirmed', ?4, ?4)`, group, id, child, at)
				insert(`INSERT INTO participants (session_id, booking_id) VALUES (?, ?)`, id, booking)
				seats = append(seats, seat{id, booking})
			}
		}
		return nil
	}))
	return sessions, seats
}

// questions are over every span, and over a part of one, of all sessions and of some.
func questions() (all []report.Question) {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for _, period := range [][2]time.Time{
		{day(2027, 1, 1), day(2027, 12, 31)}, {day(2027, 1, 1), day(2027, 3, 31)}, {day(2026, 1, 1), day(2026, 12, 31)}, {day(2026, 9, 1), day(2027, 8, 31)},
		{day(2026, 9, 1), day(2027, 2, 28)}, {day(2026, 10, 1), day(2026, 12, 31)}, {day(2027, 4, 1), day(2027, 6, 30)},
	} {
		for _, of := range []report.Question{{}, {City: "Lyon"}, {Discipline: "robotique"}, {Funding: "Métropole"}, {City: "Lille", Funding: "Métropole"}, {City: "Lyon", Discipline: "musique", Funding: "Métropole"}} {
			of.From, of.To = period[0], period[1]
			all = append(all, of)
		}
	}
	return all
}

// Who came, as the registers of closed sessions say: ids of marks tell what there was when each was closed.
const sqlDifferentChildren = `
SELECT count(DISTINCT c.name_folded || c.birth_date)
  FROM closings x JOIN sessions s ON s.id = x.session_id JOIN venues v ON v.id = s.venue_id JOIN workshops w ON w.id = s.workshop_id
  JOIN bookings b ON b.session_id = s.id JOIN children c ON c.id = b.child_id JOIN participants p ON p.booking_id = b.id
 WHERE x.reopened_at IS NULL AND s.starts_at BETWEEN ?1 AND ?2 || 'T23' AND (?3 = '' OR v.city = ?3) AND (?4 = '' OR w.discipline = ?4) AND (?5 = '' OR s.funding = ?5)
   AND (SELECT m.action FROM marks m WHERE m.participant_id = p.id AND m.id <= x.last_mark ORDER BY m.at DESC, m.entry_key DESC LIMIT 1) = 'left'`

// different are the numbers of children that the reports say.
func (d *day) different() (counted []int) {
	d.t.Helper()
	for _, q := range questions() {
		b, err := report.NewService(d.db).Bilan(d.t.Context(), account.Command(), q)
		d.must(err)
		counted = append(counted, b.Table(report.ByAge, false).Of(nil, report.Children).N)
	}
	return counted
}

// UX-A7, I14: in whatever order sessions are marked, closed, opened again, corrected and closed again, the different children of a
// report are those that plain SQL finds by name in the registers; and they stay when all families are erased.
func TestChildrenAreCountedOnceWhateverIsClosedFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		d := newDay(t)
		d.clock.Set(saturday.AddDate(0, 0, -3)) // after the last of them
		sessions, seats := d.pastSessions()
		open := map[int64]bool{}
		marked := map[int64]bool{}
		steps := rapid.IntRange(8, 20).Draw(r, "steps")
		for range steps {
			session := rapid.SampledFrom(sessions).Draw(r, "session")
			open[session] = d.count(`SELECT count(*) FROM closings WHERE session_id = ? AND reopened_at IS NULL`, session) == 0
			switch {
			case !open[session]:
				d.must(d.Reopen(t.Context(), d.staff, d.key(), session, "correction"))
			case marked[session] && rapid.Bool().Draw(r, "close"):
				d.must(d.Close(t.Context(), d.staff, d.key(), session))
			default:
				for _, s := range seats {
					if s.session == session {
						action := rapid.SampledFrom([]attendance.Action{attendance.Left, attendance.Absent}).Draw(r, "action")
						d.staffMarks(s, action)
					}
				}
				marked[session] = true
			}
		}
		got := d.different()
		for i, q := range questions() {
			if want := d.count(sqlDifferentChildren, q.From.Format(time.DateOnly), q.To.Format(time.DateOnly), q.City, q.Discipline, q.Funding); got[i] != want {
				r.Fatalf("%+v: the report counts %d children, the registers have %d", q, got[i], want)
			}
		}
		d.insert(`UPDATE sessions SET status = 'cancelled', cancelled_at = starts_at, cancelled_from = 'published' WHERE id NOT IN (SELECT session_id FROM closings WHERE reopened_at IS NULL)`)
		d.clock.Set(saturday.AddDate(5, 0, 0))
		_, err := d.Retain(t.Context())
		d.must(err)
		if n := d.count(`SELECT (SELECT count(*) FROM fact_bookings) + (SELECT count(*) FROM children WHERE name_folded <> '')`); n > 0 {
			r.Fatalf("%d links and names are left after five years", n)
		}
		for i, after := range d.different() {
			if after != got[i] {
				r.Fatalf("%+v: %d children became %d with the families", questions()[i], got[i], after)
			}
		}
	})
}

func (d *day) staffMarks(s seat, action attendance.Action) {
	d.t.Helper()
	d.clock.Advance(time.Second) // within one second the greater key wins
	m := attendance.NewMark{EntryKey: d.key().Nonce, SessionID: s.session, BookingID: s.booking, Action: action}
	if action == attendance.Left {
		m.Taken = attendance.Taken{By: attendance.Alone, Reason: "au téléphone : oui"}
	}
	d.must(d.register.Mark(d.t.Context(), d.staff, d.key(), m))
}

// A child is erased between two sessions that are closed in the wrong order: it still counts once, and then its facts are
// nobody's and can no longer change.
func TestFactsOfAnErasedChildAreNobodysOnceAllAreClosed(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	later := d.at(saturday.AddDate(0, 0, 1))
	here, there := d.books(d.session, "Zoé", 2018, "girl", "69001", "no"), d.books(later, "Zoé", 2018, "girl", "69001", "no")
	d.insert(`UPDATE bookings SET child_id = (SELECT child_id FROM bookings WHERE id = ?1) WHERE id = ?2`, here, there)
	d.clock.Set(saturday.Add(26 * time.Hour))
	d.staffMarks(seat{d.session, here}, attendance.Left)
	d.staffMarks(seat{later, there}, attendance.Left)
	d.must(d.Close(t.Context(), d.staff, d.key(), later))
	d.clock.Set(saturday.AddDate(0, 0, 2).Add(time.Hour))
	var reference string
	d.must(d.db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT reference FROM booking_groups WHERE session_id = ?`, d.session).Scan(&reference)
	}))
	_, err := d.EraseFamily(t.Context(), d.staff, d.key(), reference)
	d.must(err)
	if n := d.count(`SELECT count(*) FROM fact_bookings`); n != 1 {
		t.Fatalf("%d links while a session is open, want 1", n)
	}
	d.must(d.Close(t.Context(), d.staff, d.key(), d.session))
	if n := d.count(`SELECT count(*) FROM facts WHERE first & 1`); n != 1 {
		t.Errorf("the child came %d times for the first time", n)
	}
	if n := d.count(`SELECT count(*) FROM fact_bookings`); n != 0 {
		t.Errorf("%d facts still lead to an erased child", n)
	}
	if err := d.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE facts SET first = 0`)
		return err
	}); err == nil {
		t.Error("facts of nobody can change")
	}
}
