package web

import (
	"net/url"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// What is in the way of a session is told before it is saved, with the session that is there; « quand même » saves it, another hour too
// (issue 7, point 2). Nothing typed is lost.
func TestObstaclesBeforeSaving(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 4) // Saturday 9 May, 14 h – 16 h
	zoe := h.user("zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", account.Facilitator)
	kit, err := h.web.Catalog.CreateKit(t.Context(), account.Command(), h.key(), catalog.Kit{Name: "Valise Łucja", Copies: 1, Children: 12})
	h.must(err)
	h.must(h.web.Catalog.Assign(t.Context(), account.Command(), h.key(), 1, zoe))
	h.must(h.web.Catalog.TakeKit(t.Context(), account.Command(), h.key(), 1, catalog.KitUse{KitID: kit, Copies: 1}))
	b := h.member(account.Staff)

	const create = "/equipe/seances/nouvelle"
	typed := with(b.get(create).wants(200).says("Qui anime, avec quel matériel").form(create), "workshop", "1", "venue", "1", "date", "2026-05-09", "starts", "15:00", "facilitators", idText(zoe), "price", "12")
	a := b.post(create, typed).wants(409).says("Rien n'est encore enregistré", "samedi 9 mai 2026 : le lieu « Espace Altnet » est déjà pris", "Zoé D'Artagnan-N'Guyen anime déjà une séance",
		"Robotique · Initiation, samedi 9 mai 2026, 14 h – 16 h, Espace Altnet", "Enregistrer quand même")
	if a.doc.Find(`main form a[href="/equipe/seances/1"]`).Length() != 2 {
		t.Error("the session in the way is not linked")
	}
	// Who hears the summary comes by its link to the list, not to the top of the page (ACC-5).
	link := a.doc.Find(".error-summary a")
	if list := a.doc.Find(link.AttrOr("href", "none")); link.Length() != 1 || list.Find("li").Length() != 2 || list.AttrOr("tabindex", "") != "-1" || a.doc.Find("#"+list.AttrOr("aria-labelledby", "none")).Length() != 1 {
		t.Errorf("the summary leads to %q", link.AttrOr("href", ""))
	}
	again := a.form(create)
	for name := range typed {
		if name != formKeyField && again.Get(name) != typed.Get(name) {
			t.Errorf("%s = %q, want %q", name, again.Get(name), typed.Get(name))
		}
	}
	if n := h.count("SELECT count(*) FROM sessions"); n != 1 {
		t.Fatalf("%d sessions after a question", n)
	}
	anyway := a.doc.Find(`button[name=anyway]`).AttrOr("value", "")
	for range 2 {
		b.post(create, with(again, "anyway", anyway)).leadsTo("/equipe/seances/2?fait=creee")
	}
	// There are no more copies of a kit than there are.
	b.post(create, with(b.get(create).form(create), "workshop", "1", "venue", "1", "date", "2026-05-09", "starts", "15:30", "kits", idText(kit))).wants(409).
		says("Le matériel « Valise Łucja » ne suffit pas", "Robotique · Initiation, samedi 9 mai 2026").hides("Enregistrer quand même")

	// All that is wrong and all that is in the way is told at once, and « quand même » said then holds once the rest is mended.
	a = b.post(create, with(b.get(create).form(create), "workshop", "1", "venue", "1", "date", "2026-05-09", "starts", "15:30", "kits", idText(kit), "facilitators", idText(zoe), "capacity", "beaucoup", "price", "cher")).wants(422).
		says("2 points sont à corriger", "Écrivez un prix", "« Valise Łucja » est déjà pris", "anime déjà une séance", "le lieu « Espace Altnet » est déjà pris").hides("Enregistrer quand même")
	again = a.form(create)
	again.Del("kits")
	a = b.post(create, again).wants(422).says("Écrivez un prix", "anime déjà une séance", "Enregistrer quand même")
	b.post(create, with(a.form(create), "price", "9", "capacity", "5", "anyway", a.doc.Find(`button[name=anyway]`).AttrOr("value", ""))).leadsTo("/equipe/seances/3?fait=creee")
	a = b.post(create, with(b.get(create).form(create), "workshop", "1", "date", "2026-10-25", "starts", "02:30", "ends", "04:00", "capacity", "beaucoup")).wants(422).says("3 points sont à corriger", "Choisissez un lieu", "02:30 arrive deux fois. Dites laquelle").hides("+02:00 pour")
	b.post(create, with(a.form(create), "venue", "1", "capacity", "5", "starts_meant", "02:30+02:00")).leadsTo("/equipe/seances/4?fait=creee")
	const mended = "/equipe/seances/4/modifier"
	b.post(mended, with(b.get(mended).form(mended), "date", "2026-05-09", "starts", "15:00", "ends", "16:00", "capacity", "beaucoup", "pricing", "session", "price", "cher")).wants(422).says("2 points sont à corriger", "le lieu « Espace Altnet » est déjà pris")

	// A session that moves, and a copy.
	b.post(create, with(b.get(create).form(create), "workshop", "1", "venue", "1", "date", "2026-05-16", "starts", "15:00")).leadsTo("/equipe/seances/5?fait=creee")
	const edit = "/equipe/seances/5/modifier"
	a = b.post(edit, with(b.get(edit).form(edit), "date", "2026-05-09")).wants(409).says("le lieu « Espace Altnet » est déjà pris")
	if got := a.form(edit).Get("date"); got != "2026-05-09" {
		t.Errorf("the date is %q", got)
	}
	b.post(edit, with(a.form(edit), "anyway", "other")).wants(409)
	b.post(edit, with(a.form(edit), "anyway", a.doc.Find(`button[name=anyway]`).AttrOr("value", ""))).wants(303)
	b.post(edit, with(b.get(edit).form(edit), "pricing", "session", "price", "9")).wants(303) // what stays where it is asks nothing
	const copied = "/equipe/seances/1/dupliquer"
	a = b.post(copied, with(b.get("/equipe/seances/1").form(copied), "date", "2026-05-09")).wants(409).says("est déjà pris", "Choisissez une autre date, ou dupliquez quand même", "Dupliquer quand même").hides("Changez l'heure ou le lieu")
	b.post(copied, with(a.form(copied), "anyway", a.doc.Find(`button[name=anyway]`).AttrOr("value", ""))).leadsTo("/equipe/seances/6?fait=copiee&de=1")
	h.sound()
}

