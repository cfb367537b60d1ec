package booking

import (
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// provedFamily books Zoé with a described allergy and proves the mailbox.
func (h *house) provedFamily(session int64) (reference string) {
	h.t.Helper()
	r := request(session, "zoe@exemple.fr", "Zoé")
	r.Children[0].PickupPersons = []string{"Mamie Jeanne"}
	reference = h.book(r)
	h.must(h.Prove(h.t.Context(), newKey(), h.mailed(reference)))
	return reference
}

// TestProveMerges: once the mailbox is proved, what the guest wrote joins the family (domain, Family data 6).
func TestProveMerges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.session(12), h.session(12)
	known := h.provedFamily(first)
	if g := h.group(known); !g.Proved {
		t.Fatal("the mailbox is not proved")
	}
	h.clock.Advance(time.Hour)
	r := request(second, "ZOE@exemple.fr", "Zoé", "Łukasz")
	r.Guardian.Phone, r.Guardian.EmergencyName, r.Guardian.EmergencyPhone = "07 00 00 00 00", "محمد", "+33 6 00 00 00 00"
	r.Children[0].Health = family.Health{State: family.HealthDescribed, Text: "Arachides"}
	r.Children[0].Image = family.No
	r.Children[0].PickupPersons = []string{"Mamie Jeanne", "محمد"}
	guest := h.book(r)
	if g := h.group(guest); g.Proved {
		t.Fatal("the guest is taken for the family before the mailbox is proved")
	}
	h.must(h.Prove(t.Context(), newKey(), h.mailed(guest)))

	if n := h.count(`SELECT count(*) FROM guardians`); n != 1 {
		t.Errorf("%d guardians, want 1", n)
	}
	a, b := h.group(known), h.group(guest)
	if !b.Proved || a.Children[0].ChildID != b.Children[0].ChildID || len(b.Children) != 2 {
		t.Errorf("bookings = %+v,\n%+v", a, b)
	}
	want := "Zoé described Arachides pick-up: Mamie Jeanne, محمد image: later, no"
	if got := h.text(`SELECT first_name || ' ' || health_state || ' ' || health_text ||
		' pick-up: ' || (SELECT group_concat(name, ', ' ORDER BY id) FROM pickup_persons WHERE child_id = c.id) ||
		' image: ' || (SELECT group_concat(answer, ', ' ORDER BY given_at) FROM consents WHERE child_id = c.id AND purpose = 'image')
		FROM children c WHERE first_name = 'Zoé'`); got != want {
		t.Errorf("child = %q, want %q", got, want)
	}
	if n := h.count(`SELECT count(*) FROM guardianships`); n != 2 {
		t.Errorf("%d children in the family, want 2", n)
	}
	if got := h.text(`SELECT phone || ' ' || emergency_name || ' ' || emergency_phone FROM guardians`); got != "07 00 00 00 00 محمد +33 6 00 00 00 00" {
		t.Errorf("contacts = %s", got)
	}
	if n := h.count(`SELECT count(*) FROM outbox WHERE guardian_id IS NULL`); n != 0 {
		t.Errorf("%d letters belong to nobody: erasing the family would leave them", n)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'family.merge'`); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
	h.wantSound()
}

// wantSound fails the test when the database breaks a foreign key or itself (I13).
func (h *house) wantSound() {
	h.t.Helper()
	if breaches, err := h.db.Integrity(h.t.Context()); err != nil || len(breaches) != 0 {
		h.t.Errorf("integrity: %q, %v", breaches, err)
	}
}

// TestProveTwice changes nothing the second time, by another form too.
func TestProveTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	known := h.provedFamily(h.session(12))
	guest := h.book(request(h.session(12), "zoe@exemple.fr", "Zoé"))
	for range 3 {
		h.must(h.Prove(t.Context(), newKey(), h.mailed(guest)))
		h.must(h.Prove(t.Context(), newKey(), h.mailed(known)))
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action IN ('family.prove', 'family.merge')`); n != 2 {
		t.Errorf("%d audit lines, want one of each", n)
	}
	h.wantSeats(guest, "confirmed")
}

