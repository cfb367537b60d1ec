package mail

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// hostile is a payload of a kind whose every text tries to be more than a text.
func hostile(kind, attack string) any {
	if templateOf(kind) == "request" {
		return hostileRequest(attack)
	}
	b := hostileBooking(attack)
	switch kind {
	case outbox.AlertRaised, outbox.AlertEnded: // nobody types anything of it
		return outbox.Alert{Kind: "disk_low", Count: 7, Began: "2027-05-03T16:00:00Z", Ended: "2027-05-03T18:00:00Z"}
	case outbox.DraftSaved:
		return outbox.Draft{ID: "7K3M9QXW2BCD", Until: "2027-05-10T18:00:00Z", Session: b.Session}
	case outbox.CertificatesIssued, outbox.SessionThanked:
		return hostileCertified(attack)
	case outbox.BookingsConfirmed:
		b.Others = []outbox.Booking{hostileBooking(attack)}
	case outbox.ChildChanged:
		return outbox.ChildChange{Guardian: attack, Children: []string{attack}, What: "booked", Session: &b.Session}
	case outbox.GuardianInvited, outbox.YoungInvited:
		return outbox.Invited{Name: attack, By: attack, Nonce: "K3M9QXW7"}
	case outbox.EmailConfirm, outbox.EmailChanged:
		return outbox.EmailChange{Guardian: attack, Nonce: "K3M9QXW7"}
	case outbox.HonorabilityEnding:
		return outbox.Honorability{Name: attack, Member: attack, MemberID: 2, Until: "2027-06-01"}
	case outbox.TeamWrote: // what staff type is checked before; what families typed stands in its fields
		return outbox.TeamLetter{Guardian: attack, Children: []string{attack}, Sessions: []outbox.Session{b.Session},
			Subject: "À {{enfants}}", Body: "{{responsable}} {{atelier}}\n\n{{lieu}}"}
	case outbox.SessionAssigned, outbox.SessionChanged, outbox.SessionCalledOff, outbox.SessionHandedOver:
		return outbox.Assignment{Facilitator: attack, By: attack, Reason: attack, Session: b.Session}
	}
	return b
}

func hostileBooking(attack string) outbox.Booking {
	b := booking()
	for _, s := range []*string{
		&b.Guardian, &b.Reason, &b.PaymentURL, &b.Session.Title, &b.Session.Level, &b.Session.Venue, &b.Session.Address,
		&b.Session.Postcode, &b.Session.City, &b.Session.Access, &b.Session.Bring,
	} {
		*s = attack
	}
	b.Confirmed, b.Waiting, b.Offered, b.Cancelled = []string{attack}, []string{attack}, []string{attack}, []string{attack}
	b.Before = &outbox.Session{}
	*b.Before = b.Session
	b.Given, b.Also, b.Unasked = []string{attack}, []outbox.Session{b.Session}, true
	b.Rank, b.RankKept, b.OfferUntil, b.PriceCents = 2, true, "2027-05-05T16:00:00Z", 1400
	return b
}

func hostileCertified(attack string) outbox.Certified {
	return outbox.Certified{Guardian: attack, Reference: "ADA-7K3M9QXW", Series: attack, Session: hostileBooking(attack).Session,
		Children: []outbox.CertifiedChild{{FirstName: attack, Code: "7K3M9QXW2BCD", Minutes: 120}}}
}

func hostileRequest(attack string) outbox.Request {
	s := hostileBooking(attack).Session
	return request(func(q *outbox.Request) {
		for _, text := range []*string{&q.Contact, &q.Organisation, &q.Asked, &q.Level, &q.Paper, &q.Signatory, &q.Reason} {
			*text = attack
		}
		q.News, q.ConfirmID, q.Options, q.Sessions = "received", 9, [][]outbox.Session{{s}}, []outbox.Session{s}
	})
}

// SEC-41: whatever somebody types, a mail has one recipient and our headers only.
func TestNoHeaderCanBeInjected(t *testing.T) {
	t.Parallel()
	harmless := maps.Keys(arrived(t, outbox.BookingConfirmed, hostileBooking("Zoé")).Headers)
	want := slices.Sorted(harmless)
	for _, attack := range []string{
		"Zoé\r\nBcc: x@y.example", "Zoé\nBcc: x@y.example\n\nbody", "Zoé\rBcc: x@y.example", "Zoé\u2028Bcc: x@y.example", "Zoé\x00\r\n.\r\nQUIT",
		"=?utf-8?q?Zo=0D=0ABcc:_x@y.example?=", strings.Repeat("Z", 990) + "\r\nBcc: x@y.example", "Zo\xe9\xff",
	} {
		for kind := range kinds {
			r := arrived(t, kind, hostile(kind, attack))
			if got := slices.Sorted(maps.Keys(r.Headers)); !slices.Equal(got, want) {
				t.Errorf("%s, %q: headers %v, want %v", kind, attack, got, want)
			}
			if to := r.Headers["To"]; !slices.Equal(to, []string{"<parent@example.org>"}) {
				t.Errorf("%s, %q: to %q", kind, attack, to)
			}
			for _, a := range r.Attachments {
				if strings.Contains(a.Content, "\nBcc") || strings.Count(a.Content, "BEGIN:VEVENT") != 1 {
					t.Errorf("%s, %q: calendar\n%s", kind, attack, a.Content)
				}
			}
			for line := range strings.Lines(r.Text) {
				if strings.HasPrefix(line, "Bcc") {
					t.Errorf("%s, %q: a line of its own in the text", kind, attack)
				}
			}
		}
	}
}

// SEC-18: nothing typed becomes an element, an attribute or an address in a mail.
func TestNoMarkupCanBeInjected(t *testing.T) {
	t.Parallel()
	for kind := range kinds {
		want := elements(t, arrived(t, kind, hostile(kind, "Zoé")).HTML)
		for _, attack := range []string{
			`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</title><script>alert(1)</script>`, `javascript:alert(1)`,
			`' style='x`, `<!--`, `{{.Link}}`, `</style><svg onload=alert(1)>`,
		} {
			html := arrived(t, kind, hostile(kind, attack)).HTML
			if got := elements(t, html); !slices.Equal(got, want) {
				t.Errorf("%s, %q: elements differ", kind, attack)
			}
			if strings.Contains(html, `href="javascript`) {
				t.Errorf("%s, %q: a script as an address", kind, attack)
			}
		}
	}
}

// elements lists every element with the names of its attributes.
func elements(t *testing.T, html string) []string {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader([]byte(html)))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		node := s.Get(0)
		all = append(all, node.Data)
		for _, a := range node.Attr {
			all = append(all, " "+a.Key)
		}
	})
	return all
}

// No image, font or style from elsewhere: opening a mail tells nobody, and it shows without a network.
func TestMailsLoadNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range goldens {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(arrived(t, tt.kind, tt.payload).HTML))
		if err != nil {
			t.Fatal(err)
		}
		if n := doc.Find("img, link, script, iframe, form, [src], [background]").Length(); n != 0 {
			t.Errorf("%s: %d elements load something", name, n)
		}
		if strings.Contains(doc.Find("style").Text(), "url(") || strings.Contains(doc.Find("style").Text(), "@import") {
			t.Errorf("%s: a style loads something", name)
		}
	}
}
