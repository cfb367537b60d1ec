package attendance_test

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// wednesdays is a series of three sessions of two hours, on 12, 19 and 26 May.
func (h *house) wednesdays() (series int64, sessions [3]int64) {
	h.t.Helper()
	series = h.insert(`INSERT INTO series (title, created_at) VALUES ('Les mercredis de Łukasz', '2027-05-01T08:00:00Z')`)
	for i := range sessions {
		sessions[i] = h.sessionAt(paris(12+7*i, 14, 0), paris(12+7*i, 16, 0), h.nadia)
		h.insert(`UPDATE sessions SET series_id = ? WHERE id = ?`, series, sessions[i])
	}
	return series, sessions
}

// came books a child of a family into a session and marks it at the end.
func (h *house) came(session, guardian, child int64, action attendance.Action, day int) {
	h.t.Helper()
	booking := h.book(session, guardian, child, "confirmed")
	h.session = session
	h.clock.Set(paris(day, 15, 0))
	h.mark(booking, action)
}

// A certificate about a series sums the hours of what the child came to, from two sessions on.
func TestSeriesCertificate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	series, sessions := h.wednesdays()
	linh := h.guardian("Linh", "06")
	zoe := h.child(linh, family.NewChild{FirstName: "Zoé", LastName: "D'Artagnan-N'Guyen"})
	li := h.child(linh, family.NewChild{FirstName: "明", LastName: "李"})
	anh := h.child(linh, family.NewChild{FirstName: "Anh", LastName: "Nguyễn"})
	h.came(sessions[0], linh, zoe, attendance.Present, 12)
	h.came(sessions[0], linh, li, attendance.Present, 12)
	h.came(sessions[0], linh, anh, attendance.Absent, 12)
	h.came(sessions[1], linh, zoe, attendance.Left, 19) // an hour before the end
	h.came(sessions[1], linh, anh, attendance.Present, 19)

	_, err := h.SeriesCertificates(t.Context(), h.nadia, series)
	wantFault(t, err, fault.Forbidden, "error.forbidden")
	_, err = h.SeriesCertificates(t.Context(), h.staff, 98765)
	wantFault(t, err, fault.NotFound, "error.not_found")
	_, err = h.IssueSeries(t.Context(), h.nadia, h.key(), series, true, true)
	wantFault(t, err, fault.Forbidden, "error.forbidden")
	_, err = h.IssueSeries(t.Context(), h.staff, h.key(), series, false, true)
	wantFault(t, err, fault.Conflict, "attendance.series.not_over")
	form := h.key()
	for range 2 {
		if n, err := h.IssueSeries(t.Context(), h.staff, form, series, true, true); err != nil || n != 1 {
			t.Fatalf("issued %d, %v", n, err)
		}
	}
	list, err := h.SeriesCertificates(t.Context(), h.staff, series)
	h.must(err)
	if len(list.Issued) != 1 || list.Over || list.ToIssue != 0 || len(list.Sessions) != 3 {
		t.Fatalf("got %+v", list)
	}
	c := list.Issued[0]
	if c.FirstName != "Zoé" || c.Minutes != 180 || len(c.Attended) != 2 || c.Doubt || c.Number != "ADA-2027-000001" {
		t.Errorf("got %+v", c)
	}
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = 'certificates_issued' AND json_extract(payload, '$.series') = 'Les mercredis de Łukasz'`); n != 1 {
		t.Errorf("%d messages", n)
	}
	v, err := h.Verify(t.Context(), c.Code)
	if err != nil || !v.Series || v.Title != "Les mercredis de Łukasz" || v.Level != "" || v.Minutes != 180 || v.Child != "Zoé D." {
		t.Errorf("got %+v, %v", v, err)
	}

	// After the last session: who came meanwhile; and Zoé's says less than the register.
	h.came(sessions[2], linh, zoe, attendance.Present, 26)
	h.came(sessions[2], linh, anh, attendance.Present, 26)
	h.clock.Set(paris(26, 17, 0))
	if n, err := h.IssueSeries(t.Context(), h.staff, h.key(), series, false, false); err != nil || n != 1 {
		t.Fatalf("issued %d, %v", n, err)
	}
	list, err = h.SeriesCertificates(t.Context(), h.staff, series)
	h.must(err)
	if !list.Over || !list.Issued[0].Doubt || list.Issued[1].FirstName != "Anh" || list.Issued[1].Minutes != 240 {
		t.Errorf("got %+v", list.Issued)
	}
	// A session's own certificates are others.
	h.session = sessions[2]
	h.issue(2)
	if own := h.certificates(h.staff); len(own.Issued) != 2 || own.Session.Series.ID != series {
		t.Errorf("got %+v", own.Issued)
	}

	// Revoked and counted anew.
	about := attendance.Subject{SeriesID: series}
	wantFault(t, h.Reissue(t.Context(), h.staff, h.key(), about, c.ID, false), fault.Conflict, "attendance.reissue.not")
	h.must(h.Revoke(t.Context(), h.staff, h.key(), about, c.ID, "Une séance de plus"))
	h.must(h.Reissue(t.Context(), h.staff, h.key(), about, c.ID, false))
	list, err = h.SeriesCertificates(t.Context(), h.staff, series)
	h.must(err)
	if last := list.Issued[len(list.Issued)-1]; len(list.Issued) != 3 || last.Minutes != 300 || !list.Issued[0].Replaced || last.Doubt {
		t.Errorf("got %+v", list.Issued)
	}
	if v, err := h.Verify(t.Context(), c.Code); err != nil || v.Valid() || !v.Replaced {
		t.Errorf("the old one: %+v, %v", v, err)
	}
}

// The passport of a family: what its children did in sessions that are over, and nothing of other families.
func TestPassports(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	series, sessions := h.wednesdays()
	linh, paul, other := h.guardian("Linh", "06 11 11 11 11"), h.guardian("Paul", "06 22 22 22 22"), h.guardian("Autre", "06")
	zoe := h.child(linh, family.NewChild{FirstName: "Zoé", LastName: "Lê"})
	h.insert(`INSERT INTO guardianships (guardian_id, child_id) VALUES (?, ?)`, paul, zoe)
	anh := h.child(linh, family.NewChild{FirstName: "Anh", LastName: "Lê"})
	li := h.child(other, family.NewChild{FirstName: "明", LastName: "李"})
	h.insert(`UPDATE workshops SET skills = 'Lire un capteur' || char(10) || 'Chercher une erreur'`)
	h.came(sessions[0], linh, zoe, attendance.Present, 12)
	h.came(sessions[0], linh, anh, attendance.Absent, 12)
	h.came(sessions[0], other, li, attendance.Present, 12)
	h.clock.Set(paris(12, 15, 30))
	if list, err := h.Passports(t.Context(), linh); err != nil || len(list) != 0 {
		t.Errorf("before the end: %+v, %v", list, err)
	}
	h.came(sessions[1], paul, zoe, attendance.Present, 19) // booked by the other household
	h.clock.Set(paris(19, 17, 0))
	h.issue(1)
	_, err := h.IssueSeries(t.Context(), h.staff, h.key(), series, true, false)
	h.must(err)
	for _, guardian := range []int64{linh, paul} {
		list, err := h.Passports(t.Context(), guardian)
		h.must(err)
		if len(list) != 1 || list[0].FirstName != "Zoé" || len(list[0].Stages) != 2 || list[0].Minutes != 240 || len(list[0].Skills()) != 2 ||
			list[0].Stages[0].Code != "" || list[0].Stages[1].Code == "" || len(list[0].Series) != 1 || list[0].Series[0].Minutes != 240 {
			t.Errorf("got %+v", list)
		}
	}
	list, err := h.Passports(t.Context(), linh)
	h.must(err)
	one, whole := list[0].Stages[1].Code, list[0].Series[0].Code
	if of, _, err := h.OwnCertificate(t.Context(), paul, attendance.ShowCode(one)); err != nil || len(of.Issued) != 1 || of.Issued[0].Code != one {
		t.Errorf("got %+v, %v", of.Issued, err)
	}
	if _, of, err := h.OwnCertificate(t.Context(), linh, whole); err != nil || len(of.Issued) != 1 || of.Issued[0].Code != whole {
		t.Errorf("got %+v, %v", of.Issued, err)
	}
	for _, code := range []string{one, whole, "", "222222222222"} {
		_, _, err := h.OwnCertificate(t.Context(), other, code)
		wantFault(t, err, fault.NotFound, "error.not_found")
	}
	h.must(h.revoke(h.certificates(h.staff).Issued[0].ID, "Erreur"))
	_, _, err = h.OwnCertificate(t.Context(), linh, one)
	wantFault(t, err, fault.NotFound, "error.not_found")
	// Erased: nothing is left to show.
	h.insert(`UPDATE children SET first_name = '', last_name = '', name_folded = '' WHERE id = ?`, zoe)
	if list, err := h.Passports(t.Context(), paul); err != nil || len(list) != 0 {
		t.Errorf("after the erasure: %+v, %v", list, err)
	}
}
