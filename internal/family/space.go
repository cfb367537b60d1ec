package family

import (
	"context"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Service is what guardians who are signed in do with their own data. Two guardians of one child never see each other's
// contacts, pick-up persons or answers (domain, Family data 5).
type Service struct {
	db     *sqlite.DB
	secret account.Secret
}

// NewService returns the families of db.
func NewService(db *sqlite.DB, secret account.Secret) *Service {
	return &Service{db: db, secret: secret}
}

// Purpose is what a consent is for.
type Purpose string

// The purposes. Media refine Image: without a yes to that, they mean nothing.
const (
	Image      Purpose = "image"
	LeaveAlone Purpose = "leave_alone"
	HealthText Purpose = "health"
	Newsletter Purpose = "newsletter"
)

// Media are where pictures may be shown, each with a consent of its own.
func Media() []Purpose { return []Purpose{"image_site", "image_social", "image_press", "image_print"} }

// textVersion is that of the text which a purpose shows now.
func (p Purpose) textVersion() string {
	switch p {
	case Image:
		return ImageTextVersion
	case LeaveAlone:
		return LeaveAloneTextVersion
	case HealthText:
		return HealthTextVersion
	case Newsletter:
		return NewsletterTextVersion
	}
	return MediaTextVersion
}

// Consent is one answer of a guardian, as it was given.
type Consent struct {
	ChildID int64 // 0: the guardian's own
	Purpose Purpose
	Answer  Answer
	Version string
	At      time.Time // on the clock of the family
}

// Outdated says that the text has changed since: it is asked again.
func (c Consent) Outdated() bool {
	return c.Purpose != "" && c.Version != c.Purpose.textVersion() && c.Version != HealthSpokenTextVersion
}

// Space is all that a guardian who is signed in may see and change.
type Space struct {
	Guardian   Own
	Newsletter Answer
	Children   []OwnChild
	// NewEmail waits to be confirmed from its mailbox; empty where none does.
	NewEmail    string
	Invitations []Invitation
}

// Own is the guardian themself.
type Own struct {
	Name, Email, Phone            string
	EmergencyName, EmergencyPhone string // empty: the guardian themself
	Language                      string
}

// OwnChild is a child of the guardian, with what this guardian answered.
type OwnChild struct {
	ID                  int64
	FirstName, LastName string
	Birth               time.Time // midnight UTC of the day
	Health              Health
	Pickups             []string
	// Last holds the last answer to each question; a question that was never answered is absent.
	Last map[Purpose]Consent
	// History are all answers, the last one first.
	History []Consent
	// ImageRefused says that another guardian refused, which wins.
	ImageRefused bool
	// Others is how many other guardians the child has.
	Others int
	// Young is the address of the space that a guardian gave the child; empty without one.
	Young string
}

// Answer is what counts of the answers to a question: a yes to a text that has changed is an open question.
func (c OwnChild) Answer(p Purpose) Answer {
	last := c.Last[p]
	if last.Answer == "" || last.Answer == Yes && last.Outdated() {
		return Later
	}
	return last.Answer
}

// Ask are the questions whose text has changed since the guardian answered.
func (c OwnChild) Ask() (list []Purpose) {
	for _, p := range []Purpose{Image, LeaveAlone} {
		if c.Last[p].Outdated() {
			list = append(list, p)
		}
	}
	if c.Health.State == HealthDescribed && c.Last[HealthText].Outdated() {
		list = append(list, HealthText)
	}
	return list
}

// Space returns what the guardian who is signed in sees of their family.
func (s *Service) Space(ctx context.Context, actor account.Actor) (v Space, err error) {
	if actor.Kind != account.KindGuardian {
		return Space{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		v, err = space(tx, actor.ID)
		return err
	})
	return v, err
}

// Child returns one child of the guardian who is signed in. NotFound for any other.
func (s *Service) Child(ctx context.Context, actor account.Actor, childID int64) (OwnChild, error) {
	v, err := s.Space(ctx, actor)
	if err != nil {
		return OwnChild{}, err
	}
	for _, c := range v.Children {
		if c.ID == childID {
			return c, nil
		}
	}
	return OwnChild{}, fault.New(fault.NotFound, "error.not_found")
}

const (
	sqlOwn = `
SELECT g.name, g.email, g.phone, g.emergency_name, g.emergency_phone, g.language,
       coalesce((SELECT email FROM email_changes e WHERE e.guardian_id = g.id AND e.expires_at > ?2), '')
FROM guardians g WHERE g.id = ?1`
	sqlOwnChildren = `
SELECT c.id, c.first_name, c.last_name, c.birth_date, c.health_state, c.health_text,
       (SELECT count(*) FROM guardianships o JOIN guardians g ON g.id = o.guardian_id WHERE o.child_id = c.id AND o.guardian_id <> x.guardian_id AND g.name <> ''),
       EXISTS (SELECT 1 FROM (SELECT answer, row_number() OVER (PARTITION BY guardian_id ORDER BY given_at DESC, id DESC) AS nth
                                FROM consents WHERE child_id = c.id AND purpose = 'image' AND guardian_id <> x.guardian_id) WHERE nth = 1 AND answer = 'no'),
       coalesce((SELECT email FROM young_holders y WHERE y.child_id = c.id), '')
FROM guardianships x JOIN children c ON c.id = x.child_id WHERE x.guardian_id = ? AND c.name_folded <> '' ORDER BY c.birth_date, c.id`
	sqlOwnPickups = `SELECT name FROM pickup_persons WHERE guardian_id = ? AND child_id = ? ORDER BY id`
	// The clock of a family is that of where it went last.
	sqlOwnZone = `
SELECT v.time_zone FROM booking_groups bg JOIN sessions s ON s.id = bg.session_id JOIN venues v ON v.id = s.venue_id WHERE bg.guardian_id = ?
UNION ALL SELECT 'Europe/Paris' LIMIT 1`
	sqlOwnConsents = `SELECT coalesce(child_id, 0), purpose, answer, text_version, given_at FROM consents WHERE guardian_id = ? ORDER BY given_at DESC, id DESC`
)

func space(tx *sqlite.Tx, guardianID int64) (v Space, err error) {
	g := &v.Guardian
	if err := tx.QueryRow(sqlOwn, guardianID, sqlite.Time(tx.Now())).Scan(&g.Name, &g.Email, &g.Phone, &g.EmergencyName, &g.EmergencyPhone, &g.Language, &v.NewEmail); err != nil {
		return v, err
	}
	if v.Children, err = ownChildren(tx, guardianID); err != nil {
		return v, err
	}
	for i := range v.Children {
		if v.Children[i].Pickups, err = sqlite.Column[string](tx, sqlOwnPickups, guardianID, v.Children[i].ID); err != nil {
			return v, err
		}
	}
	if err := addConsents(tx, guardianID, &v); err != nil {
		return v, err
	}
	v.Invitations, err = invitations(tx, guardianID)
	return v, err
}

func ownChildren(tx *sqlite.Tx, guardianID int64) (list []OwnChild, err error) {
	rows, err := tx.Query(sqlOwnChildren, guardianID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c := OwnChild{Last: map[Purpose]Consent{}}
		var birth string
		if err := rows.Scan(&c.ID, &c.FirstName, &c.LastName, &birth, &c.Health.State, &c.Health.Text, &c.Others, &c.ImageRefused, &c.Young); err != nil {
			return nil, err
		}
		if c.Birth, err = time.Parse(time.DateOnly, birth); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

func addConsents(tx *sqlite.Tx, guardianID int64, v *Space) error {
	v.Newsletter = No
	var name string
	if err := tx.QueryRow(sqlOwnZone, guardianID).Scan(&name); err != nil {
		return err
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return err
	}
	rows, err := tx.Query(sqlOwnConsents, guardianID)
	if err != nil {
		return err
	}
	defer rows.Close()
	newsletter := false
	for rows.Next() {
		var c Consent
		var at string
		if err := rows.Scan(&c.ChildID, &c.Purpose, &c.Answer, &c.Version, &at); err != nil {
			return err
		}
		if c.At, err = sqlite.ParseTime(at); err != nil {
			return err
		}
		c.At = c.At.In(zone)
		if c.Purpose == Newsletter && !newsletter {
			newsletter = true
			if c.Answer == Yes && !c.Outdated() {
				v.Newsletter = Yes
			}
		}
		for i := range v.Children {
			if child := &v.Children[i]; child.ID == c.ChildID {
				child.History = append(child.History, c)
				if child.Last[c.Purpose].Answer == "" {
					child.Last[c.Purpose] = c
				}
			}
		}
	}
	return rows.Err()
}

// change does what a guardian who is signed in asks for, once, notes it without any value, and that they were here.
func (s *Service) change(ctx context.Context, actor account.Actor, key account.FormKey, action, about string, do func(*sqlite.Tx) error) error {
	if actor.Kind != account.KindGuardian {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			if err := do(tx); err != nil {
				return "", err
			}
			if _, err := tx.Exec(sqlTouchGuardian, actor.ID, sqlite.Time(tx.Now())); err != nil {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), action, about, nil)
		})
		return err
	})
}

