package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// with is a form with some fields changed.
func with(form url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

var workshopFields = []string{"title", "Robotique d'Ada", "level", "Avancé", "discipline", "robotique", "min_age", "8", "max_age", "12",
	"summary", "Un robot suit une ligne.", "skills", "Programmer\nCorriger", "capacity", "10", "price", "14,50", "duration", "90"}

// A member of the staff describes a workshop, names a place, plans a session and publishes it, from the first page on.
func TestPlanAndPublish(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	b.get("/equipe").wants(200).says("Aucune séance n'est prévue")

	b.get("/equipe/ateliers").wants(200).says("Commencez par en décrire un")
	b.post("/equipe/ateliers/nouveau", with(b.get("/equipe/ateliers/nouveau").form("/equipe/ateliers/nouveau"), workshopFields...)).leadsTo("/equipe/ateliers?fait=enregistree")
	b.get("/equipe/ateliers?fait=enregistree").wants(200).says("C'est enregistré.", "Robotique d'Ada · Avancé", "8–12 ans", "10 places", "14,50 €")

	b.get("/equipe/lieux").wants(200).says("Commencez par en ajouter un")
	b.post("/equipe/lieux/nouveau", with(b.get("/equipe/lieux/nouveau").form("/equipe/lieux/nouveau"),
		"name", "Maison d'Éléonore", "address", "3 rue de l'Église", "postcode", "69001", "city", "Lyon", "step_free", "yes")).leadsTo("/equipe/lieux?fait=enregistree")
	b.get("/equipe/lieux").wants(200).says("Maison d'Éléonore", "3 rue de l'Église, 69001 Lyon", "entrée sans marche")

	// Left empty, end, places and price are those of the workshop.
	form := with(b.get("/equipe/seances/nouvelle?atelier=1").wants(200).form("/equipe/seances/nouvelle"), "venue", "1", "date", "2026-05-09", "starts", "14:00")
	if form.Get("workshop") != "1" {
		t.Errorf("workshop = %q: the link from the workshop must choose it", form.Get("workshop"))
	}
	// Who pays is out of the list of the settings (UX-A7).
	h.sql(`INSERT INTO settings (name, value) VALUES ('own_fundings', 'Métropole de Lyon')`)
	b.post("/equipe/seances/nouvelle", with(form, "funding", "Inconnue")).wants(422).says("Choisissez un financement de la liste")
	form = with(b.get("/equipe/seances/nouvelle?atelier=1").says("Métropole de Lyon", "Cité éducative").form("/equipe/seances/nouvelle"), "venue", "1", "date", "2026-05-09", "starts", "14:00", "funding", "Métropole de Lyon")
	b.post("/equipe/seances/nouvelle", form).leadsTo("/equipe/seances/1?fait=creee")
	if edit := b.get("/equipe/seances/1/modifier").wants(200).form("/equipe/seances/1/modifier"); edit.Get("funding") != "Métropole de Lyon" {
		t.Errorf("the form of the session has lost who pays: %q", edit.Get("funding"))
	}
	draft := b.get("/equipe/seances/1?fait=creee").wants(200).says("en brouillon", "Métropole de Lyon", "samedi 9 mai 2026, 14 h – 15 h 30", "0 sur 10", "14,50 €", "Personne n'anime")
	h.teamBrowser().get("/seances/1").wants(404)
	b.get("/equipe/seances?vue=brouillons").wants(200).says("Robotique d'Ada · Avancé", "Brouillon")

	b.post("/equipe/seances/1/publier", draft.form("/equipe/seances/1/publier")).leadsTo("/equipe/seances/1?fait=publiee")
	b.get("/equipe/seances/1?fait=publiee").wants(200).says("La séance est publiée", "Ouverte")
	h.teamBrowser().get("/seances/1").wants(200)
	b.get("/equipe").wants(200).says("1 séance que personne n'anime", "0 sur 10")
	if href := b.get("/equipe").doc.Find(".first-todo a").AttrOr("href", ""); href != "/equipe/seances/1#animation" {
		t.Errorf("what to do leads to %q", href)
	}
}

// Everything that was typed comes back with a message beside each wrong field.
func TestWrongWorkshop(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	form := with(b.get("/equipe/ateliers/nouveau").form("/equipe/ateliers/nouveau"), workshopFields...)
	a := b.post("/equipe/ateliers/nouveau", with(form, "title", "", "min_age", "neuf", "max_age", "99", "price", "cher", "discipline", "magie"))
	a.wants(422).says("5 points sont à corriger", "un nombre entier de 3 à 25", "14 ou 14,50", "Choisissez un thème")
	again := a.form("/equipe/ateliers/nouveau")
	for name, want := range map[string]string{"min_age": "neuf", "max_age": "99", "price": "cher", "level": "Avancé", "skills": "Programmer\nCorriger"} {
		if got := again.Get(name); got != want {
			t.Errorf("%s = %q, want what was typed, %q", name, got, want)
		}
	}
	if title := a.doc.Find("title").Text(); !strings.HasPrefix(title, "Erreur") {
		t.Errorf("title %q", title)
	}
	for _, name := range []string{"title", "min_age", "max_age", "price"} {
		if a.doc.Find("#"+name+"[aria-invalid=true][aria-describedby~="+name+"-error]").Length() != 1 {
			t.Errorf("%s is not marked", name)
		}
	}
	if n := h.count("SELECT count(*) FROM workshops"); n != 0 {
		t.Errorf("%d workshops were stored", n)
	}
}

func TestWrongVenue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	form := with(b.get("/equipe/lieux/nouveau").form("/equipe/lieux/nouveau"), "name", "Salle", "postcode", "6900", "city", "Lyon", "time_zone", "Lyon", "capacity", "0")
	b.post("/equipe/lieux/nouveau", form).wants(422).says("4 points", "cinq chiffres", "Europe/Paris", "Ce champ est vide", "un nombre entier de 1 à 500")
}

