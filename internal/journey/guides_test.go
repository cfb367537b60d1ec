package journey

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

var (
	updateGuides = flag.Bool("update-guides", false, "take the pictures of docs/guides anew")
	printGuides  = flag.String("print-guides", "", "folder where the guides go as PDF")
)

// guidesFolder holds the guides, each one sheet of paper for the people that it is about.
const guidesFolder = "../../docs/guides"

// guideWalk goes through the pages that a guide tells of, in a demo of its own.
type guideWalk struct {
	t    *testing.T
	demo *demo
	said []string          // the headings, links, buttons and labels of the pages it has seen
	took map[string][]byte // the pictures, by the names of their files; empty unless they are taken anew
}

// readable are the parts of a page that a guide may name in bold.
const readable = `[...document.querySelectorAll("h1, h2, h3, legend, label, a, button, summary, caption, th, dt, .badge, .flag, #sync")]
	.filter(e => e.checkVisibility()).map(e => e.innerText)`

// see notes what the page shown says.
func (w *guideWalk) see(b *tab) *tab {
	w.t.Helper()
	if b.status != http.StatusOK {
		w.t.Fatalf("%s: status %d", b.path(), b.status)
	}
	for _, text := range eval[[]string](b, readable) {
		w.said = append(w.said, plain(text))
	}
	return b
}

// picture notes what the page says, and takes a picture of what stands from a part of it on, so wide and high.
func (w *guideWalk) picture(b *tab, name, from string, width, height float64) {
	w.t.Helper()
	w.see(b)
	w.took[name+".webp"] = nil
	at := eval[[]float64](b, `(r => [r.left + scrollX, r.top + scrollY])(document.querySelector(`+quoted(from)+`).getBoundingClientRect())`)
	if !*updateGuides {
		return
	}
	const quality = 70
	shot, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: new(int64(quality)),
		CaptureBeyondViewport: new(true), Clip: &page.Viewport{X: max(0, at[0]-8), Y: max(0, at[1]-8), Width: width, Height: height, Scale: 1.5}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.took[name+".webp"] = shot.Data
}

// mailed opens a page from the newest mail to somebody whose subject holds a text.
func (w *guideWalk) mailed(b *tab, to, subject, below string) *tab {
	w.t.Helper()
	for _, m := range w.demo.mails(w.t, to) {
		if strings.Contains(plain(m.Subject), subject) {
			return b.open(w.demo.link(w.t, m, below))
		}
	}
	w.t.Fatalf("no mail %q came to %s", subject, to)
	return nil
}

