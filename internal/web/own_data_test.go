package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
)

// RGPD-7, SEC-3: a guardian who came by a fresh link takes everything away in one file, to read and as JSON; an hour later a new
// link is asked for first.
func TestOwnDataPages(t *testing.T) {
	t.Parallel()
	s := startSite(t, "https")
	session := s.session("Robotique", 12)
	s.booked(session, "zoe@exemple.fr", booking.Wishes{}, "Zoé", "محمد")
	b := s.browser()
	b.client.Transport = s.Client().Transport
	b.get("/compte/donnees").want(200, "Écrivez l'adresse e-mail de vos inscriptions")
	s.enter(b, "zoe@exemple.fr")
	b.get("/compte/donnees").want(200, "Vos données", "Ce qui part tout seul", "si vous ne revenez pas", "Télécharger mes données")
	file := b.get("/compte/donnees/copie").want(200, "Ce que Les Ateliers d'Ada gardent de vous", "zoe@exemple.fr", "محمد", "Robotique", "Date de naissance")
	if got := file.header.Get("Content-Disposition"); got != `attachment; filename="ateliers-ada-mes-donnees.html"` || file.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers = %v", file.header)
	}
	file.wantNot("⟦") // a text that is missing
	var data struct {
		Guardians []struct{ Email string }
		Children  []map[string]any
	}
	if err := json.Unmarshal([]byte(file.Find("script#donnees").Text()), &data); err != nil || len(data.Guardians) != 1 || data.Guardians[0].Email != "zoe@exemple.fr" || len(data.Children) != 2 {
		t.Errorf("JSON: %+v, %v", data, err)
	}
	b.get("/en/compte/donnees/copie").want(200, "What Les Ateliers d'Ada keep about you", "Date of birth").wantNot("⟦")
	if n := s.count(`SELECT count(*) FROM access_log WHERE action = 'family.export'`); n != 2 {
		t.Errorf("%d lines in the access log, want 2", n)
	}

	s.clock.Advance(15 * time.Minute)
	old := b.get("/compte/donnees").want(200, "Recevoir le lien")
	if strings.Contains(old.Text(), "Télécharger") {
		t.Error("an old sign-in is offered the file")
	}
	if to := b.get("/compte/donnees/copie"); to.path != "/compte/donnees" {
		t.Errorf("an old sign-in gets %s", to.path)
	}
	b.post(old.path, old.fill("", nil)).want(200, "Un lien arrive dans votre messagerie")
	page := b.get(SignInPath(s.mailedLink("zoe@exemple.fr"))).want(200)
	if back := b.post(page.path, page.fill("", nil)).want(200, "Télécharger mes données"); back.path != "/compte/donnees" {
		t.Errorf("the link leads to %s", back.path)
	}

	// Erasing is asked for here, and done from the mailbox. What others booked with the address stays, and may be claimed before.
	if said := b.get("/compte/donnees/effacer").want(200); strings.Contains(said.Text(), "elle en est retirée") {
		t.Error("others are told of, and there are none")
	}
	s.booked(session, "zoe@exemple.fr", booking.Wishes{}, "李")
	if claim := b.get("/compte/donnees/effacer").want(200, "Les inscriptions faites par d'autres avec votre adresse").Find("main li a").AttrOr("href", ""); !strings.HasPrefix(claim, "/compte/reconnaitre?suite=") {
		t.Errorf("claimed at %q", claim)
	} else {
		b.get(claim).want(200, "李")
	}
	ask := b.get("/compte/donnees/effacer").want(200, "Rien n'est effacé maintenant", "Zoé", "1 inscription à venir est annulée")
	b.post(ask.path, ask.fill("", nil)).want(200, "Regardez votre messagerie")
	if n := s.count(`SELECT count(*) FROM outbox WHERE kind = 'erasure_asked'`); n != 1 {
		t.Errorf("%d mails", n)
	}
}
