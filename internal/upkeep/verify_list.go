package upkeep

const sqlPlacedBeyondRules = `
SELECT 'booking:' || b.id, 'a seat was placed with it for a reason, and it names nobody who overrode the rules'
FROM offers o JOIN bookings b ON b.id = o.booking_id
WHERE o.reason <> '' AND (o.outcome IS NULL OR o.outcome IN ('accepted', 'given'))
  AND b.status IN ('offered', 'confirmed') AND b.override_by IS NULL`

// I1: a seat that the team placed against the rules carries a name.
func placedBeyondRules(v *verification) error { return v.each("I1", sqlPlacedBeyondRules) }

const sqlSeatsWon = `
SELECT 'booking:' || b.id, 'a seat was ' || o.outcome || ', and its state is ' || b.status
FROM offers o JOIN bookings b ON b.id = o.booking_id
WHERE o.outcome IN ('accepted', 'given') AND b.status NOT IN ('confirmed', 'cancelled')
UNION ALL
SELECT 'booking:' || booking_id, 'a seat was given at ' || made_at || ', and the offer of it lived until ' || max(ended_at, expires_at)
FROM offers WHERE outcome = 'given' AND (made_at <> ended_at OR made_at <> expires_at)`

// I7: who accepted a seat has it, and what is given is given at once; only cancelling takes it back.
func seatsWon(v *verification) error { return v.each("I7", sqlSeatsWon) }

// The workshop of a session can change once nobody is booked in it any more.
const sqlSecondChoices = `
WITH live AS (SELECT DISTINCT group_id FROM bookings WHERE status IN ('waiting', 'offered', 'confirmed'))
SELECT 'booking_group:' || g.id, 'its first choice ' || f.id || CASE
  WHEN f.first_id IS NOT NULL THEN ' is a second choice itself'
  WHEN f.guardian_id <> g.guardian_id THEN ' is of another guardian'
  ELSE ' is of another workshop' END
FROM booking_groups g JOIN booking_groups f ON f.id = g.first_id
JOIN sessions s ON s.id = g.session_id JOIN sessions t ON t.id = f.session_id
WHERE f.first_id IS NOT NULL OR f.guardian_id <> g.guardian_id
   OR s.workshop_id <> t.workshop_id AND g.id IN (SELECT group_id FROM live) AND f.id IN (SELECT group_id FROM live)`

// I13: a second choice points to the first choice of the same family.
func secondChoices(v *verification) error { return v.each("I13", sqlSecondChoices) }