// TestGuides walks through what the guides of docs/guides tell: the words in bold stand on the pages of the walk as headings, links,
// buttons or labels, the pictures are those that it takes, and each guide prints on one sheet of A4. -update-guides takes
// the pictures anew; how they look, people judge.
func TestGuides(t *testing.T) {
	t.Parallel()
	d := newDemo(t, commonNow)
	walks := []struct {
		guide string
		walk  func(*guideWalk)
	}{{"familles", guideFamilies}, {"animation", guideFacilitators}, {"ecoles", guideSchools}, {"equipe", guideTeam}}
	var pictures []string
	for _, g := range walks {
		w := &guideWalk{t: t, demo: d, took: map[string][]byte{}}
		g.walk(w)
		source, err := os.ReadFile(filepath.Join(guidesFolder, g.guide+".md"))
		if err != nil {
			t.Fatal(err)
		}
		w.check(g.guide, string(source))
		for name := range w.took {
			pictures = append(pictures, name)
		}
		w.prints(g.guide, source)
	}
	files, err := os.ReadDir(filepath.Join(guidesFolder, "images"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !slices.Contains(pictures, file.Name()) {
			t.Errorf("docs/guides/images/%s is taken by no walk", file.Name())
		}
	}
}

var (
	boldWords    = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	shownPicture = regexp.MustCompile(`!\[([^\]]*)\]\(images/([^)]+)\)`)
)

// check holds a guide against the pages that the walk has seen.
func (w *guideWalk) check(guide, source string) {
	w.t.Helper()
	if strings.Contains(source, "\u00a0![") {
		w.t.Errorf("%s.md: a no-break space before a picture is a line of its own", guide)
	}
	for _, bold := range boldWords.FindAllStringSubmatch(source, -1) {
		if !slices.ContainsFunc(w.said, func(said string) bool { return strings.HasPrefix(said, plain(bold[1])) }) {
			w.t.Errorf("%s.md names %q, which no heading, link, button or label of its pages says", guide, bold[1])
		}
	}
	shown := map[string]bool{}
	for _, picture := range shownPicture.FindAllStringSubmatch(source, -1) {
		shown[picture[2]] = true
		if len(strings.Fields(picture[1])) < 4 {
			w.t.Errorf("%s.md does not say in words what %s shows", guide, picture[2])
		}
		if _, taken := w.took[picture[2]]; !taken {
			w.t.Errorf("%s.md shows %s, which its walk does not take", guide, picture[2])
		}
	}
	const most = 80 << 10
	for name, image := range w.took {
		if !shown[name] {
			w.t.Errorf("%s.md does not show %s", guide, name)
		}
		file := filepath.Join(guidesFolder, "images", name)
		if *updateGuides {
			if err := os.WriteFile(file, image, 0o644); err != nil {
				w.t.Fatal(err)
			}
		}
		if info, err := os.Stat(file); err != nil || info.Size() == 0 || info.Size() > most {
			w.t.Errorf("%s: %v; want a picture of at most %d bytes", name, err, most)
		}
	}
}

// guideStyle is how a guide is printed.
const guideStyle = `@font-face { font-family: Atkinson; src: url(../../assets/fonts/atkinson.woff2); font-weight: 400 800 }
@page { size: A4; margin: 11mm 14mm }
body { margin: 0; font: 10pt/1.3 Atkinson, sans-serif; color: #221B33 }
h1 { font-size: 18pt; margin: 0 0 2mm; color: #B01E33 } h2 { font-size: 12pt; margin: 3mm 0 1mm }
p { margin: 0 0 1.5mm } ul, ol { margin: 0; padding-left: 5mm } li { margin: 0 0 .8mm }
table { width: 100%; table-layout: fixed; border-collapse: collapse } th, td { padding: 0 2mm 1mm 0; font-weight: normal; text-align: left; vertical-align: top }
img { display: block; width: 100%; box-sizing: border-box; border: .3mm solid #8A8296 }`

// prints fails where a guide needs more than one sheet of A4.
func (w *guideWalk) prints(guide string, source []byte) {
	w.t.Helper()
	folder, err := filepath.Abs(guidesFolder)
	if err != nil {
		w.t.Fatal(err)
	}
	var body bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert(source, &body); err != nil {
		w.t.Fatal(err)
	}
	sheet := filepath.Join(w.t.TempDir(), guide+".html")
	if err := os.WriteFile(sheet, []byte(`<!doctype html><html lang="fr"><meta charset="utf-8"><base href="file://`+folder+`/"><title>`+guide+`</title><style>`+guideStyle+`</style>`+body.String()), 0o600); err != nil {
		w.t.Fatal(err)
	}
	tab, done := chromedp.NewContext(browser)
	defer done()
	if err := chromedp.Do(tab); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+sheet)); err != nil {
		w.t.Fatal(err)
	}
	printed, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true), PrintBackground: new(true)})
	if err != nil {
		w.t.Fatal(err)
	}
	paper := filepath.Join(w.t.TempDir(), guide+".pdf")
	if *printGuides != "" {
		paper = filepath.Join(*printGuides, guide+".pdf")
	}
	if err := os.WriteFile(paper, printed.Data, 0o644); err != nil {
		w.t.Fatal(err)
	}
	if sheets := strings.Count(pdfText(w.t, paper), "\f"); sheets != 1 {
		w.t.Errorf("%s.md prints on %d sheets of A4, want 1", guide, sheets)
	}
}

// guideFamilies is a parent on a phone: two children are booked, the booking is looked at and cancelled, another waited for and was
// offered a seat, a third has a space.
func guideFamilies(w *guideWalk) {
	const width, height = 390, 600
	b := newTab(w.t, w.demo, phone(width, 844))
	w.see(b.open("/seances"))
	w.picture(b.open(numbered("/seances/:id", bookSession)), "familles-seance", "h1", width, height)
	w.see(b.press("Réserver"))
	b.fill(zoe.fields(1))
	b.press("Ajouter un").says(200, "Enfant 2")
	b.fill(lukasz.fields(2))
	w.see(b)
	w.see(b.send()).says(200, "Santé et sécurité")
	b.fill(map[string]string{"health_1": "no", "leaves_1": "me", "health_2": "no", "leaves_2": "me"})
	w.see(b.send()).says(200, "Vos coordonnées")
	b.fill(family{"Łucja D'Artagnan-N'Guyen", "lucja@exemple.fr", "06 12 34 56 70"}.fields())
	w.see(b.send()).says(200, "Vérifiez")
	w.picture(b.send().says(200, "C'est réservé"), "familles-reserve", "h1", width, height)
	w.see(b.press("Annuler ou modifier"))
	w.see(b.open(numbered("/seances/:id", fullSession)))
	w.picture(w.mailed(b, "yasar.ozturk@example.org", "Une place s'est libérée", "/inscriptions/"), "familles-proposee", "h1", width, height)
	w.see(b.open("/compte/connexion"))
	w.see(b.open(b.mailedLink("camille.lefebvre@example.org")))
	b.send()
	w.see(b.open("/compte"))
	w.see(b.open("/compte/donnees"))
}

