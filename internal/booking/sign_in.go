package booking

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Entered is a guardian, or a young person, who signs in.
type Entered struct {
	Who   account.Actor // a guardian, or a young person
	Epoch int64         // for account.FamilySignIns.Start
	Next  string        // where to go on; empty for the start
	// Ask says that others gave the same address: are they the same person?
	Ask bool
}

// SignIn uses a link to sign in up, which proves the mailbox that it was mailed to (domain, Family data 6). What others booked with
// the same address joins the family only once the guardian says so: see Strangers. The same form sent twice at once, a double click,
// signs in once more; later it is fault.Gone "account.link_used". Other errors are those of account.FamilyDoor.Look.
func (s *Service) SignIn(ctx context.Context, key account.FormKey, token string) (e Entered, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		e = Entered{}
		result, repeated, err := account.Once(tx, key, func() (string, error) {
			link, who, err := s.secret.UseLink(tx, token)
			if err != nil {
				return "", err
			}
			e.Next = link.Next
			if who.Kind == account.KindYoung {
				return youngMark + strconv.FormatInt(who.ID, 10), audit.Add(tx, who.String(), "account.sign_in", who.String(), nil)
			}
			id, _, err := family.Enter(tx, who.ID)
			if err != nil {
				return "", err
			}
			actor := account.Guardian(id).String()
			return strconv.FormatInt(id, 10), audit.Add(tx, actor, "account.sign_in", actor, nil)
		})
		if err != nil {
			return err
		}
		if repeated {
			if err := s.secret.UsedJustNow(tx, token); err != nil {
				return err
			}
		}
		text, young := strings.CutPrefix(result, youngMark)
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		if young {
			e.Who, e.Next = account.Young(id), ""
			e.Epoch, err = family.EnterYoung(tx, id)
			return err
		}
		e.Who = account.Guardian(id)
		if _, e.Epoch, err = family.Enter(tx, id); err != nil {
			return err
		}
		strangers, err := family.Strangers(tx, id)
		e.Ask = len(strangers) > 0
		return err
	})
	return e, err
}

// youngMark begins what Once keeps of a sign-in of a young person.
const youngMark = "young:"

// Stranger is somebody who booked with the address of a guardian, and may be that guardian or not.
type Stranger struct {
	family.Stranger
	Reference string // of the first booking
	BookedAt  time.Time
	Bookings  []Group
}

// Strangers are who booked with the address of the guardian who is signed in without proving that it is theirs, the first one first.
func (s *Service) Strangers(ctx context.Context, actor account.Actor) (list []Stranger, err error) {
	if actor.Kind != account.KindGuardian {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list, err = strangers(tx, actor.ID)
		return err
	})
	return list, err
}

const sqlGroupsOf = `SELECT id FROM booking_groups WHERE guardian_id = ? ORDER BY id`

const sqlBookedAt = `SELECT created_at FROM booking_groups WHERE id = ?`

func strangers(tx *sqlite.Tx, guardianID int64) (list []Stranger, err error) {
	found, err := family.Strangers(tx, guardianID)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		v := Stranger{Stranger: f}
		groups, err := sqlite.Column[int64](tx, sqlGroupsOf, f.ID)
		if err != nil {
			return nil, err
		}
		for _, id := range groups {
			g, err := viewGroup(tx, id)
			if err != nil {
				return nil, err
			}
			v.Bookings = append(v.Bookings, g)
		}
		if len(groups) == 0 {
			continue // nothing was booked: nothing to ask about
		}
		v.Reference = v.Bookings[0].Reference
		var at string
		if err := tx.QueryRow(sqlBookedAt, groups[0]).Scan(&at); err != nil {
			return nil, err
		}
		if v.BookedAt, err = sqlite.ParseTime(at); err != nil {
			return nil, err
		}
		v.BookedAt = v.BookedAt.In(v.Bookings[0].Session.StartsAt.Location())
		list = append(list, v)
	}
	return list, nil
}

// Own says that the guardian who is signed in made some bookings with their address: all that was written with them joins their family,
// and children of the same name and birth date become one. NotFound for a booking with another address, and once it was said.
func (s *Service) Own(ctx context.Context, actor account.Actor, key account.FormKey, references ...string) error {
	return s.onStrangers(ctx, actor, key, references, func(tx *sqlite.Tx, strange int64) error {
		return merge(tx, strange, actor.ID)
	})
}

