package booking

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

func (h *house) erase(reference string) error {
	h.t.Helper()
	return h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		id, err := GuardianOf(tx, reference)
		if err != nil {
			return err
		}
		_, err = EraseGuardian(tx, staff, id)
		return err
	})
}

// shareChildren makes another guardian one of the children of a booking as well, as two households are.
func (h *house) shareChildren(reference, name, email string) (guardianID int64) {
	h.t.Helper()
	h.exec(`INSERT INTO guardians (name, email, email_folded, phone, last_contact_at, created_at) VALUES (?1, ?2, ?2, '07 00 00 00 00', ?3, ?3)`,
		name, email, sqlite.Time(h.clock.Now()))
	guardianID = int64(h.count(`SELECT max(id) FROM guardians`))
	h.exec(`INSERT INTO guardianships SELECT ?1, child_id FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE g.reference = ?2`, guardianID, reference)
	return guardianID
}

// TestEraseFamilyPassesItsSeatsOn: seats and a live offer go to who waits, a place on the list goes, and the links of the
// family are those of nobody (domain, Waiting list 7).
func TestEraseFamilyPassesItsSeatsOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seated, offering, waitedFor := h.session(1), h.session(1), h.session(1)
	mine := h.book(request(seated, "zoe@exemple.fr", "Zoé"))
	next := h.book(joining(seated, "li@exemple.fr", "李"))
	h.must(h.Prove(t.Context(), newKey(), h.mailed(mine)))

	blocker := h.book(request(offering, "anh@exemple.fr", "Ánh"))
	offered := h.book(joining(offering, "zoe@exemple.fr", "Zoé"))
	after := h.book(joining(offering, "lukasz@exemple.fr", "Łukasz"))
	h.must(h.Prove(t.Context(), newKey(), h.mailed(offered)))
	h.must(h.cancel(blocker))
	h.wantSeats(offered, "offered")

	holder := h.book(request(waitedFor, "ali@exemple.fr", "محمد"))
	waiting := h.book(joining(waitedFor, "zoe@exemple.fr", "Zoé"))
	behind := h.book(joining(waitedFor, "nguyen@exemple.fr", "Nguyễn"))
	h.must(h.Prove(t.Context(), newKey(), h.mailed(waiting)))

	e, err := h.Erasure(t.Context(), staff, mine)
	if err != nil || len(e.Cancelled) != 3 || len(e.Children) != 1 || e.Children[0].Stays || e.Guardian.Email != "zoe@exemple.fr" || e.Erased {
		t.Fatalf("what would go: %+v, %v", e, err)
	}
	h.must(h.erase(mine))

	h.wantSeats(next, "offered")
	h.wantSeats(after, "offered")
	h.wantSeats(holder, "confirmed")
	h.wantSeats(behind, "waiting")
	if rank := h.group(behind).Rank(); rank != 1 {
		t.Errorf("who waited behind is %d on the list", rank)
	}
	h.wantLetters(next, outbox.WaitingJoined, outbox.SeatOffered)
	for _, reference := range []string{mine, offered, waiting} {
		if got := h.text(`SELECT group_concat(b.status || ' ' || b.cancelled_by || ' ' || coalesce(o.outcome, '-'))
			FROM booking_groups g JOIN bookings b ON b.group_id = g.id LEFT JOIN offers o ON o.booking_id = b.id WHERE g.reference = ?`, reference); got !=
			map[bool]string{true: "cancelled family withdrawn", false: "cancelled family -"}[reference == offered] {
			t.Errorf("%s: %s", reference, got)
		}
		for _, link := range []Link{h.screen(reference), h.mailed(reference)} {
			_, err := h.Find(t.Context(), link)
			wantFault(t, err, fault.NotFound, "error.not_found")
			wantFault(t, h.Accept(t.Context(), account.Guest(), newKey(), link, nil), fault.NotFound, "error.not_found")
		}
		if l := h.letters(reference); len(l) != 0 {
			t.Errorf("%s: letters still say something: %+v", reference, l)
		}
	}
	if n := h.count(`SELECT count(*) FROM outbox WHERE payload = '{}' AND recipient = '' AND state = 'withdrawn'`); n != 4 {
		t.Errorf("%d letters are withdrawn and empty, want the four of the family", n)
	}
	h.wantSound()
}

