package account

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Office is what the team runs for itself: who is in it, what it has set, which mails did not arrive. Each
// change takes the key of the form that asks for it and happens once (Once). Changes of users
// are for an actor that CanAdminister; others get fault.Forbidden, an unknown id is fault.NotFound.
type Office struct {
	db     *sqlite.DB
	secret Secret
}

// NewOffice returns the office of db. Its secret makes the links that invitations bring.
func NewOffice(db *sqlite.DB, secret Secret) *Office { return &Office{db: db, secret: secret} }

// Users returns everybody of the team to an actor that CanAdminister: see ListUsers.
func (o *Office) Users(ctx context.Context, actor Actor) ([]User, error) {
	if !actor.CanAdminister() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	return ListUsers(ctx, o.db)
}

// User returns one of the team to an actor that CanAdminister: see FindUser.
func (o *Office) User(ctx context.Context, actor Actor, id int64) (u User, err error) {
	if !actor.CanAdminister() {
		return User{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = o.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		u, err = FindUser(tx, id)
		return err
	})
	return u, err
}

// Invite adds a user without a password, mails them the link by which they choose one, and returns their id, the same one when
// the form comes again. What cannot be used is fault.Invalid by field, as for AddUser.
func (o *Office) Invite(ctx context.Context, actor Actor, key FormKey, n NewUser) (id int64, err error) {
	if err := n.check(actor, false); err != nil {
		return 0, err
	}
	err = inWrite(ctx, o.db, func(tx *sqlite.Tx) error {
		id, err = OnceID(tx, key, func() (int64, error) {
			id, err := n.insert(tx, "")
			if err != nil {
				return 0, err
			}
			if err := audit.Add(tx, actor.String(), "account.invite", userRecord(id), map[string]any{"role": n.Role}); err != nil {
				return 0, err
			}
			return id, o.secret.mailPasswordLink(tx, id, actor.Name)
		})
		return err
	})
	if err != nil {
		return 0, err
	}
	return id, nil
}

const sqlCorrectInvitation = `
UPDATE OR IGNORE users SET email = ?2, email_folded = ?3, name = ?4, phone = ?5, role = ?6, sign_in_epoch = sign_in_epoch + 1 WHERE id = ?1`

// CorrectInvitation changes what was typed of the user id, who has not chosen a password yet, and mails the link anew: whoever got the one
// before, perhaps at a mistyped address, cannot use it any more. What is wrong is that of Invite; who has accepted, or whose invitation
// was withdrawn, is fault.Conflict "account.not_invited".
func (o *Office) CorrectInvitation(ctx context.Context, actor Actor, key FormKey, id int64, n NewUser) error {
	if err := n.check(actor, false); err != nil {
		return err
	}
	return o.once(ctx, key, func(tx *sqlite.Tx) error {
		u, err := FindUser(tx, id)
		if err != nil {
			return err
		}
		if !u.Invited || u.Disabled() {
			return fault.New(fault.Conflict, "account.not_invited")
		}
		res, err := tx.Exec(sqlCorrectInvitation, id, n.Email, FoldEmail(n.Email), n.Name, n.Phone, string(n.Role))
		if err != nil {
			return fmt.Errorf("account: invitation of user %d: %w", id, err)
		}
		if changed, err := res.RowsAffected(); err != nil || changed == 0 {
			return errors.Join(err, fault.InvalidFields(map[string]fault.Message{"email": {Key: "account.email_taken"}}))
		}
		details := map[string]any{"fields": n.changed(u)}
		if n.Role != u.Role {
			details["role"] = []Role{u.Role, n.Role}
		}
		if err := audit.Add(tx, actor.String(), "account.correct_invitation", userRecord(id), details); err != nil {
			return err
		}
		return o.secret.mailPasswordLink(tx, id, actor.Name)
	})
}

// changed names the fields of n that differ from u.
func (n NewUser) changed(u User) []string {
	fields := []string{}
	for _, field := range []struct {
		name        string
		before, now string
	}{{"email", u.Email, n.Email}, {"name", u.Name, n.Name}, {"phone", u.Phone, n.Phone}} {
		if field.before != field.now {
			fields = append(fields, field.name)
		}
	}
	return fields
}

// HonorabilityDays is how many days before the end of a certificate of honorability the team is told.
func (o *Office) HonorabilityDays(ctx context.Context) (days int, err error) {
	err = o.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		days, err = settings.Get(tx, settings.HonorabilityDays)
		return err
	})
	return days, err
}

