package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// pdfText is what a PDF file says.
func pdfText(t *testing.T, file string) string {
	t.Helper()
	text, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext %s: %v", file, err)
	}
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(string(text))
}

func TestPapers(t *testing.T) {
	t.Parallel()
	dir, out := filepath.Join(t.TempDir(), "demo"), t.TempDir()
	p := start(t, "demo", "--addr", "127.0.0.1:0", "--data", dir)
	defer p.end()

	// The session of three days ago; the server runs beside.
	sheet := filepath.Join(out, "sheet.pdf")
	if err := os.WriteFile(sheet, []byte("an older one, open to all"), 0o644); err != nil {
		t.Fatal(err)
	}
	ateliers(t, "sheet", "17", "-o", sheet, "--data", dir).want(t, 0)
	text := pdfText(t, sheet)
	for _, want := range []string{"Découverte – Initiation", "Aïcha Diallo", "LEFEBVRE", "inhalateur", "06 39 98 10 05", "À ne pas laisser sur la table"} {
		if !strings.Contains(strings.ToUpper(text), strings.ToUpper(want)) {
			t.Errorf("the sheet lacks %q:\n%s", want, text)
		}
	}
	if info, err := os.Stat(sheet); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the sheet holds health data and its mode is %v, %v", info.Mode(), err)
	}

	date := count(t, dir, `SELECT CAST(replace(substr(starts_at, 1, 10), '-', '') AS INTEGER) FROM sessions WHERE id = 17`)
	day := fmt.Sprintf("%d-%02d-%02d", date/10000, date/100%100, date%100)
	ateliers(t, "sheet", "--day", day, "-o", sheet, "--data", dir).want(t, 0)
	if text := pdfText(t, sheet); !strings.Contains(text, "inhalateur") || !strings.Contains(text, "page 1/1") {
		t.Errorf("the sheets of %s:\n%s", day, text)
	}
	ateliers(t, "sheet", "17", "--blank", "-o", sheet, "--data", dir).want(t, 0)
	if text := pdfText(t, sheet); !strings.Contains(text, "Découverte – Initiation") || strings.Contains(strings.ToUpper(text), "LEFEBVRE") {
		t.Errorf("the sheet without names:\n%s", text)
	}
	// The paper for when all else fails does not even need a database.
	ateliers(t, "sheet", "--blank", "-o", sheet, "--data", filepath.Join(out, "missing")).want(t, 0)
	if text := pdfText(t, sheet); !strings.Contains(text, "Feuille d'émargement vierge") || strings.Contains(text, "Découverte") {
		t.Errorf("the sheet of nothing:\n%s", text)
	}
	ateliers(t, "sheet", "--day", "2001-01-01", "-o", sheet, "--data", dir).wantLine(t, 1, "no session takes place on 2001-01-01")
	ateliers(t, "sheet", "--day", "demain", "-o", sheet, "--data", dir).wantLine(t, 2, "is not a day")
	ateliers(t, "sheet", "17", "--day", day, "-o", sheet, "--data", dir).wantLine(t, 2, "--day stands alone")
	ateliers(t, "sheet", "-o", sheet, "--data", dir).wantLine(t, 2, "which sheet?")
	ateliers(t, "sheet", "99", "--blank", "-o", sheet, "--data", dir).wantLine(t, 1, "there is no session 99")

	certificates := filepath.Join(out, "certificates.pdf")
	ateliers(t, "certificates", "17", "-o", certificates, "--data", dir, "--base-url", "https://ateliers.example.org").want(t, 0)
	text = pdfText(t, certificates)
	if got := strings.Count(text, "a participé à l'atelier"); got != 8 {
		t.Errorf("%d certificates, want one for each of 8 children who came", got)
	}
	for _, want := range []string{"Découverte", "ateliers.example.org", "Zoé Lefebvre"} {
		if !strings.Contains(text, want) {
			t.Errorf("the certificates lack %q:\n%s", want, text)
		}
	}
	before := count(t, dir, `SELECT count(*) FROM certificates`)
	ateliers(t, "certificates", "17", "-o", certificates, "--data", dir).want(t, 0)
	if after := count(t, dir, `SELECT count(*) FROM certificates`); after != before {
		t.Errorf("drawn again, %d more certificates were issued", after-before)
	}

	whole := count(t, dir, `SELECT s.id FROM sessions s JOIN certificates c ON c.series_id = s.series_id ORDER BY s.starts_at LIMIT 1`)
	ateliers(t, "certificates", fmt.Sprint(whole), "--series", "-o", certificates, "--data", dir).want(t, 0)
	if got, want := strings.Count(pdfText(t, certificates), "\f"), count(t, dir, `SELECT count(*) FROM certificates WHERE series_id IS NOT NULL AND revoked_at IS NULL`); got != want {
		t.Errorf("%d certificates about the series, want %d", got, want)
	}
	ateliers(t, "certificates", "1", "--series", "-o", certificates, "--data", dir).wantLine(t, 1, "session 1 belongs to no series")
	ateliers(t, "certificates", "99", "--series", "-o", certificates, "--data", dir).wantLine(t, 1, "there is no session 99")

	ateliers(t, "certificates", "1", "-o", certificates, "--data", dir).wantLine(t, 1, "session 1 has no certificate")
	ateliers(t, "certificates", "99", "-o", certificates, "--data", dir).wantLine(t, 1, "there is no session 99")
	ateliers(t, "sheet", "99", "-o", sheet, "--data", dir).wantLine(t, 1, "there is no session 99")
	ateliers(t, "sheet", "17", "-o", filepath.Join(out, "missing", "x.pdf"), "--data", dir).wantLine(t, 1, "no such file")
	ateliers(t, "verify", "--data", dir).want(t, 0)
}

