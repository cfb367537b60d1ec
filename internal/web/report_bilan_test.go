package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

// closedSessions are the facts of two sessions in Lyon: eight girls and two boys in April, nine of them new, and in March of the
// school year, but of the calendar year before, six.
func (s *site) closedSessions() {
	s.t.Helper()
	id := s.session("Robotique", 12)
	if err := s.db.Write(s.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		for _, query := range []string{
			`INSERT INTO closings (id, session_id, closed_at, last_mark, reopened_at) SELECT 1, ?1, '2026-04-11T16:00:00Z', 0, NULL`,
			`INSERT INTO session_facts SELECT 1, ?1, '2026-04-11', 'robotique', 'Lyon', 'Métropole de Lyon', 120, 12, 10, 6, 1, 2`,
			`INSERT INTO facts (closing_id, session_id, held_on, discipline, city, funding, age_band, gender, home, qpv, qpv_zoning, qpv_method, first, maybe_known, minutes)
			 SELECT 1, ?1, '2026-04-11', 'robotique', 'Lyon', 'Métropole de Lyon', '9-11', iif(value <= 8, 'girl', 'boy'), iif(value <= 2, '69', '69/69001'), 'yes', 2024, 'declared', iif(value = 1, 0xFFFFFFEE, 0xFFFFFFFF), value = 2, 120
			   FROM json_each('[1,2,3,4,5,6,7,8,9,10]')`,
		} {
			if _, err := tx.Exec(query, id); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
}

// UX-A7, UX-A8: the team sees every figure; what it sends hides the small ones, says which map of districts it means, and is on
// record (UX-A6, SEC-44).
func TestBilan(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	s.closedSessions()
	desk := s.member(account.Communication)
	page := desk.get("/equipe/bilan").wants(http.StatusOK).says("Du lundi 1er septembre 2025 au lundi 31 août 2026", "Comparé à la période d'avant : du dimanche 1er septembre 2024 au dimanche 31 août 2025",
		"80 %", "0 non précisé", "Oui (carte de 2024, déclaré)", "9 à 11 ans", "Lyon 1er (69001)", "Département 69, commune non détaillée", "Métropole de Lyon", "Doublons possibles : parmi eux, 1").hides("bilan.pdf", "presences.xlsx")
	if tab := page.text(`nav.desk a[aria-current="page"]`); tab != "Bilan" {
		t.Errorf("the menu says %q", tab)
	}
	// A table's cells stand without spaces between them in the text of the page.
	for id, want := range map[string]string{"gender": "Garçons224h0", "newness": "Venuspourlapremièrefois90", "absence": "Absentssansprévenir60", "age": "Total101020h0"} {
		if got := strings.ReplaceAll(page.text("#par-"+id), " ", ""); !strings.Contains(got, want) {
			t.Errorf("%s says %s, want %s", id, got, want)
		}
	}
	desk.get("/equipe/bilan?du=2026-02-10&au=2026-08-31").says("Les enfants différents ne se comptent que").hides("enfants différents (tout public)")
	desk.get("/equipe/bilan?ville=Lille").says("Aucune séance close")
	desk.get("/equipe/bilan?financement=own").says("Aucune séance close")
	desk.get("/equipe/bilan?du=hier").wants(http.StatusUnprocessableEntity).says("Écrivez une date")
	for _, far := range []string{"du=1000-01-01", "du=1999-12-31", "au=2030-01-01", "au=9999-12-31"} {
		if a := desk.get("/equipe/bilan?" + far).wants(http.StatusUnprocessableEntity).says("Choisissez un jour entre le 1er janvier 2000 et le"); !strings.Contains(a.Body, strings.SplitN(far, "=", 2)[1]) {
			t.Errorf("%s: what was typed is lost", far)
		}
	}
	desk.get("/equipe/bilan?du=2000-01-01").wants(http.StatusOK)
	for _, file := range []string{".pdf", ".xlsx", ".csv", "/presences.xlsx", "/presences.csv"} {
		desk.get("/equipe/bilan" + file).wants(http.StatusForbidden)
	}

	staff := s.member(account.Staff)
	staff.get("/equipe/bilan").wants(http.StatusOK).says("Bilan à envoyer (PDF)", "Ce que contiennent les colonnes", "Du")
	csv := staff.get("/equipe/bilan.csv").wants(http.StatusOK)
	if csv.Header.Get("Content-Disposition") != `attachment; filename="bilan.csv"` {
		t.Errorf("the file is named %q", csv.Header.Get("Content-Disposition"))
	}
	for _, want := range []string{"Genre;Garçons;;masqué;masqué;masqué;", "Genre;Filles;;masqué;masqué;masqué;", "Genre;Total;;10;10;20,00;", "Âge le jour de la séance;9 à 11 ans;;10;10;20,00;"} {
		if !strings.Contains(wordstest.Plain(csv.Body), want) {
			t.Errorf("the table lacks %q:\n%s", want, csv.Body)
		}
	}
	if strings.Contains(csv.Body, ";2;2;") {
		t.Error("a small figure leaves the team")
	}
	for _, path := range []string{"/equipe/bilan.xlsx", "/equipe/bilan/presences.xlsx"} {
		if book := staff.get(path).wants(http.StatusOK); !strings.HasPrefix(book.Body, "PK") || book.Header.Get("Content-Type") != workbookType {
			t.Errorf("%s is no workbook", path)
		}
	}
	if got := staff.get("/equipe/bilan/presences.csv").wants(http.StatusOK).Body; strings.Count(got, "\n") != 11 {
		t.Errorf("the presences are %s", got)
	}
	if !strings.HasPrefix(staff.get("/equipe/bilan.pdf?du=2026-01-01&au=2026-12-31").wants(http.StatusOK).Body, "%PDF") {
		t.Error("no paper")
	}
	staff.get("/equipe/bilan.pdf?du=hier").wants(http.StatusUnprocessableEntity)
	var logged int
	if err := s.db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM access_log WHERE action IN ('bilan.csv', 'bilan.xlsx', 'bilan.presences', 'bilan.pdf')`).Scan(&logged)
	}); err != nil || logged != 5 {
		t.Errorf("%d lines of access, want 5 (%v)", logged, err)
	}
}