// MailPasswordLink mails the user id a new link to choose a password, the first or another one; the links that they had before open
// nothing any more. Somebody whose access is closed is fault.Conflict "account.is_disabled".
func (o *Office) MailPasswordLink(ctx context.Context, actor Actor, key FormKey, id int64) error {
	return o.once(ctx, key, func(tx *sqlite.Tx) error {
		if !actor.CanAdminister() {
			return fault.New(fault.Forbidden, "error.forbidden")
		}
		u, err := FindUser(tx, id)
		if err != nil {
			return err
		}
		if u.Disabled() {
			return fault.New(fault.Conflict, "account.is_disabled")
		}
		if err := audit.Add(tx, actor.String(), "account.mail_password_link", userRecord(id), nil); err != nil {
			return err
		}
		return o.secret.mailPasswordLink(tx, id, actor.Name)
	})
}

// SetRole gives the user id another role. The same role again changes nothing; whoever would leave the team without
// an admin who can sign in gets fault.Conflict "account.last_admin", here and in Disable.
func (o *Office) SetRole(ctx context.Context, actor Actor, key FormKey, id int64, role Role) error {
	return o.once(ctx, key, func(tx *sqlite.Tx) error { return setRole(tx, actor, id, role) })
}

// Disable keeps the user id from signing in, from this moment on, and withdraws an invitation. Twice is once.
func (o *Office) Disable(ctx context.Context, actor Actor, key FormKey, id int64) error {
	return o.once(ctx, key, func(tx *sqlite.Tx) error { return disable(tx, actor, id) })
}

// Enable lets the user id sign in again, with the password they had. Who never chose one is invited again.
func (o *Office) Enable(ctx context.Context, actor Actor, key FormKey, id int64) error {
	return o.once(ctx, key, func(tx *sqlite.Tx) error {
		if err := enable(tx, actor, id); err != nil {
			return err
		}
		if u, err := FindUser(tx, id); err != nil || !u.Invited {
			return err
		}
		return o.secret.mailPasswordLink(tx, id, actor.Name)
	})
}

// Settings returns every setting with what is in force.
func (o *Office) Settings(ctx context.Context) (all []settings.Value, err error) {
	err = o.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		all, err = settings.All(tx)
		return err
	})
	return all, err
}

// SettingChange is when a setting was last changed, and by whom of the team; empty where it was the program or its command line.
type SettingChange struct {
	At time.Time // UTC
	By string
}

// SettingChanges returns the last change of each setting, and of the logo and the signature by these names, in the 12 months that the audit keeps, by name of setting. Only an actor that
// CanManage may: others get fault.Forbidden.
func (o *Office) SettingChanges(ctx context.Context, actor Actor) (changes map[string]SettingChange, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	changes = map[string]SettingChange{}
	err = o.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		for _, action := range []string{"settings.set", "settings.logo", "settings.signature"} {
			latest, err := audit.Latest(tx, action)
			if err != nil {
				return err
			}
			for record, l := range latest {
				changes[strings.TrimPrefix(record, "setting:")] = SettingChange{At: l.At, By: l.ActorName}
			}
		}
		return nil
	})
	return changes, err
}

// Fundings lists the kinds of funding that can be chosen now, see settings.Fundings.
func (o *Office) Fundings(ctx context.Context) (all []settings.Funding, err error) {
	err = o.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		all, err = settings.Fundings(tx)
		return err
	})
	return all, err
}

// ChangeSettings stores what was typed, by name of setting, all or nothing, and notes in the audit what changed:
// fault.Invalid names every wrong one, or those that are wrong together; an unknown name is fault.NotFound. seen is what the form showed, by name: what was not changed
// since is left alone, and a setting that somebody else has made something else meanwhile is fault.Conflict
// "settings.changed_meanwhile"; a name without what was seen replaces whatever is there. Only an actor that CanManage may: others get
// fault.Forbidden.
func (o *Office) ChangeSettings(ctx context.Context, actor Actor, key FormKey, typed, seen map[string]string) error {
	return o.once(ctx, key, func(tx *sqlite.Tx) error {
		wrong, overtaken := map[string]fault.Message{}, false
		for _, name := range slices.Sorted(maps.Keys(typed)) {
			shown, known := seen[name]
			if known && shown == typed[name] {
				continue
			}
			before, changed, err := changeSetting(tx, actor, name, typed[name])
			if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
				maps.Copy(wrong, f.Fields)
			} else if err != nil {
				return err
			}
			overtaken = overtaken || changed && known && shown != before
		}
		switch {
		case len(wrong) > 0:
			return fault.InvalidFields(wrong)
		case overtaken:
			return fault.New(fault.Conflict, "settings.changed_meanwhile")
		}
		return settings.CheckTogether(tx)
	})
}

