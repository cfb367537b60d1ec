package catalog_test

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// groupSession makes a private session of 9 April 2027, 09:00 to 11:00 UTC, at the place of an organisation.
func (h *house) groupSession(leaders ...int64) (s catalog.Session) {
	h.t.Helper()
	err := h.write(func(tx *sqlite.Tx) error {
		now := sqlite.Time(tx.Now())
		for _, query := range []string{
			`INSERT OR IGNORE INTO organisations (id, kind, name, address, postcode, city, created_at) VALUES (1, 'school', 'École Łucja', '1 rue Neuve', '69001', 'Lyon', ?)`,
			`INSERT OR IGNORE INTO group_requests (id, reference, organisation_id, contact_name, contact_role, contact_email, contact_phone, wish, level, children,
				adults, place, funding, state, state_since, created_at, updated_at)
				VALUES (1, 'GRP-22222222', 1, 'Zoé', '', 'zoe@example.org', '', 'x', 'CM1', 24, 1, 'theirs', 'own', 'proposed', ?1, ?1, ?1)`,
		} {
			if _, err := tx.Exec(query, now); err != nil {
				return err
			}
		}
		venue, err := catalog.OrganisationVenueTx(tx, account.Guest(), "École Łucja", "1 rue Neuve", "69001", "Lyon")
		if err != nil {
			return err
		}
		starts, err := sqlite.ParseTime("2027-04-09T09:00:00Z")
		if err != nil {
			return err
		}
		ends, err := sqlite.ParseTime("2027-04-09T11:00:00Z")
		if err != nil {
			return err
		}
		s, err = catalog.CreateGroupSessionTx(tx, account.Guest(), catalog.GroupSession{RequestID: 1, WorkshopID: h.workshop.ID, VenueID: venue,
			StartsAt: starts, EndsAt: ends, Capacity: 24, Facilitators: leaders, By: "Zoé"})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func TestPrivateSessionIsForTheTeam(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	led := h.user("Nguyễn", account.Facilitator)
	public := h.published("2027-04-10", "14:00", "16:00")
	s := h.groupSession(led.ID)
	for name, list := range map[string]func() ([]catalog.Session, error){
		"Coming":              func() ([]catalog.Session, error) { return h.Coming(ctx) },
		"ComingWithCancelled": func() ([]catalog.Session, error) { return h.ComingWithCancelled(ctx) },
	} {
		if got, err := list(); err != nil || len(got) != 1 || got[0].ID != public {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err := h.PublicSession(ctx, s.ID)
	wantFault(t, err, fault.NotFound, "catalog.session.not_found")
	all, err := h.Between(ctx, start, start.AddDate(0, 1, 0))
	if err != nil || len(all) != 2 || !all[0].Private() || all[0].Organisation != "École Łucja" {
		t.Errorf("Between: %v, %v", all, err)
	}
	if clashes, err := h.Clashes(ctx, s.ID, led.ID); err != nil || len(clashes) != 0 {
		t.Errorf("it clashes with itself: %v, %v", clashes, err)
	}
	overlapping := h.draft("2027-04-09", "12:00", "14:00") // 10:00 to 12:00 UTC
	if clashes, err := h.Clashes(ctx, overlapping, led.ID); err != nil || len(clashes) != 1 || clashes[0].ID != s.ID {
		t.Errorf("a public session would not know of it: %v, %v", clashes, err)
	}
}

// TestOrganisationsPlaceIsNoVenueOfTheProgramme: no public session goes there, until staff make it one of ours; an import
// does so too.
func TestOrganisationsPlaceIsNoVenueOfTheProgramme(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	s := h.groupSession()
	edit := h.request("2027-04-10", "14:00", "16:00")
	edit.VenueID = s.Venue.ID
	public := h.published("2027-04-10", "14:00", "16:00")
	wantFault(t, h.EditSession(ctx, staff, key(), public, edit), fault.Invalid, "venue=catalog.session.venue")
	before := h.count(`SELECT count(*) FROM venues`)
	id, err := h.CreateVenue(ctx, staff, key(), catalog.Venue{Name: "École Łucja", Address: "1 rue Neuve", Postcode: "69001", City: "Lyon",
		StepFree: catalog.StepFreeYes, Capacity: 30, TimeZone: "Europe/Paris"})
	if err != nil || id != s.Venue.ID || h.count(`SELECT count(*) FROM venues`) != before {
		t.Fatalf("got %d, %v", id, err)
	}
	if err := h.EditSession(ctx, staff, key(), public, edit); err != nil {
		t.Error(err)
	}
}

func TestKitsAreCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	kit, err := h.CreateKit(ctx, staff, key(), catalog.Kit{Name: "  Valise  Thymio ", Contents: "12 Thymio\n4 câbles", Copies: 2})
	if err != nil {
		t.Fatal(err)
	}
	take := func(session int64, copies int) error {
		return h.TakeKit(ctx, staff, key(), session, catalog.KitUse{KitID: kit, Copies: copies})
	}
	morning, noon, long := h.draft("2027-04-10", "09:00", "11:00"), h.draft("2027-04-10", "11:00", "13:00"), h.draft("2027-04-10", "09:00", "13:00")
	for _, err := range []error{take(morning, 2), take(noon, 2), take(noon, 1), take(morning, 1), take(long, 1)} {
		if err != nil {
			t.Fatal(err) // two that follow each other share a copy, and the last word counts
		}
	}
	wantFault(t, take(noon, 2), fault.Conflict, "catalog.hindered.kit")
	wantFault(t, take(noon, 0), fault.Invalid, "copies=catalog.number")
	wantFault(t, h.TakeKit(ctx, staff, key(), noon, catalog.KitUse{KitID: 99, Copies: 1}), fault.Invalid, "kit=catalog.kit.choose")
	// A move takes the kit along.
	moved := h.draft("2027-04-11", "09:00", "11:00")
	if err := take(moved, 2); err != nil {
		t.Fatal(err)
	}
	wantFault(t, h.EditSession(ctx, staff, key(), moved, h.request("2027-04-10", "10:00", "12:00")), fault.Conflict, "catalog.hindered.kit")
	if err := h.LeaveKit(ctx, staff, key(), long, kit); err != nil {
		t.Fatal(err)
	}
	if err := take(noon, 2); err != nil {
		t.Errorf("the copy that was given back is not free: %v", err)
	}
	k, err := h.Kit(ctx, kit)
	if err != nil || k.Name != "Valise Thymio" {
		t.Errorf("got %+v, %v", k, err)
	}
	k.Copies = 1
	wantFault(t, h.EditKit(ctx, staff, key(), k, ""), fault.Invalid, "copies=catalog.kit.copies_used")
	_, err = h.CreateKit(ctx, staff, key(), catalog.Kit{Name: "Valise Thymio", Copies: 1})
	wantFault(t, err, fault.Invalid, "name=catalog.kit.exists")
	wantFault(t, h.EditKit(ctx, h.user("Łukasz", account.Facilitator), key(), k, ""), fault.Forbidden, "error.forbidden")
}

func TestTimetable(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	me, other := h.user("Nguyễn", account.Facilitator), h.user("Łukasz", account.Facilitator)
	writer := h.user("李", account.Communication)
	add := func(actor account.Actor, starts, ends string, days ...int) error {
		return h.AddHours(ctx, actor, key(), me.ID, days, starts, ends)
	}
	for _, err := range []error{add(me, "09:00", "12:00", 1, 2), add(staff, "11:00", "17:00", 2), h.AddAbsence(ctx, me, key(), me.ID, "2027-04-20", ""),
		h.AddAbsence(ctx, me, key(), me.ID, "2027-04-01", "2027-04-05")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	table, err := h.Timetable(ctx, me, me.ID)
	if err != nil || len(table.Weekly) != 2 || table.Weekly[1] != (catalog.WeekHours{Weekday: 2, Starts: "09:00", Ends: "17:00"}) || len(table.Absences) != 2 {
		t.Errorf("got %+v, %v", table, err)
	}
	wantFault(t, add(other, "09:00", "12:00", 1), fault.Forbidden, "error.forbidden")
	wantFault(t, add(me, "9:00", "", 8), fault.Invalid, "ends=catalog.hour.format starts=catalog.hour.format weekdays=catalog.timetable.weekdays")
	wantFault(t, add(me, "12:00", "09:00", 1), fault.Invalid, "ends=catalog.session.order")
	wantFault(t, h.AddAbsence(ctx, me, key(), me.ID, "2027-04-03", "2027-04-04"), fault.Invalid, "last_day=catalog.timetable.past")
	_, err = h.Timetable(ctx, writer, writer.ID) // writes to families, and leads nothing
	wantFault(t, err, fault.NotFound, "error.not_found")
	if err := h.RemoveAbsence(ctx, other, key(), other.ID, table.Absences[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := h.RemoveHours(ctx, me, key(), me.ID, 1, "09:00"); err != nil {
		t.Fatal(err)
	}
	table, err = h.Timetable(ctx, staff, me.ID)
	if err != nil || len(table.Weekly) != 1 || len(table.Absences) != 2 {
		t.Errorf("after removing: %+v, %v", table, err)
	}
}
