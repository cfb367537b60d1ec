package family

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// YoungAge is from which age on a young person may book for themselves, and be given a space of their own (domain, Family data 7).
const YoungAge = 15

// MayBookAlone reports whether who was born on birth may book for themselves on a day.
func MayBookAlone(birth, day time.Time) bool { return AgeOn(birth, day) >= YoungAge }

// MayHaveSpace reports whether the child is old enough on a day.
func (c OwnChild) MayHaveSpace(day time.Time) bool { return MayBookAlone(c.Birth, day) }

const (
	sqlYoungBirth = `SELECT birth_date, first_name FROM children WHERE id = ?`
	sqlOpenYoung  = `
INSERT INTO young_holders (child_id, email, email_folded, created_at, guardian_id) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (child_id) DO UPDATE SET email = ?2, email_folded = ?3, guardian_id = ?5, proved_at = NULL, sign_in_epoch = sign_in_epoch + 1`
	sqlYoungElsewhere = `SELECT count(*) FROM young_holders WHERE email_folded = ? AND child_id <> ?`
	sqlYoungAddress   = `SELECT email_folded FROM young_holders WHERE child_id = ?`
	sqlCloseYoung     = `DELETE FROM young_holders WHERE child_id = ?`
)

// OpenYoung gives a child who is old enough a space of their own under an address of their own, or another address to it; the young person and the other
// guardians are told. It shows the young person alone, who may book for themselves and say nothing else: who may leave alone is for a guardian to say. Invalid by field for the guardian's own
// address or one that another young person has, and for who is too young.
func (s *Service) OpenYoung(ctx context.Context, actor account.Actor, key account.FormKey, childID int64, email string) error {
	return s.changeChild(ctx, actor, key, "family.open_young", childID, "young", func(tx *sqlite.Tx) error {
		var birth, name, inviter, own, language string
		if err := tx.QueryRow(sqlYoungBirth, childID).Scan(&birth, &name); err != nil {
			return err
		}
		born, err := time.Parse(time.DateOnly, birth)
		if err != nil {
			return err
		}
		if !MayBookAlone(born, tx.Now()) {
			return fault.InvalidFields(map[string]fault.Message{"email": {Key: "family.young_age", Args: []any{YoungAge}}})
		}
		if err := tx.QueryRow(sqlInviter, actor.ID).Scan(&inviter, &own, &language); err != nil {
			return err
		}
		folded := account.FoldEmail(email)
		var taken int
		if err := tx.QueryRow(sqlYoungElsewhere, folded, childID).Scan(&taken); err != nil {
			return err
		}
		if folded == own || taken > 0 {
			return fault.InvalidFields(map[string]fault.Message{"email": {Key: "family.young_address"}})
		}
		if _, err := tx.Exec(sqlOpenYoung, childID, email, folded, sqlite.Time(tx.Now()), actor.ID); err != nil {
			return err
		}
		return outbox.Add(tx, outbox.Message{Kind: outbox.YoungInvited, Language: language, To: email, GuardianID: actor.ID,
			Payload: outbox.Invited{Name: name, By: inviter}})
	})
}

// CloseYoung takes the space of a young person away, and signs them out.
func (s *Service) CloseYoung(ctx context.Context, actor account.Actor, key account.FormKey, childID int64) error {
	return s.changeChild(ctx, actor, key, "family.close_young", childID, "young", func(tx *sqlite.Tx) error {
		address, err := sqlite.Column[string](tx, sqlYoungAddress, childID)
		if err != nil {
			return err
		}
		if err := forgetMails(tx, address); err != nil {
			return err
		}
		_, err = tx.Exec(sqlCloseYoung, childID)
		return err
	})
}

// forgetMails empties what was mailed to young people, by their folded addresses.
func forgetMails(tx *sqlite.Tx, addresses []string) error {
	if len(addresses) == 0 {
		return nil
	}
	return outbox.EraseTo(tx, func(to string) bool { return slices.Contains(addresses, account.FoldEmail(to)) })
}

const (
	sqlProveYoung = `UPDATE young_holders SET proved_at = coalesce(proved_at, ?2) WHERE child_id = ?1`
	sqlYoungEpoch = `SELECT sign_in_epoch FROM young_holders WHERE child_id = ?`
)

// EnterYoung lets a young person in, who reads the mailbox that a guardian named.
func EnterYoung(tx *sqlite.Tx, childID int64) (epoch int64, err error) {
	if _, err := tx.Exec(sqlProveYoung, childID, sqlite.Time(tx.Now())); err != nil {
		return 0, err
	}
	err = tx.QueryRow(sqlYoungEpoch, childID).Scan(&epoch)
	return epoch, err
}

// The guardian who gave the space; where that one is gone, the first who reads their mails.
const (
	sqlYoungGuardian = `
SELECT g.id FROM guardianships x JOIN guardians g ON g.id = x.guardian_id
 WHERE x.child_id = ?1 AND g.proved_at IS NOT NULL AND g.email <> ''
 ORDER BY g.id = (SELECT guardian_id FROM young_holders WHERE child_id = ?1) DESC, g.id LIMIT 1`
	sqlUnsaid = `
SELECT health_state = 'to_ask' OR NOT EXISTS (
    SELECT 1 FROM consents WHERE child_id = c.id AND purpose = 'leave_alone' AND text_version = ?2) FROM children c WHERE id = ?1`
)

// GuardianOfYoung returns the guardian in whose name a young person books for themselves; Conflict "family.young_guardian" where nobody is
// left who could be told.
func GuardianOfYoung(tx *sqlite.Tx, childID int64) (id int64, err error) {
	err = tx.QueryRow(sqlYoungGuardian, childID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.Conflict, "family.young_guardian")
	}
	return id, err
}

// Unsaid reports whether no guardian has said yet what the team must know of a child before it comes: its health, and how it leaves.
func Unsaid(tx *sqlite.Tx, childID int64) (unsaid bool, err error) {
	err = tx.QueryRow(sqlUnsaid, childID, LeaveAloneTextVersion).Scan(&unsaid)
	return unsaid, err
}

// YoungSpace is what a young person sees of what is known of them: no health, and nothing of anybody else.
type YoungSpace struct {
	FirstName, LastName string
	LeavesAlone         bool // as the guardians say
}

const (
	sqlYoungName = `SELECT first_name, last_name FROM children WHERE id = ?`
	sqlMayLeave  = `
SELECT coalesce(max(answer = 'yes'), 0) AND NOT coalesce(max(answer = 'no'), 0) FROM (
    SELECT iif(answer = 'yes' AND text_version <> ?2, 'later', answer) AS answer, row_number() OVER (PARTITION BY guardian_id ORDER BY given_at DESC, id DESC) AS nth
      FROM consents WHERE child_id = ?1 AND purpose = 'leave_alone') WHERE nth = 1`
)

// YoungSpace returns what the young person who is signed in sees.
func (s *Service) YoungSpace(ctx context.Context, actor account.Actor) (v YoungSpace, err error) {
	if actor.Kind != account.KindYoung {
		return v, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := tx.QueryRow(sqlYoungName, actor.ID).Scan(&v.FirstName, &v.LastName); err != nil {
			return err
		}
		return tx.QueryRow(sqlMayLeave, actor.ID, LeaveAloneTextVersion).Scan(&v.LeavesAlone)
	})
	return v, err
}