// A double click makes one thing; the same form with other answers leads to the first one.
func TestFormKeyOfTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	form := with(b.get("/equipe/ateliers/nouveau").form("/equipe/ateliers/nouveau"), workshopFields...)
	for range 2 {
		b.post("/equipe/ateliers/nouveau", form).leadsTo("/equipe/ateliers?fait=enregistree")
	}
	a := b.post("/equipe/ateliers/nouveau", with(form, "title", "Tout autre chose")).wants(409).says("déjà été envoyé avec d'autres réponses")
	if a.doc.Find(`main a[href="/equipe/ateliers/1"]`).Length() != 1 {
		t.Error("the page does not lead to what the first sending made")
	}
	if n := h.count("SELECT count(*) FROM workshops"); n != 1 {
		t.Errorf("%d workshops, want 1", n)
	}
	// The key of one browser is worth nothing in another, and what was typed is kept.
	other := h.member(account.Admin)
	again := other.post("/equipe/ateliers/nouveau", with(form, "title", "Musique")).wants(403).form("/equipe/ateliers/nouveau")
	if again.Get("title") != "Musique" {
		t.Errorf("what was typed is lost: %v", again)
	}
	other.post("/equipe/ateliers/nouveau", again).wants(303)
}

// Two people edit one workshop: the second is told, sees what differs, and may still decide.
func TestStaleEdit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 12)
	first, second := h.member(account.Staff), h.member(account.Admin)
	for _, page := range []struct{ path, field, one, two string }{
		{"/equipe/ateliers/1", "summary", "Un robot", "Deux robots"},
		{"/equipe/lieux/1", "access", "Porte verte", "Porte rouge"},
		{"/equipe/seances/1/modifier", "price", "12", "16"},
	} {
		stale := second.get(page.path).wants(200).form(page.path)
		first.post(page.path, with(first.get(page.path).form(page.path), page.field, page.one)).wants(303)
		a := second.post(page.path, with(stale, page.field, page.two)).wants(409).says("Quelqu'un d'autre a changé cette fiche", page.one)
		again := a.form(page.path)
		if again.Get(page.field) != page.two {
			t.Errorf("%s: %q, want what was typed", page.path, again.Get(page.field))
		}
		if now := first.get(page.path).form(page.path).Get(page.field); now != page.one {
			t.Errorf("%s: the first edit became %q", page.path, now)
		}
		second.post(page.path, again).wants(303)
		if now := first.get(page.path).form(page.path).Get(page.field); now != page.two {
			t.Errorf("%s: %q, want the second edit once it was confirmed", page.path, now)
		}
	}
}

