package booking

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// TestBookOneChild: the seat, the message and the audit line are one commit (I6, I9, I12).
func TestBookOneChild(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	before := h.db.Changes()
	reference := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	if n := h.db.Changes() - before; n != 1 {
		t.Errorf("%d commits, want 1", n)
	}
	h.wantSeats(reference, "confirmed")
	g := h.group(reference)
	if g.PriceCents() != 1400 || g.Session.Taken != 1 || g.GuardianEmail != "zoe@exemple.fr" || g.Proved || g.ViaMail {
		t.Errorf("booking = %+v", g)
	}
	if c := g.Children[0]; c.FirstName != "Zoé" || c.LastName != "D'Artagnan-N'Guyen" || c.Rank != 0 || !c.Live() {
		t.Errorf("child = %+v", c)
	}
	mail := h.wantLetters(reference, outbox.BookingConfirmed)
	want := outbox.Booking{Reference: reference, LinkVersion: 1, Guardian: "Nguyễn", Confirmed: []string{"Zoé"}, PriceCents: 1400,
		Session: outbox.Session{ID: session, Title: "Robotique", Level: "Initiation", StartsAt: "2027-05-08T12:00:00Z", EndsAt: "2027-05-08T14:00:00Z",
			Zone: "Europe/Paris", Venue: "Espace Altnet", Address: "7 place Louis Chazette", Postcode: "69001", City: "Lyon", Bring: "un goûter", Offers: outbox.OfferHours(usual)}}
	if fmt.Sprint(mail.Booking) != fmt.Sprint(want) || mail.to != "zoe@exemple.fr" || mail.guardianID == 0 || mail.sendAfter != sqlite.Time(monday) {
		t.Errorf("letter = %+v,\nwant     %+v", mail, want)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE actor = 'guest' AND action = 'booking.book' AND record = 'session:' || ?1
		AND details = '{"confirmed":1,"reference":"' || ?2 || '","waiting":0}'`, session, reference); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
}

// TestBookNames: names from all over the world reach the family's page and mail unchanged (UX-P9).
func TestBookNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	names := []string{"Zoé", "Łukasz", "Nguyễn", "محمد", "李"}
	reference := h.book(request(h.session(12), "famille@exemple.fr", names...))
	if got := h.group(reference).With("confirmed"); !slices.Equal(got, names) {
		t.Errorf("children = %q", got)
	}
	if mail := h.wantLetters(reference, outbox.BookingConfirmed); !slices.Equal(mail.Confirmed, names) || mail.PriceCents != 5*1400 {
		t.Errorf("letter = %+v", mail)
	}
}

// TestBookFamilyOfThree: one seat for three children asks, and each answer does what it says (UX-P2).
func TestBookFamilyOfThree(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		ifFull   IfFull
		together bool
		statuses []string
		letter   string
		rank     int
		price    int
		offered  bool // the seat that stays free is offered at once to who takes any
		seating  string
	}{
		{name: "take one, two wait", ifFull: Split, statuses: []string{"confirmed", "waiting", "waiting"}, letter: outbox.BookingConfirmed, rank: 1, price: 1400, seating: "any"},
		{name: "take one, two wait together", ifFull: Split, together: true, statuses: []string{"confirmed", "waiting", "waiting"}, letter: outbox.BookingConfirmed, rank: 1, price: 1400, seating: "together"},
		{name: "all wait together", ifFull: Wait, together: true, statuses: []string{"waiting", "waiting", "waiting"}, letter: outbox.WaitingJoined, rank: 1, seating: "together"},
		{name: "all wait, any seat is fine", ifFull: Wait, statuses: []string{"offered", "waiting", "waiting"}, letter: outbox.WaitingJoined, rank: 1, offered: true, seating: "any"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			session := h.session(1)
			r := request(session, "zoe@exemple.fr", "Zoé", "Łukasz", "李")
			_, err := h.Book(t.Context(), account.Guest(), newKey(), r)
			wantFault(t, err, fault.Conflict, "booking.some_places")
			if n := h.count(`SELECT count(*) FROM children`); n != 0 {
				t.Fatalf("asking wrote %d children", n)
			}
			r.IfFull, r.Together = tt.ifFull, tt.together
			reference := h.book(r)
			h.wantSeats(reference, tt.statuses...)
			mail := h.letters(reference)[0]
			if mail.kind != tt.letter || mail.Rank != tt.rank || mail.PriceCents != tt.price {
				t.Errorf("first letter = %+v", mail)
			}
			if tt.offered {
				if mail := h.wantLetters(reference, tt.letter, outbox.SeatOffered); !slices.Equal(mail.Offered, []string{"Zoé"}) {
					t.Errorf("offer = %+v", mail)
				}
			} else {
				h.wantLetters(reference, tt.letter)
			}
			if got := h.text(`SELECT seating FROM booking_groups WHERE reference = ?`, reference); got != tt.seating {
				t.Errorf("seating = %s, want %s", got, tt.seating)
			}
		})
	}
}

// TestBookFull: a full session asks, and joining the list says the rank (domain, Capacity 2).
func TestBookFull(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(1)
	h.book(request(session, "zoe@exemple.fr", "Zoé"))
	_, err := h.Book(t.Context(), account.Guest(), newKey(), request(session, "li@exemple.fr", "李"))
	wantFault(t, err, fault.Conflict, "booking.full")
	first := h.book(joining(session, "li@exemple.fr", "李"))
	second := h.book(joining(session, "mohammed@exemple.fr", "محمد"))
	for rank, reference := range map[int]string{1: first, 2: second} {
		if mail := h.wantLetters(reference, outbox.WaitingJoined); mail.Rank != rank || mail.PriceCents != 0 {
			t.Errorf("letter = %+v, want rank %d", mail, rank)
		}
		if got := h.group(reference).Rank(); got != rank {
			t.Errorf("rank = %d, want %d", got, rank)
		}
	}
}

// TestBookKeepsCare: health in its four states, pick-up persons, consents, each its own row (Family data 1, 2; RGPD-4).
func TestBookKeepsCare(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := request(h.session(12), "zoe@exemple.fr", "Zoé", "Łukasz", "Nguyễn", "李")
	r.Guardian.EmergencyName, r.Guardian.EmergencyPhone = "Mamie Jeanne", "+33 6 98 76 54 32"
	r.Children[0].Health = family.Health{State: family.HealthDescribed, Text: "Arachides : trousse d'urgence dans le sac"}
	r.Children[0].Image = family.Yes
	r.Children[0].PickupPersons = []string{"Mamie Jeanne", "محمد"}
	r.Children[1].Health.State = family.HealthRefused
	r.Children[1].LeavesAlone = true
	r.Children[2].Health.State = family.HealthToAsk
	r.Children[2].Image = family.No
	reference := h.book(r)

	const sqlCare = `SELECT group_concat(c.first_name || ' ' || c.health_state || ' ' || c.health_text || ' ' ||
		(SELECT group_concat(purpose || '=' || answer || '@' || text_version, ',' ORDER BY purpose) FROM consents WHERE child_id = c.id AND guardian_id = g.guardian_id)
		|| ' ' || coalesce((SELECT group_concat(name, ',' ORDER BY id) FROM pickup_persons WHERE child_id = c.id AND guardian_id = g.guardian_id), '-'), char(10) ORDER BY c.id)
		FROM children c JOIN guardianships g ON g.child_id = c.id`
	want := "Zoé described Arachides : trousse d'urgence dans le sac health=yes@health-2,image=yes@image-1,leave_alone=no@leave-1 Mamie Jeanne,محمد\n" +
		"Łukasz refused  image=later@image-1,leave_alone=yes@leave-1 -\n" +
		"Nguyễn to_ask  image=no@image-1,leave_alone=no@leave-1 -\n" +
		"李 none  image=later@image-1,leave_alone=no@leave-1 -"
	if got := h.text(sqlCare); got != want {
		t.Errorf("care =\n%s\nwant\n%s", got, want)
	}
	if got := h.text(`SELECT emergency_name || ' ' || emergency_phone || ' ' || phone FROM guardians`); got != "Mamie Jeanne +33 6 98 76 54 32 06 12 34 56 78" {
		t.Errorf("contacts = %s", got)
	}
	for _, secret := range []string{"Arachides", "described"} {
		if n := h.count(`SELECT (SELECT count(*) FROM outbox WHERE instr(payload, ?1)) + (SELECT count(*) FROM audit WHERE instr(details, ?1))`, secret); n != 0 {
			t.Errorf("%q is in a mail or in the audit of %s (RGPD-3, SEC-51)", secret, reference)
		}
	}
}

// TestBookKnownAddress: a guest who writes a known, proved address neither sees nor changes that family,
// and gets the same answers as for an unknown one (domain, Family data 6; SEC-7).
func TestBookKnownAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.session(12), h.session(12)
	known := h.book(request(first, "zoe@exemple.fr", "Zoé"))
	if err := h.Prove(t.Context(), newKey(), h.mailed(known)); err != nil {
		t.Fatal(err)
	}
	const sqlFamily = `SELECT g.name || g.phone || c.first_name || c.health_state || c.health_text ||
		(SELECT count(*) FROM guardianships WHERE guardian_id = g.id) || (SELECT count(*) FROM consents WHERE child_id = c.id)
		FROM guardians g JOIN guardianships gs ON gs.guardian_id = g.id JOIN children c ON c.id = gs.child_id WHERE g.proved_at IS NOT NULL`
	before := h.text(sqlFamily)

	guest := request(second, "Zoe@Exemple.FR", "Zoé")
	guest.Guardian.Name, guest.Guardian.Phone = "Łukasz", "+33 6 00 00 00 00"
	guest.Children[0].Health = family.Health{State: family.HealthDescribed, Text: "Œufs"}
	toKnown := h.book(guest)
	stranger := guest
	stranger.Guardian.Email = "inconnue@exemple.fr"
	toUnknown := h.book(stranger)

	if got := h.text(sqlFamily); got != before {
		t.Errorf("the family is now %s, was %s", got, before)
	}
	a, b := h.group(toKnown), h.group(toUnknown)
	if a.Proved || a.GuardianName != "Łukasz" || len(a.Children) != 1 || a.Children[0].Status != b.Children[0].Status || len(a.Reference) != len(b.Reference) {
		t.Errorf("with a known address %+v,\nwith an unknown one %+v", a, b)
	}
	if got := h.group(known); len(got.Children) != 1 || got.GuardianName != "Nguyễn" {
		t.Errorf("the family's own booking = %+v", got)
	}
}

// TestBookSameChildTwice: one live booking, a neutral answer, and a mail to who owns it (UX-P17, I3).
func TestBookSameChildTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	first := h.book(request(session, "zoe@exemple.fr", "Zoé"))

	again := request(session, " ZOE@exemple.fr", "ZOE")
	again.Children[0].LastName = "d’artagnan-n’guyen"
	again.Guardian.Phone = "07 00 00 00 00"
	if got := h.book(again); got != Repeated {
		t.Errorf("booking the same child = %q, want Repeated", got)
	}
	mail := h.wantLetters(first, outbox.BookingConfirmed, outbox.BookingRepeated)
	if mail.to != "zoe@exemple.fr" || !slices.Equal(mail.Confirmed, []string{"Zoé"}) {
		t.Errorf("letter = %+v", mail)
	}
	if n := h.count(`SELECT count(*) FROM guardians`); n != 1 {
		t.Errorf("%d guardians, want 1", n)
	}

	sibling := h.book(request(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	if got := h.group(sibling); len(got.Children) != 1 || got.Children[0].FirstName != "Łukasz" {
		t.Errorf("with a new sibling = %+v, want the sibling alone", got.Children)
	}
	h.wantLetters(first, outbox.BookingConfirmed, outbox.BookingRepeated, outbox.BookingRepeated)

	if err := h.cancel(first); err != nil {
		t.Fatal(err)
	}
	if got := h.book(again); got == Repeated {
		t.Error("a cancelled child cannot be booked again")
	}
	other := request(session, "autre@exemple.fr", "Zoé")
	if got := h.book(other); got == Repeated {
		t.Error("the same name from another address is taken for the same child")
	}
}

// TestBookCap: one address that nobody has proved cannot fill a session; a proved one is not counted.
func TestBookCap(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(20)
	if err := h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := settings.Set(tx, settings.UnprovedBookingsCap.Name, "3")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	first := h.book(request(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	_, err := h.Book(t.Context(), account.Guest(), newKey(), request(session, "ZOE@exemple.fr", "李", "محمد"))
	wantFault(t, err, fault.Conflict, "booking.too_many")
	h.book(request(session, "zoe@exemple.fr", "李"))
	_, err = h.Book(t.Context(), account.Guest(), newKey(), request(session, "zoe@exemple.fr", "محمد"))
	wantFault(t, err, fault.Conflict, "booking.too_many")
	h.book(request(session, "autre@exemple.fr", "محمد"))

	if err := h.Prove(t.Context(), newKey(), h.mailed(first)); err != nil {
		t.Fatal(err)
	}
	h.book(request(session, "zoe@exemple.fr", "محمد"))
}

// TestBookWithoutEmail: the team books by phone for a family without e-mail; no message is kept (Waiting list 9).
func TestBookWithoutEmail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	reference, err := h.Book(t.Context(), staff, newKey(), request(session, "", "Zoé"))
	if err != nil {
		t.Fatal(err)
	}
	h.wantSeats(reference, "confirmed")
	if got := h.letters(reference); len(got) != 0 {
		t.Errorf("letters = %+v", got)
	}
	if err := h.cancel(reference); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM outbox`); n != 0 {
		t.Errorf("%d letters, want none", n)
	}
}

