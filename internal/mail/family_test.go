package mail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

// familyExamples are the examples of messages to families.
func familyExamples() map[string]example {
	all := map[string]example{}
	for name, tt := range bookingExamples {
		if _, ok := tt.payload.(outbox.Booking); ok {
			all[name] = tt
		}
	}
	return all
}

// A message that lacks what it tells fails, for the team to see.
func TestFamilyMessageWithoutItsFacts(t *testing.T) {
	t.Parallel()
	all := with(func(b *outbox.Booking) {
		b.Confirmed, b.Waiting, b.Offered, b.Given, b.Cancelled = []string{zoe}, []string{muh}, []string{li}, []string{zoe}, []string{lukz}
		b.Rank, b.OfferUntil, b.Before = 2, "2027-05-05T16:00:00Z", before()
	})
	type lack struct {
		name string
		take func(*outbox.Booking)
	}
	confirmed := lack{"confirmed", func(b *outbox.Booking) { b.Confirmed = nil }}
	offered := lack{"offered", func(b *outbox.Booking) { b.Offered = nil }}
	until := lack{"until", func(b *outbox.Booking) { b.OfferUntil = "" }}
	cancelled := lack{"cancelled", func(b *outbox.Booking) { b.Cancelled = nil }}
	everyone := lack{"everyone", func(b *outbox.Booking) { b.Confirmed, b.Waiting, b.Offered = nil, nil, nil }}
	for kind, lacks := range map[string][]lack{
		outbox.BookingConfirmed: {confirmed},
		outbox.WaitingJoined:    {{"waiting", func(b *outbox.Booking) { b.Waiting = nil }}},
		outbox.SeatOffered:      {offered, until},
		outbox.OfferSoon:        {offered, until},
		outbox.OfferExpired:     {offered},
		outbox.SeatGiven:        {confirmed, {"given", func(b *outbox.Booking) { b.Given = nil }}},
		outbox.Reminder:         {confirmed},
		outbox.WalkedIn:         {confirmed},
		outbox.BookingCancelled: {cancelled},
		outbox.BookingMoved:     {confirmed, {"session before", func(b *outbox.Booking) { b.Before = nil }}},
		outbox.WaitingLeft:      {cancelled},
		outbox.BookingRepeated:  {everyone},
		outbox.SessionMoved:     {everyone},
		outbox.SessionCancelled: {everyone},
	} {
		r := renderer(t)
		if _, err := r.Render(claimed(t, kind, all), monday); err != nil {
			t.Errorf("%s with all its facts: %v", kind, err)
		}
		broken := []lack{
			{"reference", func(b *outbox.Booking) { b.Reference = "" }},
			{"zone", func(b *outbox.Booking) { b.Session.Zone = "Europe/Nowhere" }},
			{"other session", func(b *outbox.Booking) { b.Also = []outbox.Session{{Zone: "Europe/Paris", StartsAt: "soon"}} }},
			{"readable deadline", func(b *outbox.Booking) { b.OfferUntil = "soon" }},
		}
		for _, l := range append(broken, lacks...) {
			b := all
			l.take(&b)
			if _, err := r.Render(claimed(t, kind, b), monday); err == nil {
				t.Errorf("%s is sent without its %s", kind, l.name)
			}
		}
	}
}

// UX-P13: the subject tells who, what and when, in both languages.
func TestFamilySubjects(t *testing.T) {
	t.Parallel()
	day := map[words.Lang]string{words.French: "samedi 8 mai à 14 h", words.English: "Saturday 8 May at 14:00"}
	for name, tt := range familyExamples() {
		b := tt.payload.(outbox.Booking)
		told := b.Confirmed
		switch {
		case len(b.Cancelled) > 0:
			told = b.Cancelled
		case len(b.Given) > 0:
			told = b.Given
		case len(b.Offered) > 0:
			told = b.Offered
		case len(b.Confirmed) == 0:
			told = b.Waiting
		}
		for lang, when := range day {
			subject := wordstest.Plain(arrivedIn(t, lang, tt.kind, b).Subject)
			for _, part := range append([]string{b.Session.Title, when}, told...) {
				if !strings.Contains(subject, part) {
					t.Errorf("%s in %s: the subject %q lacks %q", name, lang, subject, part)
				}
			}
		}
	}
}

