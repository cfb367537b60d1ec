package journey

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestStory is the main job of the product from end to end (issue 2): a parent finds a session and books two children in
// one go, the session fills, the next family is asked to join the list, somebody cancels, the seat goes to the list; the
// facilitator sees the day, marks who came and prints the sheet; a child leaves with a certificate that anyone can verify.
//
// It is walked a second time by people whose browsers run no script, and ends the same (PERF-6).
func TestStory(t *testing.T) {
	t.Parallel()
	t.Run("with scripts", func(t *testing.T) {
		t.Parallel()
		story(t)
	})
	t.Run("without scripts", func(t *testing.T) {
		t.Parallel()
		story(t, withoutScripts)
	})
}

func story(t *testing.T, options ...tabOption) {
	d := newDemo(t, "2027-03-01T14:00:00+01:00")
	const session = 1 // Découverte · Initiation, samedi 6 mars, led by the first facilitator

	// A parent on a phone, in the evening.
	parent := newTab(t, d, append(options, phone(390, 844))...)
	parent.open("/").says(200, "Découverte", "Il reste 5 places")
	parent.press("Découverte").says(200, "samedi 6 mars 2027", "14 h – 16 h", "14 €")
	if names := parent.cookies(); len(names) > 0 {
		t.Errorf("looking around gave the cookies %v (RGPD-12)", names)
	}
	parent.press("Réserver").says(200, "Qui participe ?")
	parent.typeChild(1, zoe)
	parent.press("Ajouter un").says(200, "Enfant 2")
	parent.typeChild(2, lukasz)
	parent.send().says(200, "Santé et sécurité")
	for _, n := range []string{"1", "2"} {
		parent.choose("health_"+n, "no")
		parent.choose("leaves_"+n, "me")
	}
	parent.send().says(200, "Vos coordonnées")
	parent.typeIn("name", "Camille D'Artagnan")
	parent.typeIn("email", "camille@exemple.fr")
	parent.typeIn("phone", "06 12 34 56 78")
	parent.choose("emergency", "me")
	parent.send().says(200, "Vérifiez", "Zoé D'Artagnan-N'Guyen", "Łukasz Nguyễn", "28 €")
	parent.send().says(200, "C'est réservé pour Zoé et Łukasz", "samedi 6 mars 2027")

	confirmed := d.mails(t, "camille@exemple.fr")
	if len(confirmed) != 1 {
		t.Fatalf("%d mails to the parent, want 1", len(confirmed))
	}
	if subject := plain(confirmed[0].Subject); !strings.Contains(subject, "Zoé et Łukasz") || !strings.Contains(subject, "Découverte") || !strings.Contains(subject, "6 mars") {
		t.Errorf("subject = %q", subject)
	}
	if files := confirmed[0].Attachments; len(files) != 1 || !strings.HasSuffix(files[0].Name, ".ics") {
		t.Errorf("attachments = %v", files)
	}

	// The session fills while another family is typing: it is asked, and has to type nothing again.
	next := newTab(t, d, append(options, phone(390, 844))...)
	next.open("/seances").says(200, "Il reste 3 places")
	next.press("Découverte").press("Réserver").says(200, "Qui participe ?")
	next.fill(li.fields(1))
	next.send().says(200, "Santé et sécurité")
	next.fill(map[string]string{"health_1": "no", "leaves_1": "me"})
	next.send().says(200, "Vos coordonnées")
	next.fill(family{"李 伟", "li@exemple.fr", "+33 6 12 34 56 79"}.fields())
	next.send().says(200, "Vérifiez", "李 小龙")
	d.fillUp(t, session)
	next.send().says(409, "Cette séance vient de se remplir. Rien n'est perdu.", "Vous seriez 1re", "李 小龙")
	if got := d.mails(t, "li@exemple.fr"); len(got) > 0 {
		t.Errorf("nobody agreed to anything, and yet there are mails: %v", subjects(got))
	}
	next.press("Rejoindre la liste d'attente").says(200, "Sur la liste d'attente : 李", "1re sur la liste")

	// Somebody cancels from the link in the mail, a GET of which changes nothing.
	parent.open(d.link(t, confirmed[0], "/inscriptions/")).says(200, "C'est réservé")
	parent.press("Annuler ou modifier").says(200, "Pour qui annulez-vous ?")
	parent.do(chromedp.Click(chromedp.Search(`//main//label[contains(., "Łukasz")]`)))
	parent.load(chromedp.Click(chromedp.CSS("main form .button.danger"))).says(200, "Zoé")

	// The seat is offered by mail and taken by a POST.
	offers := d.mails(t, "li@exemple.fr")
	if len(offers) != 2 || !strings.Contains(plain(offers[0].Subject), "Une place s'est libérée pour 李") {
		t.Fatalf("mails to the next family: %v", subjects(offers))
	}
	offer := d.link(t, offers[0], "/inscriptions/")
	for range 3 { // scanners of mails open links
		next.open(offer).says(200, "Une place est proposée à 李")
	}
	next.press("Prendre la place").says(200, "C'est réservé pour 李")
	if taken := d.mails(t, "li@exemple.fr"); len(taken) != 3 {
		t.Errorf("mails to the next family: %v", subjects(taken))
	}

	// The facilitator, on a tablet, on the day.
	d.moveClock(t, "2027-03-06T14:03:00+01:00")
	tablet := newTab(t, d, append(options, phone(1024, 768))...)
	tablet.signIn(d.account(t, "facilitator", 0)).says(200, "Aujourd'hui", "Découverte")
	tablet.press("Découverte").says(200, "0 présent", "12 inscrits", "Zoé D'Artagnan-N'Guyen", "李 小龙")
	tablet.mark("Présent", "Zoé").says(200, "1 présent")
	tablet.mark("Présent", "小龙").says(200, "2 présents")
	tablet.mark("Absent", "Enfant A").says(200, "1 absent")
	tablet.mark("Absent", "Enfant B").says(200, "2 absents")
	tablet.mark("Annuler", "Enfant B").says(200, "1 absent", "2 présents")

	sheet := tablet.download(t, "/animation/seances/1/feuille.pdf")
	paper := pdfText(t, sheet)
	for _, want := range []string{"D'Artagnan-N'Guyen", "Découverte", "samedi 6 mars 2027", "Aïcha Diallo", "page 1/"} {
		if !strings.Contains(paper, want) {
			t.Errorf("the sheet lacks %q:\n%s", want, paper)
		}
	}
	if strings.Contains(strings.Split(paper, "\f")[0], "06 12 34 56 78") {
		t.Error("the page that lies on the table shows phones")
	}

	// Certificates, and whoever scans one.
	d.moveClock(t, "2027-03-06T16:05:00+01:00")
	tablet.open("/animation/seances/1").press("ttestations").says(200, "2 attestations")
	tablet.send().says(200, "Zoé D'Artagnan-N'Guyen")
	papers := tablet.download(t, "/animation/seances/1/attestations.pdf")
	if text := pdfText(t, papers); !strings.Contains(text, "Zoé D'Artagnan-N'Guyen") {
		t.Errorf("the certificates lack Zoé:\n%s", text)
	}
	anyone := newTab(t, d, append(options, phone(360, 740))...)
	for i, want := range []string{"Zoé D.", "李 小."} {
		path, found := strings.CutPrefix(scanned(t, papers, i+1), d.url)
		if !found || !strings.HasPrefix(path, "/attestations/") {
			t.Fatalf("the code of certificate %d leads to %s", i+1, path)
		}
		anyone.open(path).says(200, want, "Découverte", "6 mars 2027")
		for _, hidden := range []string{"D'Artagnan", "N'Guyen", "小龙"} {
			if strings.Contains(anyone.text(), hidden) {
				t.Errorf("the public page shows %q", hidden)
			}
		}
	}
	if names := anyone.cookies(); len(names) > 0 {
		t.Errorf("whoever checks a certificate has the cookies %v", names)
	}
	d.run(t, "verify")
}

