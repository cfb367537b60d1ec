package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
)

// formWith is what a browser sends for the form whose button says label.
func (a *answer) formWith(label string) (action string, form url.Values) {
	a.t.Helper()
	found := a.doc.Find("main form").FilterFunction(func(_ int, f *goquery.Selection) bool { return strings.Contains(f.Find("button").Text(), label) }).First()
	if found.Length() == 0 {
		a.t.Fatalf("%s has no form with the button %q:\n%s", a.what, label, a.text("main"))
	}
	form = url.Values{}
	found.Find("input").Each(func(_ int, in *goquery.Selection) { form.Add(in.AttrOr("name", ""), in.AttrOr("value", "")) })
	return found.AttrOr("action", ""), form
}

// push presses the button that says label on a fresh page, with answers, and returns what comes of it.
func (b *teamBrowser) push(page, label string, pairs ...string) *answer {
	action, form := b.get(page).wants(http.StatusOK).formWith(label)
	return b.post(action, typed(form, pairs...))
}

// UX-F15: whoever closes sees first who is still inside, with phones, and who has no mark, and settles each in one tap.
func TestCloseASession(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	closing := h.path + "/cloture"
	h.tap(b, h.zoe, "present")
	h.clock.Set(time.Date(2026, 5, 9, 14, 0, 0, 0, time.UTC))
	page := b.get(closing).wants(http.StatusOK).says("1 enfant est encore là", "Zoé D'Artagnan-N'Guyen", "+33 6 12 34 56 78", "2 enfants ne sont pas pointés", "06.98.76.54.32", "07 11 22 33 44").
		hides("Arachides")
	if page.doc.Find(`main a[href="tel:+33612345678"]`).Length() == 0 {
		t.Error("the phone of who is inside cannot be dialled")
	}
	b.push(closing, "Parti avec Tonton Łukasz").leadsTo(closing)
	b.push(closing, "Noter ces 2 enfants absents").leadsTo(closing)
	b.get(h.path).says("Parti, 16 h, avec Tonton Łukasz").says("Absent, 16 h")
	b.push(closing, "Clore la séance").leadsTo(closing)
	b.get(closing).wants(http.StatusOK).says("Séance close", "par Nadia Łukaszewska")
	register := b.get(h.path).wants(http.StatusOK).says("Séance close le sam. 9 mai à 16 h par Nadia Łukaszewska")
	if n := register.doc.Find(".roster .do form").Length(); n != 0 {
		t.Errorf("a closed register offers %d marks", n)
	}
	b.get(h.path + "/ajouter").wants(http.StatusConflict)
	if n := h.count("SELECT count(*) FROM facts"); n != 1 {
		t.Errorf("%d facts, want 1 (RGPD-9)", n)
	}
	b.push(closing, "Rouvrir la séance").wants(http.StatusUnprocessableEntity).says("Dites en quelques mots pourquoi")
	b.push(closing, "Rouvrir la séance", "reason", "Anh est arrivé en retard").leadsTo(closing)
	if n := h.count("SELECT count(*) FROM facts"); n != 0 {
		t.Errorf("%d facts are left of an open session", n)
	}
	h.tap(b, h.anh, "present")
}

// What is settled meanwhile is not asked again, and an old page closes nothing that is open.
func TestCloseFromAnOldPage(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	closing := h.path + "/cloture"
	h.clock.Set(time.Date(2026, 5, 9, 14, 0, 0, 0, time.UTC))
	b.push(closing, "Noter ces 3 enfants absents").leadsTo(closing)
	action, form := b.get(closing).formWith("Clore la séance")
	h.tap(b, h.zoe, "annuler")
	b.post(action, form).wants(http.StatusConflict).says("Zoé D'Artagnan-N'Guyen", "1 enfant n'est pas pointé")
	if n := h.count("SELECT count(*) FROM closings"); n != 0 {
		t.Error("closed over an open mark")
	}
}

// On the day: who of the team is there, in one tap for oneself and one for a colleague.
func TestTeamPresence(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	h.must(h.web.Catalog.Assign(t.Context(), account.Command(), h.key(), h.session, h.amine))
	b := h.as("nadia@exemple.fr")
	b.push(h.path, "Je suis là").leadsTo(h.path + "#equipe")
	b.push(h.path, "Est là : Amine Şahin").leadsTo(h.path + "#equipe")
	if n := h.count("SELECT count(*) FROM team_presences WHERE noted_by = ?", h.nadia); n != 2 {
		t.Errorf("%d presences, want 2", n)
	}
	b.push(h.path, "Annuler : Amine Şahin")
	staff := h.member(account.Staff)
	staff.get(deskSessionPath(h.session)).wants(http.StatusOK).says("Nadia Łukaszewska Est là", "Amine Şahin Pas noté")
	if n := h.count("SELECT count(*) FROM audit WHERE action GLOB 'session.member_*'"); n != 3 {
		t.Errorf("%d lines in the audit, want 3 (I12)", n)
	}
}

