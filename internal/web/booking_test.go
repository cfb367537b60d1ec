package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

var (
	zoe = values("first_name_1", "Zoé", "last_name_1", "D'Artagnan-N'Guyen", "birth_1_day", "3", "birth_1_month", "septembre", "birth_1_year", "2017")
	ali = values("first_name_2", "محمد", "last_name_2", "李", "birth_2_day", "1", "birth_2_month", "2", "birth_2_year", "2018")

	careful = values("health_1", "no", "leaves_1", "me", "health_2", "yes", "leaves_2", "other", "pickup_names_2", "Mamie Łucja, Paul Nguyễn", "image_2", "no")
	contact = values("name", "Camille D'Artagnan", "email", "camille@exemple.fr", "phone", "06 12 34 56 78", "emergency", "me")
)

// merged is one form of several.
func merged(forms ...url.Values) url.Values {
	all := url.Values{}
	for _, f := range forms {
		for k, v := range f {
			all[k] = v
		}
	}
	return all
}

// toCheck walks the screens up to the check page as a family with these children.
func toCheck(b *browser, session string, children ...url.Values) reply {
	b.site.t.Helper()
	page := b.get("/inscription/"+session).want(200, "Qui participe ?")
	for range children[1:] {
		page = b.post(page.path, page.fill("", values("do", "add"))).want(200, "Enfant 2")
	}
	page = b.post(page.path, page.fill("", merged(children...))).want(200, "Santé et sécurité")
	page = b.post(page.path, page.fill("", careful)).want(200, "Vos coordonnées")
	return b.post(page.path, page.fill("", contact)).want(200, "Vérifiez")
}

// TestBookTwoChildren walks from the first screen to the confirmation, and reloads (UX-P1, P2, P9, P10, P11).
func TestBookTwoChildren(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	b := s.browser()
	page := toCheck(b, "1", zoe, ali).want(200, "Zoé D'Artagnan-N'Guyen", "محمد 李", "8 ans le jour de la séance", "06 12 34 56 78", "Avec moi ou Mamie Łucja et Paul Nguyễn", "28 €")
	form := page.fill("", values("health_text_2", "Allergie : arachides", "health_consent_2", "yes"))
	done := b.post(page.path, form).want(200, "C'est réservé pour Zoé et محمد", "samedi 9 mai 2026", "14 h – 16 h", "Espace Altnet")
	if !strings.HasPrefix(done.path, "/inscriptions/ADA-") {
		t.Errorf("path = %s", done.path)
	}
	if again := b.post(page.path, form).want(200); again.path != done.path {
		t.Errorf("sent twice: %s, want %s", again.path, done.path)
	}
	other := merged(form, values("health_text_2", "Autre chose"))
	b.post(page.path, other).want(200, "C'est réservé") // the draft leads there before the key is looked at
	if back := b.get("/inscription/1/verification").want(200); back.path != done.path {
		t.Errorf("back: %s, want %s", back.path, done.path)
	}
	if n := s.count("SELECT count(*) FROM bookings WHERE status = 'confirmed'"); n != 2 {
		t.Errorf("%d bookings, want 2", n)
	}
	if n := s.count("SELECT count(*) FROM drafts WHERE answers <> ''"); n != 0 {
		t.Errorf("%d drafts still hold answers", n)
	}
}

// TestBookingWhenItFillsUp: the last POST finds no seat, loses nothing, asks, and never puts anybody on the list unasked.
func TestBookingWhenItFillsUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 1)
	late, early := s.browser(), s.browser()
	page := toCheck(late, "1", zoe)
	first := toCheck(early, "1", merged(zoe, values("first_name_1", "Łukasz")))
	early.post(first.path, first.fill("", nil)).want(200, "C'est réservé pour Łukasz")
	asked := late.post(page.path, page.fill("", nil)).want(409, "Cette séance vient de se remplir. Rien n'est perdu.", "Vous seriez 1re", "Zoé D'Artagnan-N'Guyen")
	if n := s.count("SELECT count(*) FROM bookings WHERE status = 'waiting'"); n != 0 {
		t.Fatalf("%d waiting, nobody asked to", n)
	}
	late.post(asked.path, asked.fill("", values("if_full", "wait"))).want(200, "Sur la liste d'attente : Zoé", "1re sur la liste d'attente")
}

