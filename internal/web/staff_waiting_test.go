package web

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// lively is a session of one seat whose list has a story: Aoife has the seat, then wait محمد, the two of the family
// Nguyễn, together, and 李 娜, whose family has no e-mail.
func (h *house) lively() (session int64, refs map[string]string) {
	h.t.Helper()
	session = h.session("Robotique", 1)
	refs = map[string]string{
		"Aoife": h.book(session, "Siobhán Ó Briain", "siobhan@exemple.fr", "+353 1 555 0107", "Aoife Ní Bhriain"),
		"محمد":  h.book(session, "Łukasz Żak", "lukasz@exemple.fr", "06 00 00 00 02", "محمد Nguyễn"),
	}
	h.clock.Advance(time.Minute)
	refs["Élie"] = h.book(session, "Nguyễn Thị Lan", "lan@exemple.fr", "06 00 00 00 04", "Élie Nguyễn", "Ánh Nguyễn")
	refs["李"] = h.book(session, "李 伟", "", "06 00 00 00 03", "李 娜")
	h.must(h.web.Bookings.SetWishesFor(h.t.Context(), account.Command(), h.key(), refs["Élie"], booking.Wishes{Together: true, Unasked: true}))
	return session, refs
}

// press sends the form of an act, with some fields filled.
func (b *teamBrowser) press(page, action string, fields ...string) *answer {
	b.h.t.Helper()
	return b.post(action, with(b.get(page).wants(200).form(action), fields...))
}

// The list of a session tells who is next, how to reach them, what they asked for and how every offer went.
func TestWaitingList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, refs := h.lively()
	b := h.member(account.Staff)
	const list = "/equipe/seances/1/attente"
	a := b.get(list).wants(200).says("4 enfants sur la liste d'attente", "1re محمد Nguyễn", "2e Élie Nguyễn", "3e Ánh Nguyễn", "4e 李 娜", "9 ans",
		"A rejoint la liste le lun. 4 mai à 14 h 01", "Des places ensemble, ou aucune. Sans redemander", "Pas d'e-mail : à appeler")
	a.hides("arachides", "Aoife")
	if a.doc.Find(`main a[href="tel:0600000003"]`).Length() != 1 || a.doc.Find(`main a[href="mailto:lukasz@exemple.fr"]`).Length() != 1 {
		t.Error("a family cannot be called or written to")
	}
	if a.doc.Find(`main a[href="`+deskBookingPath(refs["李"])+`"]`).Length() != 1 {
		t.Error("the list does not lead to a booking")
	}

	// The seat comes free: the first is offered it, and does not answer.
	h.cancel(refs["Aoife"])
	a = b.get(list).says("1 famille doit répondre", "Place proposée le lun. 4 mai à 14 h 01, réponse attendue jusqu'au mer. 6 mai à 14 h 01")
	if a.doc.Find(`form[action="`+deskBookingPath(refs["محمد"])+`/accepter"]`).Length() != 1 {
		t.Error("the list has no button for who accepts by phone")
	}
	h.clock.Advance(48*time.Hour + time.Minute)
	_, err := h.web.Bookings.ExpireOffers(t.Context())
	h.must(err)
	b = h.member(account.Staff)
	b.get(list).says("1re محمد Nguyễn", "sans réponse le mer. 6 mai", "1 famille doit répondre", "李 娜")

	// Who left is told apart from who never waited.
	h.cancel(refs["Élie"])
	b.get(list).says("Annulée par la famille").hides("Aoife")
	// Communication reads it, and may do nothing.
	a = h.member(account.Communication).get(list).wants(200).says("محمد Nguyễn")
	if n := a.doc.Find("main form, main .acts").Length(); n > 0 {
		t.Errorf("communication has %d acts", n)
	}
}

