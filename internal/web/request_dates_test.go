package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// planner is a house where dates are proposed: one workshop, one facilitator, one kit.
type planner struct {
	*house
	staff            *teamBrowser
	workshop, lukasz string
	kit              string
}

func newPlanner(t *testing.T) *planner {
	t.Helper()
	h := newHouse(t)
	session := h.session("Robotique", 12)
	p := &planner{house: h, staff: h.member(account.Staff), lukasz: idText(h.user("lukasz@exemple.fr", "Łukasz", account.Facilitator))}
	var workshop int64
	h.scan(&workshop, `SELECT workshop_id FROM sessions WHERE id = ?`, session)
	p.workshop = idText(workshop)
	kit, err := h.web.Catalog.CreateKit(t.Context(), account.Command(), h.key(), catalog.Kit{Name: "Valise Thymio", Contents: "12 Thymio", Copies: 1})
	h.must(err)
	p.kit = idText(kit)
	return p
}

// proposal is the form of the desk as the team fills it, without its key.
func (p *planner) proposal(change url.Values) url.Values {
	return merged(values("workshop", p.workshop, "venue", "theirs", "capacity", "24", "date_1", "2026-06-09", "starts_1", "09:00", "ends_1", "11:00",
		"date_2", "2026-06-11", "starts_2", "14:00", "ends_2", "16:00", "each", "yes", "facilitator", p.lukasz, "kit_"+p.kit, "1"), change)
}

// propose sends the form of the desk.
func (p *planner) propose(a asked, change url.Values) *answer {
	p.house.t.Helper()
	path := DeskRequestPath(a.id) + "/dates"
	form := p.staff.get(path).wants(200).form(path)
	for name, v := range p.proposal(change) {
		form[name] = v
	}
	return p.staff.post(path, form)
}

// contact is a browser without a sign-in.
func (p *planner) contact() *browser {
	b := p.browser()
	b.client.Transport = p.Client().Transport
	return b
}

// slots are the options of a request, in order.
func (p *planner) slots(a asked) []school.Slot {
	p.house.t.Helper()
	d, err := p.web.School.Dates(p.house.t.Context(), a.link)
	p.must(err)
	return d.Slots
}

func TestProposeAndChooseOnPages(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	a := p.request(nil)
	p.write(`INSERT INTO kits (name, contents, copies, created_at, updated_at) VALUES ('Valise Łucja 李', '', 2, '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z')`)
	p.write(`INSERT INTO wanted_dates VALUES (?, 1, '2026-06-09', 'morning')`, a.id)
	plan := p.staff.get(DeskRequestPath(a.id)+"/dates").wants(200).says("mardi 9 juin 2026", "9 h – 12 h", "N'ont rien dit", "Łukasz", "Valise Thymio : 1 libre sur 1", "Valise Łucja 李 : 2 libres sur 2")
	if form := plan.form(DeskRequestPath(a.id) + "/dates"); form.Get("date_1") != "2026-06-09" || form.Get("starts_1") != "09:00" || form.Get("capacity") != "24" || form.Get("venue") != "theirs" {
		t.Errorf("the form begins with %v", form)
	}
	p.staff.get(DeskRequestPath(a.id)+"/dates?jour=2026-05-09&de=15:00&a=17:00").wants(200).says("samedi 9 mai 2026", "Espace Altnet (Robotique)")
	p.staff.get(DeskRequestPath(a.id) + "/dates?jour=2026-05-01&de=15:00&a=17:00").wants(422).says("passé")
	p.propose(a, nil).leadsTo(DeskRequestPath(a.id) + "?fait=dates")
	p.staff.get(DeskRequestPath(a.id)+"?fait=dates").wants(200).says("Le contact a reçu un mail", "2 dates proposées", "mardi 9 juin 2026", "Łukasz")

	b := p.contact()
	status := b.get(a.path()).want(200, "Nous vous proposons 2 possibilités", "mardi 9 juin 2026", "jeudi 11 juin 2026", "3 rue des Lilas")
	status.wantNot("Łukasz", "Thymio")
	href := status.Find(".options a").First().AttrOr("href", "")
	confirm := b.get(href).want(200, "Choisir cette date ?", "mardi 9 juin 2026", "9 h – 11 h")
	if n := p.count(`SELECT count(*) FROM sessions WHERE request_id IS NOT NULL`); n != 0 {
		t.Error("opening a page fixed a date")
	}
	b.post(href, nil).want(403, "Choisir cette date ?", "mardi 9 juin 2026").wantNot("ne peut plus être choisie") // a form of yesterday
	b.post(href, confirm.fill("", nil)).want(200, "C'est noté", "La date est fixée", "mardi 9 juin 2026").wantNot("jeudi 11 juin")
	b.post(href, confirm.fill("", nil)).want(200, "La date est fixée") // sent twice
	b.get(href).want(200, "La date est fixée")
	if n := p.count(`SELECT count(*) FROM sessions WHERE request_id = ?`, a.id); n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}

	// The desk has it in its lists, the facilitator in the agenda.
	p.staff.get("/equipe/seances").wants(200).says("Groupe", "École élémentaire Marie-Curie")
	led := p.teamBrowser()
	led.signIn("lukasz@exemple.fr")
	led.get("/animation").wants(200).says("École élémentaire Marie-Curie")
}