// Disown says that somebody else made a booking with the address of the guardian who is signed in: no mail about it comes there any more, the links that
// did open nothing, and the team reaches that family by phone: it is on the call list. Who said so may book the same child themself. Errors are
// those of Own.
func (s *Service) Disown(ctx context.Context, actor account.Actor, key account.FormKey, reference string) error {
	return s.onStrangers(ctx, actor, key, []string{reference}, func(tx *sqlite.Tx, strange int64) error { return disown(tx, actor, strange) })
}

// DisownAll is Disown of whatever others booked with the address of a guardian, who is about to be erased.
func DisownAll(tx *sqlite.Tx, guardian account.Actor) error {
	found, err := family.Strangers(tx, guardian.ID)
	if err != nil {
		return err
	}
	for _, f := range found {
		if err := disown(tx, guardian, f.ID); err != nil {
			return err
		}
	}
	return nil
}

func disown(tx *sqlite.Tx, actor account.Actor, strange int64) error {
	for _, statement := range []string{sqlRevokeLinks, sqlDropGuestKeys} {
		if _, err := tx.Exec(statement, strange); err != nil {
			return err
		}
	}
	if err := outbox.Erase(tx, strange); err != nil {
		return err
	}
	if err := family.Disown(tx, strange); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "family.disown", record("guardian", strange), nil)
}

// A child of the same name that is booked from the address now is another booking.
const sqlDropGuestKeys = `UPDATE bookings SET guest_key = NULL WHERE group_id IN (SELECT id FROM booking_groups WHERE guardian_id = ?)`

const sqlGuardianOfReference = `SELECT guardian_id FROM booking_groups WHERE reference = ?`

func (s *Service) onStrangers(ctx context.Context, actor account.Actor, key account.FormKey, references []string, do func(*sqlite.Tx, int64) error) error {
	if actor.Kind != account.KindGuardian {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			for _, reference := range references {
				strange, err := strangerOf(tx, actor.ID, reference)
				if err != nil {
					return "", err
				}
				if err := do(tx, strange); err != nil {
					return "", err
				}
			}
			return "", nil
		})
		return err
	})
}

// strangerOf returns who made a booking with the address of a guardian; NotFound where nobody did.
func strangerOf(tx *sqlite.Tx, guardianID int64, reference string) (strange int64, err error) {
	err = tx.QueryRow(sqlGuardianOfReference, reference).Scan(&strange)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	found, err := family.Strangers(tx, guardianID)
	if err != nil {
		return 0, err
	}
	for _, f := range found {
		if f.ID == strange {
			return strange, nil
		}
	}
	return 0, fault.New(fault.NotFound, "error.not_found")
}

// SignOutEverywhere ends every sign-in of the guardian who is signed in, and the link that may lie unused in the mailbox.
func (s *Service) SignOutEverywhere(ctx context.Context, actor account.Actor) error {
	if actor.Kind != account.KindGuardian {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := family.SignOutEverywhere(tx, actor.ID); err != nil {
			return err
		}
		if err := s.secret.EndLinks(tx, actor.ID); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "account.sign_out_everywhere", actor.String(), nil)
	})
}

// ConfirmEmail makes the new address of a guardian the one that counts; every link that was mailed to the old one opens nothing any more (SEC-9), and everybody is
// signed out but who confirmed. The same form sent again returns 0. Errors are those of family.ConfirmEmail.
func (s *Service) ConfirmEmail(ctx context.Context, actor account.Actor, key account.FormKey, token string) (guardianID, epoch int64, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		result, repeated, err := account.Once(tx, key, func() (string, error) {
			id, _, err := family.ConfirmEmail(tx, actor, token)
			if err != nil {
				return "", err
			}
			_, err = tx.Exec(sqlRevokeLinks, id)
			return strconv.FormatInt(id, 10), err
		})
		if err != nil || repeated {
			return err
		}
		if guardianID, err = strconv.ParseInt(result, 10, 64); err != nil {
			return err
		}
		_, epoch, err = family.Enter(tx, guardianID)
		return err
	})
	return guardianID, epoch, err
}