// draftOf saves answers for a phone and returns how they are named in a booking.
func (h *house) draftOf(phone string, session int64, answers string) DraftKey {
	h.t.Helper()
	hash := sha256.Sum256([]byte(phone))
	if err := h.SaveDraft(h.t.Context(), account.Guest(), hash[:], session, answers); err != nil {
		h.t.Fatal(err)
	}
	d, err := h.Draft(h.t.Context(), hash[:], session)
	if err != nil {
		h.t.Fatal(err)
	}
	return DraftKey{TokenHash: hash[:], SessionID: session, Version: d.Version}
}

// TestBookFromDraft: success empties the draft and notes where it led, so that Back and a second tab end there (UX-P11, REL-10).
func TestBookFromDraft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	r := request(session, "zoe@exemple.fr", "Zoé")
	r.Draft = h.draftOf("téléphone", session, `{"name":"Zoé"}`)
	reference := h.book(r)

	d, err := h.Draft(t.Context(), r.Draft.TokenHash, session)
	if err != nil || d.Answers != "" || d.Result != reference || d.Link != h.screen(reference) {
		t.Errorf("draft = %+v, %v", d, err)
	}
	if got := h.book(r); got != reference {
		t.Errorf("a second tab got %q, want %q", got, reference)
	}
	h.wantLetters(reference, outbox.BookingConfirmed)

	// New answers start another booking; a tab that still shows the old ones must not send them.
	changed := r
	changed.Draft = h.draftOf("téléphone", session, `{"name":"李"}`)
	if changed.Draft.Version == r.Draft.Version {
		t.Fatal("the version of the draft has not changed")
	}
	_, err = h.Book(t.Context(), account.Guest(), newKey(), r)
	wantFault(t, err, fault.Conflict, "booking.draft_changed")
	if got := h.book(changed); got != Repeated {
		t.Errorf("the same child from a new draft = %q, want Repeated", got)
	}
	if d, err := h.Draft(t.Context(), r.Draft.TokenHash, session); err != nil || d.Result != Repeated || d.Link != (Link{}) {
		t.Errorf("draft = %+v, %v", d, err)
	}
	if got := h.book(changed); got != Repeated {
		t.Errorf("its second tab got %q, want Repeated", got)
	}
	h.wantLetters(reference, outbox.BookingConfirmed, outbox.BookingRepeated)
}

