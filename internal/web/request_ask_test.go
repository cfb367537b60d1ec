package web

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

// directory fills the site's directory with the schools of Ille-et-Vilaine.
func (s *site) directory() {
	s.t.Helper()
	file, err := os.Open("../../cmd/ateliers/demo/annuaire-education-35.csv")
	if err != nil {
		s.t.Fatal(err)
	}
	defer file.Close()
	var rows []school.DirectoryRow
	problems, err := table.Read(file, table.Header{Required: school.DirectoryColumns, Others: true}, func(r table.Row) {
		rows = append(rows, school.ParseDirectoryRow(r.Line, r.Get, r.Wrong))
	})
	if err != nil || len(problems) > 0 {
		s.t.Fatal(err, problems)
	}
	if _, err := school.ImportDirectory(s.t.Context(), s.db, account.Command(), rows, false); err != nil {
		s.t.Fatal(err)
	}
}

// thymio adds a workshop to the catalogue and returns its id.
func (s *site) thymio() string {
	s.t.Helper()
	id, err := s.web.Catalog.CreateWorkshop(s.t.Context(), account.Command(), s.key(), catalog.Workshop{
		Title: "Thymio", Level: "Initiation", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120})
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprint(id)
}

// The answers of each screen for a library.
func askedOrganisation() url.Values {
	return values("kind", "library", "name", "Médiathèque « La Ruche »", "address", "3 place de la Paix", "postcode", "69100", "city", "Villeurbanne")
}

func askedWorkshop() url.Values {
	return values("workshop", "other", "wish", "Une conférence sur Ada", "level", "8 à 12 ans", "children", "24", "adults", "3",
		"date_1", "9/6/2026", "date_1_half", "morning", "place", "theirs", "wifi", "yes", "access", "Un élève en fauteuil")
}

func askedContact() url.Values {
	return values("contact_name", "Zoé D'Artagnan-N'Guyen", "role", "Bibliothécaire", "email", "zoe@example.org", "phone", "06 39 98 01 02",
		"funding", "pass_culture", "adage", "ADAGE-42", "message", "À bientôt 李")
}

// askToCheck fills in the three screens and returns the check page.
func askToCheck(b *browser, change url.Values) reply {
	b.site.t.Helper()
	page := b.get("/ecoles/demande").want(200)
	for i, answers := range []url.Values{askedOrganisation(), askedWorkshop(), askedContact()} {
		page = b.post(page.path, page.fill("", merged(answers, change))).want(200, "Étape "+fmt.Sprint(i+2)+" sur 4")
	}
	return page
}

// A kind of funding that the association named itself can be chosen, is kept by its name, and can be asked about in the report.
func TestAskWithAFundingOfTheAssociation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.set("own_fundings", "Métropole de Lyon")
	b := s.browser()
	check := askToCheck(b, values("funding", "Métropole de Lyon")).want(200, "Métropole de Lyon")
	b.post(check.path, check.fill("", nil)).want(200)
	if n := s.count(`SELECT count(*) FROM group_requests WHERE funding = 'Métropole de Lyon' AND adage_reference = ''`); n != 1 {
		t.Errorf("%d requests keep that kind", n)
	}
	h := newHouse(t)
	h.set("own_fundings", "Métropole de Lyon")
	page := h.member(account.Staff).get("/equipe/bilan?financement=M%C3%A9tropole+de+Lyon").wants(200).says("Métropole de Lyon")
	if n := strings.Count(page.Body, `value="Métropole de Lyon" selected`); n != 1 {
		t.Errorf("the report has %d options chosen", n)
	}
}

