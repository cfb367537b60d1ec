package journey

import (
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	_ "github.com/mattn/go-sqlite3" // for what only time can do
)

// priced are requests with papers about money, made once: one whose quote waits for its payer, and one that was invoiced.
var priced struct {
	once sync.Once
	// quote and its twins are of a request that a town pays; the invoice is of another one.
	status, desk, payer, quote, confirm string
	billed, invoice                     string // the status page and the desk of the other one
}

// onMoney opens a page of one of them: each :word leads to the page of priced with that name. It takes somebody of the
// staff.
func onMoney(path string) func(*tab) {
	return func(b *tab) {
		p := &priced
		p.once.Do(func() { makePriced(b) })
		b.open(strings.NewReplacer(":status", p.status, ":desk", p.desk, ":payer", p.payer, ":quote", p.quote, ":confirm", p.confirm,
			":billed", p.billed, ":invoice", p.invoice).Replace(path))
	}
}

// town is who pays for the library.
var town = map[string]string{
	"payer": "other", "payer_name": "Ville de Villeurbanne, direction de l'éducation – 李", "payer_address": "Place Lazare-Goujon", "payer_postcode": "69100",
	"payer_city": "Villeurbanne", "payer_siret": "73282932000074", "payer_public": "yes", "payer_contact": "Nguyễn Thị Ánh", "payer_email": "compta@exemple.fr",
}

// agreed is « bon pour accord ».
var agreed = map[string]string{"name": "محمد D'Artagnan-N'Guyen", "role": "Maire adjoint", "engagement": "2027-EJ-0042", "agreed": "yes"}

func makePriced(b *tab) {
	b.t.Helper()
	p, v := &priced, newTab(b.t, common, desk(1280, 800))
	b.open("/equipe/reglages")
	b.fill(map[string]string{"association_address": "7 place Louis Chazette\n69001 Lyon", "association_siret": "73282932000074",
		"vat_sentence": "TVA non applicable, art. 293 B du CGI", "session_price": "150,01", "kilometre_price": "0,55"})
	b.send().says(200, "enregistré")

	first := proposeDates(b, []string{"2027-06-22"})
	p.status, p.desk = first.status, first.desk
	v.open(p.status + "/payeur")
	v.fill(town)
	v.send().says(200, "Ville de Villeurbanne")
	p.quote = issueQuote(b, p.desk)
	p.payer = common.letter(b.t, "compta@exemple.fr", "/payeurs/")
	v.open(p.payer).says(200, "D2").press("Accepter le devis")
	v.fill(agreed)
	v.send().says(200, "Il reste à confirmer")
	p.confirm = common.letter(b.t, "compta@exemple.fr", "/confirmations/")

	second := proposeDates(b, []string{"2027-06-24"})
	p.billed = second.status
	quote := issueQuote(b, second.desk)
	b.open(second.desk + quote + "/accepter")
	b.fill(map[string]string{"name": "Łucja", "role": "Bibliothécaire"})
	b.send().says(200, "Accepté par Łucja")
	workshopsTookPlace(b.t, strings.Split(second.status, "/")[2])
	b.open(second.desk+"/factures").says(200, "Nouvelle facture")
	b.load(chromedp.Click(chromedp.CSS("button[value=issue]"))).says(200, "La facture est émise")
	p.invoice = b.path()
}

// issueQuote sends the quote that the desk proposes, and returns the path of its page below that of the request.
func issueQuote(b *tab, desk string) string {
	b.t.Helper()
	b.open(desk+"/devis").says(200, "Ligne 1")
	b.fill(map[string]string{"quantity_2": "12"})
	b.load(chromedp.Click(chromedp.CSS("button[value=issue]"))).says(200, "Le devis est émis")
	return strings.TrimPrefix(b.path(), desk)
}

// workshopsTookPlace lets a request be done, which else takes weeks.
func workshopsTookPlace(t *testing.T, reference string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+common.data+"/ateliers.db?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "UPDATE group_requests SET state = 'done' WHERE reference = ?", reference); err != nil {
		t.Fatal(err)
	}
}

// letter waits for a mail that leads below a path, and returns where.
func (d *demo) letter(t *testing.T, to, below string) string {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		for _, m := range d.mails(t, to) {
			if strings.Contains(m.Text, d.url+below) {
				return d.link(t, m, below)
			}
		}
	}
	t.Fatalf("no mail to %s leads below %s", to, below)
	return ""
}

