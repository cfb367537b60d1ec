package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// An admin invites somebody, who chooses their password; changes what they may do, and keeps them out again.
func TestPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Admin)
	const add = "/equipe/personnes/nouvelle"
	form := with(b.get(add).wants(200).form(add), "name", "Łukasz Wiśniewski", "email", "lukasz", "role", "facilitator")
	a := b.post(add, with(form, "role", "chef")).wants(422).says("2 points", "adresse e-mail complète", "Choisissez un rôle")
	form = with(a.form(add), "role", "facilitator", "email", "lukasz@exemple.fr")
	if form.Get("name") != "Łukasz Wiśniewski" {
		t.Errorf("form %v: the name is lost", form)
	}
	var path string
	for range 2 {
		path = b.post(add, form).wants(http.StatusSeeOther).Header.Get("Location")
	}
	if path != "/equipe/personnes/2?fait=invitation" {
		t.Fatalf("leads to %q", path)
	}
	b.get(path).wants(200).says("L'invitation part par mail", "Łukasz Wiśniewski", "Animation", "Invitation envoyée", "fonctionne jusqu'au")
	b.get("/equipe/personnes").wants(200).says("Łukasz Wiśniewski", "lukasz@exemple.fr", "Invitation envoyée")
	b.post(add, with(b.get(add).form(add), "name", "Lu", "email", "LUKASZ@exemple.fr", "role", "staff")).wants(422).says("déjà cette adresse")
	const page = "/equipe/personnes/2"
	first := h.passwordPath(outbox.TeamInvited)
	b.post(page+"/lien", b.get(page).form(page+"/lien")).leadsTo(page + "?fait=lien-equipe")
	tablet := h.teamBrowser()
	tablet.get(first).wants(http.StatusGone).says("Un lien plus récent")
	tablet.choose(h.passwordPath(outbox.TeamInvited), housePassword)
	tablet.signIn("lukasz@exemple.fr")
	tablet.get("/animation").wants(200)
	b.get(page).wants(200).says("Peut entrer", "a perdu son mot de passe")

	b.post(page+"/role", with(b.get(page).form(page+"/role"), "role", "staff")).leadsTo(page + "?fait=enregistree")
	tablet.get("/animation").wants(http.StatusSeeOther) // SEC-2: signed out by the change
	tablet.signIn("lukasz@exemple.fr")
	tablet.get("/equipe").wants(200)

	b.post(page+"/acces", with(b.get(page).form(page+"/acces"), "open", "no")).wants(http.StatusSeeOther)
	tablet.get("/equipe").wants(http.StatusSeeOther)
	b.get(page).says("Accès fermé", "Rouvrir l'accès")
	door := tablet.get("/connexion").form("/connexion")
	tablet.post("/connexion", with(door, "email", "lukasz@exemple.fr", "password", housePassword)).wants(422)
	b.post(page+"/acces", with(b.get(page).form(page+"/acces"), "open", "yes")).wants(http.StatusSeeOther)
	tablet.signIn("lukasz@exemple.fr")
	tablet.get("/equipe").wants(200)
}

// passwordPath is where the last mail of a kind to the team leads.
func (h *house) passwordPath(kind string) string {
	h.t.Helper()
	var nonce string
	h.scan(&nonce, `SELECT payload ->> 'nonce' FROM outbox WHERE kind = ? ORDER BY id DESC LIMIT 1`, kind)
	return PasswordPath(h.secret.PasswordToken(nonce))
}

// choose chooses a password by the link of a mail.
func (b *teamBrowser) choose(path, password string) {
	b.h.t.Helper()
	page := b.get(path).wants(200)
	form := page.doc.Find("main form[method=post]")
	b.post(path, url.Values{"form_key": {form.Find("[name=form_key]").AttrOr("value", "")}, "password": {password}}).leadsTo("/connexion?fait=mot-de-passe")
}