// TestCancelPassesTheSeatOn: the seat given up is offered to the list, declined by nobody, accepted once.
func TestCancelPassesTheSeatOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 1)
	first, second := s.browser(), s.browser()
	page := toCheck(first, "1", zoe)
	booked := first.post(page.path, page.fill("", nil)).want(200, "C'est réservé")
	page = toCheck(second, "1", merged(zoe, values("first_name_1", "Li")))
	waiting := second.post(page.path, page.fill("", values("if_full", "wait"))).want(200, "liste d'attente")

	page = first.get(booked.path+"/annuler").want(200, "Vous allez libérer la place réservée pour Zoé")
	first.post(page.path, page.fill("", nil)).want(200, "Cette inscription est annulée")
	first.post(page.path, page.fill("", nil)).want(200, "Cette inscription est annulée")

	offered := second.get(waiting.path).want(200, "Une place est proposée à Li", "Répondez avant mercredi 6 mai 2026 à 14 h")
	accept := offered.fill("/accepter", nil)
	second.post(offered.path+"/accepter", accept).want(200, "C'est réservé pour Li")
	second.post(offered.path+"/accepter", accept).want(200, "C'est réservé pour Li")
	if n := s.count("SELECT count(*) FROM bookings WHERE status IN ('confirmed', 'offered')"); n != 1 {
		t.Errorf("%d seats taken of 1", n)
	}
}

// TestClicksThatComeLate: a page kept open on a phone, a second answer from the same page, a seat given up, a session
// that has begun: each shows the booking as it is, and promises nothing that cannot be had.
func TestClicksThatComeLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 1)
	first, second := s.browser(), s.browser()
	page := toCheck(first, "1", zoe)
	booked := first.post(page.path, page.fill("", nil)).want(200, "C'est réservé")
	page = toCheck(second, "1", merged(zoe, values("first_name_1", "Li")))
	waiting := second.post(page.path, page.fill("", values("if_full", "wait"))).want(200, "liste d'attente")
	old := first.get(booked.path + "/annuler").want(200)
	first.post(old.path, old.fill("", nil)).want(200, "Cette inscription est annulée").wantNot("Un message part")
	if file := second.get(waiting.path + "/agenda.ics").body; !strings.Contains(file, "STATUS:CANCELLED") || !strings.Contains(file, "Pour Li") {
		t.Errorf("the calendar promises a seat that Li has not:\n%s", file)
	}

	offered := second.get(waiting.path).want(200, "Une place est proposée à Li")
	s.clock.Advance(25 * time.Hour)
	second.post(offered.path+"/refuser", offered.fill("/refuser", nil)).want(410, "Cette page était ouverte depuis longtemps", "Une place est proposée à Li").
		wantNot("rejoindre la liste de nouveau")
	offered = second.get(waiting.path)
	second.post(offered.path+"/refuser", offered.fill("/refuser", nil)).want(200, "Vous n'êtes plus sur la liste d'attente")
	second.post(offered.path+"/accepter", offered.fill("/accepter", nil)).want(409, "déjà enregistré", "Vous n'êtes plus sur la liste d'attente")
}

// TestCancelOnceItHasBegun: too late to give a place up, and nothing to join any more.
func TestCancelOnceItHasBegun(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 2)
	b := s.browser()
	page := toCheck(b, "1", zoe)
	booked := b.post(page.path, page.fill("", nil)).want(200, "Réserver pour un autre enfant")
	form := b.get(booked.path + "/annuler").want(200)
	s.clock.Set(time.Date(2026, 5, 9, 14, 30, 0, 0, time.UTC))
	for _, late := range []reply{b.get(booked.path + "/annuler"), b.post(form.path, form.fill("", nil))} {
		late.want(410).wantNot("rejoindre la liste de nouveau", "Réserver pour un autre enfant")
	}
	if n := s.count("SELECT count(*) FROM bookings WHERE status = 'confirmed'"); n != 1 {
		t.Errorf("%d confirmed, want 1", n)
	}
}

