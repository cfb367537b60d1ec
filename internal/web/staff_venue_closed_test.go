package web

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// A session at a venue that is closed by then is asked back, new, moved or copied, and nothing typed is lost (issue 7, bad input).
func TestSessionInAClosedVenue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 4) // Saturday 9 May
	b := h.member(account.Staff)
	const venue, create, edit, copied = "/equipe/lieux/1", "/equipe/seances/nouvelle", "/equipe/seances/1/modifier", "/equipe/seances/1/dupliquer"
	b.post(venue, with(b.get(venue).form(venue), "closed_from", "bientôt")).wants(422).says("Écrivez une date qui existe")
	b.post(venue, with(b.get(venue).form(venue), "closed_from", "2026-05-20")).wants(303)
	if got := b.get(venue).form(venue).Get("closed_from"); got != "2026-05-20" {
		t.Errorf("the form shows %q", got)
	}
	const says = "Le lieu « Espace Altnet » est fermé à partir du mercredi 20 mai 2026"
	a := b.post(create, with(b.get(create).form(create), "workshop", "1", "venue", "1", "date", "2026-05-20", "starts", "14:00", "price", "7")).wants(422).says(says)
	if got := a.form(create); got.Get("price") != "7" || got.Get("date") != "2026-05-20" || a.doc.Find("#venue[aria-invalid]").Length() != 1 {
		t.Errorf("what was typed is lost: %v", got)
	}
	b.post(create, with(a.form(create), "date", "2026-05-19")).wants(303) // the eve
	b.post(edit, with(b.get(edit).form(edit), "date", "2026-06-06")).wants(422).says(says)
	b.post(copied, with(b.get("/equipe/seances/1").form(copied), "date", "2026-06-06")).wants(422).says(says)
	// What is planned there already stays, and may change in all else.
	h.sql("UPDATE venues SET closed_from = '2026-05-01'")
	b.post(edit, with(b.get(edit).form(edit), "price", "9")).wants(303)
}

// The preview of a plan says on which days the venue is closed by then, and they cannot be ticked.
func TestPlanInAClosedVenue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 4)
	b := h.member(account.Staff)
	h.sql("UPDATE venues SET closed_from = '2026-05-20'")
	dates := b.get("/equipe/seances/planifier/dates?workshop=1&venue=1&every=1&weekdays=3&starts=14%3A00&first_day=2026-05-06&last_day=2026-05-27").wants(200).
		says("2 séances proposées", "« Espace Altnet » est fermé ce jour-là", "mercredi 20 mai 2026", "mercredi 27 mai 2026")
	form := dates.form("/equipe/seances/planifier")
	form["days"] = []string{"2026-05-13", "2026-05-20"}
	b.post("/equipe/seances/planifier", form).wants(409).says("Séance du mercredi 20 mai 2026", "est fermé à cette date")
	if n := h.count("SELECT count(*) FROM sessions"); n != 1 {
		t.Errorf("%d sessions", n)
	}
}