// SEC-7, SEC-8: a forgotten password is replaced by a mailed link, which nobody but its mailbox learns of.
func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.user("zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", account.Staff)
	b := h.teamBrowser()
	b.get("/connexion").says("Mot de passe oublié ?")
	ask := func(email string) *answer {
		return b.post(ForgottenPath, with(b.get(ForgottenPath).wants(200).form(ForgottenPath), "email", email))
	}
	ask("zoé").wants(422).says("adresse e-mail complète")
	known, unknown := ask("zoe@exemple.fr").wants(200), ask("leo@exemple.fr").wants(200)
	if len(known.Body) != len(unknown.Body) {
		t.Errorf("a known address is answered by %d bytes, an unknown one by %d", len(known.Body), len(unknown.Body))
	}
	if n := h.count(`SELECT count(*) FROM outbox`); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
	for range 2 {
		ask("leo@exemple.fr").wants(200)
	}
	if a := ask("leo@exemple.fr").wants(http.StatusTooManyRequests); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	path := h.passwordPath(outbox.PasswordForgotten)
	for range 10 {
		b.get(path).wants(200).says("Zoé D'Artagnan-N'Guyen", "zoe@exemple.fr")
	}
	page := b.get(path)
	form := url.Values{"form_key": {page.doc.Find("main form [name=form_key]").AttrOr("value", "")}, "password": {"court"}}
	b.post(path, form).wants(422).says("12 caractères").hides("court\"")
	b.choose(path, "girafe parapluie trompette")
	b.get(path).wants(http.StatusGone).says("déjà servi", "Recevoir un nouveau lien")
	b.get(PasswordPath(madeUp)).wants(http.StatusNotFound).says("incomplet")
	door := b.get("/connexion?fait=mot-de-passe").says("Votre mot de passe est choisi").form("/connexion")
	b.post("/connexion", with(door, "email", "zoe@exemple.fr", "password", housePassword)).wants(422)
	door = b.get("/connexion").form("/connexion")
	b.post("/connexion", with(door, "email", "zoe@exemple.fr", "password", "girafe parapluie trompette")).leadsTo("/equipe")
}

// SEC-2: changing one's own password ends every other sign-in and renews this one.
func TestOwnPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	here, there := h.member(account.Facilitator), h.member(account.Facilitator)
	const page, act = "/animation/compte", "/animation/compte/mot-de-passe"
	if href := here.get("/animation").doc.Find(`header .visitor a`).AttrOr("href", ""); href != page {
		t.Errorf("the name in the header leads to %q", href)
	}
	here.get(page).wants(200).says("facilitator@exemple.fr", "Animation", "Mot de passe")
	form := with(here.get(act).wants(200).form(act), "current", "faux", "password", "girafe parapluie trompette")
	here.post(act, form).wants(422).says("pas votre mot de passe actuel").hides("girafe parapluie")
	form = with(here.get(act).form(act), "current", housePassword, "password", "facilitator@exemple.fr")
	here.post(act, form).wants(422).says("serait vite deviné")
	before := here.cookies()["__Host-ateliers"]
	form = with(here.get(act).form(act), "current", housePassword, "password", "girafe parapluie trompette")
	here.post(act, form).leadsTo(page + "?fait=mot-de-passe")
	here.get(page + "?fait=mot-de-passe").wants(200).says("Votre mot de passe est changé")
	if here.cookies()["__Host-ateliers"] == before {
		t.Error("the id of the sign-in stayed")
	}
	there.get(page).wants(http.StatusSeeOther)
}

// The last admin cannot shut themself out, and reads why.
func TestLastAdmin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Admin)
	page := "/equipe/personnes/" + strconv.FormatInt(h.users["admin@exemple.fr"], 10)
	b.post(page+"/acces", with(b.get(page).form(page+"/acces"), "open", "no")).wants(409).says("dernier compte d'administration")
	b.post(page+"/role", with(b.get(page).form(page+"/role"), "role", "staff")).wants(409).says("dernier compte d'administration")
	b.get("/equipe/personnes").wants(200)
}