func TestAskFromTheFirstScreenToTheStatusPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory()
	thymio := s.thymio()
	b := s.browser()
	b.get("/ecoles").want(200, "Demander un atelier", "aucun nom")
	page := b.get("/ecoles/demande?q=Lucioles+BAULON").want(200, "1 établissement pour « Lucioles BAULON »", "Ecole primaire publique les Lucioles", "UAI 0350122T")
	found := page.Find(`input[name="school"]`).First().AttrOr("value", "")
	page = b.post("/ecoles/demande", page.fill("", values("school", found))).want(200, "Étape 2 sur 4", "nous ne demandons aucun nom")
	page = b.post(page.path, page.fill("", merged(askedWorkshop(), values("workshop", thymio, "date_1", "", "date_1_half", "", "date_2", "16 juin 2026", "date_2_half", "day")))).want(200, "Étape 3 sur 4")
	page = b.post(page.path, page.fill("", askedContact())).want(200, "Étape 4 sur 4",
		"Ecole primaire publique les Lucioles", "35580 Baulon", "UAI 0350122T", "Public", "Thymio – Initiation", "24", "mardi 16 juin 2026 (Journée)",
		"Un élève en fauteuil", "Zoé D'Artagnan-N'Guyen", "ADAGE-42", "À bientôt 李", "trois ans")
	if n := s.count(`SELECT count(*) FROM group_requests`); n != 0 {
		t.Fatalf("%d requests exist before the last button", n)
	}
	form := page.fill("", nil)
	status := b.post(page.path, form).want(200, "Ecole primaire publique les Lucioles")
	if !strings.HasPrefix(status.path, "/demandes/GRP-") {
		t.Fatalf("it leads to %s", status.path)
	}
	for what, query := range map[string]string{
		"organisation": `SELECT count(*) FROM organisations WHERE uai = '0350122T' AND commune_code = '35016' AND sector = 'public' AND siret = '21350016800025'`,
		"request":      `SELECT count(*) FROM group_requests WHERE workshop_id = ` + thymio + ` AND wish = '' AND children = 24 AND funding = 'pass_culture' AND adage_reference = 'ADAGE-42'`,
		"date":         `SELECT count(*) FROM wanted_dates WHERE position = 1 AND day = '2026-06-16' AND half = 'day'`,
		"mails":        `SELECT count(*) = 2 FROM outbox WHERE kind IN ('request_received', 'request_news')`,
		"empty draft":  `SELECT count(*) FROM request_drafts WHERE answers = '' AND result <> ''`,
	} {
		if n := s.count(query); n != 1 {
			t.Errorf("%d rows are its %s, want 1", n, what)
		}
	}
	for what, again := range map[string]reply{"sent twice": b.post(page.path, form), "Back": b.get("/ecoles/demande/verification"), "a second tab": b.get("/ecoles/demande/contact")} {
		if again.path != status.path {
			t.Errorf("%s leads to %s, want %s", what, again.path, status.path)
		}
	}
	// Whoever begins at the beginning has something else to ask, or is somebody else.
	first := b.get("/ecoles/demande").want(200)
	if first.path != "/ecoles/demande" || first.Find("main input[checked]").Length() != 0 {
		t.Errorf("the next person at the computer is led to %s", first.path)
	}
	b.get(status.path+"?fait=recue").want(200, "Votre demande est bien partie", "zoe@example.org")
	s.clock.Set(testNow.Add(school.ReturnTime))
	b.get(status.path+"?fait=recue").want(200).wantNot("bien partie", "zoe@example.org")
	if later := b.get("/ecoles/demande/verification").want(200); later.path != "/ecoles/demande" {
		t.Errorf("half an hour later Back leads to %s", later.path)
	}
	next := b.post(first.path, first.fill("", values("kind", "library", "name", "Médiathèque « 李 »", "address", "1 rue Łódź", "postcode", "69001", "city", "Lyon")))
	if next.path != "/ecoles/demande/atelier" || next.fill("", nil).Get("level") != "" {
		t.Errorf("another request begins at %s with %v", next.path, next.fill("", nil))
	}
}

