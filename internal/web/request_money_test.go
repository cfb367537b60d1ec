package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// moneyHouse is a house whose association can issue papers, with a request to which dates were proposed.
func moneyHouse(t *testing.T) (*house, asked) {
	t.Helper()
	h := newHouse(t)
	h.canIssue()
	return h, h.request(map[string]any{"state": "proposed", "waiting_since": nil})
}

// letter is the last message of a kind, with who gets it.
func (h *house) letter(kind string) (to string, m outbox.Request) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		var payload string
		if err := tx.QueryRow(`SELECT recipient, payload FROM outbox WHERE kind = ? ORDER BY id DESC LIMIT 1`, kind).Scan(&to, &payload); err != nil {
			return err
		}
		return json.Unmarshal([]byte(payload), &m)
	}))
	return to, m
}

// issueQuote writes and issues the quote of a request at the desk, and returns its page there.
func (b *teamBrowser) issueQuote(a asked, pairs ...string) string {
	b.h.t.Helper()
	path := DeskRequestPath(a.id) + "/devis"
	form := with(b.get(path).wants(200).lines(), append([]string{"label_1", "Atelier Thymio, 李 et محمد", "quantity_1", "1,5", "unit_1", "150,01", "quantity_2", "1", "do", "issue"}, pairs...)...)
	answer := b.post(path, form).wants(http.StatusSeeOther)
	page, _, _ := strings.Cut(answer.Header.Get("Location"), "?")
	return page
}

// lines is the form of lines, which has no action of its own.
func (a *answer) lines() url.Values {
	a.t.Helper()
	values := url.Values{}
	a.doc.Find("main form.wide").Find("input[name], select[name], textarea[name]").Each(func(_ int, s *goquery.Selection) {
		value := s.AttrOr("value", "")
		switch {
		case s.Is("textarea"):
			value = strings.TrimPrefix(s.Text(), "\n")
		case s.Is("select"):
			value = s.Find("option[selected]").AttrOr("value", s.Find("option").First().AttrOr("value", ""))
		}
		values.Set(s.AttrOr("name", ""), value)
	})
	return values
}

// visitor is somebody without an account, over https.
func (h *house) visitor() *browser {
	h.t.Helper()
	b := h.browser()
	b.client.Transport = h.Client().Transport
	return b
}

