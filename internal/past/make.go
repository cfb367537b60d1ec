// Package past makes up years of workshops: families, bookings, marks, closed registers and their facts, as if they had been
// lived. The demonstration shows them, and tests measure on them what five years of data cost. It writes tables of others, in
// bulk and not by their rules, so that it is imported by commands and tests alone.
package past

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Plan says what to make up. The same plan gives the same rows.
type Plan struct {
	Seed     uint64
	Until    time.Time // nothing is later
	Years    int
	Sessions int // over all years
	Children int // booked in each session
	// Closed says whether registers are closed, with facts counted by plain SQL from what was made up; else that is left to
	// privacy.
	Closed bool
}

// FiveYears is what the product is measured on: 2,000 sessions with 40,000 bookings.
func FiveYears(until time.Time) Plan {
	return Plan{Seed: 1815, Until: until, Years: 5, Sessions: 2000, Children: 20, Closed: true}
}

// Make makes it up, in one transaction, beside whatever there is.
func Make(ctx context.Context, db *sqlite.DB, plan Plan) error {
	return db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		m := &maker{Tx: tx, plan: plan, rand: rand.New(rand.NewPCG(plan.Seed, 1843))} //nolint:gosec // the same years for the same seed; nothing of it is secret
		for _, step := range []func(){m.team, m.programme, m.families, m.sessions, m.told} {
			step()
		}
		if m.err == nil && plan.Closed {
			m.closings()
		}
		return m.err
	})
}

// maker holds what was made so far. After its first error it does nothing more.
type maker struct {
	*sqlite.Tx
	plan                      Plan
	rand                      *rand.Rand
	err                       error
	leader                    int64
	workshops, venues         []int64
	households                []household
	groups, firstSession, end int64
}

type household struct {
	guardian int64
	children []int64
}

// add inserts a row and returns its id.
func (m *maker) add(query string, args ...any) int64 {
	if m.err != nil {
		return 0
	}
	res, err := m.Exec(query, args...)
	if err == nil {
		var id int64
		if id, err = res.LastInsertId(); err == nil {
			return id
		}
	}
	m.err = fmt.Errorf("past: %w", err)
	return 0
}

const (
	sqlLeader = `
INSERT INTO users (email, email_folded, name, role, password_hash, created_at, disabled_at)
VALUES ('ada@example.org', 'ada@example.org', 'Ada', 'facilitator', '-', ?1, ?1)`
	sqlWorkshop = `
INSERT INTO workshops (title, level, discipline, min_age, max_age, created_at, updated_at) VALUES (?1, 'Initiation', ?2, 6, 14, ?3, ?3)`
	sqlVenue = `
INSERT INTO venues (name, address, postcode, city, listed, created_at, updated_at) VALUES ('Atelier d''Ada', '1 place Ada-Lovelace', ?1, ?2, 0, ?3, ?3)`
	sqlGuardian = `
INSERT INTO guardians (name, email, email_folded, phone, last_contact_at, created_at) VALUES (?1, ?2, ?2, '06 12 34 56 78', ?3, ?3)`
	sqlChild = `
INSERT INTO children (first_name, last_name, name_folded, birth_date, health_state, gender, postal_code, qpv, qpv_zoning, qpv_method, created_at)
VALUES (?1, ?2, lower(?2 || ' ' || ?1), ?3, 'none', ?4, ?5, ?6, iif(?6 IN ('yes', 'no'), 2024, NULL),
        iif(?6 = 'yes', iif(?3 GLOB '*[13579]', 'looked_up', 'declared'), iif(?6 = 'no', 'declared', NULL)), ?7)`
	sqlGuardianship = `INSERT INTO guardianships (guardian_id, child_id) VALUES (?, ?)`
	sqlSession      = `
INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, funding, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, 1400, 'published', ?6, ?3, ?7, ?6, ?6)`
	sqlLeads = `INSERT INTO session_facilitators (session_id, user_id) VALUES (?, ?)`
	sqlGroup = `INSERT INTO booking_groups (reference, session_id, guardian_id, created_at) VALUES (?, ?, ?, ?)`
	sqlBook  = `
INSERT INTO bookings (group_id, session_id, child_id, status, cancelled_by, cancelled_at, created_at, updated_at)
VALUES (?1, ?2, ?3, iif(?4 IS NULL, 'confirmed', 'cancelled'), iif(?4 IS NULL, NULL, 'family'), ?4, ?5, ?5)`
	sqlParticipant = `INSERT INTO participants (session_id, booking_id) VALUES (?, ?)`
	sqlMark        = `INSERT INTO marks (entry_key, participant_id, action, at, recorded_at, author_id) VALUES (?1, ?2, ?3, ?4, ?4, ?5)`
	sqlContact     = `UPDATE guardians SET last_contact_at = max(last_contact_at, ?2) WHERE id = ?1`
)

func (m *maker) start() time.Time { return m.plan.Until.AddDate(-m.plan.Years, 0, 0) }

func (m *maker) team() { m.leader = m.add(sqlLeader, sqlite.Time(m.start())) }

func (m *maker) programme() {
	for _, discipline := range []string{"code", "robotique", "musique", "jeu", "fabrication"} {
		m.workshops = append(m.workshops, m.add(sqlWorkshop, "Souvenirs de "+discipline, discipline, sqlite.Time(m.start())))
	}
	for _, city := range [][2]string{{"69001", "Lyon"}, {"75011", "Paris"}, {"59000", "Lille"}} {
		m.venues = append(m.venues, m.add(sqlVenue, city[0], city[1], sqlite.Time(m.start())))
	}
}