// What a colleague chose from a list meanwhile is told by its name: here the session went to another place (issue 7, two people
// who edit one session).
func TestStaleEditOfAChoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 12)
	other, err := h.web.Catalog.CreateVenue(t.Context(), account.Command(), h.key(), catalog.Venue{Name: "Maison d'Éléonore", Address: "3 rue de l'Église", Postcode: "69001",
		City: "Lyon", Capacity: 10, StepFree: "yes", TimeZone: "Europe/Paris"})
	h.must(err)
	first, second := h.member(account.Staff), h.member(account.Admin)
	const path = "/equipe/seances/1/modifier"
	stale := with(second.get(path).form(path), "price", "16")
	first.post(path, with(first.get(path).form(path), "venue", idText(other))).wants(303)
	a := second.post(path, stale).wants(409).says("Quelqu'un d'autre a changé cette fiche", "Maison d'Éléonore, Lyon »")
	if again := a.form(path); again.Get("price") != "16" || again.Get("venue") != "1" {
		t.Errorf("what was typed is lost: %v", again)
	}
}

// Browsers send the lines of a text area with CRLF: lines that nobody touched do not differ.
func TestStaleEditOfLines(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 12)
	first, second := h.member(account.Staff), h.member(account.Admin)
	const path = "/equipe/ateliers/1"
	first.post(path, with(first.get(path).form(path), "skills", "Programmer\r\nChercher une erreur")).wants(303)
	stale := with(second.get(path).form(path), "title", "Musique", "skills", "Programmer\r\nChercher une erreur")
	first.post(path, with(first.get(path).form(path), "capacity", "11")).wants(303)
	a := second.post(path, stale).wants(409).says("Nombre de places « 11 »")
	if strings.Contains(a.text("body"), "« Programmer") {
		t.Errorf("lines that nobody changed are said to differ: %s", a.text("body"))
	}
}

// SEC-22: fields that a form does not have change nothing.
func TestExtraFieldsOfTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 12)
	b := h.member(account.Staff)
	extra := []string{"role", "admin", "status", "cancelled", "state", "past", "id", "2", "family_id", "1", "ical_sequence", "9", "time_zone", "Indian/Reunion"}
	for _, path := range []string{"/equipe/seances/1/modifier", "/equipe/ateliers/1", "/equipe/lieux/1"} {
		b.post(path, with(b.get(path).form(path), extra...)).wants(303)
	}
	b.post("/equipe/reglages", with(b.get("/equipe/reglages").form("/equipe/reglages"), extra...)).wants(303)
	for query, want := range map[string]int{
		"SELECT count(*) FROM sessions WHERE status = 'published' AND ical_sequence = 0": 1,
		"SELECT count(*) FROM venues WHERE time_zone = 'Europe/Paris'":                   1,
		"SELECT count(*) FROM users WHERE role = 'admin'":                                0,
		"SELECT count(*) FROM settings WHERE name IN ('role', 'status', 'state')":        0,
	} {
		if n := h.count(query); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
}

func TestEuros(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int{
		"14": 1400, "14,5": 1450, "14.50": 1450, " 14,05 € ": 1405, "0": 0, "14 €": 1400, "007": 700,
		"": -1, "€": -1, "14,505": -1, "-3": -1, "1e3": -1, "quatorze": -1, "14,": 1400, ",5": -1, "1 400": 140000, "9999999": -1, "14,5,0": -1, "１４": -1,
	} {
		if got := euros(typed); got != want {
			t.Errorf("euros(%q) = %d, want %d", typed, got, want)
		}
	}
	for _, cents := range []int{0, 1400, 1450, 1405, 99, 100_000} {
		if got := euros(settings.WriteEuros(cents)); got != cents {
			t.Errorf("%d cents come back as %d", cents, got)
		}
	}
}

