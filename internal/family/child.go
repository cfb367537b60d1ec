package family

import (
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// HealthState says what is known of a child's allergies and needs.
type HealthState string

// The four states of health (domain, Family data 2). To ask is never shown as none.
const (
	HealthNone      HealthState = "none"
	HealthDescribed HealthState = "described"
	HealthRefused   HealthState = "refused"
	HealthToAsk     HealthState = "to_ask"
)

// Health is a state with its text, which is set if and only if the state is HealthDescribed.
type Health struct {
	State HealthState
	Text  string
}

// Answer is what a guardian answered to a question of consent.
type Answer string

// The answers; Later is also what an unanswered question means.
const (
	Yes   Answer = "yes"
	No    Answer = "no"
	Later Answer = "later"
)

// Versions of the texts a consent was given to. Raise one when its words change: it asks again.
const (
	ImageTextVersion      = "image-1"
	LeaveAloneTextVersion = "leave-1"
	HealthTextVersion     = "health-2"
	// HealthSpokenTextVersion is what the team asks of a guardian face to face, before it writes down what they say.
	HealthSpokenTextVersion = "health-spoken-2"
	MediaTextVersion        = "media-1"
	NewsletterTextVersion   = "newsletter-1"
)

// NewChild is a child as a guardian described it. Names have passed Name's rule.
type NewChild struct {
	FirstName string
	LastName  string
	BirthDate time.Time // midnight UTC of the day
	Health    Health
	Image     Answer
	// LeavesAlone is the guardian's permission to go home alone; otherwise a guardian
	// or one of PickupPersons comes.
	LeavesAlone   bool
	PickupPersons []string
	// Spoken says that no guardian wrote: one told the team, which wrote it down, or a young person booked for themselves. The consent to keep a Health
	// described names HealthSpokenTextVersion, and what was not asked, Image and LeavesAlone, is on no record.
	Spoken bool
}

const sqlInsertChild = `
INSERT INTO children (first_name, last_name, name_folded, birth_date, health_state, health_text, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?)`

const sqlInsertGuardianship = `INSERT INTO guardianships (guardian_id, child_id) VALUES (?, ?)`

const sqlInsertPickup = `INSERT INTO pickup_persons (child_id, guardian_id, name) VALUES (?, ?, ?)`

const sqlInsertConsents = `
INSERT INTO consents (child_id, guardian_id, purpose, answer, text_version, given_at)
VALUES (?1, ?2, 'image', ?4, ?5, ?3), (?1, ?2, 'leave_alone', ?6, ?7, ?3)`

const sqlInsertConsent = `
INSERT INTO consents (child_id, guardian_id, purpose, answer, text_version, given_at) VALUES (?, ?, ?, ?, ?, ?)`

// AddChild stores a child of a guardian with their consents, and returns the child's id.
func AddChild(tx *sqlite.Tx, guardianID int64, c NewChild) (int64, error) {
	now := sqlite.Time(tx.Now())
	res, err := tx.Exec(sqlInsertChild, c.FirstName, c.LastName, SortName(c.LastName, c.FirstName),
		c.BirthDate.Format(time.DateOnly), string(c.Health.State), c.Health.Text, now)
	if err != nil {
		return 0, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(sqlInsertGuardianship, guardianID, id); err != nil {
		return 0, err
	}
	for _, name := range c.PickupPersons {
		if _, err := tx.Exec(sqlInsertPickup, id, guardianID, name); err != nil {
			return 0, err
		}
	}
	if !c.Spoken {
		if _, err := tx.Exec(sqlInsertConsents, id, guardianID, now,
			string(c.Image), ImageTextVersion, string(yesOrNo(c.LeavesAlone)), LeaveAloneTextVersion); err != nil {
			return 0, err
		}
	}
	if c.Health.State == HealthDescribed {
		text := HealthTextVersion
		if c.Spoken {
			text = HealthSpokenTextVersion
		}
		if _, err := tx.Exec(sqlInsertConsent, id, guardianID, "health", string(Yes), text, now); err != nil {
			return 0, err
		}
	}
	return id, nil
}

func yesOrNo(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

const (
	sqlHealth    = `SELECT health_state, health_text FROM children WHERE id = ?`
	sqlSetHealth = `UPDATE children SET health_state = ?2, health_text = ?3 WHERE id = ?1`
)

// AddHealth keeps what a guardian says of a child that is known already, with their consent to the text of that version.
// Nothing that was described before is lost: a new description is written below the old one, and a word that there is
// nothing only answers a question still open. What leaves the question open changes nothing.
func AddHealth(tx *sqlite.Tx, childID, guardianID int64, told Health, textVersion string) error {
	var known Health
	if err := tx.QueryRow(sqlHealth, childID).Scan(&known.State, &known.Text); err != nil {
		return err
	}
	switch {
	case told.State == HealthDescribed && known.State == HealthDescribed:
		if strings.Contains(known.Text, told.Text) {
			return nil
		}
		told.Text = known.Text + "\n" + told.Text
	case told.State == HealthToAsk, told.State != HealthDescribed && known.State != HealthToAsk:
		return nil
	}
	if _, err := tx.Exec(sqlSetHealth, childID, string(told.State), told.Text); err != nil || told.State != HealthDescribed {
		return err
	}
	_, err := tx.Exec(sqlInsertConsent, childID, guardianID, "health", string(Yes), textVersion, sqlite.Time(tx.Now()))
	return err
}

// Figures are what funders ask for and families may leave out: nil means "not answered".
type Figures struct {
	Gender     *string // girl, boy, other, unsaid
	PostalCode *string // five digits
	QPV        *string // yes, no, unknown
	// LookedUp tells that a yes or a no was looked up by the family's address, which nobody keeps (UX-A8).
	LookedUp bool
}

const sqlSetFigures = `
UPDATE children SET gender = coalesce(?2, gender), postal_code = coalesce(?3, postal_code), qpv = coalesce(?4, qpv),
       qpv_zoning = CASE WHEN ?4 IS NULL THEN qpv_zoning WHEN ?4 = 'unknown' THEN NULL ELSE ?5 END,
       qpv_method = CASE WHEN ?4 IS NULL THEN qpv_method WHEN ?4 = 'unknown' THEN NULL WHEN ?6 THEN 'looked_up' ELSE 'declared' END
WHERE id = ?1`

// QPVZoning is the year of the map of priority districts that a family is asked about: an answer to another map is another
// answer, so that it stays beside it (décret n° 2023-1314, in force since 2024).
const QPVZoning = 2024

// SetFigures keeps the answers given; what is nil stays as it was.
func SetFigures(tx *sqlite.Tx, childID int64, f Figures) error {
	_, err := tx.Exec(sqlSetFigures, childID, f.Gender, f.PostalCode, f.QPV, QPVZoning, f.LookedUp)
	return err
}
