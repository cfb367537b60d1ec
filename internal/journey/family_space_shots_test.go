package journey

import (
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// salome is the family whose space the shots show: two bookings that it said to be its own, and one that it says nothing of.
var salome = family{"Salomé D'Artagnan-N'Guyen", "salome@exemple.fr", "06 12 34 56 71"}

// mailedLink asks for a link to sign in and returns where the mail leads.
func (b *tab) mailedLink(email string) string {
	b.t.Helper()
	b.open("/compte/connexion")
	b.typeIn("email", email)
	b.send().says(200, "Regardez votre messagerie")
	for _, m := range b.demo.mails(b.t, email) {
		if strings.Contains(m.Text, "/compte/entrer/") {
			return b.demo.link(b.t, m, "/compte/entrer/")
		}
	}
	b.t.Fatalf("no link came to %s", email)
	return ""
}

// enterSpace signs Salomé in, who booked twice, and says of one booking that it is hers.
func (b *tab) enterSpace() {
	b.t.Helper()
	newVisitor(b.t, b.demo).book(bookSession, salome, zoe)
	newVisitor(b.t, b.demo).book(fullSession, salome, zoe, ali)
	newVisitor(b.t, b.demo).book(bookSession, salome, lukasz)
	b.open(b.mailedLink(salome.email))
	b.send()
	for range 2 {
		b.load(chromedp.Click(chromedp.CSS("main form .button")))
	}
}

// advancedSession is open to young people.
const advancedSession = 14

// enterYoung signs a young person in, to whom a guardian gave a space of their own.
func (b *tab) enterYoung() {
	b.t.Helper()
	parent := family{"Nguyễn Thị Ánh", "parente@exemple.fr", "06 12 34 56 73"}
	newVisitor(b.t, b.demo).book(advancedSession, parent, child{"Łukasz", "D'Artagnan-N'Guyen", "3", "9", "2010"})
	b.open(b.mailedLink(parent.email))
	b.send()
	b.open(eval[string](b, `document.querySelector('a[href*="/compte/enfants/"]').getAttribute("href")`) + "/espace")
	b.fill(map[string]string{"email": "lukasz@exemple.fr"})
	b.send()
	b.open("/compte")
	b.load(chromedp.Click(chromedp.CSS(`main form[action="/compte/deconnexion"] button`)))
	b.open(b.mailedLink("lukasz@exemple.fr"))
	b.send().says(200, "L'espace de Łukasz")
}

// openLink is a link that nobody uses: once for all shots.
var openLink struct {
	once sync.Once
	path string
}

// familyShots are the pages of the space of a family, and of its door.
func familyShots() []shot {
	return []shot{
		{route: "/compte/connexion", state: "empty"},
		{route: "/compte/connexion", state: "wrong", show: sent("/compte/connexion", map[string]string{"email": "camille"}), status: 422},
		{route: "/compte/entrer/:link", state: "unknown", show: at("/compte/entrer/AAAAAAAAAAAAAAAAAAAAAA"), status: 404},
		{route: "/compte/entrer/:link", state: "open", show: func(b *tab) {
			openLink.once.Do(func() {
				newVisitor(b.t, common).book(bookSession, family{"李 伟", "li.wei@exemple.fr", "06 12 34 56 72"}, li)
				openLink.path = b.mailedLink("li.wei@exemple.fr")
			})
			b.open(openLink.path)
		}},
		{route: "/compte", role: "family"},
		{route: "/compte/reconnaitre", role: "family"},
		{route: "/compte/reconnaitre/:claim/refuser", role: "family", show: follow("/compte/reconnaitre", `a[href$="/refuser"]`)},
	}
}

// spaceShots are the small pages on which a family changes one thing.
func spaceShots() []shot {
	child := func(below string) func(*tab) {
		return func(b *tab) {
			b.open("/compte")
			b.open(eval[string](b, `document.querySelector('a[href*="/compte/enfants/"]').getAttribute("href")`) + below)
		}
	}
	wrong := func(show func(*tab)) func(*tab) {
		return func(b *tab) {
			show(b)
			b.send()
		}
	}
	review := func(show func(*tab), fields map[string]string) func(*tab) {
		return func(b *tab) {
			show(b)
			b.fill(fields)
			b.send()
		}
	}
	return []shot{
		{route: "/compte/coordonnees", role: "family"},
		{route: "/compte/coordonnees", state: "wrong", role: "family", show: review(at("/compte/coordonnees"), map[string]string{"phone": "12"}), status: 422},
		{route: "/compte/coordonnees", state: "review", role: "family", show: review(at("/compte/coordonnees"), map[string]string{"phone": "07 98 76 54 32"})},
		{route: "/compte/urgence", role: "family"},
		{route: "/compte/urgence", state: "wrong", role: "family", show: review(at("/compte/urgence"), map[string]string{"emergency": "other"}), status: 422},
		{route: "/compte/langue", role: "family"},
		{route: "/compte/nouvelles", role: "family"},
		{route: "/compte/adresse", role: "family"},
		{route: "/compte/adresse/:change", state: "unknown", show: at("/compte/adresse/AAAAAAAAAAAAAAAAAAAAAA"), status: 404},
		{route: "/compte/invitation/:invite", state: "unknown", show: at("/compte/invitation/AAAAAAAAAAAAAAAAAAAAAA"), status: 404},
		{route: "/compte/responsables", role: "family"},
		{route: "/compte/responsables/inviter", role: "family"},
		{route: "/compte/responsables/inviter", state: "wrong", role: "family", show: wrong(at("/compte/responsables/inviter")), status: 422},
		{route: "/compte/passeport", role: "family"},
		{route: "/compte/enfants/:child", role: "family", show: child("")},
		{route: "/compte/enfants/:child/identite", role: "family", show: child("/identite")},
		{route: "/compte/enfants/:child/sante", role: "family", show: child("/sante")},
		{route: "/compte/enfants/:child/sante", state: "wrong", role: "family", show: review(child("/sante"), map[string]string{"health": "described"}), status: 422},
		{route: "/compte/enfants/:child/depart", role: "family", show: child("/depart")},
		{route: "/compte/enfants/:child/photos", role: "family", show: child("/photos")},
		{route: "/compte/enfants/:child/photos/retirer", role: "family", show: child("/photos/retirer")},
		{route: "/compte/enfants/:child/quitter", role: "family", show: child("/quitter")},
		{route: "/compte/enfants/:child/espace", state: "too young", role: "family", show: child("/espace"), status: 404},
		{route: "/compte/moi", role: "young"},
		{route: "/inscription/:id/moi", state: "there already", role: "young", show: at(numbered("/inscription/:id/moi", advancedSession))},
		{route: "/inscription/:id/moi", state: "too old", role: "young", show: at(numbered("/inscription/:id/moi", quietSession))},
	}
}