// Sessions that fall into holidays which became known since are listed, also those that no plan made (one by one, or out of a file), and the home names them in one line; a day
// that was ticked although its holidays were known is meant.
func TestSessionsThatFellIntoHolidays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	h.on("2026-05-09", "Robotique", "robotique", 6, 12, 12)
	h.on("2026-06-20", "Lutherie", "musique", 6, 12, 12)
	spring := catalog.Holiday{Zone: "A", Name: "Pont de mai", FirstDay: "2026-05-11", LastDay: "2026-05-17"}
	bring := func(file ...catalog.Holiday) {
		t.Helper()
		_, err := h.web.Catalog.ImportHolidays(t.Context(), account.Command(), file, false)
		h.must(err)
		h.clock.Advance(time.Minute)
	}
	bring(spring)
	form := b.get("/equipe/seances/planifier/dates?workshop=1&venue=1&every=1&weekdays=3&starts=14%3A00&first_day=2026-05-06&last_day=2026-05-27").form("/equipe/seances/planifier")
	form["days"] = []string{"2026-05-06", "2026-05-13", "2026-05-20"}
	b.post("/equipe/seances/planifier", form).wants(303)
	h.clock.Advance(time.Minute)
	b.get("/equipe/vacances").hides("tombées pendant les vacances")
	bring(spring, catalog.Holiday{Zone: "A", Name: "Vacances d'été", FirstDay: "2026-05-18", LastDay: "2026-05-31"}, catalog.Holiday{Zone: "B", Name: "Ailleurs", FirstDay: "2026-05-04", LastDay: "2026-05-31"})
	page := b.get("/equipe/vacances").wants(200).says("Séances tombées pendant les vacances", "Robotique · Initiation, mercredi 20 mai 2026, 14 h – 16 h", "Vacances d'été. Espace Altnet, zone A")
	if n := page.doc.Find("#pendant ~ ul a").Length(); n != 1 {
		t.Errorf("%d sessions are listed, want 1", n)
	}
	b.get("/equipe").says("1 séance planifiée tombe pendant des vacances connues depuis", "Voir cette séance")
	// « Laisser » empties the list until somebody takes it back, the session moves, or further holidays become known.
	leave, back := page.form(holidayLeavePath), func() *answer { return b.get("/equipe/vacances") }
	for range 2 {
		b.post(holidayLeavePath, leave).leadsTo("/equipe/vacances?fait=laissee")
	}
	b.get("/equipe").hides("planifiée tombe")
	page = b.get("/equipe/vacances?fait=laissee").says("La séance reste où elle est", "Séances laissées pendant les vacances", "Laissée par").hides("Séances tombées pendant")
	leave.Set("form_key", page.form(holidayTakeBackPath).Get("form_key"))
	b.post(holidayLeavePath, leave).wants(409).says("n'est plus dans cette liste")
	b.post(holidayTakeBackPath, page.form(holidayTakeBackPath)).leadsTo("/equipe/vacances?fait=a-verifier")
	b.get("/equipe").says("planifiée tombe")
	if n := h.count("SELECT count(*) FROM audit WHERE action IN ('session.leave_inside', 'session.list_inside')"); n != 2 {
		t.Errorf("%d lines of the audit, want 2", n)
	}
	b.post(holidayLeavePath, back().form(holidayLeavePath)).wants(303)
	h.sql("UPDATE sessions SET starts_at = '2026-05-20T13:00:00Z', ends_at = '2026-05-20T15:00:00Z' WHERE starts_at LIKE '2026-05-20%'")
	b.post(holidayLeavePath, back().says("Séances tombées pendant").hides("Séances laissées").form(holidayLeavePath)).wants(303)
	h.clock.Advance(time.Minute)
	bring(spring, catalog.Holiday{Zone: "A", Name: "Grandes vacances", FirstDay: "2026-05-18", LastDay: "2026-06-30"})
	back().says("Séances tombées pendant", "Grandes vacances", "Lutherie · Initiation, samedi 20 juin 2026")
	h.member(account.Communication).get("/equipe/vacances").wants(200).says("tombées pendant").hides("Laisser</button", "Laisser <")
	h.sound()
	h.sql("UPDATE sessions SET status = 'cancelled', cancelled_at = updated_at WHERE starts_at > '2026-05-20'")
	b.get("/equipe").hides("planifiée tombe")
}

