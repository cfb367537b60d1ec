package school

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// The limits of a request.
const (
	MaxChildren = 500
	MaxAdults   = 100
	MaxWanted   = 3
	// farthestYears is how far ahead a wanted day may be.
	farthestYears = 2
)

// NewRequest is what an organisation asks for, about to be sent. It counts children and never names them.
type NewRequest struct {
	// DirectoryID is the entry of the directory for who asks, which then says all of Organisation; 0 for one typed in.
	DirectoryID  int64
	Organisation Organisation
	Contact      Contact
	WorkshopID   int64  // 0: something else, see Wish
	Wish         string // something else, in words
	Aim          string
	Level        string
	Children     int
	Adults       int
	Wanted       []WantedDate // the best first; may be empty with a Period
	Period       string       // in words
	Place        Place
	Room         string
	Equipment    string
	Wifi         string // yes, no or unknown
	Access       string
	Funding      settings.Funding
	Adage        string
	Message      string
	// Language is that of the messages to contact and payer; empty is French.
	Language string
	// StartedFrom is the request that this one starts from, see Again; 0 for none.
	StartedFrom int64
}

// Halves lists when in a day a workshop may be, in the order in which people choose.
func Halves() []string { return []string{"morning", "afternoon", "day"} }

// check cleans n in place, completes its organisation from the directory, and says what is wrong by the names of the
// form's fields: kind, school, name, address, postcode, city, sector, uai; workshop, wish, aim, level, children, adults,
// date_1 to date_3, period, place, room, equipment, wifi, access; contact_name, role, email, phone, funding, adage, message.
// It returns the name of the workshop, empty for something else.
func (n *NewRequest) check(tx *sqlite.Tx) (workshop string, wrong typed, err error) {
	wrong = typed{}
	if err := n.checkOrganisation(tx, wrong); err != nil {
		return "", nil, err
	}
	if workshop, err = n.checkWorkshop(tx, wrong); err != nil {
		return "", nil, err
	}
	day, err := today(tx)
	if err != nil {
		return "", nil, err
	}
	n.checkDates(day, wrong)
	n.checkContact(wrong)
	return workshop, wrong, n.checkFunding(tx, wrong)
}

func (n *NewRequest) checkOrganisation(tx *sqlite.Tx, wrong typed) error {
	if n.DirectoryID > 0 {
		entry, err := entryTx(tx, n.DirectoryID)
		if fault.Is(err, fault.NotFound, "ask.school_gone") {
			wrong.wrong("school", "ask.school_gone")
			return nil
		}
		n.Organisation = entry.organisation()
		return err
	}
	o := &n.Organisation
	*o = Organisation{Kind: o.Kind, Name: o.Name, Address: o.Address, Postcode: o.Postcode, City: o.City, Sector: o.Sector, UAI: o.UAI}
	if !slices.Contains(Kinds(), o.Kind) {
		wrong.wrong("kind", "ask.kind_missing")
		return nil // what else is asked depends on it
	}
	wrong.told("name", &o.Name, "ask.name_missing")
	wrong.line("address", &o.Address, "ask.address_missing")
	if o.Postcode = strings.Join(strings.Fields(o.Postcode), ""); !catalog.IsPostcode(o.Postcode) {
		wrong.wrong("postcode", "ask.postcode_wrong")
	}
	wrong.told("city", &o.City, "ask.city_missing")
	if o.Kind != School {
		o.UAI, o.Sector = "", ""
		return nil
	}
	if o.Sector != "public" && o.Sector != "private" {
		wrong.wrong("sector", "ask.sector_missing")
	}
	if strings.TrimSpace(o.UAI) == "" {
		o.UAI = ""
		return nil
	}
	uai, m := ParseUAI(o.UAI)
	if m != nil {
		wrong.wrong("uai", m.Key)
		return nil
	}
	o.UAI = uai
	// The figures need what nobody types.
	id, err := entryOf(tx, *o)
	if err != nil || id == 0 {
		return err
	}
	entry, err := entryTx(tx, id)
	o.CommuneCode, o.Priority, o.SIRET = entry.CommuneCode, entry.Priority, entry.SIRET
	return err
}

const sqlWorkshopName = `SELECT title || iif(level = '', '', ' – ' || level) FROM workshops WHERE id = ?`

