package attendance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// longestHealth is how many signs a text about health may have that is written down at the door.
const longestHealth = 500

// WalkIn is a child who came without being on the register (UX-F6), or a blank line of the paper sheet typed in later.
type WalkIn struct {
	// EntryKey is that of the mark; it tells one walk-in from every other one, as in NewMark.
	EntryKey            string
	SessionID           int64
	FirstName, LastName string    // as family.ParseName gives them
	BirthDate           time.Time // midnight UTC of the day
	Phone               string    // of the guardian, as family.ParsePhone gives it
	GuardianName        string    // never empty: whoever has not asked for it says whose guardian it is
	Email               string    // of the guardian; may be empty
	// Health is to ask unless the guardian said something. What they described needs HealthConsent: that they agree to its
	// being written down (RGPD-3).
	Health        family.Health
	HealthConsent bool
	ArrivedAt     time.Time // zero for now
	Device        string    // the tablet that kept it; empty for a form
	// OverCapacity and OutOfAge confirm what AddWalkIn asks; Reason stays with the booking then.
	OverCapacity, OutOfAge bool
	Reason                 string
}

// WalkedIn is what came of a walk-in.
type WalkedIn struct {
	BookingID int64
	// Known says that the child had a booking in the session: it was on the register, waited, or had given its seat up.
	Known bool
}

// AddWalkIn lets a child in: a guardian, the child, a confirmed booking and the mark Present, in one transaction. The same
// form, or the same EntryKey, gives the first result again. A child who has a booking in the session already gets no second
// one (I3), and one who waits gets its seat; whatever is said of health is kept with the child that is known.
//
// Who may, and when, is as for Mark; the faults are those of Mark and of booking.Service.AddWalkIn. A private session is
// NotFound: its class list takes more names. Invalid, by field "health" or "health_consent", for a description that is too
// long or that nobody agreed to.
func (s *Service) AddWalkIn(ctx context.Context, actor account.Actor, key account.FormKey, w WalkIn) (done WalkedIn, err error) {
	result, err := s.writeTo(ctx, actor, key, w.SessionID, func(tx *sqlite.Tx) (string, error) {
		done, err := s.addWalkIn(tx, actor, w)
		return done.String(), err
	})
	if err != nil {
		return WalkedIn{}, err
	}
	_, err = fmt.Sscan(result, &done.BookingID, &done.Known)
	return done, err
}

// String is the result as a form key keeps it.
func (w WalkedIn) String() string { return fmt.Sprint(w.BookingID, " ", w.Known) }

// addWalkIn is AddWalkIn once it is known that actor may mark in the session. It writes nothing before all is decided.
func (s *Service) addWalkIn(tx *sqlite.Tx, actor account.Actor, w WalkIn) (WalkedIn, error) {
	if done, found, err := walkedIn(tx, w); err != nil || found {
		return done, err
	}
	m := NewMark{EntryKey: w.EntryKey, SessionID: w.SessionID, Action: Present, At: w.ArrivedAt, Device: w.Device}
	if err := m.entry().check(tx.Now()); err != nil {
		return WalkedIn{}, err
	}
	if _, err := isKnown(tx, 0, m.entry()); err != nil {
		return WalkedIn{}, err
	}
	if err := w.check(); err != nil {
		return WalkedIn{}, err
	}
	id, known, err := s.bookings.AddWalkIn(tx, actor, booking.WalkIn{
		SessionID: w.SessionID,
		Guardian:  family.NewGuardian{Name: w.GuardianName, Email: w.Email, Phone: w.Phone, Language: "fr"},
		Child: family.NewChild{FirstName: w.FirstName, LastName: w.LastName, BirthDate: w.BirthDate, Health: w.Health,
			Image: family.Later, Spoken: true},
		OverCapacity: w.OverCapacity, OutOfAge: w.OutOfAge, Reason: w.Reason,
	})
	if err != nil {
		return WalkedIn{}, err
	}
	m.BookingID = id
	participant, err := seat(tx, m)
	if err != nil {
		return WalkedIn{}, err
	}
	return WalkedIn{id, known}, add(tx, actor, participant, m)
}

func (w WalkIn) check() error {
	wrong := map[string]fault.Message{}
	switch {
	case w.Health.State != family.HealthDescribed:
	case len([]rune(w.Health.Text)) > longestHealth:
		wrong["health"] = fault.Message{Key: "walk_in.health.long", Args: []any{longestHealth}}
	case strings.TrimSpace(w.Health.Text) == "":
		wrong["health"] = fault.Message{Key: "walk_in.health.missing"}
	case !w.HealthConsent:
		wrong["health_consent"] = fault.Message{Key: "walk_in.health.consent.missing"}
	}
	if len(wrong) > 0 {
		return fault.InvalidFields(wrong)
	}
	return nil
}

// A booking that is older than its walk-in was known before.
const sqlWalkedIn = `
SELECT b.id, b.created_at < m.recorded_at, p.session_id, m.action FROM marks m
  JOIN participants p ON p.id = m.participant_id JOIN bookings b ON b.id = p.booking_id WHERE m.entry_key = ?`

// walkedIn returns what came of a walk-in that is in the journal already. Conflict when its key is that of something else.
func walkedIn(tx *sqlite.Tx, w WalkIn) (done WalkedIn, found bool, err error) {
	var session int64
	var action Action
	err = tx.QueryRow(sqlWalkedIn, w.EntryKey).Scan(&done.BookingID, &done.Known, &session, &action)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return WalkedIn{}, false, nil
	case err != nil:
		return WalkedIn{}, false, err
	case session != w.SessionID || action != Present:
		return WalkedIn{}, false, fault.New(fault.Conflict, "attendance.error.entry_taken")
	}
	return done, true, nil
}
