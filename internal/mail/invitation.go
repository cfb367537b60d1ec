package mail

import (
	"bytes"
	"io"

	"github.com/lesbricodeurs/ateliersdada/internal/calendar"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// calendar makes the attachment that puts the session into the family's calendar when seats are confirmed or given,
// corrects it when the session or the booking moves, and takes it away once nobody of the booking comes any more. Other kinds have none.
func (r *Renderer) calendar(page familyPage, m outbox.Claimed) []*Calendar {
	names := page.Confirmed
	write, method := calendar.Request, "REQUEST"
	sequence := page.Session.Sequence
	switch m.Kind {
	case outbox.BookingConfirmed, outbox.SeatGiven, outbox.SessionMoved, outbox.BookingMoved:
		if len(names) == 0 {
			return nil
		}
	case outbox.BookingCancelled, outbox.SessionCancelled:
		if m.Kind == outbox.BookingCancelled {
			if len(page.Confirmed) > 0 {
				return nil
			}
			names = page.Cancelled
		}
		if len(names) == 0 {
			return nil
		}
		// Above that of any invitation sent before, or calendars ignore it.
		write, method = calendar.Cancel, "CANCEL"
		sequence++
	default:
		return nil
	}
	p := page.printer
	return r.attach(p, write, method, calendar.Event{
		UID:         page.Reference + "@" + r.host,
		Sequence:    sequence,
		Stamp:       m.CreatedAt,
		Start:       page.Session.Start,
		End:         page.Session.End,
		Summary:     p.T("mail.calendar.summary", page.Session.Title, names),
		Description: p.T("mail.calendar.booking", page.Reference) + "\n" + page.Link,
		Location:    page.Session.place(),
	}, calendar.Party{Name: page.Guardian, Email: m.To})
}

// attach writes an event into a file for one person, with the association as its organiser. An address that iCalendar
// cannot hold gives none: the mail matters more.
func (r *Renderer) attach(p *words.Printer, write func(io.Writer, calendar.Event, calendar.Party) error, method string, event calendar.Event, to calendar.Party) []*Calendar {
	event.Organizer = calendar.Party{Name: r.site.Organizer.Name, Email: r.site.Organizer.Address}
	var data bytes.Buffer
	if err := write(&data, event, to); err != nil {
		return nil
	}
	return []*Calendar{{Name: p.T("mail.calendar.file"), Method: method, Data: data.Bytes()}}
}
