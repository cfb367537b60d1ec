package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// Two people of the staff change settings at once: each keeps what only they changed, and what both changed is told before it is
// replaced (UX-A10). Nothing typed is lost.
func TestTwoEditorsOfTheSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const path = "/equipe/reglages"
	zoe, anh := h.member(account.Staff), h.member(account.Staff)
	first, second, third := zoe.get(path).wants(200).form(path), anh.get(path).wants(200).form(path), anh.get(path).form(path)
	zoe.post(path, with(first, "sheet_blank_lines", "7", "association_name", "Les Bricodeurs de Łódź")).wants(303)
	anh.post(path, with(second, "association_phone", "04 78 00 00 00")).wants(303)
	for name, want := range map[string]string{"sheet_blank_lines": "7", "association_name": "Les Bricodeurs de Łódź", "association_phone": "04 78 00 00 00"} {
		if got := zoe.get(path).form(path).Get(name); got != want {
			t.Errorf("%s = %q, want %q: the other editor has undone it", name, got, want)
		}
	}

	// What is wrong is told first, and does not hide what somebody else changed.
	third = anh.post(path, with(third, "sheet_blank_lines", "9", "association_siret", "1")).wants(http.StatusUnprocessableEntity).form(path)
	conflict := anh.post(path, with(third, "association_siret", "")).wants(http.StatusConflict).
		says("Quelqu'un d'autre a changé les mêmes réglages", "Lignes vides à la fin d'une feuille d'émargement « 7 »")
	again := conflict.form(path)
	if again.Get("sheet_blank_lines") != "9" || again.Get("association_name") != "Les Bricodeurs de Łódź" {
		t.Errorf("the form comes back with %q and %q", again.Get("sheet_blank_lines"), again.Get("association_name"))
	}
	anh.post(path, again).wants(303)
	now := anh.get(path).form(path)
	if now.Get("sheet_blank_lines") != "9" || now.Get("association_phone") != "04 78 00 00 00" {
		t.Errorf("stored %q, %q", now.Get("sheet_blank_lines"), now.Get("association_phone"))
	}
}

// Who changes several sessions is told which of them somebody else has changed since, and changes them only if they ask again (UX-A2).
func TestTwoEditorsOfAPlan(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 4)
	_, err := h.web.Catalog.CreateSchedule(t.Context(), account.Command(), h.key(), catalog.ScheduleRequest{
		Each:     catalog.SessionRequest{WorkshopID: 1, VenueID: 1, Starts: "09:00", Ends: "11:00", Capacity: 8},
		Weekdays: []int{3}, Every: 1, FirstDay: "2026-05-13", LastDay: "2026-05-20", Days: []string{"2026-05-13", "2026-05-20"}})
	h.must(err)
	const path, one = "/equipe/plans/1/modifier", "/equipe/seances/3/modifier" // the session of 20 May
	zoe, anh := h.member(account.Staff), h.member(account.Staff)
	form := zoe.get(path).wants(200).form(path)
	anh.post(one, with(anh.get(one).form(one), "starts", "14:00", "ends", "16:00")).wants(303)

	form = zoe.post(path, with(form, "starts", "10:00", "capacity", "beaucoup")).wants(http.StatusUnprocessableEntity).form(path) // they have still not seen it
	form = zoe.post(path, with(form, "capacity", "")).wants(http.StatusConflict).says("a changé pendant ce temps : mercredi 20 mai 2026").hides("pendant ce temps : mercredi 13").form(path)
	if form.Get("starts") != "10:00" || len(form["sessions"]) != 2 {
		t.Errorf("what was typed is lost: %v", form)
	}
	if n := h.count("SELECT count(*) FROM sessions WHERE id = 3 AND starts_at = '2026-05-20T12:00:00Z'"); n != 1 {
		t.Error("what somebody else saved is gone")
	}
	zoe.post(path, form).leadsTo("/equipe/plans/1?fait=modifiees")
	if n := h.count("SELECT count(*) FROM sessions WHERE id IN (2, 3) AND starts_at LIKE '%T08:00:00Z'"); n != 2 {
		t.Errorf("%d sessions begin at ten, want both", n)
	}
}

