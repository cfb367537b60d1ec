package booking

import (
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// A family is found by any part of what the team was told on the phone, whatever the accents (issue 7, point 5).
func TestFind(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, other := h.session(12), h.nextSaturday(12)
	r := request(session, "hong@exemple.fr", "Zoé", "Łukasz")
	r.Guardian.Name, r.Guardian.Phone = "Nguyễn Thị Hồng", "+33 6 11 22 33 44"
	reference := h.book(r)
	li := request(other, "li@exemple.fr", "李")
	li.Guardian.Name = "Mohamed محمد"
	h.book(li)
	for typed, want := range map[string]string{
		"nguyen": "Nguyễn Thị Hồng", "HONG thi": "Nguyễn Thị Hồng", "zoe d'artagnan": "Nguyễn Thị Hồng", "lukasz": "Nguyễn Thị Hồng",
		"06 11 22 33": "Nguyễn Thị Hồng", "0033611223344": "Nguyễn Thị Hồng", "hong@": "Nguyễn Thị Hồng", reference: "Nguyễn Thị Hồng",
		"李": "Mohamed محمد", "محمد": "Mohamed محمد", "artagnan": "Mohamed محمد, Nguyễn Thị Hồng",
		"zoe mohamed": "", "%": "", "_": "", "": "", "  ": "", "'": "Mohamed محمد, Nguyễn Thị Hồng",
	} {
		list, more, err := h.FindFamilies(t.Context(), staff, typed)
		h.must(err)
		var names []string
		for _, f := range list {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, ", "); got != want || more {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}

	// What was given up late is told as a fact; in time, and from the list, it is none.
	h.clock.Set(time.Date(2027, 5, 7, 9, 0, 0, 0, time.UTC))
	h.must(h.cancel(reference))
	list, _, err := h.FindFamilies(t.Context(), staff, "hong")
	h.must(err)
	f := list[0]
	if f.Late != 2 || len(f.Children) != 2 || f.Children[0].Age != 9 || len(f.Bookings) != 1 || f.Bookings[0].Seats != 0 || f.Bookings[0].Reference != reference {
		t.Errorf("found %+v", f)
	}
	for _, actor := range []account.Actor{account.Guest(), account.Guardian(1), {Kind: account.KindUser, ID: 1, Role: account.Facilitator}, {Kind: account.KindUser, ID: 1, Role: account.Communication}} {
		_, _, err := h.FindFamilies(t.Context(), actor, "hong")
		wantFault(t, err, fault.Forbidden, "error.forbidden")
	}
}

// A seat that was left late for one in another session was given up by nobody, however often the booking moves; what had been given up late before that still was.
func TestMovedLateIsNotGivenUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	from, to := h.session(12), h.nextSaturday(12)
	reference := h.book(request(from, "hong@exemple.fr", "Zoé", "Łukasz"))
	h.clock.Set(time.Date(2027, 5, 7, 9, 0, 0, 0, time.UTC))
	late := func(want int) {
		t.Helper()
		list, _, err := h.FindFamilies(t.Context(), staff, reference)
		h.must(err)
		f, err := h.DeskFamily(t.Context(), staff, list[0].ID)
		h.must(err)
		if list[0].Late != want || len(f.Missed) != want {
			t.Errorf("%d seats were given up late, in %+v, want %d", list[0].Late, f.Missed, want)
		}
	}
	h.must(h.move(reference, to))
	late(0)
	h.clock.Advance(time.Minute)
	h.must(h.move(reference, from))
	late(0)
	h.clock.Advance(time.Minute)
	h.must(h.cancel(reference, h.group(reference).Children[0].BookingID))
	late(1)
	h.clock.Advance(time.Minute)
	h.must(h.move(reference, to))
	late(1)
}

// Who was erased is found by nothing.
func TestFindErased(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reference := h.book(request(h.session(12), "hong@exemple.fr", "Zoé"))
	h.must(h.erase(reference))
	for _, typed := range []string{"zoe", "hong", "nguyen", reference} {
		if list, _, err := h.FindFamilies(t.Context(), staff, typed); err != nil || len(list) > 0 {
			t.Errorf("%q finds %+v, %v", typed, list, err)
		}
	}
}