func subjects(mails []mail) (list []string) {
	for _, m := range mails {
		list = append(list, plain(m.Subject))
	}
	return list
}

// typeChild fills the boxes of the nth child, key by key.
func (b *tab) typeChild(n int, c child) {
	b.t.Helper()
	for id, text := range c.fields(n) {
		b.typeIn(id, text)
	}
}

// mark presses a button of a child's row in the register, and waits until the server knows. Without scripts that is a page load.
func (b *tab) mark(button, name string) *tab {
	b.t.Helper()
	click := chromedp.Click(chromedp.Search(`//li[.//*[@class="name"][contains(., ` + xpathText(name) + `)]]//div[@class="do"]//button[contains(., ` + xpathText(button) + `)]`))
	if b.noScripts {
		return b.load(click)
	}
	b.until(`document.querySelector("#sync .badge") !== null`)
	b.do(click)
	b.until(`document.querySelector("#sync .badge.done") !== null`)
	return b
}

// download fetches a file as this browser, and returns where it lies.
func (b *tab) download(t *testing.T, path string) string {
	t.Helper()
	coded := eval[string](b, `fetch(`+quoted(path)+`).then(async r => {
		if (!r.ok) throw new Error(r.status);
		let text = "";
		for (const byte of new Uint8Array(await r.arrayBuffer())) text += String.fromCharCode(byte);
		return btoa(text);
	})`)
	content, err := base64.StdEncoding.DecodeString(coded)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// pdfText is what a PDF file says, with ordinary spaces and apostrophes; pages end with a form feed.
func pdfText(t *testing.T, file string) string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`[ \x{a0}\x{202f}]+`).ReplaceAllString(strings.ReplaceAll(string(text), "’", "'"), " ")
}

// scanned is what a phone reads from the QR code on a page of a PDF file.
func scanned(t *testing.T, file string, pageNumber int) string {
	t.Helper()
	picture := filepath.Join(t.TempDir(), "page")
	n := string(rune('0' + pageNumber))
	if out, err := exec.CommandContext(t.Context(), "pdftoppm", "-png", "-r", "200", "-f", n, "-l", n, "-singlefile", file, picture).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), "zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture+".png").Output()
	if err != nil {
		t.Fatalf("no code is read on page %d: %v", pageNumber, err)
	}
	return strings.TrimSpace(string(out))
}
