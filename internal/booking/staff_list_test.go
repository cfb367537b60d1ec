package booking

import "testing"

// Only families that still have something to lose are told of a change, each once.
func TestFamiliesOfASessionList(t *testing.T) {
	t.Parallel()
	mail, phone := Contact{Name: "Camille D'Artagnan", Email: "camille@exemple.fr"}, Contact{Name: "李 伟"}
	list := SessionList{Bookings: []Listed{
		{Reference: "ADA-1", Status: "confirmed", Guardian: mail},
		{Reference: "ADA-1", Status: "waiting", Guardian: mail},
		{Reference: "ADA-2", Status: "offered", Guardian: phone},
		{Reference: "ADA-3", Status: "cancelled", Guardian: phone},
		{Reference: "ADA-4", Status: "lapsed", Guardian: mail},
		{Reference: "ADA-5", Status: "declined", Guardian: mail},
	}}
	if all, byPhone := list.Families(), list.FamiliesByPhone(); all != 2 || byPhone != 1 {
		t.Errorf("%d families, %d of them by phone; want 2 and 1", all, byPhone)
	}
}