// The desk knows which holidays are known, until when, and what is planned beyond them.
func TestHolidaysPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	b.get("/equipe/vacances").wants(200).says("Zone A", "Zone B", "Zone C", "Calendrier inconnu", "Fête nationale", "mardi 14 juillet 2026")
	h.on("2026-09-02", "Robotique", "robotique", 6, 12, 12)
	_, err := h.web.Catalog.ImportHolidays(t.Context(), account.Command(), []catalog.Holiday{
		{Zone: "A", Name: "Vacances d'été", FirstDay: "2026-07-04", LastDay: "2026-08-30"}, {Zone: "A", Name: "Vacances de Noël", FirstDay: "2025-12-20", LastDay: "2026-01-04"},
		{Zone: "A", Name: "Pont de l'Ascension", FirstDay: "2026-05-15", LastDay: "2026-05-15"}}, false)
	h.must(err)
	b.get("/equipe/vacances").wants(200).says("Calendrier connu jusqu'au dimanche 30 août 2026", "du samedi 4 juillet 2026 au dimanche 30 août 2026", "1 séance est prévue au-delà", "Elle tombe peut-être", "le vendredi 15 mai 2026").hides("du vendredi 15 mai")
	b.get("/equipe/lieux").wants(200).says("Zone A", "Vacances et jours fériés")
}

