package web

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

const programmeHeader = "date;start;end;theme;level;discipline;min_age;max_age;venue;address;postcode;city;price_eur\n"

// programmeRow is a row of a programme file.
func programmeRow(date, start, end, theme, venue string) string {
	return strings.Join([]string{date, start, end, theme, "Initiation", "code", "6", "12", venue, "7 place Louis Chazette", "69001", "Lyon", "14"}, ";") + "\n"
}

// programmeCells is a row of a programme in a workbook.
func programmeCells(date, start any) []any {
	return []any{date, start, "16:00", "Théâtre", "Initiation", "code", 6, 12, "Espace Łódź", "7 place Louis Chazette", "69001", "Lyon", 14.5}
}

// programmeBook is a programme as a workbook.
func programmeBook(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	var header []any
	for _, name := range catalog.ProgrammeColumns {
		header = append(header, name)
	}
	return xlsx(t, append([][]any{header}, rows...)...)
}

// The team works in spreadsheets: a workbook with dates and hours as Excel keeps them, CSV as Excel saves it in France, and the model of the
// page bring the same sessions (UX-A2).
func TestProgrammeOfSpreadsheets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	day, windows := time.Date(2026, 6, 6, 0, 0, 0, 0, time.UTC), charmap.Windows1252.NewEncoder()
	latin, err := windows.String(strings.ReplaceAll(programmeHeader+programmeRow("06/06/2026", "14:00:00", "16:00", "Théâtre", "Espace Hôtel"), "\n", "\r\n"))
	h.must(err)
	for _, tt := range []struct {
		name string
		file []byte
	}{
		{"workbook of texts", programmeBook(t, programmeCells("06/06/2026", "14:00"))},
		{"windows", []byte(latin)},
		{"commas and a mark", []byte("\ufeff" + strings.ReplaceAll(programmeHeader+programmeRow("06/06/2026", "14:00", "16:00", "Théâtre", "Ici"), ";", ","))},
		{"workbook", programmeBook(t, programmeCells(day, 14*time.Hour))},
	} {
		seen := b.upload(programmePath, b.get(programmePath).form(programmePath), programmeFile, "programme", tt.file).wants(200).says("1 séance à ajouter", "Théâtre", "samedi 6 juin 2026", "14 h – 16 h")
		if tt.name != "workbook" {
			continue
		}
		b.upload(programmeSave, seen.form(programmeSave), programmeFile, "", nil).leadsTo("/equipe/seances?vue=brouillons&fait=importees")
		if n := h.count("SELECT count(*) FROM sessions WHERE status = 'draft' AND starts_at = '2026-06-06T12:00:00Z' AND price_cents = 1450"); n != 1 {
			t.Errorf("%d sessions, want 1", n)
		}
	}

	b.get(programmePath).wants(200).says("Télécharger le modèle")
	model := b.get(programmeModel).wants(200)
	if kind := model.Header.Get("Content-Disposition"); !strings.Contains(kind, "modele-programme.xlsx") {
		t.Errorf("the model comes as %q", kind)
	}
	b.upload(programmePath, with(b.get(programmePath).form(programmePath), programmeFrom, "2026-09-05"), programmeFile, "modele.xlsx", []byte(model.Body)).wants(200).says("1 séance à ajouter", "Découverte", "Espace Altnet")
}

// The team brings a programme by a file: it is seen first with what speaks against a day, comes as drafts, once, and a second time there is
// nothing to add (UX-A2).
func TestProgrammeByPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	_, err := h.web.Catalog.ImportHolidays(t.Context(), account.Command(), []catalog.Holiday{{Zone: "A", Name: "Vacances d'été", FirstDay: "2026-07-04", LastDay: "2026-08-31"}}, false)
	h.must(err)
	sessions := func() int { return h.count("SELECT count(*) FROM sessions") }
	file := programmeHeader + programmeRow("2026-06-06", "14:00", "16:00", "Musique <éléctro>", "Espace Łódź") + programmeRow("2026-07-14", "14:00", "16:00", "Musique <éléctro>", "Espace Łódź") +
		programmeRow("2026-06-06", "15:00", "17:00", "Robots", "Espace Łódź")

	b.get("/equipe/seances").wants(200).says("Importer un fichier")
	form := b.get(programmePath).wants(200).says("price_eur", "le prix d'une place en euros").form(programmePath)
	seen := b.upload(programmePath, form, programmeFile, "programme.csv", []byte(file)).wants(200).says("3 séances à ajouter", "Rien n'est encore enregistré",
		"Musique <éléctro>", "samedi 6 juin 2026", "Vacances d'été", "le lieu Espace Łódź, Lyon", "l'atelier Robots", "le lieu « Espace Łódź » est déjà pris", "Ajouter quand même ces 3 séances")
	if n := sessions(); n != 0 {
		t.Fatalf("%d sessions before anybody agreed", n)
	}
	save := seen.form(programmeSave)
	save = b.upload(programmeSave, with(save, "anyway", "autre"), programmeFile, "", nil).wants(http.StatusConflict).says("3 séances à ajouter", "est déjà pris").form(programmeSave)
	if n := sessions(); n != 0 {
		t.Fatalf("%d sessions though nobody insisted", n)
	}
	for range 2 { // a double click
		b.upload(programmeSave, save, programmeFile, "", nil).leadsTo("/equipe/seances?vue=brouillons&fait=importees")
	}
	if n := h.count("SELECT count(*) FROM sessions WHERE status = 'draft'"); n != 3 || sessions() != 3 {
		t.Errorf("%d drafts of %d sessions, want 3", n, sessions())
	}
	b.get("/equipe/seances?vue=brouillons&fait=importees").wants(200).says("sont en brouillon", "Robots")
	b.upload(programmePath, b.get(programmePath).form(programmePath), programmeFile, "x.csv", []byte(file)).wants(200).says("déjà là", "il n'y a rien à enregistrer").hides("Ajouter ces")
	more := b.upload(programmePath, b.get(programmePath).form(programmePath), programmeFile, "x.csv", []byte(file+programmeRow("2026-06-13", "14:00", "16:00", "Robots", "Espace Łódź"))).
		wants(200).says("1 séance à ajouter", "3 séances sont déjà là").hides("Ce que le fichier apporte")
	b.upload(programmeSave, more.form(programmeSave), programmeFile, "", nil).wants(303)

	// An old programme is taken up again on its days of the week.
	old := programmeHeader + programmeRow("2016-03-26", "14:00", "16:00", "Découverte", "Espace Łódź")
	form = b.get(programmePath).form(programmePath)
	again := b.upload(programmePath, form, programmeFile, "x.csv", []byte(old)).wants(422).says("Ligne 2, colonne « date »", "un jour à venir")
	b.upload(programmePath, with(again.form(programmePath), programmeFrom, "2026-09-07"), programmeFile, "x.csv", []byte(old)).wants(200).says("samedi 12 septembre 2026", "décalé de 546 semaines")
}