// Several sessions at once are asked about together (UX-A2).
func TestObstaclesOfSeveralSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.on("2026-05-20", "Robotique", "robotique", 6, 12, 12) // 14 h, in the venue 1
	zoe := h.user("zoe@exemple.fr", "Zoé Nguyễn", account.Facilitator)
	_, err := h.web.Catalog.CreateSchedule(t.Context(), account.Command(), h.key(), catalog.ScheduleRequest{
		Each:     catalog.SessionRequest{WorkshopID: 1, VenueID: 1, Starts: "09:00", Ends: "11:00", Capacity: 8},
		Weekdays: []int{3}, Every: 1, FirstDay: "2026-05-13", LastDay: "2026-05-20", Days: []string{"2026-05-13", "2026-05-20"}, Facilitators: []int64{zoe}})
	h.must(err)
	b := h.member(account.Staff)
	const path = "/equipe/plans/1/modifier"
	a := b.post(path, with(b.get(path).form(path), "starts", "15:00")).wants(409).says("mercredi 20 mai 2026 : le lieu « Espace Altnet » est déjà pris").hides("mercredi 13 mai 2026 :")
	if got := a.form(path); got.Get("starts") != "15:00" || len(got["sessions"]) != 2 {
		t.Errorf("what was typed is lost: %v", got)
	}
	if n := h.count("SELECT count(*) FROM sessions WHERE starts_at LIKE '%T07:00:00Z'"); n != 2 {
		t.Errorf("%d sessions stay where they were, want both", n)
	}
	b.post(path, with(a.form(path), "anyway", a.doc.Find(`button[name=anyway]`).AttrOr("value", ""))).leadsTo("/equipe/plans/1?fait=modifiees")
	b.post(path, with(b.get(path).form(path), "capacity", "9")).wants(303) // nothing moves, nothing is asked
}

