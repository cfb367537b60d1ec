package attendance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Roster is the register of one session.
type Roster struct {
	Session      catalog.Session
	Facilitators []catalog.Facilitator
	// Group is whom a private session is for; nil for a public one.
	Group *Group
	// Children are sorted by folded last name, then first name; pupils stand as the teacher wrote them.
	Children []Child
	Counts   Counts
	// Care is true when the children's Care is there to be seen. CareVersion is another one once that, or who may be photographed,
	// has changed: a register that is open learns from it that it is old. It tells nothing else; empty unless Care.
	Care        bool
	CareVersion string
	// MayMark and MayLead say what actor can do: write marks; print, certify, hand over.
	MayMark, MayLead bool
	// Closing is how the session was closed; nil while it is not. Nobody marks in it then, and MayReopen says who can end that.
	Closing   *Closing
	MayReopen bool
	// NotArrived is whom to call about children who have not come, while the session goes on; empty unless Care.
	NotArrived []booking.Call
	BlankLines int       // at the end of the paper, for children who come without being on the list
	ReadAt     time.Time // in the venue's time zone
}

// Child is one line of a register: whoever has a confirmed seat, or marks; of a private session a pupil of the class
// list, with a first name alone.
type Child struct {
	BookingID           int64     // 0: a pupil
	PupilID             int64     // 0: of a booking
	Position            int       // of a pupil in the list, from 1
	FirstName, LastName string    // empty once erased
	Age                 int       // on the day of the session; 0 for a pupil, and once erased
	State               State     // its instants in the venue's time zone
	Journal             []Written // in the order in which it happened
	// Contradiction is what two tablets noted without knowing of each other; nil where they agree.
	Contradiction *Contradiction
	GuardianID    int64 // who booked: the same for brothers and sisters; 0 for a pupil
	Image         ImageRights
	// Cancelled is true for a seat given up after a mark was made: the child stays on the list.
	Cancelled bool
	Care      Care // zero unless Roster.Care
}

// Erased reports whether the family of a child who came asked to be erased: nothing but the marks is left.
func (c Child) Erased() bool { return c.PupilID == 0 && c.FirstName == "" }

// ImageRights says whether a child may be photographed.
type ImageRights string

// The rights: any refusal of a guardian wins, and who has not answered has not agreed.
const (
	ImageYes     ImageRights = "yes"
	ImageNo      ImageRights = "no"
	ImageUnknown ImageRights = "unknown"
)

// Care is what a facilitator must know to look after a child, and nobody else.
type Care struct {
	Health      family.Health
	LeavesAlone bool
	PickUp      []string         // who else may take the child away, besides the guardians
	Media       []family.Purpose // where pictures may be shown, if any may be taken: every guardian who was asked agreed
	Barred      []string         // whom it must not leave with (domain, On the day 3)
	// Guardians are the guardians, first the one who booked.
	Guardians []Contact
	// Emergency is who is called first; zero when it is the guardian who booked.
	Emergency Contact
}

// Contact is somebody to call.
type Contact struct{ Name, Phone string }

// Counts are the figures at the head of a register.
type Counts struct {
	Booked                                         int // confirmed seats
	Expected, Present, Late, Absent, Excused, Left int // of the lines, by state
}

// Here is how many children are in the room.
func (c Counts) Here() int { return c.Present + c.Late }

// Roster returns the register of a session. Whom it shows what is decided by decideAccess; reading it with
// Care is noted in the access log. NotFound for a session that is not actor's to see.
func (s *Service) Roster(ctx context.Context, actor account.Actor, sessionID int64) (Roster, error) {
	return s.read(ctx, actor, sessionID, "roster.read", nil)
}

// read reads a register, and whatever also wants to read at the same instant, and notes it under the name of an action.
func (s *Service) read(ctx context.Context, actor account.Actor, sessionID int64, action string, also func(*sqlite.Tx) error) (r Roster, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		if r, err = roster(tx, actor, sessionID); err != nil || also == nil {
			return err
		}
		return also(tx)
	})
	if err == nil {
		err = s.note(ctx, actor, action, r)
	}
	if err != nil {
		return Roster{}, err
	}
	return r, nil
}

// note puts on record that actor has read what the team must know of the children of these registers. Whoever reads a
// register hands it on only when that is done.
func (s *Service) note(ctx context.Context, actor account.Actor, action string, registers ...Roster) error {
	var read []int64
	for _, r := range registers {
		if r.Care && len(r.Children) > 0 {
			read = append(read, r.Session.ID)
		}
	}
	if len(read) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		for _, id := range read {
			if err := audit.Access(tx, actor.String(), action, record("session", id)); err != nil {
				return err
			}
		}
		return nil
	})
}