// TestProveWhileBothAreBooked: a child with live bookings of one session in both records stays two records; the guest's
// becomes one of the family's children.
func TestProveWhileBothAreBooked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	known := h.provedFamily(session)
	// The first booking was the team's, by phone: those have no guest key, so the second is not found to be the same.
	h.exec(`UPDATE bookings SET guest_key = NULL`)
	guest := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.Prove(t.Context(), newKey(), h.mailed(guest)))
	a, b := h.group(known), h.group(guest)
	if a.Children[0].ChildID == b.Children[0].ChildID || a.Children[0].Status != "confirmed" || b.Children[0].Status != "confirmed" {
		t.Errorf("bookings = %+v,\n%+v", a.Children, b.Children)
	}
	if n := h.count(`SELECT count(*) FROM guardians`); n != 1 || !b.Proved {
		t.Errorf("%d guardians, want one family", n)
	}
	h.wantSound()
}

// TestProveAfterCancelling: what the guest had cancelled does not keep the child apart from the family's.
func TestProveAfterCancelling(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	old := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.cancel(old))
	known := h.provedFamily(session)
	h.must(h.Prove(t.Context(), newKey(), h.mailed(old)))
	a, b := h.group(old), h.group(known)
	if a.Children[0].ChildID != b.Children[0].ChildID || a.Children[0].Status != "cancelled" || b.Children[0].Status != "confirmed" {
		t.Errorf("bookings = %+v,\n%+v", a.Children, b.Children)
	}
	if n := h.count(`SELECT count(*) FROM children`); n != 1 {
		t.Errorf("%d children, want 1", n)
	}
}

// TestGivingUpProvesNothing: somebody booked with the address of a family; who gives that booking up from the mail takes nothing of
// it into the family, neither whom the child may leave with nor a number (domain, Family data 6). Any other answer does.
func TestGivingUpProvesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.provedFamily(h.session(12))
	session, _ := h.full(1)
	guest := request(h.session(12), "zoe@exemple.fr", "Zoé")
	guest.Guardian.Phone, guest.Children[0].PickupPersons = "07 00 00 00 00", []string{"Un inconnu"}
	booked := h.book(guest)
	guest.SessionID, guest.IfFull = session, Wait
	waits := h.book(guest)

	h.must(h.Cancel(t.Context(), account.Guest(), newKey(), h.mailed(booked), nil, ""))
	h.must(h.Decline(t.Context(), account.Guest(), newKey(), h.mailed(waits)))
	family := func() string {
		return h.text(`SELECT g.phone || ' ' || (SELECT group_concat(p.name, ', ' ORDER BY p.id) FROM pickup_persons p WHERE p.guardian_id = g.id)
			FROM guardians g WHERE g.proved_at IS NOT NULL`)
	}
	if got := family(); got != "06 12 34 56 78 Mamie Jeanne" {
		t.Errorf("the family has %s", got)
	}
	h.wantSeats(booked, "cancelled")
	h.must(h.Prove(t.Context(), newKey(), h.mailed(waits)))
	if got := family(); got != "07 00 00 00 00 Mamie Jeanne, Un inconnu" {
		t.Errorf("once it was said to be theirs, the family has %s", got)
	}
}

// TestDisowned: what somebody booked with an address that is not theirs is for the team to call about, and keeps nobody who reads
// that address from booking the same child.
func TestDisowned(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.provedFamily(h.session(12))
	guardian := account.Guardian(int64(h.count(`SELECT id FROM guardians WHERE proved_at IS NOT NULL`)))
	session := h.session(12)
	strange := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.Disown(t.Context(), guardian, newKey(), strange))
	h.wantCalls("disowned Zoé")
	own := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	if own == Repeated {
		t.Fatal("their own booking is taken for the one of the stranger")
	}
	h.wantSeats(own, "confirmed")
	if n := h.count(`SELECT count(*) FROM bookings WHERE session_id = ? AND status = 'confirmed'`, session); n != 2 {
		t.Errorf("%d seats, want that of the stranger too", n)
	}
	if did := h.call(strange, CallTold); did != CallDone {
		t.Errorf("the call did %q", did)
	}
	h.wantCalls()
}