// TestSecondOrganisationKeepsEverything: who chooses a second too late reads why, what is left and what to do (UX-S3).
func TestSecondOrganisationKeepsEverything(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	first, second := p.request(nil), p.request(nil)
	p.propose(first, nil).wants(303)
	p.propose(second, nil).wants(303)
	b := p.contact()
	href := second.path() + "/dates/" + idText(p.slots(second)[0].ID)
	late := b.get(href).want(200, "Choisir cette date ?")
	p.must(p.web.School.Choose(t.Context(), account.Guest(), p.key(), first.link, p.slots(first)[0].ID))
	b.post(href, late.fill("", nil)).want(409, "Cette date vient d'être prise", "Rien n'est perdu", "Vos autres possibilités", "jeudi 11 juin 2026", "Demander d'autres dates").
		wantNot("mardi 9 juin 2026")
	b.get(href).want(409, "Cette date vient d'être prise")
	b.get(second.path()).want(200, "N'est plus libre", "jeudi 11 juin 2026")
	other := b.get(second.path()+"/dates/"+idText(p.slots(second)[1].ID)).want(200, "jeudi 11 juin 2026")
	b.post(other.path, other.fill("", nil)).want(200, "La date est fixée")
	// An option of another request is not there, whatever the link.
	b.get(first.path() + "/dates/" + idText(p.slots(second)[1].ID)).want(404).wantNot("Choisir")
}

func TestProposalKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	a := p.request(nil)
	wrong := p.propose(a, url.Values{"date_1": {""}, "starts_1": {""}, "ends_1": {""}, "date_2": {"2026-05-01"}, "capacity": {"beaucoup"}, "kit_" + p.kit: {"3"}}).wants(422)
	wrong.says("Écrivez un nombre entier de 1 à 500")
	form := wrong.form(DeskRequestPath(a.id) + "/dates")
	// The row that was typed moved up, so that its message stands beside it.
	if form.Get("date_1") != "2026-05-01" || form.Get("starts_1") != "14:00" || form.Get("date_2") != "" || form.Get("kit_"+p.kit) != "3" || form.Get("facilitator") != p.lukasz {
		t.Errorf("kept: %v", form)
	}
	if got := wrong.text("#date_1-error"); !strings.Contains(got, "passé") {
		t.Errorf("beside the date stands %q", got)
	}
	// The night of the change of clocks is asked back, and the answer is taken (REL-15).
	twice := p.propose(a, url.Values{"date_1": {"2026-10-25"}, "starts_1": {"02:30"}, "ends_1": {"04:00"}, "date_2": {""}, "starts_2": {""}, "ends_2": {""}}).wants(422)
	form = twice.form(DeskRequestPath(a.id) + "/dates")
	form.Set("starts_1_meant", "02:30+01:00")
	p.staff.post(DeskRequestPath(a.id)+"/dates", form).wants(303)
	if at := p.slots(a)[0].Times[0].From.UTC().Format("15:04"); at != "01:30" {
		t.Errorf("the second 02:30 is %s UTC", at)
	}
}

