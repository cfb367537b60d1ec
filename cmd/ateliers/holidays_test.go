package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const holidays2024 = "demo/vacances-scolaires-2024-2026.csv"

// holidayFile writes a file to import.
func holidayFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "vacances.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestImportHolidays(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	command := func(args ...string) outcome {
		return ateliers(t, append([]string{"import", "holidays", "--data", dir}, args...)...)
	}
	say := func(o outcome, want string) {
		t.Helper()
		o.want(t, 0)
		if o.stdout != want+"\n" {
			t.Errorf("it says %q, want %q", o.stdout, want)
		}
	}
	say(command(holidays2024, "--dry-run"), "33 holidays would be added, 0 would be removed, 0 unchanged")
	if n := count(t, dir, `SELECT (SELECT count(*) FROM school_holidays) + (SELECT count(*) FROM audit)`); n != 0 {
		t.Errorf("a dry run left %d rows", n)
	}
	say(command(holidays2024), "33 holidays added, 0 removed, 0 unchanged")
	say(command(holidays2024), "0 holidays added, 0 removed, 33 unchanged")
	if n := count(t, dir, `SELECT count(*) FROM school_holidays WHERE zone = 'A' AND name = 'Vacances d''hiver' AND first_day = '2026-02-07' AND last_day = '2026-02-22'`); n != 1 {
		t.Errorf("%d rows for the winter of Lyon", n)
	}

	// The official calendar: midnights with their offsets, a row per académie, and much that is not for children of the three zones.
	official := "\ufeffDescription;Population;Date de début;Date de fin;Académies;Zones;annee_scolaire\r\n" +
		"Vacances de la Toussaint;-;2025-10-17T22:00:00+00:00;2025-11-02T23:00:00+00:00;Lyon;Zone A;2025-2026\r\n" +
		"Vacances de la Toussaint;-;2025-10-18T00:00:00+02:00;2025-11-03T00:00:00+01:00;Grenoble;Zone A;2025-2026\r\n" +
		"Vacances de la Toussaint;-;2025-10-18T00:00:00+02:00;2025-11-03T00:00:00+01:00;Corse;Corse;2025-2026\r\n" +
		"Pont de l'Ascension;Élèves;2026-05-14T00:00:00+02:00;2026-05-18T00:00:00+02:00;Lyon;Zone A;2025-2026\r\n" +
		"Rentrée scolaire des élèves;Élèves;2026-09-01T00:00:00+02:00;2026-09-01T00:00:00+02:00;Lyon;Zone A;2026-2027\r\n" +
		"Vacances d'Été;Enseignants;2026-07-04T00:00:00+02:00;2026-08-28T00:00:00+02:00;Lyon;Zone A;2025-2026\r\n" +
		"Début des Vacances d'Été;Élèves;2027-07-03T00:00:00+02:00;;Lyon;Zone A;2026-2027\r\n"
	dir = migrated(t)
	say(command(holidayFile(t, official)), "3 holidays added, 0 removed, 0 unchanged")
	for _, row := range []string{"('A', 'Vacances de la Toussaint', '2025-10-18', '2025-11-02')", "('A', 'Pont de l''Ascension', '2026-05-14', '2026-05-17')", "('A', 'Vacances d''Été', '2027-07-03', '2027-07-03')"} {
		if n := count(t, dir, `SELECT count(*) FROM school_holidays WHERE (zone, name, first_day, last_day) = `+row); n != 1 {
			t.Errorf("%s is not there", row)
		}
	}
	ateliers(t, "verify", "--data", dir).want(t, 0)
}

// All or nothing, and every mistake by its line and column.
func TestImportHolidaysNamesEveryBadRow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"derived", "zone;nom;premier_jour;dernier_jour\nA;Vacances d'hiver;2026-02-07;2026-02-22\nD;Vacances d'hiver;7 février;2026-02-22\nB;;2026-02-14;2026-02-01\n", []string{
			"Ligne 3, colonne « zone »", "Ligne 3, colonne « premier_jour »", "Ligne 4, colonne « nom »", "Ligne 4, colonne « dernier_jour »"}},
		{"official", "Description;Population;Date de début;Date de fin;Académies;Zones;annee_scolaire\nVacances d'Hiver;-;2026-02-07;2026-02-23T00:00:00+01:00;Lyon;Zone A;x\n" +
			"Vacances d'Hiver;-;2026-02-07T00:00:00+01:00;2026-01-23T00:00:00+01:00;Lyon;Zone Z;x\n", []string{
			"Ligne 2, colonne « Date de début »", "Ligne 3, colonne « Zones »", "Ligne 3, colonne « Date de fin »"}},
		{"another file", "date;start\n2026-02-07;14:00\n", []string{"zone", "dernier_jour"}},
		{"nothing", "", []string{"Ligne 1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := migrated(t)
			got := ateliers(t, "import", "holidays", holidayFile(t, tt.text), "--data", dir)
			got.want(t, 1, "nothing was imported")
			told := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(got.stderr)
			for _, want := range tt.want {
				if !strings.Contains(told, want) {
					t.Errorf("it does not name %q:\n%s", want, told)
				}
			}
			if n := count(t, dir, `SELECT count(*) FROM school_holidays`); n != 0 {
				t.Errorf("%d holidays were imported all the same", n)
			}
		})
	}
	ateliers(t, "import", "holidays", "no-such-file.csv", "--data", migrated(t)).wantLine(t, 1, "no such file")
}