// Mail scanners open every link: all of them lead to pages that only show, and text and HTML lead to the same ones.
func TestFamilyLinks(t *testing.T) {
	t.Parallel()
	const site = "https://ateliers.example.org"
	const own = site + "/inscriptions/ADA-7K3M9QXW-mail-v1-sig"
	const young = site + "/inscriptions/ADA-7K3M9QXW-screen-v1-sig" // of the copy to who booked for themselves: no link of a guardian
	pages := []string{own, own + "/annuler", own + "/toujours-partants", own + "/completer", site + "/seances", site + "/seances/12", site + "/compte", site + "/inscriptions/ADA-2BCDFGHJ-mail-v1-sig", "https://payer.example.org/?a=1&b=2"}
	must := map[string][]string{
		outbox.WaitingJoined: {own, own + "/annuler"}, outbox.SeatOffered: {own}, outbox.OfferSoon: {own}, outbox.SeatGiven: {own, own + "/annuler"},
		outbox.Reminder: {own + "/toujours-partants", own + "/annuler"}, outbox.SessionCancelled: {site + "/seances"},
	}
	for name, tt := range familyExamples() {
		for _, lang := range words.Offered() {
			r := arrivedIn(t, lang, tt.kind, tt.payload)
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(r.HTML))
			if err != nil {
				t.Fatal(err)
			}
			var inPage, inText []string
			doc.Find("a").Each(func(_ int, a *goquery.Selection) { inPage = append(inPage, a.AttrOr("href", "")) })
			for _, word := range strings.Fields(r.Text) {
				if strings.HasPrefix(word, "http") {
					inText = append(inText, word)
				}
			}
			slices.Sort(inPage)
			slices.Sort(inText)
			if !slices.Equal(inPage, inText) {
				t.Errorf("%s in %s: the HTML leads to %q, the text to %q", name, lang, inPage, inText)
			}
			for i, link := range inPage {
				if path, ours := strings.CutPrefix(link, site); ours { // to the pages of the same language
					if !strings.HasPrefix(path, lang.Path("")) {
						t.Errorf("%s in %s leads to %s", name, lang, link)
					}
					link = site + strings.TrimPrefix(path, lang.Path(""))
					inPage[i] = link
				}
				if !slices.Contains(pages, link) && (name != "booking_confirmed_to_young" || link != young) {
					t.Errorf("%s in %s leads to %s", name, lang, link)
				}
			}
			for _, link := range must[tt.kind] {
				if !slices.Contains(inPage, link) {
					t.Errorf("%s in %s does not lead to %s", name, lang, link)
				}
			}
		}
	}
}

// Deadlines are those of the wall clock of the venue on both sides of the changes of clocks (REL-15).
func TestDeadlinesAroundTheChangesOfClocks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		now, until string
		want       [2]string
		left       string
	}{
		{"2027-03-27T18:00:00Z", "2027-03-29T19:00:00Z", [2]string{"lundi 29 mars 2027 à 21 h", "Monday 29 March 2027 at 21:00"}, "49"},
		{"2027-03-27T19:00:00Z", "2027-03-28T06:00:00Z", [2]string{"dimanche 28 mars 2027 à 8 h", "Sunday 28 March 2027 at 08:00"}, "11"},
		{"2027-10-30T18:00:00Z", "2027-10-31T20:00:00Z", [2]string{"dimanche 31 octobre 2027 à 21 h", "Sunday 31 October 2027 at 21:00"}, "26"},
	} {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		for i, lang := range words.Offered() {
			c := claimed(t, outbox.SeatOffered, with(func(b *outbox.Booking) { b.Offered, b.OfferUntil = []string{zoe}, tt.until }))
			c.Language = string(lang)
			m, err := renderer(t).Render(c, now)
			if err != nil {
				t.Fatal(err)
			}
			if text := wordstest.Plain(m.Text); !strings.Contains(text, tt.want[i]) || !strings.Contains(text, tt.left+" h") {
				t.Errorf("until %s: want %q and %s hours in\n%s", tt.until, tt.want[i], tt.left, text)
			}
		}
	}
}