// SEC-5: with the second factor on, a password alone opens nothing: the first time an app is set up, and then each sign-in takes a code.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.web.Door = account.NewDoor(h.db, h.secret, h.clock.Now, true)
	h.user("zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", account.Admin)
	h.user("lukasz@exemple.fr", "Łukasz Wiśniewski", account.Staff)
	b := h.teamBrowser()
	password := func(email, leads string) {
		t.Helper()
		form := with(b.get("/connexion?suite=%2Fequipe%2Fseances").form("/connexion"), "email", email, "password", housePassword)
		b.post("/connexion", form).leadsTo(leads + "?suite=%2Fequipe%2Fseances")
	}
	b.get(enrolPath).leadsTo("/connexion")
	password("zoe@exemple.fr", enrolPath)
	b.get("/equipe").leadsTo("/connexion?suite=%2Fequipe") // a half of a sign-in is none
	b.get(codePath).leadsTo(enrolPath)
	page := b.get(enrolPath + "?suite=%2Fequipe%2Fseances").wants(200).says("Tapez cette clé")
	manual := page.text(".code")
	if again := b.get(enrolPath).text(".code"); again != manual || len(manual) != 39 {
		t.Errorf("key %q, then %q", manual, again)
	}
	if page.doc.Find("svg path[d]").Length() == 0 {
		t.Error("no code to scan")
	}
	code := func() string {
		t.Helper()
		code, err := totp.GenerateCode(strings.ReplaceAll(manual, " ", ""), h.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	b.post(enrolPath, with(page.form(enrolPath), "code", "12")).wants(422).says("n'est pas le bon")
	again := with(page.form(enrolPath), "code", code())
	a := b.post(enrolPath, again).wants(200).says("codes de secours", "Ils ne s'afficheront plus")
	recovery := a.doc.Find("li.code").Eq(0).Text()
	if got := a.doc.Find("li.code").Length(); got != account.RecoveryCodes {
		t.Fatalf("%d recovery codes", got)
	}
	if href := a.doc.Find("main .button").AttrOr("href", ""); href != "/equipe/seances" {
		t.Errorf("leads on to %q", href)
	}
	b.get("/equipe/seances").wants(200)
	b.get(selfPath).wants(200).says("Application de codes", "Il en reste 10")
	// Sent twice, the browser shows the second answer alone: it leads to where other recovery codes are made, and says so.
	b.post(enrolPath, again).leadsTo(enrolPath)
	b.get(enrolPath).leadsTo(selfCodesPath + "?fait=application")
	b.get(selfCodesPath+"?fait=application").wants(200).says("Votre application est réglée", "n'avez pas vu vos codes de secours", "Faire dix codes")
	if n := h.count(`SELECT count(*) FROM second_factors WHERE instr(seed, ?) OR instr(?, seed)`, manual, manual); n != 0 {
		t.Error("the key itself is in the database")
	}

	h.clock.Advance(31 * time.Minute)
	password("zoe@exemple.fr", codePath)
	b.get(enrolPath).leadsTo(codePath)
	page = b.get(codePath + "?suite=%2Fequipe%2Fseances").wants(200)
	used := code()
	b.post(codePath, with(page.form(codePath), "code", "000000")).wants(422).says("n'est pas le bon")
	b.post(codePath, with(page.form(codePath), "code", used)).leadsTo("/equipe/seances")
	b.get("/equipe").wants(200)

	// Codes of one's own access are asked for once more (SEC-3).
	b.post(selfCodesPath, with(b.get(selfCodesPath).wants(200).form(selfCodesPath), "code", used)).wants(422).says("déjà servi")
	fresh := b.post(selfCodesPath, with(b.get(selfCodesPath).form(selfCodesPath), "code", recovery)).wants(200)
	if got := fresh.doc.Find("li.code").Length(); got != account.RecoveryCodes {
		t.Errorf("%d new recovery codes", got)
	}
	b.post(selfFactorPath, with(b.get(selfFactorPath).wants(200).form(selfFactorPath), "code", fresh.doc.Find("li.code").Eq(1).Text())).leadsTo("/connexion?fait=application")
	b.get("/equipe").wants(http.StatusSeeOther)
	password("zoe@exemple.fr", enrolPath)

	// Too late, or changed meanwhile: back to the door.
	h.clock.Advance(16 * time.Minute)
	b.get(enrolPath).leadsTo("/connexion")
	password("lukasz@exemple.fr", enrolPath)
	h.must(h.web.Office.Disable(t.Context(), account.Command(), h.key(), h.users["lukasz@exemple.fr"]))
	b.get(enrolPath).leadsTo("/connexion")
}

// An admin takes the app of a colleague away who lost it.
func TestPersonFactor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Admin)
	id := h.user("li@exemple.fr", "李", account.Staff)
	page := personPath(id)
	b.get(page).wants(200).hides("application")
	h.write(`INSERT INTO second_factors (user_id, seed, last_step, since) VALUES (?, 'x', 0, '2026-01-01T00:00:00Z')`, id)
	b.post(page+"/application", b.get(page).says("a perdu son téléphone").form(page+"/application")).leadsTo(page + "?fait=application")
	if n := h.count(`SELECT (SELECT count(*) FROM second_factors) * 10 + (SELECT count(*) FROM outbox WHERE kind = 'factor_dropped')`); n != 1 {
		t.Errorf("%d: want no app and one mail", n)
	}
}

