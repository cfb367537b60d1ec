package web

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
)

// tap is the form of the first button with this label, of a line that says something.
func (a *answer) tap(line, label string) url.Values {
	a.t.Helper()
	form := a.doc.Find("main li").FilterFunction(func(_ int, li *goquery.Selection) bool { return strings.Contains(li.Text(), line) }).
		Find("form").FilterFunction(func(_ int, f *goquery.Selection) bool { return strings.HasPrefix(f.Find("button").Text(), label) })
	if form.Length() == 0 {
		a.t.Fatalf("%s has no button %q for %q:\n%s", a.what, label, line, a.text("main"))
	}
	values := url.Values{}
	form.First().Find("input").Each(func(_ int, in *goquery.Selection) {
		if _, checked := in.Attr("checked"); in.AttrOr("type", "") != "checkbox" || checked {
			values.Add(in.AttrOr("name", ""), in.AttrOr("value", ""))
		}
	})
	return values
}

// waits puts children of a family of its own on the list of a session, and returns the reference.
func (h *house) waits(session int64, r booking.Request, name, email string, firsts ...string) string {
	h.t.Helper()
	r.SessionID, r.IfFull = session, booking.Wait
	r.Guardian = family.NewGuardian{Name: name, Email: email, Phone: "06 12 34 56 78", Language: "fr"}
	for _, first := range firsts {
		r.Children = append(r.Children, family.NewChild{FirstName: first, LastName: "D'Artagnan-N'Guyen", BirthDate: born(2017, 9, 3),
			Health: family.Health{State: family.HealthNone}, Image: family.Later})
	}
	reference, err := h.web.Bookings.Book(h.t.Context(), account.Guest(), h.key(), r)
	h.must(err)
	return reference
}

// TestCallList: the home of the desk leads to whom to call; a tap does what the family said, once (domain, Waiting list 9).
func TestCallList(t *testing.T) {
	t.Parallel()
	h := &saturday{house: newHouse(t)}
	h.session = h.house.session("Robotique", 1)
	first := h.waits(h.session, booking.Request{}, "أمينة علي", "amina@exemple.fr", "محمد")
	h.waits(h.session, booking.Request{}, "Camille D'Artagnan", "camille@exemple.fr", "Zoé")
	h.waits(h.session, booking.Request{}, "李 Wei", "", "李")
	b := h.member(account.Staff)
	b.get("/equipe").wants(200).hides("Voir qui appeler")
	b.get("/equipe/appels").wants(200).says("Personne n'est à appeler")

	h.clock.Set(time.Date(2026, 5, 9, 8, 15, 0, 0, time.UTC))
	b = h.member(account.Staff) // who signed in days ago has to do so again
	h.must(h.web.Bookings.CancelFor(t.Context(), account.Command(), h.key(), first, nil))
	b.get("/equipe").wants(200).says("1 famille à appeler", "Voir qui appeler")
	page := b.get("/equipe/appels").wants(200).says("Place libre", "Camille D'Artagnan", "06 12 34 56 78",
		"« Une place est libre pour Zoé, samedi 9 mai à 14 h. La voulez-vous ? »", "Accepte", "Refuse", "Pas de réponse")
	if page.doc.Find(`a[href="tel:0612345678"]`).Length() != 1 {
		t.Error("no way to call")
	}
	silent := page.tap("Zoé", "Pas de réponse")
	for range 2 {
		b.post("/equipe/appels", silent).leadsTo("/equipe/appels?fait=appel-silence")
	}
	if n := h.count("SELECT count(*) FROM calls"); n != 1 {
		t.Errorf("%d calls are kept, want 1", n)
	}
	page = b.get("/equipe/appels?fait=appel-silence").wants(200).says("pas de réponse. Si cette famille attend, elle garde son rang.", "李 Wei", "Sans réponse pour l'instant", "sans réponse à 10 h 15")
	b.post("/equipe/appels", page.tap("李 Wei", "Accepte")).leadsTo("/equipe/appels?fait=appel-place")
	b.post("/equipe/appels", page.tap("Zoé", "Accepte")).wants(409).says("Cet appel n'est plus à faire")
	b.get("/equipe/appels").wants(200).says("Personne n'est à appeler")
	if n := h.count("SELECT count(*) FROM bookings WHERE status = 'confirmed'"); n != 1 {
		t.Errorf("%d seats of 1 are taken", n)
	}
}

