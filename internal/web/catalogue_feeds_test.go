package web

import (
	"encoding/json"
	"encoding/xml"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	ics "github.com/arran4/golang-ical"
)

// events reads the calendar at a path.
func (b *browser) events(path string) map[string]*ics.VEvent {
	t := b.site.t
	t.Helper()
	page := b.get(path)
	if page.status != 200 || page.header.Get("Content-Type") != calendarType {
		t.Fatalf("%s: status %d, type %s", path, page.status, page.header.Get("Content-Type"))
	}
	feed, err := ics.ParseCalendar(strings.NewReader(page.body))
	if err != nil {
		t.Fatal(err)
	}
	events := map[string]*ics.VEvent{}
	for _, e := range feed.Events() {
		events[e.GetProperty(ics.ComponentPropertySummary).Value] = e
	}
	return events
}

func TestCalendars(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.on("2026-05-09", "Découverte", "code", 6, 12, 12)
	s.on("2026-06-13", "Musique", "musique", 10, 18, 12)
	s.on("2026-06-20", "Robotique", "robotique", 6, 12, 12)
	s.on("2026-06-27", "Brouillon", "robotique", 6, 12, 12)
	s.sql(`UPDATE sessions SET status = 'cancelled', ical_sequence = 3 WHERE id = 3`)
	s.sql(`UPDATE sessions SET status = 'draft' WHERE id = 4`)
	b := s.browser()
	all := b.events("/agenda.ics")
	if got, want := slices.Sorted(maps.Keys(all)), []string{"Découverte – Initiation", "Musique – Initiation", "Robotique – Initiation"}; !slices.Equal(got, want) {
		t.Fatalf("events %q, want %q", got, want)
	}
	first := all["Découverte – Initiation"]
	if uid := first.Id(); uid != "seance-1@127.0.0.1" {
		t.Errorf("UID %s", uid)
	}
	if at, err := first.GetStartAt(); err != nil || !at.Equal(time.Date(2026, 5, 9, 12, 0, 0, 0, time.UTC)) { // UX-P12
		t.Errorf("starts %s, %v", at, err)
	}
	gone := all["Robotique – Initiation"]
	if gone.GetProperty(ics.ComponentPropertyStatus).Value != "CANCELLED" || gone.GetProperty(ics.ComponentPropertySequence).Value != "3" {
		t.Error("a cancelled session is not struck out")
	}
	if got := slices.Sorted(maps.Keys(b.events("/agenda.ics?age=15&month=2026-06"))); !slices.Equal(got, []string{"Musique – Initiation"}) {
		t.Errorf("filtered events %q", got)
	}
	one := b.get("/seances/2/agenda.ics")
	if got := one.header.Get("Content-Disposition"); got != `attachment; filename="seance-2.ics"` { // SEC-44
		t.Errorf("Content-Disposition %s", got)
	}
	if got := slices.Sorted(maps.Keys(b.events("/seances/2/agenda.ics"))); !slices.Equal(got, []string{"Musique – Initiation"}) {
		t.Errorf("events of one session %q", got)
	}
	b.get("/agenda.ics?age=neuf").want(422)
	if missing := b.get("/seances/9/agenda.ics").want(404); missing.header.Get("Content-Disposition") != "" {
		t.Error("a missing calendar is saved as a file")
	}
}

// schema is the part of JSON Schema that openapi.json uses.
type schema struct {
	Ref                  string            `json:"$ref"`
	Type                 string            `json:"type"`
	Required             []string          `json:"required"`
	Properties           map[string]schema `json:"properties"`
	AdditionalProperties any               `json:"additionalProperties"`
	Enum                 []string          `json:"enum"`
	Minimum              *float64          `json:"minimum"`
	Format               string            `json:"format"`
}

// check says where a value is not what the schema says.
func (s schema) check(t *testing.T, where string, value any, all map[string]schema) {
	t.Helper()
	if s.Ref != "" {
		all[strings.TrimPrefix(s.Ref, "#/components/schemas/")].check(t, where, value, all)
		return
	}
	switch s.Type {
	case "object":
		object, ok := value.(map[string]any)
		if !ok {
			t.Errorf("%s is %T", where, value)
			return
		}
		if s.AdditionalProperties == false {
			if got, want := slices.Sorted(maps.Keys(object)), slices.Sorted(slices.Values(s.Required)); !slices.Equal(got, want) {
				t.Errorf("%s has %q, want %q", where, got, want)
			}
		}
		for name, v := range object {
			s.Properties[name].check(t, where+"."+name, v, all)
		}
	case "string":
		text, ok := value.(string)
		if !ok || s.Enum != nil && !slices.Contains(s.Enum, text) {
			t.Errorf("%s is %v, want one of %q", where, value, s.Enum)
		}
		if s.Format == "date-time" {
			if _, err := time.Parse(time.RFC3339, text); err != nil {
				t.Errorf("%s: %v", where, err)
			}
		}
	case "integer":
		n, ok := value.(float64)
		if !ok || n != float64(int64(n)) || s.Minimum != nil && n < *s.Minimum {
			t.Errorf("%s is %v", where, value)
		}
	default:
		t.Errorf("%s has a schema of type %q", where, s.Type)
	}
}