func TestOtherDatesOnPages(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	a := p.request(nil)
	p.propose(a, nil).wants(303)
	b := p.contact()
	path := a.path() + "/autres-dates"
	page := b.get(path).want(200, "Les 2 dates proposées ne seront plus à choisir")
	b.post(path, page.fill("", nil)).want(422)
	kept := b.post(path, page.fill("", values("period", "Plutôt en juin – Łucja", "date_2", "2026-05-01", "date_2_half", "morning"))).want(422)
	if form := kept.fill("", nil); form.Get("period") != "Plutôt en juin – Łucja" || form.Get("date_1") != "2026-05-01" || form.Get("date_1_half") != "morning" {
		t.Errorf("kept: %v", form)
	}
	b.post(path, page.fill("", values("period", "Plutôt en juin – Łucja", "date_3", "2026-06-16", "date_3_half", "day"))).
		want(200, "Votre demande est partie", "Aucune date n'est proposée").wantNot("Nous vous proposons")
	p.staff.get(DeskRequestPath(a.id) + "/dates").wants(200).says("mardi 16 juin 2026 (journée)").hides("Attend une réponse")
}

func TestWithdrawAndReschedule(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	a := p.request(nil)
	p.propose(a, nil).wants(303)
	page := p.staff.get(DeskRequestPath(a.id) + "/dates").wants(200)
	p.staff.post(DeskRequestPath(a.id)+"/dates/retirer", values("form_key", page.doc.Find("form[action$=retirer] input[name=form_key]").First().AttrOr("value", ""), "slot", idText(p.slots(a)[0].ID))).leadsTo(DeskRequestPath(a.id) + "/dates?fait=date-retiree")
	p.must(p.web.School.Choose(t.Context(), account.Guest(), p.key(), a.link, p.slots(a)[1].ID))
	p.staff.get(DeskRequestPath(a.id)+"/dates").wants(200).says("Dates fixées", "Annuler ces dates").hides("La proposition")
	ask := p.staff.get(DeskRequestPath(a.id) + "/dates/annuler").wants(200).says("jeu. 11 juin")
	form := ask.form(DeskRequestPath(a.id) + "/dates/annuler")
	form.Set("reason", "Łukasz est malade.")
	p.staff.post(DeskRequestPath(a.id)+"/dates/annuler", form).leadsTo(DeskRequestPath(a.id) + "/dates?fait=dates-annulees")
	p.contact().get(a.path()).want(200, "Aucune date n'est proposée", "Łukasz est malade.")
	p.propose(a, nil).wants(303)
	breaches, err := upkeep.Verify(t.Context(), p.db)
	p.must(err)
	for _, b := range breaches {
		t.Error(b)
	}
}

// TestPrivateSessionAtTheDesk: it is edited and cancelled like others, tells its contact, and cannot be published or copied.
func TestPrivateSessionAtTheDesk(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	a := p.request(nil)
	p.propose(a, nil).wants(303)
	p.must(p.web.School.Choose(t.Context(), account.Guest(), p.key(), a.link, p.slots(a)[0].ID))
	d, err := p.web.School.Dates(t.Context(), a.link)
	p.must(err)
	path := deskSessionPath(d.Sessions[0].ID)
	p.staff.get(path).wants(200).says("Séance de groupe, pour", "École élémentaire Marie-Curie", "Valise Thymio", "24 enfants").hides("La page que voient", "Dupliquer", "Prix")
	edit := p.staff.get(path + "/modifier").wants(200).says("son contact reçoit un mail").form(path + "/modifier")
	if edit.Has("price") || edit.Has("opens_date") {
		t.Errorf("the form asks %v", edit)
	}
	edit.Set("starts", "10:00")
	edit.Set("ends", "12:00")
	p.staff.post(path+"/modifier", edit).wants(303)
	p.staff.get(path).wants(200).says("10 h – 12 h")
	cancel := p.staff.get(path + "/annuler").wants(200).says("Son contact reçoit un mail").form(path + "/annuler")
	cancel.Set("reason", "Chauffage en panne")
	p.staff.post(path+"/annuler", cancel).wants(303)
	for _, news := range []string{"moved", "called_off"} {
		if n := p.count(`SELECT count(*) FROM outbox WHERE kind = 'request_changed' AND payload ->> '$.news' = ?`, news); n != 1 {
			t.Errorf("%d mails tell %s, want 1", n, news)
		}
	}
}