// TestPayOnline: who is to pay online finds the link that staff gave where the seat is confirmed.
func TestPayOnline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const link = "https://payer.exemple.fr/ateliers"
	s.sessionOf(catalog.Workshop{Title: "Robotique", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120},
		catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", Capacity: 12, PriceCents: 1400, PaymentURL: link})
	b := s.browser()
	page := toCheck(b, "1", zoe).want(200, "14 €, à régler en ligne une fois la place réservée.")
	booked := b.post(page.path, page.fill("", nil)).want(200, "14 €, à régler en ligne.", "Régler en ligne")
	booked.wantNot("une fois la place réservée") // it is
	if got := booked.Find("a[href='" + link + "']").Length(); got != 1 {
		t.Errorf("%d links to pay, want 1", got)
	}
}

// TestTooManyOfOneAddress: who reached the limit of an address that nobody proved keeps what was typed, health too.
func TestTooManyOfOneAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for n := 1; n <= 20; n++ {
		id := strconv.FormatInt(s.session(fmt.Sprintf("Robotique %d", n), 12), 10)
		b := s.browser()
		page := toCheck(b, id, zoe, ali)
		if reply := b.post(page.path, page.fill("", values("health_text_2", "Allergie", "health_consent_2", "yes"))); reply.status != 200 {
			reply.want(409, "Vérifiez, puis confirmez", "confirmez votre adresse", "Allergie")
			return
		}
	}
	t.Error("no limit was reached")
}

// TestNotOpenYet: who comes too early is told when to come back, not that somebody was faster.
func TestNotOpenYet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.sessionOf(catalog.Workshop{Title: "Robotique", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120},
		catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", OpensDate: "2026-05-08", OpensHour: "18:00", Capacity: 12})
	s.browser().get(fmt.Sprintf("/inscription/%d", id)).want(409, "Pas encore ouvert", "Les inscriptions à cette séance ouvrent vendredi 8 mai 2026 à 18 h")
}

// TestWrongAnswersStay: 422, a summary with links, a message beside each box, everything typed kept (UX-P6, UX-P8, ACC-5).
func TestWrongAnswersStay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	b := s.browser()
	page := b.get("/inscription/1")
	wrong := b.post(page.path, page.fill("", values("first_name_1", "", "last_name_1", "N'Guyen", "birth_1_day", "31", "birth_1_month", "02", "birth_1_year", "2017"))).
		want(422, "Écrivez le prénom de l'enfant, par exemple : Zoé.", "Ce jour n'existe pas dans le calendrier")
	if title := wrong.Find("title").Text(); !strings.HasPrefix(title, "Erreur") {
		t.Errorf("title = %q", title)
	}
	for name, want := range map[string]string{"last_name_1": "N'Guyen", "birth_1_day": "31", "birth_1_month": "02", "birth_1_year": "2017"} {
		if got := wrong.Find("[name="+name+"]").AttrOr("value", ""); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	links := wrong.Find("[role=alert] a")
	if links.Length() != 2 {
		t.Errorf("%d links in the summary, want 2", links.Length())
	}
	links.Each(func(_ int, a *goquery.Selection) {
		if target := a.AttrOr("href", ""); wrong.Find(target).Length() != 1 {
			t.Errorf("link %s leads nowhere", target)
		}
	})
	if wrong.Find("#first_name_1").AttrOr("aria-invalid", "") != "true" {
		t.Error("the wrong box is not marked")
	}
}

