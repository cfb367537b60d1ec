package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const programme2016 = "demo/programme-2016.csv"

func TestImportProgramme(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	command := func(args ...string) outcome {
		return ateliers(t, append([]string{"import", "programme", programme2016, "--data", dir}, args...)...)
	}
	say := func(o outcome, want string) {
		t.Helper()
		o.want(t, 0)
		if o.stdout != want+"\n" {
			t.Errorf("it says %q, want %q", o.stdout, want)
		}
	}
	say(command("--dry-run"), "16 sessions would be added, 0 were there already, all moved by 0 weeks")
	if n := count(t, dir, `SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM workshops) + (SELECT count(*) FROM audit)`); n != 0 {
		t.Errorf("a dry run left %d rows", n)
	}
	say(command("--shift-to", "2027-05-03"), "16 sessions added, 0 were there already, all moved by 580 weeks")
	before := count(t, dir, `SELECT count(*) FROM audit`)
	say(command("--shift-to", "2027-05-08"), "0 sessions added, 16 were there already, all moved by 580 weeks")
	if after := count(t, dir, `SELECT count(*) FROM audit`); after != before {
		t.Errorf("a second import left %d lines in the audit", after-before)
	}
	// The first is on Saturday 8 May 2027 at two in the afternoon in Lyon.
	if n := count(t, dir, `SELECT count(*) FROM sessions WHERE starts_at = '2027-05-08T12:00:00Z' AND ends_at = '2027-05-08T14:00:00Z'`); n != 1 {
		t.Errorf("%d sessions begin on the first Saturday at 14:00, want 1", n)
	}
	ateliers(t, "verify", "--data", dir).want(t, 0)
}

// TestImportNamesEveryBadRow: all or nothing, and all mistakes at once.
func TestImportNamesEveryBadRow(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(programme2016)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(good), "\n")
	for i, wrong := range map[int][2]string{2: {"2016-03-26", "26/13/2016"}, 4: {"Chazette;69001;Lyon;14", "Chazette;69001;Lyon;gratuit"}, 7: {";6;", ";six;"}} {
		lines[i] = strings.Replace(lines[i], wrong[0], wrong[1], 1)
	}
	dir := migrated(t)
	file := filepath.Join(t.TempDir(), "programme.csv")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	got := ateliers(t, "import", "programme", file, "--data", dir)
	got.want(t, 1, "nothing was imported")
	told := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(got.stderr)
	for _, want := range []string{"Ligne 3, colonne « date »", "« 26/13/2016 »", "Ligne 5, colonne « price_eur »", "« gratuit »", "Ligne 8, colonne « min_age »", "« six »"} {
		if !strings.Contains(told, want) {
			t.Errorf("it does not name %q:\n%s", want, told)
		}
	}
	if n := count(t, dir, `SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions were imported all the same", n)
	}
	ateliers(t, "import", "programme", file+".missing", "--data", dir).wantLine(t, 1, "no such file")
}

// TestImportSpeaksPlainly: one of a thing is singular, and an hour that the clocks skip is one sentence.
func TestImportSpeaksPlainly(t *testing.T) {
	t.Parallel()
	dir, file := migrated(t), filepath.Join(t.TempDir(), "programme.csv")
	command := func(day, hour string) outcome {
		text := "date;start;end;theme;level;discipline;min_age;max_age;venue;address;postcode;city;price_eur\n" +
			day + ";" + hour + ";18:00;Découverte;Initiation;code;6;12;Espace Altnet;7 place Louis Chazette;69001;Lyon;14\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return ateliers(t, "import", "programme", file, "--data", dir, "--shift-to", "2027-03-28")
	}
	wrong := command("2027-03-21", "02:30")
	wrong.want(t, 1, "has 1 mistake")
	if strings.Contains(wrong.stderr, "..") || strings.Contains(wrong.stderr, ": Cette") {
		t.Errorf("what was expected is not the end of a sentence:\n%s", wrong.stderr)
	}
	for _, want := range []string{"1 session added, 0 were there already, all moved by 1 week\n", "0 sessions added, 1 was there already, all moved by 1 week\n"} {
		if got := command("2027-03-21", "14:00"); got.code != 0 || !strings.Contains(got.stdout, want) {
			t.Errorf("%d, %q, want %q", got.code, got.stdout, want)
		}
	}
}