// A file with anything wrong adds nothing, and the page says what is wrong with it, where, and what to do; what else was typed stays.
func TestProgrammeFileRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	venue, err := h.web.Catalog.CreateVenue(t.Context(), account.Command(), h.key(), catalog.Venue{Name: "Fermé", Address: "1 rue", Postcode: "69001", City: "Lyon", Capacity: 10, StepFree: catalog.StepFreeUnknown, TimeZone: catalog.HomeZone, ClosedFrom: "2026-06-01"})
	h.must(err)
	form := with(b.get(programmePath).wants(200).form(programmePath), programmeFrom, "2026-06-01")
	for _, tt := range []struct {
		name, file string
		says       []string
	}{
		{"wrong rows", programmeHeader + programmeRow("2026-06-06", "14:00", "14:00", "Robots", "Ici") + programmeRow("31/06/2026", "quatorze", "16:00", "", "Ici"),
			[]string{"Rien n'a été enregistré", "Ligne 2, colonne « end »", "Ligne 3, colonne « date »", "« 31/06/2026 »", "comme 2027-05-08 ou 08/05/2027", "colonne « theme »"}},
		{"dates that may mean another day", programmeHeader + programmeRow("6/7/2026", "14:00", "16:00", "Robots", "Ici") + programmeRow("06/07/26", "14:00", "16:00", "Robots", "Ici") + programmeRow("07/13/2026", "14:00", "16:00", "Robots", "Ici"),
			[]string{"Ligne 2, colonne « date »", "« 6/7/2026 »", "Ligne 3, colonne « date »", "« 06/07/26 »", "Ligne 4, colonne « date »", "« 07/13/2026 »"}},
		{"twice the same, and the hole of the clock", programmeHeader + strings.Repeat(programmeRow("2026-06-06", "14:00", "16:00", "Robots", "Ici"), 2) + programmeRow("2027-03-28", "02:30", "04:00", "Robots", "Ici"), []string{"ligne 2", "02:30"}},
		{"a closed venue", programmeHeader + programmeRow("2026-06-06", "14:00", "16:00", "Robots", "Fermé"), []string{"Ligne 2, colonne « venue »", "ouvert ce jour-là"}},
		{"many wrong rows", programmeHeader + strings.Repeat(programmeRow("demain", "14:00", "16:00", "Robots", "Ici"), 30), []string{"Ligne 21", "Et 10 autres erreurs"}},
		{"a cell too few", programmeHeader + "2026-06-06;14:00\n", []string{"Ligne 2"}},
		{"another table", "zone;nom\nA;x\n", []string{"Ligne 1", "price_eur"}},
		{"no session", programmeHeader, []string{"aucune séance"}},
		{"another encoding", programmeHeader + programmeRow("2026-06-06", "14:00", "16:00", "D\x81\xe9couverte", "Ici"), []string{"Ligne 2"}},
		{"a workbook with another table", string(xlsx(t, []any{"date"})), []string{"Ligne 1, colonne « price_eur »"}},
		{"a workbook with a wrong row", string(programmeBook(t, []any{}, programmeCells("lundi", "14:00"))), []string{"Ligne 3, colonne « date »", "« lundi »"}},
		{"a broken workbook", string(programmeBook(t)[:500]), []string{"Ligne 1", "un classeur Excel (.xlsx)"}},
		{"a workbook without an end", string(programmeBook(t, slices.Repeat([][]any{programmeCells("2026-06-06", "14:00")}, 1000)...)), []string{"1 000 lignes au plus"}},
		{"a picture", "\x89PNG\r\n\x1a\n", []string{"ni un classeur Excel", "Enregistrer sous"}},
		{"none", "", []string{"Choisissez le fichier"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := b.upload(programmePath, form, programmeFile, "programme.csv", []byte(tt.file)).wants(422).says(tt.says...)
			if got := a.form(programmePath).Get(programmeFrom); got != "2026-06-01" {
				t.Errorf("the day that was typed is %q", got)
			}
		})
	}
	b.upload(programmePath, with(form, programmeFrom, "bientôt"), programmeFile, "x.csv", []byte(programmeHeader+programmeRow("2026-06-06", "14:00", "16:00", "Robots", "Ici"))).wants(422)
	b.upload(programmePath, form, programmeFile, "programme.csv", bytes.Repeat([]byte("date;start\n"), programmeCap/11+8_000)).wants(http.StatusRequestEntityTooLarge).says("1 Mo")
	if n := h.count("SELECT count(*) FROM sessions"); n != 0 || venue == 0 {
		t.Errorf("%d sessions were added", n)
	}
}