// Who leads a session is part of what somebody saw of it: a change of it is told, in the form of one session and in that of a plan (UX-A2, UX-A10).
func TestTwoEditorsOfWhoLeads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 4)
	_, err := h.web.Catalog.CreateSchedule(t.Context(), account.Command(), h.key(), catalog.ScheduleRequest{
		Each:     catalog.SessionRequest{WorkshopID: 1, VenueID: 1, Starts: "09:00", Ends: "11:00", Capacity: 8},
		Weekdays: []int{3}, Every: 1, FirstDay: "2026-05-13", LastDay: "2026-05-20", Days: []string{"2026-05-13", "2026-05-20"}})
	h.must(err)
	lukasz := h.user("lukasz@example.org", "Łukasz N'Guyen", account.Facilitator)
	const plan, one = "/equipe/plans/1/modifier", "/equipe/seances/3/modifier" // the session of 20 May
	zoe, anh := h.member(account.Staff), h.member(account.Staff)
	several, single := zoe.get(plan).wants(200).form(plan), zoe.get(one).wants(200).form(one)
	page := anh.get("/equipe/seances/3")
	anh.post("/equipe/seances/3/animer", with(page.form("/equipe/seances/3/animer"), "facilitator", idText(lukasz))).wants(303)

	single = zoe.post(one, with(single, "capacity", "7")).wants(http.StatusConflict).
		says("Quelqu'un d'autre a changé cette fiche", "Cette séance est à présent animée par Łukasz N'Guyen").form(one)
	if single.Get("capacity") != "7" {
		t.Errorf("what was typed is lost: %v", single)
	}
	zoe.post(one, single).leadsTo("/equipe/seances/3?fait=enregistree")

	several = zoe.post(plan, with(several, "starts", "10:00", "facilitator", idText(h.users["staff@exemple.fr"]))).wants(http.StatusConflict).
		says("a changé pendant ce temps : mercredi 20 mai 2026", "Animée par Łukasz N'Guyen").hides("pendant ce temps : mercredi 13").form(plan)
	if several.Get("starts") != "10:00" || several.Get("facilitator") == "" || len(several["sessions"]) != 2 {
		t.Errorf("what was typed is lost: %v", several)
	}
	if n := h.count("SELECT count(*) FROM session_facilitators WHERE session_id = 3 AND user_id = ?", lukasz); n != 1 {
		t.Error("what somebody else saved is gone")
	}
	zoe.post(plan, several).leadsTo("/equipe/plans/1?fait=modifiees")
}

// Who saves a session as it is has changed nothing: nobody's form of it is out of date for that, and the journal says nothing (UX-A2,
// UX-A10). It opened for booking at once, so not at a full minute.
func TestSessionSavedAsItIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Advance(27 * time.Second)
	zoe, anh := h.member(account.Staff), h.member(account.Staff)
	h.session("Robotique", 4)
	updatedAt := func() (at string) { h.scan(&at, `SELECT max(updated_at) FROM sessions`); return at }
	const create = "/equipe/seances/nouvelle"
	for day, change := range [][]string{
		{"price", "14"},
		{"pricing", "free"},
		{"pricing", "chosen", "steps", "5 / 10 / 14", "least", "2"},
		{"reserved_seats", "2", "reserved_for", "Centre social « 李 »", "reserved_until", "2026-05-10"},
	} {
		form := with(zoe.get(create).wants(200).form(create), "workshop", "1", "venue", "1", "date", fmt.Sprintf("2026-05-%d", 18+day), "starts", "14:00", "ends", "16:00", "capacity", "8")
		path, _, _ := strings.Cut(zoe.post(create, with(form, change...)).wants(303).Header.Get("Location"), "?")
		one := path + "/modifier"
		zoe.post(path+"/publier", zoe.get(path).form(path+"/publier")).wants(303)
		first, second := zoe.get(one).wants(200).form(one), anh.get(one).wants(200).form(one)
		lines, updated := h.count(`SELECT count(*) FROM audit`), updatedAt()
		h.clock.Advance(time.Second)
		zoe.post(one, first).leadsTo(path + "?fait=enregistree")
		if n := h.count(`SELECT count(*) FROM audit`) - lines; n != 0 {
			t.Errorf("%v: %d lines in the journal of what changed nothing", change, n)
		}
		if now := updatedAt(); now != updated {
			t.Errorf("%v: changed at %s, not at %s", change, now, updated)
		}
		anh.post(one, with(second, "capacity", "7")).leadsTo(path + "?fait=enregistree")
	}
}