func (n *NewRequest) checkWorkshop(tx *sqlite.Tx, wrong typed) (name string, err error) {
	if n.WorkshopID > 0 {
		n.Wish = ""
		err := tx.QueryRow(sqlWorkshopName, n.WorkshopID).Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			wrong.wrong("workshop", "ask.workshop_missing")
		} else if err != nil {
			return "", err
		}
	} else {
		wrong.told("wish", &n.Wish, "ask.wish_missing")
	}
	wrong.text("aim", &n.Aim)
	wrong.told("level", &n.Level, "ask.level_missing")
	if n.Children < 1 || n.Children > MaxChildren {
		wrong.wrong("children", "ask.children_wrong", MaxChildren)
	}
	if n.Adults < 0 || n.Adults > MaxAdults {
		wrong.wrong("adults", "ask.adults_wrong", MaxAdults)
	}
	if n.Place != Theirs && n.Place != Ours {
		wrong.wrong("place", "ask.place_missing")
	}
	if n.Wifi != "yes" && n.Wifi != "no" {
		n.Wifi = "unknown"
	}
	if n.Place == Ours {
		n.Room, n.Equipment, n.Wifi = "", "", "unknown"
	}
	wrong.text("room", &n.Room)
	wrong.text("equipment", &n.Equipment)
	wrong.text("access", &n.Access)
	return name, nil
}

// dateFields are the names of the wanted dates on the form.
var dateFields = [MaxWanted]string{"date_1", "date_2", "date_3"}

// checkDates wants days to come. today is midnight UTC.
func (n *NewRequest) checkDates(today time.Time, wrong typed) {
	wrong.text("period", &n.Period)
	if len(n.Wanted) > MaxWanted {
		n.Wanted = n.Wanted[:MaxWanted]
	}
	for i, d := range n.Wanted {
		switch field := dateFields[i]; {
		case !d.Day.After(today):
			wrong.wrong(field, "ask.day_past")
		case d.Day.After(today.AddDate(farthestYears, 0, 0)):
			wrong.wrong(field, "ask.day_far")
		case !slices.Contains(Halves(), d.Half):
			wrong.wrong(field+"_half", "ask.half_missing")
		case slices.Contains(n.Wanted[:i], d):
			wrong.wrong(field, "ask.day_twice")
		}
	}
	if len(n.Wanted) == 0 && n.Period == "" {
		wrong.wrong(dateFields[0], "ask.dates_missing")
	}
}

func (n *NewRequest) checkContact(wrong typed) {
	c := &n.Contact
	wrong.told("contact_name", &c.Name, "ask.contact_missing")
	wrong.told("role", &c.Role, "ask.role_missing")
	wrong.line("email", &c.Email, "ask.email_missing")
	wrong.line("phone", &c.Phone, "ask.phone_missing")
	wrong.text("message", &n.Message)
}

func (n *NewRequest) checkFunding(tx *sqlite.Tx, wrong typed) error {
	fundings, err := settings.Fundings(tx)
	if err != nil {
		return err
	}
	if !slices.Contains(fundings, n.Funding) {
		wrong.wrong("funding", "ask.funding_missing")
	}
	if n.Funding != settings.PassCulture {
		n.Adage = ""
	}
	wrong.line("adage", &n.Adage, "")
	return nil
}

// Checked is a request that was looked at before it is sent.
type Checked struct {
	// Request is cleaned, with the organisation of the directory.
	Request  NewRequest
	Workshop string // its name; empty for something else
	// Wrong is one message per wrong field, by its name on the form; empty when the request can be sent.
	Wrong map[string]fault.Message
}

// Check says what keeps n from being sent. It changes nothing.
func (s *Service) Check(ctx context.Context, n NewRequest) (checked Checked, err error) {
	n.Wanted = slices.Clone(n.Wanted)
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		workshop, wrong, err := n.check(tx)
		checked = Checked{Request: n, Workshop: workshop, Wrong: wrong}
		return err
	})
	return checked, err
}

// Again returns what was asked for by the request that a contact's link opens, as the beginning of another one: without
// dates, message and reference of the pass Culture, which belong to the first. A wrong link is NotFound.
func (s *Service) Again(ctx context.Context, link Link) (n NewRequest, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := s.openTx(tx, link)
		if err != nil {
			return err
		}
		n = NewRequest{
			Organisation: r.Organisation, Contact: r.Contact, WorkshopID: r.WorkshopID, Wish: r.Wish, Aim: r.Aim, Level: r.Level,
			Children: r.Children, Adults: r.Adults, Place: r.Place, Room: r.Room, Equipment: r.Equipment, Wifi: r.Wifi,
			Access: r.Access, Funding: r.Funding, StartedFrom: r.ID,
		}
		n.DirectoryID, err = entryOf(tx, r.Organisation)
		return err
	})
	return n, err
}
