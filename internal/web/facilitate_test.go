package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// saturday is a house on the day of a session: Saturday 9 May 2026, five past two in Lyon. Nadia leads it, Amine
// does not; three families have booked.
type saturday struct {
	*house
	session            int64
	path               string // of the register
	nadia, amine       int64
	zoe, anh, mohammed int64 // bookings, in the order of the register: D'Artagnan, Nguyễn, محمد
}

func newSaturday(t testing.TB) *saturday {
	t.Helper()
	h := &saturday{house: newHouse(t)}
	h.session = h.sessionOf(catalog.Workshop{
		Title: "Robotique", Level: "Initiation", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120,
		Summary: "Programmer un robot Thymio.", Skills: "Lire un capteur\nÉcrire une boucle",
	}, catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", Capacity: 12, PriceCents: 1400})
	h.path = fmt.Sprintf("/animation/seances/%d", h.session)
	h.nadia, h.amine = h.user("nadia@exemple.fr", "Nadia Łukaszewska", account.Facilitator), h.user("amine@exemple.fr", "Amine Şahin", account.Facilitator)
	h.must(h.web.Catalog.Assign(t.Context(), account.Command(), h.key(), h.session, h.nadia))
	h.zoe = h.book("Linh Nguyễn", "+33 6 12 34 56 78", family.NewChild{FirstName: "Zoé", LastName: "D'Artagnan-N'Guyen", BirthDate: born(2017, 5, 9),
		Health: family.Health{State: family.HealthDescribed, Text: "Arachides : stylo dans le sac"}, Image: family.No, PickupPersons: []string{"Tonton Łukasz"}})
	h.anh = h.book("李 Wei", "06.98.76.54.32", family.NewChild{FirstName: "Anh", LastName: "Nguyễn", BirthDate: born(2015, 1, 31),
		Health: family.Health{State: family.HealthNone}, Image: family.Yes, LeavesAlone: true})
	h.mohammed = h.book("أمينة علي", "07 11 22 33 44", family.NewChild{FirstName: "محمد", LastName: "علي", BirthDate: born(2018, 12, 1),
		Health: family.Health{State: family.HealthToAsk}, Image: family.Later})
	h.clock.Set(time.Date(2026, 5, 9, 12, 5, 0, 0, time.UTC))
	return h
}

func born(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// book books a child of a family of its own and returns the booking.
func (h *saturday) book(guardian, phone string, child family.NewChild) int64 {
	h.t.Helper()
	return h.bookAll(guardian, phone, child)
}

// bookAll books children of one family and returns the booking of the first; those of the others follow it.
func (h *saturday) bookAll(guardian, phone string, children ...family.NewChild) int64 {
	h.t.Helper()
	_, err := h.web.Bookings.Book(h.t.Context(), account.Guest(), h.key(), booking.Request{
		SessionID: h.session, Children: children,
		Guardian: family.NewGuardian{Name: guardian, Phone: phone, Email: fmt.Sprintf("famille%d@exemple.fr", h.count("SELECT count(*) FROM guardians")), Language: "fr"},
	})
	h.must(err)
	var id int64
	h.scan(&id, "SELECT max(id) FROM bookings")
	return id - int64(len(children)) + 1
}

// as is a browser in which somebody has signed in.
func (h *saturday) as(email string) *teamBrowser {
	h.t.Helper()
	b := h.teamBrowser()
	b.signIn(email)
	return b
}

// row is the line of a child.
func (a *answer) row(booking int64) *goquery.Selection {
	a.t.Helper()
	row := a.doc.Find("#" + registerAnchor(booking))
	if row.Length() != 1 {
		a.t.Fatalf("%s has %d rows for booking %d:\n%s", a.what, row.Length(), booking, a.text("main"))
	}
	return row
}

// button is what a browser sends for a button of a row; nil when the row has none of this kind.
func (a *answer) button(booking int64, mark string) url.Values {
	a.t.Helper()
	form := a.row(booking).Find(`form:has(input[name=pointage][value=` + mark + `])`)
	if form.Length() == 0 {
		return nil
	}
	values := url.Values{}
	form.Find("input").Each(func(_ int, in *goquery.Selection) { values.Set(in.AttrOr("name", ""), in.AttrOr("value", "")) })
	return values
}

// tap presses a button of a row on a fresh register and returns the register that it leads to.
func (h *saturday) tap(b *teamBrowser, booking int64, mark string) *answer {
	h.t.Helper()
	form := b.get(h.path).wants(http.StatusOK).button(booking, mark)
	if form == nil {
		h.t.Fatalf("booking %d has no button %s", booking, mark)
	}
	h.clock.Advance(time.Millisecond)
	b.post(h.path+"/pointages", form).leadsTo(h.path + "#" + registerAnchor(booking))
	return b.get(h.path).wants(http.StatusOK)
}

// buttons are the marks that a row offers.
func (a *answer) buttons(booking int64) []string {
	var all []string
	a.row(booking).Find("input[name=pointage]").Each(func(_ int, in *goquery.Selection) { all = append(all, in.AttrOr("value", "")) })
	return all
}

// UX-F1: from the door to the register in two taps; whoever does not lead the session has no way to it.
func TestFromTheDoorToTheRegister(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.teamBrowser()
	form := b.get("/connexion").form("/connexion")
	form.Set("email", "nadia@exemple.fr")
	form.Set("password", housePassword)
	b.post("/connexion", form).leadsTo("/animation")
	agenda := b.get("/animation").wants(http.StatusOK).says("Aujourd'hui", "sam. 9 mai", "14 h", "Robotique", "Espace Altnet", "3 enfants")
	href := agenda.doc.Find("main .card a").First().AttrOr("href", "")
	if href != h.path {
		t.Fatalf("the first card leads to %q, want %q", href, h.path)
	}
	page := b.get(href).wants(http.StatusOK).says("Robotique · Initiation", "samedi 9 mai 2026", "14 h – 16 h", "0 présent", "3 inscrits")
	var names []string
	page.doc.Find(".roster .name").Each(func(_ int, name *goquery.Selection) { names = append(names, name.Text()) })
	if want := []string{"Zoé D'Artagnan-N'Guyen", "Anh Nguyễn", "محمد علي"}; !slices.Equal(names, want) {
		t.Errorf("rows in the order %q, want %q", names, want)
	}
	h.as("amine@exemple.fr").get("/animation").wants(http.StatusOK).says("Vous n'animez rien aujourd'hui").hides("Robotique")
	h.member(account.Staff).get("/animation").wants(http.StatusOK).says("Robotique")
}

// UX-F2, F3: one tap is a mark, its undo stays in the row, each comes back to the row.
func TestMarkAndUndo(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	before := b.get(h.path)
	if got := before.buttons(h.zoe); !slices.Equal(got, []string{"present", "absent"}) {
		t.Errorf("expected: %q", got)
	}
	page := h.tap(b, h.zoe, "present").says("1 présent", "3 inscrits", "Présent, 14 h 05")
	if got := page.buttons(h.zoe); !slices.Equal(got, []string{"annuler"}) || !page.row(h.zoe).HasClass("present") {
		t.Errorf("present: %q", got)
	}
	page = h.tap(b, h.anh, "absent").says("1 présent", "1 absent", "Absent, 14 h 05")
	if got := page.buttons(h.anh); !slices.Equal(got, []string{"present", "annuler"}) {
		t.Errorf("absent: %q", got)
	}
	// The button of a page left open: sent again it is the same mark (I4); of another row it still works.
	b.post(h.path+"/pointages", page.button(h.mohammed, "present")).wants(http.StatusSeeOther)
	b.post(h.path+"/pointages", page.button(h.mohammed, "present")).wants(http.StatusSeeOther)
	h.clock.Advance(time.Millisecond) // within a second the later tap wins
	b.post(h.path+"/pointages", page.button(h.anh, "present")).wants(http.StatusSeeOther)
	if n := h.count("SELECT count(*) FROM marks"); n != 4 {
		t.Errorf("%d entries, want 4", n)
	}
	h.tap(b, h.zoe, "annuler").says("2 présents", "3 inscrits")
	if n := h.count("SELECT count(*) FROM marks WHERE action = 'undo'"); n != 1 {
		t.Errorf("%d undos, want 1", n)
	}
}

func TestMarksThatCannotBe(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	good := b.get(h.path).button(h.zoe, "present")
	for name, tt := range map[string]struct {
		change url.Values
		status int
	}{
		"made-up key":     {url.Values{"form_key": {"x"}}, http.StatusForbidden},
		"made-up action":  {url.Values{"pointage": {"dort"}}, http.StatusUnprocessableEntity},
		"made-up booking": {url.Values{"inscription": {"zoé"}}, http.StatusNotFound},
		"foreign booking": {url.Values{"inscription": {"999"}}, http.StatusNotFound},
		"foreign entry":   {url.Values{"pointage": {"annuler"}, "entree": {"x"}}, http.StatusNotFound},
	} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		for k, v := range tt.change {
			form[k] = v
		}
		if a := b.post(h.path+"/pointages", form); a.Status != tt.status {
			t.Errorf("%s: %d, want %d", name, a.Status, tt.status)
		}
	}
	// SEC-22: fields that the form does not have change nothing.
	form := url.Values{"pointage_at": {"2026-01-01"}, "author_id": {"1"}, "at": {"2026-01-01T00:00:00Z"}}
	for k, v := range good {
		form[k] = v
	}
	b.post(h.path+"/pointages", form).wants(http.StatusSeeOther)
	if n := h.count("SELECT count(*) FROM marks WHERE at = '2026-05-09T12:05:00Z' AND author_id = ?", h.nadia); n != 1 || h.count("SELECT count(*) FROM marks") != 1 {
		t.Errorf("%d entries as they should be, want 1", n)
	}
	h.clock.Set(time.Date(2026, 5, 9, 11, 55, 0, 0, time.UTC)) // until its start
	h.must(h.web.Bookings.CancelSession(t.Context(), account.Command(), h.key(), h.session, "Salle inondée"))
	if a := b.get(h.path).wants(http.StatusOK).says("Cette séance est annulée"); a.doc.Find("input[name=pointage]").Length() != 0 {
		t.Error("a cancelled session offers marks")
	}
}

// UX-F5, SEC-21: what a facilitator must know is a tap away, for as long as it may be known.
func TestRegisterShowsCareForThreeDays(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	secrets := []string{"Arachides", "stylo", "+33612345678", "06.98.76.54.32", "Tonton", "Linh"}
	page := h.as("nadia@exemple.fr").get(h.path).says("Arachides : stylo dans le sac", "Tonton Łukasz", "+33 6 12 34 56 78", "7 ans")
	for booking, flags := range map[int64]string{h.zoe: "Santé : à lire Pas de photo", h.anh: "Part seul", h.mohammed: "Santé : à demander Photo : à demander"} {
		var got []string
		page.row(booking).Find(".flag").Each(func(_ int, f *goquery.Selection) {
			got = append(got, strings.Join(strings.Fields(f.Text()), " "))
			if f.Find("svg").Length() != 1 {
				t.Errorf("a flag without pictogram: %s", f.Text())
			}
		})
		if all := strings.ReplaceAll(strings.Join(got, " "), "\u00a0", " "); all != flags {
			t.Errorf("booking %d has the flags %q, want %q", booking, all, flags)
		}
	}
	for booking, tel := range map[int64]string{h.zoe: "tel:+33612345678", h.anh: "tel:0698765432"} {
		if got := page.row(booking).Find(".care a").First().AttrOr("href", ""); got != tel {
			t.Errorf("the first call is %q, want %q", got, tel)
		}
	}
	if page.Header.Get("Cache-Control") != "no-store" || !strings.Contains(page.Header.Get("X-Robots-Tag"), "noindex") {
		t.Errorf("headers %v", page.Header)
	}
	h.member(account.Communication).get(h.path).wants(http.StatusOK).says("Zoé D'Artagnan-N'Guyen", "sans la santé ni les téléphones").hides(secrets...)
	h.clock.Set(time.Date(2026, 5, 11, 12, 0, 0, 0, time.UTC))
	late := h.as("nadia@exemple.fr")
	late.get(h.path).wants(http.StatusOK).says("Zoé D'Artagnan-N'Guyen", "de la veille au lendemain").hides(secrets...)
	late.get(h.path + "/feuille").wants(http.StatusOK).says("Zoé").hides(secrets...)
	if text := pdfText(t, late.get(h.path+"/feuille.pdf").wants(http.StatusOK).Body); strings.Contains(text, "Arachides") || strings.Contains(text, "06.98") {
		t.Error("the sheet of a facilitator two days later holds what is for the team")
	}
	h.member(account.Staff).get(h.path).wants(http.StatusOK).says("Arachides : stylo dans le sac")
}

// What a page of an error says fits what was done, and leads the team back to where they work.
func TestRefusalsOfTheTeam(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	nadia := h.as("nadia@exemple.fr")
	nadia.get("/equipe").wants(http.StatusForbidden).says("Cette page n'est pas pour ce compte")
	nadia.post(h.path+"/pointages", url.Values{"pointage": {"present"}}).wants(http.StatusForbidden).
		says("Cet envoi n'a pas été accepté", "Nous n'avons pas reconnu ce formulaire").hides("ce compte")
	if nadia.get("/animation/seances/999").wants(http.StatusNotFound).doc.Find(`main a[href="/animation"]`).Length() != 1 {
		t.Error("no way back to the sessions that one leads")
	}
}

// problem is what a page of an error says, without the request's own number.
func (a *answer) problem() string {
	text, _, _ := strings.Cut(a.text("main"), "donnez ce repère")
	return text
}

// SEC-20: the pages of a session are for who leads it and for staff; for other facilitators they are not there, and guests
// are sent to the door.
func TestWhoseRegister(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	nadia, amine, staff, writer, guest := h.as("nadia@exemple.fr"), h.as("amine@exemple.fr"), h.member(account.Staff), h.member(account.Communication), h.teamBrowser()
	h.tap(nadia, h.zoe, "present")
	b := nadia.get(h.path + "/attestations").form(h.path + "/attestations")
	nadia.post(h.path+"/attestations", b).wants(http.StatusSeeOther)
	for _, tt := range []struct {
		below                        string
		nadia, amine, staff, writing int
	}{
		{"", 200, 404, 200, 200},
		{"/feuille", 200, 404, 200, 200},
		{"/feuille.pdf", 200, 404, 200, 200},
		{"/transmettre", 200, 404, 200, 403},
		{"/attestations", 200, 404, 200, 403},
		{"/attestations.pdf", 200, 404, 200, 403},
		{"/attestations/papier", 200, 404, 200, 403},
		{"/attestations/1/annuler", 403, 404, 200, 403},
		{"/attestations/2/annuler", 403, 404, 404, 403}, // by role, whether it exists or not
	} {
		for _, who := range []struct {
			name string
			b    *teamBrowser
			want int
		}{{"nadia", nadia, tt.nadia}, {"amine", amine, tt.amine}, {"staff", staff, tt.staff}, {"communication", writer, tt.writing}} {
			if got := who.b.get(h.path + tt.below).Status; got != who.want {
				t.Errorf("%s of %s: %d, want %d", tt.below, who.name, got, who.want)
			}
			who.b.get("/animation/seances/999" + tt.below).wants(http.StatusNotFound)
		}
		if foreign, missing := amine.get(h.path+tt.below).problem(), amine.get("/animation/seances/999"+tt.below).problem(); foreign != missing {
			t.Errorf("%s: what is not yours says %q, what is not there %q", tt.below, foreign, missing)
		}
		guest.get(h.path + tt.below).leadsTo("/connexion?" + url.Values{"suite": {h.path + tt.below}}.Encode())
	}
	for _, wrong := range []string{"/animation/seances/zoe", "/animation/seances/-1", "/animation/seances/99999999999999999999", h.path + "/attestations/x/annuler"} {
		staff.get(wrong).wants(http.StatusNotFound)
	}
}

// No GET changes anything but the access log (SEC-15).
func TestLookingChangesNothing(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	staff := h.member(account.Staff)
	h.tap(staff, h.zoe, "present")
	staff.post(h.path+"/attestations", staff.get(h.path+"/attestations").form(h.path+"/attestations")).wants(http.StatusSeeOther)
	var code string
	h.scan(&code, "SELECT code FROM certificates")
	state := func() (all string) {
		for _, table := range []string{"audit", "marks", "participants", "certificates", "form_keys", "outbox", "session_facilitators", "bookings", "sign_ins"} {
			all += fmt.Sprint(h.count("SELECT count(*) FROM "+table), " ")
		}
		return all
	}
	before, seen := state(), h.count("SELECT count(*) FROM access_log")
	for _, path := range []string{"/animation", h.path, h.path + "/feuille", h.path + "/feuille.pdf", h.path + "/transmettre", h.path + "/attestations",
		h.path + "/attestations.pdf", h.path + "/attestations/papier", h.path + "/attestations/1/annuler", "/attestations", "/attestations/" + code} {
		staff.get(path).wants(http.StatusOK)
	}
	if after := state(); after != before {
		t.Errorf("rows %s, before %s", after, before)
	}
	if n := h.count("SELECT count(*) FROM access_log") - seen; n != 3 {
		t.Errorf("%d lines of access, want one each for the register and the two sheets", n)
	}
}

// UX-F13, ACC-20, SEC-44: the sheet as a page and as a file; health and phones on the page of the team only.
func TestSheet(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	page := b.get(h.path+"/feuille").wants(http.StatusOK).says("Feuille d'émargement", "samedi 9 mai 2026", "Espace Altnet", "Nadia Łukaszewska", "12 places", "état au samedi 9 mai 2026 à 14 h 05")
	if n := page.doc.Find("table.sheet tbody tr").Length(); n != 3+5 {
		t.Errorf("%d rows, want 3 children and 5 blank lines", n)
	}
	table := page.text("table.sheet")
	for _, private := range []string{"Arachides", "06", "Tonton"} {
		if strings.Contains(table, private) {
			t.Errorf("the page for the table holds %q", private)
		}
	}
	if team := page.text(".new-page"); !strings.Contains(team, "Arachides : stylo dans le sac") || !strings.Contains(team, "06.98.76.54.32") || !strings.Contains(team, "Part seul") {
		t.Errorf("the page of the team says %s", team)
	}
	file := b.get(h.path + "/feuille.pdf").wants(http.StatusOK)
	if file.Header.Get("Content-Disposition") != `attachment; filename="feuille.pdf"` || file.Header.Get("Content-Type") != "application/pdf" || file.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", file.Header)
	}
	text := pdfText(t, file.Body)
	for _, want := range []string{"Robotique", "D'Artagnan-N'Guyen", "Nguyễn", "9 ans", "Nadia Łukaszewska", "Arachides : stylo", "page 1/"} {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
			t.Errorf("the file does not say %q:\n%s", want, text)
		}
	}
}

