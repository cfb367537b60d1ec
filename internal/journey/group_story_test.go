package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestGroupStory is the whole way of a school's request (issue 3): a teacher asks without an account, staff propose dates,
// the school takes one, the town that pays agrees to the quote and confirms it from its mailbox, the agreement is signed, the
// teacher pastes first names, the facilitator marks and counts, and the school takes away its attestation of service.
//
// It is walked a second time by people whose browsers run no script, and ends the same (PERF-6).
func TestGroupStory(t *testing.T) {
	t.Parallel()
	t.Run("with scripts", func(t *testing.T) {
		t.Parallel()
		groupStory(t)
	})
	t.Run("without scripts", func(t *testing.T) {
		t.Parallel()
		groupStory(t, withoutScripts)
	})
}

const (
	teacherMail = "zoe.ecole@exemple.fr"
	townMail    = "mairie@exemple.fr"
)

func groupStory(t *testing.T, options ...tabOption) {
	d := newDemo(t, "2027-03-01T14:00:00+01:00")

	// A teacher, on a phone.
	teacher := newTab(t, d, append(options, phone(390, 844))...)
	teacher.open("/ecoles").press("Demander un atelier").says(200, "Qui demande l'atelier ?")
	teacher.open("/ecoles/demande?kind=school&q=lucioles+baulon").says(200, "Ecole primaire publique les Lucioles")
	teacher.choose("kind", "school")
	teacher.do(chromedp.Click(chromedp.Search(`//main//label[contains(., "les Lucioles")]`)))
	teacher.send().says(200, "Étape 2 sur 4")
	teacher.do(chromedp.Click(chromedp.Search(`//main//label[contains(., "Robotique 2")]`)))
	teacher.fill(map[string]string{"level": "CM1", "children": "3", "adults": "1", "date_1": "16/03/2027", "date_1_half": "morning", "place": "theirs"})
	teacher.send().says(200, "Étape 3 sur 4")
	teacher.fill(map[string]string{"contact_name": "Zoé D'Artagnan-N'Guyen", "role": "Professeure des écoles", "email": teacherMail, "phone": "06 39 98 01 02", "funding": "own"})
	teacher.send().says(200, "Étape 4 sur 4", "mardi 16 mars 2027")
	teacher.send().says(200, "Votre demande", "Reçue")
	status := teacher.path()

	// Staff, at a desk: two options with a facilitator and a kit.
	staff := newTab(t, d, append(options, desk(1280, 800))...)
	staff.signIn(d.account(t, "staff", 0)).says(200)
	staff.open("/equipe/demandes").press("les Lucioles").says(200, "Zoé D'Artagnan-N'Guyen", "Proposer des dates")
	request := staff.path()
	staff.open(request+"/dates").says(200, "16 mars")
	staff.do(chromedp.Click(chromedp.Search(`//main//label[contains(., "Aïcha Diallo")]`)))
	staff.fill(map[string]string{"capacity": "3", "date_1": "2027-03-16", "starts_1": "09:00", "ends_1": "11:00", "date_2": "2027-03-18", "starts_2": "09:00", "ends_2": "11:00", "each": "yes"})
	staff.send().says(200, "Dates proposées")

	// The school takes one of them.
	teacher.open(d.link(t, d.mails(t, teacherMail)[0], "/demandes/")).says(200, "mardi 16 mars 2027", "jeudi 18 mars 2027")
	teacher.press("Choisir cette date").says(200, "mardi 16 mars 2027")
	teacher.send().says(200, "La date est fixée")
	if text := teacher.text(); strings.Contains(text, "jeudi 18 mars 2027") {
		t.Error("the option that was not taken is still there")
	}

	// The town pays: it has a link of its own, and agrees from its mailbox. 33.3 km at 0.53 € are 17.649 €.
	staff.open(request + "/payeur").says(200)
	staff.fill(map[string]string{"payer": "other", "payer_name": "Ville de Baulon", "payer_address": "1 place de la Mairie", "payer_postcode": "35580",
		"payer_city": "Baulon", "payer_siret": "21350016800025", "payer_public": "yes", "payer_service": "EDU-1", "payer_contact": "Łukasz Nguyễn", "payer_email": townMail})
	staff.send().says(200, "Ville de Baulon")
	staff.open(request + "/devis").says(200)
	staff.fill(map[string]string{"label_1": "Atelier robotique", "quantity_1": "1", "unit_1": "180", "discount_1": "10",
		"label_2": "Déplacement", "kind_2": "travel", "quantity_2": "33,3", "unit_2": "0,53"})
	staff.press("Émettre").says(200, "179,65 €")
	town := newTab(t, d, append(options, phone(390, 844))...)
	town.open(d.link(t, d.mails(t, townMail)[0], "/payeurs/")).says(200, "Ville de Baulon", "179,65 €")
	paper := pdfText(t, town.download(t, eval[string](town, `document.querySelector('main a[href$="devis.pdf"]').getAttribute("href")`)))
	for _, want := range []string{"Devis", "D2027-", "17,65 €", "179,65 €", "art. 293 B", "Ville de Baulon", "Bon pour accord"} {
		if !strings.Contains(strings.ToLower(paper), strings.ToLower(want)) {
			t.Errorf("the quote lacks %q:\n%s", want, paper)
		}
	}
	town.press("Accepter le devis").says(200)
	town.fill(map[string]string{"name": "Łukasz Nguyễn", "role": "Adjoint à l'éducation", "engagement": "2027-EDU-7"})
	town.do(chromedp.Click(chromedp.Search(`//main//label[@for="agreed" or .//input[@name="agreed"]]`)))
	town.send().says(200)
	teacher.open(status).says(200)
	if strings.Contains(teacher.text(), "Accord donné") {
		t.Error("an acceptance counts before it is confirmed from the mailbox")
	}
	town.open(d.link(t, d.mails(t, townMail)[0], "/confirmations/")).says(200, "179,65 €")
	town.press("Je confirme").says(200)
	teacher.open(status).says(200, "Accord donné")

	// The agreement, signed by the teacher from her mailbox.
	staff.open(request + "/convention").says(200)
	staff.press("Envoyer la convention").says(200)
	teacher.open(status).says(200, "Convention")
	teacher.press("Signer").says(200)
	teacher.fill(map[string]string{"name": "Zoé D'Artagnan-N'Guyen", "role": "Professeure des écoles"})
	teacher.do(chromedp.Click(chromedp.Search(`//main//label[@for="agreed" or .//input[@name="agreed"]]`)))
	teacher.send().says(200)
	teacher.open(d.link(t, d.mails(t, teacherMail)[0], "/confirmations/")).says(200)
	teacher.press("Je confirme").says(200)
	teacher.open(status).says(200, "Tout est prêt")

	// First names, pasted.
	teacher.press("Liste de la classe").says(200, "seulement les prénoms")
	teacher.fill(map[string]string{"prenoms": "Zoé\nمحمد\n李"})
	teacher.press("Enregistrer la liste").says(200, "3 prénoms")

	// Nowhere in public; in the day of who leads it.
	if text := newTab(t, d, phone(390, 844)).open("/seances").text(); strings.Contains(text, "Lucioles") {
		t.Error("the catalogue shows a private session")
	}
	d.moveClock(t, "2027-03-16T09:05:00+01:00")
	tablet := newTab(t, d, append(options, phone(1024, 768))...)
	tablet.signIn(d.account(t, "facilitator", 0)).says(200, "les Lucioles")
	tablet.press("Robotique 2").says(200, "Zoé", "محمد", "李")
	register := tablet.path()
	tablet.mark("Présent", "Zoé").says(200, "1 présent")
	tablet.mark("Présent", "محمد").says(200, "2 présents")
	tablet.mark("Absent", "李").says(200, "1 absent")
	if sheet := pdfText(t, tablet.download(t, register+"/feuille.pdf")); !strings.Contains(sheet, "Zoé") || !strings.Contains(sheet, "Lucioles") {
		t.Errorf("the sheet of the class:\n%s", sheet)
	}
	tablet.open(register + "/effectif").says(200)
	tablet.fill(map[string]string{"niveau_1": "CM1", "girl_1": "1", "boy_1": "1"})
	tablet.press("Enregistrer le compte").says(200, "2 enfants")

	// Certificates with first names, which then go.
	d.moveClock(t, "2027-03-16T11:05:00+01:00")
	tablet.open(register+"/attestations").says(200, "2 attestations")
	tablet.send().says(200, "Zoé")
	certificates := tablet.download(t, register+"/attestations.pdf")
	if text := pdfText(t, certificates); !strings.Contains(text, "Zoé") {
		t.Errorf("the certificates lack Zoé:\n%s", text)
	}
	tablet.open(register+"/prenoms").press("Effacer les prénoms").says(200, "effacés")
	code := strings.TrimPrefix(scanned(t, certificates, 1), d.url)
	anyone := newTab(t, d, append(options, phone(360, 740))...)
	anyone.open(code).says(200, "Robotique 2")
	if strings.Contains(anyone.text(), "Zoé") {
		t.Error("a first name outlives its erasure on the public page")
	}

	// The day after, the request is done by itself; the school takes its attestation and says how it was.
	d.moveClock(t, "2027-03-17T11:30:00+01:00")
	teacher.open(status).says(200, "Attestation de service fait")
	teacher.press("Attestation de service fait").says(200, "les Lucioles", "CM1 : 2")
	attestation := pdfText(t, teacher.download(t, status+"/attestation.pdf"))
	for _, want := range []string{"Lucioles", "16 mars 2027", "CM1", "Robotique 2"} {
		if !strings.Contains(attestation, want) {
			t.Errorf("the attestation lacks %q:\n%s", want, attestation)
		}
	}
	teacher.open(status + "/avis").says(200)
	teacher.fill(map[string]string{"rating": "4", "comment": "Les enfants en redemandent."})
	teacher.send().says(200)

	// Invoice and payment, and nothing is left to do.
	d.moveClock(t, "2027-03-17T11:45:00+01:00") // who does nothing for half an hour is signed out
	staff.signIn(d.account(t, "staff", 0)).says(200)
	staff.open(request+"/factures").says(200, "Ville de Baulon")
	if engagement, service := staff.value("engagement"), staff.value("service_code"); engagement != "2027-EDU-7" || service != "EDU-1" {
		t.Errorf("the invoice begins with engagement %q and service %q", engagement, service)
	}
	staff.press("Émettre").says(200, "F2027-", "À payer")
	staff.fill(map[string]string{"mode": "transfer", "received_on": "17/03/2027"})
	staff.press("Noter ce paiement").says(200, "Payée")
	d.moveClock(t, "2027-03-17T12:00:00+01:00")
	teacher.open(status).says(200, "Terminée")
	staff.open("/equipe/bilan/groupes?du=2027-03-01&au=2027-03-31").says(200, "Baulon")
	d.run(t, "verify")
}
