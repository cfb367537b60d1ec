package journey

import (
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// copied publishes one more session like another, as staff, and returns its number.
func copied(b *tab, like int, date string) int {
	b.t.Helper()
	b.open(numbered("/equipe/seances/:id", like))
	b.fill(map[string]string{"date": date})
	b.press("Dupliquer").press("Publier")
	id, err := strconv.Atoi(path.Base(b.path()))
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// second is a session like the full one, with seats, made once for all shots.
var second sync.Once

// secondChoice has a family wait for the full session, unasked, and opens a page of its booking.
func secondChoice(email, below string) func(*tab) {
	return func(b *tab) {
		second.Do(func() { copied(b, fullSession, "2027-06-12") })
		v := newVisitor(b.t, common)
		page := v.toCheck(fullSession, family{"Yaşar Öztürk", email, "06 12 34 56 71"}, li)
		b.open(v.send(page, "/verification", map[string]string{"if_full": "wait", "unasked": "yes"}).path + below)
	}
}

// closedList shows a session that is full, and whose list the team has closed.
func closedList(b *tab) {
	id := copied(b, fullSession, "2027-06-19")
	common.fillUp(b.t, int64(id))
	b.open(numbered("/equipe/seances/:id/attente", id))
	b.load(chromedp.Click(chromedp.CSS(`form[action$="/attente"] button`)))
	b.open(numbered("/seances/:id", id))
}

// TestWaitingStory is issue 4 as families live it, on phones and with a clock: seats together or one by one, an offer
// that runs out, another session in reserve, a mind changed. It is walked again by browsers that run no script (PERF-6).
func TestWaitingStory(t *testing.T) {
	t.Parallel()
	t.Run("with scripts", func(t *testing.T) {
		t.Parallel()
		waitingStory(t)
	})
	t.Run("without scripts", func(t *testing.T) {
		t.Parallel()
		waitingStory(t, withoutScripts)
	})
}

func waitingStory(t *testing.T, options ...tabOption) {
	d := newDemo(t, "2027-03-01T14:00:00+01:00")
	const session = 7 // Musique 2 · Initiation, samedi 24 avril: one seat is left
	staff := newTab(t, d, desk(1280, 800))
	staff.signIn(d.account(t, "staff", 0))
	other := copied(staff, session, "2027-05-22")
	d.fillUp(t, int64(other))

	// Agnès has the last seat. Camille waits for two seats together, Li for any, and so does Yaşar.
	agnes := newVisitor(t, d)
	last := agnes.book(session, family{"Agnès Łukasiewicz", "agnes@exemple.fr", "06 12 34 56 70"}, lukasz)
	on390 := append(options, phone(390, 844))
	camilles, lis := newTab(t, d, on390...), newTab(t, d, on390...)
	camilles.toCheck(session, camille, zoe, ali).says(200, "Il n'y a pas assez de places", "sans nous demander", "vendredi 23 avril 2027 à 18 h")
	camilles.choose("if_full", "together")
	camilles.send().says(200, "Sur la liste d'attente : Zoé et علي", "1re sur la liste d'attente", "Vous attendez des places ensemble", "jamais la nuit")
	lis.toCheck(session, family{"李 伟", "li@exemple.fr", "+33 6 12 34 56 79"}, li).says(200, "Vérifiez")
	lis.press("Rejoindre la liste d'attente").says(200, "3e sur la liste d'attente", "une famille peut passer devant", "Une autre date vous irait ?")
	list := lis.path()
	yasar := newVisitor(t, d)
	behind := yasar.book(session, family{"Yaşar Öztürk", "yasar@exemple.fr", "06 12 34 56 71"}, child{"Yaşar", "Öztürk", "24", "12", "2018"})

	// Li names another session in two taps, and types nothing.
	lis.press("Choisir une autre séance").says(200, "samedi 22 mai 2027", "Complet")
	lis.press("Rejoindre la liste").says(200, "Sur la liste d'attente : 李", "1re sur la liste d'attente", "samedi 22 mai 2027")
	lis.press("Musique 2").says(200, "3e sur la liste d'attente", "samedi 22 mai 2027")

	// One seat is freed: Camille, who is first, reads why it is not hers, and keeps her rank.
	agnes.send(agnes.get(last.path+"/annuler"), "/annuler")
	camilles.reload().says(200, "1re sur la liste d'attente", "une place seule va à la famille suivante, et vous gardez votre rang")
	offers := d.mails(t, "li@exemple.fr")
	if len(offers) != 3 || !strings.Contains(plain(offers[0].Subject), "Une place s'est libérée pour 李") {
		t.Fatalf("mails to Li: %v", subjects(offers))
	}
	lis.open(d.link(t, offers[0], "/inscriptions/")).says(200, "Une place est proposée à 李", "Répondez avant mercredi 3 mars 2027", "Quitter aussi la liste du samedi 22 mai")

	// Li does not answer: the seat passes on to Yaşar, the rank stays, and both the page and a mail say so.
	d.moveClock(t, "2027-03-03T15:00:00+01:00")
	lis.open(list).says(200, "3e sur la liste d'attente", "Vous gardez votre rang. La prochaine proposition sera la dernière")
	if told := d.mails(t, "li@exemple.fr"); !strings.Contains(plain(told[0].Subject), "Vous gardez votre rang") {
		t.Errorf("mails to Li: %v", subjects(told))
	}
	offered := yasar.get(behind.path)
	if title := plain(offered.Find("h1").Text()); !strings.Contains(title, "Une place est proposée à Yaşar") {
		t.Fatalf("Yaşar reads %q", title)
	}

	// Camille changes her mind: any seat will do. Yaşar declines, and hers is the first.
	camilles.press("Changer ma façon d'attendre").says(200, "Votre rang ne change pas")
	camilles.choose("seating", "any")
	camilles.send().says(200, "1re sur la liste d'attente")
	if strings.Contains(camilles.text(), "Vous attendez des places ensemble") {
		t.Error("the page still says that they wait together")
	}
	yasar.send(offered, "/refuser")
	camilles.reload().says(200, "Une place est proposée à Zoé", "1re sur la liste d'attente")
	camilles.press("Prendre la place").says(200, "C'est réservé pour Zoé", "Place réservée", "1re sur la liste d'attente")
	mails := d.mails(t, "camille@exemple.fr")
	if len(mails) != 3 || !strings.Contains(plain(mails[1].Subject), "Une place s'est libérée pour Zoé") || !strings.Contains(plain(mails[0].Subject), "Zoé") {
		t.Errorf("mails to Camille: %v", subjects(mails))
	}
	lis.open(list).says(200, "2e sur la liste d'attente")
	d.run(t, "verify")
}

// toCheck walks to the last screen of a booking, where nothing is to be said of health.
func (b *tab) toCheck(session int, f family, children ...child) *tab {
	b.t.Helper()
	b.open(numbered("/inscription/:id", session))
	for n, c := range children {
		if n > 0 {
			b.press("Ajouter un")
		}
		b.fill(c.fields(n + 1))
	}
	b.send()
	for n := range children {
		b.fill(map[string]string{"health_" + strconv.Itoa(n+1): "no", "leaves_" + strconv.Itoa(n+1): "me"})
	}
	b.send().says(200, "Vos coordonnées")
	b.fill(f.fields())
	return b.send()
}