// A given seat goes into the calendar like a confirmed one, in the language of the family, with everybody who has a seat.
func TestSeatGivenBringsTheCalendar(t *testing.T) {
	t.Parallel()
	b := with(func(b *outbox.Booking) {
		b.Given, b.Confirmed, b.Session.Sequence = []string{muh}, []string{zoe, muh}, 3
	})
	for lang, want := range map[words.Lang][]string{
		words.French:  {"seance.ics", "(" + zoe + " et " + muh + ")", "Inscription ADA-7K3M9QXW"},
		words.English: {"session.ics", "(" + zoe + " and " + muh + ")", "Booking ADA-7K3M9QXW"},
	} {
		r := arrivedIn(t, lang, outbox.SeatGiven, b)
		if len(r.Attachments) != 1 {
			t.Fatalf("%s: %d attachments", lang, len(r.Attachments))
		}
		file := strings.ReplaceAll(r.Attachments[0].Content, "\r\n ", "")
		for _, part := range append(want[1:], "METHOD:REQUEST", "SEQUENCE:3", "UID:ADA-7K3M9QXW@ateliers.example.org") {
			if !strings.Contains(file, part) {
				t.Errorf("%s: no %q in\n%s", lang, part, file)
			}
		}
		if r.Attachments[0].Name != want[0] {
			t.Errorf("%s: the file is called %q", lang, r.Attachments[0].Name)
		}
	}
}

// UX-P12: of sessions that were booked at once each has a file of its own, with its own entry, and who waits for one has none of it.
func TestEachOfSeveralSessionsHasItsEntry(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{"bookings_confirmed": {"ADA-7K3M9QXW", "ADA-2BCDFGHJ"}, "bookings_confirmed_waits": {"ADA-7K3M9QXW"}} {
		r := arrivedIn(t, words.French, outbox.BookingsConfirmed, bookingExamples[name].payload.(outbox.Booking))
		if len(r.Attachments) != len(want) {
			t.Fatalf("%s: %d files, want %d", name, len(r.Attachments), len(want))
		}
		for i, reference := range want {
			file := r.Attachments[i]
			if file.Name != fmt.Sprintf("seance-%d.ics", i+1) || strings.Count(file.Content, "BEGIN:VEVENT") != 1 || !strings.Contains(file.Content, "UID:"+reference+"@") {
				t.Errorf("%s: %s is\n%s", name, file.Name, file.Content)
			}
		}
	}
}

// UX-P12: on the days around the changes of clocks the invitation says the hour of the wall clock with its zone; the session that
// the family takes instead, and the cancellation, are the same entry with a higher sequence.
func TestInvitationsAroundTheChangesOfClocks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ utc, local string }{
		{"2027-03-27T13:00:00Z", "20270327T140000"}, {"2027-03-28T12:00:00Z", "20270328T140000"},
		{"2027-10-30T12:00:00Z", "20271030T140000"}, {"2027-10-31T13:00:00Z", "20271031T140000"},
	} {
		start, err := time.Parse(time.RFC3339, tt.utc)
		if err != nil {
			t.Fatal(err)
		}
		b := with(func(b *outbox.Booking) {
			b.Confirmed, b.Before = []string{zoe}, before()
			b.Session.StartsAt, b.Session.EndsAt = tt.utc, start.Add(2*time.Hour).Format(time.RFC3339)
		})
		for i, kind := range []string{outbox.BookingConfirmed, outbox.BookingMoved, outbox.BookingCancelled} {
			b.Session.Sequence = i
			method := "METHOD:REQUEST"
			if kind == outbox.BookingCancelled {
				b.Confirmed, b.Cancelled, method = nil, []string{zoe}, "METHOD:CANCEL"
			}
			r := arrived(t, kind, b)
			if len(r.Attachments) != 1 {
				t.Fatalf("%s: %d attachments", kind, len(r.Attachments))
			}
			file := strings.ReplaceAll(r.Attachments[0].Content, "\r\n ", "")
			sequence := i
			if kind == outbox.BookingCancelled {
				sequence++ // above all that was sent before
			}
			for _, part := range []string{method, fmt.Sprint("SEQUENCE:", sequence), "UID:ADA-7K3M9QXW@ateliers.example.org",
				"BEGIN:VTIMEZONE\r\nTZID:Europe/Paris", "DTSTART;TZID=Europe/Paris:" + tt.local} {
				if !strings.Contains(file, part) {
					t.Errorf("%s on %s: no %q in\n%s", kind, tt.local, part, file)
				}
			}
		}
	}
}
