package catalog_test

import (
	"errors"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/account/accounttest"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// obstaclesIn are the obstacles that a refusal with a key tells of.
func obstaclesIn(t *testing.T, err error, key string) *catalog.Obstacles {
	t.Helper()
	wantFault(t, err, fault.Conflict, key)
	o, ok := errors.AsType[*catalog.Obstacles](err)
	if !ok {
		t.Fatalf("%v tells of no obstacle", err)
	}
	return o
}

// A session in a room, or of somebody, that has another one then is asked about before anything is kept; who has seen just that may
// save it. A kit that there is not enough of is refused, and the session that has it is named.
func TestObstacles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := accounttest.AddUser(t, h.db, account.NewUser{Email: "anh@example.org", Name: "Nguyễn Thị Ánh", Role: account.Facilitator, Password: "trois souris vertes"})
	kit, err := h.CreateKit(t.Context(), staff, key(), catalog.Kit{Name: "Valise Thymio", Copies: 1, Children: 12})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := h.CreateVenue(t.Context(), staff, key(), catalog.Venue{Name: "MJC", Address: "1 rue", Postcode: "69002", City: "Lyon",
		StepFree: catalog.StepFreeUnknown, Capacity: 20, TimeZone: "Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	first := h.request("2027-05-08", "14:00", "16:00")
	first.Facilitators, first.Kits, first.Assent = []int64{lead}, []catalog.KitUse{{KitID: kit, Copies: 1}}, catalog.Assent{Asked: true}
	there, err := h.CreateSession(t.Context(), staff, key(), first)
	if err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM session_facilitators f JOIN session_kits k ON k.session_id = f.session_id`); n != 1 {
		t.Errorf("%d sessions with somebody and a kit", n)
	}

	second := h.request("2027-05-08", "15:00", "17:00")
	second.Facilitators, second.Assent = []int64{lead}, catalog.Assent{Asked: true}
	same := key()
	_, err = h.CreateSession(t.Context(), staff, same, second)
	o := obstaclesIn(t, err, "catalog.obstacles.ask")
	if len(o.All) != 2 || o.All[0].What != catalog.HinderedPerson || o.All[1].What != catalog.HinderedRoom || o.All[0].Other == nil || o.All[0].Other.ID != there {
		t.Errorf("in the way: %+v", o.All)
	}
	if n := h.count(`SELECT count(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions after a question", n)
	}
	// What somebody saw counts for that alone: another obstacle is asked about.
	third := second
	third.Facilitators, third.Assent.Token = nil, o.Token
	_, err = h.CreateSession(t.Context(), staff, key(), third)
	obstaclesIn(t, err, "catalog.obstacles.ask")
	second.Assent.Token = o.Token
	for range 2 { // sent twice it makes one
		if _, err := h.CreateSession(t.Context(), staff, same, second); err != nil {
			t.Fatal(err)
		}
	}
	if n := h.count(`SELECT count(*) FROM sessions`); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}

	second.Kits = first.Kits
	_, err = h.CreateSession(t.Context(), staff, key(), second)
	wantFault(t, err, fault.Conflict, "catalog.hindered.kit")
	if o, ok := errors.AsType[*catalog.Obstacles](err); !ok || o.Token != "" || len(o.All) != 3 || o.All[1].What != catalog.HinderedKit || o.All[1].Other == nil || o.All[1].Other.ID != there {
		t.Errorf("a kit in use: %+v", o)
	}
	second.VenueID, second.Facilitators, second.Kits, second.Assent.Token = elsewhere, nil, nil, ""
	if _, err := h.CreateSession(t.Context(), staff, key(), second); err != nil {
		t.Errorf("with nothing in the way: %v", err)
	}
	_, err = h.DuplicateSession(t.Context(), staff, key(), there, "2027-05-15", catalog.Assent{Asked: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.DuplicateSession(t.Context(), staff, key(), there, "2027-05-15", catalog.Assent{Asked: true})
	o = obstaclesIn(t, err, "catalog.obstacles.ask_date")
	if _, err = h.DuplicateSession(t.Context(), staff, key(), there, "2027-05-15", catalog.Assent{Asked: true, Token: o.Token}); err != nil {
		t.Fatal(err)
	}
	// A program that asks nobody is not stopped.
	if _, err := h.CreateSession(t.Context(), staff, key(), h.request("2027-05-08", "14:30", "15:30")); err != nil {
		t.Fatal(err)
	}
}
