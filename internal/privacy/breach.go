package privacy

import (
	"context"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Entries says which lines of the audit, and of who looked at what, a breach is about.
type Entries struct {
	From, To time.Time // until To, not included
	Actor    string    // as the audit names it, 'user:3'; empty: whoever
	Record   string    // 'session:12'; empty: whatever
}

// Touched is a guardian whose family some entries are about, and how to reach them.
type Touched struct {
	Guardian                     int64
	Name, Email, Phone, Language string
	Entries                      int
}

// sqlTouched follows each record to the bookings and children that it holds, and these to every guardian of theirs: all of
// them are told. A file of payments is about all who ever paid. Who was erased since cannot be. What was done to one booking of a session names it, and touches nobody else there.
const sqlTouched = `
WITH entries (entry, kind, id, reference) AS (
  SELECT 'audit:' || id, substr(record, 1, instr(record, ':') - 1), CAST(substr(record, instr(record, ':') + 1) AS INTEGER), details ->> '$.reference'
  FROM audit WHERE at >= ?1 AND at < ?2 AND (?3 = '' OR actor = ?3) AND (?4 = '' OR record = ?4)
  UNION ALL
  SELECT 'access:' || id, substr(record, 1, instr(record, ':') - 1), CAST(substr(record, instr(record, ':') + 1) AS INTEGER), NULL
  FROM access_log WHERE at >= ?1 AND at < ?2 AND (?3 = '' OR actor = ?3) AND (?4 = '' OR record = ?4)),
groups (entry, id) AS (
  SELECT e.entry, g.id FROM entries e JOIN booking_groups g ON g.session_id = e.id WHERE e.kind = 'session' AND e.reference IS NULL
  UNION SELECT e.entry, g.id FROM entries e JOIN booking_groups g ON g.reference = e.reference WHERE e.kind = 'session'
  UNION SELECT e.entry, e.id FROM entries e WHERE e.kind = 'group'
  UNION SELECT e.entry, g.id FROM entries e JOIN sessions s ON s.series_id = e.id JOIN booking_groups g ON g.session_id = s.id WHERE e.kind = 'series'
  UNION SELECT e.entry, g.id FROM entries e JOIN incidents i ON i.id = e.id JOIN booking_groups g ON g.session_id = i.session_id WHERE e.kind = 'incident'
  UNION SELECT e.entry, c.group_id FROM entries e JOIN calls c ON c.id = e.id WHERE e.kind = 'call'),
seats (entry, id) AS (
  SELECT g.entry, b.id FROM groups g JOIN bookings b ON b.group_id = g.id
  UNION SELECT e.entry, e.id FROM entries e WHERE e.kind = 'booking'
  UNION SELECT e.entry, p.booking_id FROM entries e JOIN participants p ON p.id = e.id WHERE e.kind = 'participant'
  UNION SELECT e.entry, p.booking_id FROM entries e JOIN certificates c ON c.id = e.id JOIN participants p ON p.id = c.participant_id WHERE e.kind = 'certificate'),
touched (entry, guardian_id) AS (
  SELECT e.entry, e.id FROM entries e WHERE e.kind = 'guardian'
  UNION SELECT e.entry, m.guardian_id FROM entries e JOIN guardianships m ON m.child_id = e.id WHERE e.kind IN ('child', 'young')
  UNION SELECT e.entry, f.guardian_id FROM entries e JOIN mailing_families f ON f.mailing_id = e.id WHERE e.kind = 'mailing'
  UNION SELECT e.entry, m.guardian_id FROM entries e JOIN mailing_families f ON f.mailing_id = e.id JOIN guardians a ON a.id = f.guardian_id
          JOIN merged_guardians m ON m.erasure_id = a.erasure_id WHERE e.kind = 'mailing'
  UNION SELECT e.entry, n.guardian_id FROM entries e JOIN family_notes n ON n.id = e.id WHERE e.kind = 'note'
  UNION SELECT e.entry, m.guardian_id FROM entries e JOIN guardians a ON a.id = e.id JOIN merged_guardians m ON m.erasure_id = a.erasure_id WHERE e.kind = 'guardian'
  UNION SELECT e.entry, p.guardian_id FROM entries e JOIN payments p ON p.id = e.id WHERE e.kind = 'payment'
  UNION SELECT e.entry, p.guardian_id FROM entries e JOIN payments p WHERE e.kind = 'money'
  UNION SELECT e.entry, o.guardian_id FROM entries e JOIN outbox o ON o.id = e.id WHERE e.kind = 'outbox'
  UNION SELECT s.entry, g.guardian_id FROM seats s JOIN bookings b ON b.id = s.id JOIN booking_groups g ON g.id = b.group_id
  UNION SELECT s.entry, m.guardian_id FROM seats s JOIN bookings b ON b.id = s.id JOIN guardianships m ON m.child_id = b.child_id)
SELECT g.id, g.name, g.email, g.phone, g.language, count(DISTINCT t.entry)
FROM touched t JOIN guardians g ON g.id = t.guardian_id
WHERE g.email <> '' OR g.phone <> ''
GROUP BY g.id ORDER BY g.id`

// Breach lists the guardians whose families some entries of the audit are about, so that they can be told of a breach (RGPD art. 34, RGPD-14), by
// when they came. That the list was made is itself an entry.
func (s *Service) Breach(ctx context.Context, about Entries) (list []Touched, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list = nil
		rows, err := tx.Query(sqlTouched, sqlite.Time(about.From), sqlite.Time(about.To), about.Actor, about.Record)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var t Touched
			if err := rows.Scan(&t.Guardian, &t.Name, &t.Email, &t.Phone, &t.Language, &t.Entries); err != nil {
				return err
			}
			list = append(list, t)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return audit.Access(tx, account.Command().String(), "breach.list", "guardians")
	})
	if err != nil {
		return nil, fmt.Errorf("privacy: breach: %w", err)
	}
	return list, nil
}
