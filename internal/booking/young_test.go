package booking

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// TestMayBookAlone is the rule of who books for themselves: from 15 today where the session is, alone, and with a guardian who can be told (domain, Family data 7;
// RGPD-6).
func TestMayBookAlone(t *testing.T) {
	t.Parallel()
	here := paris(t)
	session := Session{StartsAt: time.Date(2027, 5, 8, 14, 0, 0, 0, here)}
	noon := time.Date(2027, 5, 3, 12, 0, 0, 0, here)
	born := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	tests := []struct {
		name            string
		births          []time.Time
		young, guardian string
		now             time.Time
		key             string
	}{
		{name: "15 today", births: []time.Time{born(2012, 5, 3)}},
		{name: "14 and 364 days", births: []time.Time{born(2012, 5, 4)}, key: "booking.young_age"},
		{name: "15 on the day of the session is too late", births: []time.Time{born(2012, 5, 8)}, key: "booking.young_age"},
		{name: "the birthday has begun in Lyon and not yet in UTC", births: []time.Time{born(2012, 5, 3)}, now: time.Date(2027, 5, 3, 0, 30, 0, 0, here)},
		{name: "the evening before it in Lyon", births: []time.Time{born(2012, 5, 3)}, now: time.Date(2027, 5, 2, 23, 59, 0, 0, here), key: "booking.young_age"},
		{name: "born on 29 February, on 28 February", births: []time.Time{born(2012, 2, 29)}, now: time.Date(2027, 2, 28, 12, 0, 0, 0, here), key: "booking.young_age"},
		{name: "born on 29 February, on 1 March", births: []time.Time{born(2012, 2, 29)}, now: time.Date(2027, 3, 1, 12, 0, 0, 0, here)},
		{name: "with a brother", births: []time.Time{born(2011, 1, 1), born(2011, 1, 1)}, key: "booking.young_age"},
		{name: "nobody", key: "booking.young_age"},
		{name: "no guardian", births: []time.Time{born(2011, 1, 1)}, guardian: "-", key: FieldEmail + "=family.email_missing"},
		{name: "their own guardian", births: []time.Time{born(2011, 1, 1)}, guardian: "ZOE@Exemple.fr", key: FieldEmail + "=booking.young_guardian"},
	}
	for _, tt := range tests {
		now, guardian := tt.now, tt.guardian
		if now.IsZero() {
			now = noon
		}
		switch guardian {
		case "":
			guardian = "parent@exemple.fr"
		case "-":
			guardian = ""
		}
		got := ""
		if err := mayBookAlone(session, tt.births, "zoe@exemple.fr", guardian, now.UTC()); err != nil {
			f, known := fault.As(err)
			if !known {
				t.Fatal(err)
			}
			got = f.Message.Key
			for field, m := range f.Fields {
				got = field + "=" + m.Key
			}
		}
		if got != tt.key {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.key)
		}
	}
}

// forThemselves is the wish of a young person, with all that a forged form could add.
func forThemselves(session int64) Request {
	r := request(session, "parent@exemple.fr", "Zoé")
	r.YoungEmail = "zoe@exemple.fr"
	r.Guardian.EmergencyName, r.Guardian.EmergencyPhone = "Łukasz", "06 00 00 00 00"
	c := &r.Children[0]
	c.BirthDate, c.LeavesAlone, c.Image = time.Date(2012, 5, 3, 0, 0, 0, 0, time.UTC), true, family.Yes
	c.PickupPersons, c.Health = []string{"محمد"}, family.Health{State: family.HealthDescribed, Text: "arachides"}
	return r
}

// newTeens is a house whose workshop is for young people too.
func newTeens(t *testing.T) *house {
	h := newHouse(t)
	h.exec(`UPDATE workshops SET max_age = 18`)
	return h
}