func TestKitsOnPages(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	form := p.staff.get("/equipe/materiel/nouveau").wants(200).form("/equipe/materiel/nouveau")
	form.Set("name", "Valise Łucja")
	form.Set("copies", "beaucoup")
	p.staff.post("/equipe/materiel/nouveau", form).wants(422).says("nombre entier de 0 à 100")
	form.Set("copies", "2")
	form.Set("contents", "6 Ozobot\n1 rallonge")
	p.staff.post("/equipe/materiel/nouveau", form).leadsTo("/equipe/materiel?fait=enregistree")
	p.staff.get("/equipe/materiel").wants(200).says("Valise Łucja", "6 Ozobot et 1 rallonge", "2 exemplaires")
	// Two people edit one kit.
	one := p.staff.get("/equipe/materiel/" + p.kit).form("/equipe/materiel/" + p.kit)
	two := merged(p.staff.get("/equipe/materiel/"+p.kit).form("/equipe/materiel/"+p.kit), values("copies", "5"))
	one.Set("copies", "4")
	p.staff.post("/equipe/materiel/"+p.kit, one).wants(303)
	p.staff.post("/equipe/materiel/"+p.kit, two).wants(409).says("Quelqu'un d'autre a changé cette fiche")

	session := deskSessionPath(1)
	take := p.staff.get(session).wants(200).form(session + "/materiel")
	take.Set("kit", p.kit)
	take.Set("copies", "9")
	p.staff.post(session+"/materiel", take).wants(409).says("Valise Thymio", "ne suffit pas")
	take.Set("copies", "3")
	p.staff.post(session+"/materiel", take).wants(303)
	page := p.staff.get(session).wants(200).says("Valise Thymio, 3 exemplaires")
	lower := p.staff.get("/equipe/materiel/" + p.kit).form("/equipe/materiel/" + p.kit)
	lower.Set("copies", "2")
	p.staff.post("/equipe/materiel/"+p.kit, lower).wants(422).says("utilisent à la fois : 3")
	p.staff.post(session+"/materiel/retirer", page.form(session+"/materiel/retirer")).wants(303)
	p.staff.get(session).wants(200).says("Aucun matériel")
}

// key is the key of the last form of a page.
func (a *answer) key() string {
	return a.doc.Find("main input[name="+formKeyField+"]").Last().AttrOr("value", "")
}

func TestTimetableOnPages(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	led := p.teamBrowser()
	led.signIn("lukasz@exemple.fr")
	page := led.get("/animation/disponibilites").wants(200).says("Rien n'est dit")
	form := values("form_key", page.key(), "act", "add-hours", "starts", "09:00", "ends", "12:00")
	form["weekdays"] = []string{"2", "4"}
	led.post("/animation/disponibilites", form).leadsTo("/animation/disponibilites?fait=enregistree")
	led.get("/animation/disponibilites").wants(200).says("mardi", "jeudi", "9 h – 12 h")

	// Staff write for somebody else; others cannot.
	path := "/equipe/disponibilites/" + p.lukasz
	away := values("form_key", p.staff.get(path).wants(200).says("Łukasz").key(), "act", "add-absence", "first_day", "2026-06-09", "last_day", "2026-06-01")
	p.staff.post(path, away).wants(422).says("La fin vient avant le début")
	away.Set("last_day", "2026-06-10")
	p.staff.post(path, away).wants(303)
	led.get("/animation/disponibilites").wants(200).says("du mardi 9 juin 2026 au mercredi 10 juin 2026")
	away.Set("act", "erase")
	p.staff.post(path, away).wants(422) // no such act
	a := p.request(nil)
	p.write(`INSERT INTO wanted_dates VALUES (?, 1, '2026-06-09', 'morning'), (?, 2, '2026-06-11', 'morning')`, a.id, a.id)
	p.staff.get(DeskRequestPath(a.id) + "/dates").wants(200).says("mar. 9 juin : absence · jeu. 11 juin : disponible")
}

