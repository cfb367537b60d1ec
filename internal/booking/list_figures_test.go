package booking

import (
	"fmt"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// over is a minute after the session of 8 May has ended.
var over = time.Date(2027, 5, 8, 14, 1, 0, 0, time.UTC)

// wantFigures records what is due and fails the test unless so many sessions were, and one has these figures.
func (h *house) wantFigures(session int64, recorded int, want ListFigures) {
	h.t.Helper()
	n, err := h.RecordLists(h.t.Context())
	if err != nil || n != recorded {
		h.t.Errorf("%d lists recorded, %v; want %d", n, err, recorded)
	}
	got, err := h.ListFigures(h.t.Context(), staff, session)
	if err != nil || got != want {
		h.t.Errorf("figures = %+v, %v; want %+v", got, err, want)
	}
}

// TestListFigures: every way off a list counts as what it was (issue 4, the demand that was never met).
func TestListFigures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(4)
	book := func(n int, firsts ...string) string {
		return h.book(joining(session, fmt.Sprintf("famille.%d@exemple.fr", n), firsts...))
	}
	accepts, declines := book(1, "Zoé"), book(2, "李")
	r := joining(session, "famille.3@exemple.fr", "محمد")
	r.Unasked = true
	given := h.book(r)
	leaves := book(4, "Łukasz")
	book(5, "Ánh", "Zoé") // two who wait in vain, of one family
	book(6, "李")
	again := book(7, "Zoé") // leaves, comes back by a new form, and waits in vain: one child
	h.must(h.cancel(again))
	book(7, "Zoé")
	reached := book(8, "محمد") // the team reaches this one by phone, and they give the seat up
	phone := joining(session, "", "Zoé", "Łukasz")
	phone.Guardian.Phone = "07 00 00 00 00"
	if _, err := h.Book(t.Context(), staff, newKey(), phone); err != nil {
		t.Fatal(err)
	}
	never := book(9, "Nguyễn") // leaves before anything came
	h.must(h.cancel(never))

	h.must(h.cancel(taken[0]))
	h.must(h.accept(accepts))
	h.must(h.cancel(taken[1]))
	h.must(h.decline(declines)) // and the seat goes to given, unasked
	h.wantSeats(given, "confirmed")
	h.must(h.cancel(leaves))
	h.must(h.Give(t.Context(), staff, newKey(), reached, nil, "Une chaise de plus"))
	h.must(h.cancel(reached))

	h.wantFigures(session, 0, ListFigures{}) // not over yet
	h.clock.Set(over)
	want := ListFigures{Families: 10, Children: 12, Seated: 3, Unmet: 6, UnmetFamilies: 4}
	h.wantFigures(session, 1, want)
	h.wantFigures(session, 0, want) // once, however often it runs

	h.clock.Advance(48 * time.Hour)
	h.must(h.erase(accepts))
	h.must(h.erase(leaves))
	h.wantFigures(session, 0, want)
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'session.list_figures'`); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
	if day := h.text(`SELECT held_on FROM list_figures`); day != "2027-05-08" {
		t.Errorf("held on %q", day)
	}
}

// TestListFiguresAfterDowntime: sessions that ended while the program was stopped are recorded once it runs, as they were;
// those without a list too, those that are private, called off or drafts never.
func TestListFiguresAfterDowntime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.book(joining(session, "li@exemple.fr", "李"))
	quiet, calledOff := h.session(3), h.session(2)
	h.draft(h.edition(2))
	h.must(h.CancelSession(t.Context(), staff, newKey(), calledOff, "Grève"))
	h.must(h.cancel(taken[0]))
	h.wantSeats(first, "offered")

	// Months later: the offer ran out in between, long after it could be given to anybody else.
	h.clock.Set(over.AddDate(0, 3, 0))
	if _, err := h.ExpireOffers(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.wantFigures(session, 2, ListFigures{Families: 2, Children: 2, Unmet: 1, UnmetFamilies: 1})
	h.wantFigures(quiet, 0, ListFigures{})
	h.wantFigures(calledOff, 0, ListFigures{})
}

// TestListFiguresAreOfTheList: who booked a seat, and gave it up or not, was never on it.
func TestListFiguresAreOfTheList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(3)
	h.must(h.cancel(h.book(request(session, "zoe@exemple.fr", "Zoé"))))
	h.book(request(session, "li@exemple.fr", "李"))
	r := request(session, "a@exemple.fr", "Zoé", "Łukasz", "محمد") // two seats, and one child on the list
	r.IfFull = Split
	h.book(r)
	h.clock.Set(over)
	h.wantFigures(session, 1, ListFigures{Families: 1, Children: 1, Unmet: 1, UnmetFamilies: 1})
}

// TestListFiguresNeverChange, by whatever statement, and are for the desk.
func TestListFiguresNeverChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(1)
	h.clock.Set(over)
	h.wantFigures(session, 1, ListFigures{})
	for _, statement := range []string{`UPDATE list_figures SET unmet = 3`, `DELETE FROM list_figures`} {
		if err := h.try(statement); err == nil {
			t.Errorf("%s: done", statement)
		}
	}
	for _, actor := range []account.Actor{account.Guest(), account.Guardian(1), {Kind: account.KindUser, ID: 1, Role: account.Facilitator}} {
		if _, err := h.ListFigures(t.Context(), actor, session); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%v reads them: %v", actor, err)
		}
	}
}
