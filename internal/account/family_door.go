package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// LinkLife is how long a link to sign in can be used (SEC-8).
const LinkLife = 15 * time.Minute

// strangersPeriod is how often we write to an address that has no family here: nobody shall make us write to strangers.
const strangersPeriod = 24 * time.Hour

// FamilyDoor is where guardians ask for a link to sign in. There is one per process: it remembers who asked.
type FamilyDoor struct {
	db        *sqlite.DB
	secret    Secret
	clock     sqlite.Clock
	asked     linkQuotas
	strangers *quota
}

// NewFamilyDoor returns the door to the families of db.
func NewFamilyDoor(db *sqlite.DB, secret Secret, clock sqlite.Clock) *FamilyDoor {
	return &FamilyDoor{db: db, secret: secret, clock: clock, asked: newLinkQuotas(), strangers: newQuota(1, strangersPeriod)}
}

// LinkRequest is somebody who wants to sign in.
type LinkRequest struct {
	Email    string // has passed family.ParseEmail
	Language string // "fr" or "en", of the page
	Next     string // where to go on, a path of this site that was checked
	IP       string
}

// SignInToken makes the token of the link that a mail of the kind outbox.SignInLink brings. The nonce alone opens nothing:
// whoever steals the database has no link.
func (s Secret) SignInToken(nonce string) string { return s.Sign("sign-in", nonce, 1) }

func (s Secret) mailbox(email string) []byte { return s.Digest("mailbox", FoldEmail(email)) }

// Ask mails a link to sign in to an address that a guardian gave, proved or not; the links that it had before open nothing
// any more. Who has no family here gets a mail that says so, once a day. Either way the answer is nil after the same work, so that nobody
// learns who is known (SEC-7). Too many requests of one address or IP are fault.Unavailable "account.links_throttled", known
// or not; RetryAfter tells the exact time.
//
// The same form sent twice is one request.
func (d *FamilyDoor) Ask(ctx context.Context, key FormKey, r LinkRequest) error {
	now, address := d.clock(), FoldEmail(r.Email)
	if err := d.asked.take(address, r.IP, now); err != nil {
		return err
	}
	quiet := d.strangers.wait(address, now) > 0
	var known bool
	err := d.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := Once(tx, key, func() (_ string, err error) {
			known, err = d.mail(tx, r, quiet)
			return "", err
		})
		return err
	})
	if err == nil && !known && !quiet {
		d.strangers.count(address, now)
	}
	return err
}

const (
	// The proved guardian of an address, else the one who came last.
	sqlGuardianOfAddress = `
SELECT id, email FROM guardians WHERE email_folded = ? AND email_folded <> '' ORDER BY proved_at IS NULL, id DESC LIMIT 1`
	sqlYoungOfAddress = `SELECT child_id FROM young_holders WHERE email_folded = ?`
	sqlSupersede      = `UPDATE sign_in_links SET outcome = 'superseded', ended_at = ?2 WHERE mailbox = ?1 AND outcome IS NULL`
	sqlAddLink        = `INSERT INTO sign_in_links (token_hash, mailbox, guardian_id, young_id, next, expires_at) VALUES (?, ?, nullif(?, 0), nullif(?, 0), ?, ?)`
)

func (d *FamilyDoor) mail(tx *sqlite.Tx, r LinkRequest, quiet bool) (known bool, err error) {
	var guardian, young int64
	to := r.Email
	if err := tx.QueryRow(sqlGuardianOfAddress, FoldEmail(r.Email)).Scan(&guardian, &to); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("account: ask for a link: %w", err)
	}
	err = tx.QueryRow(sqlYoungOfAddress, FoldEmail(r.Email)).Scan(&young)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("account: ask for a link: %w", err)
	}
	if guardian != 0 {
		young = 0 // who has both an own space and children's enters the latter
	}
	nonce := rand.Text()
	token, mailbox := d.secret.SignInToken(nonce), d.secret.mailbox(r.Email)
	if _, err := tx.Exec(sqlSupersede, mailbox, sqlite.Time(tx.Now())); err != nil {
		return false, err
	}
	if _, err := tx.Exec(sqlAddLink, hashOf(token), mailbox, guardian, young, r.Next, sqlite.Time(tx.Now().Add(LinkLife))); err != nil {
		return false, err
	}
	m := outbox.Message{
		Kind: outbox.SignInLink, Language: r.Language, To: to, GuardianID: guardian,
		Payload: outbox.SignIn{Nonce: nonce},
	}
	known = guardian != 0 || young != 0
	if !known {
		m.Kind, m.Payload = outbox.SignInUnknown, outbox.SignIn{}
		if quiet {
			m.To = ""
		}
	}
	if err := outbox.Add(tx, m); err != nil {
		return false, err
	}
	return known, audit.Add(tx, Guest().String(), "account.ask_link", guardianRecord(guardian), nil)
}

