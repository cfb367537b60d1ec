package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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

	ateliers(t, "certificates", "1", "-o", certificates, "--data", dir).wantLine(t, 1, "session 1 has no certificate")
	ateliers(t, "certificates", "99", "-o", certificates, "--data", dir).wantLine(t, 1, "there is no session 99")
	ateliers(t, "sheet", "99", "-o", sheet, "--data", dir).wantLine(t, 1, "there is no session 99")
	ateliers(t, "sheet", "17", "-o", filepath.Join(out, "missing", "x.pdf"), "--data", dir).wantLine(t, 1, "no such file")
	ateliers(t, "verify", "--data", dir).want(t, 0)
}
