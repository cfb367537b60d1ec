package attendance_test

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// On the day 3: who is on the list takes the child; somebody else only after a call; whom the team barred, never.
func TestWithWhomAChildLeaves(t *testing.T) {
	t.Parallel()
	const said = "Linh, au téléphone : d'accord"
	for _, tt := range []struct {
		name  string
		alone bool
		taken attendance.Taken
		wrong string // the field; "!" for barred
	}{
		{"the guardian", false, attendance.Taken{By: attendance.ByGuardian, Name: "Linh Nguyễn"}, ""},
		{"whom the guardian named", false, attendance.Taken{By: attendance.ByPerson, Name: "محمد"}, ""},
		{"somebody as a guardian", false, attendance.Taken{By: attendance.ByGuardian, Name: "محمد"}, "taken"},
		{"a stranger as if named", false, attendance.Taken{By: attendance.ByPerson, Name: "Łukasz"}, "taken"},
		{"nobody said", false, attendance.Taken{}, "taken"},
		{"somebody else, without a call", false, attendance.Taken{By: attendance.BySomeOther, Name: "Łukasz"}, "reason"},
		{"somebody else, without a name", false, attendance.Taken{By: attendance.BySomeOther, Reason: said}, "name"},
		{"somebody else, after a call", false, attendance.Taken{By: attendance.BySomeOther, Name: "Łukasz", Reason: said}, ""},
		{"alone, permitted", true, attendance.Taken{By: attendance.Alone}, ""},
		{"alone, not permitted", false, attendance.Taken{By: attendance.Alone}, "reason"},
		{"alone, after a call", false, attendance.Taken{By: attendance.Alone, Reason: said}, ""},
		{"barred", false, attendance.Taken{By: attendance.BySomeOther, Name: "paul  DUPRE", Reason: said}, "!"},
		{"barred, with a title", false, attendance.Taken{By: attendance.BySomeOther, Name: "M. Paul Dupré", Reason: said}, "!"},
		{"barred, hyphens", false, attendance.Taken{By: attendance.BySomeOther, Name: "DUPRÉ-PAUL", Reason: said}, "!"},
		{"barred, the last name alone", false, attendance.Taken{By: attendance.BySomeOther, Name: "Dupré", Reason: said}, "!"},
		{"a namesake", false, attendance.Taken{By: attendance.BySomeOther, Name: "Hoa Dupré", Reason: said}, ""},
		{"barred, names the other way round", false, attendance.Taken{By: attendance.BySomeOther, Name: "Dupré Paul", Reason: said}, "!"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			linh := h.guardian("Linh Nguyễn", "06 12 34 56 78")
			child := h.child(linh, family.NewChild{FirstName: "Zoé", LastName: "D'Artagnan-N'Guyen", LeavesAlone: tt.alone, PickupPersons: []string{"محمد"}})
			booking := h.book(h.session, linh, child, "confirmed")
			h.must(h.Bar(t.Context(), h.staff, h.key(), h.referenceOf(booking), child, "Paul Dupré", "Jugement du 3 mai"))
			h.clock.Set(paris(8, 15, 0))
			h.mark(booking, attendance.Present)
			err := h.Mark(t.Context(), h.nadia, h.key(), attendance.NewMark{EntryKey: "e", SessionID: h.session, BookingID: booking, Action: attendance.Left, Taken: tt.taken})
			f, _ := fault.As(err)
			switch {
			case tt.wrong == "!":
				if !fault.Is(err, fault.Conflict, "attendance.error.barred") {
					t.Fatalf("got %v, want barred", err)
				}
			case tt.wrong != "":
				if f == nil || f.Fields[tt.wrong].Key == "" || len(f.Fields) != 1 {
					t.Fatalf("got %v, want the field %s", err, tt.wrong)
				}
			case err != nil:
				t.Fatal(err)
			}
			line := h.line(h.roster(h.nadia), booking)
			if left := line.State.Action == attendance.Left; left != (err == nil) || left && line.State.Taken != tt.taken {
				t.Errorf("the register says %+v", line.State)
			}
		})
	}
}

// A bar is lifted, and is for staff alone; who leads the session sees the name.
func TestBar(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "Lê")
	reference := h.referenceOf(booking)
	children, err := h.Barred(t.Context(), h.staff, reference)
	h.must(err)
	child := children[0].ChildID
	for name, err := range map[string]error{
		"a facilitator": h.Bar(t.Context(), h.nadia, h.key(), reference, child, "Paul Dupré", ""),
		"a command":     h.Bar(t.Context(), account.Command(), h.key(), reference, child, "Paul Dupré", ""),
	} {
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s set a bar: %v", name, err)
		}
	}
	if _, err := h.Barred(t.Context(), h.nadia, reference); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a facilitator read the notes: %v", err)
	}
	h.must(h.Bar(t.Context(), h.staff, h.key(), reference, child, " Paul Dupré ", "Sa mère, le 3 mai"))
	if got := h.line(h.roster(h.nadia), booking).Care.Barred; len(got) != 1 || got[0] != "Paul Dupré" {
		t.Errorf("the register shows %v", got)
	}
	children, err = h.Barred(t.Context(), h.staff, reference)
	h.must(err)
	bar := children[0].Barred[0]
	if bar.Note != "Sa mère, le 3 mai" || bar.SetBy != h.staff.Name {
		t.Errorf("the bar is %+v", bar)
	}
	other := h.referenceOf(h.seat("Łukasz", "Żuk"))
	if err := h.LiftBar(t.Context(), h.staff, h.key(), other, bar.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("lifted by the booking of another child: %v", err)
	}
	h.must(h.LiftBar(t.Context(), h.staff, h.key(), reference, bar.ID))
	if got := h.line(h.roster(h.nadia), booking).Care.Barred; len(got) != 0 {
		t.Errorf("lifted, and the register shows %v", got)
	}
}

// An erased family leaves no name beside the marks (schema.sql, children_erased).
func TestErasedFamilyLeavesNoNameBesideMarks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "Lê")
	reference := h.referenceOf(booking)
	children, err := h.Barred(t.Context(), h.staff, reference)
	h.must(err)
	h.must(h.Bar(t.Context(), h.staff, h.key(), reference, children[0].ChildID, "Paul Dupré", ""))
	h.clock.Set(paris(8, 15, 0))
	h.mark(booking, attendance.Present)
	h.must(h.Mark(t.Context(), h.nadia, h.key(), attendance.NewMark{EntryKey: "e", SessionID: h.session, BookingID: booking, Action: attendance.Left,
		Taken: attendance.Taken{By: attendance.BySomeOther, Name: "Tante Hoa", Reason: "sa mère a dit oui"}}))
	h.insert(`UPDATE children SET first_name = '', last_name = '', name_folded = '' WHERE id = ?`, children[0].ChildID)
	if n := h.count(`SELECT count(*) FROM barred_persons`) + h.count(`SELECT count(*) FROM marks WHERE taken_name <> '' OR taken_reason <> ''`); n != 0 {
		t.Errorf("%d names are left", n)
	}
	if got := h.line(h.roster(h.nadia), booking).State; got.Action != attendance.Left || got.Taken.By != attendance.BySomeOther {
		t.Errorf("the mark went too: %+v", got)
	}
}
