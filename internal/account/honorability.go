package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A certificate of honorability ("attestation d'honorabilité") says that somebody may work with children. The State gives it; here only
// its day is kept, and for how long it counts is a setting.

// certifiedUntil is the last day of a certificate, months after its own: the last of the month where that one is shorter.
func certifiedUntil(on time.Time, months int) time.Time {
	until := on.AddDate(0, months, 0)
	if until.Day() != on.Day() {
		return until.AddDate(0, 0, -until.Day())
	}
	return until
}

// Certified is how it stands with the certificate of somebody.
type Certified int

// The states of a certificate, from the best to the worst.
const (
	CertifiedValid   Certified = iota
	CertifiedEnding            // its end is near: see settings.HonorabilityDays
	CertifiedMissing           // none was shown
	CertifiedOver
)

// Certified is how it stands with the certificate of u on a day, when the team wants to know that many days before its end.
func (u User) Certified(today time.Time, days int) Certified {
	switch {
	case u.CertifiedOn.IsZero():
		return CertifiedMissing
	case u.CertifiedUntil.Before(today):
		return CertifiedOver
	case u.CertifiedUntil.AddDate(0, 0, -days).After(today):
		return CertifiedValid
	}
	return CertifiedEnding
}

// certificateYears is how old a certificate can be that somebody still notes: an older day is a slip of the keyboard.
const certificateYears = 10

// day is the day of an instant, midnight UTC.
func day(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

const sqlSetHonorability = `UPDATE users SET honorability_on = nullif(?2, ''), honorability_told_at = NULL WHERE id = ?1`

// SetCertificate keeps the day of somebody's certificate of honorability as it was typed (2027-03-01), or that there is none where it is
// empty. A day that is none, is to come or is more than ten years ago is fault.Invalid on certified_on. It is for an actor that CanAdminister.
func (o *Office) SetCertificate(ctx context.Context, actor Actor, key FormKey, id int64, typed string) error {
	return o.once(ctx, key, func(tx *sqlite.Tx) error {
		return change(tx, actor, id, func(u User) error {
			wrong := func(key string) error {
				return fault.InvalidFields(map[string]fault.Message{"certified_on": {Key: key}})
			}
			typed := strings.TrimSpace(typed)
			if typed != "" {
				on, err := time.Parse(time.DateOnly, typed)
				switch {
				case err != nil:
					return wrong("account.certificate_wrong")
				case on.After(day(tx.Now()).AddDate(0, 0, 1)): // it may be tomorrow already where they are
					return wrong("account.certificate_future")
				case on.Before(day(tx.Now()).AddDate(-certificateYears, 0, 0)):
					return wrong("account.certificate_old")
				}
			}
			before := ""
			if !u.CertifiedOn.IsZero() {
				before = u.CertifiedOn.Format(time.DateOnly)
			}
			if typed == before {
				return nil
			}
			if _, err := tx.Exec(sqlSetHonorability, id, typed); err != nil {
				return fmt.Errorf("account: certificate of user %d: %w", id, err)
			}
			return audit.Add(tx, actor.String(), "account.set_certificate", userRecord(id), map[string]any{"removed": typed == ""})
		})
	})
}

const (
	sqlCertified    = `SELECT id FROM users WHERE honorability_on IS NOT NULL AND honorability_told_at IS NULL AND disabled_at IS NULL ORDER BY id`
	sqlCertifiedEnd = `UPDATE users SET honorability_told_at = ?2 WHERE id = ?1`
	sqlAdmins       = `SELECT id FROM users WHERE role = 'admin' AND disabled_at IS NULL AND password_hash <> '' ORDER BY id`
)

// RemindCertificates tells by mail whose certificate of honorability ends soon, once for each: the admins, and who it is of. It
// returns how many certificates it told of.
func RemindCertificates(ctx context.Context, db *sqlite.DB) (told int, err error) {
	var waiting []int64
	err = db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		waiting, err = endingCertificates(tx)
		return err
	})
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	err = inWrite(ctx, db, func(tx *sqlite.Tx) error {
		ending, err := endingCertificates(tx)
		if err != nil {
			return err
		}
		admins, err := sqlite.Column[int64](tx, sqlAdmins)
		if err != nil {
			return err
		}
		for _, id := range ending {
			if err := tellCertificate(tx, id, admins); err != nil {
				return err
			}
		}
		told = len(ending)
		return nil
	})
	return told, err
}

// endingCertificates are whose certificate ends soon, or is over, and nobody was told.
func endingCertificates(tx *sqlite.Tx) (ending []int64, err error) {
	ids, err := sqlite.Column[int64](tx, sqlCertified)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	days, err := settings.Get(tx, settings.HonorabilityDays)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		u, err := FindUser(tx, id)
		if err != nil {
			return nil, err
		}
		if u.Certified(day(tx.Now()), days) != CertifiedValid {
			ending = append(ending, id)
		}
	}
	return ending, nil
}

func tellCertificate(tx *sqlite.Tx, id int64, admins []int64) error {
	u, err := FindUser(tx, id)
	if err != nil {
		return err
	}
	until := u.CertifiedUntil.Format(time.DateOnly)
	if err := outbox.Add(tx, outbox.Message{Kind: outbox.HonorabilityEnding, Language: teamLanguage, To: u.Email,
		Payload: outbox.Honorability{Name: u.Name, Until: until}}); err != nil {
		return err
	}
	for _, admin := range admins {
		if admin == id {
			continue
		}
		a, err := FindUser(tx, admin)
		if err != nil {
			return err
		}
		if err := outbox.Add(tx, outbox.Message{Kind: outbox.HonorabilityEnding, Language: teamLanguage, To: a.Email,
			Payload: outbox.Honorability{Name: a.Name, Member: u.Name, MemberID: id, Until: until}}); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(sqlCertifiedEnd, id, sqlite.Time(tx.Now())); err != nil {
		return fmt.Errorf("account: certificate of user %d: %w", id, err)
	}
	return audit.Add(tx, System().String(), "account.remind_certificate", userRecord(id), nil)
}