// Issue 7, item 4: a mistyped invitation is corrected before it is accepted, which voids the older link (SEC-9); nothing typed is lost.
func TestInvitationIsCorrected(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Admin)
	const add = "/equipe/personnes/nouvelle"
	path := b.post(add, with(b.get(add).form(add), "name", "Lukas", "email", "lukas@exemple.fr", "role", "staff")).wants(303).Header.Get("Location")
	page, _, _ := strings.Cut(path, "?")
	first := h.passwordPath(outbox.TeamInvited)
	correct := page + "/corriger"
	form := b.get(correct).wants(200).says("Corriger l'invitation de Lukas").form(correct)
	if form.Get("email") != "lukas@exemple.fr" || form.Get("role") != "staff" {
		t.Fatalf("the form begins with %v", form)
	}
	a := b.post(correct, with(form, "name", "Łukasz D'Artagnan", "email", "łukasz")).wants(422).says("adresse e-mail complète")
	if got := a.form(correct).Get("name"); got != "Łukasz D'Artagnan" {
		t.Errorf("the name is lost: %q", got)
	}
	b.post(correct, with(a.form(correct), "email", "admin@exemple.fr")).wants(422).says("déjà cette adresse")
	b.post(correct, with(a.form(correct), "email", "lukasz@exemple.fr", "role", "facilitator")).leadsTo(page + "?fait=invitation")
	b.get(page).says("Łukasz D'Artagnan", "lukasz@exemple.fr", "Animation", "Invitation envoyée")
	h.teamBrowser().get(first).wants(http.StatusGone).says("Un lien plus récent")
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'account.correct_invitation' AND details = '{"fields":["email","name"],"role":["staff","facilitator"]}'`); n != 1 {
		t.Error("what was corrected is not on record, or with the address itself")
	}
	tablet := h.teamBrowser()
	tablet.choose(h.passwordPath(outbox.TeamInvited), housePassword)
	tablet.signIn("lukasz@exemple.fr")
	b.get(correct).wants(http.StatusConflict).says("n'est plus en attente")
}

// The day of a certificate of honorability is kept, shown, and nothing else of it.
func TestHonorabilityOfAPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Admin)
	page := personPath(h.user("lukasz@exemple.fr", "Łukasz", account.Facilitator))
	b.get(page).wants(200).says("Honorabilité : rien de noté")
	act := page + "/honorabilite"
	a := b.post(act, with(b.get(page).form(act), "certified_on", "2030-01-01")).wants(422).says("Cette date est à venir")
	b.post(act, with(a.form(act), "certified_on", "2026-04-01")).leadsTo(page + "?fait=enregistree")
	b.get("/equipe/personnes").wants(200).says("Honorabilité : jusqu'au 1er octobre 2026", "Honorabilité : rien de noté")
	b.post(act, with(b.get(page).form(act), "certified_on", "2025-09-01")).wants(303)
	b.get(page).says("Honorabilité : finie le 1er mars 2026")
	b.get("/equipe").says("1 attestation d'honorabilité à renouveler")
	tablet := h.teamBrowser()
	tablet.signIn("lukasz@exemple.fr")
	tablet.get(selfPath).wants(200).says("Honorabilité : finie le 1er mars 2026")
	b.post(act, with(b.get(page).form(act), "certified_on", "")).wants(303)
	b.get(page).says("Honorabilité : rien de noté")
}

// SEC-9, SEC-10: the calendar of what somebody leads opens by its secret link alone, names no child, is kept by no cache, and dies with a
// renewed link and a closed access. The zone of the venue goes with it (UX-P12).
func TestFeedOfAFacilitator(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session("Robotique", 12)
	h.booked(session, "camille@exemple.fr", booking.Wishes{}, "Zoé")
	id := h.user("lukasz@exemple.fr", "Łukasz", account.Facilitator)
	b := h.member(account.Admin)
	desk := deskSessionPath(session)
	tablet := h.teamBrowser()
	tablet.signIn("lukasz@exemple.fr")
	feed := func() string {
		t.Helper()
		u, err := url.Parse(tablet.get(selfPath).wants(200).doc.Find(`a[href$="/seances.ics"]`).First().AttrOr("href", ""))
		if err != nil {
			t.Fatal(err)
		}
		return u.Path
	}
	path := feed()
	stranger := h.teamBrowser()
	if a := stranger.get(path).wants(200); strings.Contains(a.Body, "BEGIN:VEVENT") {
		t.Error("it holds what they do not lead")
	}
	b.post(desk+"/animer", with(b.get(desk).form(desk+"/animer"), "facilitator", strconv.FormatInt(id, 10))).wants(303)
	a := stranger.get(path).wants(200)
	for _, part := range []string{"BEGIN:VTIMEZONE", "DTSTART;TZID=Europe/Paris:", "UID:animation-" + strconv.FormatInt(session, 10) + "@", "Robotique", "METHOD:PUBLISH"} {
		if !strings.Contains(a.Body, part) {
			t.Errorf("it lacks %q:\n%s", part, a.Body)
		}
	}
	if a.hides("Zoé", "camille"); a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("X-Robots-Tag") == "" || len(a.Header.Values("Set-Cookie")) > 0 {
		t.Errorf("headers %v", a.Header)
	}
	stranger.get(strings.Replace(path, "/agendas/"+strconv.FormatInt(id, 10), "/agendas/2", 1)).wants(404)
	stranger.get(path[:len(path)-len("x/seances.ics")] + "_/seances.ics").wants(404)
	renew := selfPath + "/agenda"
	tablet.post(renew, tablet.get(selfPath).form(renew)).leadsTo(selfPath + "?fait=agenda")
	stranger.get(path).wants(404)
	stranger.get(feed()).wants(200)
	path = feed()
	access := personPath(id) + "/acces"
	b.post(access, with(b.get(personPath(id)).form(access), "open", "no")).wants(303)
	stranger.get(path).wants(404)
}

// Whoever loses a session to somebody else is told by mail, unless they gave it away themself.
func TestReplacedFacilitatorIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session("Robotique", 12)
	first, second := h.user("lukasz@exemple.fr", "Łukasz", account.Facilitator), h.user("anh@exemple.fr", "Nguyễn Thị Ánh", account.Facilitator)
	admin := account.Actor{Kind: account.KindUser, ID: h.user("li@exemple.fr", "李", account.Admin), Name: "李", Role: account.Admin}
	if err := h.web.Catalog.Assign(t.Context(), admin, h.key(), session, first); err != nil {
		t.Fatal(err)
	}
	told := func(to string) int {
		t.Helper()
		return h.count(`SELECT count(*) FROM outbox WHERE kind = 'session_handed_over' AND recipient = ? AND payload ->> '$.by' = '李'`, to)
	}
	if err := h.web.Catalog.HandOver(t.Context(), admin, h.key(), session, first, second); err != nil {
		t.Fatal(err)
	}
	if told("lukasz@exemple.fr") != 1 || h.count(`SELECT count(*) FROM outbox WHERE kind = 'session_assigned' AND recipient = 'anh@exemple.fr'`) != 1 {
		t.Error("the one who was replaced, or the one who steps in, was not told")
	}
	own := account.Actor{Kind: account.KindUser, ID: second, Name: "Nguyễn Thị Ánh", Role: account.Facilitator}
	if err := h.web.Catalog.HandOver(t.Context(), own, h.key(), session, second, first); err != nil {
		t.Fatal(err)
	}
	if h.count(`SELECT count(*) FROM outbox WHERE kind = 'session_handed_over'`) != 1 {
		t.Error("who gave it away was told of it")
	}
	if err := h.web.Catalog.Unassign(t.Context(), admin, h.key(), session, first); err != nil || told("lukasz@exemple.fr") != 2 {
		t.Errorf("taken from the list: %v, %d mails", err, told("lukasz@exemple.fr"))
	}
}