// Once the session is over nobody waits any more, and nothing on the pages says so (domain, Waiting list 7).
func TestPastList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, refs := h.lively()
	const list, session = "/equipe/seances/1/attente", "/equipe/seances/1"
	v, err := h.web.Catalog.Session(t.Context(), id)
	h.must(err)
	h.clock.Set(v.EndsAt.Add(-time.Minute)) // until then a child may still be called in
	h.member(account.Staff).get(list).wants(200).says("4 enfants sur la liste d'attente", "En attente", "Les règles de la liste")
	h.clock.Set(v.EndsAt)
	b := h.member(account.Staff)
	present := []string{"attendent", "En attente", "Attend ", "enfants sur la liste d'attente", "doit répondre"}
	b.get(list).wants(200).says("4 enfants sont restés sur la liste d'attente", "Sans place", "A rejoint la liste le lun. 4 mai à 14 h 01").hides(present...).hides("Les règles de la liste")
	b.get(session).wants(200).says("4 enfants sont restés sur la liste", "Sans place").hides(present...)
	b.get(deskBookingPath(refs["李"])).wants(200).says("Sans place").hides(present...)
	b.get("/equipe/seances?vue=" + viewPast).wants(200).hides(present...)

	// Who was too slow finds the way back to where they were (409).
	late := b.get(deskBookingPath(refs["Aoife"]) + "/donner").wants(409).says("Retour à l'inscription")
	if late.doc.Find(`main a[href="`+deskBookingPath(refs["Aoife"])+`"]`).Length() != 1 {
		t.Error("no way back to the booking")
	}
}

// A list is closed to newcomers and opened again.
func TestCloseList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, _ := h.lively()
	b := h.member(account.Staff)
	const list = "/equipe/seances/1/attente"
	b.press(list, list, "closed", "1").leadsTo(list + "?fait=liste-fermee")
	b.get(list+"?fait=liste-fermee").says("La liste est fermée", "Rouvrir la liste", "4 enfants sur la liste d'attente")
	if n := h.count("SELECT count(*) FROM sessions WHERE id = ? AND list_closed_at IS NOT NULL", id); n != 1 {
		t.Error("the list is not closed")
	}
	b.press(list, list, "closed", "0").leadsTo(list + "?fait=liste-ouverte")
}

// Offering or giving a seat says first what it means for the others, and asks why where the rules would not do it.
func TestGiveOutOfOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, refs := h.lively()
	b := h.member(account.Staff)
	give := deskBookingPath(refs["李"]) + "/donner"
	a := b.get(give).wants(200).says("Ce sera le 2e enfant pour 1 place.", "Elle passe devant 2 familles", "dites-le-lui au téléphone")
	a = b.post(give, a.form(give)).wants(422).says("Dites pourquoi")
	a = b.post(give, with(a.form(give), "reason", strings.Repeat("é", 600))).wants(422).says("dépasse 500 signes")
	if len([]rune(a.form(give).Get("reason"))) != 600 {
		t.Error("the reason is lost")
	}
	b.post(give, with(a.form(give), "reason", "Sa sœur est inscrite")).leadsTo(deskBookingPath(refs["李"]) + "?fait=donnee")
	b.get(deskBookingPath(refs["李"])).says("Place réservée", "Place donnée le lun. 4 mai", "Par Zoé D'Artagnan-N'Guyen : « Sa sœur est inscrite ».", "Décision au-delà des règles", "rien ne lui est envoyé")
	b.get("/equipe/seances/1/attente").says("1 famille n'est plus sur la liste", "Sa sœur est inscrite")
	if n := h.count("SELECT count(*) FROM audit WHERE action = 'booking.override'"); n != 1 {
		t.Errorf("%d overrides in the audit", n)
	}

	// The first of the list passes before nobody, and is one too many all the same.
	offer := deskBookingPath(refs["محمد"]) + "/proposer"
	b.get(offer).says("Ce sera le 3e enfant", "peut répondre jusqu'à").hides("passe devant")
	// Two siblings: those chosen, and none chosen is told beside them.
	give = deskBookingPath(refs["Élie"]) + "/donner"
	form := b.get(give).says("Pour quels enfants").form(give)
	both := form["booking"]
	if len(both) != 2 {
		t.Fatalf("%d children are chosen at first", len(both))
	}
	form = url.Values{formKeyField: form[formKeyField], "choose": {"1"}, "reason": {"parce que"}}
	a = b.post(give, form).wants(422).says("Cochez au moins un enfant")
	if a.form(give).Get("reason") != "parce que" {
		t.Error("the reason is lost")
	}
	form = with(a.form(give), "reason", "parce que")
	form["booking"] = both[:1]
	b.post(give, form).wants(303)
	b.get(deskBookingPath(refs["Élie"])).says("Place réservée", "En attente")
}

