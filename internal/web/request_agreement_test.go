package web

import (
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// UX-S5: staff edit the text with a preview that stores nothing; an unknown field is refused at saving with its name
// and line, and what was typed is kept.
func TestAgreementText(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	const path = agreementTextPath
	form := b.get(path).wants(200).says("Engagements de l'organisme", "{{organisme}}", "nom de l'organisme", "École élémentaire Marie-Curie").form(path)
	wrong := "# Convention\n\n**{{organisme}}** et {{ecole}}\n\n<b>Zoé</b>"

	seen := b.post(path, with(form, "text", wrong, "act", "preview")).wants(200).says("Ligne 3", "« ecole »", "Ligne 5", "École élémentaire Marie-Curie")
	if seen.form(path).Get("text") != wrong {
		t.Errorf("what was typed is lost: %q", seen.form(path).Get("text"))
	}
	if n := h.count("SELECT count(*) FROM settings"); n != 0 {
		t.Fatalf("a preview stored %d settings", n)
	}
	a := b.post(path, with(seen.form(path), "text", wrong, "act", "save")).wants(422).says("Ligne 3", "« ecole »")
	if a.form(path).Get("text") != wrong {
		t.Errorf("what was typed is lost: %q", a.form(path).Get("text"))
	}
	b.post(path, with(a.form(path), "text", "# À nous\n\n{{organisme}}", "act", "save")).leadsTo(path + "?fait=enregistree")
	mine := b.get(path).says("Revenir au texte d'origine").hides("Engagements de l'organisme").form(path)
	b.post(path, with(mine, "act", "usual")).leadsTo(path + "?fait=enregistree")
	b.get(path).says("Engagements de l'organisme").hides("Revenir au texte d'origine")
}

// Staff read how the agreement would look, send it once, and both sides find it as a page and as a PDF that say the
// same (ACC-20); a name that was made to be Markdown or HTML is a name.
func TestAgreementAtTheDeskAndOnTheStatusPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.request(map[string]any{"state": "accepted"})
	hostile := "École « **x** # {{total}} <b> »"
	h.sql("UPDATE organisations SET name = ?", hostile)
	path := DeskRequestPath(r.id) + "/convention"
	b := h.member(account.Staff)
	page := b.get(path).wants(200).says(hostile, "Ce qui n'est pas encore connu", "dates et heures des séances", "Aperçu")
	if n := page.doc.Find(".agreement .prose b b, .agreement script").Length(); n != 0 {
		t.Error("a name became markup")
	}
	b.post(path, page.form(path)).leadsTo(DeskRequestPath(r.id) + "?fait=convention")
	b.get(DeskRequestPath(r.id)).says("À signer", "version 1", "Convention envoyée")
	h.member(account.Communication).get(path).wants(200).hides("Envoyer la convention")

	status := h.teamBrowser().get(r.path()).wants(200).says("Convention", "version 1", "À signer", "Signer la convention")
	link, _ := status.doc.Find(`section[aria-labelledby="convention"] a`).First().Attr("href")
	twin := h.teamBrowser().get(link).wants(200).says(hostile, "Données personnelles", "24 enfants", "Empreinte SHA-256", "Signer la convention")
	file, _ := twin.doc.Find(`a[href$="convention.pdf"]`).First().Attr("href")
	pdf := h.teamBrowser().get(file).wants(200)
	if got := pdf.Header.Get("Content-Disposition"); got != `attachment; filename="convention-v1.pdf"` || !strings.HasPrefix(pdf.Body, "%PDF-") {
		t.Errorf("%s, %.20q", got, pdf.Body)
	}
	for _, place := range []string{"/convention/987654", "/convention/zoé"} {
		h.teamBrowser().get(r.path() + place).wants(404)
	}

	// The next version replaces it; the first stays readable. Then it is too late for the page that is still open.
	b.post(path, b.get(path).form(path)).wants(303)
	h.teamBrowser().get(r.path()).says("version 2", "version 1", "Remplacée")
	h.teamBrowser().get(link).wants(200).says(hostile).hides("Signer la convention")
	open := b.get(path).form(path)
	h.sql("UPDATE group_requests SET state = 'withdrawn'")
	b.post(path, open).wants(409).says("une fois le devis accepté")
	h.teamBrowser().get(r.path()).hides("Signer la convention")
}