// TestQuoteFromDeskToMailbox: written without a script, read, accepted, confirmed; what was agreed to is what was sent
// (UX-S4, domain Schools 3).
func TestQuoteFromDeskToMailbox(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	staff := h.member(account.Staff)
	path := DeskRequestPath(a.id) + "/devis"
	form := staff.get(path).wants(200).says("Ligne 1").lines()
	if form.Get("label_1") != "Découvrir les robots" || form.Get("unit_1") != "150" || form.Get("unit_2") != "0,55" || form.Get("kind_2") != "travel" || form.Get("quantity_2") != "" || form.Get("lines") != "5" {
		t.Errorf("a new quote begins with %v", form)
	}
	// Nobody but the team knows how far it is: issued unread, a quote bills no kilometre.
	if far := staff.post(path, with(form, "do", "issue")).wants(422); far.doc.Find("#quantity_2[aria-invalid=true]").Length() != 1 {
		t.Error("a way of unknown length is billed")
	}
	// Odd cents: 1,5 × 150,01 = 225,015; 37,33 km × 0,55 = 20,5315; 24 × 0,35 less 12,5 % = 7,35.
	lines := []string{"label_1", "Atelier Thymio", "quantity_1", "1,5", "unit_1", "150,01", "quantity_2", "37,33",
		"kind_4", "material", "label_4", "Autocollants 李", "quantity_4", "24", "unit_4", "0,35", "discount_4", "12,5"}
	more := staff.post(path, with(form, append(lines, "do", "more")...)).wants(200).says("225,02 €", "20,53 €", "7,35 €", "Total : 252,90 €")
	wrong := staff.post(path, with(more.lines(), "unit_6", "x", "do", "issue")).wants(422).says("Dites ce que cette ligne compte")
	if wrong.doc.Find("#unit_6[aria-invalid=true]").Length() != 1 || wrong.lines().Get("label_4") != "Autocollants 李" {
		t.Error("the wrong line is not marked, or something typed is lost")
	}
	staff.post(path, with(wrong.lines(), "unit_6", "", "do", "save")).leadsTo(path + "?fait=enregistree")
	old := staff.get(path).lines()
	page := staff.post(path, with(staff.get(path).lines(), "do", "issue")).wants(http.StatusSeeOther).Header.Get("Location")
	stale := staff.post(path, with(old, "form_key", staff.get(path).lines().Get("form_key"), "label_1", "Câbles", "do", "issue")).wants(409).says("a changé entre-temps")
	if got := stale.lines(); got.Get("label_1") != "Câbles" || got.Get("seen") == old.Get("seen") {
		t.Errorf("an old page lost what was typed, or cannot go on: %v", got)
	}
	staff.get(page).wants(200).says("Devis D2026-0001", "252,90 €", "TVA non applicable, art. 293 B du CGI", "0350122T")

	to, m := h.letter(outbox.RequestQuoted)
	if to != "zoe@ecole.exemple.fr" || m.Cents != 25290 || m.Paper != "D2026-0001" {
		t.Errorf("mailed to %s: %+v", to, m)
	}
	v := h.visitor()
	status := v.get(a.path()).want(200, "Ce devis attend votre accord", "252,90 €", "valable jusqu'au 3 juin 2026")
	href := status.Find(`a.button[href$="/accepter"]`).AttrOr("href", "")
	accept := v.get(href).want(200, "Bon pour accord", "z…@ecole.exemple.fr")
	v.post(href, accept.fill("", nil)).want(422, "Écrivez le nom de la personne qui signe", "Cochez")
	signed := values("name", "Łukasz D'Artagnan", "role", "Directeur", "agreed", "yes")
	v.post(href, accept.fill("", signed)).want(200, "Il reste à confirmer", "Un accord a été donné")
	if n := h.count(`SELECT count(*) FROM quotes WHERE state = 'accepted'`); n != 0 {
		t.Fatal("a form alone accepted the quote")
	}
	_, m = h.letter(outbox.RequestConfirm)
	confirm := ConfirmationPath(m.ConfirmID, h.web.School.SignConfirmation(m.ConfirmID, m.LinkVersion))
	ask := v.get(confirm).want(200, "Confirmer : Devis D2026-0001", "Łukasz D'Artagnan", "Directeur", "252,90 €")
	for range 2 {
		v.post(confirm, ask.fill("", nil)).want(200, "C'est confirmé : Devis D2026-0001")
	}
	v.get(confirm).want(200, "C'est confirmé").wantNot("Je confirme cet accord")
	v.get(a.path()).want(200, "Accord donné", "Accepté").wantNot("attend votre accord")
	staff.get(page).wants(200).says("Accepté par Łukasz D'Artagnan, Directeur, le 4 mai 2026")
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = 'request_accepted'`); n != 1 {
		t.Errorf("%d letters, want 1", n)
	}
}

// TestConfirmTooLate: a newer version meanwhile is a page that says so, and nothing is accepted (409).
func TestConfirmTooLate(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	staff := h.member(account.Staff)
	staff.issueQuote(a)
	id, err := h.web.School.Accept(t.Context(), h.key(), school.Visit{Party: school.ByContact, Link: a.link}, school.Subject{Quote: 1}, statement)
	h.must(err)
	confirm := ConfirmationPath(id, h.web.School.SignConfirmation(id, 1))
	v := h.visitor()
	ask := v.get(confirm).want(200)
	staff.issueQuote(a, "unit_1", "99")
	v.post(confirm, ask.fill("", nil)).want(409, "une version plus récente le remplace", "Retour à la demande")
	v.get(confirm).want(409, "une version plus récente le remplace", "Retour à la demande").wantNot("Je confirme cet accord")
	v.get(a.path()+"/devis/1").want(200, "Remplacé").wantNot("Accepter le devis")
	v.get(a.path()+"/devis/2").want(200, "Devis D2026-0001, version 2", "Accepter le devis")
	v.get(confirm+"x").want(404, "Cette page n'existe pas")
}

// TestExpiredQuote: the page says what to do, and no way to accept is left (issue 3, 4).
func TestExpiredQuote(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	h.member(account.Staff).issueQuote(a)
	v := h.visitor()
	path := a.path() + "/devis/1/accepter"
	h.clock.Advance(30 * 24 * time.Hour)
	form := v.get(path).want(200, "Donner mon accord")
	h.clock.Advance(23 * time.Hour)
	v.get(a.path()).want(200, "Ce devis n'est plus valable", "Écrivez-nous", "Plus valable").wantNot("Ce devis attend votre accord")
	for _, late := range []string{"/accepter", "/papier", "/refuser"} {
		v.get(a.path()+"/devis/1"+late).want(200, "Ce devis n'est plus valable").wantNot("Donner mon accord")
	}
	v.post(path, form.fill("", values("name", "Zoé", "role", "Directrice", "agreed", "yes"))).want(410, "Ce devis n'est plus valable", "nouvelle version")
}

// TestPayerChangedAfterTheQuote: a quote in another name is nobody's to accept, and the pages say who acts.
func TestPayerChangedAfterTheQuote(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	h.member(account.Staff).issueQuote(a)
	v := h.visitor()
	form := v.get(a.path()+"/payeur").want(200).fill("", values("payer", "other", "payer_name", "Ville de « 李 »", "payer_address", "1 place Łódź",
		"payer_postcode", "69100", "payer_city", "Villeurbanne", "payer_public", "yes", "payer_contact", "Zoé N'Guyen", "payer_email", "zoe@ville.example"))
	for _, page := range []reply{v.post(a.path()+"/payeur", form), v.get(a.path() + "/devis/1"), v.get(a.path() + "/devis/1/papier")} {
		page.want(200, "Qui paie a changé depuis ce devis").wantNot("Le devis est envoyé à", "Accepter le devis", "Donner mon accord")
	}
	v.get(a.path()).want(200, "revient vers vous au sujet du devis")
	// A phone opens an old address again: what holds no more is not told as done.
	v.get(a.path() + "?fait=retiree").want(200).wantNot("Votre demande est retirée")
	v.get(a.path() + "?fait=dates").want(200).wantNot("la date est à vous")
	v.get(a.path() + "?fait=confirmer").want(200).wantNot("Il reste à confirmer")
	v.post(a.path()+"/retirer", v.get(a.path()+"/retirer").want(200).fill("", nil)).want(200, "Votre demande est retirée")
	v.get(a.path()+"/payeur").want(409, "Il est trop tard pour changer qui paie")
}

// TestPayerSeesMoneyAlone: neither notes of the team nor what else was written reaches who pays.
func TestPayerSeesMoneyAlone(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	h.write(`INSERT INTO request_events (request_id, at, by, kind, text) VALUES (?, '2026-05-04T12:00:00Z', 'team', 'note', 'Secret de l''équipe')`, a.id)
	h.write(`UPDATE group_requests SET message = 'Un mot de la directrice', accessibility = 'Un élève malvoyant' WHERE id = ?`, a.id)
	v := h.visitor()
	path := a.path() + "/payeur"
	form := v.get(path).want(200, "Qui paie ?")
	wrong := v.post(path, form.fill("", values("payer", "other", "payer_public", "yes", "payer_name", "Ville de Lyon", "payer_siret", "1"))).
		want(422, "Un numéro SIRET compte 14 chiffres", "Écrivez la commune")
	v.post(path, wrong.fill("", values("payer_siret", "732 829 320 00074", "payer_address", "1 place de la Comédie", "payer_postcode", "69001", "payer_city", "Lyon",
		"payer_contact", "Nguyễn Thị Ánh", "payer_email", "compta@lyon.exemple.fr"))).want(200, "Qui paie : Ville de Lyon")
	h.member(account.Staff).issueQuote(a)
	to, m := h.letter(outbox.RequestQuoted)
	if to != "zoe@ecole.exemple.fr" || h.count(`SELECT count(*) FROM outbox WHERE kind = 'request_quoted' AND recipient = 'compta@lyon.exemple.fr'`) != 1 {
		t.Errorf("the quote went to %s %+v", to, m)
	}
	v.get(a.path()).want(200, "Le devis est envoyé à Ville de Lyon").wantNot("Accepter le devis")
	payer := PayerPath(h.web.School.Sign(school.LinkPayer, a.reference, 2))
	page := v.get(payer).want(200, "Devis D2026-0001", "Accepter le devis", "24 jeunes (CM1)")
	for _, secret := range []string{"Secret", "directrice", "malvoyant", "Ce qui s'est passé", "04 78 00 00 00"} {
		if strings.Contains(page.body, secret) {
			t.Errorf("the payer's page holds %q", secret)
		}
	}
	v.get(payer+"/devis/1").want(200, "Ville de Lyon", "SIRET : 73282932000074")
	v.wantsPDF(payer+"/devis/1/devis.pdf", "D2026-0001.pdf")
}

// wantsPDF fails unless a path gives a PDF to keep, under a name of ours (SEC-44).
func (b *browser) wantsPDF(path, name string) {
	t := b.site.t
	t.Helper()
	res, err := b.client.Get(b.site.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var head [5]byte
	if _, err := io.ReadFull(res.Body, head[:]); err != nil || string(head[:]) != "%PDF-" || res.Header.Get("Content-Disposition") != `attachment; filename="`+name+`"` {
		t.Errorf("%s = %d %q, %v", path, res.StatusCode, head, res.Header)
	}
}

// send posts a multipart form with a file.
func (b *browser) send(path string, form url.Values, name string, content []byte) reply {
	b.site.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, list := range form {
		for _, value := range list {
			_ = w.WriteField(field, value) // a buffer takes everything
		}
	}
	if part, err := w.CreateFormFile("file", name); err != nil {
		b.site.t.Fatal(err)
	} else if _, err := part.Write(content); err != nil {
		b.site.t.Fatal(err)
	}
	_ = w.Close()
	res, err := b.client.Post(b.site.URL+path, w.FormDataContentType(), &body)
	return b.read(res, err)
}

// TestSignedPaperIsKeptSafe: what is no PDF is refused with the form kept, the rest is read by the team alone (SEC-26).
func TestSignedPaperIsKeptSafe(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	staff := h.member(account.Staff)
	staff.issueQuote(a)
	v := h.visitor()
	path := a.path() + "/devis/1/papier"
	form := v.get(path).want(200, "Un PDF de 5 Mo au plus").fill("", values("name", "Zoé D'Artagnan-N'Guyen", "role", "Directrice"))
	form.Del("file")
	for name, tt := range map[string]struct {
		file    string
		content []byte
		says    string
	}{
		"a page":      {"signé.pdf", []byte("<script>alert(1)</script>"), "n'est pas un PDF"},
		"a picture":   {"signé.png", []byte("%PDF-1.7\n%%EOF"), "n'est pas un PDF"},
		"cut short":   {"signé.pdf", []byte("%PDF-1.7\n"), "abîmé ou incomplet"},
		"locked":      {"signé.pdf", []byte("%PDF-1.7 /Encrypt 5 0 R\n%%EOF"), "protégé par un mot de passe"},
		"nothing":     {"", nil, "Choisissez le fichier"},
		"a bit large": {"signé.pdf", append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("x"), school.MaxUpload)...), "trop lourd"},
	} {
		refused := v.send(path, form, tt.file, tt.content).want(422, tt.says)
		if refused.Find("#name").AttrOr("value", "") != "Zoé D'Artagnan-N'Guyen" {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	v.send(path, form, "signé.pdf", bytes.Repeat([]byte("x"), school.MaxUpload+signedCap)).want(413, "trop lourd : 5 Mo au plus", "Choisir un autre fichier")
	if n := h.count(`SELECT count(*) FROM uploads`); n != 0 {
		t.Fatalf("%d files were kept", n)
	}
	v.send(path, form, "signé.pdf", signedPDF.Content).want(200, "Votre document est bien arrivé")

	desk := DeskRequestPath(a.id)
	page := staff.get(desk).wants(200).says("Document signé le 4 mai 2026", "À lire", "J'ai vérifié : signé")
	file := staff.get(desk + "/papiers/1").wants(200)
	if file.Body != string(signedPDF.Content) || file.Header.Get("Content-Disposition") != `attachment; filename="document-signe-1.pdf"` ||
		file.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasSuffix(file.Header.Get("Content-Security-Policy"), "; sandbox") {
		t.Errorf("served with %v", file.Header)
	}
	staff.post(desk+"/papiers/1/verifier", page.form(desk+"/papiers/1/verifier")).leadsTo(desk + "?fait=enregistree")
	staff.get(desk).wants(200).says("Lu et confirmé")
	if n := h.count(`SELECT count(*) FROM quotes WHERE state = 'accepted'`); n != 1 {
		t.Error("the quote is not accepted")
	}
}

// TestSlowAndLargeFiles: a school with a slow line has the time for a file, and a file that is too large is read to its
// end, so that a browser shows why it was refused (SEC-26, SEC-29).
func TestSlowAndLargeFiles(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	h.member(account.Staff).issueQuote(a)
	path := a.path() + "/devis/1/papier"
	form := h.visitor().get(path).want(200).fill("", values("name", "Łukasz", "role", "Maire"))
	form.Del("file")

	hasty := httptest.NewUnstartedServer(nil)
	hasty.Config = h.web.HTTPServer()
	hasty.Config.ReadTimeout = time.Nanosecond // every form is too slow for it
	hasty.Start()
	t.Cleanup(hasty.Close)
	client := hasty.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	slow := &browser{site: &site{Server: hasty, t: t}, client: client}
	large := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("x"), school.MaxUpload/2)...)
	if got := slow.send(path, form, "signé.pdf", append(large, "\n%%EOF"...)); got.status != http.StatusSeeOther {
		t.Errorf("a file that takes its time = %d", got.status)
	}

	real := serveReal(t, h.site, time.Minute)
	conn, err := net.Dial("tcp", real.Listener.Addr().String())
	h.must(err)
	defer func() { _ = conn.Close() }()
	const size = 24 << 20
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n", path, size)
	h.must(err)
	if _, err := conn.Write(make([]byte, size)); err != nil {
		t.Fatalf("cut off while it sends: %v", err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	h.must(err)
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a file that is too large = %d", answer.StatusCode)
	}
}

// TestTooManyPapers: one link cannot make the server read files without end.
func TestTooManyPapers(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	h.member(account.Staff).issueQuote(a)
	v := h.visitor()
	for range papersPerHour {
		v.send(a.path()+"/devis/1/papier", nil, "a.pdf", []byte("x"))
	}
	v.send(a.path()+"/devis/1/papier", nil, "a.pdf", []byte("x")).want(429, "Trop d'envois", "rien n'est perdu")
	h.clock.Advance(2 * time.Minute)
	v.send(a.path()+"/devis/1/papier", nil, "a.pdf", []byte("x")).want(403)
}

// TestInvoiceToLastCent: the invoice of a public body, its fields, a payment, its reversal, a credit note, and the
// treasurer's table, which computes nothing (SEC-40).
func TestInvoiceToLastCent(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	h.write(`UPDATE organisations SET sector = 'public', name = '=cmd|A1 École 李'`)
	staff := h.member(account.Staff)
	staff.issueQuote(a)
	h.must(h.web.School.RecordAcceptance(t.Context(), account.Command(), h.key(), a.id, school.Subject{Quote: 1}, statement, nil))
	path := DeskRequestPath(a.id) + "/factures"
	staff.get(path).wants(200).says("La facture vient après les séances")
	h.write(`UPDATE group_requests SET state = 'done' WHERE id = ?`, a.id)
	typed := with(staff.get(path).wants(200).says("Chorus Pro demande ces trois numéros").lines(), "do", "issue")
	wrong := staff.post(path, typed).wants(422).says("Chorus Pro refuse une facture sans lui", "Écrivez le code service")
	staff.post(path, with(wrong.lines(), "siret", "732 829 320 00074", "service_code", "EDUC", "engagement", "2026-EJ-0042", "do", "issue")).
		leadsTo(path + "/1?fait=facture")
	invoice := staff.get(path+"/1").wants(200).says("Facture F2026-0001", "Reste à payer : 225,57 €", "2026-EJ-0042")
	h.visitor().get(a.path()).want(200, "Facture F2026-0001", "à payer au plus tard le")
	staff.post(path, typed).wants(409)

	staff.post(path+"/1/paiements", with(invoice.form(path+"/1/paiements"), "received_on", "5/5/2026")).wants(422).says("Cette date est à venir")
	staff.post(path+"/1/paiements", with(invoice.form(path+"/1/paiements"), "cents", "100,50", "reference", "+VIR 12")).leadsTo(path + "/1?fait=paiement")
	invoice = staff.get(path+"/1").wants(200).says("Payée en partie", "Reste à payer : 125,07 €")
	staff.post(path+"/1/paiements/1/annuler", invoice.form(path+"/1/paiements/1/annuler")).leadsTo(path + "/1?fait=paiement_annule")
	invoice = staff.get(path+"/1").wants(200).says("À payer", "Reste à payer : 225,57 €")
	staff.post(path+"/1/avoir", with(invoice.form(path+"/1/avoir"), "credited", "225,58", "reason", "Trop")).wants(422).says("225,57 €")
	staff.post(path+"/1/avoir", with(invoice.form(path+"/1/avoir"), "credited", "25,57", "reason", "Deux absents")).leadsTo(path + "/2?fait=avoir")
	staff.get(path+"/2").wants(200).says("Avoir A2026-0001", "−25,57 €", "F2026-0001")
	staff.get("/equipe/factures").wants(200).says("F2026-0001", "200 €", "Reste à recevoir : 200 €")
	h.clock.Advance(40 * 24 * time.Hour)
	staff = h.member(account.Staff)
	staff.get("/equipe/factures").wants(200).says("En retard", "en retard : 200 €")

	book := staff.get("/equipe/factures.csv?du=1/1/2026&au=31/12/2026").wants(200)
	for _, line := range []string{
		"2026-05-04;Facture;F2026-0001;'=cmd|A1 École 李;73282932000074;;;225,57", "2026-05-04;Paiement;F2026-0001;'=cmd|A1 École 李;73282932000074;Virement;'+VIR 12;-100,50",
		"2026-05-04;Paiement annulé;F2026-0001;'=cmd|A1 École 李;73282932000074;Virement;;100,50", "2026-05-04;Avoir;A2026-0001;'=cmd|A1 École 李;73282932000074;;F2026-0001;-25,57",
	} {
		if !strings.Contains(book.Body, line+"\r\n") {
			t.Errorf("the table lacks %q:\n%s", line, book.Body)
		}
	}
	// What one paid too much is not less to receive from another.
	invoice = staff.get(path + "/1").wants(200)
	staff.post(path+"/1/paiements", with(invoice.form(path+"/1/paiements"), "cents", "250", "received_on", "5/5/2026")).leadsTo(path + "/1?fait=paiement")
	staff.get("/equipe/factures").wants(200).says("Payée en trop", "Reste à recevoir : 0 €", "à rendre : 50 €")
	staff.get("/equipe/factures.csv?du=1/6/2026&au=31/13/2026").wants(422).says("Cette date n'existe pas")
	if n := h.count(`SELECT count(*) FROM access_log WHERE action = 'payment.export'`); n != 1 {
		t.Errorf("%d lines in the access log, want 1", n)
	}

	v := h.visitor()
	v.get(a.path()).want(200, "Facture F2026-0001", "Avoir A2026-0001")
	v.wantsPDF(a.path()+"/factures/1/facture.pdf", "F2026-0001.pdf")
}

// TestRefuseQuote: the reason reaches the team; the quote stays readable.
func TestRefuseQuote(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	h.member(account.Staff).issueQuote(a)
	v := h.visitor()
	path := a.path() + "/devis/1/refuser"
	form := v.get(path).want(200)
	v.post(path, form.fill("", nil)).want(422, "Dites-nous pourquoi")
	v.post(path, form.fill("", values("reason", "Trop cher, 李"))).want(200, "le devis est refusé", "Refusé").wantNot("Accepter le devis")
	if to, m := h.letter(outbox.RequestNews); m.Reason != "Trop cher, 李" || to != "salut@lesbricodeurs.fr" {
		t.Errorf("told %s %q", to, m.Reason)
	}
}

// TestQuoteWithoutSettings: the page names what lacks before anything is typed, and issuing names it again.
func TestQuoteWithoutSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.request(map[string]any{"state": "proposed"})
	staff := h.member(account.Staff)
	path := DeskRequestPath(a.id) + "/devis"
	page := staff.get(path).wants(200).says("Avant d'émettre, complétez", "Numéro SIRET", "Mention de TVA")
	staff.post(path, with(page.lines(), "unit_1", "150", "do", "issue")).wants(409).says("Avant d'émettre ce document, complétez dans les réglages : Adresse postale, Numéro SIRET, Mention de TVA")
	if n := h.count(`SELECT count(*) FROM quotes`); n != 0 {
		t.Errorf("%d quotes", n)
	}
}

func TestHundredths(t *testing.T) {
	t.Parallel()
	p := words.For(words.French)
	for _, n := range []int{0, 5, 100, 150, 1225, 3740, 10_000, school.MaxQuantity} {
		if got := typedHundredths(p.Decimal(n)); got != n {
			t.Errorf("%q is read as %d, want %d", p.Decimal(n), got, n)
		}
	}
	for typed, want := range map[string]int{"12,5 %": 1250, "": -1, "un": -1, "1.5": 150, "-1": -1} {
		if got := typedHundredths(typed); got != want {
			t.Errorf("typedHundredths(%q) = %d, want %d", typed, got, want)
		}
	}
	for email, want := range map[string]string{"zoe@exemple.fr": "z…@exemple.fr", "李@exemple.fr": "李…@exemple.fr", "": "…", "x": "…"} {
		if got := halfHidden(email); got != want {
			t.Errorf("halfHidden(%q) = %q", email, got)
		}
	}
}
