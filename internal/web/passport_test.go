package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
)

// passportPaths returns the path of the passport of the family of a booking, and of its page by mail and by screen.
func (h *saturday) passportPaths(bookingID int64) (passport, byMail, byScreen string) {
	h.t.Helper()
	var reference string
	h.scan(&reference, "SELECT g.reference FROM booking_groups g JOIN bookings b ON b.group_id = g.id WHERE b.id = ?", bookingID)
	return PassportPath(h.web.Bookings.Sign(booking.LinkPassport, reference, 1)),
		BookingPath(h.web.Bookings.Sign(booking.LinkMail, reference, 1)), BookingPath(h.web.Bookings.Sign(booking.LinkScreen, reference, 1))
}

// The passport is the family's: by a link of its own that the booking page tells only to who came by mail, with what its
// children did and nothing of other families. Erased, it is a missing page (RGPD-8).
func TestPassportPage(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	nadia := h.as("nadia@exemple.fr")
	h.tap(nadia, h.zoe, "present")
	h.tap(nadia, h.anh, "present")
	passport, byMail, byScreen := h.passportPaths(h.zoe)
	guest := h.teamBrowser()
	guest.get(passport).wants(http.StatusOK).says("Rien n'est encore noté ici")
	guest.get(byMail).wants(http.StatusOK).hides("passeport")
	h.clock.Set(time.Date(2026, 5, 9, 14, 10, 0, 0, time.UTC))
	nadia = h.as("nadia@exemple.fr")
	nadia.post(h.path+"/attestations", nadia.get(h.path+"/attestations").form(h.path+"/attestations")).wants(http.StatusSeeOther)

	page := guest.get(passport).wants(http.StatusOK).says("Passeport de Zoé", "Zoé D'Artagnan-N'Guyen", "1 atelier, 2 h", "Robotique · Initiation", "samedi 9 mai 2026",
		"Lire un capteur", "Imprimer l'attestation").hides("Anh", "Linh", "Arachides", "6 12 34", "Nadia")
	if page.Header.Get("Cache-Control") != "no-store" || len(guest.cookies()) != 0 {
		t.Errorf("headers %v, cookies %v", page.Header, guest.cookies())
	}
	if page.doc.Find(`meta[name=robots][content*=noindex]`).Length() != 1 || page.doc.Find(".passport .holes .taken").Length() != 1 || page.doc.Find(".passport .holes i").Length() != rowOfHoles {
		t.Errorf("the page is\n%s", page.text("main"))
	}
	file := page.doc.Find(".proof a.no-print").AttrOr("href", "")
	paper := guest.get(file).wants(http.StatusOK)
	if text := pdfText(t, paper.Body); !strings.Contains(text, "Zoé D'Artagnan-N'Guyen") || strings.Contains(text, "Anh") {
		t.Errorf("the paper says\n%s", text)
	}
	if guest.get(byMail).wants(http.StatusOK).doc.Find(`a[href="`+passport+`"]`).Length() != 1 {
		t.Error("the booking does not lead to the passport")
	}
	guest.get(byScreen).wants(http.StatusOK).hides("passeport") // whoever typed an address that is not theirs

	// The link of another purpose, of another family, of nobody; the certificate of another family.
	other, _, _ := h.passportPaths(h.anh)
	code := file[strings.LastIndex(file, "/"):]
	signature := strings.Split(byMail, "/")[3]
	for _, path := range []string{passport + "x", passport[:strings.LastIndex(passport, "/")+1] + signature, other + code, other + "/222222222222", "/passeport/ADA-22222222/" + signature} {
		guest.get(path).wants(http.StatusNotFound).hides("Zoé")
	}

	h.clock.Set(time.Date(2026, 5, 10, 8, 0, 0, 0, time.UTC))
	staff := h.member(account.Staff)
	erase := "/equipe/inscriptions/" + strings.Split(byMail, "/")[2] + "/effacer"
	staff.post(erase, staff.get(erase).form(erase)).wants(http.StatusSeeOther)
	for _, path := range []string{passport, file} {
		guest.get(path).wants(http.StatusNotFound).hides("Zoé")
	}
	guest.get("/attestations"+code).wants(http.StatusOK).says("Cette attestation est valable", "Son nom a été effacé").hides("Zoé")
}

