package web

import (
	"context"
	"encoding/csv"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// The team collects from the list, the family's page, the booking and the session; twice is once; what was typed stays; a mistake is taken back,
// and its receipt says so (issue 7, point 3).
func TestCollectAtTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	session := h.session("Robotique", 12)
	reference := h.book(session, "Nguyễn Thị Hồng", "nguyen@exemple.fr", "06 12 34 56 78", "Zoé", "محمد")
	path := payerMoneyPath(1, "")
	staff.get(moneyPath).wants(200).says("1 famille doit 28 €", "dont 0 € pour des séances", "Nguyễn Thị Hồng")
	staff.get(moneyPath + "?q=zoe").wants(200).says("Nguyễn Thị Hồng")
	staff.get(moneyPath + "?q=personne").wants(200).says("Aucune famille trouvée")
	staff.get(deskSessionPath(session)).says("Reste 14 €", "Encaisser")
	staff.get(bookingMoneyPath(reference)).leadsTo(payerMoneyPath(1, reference))
	page := staff.get(payerMoneyPath(1, reference)).wants(200).says("Reste dû : 28 €", "pour Zoé et محمد : 28 €", "Un carnet de 4 places : 50 €")
	form := page.form(path)
	if form.Get("for") != reference || form.Get("cents") != "" || form.Get("mode") != "" {
		t.Errorf("the form begins with %v", form)
	}
	form.Set("cents", "beaucoup")
	form.Set("reference", "n° 7")
	again := staff.post(path, form).wants(422).says("Écrivez le montant reçu", "Choisissez le moyen de paiement").form(path)
	if again.Get("cents") != "beaucoup" || again.Get("reference") != "n° 7" {
		t.Errorf("typed and lost: %v", again)
	}
	again.Set("cents", "28,00 €")
	again.Set("mode", "cheque")
	for range 2 {
		staff.post(path, again).leadsTo(path + "?fait=encaisse")
	}
	if n := h.count("SELECT count(*) FROM payments"); n != 1 {
		t.Fatalf("%d payments, want 1", n)
	}
	staff.get(path+"?fait=encaisse").says("Le paiement est noté", "À jour", "Reçu R2026-0001", "Réglée")
	staff.get(deskSessionPath(session)).says("Réglée")
	receipt := staff.get(receiptPath(1)).wants(200).says("Valable", "la somme de 28,00 €, par chèque", "pour Zoé", "Annuler ce paiement")
	if pdf := staff.get(receiptPath(1) + "/recu.pdf").wants(200).Body; !strings.HasPrefix(pdf, "%PDF-") {
		t.Error("the receipt is no PDF")
	}
	staff.post(receiptPath(1)+"/annuler", receipt.form(receiptPath(1)+"/annuler")).wants(422).says("Choisissez pourquoi")
	reverse := receipt.form(receiptPath(1) + "/annuler")
	reverse.Set("reason", "unpaid")
	for range 2 {
		staff.post(receiptPath(1)+"/annuler", reverse).leadsTo(path + "?fait=repris")
	}
	staff.get(path).says("Reste dû : 28 €", "Annulé")
	void := staff.get(receiptPath(1)).wants(200).says("Ce reçu est annulé depuis le", "chèque ou virement impayé")
	if void.doc.Find(`form[action$="/annuler"]`).Length() > 0 {
		t.Error("it can be taken back again")
	}
	staff.post(receiptPath(1)+"/annuler", merged(reverse, values("form_key", receipt.form(receiptPath(1)+"/annuler").Get("form_key"), "reason", "other")))
	if n := h.count("SELECT count(*) FROM payments"); n != 2 {
		t.Errorf("%d payments, want 2", n)
	}

	// A carnet at another price is asked back, and then covers both.
	form = staff.get(path).form(path)
	form.Set("for", "carnet")
	form.Set("mode", "cash")
	form.Set("cents", "28")
	form = staff.post(path, form).wants(422).says("Un carnet coûte 50 €").form(path)
	form.Set("cents", "")
	staff.post(path, form).leadsTo(path + "?fait=encaisse")
	staff.get(path).says("À jour", "2 places de carnet", "Place de carnet")
	staff.get(moneyPath).says("Rien n'est dû", "Places de carnet à utiliser : 2 sur 4")
	for _, role := range []account.Role{account.Communication, account.Facilitator} {
		h.member(role).get(path).wants(403)
	}
	if body := h.member(account.Communication).get(deskSessionPath(session)).wants(200).Body; strings.Contains(body, "carnet") || strings.Contains(body, "Encaisser") {
		t.Error("communication sees money")
	}
	h.sound()
}

