package web

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// resumeLink is the path of the last link to unfinished answers that was mailed.
func (s *site) resumeLink() string {
	s.t.Helper()
	var id string
	if err := s.db.Read(s.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT payload ->> '$.id' FROM outbox WHERE kind = ? ORDER BY id DESC LIMIT 1`, outbox.DraftSaved).Scan(&id)
	}); err != nil {
		s.t.Fatal(err)
	}
	return DraftPath(s.web.Bookings.DraftLink(id))
}

// « Enregistrer et finir plus tard » works from every screen, whatever is right or wrong so far; its link goes on another
// device for seven days, opening it changes nothing, and health is in none of it (UX-P5; domain, Family data 8).
func TestFinishLater(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 3)
	phone := s.browser()
	page := phone.get("/inscription/1").want(200, "Enregistrer et finir plus tard")
	page = phone.post(page.path, page.fill("", merged(zoe, values("birth_1_year", "", "do", "later")))).want(200, "sept jours", "La place n'est pas encore réservée")
	phone.post(page.path, page.fill("", values("email", "zoe"))).want(422, "semble incomplète")
	page = phone.post(page.path, page.fill("", values("email", "zoe@exemple.fr"))).want(200, "Le lien est en route")
	first := s.resumeLink()

	laptop := s.browser()
	for range 10 { // a scanner of mails
		laptop.get(first).want(200, "Finir votre inscription")
	}
	laptop.get("/inscription/1").wantNot("Zoé")
	page = laptop.get(first)
	page = laptop.post(page.path, page.fill("", nil)).want(200, "Qui participe")
	if got, _ := page.Find("[name=first_name_1]").Attr("value"); got != "Zoé" {
		t.Errorf("on the other device the name is %q", got)
	}
	page = laptop.post(page.path, page.fill("", zoe)).want(200, "Santé et sécurité")
	page = laptop.post(page.path, page.fill("", values("health_1", "yes", "leaves_1", "alone", "do", "later"))).want(200)
	if got, _ := page.Find("[name=email]").Attr("value"); got != "zoe@exemple.fr" {
		t.Errorf("the address is asked again: %q", got)
	}
	page = laptop.post(page.path, page.fill("", nil)).want(200, "Le lien est en route")
	if second := s.resumeLink(); second != first {
		t.Errorf("the second link is %s, after %s", second, first)
	}

	// Seven days later it still works; the answers that led to a booking are then nowhere but in the booking.
	s.clock.Set(s.clock.Now().Add(4 * 24 * time.Hour))
	desk := s.browser()
	page = desk.get(first)
	page = desk.post(page.path, page.fill("", nil)).want(200, "Vos coordonnées")
	page = desk.post(page.path, page.fill("", values("name", "Camille D'Artagnan", "phone", "06 12 34 56 78", "emergency", "me"))).want(200, "Vérifiez")
	page = desk.post(page.path, page.fill("", nil)).want(200, "C'est réservé pour Zoé")
	desk.get(first).want(200, "Cette inscription est déjà envoyée").wantNot("Zoé")
	if kept := s.count(`SELECT count(*) FROM drafts WHERE answers LIKE '%Zo%' AND expires_at > ?`, sqlite.Time(s.clock.Now())); kept != 0 {
		t.Errorf("%d drafts outlive the booking", kept)
	}
	s.clock.Set(s.clock.Now().Add(booking.SavedLife))
	desk.get(first).want(410, "plus de sept jours")
	desk.get(strings.TrimSuffix(first, first[len(first)-1:]) + "x").want(404)
	desk.get("/reprendre/" + strings.Repeat("A", 26) + "/x").want(404)
}

// Who mistyped the address and gives the right one has the answers under it; the link that went to the wrong one opens nothing any more, before
// the screen of contacts and after.
func TestFinishLaterAtTheRightAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 3)
	b := s.browser()
	later := func(address string) (link string) {
		page := b.get("/inscription/1/plus-tard").want(200)
		b.post(page.path, page.fill("", values("email", address))).want(200, "Le lien est en route")
		return s.resumeLink()
	}
	page := b.get("/inscription/1")
	b.post(page.path, page.fill("", merged(zoe, values("do", "later")))).want(200)
	wrong := later("zeo@exemple.fr")
	right := later("zoe@exemple.fr")
	if got, _ := b.get("/inscription/1/plus-tard").Find("[name=email]").Attr("value"); got != "zoe@exemple.fr" {
		t.Errorf("the address is %q still", got)
	}
	if again := later("Zoe@exemple.fr"); again != right {
		t.Error("the same address has two links")
	}
	s.browser().get(right).want(200, "Finir votre inscription")
	s.browser().get(wrong).want(410)

	// The screen of contacts was answered: its address stays, wherever the link goes.
	page = b.get("/inscription/1/sante").want(200)
	b.post(page.path, page.fill("", values("health_1", "no", "leaves_1", "alone"))).want(200)
	page = b.get("/inscription/1/coordonnees").want(200)
	b.post(page.path, page.fill("", values("name", "Camille D'Artagnan", "email", "camille@exemple.fr", "phone", "06 12 34 56 78", "emergency", "me"))).want(200, "Vérifiez")
	last := later("poste@exemple.fr")
	s.browser().get(right).want(410)
	s.browser().get(last).want(200)
	b.get("/inscription/1/verification").want(200, "camille@exemple.fr")
}

// A young person who finishes later gives an address of their own: the guardian's stays as it was typed (domain, Family data 7).
func TestYoungPersonFinishesLater(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := "/inscription/" + idText(s.advanced(12))
	b := s.browser()
	page := b.get(session)
	care := b.post(page.path, page.fill("", bornOn("4", "5", "2011")))
	who := b.post(care.path, values("do", "self", formKeyField, care.fill("", nil).Get(formKeyField))).want(200, "Vous et une personne responsable")
	later := b.post(who.path, who.fill("", merged(herself, values("phone", "", "young_email", "", "do", "later")))).want(200)
	b.post(later.path, later.fill("", values("email", "zoe.jeune@exemple.fr"))).want(200, "Le lien est en route")
	who = b.get(session + "/coordonnees")
	for name, want := range map[string]string{"email": "hong@exemple.fr", "young_email": "zoe.jeune@exemple.fr"} {
		if got, _ := who.Find("[name=" + name + "]").Attr("value"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// Links go out a few times an hour to an address, and nothing typed is lost by asking too often (SEC-6).
func TestFinishLaterIsLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 3)
	b := s.browser()
	page := b.get("/inscription/1")
	page = b.post(page.path, page.fill("", merged(zoe, values("do", "later"))))
	for range 5 {
		b.post(page.path, page.fill("", values("email", "zoe@exemple.fr"))).want(200, "Le lien est en route")
		page = b.get("/inscription/1/plus-tard")
	}
	b.post(page.path, page.fill("", values("email", "Zoe@exemple.fr"))).want(429, "Attendez 13 minutes", "Rien n'est perdu")
	if links := s.count(`SELECT count(*) FROM outbox WHERE kind = ?`, outbox.DraftSaved); links != 5 {
		t.Errorf("%d links went out", links)
	}
	b.get("/inscription/1").want(200, "Reprendre")
	// Who has answered nothing has nothing to keep.
	stranger := s.browser()
	stranger.get("/inscription/1/plus-tard").want(200, "Qui participe")
}
