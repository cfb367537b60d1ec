package journey

import (
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// late is a session two hours after the demo starts, of which a seat is given up: two families wait, and no mail is in time.
var late struct {
	once sync.Once
	id   int64
}

// giveUpLate makes it, as staff.
func giveUpLate(b *tab) {
	late.once.Do(func() {
		b.open("/equipe/seances/2") // Saturdays at four
		b.fill(map[string]string{"date": "2027-03-01"})
		b.press("Dupliquer").press("Publier")
		id, err := strconv.ParseInt(path.Base(b.path()), 10, 64)
		if err != nil {
			b.t.Fatal(err)
		}
		late.id = id
		gives := newVisitor(b.t, common)
		booked := gives.book(id, family{"Anna Kowalczyk", "anna@exemple.fr", "06 39 98 12 34"}, child{"Łukasz", "Kowalczyk", "3", "9", "2014"})
		common.fillUp(b.t, id)
		newVisitor(b.t, common).book(id, family{"أمينة علي", "amina@exemple.fr", "+33 6 12 34 56 79"},
			child{"Zoé", "D'Artagnan-N'Guyen", "3", "9", "2014"}, child{"محمد", "علي", "1", "2", "2015"})
		newVisitor(b.t, common).book(id, family{"Camille D'Artagnan-N'Guyen", "camille.attend@exemple.fr", "06 12 34 56 78"}, child{"李", "娜", "1", "2", "2015"})
		gives.send(gives.get(booked.path+"/annuler"), "/annuler")
	})
}

// toCall opens a page about whom to call.
func toCall(path string) func(*tab) {
	return func(b *tab) {
		giveUpLate(b)
		b.open(strings.ReplaceAll(path, ":id", strconv.FormatInt(late.id, 10)))
	}
}

// callShots are the pages that say whom to call.
func callShots() []shot {
	return []shot{
		{route: "/equipe/appels", state: "to call", role: "staff", show: toCall("/equipe/appels")},
		{route: "/equipe/appels", state: "nobody answered", role: "staff", show: func(b *tab) {
			toCall("/equipe/appels")(b)
			b.press("Pas de réponse")
		}},
		{route: "/animation/seances/:id", state: "whom to call", role: "staff", show: func(b *tab) {
			toCall("/animation/seances/:id")(b)
			b.do(chromedp.Click(chromedp.CSS("details.standby > summary")))
		}},
	}
}
