package mail

import (
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/calendar"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// facilitatorPage is a message to somebody who leads sessions.
type facilitatorPage struct {
	frame
	Session                 sessionPage
	Facilitator, By, Reason string
	// Invited tells that a calendar file comes with the mail.
	Invited bool
}

func (r *Renderer) facilitator(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	a, err := decode[outbox.Assignment](m.Payload)
	if err != nil {
		return content{}, err
	}
	a.Facilitator, a.By, a.Reason = oneLine(a.Facilitator), oneLine(a.By), lines(a.Reason)
	cleanSession(&a.Session)
	session, err := newSessionPage(p, a.Session)
	if err != nil {
		return content{}, err
	}
	page := facilitatorPage{
		frame: frame{
			Lang: p.Lang(), Holes: holes(fmt.Sprintf("%08d", session.ID)), Why: p.T("mail.why.facilitator"),
			Link: r.site.BaseURL + "/animation", Facts: session.facts(p, m.Kind),
		},
		Session: session, Facilitator: a.Facilitator, By: a.By, Reason: a.Reason,
	}
	invitation := r.leading(p, page, m)
	page.Invited = len(invitation) > 0
	return content{page, invitation}, nil
}

// leading makes the attachment that puts a session into the calendar of who leads it, corrects it there or takes it away.
// Its entry is neither that of a family nor that of the public calendar.
func (r *Renderer) leading(p *words.Printer, page facilitatorPage, m outbox.Claimed) []*Calendar {
	write, method := calendar.Request, "REQUEST"
	if m.Kind == outbox.SessionCalledOff || m.Kind == outbox.SessionHandedOver {
		write, method = calendar.Cancel, "CANCEL"
	}
	return r.attach(p, write, method, calendar.Event{
		UID:         fmt.Sprintf("animation-%d@%s", page.Session.ID, r.host),
		Sequence:    page.Session.Sequence,
		Stamp:       m.CreatedAt,
		Start:       page.Session.Start,
		End:         page.Session.End,
		Summary:     p.T("mail.calendar.leading", page.Session.Title),
		Description: page.Link,
		Location:    page.Session.place(),
	}, calendar.Party{Name: page.Facilitator, Email: m.To})
}