// TestEraseTwice is the same as once.
func TestEraseTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reference := h.book(request(h.session(2), "zoe@exemple.fr", "Zoé", "Łukasz"))
	for range 3 {
		h.must(h.erase(reference))
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action IN ('family.erase', 'booking.cancel')`); n != 2 {
		t.Errorf("%d audit lines, want one of each", n)
	}
	if v := h.count(`SELECT link_version FROM booking_groups ORDER BY id`); v != 2 {
		t.Errorf("link version %d", v)
	}
	_, err := h.JoinFor(t.Context(), staff, newKey(), reference, JoinRequest{SessionID: 1})
	wantFault(t, err, fault.Conflict, "booking.join_nobody")
	if e, err := h.Erasure(t.Context(), staff, reference); err != nil || !e.Erased || e.Guardian != (Contact{}) || len(e.Children) != 0 {
		t.Errorf("afterwards: %+v, %v", e, err)
	}
}

func TestErasureIsForStaff(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reference := h.book(request(h.session(2), "zoe@exemple.fr", "Zoé"))
	for _, actor := range []account.Actor{account.Guest(), account.Guardian(1), {Kind: account.KindUser, ID: 1, Role: account.Communication}, {Kind: account.KindUser, ID: 1, Role: account.Facilitator}} {
		_, err := h.Erasure(t.Context(), actor, reference)
		wantFault(t, err, fault.Forbidden, "error.forbidden")
	}
	wantFault(t, h.erase("ADA-22222222"), fault.NotFound, "error.not_found")
	h.wantSeats(reference, "confirmed")
}

// TestEraseFamilyWaitsForTheMorning: from the start of a session to 8 o'clock of the next morning at the venue nothing is
// erased (domain, Family data 4), by either guardian; what was attended stays.
func TestEraseFamilyWaitsForTheMorning(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(1)
	reference := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	waiting := h.book(joining(session, "li@exemple.fr", "李"))
	h.shareChildren(reference, "Ánh Nguyễn", "anh@exemple.fr")
	other := h.book(request(h.published(later(h)), "anh@exemple.fr", "محمد"))
	h.exec(`UPDATE booking_groups SET guardian_id = (SELECT id FROM guardians WHERE email = 'anh@exemple.fr' ORDER BY id LIMIT 1) WHERE reference = ?`, other)
	h.exec(`INSERT INTO guardianships SELECT bg.guardian_id, b.child_id FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id WHERE bg.reference = ?`, other)

	morning := time.Date(2027, 5, 9, 6, 0, 0, 0, time.UTC)
	start := time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)
	h.clock.Set(start)
	h.must(h.erase(waiting)) // who only waited is at no session
	if n := h.count(`SELECT count(*) FROM bookings WHERE status = 'waiting'`); n != 0 {
		t.Error("a family without a name still waits")
	}
	for _, at := range []time.Time{start, morning.Add(-time.Second)} {
		h.clock.Set(at)
		for _, r := range []string{reference, other} {
			wantFault(t, h.erase(r), fault.Conflict, "booking.erase_busy")
			if e, err := h.Erasure(t.Context(), staff, r); err != nil || !e.BusyUntil.Equal(morning) {
				t.Errorf("%v: busy until %v, %v", at, e.BusyUntil, err)
			}
		}
	}
	h.clock.Set(morning)
	h.must(h.erase(reference))
	if got := h.text(`SELECT b.status || ' ' || c.first_name FROM booking_groups g JOIN bookings b ON b.group_id = g.id JOIN children c ON c.id = b.child_id
		WHERE g.reference = ?`, reference); got != "confirmed Zoé" {
		t.Errorf("what was attended, of a child who stays: %s", got)
	}
	h.wantSound()
}

// later is the session of the Saturday after.
func later(h *house) catalog.SessionRequest {
	e := h.edition(4)
	e.Date = "2027-05-15"
	return e
}

// TestEraseOneOfTwoHouseholds: the other guardian, their booking, their pick-up persons and the child stay; a refusal stays
// with the child; the last one to go takes the child along (domain, Family data 5).
func TestEraseOneOfTwoHouseholds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := request(h.session(4), "zoe@exemple.fr", "Zoé")
	r.Children[0].Image, r.Children[0].PickupPersons = family.No, []string{"Mamie Jeanne"}
	r.Children[0].Health = family.Health{State: family.HealthDescribed, Text: "Arachides"}
	first := h.book(r)
	anh := h.shareChildren(first, "Ánh Nguyễn", "anh@exemple.fr")
	second := h.book(request(h.published(later(h)), "guest@exemple.fr", "李"))
	h.exec(`UPDATE bookings SET child_id = 1 WHERE group_id = (SELECT id FROM booking_groups WHERE reference = ?)`, second)
	h.exec(`UPDATE booking_groups SET guardian_id = ?1 WHERE reference = ?2`, anh, second)
	h.exec(`INSERT INTO pickup_persons (child_id, guardian_id, name) VALUES (1, ?1, 'Paul')`, anh)
	h.exec(`INSERT INTO consents (child_id, guardian_id, purpose, answer, text_version, given_at) VALUES (1, ?1, 'image', 'yes', 'image-1', ?2)`, anh, sqlite.Time(h.clock.Now()))
	h.exec(`UPDATE outbox SET guardian_id = ?1, recipient = 'anh@exemple.fr' WHERE recipient = 'guest@exemple.fr'`, anh)

	if e, err := h.Erasure(t.Context(), staff, first); err != nil || len(e.Children) != 1 || !e.Children[0].Stays || len(e.Cancelled) != 1 {
		t.Errorf("what would go: %+v, %v", e, err)
	}
	h.must(h.erase(first))
	const child = `SELECT first_name || ' ' || birth_date || ' ' || health_text ||
		' pick-up: ' || coalesce((SELECT group_concat(name) FROM pickup_persons WHERE child_id = c.id), '') ||
		' consents: ' || coalesce((SELECT group_concat(purpose || ' ' || answer, ', ' ORDER BY id) FROM consents WHERE child_id = c.id), '')
		FROM children c WHERE id = 1`
	if got, want := h.text(child), "Zoé 2018-03-01 Arachides pick-up: Paul consents: image no, leave_alone no, health yes, image yes"; got != want {
		t.Errorf("the child is %q, want %q", got, want)
	}
	h.wantSeats(second, "confirmed")
	h.wantLetters(second, outbox.BookingConfirmed)

	h.must(h.erase(second))
	if got, want := h.text(child), " 2018-01-01  pick-up:  consents: "; got != want {
		t.Errorf("the child is %q, want %q", got, want)
	}
	h.wantSound()
}

// TestEraseNamesOtherBookings: bookings by guests under the same address are told, and stay.
func TestEraseNamesOtherBookings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.book(request(h.session(4), "zoe@exemple.fr", "Zoé"))
	second := h.book(request(h.session(4), "ZOE@exemple.fr", "Łukasz"))
	h.book(request(h.session(4), "", "李"))
	byPhone := h.book(request(h.session(4), "", "محمد"))
	if e, err := h.Erasure(t.Context(), staff, first); err != nil || !slices.Equal(e.Others, []string{second}) {
		t.Errorf("others: %v, %v", e.Others, err)
	}
	if e, err := h.Erasure(t.Context(), staff, byPhone); err != nil || len(e.Others) != 0 {
		t.Errorf("without an address, others: %v, %v", e.Others, err)
	}
	h.must(h.erase(first))
	h.wantSeats(second, "confirmed")
}

// RGPD-8: the forms that were begun with the address of who is erased go with them, however it was written, and those of nobody
// whose address has it within.
func TestEraseForgetsFormsWithTheAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		email, typed string
		goes         bool
	}{
		{"lea@exemple.fr", "lea@exemple.fr", true},
		{"lea@exemple.fr", " LEA@exemple.fr ", true},
		{"lea@exemple.fr", "chloelea@exemple.fr", false},
		{"lea@exemple.fr", "lea@exemple.fr.example.org", false},
		{"lea&ada@exemple.fr", "Lea&Ada@exemple.fr", true},
		{"zoé@exemple.fr", "ZOÉ@exemple.fr", true},
	} {
		t.Run(tt.email+" "+tt.typed, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			session := h.session(4)
			reference := h.book(request(session, tt.email, "Zoé"))
			text, err := json.Marshal(map[string]any{"Contact": map[string]string{"Name": "Léa", "Email": tt.typed}})
			h.must(err)
			h.must(h.SaveDraft(t.Context(), account.Guest(), []byte("token"), session, string(text)))
			h.must(h.erase(reference))
			if n := h.count(`SELECT count(*) FROM drafts`); (n == 0) != tt.goes {
				t.Errorf("%d forms are left", n)
			}
		})
	}
}

// RGPD-8: what was mailed to the address before anybody knew whose it is goes too, and an invitation with the name of who asked.
func TestEraseReachesMailsOfNoGuardian(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(4)
	reference := h.book(request(session, "Kanarienvogel@exemple.fr", "Zoé"))
	other := h.book(request(session, "li@exemple.fr", "李"))
	for _, r := range []string{reference, other} {
		h.must(h.Prove(t.Context(), newKey(), h.mailed(r)))
	}
	for _, to := range []string{"KANARIENVOGEL@exemple.fr", "anh@exemple.fr"} {
		h.must(h.MailDraft(t.Context(), newKey(), []byte("token "+to), session, `{}`, NewSavedID(), "", to, "fr"))
		h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			return outbox.Add(tx, outbox.Message{Kind: outbox.SignInUnknown, Language: "fr", To: to, Payload: outbox.SignIn{}})
		}))
	}
	secret, err := account.LoadSecret(t.TempDir())
	h.must(err)
	families := family.NewService(h.db, secret)
	invite := func(reference, to string) {
		t.Helper()
		g := h.group(reference)
		h.must(families.Invite(t.Context(), account.Guardian(g.guardianID), newKey(), "Ánh Nguyễn", to, []int64{g.Children[0].ChildID}))
	}
	invite(reference, "anh@exemple.fr") // by who is erased
	invite(other, "kanarienvogel@exemple.fr")
	invite(other, "ali@exemple.fr")
	h.must(h.erase(reference))
	if got, want := h.text(`SELECT group_concat(kind || ' ' || recipient, ', ' ORDER BY id) FROM outbox WHERE kind IN ('draft_saved', 'sign_in_unknown', 'guardian_invited') AND state = 'pending'`),
		"draft_saved anh@exemple.fr, sign_in_unknown anh@exemple.fr, guardian_invited ali@exemple.fr"; got != want {
		t.Errorf("still to be sent: %s", got)
	}
	if n := h.count(`SELECT count(*) FROM outbox WHERE recipient <> '' AND state = 'withdrawn' OR lower(recipient) LIKE 'kanari%'`); n != 0 {
		t.Errorf("%d mails still say to whom", n)
	}
}

// RGPD-8: nothing of the family is left in the file, neither in a table or an index nor in a page that was freed. Letters to
// send, sent and given up, an override, a draft that led to the booking and a merged guest are all there.
func TestErasedFamilyIsGoneFromTheFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	canaries := []string{"Kanarienvogel", "kanarienvogel", "06 98 76 54 32", "Arachidenallergie", "2018-03-17", "PapiKanari", "Notkanari"}
	inFiles := func() (found []string) {
		t.Helper()
		h.must(h.db.Checkpoint(t.Context()))
		for _, file := range []string{h.db.Path(), h.db.Path() + "-wal"} {
			raw, err := os.ReadFile(file)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			for _, canary := range canaries {
				if bytes.Contains(raw, []byte(canary)) {
					found = append(found, canary)
				}
			}
		}
		return found
	}
	kanari := func(session int64) Request {
		r := together(session, "Kanarienvogel@exemple.fr", "Zoé Kanarienvogel", "Łukasz Kanarienvogel")
		r.Guardian.Name, r.Guardian.Phone, r.Guardian.EmergencyName, r.Guardian.EmergencyPhone = "Kanarienvogel", "06 98 76 54 32", "Notkanari", "06 98 76 54 32"
		for i := range r.Children {
			c := &r.Children[i]
			c.LastName, c.BirthDate = "Kanarienvogel", time.Date(2018, 3, 17, 0, 0, 0, 0, time.UTC)
			c.Health = family.Health{State: family.HealthDescribed, Text: "Arachidenallergie"}
			c.PickupPersons = []string{"PapiKanari"}
		}
		return r
	}
	token := []byte("token")
	session := h.session(2)
	h.must(h.SaveDraft(t.Context(), account.Guest(), token, session, `{"name":"Kanarienvogel"}`))
	d, err := h.Draft(t.Context(), token, session)
	h.must(err)
	r := kanari(session)
	r.Draft = DraftKey{TokenHash: token, SessionID: session, Version: d.Version}
	reference := h.book(r)
	h.must(h.Prove(t.Context(), newKey(), h.mailed(reference)))
	guest := h.book(kanari(h.session(2)))
	h.must(h.Prove(t.Context(), newKey(), h.mailed(guest)))
	h.exec(`UPDATE outbox SET state = 'failed', done_at = ?, last_error = '550 <kanarienvogel@exemple.fr>' WHERE payload ->> '$.reference' = ?`, sqlite.Time(monday), guest)
	h.exec(`INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at) VALUES (1, 'a@exemple.fr', 'a@exemple.fr', 'Łukasz', 'staff', '', ?)`, sqlite.Time(monday))
	h.exec(`UPDATE bookings SET override_by = 1, override_reason = 'Zoé Kanarienvogel est la sœur' WHERE id = 1`)
	h.exec(`INSERT INTO offers (booking_id, made_at, expires_at, outcome, ended_at, made_by, reason) VALUES (1, ?1, ?1, 'given', ?1, 1, 'Madame Kanarienvogel a appelé')`, sqlite.Time(monday))
	h.exec(`UPDATE children SET gender = 'girl', postal_code = '35999', qpv = 'yes'`)
	stranger := h.book(joining(session, "li@exemple.fr", "李"))
	canaries = append(canaries, "35999")
	if found := inFiles(); len(slices.Compact(slices.Sorted(slices.Values(found)))) != len(canaries) {
		t.Fatalf("of %q only %q are found where they must be", canaries, found)
	}
	h.must(h.erase(reference))
	if found := inFiles(); len(found) != 0 {
		t.Errorf("still in the file: %q", found)
	}
	if n := h.count(`SELECT count(*) FROM bookings WHERE guest_key IS NOT NULL`); n != 1 {
		t.Errorf("%d keys tell guests apart, want the stranger's", n)
	}
	if n := h.count(`SELECT count(*) FROM drafts`); n != 0 {
		t.Error("a draft still leads to the booking")
	}
	h.wantSeats(stranger, "offered")
	h.wantSound()
}