// Signature returns the picture of the signature that certificates bear, as a PNG; nil where there is none.
func (o *Office) Signature(ctx context.Context) (picture []byte, err error) {
	err = o.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		picture, err = settings.Signature(tx)
		return err
	})
	return picture, err
}

// ChangeSignature keeps the picture that settings.ReadSignature made of a file, or none where it is nil. Only an actor that
// CanManage may: others get fault.Forbidden.
func (o *Office) ChangeSignature(ctx context.Context, actor Actor, key FormKey, picture []byte) error {
	return o.changePicture(ctx, actor, key, "settings.signature", "setting:signature", settings.SetSignature, picture)
}

// Logo returns the logo that letterheads bear, as a PNG; nil where there is none.
func (o *Office) Logo(ctx context.Context) (picture []byte, err error) {
	err = o.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		picture, err = settings.Logo(tx)
		return err
	})
	return picture, err
}

// ChangeLogo keeps the picture that settings.ReadLogo made of a file, or none where it is nil. Only an actor that CanManage may:
// others get fault.Forbidden.
func (o *Office) ChangeLogo(ctx context.Context, actor Actor, key FormKey, picture []byte) error {
	return o.changePicture(ctx, actor, key, "settings.logo", "setting:logo", settings.SetLogo, picture)
}

func (o *Office) changePicture(ctx context.Context, actor Actor, key FormKey, action, record string, set func(*sqlite.Tx, []byte) error, picture []byte) error {
	if !actor.CanManage() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return o.once(ctx, key, func(tx *sqlite.Tx) error {
		if err := set(tx, picture); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), action, record, map[string]any{"bytes": len(picture)})
	})
}

// ResendMail gives a mail that was given up another life, from its first try on. A mail that is on its way,
// sent or gone is fault.Conflict "account.mail_not_failed". Only an actor that CanManage may.
func (o *Office) ResendMail(ctx context.Context, actor Actor, key FormKey, id int64) error {
	if !actor.CanManage() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return o.once(ctx, key, func(tx *sqlite.Tx) error {
		again, err := outbox.Resend(tx, id)
		if err != nil {
			return err
		}
		if !again {
			return fault.New(fault.Conflict, "account.mail_not_failed")
		}
		return audit.Add(tx, actor.String(), "outbox.resend", fmt.Sprintf("outbox:%d", id), nil)
	})
}

// ResumeMails lets mails leave again after a restore of the database: those that waited in it too, or else they are withdrawn
// (see outbox.Resume). Without a pause it changes nothing. Only an actor that CanManage may.
func (o *Office) ResumeMails(ctx context.Context, actor Actor, key FormKey, withOld bool) error {
	if !actor.CanManage() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return o.once(ctx, key, func(tx *sqlite.Tx) error {
		was, withdrawn, err := outbox.Resume(tx, withOld)
		if err != nil || !was {
			return err
		}
		return audit.Add(tx, actor.String(), "outbox.resume", "outbox", map[string]any{"withdrawn": withdrawn})
	})
}

// changeSetting stores a setting, and returns what it was and whether it is another now.
func changeSetting(tx *sqlite.Tx, actor Actor, name, typed string) (before string, changed bool, err error) {
	if !actor.CanManage() {
		return "", false, fault.New(fault.Forbidden, "error.forbidden")
	}
	before, after, err := settings.Set(tx, name, typed)
	if err != nil || before == after {
		return before, false, err
	}
	details := map[string]any{"from": before, "to": after}
	if name == settings.SignatoryName.Name {
		details = nil // the name of a person, which the audit never holds (SEC-51)
	}
	return before, true, audit.Add(tx, actor.String(), "settings.set", "setting:"+name, details)
}

func (o *Office) once(ctx context.Context, key FormKey, do func(*sqlite.Tx) error) error {
	return inWrite(ctx, o.db, func(tx *sqlite.Tx) error {
		_, _, err := Once(tx, key, func() (string, error) { return "", do(tx) })
		return err
	})
}
