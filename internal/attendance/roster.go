package attendance

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
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
	// Care is true when the children's Care is there to be seen.
	Care bool
	// MayMark and MayLead say what actor can do: write marks; print, certify, hand over.
	MayMark, MayLead bool
	ReadAt           time.Time // in the venue's time zone
}

// Child is one line of a register: whoever has a confirmed seat, or marks; of a private session a pupil of the class
// list, with a first name alone.
type Child struct {
	BookingID           int64 // 0: a pupil
	PupilID             int64 // 0: of a booking
	Position            int   // of a pupil in the list, from 1
	FirstName, LastName string
	Age                 int   // on the day of the session
	State               State // its instants in the venue's time zone
	Image               ImageRights
	// Cancelled is true for a seat given up after a mark was made: the child stays on the list.
	Cancelled bool
	Care      Care // zero unless Roster.Care
}

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
	PickUp      []string // who else may take the child away, besides the guardians
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

// Sheet is a register for paper.
type Sheet struct {
	Roster
	BlankLines int // for children who come without being on the list
}

// Sheet is Roster for who prints it, and is noted as such.
func (s *Service) Sheet(ctx context.Context, actor account.Actor, sessionID int64) (sheet Sheet, err error) {
	sheet.Roster, err = s.read(ctx, actor, sessionID, "sheet.read", func(tx *sqlite.Tx) (err error) {
		sheet.BlankLines, err = settings.Get(tx, settings.SheetBlankLines)
		return err
	})
	return sheet, err
}

// read reads a register, and whatever also wants to read at the same instant. Nothing is returned unless the
// access is on record.
func (s *Service) read(ctx context.Context, actor account.Actor, sessionID int64, action string, also func(*sqlite.Tx) error) (Roster, error) {
	var r Roster
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		if r, err = roster(tx, actor, sessionID); err != nil || also == nil {
			return err
		}
		return also(tx)
	})
	if err != nil {
		return Roster{}, err
	}
	if r.Care && len(r.Children) > 0 {
		err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
			return audit.Access(tx, actor.String(), action, record("session", sessionID))
		})
		if err != nil {
			return Roster{}, err
		}
	}
	return r, nil
}

func roster(tx *sqlite.Tx, actor account.Actor, sessionID int64) (Roster, error) {
	a, _, err := reach(tx, actor, sessionID)
	if err != nil {
		return Roster{}, err
	}
	r := Roster{Care: a.care, MayMark: a.mark, MayLead: a.lead}
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
	cares, err := careBySeat(tx, sessionID)
	if err != nil {
		return Roster{}, err
	}
	for i := range r.Children {
		r.Children[i].Care = cares[r.Children[i].BookingID]
	}
	return r, nil
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

// The last consent of each guardian counts. What is private to the team is not read here.
const sqlChildren = `
SELECT b.id, c.first_name, c.last_name, c.birth_date, b.status <> 'confirmed', coalesce(p.id, 0),
       (SELECT json_group_array(answer) FROM (
            SELECT answer, row_number() OVER (PARTITION BY guardian_id ORDER BY given_at DESC, id DESC) AS nth
              FROM consents WHERE child_id = c.id AND purpose = 'image') WHERE nth = 1)
  FROM bookings b
  JOIN children c ON c.id = b.child_id
  LEFT JOIN participants p ON p.booking_id = b.id
 WHERE b.session_id = ?
   AND (b.status = 'confirmed' OR EXISTS (SELECT 1 FROM marks m WHERE m.participant_id = p.id))
 ORDER BY c.name_folded, b.id`

func children(tx *sqlite.Tx, sessionID int64, day time.Time) ([]Child, error) {
	journals, err := journals(tx, sessionID)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlChildren, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Child
	for rows.Next() {
		var c Child
		var birth, images string
		var participant int64
		if err := rows.Scan(&c.BookingID, &c.FirstName, &c.LastName, &birth, &c.Cancelled, &participant, &images); err != nil {
			return nil, err
		}
		born, err := time.Parse(time.DateOnly, birth)
		if err != nil {
			return nil, err
		}
		c.Age = family.AgeOn(born, day)
		answers, err := parseAnswers(images)
		if err != nil {
			return nil, err
		}
		c.Image = imageRights(answers)
		c.State = Fold(journals[participant]).in(day.Location())
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
	journals, err := journals(tx, sessionID)
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
		c.State = Fold(journals[participant]).in(zone)
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

const sqlJournals = `
SELECT m.participant_id, m.entry_key, m.action, coalesce(m.undoes, ''), m.at
  FROM participants p JOIN marks m ON m.participant_id = p.id
 WHERE p.session_id = ?`

// journals returns the entries of a session by participant.
func journals(tx *sqlite.Tx, sessionID int64) (map[int64][]Entry, error) {
	rows, err := tx.Query(sqlJournals, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64][]Entry{}
	for rows.Next() {
		var participant int64
		var e Entry
		var at string
		if err := rows.Scan(&participant, &e.Key, &e.Action, &e.Undoes, &at); err != nil {
			return nil, err
		}
		if e.At, err = sqlite.ParseTime(at); err != nil {
			return nil, err
		}
		all[participant] = append(all[participant], e)
	}
	return all, rows.Err()
}
