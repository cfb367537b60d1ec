package attendance_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

func TestRosterSortsNamesFromAllOverTheWorld(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, name := range [][2]string{{"Łukasz", "Żuk"}, {"Zoé", "D'Artagnan-N'Guyen"}, {"Eléa", "Écuyer"}, {"Anh", "Nguyễn"}, {"محمد", "علي"}, {"明", "李"}, {"Ada", "da Silva"}} {
		h.seat(name[0], name[1])
	}
	r := h.roster(h.nadia)
	var got []string
	for _, c := range r.Children {
		got = append(got, fullName(c))
	}
	want := []string{"Zoé D'Artagnan-N'Guyen", "Ada da Silva", "Eléa Écuyer", "Anh Nguyễn", "Łukasz Żuk", "محمد علي", "明 李"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if r.Session.Workshop.Title != "Robotique" || r.Facilitators[0].Name != "Nadia Benali" || !r.ReadAt.Equal(paris(8, 14, 5)) {
		t.Errorf("got session %+v, led by %+v, read at %v", r.Session, r.Facilitators, r.ReadAt)
	}
}

func TestRosterTellsWhatAFacilitatorMustKnow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	linh := h.insert(`INSERT INTO guardians (name, email, email_folded, phone, emergency_name, emergency_phone, last_contact_at, created_at)
		VALUES ('Linh Nguyễn', 'l@example.org', 'l@example.org', '+33 6 12 34 56 78', 'Mamie Hoa', '04 78 00 00 00', ?1, ?1)`, "2027-05-01T08:00:00Z")
	marc := h.guardian("Marc D'Artagnan", "07 98 76 54 32")
	zoe := h.child(linh, family.NewChild{FirstName: "Zoé", LastName: "D'Artagnan-N'Guyen", BirthDate: time.Date(2017, 5, 9, 0, 0, 0, 0, time.UTC),
		Health: family.Health{State: family.HealthDescribed, Text: "Arachides : stylo dans le sac"}, PickupPersons: []string{"Tonton Łukasz", "李"}})
	h.insert(`INSERT INTO guardianships (guardian_id, child_id) VALUES (?, ?)`, marc, zoe)
	booking := h.book(h.session, linh, zoe, "confirmed")

	got := h.line(h.roster(h.nadia), booking)
	want := attendance.Child{BookingID: booking, FirstName: "Zoé", LastName: "D'Artagnan-N'Guyen", Age: 9, Image: attendance.ImageYes, GuardianID: linh,
		Care: attendance.Care{
			Health:    family.Health{State: family.HealthDescribed, Text: "Arachides : stylo dans le sac"},
			PickUp:    []string{"Tonton Łukasz", "李"},
			Barred:    []string{},
			Media:     []family.Purpose{},
			Guardians: []attendance.Contact{{Name: "Linh Nguyễn", Phone: "+33 6 12 34 56 78"}, {Name: "Marc D'Artagnan", Phone: "07 98 76 54 32"}},
			Emergency: attendance.Contact{Name: "Mamie Hoa", Phone: "04 78 00 00 00"},
		}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Any refusal wins, the last answer of each guardian counts, and silence is not consent.
func TestConsentsOfTwoGuardians(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name              string
		linh, marc        []string // answers in the order of time
		image             attendance.ImageRights
		leavesAloneByThem bool
	}{
		{"nobody was asked", nil, nil, attendance.ImageUnknown, false},
		{"one agrees", []string{"yes"}, nil, attendance.ImageYes, true},
		{"one refuses", []string{"yes"}, []string{"no"}, attendance.ImageNo, false},
		{"the other refuses", []string{"no"}, []string{"yes"}, attendance.ImageNo, false},
		{"one will say later", []string{"yes"}, []string{"later"}, attendance.ImageUnknown, true},
		{"the first will say later", []string{"later"}, []string{"yes"}, attendance.ImageUnknown, true},
		{"withdrawn", []string{"yes", "no"}, []string{"yes"}, attendance.ImageNo, false},
		{"given after a refusal", []string{"no", "yes"}, []string{"yes"}, attendance.ImageYes, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			linh, marc := h.guardian("Linh", "06 12 34 56 78"), h.guardian("Marc", "07 98 76 54 32")
			child := h.insert(`INSERT INTO children (first_name, last_name, name_folded, birth_date, health_state, created_at)
				VALUES ('Zoé', 'Lê', 'le zoe', '2018-03-01', 'none', '2027-01-01T00:00:00Z')`)
			for guardian, answers := range map[int64][]string{linh: tt.linh, marc: tt.marc} {
				for _, answer := range answers {
					for purpose, text := range map[string]string{"image": family.ImageTextVersion, "leave_alone": family.LeaveAloneTextVersion} {
						h.insert(`INSERT INTO consents (child_id, guardian_id, purpose, answer, text_version, given_at)
							VALUES (?, ?, ?, ?, ?, '2027-01-01T00:00:00Z')`, child, guardian, purpose, answer, text)
					}
				}
			}
			booking := h.book(h.session, linh, child, "confirmed")
			got := h.line(h.roster(h.nadia), booking)
			if got.Image != tt.image || got.Care.LeavesAlone != tt.leavesAloneByThem {
				t.Errorf("got image %q, alone %v; want %q, %v", got.Image, got.Care.LeavesAlone, tt.image, tt.leavesAloneByThem)
			}
		})
	}
}

