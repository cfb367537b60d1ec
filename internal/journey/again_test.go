package journey

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// serveProgramme is `ateliers serve` with the programme of 2016 moved to the coming weeks. The test stops it.
func serveProgramme(t *testing.T) *demo {
	t.Helper()
	data := t.TempDir()
	ateliers(t, data, "migrate")
	ateliers(t, data, "import", "programme", "../../cmd/ateliers/demo/programme-2016.csv", "--shift-to", time.Now().AddDate(0, 0, 8).Format(time.DateOnly))
	d, err := start("serve", data, "--no-second-factor")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// UX-P4: what was answered survives the end of the tab and a restart of the server; the first screen then offers to go on.
func TestDraftSurvives(t *testing.T) {
	t.Parallel()
	d := serveProgramme(t)
	session := int(d.sessions(t)[0].ID)
	keeper := newTab(t, d, phone(390, 844)) // keeps the cookies of the phone while its tabs come and go
	keeper.open("/seances").says(200)

	first := openTab(t, d, keeper.ctx, []tabOption{phone(390, 844)})
	first.open(numbered("/seances/:id", session)).press("Réserver").says(200, "Qui participe ?")
	first.fill(zoe.fields(1))
	first.send().says(200, "Santé et sécurité")
	first.fill(careful)
	first.send().says(200, "Vos coordonnées")
	first.close()
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}

	again := newServer(t, d.data)
	second := openTab(t, again, keeper.ctx, []tabOption{phone(390, 844)})
	second.open(numbered("/seances/:id", session)).press("Réserver").says(200, "Nous avons gardé ce que vous aviez écrit", "Reprendre")
	if got := eval[string](second, `document.getElementById("first_name_1").value`); got != zoe.first {
		t.Errorf("the first name is %q", got)
	}
	second.press("Reprendre").says(200, "Vos coordonnées")
	second.fill(camille.fields())
	second.send().says(200, "Vérifiez", zoe.first)
	second.send().says(200, "C'est réservé pour "+zoe.first)
}

// UX-P21: the network dies when the booking is sent. After a reload the parent learns the truth: here it is not booked, and
// nothing typed is lost.
func TestNetworkDiesBeforeTheServer(t *testing.T) {
	t.Parallel()
	b := newTab(t, common, phone(390, 844))
	bookingOf(dyingSession, zoe.fields(1), careful, family{"Li Nguyễn", "reseau-avant@exemple.fr", "06 12 34 56 78"}.fields())(b)
	b.says(200, "Vérifiez")
	b.offline(true)
	b.lose()
	b.offline(false)
	b.open(numbered("/inscription/:id/verification", dyingSession)).says(200, "Vérifiez", zoe.first, "06 12 34 56 78")
	b.send().says(200, "C'est réservé pour "+zoe.first)
	if mails := common.mails(t, "reseau-avant@exemple.fr"); len(mails) != 1 {
		t.Errorf("%d mails for one booking", len(mails))
	}
}

// UX-P21: here the server has booked, and its answer is lost: the same address, and Back, show the booking, once.
func TestNetworkDiesAfterTheServer(t *testing.T) {
	t.Parallel()
	l := newLine(t, common)
	b := newTab(t, l.demo, phone(390, 844))
	bookingOf(dyingSession, lukasz.fields(1), careful, family{"Li Nguyễn", "reseau-apres@exemple.fr", "06 12 34 56 78"}.fields())(b)
	b.says(200, "Vérifiez")
	l.is(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			l.through.ServeHTTP(httptest.NewRecorder(), r)
		}
		panic(http.ErrAbortHandler)
	})
	b.lose()
	l.is(nil)
	b.open(numbered("/inscription/:id/verification", dyingSession)).says(200, "C'est réservé pour "+lukasz.first)
	if !strings.HasPrefix(b.path(), "/inscriptions/") {
		t.Errorf("the truth is at %s", b.path())
	}
	if mails := common.mails(t, "reseau-apres@exemple.fr"); len(mails) != 1 {
		t.Errorf("%d mails for one booking", len(mails))
	}
}

// offline is the browser's own switch.
func (b *tab) offline(yes bool) {
	b.t.Helper()
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1}}})
		return chromedp.Void{}, err
	})
}

// lose presses the main button where no page will come.
func (b *tab) lose() {
	b.t.Helper()
	eval[chromedp.Void](b, `document.querySelector("main form .button:not(.secondary):not(.quiet)").click()`)
	for deadline := time.Now().Add(patience); !strings.Contains(b.where(), "chrome-error:"); {
		if time.Now().After(deadline) {
			b.t.Fatalf("the page is still there:\n%s", b.where())
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble = nil // the lost page is what the test is about
}

// askedForLater walks to where the link to finish later was asked for.
func askedForLater(b *tab) {
	bookingOf(quietSession, zoe.fields(1))(b)
	b.open(numbered("/inscription/:id/plus-tard", quietSession))
	b.fill(map[string]string{"email": "plus.tard@exemple.fr"})
	b.send()
}

// A family books a first time, comes back by the link in its mailbox and books again: three screens, and not one field to type;
// then it cancels from the mail (UX-P3, UX-P15, PERF-6; issue 6).
func TestComeBack(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]tabOption{"with scripts": {phone(390, 844)}, "without scripts": {phone(390, 844), withoutScripts}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDemo(t, commonNow)
			who := family{"Łucja D'Artagnan-N'Guyen", "lucja@exemple.fr", "06 12 34 56 70"}
			newVisitor(t, d).book(bookSession, who, zoe, lukasz)

			b := newTab(t, d, options...)
			b.open(numbered("/seances/:id", quietSession)).press("Réserver").says(200, "Qui participe ?", "Déjà venus ?")
			b.press("Retrouver mes enfants").says(200)
			b.typeIn("email", who.email)
			b.send().says(200, "Regardez votre messagerie")
			for _, m := range d.mails(t, who.email) {
				if strings.Contains(m.Text, "/compte/entrer/") {
					b.open(d.link(t, m, "/compte/entrer/"))
					break
				}
			}
			b.send().says(200, "Qui vient cette fois ?", zoe.first, lukasz.first)
			b.choose("enfant", eval[string](b, `document.querySelector("[name=enfant]").value`))
			b.send().says(200, "Vérifiez", "06 12 34 56 70")
			if asked := eval[[]question](b, required); len(asked) > 0 {
				t.Errorf("it is asked again: %v", asked)
			}
			b.send().says(200, "C'est réservé")

			confirmed := d.mails(t, who.email)[0]
			b.open(d.link(t, confirmed, "/inscriptions/")).says(200, "C'est réservé")
			b.press("Annuler ou modifier").says(200)
			b.load(chromedp.Click(chromedp.CSS("main form .button.danger")))
			b.says(200, "Cette inscription est annulée")
			if gone := d.mails(t, who.email)[0]; len(gone.Attachments) != 1 || !strings.Contains(gone.Attachments[0].Content, "METHOD:CANCEL") {
				t.Errorf("the mail %q takes nothing out of the calendar", gone.Subject)
			}
		})
	}
}
