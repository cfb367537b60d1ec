package school

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// feedbackDays is for how long a request that is done waits for the teacher's answers.
const feedbackDays = 14

// Settle moves on by itself what nothing holds back any more: a request is done a day after the last of its sessions, when each
// was counted, and closed when nothing is owed and the teacher has answered or had 14 days. Where a count or an invoice lacks, it
// makes the next step the team's, and so it does where it is too late for the organisation's answer: every date that was
// proposed is past, the quote is not valid any more, or the workshops took place unsigned. It is for the timers; called
// again it changes nothing more.
func (s *Service) Settle(ctx context.Context) error {
	due, err := s.due(ctx)
	if err != nil {
		return err
	}
	for _, d := range due {
		if err := s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error { return d.settle(tx) }); err != nil {
			return err
		}
	}
	return nil
}

// recount is for how long after a session its count may still be corrected: then the figures are written for good.
const recount = 24 * time.Hour

// dueStep is a request and what is due for it.
type dueStep struct {
	id   int64
	what string // count, done, invoice, lapsed or closed
}

// sqlDue tells, of the requests that it looks at, what is due. It is asked again inside the transaction that does it. A silence
// lapses once: whatever is done afterwards is later than what it waited for.
const sqlDue = `
WITH held AS (
  SELECT s.request_id, s.ends_at <= ?1 AS ended, s.ends_at <= ?4 AS past,
         EXISTS (SELECT 1 FROM headcounts h WHERE h.session_id = s.id)
         OR EXISTS (SELECT 1 FROM marks m JOIN participants p ON p.id = m.participant_id WHERE p.session_id = s.id) AS counted
    FROM sessions s JOIN group_requests r ON r.id = s.request_id AND r.state = 'agreed'
   WHERE s.status <> 'cancelled' AND (?3 = 0 OR r.id = ?3)),
owing AS (
  SELECT r.id, r.state_since, r.waiting_since,
         EXISTS (SELECT 1 FROM quotes q WHERE q.request_id = r.id AND q.state = 'accepted' AND q.total_cents > 0)
         AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.request_id = r.id AND i.kind = 'invoice') AS uninvoiced,
         EXISTS (SELECT 1 FROM invoices i WHERE i.request_id = r.id AND i.kind = 'invoice'
            AND i.total_cents > (SELECT coalesce(sum(c.total_cents), 0) FROM invoices c WHERE c.credits = i.id)
                              + (SELECT coalesce(sum(p.cents), 0) FROM payments p WHERE p.invoice_id = i.id)) AS unpaid,
         EXISTS (SELECT 1 FROM feedbacks f WHERE f.request_id = r.id) OR r.state_since <= ?2 AS heard
    FROM group_requests r WHERE r.state = 'done' AND (?3 = 0 OR r.id = ?3)),
silent AS (
  SELECT r.id, r.updated_at, r.state,
         EXISTS (SELECT 1 FROM sessions s WHERE s.request_id = r.id AND s.status <> 'cancelled') AS dated
    FROM group_requests r
   WHERE r.state IN ('proposed', 'quoted', 'accepted', 'agreed') AND r.waiting_since IS NULL AND (?3 = 0 OR r.id = ?3)),
lapses AS (
  SELECT id, updated_at,
         (SELECT max(s.ends_at) FROM sessions s WHERE s.request_id = silent.id AND s.status <> 'cancelled') AS at
    FROM silent WHERE dated AND state <> 'agreed'
  UNION ALL
  SELECT id, updated_at,
         (SELECT max((SELECT min(t.starts_at) FROM slot_times t WHERE t.slot_id = o.id)) FROM slots o
           WHERE o.request_id = silent.id AND o.state = 'open')
    FROM silent WHERE NOT dated
  UNION ALL
  SELECT id, updated_at,
         (SELECT q.valid_until || 'T23:59:59Z' FROM quotes q WHERE q.request_id = silent.id AND q.state = 'issued')
    FROM silent WHERE state = 'quoted')
SELECT request_id, 'done' FROM held GROUP BY request_id HAVING min(past AND counted)
UNION ALL
SELECT h.request_id, 'count' FROM held h JOIN group_requests r ON r.id = h.request_id
 WHERE r.waiting_since IS NULL AND h.ended AND NOT h.counted GROUP BY h.request_id
UNION ALL
SELECT id, 'invoice' FROM owing WHERE uninvoiced AND waiting_since IS NULL
UNION ALL
SELECT id, 'lapsed' FROM lapses WHERE at <= ?1 AND updated_at < at GROUP BY id
UNION ALL
SELECT id, 'closed' FROM owing WHERE heard AND NOT uninvoiced AND NOT unpaid
ORDER BY 1`

func (s *Service) due(ctx context.Context) (all []dueStep, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		all, err = dueTx(tx, 0)
		return err
	})
	return all, err
}

// dueTx returns what is due for one request, or for all with 0.
func dueTx(tx *sqlite.Tx, requestID int64) (all []dueStep, err error) {
	now := tx.Now()
	rows, err := tx.Query(sqlDue, sqlite.Time(now), sqlite.Time(now.Add(-feedbackDays*24*time.Hour)), requestID, sqlite.Time(now.Add(-recount)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d dueStep
		if err := rows.Scan(&d.id, &d.what); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

// settle does what is due, if it still is: somebody may have been faster.
func (d dueStep) settle(tx *sqlite.Tx) error {
	due, err := dueTx(tx, d.id)
	if err != nil {
		return err
	}
	for _, still := range due {
		if still != d {
			continue
		}
		r, err := requestTx(tx, d.id)
		if err != nil {
			return err
		}
		switch d.what {
		case "done":
			return markDone(tx, r)
		case "closed":
			return closeRequest(tx, r)
		default:
			return setTurn(tx, r.ID, teamsTurn)
		}
	}
	return nil
}

// markDone moves on a request whose workshops took place, and sends the contact the way to the attestation and the questions.
func markDone(tx *sqlite.Tx, r Request) error {
	if err := advance(tx, account.System(), &r, step{to: Done, by: BySystem, turn: othersTurn}); err != nil {
		return err
	}
	if err := writeGroupFacts(tx, r); err != nil {
		return err
	}
	sessions, err := catalog.SessionsOfRequestTx(tx, r.ID)
	if err != nil {
		return err
	}
	m := letter(r)
	m.Sessions = toldSessions(sessions)
	return tellContact(tx, r, outbox.RequestDone, m)
}

func closeRequest(tx *sqlite.Tx, r Request) error {
	if err := advance(tx, account.System(), &r, step{to: Closed, by: BySystem, turn: othersTurn}); err != nil {
		return err
	}
	return tellContact(tx, r, outbox.RequestClosed, letter(r))
}