const sqlSetContact = `UPDATE guardians SET name = ?2, phone = ?3 WHERE id = ?1`

// SetContact changes the guardian's name and phone, which have passed ParseName and ParsePhone.
func (s *Service) SetContact(ctx context.Context, actor account.Actor, key account.FormKey, name, phone string) error {
	return s.change(ctx, actor, key, "family.set_contact", actor.String(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlSetContact, actor.ID, name, phone)
		return err
	})
}

const sqlSetEmergency = `UPDATE guardians SET emergency_name = ?2, emergency_phone = ?3 WHERE id = ?1`

// SetEmergency changes who is called first; both empty for the guardian themself.
func (s *Service) SetEmergency(ctx context.Context, actor account.Actor, key account.FormKey, name, phone string) error {
	return s.change(ctx, actor, key, "family.set_emergency", actor.String(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlSetEmergency, actor.ID, name, phone)
		return err
	})
}

const sqlSetLanguage = `UPDATE guardians SET language = ?2 WHERE id = ?1`

// SetLanguage changes the language of the mails to the guardian.
func (s *Service) SetLanguage(ctx context.Context, actor account.Actor, key account.FormKey, language string) error {
	return s.change(ctx, actor, key, "family.set_language", actor.String(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlSetLanguage, actor.ID, language)
		return err
	})
}

