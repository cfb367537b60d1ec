package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// linkTo asks for a link to sign in and returns the token that the mail to this address brings.
func (s *site) linkTo(address string) string {
	s.t.Helper()
	door := account.NewFamilyDoor(s.db, s.secret, s.clock.Now)
	if err := door.Ask(s.t.Context(), s.key(), account.LinkRequest{Email: address, Language: "fr", IP: "192.0.2.1"}); err != nil {
		s.t.Fatal(err)
	}
	return s.mailedLink(address)
}

// mailedLink is the token of the last link to sign in that was mailed to an address.
func (s *site) mailedLink(address string) string {
	s.t.Helper()
	return s.secret.SignInToken(s.nonceOf(`kind = 'sign_in_link'`, address))
}

// mailedNonce is the nonce of the last mail to an address that brings a link of its own.
func (s *site) mailedNonce(address string) string {
	s.t.Helper()
	return s.nonceOf(`payload ->> '$.nonce' <> ''`, address)
}

func (s *site) nonceOf(which, address string) (nonce string) {
	s.t.Helper()
	err := s.db.Read(s.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT payload ->> '$.nonce' FROM outbox WHERE `+which+` AND recipient = ? ORDER BY id DESC LIMIT 1`, address).Scan(&nonce)
	})
	if err != nil {
		s.t.Fatalf("no link was mailed to %s: %v", address, err)
	}
	return nonce
}

// enter signs a browser in as the guardian of an address.
func (s *site) enter(b *browser, address string) reply {
	s.t.Helper()
	page := b.get(SignInPath(s.linkTo(address))).want(200, address)
	return b.post(page.path, page.fill("", nil)).want(200)
}

// TestFamilySignIn asks for a link, opens it as scanners of mails do, enters, and leaves (SEC-1, SEC-2, SEC-8).
func TestFamilySignIn(t *testing.T) {
	t.Parallel()
	s := startSite(t, "https")
	session := s.session("Robotique", 12)
	s.booked(session, "zoe@exemple.fr", booking.Wishes{}, "Zoé", "محمد")
	b := s.browser()
	b.client.Transport = s.Client().Transport

	door := b.get("/compte").want(200, "Écrivez l'adresse e-mail de vos inscriptions")
	if door.path != "/compte/connexion" {
		t.Fatalf("a guest is at %s", door.path)
	}
	b.post(door.path, door.fill("", values("email", " Zoe@Exemple.fr "))).want(200, "Regardez votre messagerie", "Zoe@Exemple.fr")
	token := s.mailedLink("zoe@exemple.fr")
	if len(token) < 22 || s.count(`SELECT count(*) FROM sign_in_links WHERE token_hash = ?`, hashToken(token)) != 1 ||
		s.count(`SELECT count(*) FROM outbox WHERE instr(payload, ?) > 0`, token) != 0 {
		t.Error("the token is short, or kept as it is, or its SHA-256 is not")
	}
	path := SignInPath(token)
	for range 10 { // GET and HEAD use nothing up
		page := b.get(path).want(200, "zoe@exemple.fr")
		if page.header.Get("Cache-Control") != "no-store" || page.header.Get("X-Robots-Tag") == "" || page.header.Get("Referrer-Policy") != "same-origin" {
			t.Fatalf("headers = %v", page.header)
		}
		if _, err := b.client.Head(s.URL + path); err != nil {
			t.Fatal(err)
		}
	}
	page := b.get(path)
	b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		for _, c := range r.Response.Cookies() { // SEC-1
			if !strings.HasPrefix(c.Name, "__Host-ateliers-famille") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("cookie %v", c)
			}
			if s.count(`SELECT count(*) FROM sign_ins WHERE instr(token_hash, ?) > 0 OR instr(data, ?) > 0`, c.Value, c.Value) != 0 {
				t.Error("the token of the cookie is kept as it is")
			}
		}
		return nil
	}
	space := b.post(path, page.fill("", nil)).want(200, "Mon espace", "Robotique", "Zoé Nguyễn", "Place réservée")
	if space.path != "/compte" {
		t.Fatalf("entered at %s", space.path)
	}
	if s.count(`SELECT count(*) FROM guardians WHERE proved_at IS NOT NULL`) != 1 {
		t.Error("signing in did not prove the mailbox")
	}
	// The booking's own page opens from here.
	href, _ := space.Find("article a").Attr("href")
	b.get(href).want(200, "C'est réservé")

	base, _ := url.Parse(s.URL)
	cookies := b.client.Jar.Cookies(base)
	if !slices.ContainsFunc(cookies, func(c *http.Cookie) bool { return c.Name == "__Host-ateliers-famille" && len(c.Value) >= 43 }) {
		t.Errorf("cookies = %v", cookies)
	}
	// Used: the page says so and offers another one to the same mailbox, without showing which.
	used := b.get(path).want(410, "Ce lien a déjà servi", "Recevoir un nouveau lien à la même adresse")
	used.wantNot("zoe@exemple.fr")
	b.post(path+"/nouveau", used.fill("/nouveau", nil)).want(200, "Un nouveau lien arrive")
	if s.mailedLink("zoe@exemple.fr") == token {
		t.Error("no new link was mailed")
	}

	b.post("/compte/deconnexion", space.fill("/compte/deconnexion", nil)).want(200, "Recevoir le lien")
	// A copy of the cookie is dead (SEC-2).
	copied := &http.Client{Transport: s.Client().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/compte", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	res, err := copied.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/compte/connexion" {
		t.Errorf("the copied cookie: %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
}

// TestFamilyLinksThatAreOver says of each what became of it, and what to do next (SEC-8).
func TestFamilyLinksThatAreOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.booked(s.session("Robotique", 12), "zoe@exemple.fr", booking.Wishes{}, "Zoé")
	b := s.browser()
	first, second := s.linkTo("zoe@exemple.fr"), s.linkTo("zoe@exemple.fr")
	page := b.get(SignInPath(second)).want(200)
	b.get(SignInPath(first)).want(410, "seul le plus récent fonctionne", "Recevoir un nouveau lien")
	b.get(SignInPath(second[:15])).want(404, "incomplet", "Demander un nouveau lien")
	b.get(SignInPath(madeUp)).want(404, "incomplet")
	b.post(SignInPath(madeUp)+"/nouveau", values(formKeyField, s.web.Secret.FormKey("family-again", "", s.clock.Now()))).want(404, "incomplet")

	s.clock.Advance(account.LinkLife - time.Second)
	b.get(SignInPath(second)).want(200)
	s.clock.Advance(time.Second)
	b.get(SignInPath(second)).want(410, "plus de 15 minutes")
	b.post(SignInPath(second), page.fill("", nil)).want(410, "plus de 15 minutes")
	if s.count(`SELECT count(*) FROM guardians WHERE proved_at IS NOT NULL`)+s.count(`SELECT count(*) FROM sign_ins`) != 0 {
		t.Error("a link that was over signed in")
	}

	// A double click signs in; the same form on the next day, by Back on a shared computer, does not.
	third := s.linkTo("zoe@exemple.fr")
	form := b.get(SignInPath(third)).want(200).fill("", nil)
	b.post(SignInPath(third), form).want(200, "Mon espace")
	other := s.browser()
	other.post(SignInPath(third), form).want(200, "Mon espace")
	s.clock.Advance(account.DoubleClick)
	s.browser().post(SignInPath(third), form).want(410, "Ce lien a déjà servi")

	// A link to a mailbox that the guardian has no more is as unknown as a made-up one.
	fourth := s.linkTo("zoe@exemple.fr")
	s.sql(`UPDATE guardians SET email = 'nouvelle@exemple.fr', email_folded = 'nouvelle@exemple.fr'`)
	b.get(SignInPath(fourth)).want(404, "incomplet")
}

// TestFamilyDoorTellsNobody compares the answers for an address that booked and one that never did: same status, same length,
// less than 20 ms apart over 200 tries (SEC-7).
func TestFamilyDoorTellsNobody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 60)
	s.booked(session, "known@exemple.fr", booking.Wishes{}, "Zoé")
	ask := func(address string) (time.Duration, reply) {
		s.web.FamilyDoor = account.NewFamilyDoor(s.db, s.secret, s.clock.Now)
		b := s.browser()
		form := values("email", address, formKeyField, s.web.Secret.FormKey("family-link", "", s.clock.Now()))
		start := time.Now()
		answer := b.post("/compte/connexion", form)
		return time.Since(start), answer
	}
	var known, unknown []time.Duration
	for i := range 100 {
		took, page := ask("known@exemple.fr")
		known = append(known, took)
		tookToo, pageToo := ask("other@exemple.fr")
		unknown = append(unknown, tookToo)
		if page.status != 200 || pageToo.status != 200 || len(page.body) != len(pageToo.body) {
			t.Fatalf("try %d: %d and %d, %d and %d bytes", i, page.status, pageToo.status, len(page.body), len(pageToo.body))
		}
		if strings.ReplaceAll(page.body, "known", "other") != pageToo.body {
			t.Fatal("the answers differ")
		}
	}
	slices.Sort(known)
	slices.Sort(unknown)
	// The tenth fastest of each: what is slower than that, other tests made slow.
	t.Logf("medians %s known, %s unknown", known[50], unknown[50])
	if apart := (known[10] - unknown[10]).Abs(); apart > 20*time.Millisecond {
		t.Errorf("they are %s apart: %s known, %s unknown", apart, known[10], unknown[10])
	}
	if n := s.count(`SELECT count(*) FROM outbox WHERE kind = 'sign_in_link'`); n != 100 {
		t.Errorf("%d links mailed", n)
	}
}

// TestFamilyDoorThrottled lets an address ask three times in an hour and an IP twenty times, known or not (SEC-6); a stranger is written to once a day.
func TestFamilyDoorThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.booked(s.session("Robotique", 12), "zoe@exemple.fr", booking.Wishes{}, "Zoé")
	b := s.browser()
	ask := func(address string) reply {
		door := b.get("/compte/connexion")
		return b.post(door.path, door.fill("", values("email", address)))
	}
	for _, address := range []string{"zoe@exemple.fr", "inconnue@exemple.fr"} {
		for range 3 {
			ask(address).want(200, "Regardez votre messagerie")
			s.clock.Advance(10 * time.Minute)
		}
		if page := ask(address).want(429, "Plusieurs liens ont déjà été demandés", "dans 30 minutes"); page.header.Get("Retry-After") != "1800" {
			t.Errorf("Retry-After = %q", page.header.Get("Retry-After"))
		}
	}
	if n := s.count(`SELECT count(*) FROM outbox WHERE kind = 'sign_in_unknown'`); n != 1 {
		t.Errorf("%d mails to a stranger, want 1", n)
	}
	s.clock.Advance(time.Hour)
	for i := range 20 {
		ask(fmt.Sprintf("p%d@exemple.fr", i)).want(200)
	}
	ask("p20@exemple.fr").want(429)

	// Somebody else who asks for the same address does not keep its owner out, and nine an hour are enough for a mailbox.
	s.clock.Advance(time.Hour)
	elsewhere := func(ip string) error {
		return s.web.FamilyDoor.Ask(t.Context(), s.key(), account.LinkRequest{Email: "zoe@exemple.fr", Language: "fr", IP: ip})
	}
	for range 3 {
		if err := elsewhere("203.0.113.9"); err != nil {
			t.Fatal(err)
		}
	}
	if _, wait := account.RetryAfter(elsewhere("203.0.113.9")); !wait {
		t.Error("one place asks four times in an hour")
	}
	ask("zoe@exemple.fr").want(200, "Regardez votre messagerie")
	for i := range 5 {
		if err := elsewhere(fmt.Sprintf("203.0.114.%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, wait := account.RetryAfter(elsewhere("203.0.115.1")); !wait {
		t.Error("ten links in an hour for one mailbox")
	}
	ask("pas une adresse").want(422, "Cette adresse e-mail semble incomplète")
}

// TestFamilyIdle ends a sign-in after thirty days away, and after half an hour on a shared device (SEC-3; domain, Family data 8).
func TestFamilyIdle(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.booked(s.session("Robotique", 12), "zoe@exemple.fr", booking.Wishes{}, "Zoé")
	at := func(b *browser, want string) {
		t.Helper()
		before := s.db.Changes()
		if page := b.get("/compte").want(200); page.path != want {
			t.Errorf("at %s, want %s", page.path, want)
		}
		if s.db.Changes() != before {
			t.Error("reading a page wrote to the database")
		}
	}
	own := s.browser()
	s.enter(own, "zoe@exemple.fr")
	for range 2 {
		s.clock.Advance(30 * 24 * time.Hour)
		at(own, "/compte")
	}
	s.clock.Advance(30*24*time.Hour + time.Second)
	at(own, "/compte/connexion")

	shared := s.browser()
	page := shared.get(SignInPath(s.linkTo("zoe@exemple.fr")))
	answer := shared.post(page.path, page.fill("", values("shared", "oui"))).want(200)
	base, _ := url.Parse(s.URL)
	if len(shared.client.Jar.Cookies(base)) != 2 || answer.header.Get("Set-Cookie") == "" || strings.Contains(strings.Join(answer.header["Set-Cookie"], " "), "Max-Age") {
		t.Errorf("cookies = %v: they must end with the browser", answer.header["Set-Cookie"])
	}
	s.clock.Advance(30 * time.Minute)
	at(shared, "/compte")
	s.clock.Advance(30*time.Minute + time.Second)
	at(shared, "/compte/connexion")

	// Everywhere means everywhere.
	one, two := s.browser(), s.browser()
	s.enter(one, "zoe@exemple.fr")
	space := s.enter(two, "zoe@exemple.fr")
	unused := s.linkTo("zoe@exemple.fr")
	two.post("/compte/deconnexion-partout", space.fill("/compte/deconnexion-partout", nil)).want(200, "Recevoir le lien")
	at(one, "/compte/connexion")
	s.browser().get(SignInPath(unused)).want(410)
	// Erased: nobody is signed in any more.
	s.enter(one, "zoe@exemple.fr")
	s.sql(`UPDATE guardians SET name = '', email = '', email_folded = '', proved_at = NULL`)
	at(one, "/compte/connexion")
}

// TestFamilyNext leads on to pages of families only, whatever the door is told (SEC-24).
func TestFamilyNext(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/compte": "/compte", "/compte/enfants/3?x=1": "/compte/enfants/3?x=1", "/inscription/12": "/inscription/12", "/en/compte": "/en/compte",
		"//evil.example": "", "/\\evil.example": "", "https:evil.example": "", "https://evil.example/compte": "", "/compte/../equipe": "", "/equipe": "",
		"/compte%0d%0aSet-Cookie:x": "", "compte": "", "": "", "/en//evil.example/compte": "", "/en/en/compte": "", "/en": "", "/compte#x": "", "//compte": "", "/compte/%5cevil": "",
		"/compte/adresse": "/compte/adresse", "/compte/responsables/inviter": "/compte/responsables/inviter",
		"/compte/entrer/x": "", "/en/compte/entrer/x": "", "/compte/%65ntrer/x": "", "/compte/adresse/x": "", "/compte/invitation/x": "",
		"/inscriptions/ADA-1/compte": "/inscriptions/ADA-1/compte", "/en/inscriptions/ADA-1/compte/annuler": "/en/inscriptions/ADA-1/compte/annuler",
		"/inscriptions/ADA-1/x": "", "/inscriptions/ADA-1/x/compte": "", "/inscriptions/ADA-1/comptex": "",
	} {
		if got := safeFamilyNext(next); got != want {
			t.Errorf("safeFamilyNext(%q) = %q, want %q", next, got, want)
		}
	}
	s := newSite(t)
	session := s.session("Robotique", 12)
	s.booked(session, "zoe@exemple.fr", booking.Wishes{}, "Zoé")
	b := s.browser()
	door := b.get("/compte/reconnaitre").want(200)
	b.post("/compte/connexion", door.fill("", values("email", "zoe@exemple.fr"))).want(200)
	page := b.get(SignInPath(s.mailedLink("zoe@exemple.fr")))
	if on := b.post(page.path, page.fill("", nil)).want(200); on.path != "/compte/reconnaitre" {
		t.Errorf("led on to %s", on.path)
	}
	if door := s.browser().get("/compte/connexion?suite=//evil.example").want(200); door.fill("", nil).Has("suite") {
		t.Error("the door keeps a foreign address")
	}
}

// TestStrangers asks whose bookings with one's address are; until then nothing of them joins the family (domain, Family data 6).
func TestStrangers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session, other := s.session("Robotique", 12), s.session("Musique", 12)
	s.booked(session, "zoe@exemple.fr", booking.Wishes{}, "Zoé")
	b := s.browser()
	s.enter(b, "zoe@exemple.fr")
	ours, theirs := s.booked(other, "zoe@exemple.fr", booking.Wishes{}, "Zoé"), s.booked(other, "zoe@exemple.fr", booking.Wishes{}, "Łukasz")

	space := b.get("/compte").want(200, "Inscriptions faites avec votre adresse")
	space.wantNot("Łukasz", "Musique")
	list := b.get("/compte/reconnaitre").want(200, "Au nom de Camille D'Artagnan", "Musique", "Łukasz Nguyễn", "lundi 4 mai 2026")
	b.post("/compte/reconnaitre/"+linkOf(ours).Reference, list.fill(linkOf(ours).Reference, nil)).want(200, "Łukasz")
	if n := s.count(`SELECT count(*) FROM children WHERE first_name = 'Zoé'`); n != 1 {
		t.Errorf("%d records of Zoé", n)
	}
	b.get("/compte").want(200, "Musique", "Zoé Nguyễn").wantNot("Łukasz")

	refuse := b.get("/compte/reconnaitre/"+linkOf(theirs).Reference+"/refuser").want(200, "Ce n'est pas vous ?", "Łukasz")
	done := b.post(refuse.path, refuse.fill("/refuser", nil)).want(200)
	if done.path != "/compte" {
		t.Errorf("led to %s", done.path)
	}
	done.wantNot("Łukasz", "Inscriptions faites avec votre adresse")
	if s.count(`SELECT count(*) FROM bookings WHERE status = 'confirmed'`) != 3 ||
		s.count(`SELECT count(*) FROM guardians WHERE email = ''`) != 1 || s.count(`SELECT count(*) FROM outbox WHERE recipient = '' AND state = 'withdrawn'`) == 0 {
		t.Error("the booking must stay, without the address")
	}
	b.get(theirs).want(404)
	b.post("/compte/reconnaitre/"+linkOf(theirs).Reference, list.fill(linkOf(theirs).Reference, nil)).want(404)

	// Several at once.
	many := s.browser()
	for _, name := range []string{"Zoé", "Łukasz", "محمد"} {
		s.booked(session, "ali@exemple.fr", booking.Wishes{}, name)
	}
	list = s.enter(many, "ali@exemple.fr").want(200, "Elles sont toutes de moi")
	all := many.post("/compte/reconnaitre", list.fill("/reconnaitre", nil)).want(200, "Zoé Nguyễn", "Łukasz Nguyễn", "محمد Nguyễn")
	if all.path != "/compte" {
		t.Errorf("led to %s", all.path)
	}

	// Two rows and nobody proved: a space of its own, until one of them is said to be theirs.
	s.booked(session, "li@exemple.fr", booking.Wishes{}, "李")
	mine := s.booked(other, "li@exemple.fr", booking.Wishes{}, "Nguyễn")
	c := s.browser()
	asked := s.enter(c, "li@exemple.fr").want(200, "李", "Nguyễn")
	c.get("/compte").want(200, "Rien de prévu").wantNot("李")
	c.post("/compte/reconnaitre/"+linkOf(mine).Reference, asked.fill(linkOf(mine).Reference, nil)).want(200)
	if s.count(`SELECT count(*) FROM guardians WHERE email = 'li@exemple.fr' AND proved_at IS NOT NULL AND name = 'Camille D''Artagnan' AND phone <> ''`) != 1 {
		t.Error("the guardian did not take the name and phone of what they said to be theirs")
	}
	c.get("/compte").want(200, "Musique").wantNot("李")
	s.soundFamilies()
}
