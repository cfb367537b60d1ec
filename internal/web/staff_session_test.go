package web

import (
	"encoding/csv"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

// book books a family in a session, or puts it on the list, and returns its reference.
func (h *house) book(session int64, guardian, email, phone string, children ...string) string {
	h.t.Helper()
	r := booking.Request{SessionID: session, IfFull: booking.Wait, Guardian: family.NewGuardian{Name: guardian, Email: email, Phone: phone, Language: "fr"}}
	for i, name := range children {
		first, last, _ := strings.Cut(name, " ")
		r.Children = append(r.Children, family.NewChild{FirstName: first, LastName: last, BirthDate: time.Date(2017, 3, 1+i, 0, 0, 0, 0, time.UTC),
			Health: family.Health{State: family.HealthDescribed, Text: "Allergie aux arachides"}, Image: family.Later})
	}
	reference, err := h.web.Bookings.Book(h.t.Context(), account.Guest(), h.key(), r)
	h.must(err)
	return reference
}

// cancel gives the seats of a booking back, as its family.
func (h *house) cancel(reference string) {
	h.t.Helper()
	link := h.web.Bookings.Sign(booking.LinkMail, reference, 1)
	g, err := h.web.Bookings.Find(h.t.Context(), link)
	h.must(err)
	h.must(h.web.Bookings.Cancel(h.t.Context(), account.Guest(), h.key(), link, []int64{g.Children[0].BookingID}, ""))
}

// The page of a session tells who has a seat, who waits since when at which rank, and how offers went.
func TestDeskSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 1)
	first := h.book(id, "Camille D'Artagnan", "camille@exemple.fr", "+33 6 12 34 56 78", "Zoé D'Artagnan-N'Guyen")
	h.book(id, "Łukasz Żak", "lukasz@exemple.fr", "06 00 00 00 02", "محمد Nguyễn")
	h.clock.Advance(time.Minute)
	h.book(id, "李 伟", "", "06 00 00 00 03", "李 娜")
	b := h.member(account.Staff)
	b.get("/equipe").wants(200).says("1 sur 1", "2 enfants attendent", "2 enfants en liste d'attente")
	a := b.get("/equipe/seances/1").wants(200).says("1 enfant a sa place", "Zoé D'Artagnan-N'Guyen", "9 ans", "Camille D'Artagnan", "+33 6 12 34 56 78",
		"2 enfants sur la liste d'attente", "1re محمد Nguyễn", "2e 李 娜", "A rejoint la liste le lun. 4 mai à 14 h 01", "Pas d'e-mail : à appeler")
	a.hides("arachides") // health is for the register alone
	if href := a.doc.Find(`a[href^="tel:"]`).First().AttrOr("href", ""); href != "tel:+33612345678" {
		t.Errorf("the number calls %q", href)
	}
	for _, papers := range []string{"", "/feuille", "/attestations"} {
		if a.doc.Find(`main a[href="/animation/seances/1`+papers+`"]`).Length() != 1 {
			t.Errorf("no link to %q", papers)
		}
	}

	h.cancel(first)
	b.get("/equipe/seances/1").says("Annulée par la famille", "Place proposée le lun. 4 mai à 14 h 01, réponse attendue jusqu'au", "1 enfant sur la liste d'attente", "1re 李 娜")
	h.clock.Advance(48 * time.Hour)
	if _, err := h.web.Bookings.ExpireOffers(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.signIn("staff@exemple.fr")
	b.get("/equipe/seances/1").says("sans réponse le")
}

