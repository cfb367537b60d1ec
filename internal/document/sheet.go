package document

// MaxBlankLines is the most blank lines a sheet can have; the setting is 0 to 15.
const MaxBlankLines = 15

// Sheet is the register of one session for families: what lies on the table first, then, on a sheet of paper of its
// own, the team page if asked for.
type Sheet struct {
	Session
	// Capacity is how many seats the session has: the row of holes shows them.
	Capacity int
	// Rows are the children expected, in the order of the paper: by last name.
	Rows []SheetRow
	// BlankLines are for children who come without being on the list.
	BlankLines int
	// TeamPage adds the pages with health and phones, for the team alone. Without it the
	// private fields of the rows are not read, so leave it out for who may not see them.
	TeamPage bool
}

// SheetRow is one child. What follows Age is printed on the team page only.
type SheetRow struct {
	FirstName, LastName string
	Age                 int // on the day of the session
	// Erased is true once the family asked for it: the row has a word for a name, no age, and is not on the team page.
	Erased      bool
	Health      Health
	HealthText  string    // of HealthDescribed only
	Emergency   Contact   // the zero Contact: the guardian
	Guardians   []Contact // who is called first comes first
	PickUp      []string  // who may take the child away, besides the guardians
	NeverTo     []string  // « Ne pas remettre à »
	LeavesAlone bool
	NoPhoto     bool // image rights refused, or not answered yet
}

// Health is what the family said about health and needs. The zero value is the one
// that makes the team ask: never "none" by omission.
type Health int

// The states of Health.
const (
	HealthToAsk Health = iota
	HealthNone
	HealthDescribed
	HealthRefused
)

// Contact is somebody to call.
type Contact struct{ Name, Phone string }

func (s Sheet) properties() properties {
	return properties{lang: s.Lang, title: s.title("document.sheet.title"), at: s.MadeAt}
}

func (s Sheet) draw(d *pen) {
	drawRegister(d, s.Session, registerRows(d, s), func() float64 { return drawSheetHead(d, s) })
	if s.TeamPage {
		drawTeamPages(d, s.Session, teamRows(d, s))
	}
}
