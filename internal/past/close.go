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
INSERT INTO session_facts (closing_id, session_id, held_on, discipline, city, funding, minutes, capacity, came, absent, excused, late)
SELECT c.id, s.id, substr(s.starts_at, 1, 10), w.discipline, v.city, s.funding, (unixepoch(s.ends_at) - unixepoch(s.starts_at)) / 60, s.capacity,
       count(*) FILTER (WHERE last IN ('present', 'late', 'left')), count(*) FILTER (WHERE last = 'absent'), count(*) FILTER (WHERE last = 'excused'),
       count(*) FILTER (WHERE b.cancelled_by = 'family' AND unixepoch(s.starts_at) - unixepoch(b.cancelled_at) <= 48 * 3600)
  FROM closings c JOIN sessions s ON s.id = c.session_id JOIN workshops w ON w.id = s.workshop_id JOIN venues v ON v.id = s.venue_id
  LEFT JOIN (SELECT b.*, (SELECT m.action FROM participants p JOIN marks m ON m.participant_id = p.id WHERE p.booking_id = b.id ORDER BY m.at DESC LIMIT 1) AS last
               FROM bookings b) b ON b.session_id = s.id
 WHERE s.id BETWEEN ?1 AND ?2 GROUP BY s.id`
	// A fact has the number of its booking, after those that there are.
	sqlFacts = `
INSERT INTO facts (id, closing_id, session_id, held_on, discipline, city, funding, age_band, gender, home, qpv, qpv_zoning, qpv_method, first, maybe_known, minutes)
WITH bands (band, youngest, oldest) AS (VALUES ('0-5', 0, 5), ('6-8', 6, 8), ('9-11', 9, 11), ('12-14', 12, 14), ('15-17', 15, 17), ('18+', 18, 150)),
came AS (
  SELECT b.id AS booking, cl.id AS closing, s.id AS session, substr(s.starts_at, 1, 10) AS day, w.discipline, v.city, s.funding,
         (unixepoch(s.ends_at) - unixepoch(s.starts_at)) / 60 AS minutes, coalesce(c.gender, 'unsaid') AS gender, coalesce(c.postal_code, '') AS postcode,
         coalesce(c.qpv, 'unknown') AS qpv, iif(c.qpv IN ('yes', 'no'), c.qpv_zoning, 0) AS zoning, iif(c.qpv IN ('yes', 'no'), c.qpv_method, '') AS method,
         replace(substr(s.starts_at, 1, 10), '-', '') + 0 AS on_day, a.*
    FROM closings cl JOIN sessions s ON s.id = cl.session_id JOIN workshops w ON w.id = s.workshop_id JOIN venues v ON v.id = s.venue_id
    JOIN bookings b ON b.session_id = s.id JOIN children c ON c.id = b.child_id
    JOIN bands a ON (replace(substr(s.starts_at, 1, 10), '-', '') - replace(c.birth_date, '-', '')) / 10000 BETWEEN a.youngest AND a.oldest
   WHERE s.id BETWEEN ?1 AND ?2 AND (SELECT m.action FROM participants p JOIN marks m ON m.participant_id = p.id WHERE p.booking_id = b.id ORDER BY m.at DESC LIMIT 1) IN ('present', 'late', 'left')),
people AS MATERIALIZED (
  SELECT DISTINCT postal_code, coalesce(gender, 'unsaid') AS gender, name_folded, replace(birth_date, '-', '') + 0 AS born FROM children),
shared AS MATERIALIZED (
  SELECT k.on_day, k.postcode, k.gender, k.band
    FROM (SELECT DISTINCT on_day, postcode, gender, band, youngest, oldest FROM came) k
    JOIN people n ON n.postal_code = k.postcode AND n.gender = k.gender AND (k.on_day - n.born) / 10000 BETWEEN k.youngest AND k.oldest
   GROUP BY 1, 2, 3, 4 HAVING count(*) >= 5)
SELECT ?4 + booking, closing, session, day, discipline, city, funding, band, gender,
       iif((on_day, postcode, gender, band) IN (SELECT * FROM shared), substr(postcode, 1, 2) || '/' || postcode, substr(postcode, 1, 2)), qpv, zoning, method, 0, 0, minutes
  FROM came`
	sqlFactBookings = `INSERT INTO fact_bookings (booking_id, fact_id) SELECT id - ?4, id FROM facts WHERE session_id BETWEEN ?1 AND ?2`
	sqlFirsts       = `
UPDATE facts SET first = counted.first
  FROM (
    SELECT id, sum(((before IS NULL)
        + 2 * (before IS NULL OR substr(before, 1, 4) < substr(held_on, 1, 4))
        + 4 * (before IS NULL OR substr(before, 1, 4) - (substr(before, 6, 2) < '09') < substr(held_on, 1, 4) - (substr(held_on, 6, 2) < '09'))
        + 8 * (before IS NULL OR substr(before, 1, 4) || ((substr(before, 6, 2) - 1) / 3) < substr(held_on, 1, 4) || ((substr(held_on, 6, 2) - 1) / 3))) << (4 * scope)) AS first
      FROM (
        SELECT f.id, f.held_on, scope.value AS scope,
               lag(f.held_on) OVER (PARTITION BY c.name_folded, c.birth_date, scope.value, iif(scope.value & 1, f.city, ''), iif(scope.value & 2, f.discipline, ''), iif(scope.value & 4, f.funding, '')
                                    ORDER BY s.starts_at, s.id, b.id) AS before
          FROM facts f JOIN fact_bookings l ON l.fact_id = f.id JOIN bookings b ON b.id = l.booking_id JOIN children c ON c.id = b.child_id
          JOIN sessions s ON s.id = f.session_id CROSS JOIN json_each('[0,1,2,3,4,5,6,7]') scope
         WHERE f.session_id BETWEEN ?1 AND ?2)
     GROUP BY id) AS counted
 WHERE counted.id = facts.id`
	sqlLists = `
INSERT INTO list_figures (session_id, held_on, discipline, city, families, children, seated, unmet, unmet_families, recorded_at)
SELECT session_id, held_on, discipline, city, iif(session_id % 5, 0, 4), iif(session_id % 5, 0, 6), iif(session_id % 5, 0, 3), iif(session_id % 5, 0, 2), iif(session_id % 5, 0, 1), ?3
  FROM session_facts WHERE session_id BETWEEN ?1 AND ?2`
)

const sqlFactsThere = `SELECT coalesce(max(id), 0) FROM facts`

// closings closes every register at once.
func (m *maker) closings() {
	var there int64
	if m.err = m.QueryRow(sqlFactsThere).Scan(&there); m.err != nil {
		return
	}
	for _, query := range []string{sqlClosings, sqlClosingsOnRecord, sqlSessionFacts, sqlFacts, sqlFactBookings, sqlFirsts, sqlLists} {
		m.add(query, m.firstSession, m.end, sqlite.Time(m.plan.Until), there)
	}
}
