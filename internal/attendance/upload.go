package attendance

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// LongestUpload is how many entries an upload may have.
const LongestUpload = 200

// Upload is what a tablet kept while it was alone: entries of one author in one session.
type Upload struct {
	SessionID int64
	// AuthorID is who made the entries, and was allowed to when the tablet took its snapshot: the caller has proof of it.
	AuthorID int64
	Entries  []Kept
}

// Kept is an entry as a tablet keeps it, with its At; Action may be Undone.
type Kept struct {
	NewMark
	// WalkIn is the child whom the entry lets in, as it stands there; nil for an entry about a child of the register.
	WalkIn *WalkIn
	// Of is the EntryKey of the walk-in whom the entry is about, where the tablet knows the child by that alone.
	Of string
}

// Upload writes entries into the journal under their author, whoever of the team brings them (UX-F11), and tells of each
// in the order of u why it was refused; nil where it is in the journal, now or since an earlier upload. So an upload may come
// twice, in parts and in any order (I10): an undo may come before what it undoes. An entry that is refused hinders no
// other one.
//
// Who was shut out of the team wrote nothing since. A facilitator's entry counts from the day before to the day after the session by its own At, however late it comes:
// Forbidden otherwise. So does what was done before a session was closed: it is in the journal, and in no figure
// (Closing.Late); what was done afterwards is Conflict. The other refusals are those of Mark. NotFound for an unknown session; Forbidden for who is not of the
// team, or an author who is not; Invalid for more than LongestUpload entries. Of a family that was erased meanwhile nothing
// comes back: the mark is kept, names and reasons are not. A walk-in is in the room: that there was no seat, or that the child
// has another age, is confirmed with the name of the author.
func (s *Service) Upload(ctx context.Context, actor account.Actor, u Upload) (refused []*fault.Error, err error) {
	switch {
	case !actor.IsTeam():
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	case len(u.Entries) > LongestUpload:
		return nil, fault.New(fault.Invalid, "attendance.error.upload_long", LongestUpload)
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		up, err := s.newUploading(tx, u)
		if err != nil {
			return err
		}
		up.carrier = actor.String()
		refused = make([]*fault.Error, len(u.Entries))
		for i, e := range u.Entries {
			e.SessionID = u.SessionID
			err := up.take(tx, e)
			f, ok := fault.As(err)
			if err != nil && (!ok || f.Kind == fault.Internal || f.Kind == fault.Unavailable) {
				return err
			}
			refused[i] = f
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return refused, nil
}

// uploading is what the decisions of one upload share.
type uploading struct {
	*Service
	author       account.Actor
	carrier      string // who brings it, as the audit names them
	starts, ends time.Time
	cancelled    bool
	disabled     time.Time // when the author was shut out of the team; zero for never
	closing      *Closing  // nil while the session is not closed
}

const sqlAuthor = `SELECT name, role, coalesce(disabled_at, '') FROM users WHERE id = ?`

func (s *Service) newUploading(tx *sqlite.Tx, u Upload) (*uploading, error) {
	up := &uploading{Service: s, author: account.Actor{Kind: account.KindUser, ID: u.AuthorID}}
	var disabled string
	err := tx.QueryRow(sqlAuthor, u.AuthorID).Scan(&up.author.Name, &up.author.Role, &disabled)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	if err != nil {
		return nil, err
	}
	if up.disabled, err = inZone(disabled, time.UTC); err != nil {
		return nil, err
	}
	session, err := catalog.SessionTx(tx, u.SessionID)
	if err != nil {
		return nil, err
	}
	up.starts, up.ends, up.cancelled = session.StartsAt, session.EndsAt, session.Status == catalog.Cancelled
	up.closing, err = closingOf(tx, u.SessionID)
	return up, err
}

// entryShape is what the keys of tablets, and their own names, look like: signs that browsers and SQLite sort alike.
var entryShape = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// take writes one entry, or says why not. It writes nothing before all is decided.
func (up *uploading) take(tx *sqlite.Tx, e Kept) error {
	m := e.NewMark
	switch {
	case !entryShape.MatchString(m.EntryKey), m.Action == Undone && !entryShape.MatchString(m.Undoes), m.Device != "" && !entryShape.MatchString(m.Device):
		return fault.New(fault.Invalid, "attendance.error.entry_key")
	case len(m.Device) > longestKey, m.Action != Left && m.Taken != (Taken{}), m.Taken.By == Alone && m.Taken.Name != "":
		return fault.New(fault.Invalid, "attendance.error.action")
	case m.At.IsZero(), !m.Action.isMark() && m.Action != Undone, m.Action != Undone && m.Undoes != "":
		return fault.New(fault.Invalid, "attendance.error.action")
	}
	if e.WalkIn != nil {
		return up.letIn(tx, e)
	}
	if e.Of != "" {
		done, _, err := walkedIn(tx, WalkIn{EntryKey: e.Of, SessionID: m.SessionID})
		if err != nil {
			return err
		}
		m.BookingID = done.BookingID // of none there is no seat
	}
	participant, err := seat(tx, m)
	if err != nil {
		return err
	}
	// What came before is in the journal, whatever changed since.
	if known, err := isKnown(tx, participant, m.entry()); known || err != nil {
		return err
	}
	if err := up.open(m.At); err != nil {
		return err
	}
	if m.Action == Undone {
		if err := checkUndoes(tx, participant, m.Undoes); err != nil {
			return err
		}
	}
	erased, err := isErased(tx, m)
	if err != nil {
		return err
	}
	switch {
	case erased && !slices.Contains([]TakenBy{NotSaid, Alone, ByGuardian, ByPerson, BySomeOther}, m.Taken.By):
		return fault.New(fault.Invalid, "attendance.error.action")
	case erased:
		m.Taken.Name, m.Taken.Reason = "", ""
	default:
		if err := checkTaken(tx, m); err != nil {
			return err
		}
	}
	if up.carrier != up.author.String() {
		m.Carrier = up.carrier
	}
	return add(tx, up.author, participant, m)
}

// open is nil where the author could mark at an instant.
func (up *uploading) open(at time.Time) error {
	switch a, _ := decideAccess(up.author, true, up.starts, up.ends, at); {
	case !a.mark:
		return fault.New(fault.Forbidden, "attendance.error.too_far")
	case !up.disabled.IsZero() && !at.Before(up.disabled):
		return fault.New(fault.Forbidden, "error.forbidden")
	case up.cancelled:
		return fault.New(fault.Conflict, "attendance.error.session_cancelled")
	case up.closing != nil && at.After(up.closing.At):
		return fault.New(fault.Conflict, "attendance.error.closed")
	}
	return nil
}

// letIn takes a walk-in.
func (up *uploading) letIn(tx *sqlite.Tx, e Kept) error {
	w := *e.WalkIn
	w.EntryKey, w.SessionID, w.ArrivedAt, w.Device = e.EntryKey, e.SessionID, e.At, e.Device
	w.OverCapacity, w.OutOfAge = true, true
	if _, found, err := walkedIn(tx, w); err != nil || found {
		return err
	}
	if err := up.open(w.ArrivedAt); err != nil {
		return err
	}
	_, err := up.addWalkIn(tx, up.author, w)
	return err
}

// checkUndoes refuses to undo what is there and is not an entry of this participant, or is an undo itself.
func checkUndoes(tx *sqlite.Tx, participant int64, key string) error {
	var of int64
	var known Entry
	err := tx.QueryRow(sqlMarkWithKey, key).Scan(&of, &known.Action, &known.Undoes)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil // it comes after its undo
	case err == nil && (of != participant || known.Action == Undone):
		return fault.New(fault.NotFound, "error.not_found")
	}
	return err
}

const sqlIsErased = `SELECT c.name_folded = '' FROM bookings b JOIN children c ON c.id = b.child_id WHERE b.id = ?`

func isErased(tx *sqlite.Tx, m NewMark) (erased bool, err error) {
	if m.BookingID == 0 {
		return false, nil
	}
	return erased, tx.QueryRow(sqlIsErased, m.BookingID).Scan(&erased)
}
