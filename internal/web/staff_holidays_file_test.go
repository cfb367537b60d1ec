package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

const officialHolidays = "\ufeffDescription;Population;Date de début;Date de fin;Académies;Zones;annee_scolaire\r\n" +
	"Vacances de la Toussaint;-;2026-10-17T00:00:00+02:00;2026-11-02T00:00:00+01:00;Lyon;Zone A;2026-2027\r\n" +
	"Vacances de la Toussaint;-;2026-10-17T00:00:00+02:00;2026-11-02T00:00:00+01:00;Grenoble;Zone A;2026-2027\r\n" +
	"\"Vacances \"\"d'été\"\"\";-;2027-07-03T00:00:00+02:00;2027-08-31T00:00:00+02:00;Lyon;Zone A;2026-2027\r\n" +
	"Rentrée scolaire des élèves;Élèves;2026-09-01T00:00:00+02:00;2026-09-01T00:00:00+02:00;Lyon;Zone A;2026-2027\r\n"

// The official calendar is added by the page: what it changes is seen first, and a second time it changes nothing.
func TestHolidaysByPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	_, err := h.web.Catalog.ImportHolidays(t.Context(), account.Command(), []catalog.Holiday{
		{Zone: "A", Name: "Vacances de Noël", FirstDay: "2026-12-20", LastDay: "2027-01-04"}, {Zone: "B", Name: "Vacances de Noël", FirstDay: "2026-12-20", LastDay: "2027-01-04"}}, false)
	h.must(err)
	known := func() int { return h.count("SELECT count(*) FROM school_holidays") }

	form := b.get("/equipe/vacances").wants(200).form("/equipe/vacances")
	seen := b.upload("/equipe/vacances", form, holidaysFile, "fr-en-calendrier-scolaire.csv", []byte(officialHolidays)).wants(200).says(
		"Rien n'est encore enregistré", "Ce qui disparaît", "Vacances de Noël", "Ce qui s'ajoute", "Vacances de la Toussaint", "du samedi 17 octobre 2026 au dimanche 1er novembre 2026", "Enregistrer ces 3 changements")
	if n := known(); n != 2 {
		t.Fatalf("%d holidays before anybody agreed, want 2", n)
	}
	save := seen.form("/equipe/vacances/enregistrer")
	for range 2 { // a double click
		b.post("/equipe/vacances/enregistrer", save).leadsTo("/equipe/vacances?fait=vacances")
	}
	if n, lines := known(), h.count("SELECT count(*) FROM audit WHERE action = 'holidays.import'"); n != 3 || lines != 2 {
		t.Errorf("%d holidays and %d lines of the audit, want 3 and 2", n, lines)
	}
	b.get("/equipe/vacances?fait=vacances").wants(200).says("Le calendrier est à jour", "du samedi 3 juillet 2027 au lundi 30 août 2027", `Vacances "d'été"`)
	b.upload("/equipe/vacances", b.get("/equipe/vacances").form("/equipe/vacances"), holidaysFile, "x.csv", []byte(officialHolidays)).wants(200).says("déjà connues").hides("Enregistrer ces")
	b.post("/equipe/vacances/enregistrer", with(save, holidaysText, "zone;nom;premier_jour;dernier_jour\nZ;x;y;z\n")).wants(http.StatusUnprocessableEntity)

	h.member(account.Communication).get("/equipe/vacances").wants(200).says("Qui coordonne les séances").hides("Voir ce qui change")
}

// A file with anything wrong changes nothing, and the page says what is wrong with it and where.
func TestHolidaysFileRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	form := b.get("/equipe/vacances").wants(200).form("/equipe/vacances")
	for _, tt := range []struct {
		name, file string
		status     int
		says       []string
	}{
		{"wrong rows", "zone;nom;premier_jour;dernier_jour\nA;Vacances d'hiver;2026-02-07;2026-02-22\nD;Vacances d'hiver;7 février;2026-02-22\n", 422,
			[]string{"Rien n'a été enregistré", "Ligne 3, colonne « zone »", "Ligne 3, colonne « premier_jour »", "« 7 février »"}},
		{"many wrong rows", "zone;nom;premier_jour;dernier_jour\n" + strings.Repeat("D;x;2026-02-07;2026-02-22\n", 30), 422, []string{"Ligne 21, colonne « zone »", "Et 10 autres erreurs"}},
		{"another table", "date;start\n2026-02-07;14:00\n", 422, []string{"Ligne 1", "dernier_jour"}},
		{"a workbook", string(xlsx(t, []any{"Zones"})), 422, []string{"pas au format CSV"}},
		{"a PDF", "%PDF-1.7\n\x00", 422, []string{"pas au format CSV"}},
		{"nobody's holidays", "Description;Population;Date de début;Date de fin;Zones\nVacances;-;2026-10-17T00:00:00+02:00;2026-11-02T00:00:00+01:00;Corse\n", 422, []string{"ne dit rien des vacances"}},
		{"none", "", 422, []string{"Choisissez le fichier"}},
	} {
		b.upload("/equipe/vacances", form, holidaysFile, "calendrier.csv", []byte(tt.file)).wants(tt.status).says(tt.says...)
	}
	b.upload("/equipe/vacances", form, holidaysFile, "calendrier.csv", bytes.Repeat([]byte("zone;nom\n"), holidaysCap/9+8_000)).wants(http.StatusRequestEntityTooLarge).says("4 Mo")
	b.post("/equipe/vacances", url.Values{}).wants(http.StatusForbidden)
	if n := h.count("SELECT count(*) FROM school_holidays"); n != 0 {
		t.Errorf("%d holidays were kept", n)
	}
}