// Where no amount is typed it is the one beside what was chosen, whatever that is; where that has changed meanwhile, or nothing stands there, nothing is noted.
func TestCollectWithoutAnAmount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff, path := h.member(account.Staff), payerMoneyPath(1, "")
	first := h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "", "06 12 34 56 78", "Zoé")
	second := h.book(h.session("Lutherie", 12), "Nguyễn Thị Hồng", "", "06 12 34 56 78", "Zoé")
	h.merge(staff)
	note := func(form url.Values, what string) *answer {
		return staff.post(path, merged(form, values("for", what, "cents", " ", "mode", "cash")))
	}
	one, other := staff.get(path).says("Vide : le montant écrit à côté").form(path), staff.get(path).form(path)
	third := staff.get(path).form(path)
	note(one, first).leadsTo(path + "?fait=encaisse")
	staff.get(path).says("Reste dû : 14 €", "14 € · ")
	note(other, "all").wants(422).says("il reste 14 € à payer en tout")
	note(third, first).wants(422).says("Un paiement vient d'être noté")
	form := staff.get(path).form(path)
	note(form, second).leadsTo(path + "?fait=encaisse")
	staff.get(path).says("À jour")
	note(staff.get(path).form(path), "all").wants(422).says("Écrivez le montant reçu")
	note(staff.get(path).form(path), "carnet").leadsTo(path + "?fait=encaisse")
	staff.get(path).says("4 places de carnet")
	if got := h.count("SELECT sum(cents) FROM payments"); got != 1400+1400+5000 {
		t.Errorf("%d cents are noted", got)
	}
	h.sound()
}

// A seat given up late is free, until the team counts it; the family reads so.
func TestCountLateSeat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session("Robotique", 12)
	reference := h.book(session, "Łukasz", "lukasz@exemple.fr", "06 12 34 56 78", "Zoé")
	var starts string
	h.scan(&starts, "SELECT starts_at FROM sessions WHERE id = ?", session)
	begin, err := time.Parse(time.RFC3339, starts)
	h.must(err)
	h.clock.Set(begin.Add(-26 * time.Hour))
	h.must(h.web.Bookings.CancelFor(t.Context(), account.Command(), h.key(), reference, nil))
	staff, path := h.member(account.Staff), payerMoneyPath(1, "")
	page := staff.get(path).wants(200).says("À jour", "Annulée tard : rien n'est dû")
	for range 2 {
		staff.post(path+"/compter", page.form(path+"/compter")).leadsTo(path + "?fait=comptee")
	}
	page = staff.get(path+"?fait=comptee").says("Cette place compte", "Reste dû : 14 €", "Annulée tard : la coordination l'a comptée")
	staff.post(path+"/decompter", page.form(path+"/decompter")).leadsTo(path + "?fait=decomptee")
	staff.get(path+"?fait=decomptee").says("Cette place ne compte plus", "À jour")
	staff.get(deskBookingPath(reference)).says("Place annulée tard, que l'équipe a comptée", "Place annulée tard, que l'équipe ne compte plus")
	h.sound()
}