// TestAskSaysWhatIsWrong: 422, a message for the field in the summary and beside it, all that was typed kept (UX-P6, ACC-5).
func TestAskSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first, second, third := "/ecoles/demande", "/ecoles/demande/atelier", "/ecoles/demande/contact"
	for _, tt := range []struct {
		path, field, typed, message string
	}{
		{first, "kind", "", "Dites quelle organisation"},
		{first, "name", "https://x.test", "sans adresse de site"},
		{first, "postcode", "6910", "cinq chiffres"},
		{first, "city", "", "nom de la commune"},
		{second, "workshop", "", "Choisissez un atelier"},
		{second, "workshop", "77777", "Choisissez un atelier"},
		{second, "wish", "", "en quelques mots"},
		{second, "level", "", "CM1-CM2"},
		{second, "children", "0", "de 1 à 500"},
		{second, "children", "vingt", "de 1 à 500"},
		{second, "adults", "-1", "de 0 à 100"},
		{second, "date_1", "31/02/2027", "n'existe pas"},
		{second, "date_1", "1/5/2026", "passée"},
		{second, "date_1", "", "au moins une date"},
		{second, "date_1", "bientôt", "8/6/2027"},
		{second, "date_1_half", "", "le matin, l'après-midi"},
		{second, "place", "", "où l'atelier"},
		{third, "contact_name", "", "prénom et le nom"},
		{third, "role", "", "fonction"},
		{third, "email", "zoe@", "e-mail"},
		{third, "phone", "12", "numéro"},
		{third, "funding", "", "qui paierait"},
		{third, "message", strings.Repeat("é", school.MaxText+1), "2000 signes"},
	} {
		b := s.browser()
		typed := merged(askedOrganisation(), values(tt.field, tt.typed))
		page := b.get(first)
		if tt.path != first {
			page = b.post(first, page.fill("", askedOrganisation())).want(200)
			typed = merged(askedWorkshop(), values(tt.field, tt.typed))
		}
		if tt.path == third {
			page = b.post(second, page.fill("", askedWorkshop())).want(200)
			typed = merged(askedContact(), values(tt.field, tt.typed))
		}
		page = b.post(tt.path, page.fill("", typed)).want(422, tt.message)
		links := page.Find(".error-summary a")
		if links.Length() != 1 || page.Find(links.AttrOr("href", "#none")).Length() != 1 {
			t.Errorf("%s=%q: the summary has %d links, to %s", tt.field, tt.typed, links.Length(), links.AttrOr("href", ""))
		}
		if !strings.HasPrefix(page.Find("title").Text(), "Erreur") || page.Find(`main form [aria-invalid="true"]`).Length() == 0 {
			t.Errorf("%s=%q: the title is %q", tt.field, tt.typed, page.Find("title").Text())
		}
		shown := page.fill("", nil)
		for name := range typed {
			if name == tt.field && name != "date_1" && len(shown[name]) == 0 || name == "date_1_half" && tt.field == "date_1" {
				continue // a choice that does not exist is not chosen; without its date an hour means nothing
			}
			if shown.Get(name) != typed.Get(name) {
				t.Errorf("%s=%q: %s comes back as %q, typed was %q", tt.field, tt.typed, name, shown.Get(name), typed.Get(name))
			}
		}
	}
	if n := s.count(`SELECT count(*) FROM group_requests`); n != 0 {
		t.Errorf("%d requests were stored", n)
	}
}

// TestAskASchoolByHand: not in the directory, with the number that proves itself.
func TestAskASchoolByHand(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory()
	b := s.browser()
	page := b.get("/ecoles/demande?q=zzzz").want(200, "Aucun établissement pour « zzzz »")
	b.post("/ecoles/demande", page.fill("", nil)).want(422, "Cherchez votre établissement")
	hand := merged(askedOrganisation(), values("kind", "school", "school", "hand"))
	b.post("/ecoles/demande", page.fill("", hand)).want(422, "public ou privé")
	b.post("/ecoles/demande", page.fill("", merged(hand, values("sector", "private", "uai", "0350122A")))).want(422, "La lettre de ce code UAI")
	b.post("/ecoles/demande", page.fill("", merged(hand, values("sector", "private", "uai", "0350122t")))).want(200, "Étape 2 sur 4")
	b.post("/ecoles/demande", page.fill("", values("school", "999999"))).want(422, "n'est plus dans l'annuaire")
}

