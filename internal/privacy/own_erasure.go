package privacy

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// erasureLinkFor is how long the link lives by which a guardian confirms that everything is to be erased.
const erasureLinkFor = 24 * time.Hour

// erasurePurpose keeps the signatures and digests of these links apart from all others.
const erasurePurpose = "erasure"

// ErasureLink is what a mailed link says. Token names the erasure, when the link ends and a digest of the mailbox it was sent
// to; nothing is stored, and it serves once because nobody is erased twice.
type ErasureLink struct{ Token, Signature string }

// OwnErasure is what erasing oneself does: see booking.Erasure.
type OwnErasure struct {
	Children  []booking.ErasedChild
	Cancelled []booking.Group
	// Others says that bookings were made with the same address which the guardian has not said to be theirs: they stay, and
	// lose the address.
	Others bool
	// BusyUntil is the morning until which it has to wait, at the venue; else zero.
	BusyUntil time.Time
	// Until is when the link ends by which it was read; zero without a link.
	Until time.Time
}

// ErasureLink signs the token of a message outbox.ErasureAsked.
func (s *Service) ErasureLink(token string) ErasureLink {
	return ErasureLink{Token: token, Signature: s.secret.Sign(erasurePurpose, token, 1)}
}

// OwnErasure returns what AskErasure leads to. Forbidden to all but guardians.
func (s *Service) OwnErasure(ctx context.Context, actor account.Actor) (e OwnErasure, err error) {
	if actor.Kind != account.KindGuardian {
		return OwnErasure{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		e, err = ownErasure(tx, actor.ID)
		return err
	})
	return e, err
}

func ownErasure(tx *sqlite.Tx, guardianID int64) (OwnErasure, error) {
	e, err := booking.ErasureOf(tx, guardianID)
	return OwnErasure{Children: e.Children, Cancelled: e.Cancelled, Others: len(e.Others) > 0, BusyUntil: e.BusyUntil}, err
}

const sqlAsker = `SELECT name, email, email_folded, language, erasure_id FROM guardians WHERE id = ? AND email <> ''`

// AskErasure mails a guardian the link by which they confirm that everything kept of them is to be erased (domain, Family data
// 4). Nothing changes before. Forbidden to all but guardians; Conflict "booking.erase_busy" while a child is at a session.
func (s *Service) AskErasure(ctx context.Context, actor account.Actor, key account.FormKey) error {
	if actor.Kind != account.KindGuardian {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			var name, email, folded, language, erasureID string
			err := tx.QueryRow(sqlAsker, actor.ID).Scan(&name, &email, &folded, &language, &erasureID)
			if errors.Is(err, sql.ErrNoRows) {
				err = fault.New(fault.NotFound, "error.not_found")
			}
			if err != nil {
				return "", err
			}
			e, err := ownErasure(tx, actor.ID)
			if err != nil {
				return "", err
			}
			if !e.BusyUntil.IsZero() {
				return "", fault.New(fault.Conflict, "booking.erase_busy", e.BusyUntil)
			}
			until := tx.Now().Add(erasureLinkFor)
			err = outbox.Add(tx, outbox.Message{Kind: outbox.ErasureAsked, Language: language, To: email, GuardianID: actor.ID, Payload: outbox.Erasure{
				Guardian: name, Token: erasureID + "." + strconv.FormatInt(until.Unix(), 36) + "." + s.mailbox(folded), Until: sqlite.Time(until)}})
			if err != nil {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), "family.ask_erasure", actor.String(), nil)
		})
		return err
	})
}

// mailbox tells whether an address is still the one that a link was sent to, and nothing else about it.
func (s *Service) mailbox(folded string) string {
	return hex.EncodeToString(s.secret.Digest(erasurePurpose, folded)[:8])
}

const (
	sqlNamedErasure = `
SELECT id, name = '', email_folded FROM guardians WHERE erasure_id = ?1 AND erasure_id NOT IN (SELECT erasure_id FROM merged_guardians)
UNION SELECT g.id, g.name = '', g.email_folded FROM merged_guardians m JOIN guardians g ON g.id = m.guardian_id WHERE m.erasure_id = ?1`
	sqlAddressOf = `SELECT email, language FROM guardians WHERE id = ?`
)

