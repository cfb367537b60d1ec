package journey

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFamilyComesBack books as a guest on a phone, comes back by a link in the mailbox, changes a phone number, who may pick up and
// the answer about pictures; the register of the session says so (issue 6, points 2 and 6; PERF-6 without scripts).
func TestFamilyComesBack(t *testing.T) {
	t.Parallel()
	d := newDemo(t, commonNow)
	for _, c := range []struct {
		name    string
		parent  family
		child   child
		options []tabOption
	}{
		{"with scripts", family{"Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 01"}, child{"Zoé", "Revenante", "3", "9", "2017"}, nil},
		{"without scripts", family{"Łucja D'Artagnan", "lucja@exemple.fr", "06 12 34 56 02"}, child{"Łukasz", "Revenant", "3", "9", "2017"}, []tabOption{withoutScripts}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newTab(t, d, append(c.options, phone(390, 844))...)
			bookingOf(bookSession, c.child.fields(1), map[string]string{"health_1": "no", "leaves_1": "me", "image_1": "yes"}, c.parent.fields())(b)
			b.send().says(200, "C'est réservé pour "+c.child.first)

			b.open("/compte").says(200, "Entrer dans mon espace")
			b.open(b.mailedLink(c.parent.email)).says(200, c.parent.email)
			b.send().says(200, "Mon espace", c.child.first+" "+c.child.last, "Place réservée")

			b.load(chromedp.Click(chromedp.CSS(`a[href="/compte/coordonnees"]`)))
			b.typeIn("phone", "07 98 76 54 32")
			b.send().says(200, "Vérifiez avant d'enregistrer", "devient : 07 98 76 54 32")
			b.press("Enregistrer").says(200, "C'est enregistré", "07 98 76 54 32")

			b.load(chromedp.Click(chromedp.CSS(`a[href$="/depart"]`)))
			b.choose("leaves", "other")
			b.typeIn("pickup_names", "Mamie 李, Paul Nguyễn")
			b.send().says(200, "Avec vous devient : Avec vous ou Mamie 李 et Paul Nguyễn")
			b.press("Enregistrer").says(200, "Avec vous ou Mamie 李 et Paul Nguyễn")

			b.open("/compte").load(chromedp.Click(chromedp.CSS(`a[href$="/photos/retirer"]`)))
			b.load(chromedp.Click(chromedp.CSS(`main form .button.danger`))).says(200, "Non, pas de photo")

			staff := newTab(t, d, desk(1280, 800))
			staff.signIn(d.account(t, "staff", 0))
			register := numbered("/animation/seances/:id", bookSession)
			staff.open(register).says(200, c.child.first+" "+c.child.last)
			staff.open(register+"/feuille").says(200, c.child.first)
			page := eval[string](staff, `[...document.querySelectorAll("main li, main tr")].map(e => e.innerText).filter(x => x.includes(`+quoted(c.child.last)+`)).join("\n")`)
			t.Log(plain(page))
			staff.says(200, "07 98 76 54 32", "Mamie 李", "Paul Nguyễn")
		})
	}
}

// TestKeyboardSpace signs in, changes a phone number and withdraws the consent to pictures with Tab, Enter and Space alone (ACC-8).
func TestKeyboardSpace(t *testing.T) {
	t.Parallel()
	d := newDemo(t, commonNow)
	k := keys{newTab(t, d, desk(1280, 800))}
	k.open("/compte").says(200)
	k.to("#email")
	k.do(chromedp.KeyEvent("camille.lefebvre@example.org"))
	k.to(`main form .button`).follow().says(200, "Regardez votre messagerie")
	k.open(d.link(t, d.mails(t, "camille.lefebvre@example.org")[0], "/compte/entrer/")).says(200)
	k.to("[name=shared]")
	k.hit(" ")
	k.to(`main form .button`).follow().says(200)
	k.open("/compte").says(200, "Mon espace")
	k.to(`main a[href="/compte/coordonnees"]`).follow().says(200)
	k.to("#phone")
	k.do(chromedp.KeyEvent("07 98 76 54 32"))
	k.to(`main form .button`).follow().says(200, "Vérifiez avant d'enregistrer")
	k.to(`main form .button`).follow().says(200, "C'est enregistré", "07 98 76 54 32")
	k.to(`main a[href$="/photos/retirer"]`).follow().says(200)
	k.to(`main form .button.danger`).follow().says(200, "Non, pas de photo")
	k.to(`main form[action="/compte/deconnexion"] .button`).follow().says(200, "Recevoir le lien")
}