// How many places a session should have is proposed with its reasons, taken by a tick, and never imposed (issue 7, point 2).
func TestProposedCapacity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 4) // in a room for 30
	zoe := h.user("zoe@exemple.fr", "Zoé Nguyễn", account.Facilitator)
	lukasz := h.user("lukasz@exemple.fr", "Łukasz Żak", account.Facilitator)
	b := h.member(account.Admin)
	const kit = "/equipe/materiel/nouveau"
	b.post(kit, with(b.get(kit).form(kit), "name", "Valise Thymio", "children", "beaucoup")).wants(422)
	b.post(kit, with(b.get(kit).form(kit), "name", "Valise Thymio", "children", "12")).wants(303)
	b.get("/equipe/materiel").says("Pour 12 enfants par exemplaire.")

	const create = "/equipe/seances/nouvelle"
	blank := b.get(create).wants(200).hides("Une proposition").form(create)
	typed := with(blank, "workshop", "1", "venue", "1", "date", "2026-05-16", "starts", "14:00", "do", "propose")
	b.post(create, typed).wants(200).says("Prendre 30 places : la salle en accueille 30", "Personne n'anime encore")
	typed["facilitators"], typed["kits"] = []string{idText(zoe), idText(lukasz)}, []string{"1"}
	a := b.post(create, typed).wants(200).says("Prendre 12 places : la salle en accueille 30, le matériel « Valise Thymio » est pour 12 et 2 personnes × 8 enfants", "C'est vous qui décidez")
	if n := h.count("SELECT count(*) FROM sessions"); n != 1 {
		t.Errorf("a proposal made %d sessions", n-1)
	}
	b.post(create, with(a.form(create), "take_capacity", "12")).leadsTo("/equipe/seances/2?fait=creee")
	b.get("/equipe/seances/2").says("0 sur 12", "Zoé Nguyễn", "Łukasz Żak", "Valise Thymio")

	// The dates of a plan say the same, and take it by one link.
	query := url.Values{"workshop": {"1"}, "venue": {"1"}, "weekdays": {"3"}, "every": {"1"}, "starts": {"14:00"}, "first_day": {"2026-05-06"}, "last_day": {"2026-05-13"}, "kits": {"1"}, "facilitators": {idText(zoe)}}
	dates := b.get(regularPath+"/dates?"+query.Encode()).wants(200).says("12 places par séance", "Prendre 8 places : la salle en accueille 30, le matériel « Valise Thymio » est pour 12 et 1 personne × 8 enfants")
	b.get(regularPath+"?"+query.Encode()).wants(200).says("Une proposition", "Prendre 8 places")
	taken := b.get(dates.doc.Find("main a[href*='capacity=8']").AttrOr("href", "")).wants(200).says("8 places par séance").hides("Prendre 8 places")
	if got := taken.form(regularPath).Get("capacity"); got != "8" {
		t.Errorf("the plan has %q places", got)
	}

	// Proposed, not imposed; and the ratio is the association's.
	b.post(create, with(b.get(create).form(create), "workshop", "1", "venue", "1", "date", "2026-05-23", "starts", "14:00", "facilitators", idText(zoe), "capacity", "25")).leadsTo("/equipe/seances/3?fait=creee")
	b.get("/equipe/seances/3").says("0 sur 25")
	b.post("/equipe/reglages", with(b.get("/equipe/reglages").says("À fixer par l'association").form("/equipe/reglages"), "children_per_facilitator", "5")).wants(303)
	const edit = "/equipe/seances/3/modifier"
	a = b.get(edit).says("Prendre 5 places", "1 personne × 5 enfants")
	b.post(edit, with(a.form(edit), "take_capacity", "5")).wants(303)
	b.get(edit).hides("Une proposition")
}
