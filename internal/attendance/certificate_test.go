package attendance_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

func (h *house) certificates(actor account.Actor) attendance.Certificates {
	h.t.Helper()
	list, err := h.Certificates(h.t.Context(), actor, h.session)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// issue issues as nadia and wants so many.
func (h *house) issue(want int) {
	h.t.Helper()
	if n, err := h.Issue(h.t.Context(), h.nadia, h.key(), h.session, false); err != nil || n != want {
		h.t.Fatalf("issued %d, %v; want %d", n, err, want)
	}
}

func TestIssueGivesOneToEachChildWhoCame(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct {
		first, last string
		action      attendance.Action
	}{
		{"Łukasz", "Żuk", "present"}, {"Zoé", "D'Artagnan-N'Guyen", "late"}, {"Anh", "Nguyễn", "left"},
		{"محمد", "علي", "absent"}, {"明", "李", "excused"}, {"Ada", "Byron", ""},
	} {
		if booking := h.seat(c.first, c.last); c.action != "" {
			h.mark(booking, c.action)
		}
	}
	if n := h.certificates(h.nadia).ToIssue; n != 3 {
		t.Errorf("%d to issue, want 3", n)
	}
	h.issue(3)
	h.issue(0)
	list := h.certificates(h.staff)
	var got []string
	for _, c := range list.Issued {
		got = append(got, c.Number+" "+c.FirstName)
		if !regexp.MustCompile(`^[2-9A-HJ-NP-Z]{12}$`).MatchString(c.Code) || c.Doubt || !c.Valid() || c.Minutes != map[bool]int{true: 15, false: 120}[c.FirstName == "Anh"] {
			t.Errorf("got %+v", c)
		}
	}
	if want := []string{"ADA-2027-000001 Zoé", "ADA-2027-000002 Anh", "ADA-2027-000003 Łukasz"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if list.ToIssue != 0 || !list.MayRevoke || h.certificates(h.nadia).MayRevoke {
		t.Errorf("got %+v", list)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'certificate.issue' AND actor = ?`, h.nadia.String()); n != 3 {
		t.Errorf("%d audit lines, want 3", n)
	}
}

// A child marked present by mistake keeps what was given, and the list says so.
func TestCertificateOfWhoDidNotCome(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "Lê")
	h.mark(booking, attendance.Present)
	h.issue(1)
	h.clock.Advance(time.Minute)
	h.mark(booking, attendance.Absent)
	if c := h.certificates(h.nadia).Issued[0]; !c.Doubt || !c.Valid() {
		t.Errorf("got %+v", c)
	}
}

// Numbers start anew each year at the venue, without a gap, also when many issue at once.
func TestNumbersOfAYear(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const sessions = 8
	ids := make([]int64, sessions)
	for i := range ids {
		ids[i] = h.sessionAt(paris(8, 14, 0), paris(8, 16, 0), h.nadia)
		h.session = ids[i]
		for j := range 3 {
			h.mark(h.seat("Zoé", fmt.Sprint("Lê ", j)), attendance.Present)
		}
	}
	errs := make([]error, sessions)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { _, errs[i] = h.Issue(t.Context(), h.nadia, h.key(), ids[i], false) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n, last := h.count(`SELECT count(*) FROM certificates`), h.count(`SELECT max(number) FROM certificates WHERE year = 2027`); n != 3*sessions || last != n {
		t.Errorf("%d certificates, the last is number %d", n, last)
	}
	if codes := h.count(`SELECT count(DISTINCT code) FROM certificates`); codes != 3*sessions {
		t.Errorf("%d codes", codes)
	}
	// New Year's Eve in UTC is New Year in Paris.
	h.clock.Set(time.Date(2027, 12, 31, 23, 30, 0, 0, time.UTC))
	h.session = h.sessionAt(h.clock.Now(), h.clock.Now().Add(time.Hour), h.nadia)
	h.mark(h.seat("Anh", "Nguyễn"), attendance.Present)
	h.issue(1)
	if got := h.certificates(h.nadia).Issued[0].Number; got != "ADA-2028-000001" {
		t.Errorf("got %s", got)
	}
}

func TestIssueForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.mark(h.seat("Zoé", "Lê"), attendance.Present)
	form := h.key()
	for range 2 { // I4: the same form gives the same answer
		if n, err := h.Issue(t.Context(), h.nadia, form, h.session, false); err != nil || n != 1 {
			t.Fatalf("issued %d, %v", n, err)
		}
	}
	h.mark(h.seat("Anh", "Nguyễn"), attendance.Present)
	if n, err := h.Issue(t.Context(), account.Command(), account.FormKey{}, h.session, false); err != nil || n != 1 {
		t.Fatalf("the command issued %d, %v", n, err)
	}
	if n := h.count(`SELECT count(*) FROM certificates WHERE issued_by IS NULL`); n != 1 {
		t.Errorf("%d without author, want that of the command", n)
	}
	_, err := h.Issue(t.Context(), h.write, h.key(), h.session, false)
	wantFault(t, err, fault.Forbidden, "error.forbidden")
	h.insert(`UPDATE sessions SET status = 'cancelled' WHERE id = ?`, h.session)
	_, err = h.Issue(t.Context(), h.nadia, h.key(), h.session, false)
	wantFault(t, err, fault.Conflict, "attendance.error.session_cancelled")
}

func TestVerifyTellsLittle(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "D'Artagnan-N'Guyen")
	h.mark(booking, attendance.Present)
	h.issue(1)
	code := h.certificates(h.nadia).Issued[0].Code
	typed := []string{code, strings.ToLower(code), attendance.ShowCode(code), " " + strings.ToLower(code[:5]) + "‑" + code[5:] + "\t", code[:6] + " – " + code[6:], strings.Join(strings.Split(code, ""), "\u00a0")}
	for _, text := range typed {
		v, err := h.Verify(t.Context(), text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if v.Child != "Zoé D." || v.Number != "ADA-2027-000001" || v.Title != "Robotique" || v.StartsAt.Hour() != 14 ||
			v.Venue != "Espace Altnet" || v.City != "Lyon" || !v.Valid() || v.Code != code {
			t.Errorf("%q: got %+v", text, v)
		}
	}
	for _, text := range []string{"", "0", code[:11], code + "2", strings.Repeat("2", 12), "OOOO-0000-1111", strings.Repeat("é", 12), strings.Repeat("-", 1000) + code, "'; DROP TABLE"} {
		_, err := h.Verify(t.Context(), text)
		wantFault(t, err, fault.NotFound, "attendance.error.code")
	}
	// Erased: the names are gone, the certificate stands.
	h.insert(`UPDATE children SET first_name = '', last_name = '', name_folded = ''`)
	if v, err := h.Verify(t.Context(), code); err != nil || v.Child != "" || !v.Valid() {
		t.Errorf("after the erasure: %+v, %v", v, err)
	}
	if list := h.certificates(h.staff); len(list.Issued) != 1 || list.Issued[0].FirstName != "" {
		t.Errorf("the list has %+v", list.Issued)
	}
}

// revoke revokes as staff.
func (h *house) revoke(certificate int64, reason string) error {
	h.t.Helper()
	return h.Revoke(h.t.Context(), h.staff, h.key(), attendance.Subject{SessionID: h.session}, certificate, reason)
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.mark(h.seat("Zoé", "Lê"), attendance.Present)
	h.issue(1)
	c := h.certificates(h.nadia).Issued[0]
	here := attendance.Subject{SessionID: h.session}
	wantFault(t, h.Revoke(t.Context(), h.nadia, h.key(), here, c.ID, "Erreur"), fault.Forbidden, "error.forbidden")
	wantFault(t, h.Revoke(t.Context(), h.write, h.key(), here, c.ID, "Erreur"), fault.Forbidden, "error.forbidden")
	other := attendance.Subject{SessionID: h.sessionAt(paris(8, 14, 0), paris(8, 16, 0))}
	wantFault(t, h.Revoke(t.Context(), h.staff, h.key(), other, c.ID, "Erreur"), fault.NotFound, "error.not_found")
	wantFault(t, h.Revoke(t.Context(), h.staff, h.key(), attendance.Subject{SeriesID: 1}, c.ID, "Erreur"), fault.NotFound, "error.not_found")
	for typed, key := range map[string]string{" \n ": "attendance.revoke.reason.missing", strings.Repeat("é", 301): "attendance.depart.reason.long"} {
		if f, ok := fault.As(h.revoke(c.ID, typed)); !ok || f.Kind != fault.Invalid || f.Fields["reason"].Key != key {
			t.Errorf("%.5q: got %v, want %s", typed, f, key)
		}
	}
	for range 2 {
		h.must(h.revoke(c.ID, " Mal  pointée "))
		h.clock.Advance(time.Hour)
	}
	v, err := h.Verify(t.Context(), c.Code)
	if err != nil || v.Valid() || v.Replaced || !v.RevokedAt.Equal(paris(8, 14, 5)) {
		t.Errorf("got %+v, %v", v, err)
	}
	if got := h.certificates(h.staff).Issued[0]; got.RevokeReason != "Mal pointée" || got.Doubt {
		t.Errorf("got %+v", got)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'certificate.revoke' AND details = '{}'`); n != 1 {
		t.Errorf("%d audit lines without the reason, want 1 (I12)", n)
	}
	h.issue(0) // issuing what is missing does not give it back
	// The reason may name somebody: it goes with the family.
	h.insert(`UPDATE children SET first_name = '', last_name = '', name_folded = ''`)
	if got := h.texts(`SELECT revoke_reason FROM certificates`); got[0] != "" {
		t.Errorf("the reason stays: %q", got)
	}
}

// A certificate that was revoked may be issued again, with another number and code; the old one says that another exists, and
// no more.
func TestReissue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoe", "Le")
	h.mark(booking, attendance.Present)
	h.issue(1)
	old := h.certificates(h.staff).Issued[0]
	here := attendance.Subject{SessionID: h.session}
	again := func(actor account.Actor, id int64) error {
		return h.Reissue(t.Context(), actor, h.key(), here, id, false)
	}
	wantFault(t, again(h.staff, old.ID), fault.Conflict, "attendance.reissue.not") // it stands
	h.must(h.revoke(old.ID, "Nom mal écrit"))
	h.insert(`UPDATE children SET first_name = 'Zoé', last_name = 'Lê'`)
	wantFault(t, again(h.nadia, old.ID), fault.Forbidden, "error.forbidden")
	form := h.key()
	for range 2 {
		h.must(h.Reissue(t.Context(), h.staff, form, here, old.ID, false))
	}
	wantFault(t, again(h.staff, old.ID), fault.Conflict, "attendance.reissue.not")
	list := h.certificates(h.staff).Issued
	if len(list) != 2 || list[1].Number != "ADA-2027-000002" || list[1].Code == old.Code || !list[1].Valid() || !list[0].Replaced || list[1].Replaced {
		t.Fatalf("got %+v", list)
	}
	if v, err := h.Verify(t.Context(), old.Code); err != nil || v.Valid() || !v.Replaced {
		t.Errorf("the old one: %+v, %v", v, err)
	}
	if v, err := h.Verify(t.Context(), list[1].Code); err != nil || !v.Valid() || v.Child != "Zoé L." {
		t.Errorf("the new one: %+v, %v", v, err)
	}
	// Not for who is now said not to have come, and not without a name.
	h.must(h.revoke(list[1].ID, "Encore"))
	h.clock.Advance(time.Minute)
	h.mark(booking, attendance.Absent)
	wantFault(t, again(h.staff, old.ID), fault.Conflict, "attendance.reissue.not")
	h.clock.Advance(time.Minute)
	h.mark(booking, attendance.Present)
	h.insert(`UPDATE children SET first_name = '', last_name = '', name_folded = ''`)
	wantFault(t, again(h.staff, old.ID), fault.Conflict, "attendance.reissue.not")
	if n := h.count(`SELECT count(*) FROM certificates`); n != 2 {
		t.Errorf("%d certificates", n)
	}
}

// Who left early has the time until then in quarters of an hour; a quarter before the end is the whole.
func TestHoursOfACertificate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		left time.Time
		want int
	}{
		{time.Time{}, 120}, {paris(8, 16, 5), 120}, {paris(8, 16, 0), 120}, {paris(8, 15, 45), 120}, {paris(8, 15, 44), 90}, {paris(8, 15, 30), 90},
		{paris(8, 15, 0), 60}, {paris(8, 14, 10), 15}, {paris(8, 13, 59), 15},
	} {
		t.Run(tt.left.Format("15:04"), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.clock.Set(paris(8, 13, 50))
			booking := h.seat("Zoé", "Lê")
			h.mark(booking, attendance.Late) // an arrival takes nothing off
			if !tt.left.IsZero() {
				h.clock.Set(tt.left)
				h.mark(booking, attendance.Left)
			}
			h.clock.Set(paris(8, 16, 10))
			h.issue(1)
			if c := h.certificates(h.nadia).Issued[0]; c.Minutes != tt.want || c.Doubt {
				t.Errorf("got %+v, want %d minutes", c, tt.want)
			}
		})
	}
}

