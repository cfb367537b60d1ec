package booking

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// LinkComplete is the purpose of the link that a guardian scans at the door: it opens the questions that were left and
// nothing else of the booking.
const LinkComplete = "booking-complete"

// How long after its session a booking that was made at the door can be completed: by the link in a mail, and by the code
// that anybody in the room may have scanned.
const (
	completeByMail = 14 * 24 * time.Hour
	completeByCode = 24 * time.Hour
)

// Completing is a booking that was made at the door, or by a young person for themselves, as the page of the questions that are left shows it. Whoever looks at
// the code over a shoulder sees no more than a first name.
type Completing struct {
	Session   Session
	FirstName string
	// HasEmail says that the guardian gave an address at the door.
	HasEmail bool
	// HealthSaid says that something was said of health, be it that there is nothing.
	HealthSaid bool
	// ViaMail says that the link was mailed: it opens the booking too.
	ViaMail bool
	// ByYoung says that the young person booked for themselves, and GuardianName whom they named; empty for all others.
	ByYoung      bool
	GuardianName string
	// Done says that the questions were answered.
	Done bool

	group group
}

const sqlCompleting = `
SELECT bg.to_complete, bg.completed_at IS NOT NULL, c.first_name, c.health_state <> 'to_ask', g.email <> '', bg.young_email IS NOT NULL, iif(bg.young_email IS NULL, '', g.name)
FROM booking_groups bg JOIN guardians g ON g.id = bg.guardian_id JOIN bookings b ON b.group_id = bg.id JOIN children c ON c.id = b.child_id
WHERE bg.id = ? ORDER BY b.id LIMIT 1`

// Completing returns the booking that a link opens whose questions are left. NotFound for any other link, and for a booking
// that leaves none. To those of a young person's booking a mailed link alone leads: they are the guardian's. Gone "booking.complete_late" a day after the session, two weeks
// after it for a mailed link, and once the family is erased.
func (s *Service) Completing(ctx context.Context, link Link) (c Completing, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		c, err = s.completing(tx, link)
		return err
	})
	return c, err
}

func (s *Service) completing(tx *sqlite.Tx, link Link) (c Completing, err error) {
	if c.group, err = s.openToComplete(tx, link); err != nil {
		return Completing{}, err
	}
	var asked bool
	err = tx.QueryRow(sqlCompleting, c.group.id).Scan(&asked, &c.Done, &c.FirstName, &c.HealthSaid, &c.HasEmail, &c.ByYoung, &c.GuardianName)
	if err == nil && (!asked || c.ByYoung && !c.group.viaMail) {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil {
		return Completing{}, err
	}
	c.ViaMail = c.group.viaMail
	if c.Session, err = loadSession(tx, c.group.sessionID); err != nil {
		return Completing{}, err
	}
	until := c.Session.EndsAt.Add(completeByCode)
	if c.ViaMail {
		until = c.Session.EndsAt.Add(completeByMail)
	}
	if c.FirstName == "" || tx.Now().After(until) {
		return Completing{}, fault.New(fault.Gone, "booking.complete_late")
	}
	return c, nil
}

const sqlOpenQuestions = `
SELECT bg.reference, bg.link_version FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id
WHERE b.id = ? AND bg.to_complete AND bg.completed_at IS NULL AND bg.young_email IS NULL`

// CompletionLink returns the link to the questions that are left of a booking made at the door, for a code to scan; zero
// where there are none, and where a young person could scan it for themselves. Whoever may see the child's page may show it.
func (s *Service) CompletionLink(tx *sqlite.Tx, bookingID int64) (Link, error) {
	var reference string
	var version int
	err := tx.QueryRow(sqlOpenQuestions, bookingID).Scan(&reference, &version)
	if errors.Is(err, sql.ErrNoRows) {
		return Link{}, nil
	}
	if err != nil {
		return Link{}, err
	}
	return s.Sign(LinkComplete, reference, version), nil
}

// openToComplete is open for LinkComplete too.
func (s *Service) openToComplete(tx *sqlite.Tx, link Link) (group, error) {
	g, err := groupByReference(tx, link.Reference)
	if err == nil && s.secret.Verify(LinkComplete, link.Reference, g.version, link.Signature) {
		return g, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return group{}, err
	}
	return s.open(tx, link)
}

const sqlCompleted = `UPDATE booking_groups SET completed_at = ?2 WHERE id = ?1`

// Complete keeps what a guardian answers to the questions that were left at the door. From a mailed link it proves the
// mailbox, as any change does; an address that is given only now gets the link to the booking. Answering twice is Conflict
// "booking.completed". Otherwise as Completing.
func (s *Service) Complete(ctx context.Context, key account.FormKey, link Link, answers family.Completion) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) { return "", s.complete(tx, link, answers) })
		return err
	})
}

func (s *Service) complete(tx *sqlite.Tx, link Link, answers family.Completion) error {
	c, err := s.completing(tx, link)
	if err != nil {
		return err
	}
	if c.Done {
		return fault.New(fault.Conflict, "booking.completed")
	}
	if c.ViaMail {
		if err := prove(tx, c.group); err != nil {
			return err
		}
	}
	v, err := viewGroup(tx, c.group.id) // after the proof: guardian and child may be those of a known family
	if err != nil {
		return err
	}
	if v.guardianID != c.group.guardianID {
		answers.Guardian.Name, answers.Guardian.Language = "", "" // the family has its own
	}
	if err := family.Complete(tx, v.guardianID, v.Children[0].ChildID, answers); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlCompleted, c.group.id, sqlite.Time(tx.Now())); err != nil {
		return err
	}
	if err := audit.Add(tx, "guest", "booking.complete", record("session", v.Session.ID), map[string]any{"reference": v.Reference}); err != nil {
		return err
	}
	if c.HasEmail {
		return nil
	}
	if v, err = viewGroup(tx, c.group.id); err != nil {
		return err
	}
	return send(tx, outbox.WalkedIn, v, v.mail())
}