// linked returns the guardian whose erasure a link confirms, and until when it does. NotFound for a link that we did not make
// and for who is gone with a restored copy; Gone "erasure.done" where it was done, "erasure.expired", and "erasure.moved" where
// the guardian has another address now.
func (s *Service) linked(tx *sqlite.Tx, link ErasureLink) (guardianID int64, until time.Time, err error) {
	if !s.secret.Verify(erasurePurpose, link.Token, 1, link.Signature) {
		return 0, time.Time{}, fault.New(fault.NotFound, "error.not_found")
	}
	id, rest, _ := strings.Cut(link.Token, ".")
	seconds, mailbox, _ := strings.Cut(rest, ".")
	ends, err := strconv.ParseInt(seconds, 36, 64)
	if err != nil {
		return 0, time.Time{}, fault.New(fault.NotFound, "error.not_found")
	}
	var erased bool
	var folded string
	err = tx.QueryRow(sqlNamedErasure, id).Scan(&guardianID, &erased, &folded)
	until = time.Unix(ends, 0).UTC()
	switch {
	case errors.Is(err, sql.ErrNoRows):
		err = fault.New(fault.NotFound, "error.not_found")
	case err != nil:
	case erased:
		err = fault.New(fault.Gone, "erasure.done")
	case !tx.Now().Before(until):
		err = fault.New(fault.Gone, "erasure.expired")
	case s.mailbox(folded) != mailbox:
		err = fault.New(fault.Gone, "erasure.moved")
	}
	return guardianID, until, err
}

// LinkedErasure returns what EraseLinked would do; its errors are those of a link that opens nothing (see ErasureLink). It
// changes nothing: scanners open the links of mails.
func (s *Service) LinkedErasure(ctx context.Context, link ErasureLink) (e OwnErasure, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		guardianID, until, err := s.linked(tx, link)
		if err != nil {
			return err
		}
		e, err = ownErasure(tx, guardianID)
		e.Until = until
		return err
	})
	return e, err
}

// EraseLinked erases the guardian who was mailed the link, and tells them by one last mail, of which nothing is kept once it left
// (domain, Family data 4 and 5). What others booked with the same address, by mistake or in a household that shares the mailbox,
// is theirs: it stays, without the address, as after booking.Disown. The same form again is the same as once;
// otherwise the errors are those of LinkedErasure, and Conflict "booking.erase_busy" while a child is at a session.
func (s *Service) EraseLinked(ctx context.Context, key account.FormKey, link ErasureLink) error {
	return s.erasing(ctx, func(tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			guardianID, _, err := s.linked(tx, link)
			if err != nil {
				return "", err
			}
			return "", eraseOwn(tx, guardianID)
		})
		return err
	})
}

func eraseOwn(tx *sqlite.Tx, guardianID int64) error {
	var email, language string
	if err := tx.QueryRow(sqlAddressOf, guardianID).Scan(&email, &language); err != nil {
		return err
	}
	actor := account.Guardian(guardianID)
	if err := booking.DisownAll(tx, actor); err != nil {
		return err
	}
	e, err := booking.EraseGuardian(tx, actor, guardianID)
	if err != nil {
		return err
	}
	last := outbox.Erased{Bookings: len(e.Cancelled)}
	for _, c := range e.Children {
		last.Stays = last.Stays || c.Stays
	}
	// To nobody of the database: there is none any more.
	return outbox.Add(tx, outbox.Message{Kind: outbox.FamilyErased, Language: cmp.Or(language, "fr"), To: email, Payload: last})
}

// Mailbox returns the address of the guardian who asks, for a fresh link. Forbidden to all but guardians; NotFound for who is gone.
func (s *Service) Mailbox(ctx context.Context, actor account.Actor) (email string, err error) {
	if actor.Kind != account.KindGuardian {
		return "", fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var language string
		err := tx.QueryRow(sqlAddressOf, actor.ID).Scan(&email, &language)
		if errors.Is(err, sql.ErrNoRows) || err == nil && email == "" {
			err = fault.New(fault.NotFound, "error.not_found")
		}
		return err
	})
	return email, err
}