// A young person books as a guest: nothing that a guardian alone may say is taken from them, the guardian is told and asked, they get a copy that proves nothing,
// and only the guardian's mailbox answers the rest (domain, Family data 7; RGPD-6).
func TestBookForThemselves(t *testing.T) {
	t.Parallel()
	h := newTeens(t)
	key, r := newKey(), forThemselves(h.session(5))
	reference, err := h.Book(t.Context(), account.Guest(), key, r)
	h.must(err)
	again, err := h.Book(t.Context(), account.Guest(), key, r)
	h.must(err)
	if again != reference {
		t.Errorf("sent twice: %s, then %s", reference, again)
	}
	h.wantSeats(reference, "confirmed")
	for what, n := range map[string]int{
		`SELECT count(*) FROM consents`: 0, `SELECT count(*) FROM pickup_persons`: 0, `SELECT count(*) FROM children WHERE health_state = 'to_ask' AND health_text = ''`: 1,
		`SELECT count(*) FROM guardians WHERE emergency_name = '' AND email = 'parent@exemple.fr'`:           1,
		`SELECT count(*) FROM booking_groups WHERE to_complete AND young_email = 'zoe@exemple.fr'`:           1,
		`SELECT count(*) FROM outbox WHERE recipient NOT IN ('parent@exemple.fr', 'zoe@exemple.fr')`:         0,
		`SELECT count(*) FROM outbox WHERE payload LIKE '%arachides%' OR payload LIKE '%parent@exemple.fr%'`: 0,
	} {
		if got := h.count(what); got != n {
			t.Errorf("%s = %d, want %d", what, got, n)
		}
	}
	all := h.letters(reference)
	h.wantLetters(reference, outbox.BookingConfirmed, outbox.BookingConfirmed)
	if told := all[0]; told.to != "parent@exemple.fr" || !told.ByYoung || told.InSpace || !told.ToComplete || told.Copy {
		t.Errorf("the guardian is told %+v", told)
	}
	if copied := all[1]; copied.to != "zoe@exemple.fr" || copied.ToComplete || !copied.Copy || copied.Guardian != "Zoé" {
		t.Errorf("the copy is %+v", copied)
	}

	// The link of the copy answers nothing for the guardian, nor does a code at the door; the guardian's does.
	answers := family.Completion{LeavesAlone: true, Health: family.Health{State: family.HealthNone}}
	wantFault(t, h.Complete(t.Context(), newKey(), h.screen(reference), answers), fault.NotFound, "error.not_found")
	wantFault(t, h.Complete(t.Context(), newKey(), h.Sign(LinkComplete, reference, 1), answers), fault.NotFound, "error.not_found")
	h.read(func(tx *sqlite.Tx) error {
		link, err := h.CompletionLink(tx, h.group(reference).Children[0].BookingID)
		if link != (Link{}) {
			t.Error("there is a code at the door")
		}
		return err
	})
	h.must(h.Complete(t.Context(), newKey(), h.mailed(reference), answers))
	if h.count(`SELECT count(*) FROM consents WHERE purpose = 'leave_alone' AND answer = 'yes'`) != 1 || h.group(reference).ToComplete {
		t.Error("the guardian's answer is not kept")
	}

	// Both may give the place up, and both learn of it.
	h.must(h.Cancel(t.Context(), account.Guest(), newKey(), h.screen(reference), nil, ""))
	h.wantLetters(reference, outbox.BookingConfirmed, outbox.BookingConfirmed, outbox.BookingCancelled, outbox.BookingCancelled)
	if h.letters(reference)[2].ByYoung {
		t.Error("the guardian is told again who booked")
	}
}

