package upkeep

// What tablets brought after a closing does not count, neither marks nor undos.
const sqlFactsAndRegister = `
WITH came AS (
  SELECT c.id AS closing, count(p.id) AS n FROM closings c LEFT JOIN participants p ON p.session_id = c.session_id AND (
    SELECT m.action FROM marks m
     WHERE m.participant_id = p.id AND m.action <> 'undo' AND m.id <= c.last_mark
       AND NOT EXISTS (SELECT 1 FROM marks u WHERE u.participant_id = p.id AND u.undoes = m.entry_key AND u.id <= c.last_mark)
     ORDER BY m.at DESC, m.entry_key DESC LIMIT 1) IN ('present', 'late', 'left')
   WHERE c.reopened_at IS NULL GROUP BY c.id),
told AS (SELECT closing_id, count(*) AS n FROM facts GROUP BY closing_id)
SELECT 'session:' || c.session_id, 'its register says that ' || came.n || ' came, its figures ' || coalesce(f.came, 'nothing') || ', and it has ' || coalesce(told.n, 0) || ' facts'
  FROM closings c JOIN came ON came.closing = c.id LEFT JOIN session_facts f ON f.closing_id = c.id LEFT JOIN told ON told.closing_id = c.id
 WHERE f.came IS NOT came.n OR coalesce(told.n, 0) <> came.n
UNION ALL
SELECT 'session:' || c.session_id, 'it was opened again, and figures of it are left' FROM closings c
 WHERE c.reopened_at IS NOT NULL AND (c.id IN (SELECT closing_id FROM facts) OR c.id IN (SELECT closing_id FROM session_facts))
UNION ALL
SELECT 'session:' || c.session_id, 'it is for a group, and was closed like one of families' FROM closings c JOIN sessions s ON s.id = c.session_id
 WHERE s.request_id IS NOT NULL`

// I14: the figures of a closed session are those of its register as it was closed.
func factsAndRegister(v *verification) error { return v.each("I14", sqlFactsAndRegister) }