var (
	firstNames = []string{"Zoe", "Lukasz", "Ines", "Malo", "Aya", "Noah", "Jade", "Tom", "Lina", "Sacha", "Anh", "Idris", "Rose", "Hugo", "Nour", "Leo"}
	lastNames  = []string{"Artagnan", "Nguyen", "Bernard", "Diallo", "Kowalski", "Martin", "Benali", "Petit", "Garcia", "Lovelace", "Moreau", "Traore"}
)

// one draws from what is asked of families; the last answer is none.
func (m *maker) one(answers ...string) any {
	if answer := answers[m.rand.IntN(len(answers))]; answer != "" {
		return answer
	}
	return nil
}

// families come for two years or so each: as many as it takes.
func (m *maker) families() {
	n := max(m.plan.Sessions*m.plan.Children/12, m.plan.Children)
	for i := range n {
		joined := m.start().AddDate(0, 0, -m.rand.IntN(200))
		last := fmt.Sprintf("%s%d", lastNames[i%len(lastNames)], i)
		h := household{guardian: m.add(sqlGuardian, "Parent "+last, fmt.Sprintf("famille%d@example.org", i), sqlite.Time(joined))}
		// The cohort of a household grows up with the years, so that children are of the age of the sessions that they come to.
		born := m.start().Year() + i*m.plan.Years/n - 9
		postcode := m.one("69001", "69003", "69100", "01000", "75011", "93100", "59000", "")
		for range 1 + m.rand.IntN(2) {
			birth := time.Date(born+m.rand.IntN(6)-3, time.Month(1+m.rand.IntN(12)), 1+m.rand.IntN(28), 0, 0, 0, 0, time.UTC)
			child := m.add(sqlChild, firstNames[m.rand.IntN(len(firstNames))], last, birth.Format(time.DateOnly), m.one("girl", "girl", "girl", "boy", "boy", "boy", "other", "unsaid", ""),
				postcode, m.one("yes", "no", "no", "unknown", ""), sqlite.Time(joined))
			m.add(sqlGuardianship, h.guardian, child)
			h.children = append(h.children, child)
		}
		m.households = append(m.households, h)
	}
}

// sessions are spread over the years, at 14 h; each is booked by households of its time.
func (m *maker) sessions() {
	days := int(m.plan.Until.Sub(m.start()).Hours()/24) - 4
	for i := range m.plan.Sessions {
		day := m.start().AddDate(0, 0, i*days/m.plan.Sessions)
		starts := time.Date(day.Year(), day.Month(), day.Day(), 13, 0, 0, 0, time.UTC)
		ends := starts.Add([]time.Duration{2 * time.Hour, 90 * time.Minute}[i%2])
		id := m.add(sqlSession, m.workshops[m.rand.IntN(len(m.workshops))], m.venues[m.rand.IntN(len(m.venues))], sqlite.Time(starts), sqlite.Time(ends), m.plan.Children+4, sqlite.Time(starts.AddDate(0, -1, 0)),
			[]string{"Métropole de Lyon", "Fondation de France", ""}[i%3])
		if m.firstSession == 0 {
			m.firstSession = id
		}
		m.end = id
		m.add(sqlLeads, id, m.leader)
		m.fill(id, starts, i)
	}
}

// fill books a session.
func (m *maker) fill(session int64, starts time.Time, i int) {
	n := len(m.households)
	window := max(n/(2*m.plan.Years)+1, m.plan.Children)
	first := max(0, min(n-window, i*n/m.plan.Sessions-window/2))
	booked := 0
	for _, k := range m.rand.Perm(min(window, n-first)) {
		if booked >= m.plan.Children || m.err != nil {
			return
		}
		h := m.households[first+k]
		made := starts.AddDate(0, 0, -1-m.rand.IntN(20))
		m.groups++
		group := m.add(sqlGroup, fmt.Sprintf("ADA-P%07d", m.groups), session, h.guardian, sqlite.Time(made))
		m.add(sqlContact, h.guardian, sqlite.Time(starts))
		for _, child := range h.children {
			if booked < m.plan.Children {
				booked++
				m.book(group, session, child, made, starts)
			}
		}
	}
}

// book books one child, and says what became of it.
func (m *maker) book(group, session, child int64, made, starts time.Time) {
	fate := m.rand.IntN(100)
	var cancelled any
	switch {
	case fate < 4:
		cancelled = sqlite.Time(starts.Add(-20 * time.Hour)) // late
	case fate < 8:
		cancelled = sqlite.Time(starts.Add(-72 * time.Hour))
		made = made.AddDate(0, 0, -5)
	}
	booking := m.add(sqlBook, group, session, child, cancelled, sqlite.Time(made))
	if cancelled != nil {
		return
	}
	participant := m.add(sqlParticipant, session, booking)
	mark := func(action string, at time.Duration) {
		m.add(sqlMark, fmt.Sprintf("past-%d-%d-%s", m.plan.Seed, booking, action), participant, action, sqlite.Time(starts.Add(at)), m.leader)
	}
	switch {
	case fate < 12:
		mark("absent", 20*time.Minute)
	case fate < 16:
		mark("excused", -time.Hour)
	case fate < 22:
		mark("late", 10*time.Minute)
		mark("left", 90*time.Minute)
	default:
		mark("present", 0)
		mark("left", 90*time.Minute)
	}
}