// A note about an incident is for staff alone; its author sees that it was sent, and not what it says.
func TestIncident(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	page := h.path + "/incident"
	b.push(page, "Envoyer à la coordination").wants(http.StatusUnprocessableEntity).says("Écrivez ce qui s'est passé")
	const note = "Zoé est tombée à 14 h 20"
	b.push(page, "Envoyer à la coordination", "text", note+"\nGlace, appel à Linh").leadsTo(page)
	b.get(page).wants(http.StatusOK).says("Note envoyée le sam. 9 mai à 14 h 05").hides("tombée")
	h.must(h.web.Catalog.Assign(t.Context(), account.Command(), h.key(), h.session, h.amine))
	h.as("amine@exemple.fr").get(page).wants(http.StatusOK).hides("tombée", "Note envoyée")
	desk := deskSessionPath(h.session)
	h.member(account.Communication).get(desk).wants(http.StatusOK).hides("tombée", "incident")
	staff := h.member(account.Staff)
	staff.get("/equipe").wants(http.StatusOK).says("1 note d'incident attend d'être lue", "La lire")
	staff.get(desk).wants(http.StatusOK).says(note, "Glace, appel à Linh", "Nadia Łukaszewska")
	staff.push(desk, "J'ai lu").leadsTo(desk + "#incidents")
	staff.get(desk).says("Lu par")
	staff.get("/equipe").hides("note d'incident")
	if n := h.count("SELECT count(*) FROM access_log WHERE action = 'incident.read'"); n < 2 {
		t.Errorf("%d lines in the access log", n)
	}
	if n := h.count("SELECT count(*) FROM audit WHERE details LIKE '%tomb%'"); n != 0 {
		t.Error("the audit holds what happened")
	}
}

// domain, On the day 3: a quarter of an hour after the start the families of who has not come are on the team's call list and
// on the register, with phones; each answer is one tap.
func TestNotArrived(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b, staff := h.as("nadia@exemple.fr"), h.member(account.Staff)
	h.tap(b, h.zoe, "present")
	h.clock.Set(time.Date(2026, 5, 9, 12, 14, 59, 0, time.UTC))
	b.get(h.path).hides("à appeler")
	staff.get(callsPath).wants(http.StatusOK).hides("Pas arrivé")
	h.clock.Set(time.Date(2026, 5, 9, 12, 15, 0, 0, time.UTC))
	page := b.get(h.path).wants(http.StatusOK).says("Pas arrivés : 2 familles à appeler")
	if got := page.text("#pas-arrives"); !strings.Contains(got, "Anh") || !strings.Contains(got, "06.98.76.54.32") || strings.Contains(got, "Zoé") {
		t.Errorf("to call: %s", got)
	}
	staff.get(callsPath).wants(http.StatusOK).says("Pas arrivé", "Nous attendons Anh", "06.98.76.54.32", "07 11 22 33 44")
	b.push(h.path, "Ne vient plus : Anh")
	b.get(h.path).says("Excusé, 14 h 15", "Pas arrivé : une famille à appeler")
	staff.push(callsPath, "Pas de réponse : أمينة علي, Pas arrivé")
	b.get(h.path).says("sans réponse à 14 h 15")
	staff.push(callsPath, "Arrive : أمينة علي, Pas arrivé")
	b.get(h.path).hides("famille à appeler").says("Attendu")
	staff.get(callsPath).hides("Pas arrivé")
	h.member(account.Communication).get(h.path).hides("06.98", "à appeler")
	if n := h.count("SELECT count(*) FROM calls"); n != 3 {
		t.Errorf("%d calls kept, want 3", n)
	}
	h.clock.Advance(20 * time.Minute) // a child that is on its way for so long may be lost
	b.get(h.path).says("Pas arrivé : une famille à appeler")
	if rows := b.get(h.path).doc.Find("#pas-arrives li").AttrOr("data-rows", ""); !strings.HasPrefix(rows, "inscription:") {
		t.Errorf("the line is about %q", rows)
	}
}