func roster(tx *sqlite.Tx, actor account.Actor, sessionID int64) (Roster, error) {
	a, _, err := reach(tx, actor, sessionID)
	if err != nil {
		return Roster{}, err
	}
	r := Roster{Care: a.care, MayMark: a.mark, MayLead: a.lead}
	if r.Closing, err = closingOf(tx, sessionID); err != nil {
		return Roster{}, err
	}
	r.MayMark, r.MayReopen = a.mark && r.Closing == nil, a.mark && r.Closing != nil
	if r.Group, err = groupOf(tx, sessionID); err != nil {
		return Roster{}, err
	}
	r.Care = r.Care && r.Group == nil // a school's pupils have no such data here
	if r.Session, err = catalog.SessionTx(tx, sessionID); err != nil {
		return Roster{}, err
	}
	r.ReadAt = tx.Now().In(r.Session.StartsAt.Location())
	if r.Facilitators, err = leaders(tx, sessionID); err != nil {
		return Roster{}, err
	}
	if r.BlankLines, err = settings.Get(tx, settings.SheetBlankLines); err != nil {
		return Roster{}, err
	}
	if r.Group != nil {
		r.Children, err = pupils(tx, sessionID, r.Session.StartsAt.Location())
	} else {
		r.Children, err = children(tx, sessionID, r.Session.StartsAt)
	}
	if err != nil {
		return Roster{}, err
	}
	for _, c := range r.Children {
		r.Counts.add(c)
	}
	if !r.Care {
		return r, nil
	}
	if r.NotArrived, err = booking.NotArrivedTx(tx, sessionID); err != nil {
		return Roster{}, err
	}
	cares, err := careBySeat(tx, sessionID)
	if err != nil {
		return Roster{}, err
	}
	r.CareVersion, err = lookAfter(r.Children, cares)
	return r, err
}