// moneyShots are the pages about money.
func moneyShots() []shot {
	return []shot{
		{route: "/demandes/:reference/:signature", state: "a quote for who pays", role: "staff", show: onMoney(":status")},
		{route: "/demandes/:reference/:signature", state: "an invoice", role: "staff", show: onMoney(":billed")},
		{route: "/demandes/:reference/:signature/payeur", state: "filled", role: "staff", show: onMoney(":status/payeur")},
		{route: "/demandes/:reference/:signature/payeur", state: "wrong", role: "staff", show: func(b *tab) {
			onMoney(":status/payeur")(b)
			b.fill(map[string]string{"payer": "other", "payer_name": "", "payer_siret": "1", "payer_email": "x"})
			b.send()
		}, status: 422},
		{route: "/demandes/:reference/:signature/devis/:quote", role: "staff", show: onMoney(":status:quote")},
		{route: "/demandes/:reference/:signature/devis/:quote/papier", role: "staff", show: onMoney(":status:quote/papier")},
		{route: "/demandes/:reference/:signature/devis/:quote/accepter", state: "not theirs", role: "staff", show: onMoney(":status:quote/accepter"), status: 404},
		{route: "/demandes/:reference/:signature/devis/:quote/refuser", state: "not theirs", role: "staff", show: onMoney(":status:quote/refuser"), status: 404},
		{route: "/demandes/:reference/:signature/factures/:invoice", role: "staff", show: func(b *tab) {
			onMoney(":billed")(b)
			b.press("Facture F")
		}},
		{route: "/payeurs/:reference/:signature", role: "staff", show: onMoney(":payer")},
		{route: "/payeurs/:reference/:signature/devis/:quote", role: "staff", show: onMoney(":payer:quote")},
		{route: "/payeurs/:reference/:signature/devis/:quote/accepter", state: "empty", role: "staff", show: onMoney(":payer:quote/accepter")},
		{route: "/payeurs/:reference/:signature/devis/:quote/accepter", state: "wrong", role: "staff", show: func(b *tab) {
			onMoney(":payer:quote/accepter")(b)
			b.send()
		}, status: 422},
		{route: "/payeurs/:reference/:signature/devis/:quote/papier", state: "empty", role: "staff", show: onMoney(":payer:quote/papier")},
		{route: "/payeurs/:reference/:signature/devis/:quote/papier", state: "wrong", role: "staff", show: func(b *tab) {
			onMoney(":payer:quote/papier")(b)
			b.send()
		}, status: 422},
		{route: "/payeurs/:reference/:signature/devis/:quote/refuser", state: "empty", role: "staff", show: onMoney(":payer:quote/refuser")},
		{route: "/payeurs/:reference/:signature/devis/:quote/refuser", state: "wrong", role: "staff", show: func(b *tab) {
			onMoney(":payer:quote/refuser")(b)
			b.load(chromedp.Click(chromedp.CSS("main form .button.danger")))
		}, status: 422},
		{route: "/payeurs/:reference/:signature/factures/:invoice", state: "missing", role: "staff", show: onMoney(":payer/factures/987654"), status: 404},
		{route: "/confirmations/:id/:signature", role: "staff", show: onMoney(":confirm")},
		{route: "/equipe/demandes/:id/payeur", role: "staff", show: onMoney(":desk/payeur")},
		{route: "/equipe/demandes/:id/devis", state: "next version", role: "staff", show: onMoney(":desk/devis")},
		{route: "/equipe/demandes/:id/devis", state: "wrong", role: "staff", show: func(b *tab) {
			onMoney(":desk/devis")(b)
			b.fill(map[string]string{"label_1": "", "quantity_1": "beaucoup", "unit_1": "x"})
			b.load(chromedp.Click(chromedp.CSS("button[value=save]")))
		}, status: 422},
		{route: "/equipe/demandes/:id/devis/:quote", role: "staff", show: onMoney(":desk:quote")},
		{route: "/equipe/demandes/:id/devis/:quote/accepter", role: "staff", show: onMoney(":desk:quote/accepter")},
		{route: "/equipe/demandes/:id/factures", state: "too early", role: "staff", show: onMoney(":desk/factures")},
		{route: "/equipe/demandes/:id/factures/:invoice", role: "staff", show: onMoney(":invoice")},
		{route: "/equipe/demandes/:id/factures/:invoice", state: "wrong", role: "staff", show: func(b *tab) {
			onMoney(":invoice")(b)
			b.fill(map[string]string{"received_on": "demain"})
			b.load(chromedp.Click(chromedp.CSS(`form[action$="/paiements"] .button`)))
		}, status: 422},
		{route: "/demandes/:reference/:signature/convention/:agreement/accepter", state: "missing", role: "staff", show: onMoney(":status/convention/987654/accepter"), status: 404},
		{route: "/demandes/:reference/:signature/convention/:agreement/papier", state: "missing", role: "staff", show: onMoney(":status/convention/987654/papier"), status: 404},
		{route: "/equipe/demandes/:id/convention/:agreement/accepter", state: "missing", role: "staff", show: onMoney(":desk/convention/987654/accepter"), status: 404},
		{route: "/equipe/paiements", role: "staff"},
		{route: "/equipe/paiements", state: "nobody found", role: "staff", show: at("/equipe/paiements?q=zzzz")},
		{route: "/equipe/paiements/familles/:id", role: "staff", show: at("/equipe/paiements/familles/1")},
		{route: "/equipe/paiements/journal", role: "staff"},
		{route: "/equipe/paiements/recus/:recu", role: "staff", show: at("/equipe/paiements/recus/1")},
		{route: "/compte/paiements", role: "family"},
		{route: "/compte/paiements/:recu", state: "missing", role: "family", show: at("/compte/paiements/987654"), status: 404},
		{route: "/equipe/factures", role: "staff", show: onMoney("/equipe/factures?vue=toutes")},
	}
}
