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
	if n, err := h.Issue(h.t.Context(), h.nadia, h.key(), h.session); err != nil || n != want {
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
		if !regexp.MustCompile(`^[2-9A-HJ-NP-Z]{12}$`).MatchString(c.Code) || !c.Came || !c.Valid() {
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
	if c := h.certificates(h.nadia).Issued[0]; c.Came || !c.Valid() {
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
		group.Go(func() { _, errs[i] = h.Issue(t.Context(), h.nadia, h.key(), ids[i]) })
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
		if n, err := h.Issue(t.Context(), h.nadia, form, h.session); err != nil || n != 1 {
			t.Fatalf("issued %d, %v", n, err)
		}
	}
	h.mark(h.seat("Anh", "Nguyễn"), attendance.Present)
	if n, err := h.Issue(t.Context(), account.Command(), account.FormKey{}, h.session); err != nil || n != 1 {
		t.Fatalf("the command issued %d, %v", n, err)
	}
	if n := h.count(`SELECT count(*) FROM certificates WHERE issued_by IS NULL`); n != 1 {
		t.Errorf("%d without author, want that of the command", n)
	}
	_, err := h.Issue(t.Context(), h.write, h.key(), h.session)
	wantFault(t, err, fault.Forbidden, "error.forbidden")
	h.insert(`UPDATE sessions SET status = 'cancelled' WHERE id = ?`, h.session)
	_, err = h.Issue(t.Context(), h.nadia, h.key(), h.session)
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

func TestRevoke(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.mark(h.seat("Zoé", "Lê"), attendance.Present)
	h.issue(1)
	c := h.certificates(h.nadia).Issued[0]
	wantFault(t, h.Revoke(t.Context(), h.nadia, h.key(), h.session, c.ID), fault.Forbidden, "error.forbidden")
	wantFault(t, h.Revoke(t.Context(), h.write, h.key(), h.session, c.ID), fault.Forbidden, "error.forbidden")
	other := h.sessionAt(paris(8, 14, 0), paris(8, 16, 0))
	wantFault(t, h.Revoke(t.Context(), h.staff, h.key(), other, c.ID), fault.NotFound, "error.not_found")
	for range 2 {
		if err := h.Revoke(t.Context(), h.staff, h.key(), h.session, c.ID); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(time.Hour)
	}
	v, err := h.Verify(t.Context(), c.Code)
	if err != nil || v.Valid() || !v.RevokedAt.Equal(paris(8, 14, 5)) {
		t.Errorf("got %+v, %v", v, err)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'certificate.revoke'`); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
	h.issue(0) // a number is given once
}
