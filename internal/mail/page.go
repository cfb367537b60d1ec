package mail

import (
	"fmt"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// fact is a labelled line of a session's card.
type fact struct{ Label, Text string }

// link is a labelled address.
type link struct{ Label, URL string }

// frame is what the layout shows around every mail.
type frame struct {
	Lang words.Lang
	// Holes is a row of a punched card, one bit per hole.
	Holes []bool
	// Why tells why this person gets the mail.
	Why string
	// Link is where the button leads.
	Link  string
	Facts []fact
}

// sessionPage is a session with its times in the zone of its venue.
type sessionPage struct {
	outbox.Session
	Start, End time.Time
	DayHour    string // « samedi 8 mai à 14 h »
	Day        string // « samedi 8 mai 2027 »
	Hours      string // « 14 h – 16 h »
}

func newSessionPage(p *words.Printer, s outbox.Session) (sessionPage, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return sessionPage{}, fmt.Errorf("zone of session %d: %w", s.ID, err)
	}
	start, err := time.Parse(time.RFC3339, s.StartsAt)
	if err != nil {
		return sessionPage{}, fmt.Errorf("start of session %d: %w", s.ID, err)
	}
	end, err := time.Parse(time.RFC3339, s.EndsAt)
	if err != nil {
		return sessionPage{}, fmt.Errorf("end of session %d: %w", s.ID, err)
	}
	start, end = start.In(zone), end.In(zone)
	return sessionPage{
		Session: s, Start: start, End: end,
		DayHour: p.T("mail.day_hour", p.Day(start), p.Hour(start)),
		Day:     p.Date(start),
		Hours:   p.Span(start, end),
	}, nil
}

// sessionLines says when and where, one line per session.
func sessionLines(p *words.Printer, sessions []outbox.Session) ([]string, error) {
	var all []string
	for _, s := range sessions {
		page, err := newSessionPage(p, s)
		if err != nil {
			return nil, err
		}
		all = append(all, p.T("mail.session", page.Day, page.Hours, page.place()))
	}
	return all, nil
}

// where gives venue and address, one per line.
func (s sessionPage) where() string {
	town := strings.TrimSpace(s.Postcode + " " + s.City)
	return lines(strings.Join([]string{s.Venue, s.Address, town}, "\n"))
}

// place gives venue and address in one line.
func (s sessionPage) place() string { return strings.ReplaceAll(s.where(), "\n", ", ") }

// facts gives where and, for somebody who may come, how to get there and what to bring.
func (s sessionPage) facts(p *words.Printer, kind string) []fact {
	facts := []fact{{p.T("mail.facts.where"), s.where()}}
	switch kind {
	case outbox.BookingCancelled, outbox.WaitingLeft, outbox.SessionCancelled, outbox.SessionCalledOff, outbox.SessionHandedOver, outbox.OfferExpired:
		return facts
	}
	if s.Access != "" {
		facts = append(facts, fact{p.T("mail.facts.access"), s.Access})
	}
	if s.Bring != "" {
		facts = append(facts, fact{p.T("mail.facts.bring"), s.Bring})
	}
	return facts
}

// holes punches three bits per letter of s: the same card for every mail about one booking.
func holes(s string) []bool {
	const most = 24 // what a narrow phone shows in one row
	row := make([]bool, 0, most)
	for _, r := range strings.TrimPrefix(s, "ADA-") {
		for bit := 2; bit >= 0 && len(row) < most; bit-- {
			row = append(row, r>>bit&1 == 1)
		}
	}
	for len(row) < most {
		row = append(row, false)
	}
	return row
}