// SetNewsletter gives or withdraws the consent to be written to about other things than one's bookings.
func (s *Service) SetNewsletter(ctx context.Context, actor account.Actor, key account.FormKey, answer Answer) error {
	return s.change(ctx, actor, key, "family.set_newsletter", actor.String(), func(tx *sqlite.Tx) error {
		return consent(tx, nil, actor.ID, Newsletter, answer)
	})
}

// consent notes an answer; childID is nil for what is the guardian's own.
func consent(tx *sqlite.Tx, childID any, guardianID int64, p Purpose, answer Answer) error {
	_, err := tx.Exec(sqlInsertConsent, childID, guardianID, string(p), string(answer), p.textVersion(), sqlite.Time(tx.Now()))
	return err
}

// childRecord names a child's row in the audit.
func childRecord(id int64) string { return "child:" + strconv.FormatInt(id, 10) }

const sqlIsGuardian = `SELECT count(*) FROM guardianships WHERE guardian_id = ? AND child_id = ?`

// changeChild is change for a child of the guardian; tell names what the other guardians learn was changed, empty for what is no
// business of theirs. NotFound for a child of others.
func (s *Service) changeChild(ctx context.Context, actor account.Actor, key account.FormKey, action string, childID int64, tell string, do func(*sqlite.Tx) error) error {
	return s.change(ctx, actor, key, action, childRecord(childID), func(tx *sqlite.Tx) error {
		var n int
		if err := tx.QueryRow(sqlIsGuardian, actor.ID, childID).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "error.not_found")
		}
		if err := do(tx); err != nil {
			return err
		}
		return tellOthers(tx, actor.ID, childID, tell)
	})
}