// I9: one message for each guardian with an e-mail, about their own children alone, in the transaction of the certificates.
func TestFamiliesAreTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	linh, paul := h.guardian("Linh", "06"), h.guardian("Paul", "06")
	h.insert(`UPDATE guardians SET email = 'paul@example.org', language = 'en' WHERE id = ?`, paul)
	silent := h.guardian("Sans adresse", "06")
	h.insert(`UPDATE guardians SET email = '', email_folded = '' WHERE id = ?`, silent)
	zoe := h.child(linh, family.NewChild{FirstName: "Zoé", LastName: "Lê"})
	h.insert(`INSERT INTO guardianships (guardian_id, child_id) VALUES (?, ?)`, paul, zoe) // two households
	anh := h.child(linh, family.NewChild{FirstName: "Anh", LastName: "Lê"})
	for _, booking := range []int64{h.book(h.session, linh, zoe, "confirmed"), h.book(h.session, linh, anh, "confirmed"),
		h.book(h.session, silent, h.child(silent, family.NewChild{FirstName: "محمد", LastName: "علي"}), "confirmed")} {
		h.mark(booking, attendance.Present)
	}
	form := h.key()
	for range 2 {
		if n, err := h.Issue(t.Context(), h.nadia, form, h.session, true); err != nil || n != 3 {
			t.Fatalf("issued %d, %v", n, err)
		}
	}
	got := h.texts(`SELECT recipient || ' ' || language || ' ' || (SELECT group_concat(json_extract(c.value, '$.first_name'), '+') FROM json_each(payload, '$.children') c)
		|| ' ' || (json_extract(payload, '$.reference') <> '') FROM outbox WHERE kind = 'certificates_issued' ORDER BY id`)
	// Paul never booked: no booking signs a link to the passport.
	if want := []string{"p@example.org fr Anh+Zoé 1", ""}; len(got) != 2 || got[0] != want[0] {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := h.texts(`SELECT recipient || ' ' || language || ' ' || json_extract(payload, '$.children[0].first_name') || json_array_length(payload, '$.children')
		FROM outbox WHERE recipient = 'paul@example.org'`); len(got) != 1 || got[0] != "paul@example.org en Zoé1" {
		t.Errorf("Paul is told %q", got)
	}
	for _, payload := range h.texts(`SELECT payload FROM outbox`) {
		if strings.Contains(payload, "محمد") {
			t.Errorf("a family reads of another: %s", payload)
		}
	}
}