// The team accepts, declines, cancels, changes wishes and sends the link for a family that calls; sent twice it is done once.
func TestActsForFamily(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, refs := h.lively()
	b := h.member(account.Staff)
	h.cancel(refs["Aoife"])
	list := deskListPath(session)
	accept := deskBookingPath(refs["محمد"]) + "/accepter"
	form := b.get(list).form(accept)
	for range 2 {
		b.post(accept, form).leadsTo(list + "?fait=acceptee")
	}
	if n := h.count("SELECT count(*) FROM outbox WHERE kind = ? AND payload ->> '$.reference' = ?", outbox.BookingConfirmed, refs["محمد"]); n != 1 {
		t.Errorf("%d mails confirm the seat", n)
	}
	page := deskBookingPath(refs["محمد"])
	b.get(page).says("Place acceptée. 1 place.lun. 4 mai à 14 h 01, Zoé D'Artagnan-N'Guyen", "acceptée le")
	b.press(page, page+"/lien").leadsTo(page + "?fait=lien")
	if n := h.count("SELECT count(*) FROM outbox WHERE kind = ?", outbox.BookingRepeated); n != 1 {
		t.Errorf("%d mails bring the link", n)
	}
	b.press(page+"/annuler", page+"/annuler").leadsTo(page + "?fait=quittee")

	// The seat passes on to who can use it: the two together cannot, 李 娜 can. She has no address, and declines by phone.
	page = deskBookingPath(refs["李"])
	b.press(page+"/refuser", page+"/refuser").leadsTo(page + "?fait=refusee")
	b.get(page).says("Place refusée", "refusée le", "Zoé D'Artagnan-N'Guyen")
	b.get(page + "/refuser").wants(409)

	page = deskBookingPath(refs["Élie"])
	form = b.get(page + "/souhaits").wants(200).form(page + "/souhaits")
	if form.Get("seating") != "together" || form.Get("unasked") != "yes" {
		t.Errorf("the wishes are shown as %v", form)
	}
	form.Del("unasked")
	b.post(page+"/souhaits", with(form, "seating", "any")).leadsTo(page + "?fait=souhaits")
	b.get(page).says("Souhaits changés", "Place proposée")
}

// A family joins another session of the workshop, and its own again once it left.
func TestJoinForFamily(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, refs := h.lively()
	b := h.member(account.Staff)
	copied := b.press("/equipe/seances/1", "/equipe/seances/1/dupliquer", "date", "2026-05-16").wants(303)
	other := strings.TrimSuffix(copied.Header.Get("Location"), "?fait=copiee&de=1")
	b.press(other, other+"/publier").wants(303)
	page := deskBookingPath(refs["محمد"]) + "/autre-seance"
	a := b.get(page).wants(200).says("samedi 16 mai 2026", "Il reste 1 place")
	b.post(page, a.form(page)).wants(422).says("Choisissez une séance.")
	done := b.press(page, page, "session", strings.TrimPrefix(other, "/equipe/seances/")).wants(303)
	joined, _, _ := strings.Cut(done.Header.Get("Location"), "?")
	b.get(joined).wants(200).says("Place réservée", "Autre choix", "Arrivée depuis une autre inscription", "au téléphone, par Zoé D'Artagnan-N'Guyen")
	b.get(deskListPath(1)).says("Autre choix : sam. 16 mai")

	leave := deskBookingPath(refs["李"]) + "/annuler"
	b.press(leave, leave).wants(303)
	page = deskBookingPath(refs["李"]) + "/autre-seance"
	b.get(page).says("Cette séance, de nouveau")
	b.press(page, page, "session", "1").wants(303)
	b.get(deskListPath(1)).says("4e 李 娜", "1 famille n'est plus sur la liste")
}

var actionOfBooking = regexp.MustCompile(`"(booking\.[a-z_]+)", record\("session"`)

// Whatever the audit notes of a booking, its page says in words.
func TestEveryStepHasWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../booking/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of package booking: %v", err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, action := range actionOfBooking.FindAllSubmatch(source, -1) {
			// These name no booking, or are no change.
			if name := string(action[1]); stepKeys[name] == "" && name != "booking.repeated" && name != "booking.export" && name != "booking.save_draft" {
				t.Errorf("%s notes %s, which stepKeys does not know: give it a text staff_booking.step.…", file, name)
			}
		}
	}
}