// TestAnswersChangedInAnotherTab: what was not shown is not booked; once read again it is, and health text that may
// now stand beside another child wants a new consent.
func TestAnswersChangedInAnotherTab(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	b := s.browser()
	page := toCheck(b, "1", zoe, ali)
	other := b.get("/inscription/1")
	b.post(other.path, other.fill("", values("first_name_2", "Łukasz"))).want(200, "Łukasz")
	again := b.post(page.path, page.fill("", values("health_text_2", "Allergie", "health_consent_2", "yes"))).
		want(409, "Vos réponses ont changé", "Łukasz", "Allergie")
	again = b.post(again.path, again.fill("", nil)).want(422, "Cochez votre accord")
	b.post(again.path, again.fill("", values("health_consent_2", "yes"))).want(200, "C'est réservé pour Zoé et Łukasz")
}

// TestWhoComesIsNeverLeftOut: a list of who may take the child away that holds more than names is asked again.
func TestWhoComesIsNeverLeftOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	b := s.browser()
	page := b.get("/inscription/1")
	page = b.post(page.path, page.fill("", zoe)).want(200, "Santé et sécurité")
	for typed, message := range map[string]string{
		"": "Écrivez le nom de la personne qui viendra", "  ": "Écrivez le nom de la personne qui viendra",
		"06 12 34 56 78": "Écrivez seulement des noms", "Jeanne, 123": "Écrivez seulement des noms", strings.Repeat("é ", 101): "Cette liste dépasse 200 signes",
	} {
		wrong := b.post(page.path, page.fill("", values("health_1", "no", "leaves_1", "other", "pickup_names_1", typed))).want(422, message)
		if got := wrong.Find("#pickup_names_1").AttrOr("value", ""); got != typed {
			t.Errorf("typed %q, kept %q", typed, got)
		}
	}
	b.post(page.path, page.fill("", values("health_1", "no", "leaves_1", "me", "pickup_names_1", "123"))).want(200, "Vos coordonnées")
}

// TestSkippedScreens: a POST to the last screen without the ones before leads back and books nothing (SEC-23).
func TestSkippedScreens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	b := s.browser()
	b.post("/inscription/1/verification", values("form_key", "x", "version", "1", "if_full", "wait")).want(200, "Qui participe ?")
	if n := s.count("SELECT count(*) FROM bookings"); n != 0 {
		t.Errorf("%d bookings", n)
	}
}

// TestOutOfAge: a child outside the ages sees sessions that fit, not an error of typing (UX-P8).
func TestOutOfAge(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	b := s.browser()
	page := b.get("/inscription/1")
	b.post(page.path, page.fill("", merged(zoe, values("birth_1_year", "2009")))).want(200, "Cette séance n'est pas de son âge", "de 6 à 12 ans", "Zoé n'aura pas cet âge")
	both := merged(zoe, ali, values("birth_1_year", "2009", "birth_2_year", "2024"))
	b.post(page.path, page.fill("", both)).want(200, "Cette séance n'est pas de leur âge", "Zoé et محمد n'auront pas cet âge", "Corriger les dates de naissance")
}

// TestSameChildTwice: another browser that books the same child learns nothing; the mailbox does (UX-P17).
func TestSameChildTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	for i, want := range []string{"C'est réservé pour Zoé", "Votre demande est bien arrivée"} {
		b := s.browser()
		page := toCheck(b, "1", zoe)
		b.post(page.path, page.fill("", nil)).want(200, want)
		if n := s.count("SELECT count(*) FROM outbox"); n != i+1 {
			t.Errorf("%d mails, want %d", n, i+1)
		}
	}
	if n := s.count("SELECT count(*) FROM bookings"); n != 1 {
		t.Errorf("%d bookings, want 1", n)
	}
}

// TestForeignBooking: a made-up or altered link is a page that does not exist, like any other.
func TestForeignBooking(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	b := s.browser()
	page := toCheck(b, "1", zoe)
	booked := b.post(page.path, page.fill("", nil)).want(200, "C'est réservé")
	parts := strings.Split(booked.path, "/")
	for _, path := range []string{"/inscriptions/" + parts[2] + "/AAAAAAAAAAAAAAAAAAAAAA", "/inscriptions/ADA-22222222/" + parts[3]} {
		b.get(path).want(404, "Cette page n'existe pas")
		b.post(path+"/annuler", values("booking", "1")).want(404)
	}
}