// The journal and its files say the same, filtered by day and mode; their sums are those of their lines, and who took them is kept (SEC-40).
func TestMoneyJournal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	h.book(h.session("Robotique", 12), "=Nguyễn", "nguyen@exemple.fr", "06 12 34 56 78", "Zoé")
	h.pay(1, "14", "cash", "all")
	path := payerMoneyPath(1, "")
	staff.post(path, merged(staff.get(path).form(path), values("for", "carnet", "cents", "50", "mode", "helloasso", "reference", "HA-1843"))).wants(303)
	staff.get(moneyJournalPath).wants(200).says("2 écritures : 64 €", "Espèces", "HelloAsso", "R2026-0002", "=Nguyễn", "Carnet de 4 places", "La somme de la colonne est le total reçu")
	staff.get(moneyJournalPath + "?moyen=cash").wants(200).says("1 écriture : 14 €")
	staff.get(moneyJournalPath + "?du=hier&moyen=cash").wants(422)
	staff.get(moneyJournalPath + "?du=2/1/2026&au=1/1/2026").wants(422).says("La fin vient avant le début")
	staff.get(moneyJournalPath + ".csv?du=hier").wants(422)
	file := csv.NewReader(strings.NewReader(strings.TrimPrefix(staff.get(moneyJournalPath+".csv").wants(200).Body, "\ufeff")))
	file.Comma = ';'
	rows, err := file.ReadAll()
	h.must(err)
	if len(rows) != 3 || rows[1][4] != "'=Nguyễn" || rows[2][2] != "Carnet" || rows[2][3] != "R2026-0002" {
		t.Errorf("the table has %q", rows)
	}
	book, err := excelize.OpenReader(strings.NewReader(staff.get(moneyJournalPath + ".xlsx?moyen=cash").wants(200).Body))
	h.must(err)
	lines, err := book.GetRows(book.GetSheetList()[0])
	h.must(err)
	if len(lines) != 2 || !slices.Contains(lines[1], "R2026-0001") || len(book.GetSheetList()) != 2 {
		t.Errorf("the workbook has %q", lines)
	}
	if n := h.count("SELECT count(*) FROM access_log WHERE action = 'payment.export'"); n != 2 {
		t.Errorf("%d lines in the access log, want 2", n)
	}

	// A reversal says which payment it takes back, on the page and in the file.
	const back = "/equipe/paiements/recus/2"
	staff.post(back+"/annuler", with(staff.get(back).form(back+"/annuler"), "reason", "mistake")).wants(303)
	staff.get(moneyJournalPath).wants(200).says("4 mai 2026 n° 3", "Annule le n° 2, du 4 mai 2026, référence HA-1843 : ")
	file = csv.NewReader(strings.NewReader(strings.TrimPrefix(staff.get(moneyJournalPath+".csv").wants(200).Body, "\ufeff")))
	file.Comma = ';'
	rows, err = file.ReadAll()
	h.must(err)
	number, reverses := slices.Index(rows[0], "Numéro"), slices.Index(rows[0], "Annule")
	for _, row := range rows[1:] {
		if want := map[bool]string{true: "2"}[row[number] == "3"]; row[reverses] != want {
			t.Errorf("n° %s takes back %q, want %q", row[number], row[reverses], want)
		}
	}
}

// More than is owed may be a slip: it is asked once whether it stays as an advance, and again where the amount was changed. Nothing typed is lost.
func TestMoreThanIsOwed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.book(h.session("Robotique", 12), "Łukasz D'Artagnan", "lukasz@exemple.fr", "06 12 34 56 78", "Zoé")
	staff, path := h.member(account.Staff), payerMoneyPath(1, "")
	paid := func() int { return h.count("SELECT coalesce(sum(cents), 0) FROM payments") }
	typed := values("cents", "114", "mode", "cash", "reference", "enveloppe 3")
	ask := staff.post(path, merged(staff.get(path).form(path), typed)).wants(422).says("C'est 100 € de plus que tout ce qui est dû", "Noter, et garder 100 € comme avance")
	form := ask.form(path)
	if form.Get("cents") != "114" || form.Get("reference") != "enveloppe 3" || paid() != 0 {
		t.Errorf("typed: %v; paid: %d", form, paid())
	}
	staff.post(path, with(form, "cents", "1114", "advance", "10000")).wants(422).says("C'est 1100 € de plus", "Noter, et garder 1100 € comme avance")
	form = staff.post(path, with(form, "cents", "114", "advance", "")).wants(422).form(path) // « Noter » once more is no answer
	button := ask.doc.Find(`button[name=advance]`).AttrOr("value", "")
	staff.post(path, with(form, "advance", button)).leadsTo(path + "?fait=encaisse")
	if paid() != 11400 {
		t.Errorf("%d cents are noted", paid())
	}
	staff.post(path, merged(staff.get(path).says("100 €").form(path), values("cents", "1000", "mode", "cash"))).wants(422).says("Rien n'est dû", "Noter, et garder 1000 € comme avance")
}

// Where a restore has locked the numbers of receipts, the till says where they are set free, and keeps what was typed (REL-14).
func TestTillLeadsToLockedNumbers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.book(h.session("Robotique", 12), "Łukasz", "lukasz@exemple.fr", "06 12 34 56 78", "Zoé")
	year := h.clock.Now().Year()
	h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return numbering.LockAll(tx, year, year) }))
	staff, path := h.member(account.Staff), payerMoneyPath(1, "")
	a := staff.post(path, merged(staff.get(path).form(path), values("mode", "cash", "cents", "12"))).wants(409).says("aucun numéro ne peut être donné")
	if link := a.doc.Find(`.error-summary a[href="/equipe/numeros"]`); link.Length() != 1 || a.form(path).Get("cents") != "12" {
		t.Errorf("%d links to the numbers; typed: %v", link.Length(), a.form(path))
	}
}

// pay notes what a guardian pays.
func (h *house) pay(guardian int64, cents, mode, what string) {
	h.t.Helper()
	staff, path := h.member(account.Staff), payerMoneyPath(guardian, "")
	form := staff.get(path).form(path)
	staff.post(path, merged(form, values("for", what, "cents", cents, "mode", mode))).wants(303)
}