// What a form says that was forged is refused, and one address is in no more bookings than the cap allows, whichever guardians are named.
func TestBookForThemselvesRefused(t *testing.T) {
	t.Parallel()
	h := newTeens(t)
	session := h.session(12)
	younger := forThemselves(session)
	younger.Children[0].BirthDate = younger.Children[0].BirthDate.AddDate(0, 0, 1)
	_, err := h.Book(t.Context(), account.Guest(), newKey(), younger)
	wantFault(t, err, fault.Conflict, "booking.young_age")
	two := forThemselves(session)
	two.Children = append(two.Children, two.Children[0])
	two.Children[1].FirstName = "李"
	_, err = h.Book(t.Context(), account.Guest(), newKey(), two)
	wantFault(t, err, fault.Conflict, "booking.young_age")
	if h.count(`SELECT count(*) FROM guardians`)+h.count(`SELECT count(*) FROM outbox`) != 0 {
		t.Error("a refused booking left something")
	}
	for i := 0; ; i++ {
		r := forThemselves(session)
		r.Guardian.Email = strings.Repeat("a", i+1) + "@exemple.fr"
		if _, err = h.Book(t.Context(), account.Guest(), newKey(), r); err != nil {
			wantFault(t, err, fault.Conflict, "booking.too_many")
			break
		}
		if i > 11 {
			t.Fatal("no end of bookings")
		}
	}
}

// holder gives the child of a booking a space of their own and returns them.
func (h *house) holder(reference, email string) account.Actor {
	h.t.Helper()
	v := h.group(reference)
	id := v.Children[0].ChildID
	h.exec(`UPDATE children SET birth_date = '2012-05-03' WHERE id = ?`, id)
	h.exec(`INSERT INTO young_holders (child_id, guardian_id, email, email_folded, proved_at, created_at) VALUES (?1, ?2, ?3, ?3, ?4, ?4)`, id, v.guardianID, email, sqlite.Time(monday))
	return account.Young(id)
}

// A young person with a space of their own books for themselves: their own row, in the name of the guardian who gave them the space; all guardians are told; what
// was said stays, and only what nobody said is asked. They may give their place up, and nobody else's (domain, Family data 5 and 7; RGPD-6).
func TestBookYoung(t *testing.T) {
	t.Parallel()
	h := newTeens(t)
	actor, _ := h.signedIn(h.session(5), "parent@exemple.fr", "Zoé")
	first := h.text(`SELECT reference FROM booking_groups`)
	zoe := h.holder(first, "zoe@exemple.fr")
	h.exec(`INSERT INTO guardians (id, name, email, email_folded, phone, language, proved_at, last_contact_at, created_at)
		VALUES (77, 'محمد', 'autre@exemple.fr', 'autre@exemple.fr', '06 00 00 00 00', 'fr', ?1, ?1, ?1)`, sqlite.Time(monday))
	h.exec(`INSERT INTO guardianships (guardian_id, child_id) VALUES (77, ?)`, zoe.ID)
	to, key := h.nextSaturday(1), newKey()

	for _, who := range []account.Actor{account.Guest(), actor, staff} {
		_, err := h.BookYoung(t.Context(), who, newKey(), YoungRequest{SessionID: to})
		wantFault(t, err, fault.Forbidden, "error.forbidden")
	}
	reference, err := h.BookYoung(t.Context(), zoe, key, YoungRequest{SessionID: to})
	h.must(err)
	again, err := h.BookYoung(t.Context(), zoe, key, YoungRequest{SessionID: to})
	h.must(err)
	there, err := h.BookYoung(t.Context(), zoe, newKey(), YoungRequest{SessionID: to})
	h.must(err)
	if again != reference || there != Repeated {
		t.Errorf("booked as %s, then %s, then %s", reference, again, there)
	}
	if v := h.group(reference); v.guardianID != actor.ID || v.ToComplete || !v.ByYoung || v.Children[0].ChildID != zoe.ID {
		t.Errorf("the booking is %+v", v)
	}
	all := h.letters(reference)
	h.wantLetters(reference, outbox.BookingConfirmed, outbox.BookingConfirmed)
	if !all[0].ByYoung || !all[0].InSpace || all[0].to != "parent@exemple.fr" || all[0].Copy || all[1].to != "zoe@exemple.fr" || !all[1].Copy {
		t.Errorf("told %s, copied to %s", all[0].to, all[1].to)
	}
	if h.count(`SELECT count(*) FROM outbox WHERE kind = 'child_changed' AND recipient = 'autre@exemple.fr' AND payload ->> '$.what' = 'booked'`) != 1 {
		t.Error("the other guardian was not told")
	}

	// Their own booking opens to them, and no other: not the one that a guardian made, nor to another young person.
	for _, link := range []Link{OwnLink(zoe, first), OwnLink(account.Young(zoe.ID+1), reference), OwnLink(account.Guest(), reference)} {
		_, err := h.Find(t.Context(), link)
		wantFault(t, err, fault.NotFound, "error.not_found")
	}
	v, err := h.Find(t.Context(), OwnLink(zoe, reference))
	h.must(err)
	if v.ViaMail || !v.Trusted {
		t.Error("a young person's sign-in counts as a guardian's word")
	}
	wantFault(t, h.Complete(t.Context(), newKey(), OwnLink(zoe, reference), family.Completion{LeavesAlone: true}), fault.NotFound, "error.not_found")

	// It moves to another session of the workshop, and is given up there.
	third := h.published(heldOn(h.edition(3), "2027-05-29", "14:00", "16:00"))
	h.must(h.Move(t.Context(), zoe, newKey(), OwnLink(zoe, reference), third))
	h.must(h.Cancel(t.Context(), zoe, newKey(), OwnLink(zoe, reference), nil, ""))
	h.wantSeats(reference, "cancelled")
	if h.count(`SELECT count(*) FROM outbox WHERE kind = 'booking_cancelled' AND recipient IN ('parent@exemple.fr', 'zoe@exemple.fr')`) != 2 {
		t.Error("not both were told that the place was given up")
	}
	if h.count(`SELECT count(*) FROM audit WHERE actor = ? AND action IN ('booking.book', 'booking.move', 'booking.cancel')`, zoe.String()) != 3 {
		t.Error("the audit does not say who did it")
	}
}