// A private session has the sheet of a class, and certificates with first names.
func TestPapersOfAClass(t *testing.T) {
	t.Parallel()
	dir, out := filepath.Join(t.TempDir(), "demo"), t.TempDir()
	p := start(t, "demo", "--addr", "127.0.0.1:0", "--data", dir)
	defer p.end()
	write := func(queries ...string) {
		t.Helper()
		err := opened(t, dir).Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			for _, query := range queries {
				if _, err := tx.Exec(query); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(`INSERT INTO organisations (id, kind, name, address, postcode, city, created_at) VALUES (900, 'school', 'École Les Lucioles', '1 rue Haute', '35580', 'Baulon', '2027-01-04T08:00:00Z')`,
		`INSERT INTO group_requests (id, reference, organisation_id, contact_name, contact_role, contact_email, contact_phone, wish, level, children, adults, place, funding, state, state_since, created_at, updated_at)
			VALUES (900, 'GRP-22222222', 900, 'Łucja', 'Directrice', 'ecole@exemple.fr', '02 99', 'Robots', 'CM1', 26, 2, 'theirs', 'own', 'agreed', '2027-01-04T08:00:00Z', '2027-01-04T08:00:00Z', '2027-01-04T08:00:00Z')`,
		`INSERT INTO sessions (id, workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, request_id, created_at, updated_at)
			SELECT 900, workshop_id, venue_id, starts_at, ends_at, 26, 0, status, opens_at, closes_at, 900, created_at, updated_at FROM sessions WHERE id = 17`,
		`INSERT INTO pupils (id, session_id, position, first_name, created_at) VALUES (900, 900, 1, 'Łukasz', '2027-01-04T08:00:00Z'), (901, 900, 2, 'Zoé', '2027-01-04T08:00:00Z')`,
		`INSERT INTO participants (id, session_id, pupil_id) VALUES (900, 900, 900)`,
		`INSERT INTO marks (entry_key, participant_id, action, at, recorded_at, author_id) SELECT 'here', 900, 'present', starts_at, starts_at, 1 FROM sessions WHERE id = 900`)
	sheet, certificates := filepath.Join(out, "sheet.pdf"), filepath.Join(out, "certificates.pdf")
	ateliers(t, "sheet", "900", "-o", sheet, "--data", dir).want(t, 0)
	ateliers(t, "certificates", "900", "-o", certificates, "--data", dir).want(t, 0)
	for file, want := range map[string][]string{sheet: {"École Les Lucioles", "Łukasz", "Zoé"}, certificates: {"Łukasz", "a participé à l'atelier"}} {
		text := pdfText(t, file)
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q:\n%s", filepath.Base(file), part, text)
			}
		}
	}
}