// A series from its form to its certificates: named on a session, summed over two, issued early only on demand.
func TestSeriesPages(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	path := fmt.Sprintf("/equipe/seances/%d/modifier", h.session)
	h.clock.Set(time.Date(2026, 5, 2, 8, 0, 0, 0, time.UTC))
	staff := h.member(account.Staff)
	form := staff.get(path).wants(http.StatusOK).says("Nouveau cycle").form(path)
	form.Set("new_series", "Les samedis de Łukasz")
	staff.post(path, form).wants(http.StatusSeeOther)
	staff.get(strings.TrimSuffix(path, "/modifier")).says("Les samedis de Łukasz")
	copied := fmt.Sprintf("/equipe/seances/%d/dupliquer", h.session)
	form = staff.get(strings.TrimSuffix(path, "/modifier")).form(copied)
	form.Set("date", "2026-05-16")
	staff.post(copied, form).wants(http.StatusSeeOther)
	second := int64(h.count("SELECT max(id) FROM sessions"))
	h.write(`UPDATE sessions SET status = 'published' WHERE id = ?`, second)
	h.write(`INSERT INTO booking_groups (reference, session_id, guardian_id, created_at) SELECT 'ADA-77777777', ?1, guardian_id, created_at FROM booking_groups WHERE id = 1`, second)
	h.write(`INSERT INTO bookings (group_id, session_id, child_id, status, created_at, updated_at)
		SELECT (SELECT max(id) FROM booking_groups), ?1, child_id, 'confirmed', created_at, updated_at FROM bookings WHERE id = ?2`, second, h.zoe)
	h.clock.Set(time.Date(2026, 5, 9, 12, 5, 0, 0, time.UTC))
	h.tap(h.as("nadia@exemple.fr"), h.zoe, "present")

	series := "/animation/cycles/1"
	h.as("nadia@exemple.fr").get(series).wants(http.StatusForbidden)
	staff = h.member(account.Staff)
	staff.get(series).wants(http.StatusOK).says("Cycle : Les samedis de Łukasz", "Personne n'est encore venu à deux séances")
	staff.get(series + "/attestations.pdf").wants(http.StatusConflict)
	staff.get("/animation/cycles/99").wants(http.StatusNotFound)
	h.clock.Set(time.Date(2026, 5, 16, 12, 5, 0, 0, time.UTC))
	nadia := h.as("nadia@exemple.fr")
	first := *h
	first.path = fmt.Sprintf("/animation/seances/%d", second)
	first.tap(nadia, int64(h.count("SELECT max(id) FROM bookings")), "present")
	staff = h.member(account.Staff)
	form = staff.get(series).wants(http.StatusOK).says("1 enfant est venu à deux séances", "Sans attendre la dernière séance").form(series)
	form.Set("tell", "oui")
	form = staff.post(series, form).wants(http.StatusConflict).says("Le cycle n'est pas fini").form(series)
	form.Set("early", "oui")
	form.Set("tell", "oui")
	staff.post(series, form).leadsTo(series + "?faites=1&mail=oui")
	list := staff.get(series).wants(http.StatusOK).says("Zoé D'Artagnan-N'Guyen", "4 h", "Valable")
	text := pdfText(t, staff.get(series+"/attestations.pdf").wants(http.StatusOK).Body)
	for _, want := range []string{"a suivi le cycle", "Les samedis de Łukasz", "2 séances", "4 h", "sam. 9 mai", "sam. 16 mai"} {
		if !strings.Contains(text, want) {
			t.Errorf("the certificate lacks %q:\n%s", want, text)
		}
	}
	staff.get(series+"/attestations/papier").wants(http.StatusOK).says("a suivi le cycle Les samedis de Łukasz", "2 séances", "(4 h d'atelier)")
	h.teamBrowser().get(list.doc.Find(".given a.num").AttrOr("href", "")).wants(http.StatusOK).says("Zoé D.", "a suivi le cycle Les samedis de Łukasz", "4 h d'atelier")
	passport, _, _ := h.passportPaths(h.zoe)
	h.clock.Set(time.Date(2026, 5, 16, 15, 0, 0, 0, time.UTC))
	h.teamBrowser().get(passport).wants(http.StatusOK).says("2 ateliers, 4 h", "Cycle : Les samedis de Łukasz")
	revoke := list.doc.Find(".given a.button").AttrOr("href", "")
	staff = h.member(account.Staff)
	form = staff.get(revoke).wants(http.StatusOK).form(revoke)
	form.Set("reason", "Erreur")
	staff.post(revoke, form).leadsTo(series + "?annulee=oui")
}