// A young person joins a list only when asked, asks their guardian what nobody said, and cannot book where no guardian is left to tell.
func TestBookYoungLimits(t *testing.T) {
	t.Parallel()
	h := newTeens(t)
	h.signedIn(h.session(5), "parent@exemple.fr", "Zoé")
	zoe := h.holder(h.text(`SELECT reference FROM booking_groups`), "zoe@exemple.fr")
	h.exec(`UPDATE children SET health_state = 'to_ask'`)
	full := h.nextSaturday(1)
	h.book(request(full, "ali@exemple.fr", "Ali"))
	_, err := h.BookYoung(t.Context(), zoe, newKey(), YoungRequest{SessionID: full})
	wantFault(t, err, fault.Conflict, "booking.full")
	reference, err := h.BookYoung(t.Context(), zoe, newKey(), YoungRequest{SessionID: full, IfFull: Wait})
	h.must(err)
	h.wantSeats(reference, "waiting")
	if told := h.letters(reference)[0]; told.kind != outbox.WaitingJoined || !told.ToComplete {
		t.Errorf("the guardian is told %+v", told)
	}
	h.exec(`UPDATE guardians SET proved_at = NULL`)
	_, err = h.BookYoung(t.Context(), zoe, newKey(), YoungRequest{SessionID: h.published(heldOn(h.edition(3), "2027-05-29", "14:00", "16:00"))})
	wantFault(t, err, fault.Conflict, "family.young_guardian")
}

