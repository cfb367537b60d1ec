package message

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Draft is a mailing as it was typed. Sessions are ids, each once.
type Draft struct {
	Text
	Sessions []int64
	Audience Audience
}

// Preview is what a Draft would do.
type Preview struct {
	Families int       // who get a mail
	ByPhone  []Contact // who have no address: somebody calls
	// Sample is the letter of the first family, and Language in which; empty where nobody gets one.
	Sample   outbox.TeamLetter
	Language string
	// Seen stands for the letter and the families that are meant: Send refuses when they are others by then.
	Seen string
}

// trim makes a draft what it means, and checks it: Invalid by field, sessions, audience, subject and body.
func (d *Draft) trim() error {
	d.Text = d.Text.trim()
	slices.Sort(d.Sessions)
	d.Sessions = slices.Compact(d.Sessions)
	wrong := d.Text.check()
	switch {
	case len(d.Sessions) == 0:
		wrong["sessions"] = fault.Message{Key: "message.sessions.missing"}
	case len(d.Sessions) > mostSessions:
		wrong["sessions"] = fault.Message{Key: "message.sessions.too_many", Args: []any{mostSessions}}
	}
	if !slices.Contains(Audiences(), d.Audience) {
		wrong["audience"] = fault.Message{Key: "message.audience.missing"}
	}
	if len(wrong) > 0 {
		return fault.InvalidFields(wrong)
	}
	return nil
}

// mailing is a checked draft with whom it goes to.
type mailing struct {
	Draft
	families []family
	sessions map[int64]outbox.Session
}

// address finds out whom a draft goes to. Invalid on sessions where that is nobody.
func address(tx *sqlite.Tx, d Draft) (m mailing, err error) {
	m.Draft = d
	if m.sessions, err = told(tx, d.Sessions); err != nil {
		return mailing{}, err
	}
	if m.families, err = families(tx, d.Sessions, d.Audience); err != nil {
		return mailing{}, err
	}
	if len(m.families) == 0 {
		return mailing{}, fault.InvalidFields(map[string]fault.Message{"sessions": {Key: "message.nobody"}})
	}
	return m, nil
}

// seen stands for what is written, and to whom, by ids.
func (m mailing) seen() (string, error) {
	ids := make([]int64, len(m.families))
	for i, f := range m.families {
		ids[i] = f.guardianID
	}
	text, err := json.Marshal([]any{m.Draft, ids})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), err
}

// Preview tells whom a draft would reach, and what the first of them would read. Invalid by field; NotFound for a session
// that families do not see; Forbidden to who has no desk.
func (s *Service) Preview(ctx context.Context, actor account.Actor, d Draft) (p Preview, err error) {
	if err := d.trim(); err != nil {
		return Preview{}, err
	}
	err = s.read(ctx, actor, func(tx *sqlite.Tx) error {
		m, err := address(tx, d)
		if err != nil {
			return err
		}
		p = Preview{}
		for _, f := range m.families {
			if f.email == "" {
				p.ByPhone = append(p.ByPhone, Contact{f.name, f.phone})
				continue
			}
			if p.Families++; p.Families == 1 {
				p.Sample, p.Language = f.letter(m.Text, m.sessions), f.language
			}
		}
		p.Seen, err = m.seen()
		return err
	})
	return p, err
}

const sqlOwnAddress = `SELECT email FROM users WHERE id = ? AND disabled_at IS NULL`

// somebody is who the letter of a Try is to: the names of a real family would stay in the mailbox of the team, whatever
// becomes of that family.
var somebody = family{name: "Camille Exemple", children: []string{"Zoé", "Łukasz"}}

// Try sends the letter to whoever writes it, as if they were a family with made-up names in all these sessions, and to nobody
// else. Faults as Preview; Forbidden also to who has no address of their own.
func (s *Service) Try(ctx context.Context, actor account.Actor, key account.FormKey, d Draft) error {
	if err := d.trim(); err != nil {
		return err
	}
	return s.write(ctx, actor, func(tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			m, err := address(tx, d)
			if err != nil {
				return "", err
			}
			own, err := sqlite.Column[string](tx, sqlOwnAddress, actor.MemberID())
			if err != nil {
				return "", err
			}
			if len(own) == 0 {
				return "", fault.New(fault.Forbidden, "error.forbidden")
			}
			to := somebody
			to.sessions = m.Sessions
			letter := to.letter(m.Text, m.sessions)
			letter.Test = true
			if err := outbox.Add(tx, outbox.Message{Kind: outbox.TeamWrote, Language: "fr", To: own[0], Payload: letter}); err != nil {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), "message.test", record("user", actor.MemberID()), nil)
		})
		return err
	})
}

const (
	sqlInsertMailing = `INSERT INTO mailings (audience, subject, body, sent_by, sent_at) VALUES (?, ?, ?, nullif(?, 0), ?)`
	sqlInsertSession = `INSERT INTO mailing_sessions (mailing_id, session_id) VALUES (?, ?)`
	sqlInsertFamily  = `INSERT INTO mailing_families (mailing_id, guardian_id, outbox_id) VALUES (?, ?, nullif(?, 0))`
)

// Send writes to every family that is meant, each a mail of its own, and returns the mailing. Sent twice it is one (UX-A3).
// seen is Preview.Seen: where the letter or the families are others by now, nothing is sent, Conflict "message.changed". Other faults as
// Preview.
func (s *Service) Send(ctx context.Context, actor account.Actor, key account.FormKey, d Draft, seen string) (id int64, err error) {
	if err := d.trim(); err != nil {
		return 0, err
	}
	err = s.write(ctx, actor, func(tx *sqlite.Tx) error {
		id, err = account.OnceID(tx, key, func() (int64, error) {
			m, err := address(tx, d)
			if err != nil {
				return 0, err
			}
			now, err := m.seen()
			if err != nil {
				return 0, err
			}
			if now != seen {
				return 0, fault.New(fault.Conflict, "message.changed")
			}
			return m.send(tx, actor)
		})
		return err
	})
	return id, err
}

func (m mailing) send(tx *sqlite.Tx, actor account.Actor) (int64, error) {
	res, err := tx.Exec(sqlInsertMailing, string(m.Audience), m.Subject, m.Body, actor.MemberID(), sqlite.Time(tx.Now()))
	if err != nil {
		return 0, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, err
	}
	for _, session := range slices.Sorted(maps.Keys(m.sessions)) {
		if _, err := tx.Exec(sqlInsertSession, id, session); err != nil {
			return 0, err
		}
	}
	mailed := 0
	for _, f := range m.families {
		mail, err := outbox.Post(tx, outbox.Message{Kind: outbox.TeamWrote, Language: f.language, To: f.email, GuardianID: f.guardianID,
			Payload: f.letter(m.Text, m.sessions)})
		if err != nil {
			return 0, err
		}
		if mail != 0 {
			mailed++
		}
		if _, err := tx.Exec(sqlInsertFamily, id, f.guardianID, mail); err != nil {
			return 0, err
		}
	}
	return id, audit.Add(tx, actor.String(), "message.send", record("mailing", id),
		map[string]any{"audience": m.Audience, "sessions": m.Sessions, "mails": mailed, "by_phone": len(m.families) - mailed})
}