const sqlOtherGuardians = `
SELECT g.id, g.name, g.email, g.language, c.first_name FROM guardianships x JOIN guardians g ON g.id = x.guardian_id JOIN children c ON c.id = x.child_id
WHERE x.child_id = ? AND g.id <> ? AND g.proved_at IS NOT NULL AND g.email <> '' ORDER BY g.id`

// tellOthers is TellOthers for one child; nothing is told of what is no business of theirs, which has no name.
func tellOthers(tx *sqlite.Tx, guardianID, childID int64, what string) error {
	if what == "" {
		return nil
	}
	return TellOthers(tx, []Ward{{ChildID: childID, GuardianID: guardianID}}, outbox.ChildChange{What: what}, tx.Now())
}

// Ward is a child as one of its guardians has it.
type Ward struct{ ChildID, GuardianID int64 }

// TellOthers mails what happened to some children, each as the ward of the guardian who knows already, to their other guardians:
// news says What and of a booking also the Session, never to what something was changed. Each gets one message, about their own
// children, which leaves at sendAfter.
func TellOthers(tx *sqlite.Tx, wards []Ward, news outbox.ChildChange, sendAfter time.Time) error {
	var messages []outbox.Message
	told := map[int64]*outbox.ChildChange{}
	for _, ward := range wards {
		others, err := othersOf(tx, ward)
		if err != nil {
			return err
		}
		for _, m := range others {
			v := m.Payload.(*outbox.ChildChange)
			if first := told[m.GuardianID]; first != nil {
				first.Children = append(first.Children, v.Children...)
				continue
			}
			v.What, v.Session, told[m.GuardianID] = news.What, news.Session, v
			m.SendAfter = sendAfter
			messages = append(messages, m)
		}
	}
	for _, m := range messages {
		if err := outbox.Add(tx, m); err != nil {
			return err
		}
	}
	return nil
}

// othersOf are messages to the other guardians of a child, before they say anything.
func othersOf(tx *sqlite.Tx, ward Ward) (messages []outbox.Message, err error) {
	rows, err := tx.Query(sqlOtherGuardians, ward.ChildID, ward.GuardianID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		m, v := outbox.Message{Kind: outbox.ChildChanged}, &outbox.ChildChange{Children: make([]string, 1)}
		if err := rows.Scan(&m.GuardianID, &v.Guardian, &m.To, &m.Language, &v.Children[0]); err != nil {
			return nil, err
		}
		m.Payload = v
		messages = append(messages, m)
	}
	return messages, rows.Err()
}

const sqlSetChild = `UPDATE children SET first_name = ?2, last_name = ?3, name_folded = ?4, birth_date = ?5 WHERE id = ?1`

// SetChild corrects a child's names and birth date.
func (s *Service) SetChild(ctx context.Context, actor account.Actor, key account.FormKey, childID int64, first, last string, birth time.Time) error {
	return s.changeChild(ctx, actor, key, "family.set_child", childID, "identity", func(tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlSetChild, childID, first, last, SortName(last, first), birth.Format(time.DateOnly))
		return err
	})
}

// SetHealth replaces what is known of a child's health. A text is kept with the consent to keep it; where the text goes, so does the consent, and a state of
// HealthToAsk is asked again at the next booking, never shown as none (domain, Family data 2).
func (s *Service) SetHealth(ctx context.Context, actor account.Actor, key account.FormKey, childID int64, told Health) error {
	return s.changeChild(ctx, actor, key, "family.set_health", childID, "health", func(tx *sqlite.Tx) error {
		var known Health
		if err := tx.QueryRow(sqlHealth, childID).Scan(&known.State, &known.Text); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlSetHealth, childID, string(told.State), told.Text); err != nil {
			return err
		}
		switch {
		case told.State == HealthDescribed:
			return consent(tx, childID, actor.ID, HealthText, Yes)
		case known.State == HealthDescribed:
			return consent(tx, childID, actor.ID, HealthText, No)
		}
		return nil
	})
}

const sqlDropOwnPickups = `DELETE FROM pickup_persons WHERE child_id = ? AND guardian_id = ?`

