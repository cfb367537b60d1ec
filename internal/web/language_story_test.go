package web

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	ateliersdada "github.com/lesbricodeurs/ateliersdada"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// inEnglish checks that a page is in English and leads nowhere else, but to its twin and to what is for the team.
func (a reply) inEnglish(says ...string) reply {
	a.t.Helper()
	a.want(200, says...)
	if lang := a.Find("html").AttrOr("lang", ""); lang != "en" || !strings.HasPrefix(a.path, "/en") {
		a.t.Errorf("%s is in %q", a.path, lang)
	}
	a.Find("a[href], form[action]").Each(func(_ int, e *goquery.Selection) {
		link := e.AttrOr("href", e.AttrOr("action", ""))
		if e.AttrOr("hreflang", "") == "" && link != pathIn(words.English, link) {
			a.t.Errorf("%s leads to %s", a.path, link)
		}
	})
	twin := a.Find("a[hreflang=fr]")
	if href := twin.AttrOr("href", ""); pathIn(words.French, a.path) != strings.SplitN(href, "?", 2)[0] || twin.Text() != "Français" {
		a.t.Errorf("%s: its French twin is %q", a.path, href)
	}
	return a
}

// A family that reads English books, and gives the place back, without a word of French; its messages are in English.
func TestBookInEnglish(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	b := s.browser()
	b.get("/en").inEnglish("We code, we build, we invent", "Robotics", "12 places left", "Sat 9 May")
	b.get("/en/seances?age=9").inEnglish("1 session matches")
	b.get("/en/seances/1").inEnglish("Book", "€14.00 per child")
	page := b.get("/en/inscription/1").inEnglish("Who is taking part?", "Step 1 of 4")
	wrong := b.post(page.path, page.fill("", nil)).want(422, "Write the child's first name")
	if wrong.Find("html").AttrOr("lang", "") != "en" || !strings.HasPrefix(wrong.Find("title").Text(), "Error: ") {
		t.Error("the mistakes are told in another language")
	}
	page = b.post(page.path, page.fill("", merged(zoe, values("birth_1_month", "September", "birth_1_day", "3", "birth_1_year", "2017")))).inEnglish("Health and safety")
	page = b.post(page.path, page.fill("", careful)).inEnglish("Your details")
	if got := page.Find("[name=language][checked]").AttrOr("value", ""); got != "en" {
		t.Errorf("messages in %q are offered first", got)
	}
	page = b.post(page.path, page.fill("", contact)).inEnglish("Check, then confirm", "3 September 2017, 8 years old on the day", "English")
	done := b.post(page.path, page.fill("", nil)).inEnglish("Booked for Zoé", "Saturday 9 May 2026", "14:00 – 16:00")
	if n := s.count("SELECT count(*) FROM outbox WHERE language = 'en'"); n != 1 {
		t.Errorf("%d messages in English, want 1", n)
	}
	if n := s.count("SELECT count(*) FROM guardians WHERE language = 'en'"); n != 1 {
		t.Errorf("%d guardians read English, want 1", n)
	}
	french := b.get(pathIn(words.French, done.path)).want(200, "C'est réservé pour Zoé") // one click
	if french.Find("html").AttrOr("lang", "") != "fr" {
		t.Error("the twin is not French")
	}
	if file := b.get(done.path + "/agenda.ics"); !strings.Contains(file.body, "SUMMARY:Workshop Robotique") {
		t.Errorf("the calendar says %s", file.body)
	}
	cancel := b.get(done.path + "/annuler").inEnglish("Cancel a booking")
	b.post(cancel.path, cancel.fill("", nil)).inEnglish("This booking is cancelled")
}

