package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// headcount counts who came to the lesson.
func (l *lesson) headcount() {
	l.t.Helper()
	for _, n := range []struct {
		level, gender string
		children      int
	}{{"CM1", "girl", 7}, {"CM1", "boy", 5}, {"CM2", "unsaid", 3}} {
		l.write(`INSERT INTO headcounts (session_id, level, gender, children, recorded_at) VALUES (?, ?, ?, ?, '2026-05-09T13:30:00Z')`, l.session, n.level, n.gender, n.children)
	}
}

// ACC-20, UX-S2: once every session has ended and is counted there is an attestation, as a page and as a file that say
// the same; before there is none, on no page.
func TestAttestationOfService(t *testing.T) {
	t.Parallel()
	l := newLesson(t)
	for name, value := range map[string]string{"association_address": "12 rue des Capucins\n69001 Lyon", "signatory_name": "Łucja Nguyễn", "signatory_role": "Présidente"} {
		l.write(`INSERT INTO settings (name, value) VALUES (?, ?)`, name, value)
	}
	teacher := l.teamBrowser()
	l.headcount()
	teacher.get(l.path()).wants(http.StatusOK).hides("/attestation")
	teacher.get(l.path() + "/attestation").wants(http.StatusConflict).says("quand toutes les séances seront passées")
	l.clock.Set(time.Date(2026, 5, 9, 14, 0, 0, 0, time.UTC))
	for who, tt := range map[string]struct {
		b    *teamBrowser
		path string
	}{"teacher": {teacher, l.path()}, "desk": {l.member(account.Communication), DeskRequestPath(l.id)}} {
		href := tt.b.get(tt.path).wants(http.StatusOK).doc.Find(`a[href$="/attestation"]`).AttrOr("href", "-")
		page := tt.b.get(href).wants(http.StatusOK)
		text := pdfText(t, tt.b.get(href+".pdf").wants(http.StatusOK).Body)
		for _, want := range []string{"École élémentaire Marie-Curie", "0350122T", l.reference, "Robotique", "samedi 9 mai 2026", "14 h – 16 h", "CM1", "12", "CM2", "3", "15",
			"Nadia Łukaszewska", "Espace Altnet", "Łucja Nguyễn", "Présidente", "Fait à Lyon"} {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
				t.Errorf("%s: the file does not say %q:\n%s", who, want, text)
			}
			page.says(want)
		}
	}
	// Sessions of another workshop and place say so, each of itself.
	other := l.write(`INSERT INTO workshops (title, discipline, level, min_age, max_age, created_at, updated_at)
		SELECT 'Musique 李', discipline, level, min_age, max_age, created_at, updated_at FROM workshops LIMIT 1`)
	third := l.write(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, request_id, created_at, updated_at)
		SELECT ?, venue_id, '2026-05-08T12:00:00Z', '2026-05-08T13:00:00Z', 30, 0, status, opens_at, closes_at, request_id, created_at, updated_at FROM sessions WHERE id = ?`, other, l.session)
	l.write(`INSERT INTO headcounts (session_id, level, gender, children, recorded_at) VALUES (?, 'CM1', 'unsaid', 9, '2026-05-09T13:30:00Z')`, third)
	page := teacher.get(l.path() + "/attestation").wants(http.StatusOK).says("les ateliers « Musique 李 – Initiation » et « Robotique – Initiation »")
	if rows := page.doc.Find("tbody th").Text(); !strings.Contains(rows, "2026Musique 李 – Initiationsamedi") || !strings.Contains(rows, "2026Robotique – Initiation2") {
		t.Errorf("the rows are %q", rows)
	}
	if text := pdfText(t, teacher.get(l.path()+"/attestation.pdf").wants(http.StatusOK).Body); strings.Count(text, "Musique") < 2 {
		t.Errorf("the file says:\n%s", text)
	}
	// One session that was not counted holds it back, one that was called off does not.
	second := l.write(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, request_id, created_at, updated_at)
		SELECT workshop_id, venue_id, '2026-05-09T06:00:00Z', '2026-05-09T08:00:00Z', 30, 0, status, opens_at, closes_at, request_id, created_at, updated_at FROM sessions WHERE id = ?`, l.session)
	teacher.get(l.path() + "/attestation.pdf").wants(http.StatusConflict)
	l.write(`UPDATE sessions SET status = 'cancelled' WHERE id = ?`, second)
	teacher.get(l.path() + "/attestation").wants(http.StatusOK)
	l.write(`UPDATE sessions SET status = 'cancelled'`)
	teacher.get(l.path() + "/attestation").wants(http.StatusConflict)
}

// The figures of the desk: of the school year, or of a period that the address names; the table is safe and on record.
func TestGroupReport(t *testing.T) {
	t.Parallel()
	l := newLesson(t)
	l.write(`UPDATE organisations SET city = '=cmd()', sector = 'public', priority = 'REP+'`)
	l.headcount()
	l.clock.Set(time.Date(2026, 5, 10, 14, 0, 0, 0, time.UTC))
	desk := l.member(account.Communication)
	desk.get("/equipe/bilan/groupes").wants(http.StatusOK).says("Du lundi 1er septembre 2025 au lundi 31 août 2026", "Aucun atelier de groupe terminé")
	if err := l.web.School.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	page := desk.get("/equipe/bilan/groupes").wants(http.StatusOK).says("1er septembre 2025", "REP+", "Public").hides("bilan/groupes.csv")
	// A table's cells stand without spaces between them in the text of the page.
	for _, want := range []string{"1séance15présences30h", "CM11224h", "CM236h", "Filles714h", "Total1530h"} {
		if !strings.Contains(strings.ReplaceAll(page.text("main"), " ", ""), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if tab := page.text(`nav.desk .areas a[aria-current]`); tab != "Bilan des groupes" {
		t.Errorf("the menu is at %q", tab)
	}
	desk.get("/equipe/bilan/groupes?du=2026-05-10&au=2026-05-31").says("Aucun atelier de groupe terminé")
	for query, want := range map[string]string{"du=hier": "Écrivez une date comme", "du=2026-05-10&au=2026-05-01": "La fin vient avant le début"} {
		desk.get("/equipe/bilan/groupes?" + query).wants(http.StatusUnprocessableEntity).says(want)
	}
	desk.get("/equipe/bilan/groupes.csv").wants(http.StatusForbidden)
	staff := l.member(account.Staff)
	href := staff.get("/equipe/bilan/groupes").doc.Find(`a[href*="groupes.csv"]`).AttrOr("href", "-")
	file := staff.get(href).wants(http.StatusOK)
	if file.Header.Get("Content-Disposition") != `attachment; filename="bilan-groupes.csv"` {
		t.Errorf("headers %v", file.Header)
	}
	for _, want := range []string{"\ufeffDate;Séance;", "2026-05-09;1;École, collège ou lycée;0350122T;Public;REP+;;'=cmd();Robotique;CM1;Filles;Budget propre;120;7\r\n"} {
		if !strings.Contains(file.Body, want) {
			t.Errorf("the table does not hold %q:\n%s", want, file.Body)
		}
	}
	if n := l.count(`SELECT count(*) FROM access_log WHERE action = 'groups.export'`); n != 1 {
		t.Errorf("%d lines of access, want 1", n)
	}
	staff.get("/equipe/bilan/groupes.csv?" + url.Values{"du": {"hier"}}.Encode()).wants(http.StatusUnprocessableEntity)
}
