package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/alert"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// I15, REL-14, ACC-6: after a restore the home says that numbers wait, the page asks for the last ones, shows what would be void once more,
// and keeps what was typed beside what is wrong.
func TestNumbersAfterARestore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	b.get("/equipe/numeros").wants(200).says("Aucun numéro n'est bloqué")
	h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return numbering.LockAll(tx, 2027, 2027) }))
	b.get("/equipe").says("Les numéros des factures et des attestations sont bloqués")
	a := b.get("/equipe/numeros").wants(200).says("Factures 2027 : dernier numéro envoyé", "La copie n'en connaît aucun")
	form := a.form("/equipe/numeros")
	with := func(form url.Values, pairs ...string) url.Values {
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return form
	}
	b.post("/equipe/numeros", form).wants(http.StatusUnprocessableEntity).says("Indiquez au moins un numéro")
	a = b.post("/equipe/numeros", with(form, "invoice_2027", "F2027-0003", "quote_2027", "douze")).wants(http.StatusUnprocessableEntity).
		says("Écrivez un numéro comme D2027-0001")
	if got := a.form("/equipe/numeros").Get("invoice_2027"); got != "F2027-0003" {
		t.Errorf("what was typed is %q", got)
	}
	check := b.post("/equipe/numeros", with(form, "quote_2027", "0")).wants(200).says("Ces numéros seront annulés", "F2027-0001", "F2027-0003", "3 numéros")
	if locks, err := h.web.Numbers.Locks(t.Context()); err != nil || len(locks) != 5 {
		t.Fatalf("shown, and done already: %+v, %v", locks, err)
	}
	sure := check.form("/equipe/numeros")
	for range 2 {
		b.post("/equipe/numeros", sure).leadsTo("/equipe/numeros?fait=numeros")
	}
	b.get("/equipe/numeros?fait=numeros").says("C'est noté. Les numéros sont débloqués.", "Avoirs 2027", "Numéros annulés", "F2027-0003").hides(`name="invoice_2027"`)
	// Where nothing is missing there is nothing to look at twice.
	form = b.get("/equipe/numeros").form("/equipe/numeros")
	b.post("/equipe/numeros", with(form, "credit_note_2027", "0", "certificate_2027", "0", "receipt_2027", "0")).leadsTo("/equipe/numeros?fait=numeros")
	b.get("/equipe").hides("sont bloqués")
}

// REL-22: what is wrong with the installation is on the home of those who can do something about it, and on a page that says what.
func TestAlertsAtTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	b.get("/equipe/etat").wants(200).says("Tout va bien", "Rien depuis un an")
	note := func(kind alert.Kind, wrong bool, count int) {
		t.Helper()
		h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			_, err := alert.Note(tx, kind, wrong, count)
			return err
		}))
	}
	note(alert.BackupLate, true, 0)
	note(alert.DiskLow, true, 7)
	b.get("/equipe").says("La dernière sauvegarde a plus d'un jour", "il en reste 7 %")
	h.member(account.Communication).get("/equipe").hides("sauvegarde")
	note(alert.DiskLow, false, 40)
	b.get("/equipe/etat").says("La dernière sauvegarde a plus d'un jour", "ateliers doctor", "Ce qui est passé", "il en reste 7 %").hides("Tout va bien")
}