// The young person's own address goes with the guardian of the booking, from the booking and from what was mailed (RGPD-8).
func TestYoungAddressIsErased(t *testing.T) {
	t.Parallel()
	h := newTeens(t)
	other := h.session(5)
	reference, err := h.Book(t.Context(), account.Guest(), newKey(), forThemselves(h.session(5)))
	h.must(err)
	// Another form was begun, and its link mailed; somebody else's stays.
	draft := `{"Contact":{"Email":""},"Young":true,"YoungEmail":"Zoe@exemple.fr"}`
	h.must(h.MailDraft(t.Context(), newKey(), []byte("one"), other, draft, NewSavedID(), "", "Zoe@exemple.fr", "fr"))
	h.must(h.SaveDraft(t.Context(), account.Guest(), []byte("two"), other, `{"Contact":{"Email":""}}`))
	h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := EraseGuardian(tx, staff, h.group(reference).guardianID)
		return err
	}))
	if n := h.count(`SELECT count(*) FROM booking_groups WHERE young_email <> ''`) + h.count(`SELECT count(*) FROM outbox WHERE recipient LIKE '%zoe%' OR payload LIKE '%zoe%'`) +
		h.count(`SELECT count(*) FROM drafts WHERE answers LIKE '%zoe%'`); n != 0 {
		t.Errorf("the address is still in %d rows", n)
	}
	if n := h.count(`SELECT count(*) FROM drafts`); n != 1 {
		t.Errorf("%d drafts are left, want that of somebody else", n)
	}
	wantFault(t, h.Cancel(t.Context(), account.Guest(), newKey(), h.screen(reference), nil, ""), fault.NotFound, "error.not_found")
}

// What a young person typed of their guardian never replaces what the guardian said: once the mailbox is proved, the contacts stay (domain, Family data 6 and 7; RGPD-6).
func TestYoungTypesNoContactsOfGuardians(t *testing.T) {
	t.Parallel()
	h := newTeens(t)
	known := request(h.session(5), "parent@exemple.fr", "Łukasz")
	known.Guardian.Phone, known.Guardian.EmergencyName, known.Guardian.EmergencyPhone = "06 11 11 11 11", "Mamie Jeanne", "01 11 11 11 11"
	first := h.book(known)
	h.must(h.Prove(t.Context(), newKey(), h.mailed(first)))
	young := forThemselves(h.session(5))
	young.Guardian.Phone = "07 22 22 22 22"
	second, err := h.Book(t.Context(), account.Guest(), newKey(), young)
	h.must(err)
	contacts := func() string {
		return h.text(`SELECT group_concat(phone || ' ' || emergency_name || ' ' || emergency_phone) FROM guardians`)
	}
	h.must(h.Prove(t.Context(), newKey(), h.mailed(second)))
	if got := contacts(); got != "06 11 11 11 11 Mamie Jeanne 01 11 11 11 11" {
		t.Errorf("the guardian is reached at %s", got)
	}
	h.exec(`UPDATE guardians SET phone = ''`)
	young.SessionID, young.YoungEmail = h.session(5), "zoe.encore@exemple.fr"
	third, err := h.Book(t.Context(), account.Guest(), newKey(), young)
	h.must(err)
	h.must(h.Prove(t.Context(), newKey(), h.mailed(third)))
	if got := contacts(); got != "07 22 22 22 22 Mamie Jeanne 01 11 11 11 11" {
		t.Errorf("where no number was known, the guardian is reached at %s", got)
	}
	h.wantSound()
}