// guideFacilitators is who leads the session of today, on a tablet that loses its network.
func guideFacilitators(w *guideWalk) {
	const width, height = 768, 620
	w.demo.moveClock(w.t, "2027-03-01T14:20:00+01:00") // who has not arrived is now to be called
	l := newLine(w.t, w.demo)
	b := newTab(w.t, l.demo, phone(width, 1024))
	b.acceptLeaving()
	w.see(b.open("/connexion"))
	w.see(b.signIn(w.demo.account(w.t, "facilitator", 0))).says(200, "Aujourd'hui")
	register := numbered("/animation/seances/:id", todaySession)
	b.open(register).ready()
	w.see(b)
	b.tap(0, "Présent")
	b.tap(1, "Absent")
	b.tap(2, "Présent")
	b.sent()
	b.open(register).ready()
	w.picture(b, "animation-pointage", ".sticky", width, height)
	b.details(0)
	w.picture(b, "animation-depart", "dialog[open]", 600, 600.0*height/width)
	eval[chromedp.Void](b, `document.querySelector("dialog[open]").close()`)
	for _, below := range []string{"/ajouter", "/feuille", "/incident", "/transmettre"} {
		w.see(b.open(register + below))
	}
	w.picture(b.open(register+"/cloture"), "animation-cloture", "main h2", width, 290)
	if name := eval[float64](b, `document.querySelector(".roster .who").offsetWidth`); name < 160 {
		w.t.Errorf("many buttons leave %g pixels for the name of a child", name)
	}
	w.see(b.open(numbered("/animation/seances/:id/attestations", pastSession)))
	b.open(register).ready()
	l.is(cut)
	b.tap(6, "Présent")
	b.until(`document.getElementById("sync").textContent.includes("Pas de réseau")`)
	w.picture(b, "animation-sans-reseau", ".sticky", width, 290)
}

// guideSchools is four requests of the demo, each a step further, as their contacts see them from their mails.
func guideSchools(w *guideWalk) {
	const width, height = 390, 560
	b := newTab(w.t, w.demo, phone(width, 844))
	w.see(b.open("/ecoles"))
	asking(library, merged(wished, map[string]string{"date_1": "1 juin 2027", "date_1_half": "morning", "place": "theirs"}), asker)(b)
	w.see(b)
	w.picture(w.mailed(b, "enfance@tisserands.example.org", "", "/demandes/"), "ecoles-dates", "#dates h2", width, height)
	w.picture(w.mailed(b, "ozturk@ormeaux.example.org", "", "/demandes/"), "ecoles-devis", "#devis", width, height)
	w.see(b.press("Accepter le devis"))
	w.see(w.mailed(b, "zoe@lucioles.example.org", "Tout est prêt", "/demandes/"))
	w.see(b.press("Liste de la classe"))
	w.picture(w.mailed(b, "an@gantelles.example.org", "", "/demandes/"), "ecoles-apres", "h1", width, height)
}

// guideTeam is the coordination at a desk: a term is planned, a session filled and called off, a payment noted, the year reported.
func guideTeam(w *guideWalk) {
	const width, height = 720, 380
	b := newTab(w.t, w.demo, desk(760, 900)) // half of a screen: a picture of a whole one cannot be read on paper
	b.signIn(w.demo.account(w.t, "admin", 0))
	w.picture(b.open("/equipe"), "equipe-accueil", "h1", width, height)
	w.see(b.open("/equipe/seances"))
	w.see(b.press("Planifier des séances régulières"))
	chosen := func(list, text string) string {
		return eval[string](b, `[...document.querySelectorAll("[name=`+list+`] option")].find(o => o.textContent.includes(`+quoted(text)+`)).value`)
	}
	b.fill(map[string]string{"workshop": chosen("workshop", "Robotique · Initiation"), "venue": chosen("venue", "zone A"), "weekdays": "3",
		"first_day": "2027-03-24", "last_day": "2027-05-12", "starts": "14:00", "ends": "15:30"})
	w.picture(b.send().says(200, "Vacances de printemps"), "equipe-planifier", "h1", width, height)
	w.picture(b.open(numbered("/equipe/seances/:id", fullSession)), "equipe-seance", "h1", width, height)
	for _, path := range []string{numbered("/equipe/seances/:id/modifier", fullSession), "/equipe/seances/publier", "/equipe/familles", "/equipe/appels", "/equipe/messages",
		"/equipe/paiements/journal", "/equipe/factures", "/equipe/personnes", "/equipe/journal", "/equipe/etat", "/equipe/paiements"} {
		w.see(b.open(path))
	}
	w.see(b.press("Encaisser"))
	w.see(b.open("/equipe/paiements/recus/1"))
	w.picture(b.open("/equipe/bilan"), "equipe-bilan", "main h2", width, height)
	w.see(b.open(numbered("/equipe/seances/:id", calledSession)))
	b.open(numbered("/equipe/seances/:id/annuler", calledSession))
	w.see(b.load(chromedp.Click(chromedp.CSS("main form .button.danger"))))
}
