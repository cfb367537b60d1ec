package mail

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// severalPage is a message to a family about several sessions that it booked at once.
type severalPage struct {
	frame
	Guardian string
	Children string // of all bookings, each once
	Lead     string // says who is welcome; empty while all wait
	// Title and DayHour are those of the first session.
	Title, DayHour string
	Bookings       []familyPage
	Waits          bool // somebody waits for one of them
	Invited        bool
}

func (r *Renderer) several(p *words.Printer, m outbox.Claimed, now time.Time) (content, error) {
	first, err := decode[outbox.Booking](m.Payload)
	if err != nil {
		return content{}, err
	}
	var v severalPage
	var names, seated []string
	var invitations []*Calendar
	for _, b := range append([]outbox.Booking{first}, first.Others...) {
		m.Kind = outbox.BookingConfirmed
		if len(b.Confirmed) == 0 {
			m.Kind = outbox.WaitingJoined
		}
		page, err := r.newFamilyPage(p, m.Kind, b, now)
		if err != nil {
			return content{}, err
		}
		for _, c := range r.calendar(page, m) {
			// All of one calendar object is about one entry (RFC 5546, 3.2.2): each has a file of its own.
			c.Name = strings.Replace(c.Name, ".", "-"+strconv.Itoa(len(invitations)+1)+".", 1)
			invitations = append(invitations, c)
		}
		names, seated = union(names, page.Everyone()), union(seated, page.Confirmed)
		v.Bookings, v.Waits = append(v.Bookings, page), v.Waits || len(page.Waiting) > 0
	}
	slices.SortStableFunc(v.Bookings, func(a, b familyPage) int { return a.Session.Start.Compare(b.Session.Start) })
	start := v.Bookings[0]
	v.frame, v.Guardian, v.Title, v.DayHour = start.frame, start.Guardian, start.Session.Title, start.Session.DayHour
	if len(seated) > 0 {
		v.Lead = p.T("mail.confirmed.lead", seated)
	}
	v.Link, v.Children, v.Invited = r.at(p, "/compte"), p.List(names), len(invitations) > 0
	return content{v, invitations}, nil
}

// union adds to a list what it does not hold.
func union(list, more []string) []string {
	for _, name := range more {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}