// A member of the staff plans the Wednesdays of a term outside the holidays of zone A, sees the dates and what is left out before
// anything is made, makes them with one POST, and publishes them with one opening (UX-A2, UX-A10: forms alone).
func TestPlanATerm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	h.on("2026-05-09", "Robotique", "robotique", 6, 12, 12) // a workshop and a venue, and a session of them
	zoe := h.user("zoe@exemple.fr", "Zoé Nguyễn", account.Facilitator)
	_, err := h.web.Catalog.ImportHolidays(t.Context(), account.Command(), []catalog.Holiday{{Zone: "A", Name: "Vacances d'hiver", FirstDay: "2026-05-11", LastDay: "2026-05-17"}}, false)
	h.must(err)

	b.get("/equipe/seances").wants(200).says("Planifier des séances régulières")
	b.get("/equipe/seances/planifier").wants(200).says("Quels jours ?", "Espace Altnet, Lyon (zone A)", "Zoé Nguyễn")
	wrong := b.get("/equipe/seances/planifier/dates?workshop=1&venue=1&every=1&starts=midi&first_day=2026-05-06&last_day=2026-05-01&price=cher&payment_url=ftp%3A").wants(422)
	wrong.says("Cochez au moins un jour", "14 ou 14,50")
	if got := wrong.doc.Find("#starts").AttrOr("value", ""); got != "midi" {
		t.Errorf("what was typed is lost: %q", got)
	}

	// A price of the whole series needs a series, and what was chosen stays.
	unpriced := b.get("/equipe/seances/planifier/dates?workshop=1&venue=1&every=1&weekdays=3&starts=14%3A00&first_day=2026-05-06&last_day=2026-05-27&pricing=series&price=50").wants(422).says("Un prix de cycle demande un cycle")
	if way := unpriced.doc.Find("input[name=pricing][checked]").AttrOr("value", ""); way != "series" {
		t.Errorf("the way of pricing comes back as %q", way)
	}

	query := url.Values{"pricing": {"series"}, "price": {"50"}, "workshop": {"1"}, "venue": {"1"}, "weekdays": {"3"}, "every": {"1"}, "starts": {"14:00"}, "first_day": {"2026-05-06"}, "last_day": {"2026-05-27"},
		"facilitators": {idText(zoe)}, "funding": {"cite_educative"}, "opens_date": {"2026-05-05"}, "opens": {"10:00"}, "new_series": {"Les mercredis de Łukasz"}}
	path := "/equipe/seances/planifier/dates?" + query.Encode()
	dates := b.get(path).wants(200).says("3 séances proposées", "Robotique", "14 h – 16 h", "mercredi 13 mai 2026", "Vacances d'hiver, zone A", "ne va pas jusqu'à la dernière date")
	form := dates.form("/equipe/seances/planifier")
	if days := form["days"]; len(days) != 3 || days[0] != "2026-05-06" || days[1] != "2026-05-20" {
		t.Fatalf("ticked: %v", days)
	}
	if n := h.count("SELECT count(*) FROM sessions"); n != 1 {
		t.Fatalf("looking made %d sessions", n-1)
	}
	none := url.Values{}
	for name, values := range form {
		if name != "days" {
			none[name] = values
		}
	}
	b.post("/equipe/seances/planifier", none).wants(422).says("Cochez au moins une séance", "mercredi 20 mai 2026")

	form["days"] = []string{"2026-05-06", "2026-05-20"}
	b.post("/equipe/seances/planifier", form).leadsTo("/equipe/plans/1?fait=planifiees")
	b.post("/equipe/seances/planifier", form).leadsTo("/equipe/plans/1?fait=planifiees") // a double click
	if n := h.count("SELECT count(*) FROM sessions WHERE schedule_id = 1 AND status = 'draft'"); n != 2 {
		t.Fatalf("%d sessions, want 2", n)
	}
	if n := h.count("SELECT count(*) FROM sessions WHERE funding = 'cite_educative'"); n != 2 {
		t.Errorf("%d of the plan are funded, want 2", n)
	}
	if tab := b.get("/equipe/plans/1").wants(200).text(`nav.desk .areas a[aria-current="true"]`); tab != "Séances" {
		t.Errorf("a plan stands below %q in the menu", tab)
	}
	b.get("/equipe/plans/1?fait=planifiees").wants(200).says("Les séances sont prêtes", "Chaque semaine : mercredi", "2 séances", "Zoé Nguyễn")
	b.get("/equipe/seances/2").wants(200).says("Voir toutes les séances de ce plan", "Les mercredis de Łukasz", "50 €")
	b.get("/equipe/seances?vue=brouillons").wants(200).says("Publier les brouillons")

	publish := b.get("/equipe/seances/publier?plan=1").wants(200).says("mercredi 6 mai 2026").form("/equipe/seances/publier")
	b.post("/equipe/seances/publier", with(publish, "opens_date", "2026-05-07", "opens", "10:00")).wants(422).says("La séance du mercredi 6 mai 2026")
	b.post("/equipe/seances/publier", with(publish, "opens_date", "2026-05-05", "opens", "18:30")).leadsTo("/equipe/plans/1?fait=publiees")
	h.teamBrowser().get("/seances/3").wants(200).says("18 h 30")
	b.get("/equipe/seances/publier").wants(200).says("Aucun brouillon")

	// This one and the following, or all of them, change at once.
	b.get("/equipe/seances/3").wants(200).says("Modifier celle-ci et les suivantes")
	if ticked := b.get("/equipe/plans/1/modifier?depuis=3").wants(200).form("/equipe/plans/1/modifier")["sessions"]; len(ticked) != 1 || ticked[0] != "3" {
		t.Errorf("ticked: %v", ticked)
	}
	edit := b.get("/equipe/plans/1/modifier").wants(200).says("mercredi 6 mai 2026, 14 h – 16 h", "0 sur 12").form("/equipe/plans/1/modifier")
	b.post("/equipe/plans/1/modifier", edit).wants(422).says("Dites ce qui change")
	again := b.post("/equipe/plans/1/modifier", with(edit, "starts", "17:00", "ends", "13:00")).wants(422).says("Séance du mercredi 6 mai 2026").form("/equipe/plans/1/modifier")
	if len(again["sessions"]) != 2 || again.Get("starts") != "17:00" {
		t.Errorf("what was typed is lost: %v", again)
	}
	for _, typed := range []string{"0", "-3", "douze"} { // which is not to leave it as it is
		none := b.post("/equipe/plans/1/modifier", with(edit, "starts", "10:00", "capacity", typed)).wants(422).says("Écrivez un nombre entier de 1 à 500").form("/equipe/plans/1/modifier")
		if none.Get("capacity") != typed {
			t.Errorf("%q was typed and %q is there", typed, none.Get("capacity"))
		}
	}
	anh := h.user("anh@exemple.fr", "Nguyễn Thị Ánh", account.Facilitator)
	b.post("/equipe/plans/1/modifier", with(again, "starts", "10:00", "ends", "12:00", "facilitator", idText(anh), "funding", "-")).leadsTo("/equipe/plans/1?fait=modifiees")
	if n := h.count("SELECT count(*) FROM sessions WHERE funding = ''"); n != 3 {
		t.Errorf("%d sessions are nobody's money, want 3", n)
	}
	b.get("/equipe/plans/1?fait=modifiees").wants(200).says("C'est fait", "10 h – 12 h", "Nguyễn Thị Ánh").hides("14 h", "Zoé Nguyễn")
}