// TestAskSearchTakesAnything (SEC-19), and finds nothing private.
func TestAskSearchTakesAnything(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory()
	b := s.browser()
	b.get("/ecoles/demande?q=0350122T").want(200, "1 établissement", "Lucioles")
	b.get("/ecoles/demande?q=ecole").want(200, "les 10 premiers")
	b.get("/ecoles/demande?q=e").want(200, "au moins deux lettres")
	for _, typed := range []string{`'"\0%_*^:()-`, "AND", "OR NOT", "NEAR(a b)", `""`, strings.Repeat("é", 300), "😀👩‍🏫", "\x00\xff", "'; DROP TABLE directory; --", "<script>alert(1)</script>"} {
		page := b.get("/ecoles/demande?q=" + url.QueryEscape(typed)).want(200)
		if page.Find("main script").Length() > 0 {
			t.Errorf("%q runs", typed)
		}
	}
	for range 400 {
		if page := b.get("/ecoles/demande?q=lucioles"); page.status != 200 {
			page.want(http.StatusTooManyRequests, "quelques secondes")
			b.get("/ecoles/demande").want(200) // what is no search still works
			s.clock.Set(testNow.Add(time.Minute))
			b.get("/ecoles/demande?q=lucioles").want(200, "Lucioles")
			return
		}
	}
	t.Error("400 searches in a moment are let through")
}

// TestAskSkippedSteps: each screen leads to the first that has something left to answer (SEC-23), and extra fields
// change nothing (SEC-22).
func TestAskSkippedSteps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	for _, screen := range []string{"/atelier", "/contact", "/verification"} {
		page := b.get("/ecoles/demande"+screen).want(200, "Nous n'avons pas retrouvé vos réponses", "cookie")
		if page.path != "/ecoles/demande" {
			t.Errorf("%s without an answer leads to %s", screen, page.path)
		}
		if page := b.post("/ecoles/demande"+screen, values("version", "1")); page.path != "/ecoles/demande" {
			t.Errorf("a POST to %s leads to %s", screen, page.path)
		}
	}
	b.get("/ecoles/demande").want(200).wantNot("Nous n'avons pas retrouvé")
	page := askToCheck(b, values("StartedFrom", "1", "started_from", "1", "state", "agreed", "assigned_to", "1", "priority", "REP+"))
	changed := b.get("/ecoles/demande/atelier")
	after := b.post(changed.path, changed.fill("", values("children", "30")))
	if after.path != "/ecoles/demande/verification" {
		t.Errorf("Modifier, Continuer leads to %s", after.path)
	}
	b.post(page.path, page.fill("", nil)).want(409, "Relisez-les", "30")
	b.post(after.path, after.fill("", values("children", "500", "state", "done"))).want(200, "La Ruche")
	if n := s.count(`SELECT count(*) FROM group_requests r JOIN organisations o ON o.id = r.organisation_id
	  WHERE r.state = 'received' AND r.children = 30 AND r.assigned_to IS NULL AND r.started_from IS NULL AND o.priority = ''`); n != 1 {
		t.Errorf("%d requests are as they were asked, want 1", n)
	}
}

