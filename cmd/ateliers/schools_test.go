package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const schools35 = "demo/annuaire-education-35.csv"

func TestImportSchools(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	for _, step := range []struct{ flag, want string }{
		{"--dry-run", "996 schools would be added, 0 would be changed, 0 unchanged"},
		{"--log=warn", "996 schools added, 0 changed, 0 unchanged"},
		{"--log=warn", "0 schools added, 0 changed, 996 unchanged"},
	} {
		got := ateliers(t, "import", "schools", schools35, "--data", dir, step.flag)
		if got.want(t, 0); got.stdout != step.want+"\n" {
			t.Errorf("it says %q, want %q", got.stdout, step.want)
		}
	}
	// Its address is without the line of its town, which the file repeats.
	if n := count(t, dir, `SELECT count(*) FROM directory WHERE uai = '0350122T' AND address = '6 rue PHILIPPE' AND postcode = '35580'
	  AND city = 'Baulon' AND commune_code = '35016' AND siret = '21350016800025' AND pupils = 143 AND sector = 'public' AND is_open`); n != 1 {
		t.Errorf("%d schools are as the file says, want 1", n)
	}
	if n := count(t, dir, `SELECT count(*) FROM audit WHERE action = 'directory.import'`); n != 1 {
		t.Errorf("three runs left %d lines in the audit, want 1", n)
	}
	ateliers(t, "verify", "--data", dir).want(t, 0)
}

// TestImportSchoolsNamesEveryBadRow: all or nothing, and all mistakes at once.
func TestImportSchoolsNamesEveryBadRow(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(schools35)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(good), "\n")
	for line, wrong := range map[int][2]string{
		2: {"0350122T", "0350122A"}, 5: {";OUVERT;", ";DEMOLI;"}, 6: {";Public;", ";Mixte;"}, 9: {strings.Split(lines[8], ";")[1], ""},
	} {
		lines[line-1] = strings.Replace(lines[line-1], wrong[0], wrong[1], 1)
	}
	lines = append(lines, lines[9], "")
	dir, file := migrated(t), filepath.Join(t.TempDir(), "annuaire.csv")
	write := func() outcome {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return ateliers(t, "import", "schools", file, "--data", dir)
	}
	told := func(o outcome, wants ...string) {
		t.Helper()
		o.want(t, 1, "nothing was imported")
		text := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(o.stderr)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("it does not name %q:\n%s", want, text)
			}
		}
	}
	told(write(), "Ligne 2, colonne « Identifiant_de_l_etablissement » : on y lit « 0350122A »", "Ligne 5, colonne « etat »", "« DEMOLI »",
		"Ligne 6, colonne « Statut_public_prive »", "Ligne 9, colonne « Nom_etablissement »")
	lines = append(strings.Split(string(good), "\n")[:20], lines[9], "")
	told(write(), "Ligne 21, colonne « Identifiant_de_l_etablissement »", "à la ligne 10")
	if n := count(t, dir, `SELECT count(*) FROM directory`); n != 0 {
		t.Errorf("%d schools were imported all the same", n)
	}
}