// TestPrivateSessionsAreNowherePublic walks every page that anybody may open, and looks for a group's session: its school, its
// workshop, its place and its number (see also TestBookingRefusesPrivateSessions).
func TestPrivateSessionsAreNowherePublic(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	p.write(`INSERT INTO workshops (title, level, discipline, min_age, max_age, created_at, updated_at)
		VALUES ('Grand secret', 'CM1', 'code', 6, 12, '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z')`)
	a := p.request(map[string]any{"organisation_id": p.write(`INSERT INTO organisations (kind, name, address, postcode, city, created_at)
		VALUES ('school', 'École cachée', '1 rue du Puits', '29000', 'Quimper', '2026-05-04T12:00:00Z')`)})
	p.propose(a, url.Values{"workshop": {idText(int64(p.count(`SELECT id FROM workshops WHERE title = 'Grand secret'`)))}}).wants(303)
	p.must(p.web.School.Choose(t.Context(), account.Guest(), p.key(), a.link, p.slots(a)[0].ID))
	private := idText(int64(p.count(`SELECT id FROM sessions WHERE request_id IS NOT NULL`)))
	public := "1"

	walked := 0
	b := p.contact()
	for _, route := range p.web.Routes() {
		team := strings.HasPrefix(route.Path, "/equipe") || strings.HasPrefix(route.Path, "/animation")
		if route.Method != "GET" || team || strings.HasPrefix(route.Path, "/assets") {
			continue
		}
		path := strings.NewReplacer(":id", private, ":code", "222222222222").Replace(route.Path)
		if strings.Contains(path, ":") { // opened by a link alone
			continue
		}
		walked++
		page := b.get(path)
		own := path != route.Path
		if own && strings.Contains(route.Path, ":id") {
			if !strings.HasSuffix(page.path, familyDoor) && page.status != 404 { // who is not signed in learns nothing at the door
				t.Errorf("%s = %d, want 404 as for a session that does not exist", path, page.status)
			}
			if strange := b.get(strings.ReplaceAll(route.Path, ":id", "987654")); strange.status != page.status || strange.Find("h1").Text() != page.Find("h1").Text() {
				t.Errorf("%s does not look like a session that does not exist", path)
			}
		}
		for _, secret := range []string{"Grand secret", "École cachée", "Quimper", "1 rue du Puits", "/seances/" + private + `"`, "/inscription/" + private} {
			if !own && strings.Contains(page.body, secret) {
				t.Errorf("%s shows %q", path, secret)
			}
		}
	}
	if walked < 20 {
		t.Errorf("only %d pages walked", walked)
	}
	// The walk sees what is public.
	for _, path := range []string{"/seances", "/agenda.ics", "/api/v1/sessions", "/plan-du-site"} {
		if !strings.Contains(b.get(path).body, "Robotique") {
			t.Errorf("%s does not show the public session %s", path, public)
		}
	}
	// Neither as a filter, nor once it is called off.
	if page := b.get("/seances?city=Quimper"); strings.Contains(page.text(), "Grand secret") {
		t.Error("a filter finds it")
	}
	p.must(p.web.School.CancelSession(t.Context(), account.Command(), p.key(), int64(p.count(`SELECT max(id) FROM sessions`)), "Grève"))
	for _, path := range []string{"/agenda.ics", "/seances", "/seances/" + private} {
		if strings.Contains(b.get(path).body, "Grand secret") {
			t.Errorf("%s shows it once it is called off", path)
		}
	}
	// Staff choose among the venues of the programme for a public session.
	if form := p.staff.get("/equipe/seances/nouvelle").wants(200); strings.Contains(form.Body, "École cachée") {
		t.Error("a public session could take place at the school")
	}
}
