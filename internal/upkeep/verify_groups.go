package upkeep

// Every pair is told once, at the session that was made first.
const sqlPromisedTwice = `
SELECT DISTINCT 'session:' || a.id, 'user ' || f.user_id || ' also leads session ' || b.id || ' at that time, and one of the two is for a group'
FROM sessions a JOIN session_facilitators f ON f.session_id = a.id
JOIN session_facilitators g ON g.user_id = f.user_id AND g.session_id > a.id
JOIN sessions b ON b.id = g.session_id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.status <> 'cancelled' AND b.status <> 'cancelled' AND (a.request_id IS NOT NULL OR b.request_id IS NOT NULL)`

// I16: nobody leads two sessions at once where one was promised to a group (domain, Schools 2).
func promisedTwice(v *verification) error { return v.each("I16", sqlPromisedTwice) }

// Most copies are used when one of the sessions begins. Sessions that are over used what there was then.
const sqlKitsExceeded = `
SELECT 'session:' || s.id, 'at its start ' || sum(o.copies) || ' copies of kit ' || u.kit_id || ' are used, of ' || k.copies
FROM sessions s JOIN session_kits u ON u.session_id = s.id JOIN kits k ON k.id = u.kit_id
JOIN session_kits o ON o.kit_id = u.kit_id JOIN sessions t ON t.id = o.session_id
 AND t.status <> 'cancelled' AND t.starts_at <= s.starts_at AND t.ends_at > s.starts_at
WHERE s.status <> 'cancelled' AND s.ends_at > ?
GROUP BY s.id, u.kit_id HAVING sum(o.copies) > k.copies`

// I17: no more copies of a kit are used at once than there are.
func kitsExceeded(v *verification) error { return v.each("I17", sqlKitsExceeded, v.daysAgo(0)) }