// SetDeparture says how a child leaves: alone, or with a guardian or one of these persons. They replace those whom this guardian named, and no others.
func (s *Service) SetDeparture(ctx context.Context, actor account.Actor, key account.FormKey, childID int64, alone bool, pickups []string) error {
	return s.changeChild(ctx, actor, key, "family.set_departure", childID, "departure", func(tx *sqlite.Tx) error {
		if _, err := tx.Exec(sqlDropOwnPickups, childID, actor.ID); err != nil {
			return err
		}
		for _, name := range pickups {
			if _, err := tx.Exec(sqlInsertPickup, childID, actor.ID, name); err != nil {
				return err
			}
		}
		return consent(tx, childID, actor.ID, LeaveAlone, yesOrNo(alone))
	})
}

// SetImage answers whether a child may be photographed, and where pictures may be shown; media that are left out stay as they were.
func (s *Service) SetImage(ctx context.Context, actor account.Actor, key account.FormKey, childID int64, answer Answer, media map[Purpose]Answer) error {
	return s.changeChild(ctx, actor, key, "family.set_image", childID, "image", func(tx *sqlite.Tx) error {
		if err := consent(tx, childID, actor.ID, Image, answer); err != nil {
			return err
		}
		for _, p := range Media() {
			if a, given := media[p]; given {
				if err := consent(tx, childID, actor.ID, p, a); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

const (
	sqlOthersOfChild = `SELECT count(*) FROM guardianships x JOIN guardians g ON g.id = x.guardian_id WHERE x.child_id = ? AND x.guardian_id <> ? AND g.name <> ''`
	sqlStillBooked   = `
SELECT count(*) FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id JOIN sessions s ON s.id = b.session_id
WHERE bg.guardian_id = ?1 AND b.child_id = ?2 AND b.status IN ('waiting', 'offered', 'confirmed') AND s.ends_at > ?3 AND s.status <> 'cancelled'`
	sqlLeftChild       = `INSERT OR REPLACE INTO former_guardianships (guardian_id, child_id, left_at) VALUES (?, ?, ?)`
	sqlDropOwnConsents = `
DELETE FROM consents WHERE child_id = ?1 AND guardian_id = ?2 AND NOT ((purpose = 'health' OR answer = 'no')
    AND NOT EXISTS (SELECT 1 FROM consents l WHERE l.guardian_id = ?2 AND l.child_id = ?1 AND l.purpose = consents.purpose
        AND (l.given_at, l.id) > (consents.given_at, consents.id)))`
	sqlDropGuardianship = `DELETE FROM guardianships WHERE child_id = ? AND guardian_id = ?`
)

// LeaveChild takes the guardian who is signed in out of a child's family, with the persons they named and their answers, but what protects the child as Erase
// keeps it: their last refusals, and the consent under which its health is known. Nobody else can do it for them. Conflict "family.last_guardian" for the last one, and "family.leave_booked" while something that they booked for the child is to come.
func (s *Service) LeaveChild(ctx context.Context, actor account.Actor, key account.FormKey, childID int64) error {
	return s.changeChild(ctx, actor, key, "family.leave_child", childID, "left", func(tx *sqlite.Tx) error {
		var others, booked int
		if err := tx.QueryRow(sqlOthersOfChild, childID, actor.ID).Scan(&others); err != nil {
			return err
		}
		if others == 0 {
			return fault.New(fault.Conflict, "family.last_guardian")
		}
		if err := tx.QueryRow(sqlStillBooked, actor.ID, childID, sqlite.Time(tx.Now())).Scan(&booked); err != nil {
			return err
		}
		if booked > 0 {
			return fault.New(fault.Conflict, "family.leave_booked")
		}
		for _, statement := range []string{sqlDropOwnPickups, sqlDropOwnConsents, sqlDropGuardianship} {
			if _, err := tx.Exec(statement, childID, actor.ID); err != nil {
				return err
			}
		}
		_, err := tx.Exec(sqlLeftChild, actor.ID, childID, sqlite.Time(tx.Now()))
		return err
	})
}
