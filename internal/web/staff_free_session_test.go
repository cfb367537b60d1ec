package web

import (
	"net/url"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// What is said to be free is, whatever the workshop usually costs; of chosen prices without a suggestion it is the largest (issue 8).
func TestPricesOfANewSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 4)
	h.sql("UPDATE workshops SET price_cents = 1400")
	b := h.member(account.Staff)
	const create = "/equipe/seances/nouvelle"
	for _, tt := range []struct {
		date   string
		fields []string
		cents  int
	}{
		{"2026-05-16", []string{"pricing", "free"}, 0},
		{"2026-05-17", []string{"pricing", "session"}, 1400},
		{"2026-05-18", []string{"pricing", "session", "price", "9"}, 900},
		{"2026-05-19", []string{"pricing", "chosen", "steps", "14 / 5 / 10"}, 1400},
		{"2026-05-20", []string{"pricing", "chosen", "steps", "14 / 5 / 10", "price", "5"}, 500},
	} {
		form := with(b.get(create).wants(200).form(create), "workshop", "1", "venue", "1", "date", tt.date, "starts", "10:00")
		b.post(create, with(form, tt.fields...)).wants(303)
		var cents int
		h.scan(&cents, "SELECT price_cents FROM sessions WHERE starts_at LIKE ?", tt.date+"%")
		if cents != tt.cents {
			t.Errorf("%v costs %d cents, want %d", tt.fields, cents, tt.cents)
		}
	}
	// A price of the whole series is asked for, and what was typed stays.
	form := with(b.get(create).says("À remplir pour tout le cycle").form(create), "workshop", "1", "venue", "1", "date", "2026-05-21", "starts", "10:00", "pricing", "series", "new_series", "Les 李")
	if again := b.post(create, form).wants(422).form(create); again.Get("pricing") != "series" || again.Get("new_series") != "Les 李" {
		t.Errorf("what was typed is lost: %v", again)
	}
}

// A price beside « Gratuit » is asked about, with all else that is wrong; a price that nobody typed is none (UX-A3).
func TestFreeWithAPrice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 4)
	h.sql("UPDATE sessions SET price_cents = 1400")
	b := h.member(account.Staff)
	const create, question = "/equipe/seances/nouvelle", "Vous avez choisi « Gratuit » et écrit un prix"
	form := with(b.get(create).form(create), "workshop", "1", "venue", "1", "date", "hier", "starts", "10:00", "pricing", "free", "price", "9")
	again := b.post(create, form).wants(422).says(question, "Écrivez une date qui existe")
	if kept := again.form(create); again.doc.Find("#price[aria-invalid]").Length() != 1 || kept.Get("price") != "9" || kept.Get("pricing") != "free" {
		t.Errorf("what was typed is lost: %v", kept)
	}
	b.post(create, with(again.form(create), "date", "2026-05-16", "price", "0")).wants(303) // which says the same
	b.get("/equipe/seances/planifier/dates?" + url.Values{"pricing": {"free"}, "price": {"9"}, "workshop": {"1"}, "venue": {"1"}, "weekdays": {"3"}, "every": {"1"}, "starts": {"10:00"},
		"first_day": {"2026-05-13"}, "last_day": {"2026-05-20"}}.Encode()).wants(422).says(question)

	edit := deskSessionPath(id) + "/modifier"
	b.post(edit, with(b.get(edit).form(edit), "pricing", "free", "price", "12")).wants(422).says(question)
	b.post(edit, with(b.get(edit).form(edit), "pricing", "free")).wants(303) // the field shows still what it cost
	if n := h.count("SELECT count(*) FROM sessions WHERE price_cents = 0"); n != 2 {
		t.Errorf("%d sessions are free, want 2", n)
	}
	again = b.post(edit, with(b.get(edit).form(edit), "capacity", "0", "payment_url", "http://payer.example")).wants(422).says("un nombre entier de 1 à 500", "https://")
	if again.doc.Find("#capacity[aria-invalid]").Length() != 1 {
		t.Error("no seat at all is not told beside the field")
	}
}

// The same of a plan: its dates keep « Gratuit » until the sessions are made.
func TestPlanFreeSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 4)
	h.sql("UPDATE workshops SET price_cents = 1400")
	b := h.member(account.Staff)
	query := url.Values{"pricing": {"free"}, "workshop": {"1"}, "venue": {"1"}, "weekdays": {"3"}, "every": {"1"}, "starts": {"10:00"}, "first_day": {"2026-05-13"}, "last_day": {"2026-05-20"}}
	form := b.get("/equipe/seances/planifier/dates?" + query.Encode()).wants(200).form("/equipe/seances/planifier")
	b.post("/equipe/seances/planifier", form).leadsTo("/equipe/plans/1?fait=planifiees")
	if n := h.count("SELECT count(*) FROM sessions WHERE schedule_id = 1 AND price_cents = 0 AND pricing = 'session'"); n != 2 {
		t.Errorf("%d sessions of the plan are free, want 2", n)
	}
}