// The API gives what openapi.json and design.md say, in every state of a session.
func TestAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Étoile de Nguyễn & 李", 2)
	s.on("2026-06-13", "Musique", "musique", 10, 18, 12)
	s.on("2026-06-20", "Annulée", "robotique", 6, 12, 12)
	s.sql(`UPDATE sessions SET status = 'cancelled' WHERE id = 3`)
	s.family(1, 2, false)
	s.family(1, 1, false)
	b := s.browser()
	var described struct {
		Components struct {
			Schemas map[string]schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal([]byte(b.get("/api/v1/openapi.json").body), &described); err != nil {
		t.Fatal(err)
	}
	schemas := described.Components.Schemas
	if got, want := schemas["Session"].Required, strings.Fields("id title discipline level min_age max_age starts_at ends_at venue capacity places_left waiting status price_cents url"); !slices.Equal(got, want) {
		t.Errorf("described fields %q, want those of the design, %q", got, want)
	}
	read := func(path string) any {
		t.Helper()
		page := b.get(path)
		if page.status != 200 || page.header.Get("Content-Type") != jsonType || page.header.Get("Access-Control-Allow-Origin") != "" { // SEC-17
			t.Fatalf("%s: status %d, headers %v", path, page.status, page.header)
		}
		var value any
		if err := json.Unmarshal([]byte(page.body), &value); err != nil {
			t.Fatal(err)
		}
		return value
	}
	list, _ := read("/api/v1/sessions").([]any)
	if len(list) != 2 {
		t.Fatalf("%d sessions, want 2", len(list))
	}
	for i, v := range append(list, read("/api/v1/sessions/3")) {
		schemas["Session"].check(t, "session "+string(rune('1'+i)), v, schemas)
	}
	first, _ := list[0].(map[string]any)
	for name, want := range map[string]any{"id": 1.0, "title": "Étoile de Nguyễn & 李", "discipline": "robotique", "level": "Initiation", "min_age": 6.0, "max_age": 12.0,
		"starts_at": "2026-05-09T14:00:00+02:00", "ends_at": "2026-05-09T16:00:00+02:00", "capacity": 2.0, "places_left": 0.0, "waiting": 1.0,
		"status": "full", "price_cents": 1400.0, "url": s.URL + "/seances/1"} {
		if first[name] != want {
			t.Errorf("%s is %v, want %v", name, first[name], want)
		}
	}
	if filtered, _ := read("/api/v1/sessions?age=15").([]any); len(filtered) != 1 {
		t.Errorf("%d sessions at 15, want 1", len(filtered))
	}
	if none := b.get("/api/v1/sessions?city=Brest").body; none != "[]" {
		t.Errorf("no session is %s, want []", none)
	}
	for path, status := range map[string]int{"/api/v1/sessions?age=neuf": 422, "/api/v1/sessions/9": 404} {
		page := b.get(path)
		var answer map[string]any
		if err := json.Unmarshal([]byte(page.body), &answer); err != nil || page.status != status || answer["error"] == "" {
			t.Errorf("%s: status %d, %v: %s", path, page.status, err, page.body)
		}
		if status == 422 {
			schemas["Error"].Properties["error"].check(t, path, answer["error"], schemas)
			if fields, _ := answer["fields"].(map[string]any); fields["age"] == nil {
				t.Errorf("%s does not name the field: %s", path, page.body)
			}
		}
	}
}

// RGAA 12.1: every page that the map lists is there.
func TestMapOfTheSite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 2)
	b := s.browser()
	page := b.get("/plan-du-site").want(200, "Robotique – Initiation, samedi 9 mai 2026 à 14 h")
	links := page.Find("main a")
	if links.Length() < 8 {
		t.Errorf("%d links", links.Length())
	}
	links.Each(func(_ int, a *goquery.Selection) {
		if to := b.get(a.AttrOr("href", "")); to.status != 200 {
			t.Errorf("%s answers %d", a.AttrOr("href", ""), to.status)
		}
	})
}

func TestForSearchEngines(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 2)
	b := s.browser()
	if robots := b.get("/robots.txt"); !strings.Contains(robots.body, "Disallow: /inscription\n") || !strings.Contains(robots.body, "Sitemap: "+s.URL+"/sitemap.xml\n") {
		t.Errorf("robots.txt:\n%s", robots.body)
	}
	var list siteMap
	if err := xml.Unmarshal([]byte(b.get("/sitemap.xml").body), &list); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, page := range list.Pages {
		path, ours := strings.CutPrefix(page.Location, s.URL)
		if !ours {
			t.Errorf("%s is not here", page.Location)
		}
		found = found || path == "/seances/1"
		b.get(path).want(200)
	}
	if !found {
		t.Error("the session is not in the site map")
	}
}
