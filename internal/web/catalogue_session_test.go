package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

// told is a session with everything that can be told of one.
func (s *site) told() int64 {
	s.t.Helper()
	id := s.sessionOf(catalog.Workshop{Title: "Étoile de Nguyễn & <Łukasz>, محمد, 李", Level: "Avancé", Discipline: "robotique", MinAge: 6, MaxAge: 12,
		Summary: "Un robot </script><b>à soi</b>.", Description: "On observe.\n\nOn programme.", Skills: "Lire un capteur\nChercher", Tools: "Thymio", Bring: "Une gourde.",
		Capacity: 12, DurationMinutes: 120},
		catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", Capacity: 2, PriceCents: 1450, OpensDate: "2026-05-05", OpensHour: "18:00",
			ClosesDate: "2026-05-08", ClosesHour: "20:00"})
	v, err := s.web.Catalog.Venue(s.t.Context(), s.venue)
	if err != nil {
		s.t.Fatal(err)
	}
	v.Access, v.StepFree = "Métro A.\nSonnez à « Ada ».", catalog.StepFreeYes
	if err := s.web.Catalog.EditVenue(s.t.Context(), account.Command(), s.key(), v, ""); err != nil {
		s.t.Fatal(err)
	}
	return id
}

func TestSessionPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.told()
	s.clock.Set(time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC))
	page := s.browser().get("/seances/1").want(200, "Étoile de Nguyễn & <Łukasz>, محمد, 李", "Robotique · Avancé", "samedi 9 mai 2026", "14 h – 16 h", "6–12 ans",
		"Espace Altnet, 7 place Louis Chazette, 69001 Lyon", "14,50 € par enfant, à régler sur place", "Il reste 2 places", "Ce qu'on y fait", "On programme.",
		"Ce qu'on y apprend", "Lire un capteur", "Avec quoi", "Thymio", "À apporter", "Une gourde.", "Métro A.", "Sonnez à « Ada ».", "On entre sans marche.")
	if got := page.Find("title").Text(); got != "Étoile de Nguyễn & <Łukasz>, محمد, 李 – Avancé, samedi 9\u00a0mai 2026 – Les Ateliers d'Ada" {
		t.Errorf("title %q", got)
	}
	if page.Find("main b:contains('à soi')").Length() > 0 || page.Find(".button").First().AttrOr("href", "") != "/inscription/1" {
		t.Error("the summary is not escaped, or the first button does not lead to the booking")
	}
	s.sql(`UPDATE sessions SET payment_url = 'https://www.helloasso.com/ada?a=1&b=2'`)
	page = s.browser().get("/seances/1").want(200, "à régler en ligne sur helloasso.com, une fois l'inscription faite")
	if page.Find(`main a[href="https://www.helloasso.com/ada?a=1&b=2"]`).Length() != 1 {
		t.Error("the link to pay is missing")
	}
	s.sql(`UPDATE sessions SET price_cents = 0`)
	page = s.browser().get("/seances/1").want(200, "Gratuit")
	if strings.Contains(page.text(), "régler") {
		t.Error("a free session is to be paid")
	}
}