// AskAgain is Ask for the mailbox of a link that is over, so that nobody types the address again and the page need not show
// it. A link that is not known is fault.NotFound "account.link_unknown".
func (d *FamilyDoor) AskAgain(ctx context.Context, key FormKey, token, language, ip string) error {
	var v SignInLink
	err := d.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		v, err = d.secret.findLink(tx, token)
		return err
	})
	if err != nil {
		return err
	}
	return d.Ask(ctx, key, LinkRequest{Email: v.Email, Language: language, Next: v.Next, IP: ip})
}

// SignInLink is a link by which somebody signs in.
type SignInLink struct {
	Email string // where it was mailed
	Next  string // where to go on; empty for the start

	guardian int64
	young    int64 // instead of guardian
	expires  time.Time
	outcome  string
	ended    time.Time
}

const sqlFindLink = `
SELECT l.mailbox, l.next, l.expires_at, coalesce(l.outcome, ''), coalesce(l.ended_at, ''), coalesce(g.id, 0), coalesce(y.child_id, 0), coalesce(g.email, y.email, '')
FROM sign_in_links l LEFT JOIN guardians g ON g.id = l.guardian_id LEFT JOIN young_holders y ON y.child_id = l.young_id
WHERE l.token_hash = ?`

// findLink returns the link of a token, whatever became of it. A link whose guardian has another address by now, or none, is as
// unknown as a made-up one.
func (s Secret) findLink(tx *sqlite.Tx, token string) (v SignInLink, err error) {
	var mailbox []byte
	var expires, ended string
	err = tx.QueryRow(sqlFindLink, hashOf(token)).Scan(&mailbox, &v.Next, &expires, &v.outcome, &ended, &v.guardian, &v.young, &v.Email)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !equal(string(mailbox), string(s.mailbox(v.Email))) {
		return SignInLink{}, fault.New(fault.NotFound, "account.link_unknown")
	}
	if err != nil {
		return SignInLink{}, err
	}
	if v.expires, err = sqlite.ParseTime(expires); err == nil && ended != "" {
		v.ended, err = sqlite.ParseTime(ended)
	}
	return v, err
}

// state is why a link opens nothing any more, nil while it does.
func (v SignInLink) state(now time.Time) error {
	switch {
	case v.outcome == "used":
		return fault.New(fault.Gone, "account.link_used")
	case v.outcome == "superseded":
		return fault.New(fault.Gone, "account.link_superseded")
	case !now.Before(v.expires):
		return fault.New(fault.Gone, "account.link_expired")
	}
	return nil
}

// Look returns the link of a token without using it, as often as somebody or a scanner of mails opens it (SEC-8).
// fault.Gone "account.link_expired", "…_used" or "…_superseded" says why it opens nothing any more; a token that nobody made, or only half
// of one, is fault.NotFound "account.link_unknown".
func (d *FamilyDoor) Look(ctx context.Context, token string) (v SignInLink, err error) {
	err = d.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if v, err = d.secret.findLink(tx, token); err != nil {
			return err
		}
		return v.state(tx.Now())
	})
	return v, err
}

// DoubleClick is how long after its use the very same form signs in once more: of two clicks a browser keeps the second answer.
const DoubleClick = 20 * time.Second

const sqlUseLink = `UPDATE sign_in_links SET outcome = 'used', ended_at = ?2 WHERE token_hash = ?1`

// UseLink uses a link up and returns it with the guardian, or the young person, it was mailed to. Errors are those of Look.
func (s Secret) UseLink(tx *sqlite.Tx, token string) (v SignInLink, who Actor, err error) {
	if v, err = s.findLink(tx, token); err != nil {
		return v, Guest(), err
	}
	if err := v.state(tx.Now()); err != nil {
		return v, Guest(), err
	}
	if who = Guardian(v.guardian); v.guardian == 0 {
		who = Young(v.young)
	}
	_, err = tx.Exec(sqlUseLink, hashOf(token), sqlite.Time(tx.Now()))
	return v, who, err
}

// UsedJustNow is nil for a link that was used a moment ago, see DoubleClick; else why it opens nothing.
func (s Secret) UsedJustNow(tx *sqlite.Tx, token string) error {
	v, err := s.findLink(tx, token)
	if err != nil {
		return err
	}
	if v.outcome == "used" && tx.Now().Sub(v.ended) < DoubleClick {
		return nil
	}
	return v.state(tx.Now())
}

const sqlMailboxOf = `SELECT email FROM guardians WHERE id = ?`

// EndLinks ends the links to sign in that a guardian's mailbox holds and nobody used.
func (s Secret) EndLinks(tx *sqlite.Tx, guardianID int64) error {
	var email string
	if err := tx.QueryRow(sqlMailboxOf, guardianID).Scan(&email); err != nil {
		return err
	}
	_, err := tx.Exec(sqlSupersede, s.mailbox(email), sqlite.Time(tx.Now()))
	return err
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// guardianRecord names a guardian's row in the audit.
func guardianRecord(id int64) string { return "guardian:" + strconv.FormatInt(id, 10) }
