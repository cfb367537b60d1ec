package document

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func exampleReceipt() Receipt {
	day := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	return Receipt{
		Lang: "fr", Number: "R2027-0007", Date: day,
		Association: Association{Name: "Les Bricodeurs", Address: "7 place Louis Chazette\n69001 Lyon", SIRET: "73282932000074", RNA: "W691234567", Email: "salut@lesbricodeurs.fr"},
		Payer:       "Nguyễn Thị Ánh – محمد – 李", Total: 7800, Mode: "par chèque", Reference: "n° 0001234, Łukasz", Received: day.AddDate(0, 0, -1),
		Lines: []ReceiptLine{
			{"Robotique – Initiation, samedi 6 mars 2027, 14 h, pour Zoé D'Artagnan-N'Guyen", 1400},
			{"Cycle « Quatre samedis », pour محمد الإدريسي", 5000}, {"Robotique, samedi 13 mars 2027, 14 h, pour 小龙 李", 1400},
		},
		VAT: "TVA non applicable, art. 293 B du CGI", MadeAt: day,
	}
}

func drawReceiptFile(t *testing.T, r Receipt) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := testPress(t).Receipt(t.Context(), &file, r); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// Issue 7, 3: association, payer, what for, amount, mode and day, in any script; the file says its language and its title (ACC-20).
func TestReceiptText(t *testing.T) {
	t.Parallel()
	file := drawReceiptFile(t, exampleReceipt())
	checkSound(t, file)
	pages := text(t, file)
	golden(t, "receipt.txt", pages)
	all := flat(strings.Join(pages, " "))
	for _, want := range []string{
		"Reçu", "N° R2027-0007", "du 1er mars 2027", "SIRET 73282932000074", "Nguyễn Thị Ánh", "la somme de 78,00 €, par chèque, le 28 février 2027",
		"Référence : n° 0001234, Łukasz", "pour Zoé D'Artagnan-N'Guyen", "50,00 €", "Total reçu", "TVA non applicable", "pas le reçu fiscal d'un don", "page 1/1",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q:\n%s", want, all)
		}
	}
	if strings.Contains(all, "annulé") {
		t.Error("it is called void")
	}
}

// A receipt of what was taken back says so first.
func TestReceiptVoid(t *testing.T) {
	t.Parallel()
	r := exampleReceipt()
	r.Reversed, r.Reason = r.Date.AddDate(0, 0, 3), "chèque impayé"
	file := drawReceiptFile(t, r)
	checkSound(t, file)
	if all := flat(strings.Join(text(t, file), " ")); !strings.Contains(all, "Ce reçu est annulé depuis le 4 mars 2027 : chèque impayé. Il ne vaut plus.") {
		t.Errorf("it does not say that it counts no more:\n%s", all)
	}
}

// A year of seats paid at once takes further pages, with the total on the last.
func TestReceiptOfManyLines(t *testing.T) {
	t.Parallel()
	r := exampleReceipt()
	for range 60 {
		r.Lines = append(r.Lines, r.Lines[0])
	}
	pages := text(t, drawReceiptFile(t, r))
	if len(pages) < 2 || strings.Contains(pages[0], "Total reçu") || !strings.Contains(pages[len(pages)-1], "Total reçu") {
		t.Errorf("%d pages", len(pages))
	}
}