// SEC-21: health, pick-up persons and phones are on no page of the day but for staff and who leads the session, and for these
// from the day before to the day after; and each look at health is in the access log. Communication writes to families, and
// so reads their contacts at the desk (booking.SessionBookings): no health, and nobody who picks up.
func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	secrets := []string{"Arachides", "stylo dans le sac", "Tonton Łukasz", "+33 6 12 34 56 78", "06.98.76.54.32", "tel:"}
	pages := func() []string {
		return []string{"/animation", h.path, h.path + "/feuille", childPath(h.session, h.zoe), h.path + "/cloture", h.path + "/ajouter", h.path + "/incident",
			h.path + "/attestations", h.path + "/attestations/papier", h.path + "/transmettre", deskSessionPath(h.session), "/equipe", "/equipe/seances", callsPath,
			deskListPath(h.session)}
	}
	open := map[string]bool{h.path: true, h.path + "/feuille": true, childPath(h.session, h.zoe): true, h.path + "/cloture": true}
	desk := map[string]bool{deskSessionPath(h.session): true, callsPath: true, deskListPath(h.session): true}
	looks := func() int { return h.count("SELECT count(*) FROM access_log") }
	for _, tt := range []struct {
		name string
		at   time.Time
		as   func() *teamBrowser
		sees map[string]bool // which pages may show what
	}{
		{"who leads, two days before", time.Date(2026, 5, 7, 21, 59, 59, 0, time.UTC), func() *teamBrowser { return h.as("nadia@exemple.fr") }, nil},
		{"who leads, the day before", time.Date(2026, 5, 7, 22, 0, 0, 0, time.UTC), func() *teamBrowser { return h.as("nadia@exemple.fr") }, open},
		{"who leads, the day after", time.Date(2026, 5, 10, 21, 59, 59, 0, time.UTC), func() *teamBrowser { return h.as("nadia@exemple.fr") }, open},
		{"who leads, two days after", time.Date(2026, 5, 10, 22, 0, 0, 0, time.UTC), func() *teamBrowser { return h.as("nadia@exemple.fr") }, nil},
		{"another facilitator", time.Date(2026, 5, 9, 12, 20, 0, 0, time.UTC), func() *teamBrowser { return h.as("amine@exemple.fr") }, nil},
		{"communication", time.Date(2026, 5, 9, 12, 20, 0, 0, time.UTC), func() *teamBrowser { return h.member(account.Communication) }, nil},
		{"staff", time.Date(2026, 5, 9, 12, 20, 0, 0, time.UTC), func() *teamBrowser { return h.member(account.Staff) }, open},
		{"nobody", time.Date(2026, 5, 9, 12, 20, 0, 0, time.UTC), h.teamBrowser, nil},
	} {
		h.clock.Set(tt.at)
		b := tt.as()
		for _, path := range pages() {
			before := looks()
			page := b.get(path)
			body := page.text("body")
			if html, err := page.doc.Html(); err == nil {
				body += html
			}
			seen := 0
			for _, secret := range secrets {
				if strings.Contains(body, secret) {
					seen++
					contact := strings.ContainsAny(secret, "+0:") && desk[path] && (tt.name == "staff" || tt.name == "communication")
					if !tt.sees[path] && !contact {
						t.Errorf("%s: %s shows %q (status %d)", tt.name, path, secret, page.Status)
					}
				}
			}
			early := path == h.path+"/cloture" && h.clock.Now().Before(time.Date(2026, 5, 9, 12, 0, 0, 0, time.UTC)) // nothing to settle yet
			if tt.sees[path] && !early && (page.Status != http.StatusOK || seen == 0) {
				t.Errorf("%s: %s shows nothing, with status %d", tt.name, path, page.Status)
			}
			if strings.Contains(body, "Arachides") && looks() == before {
				t.Errorf("%s: a look at health on %s is not on record", tt.name, path)
			}
		}
	}
}

// Of brothers and sisters who have not come it is asked who will not: the others are waited for (domain, On the day 3).
func TestOneOfTwoNotArrived(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	child := func(name string) family.NewChild {
		return family.NewChild{FirstName: name, LastName: "Abara-Łukasz", BirthDate: born(2017, 3, 9), Health: family.Health{State: family.HealthNone}, Image: family.Yes}
	}
	h.clock.Set(time.Date(2026, 5, 8, 12, 0, 0, 0, time.UTC))
	eno := h.bookAll("Ada Abara", "06 00 11 22 33", child("Eno"), child("Uwem"))
	h.clock.Set(time.Date(2026, 5, 9, 12, 15, 0, 0, time.UTC))
	b, staff := h.as("nadia@exemple.fr"), h.member(account.Staff)
	for _, at := range []struct {
		who         *teamBrowser
		page, label string
	}{{b, h.path, "Ne vient plus : Eno et Uwem"}, {staff, callsPath, "Ne vient plus : Ada Abara"}} {
		_, form := at.who.get(at.page).says("Qui ne vient plus ?").formWith(at.label)
		if chosen := form["inscription"]; len(chosen) != 2 || chosen[0] != idText(eno) {
			t.Fatalf("%s chooses %v", at.page, chosen)
		}
	}
	action, form := b.get(h.path).formWith("Ne vient plus : Eno et Uwem")
	form.Del("inscription")
	b.post(action, form).wants(http.StatusUnprocessableEntity).says("Cochez au moins un enfant qui ne vient plus.")
	action, form = staff.get(callsPath).formWith("Ne vient plus : Ada Abara")
	form.Del("inscription")
	staff.post(action, form).wants(http.StatusUnprocessableEntity).says("Cochez au moins un enfant qui ne vient plus.")

	b.push(h.path, "Ne vient plus : Eno et Uwem", "inscription", idText(eno)).wants(http.StatusSeeOther)
	page := b.get(h.path)
	if got := page.row(eno).Text(); !strings.Contains(got, "Excusé") {
		t.Errorf("Eno: %s", got)
	}
	if got := page.row(eno + 1).Text(); !strings.Contains(got, "Attendu") {
		t.Errorf("Uwem: %s", got)
	}
	staff.get(callsPath).says("Nous attendons Uwem")
	staff.push(callsPath, "Ne vient plus : Ada Abara").wants(http.StatusSeeOther)
	if got := b.get(h.path).row(eno + 1).Text(); !strings.Contains(got, "Excusé") {
		t.Errorf("Uwem: %s", got)
	}
}
