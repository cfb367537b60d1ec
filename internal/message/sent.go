package message

import (
	"context"
	"database/sql"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Mailing is what was sent. SentAt is in UTC; SentBy is the name of who wrote it, empty for a command.
type Mailing struct {
	ID       int64
	Audience Audience
	Text
	SentBy   string
	SentAt   time.Time
	Families int // in all
	Open     int // mails that have not left yet
	Failed   int // mails that will not arrive
}

// Sent is a Mailing with what became of each mail.
type Sent struct {
	Mailing
	Sessions []catalog.Session
	To       []Recipient
}

// Recipient is a family of a mailing. What was sent is forgotten after 30 days, and with it the address; a family that was
// erased has no name, and one whose record became one with another has that of the other.
type Recipient struct {
	Name, Phone string
	Email       string
	// State is that of the mail: pending, claimed, sent, failed or withdrawn; empty where the family has no address.
	State string
	Error string    // the last answer of the mail server
	At    time.Time // when it left or was given up; zero before
}

// Nobody looks for what was sent to a family longer ago.
const sqlMailings = `
SELECT m.id, m.audience, m.subject, m.body, coalesce(u.name, ''), m.sent_at, count(f.id),
       count(*) FILTER (WHERE o.state IN ('pending', 'claimed')), count(*) FILTER (WHERE o.state = 'failed')
FROM mailings m LEFT JOIN users u ON u.id = m.sent_by JOIN mailing_families f ON f.mailing_id = m.id LEFT JOIN outbox o ON o.id = f.outbox_id
WHERE ?1 = 0 OR m.id = ?1 GROUP BY m.id ORDER BY m.id DESC LIMIT 100`

// Mailings returns what was sent, the latest first, at most 100. Forbidden to who has no desk.
func (s *Service) Mailings(ctx context.Context, actor account.Actor) (list []Mailing, err error) {
	err = s.read(ctx, actor, func(tx *sqlite.Tx) error {
		list, err = mailings(tx, 0)
		return err
	})
	return list, err
}

// mailings reads one mailing, or all where id is 0.
func mailings(tx *sqlite.Tx, id int64) (list []Mailing, err error) {
	rows, err := tx.Query(sqlMailings, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m Mailing
		var at string
		if err := rows.Scan(&m.ID, &m.Audience, &m.Subject, &m.Body, &m.SentBy, &at, &m.Families, &m.Open, &m.Failed); err != nil {
			return nil, err
		}
		if m.SentAt, err = sqlite.ParseTime(at); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, rows.Err()
}

const (
	sqlMailingSessions = `SELECT session_id FROM mailing_sessions WHERE mailing_id = ? ORDER BY session_id`
	sqlRecipients      = `
SELECT coalesce(g.name, ''), coalesce(g.phone, ''), coalesce(o.recipient, ''), coalesce(o.state, ''), coalesce(o.last_error, ''), o.done_at
FROM mailing_families f LEFT JOIN guardians was ON was.id = f.guardian_id LEFT JOIN merged_guardians m ON m.erasure_id = was.erasure_id
  LEFT JOIN guardians g ON g.id = coalesce(m.guardian_id, was.id) LEFT JOIN outbox o ON o.id = f.outbox_id
WHERE f.mailing_id = ? ORDER BY f.outbox_id IS NOT NULL, o.state <> 'failed', f.id`
)

// Sent returns a mailing with what became of each mail: who has no address first, then what failed. NotFound; Forbidden to
// who has no desk.
func (s *Service) Sent(ctx context.Context, actor account.Actor, id int64) (sent Sent, err error) {
	err = s.read(ctx, actor, func(tx *sqlite.Tx) error {
		found, err := mailings(tx, id)
		if err != nil {
			return err
		}
		if id == 0 || len(found) == 0 {
			return fault.New(fault.NotFound, "error.not_found")
		}
		sent = Sent{Mailing: found[0]}
		ids, err := sqlite.Column[int64](tx, sqlMailingSessions, id)
		if err != nil {
			return err
		}
		for _, session := range ids {
			v, err := catalog.SessionTx(tx, session)
			if err != nil {
				return err
			}
			sent.Sessions = append(sent.Sessions, v)
		}
		sent.To, err = recipients(tx, id)
		return err
	})
	return sent, err
}

func recipients(tx *sqlite.Tx, id int64) (list []Recipient, err error) {
	rows, err := tx.Query(sqlRecipients, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r Recipient
		var at sql.NullString
		if err := rows.Scan(&r.Name, &r.Phone, &r.Email, &r.State, &r.Error, &at); err != nil {
			return nil, err
		}
		if at.Valid {
			if r.At, err = sqlite.ParseTime(at.String); err != nil {
				return nil, err
			}
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
