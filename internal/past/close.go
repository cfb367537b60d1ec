package past

import "github.com/lesbricodeurs/ateliersdada/internal/sqlite"

// The facts again, from bookings and marks by plain SQL: package privacy counts them register by register as it closes, here
// they are counted over everything at once. A test holds one against the other.
const (
	sqlClosings = `
INSERT INTO closings (session_id, closed_at, last_mark)
SELECT s.id, ?3, coalesce(max(m.id), 0) FROM sessions s LEFT JOIN participants p ON p.session_id = s.id LEFT JOIN marks m ON m.participant_id = p.id
 WHERE s.id BETWEEN ?1 AND ?2 GROUP BY s.id`
	sqlClosingsOnRecord = `
INSERT INTO audit (at, actor, action, record) SELECT ?3, 'system', 'session.close', 'session:' || id FROM sessions WHERE id BETWEEN ?1 AND ?2`
	sqlSessionFacts = `
INSERT INTO session_facts (closing_id, session_id, held_on, discipline, city, minutes, capacity, came, absent, excused, late)
SELECT c.id, s.id, substr(s.starts_at, 1, 10), w.discipline, v.city, (unixepoch(s.ends_at) - unixepoch(s.starts_at)) / 60, s.capacity,
       count(*) FILTER (WHERE last IN ('present', 'late', 'left')), count(*) FILTER (WHERE last = 'absent'), count(*) FILTER (WHERE last = 'excused'),
       count(*) FILTER (WHERE b.cancelled_by = 'family' AND unixepoch(s.starts_at) - unixepoch(b.cancelled_at) <= 48 * 3600)
  FROM closings c JOIN sessions s ON s.id = c.session_id JOIN workshops w ON w.id = s.workshop_id JOIN venues v ON v.id = s.venue_id
  LEFT JOIN (SELECT b.*, (SELECT m.action FROM participants p JOIN marks m ON m.participant_id = p.id WHERE p.booking_id = b.id ORDER BY m.at DESC LIMIT 1) AS last
               FROM bookings b) b ON b.session_id = s.id
 WHERE s.id BETWEEN ?1 AND ?2 GROUP BY s.id`
	sqlFacts = `
INSERT INTO facts (closing_id, session_id, held_on, discipline, city, age_band, gender, department, qpv, qpv_zoning,
                   first, first_city, first_discipline, first_both, maybe_known, minutes)
WITH came AS (
  SELECT cl.id AS closing, s.id AS session, substr(s.starts_at, 1, 10) AS day, w.discipline, v.city, (unixepoch(s.ends_at) - unixepoch(s.starts_at)) / 60 AS minutes,
         c.name_folded || c.birth_date AS who, coalesce(c.gender, 'unsaid') AS gender, substr(coalesce(c.postal_code, ''), 1, 2) AS department, coalesce(c.qpv, 'unknown') AS qpv,
         iif(c.qpv IN ('yes', 'no'), coalesce(c.qpv_zoning, 0), 0) AS zoning, b.id AS booking,
         (replace(substr(s.starts_at, 1, 10), '-', '') - replace(c.birth_date, '-', '')) / 10000 AS age,
         substr(s.starts_at, 1, 4) AS year, substr(s.starts_at, 1, 4) - (substr(s.starts_at, 6, 2) < '09') AS school,
         substr(s.starts_at, 1, 4) || ((substr(s.starts_at, 6, 2) - 1) / 3) AS quarter
    FROM closings cl JOIN sessions s ON s.id = cl.session_id JOIN workshops w ON w.id = s.workshop_id JOIN venues v ON v.id = s.venue_id
    JOIN bookings b ON b.session_id = s.id JOIN children c ON c.id = b.child_id
   WHERE s.id BETWEEN ?1 AND ?2 AND (SELECT m.action FROM participants p JOIN marks m ON m.participant_id = p.id WHERE p.booking_id = b.id ORDER BY m.at DESC LIMIT 1) IN ('present', 'late', 'left'))
SELECT closing, session, day, discipline, city,
       CASE WHEN age < 6 THEN '0-5' WHEN age < 9 THEN '6-8' WHEN age < 12 THEN '9-11' WHEN age < 15 THEN '12-14' WHEN age < 18 THEN '15-17' ELSE '18+' END,
       gender, department, qpv, zoning,
       (1 = row_number() OVER (PARTITION BY who ORDER BY day, session, booking)) + 2 * (1 = row_number() OVER (PARTITION BY who, year ORDER BY day, session, booking))
         + 4 * (1 = row_number() OVER (PARTITION BY who, school ORDER BY day, session, booking)) + 8 * (1 = row_number() OVER (PARTITION BY who, quarter ORDER BY day, session, booking)),
       (1 = row_number() OVER (PARTITION BY who, city ORDER BY day, session, booking)) + 2 * (1 = row_number() OVER (PARTITION BY who, city, year ORDER BY day, session, booking))
         + 4 * (1 = row_number() OVER (PARTITION BY who, city, school ORDER BY day, session, booking)) + 8 * (1 = row_number() OVER (PARTITION BY who, city, quarter ORDER BY day, session, booking)),
       (1 = row_number() OVER (PARTITION BY who, discipline ORDER BY day, session, booking)) + 2 * (1 = row_number() OVER (PARTITION BY who, discipline, year ORDER BY day, session, booking))
         + 4 * (1 = row_number() OVER (PARTITION BY who, discipline, school ORDER BY day, session, booking)) + 8 * (1 = row_number() OVER (PARTITION BY who, discipline, quarter ORDER BY day, session, booking)),
       (1 = row_number() OVER (PARTITION BY who, city, discipline ORDER BY day, session, booking)) + 2 * (1 = row_number() OVER (PARTITION BY who, city, discipline, year ORDER BY day, session, booking))
         + 4 * (1 = row_number() OVER (PARTITION BY who, city, discipline, school ORDER BY day, session, booking)) + 8 * (1 = row_number() OVER (PARTITION BY who, city, discipline, quarter ORDER BY day, session, booking)),
       0, minutes
  FROM came ORDER BY session, age, gender, department, qpv`
	sqlLists = `
INSERT INTO list_figures (session_id, held_on, discipline, city, families, children, seated, unmet, unmet_families, recorded_at)
SELECT session_id, held_on, discipline, city, iif(session_id % 5, 0, 4), iif(session_id % 5, 0, 6), iif(session_id % 5, 0, 3), iif(session_id % 5, 0, 2), iif(session_id % 5, 0, 1), ?3
  FROM session_facts WHERE session_id BETWEEN ?1 AND ?2`
)

// closings closes every register at once.
func (m *maker) closings() {
	for _, query := range []string{sqlClosings, sqlClosingsOnRecord, sqlSessionFacts, sqlFacts, sqlLists} {
		m.add(query, m.firstSession, m.end, sqlite.Time(m.plan.Until))
	}
}