// A young person who is signed in is handed links that authorise nothing by themselves, and none to what a guardian booked (domain, Family data 8).
func TestYoungSeesTheirOwnChoices(t *testing.T) {
	t.Parallel()
	h := newTeens(t)
	h.signedIn(h.session(5), "parent@exemple.fr", "Zoé")
	zoe := h.holder(h.text(`SELECT reference FROM booking_groups`), "zoe@exemple.fr")
	full, second := h.nextSaturday(1), h.published(heldOn(h.edition(1), "2027-05-29", "14:00", "16:00"))
	h.book(request(full, "ali@exemple.fr", "Ali"))
	h.book(request(second, "li@exemple.fr", "李"))
	third := h.published(heldOn(h.edition(3), "2027-06-05", "14:00", "16:00"))
	first, err := h.BookYoung(t.Context(), zoe, newKey(), YoungRequest{SessionID: full, IfFull: Wait})
	h.must(err)
	_, err = h.Join(t.Context(), account.Guest(), newKey(), h.mailed(first), JoinRequest{SessionID: third})
	h.must(err)
	joined, err := h.Join(t.Context(), zoe, newKey(), OwnLink(zoe, first), JoinRequest{SessionID: second})
	h.must(err)
	for _, reference := range []string{first, joined} {
		for link, n := range map[Link]int{OwnLink(zoe, reference): 1, h.screen(reference): 1, h.mailed(reference): 2} {
			v, err := h.Find(t.Context(), link)
			h.must(err)
			if len(v.Linked) != n {
				t.Fatalf("by %+v there are %d other choices, want %d", link, len(v.Linked), n)
			}
			if link.Owner == zoe && (v.Linked[0].Link.Signature != OwnSignature || v.Linked[0].Link.Owner != zoe) {
				t.Errorf("the young person is handed %+v", v.Linked[0].Link)
			}
		}
	}
}

// What the team does by phone is a guardian's doing, and what a family tells funders is for a guardian to answer (domain, Family data 7).
func TestYoungPersonsBookingByOthers(t *testing.T) {
	t.Parallel()
	h := newTeens(t)
	full, second := h.session(1), h.nextSaturday(1)
	h.book(request(full, "ali@exemple.fr", "Ali"))
	h.book(request(second, "li@exemple.fr", "李"))
	r := forThemselves(full)
	r.IfFull = Wait
	reference, err := h.Book(t.Context(), account.Guest(), newKey(), r)
	h.must(err)
	joined, err := h.JoinFor(t.Context(), staff, newKey(), reference, JoinRequest{SessionID: second})
	h.must(err)
	if h.group(joined).ByYoung {
		t.Error("what the team did counts as the young person's doing")
	}
	girl := "girl"
	given := map[int64]family.Figures{h.group(reference).Children[0].BookingID: {Gender: &girl}}
	wantFault(t, h.SetFigures(t.Context(), account.Guest(), newKey(), h.screen(reference), given), fault.NotFound, "error.not_found")
	h.must(h.SetFigures(t.Context(), account.Guest(), newKey(), h.mailed(reference), given))
}

// A young person whose booking goes with the guardian in whose name it was learns so, while another guardian stays; the message goes with that one (RGPD-8).
func TestYoungIsToldWhenTheirGuardianLeaves(t *testing.T) {
	t.Parallel()
	h := newTeens(t)
	h.signedIn(h.session(5), "parent@exemple.fr", "Zoé")
	first := h.text(`SELECT reference FROM booking_groups`)
	zoe, other := h.holder(first, "zoe@exemple.fr"), h.shareChildren(first, "محمد", "autre@exemple.fr")
	reference, err := h.BookYoung(t.Context(), zoe, newKey(), YoungRequest{SessionID: h.nextSaturday(3)})
	h.must(err)
	h.must(h.erase(first))
	told := h.letters(reference)
	if len(told) != 1 || told[0].kind != outbox.BookingCancelled || told[0].to != "zoe@exemple.fr" || !told[0].Copy || told[0].Guardian != "Zoé" {
		t.Errorf("the letters are %+v", told)
	}
	if h.count(`SELECT count(*) FROM outbox WHERE payload LIKE '%Nguyễn%'`) != 0 {
		t.Error("a letter still names who is gone")
	}
	h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := EraseGuardian(tx, staff, other)
		return err
	}))
	if n := h.count(`SELECT count(*) FROM outbox WHERE recipient LIKE '%zoe%' OR payload LIKE '%Zoé%'`); n != 0 {
		t.Errorf("%d letters to the young person stay", n)
	}
}