// pdfText is what pdftotext reads in a file.
func pdfText(t testing.TB, file string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(string(out))
}

// A session goes to a colleague from a phone, at once; who took it learns by mail, who gave it sees it no more.
func TestHandOver(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	other := h.sessionOf(catalog.Workshop{Title: "Musique", Discipline: "musique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120},
		catalog.SessionRequest{Date: "2026-05-09", Starts: "15:00", Ends: "17:00", Capacity: 12})
	h.must(h.web.Catalog.Assign(t.Context(), account.Command(), h.key(), other, h.amine))
	b := h.as("nadia@exemple.fr")
	list := b.get(h.path+"/transmettre").wants(http.StatusOK).says("À qui confier cette séance", "Amine Şahin")
	if people := list.text(".people"); strings.Contains(people, "Nadia") {
		t.Errorf("one can hand over to oneself: %s", people)
	}
	href := list.doc.Find(`.people a:contains("Amine")`).AttrOr("href", "")
	ask := b.get(href).wants(http.StatusOK).says("Transmettre à Amine Şahin ?", "anime déjà à cette heure : Musique, 15 h – 17 h", "Vous ne verrez plus cette séance")
	form := ask.form(h.path + "/transmettre")
	b.post(h.path+"/transmettre", form).leadsTo("/animation?transmise=1")
	b.get("/animation?transmise=1").wants(http.StatusOK).says("C'est transmis").hides("Robotique")
	b.get(h.path).wants(http.StatusNotFound)
	h.as("amine@exemple.fr").get(h.path).wants(http.StatusOK).says("Zoé D'Artagnan-N'Guyen")
	if n := h.count("SELECT count(*) FROM outbox WHERE recipient = 'amine@exemple.fr'"); n != 1 {
		t.Errorf("%d mails to who took the session, want 1", n)
	}

	// Staff hand over in place of somebody; a facilitator cannot, and nobody can choose who does not lead or cannot.
	staff := h.member(account.Staff)
	href = staff.get(h.path+"/transmettre").wants(http.StatusOK).says("Qui remplace Amine Şahin ?").doc.Find(`.people a:contains("Nadia")`).AttrOr("href", "")
	form = staff.get(href).wants(http.StatusOK).says("Nadia Łukaszewska remplacera Amine Şahin").form(h.path + "/transmettre")
	staff.post(h.path+"/transmettre", form).leadsTo("/animation?transmise=1")
	for _, query := range []string{"?de=999&a=" + fmt.Sprint(h.amine), "?a=" + fmt.Sprint(h.amine), fmt.Sprintf("?de=%d&a=999", h.nadia), fmt.Sprintf("?de=%d&a=x", h.nadia)} {
		b.get(h.path + "/transmettre" + query).wants(http.StatusNotFound)
	}
}

// From presence to a certificate that anybody can verify, and back.
func TestCertificates(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	b.get(h.path + "/attestations").wants(http.StatusOK).says("Pointez d'abord les présents")
	b.get(h.path + "/attestations.pdf").wants(http.StatusConflict).says("Il n'y a pas encore d'attestation")
	h.tap(b, h.zoe, "present")
	h.tap(b, h.anh, "present")
	h.tap(b, h.mohammed, "absent")
	form := b.get(h.path + "/attestations").wants(http.StatusOK).says("2 enfants sont venus").form(h.path + "/attestations")
	form.Set("tell", "oui") // as it is ticked
	for range 2 {           // sent twice, the same result
		b.post(h.path+"/attestations", form).leadsTo(h.path + "/attestations?faites=2&mail=oui")
	}
	if n := h.count("SELECT count(*) FROM outbox WHERE kind = 'certificates_issued'"); n != 2 {
		t.Errorf("%d families told, want 2 (I9)", n)
	}
	list := b.get(h.path+"/attestations?faites=2").wants(http.StatusOK).says("2 attestations sont prêtes", "Zoé D'Artagnan-N'Guyen", "ADA-2026-000001", "Valable").hides("علي")
	public := list.doc.Find(".given a").First().AttrOr("href", "")

	file := b.get(h.path + "/attestations.pdf").wants(http.StatusOK)
	if file.Header.Get("Content-Disposition") != `attachment; filename="attestations.pdf"` || file.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", file.Header)
	}
	code := strings.TrimPrefix(public, "/attestations/")
	if text := pdfText(t, file.Body); !strings.Contains(text, "D'Artagnan-N'Guyen") || !strings.Contains(text, "Nguyễn") || !strings.Contains(text, code) || !strings.Contains(text, "ADA-2026-000002") {
		t.Errorf("the file says\n%s", text)
	}
	b.get(h.path+"/attestations/papier").wants(http.StatusOK).says("Zoé D'Artagnan-N'Guyen", "a participé à l'atelier Robotique", "(2 h d'atelier)", "Lire un capteur", code)

	// Anybody, without signing in: first name and initial, nothing else of the family.
	guest := h.teamBrowser()
	guest.get(public).wants(http.StatusOK).says("Cette attestation est valable", "Zoé D.", "Robotique · Initiation", "samedi 9 mai 2026", "Espace Altnet, Lyon", "ADA-2026-000001").
		hides("Artagnan", "Nguy", "Linh", "Arachides")
	if len(guest.cookies()) != 0 {
		t.Errorf("the page sets cookies: %v", guest.cookies())
	}
	typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
	guest.get("/attestations?" + url.Values{"code": {typed}}.Encode()).leadsTo("/attestations/" + code)
	guest.get("/attestations").wants(http.StatusOK).says("Vérifier une attestation")
	guest.get("/attestations?code=").wants(http.StatusUnprocessableEntity).says("Aucune attestation ne porte ce code")
	guest.get("/attestations/2222-2222-2222").wants(http.StatusNotFound).says("Aucune attestation ne porte ce code")
	guest.get("/attestations/" + url.PathEscape(strings.Repeat("<é>", 100))).wants(http.StatusNotFound).hides("<é>")

	// Staff revoke, after a question.
	b.get(h.path + "/attestations/1/annuler").wants(http.StatusForbidden)
	staff := h.member(account.Staff)
	revoke := staff.get(h.path+"/attestations").doc.Find(`.given a.button`).First().AttrOr("href", "")
	form = staff.get(revoke).wants(http.StatusOK).says("Annuler l'attestation ADA-2026-000001 ?", "Zoé D'Artagnan-N'Guyen", "définitif").form(revoke)
	form = staff.post(revoke, form).wants(http.StatusUnprocessableEntity).says("Écrivez pourquoi").form(revoke)
	form.Set("reason", "Nom mal écrit")
	staff.post(revoke, form).leadsTo(h.path + "/attestations?annulee=oui")
	again := staff.get(h.path+"/attestations").wants(http.StatusOK).says("Annulée", "Nom mal écrit").doc.Find(`.given a.button`).First().AttrOr("href", "")
	b.get(h.path + "/attestations").says("Annulée").hides("Nom mal écrit")
	staff.get(revoke).leadsTo(h.path + "/attestations")
	guest.get(public).wants(http.StatusOK).says("Cette attestation est annulée").hides("Zoé", "Nom mal écrit", "plus récente")
	if text := pdfText(t, b.get(h.path+"/attestations.pdf").wants(http.StatusOK).Body); strings.Contains(text, "ADA-2026-000001") {
		t.Error("a revoked certificate is printed")
	}

	// Issued again: a new number, and the old page tells that there is one, no more.
	staff.post(again, staff.get(again).wants(http.StatusOK).says("Refaire l'attestation ADA-2026-000001 ?").form(again)).wants(http.StatusSeeOther)
	staff.get(h.path + "/attestations").says("ADA-2026-000003").hides("La refaire")
	guest.get(public).wants(http.StatusOK).says("Cette attestation est annulée", "Une attestation plus récente existe").hides("Zoé", "000003")

	// Erased: the certificate stands, without the name.
	h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE children SET first_name = '', last_name = '', name_folded = ''`)
		return err
	}))
	public = b.get(h.path+"/attestations").says("Nom effacé").doc.Find(".given a.num").Last().AttrOr("href", "")
	guest.get(public).wants(http.StatusOK).says("Cette attestation est valable", "Son nom a été effacé").hides("Anh")
	b.get(h.path + "/attestations.pdf").wants(http.StatusConflict)
}