// lookAfter gives children their care, and returns the version of all of it.
func lookAfter(children []Child, cares map[int64]Care) (version string, err error) {
	hash := sha256.New()
	all := json.NewEncoder(hash)
	for i := range children {
		c := &children[i]
		c.Care = cares[c.BookingID]
		if err := all.Encode([]any{c.BookingID, c.Image, c.Care}); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

func (c *Counts) add(child Child) {
	if !child.Cancelled {
		c.Booked++
	}
	switch child.State.Action {
	case Present:
		c.Present++
	case Late:
		c.Late++
	case Absent:
		c.Absent++
	case Excused:
		c.Excused++
	case Left:
		c.Left++
	default:
		c.Expected++
	}
}

const sqlLeaders = `
SELECT u.id, u.name FROM session_facilitators f JOIN users u ON u.id = f.user_id
 WHERE f.session_id = ? ORDER BY u.name, u.id`

func leaders(tx *sqlite.Tx, sessionID int64) ([]catalog.Facilitator, error) {
	rows, err := tx.Query(sqlLeaders, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []catalog.Facilitator
	for rows.Next() {
		var f catalog.Facilitator
		if err := rows.Scan(&f.ID, &f.Name); err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, rows.Err()
}

// The last consent of each guardian counts; a yes to a text that has changed since is an open question. What is private to the team is not read here.
const sqlChildren = `
SELECT b.id, c.first_name, c.last_name, c.birth_date, b.status <> 'confirmed', coalesce(p.id, 0), bg.guardian_id,
       (SELECT json_group_array(answer) FROM (
            SELECT iif(answer = 'yes' AND text_version <> ?2, 'later', answer) AS answer, row_number() OVER (PARTITION BY guardian_id ORDER BY given_at DESC, id DESC) AS nth
              FROM consents WHERE child_id = c.id AND purpose = 'image') WHERE nth = 1)
  FROM bookings b
  JOIN booking_groups bg ON bg.id = b.group_id
  JOIN children c ON c.id = b.child_id
  LEFT JOIN participants p ON p.booking_id = b.id
 WHERE b.session_id = ?1
   AND (b.status = 'confirmed' OR EXISTS (SELECT 1 FROM marks m WHERE m.participant_id = p.id))
 ORDER BY c.name_folded, b.id`

func children(tx *sqlite.Tx, sessionID int64, day time.Time) ([]Child, error) {
	journals, err := written(tx, sessionID, day.Location())
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlChildren, sessionID, family.ImageTextVersion)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Child
	for rows.Next() {
		var c Child
		var birth, images string
		var participant int64
		if err := rows.Scan(&c.BookingID, &c.FirstName, &c.LastName, &birth, &c.Cancelled, &participant, &c.GuardianID, &images); err != nil {
			return nil, err
		}
		born, err := time.Parse(time.DateOnly, birth)
		if err != nil {
			return nil, err
		}
		if !c.Erased() {
			c.Age = family.AgeOn(born, day)
		}
		answers, err := parseAnswers(images)
		if err != nil {
			return nil, err
		}
		c.Image = imageRights(answers)
		c.remember(journals[participant])
		list = append(list, c)
	}
	return list, rows.Err()
}

const sqlPupilLines = `
SELECT u.id, u.position, u.first_name, coalesce(p.id, 0)
  FROM pupils u LEFT JOIN participants p ON p.pupil_id = u.id
 WHERE u.session_id = ? ORDER BY u.position`

// pupils are the lines of the register of a private session.
func pupils(tx *sqlite.Tx, sessionID int64, zone *time.Location) ([]Child, error) {
	journals, err := written(tx, sessionID, zone)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlPupilLines, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Child
	for rows.Next() {
		var c Child
		var participant int64
		if err := rows.Scan(&c.PupilID, &c.Position, &c.FirstName, &participant); err != nil {
			return nil, err
		}
		c.remember(journals[participant])
		list = append(list, c)
	}
	return list, rows.Err()
}

func parseAnswers(list string) (answers []family.Answer, err error) {
	err = json.Unmarshal([]byte(list), &answers)
	return answers, err
}

// imageRights is what the last answers of the guardians come to (domain, Family data 5).
func imageRights(answers []family.Answer) ImageRights {
	rights := ImageUnknown
	for i, a := range answers {
		switch {
		case a == family.No:
			return ImageNo
		case a != family.Yes:
			rights = ImageUnknown
		case i == 0:
			rights = ImageYes
		}
	}
	return rights
}

const sqlWritten = `
SELECT m.participant_id, m.entry_key, m.action, coalesce(m.undoes, ''), m.at, coalesce(m.taken_by, ''), m.taken_name, m.taken_reason,
       m.recorded_at, m.device, u.name
  FROM participants p JOIN marks m ON m.participant_id = p.id JOIN users u ON u.id = m.author_id
 WHERE p.session_id = ? ORDER BY m.at, m.entry_key`

// written returns the journals of a session by participant, each in the order in which it happened, in a zone.
func written(tx *sqlite.Tx, sessionID int64, zone *time.Location) (map[int64][]Written, error) {
	rows, err := tx.Query(sqlWritten, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64][]Written{}
	for rows.Next() {
		var participant int64
		var w Written
		var at, recorded string
		if err := rows.Scan(&participant, &w.Key, &w.Action, &w.Undoes, &at, &w.Taken.By, &w.Taken.Name, &w.Taken.Reason,
			&recorded, &w.Device, &w.Author); err != nil {
			return nil, err
		}
		if w.At, err = inZone(at, zone); err != nil {
			return nil, err
		}
		if w.RecordedAt, err = inZone(recorded, zone); err != nil {
			return nil, err
		}
		all[participant] = append(all[participant], w)
	}
	for _, journal := range all {
		undone := map[string]bool{}
		for _, w := range journal {
			undone[w.Undoes] = w.Action == Undone
		}
		for i := range journal {
			journal[i].Undone = undone[journal[i].Key]
		}
	}
	return all, rows.Err()
}

// journals returns the entries of a session by participant.
func journals(tx *sqlite.Tx, sessionID int64) (map[int64][]Entry, error) {
	all, err := written(tx, sessionID, time.UTC)
	if err != nil {
		return nil, err
	}
	plain := map[int64][]Entry{}
	for participant, journal := range all {
		plain[participant] = entries(journal)
	}
	return plain, nil
}

func entries(journal []Written) []Entry {
	var list []Entry
	for _, w := range journal {
		list = append(list, w.Entry)
	}
	return list
}

// remember gives a child what its journal tells.
func (c *Child) remember(journal []Written) {
	c.Journal, c.State = journal, Fold(entries(journal))
	if found, ok := contradiction(journal); ok {
		c.Contradiction = &found
	}
}

// States returns the children of a session with their journals, and nothing of their care but its version, for who may mark: a
// register that is open asks for it again and again. NotFound and Forbidden as for Mark.
func (s *Service) States(ctx context.Context, actor account.Actor, sessionID int64) (list []Child, careVersion string, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		a, _, err := reach(tx, actor, sessionID)
		if err != nil {
			return err
		}
		if !a.mark {
			return fault.New(fault.Forbidden, "attendance.error.too_far")
		}
		session, err := catalog.SessionTx(tx, sessionID)
		if err != nil {
			return err
		}
		if session.Private() {
			list, err = pupils(tx, sessionID, session.StartsAt.Location())
			return err
		}
		if list, err = children(tx, sessionID, session.StartsAt); err != nil || !a.care {
			return err
		}
		cares, err := careBySeat(tx, sessionID)
		if err != nil {
			return err
		}
		careVersion, err = lookAfter(slices.Clone(list), cares)
		return err
	})
	return list, careVersion, err
}