// TestDraft: answers are kept for a day, per phone and session, survive a refusal, and can be dropped (UX-P4).
func TestDraft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, other := h.session(1), h.session(1)
	h.book(request(session, "li@exemple.fr", "李"))
	r := request(session, "zoe@exemple.fr", "Zoé")
	r.Draft = h.draftOf("téléphone", session, `{"name":"Zoé"}`)
	_, err := h.Book(t.Context(), account.Guest(), newKey(), r)
	wantFault(t, err, fault.Conflict, "booking.full")
	d, err := h.Draft(t.Context(), r.Draft.TokenHash, session)
	if err != nil || d.Answers != `{"name":"Zoé"}` || d.Result != "" || d.Version != r.Draft.Version {
		t.Fatalf("after a refusal draft = %+v, %v", d, err)
	}
	_, err = h.Draft(t.Context(), r.Draft.TokenHash, other)
	wantFault(t, err, fault.NotFound, "booking.draft_missing")

	h.clock.Advance(DraftLife - time.Second)
	if err := h.PurgeDrafts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Draft(t.Context(), r.Draft.TokenHash, session); err != nil {
		t.Fatalf("a second before its time: %v", err)
	}
	h.clock.Advance(time.Second)
	_, err = h.Draft(t.Context(), r.Draft.TokenHash, session)
	wantFault(t, err, fault.NotFound, "booking.draft_missing")
	if err := h.PurgeDrafts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM drafts`); n != 0 {
		t.Errorf("%d drafts, want none", n)
	}

	kept := h.draftOf("téléphone", session, `{}`)
	if err := h.DropDraft(t.Context(), kept.TokenHash, session); err != nil {
		t.Fatal(err)
	}
	_, err = h.Draft(t.Context(), kept.TokenHash, session)
	wantFault(t, err, fault.NotFound, "booking.draft_missing")
}

// TestDraftOfSharedComputer: half an hour after a booking its browser leads nobody to it any more (Family data 8).
func TestDraftOfSharedComputer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	r := request(session, "zoe@exemple.fr", "Zoé")
	r.Draft = h.draftOf("bibliothèque", session, `{}`)
	reference := h.book(r)
	h.clock.Advance(ReturnTime - time.Second)
	if d, err := h.Draft(t.Context(), r.Draft.TokenHash, session); err != nil || d.Result != reference {
		t.Errorf("just before: draft = %+v, %v", d, err)
	}
	h.clock.Advance(time.Second)
	_, err := h.Draft(t.Context(), r.Draft.TokenHash, session)
	wantFault(t, err, fault.NotFound, "booking.draft_missing")
}

// TestBookSameForm: one form sent twice is one booking with one reference; the same key with other answers is
// a conflict that knows the first result (I4).
func TestBookSameForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	key := newKey().WithBody(sha256.Sum256([]byte("Zoé")))
	first, err := h.Book(t.Context(), account.Guest(), key, request(session, "zoe@exemple.fr", "Zoé"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.Book(t.Context(), account.Guest(), key, request(session, "zoe@exemple.fr", "Zoé"))
	if err != nil || second != first {
		t.Errorf("second time %q, %v; want %q", second, err, first)
	}
	h.wantLetters(first, outbox.BookingConfirmed)

	_, err = h.Book(t.Context(), account.Guest(), key.WithBody(sha256.Sum256([]byte("李"))), request(session, "zoe@exemple.fr", "李"))
	wantFault(t, err, fault.Conflict, "error.form_reused")
	if got, ok := account.FirstResult(err); !ok || got != first {
		t.Errorf("first result = %q, %v", got, ok)
	}
	if n := h.count(`SELECT count(*) FROM bookings`); n != 1 {
		t.Errorf("%d bookings, want 1", n)
	}
}

// TestBookRefusedKeepsKey: a key is used up by success only, so the parent may answer the question and send again.
func TestBookRefusedKeepsKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(1)
	h.book(request(session, "li@exemple.fr", "李"))
	key := newKey()
	_, err := h.Book(t.Context(), account.Guest(), key, request(session, "zoe@exemple.fr", "Zoé"))
	wantFault(t, err, fault.Conflict, "booking.full")
	if _, err := h.Book(t.Context(), account.Guest(), key, joining(session, "zoe@exemple.fr", "Zoé")); err != nil {
		t.Error(err)
	}
}

// TestBookRollback: when anything fails, nothing of the booking is there (I6).
func TestBookRollback(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"guardians", "booking_groups", "children", "consents", "bookings", "outbox", "audit"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			session := h.session(12)
			r := request(session, "zoe@exemple.fr", "Zoé", "Łukasz")
			r.Draft = h.draftOf("téléphone", session, `{"name":"Zoé"}`)
			before := h.count(sqlEverything)
			// What Book writes before this table is in the transaction by then.
			h.exec(`CREATE TRIGGER full AFTER INSERT ON ` + table + ` BEGIN SELECT RAISE(ABORT, 'full'); END`)
			if _, err := h.Book(t.Context(), account.Guest(), newKey(), r); err == nil {
				t.Fatal("the booking went through")
			}
			if n := h.count(sqlEverything); n != before {
				t.Errorf("%d rows, want %d", n, before)
			}
			if d, err := h.Draft(t.Context(), r.Draft.TokenHash, session); err != nil || d.Answers == "" || d.Result != "" {
				t.Errorf("draft = %+v, %v", d, err)
			}
			h.exec(`DROP TRIGGER full`)
			h.wantSeats(h.book(r), "confirmed", "confirmed")
		})
	}
}

const sqlEverything = `SELECT (SELECT count(*) FROM guardians) + (SELECT count(*) FROM children) + (SELECT count(*) FROM guardianships) +
	(SELECT count(*) FROM pickup_persons) + (SELECT count(*) FROM consents) + (SELECT count(*) FROM booking_groups) +
	(SELECT count(*) FROM bookings) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM audit) + (SELECT count(*) FROM form_keys)`

// TestBookGivenUp: a parent whose connection is gone before the turn has no booking, and the same form works later.
func TestBookGivenUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	gone, stop := context.WithCancel(t.Context())
	stop()
	key := newKey()
	_, err := h.Book(gone, account.Guest(), key, request(session, "zoe@exemple.fr", "Zoé"))
	if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, context.Canceled) {
		t.Fatalf("error = %v", err)
	}
	if n := h.count(`SELECT count(*) FROM bookings`); n != 0 {
		t.Errorf("%d bookings, want none", n)
	}
	if _, err := h.Book(t.Context(), account.Guest(), key, request(session, "zoe@exemple.fr", "Zoé")); err != nil {
		t.Error(err)
	}
}

// TestBookRefuses: sessions that cannot be booked say why, each by its own message, and nothing is written.
func TestBookRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		session func(h *house) int64
		kind    fault.Kind
		key     string
	}{
		{"unknown", func(*house) int64 { return 404 }, fault.NotFound, "error.not_found"},
		{"a draft of the team", func(h *house) int64 { return h.draft(h.edition(12)) }, fault.NotFound, "error.not_found"},
		{"cancelled", func(h *house) int64 {
			id := h.session(12)
			if err := h.CancelSession(h.t.Context(), staff, newKey(), id, ""); err != nil {
				h.t.Fatal(err)
			}
			return id
		}, fault.Gone, "booking.session_cancelled"},
		{"over", func(h *house) int64 {
			id := h.session(12)
			h.clock.Set(time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC))
			return id
		}, fault.Gone, "booking.session_past"},
		{"closed", func(h *house) int64 {
			r := h.edition(12)
			r.ClosesDate, r.ClosesHour = "2027-05-07", "12:00"
			id := h.published(r)
			h.clock.Set(time.Date(2027, 5, 7, 10, 0, 0, 0, time.UTC))
			return id
		}, fault.Gone, "booking.session_closed"},
		{"not open yet", func(h *house) int64 {
			r := h.edition(12)
			r.OpensDate, r.OpensHour = "2027-05-03", "18:00"
			return h.published(r)
		}, fault.Conflict, "booking.session_not_open"},
		{"for older children", func(h *house) int64 {
			r := h.edition(12)
			var err error
			r.WorkshopID, err = h.catalog.CreateWorkshop(h.t.Context(), staff, newKey(), catalog.Workshop{Title: "Processing", Level: "Avancé",
				Discipline: "code", MinAge: 10, MaxAge: 18, Capacity: 12, DurationMinutes: 120})
			if err != nil {
				h.t.Fatal(err)
			}
			return h.published(r)
		}, fault.Conflict, "booking.out_of_age"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			session := tt.session(h)
			_, err := h.Book(t.Context(), account.Guest(), newKey(), joining(session, "zoe@exemple.fr", "Zoé"))
			wantFault(t, err, tt.kind, tt.key)
			if n := h.count(`SELECT count(*) FROM guardians`); n != 0 {
				t.Errorf("%d guardians, want none", n)
			}
			if tt.key != "booking.out_of_age" {
				_, _, err = h.Available(t.Context(), session)
				wantFault(t, err, tt.kind, tt.key)
			}
		})
	}
}