// Who waits, gave up or was offered a seat is not on the register; who gave up after a mark stays, flagged (UX-F9).
func TestRosterKeepsWhoHasMarks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booked, gone := h.seat("Zoé", "Lê"), h.seat("Anh", "Nguyễn")
	h.mark(gone, attendance.Present)
	for i, status := range []string{"waiting", "offered", "cancelled", "declined", "lapsed"} {
		guardian := h.guardian("Parent", "06 12 34 56 78")
		h.book(h.session, guardian, h.child(guardian, family.NewChild{FirstName: "Ada", LastName: string(rune('A' + i))}), status)
	}
	h.insert(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family' WHERE id = ?`, gone)
	r := h.roster(h.nadia)
	if len(r.Children) != 2 || h.line(r, booked).Cancelled || !h.line(r, gone).Cancelled || h.line(r, gone).State.Action != attendance.Present {
		t.Errorf("got %+v", r.Children)
	}
	if want := (attendance.Counts{Booked: 1, Expected: 1, Present: 1}); r.Counts != want {
		t.Errorf("got %+v, want %+v", r.Counts, want)
	}
}

func TestRosterCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i, action := range []attendance.Action{"", "present", "present", "late", "absent", "excused", "left", ""} {
		if booking := h.seat("Ada", string(rune('A'+i))); action != "" {
			h.mark(booking, action)
		}
	}
	got := h.roster(h.nadia).Counts
	if want := (attendance.Counts{Booked: 8, Expected: 2, Present: 2, Late: 1, Absent: 1, Excused: 1, Left: 1}); got != want || got.Here() != 3 {
		t.Errorf("got %+v with %d here, want %+v", got, got.Here(), want)
	}
}

// SEC-21, domain Family data 3.
func TestWhoSeesWhatAndWhen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "D'Artagnan-N'Guyen")
	admin := h.user("Ada", account.Admin)
	guardian := account.Guardian(h.nadia.ID) // an id alone opens nothing
	const nothing, names, all = "nothing", "names", "all"
	tests := []struct {
		name  string
		actor account.Actor
		at    time.Time
		want  string
		marks bool
	}{
		{"facilitator, two days before", h.nadia, paris(6, 23, 59), names, false},
		{"facilitator, from midnight of the day before", h.nadia, paris(7, 0, 0), all, true},
		{"facilitator, during", h.nadia, paris(8, 15, 0), all, true},
		{"facilitator, to the end of the day after", h.nadia, paris(9, 23, 59), all, true},
		{"facilitator, two days after", h.nadia, paris(10, 0, 0), names, false},
		{"facilitator of another session", h.amine, paris(8, 15, 0), nothing, false},
		{"staff, a year after", h.staff, paris(8, 15, 0).AddDate(1, 0, 0), all, true},
		{"admin, during", admin, paris(8, 15, 0), all, true},
		{"communication, during", h.write, paris(8, 15, 0), names, false},
		{"command", account.Command(), paris(8, 15, 0), all, false},
		{"guest", account.Guest(), paris(8, 15, 0), nothing, false},
		{"guardian", guardian, paris(8, 15, 0), nothing, false},
	}
	for _, tt := range tests {
		h.clock.Set(tt.at)
		r, err := h.Roster(t.Context(), tt.actor, h.session)
		got := names
		switch {
		case err != nil:
			wantFault(t, err, fault.NotFound, "error.not_found")
			got = nothing
		case !reflect.DeepEqual(h.line(r, booking).Care, attendance.Care{}):
			got = all
		}
		if got != tt.want || r.MayMark != tt.marks || r.Care != (tt.want == all) {
			t.Errorf("%s: sees %s, marks %v; want %s, %v", tt.name, got, r.MayMark, tt.want, tt.marks)
		}
		err = h.Mark(t.Context(), tt.actor, h.key(), attendance.NewMark{EntryKey: tt.name, SessionID: h.session, BookingID: booking, Action: attendance.Present})
		if (err == nil) != tt.marks {
			t.Errorf("%s: marking gives %v", tt.name, err)
		}
	}
}