// TestAskTrap: a program that fills what nobody sees is thanked, and nothing is stored (UX-S6).
func TestAskTrap(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, screen := range []string{"/contact", "/verification"} {
		b := s.browser()
		page := askToCheck(b, nil)
		if page.Find(`.trap[aria-hidden="true"] input[tabindex="-1"][autocomplete="off"]`).Length() != 1 {
			t.Fatal("the trap can be seen")
		}
		page = b.get("/ecoles/demande" + screen)
		thanks := b.post(page.path, page.fill("", values("website", "https://x.test"))).want(200, "Merci")
		if thanks.path != "/ecoles/demande/merci" {
			t.Errorf("it is led to %s", thanks.path)
		}
	}
	if n := s.count(`SELECT (SELECT count(*) FROM group_requests) + (SELECT count(*) FROM request_drafts) + (SELECT count(*) FROM outbox)`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

// TestAskLimits: five an hour for a mailbox, twenty for all who sit behind one address (SEC-6), everything typed kept.
func TestAskLimits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	send := func(email string) (reply, *browser) {
		b := s.browser()
		page := askToCheck(b, values("email", email))
		return b.post(page.path, page.fill("", nil)), b
	}
	for i := range 5 {
		if page, _ := send("zoe@example.org"); page.status != 200 {
			t.Fatalf("request %d of a mailbox gives %d", i+1, page.status)
		}
	}
	refused, b := send("ZOE@example.org")
	refused.want(http.StatusTooManyRequests, "Rien n'est perdu", "12 minutes", "La Ruche", "Zoé D'Artagnan-N'Guyen")
	if refused.header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	s.clock.Set(testNow.Add(13 * time.Minute))
	if page := b.post(refused.path, refused.fill("", nil)); !strings.HasPrefix(page.path, "/demandes/") {
		t.Errorf("after the wait it leads to %s", page.path)
	}
	for i := range 30 {
		page, _ := send(fmt.Sprintf("prof%d@example.org", i))
		if page.status == http.StatusTooManyRequests {
			if i < 14 {
				t.Errorf("colleague %d is refused", i+1)
			}
			return
		}
		page.want(200)
	}
	t.Error("one address sends as many as it likes")
}

// TestAskAgain: a new request starts from an old one, without its dates.
func TestAskAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	page := askToCheck(b, nil)
	status := b.post(page.path, page.fill("", nil)).want(200)
	b.post(status.path[:len(status.path)-3]+"AAA/recommencer", nil).want(404)
	other := s.browser()
	other.post(status.path+"/recommencer", nil).want(403, "Refaire une demande")
	again := other.get(status.path).want(200).fill("/recommencer", nil)
	page = other.post(status.path+"/recommencer", again).want(200, "Étape 2 sur 4")
	if page.fill("", nil).Get("date_1") != "" || page.fill("", nil).Get("level") != "8 à 12 ans" {
		t.Errorf("it begins with %v", page.fill("", nil))
	}
	page = other.post(page.path, page.fill("", values("date_1", "", "period", "en automne"))).want(200, "Étape 4 sur 4", "en automne", "zoe@example.org")
	second := other.post(page.path, page.fill("", nil)).want(200)
	if second.path == status.path {
		t.Error("it leads to the first request")
	}
	if n := s.count(`SELECT count(*) FROM group_requests a JOIN group_requests b ON b.started_from = a.id WHERE a.message <> '' AND b.message = ''`); n != 1 {
		t.Errorf("%d requests started from another, want 1", n)
	}
}

func TestLimiterForgetsTheOldest(t *testing.T) {
	t.Parallel()
	l := newLimiter(1, time.Hour)
	for i := range 3 * mostAllowances {
		if l.wait(fmt.Sprint(i), testNow.Add(time.Duration(i)*time.Millisecond)) > 0 {
			t.Fatalf("key %d is refused its first try", i)
		}
	}
	if len(l.keys) > mostAllowances {
		t.Errorf("it remembers %d keys", len(l.keys))
	}
	if l.wait(fmt.Sprint(3*mostAllowances-1), testNow.Add(time.Minute)) <= 0 {
		t.Error("it forgot the last one")
	}
}
