package school

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/account/accounttest"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// team is what dates are proposed with: a workshop, a venue of ours, two people and one kit.
type team struct {
	*office
	catalog        *catalog.Catalog
	staff          account.Actor
	workshopID     int64
	venue          int64
	lukasz, nguyen int64
	kit            int64
	somebodyElse   account.Actor // leads sessions, runs nothing
}

func newTeam(t testing.TB) *team {
	t.Helper()
	o := newOffice(t)
	c := &team{office: o, catalog: catalog.New(o.db)}
	c.workshopID = o.workshop("Robotique")
	c.staff = account.Actor{Kind: account.KindUser, ID: c.user("Zoé D'Artagnan-N'Guyen", account.Staff), Name: "Zoé D'Artagnan-N'Guyen", Role: account.Staff}
	c.lukasz, c.nguyen = c.user("Łukasz", account.Facilitator), c.user("Nguyễn Thị Ánh", account.Facilitator)
	c.somebodyElse = account.Actor{Kind: account.KindUser, ID: c.lukasz, Name: "Łukasz", Role: account.Facilitator}
	var err error
	c.venue, err = c.catalog.CreateVenue(t.Context(), c.staff, o.key(), catalog.Venue{Name: "Espace Altnet", Address: "7 place Louis Chazette",
		Postcode: "69001", City: "Lyon", StepFree: catalog.StepFreeUnknown, Capacity: 30, TimeZone: "Europe/Paris"})
	c.must(err)
	c.kit, err = c.catalog.CreateKit(t.Context(), c.staff, o.key(), catalog.Kit{Name: "Valise Thymio", Contents: "12 Thymio\n4 câbles", Copies: 1})
	c.must(err)
	return c
}

func (c *team) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *team) user(name string, role account.Role) int64 {
	c.t.Helper()
	return accounttest.AddUser(c.t, c.db, account.NewUser{Email: rand.Text() + "@example.org", Name: name,
		Role: role, Password: "trois souris vertes"})
}

// ask sends a request of an organisation of this name, and returns its contact's link and its id.
func (c *team) ask(name string) (Link, int64) {
	c.t.Helper()
	n := request()
	n.Organisation.Name = name
	link, err := c.Send(c.t.Context(), account.Guest(), c.key(), DraftKey{}, n)
	c.must(err)
	return link, int64(c.count(`SELECT id FROM group_requests WHERE reference = ?`, link.Reference))
}

// proposal is the morning of the wanted day at the organisation's, with Łukasz and the kit.
func (c *team) proposal() Proposal {
	return Proposal{WorkshopID: c.workshopID, Capacity: 24, Times: []TypedTime{{"2026-06-09", "09:00", "11:00"}}, Each: true,
		Facilitators: []int64{c.lukasz}, Kits: []catalog.KitUse{{KitID: c.kit, Copies: 1}}}
}

// proposed asks in the name of an organisation and proposes to it; it returns the option that was proposed last.
func (c *team) proposed(name string, p Proposal) (Link, int64, Slot) {
	c.t.Helper()
	link, id := c.ask(name)
	c.must(c.Propose(c.t.Context(), c.staff, c.key(), id, p))
	slots := c.dates(link).Slots
	return link, id, slots[len(slots)-1]
}

func (c *team) choose(link Link, slot int64) error {
	return c.Choose(c.t.Context(), account.Guest(), c.key(), link, slot)
}

func (c *team) dates(link Link) Dates {
	c.t.Helper()
	d, err := c.Dates(c.t.Context(), link)
	c.must(err)
	return d
}

// messages counts the messages of a kind that say a text.
func (c *team) messages(kind, says string) int {
	c.t.Helper()
	return c.count(`SELECT count(*) FROM outbox WHERE kind = ? AND instr(payload, ?) > 0`, kind, says)
}

// live counts the live private sessions of a request.
func (c *team) live(requestID int64) int {
	c.t.Helper()
	return c.count(`SELECT count(*) FROM sessions WHERE request_id = ? AND status = 'published'`, requestID)
}

// tuesday is the wanted day of request.
var tuesday = time.Date(2026, 6, 9, 0, 0, 0, 0, time.UTC)
