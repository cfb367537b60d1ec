package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// household is a site with one family that booked Zoé and is signed in, on the day of the session.
type household struct {
	*site
	session int64
	b       *browser
}

func newHousehold(t *testing.T) *household {
	t.Helper()
	s := newSite(t)
	h := &household{site: s, session: s.session("Robotique", 12), b: s.browser()}
	_, err := s.web.Bookings.Book(t.Context(), account.Guest(), s.key(), booking.Request{SessionID: h.session,
		Guardian: family.NewGuardian{Name: "Camille D'Artagnan", Email: "camille@exemple.fr", Phone: "06 12 34 56 78", Language: "fr"},
		Children: []family.NewChild{{FirstName: "Zoé", LastName: "D'Artagnan-N'Guyen", BirthDate: time.Date(2017, 9, 3, 0, 0, 0, 0, time.UTC),
			Health: family.Health{State: family.HealthDescribed, Text: "Arachides"}, Image: family.Yes, PickupPersons: []string{"Mamie Łucja"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Set(time.Date(2026, 5, 9, 8, 0, 0, 0, time.UTC))
	s.enter(h.b, "camille@exemple.fr")
	return h
}

// zoe is Zoé's line of the next register, as staff read it.
func (h *household) zoe() attendance.Child {
	h.t.Helper()
	staff := account.Actor{Kind: account.KindUser, ID: 1, Role: account.Staff}
	r, err := h.web.Attendance.Roster(h.t.Context(), staff, h.session)
	if err != nil || len(r.Children) != 1 {
		h.t.Fatalf("%d children, %v", len(r.Children), err)
	}
	return r.Children[0]
}

// edits opens a page of the space, sends it with these answers, and keeps them where they are shown once more.
func (h *household) edits(b *browser, path string, answers ...string) reply {
	h.t.Helper()
	page := b.get(path).want(200)
	next := b.post(path, page.fill("", values(answers...)))
	if next.path == path && next.Find(`button[value="keep"]`).Length() == 1 {
		next = b.post(path, next.fill("", values("do", "keep")))
	}
	return next
}

// TestFamilyEdits changes each thing on its own page, after a look at what it will be (ACC-6); the next register shows it at once.
// Everything is noted without any value (I12), and nothing is typed again (ACC-9: fields are filled in).
func TestFamilyEdits(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	child := "/compte/enfants/1"

	page := h.b.get("/compte/coordonnees").want(200)
	if page.fill("", nil).Get("name") != "Camille D'Artagnan" {
		t.Error("the page asks again for what is known")
	}
	h.b.post(page.path, page.fill("", values("phone", "12"))).want(422)
	look := h.b.post(page.path, page.fill("", values("phone", "07 98 76 54 32"))).want(200, "Vérifiez avant d'enregistrer", "06 12 34 56 78 devient : 07 98 76 54 32")
	if h.zoe().Care.Guardians[0].Phone != "06 12 34 56 78" {
		t.Fatal("it was kept before the look")
	}
	if back := h.b.post(page.path, look.fill("", values("do", "again"))).want(200); back.fill("", nil).Get("phone") != "07 98 76 54 32" {
		t.Error("what was typed is lost on the way back")
	}
	form := look.fill("", values("do", "keep"))
	h.b.post(page.path, form).want(200, "C'est enregistré", "07 98 76 54 32")
	h.b.post(page.path, form).want(200) // sent twice is done once
	if h.zoe().Care.Guardians[0].Phone != "07 98 76 54 32" {
		t.Error("the register shows the old phone")
	}

	h.edits(h.b, "/compte/urgence", "emergency", "other", "emergency_name", "Nguyễn Thị Hồng", "emergency_phone", "06 11 11 11 11").want(200, "Nguyễn Thị Hồng, 06 11 11 11 11")
	if h.zoe().Care.Emergency != (attendance.Contact{Name: "Nguyễn Thị Hồng", Phone: "06 11 11 11 11"}) {
		t.Errorf("emergency = %+v", h.zoe().Care.Emergency)
	}
	h.edits(h.b, child+"/depart", "leaves", "other", "pickup_names", "Paul 李, محمد").want(200, "Avec vous ou Paul 李 et محمد")
	if got := h.zoe().Care.PickUp; !slices.Equal(got, []string{"Paul 李", "محمد"}) {
		t.Errorf("pick-up = %q", got)
	}
	h.edits(h.b, child+"/depart", "leaves", "alone").want(200, "Rentre sans adulte")
	if c := h.zoe().Care; !c.LeavesAlone || len(c.PickUp) > 0 {
		t.Errorf("care = %+v", c)
	}

	// Health: its text shows on its own page alone, needs a consent of its own, and its withdrawal leaves the question open (domain, Family data 2).
	if h.b.get("/compte").want(200); strings.Contains(h.b.get("/compte").body, "Arachides") {
		t.Error("the space shows the text about health")
	}
	h.b.get(child+"/sante").want(200, "Arachides")
	h.edits(h.b, child+"/sante", "health", "described", "health_text", "Arachides et latex").want(422, "Cochez votre accord")
	h.edits(h.b, child+"/sante", "health", "described", "health_text", "Arachides et latex", "health_consent", "yes").want(200, "Une information est notée")
	if got := h.zoe().Care.Health; got.Text != "Arachides et latex" {
		t.Errorf("health = %+v", got)
	}
	h.edits(h.b, child+"/sante", "health", "to_ask").want(200, "À dire")
	if got := h.zoe().Care.Health; got.State != family.HealthToAsk || got.Text != "" {
		t.Errorf("health = %+v", got)
	}

	h.edits(h.b, child+"/identite", "first_name", "Zoë", "birth_day", "4").want(200, "Zoë")
	if h.zoe().FirstName != "Zoë" {
		t.Error("the register shows the old name")
	}
	h.edits(h.b, "/compte/langue", "language", "en").want(200)
	h.edits(h.b, "/compte/nouvelles", "newsletter", "yes").want(200, "Oui, vous les recevez")
	h.edits(h.b, "/compte/nouvelles", "newsletter", "no").want(200)
	if h.count(`SELECT count(*) FROM consents WHERE purpose = 'newsletter' AND child_id IS NULL`) != 2 || h.count(`SELECT count(*) FROM guardians WHERE language = 'en'`) != 1 {
		t.Error("the language, or the answers about news, were not kept")
	}

	if n := h.count(`SELECT count(*) FROM audit WHERE actor = 'guardian:1' AND action LIKE 'family.set_%' AND details IN ('{}', 'null')`); n != 10 {
		t.Errorf("%d changes in the audit, want 10", n)
	}
	if h.count(`SELECT count(*) FROM audit WHERE details LIKE '%07 98%' OR details LIKE '%Zo%' OR details LIKE '%latex%'`) != 0 {
		t.Error("the audit holds a value")
	}
	if h.count(`SELECT count(*) FROM guardians WHERE last_contact_at = '2026-05-09T08:00:00Z'`) != 1 {
		t.Error("the family's last contact was not noted")
	}
	h.soundFamilies()
	// A child of nobody's business is not found.
	for _, path := range []string{"/compte/enfants/987654", "/compte/enfants/x/sante", "/compte/enfants/987654/photos"} {
		h.b.get(path).want(404)
	}
}

// TestFamilyConsents: image rights are withdrawn in two clicks, refined per medium, dated and versioned, with their history; a text that changed is
// asked again and counts as unanswered until then (RGPD-4, RGPD-5).
func TestFamilyConsents(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	if h.zoe().Image != attendance.ImageYes {
		t.Fatal("the booking said yes")
	}
	h.edits(h.b, "/compte/enfants/1/photos", "image", "yes", "media", "image_site").want(200, "Votre réponse est enregistrée", "Sur le site de l'association Oui, samedi 9 mai 2026")
	if n := h.count(`SELECT count(*) FROM consents WHERE purpose LIKE 'image_%' AND text_version = ?`, family.MediaTextVersion); n != 4 {
		t.Errorf("%d answers about media, want 4", n)
	}

	if got := h.zoe().Care.Media; !slices.Equal(got, []family.Purpose{"image_site"}) {
		t.Errorf("media = %q", got)
	}

	space := h.b.get("/compte").want(200)
	off, _ := space.Find(`a[href$="/photos/retirer"]`).Attr("href") // the first click
	confirm := h.b.get(off).want(200, "Retirer mon accord")
	h.b.post(off, confirm.fill("", nil)).want(200, "Non, pas de photo") // the second
	if c := h.zoe(); c.Image != attendance.ImageNo || len(c.Care.Media) > 0 {
		t.Errorf("the register still says yes: %+v", c)
	}
	history := h.b.get("/compte/enfants/1").want(200, "Vos réponses, avec leurs dates", "samedi 9 mai 2026", "(image-1)", "lundi 4 mai 2026")
	if n := history.Find("dl").Eq(1).Find("dt").Length(); n < 6 {
		t.Errorf("%d answers in the history", n)
	}

	// The text changed since: asked again, and no picture until then.
	h.edits(h.b, "/compte/enfants/1/photos", "image", "yes").want(200)
	if h.zoe().Image != attendance.ImageYes {
		t.Fatal("yes was not kept")
	}
	h.sql(`UPDATE consents SET text_version = 'image-0' WHERE purpose = 'image'`)
	h.sql(`UPDATE consents SET text_version = 'leave-0', answer = 'yes' WHERE purpose = 'leave_alone'`)
	if c := h.zoe(); c.Image != attendance.ImageUnknown || c.Care.LeavesAlone {
		t.Errorf("answers to texts that changed count: %+v", c)
	}
	h.b.get("/compte").want(200, "À répondre", "Les photos de Zoé : la question a changé", "Le départ de Zoé : la question a changé")
	if form := h.b.get("/compte/enfants/1/photos").want(200).fill("", nil); form.Has("image") {
		t.Error("the old answer is ticked")
	}
	h.edits(h.b, "/compte/enfants/1/photos", "image", "later").want(200)
	h.b.get("/compte").wantNot("Les photos de Zoé : la question a changé")
}

// consentTexts are the versions of the texts that guardians agree to, each with the hash of its words in French: who changes the words raises the
// version, in package family, and writes the new hash here (RGPD-5).
var consentTexts = map[string]struct {
	keys []string
	hash string
}{
	family.ImageTextVersion:      {[]string{"booking.image", "booking.image.yes", "booking.image.no"}, "9fd04862665601ab"},
	family.LeaveAloneTextVersion: {[]string{"booking.leaves", "booking.leaves.alone"}, "435dc61e55fbcce5"},
	family.HealthTextVersion:     {[]string{"booking.health.consent"}, "66bad46e31a23a86"},
	family.MediaTextVersion:      {[]string{"space.media.ask", "space.purpose.image_site", "space.purpose.image_social", "space.purpose.image_press", "space.purpose.image_print"}, "7f4be67f7b577d4d"},
	family.NewsletterTextVersion: {[]string{"space.newsletter.lead", "space.newsletter.ask"}, "f0be6fc0c616ff48"},
}

func TestConsentTextsHaveVersions(t *testing.T) {
	t.Parallel()
	for version, text := range consentTexts {
		var all strings.Builder
		for _, key := range text.keys {
			all.WriteString(words.For(words.French).T(key, "Zoé") + "\n")
		}
		sum := sha256.Sum256([]byte(all.String()))
		if got := hex.EncodeToString(sum[:8]); got != text.hash {
			t.Errorf("the text of %s is another one: raise its version in package family, and note the hash %s\n%s", version, got, all.String())
		}
	}
}

// RGPD-3: what is agreed to about health names everybody who reads it, and no period, which is a setting of the association.
func TestHealthTextsSayWhatIsSo(t *testing.T) {
	t.Parallel()
	digit := regexp.MustCompile(`[0-9]`)
	for _, lang := range words.Offered() {
		w := words.For(lang)
		keys := []string{"booking.health.consent", "space.health.lead"}
		if lang == words.French {
			keys = append(keys, "walk_in.health.consent", "staff_phone.health.consent")
		}
		for _, key := range keys {
			text := w.T(key, "Zoé")
			if digit.MatchString(text) || !strings.Contains(text, "coordination") || !strings.Contains(text, "responsable") && !strings.Contains(text, "guardian") {
				t.Errorf("%s in %s: %s", key, lang, text)
			}
		}
	}
}

// RGPD-1: the page tells of every cookie that is set, and that reasons which the team notes are read by the coordination, and not for twelve
// months alone.
func TestPrivacyPageTellsOfCookiesAndReasons(t *testing.T) {
	t.Parallel()
	newHousehold(t).b.get("/confidentialite").want(200, "24 heures au plus", "une famille dans son espace : 180 jours au plus", "quand elle se connecte",
		"l'autre responsable de l'enfant", "le motif d'une exception")
}

// TestTwoHouseholds: a second guardian is invited by mail, sees the children and nothing of the other; both learn of what changes; any refusal of pictures wins;
// each leaves for themself alone, and the last one cannot (domain, Family data 5).
func TestTwoHouseholds(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.edits(h.b, "/compte/responsables/inviter", "name", "Camille", "email", "Camille@exemple.fr", "children", "1").want(422, "C'est votre propre adresse")
	h.edits(h.b, "/compte/responsables/inviter", "name", "Łukasz", "email", "lukasz@exemple.fr").want(422, "Cochez au moins un")
	h.edits(h.b, "/compte/responsables/inviter", "name", "Łukasz", "email", "lukasz@exemple.fr", "children", "987654").want(422)
	h.edits(h.b, "/compte/responsables/inviter", "name", "Łukasz Nguyễn", "email", "lukasz@exemple.fr", "children", "1").want(200, "L'invitation est partie", "Łukasz Nguyễn (lukasz@exemple.fr)")

	path := InvitationPath(family.InvitationToken(h.secret, h.mailedNonce("lukasz@exemple.fr")))
	other := h.browser()
	for range 3 {
		other.get(path).want(200, "Camille D'Artagnan vous invite", "Zoé")
	}
	page := other.get(path)
	page.wantNot("06 12 34 56 78", "camille@exemple.fr")
	space := other.post(path, page.fill("", nil)).want(200, "Bienvenue", "Zoé D'Artagnan-N'Guyen", "Votre téléphone manque", "Inscription faite par l'autre responsable")
	for _, secret := range []string{"06 12 34 56 78", "camille@exemple.fr", "Camille", "Mamie", "Łucja", "ADA-"} {
		if strings.Contains(space.body, secret) {
			t.Errorf("the second guardian sees %q", secret)
		}
	}
	other.get(path).want(410, "Cette invitation n'est plus ouverte")
	h.b.get("/compte/responsables").want(200, "Invitation acceptée", "une autre personne responsable").wantNot("lukasz@exemple.fr", "Łukasz")
	if h.count(`SELECT count(*) FROM invitations WHERE name <> '' OR email <> ''`) != 0 {
		t.Error("the invitation keeps whom it was for")
	}
	h.edits(other, "/compte/coordonnees", "name", "Łukasz Nguyễn", "phone", "07 00 00 00 07").want(200)
	if got := h.zoe().Care.Guardians; len(got) != 2 || got[1].Phone != "07 00 00 00 07" {
		t.Errorf("guardians on the register = %+v", got)
	}

	// Both learn of changes, never of what they were.
	h.edits(other, "/compte/enfants/1/sante", "health", "described", "health_text", "Asthme", "health_consent", "yes").want(200)
	if h.count(`SELECT count(*) FROM outbox WHERE kind = 'child_changed' AND recipient = 'camille@exemple.fr' AND payload ->> '$.what' = 'health'`) != 1 ||
		h.count(`SELECT count(*) FROM outbox WHERE payload LIKE '%Asthme%'`) != 0 {
		t.Error("the other guardian was not told, or was told too much")
	}
	h.edits(other, "/compte/enfants/1/photos", "image", "no").want(200)
	h.b.get("/compte").want(200, "Pas de photo : une autre personne responsable a refusé")
	if h.zoe().Image != attendance.ImageNo {
		t.Error("a refusal must win")
	}
	h.edits(other, "/compte/enfants/1/depart", "leaves", "other", "pickup_names", "Tante 李").want(200)
	if got := h.zoe().Care.PickUp; len(got) != 2 {
		t.Errorf("pick-up = %q: each guardian names their own", got)
	}
	h.b.get("/compte").want(200).wantNot("Tante")

	// The first one has a booking to come; the second one leaves; then the first one is the last.
	h.edits(h.b, "/compte/enfants/1/quitter").want(409, "encore à venir")
	h.edits(other, "/compte/enfants/1/quitter").want(200, "n'est plus dans votre espace").wantNot("Zoé")
	other.get("/compte/enfants/1").want(404)
	// What they refused stays refused.
	if c := h.zoe(); c.Image != attendance.ImageNo || !slices.Equal(c.Care.PickUp, []string{"Mamie Łucja"}) || len(c.Care.Guardians) != 1 {
		t.Errorf("after the second guardian left: %+v", c)
	}
	if h.count(`SELECT count(*) FROM outbox WHERE kind = 'child_changed' AND payload ->> '$.what' = 'left' AND recipient = 'camille@exemple.fr'`) != 1 {
		t.Error("the first guardian does not learn that the other left")
	}
	h.edits(h.b, "/compte/enfants/1/quitter").want(409, "la dernière personne responsable")

	h.soundFamilies()

	// An invitation is taken back, and one that is too old opens nothing.
	h.edits(h.b, "/compte/responsables/inviter", "name", "Paul", "email", "paul@exemple.fr", "children", "1").want(200)
	list := h.b.get("/compte/responsables")
	h.b.post(list.Find(`form[action$="/retirer"]`).AttrOr("action", ""), list.fill("/retirer", nil)).want(200, "L'invitation est retirée")
	h.browser().get(InvitationPath(family.InvitationToken(h.secret, h.mailedNonce("paul@exemple.fr")))).want(410)
	h.edits(h.b, "/compte/responsables/inviter", "name", "Paul", "email", "paul@exemple.fr", "children", "1").want(200)
	h.clock.Advance(family.InvitationLife)
	h.browser().get(InvitationPath(family.InvitationToken(h.secret, h.mailedNonce("paul@exemple.fr")))).want(410)
	if err := family.Purge(t.Context(), h.db); err != nil || h.count(`SELECT count(*) FROM invitations WHERE email <> ''`) != 0 {
		t.Errorf("an old invitation keeps its address: %v", err)
	}
}

// soundFamilies reports what the database shows to be wrong.
func (s *site) soundFamilies() {
	s.t.Helper()
	breaches, err := upkeep.Verify(s.t.Context(), s.db)
	if err != nil || len(breaches) > 0 {
		s.t.Errorf("verify: %v, %v", breaches, err)
	}
}

// TestFamilyNewAddress: a new address counts once it is confirmed from its mailbox; the old one is told, its links and sign-ins end (SEC-9).
func TestFamilyNewAddress(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	mailed := BookingPath(h.web.Bookings.Sign(booking.LinkMail, h.reference(), 1))
	h.edits(h.b, "/compte/adresse", "email", "camille@exemple.fr").want(422, "C'est déjà votre adresse")
	h.edits(h.b, "/compte/adresse", "email", "nouvelle@exemple.fr").want(200, "Un lien part", "camille@exemple.fr (à confirmer : nouvelle@exemple.fr)")
	path := EmailPath(family.EmailToken(h.secret, h.mailedNonce("nouvelle@exemple.fr")))
	other := h.browser()
	h.enter(other, "camille@exemple.fr")
	// Who mistyped the address mailed the link to a stranger, who is let in nowhere by it.
	stranger := h.browser()
	h.booked(h.edition(h.session, "2026-05-30", 5), "nouvelle@exemple.fr", booking.Wishes{}, "محمد")
	h.enter(stranger, "nouvelle@exemple.fr")
	for _, elsewhere := range []*browser{h.browser(), stranger} {
		for range 3 {
			elsewhere.get(path).want(409, "se confirme là où votre espace est ouvert", "Entrer dans mon espace")
		}
		form := values(formKeyField, h.web.Secret.FormKey("family-email", elsewhere.familyCookie(), h.clock.Now()))
		elsewhere.post(path, form).want(409, "se confirme là où votre espace est ouvert")
	}
	h.sql(`UPDATE guardians SET proved_at = NULL, email = '', email_folded = '' WHERE email = 'nouvelle@exemple.fr'`)
	if h.count(`SELECT count(*) FROM guardians WHERE email = 'camille@exemple.fr'`) != 1 {
		t.Fatal("a stranger, or looking, changed the address")
	}
	page := h.b.get(path).want(200, "nouvelle@exemple.fr")
	h.b.post(path, page.fill("", nil)).want(200, "Votre nouvelle adresse est confirmée", "nouvelle@exemple.fr")
	if at := other.get("/compte").want(200); at.path != "/compte/connexion" {
		t.Error("the sign-in with the old address goes on")
	}
	h.b.get(mailed).want(404)
	if h.count(`SELECT count(*) FROM outbox WHERE kind = 'email_changed' AND recipient = 'camille@exemple.fr' AND payload NOT LIKE '%nouvelle%'`) != 1 {
		t.Error("the old address was not told, or told the new one")
	}
	h.b.get(path).want(404)

	// The mailbox of somebody else's space says so, and only there.
	h.booked(h.edition(h.session, "2026-05-23", 5), "li@exemple.fr", booking.Wishes{}, "李")
	h.enter(h.browser(), "li@exemple.fr")
	h.edits(h.b, "/compte/adresse", "email", "li@exemple.fr").want(200, "Un lien part")
	taken := h.b.get(EmailPath(family.EmailToken(h.secret, h.mailedNonce("li@exemple.fr")))).want(200)
	h.b.post(taken.path, taken.fill("", nil)).want(409, "Un autre espace est déjà ouvert", "Choisir une autre adresse")
	h.clock.Advance(family.EmailChangeLife)
	h.b.get(taken.path).want(410, "plus de 24 heures")
}

// TestFamilyStepUp: on a browser left signed in, nobody gives a new address or invites somebody before the mailbox was proved once more (SEC-3).
func TestFamilyStepUp(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	for path, form := range map[string]url.Values{
		"/compte/adresse":              values(),
		"/compte/responsables/inviter": values("name", "Łukasz", "children", "1", "do", "keep"),
	} {
		address := strings.ReplaceAll(path[1:], "/", "-") + "@exemple.fr"
		form.Set("email", address)
		mails := func() int { return h.count(`SELECT count(*) FROM outbox WHERE recipient = ?`, address) }
		b := h.browser()
		h.enter(b, "camille@exemple.fr")
		open := b.get(path).want(200)
		h.clock.Advance(freshFor)
		b.post(path, open.fill("", form)).want(403, "nous vous envoyons d'abord un nouveau lien")
		ask := b.get(path).want(200, "nous vous envoyons d'abord un nouveau lien")
		if ask.Find(`[name="email"]`).Length() != 0 {
			t.Errorf("%s asks who was signed in long ago", path)
		}
		b.post(path, ask.fill("", values("do", "renew"))).want(200, "Un lien arrive dans votre messagerie")
		if mails() != 0 {
			t.Errorf("%s mailed to an address that a passer-by gave", path)
		}
		enter := b.get(SignInPath(h.mailedLink("camille@exemple.fr"))).want(200)
		back := b.post(enter.path, enter.fill("", nil)).want(200)
		if back.path != path {
			t.Errorf("the link leads to %s, not back to %s", back.path, path)
		}
		b.post(path, back.fill("", form)).want(200).wantNot("un nouveau lien")
		if mails() != 1 {
			t.Errorf("%s mailed nothing once the mailbox was proved", path)
		}

		// What was typed when the sign-in had grown too old waits in its window: the link is asked for there, and the form then goes on.
		open = b.get(path).want(200)
		h.clock.Advance(time.Hour)
		waits := b.post(path, open.fill("", form)).want(403, "Ce que vous avez écrit est gardé")
		waits = b.post(path, waits.fill("", values("do", "renew"))).want(200, "Un lien arrive", "continuer")
		b.post(path, waits.fill("", values("do", "again"))).want(403, "Ce que vous avez écrit est gardé")
		enter = b.get(SignInPath(h.mailedLink("camille@exemple.fr"))).want(200)
		b.post(enter.path, enter.fill("", nil)).want(200)
		for _, again := range []reply{
			b.post(path, waits.fill("", values("do", "again"))).want(200),
			b.post(path, open.fill("", form)).want(422, "ce que vous avez écrit est gardé"), // the key is of the sign-in before
		} {
			if got := again.Find(`[name="email"]`).AttrOr("value", ""); got != address {
				t.Errorf("%s kept %q of what was typed", path, got)
			}
		}
		h.clock.Advance(time.Hour) // so many links are mailed in an hour
	}
}

// TestInvitationOpensNothingThatWasThere: an invitation to an address that is known, proved or not, gives the children to its space, and signs nobody in
// (SEC-8): the mail lives for a week and is forwarded.
func TestInvitationOpensNothingThatWasThere(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.booked(h.edition(h.session, "2026-05-23", 5), "li@exemple.fr", booking.Wishes{}, "李")
	owner := h.browser()
	h.enter(owner, "li@exemple.fr")
	h.booked(h.edition(h.session, "2026-05-30", 5), "guest@exemple.fr", booking.Wishes{}, "محمد")
	for i, address := range []string{"li@exemple.fr", "guest@exemple.fr"} {
		h.edits(h.b, "/compte/responsables/inviter", "name", "Łukasz Nguyễn", "email", address, "children", "1").want(200)
		holder, path := h.browser(), InvitationPath(family.InvitationToken(h.secret, h.mailedNonce(address)))
		page := holder.get(path).want(200, "Accepter l'invitation")
		page.wantNot("ouvrir mon espace", "Cet appareil")
		answer := holder.post(path, page.fill("", nil)).want(200, "L'invitation est acceptée")
		if answer.path != "/compte/connexion" {
			t.Errorf("whoever holds the invitation of %s is at %s", address, answer.path)
		}
		if at := holder.get("/compte"); at.path != "/compte/connexion" {
			t.Errorf("whoever holds the invitation of %s is signed in", address)
		}
		if n := h.count(`SELECT count(*) FROM guardianships WHERE child_id = 1`); n != i+2 {
			t.Errorf("%d guardians of the child, want %d", n, i+2)
		}
	}
	owner.get("/compte").want(200, "Zoé D'Artagnan-N'Guyen", "李")

	// A new address is asked whether others use the device, as at the door (domain, Family data 8).
	h.edits(h.b, "/compte/responsables/inviter", "name", "Łukasz Nguyễn", "email", "neuf@exemple.fr", "children", "1").want(200)
	library := h.browser()
	page := library.get(InvitationPath(family.InvitationToken(h.secret, h.mailedNonce("neuf@exemple.fr")))).want(200, "D'autres que moi se servent de cet appareil")
	library.post(page.path, page.fill("", values("shared", "oui"))).want(200, "Bienvenue")
	h.clock.Advance(31 * time.Minute)
	if at := library.get("/compte"); at.path != "/compte/connexion" {
		t.Error("a shared device stays signed in")
	}
}

// familyCookie is what the keys of a family's forms are bound to.
func (b *browser) familyCookie() string {
	base, _ := url.Parse(b.site.URL)
	for _, c := range b.client.Jar.Cookies(base) {
		if strings.HasSuffix(c.Name, "ateliers-famille") {
			return c.Value
		}
	}
	return ""
}

// TestOwnBookingsDieWithTheSignIn: the space leads to its bookings by paths that open nothing to who is not signed in, and to other families; a family moves and
// gives up from there as from a mail. After signing out nothing of the booking and of unfinished answers is left in the browser (domain, Family data 8).
func TestOwnBookingsDieWithTheSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 12)
	second := s.edition(session, "2026-05-30", 5)
	s.booked(session, "zoe@exemple.fr", booking.Wishes{}, "Zoé")
	s.booked(session, "li@exemple.fr", booking.Wishes{}, "李")
	b, other := s.browser(), s.browser()
	// Somebody began to type before signing in.
	page := b.get("/inscription/" + idText(second)).want(200)
	b.post(page.path, page.fill("", merged(zoe, values("do", "later")))).want(200)
	space := s.enter(b, "zoe@exemple.fr")
	s.enter(other, "li@exemple.fr")
	href, _ := space.Find("article a").Attr("href")
	if !regexp.MustCompile(`^/inscriptions/ADA-\w+/compte$`).MatchString(href) {
		t.Fatalf("the space leads to %s", href)
	}
	own := b.get(href).want(200, "C'est réservé pour Zoé")
	for _, link := range own.Find("main a, main form").EachIter() {
		for _, at := range []string{link.AttrOr("href", ""), link.AttrOr("action", "")} {
			if strings.HasPrefix(at, "/inscriptions/") && !strings.HasPrefix(at, href) || strings.HasPrefix(at, "/passeport/") {
				t.Errorf("leads to %s, which opens without a sign-in", at)
			}
		}
	}
	for _, path := range []string{href, href + "/annuler", href + "/autre-seance", href + "/agenda.ics"} {
		other.get(path).want(404)
		if at := s.browser().get(path).want(200); at.path != "/compte/connexion" {
			t.Errorf("a guest is at %s", at.path)
		}
	}
	// Changing the session, which the page offers, is done from here.
	move := b.get(href+"/autre-seance").want(200, "30 mai 2026")
	b.post(move.path, move.fill("", values("session", idText(second)))).want(200, "C'est réservé pour Zoé", "30 mai 2026")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'booking.move' AND actor LIKE 'guardian:%'`); n != 1 {
		t.Errorf("%d moves by the guardian in the audit", n)
	}
	// « appareil partagé » or not: who signs out leaves nothing.
	space = b.get("/compte")
	b.post("/compte/deconnexion", space.fill("/compte/deconnexion", nil)).want(200, "Recevoir le lien")
	b.get(href).wantNot("Zoé")
	b.get("/inscription/"+idText(second)).want(200).wantNot("Zoé", "Reprendre")
	if n := s.count(`SELECT count(*) FROM drafts`); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
	base, _ := url.Parse(s.URL)
	for _, c := range b.client.Jar.Cookies(base) {
		t.Errorf("the browser keeps the cookie %s", c.Name)
	}
	// After signing in the page that was asked for opens.
	door := b.get(href + "/annuler").want(200)
	b.post("/compte/connexion", door.fill("", values("email", "zoe@exemple.fr"))).want(200)
	enter := b.get(SignInPath(s.mailedLink("zoe@exemple.fr")))
	back := b.post(enter.path, enter.fill("", nil)).want(200)
	if back.path != href+"/annuler" {
		t.Errorf("led on to %s", back.path)
	}
	b.post(back.path, back.fill("", nil)).want(200, "Zoé")
	if s.count(`SELECT count(*) FROM bookings b JOIN children c ON c.id = b.child_id WHERE c.first_name = 'Zoé' AND b.status = 'confirmed'`) != 0 {
		t.Error("the seat was not given up")
	}
}

// reference is that of the household's booking.
func (h *household) reference() string {
	h.t.Helper()
	href, _ := h.b.get("/compte").Find(`article a[href^="/inscriptions/"]`).Attr("href")
	return regexp.MustCompile(`ADA-\w+`).FindString(href)
}

// TestFamilySpaceInEnglish reads the space under /en, in English.
func TestFamilySpaceInEnglish(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	page := h.b.get("/en/compte").want(200, "My space", "Coming up", "Sign out everywhere")
	for _, node := range page.Find("main a, main form").EachIter() {
		for _, at := range []string{node.AttrOr("href", ""), node.AttrOr("action", "")} {
			if at != "" && !strings.HasPrefix(at, "/en/") {
				t.Errorf("leads to %s", at)
			}
		}
	}
}

// TestYoungSpace: from fifteen on a guardian may give a young person a space of their own; it shows them alone, lets them change nothing, and is told to the
// other guardians (domain, Family data 7; RGPD-6: nobody younger is ever asked for an address).
func TestYoungSpace(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.b.get("/compte/enfants/1/espace").want(404) // Zoé is eight
	h.b.get("/compte/enfants/1").wantNot("Lui ouvrir un espace")
	h.sql(`UPDATE children SET birth_date = '2011-05-10' WHERE id = 1`)
	h.b.get("/compte/enfants/1/espace").want(404) // fifteen tomorrow
	h.sql(`UPDATE children SET birth_date = '2011-05-09' WHERE id = 1`)
	h.b.get("/compte/enfants/1").want(200, "Lui ouvrir un espace")
	h.edits(h.b, "/compte/enfants/1/espace", "email", "camille@exemple.fr").want(422, "à elle seule")
	h.edits(h.b, "/compte/enfants/1/espace", "email", "jeune@exemple.fr").want(200, "Fermer son espace")
	if h.count(`SELECT count(*) FROM outbox WHERE kind = 'young_invited' AND recipient = 'jeune@exemple.fr'`) != 1 {
		t.Error("the young person was not told")
	}

	young := h.browser()
	page := young.get(SignInPath(h.linkTo("jeune@exemple.fr"))).want(200, "jeune@exemple.fr")
	space := young.post(page.path, page.fill("", nil)).want(200, "L'espace de Zoé", "Robotique", "Place réservée", "avec une personne responsable", "Seule une personne responsable")
	if space.path != "/compte/moi" {
		t.Errorf("entered at %s", space.path)
	}
	for _, secret := range []string{"Camille", "camille@exemple.fr", "06 12 34 56 78", "Arachides", "Łucja", "ADA-"} {
		if strings.Contains(space.body, secret) {
			t.Errorf("the young person's space shows %q", secret)
		}
	}
	// Every page and action of guardians is closed.
	before := h.count(`SELECT count(*) FROM audit`)
	for _, route := range h.web.Routes() {
		if !strings.HasPrefix(route.Path, "/compte") || slices.Contains([]string{"/compte/moi", "/compte/connexion", "/compte/deconnexion"}, route.Path) ||
			regexp.MustCompile(`/(entrer|adresse|invitation)/:`).MatchString(route.Path) {
			continue
		}
		path := regexp.MustCompile(`:\w+`).ReplaceAllString(route.Path, "1")
		var got reply
		if route.Method == "POST" {
			got = young.post(path, values("leaves", "alone", "do", "keep", formKeyField, "x"))
		} else {
			got = young.get(path)
		}
		if got.path != "/compte/moi" {
			t.Errorf("%s %s leads to %s", route.Method, path, got.path)
		}
	}
	if h.count(`SELECT count(*) FROM audit`) != before {
		t.Error("a young person changed something")
	}
	h.soundFamilies()

	h.edits(h.b, "/compte/enfants/1/espace").want(200, "Lui ouvrir un espace")
	if h.count(`SELECT count(*) FROM outbox WHERE recipient = 'jeune@exemple.fr'`)+h.count(`SELECT count(*) FROM young_holders`) != 0 {
		t.Error("the address of a space that was closed is still kept")
	}
	if at := young.get("/compte/moi").want(200); at.path != "/compte/connexion" {
		t.Error("the space was closed, and the sign-in goes on")
	}

	// Erased with the last guardian.
	h.edits(h.b, "/compte/enfants/1/espace", "email", "jeune@exemple.fr").want(200)
	h.linkTo("jeune@exemple.fr")
	h.sql(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family', cancelled_at = '2026-05-09T08:00:00Z'`)
	err := h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := family.Erase(tx, 1)
		return err
	})
	if err != nil || h.count(`SELECT count(*) FROM outbox WHERE recipient LIKE '%jeune%'`)+h.count(`SELECT count(*) FROM young_holders`) != 0 {
		t.Errorf("the young person's address outlives them: %v", err)
	}
}
