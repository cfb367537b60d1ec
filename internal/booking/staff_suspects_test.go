package booking

import (
	"fmt"
	"slices"
	"testing"
)

// A phone that many records share tells nothing of any two of them. Of one guardian
// their own pairs are told, the same ones as in the list of all.
func TestSuspects(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(40)
	book := func(email, phone, child string) int64 {
		r := request(session, email, child)
		r.Guardian.Phone = phone
		return h.guardianOf(h.book(r))
	}
	for i, name := range []string{"Gabriel", "Ibrahim", "李", "Théophile", "Odysséas", "Wanda"} {
		book(fmt.Sprintf("home%d@exemple.fr", i), "06 11 11 11 11", name)
	}
	one, other := book("a@exemple.fr", "06 22 22 22 22", "Łukasz"), book("b@exemple.fr", "06 22 22 22 22", "محمد")
	twin, again := book("c@exemple.fr", "06 33 33 33 33", "Zoé"), book("d@exemple.fr", "06 44 44 44 44", "Zoé")
	pairs := func(guardian int64) (list []string) {
		suspects, more, err := h.Suspects(t.Context(), staff, guardian)
		h.must(err)
		if more {
			t.Error("there are more")
		}
		for _, s := range suspects {
			list = append(list, fmt.Sprint(s.Into.ID, "-", s.From.ID, " ", s.Why))
		}
		slices.Sort(list)
		return list
	}
	phone, child := fmt.Sprint(one, "-", other, " [phone]"), fmt.Sprint(twin, "-", again, " [child]")
	both := []string{phone, child}
	slices.Sort(both)
	for guardian, want := range map[int64][]string{0: both, one: {phone}, other: {phone}, again: {child}, h.guardianOf(h.text(`SELECT reference FROM booking_groups ORDER BY id LIMIT 1`)): nil} {
		if got := pairs(guardian); !slices.Equal(got, want) {
			t.Errorf("of %d: %q, want %q", guardian, got, want)
		}
	}
}