// Each state of a session is its own clear page, with one way on.
func TestSessionPageStates(t *testing.T) {
	t.Parallel()
	day := func(d, hour, minute int) time.Time { return time.Date(2026, 5, d, hour, minute, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name    string
		now     time.Time
		do      func(s *site)
		says    []string
		hidden  []string
		button  string // the label of the button to book or wait
		instead bool
	}{
		{"before the opening", day(5, 15, 59), nil, []string{"Les inscriptions ouvrent mardi 5 mai 2026 à 18 h"}, []string{"Il reste"}, "", true},
		{"open", day(5, 16, 0), nil, []string{"Il reste 2 places"}, nil, "Réserver", false},
		{"full", day(6, 12, 0), func(s *site) { s.family(1, 2, false) }, []string{"Complet", "première famille de la liste"}, []string{"Il reste 2 places"}, "Rejoindre la liste d'attente", true},
		{"full with a list", day(6, 12, 0), func(s *site) { s.family(1, 2, false); s.family(1, 1, false) }, []string{"Complet – liste d'attente (1)"}, nil, "Rejoindre la liste d'attente", true},
		{"closed", day(8, 18, 0), nil, []string{"Les inscriptions sont closes"}, []string{"Il reste 2"}, "", true},
		{"started", day(9, 12, 0), nil, []string{"Cette séance est en cours"}, []string{"Il reste 2"}, "", true},
		{"past", day(9, 14, 0), nil, []string{"Cette séance a eu lieu samedi 9 mai 2026"}, []string{"Il reste 2", "Ajouter à mon agenda"}, "", true},
		{"cancelled", day(6, 12, 0), func(s *site) {
			s.sql(`UPDATE sessions SET status = 'cancelled', cancel_reason = 'Łukasz est malade' WHERE id = 1`)
		},
			[]string{"Cette séance est annulée"}, []string{"Il reste 2", "malade", "Ajouter à mon agenda"}, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.told()
			s.on("2026-06-13", "Musique", "musique", 6, 12, 12)
			s.on("2026-06-20", "Lycée", "code", 15, 18, 12)
			s.clock.Set(tt.now)
			if tt.do != nil {
				tt.do(s)
			}
			page := s.browser().get("/seances/1").want(200, tt.says...)
			for _, hidden := range tt.hidden {
				if main := page.Find(".session-page").Text(); strings.Contains(wordstest.Plain(main), hidden) {
					t.Errorf("the page says %q", hidden)
				}
			}
			if got := page.Find(".session-page .button").Text(); got != tt.button {
				t.Errorf("button %q, want %q", got, tt.button)
			}
			if got := page.titles(); tt.instead != (len(got) == 1 && got[0] == "Musique") {
				t.Errorf("instead: %q", got)
			}
		})
	}
}

// said is what a page of an error says, without the id of its request.
func (a reply) said() string {
	a.Find("main .small").Remove()
	return a.text()
}

func TestSessionsThatAreNotThere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 2)
	s.sql(`UPDATE sessions SET status = 'draft'`)
	b := s.browser()
	draft := b.get("/seances/1").want(404)
	for _, path := range []string{"/seances/2", "/seances/0", "/seances/-1", "/seances/01", "/seances/1x", "/seances/9999999999999999999999"} {
		if unknown := b.get(path).want(404); unknown.said() != draft.said() {
			t.Errorf("%s is told from a draft", path)
		}
	}
	for _, path := range []string{"/seances/1/agenda.ics", "/api/v1/sessions/1", "/api/v1/sessions/x"} {
		b.get(path).want(404)
	}
}

// The JSON-LD is data that no text can leave, and says what schema.org asks of an Event.
func TestSessionForSearchEngines(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.told()
	s.clock.Set(time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC))
	page := s.browser().get("/seances/1")
	data := page.Find(`script[type="application/ld+json"]`)
	if data.Length() != 1 {
		t.Fatalf("%d blocks", data.Length())
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(data.Text()), &event); err != nil {
		t.Fatalf("%v: %s", err, data.Text())
	}
	for name, want := range map[string]any{"@context": "https://schema.org", "@type": "Event", "name": "Étoile de Nguyễn & <Łukasz>, محمد, 李 – Avancé",
		"description": "Un robot </script><b>à soi</b>.", "startDate": "2026-05-09T14:00:00+02:00", "endDate": "2026-05-09T16:00:00+02:00",
		"eventStatus": "https://schema.org/EventScheduled", "typicalAgeRange": "6-12", "url": s.URL + "/seances/1", "remainingAttendeeCapacity": 2.0} {
		if event[name] != want {
			t.Errorf("%s is %v, want %v", name, event[name], want)
		}
	}
	offer, _ := event["offers"].(map[string]any)
	if offer["price"] != "14.50" || offer["priceCurrency"] != "EUR" || offer["availability"] != "https://schema.org/InStock" {
		t.Errorf("offer %v", offer)
	}
	s.sql(`UPDATE sessions SET status = 'cancelled'`)
	if cancelled := s.browser().get("/seances/1").Find(`script[type="application/ld+json"]`).Text(); !strings.Contains(cancelled, "EventCancelled") {
		t.Error("a cancelled session is scheduled")
	}
}
