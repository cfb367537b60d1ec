package document

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// UX-S4: everything that a quote must say is on its paper; the golden files are the whole text of each kind.
func TestBillText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind BillKind
		want []string
		not  []string
	}{
		"quote": {Quote, []string{
			"Devis", "n° D2027-0007, version 2", "du 3 mai 2027", "valable jusqu'au 31 mai 2027", "Bon pour accord",
			"Nom et prénom", "Qualité", "Signature et cachet", "pour un total de 1 757,00 €",
		}, []string{"IBAN", "FR76"}},
		"invoice": {Invoice, []string{
			"Facture", "n° F2027-0012", "à payer au plus tard le 31 mai 2027", "IBAN : FR76 3000 1007 9412 3456 7890 185",
			"Net à payer 1 757,00 €", "À régler au plus tard le 31 mai 2027.",
		}, []string{"Bon pour accord"}},
		"credit_note": {CreditNote, []string{
			"Avoir", "n° A2027-0001", "sur la facture n° F2027-0012", "−1 757,00 €", "−504,00 €", "−280,00 €",
			"Cet avoir vient en déduction de la facture n° F2027-0012.",
		}, []string{"Bon pour accord", "IBAN"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := drawBillFile(t, exampleBill(c.kind, 3))
			checkSound(t, file)
			pages := text(t, file)
			golden(t, name+".txt", pages)
			all := flat(strings.Join(pages, " "))
			for _, want := range append(c.want,
				"Les Bricodeurs – Les Ateliers d'Ada", "7 place Louis Chazette", "SIRET 802 123 456 00017", "RNA W691085123",
				"École élémentaire Zoé D'Artagnan-N'Guyen", "UAI 0691234A", "Ville de Lyon", "Code service EDU-MARCHES",
				"Engagement n° BC-2027-00412", "Łukasz Nguyễn", "mardi 11 mai 2027, 9 h – 11 h", "12 rue des Écoles, 69001 Lyon",
				"CM1-CM2, 24 enfants", "Désignation", "1,5", "10 %", "TVA non applicable, art. 293 B du CGI.", "محمد", "page 1/1") {
				if !strings.Contains(all, want) {
					t.Errorf("it does not say %q:\n%s", want, all)
				}
			}
			for _, not := range c.not {
				if strings.Contains(all, not) {
					t.Errorf("it says %q", not)
				}
			}
		})
	}
}

// A bill of many lines flows over pages: the head of the table and the number of the page on each, the total once,
// and the box for the signature whole.
func TestBillPages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lines, atMost int }{{0, 1}, {1, 1}, {3, 1}, {12, 2}, {40, 3}, {200, 12}} {
		t.Run(fmt.Sprint(c.lines), func(t *testing.T) {
			t.Parallel()
			file := drawBillFile(t, exampleBill(Quote, c.lines))
			pages := text(t, file)
			if len(pages) > c.atMost {
				t.Errorf("%d pages, at most %d", len(pages), c.atMost)
			}
			all := strings.Join(pages, " ")
			for what, want := range map[string]int{"Désignation": 0, "Bon pour accord": 1, "Signature et cachet": 1, "TVA non applicable": 1} {
				if got := strings.Count(all, what); want != 0 && got != want || got == 0 {
					t.Errorf("%q is there %d times", what, got)
				}
			}
			figures := 0
			for i, page := range pages {
				if !strings.Contains(page, fmt.Sprintf("page %d/%d", i+1, len(pages))) {
					t.Errorf("page %d has no number", i+1)
				}
				if rows := strings.Count(page, "280,00 €") + strings.Count(page, "12,33 €") + strings.Count(page, " 1 234,50 € "); rows > 0 {
					figures += rows
					if !strings.Contains(page, "Désignation") {
						t.Errorf("page %d has rows without their head", i+1)
					}
				}
			}
			if c.lines > 0 && figures < c.lines {
				t.Errorf("%d of %d lines", figures, c.lines)
			}
		})
	}
}

// A draft says that it is one and bears no number; without a payer the client's block carries the engagement; without
// a discount there is no column for it.
func TestBillLeavesOutWhatIsNot(t *testing.T) {
	t.Parallel()
	b := exampleBill(Quote, 0)
	b.Number, b.Payer, b.Level, b.Children, b.Place, b.Times = "", nil, "", 0, "", nil
	b.Lines = []BillLine{{Label: "Conférence", Quantity: 100, Unit: 5, Total: 5}}
	b.Total = 5
	all := flat(strings.Join(text(t, drawBillFile(t, b)), " "))
	for _, want := range []string{"projet, sans valeur", "Engagement n° BC-2027-00412", "Total 0,05 €"} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q:\n%s", want, all)
		}
	}
	for _, not := range []string{"D2027", "Payé par", "Remise", "Groupe", "Lieu", "Dates"} {
		if strings.Contains(all, not) {
			t.Errorf("it says %q", not)
		}
	}
}

func BenchmarkQuote(b *testing.B) {
	press, bill := testPress(b), exampleBill(Quote, 6)
	for b.Loop() {
		if err := press.Bill(b.Context(), io.Discard, bill); err != nil {
			b.Fatal(err)
		}
	}
}

func TestInFours(t *testing.T) {
	t.Parallel()
	for iban, want := range map[string]string{"FR1420041010050500013M02606": "FR14 2004 1010 0505 0001 3M02 606", "DE89370400440532": "DE89 3704 0044 0532", "": ""} {
		if got := InFours(iban); got != want {
			t.Errorf("InFours(%q) = %q, want %q", iban, got, want)
		}
	}
}