// SEC-20: what is not yours and what is not there are the same.
func TestForeignSessionIsLikeNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "Lê")
	for _, session := range []int64{h.session, h.session + 1000, -1} {
		_, roster := h.Roster(t.Context(), h.amine, session)
		_, sheet := h.Sheet(t.Context(), h.amine, session)
		_, list := h.Certificates(t.Context(), h.amine, session)
		_, issue := h.Issue(t.Context(), h.amine, h.key(), session, false)
		for _, err := range []error{roster, sheet, list, issue,
			h.Revoke(t.Context(), h.amine, h.key(), attendance.Subject{SessionID: session}, 1, "Erreur"),
			h.Undo(t.Context(), h.amine, h.key(), session, "u", "a"),
			h.Mark(t.Context(), h.amine, h.key(), attendance.NewMark{EntryKey: "a", SessionID: session, BookingID: booking, Action: attendance.Present}),
		} {
			wantFault(t, err, fault.NotFound, "error.not_found")
		}
	}
}

// Whoever reads health data leaves a line; who sees names only, or an empty sheet, leaves none.
func TestReadingCareIsOnRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.roster(h.nadia)
	h.seat("Zoé", "Lê")
	h.roster(h.write)
	if n := h.count(`SELECT count(*) FROM access_log`); n != 0 {
		t.Fatalf("%d lines for nothing seen", n)
	}
	h.roster(h.nadia)
	if sheet, err := h.Sheet(t.Context(), h.staff, h.session); err != nil || sheet.BlankLines != 5 || len(sheet.Children) != 1 {
		t.Fatalf("got %+v, %v", sheet, err)
	}
	got := h.texts(`SELECT actor || ' ' || action || ' ' || record FROM access_log ORDER BY id`)
	want := []string{h.nadia.String() + " roster.read session:1", h.staff.String() + " sheet.read session:1"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAgenda(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Set(paris(8, 0, 5)) // still Friday in UTC
	ids := map[int64]string{h.session: "today"}
	add := func(name string, day, hour int, who ...account.Actor) int64 {
		id := h.sessionAt(paris(day, hour, 0), paris(day, hour+2, 0), who...)
		ids[id] = name
		return id
	}
	add("tomorrow", 9, 10, h.nadia)
	add("yesterday", 7, 10, h.nadia)
	add("a week ago", 1, 10, h.nadia)
	add("too old", 0, 20, h.nadia)
	add("of another", 8, 10, h.amine)
	add("next month", 40, 10, h.nadia)
	h.insert(`UPDATE sessions SET status = 'draft' WHERE id = ?`, add("not settled", 9, 14, h.nadia))
	h.insert(`UPDATE sessions SET status = 'cancelled' WHERE id = ?`, add("cancelled", 8, 18, h.nadia))
	h.seat("Zoé", "Lê")

	names := func(list []attendance.Listed) (all []string) {
		for _, l := range list {
			all = append(all, ids[l.ID])
		}
		return all
	}
	a, err := h.ForFacilitator(t.Context(), h.nadia)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(a.Today), []string{"today", "cancelled"}; !slices.Equal(got, want) {
		t.Errorf("today %q, want %q", got, want)
	}
	if got, want := names(a.Coming), []string{"tomorrow", "next month"}; !slices.Equal(got, want) {
		t.Errorf("coming %q, want %q", got, want)
	}
	if got, want := names(a.Past), []string{"yesterday", "a week ago"}; !slices.Equal(got, want) {
		t.Errorf("past %q, want %q", got, want)
	}
	if l := a.Today[0]; l.Booked != 1 || !l.Mine || l.Title != "Robotique" || l.StartsAt.Hour() != 14 {
		t.Errorf("got %+v", l)
	}
	for _, actor := range []account.Actor{h.staff, h.write} {
		a, err := h.ForFacilitator(t.Context(), actor)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := names(a.Today), []string{"of another", "today", "cancelled"}; !slices.Equal(got, want) || a.Today[0].Mine {
			t.Errorf("%s: today %q, want %q", actor.Role, got, want)
		}
	}
	_, err = h.ForFacilitator(t.Context(), account.Guest())
	wantFault(t, err, fault.Forbidden, "error.forbidden")
}