// TestStandbyOnTheRegister: on its day, and only then, the register says whom to call when a child does not come; who comes
// stands on it at once.
func TestStandbyOnTheRegister(t *testing.T) {
	t.Parallel()
	h := &saturday{house: newHouse(t)}
	h.session = h.sessionOf(catalog.Workshop{
		Title: "Robotique", Level: "Initiation", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 1, DurationMinutes: 120,
	}, catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", Capacity: 1, PriceCents: 1400})
	h.path = fmt.Sprintf("/animation/seances/%d", h.session)
	h.nadia, h.amine = h.user("nadia@exemple.fr", "Nadia Łukaszewska", account.Facilitator), h.user("amine@exemple.fr", "Amine Şahin", account.Facilitator)
	h.must(h.web.Catalog.Assign(t.Context(), account.Command(), h.key(), h.session, h.nadia))
	h.waits(h.session, booking.Request{}, "أمينة علي", "amina@exemple.fr", "محمد")
	h.clock.Set(time.Date(2026, 5, 9, 12, 5, 0, 0, time.UTC))
	nadia := h.as("nadia@exemple.fr")
	nadia.get(h.path).wants(200).hides("Si un enfant ne vient pas")

	h.clock.Set(time.Date(2026, 5, 5, 12, 5, 0, 0, time.UTC))
	pair := booking.Request{Together: true}
	h.waits(h.session, pair, "Camille D'Artagnan", "camille@exemple.fr", "Zoé", "Łukasz")
	h.waits(h.session, booking.Request{}, "李 Wei", "li@exemple.fr", "李", "Anh")
	nadia.get(h.path).wants(200).hides("Si un enfant ne vient pas", "Camille")
	h.clock.Set(time.Date(2026, 5, 9, 12, 5, 0, 0, time.UTC))
	nadia = h.as("nadia@exemple.fr")
	h.member(account.Communication).get(h.path).wants(200).hides("Si un enfant ne vient pas", "06 12 34 56 78")
	page := nadia.get(h.path).wants(200).says("Si un enfant ne vient pas", "Aucun enfant n'est noté absent.", "Aucune place n'est à donner", "1 enfant n'est pas encore pointé.", "Zoé et Łukasz", "ensemble, ou personne", "06 12 34 56 78", "Qui vient ?")
	amine := h.as("amine@exemple.fr")
	silent := page.tap("Zoé et Łukasz", "Pas de réponse")
	silent.Set(formKeyField, h.web.Secret.FormKey("standby", amine.cookies()[h.web.SignIns.Cookie.Name], h.clock.Now()))
	amine.post(h.path+"/appels", silent).wants(404)
	nadia.post(h.path+"/appels", page.tap("Zoé et Łukasz", "Pas de réponse")).leadsTo(h.path + "?appels=1#appels")
	page = nadia.get(h.path + "?appels=1").wants(200).says("sans réponse à 14 h 05")
	if page.doc.Find("details.standby[open]").Length() != 1 {
		t.Error("after a call the list is folded")
	}
	comes := page.tap("李 et Anh", "La famille vient")
	if len(comes["inscription"]) != 1 {
		t.Errorf("%d children are ticked before any is away", len(comes["inscription"]))
	}
	anh := page.doc.Find("details.standby input[name=inscription][type=checkbox]").Last().AttrOr("value", "")
	comes.Set("inscription", anh) // 李 stays at home

	// Nobody is marked as absent: nobody is replaced, and one more child than seats needs a reason of its own.
	refused := nadia.post(h.path+"/appels", comes).wants(422).says("Dites pourquoi", "Pourquoi ?", "Aucune place n'est à donner")
	if box := refused.doc.Find("details.standby[open] textarea[name=reason][aria-invalid]"); box.Length() != 1 {
		t.Error("no box for the reason")
	}
	if chosen := refused.doc.Find("details.standby input[name=inscription][type=checkbox][checked]"); chosen.Length() != 1 || chosen.AttrOr("value", "") != anh {
		t.Errorf("%d children are ticked, want the one that was", chosen.Length())
	}
	var seated int64
	h.scan(&seated, "SELECT id FROM bookings WHERE status = 'confirmed'")
	page = h.tap(nadia, seated, "absent").says("1 enfant est noté absent ou excusé.", "Une place est à donner.").hides("pas encore pointé")
	if n := page.doc.Find("details.standby input[name=inscription][type=checkbox][checked]").Length(); n != 1 {
		t.Errorf("%d children are ticked for one seat", n)
	}
	comes = page.tap("李 et Anh", "La famille vient")
	comes.Set("inscription", anh)
	for range 2 {
		nadia.post(h.path+"/appels", comes).leadsTo(h.path + "#enfant-" + anh)
	}
	nadia.get(h.path).wants(200).says("Anh D'Artagnan-N'Guyen", "2 inscrits")
	if n := h.count("SELECT count(*) FROM bookings WHERE override_by = ? AND override_reason = 'remplace un enfant absent'", h.nadia); n != 1 {
		t.Errorf("%d overrides, want 1 with the name of who took the child in", n)
	}
	nadia.get(h.path).says("1 enfant est noté absent ou excusé.", "Aucune place n'est à donner")
	comes = nadia.get(h.path).tap("李", "La famille vient")
	comes.Set("reason", "Une chaise de plus")
	alone := comes.Get("inscription")
	nadia.post(h.path+"/appels", comes).leadsTo(h.path + "#enfant-" + alone)
	if n := h.count("SELECT count(*) FROM bookings WHERE override_by = ? AND override_reason = 'Une chaise de plus'", h.nadia); n != 1 {
		t.Errorf("%d chairs more, want 1", n)
	}
	h.tap(nadia, seated, "annuler")
	comes = page.tap("Zoé et Łukasz", "La famille vient")
	comes.Del("inscription")
	nadia.post(h.path+"/appels", comes).wants(422).says("Cochez au moins un enfant")
}
