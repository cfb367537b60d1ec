package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
)

// file is a PDF that a browser was given, with its text.
func (a *answer) file(name string) string {
	a.t.Helper()
	a.wants(http.StatusOK)
	if got, want := a.Header.Get("Content-Disposition"), `attachment; filename="`+name+`"`; got != want || a.Header.Get("Cache-Control") != "no-store" {
		a.t.Errorf("%s: Content-Disposition %q, want %q; headers %v", a.what, got, want, a.Header)
	}
	return pdfText(a.t, a.Body)
}

// another adds a session on the day of the house, led by somebody, with a child of its own.
func (h *saturday) another(title, starts, ends, child string, leader int64) int64 {
	h.t.Helper()
	h.clock.Set(time.Date(2026, 5, 8, 8, 0, 0, 0, time.UTC))
	id := h.sessionOf(catalog.Workshop{Title: title, Discipline: "musique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120},
		catalog.SessionRequest{Date: "2026-05-09", Starts: starts, Ends: ends, Capacity: 12})
	h.must(h.web.Catalog.Assign(h.t.Context(), account.Command(), h.key(), id, leader))
	first := h.session
	h.session = id
	h.book("Łucja "+child, "06 00 00 00 00", family.NewChild{FirstName: child, LastName: "Öztürk", BirthDate: born(2017, 5, 9), Image: family.Yes,
		Health: family.Health{State: family.HealthDescribed, Text: "Asthme de " + child}})
	h.session = first
	h.clock.Set(time.Date(2026, 5, 9, 12, 5, 0, 0, time.UTC))
	return id
}

// Issue 5, 5; ACC-20, SEC-21, SEC-44: the sheets of a day as a page and as a file, for a facilitator their own.
func TestSheetsOfTheDay(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	h.another("Musique", "17:00", "18:00", "İpek", h.nadia)
	h.another("Minetest", "17:00", "18:00", "Ånders", h.amine)
	nadia := h.as("nadia@exemple.fr")
	if nadia.get("/animation").doc.Find(`main a[href="/animation/feuilles"]`).Length() != 1 {
		t.Error("the list of sessions does not lead to the sheets of a day")
	}
	page := nadia.get("/animation/feuilles").says("Feuilles du samedi 9 mai 2026", "Robotique · Initiation", "Musique", "Zoé", "İpek", "Arachides : stylo", "Asthme de İpek").hides("Minetest", "Ånders")
	if n := page.doc.Find("table.sheet").Length(); n != 2 {
		t.Errorf("%d tables, want one for each session", n)
	}
	seen := h.count(`SELECT count(*) FROM access_log WHERE action = 'sheet.read'`)
	text := nadia.get(page.doc.Find(`main a[href$=".pdf?jour=2026-05-09"]`).AttrOr("href", "-")).file("feuilles.pdf")
	for _, want := range []string{"Robotique – Initiation", "Musique", "D'Artagnan-N'Guyen", "İpek", "Asthme de İpek", "page 1/1", "À détruire après l'atelier"} {
		if !strings.Contains(text, want) {
			t.Errorf("the file does not say %q", want)
		}
	}
	if strings.Contains(text, "Ånders") {
		t.Error("the file holds a session of somebody else")
	}
	if n := h.count(`SELECT count(*) FROM access_log WHERE action = 'sheet.read'`) - seen; n != 2 {
		t.Errorf("%d lines of access for two sheets", n)
	}
	h.member(account.Staff).get("/animation/feuilles?jour=2026-05-09").says("Robotique", "Musique", "Minetest", "Asthme de Ånders")
	h.member(account.Communication).get("/animation/feuilles?jour=2026-05-09").says("Minetest", "Ånders").hides("Asthme", "06 00")

	nadia.get("/animation/feuilles?jour=2026-05-10").says("Aucune de vos séances").hides("PDF")
	nadia.get("/animation/feuilles.pdf?jour=2026-05-10").wants(http.StatusNotFound).says("Aucune de vos séances")
	for _, wrong := range []string{"demain", "2026-02-30", "2026-05-09%00"} {
		nadia.get("/animation/feuilles?jour=" + wrong).wants(http.StatusUnprocessableEntity).says("Cette date n'existe pas")
		nadia.get("/animation/feuilles.pdf?jour=" + wrong).wants(http.StatusUnprocessableEntity)
	}
	h.clock.Set(time.Date(2026, 5, 11, 12, 0, 0, 0, time.UTC))
	late := h.as("nadia@exemple.fr")
	late.get("/animation/feuilles?jour=2026-05-09").says("Zoé").hides("Arachides", "Asthme", "06 00")
	if text := late.get("/animation/feuilles.pdf?jour=2026-05-09").file("feuilles.pdf"); strings.Contains(text, "Asthme") || !strings.Contains(text, "Zoé") {
		t.Error("two days later the file holds what is for the team")
	}
	late.get("/animation/feuilles").says("Feuilles du lundi 11 mai 2026", "Aucune de vos séances")
}

// Issue 5, 5: the sheets of a series as a page and as a file, for a facilitator their own.
func TestSheetsOfASeries(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	second, foreign := h.another("Musique", "17:00", "18:00", "İpek", h.nadia), h.another("Minetest", "17:00", "18:00", "Ånders", h.amine)
	h.another("Scratch", "10:00", "11:00", "Ọ̀ṣun", h.nadia) // in none
	h.write(`INSERT INTO series (id, title, created_at) VALUES (7, 'Les samedis de 李', '2026-05-01T08:00:00Z'), (8, 'Vide', '2026-05-01T08:00:00Z')`)
	h.write(`UPDATE sessions SET series_id = 7 WHERE id IN (?, ?, ?)`, h.session, second, foreign)
	nadia := h.as("nadia@exemple.fr")
	href := nadia.get(h.path+"/feuille").doc.Find(`main a[href*="cycle="]`).AttrOr("href", "-")
	page := nadia.get(href).wants(http.StatusOK).says("Feuilles du cycle « Les samedis de 李 »", "Robotique · Initiation", "Musique", "Asthme de İpek").hides("Minetest", "Scratch", "Jour")
	text := nadia.get(page.doc.Find(`main a[href*=".pdf"]`).AttrOr("href", "-")).file("feuilles.pdf")
	if !strings.Contains(text, "Robotique") || !strings.Contains(text, "Asthme de İpek") || strings.Contains(text, "Ånders") {
		t.Errorf("the file says\n%s", text)
	}
	h.member(account.Staff).get(href).says("Robotique", "Musique", "Minetest")
	for _, none := range []string{"8", "99", "sept", "-1", ""} {
		nadia.get("/animation/feuilles?cycle=" + none).wants(http.StatusNotFound)
		nadia.get("/animation/feuilles.pdf?cycle=" + none).wants(http.StatusNotFound)
	}
}

// More than a file takes is refused with a way on.
func TestTooManySheetsOfADay(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	h.write(`WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 30)
		INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at)
		SELECT workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at FROM sessions, n WHERE id = ?`, h.session)
	staff := h.member(account.Staff)
	for _, path := range []string{"/animation/feuilles", "/animation/feuilles.pdf"} {
		staff.get(path+"?jour=2026-05-09").wants(http.StatusUnprocessableEntity).says("Ce sont 31 séances", "30 au plus", "depuis sa page")
	}
}

// Issue 5, 5: a sheet without names, of a session and of none, with the number of lines that one wants.
func TestBlankSheets(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	nadia := h.as("nadia@exemple.fr")
	blank := nadia.get(h.path+"/feuille").doc.Find(`main a[href$="/feuille-vierge"]`).AttrOr("href", "-")
	page := nadia.get(blank).says("Feuille vierge", "samedi 9 mai 2026", "Nadia Łukaszewska").hides("Zoé", "Arachides", "06.98")
	if n := page.doc.Find("table.sheet").First().Find("tbody tr").Length(); n != 12+5 {
		t.Errorf("%d lines, want one for each of 12 seats and 5 more", n)
	}
	text := nadia.get(blank + ".pdf?lignes=20").file("feuille-vierge.pdf")
	if !slices.Contains(strings.Fields(text), "20") || !strings.Contains(text, "Nadia Łukaszewska") || strings.Contains(text, "Zoé") {
		t.Errorf("the file says\n%s", text)
	}
	page = nadia.get("/animation/feuille-vierge?lignes=3").says("à remplir à la main", "Atelier", "Date")
	if n := page.doc.Find("table.sheet").First().Find("tbody tr").Length(); n != 3 {
		t.Errorf("%d lines, want 3", n)
	}
	if href := page.doc.Find("main .actions a.button").AttrOr("href", ""); href != "/animation/feuille-vierge.pdf?lignes=3" {
		t.Errorf("the file of the same lines is at %q", href)
	}
	nadia.get("/animation/feuille-vierge.pdf").file("feuille-vierge.pdf")
	for _, path := range []string{blank, blank + ".pdf", "/animation/feuille-vierge", "/animation/feuille-vierge.pdf"} {
		for _, wrong := range []string{"0", "-1", "121", "99999999999999999999", "beaucoup"} {
			nadia.get(path + "?lignes=" + wrong).wants(http.StatusUnprocessableEntity).says("de 1 à 120 lignes")
		}
	}
	if n := h.count(`SELECT count(*) FROM access_log`); n != 1 {
		t.Errorf("%d lines of access, want that of the sheet with names alone", n)
	}
}

// The blank sheet of a class has a line for every child that was announced, whether names are known or not.
func TestBlankSheetOfAClass(t *testing.T) {
	t.Parallel()
	l := newLesson(t)
	nadia := l.nadia()
	form := nadia.get(l.led + "/classe").form(l.led + "/classe")
	form.Set(classText, "Zoé\nŁukasz\nمحمد")
	nadia.post(l.led+"/classe", form).wants(http.StatusSeeOther)
	page := nadia.get(l.led+"/feuille-vierge").says("Feuille vierge", "École élémentaire Marie-Curie").hides("Zoé")
	if n := page.doc.Find("table.sheet tbody tr").Length(); n != 26 {
		t.Errorf("%d lines for 26 children", n)
	}
	if text := nadia.get(l.led + "/feuille-vierge.pdf").file("feuille-vierge.pdf"); strings.Contains(text, "Łukasz\n") || !strings.Contains(text, "Marie-Curie") {
		t.Errorf("the file says\n%s", text)
	}
	nadia.get("/animation/feuilles").says("École élémentaire Marie-Curie", "Zoé", "Les enfants de la classe")
	nadia.get("/animation/feuilles.pdf").file("feuilles.pdf")
	poster := nadia.get(l.led+"/affiche").says("École élémentaire Marie-Curie, CM1-CM2", "Avec Nadia").hides("6–12 ans", "Tout sur")
	if poster.doc.Find(`main a[href*="/seances/"]:not([href^="/animation/"])`).Length() != 0 {
		t.Error("the poster of a private session leads to a public page")
	}
	if text := nadia.get(l.led + "/affiche.pdf").file("affiche.pdf"); strings.Contains(text, "Tout sur") || !strings.Contains(text, "CM1-CM2") {
		t.Errorf("the poster says\n%s", text)
	}
	l.write(`UPDATE venues SET name = 'École élémentaire Marie-Curie' WHERE id IN (SELECT venue_id FROM sessions WHERE request_id IS NOT NULL)`)
	nadia.get(l.led+"/affiche").says("École élémentaire Marie-Curie", "CM1-CM2").hides("Marie-Curie, CM1-CM2") // the place has said it
}

// Issue 5, 5: the poster of the door as a page and as a file, with first names alone.
func TestPoster(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	nadia := h.as("nadia@exemple.fr")
	href := nadia.get(h.path+"/feuille").doc.Find(`main a[href$="/affiche"]`).AttrOr("href", "-")
	page := nadia.get(href).wants(http.StatusOK).says("Robotique", "14 h", "samedi 9 mai 2026", "Espace Altnet", "6–12 ans", "Avec Nadia", "C'est ici").
		hides("Zoé", "3 enfants")
	if strings.Contains(page.text("main"), "Łukaszewska") {
		t.Error("the page says a family name")
	}
	public := fmt.Sprintf("/seances/%d", h.session)
	if got := page.doc.Find("main .poster a").AttrOr("href", ""); !strings.HasSuffix(got, public) || !strings.HasPrefix(got, "http") {
		t.Errorf("the code leads to %q", got)
	}
	text := nadia.get(href + ".pdf").file("affiche.pdf")
	for _, want := range []string{"Robotique – Initiation", "samedi 9 mai 2026, 14 h – 16 h", "Espace Altnet", "6–12 ans", "Avec Nadia", "Tout sur cette séance"} {
		if !strings.Contains(text, want) {
			t.Errorf("the file does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Łukaszewska") {
		t.Error("the file says a family name")
	}
	h.write(`UPDATE sessions SET status = 'draft' WHERE id = ?`, h.session)
	nadia.get(href).hides("Tout sur cette séance")
}

// UX-F13: staff choose how many blank lines end a sheet, from 0 to 15.
func TestBlankLinesAreASetting(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	staff, nadia := h.member(account.Staff), h.as("nadia@exemple.fr")
	const path = "/equipe/reglages"
	for _, wrong := range []string{"16", "-1", "cinq", "", "1e1"} {
		again := staff.post(path, with(staff.get(path).form(path), "sheet_blank_lines", wrong)).wants(http.StatusUnprocessableEntity).form(path)
		if got := again.Get("sheet_blank_lines"); got != wrong {
			t.Errorf("%q was typed, and %q kept", wrong, got)
		}
	}
	for _, lines := range []int{0, 15} {
		staff.post(path, with(staff.get(path).form(path), "sheet_blank_lines", fmt.Sprint(lines))).wants(http.StatusSeeOther)
		if n := nadia.get(h.path + "/feuille").doc.Find("table.sheet tbody tr").Length(); n != 3+lines {
			t.Errorf("%d lines for 3 children and %d blank ones", n, lines)
		}
		text := strings.Fields(nadia.get(h.path + "/feuille.pdf").file("feuille.pdf"))
		if lines == 15 && !slices.Contains(text, "18") {
			t.Error("line 18 is not in the file")
		}
	}
}