// A school that reads English asks for a workshop; what it is sent is in English, what the team is sent in French.
func TestAskInEnglish(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.thymio()
	b := s.browser()
	b.get("/en/ecoles").inEnglish("A workshop for your group")
	page := b.get("/en/ecoles/demande").inEnglish("Who is asking for the workshop?")
	for i, answers := range []url.Values{askedOrganisation(), askedWorkshop(), askedContact()} {
		page = b.post(page.path, page.fill("", answers)).inEnglish(fmt.Sprintf("Step %d of 4", i+2))
	}
	page.want(200, "Read your request again", "Tuesday 9 June 2026 (Morning)")
	status := b.post(page.path, page.fill("", nil)).inEnglish("Received", "Your request is on its way")
	for query, want := range map[string]int{
		"SELECT count(*) FROM group_requests WHERE language = 'en'":                       1,
		"SELECT count(*) FROM outbox WHERE kind = 'request_received' AND language = 'en'": 1,
		"SELECT count(*) FROM outbox WHERE kind = 'request_news' AND language = 'fr'":     1,
	} {
		if n := s.count(query); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	withdraw := b.get(strings.SplitN(status.path, "?", 2)[0] + "/retirer").inEnglish("Withdraw this request?")
	b.post(withdraw.path, withdraw.fill("", nil)).inEnglish("Withdrawn")
	b.get("/en/nulle-part").want(404, "This page does not exist")
}

// Arabic, of which there are a few dozen texts, mirrors the page; names and what is still French keep their own order.
func TestPagesInArabic(t *testing.T) {
	t.Parallel()
	const arabic words.Lang = "ar"
	v, err := NewViews(under(t, ateliersdada.Templates, "templates"), productAssets(t), []words.Lang{arabic}, declaredPages(), "mail", "files")
	if err != nil {
		t.Fatal(err)
	}
	p := words.For(arabic)
	start := time.Date(2027, 5, 8, 14, 0, 0, 0, time.UTC)
	card := SessionCard{Href: "/seances/3", Title: "Robotique 2", Discipline: "robotique", DisciplineName: p.T("discipline.robotique"), Level: "Avancé",
		Start: start, End: start.Add(2 * time.Hour), MinAge: 6, MaxAge: 12, Venue: "Espace Altnet", City: "Lyon", State: SessionOpen, Seats: Seats{Capacity: 12, Left: 3}}
	for name, tt := range map[string]struct {
		data PageData
		says []string
	}{
		"catalogue/list": {&cataloguePage{Home: true, Months: []catalogueMonth{{p.Month(start), []SessionCard{card}}}},
			[]string{"نبرمج ونبني ونبتكر", "مايو 2027", "السبت 8 مايو", "بقيت 3 أماكن", "من 6 إلى 12 سنة"}},
		"family/door":   {&familyDoorPage{Page: Page{Title: p.T("space.door.title")}, Email: Field{Name: "email", Label: p.T("space.door.email")}}, []string{"الدخول إلى حسابي", "أرسلوا لي الرابط"}},
		"booking/group": {&bookingPage{Page: Page{Title: p.T("booking.page.confirmed", "محمد")}, Base: "/inscriptions/a/b", Session: bookedSession{Name: "Robotique 2", Start: start, End: start}, Children: []bookedChild{{Name: "Zoé"}}}, []string{"تم الحجز لـ محمد", "Zoé"}},
	} {
		tt.data.page().Lang = arabic
		body, err := v.Bytes(name, tt.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		root := doc.Find("html")
		if root.AttrOr("lang", "") != "ar" || root.AttrOr("dir", "") != "rtl" {
			t.Errorf("%s is in %q, written %q", name, root.AttrOr("lang", ""), root.AttrOr("dir", ""))
		}
		for _, says := range tt.says {
			if !strings.Contains(doc.Text(), says) {
				t.Errorf("%s does not say %q", name, says)
			}
		}
		doc.Find(`h3:contains("Robotique"), b:contains("Robotique")`).Each(func(_ int, e *goquery.Selection) {
			if e.AttrOr("lang", "") != "fr" {
				t.Errorf("%s: %q is not marked as French", name, e.Text())
			}
		})
	}
}
