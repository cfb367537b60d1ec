package attendance

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// longestReason is how many signs the reason of a departure may have.
const longestReason = 300

// OneChild is a child of a session by itself: with whom it may leave, and all that was noted of it.
type OneChild struct {
	Session catalog.Session
	Child   Child
	MayMark bool
	// Completion opens the questions that were left at the door; zero where there are none.
	Completion booking.Link
}

// Written is an entry of the journal as people read it.
type Written struct {
	Entry                // At in the venue's time zone
	RecordedAt time.Time // when we learnt of it
	Author     string    // by name
	Device     string    // the tablet that kept it; empty for a form
	Undone     bool      // by another entry
}

// Child returns one child of the register of a session, with its journal. Forbidden where its care is not to be seen:
// out of time, or not one's role; NotFound for who is not on the register, pupils of a class included. Reading it is noted
// in the access log.
func (s *Service) Child(ctx context.Context, actor account.Actor, sessionID, bookingID int64) (one OneChild, err error) {
	r, err := s.read(ctx, actor, sessionID, "child.read", func(tx *sqlite.Tx) (err error) {
		one.Completion, err = s.bookings.CompletionLink(tx, bookingID)
		return err
	})
	if err != nil {
		return OneChild{}, err
	}
	i := slices.IndexFunc(r.Children, func(c Child) bool { return c.BookingID == bookingID && bookingID != 0 })
	switch {
	case i < 0:
		return OneChild{}, fault.New(fault.NotFound, "error.not_found")
	case !r.Care:
		return OneChild{}, fault.New(fault.Forbidden, "attendance.error.too_far")
	}
	one.Session, one.Child, one.MayMark = r.Session, r.Children[i], r.MayMark
	return one, nil
}

// checkHere keeps the promise of NewMark.IfHere. Marks of tablets come late and out of order, and ask nothing.
func checkHere(tx *sqlite.Tx, participant int64, m NewMark) error {
	if !m.IfHere {
		return nil
	}
	action, err := whereabouts(tx, participant, m)
	if err == nil && !action.Here() {
		err = fault.New(fault.Conflict, "attendance.depart.not_here")
	}
	return err
}

// whereabouts is what the journal of a participant says now.
func whereabouts(tx *sqlite.Tx, participant int64, m NewMark) (Action, error) {
	all, err := journals(tx, m.SessionID)
	return Fold(all[participant]).Action, err
}

// checkTaken is the rule of who may take a child away (domain, On the day 3; Family data 1): a guardian, whom a guardian
// named, or nobody where it may go alone. Somebody else, or alone without a permission, needs a call to a guardian and what
// they said. Whom the team barred stops: no reason helps.
//
// Invalid, by field "taken", "name" or "reason"; Conflict "attendance.error.barred". The marks of a class list say nothing.
func checkTaken(tx *sqlite.Tx, m NewMark) error {
	t := m.Taken
	if m.Action != Left || m.PupilID != 0 {
		if t != (Taken{}) {
			return fault.New(fault.Invalid, "attendance.error.action")
		}
		return nil
	}
	cares, err := careBySeat(tx, m.SessionID)
	if err != nil {
		return err
	}
	care := cares[m.BookingID]
	if care.IsBarred(t.Name) {
		return fault.New(fault.Conflict, "attendance.error.barred", t.Name)
	}
	wrong := map[string]fault.Message{}
	switch t.By {
	case Alone:
		if !care.LeavesAlone && t.Reason == "" {
			wrong["reason"] = fault.Message{Key: "attendance.depart.reason.missing"}
		}
	case ByGuardian:
		if !slices.ContainsFunc(care.Guardians, func(c Contact) bool { return c.Name == t.Name }) {
			wrong["taken"] = fault.Message{Key: "attendance.depart.taken.missing"}
		}
	case ByPerson:
		if !slices.Contains(care.PickUp, t.Name) {
			wrong["taken"] = fault.Message{Key: "attendance.depart.taken.missing"}
		}
	case BySomeOther:
		if strings.TrimSpace(t.Name) == "" {
			wrong["name"] = fault.Message{Key: "attendance.depart.name.missing"}
		}
		if t.Reason == "" {
			wrong["reason"] = fault.Message{Key: "attendance.depart.reason.missing"}
		}
	default:
		wrong["taken"] = fault.Message{Key: "attendance.depart.taken.missing"}
	}
	if len([]rune(t.Reason)) > longestReason {
		wrong["reason"] = fault.Message{Key: "attendance.depart.reason.long", Args: []any{longestReason}}
	}
	if len(wrong) > 0 {
		return fault.InvalidFields(wrong)
	}
	return nil
}

// IsBarred reports whether somebody of that name may be one to whom the child is not to be given: one name holds all words
// of the other, without case, accents, hyphens or order. It rather stops one too many.
func (c Care) IsBarred(name string) bool {
	return slices.ContainsFunc(c.Barred, func(barred string) bool {
		a, b := nameWords(barred), nameWords(name)
		return len(b) > 0 && (holdsAll(a, b) || holdsAll(b, a))
	})
}

func nameWords(name string) []string {
	return strings.FieldsFunc(family.Fold(name), func(r rune) bool { return !unicode.IsLetter(r) })
}

func holdsAll(words, some []string) bool {
	return !slices.ContainsFunc(some, func(word string) bool { return !slices.Contains(words, word) })
}