// SEC-40, UX-A6: the export holds no formula and no health, and who took it is known.
func TestSessionExport(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 1)
	h.book(id, "=cmd|' /C calc'!A0", "camille@exemple.fr", "+33 6 12 34 56 78", "Zoé D'Artagnan-N'Guyen")
	h.book(id, "李 伟", "li@exemple.fr", "06 00 00 00 03", "@娜 李")
	b := h.member(account.Staff)
	a := b.get("/equipe/seances/1/inscriptions.csv").wants(200).hides("arachides")
	if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="inscriptions-seance-1.csv"` {
		t.Errorf("Content-Disposition = %q", got)
	}
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body, "\ufeff")))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[0][0] != "Nom" || rows[1][0] != "D'Artagnan-N'Guyen" || rows[1][7] != "'=cmd|' /C calc'!A0" || rows[1][9] != "'+33 6 12 34 56 78" ||
		rows[2][1] != "'@娜" || rows[2][3] != "En attente" || rows[2][4] != "1" {
		t.Errorf("rows %q", rows)
	}
	if n := h.count("SELECT count(*) FROM access_log WHERE actor = 'user:" + strconv.FormatInt(h.users["staff@exemple.fr"], 10) + "' AND action = 'booking.export' AND record = 'session:1'"); n != 1 {
		t.Errorf("the access log has %d lines", n)
	}
	if table.Text("=1") == table.Text("1") {
		t.Error("the writer of exports lets formulas through")
	}
	h.member(account.Communication).get("/equipe/seances/1/inscriptions.csv").wants(403)
}

// UX-A5: fewer places than are taken is refused with the number, more are offered to the list.
func TestChangeCapacity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 2)
	h.book(id, "Camille", "camille@exemple.fr", "06 00 00 00 01", "Zoé D'Artagnan", "Łukasz D'Artagnan")
	h.book(id, "Nguyễn", "anh@exemple.fr", "06 00 00 00 02", "Ánh Nguyễn")
	b := h.member(account.Staff)
	const path = "/equipe/seances/1/modifier"
	form := b.get(path).wants(200).says("2 familles sont inscrites ou attendent").form(path)
	a := b.post(path, with(form, "capacity", "1")).wants(422).says("2 places sont déjà prises")
	if a.form(path).Get("capacity") != "1" {
		t.Error("what was typed is lost")
	}
	b.post(path, with(a.form(path), "capacity", "3")).leadsTo("/equipe/seances/1?fait=enregistree")
	b.get("/equipe/seances/1").says("3 enfants ont leur place", "Place proposée")
	if n := h.count("SELECT count(*) FROM outbox WHERE kind = ?", outbox.SeatOffered); n != 1 {
		t.Errorf("%d mails offer the seat, want 1", n)
	}
}

// A session that moves tells every family.
func TestMoveSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 4)
	h.book(id, "Camille", "camille@exemple.fr", "06 00 00 00 01", "Zoé D'Artagnan")
	b := h.member(account.Staff)
	const path = "/equipe/seances/1/modifier"
	b.post(path, with(b.get(path).form(path), "starts", "15:00", "ends", "17:00")).wants(303)
	b.get("/equipe/seances/1").says("samedi 9 mai 2026, 15 h – 17 h")
	if n := h.count("SELECT count(*) FROM outbox WHERE kind = ?", outbox.SessionMoved); n != 1 {
		t.Errorf("%d mails tell of the move, want 1", n)
	}
	// A deadline that was the start moves with it.
	if n := h.count("SELECT count(*) FROM sessions WHERE closes_at = starts_at"); n != 1 {
		t.Error("bookings no longer close at the start")
	}
}

// An hour that the change of clocks skips or doubles is asked back, and the answer is one tap.
func TestHoursOfTheChangeOfClocks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 4)
	b := h.member(account.Staff)
	const path = "/equipe/seances/nouvelle"
	plan := func(date, starts string) url.Values {
		return with(b.get(path).form(path), "workshop", "1", "venue", "1", "date", date, "starts", starts, "ends", "05:00")
	}
	for name, test := range map[string]struct {
		date   string
		says   []string
		meant  string
		starts string
	}{
		"doubled, second time": {"2026-10-25", []string{"reculent d'une heure", "2 h 30, la première fois (heure d'été)", "2 h 30, la seconde fois (heure d'hiver)"}, "02:30+01:00", "2026-10-25T01:30:00Z"},
		"doubled, first time":  {"2027-10-31", nil, "02:30+02:00", "2027-10-31T00:30:00Z"},
		"skipped":              {"2027-03-28", []string{"avancent d'une heure", "1 h 30", "3 h 30"}, "03:30", "2027-03-28T01:30:00Z"},
	} {
		a := b.post(path, plan(test.date, "02:30")).wants(422).says(test.says...)
		form := a.form(path)
		if a.doc.Find(`[name=starts_meant]`).Length() != 2 || form.Get("starts") != "02:30" {
			t.Fatalf("%s: two answers are offered, and what was typed stays", name)
		}
		answer := b.post(path, with(form, "starts_meant", test.meant)).wants(303)
		var starts string
		h.scan(&starts, "SELECT starts_at FROM sessions ORDER BY id DESC LIMIT 1")
		if starts != test.starts {
			t.Errorf("%s: starts at %s, want %s", name, starts, test.starts)
		}
		_ = answer
	}
	// Another hour typed instead of an answer counts.
	form := b.post(path, plan("2028-03-26", "02:30")).wants(422).form(path)
	b.post(path, with(form, "starts", "04:00", "starts_meant", "03:30")).wants(303)
	if n := h.count("SELECT count(*) FROM sessions WHERE starts_at = '2028-03-26T02:00:00Z'"); n != 1 {
		t.Error("the hour typed last does not count")
	}
}

func TestWrongSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	const path = "/equipe/seances/nouvelle"
	form := with(b.get(path).wants(200).form(path), "date", "hier", "capacity", "beaucoup", "payment_url", "http://payer.example")
	a := b.post(path, form).wants(422).says("Choisissez un atelier", "Choisissez un lieu", "Écrivez une date qui existe", "un nombre entier de 1 à 500", "https://")
	for name, want := range map[string]string{"date": "hier", "capacity": "beaucoup", "payment_url": "http://payer.example"} {
		if got := a.form(path).Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	empty := b.post(path, b.get(path).form(path)).wants(422)
	for _, optional := range []string{"ends", "capacity", "price"} {
		if empty.doc.Find("#"+optional+"[aria-invalid]").Length() > 0 {
			t.Errorf("%s may stay empty, and is called wrong", optional)
		}
	}
	unclear := b.post(path, with(b.get(path).form(path), "date", "2026-05-20", "starts", "")).wants(422)
	if wrong := unclear.doc.Find("#starts[aria-invalid], #ends[aria-invalid]"); wrong.Length() != 1 || wrong.AttrOr("id", "") != "starts" {
		t.Error("the end, which follows from the start, is called wrong instead of it or beside it")
	}
	h.session("Robotique", 4)
	for _, slip := range []struct{ date, starts, ends, says string }{
		{"2026-05-20", "14:00", "14:00", "après"},
		{"2025-05-20", "14:00", "16:00", "Ce moment est déjà passé"},
	} {
		form := b.post(path, with(b.get(path).form(path), "workshop", "1", "venue", "1", "date", slip.date, "starts", slip.starts, "ends", slip.ends, "new_series", "Les mercredis")).wants(422).says(slip.says).form(path)
		if form.Get("date") != slip.date || form.Get("starts") != slip.starts || form.Get("ends") != slip.ends || form.Get("new_series") != "Les mercredis" {
			t.Errorf("what was typed is lost: %v", form)
		}
	}
	form = with(b.get(path).form(path), "workshop", "1", "venue", "1", "date", "2026-05-20", "starts", "14:00", "opens_date", "demain", "opens", "9:99")
	if a := b.post(path, form).wants(422); a.doc.Find("#opens_date[aria-invalid]").Length() != 1 {
		t.Errorf("a wrong day of opening is not told beside it: %s", a.text("main .error"))
	}
}

// A page offers no link that its reader may not follow.
func TestSessionLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 2)
	for _, role := range []account.Role{account.Communication, account.Staff} {
		b := h.member(role)
		b.get("/equipe/seances/1").wants(200).doc.Find("main a[href^='/']").Each(func(_ int, a *goquery.Selection) {
			if path := a.AttrOr("href", ""); b.get(path).Status != 200 {
				t.Errorf("%s leads a %s to %d", path, role, b.get(path).Status)
			}
		})
	}
}

// UX-A4: the number of families first, then one act; every family is told and stays in the list.
func TestCancelSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 2)
	h.book(id, "Camille", "camille@exemple.fr", "06 00 00 00 01", "Zoé D'Artagnan", "Łukasz D'Artagnan")
	h.book(id, "李 伟", "", "06 00 00 00 03", "李 娜")
	b := h.member(account.Staff)
	const path = "/equipe/seances/1/annuler"
	a := b.get(path).wants(200).says("2 familles seront prévenues.", "1 famille n'a pas d'e-mail : appelez-la.")
	long := b.post(path, with(a.form(path), "reason", strings.Repeat("é", 5000))).wants(422).form(path)
	if len(long.Get("reason")) != 10000 {
		t.Error("the reason is lost")
	}
	form := with(long, "reason", "La salle est inondée")
	for range 2 {
		b.post(path, form).leadsTo("/equipe/seances/1?fait=annulee")
	}
	b.get("/equipe/seances/1?fait=annulee").wants(200).says("La séance est annulée", "Annulée", "La salle est inondée", "3 inscriptions qui ne comptent plus", "Séance annulée")
	b.get(path).leadsTo("/equipe/seances/1")
	b.get("/equipe/seances/1/modifier").leadsTo("/equipe/seances/1")
	b.get("/equipe/seances?vue=annulees").says("Robotique")
	b.get("/equipe").says("Aucune séance n'est prévue")
	if n := h.count("SELECT count(*) FROM outbox WHERE kind = ?", outbox.SessionCancelled); n != 1 {
		t.Errorf("%d mails, want 1 for the one family with an address", n)
	}
	again := with(form, "form_key", h.web.Secret.FormKey("session-cancel", b.cookies()["__Host-ateliers"], h.clock.Now()))
	b.post(path, again).wants(409).says("Cette séance est annulée")
}

// UX-A2: a copy is one click and a date, and takes along who leads the session and its kits, as far as they are free.
func TestDuplicateSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 5)
	zoe, lukasz := h.user("zoe@exemple.fr", "Zoé Nguyễn", account.Facilitator), h.user("lukasz@exemple.fr", "Łukasz Żak", account.Facilitator)
	h.sql("INSERT INTO kits (name, copies, created_at, updated_at) VALUES ('12 Thymio', 1, '', ''), ('Ozobot', 1, '', '')")
	h.sql("INSERT INTO session_kits (session_id, kit_id, copies) VALUES (1, 1, 1), (1, 2, 1)")
	h.sql("INSERT INTO session_facilitators (session_id, user_id) VALUES (1, ?1), (1, ?2)", zoe, lukasz)
	h.sql("UPDATE sessions SET pricing = 'chosen', price_steps = '500 1000', price_cents = 500")
	b := h.member(account.Staff)
	if href := b.get("/equipe/seances").doc.Find(`.desk-list .state a`).AttrOr("href", ""); href != "/equipe/seances/1#copie" {
		t.Errorf("the list leads to the copy at %q", href)
	}
	form := b.get("/equipe/seances/1").form("/equipe/seances/1/dupliquer")
	a := b.post("/equipe/seances/1/dupliquer", with(form, "date", "2025-01-01")).wants(422).says("Ce moment est déjà passé")
	again := with(a.form("/equipe/seances/1/dupliquer"), "date", "2026-11-07")
	for range 2 {
		b.post("/equipe/seances/1/dupliquer", again).leadsTo("/equipe/seances/2?fait=copiee&de=1")
	}
	b.get("/equipe/seances/2?fait=copiee&de=1").wants(200).says("Voici la copie", "samedi 7 novembre 2026, 14 h – 16 h", "0 sur 5", "Brouillon", "Zoé Nguyễn", "Łukasz Żak", "12 Thymio", "5 €").hides("Déjà pris à cette heure")

	// On that day again, both and the kits are taken by the first copy; one of them is not any more.
	h.sql("DELETE FROM session_facilitators WHERE session_id = 2 AND user_id = ?", zoe)
	h.sql("DELETE FROM session_kits WHERE session_id = 2 AND kit_id = 2")
	a = b.post("/equipe/seances/1/dupliquer", with(b.get("/equipe/seances/1").form("/equipe/seances/1/dupliquer"), "date", "2026-11-07")).wants(409).says("le lieu « Espace Altnet » est déjà pris")
	b.post("/equipe/seances/1/dupliquer", with(a.form("/equipe/seances/1/dupliquer"), "anyway", a.doc.Find("button[name=anyway]").AttrOr("value", ""))).leadsTo("/equipe/seances/3?fait=copiee&de=1")
	b.get("/equipe/seances/3?fait=copiee&de=1").wants(200).says("pas repris : Łukasz Żak et 12 Thymio", "Qui anime Zoé Nguyễn", "Ozobot, 1 exemplaire")
}

// Who leads: added, taken off, and warned about who leads something else at that time.
func TestFacilitatorsOfASession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 5)
	h.session("Musique", 5)
	lukasz := h.user("lukasz@exemple.fr", "Łukasz Żak", account.Facilitator)
	h.user("ines@exemple.fr", "Inès Ferreira", account.Communication)
	h.must(h.web.Catalog.Assign(t.Context(), account.Command(), h.key(), 2, lukasz))
	b := h.member(account.Staff)
	a := b.get("/equipe/seances/1").says("Personne n'anime", "Łukasz Żak (anime déjà Musique · Initiation, 14 h – 16 h, Espace Altnet)").hides("Inès Ferreira")
	const assign, unassign = "/equipe/seances/1/animer", "/equipe/seances/1/retirer"
	b.post(assign, a.form(assign)).wants(422).says("Choisissez une personne")
	b.post(assign, with(b.get("/equipe/seances/1").form(assign), "facilitator", strconv.FormatInt(lukasz, 10))).leadsTo("/equipe/seances/1?fait=animation")
	a = b.get("/equipe/seances/1").says("Anime aussi, au même moment : Musique · Initiation")
	if a.doc.Find(`a[href="/animation/seances/1/transmettre"]`).Length() != 1 {
		t.Error("no way to hand the session over")
	}
	b.post(unassign, a.form(unassign)).leadsTo("/equipe/seances/1?fait=retrait")
	b.get("/equipe/seances/1").says("Personne n'anime")
	if n := h.count("SELECT count(*) FROM session_facilitators"); n != 1 {
		t.Errorf("%d lead, want the one of the other session", n)
	}
}

// Past sessions show by year, the latest first.
func TestPastSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 5)
	h.clock.Set(time.Date(2027, 2, 1, 9, 0, 0, 0, time.UTC))
	b := h.member(account.Staff)
	b.get("/equipe/seances").wants(200).says("Aucune séance ici")
	this := b.get("/equipe/seances?vue=passees").wants(200).says("Séances passées en 2027", "Aucune séance ici")
	before := this.doc.Find(`main a:contains("2026")`).AttrOr("href", "")
	b.get(before).wants(200).says("Séances passées en 2026", "Robotique", "Terminée", "Séances de 2027")
	b.get("/equipe/seances?vue=passees&annee=9999999").wants(200).says("2027")
	b.get("/equipe/seances?vue=tout").wants(200).says("À venir")
	// What is over cannot be changed, and says so.
	page := b.get("/equipe/seances/1").wants(200)
	if page.doc.Find(`form[action$="/animer"], a[href$="/modifier"], a[href$="/annuler"]`).Length() != 0 {
		t.Error("a past session offers to be changed")
	}
	const path = "/equipe/seances/1/modifier"
	b.post(path, b.get(path).form(path)).wants(409).says("Cette séance a commencé")
}

// Communication reads the programme and its families, and changes nothing.
func TestCommunicationReads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 5)
	h.book(id, "Camille", "camille@exemple.fr", "06 00 00 00 01", "Zoé D'Artagnan")
	b := h.member(account.Communication)
	for _, path := range []string{"/equipe", "/equipe/seances", "/equipe/seances/1", "/equipe/ateliers", "/equipe/lieux"} {
		a := b.get(path).wants(200)
		if n := a.doc.Find("main form[method=post]").Length(); n != 0 {
			t.Errorf("%s has %d forms", path, n)
		}
		if n := a.doc.Find(`main a[href$="/modifier"], main a[href$="nouvelle"], main a[href$="nouveau"], main a[href$=".csv"], main a[href="/equipe/reglages"]`).Length(); n != 0 {
			t.Errorf("%s leads to %d pages that are closed", path, n)
		}
	}
	b.get("/equipe/seances/1").says("Zoé D'Artagnan", "camille@exemple.fr")
}

// Mails that did not arrive are told at home, listed with the reason, and sent again on demand.
func TestMails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 5)
	h.book(id, "Camille", "camille@exemple.fr", "06 00 00 00 01", "Zoé D'Artagnan")
	h.book(id, "Łukasz", "lukasz@exemple.fr", "06 00 00 00 02", "Ali Żak")
	b := h.member(account.Staff)
	b.get("/equipe/mails").wants(200).says("Tout ce qui est parti est arrivé", "camille@exemple.fr", "Confirmation d'inscription", "2 mails devraient déjà être partis")
	claimed, err := h.web.Outbox.Claim(t.Context(), 1)
	h.must(err)
	h.must(h.web.Outbox.Failed(t.Context(), claimed[0].ID, errors.New("550 no such user <b>"), true))
	b.get("/equipe").says("1 mail n'est pas arrivé")
	a := b.get("/equipe/mails").says("550 no such user <b>", "Abandonné le lun. 4 mai à 14 h.")
	path := "/equipe/mails/" + strconv.FormatInt(claimed[0].ID, 10) + "/renvoyer"
	form := a.form(path)
	for range 2 {
		b.post(path, form).leadsTo("/equipe/mails?fait=renvoi")
	}
	b.get("/equipe/mails?fait=renvoi").says("Le mail repart.", "Tout ce qui est parti est arrivé")
	select {
	case <-h.web.Outbox.Wake():
	default:
		t.Error("nobody woke the worker")
	}
	again := url.Values{"form_key": {h.web.Secret.FormKey("mail-resend", b.cookies()["__Host-ateliers"], h.clock.Now())}}
	b.post(path, again).wants(409).says("n'attend plus d'être renvoyé")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	const path = "/equipe/reglages"
	form := b.get(path).wants(200).form(path)
	if form.Get("sheet_blank_lines") != "5" || form.Get("association_name") != "Les Bricodeurs" {
		t.Errorf("form %v", form)
	}
	a := b.post(path, with(form, "association_name", "", "association_siret", "123", "association_phone", "04 78 00 00 00")).wants(422).says("2 points", "14 chiffres", "ne peut pas rester vide")
	again := a.form(path)
	if again.Get("association_siret") != "123" || again.Get("association_phone") != "04 78 00 00 00" {
		t.Errorf("what was typed is lost: %v", again)
	}
	b.post(path, with(again, "association_name", "Les Amis d'Ada & 李", "association_siret", "", "association_address", "7 place\r\nLyon")).leadsTo("/equipe/reglages?fait=enregistree")
	now := b.get(path).form(path)
	if now.Get("association_name") != "Les Amis d'Ada & 李" || now.Get("association_address") != "7 place\nLyon" {
		t.Errorf("stored %v", now)
	}
}

// TestSettingsOfHours: the hours of offers are bounded one by one and together, nothing typed is lost; every page that names one
// names the one in force.
func TestSettingsOfHours(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	const path = "/equipe/reglages"
	form := b.get(path).wants(200).says("Les offres déjà faites gardent leur délai").form(path)
	a := b.post(path, with(form, "offer_longest_hours", "23", "offer_shortest_hours", "4")).wants(422).says("2 points", "entre 24 et 96", "entre 1 et 3")
	a = b.post(path, with(a.form(path), "offer_longest_hours", "72", "offer_shortest_hours", "2", "offer_waking_from", "14", "offer_waking_until", "13",
		"association_phone", "04 78 00 00 00")).wants(422).says("doit durer au moins 4 heures", "Elle commence à 14 h", "18 ou plus")
	again := a.form(path)
	if again.Get("offer_waking_until") != "13" || again.Get("offer_longest_hours") != "72" || again.Get("association_phone") != "04 78 00 00 00" {
		t.Errorf("what was typed is lost: %v", again)
	}
	if now := b.get(path).form(path); now.Get("offer_longest_hours") != "48" || now.Get("association_phone") != "" {
		t.Errorf("part of it was stored: %v", now)
	}
	b.post(path, with(again, "offer_waking_from", "9", "offer_waking_until", "20", "offer_unasked_until", "17")).leadsTo("/equipe/reglages?fait=enregistree")
	b.get(path).says("Par défaut : 48. Changé par")
}

// A session that has begun can still be put into a series, from its page: its other fields have closed.
func TestBegunSessionJoinsASeries(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 5)
	const page, path = "/equipe/seances/1", "/equipe/seances/1/cycle"
	if action := h.member(account.Staff).get(page).doc.Find(`form[action="` + path + `"]`); action.Length() != 0 {
		t.Error("its own form has a series before it begins")
	}
	var starts string
	h.scan(&starts, "SELECT starts_at FROM sessions WHERE id = 1")
	at, err := time.Parse(time.RFC3339, starts)
	h.must(err)
	h.clock.Set(at.Add(time.Minute))
	b := h.member(account.Staff)
	form := b.get(page).says("même après coup").form(path)
	a := b.post(path, with(form, "new_series", strings.Repeat("é", 121))).wants(422).says("Ce texte est trop long")
	b.post(path, with(a.form(path), "new_series", "Les samedis de Łukasz & 李")).leadsTo(page + "?fait=enregistree")
	b.get(page).says("Les samedis de Łukasz & 李")
	if got := b.get(page).form(path).Get("series"); got != "1" {
		t.Errorf("the form has series %q", got)
	}
}

// A session that was cancelled by mistake is restored from its page within ten minutes; later the page offers it no more (UX-A4, UX-A10).
func TestRestoreSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session("Robotique", 2)
	reference := h.book(session, "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé D'Artagnan-N'Guyen")
	b, path := h.member(account.Staff), "/equipe/seances/"+idText(session)
	b.post(path+"/annuler", with(b.get(path+"/annuler").form(path+"/annuler"), "reason", "Grève")).leadsTo(path + "?fait=annulee")
	h.clock.Advance(9 * time.Minute)
	page := b.get(path).wants(200).says("Annulée par erreur ? Jusqu'à 14 h 10", "Rétablir la séance")
	h.member(account.Communication).get(path).wants(200).hides("Rétablir la séance")
	b.post(path+"/retablir", page.form(path+"/retablir")).leadsTo(path + "?fait=retablie")
	b.get(path+"?fait=retablie").wants(200).says("La séance est rétablie", "Zoé D'Artagnan-N'Guyen", "1 sur 2").hides("Rétablir la séance")
	b.get("/equipe/inscriptions/"+reference).wants(200).says("Séance annulée par l'équipe", "Séance rétablie par l'équipe")

	b.post(path+"/annuler", b.get(path+"/annuler").form(path+"/annuler")).leadsTo(path + "?fait=annulee")
	late := b.get(path).form(path + "/retablir")
	h.clock.Advance(10 * time.Minute)
	b.get(path).wants(200).hides("Rétablir la séance")
	b.post(path+"/retablir", late).wants(409).says("Les dix minutes sont passées")
}

// Who pays for a session is said after it has started too, until its register is closed: then its figures stand.
func TestFundingAfterTheStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 4)
	b := h.member(account.Staff)
	const page, path = "/equipe/seances/1", "/equipe/seances/1/financement"
	b.get(page).hides(path)
	h.sql("UPDATE sessions SET starts_at = '2026-05-01T12:00:00Z', ends_at = '2026-05-01T14:00:00Z', closes_at = '2026-05-01T12:00:00Z'")
	form := b.get(page).wants(200).says("Enregistrer le financement").form(path)
	b.post(path, with(form, "funding", "un mécène")).wants(422)
	b.post(path, with(form, "funding", "cite_educative")).leadsTo(page + "?fait=enregistree")
	if n := h.count("SELECT count(*) FROM sessions s JOIN audit a ON a.record = 'session:' || s.id AND a.action = 'session.edit' AND a.details LIKE '%cite_educative%' WHERE s.funding = 'cite_educative' AND s.id = ?", id); n != 1 {
		t.Errorf("%d sessions are funded", n)
	}
	late := b.get(page).form(path)
	h.sql("INSERT INTO closings (session_id, closed_at, last_mark) VALUES (1, '2026-05-02T08:00:00Z', 0)")
	b.get(page).says("ses chiffres sont arrêtés")
	b.post(path, with(late, "funding", "")).wants(409).says("Rouvrez-la d'abord")
	h.member(account.Communication).post(path, late).wants(403)
}