// TestScreenLinkProvesNothing: who saw the page need not read the mailbox.
func TestScreenLinkProvesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(2)
	reference := h.book(request(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	wantFault(t, h.Prove(t.Context(), newKey(), h.screen(reference)), fault.Forbidden, "error.forbidden")
	h.must(h.cancel(reference, h.group(reference).Children[0].BookingID))
	if h.group(reference).Proved {
		t.Fatal("a link shown on the screen proved the mailbox")
	}
	g, err := h.Find(t.Context(), h.mailed(reference))
	if err != nil || !g.ViaMail || g.Proved {
		t.Errorf("opening the mailed link = %+v, %v: it is known as mailed, and proves nothing by itself", g, err)
	}
	h.must(h.Coming(t.Context(), account.Guest(), newKey(), h.mailed(reference), session))
	if !h.group(reference).Proved {
		t.Error("saying by the mailed link that they come did not prove the mailbox")
	}
}

// TestForeignLinks: a wrong signature, a link of another booking or purpose, a revoked version and an unknown
// reference are the same answer for every act (SEC-20).
func TestForeignLinks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	mine := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	theirs := h.book(request(session, "li@exemple.fr", "李"))
	links := map[string]Link{
		"unknown":         {Reference: "ADA-22222222", Signature: h.screen("ADA-22222222").Signature},
		"no signature":    {Reference: theirs},
		"made up":         {Reference: theirs, Signature: "AAAAAAAAAAAAAAAAAAAAAA"},
		"my signature":    {Reference: theirs, Signature: h.screen(mine).Signature},
		"another purpose": h.Sign("offer", theirs, 1),
		"another version": h.Sign(LinkScreen, theirs, 2),
		"nothing":         {},
	}
	acts := map[string]func(Link) error{
		"Find":   func(l Link) error { _, err := h.Find(t.Context(), l); return err },
		"Prove":  func(l Link) error { return h.Prove(t.Context(), newKey(), l) },
		"Accept": func(l Link) error { return h.Accept(t.Context(), account.Guest(), newKey(), l, nil) },
		"Decline": func(l Link) error {
			return h.Decline(t.Context(), account.Guest(), newKey(), l)
		},
		"Join": func(l Link) error {
			_, err := h.Join(t.Context(), account.Guest(), newKey(), l, JoinRequest{})
			return err
		},
		"SecondChoices": func(l Link) error { _, err := h.SecondChoices(t.Context(), l); return err },
		"SetWishes":     func(l Link) error { return h.SetWishes(t.Context(), account.Guest(), newKey(), l, Wishes{}) },
		"Cancel":        func(l Link) error { return h.Cancel(t.Context(), account.Guest(), newKey(), l, nil, "") },
		"SetFigures": func(l Link) error {
			return h.SetFigures(t.Context(), account.Guest(), newKey(), l, nil)
		},
	}
	for link, l := range links {
		for act, do := range acts {
			err := do(l)
			if !fault.Is(err, fault.NotFound, "error.not_found") {
				t.Errorf("%s with a link of kind %q = %v, want not found", act, link, err)
			}
		}
	}
	h.wantSeats(theirs, "confirmed")
}

// TestSetFigures keeps what was answered for each child, says in the audit that it was, and not what.
func TestSetFigures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	reference := h.book(request(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	other := h.book(request(session, "li@exemple.fr", "李"))
	girl, code, yes := "girl", "69001", "yes"
	children := h.group(reference).Children
	set := func(answers map[int64]family.Figures) error {
		return h.SetFigures(t.Context(), account.Guest(), newKey(), h.screen(reference), answers)
	}
	h.must(set(map[int64]family.Figures{children[0].BookingID: {Gender: &girl, PostalCode: &code}}))
	h.must(set(map[int64]family.Figures{children[0].BookingID: {QPV: &yes}}))
	foreign := h.group(other).Children[0].BookingID
	wantFault(t, set(map[int64]family.Figures{children[1].BookingID: {Gender: &girl}, foreign: {Gender: &girl}}), fault.Invalid, "booking.figures_unknown")
	var got []string
	h.read(func(tx *sqlite.Tx) error {
		rows, err := tx.Query(`SELECT concat_ws(' ', first_name, gender, postal_code, qpv) FROM children ORDER BY id`)
		if err != nil {
			return err
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			got = append(got, s)
		}
		return rows.Err()
	})
	if !slices.Equal(got, []string{"Zoé girl 69001 yes", "Łukasz", "李"}) {
		t.Errorf("figures = %q", got)
	}
	if c := h.group(reference).Children; !c[0].FiguresAsked || c[1].FiguresAsked {
		t.Errorf("asked: %v %v, want true false", c[0].FiguresAsked, c[1].FiguresAsked)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE instr(details, '69001') OR instr(details, 'girl')`); n != 0 {
		t.Error("the audit holds the figures")
	}
	h.wantLetters(reference, outbox.BookingConfirmed)
}
