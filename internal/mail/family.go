package mail

import (
	"fmt"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// familyPage is a message to a family about one booking.
type familyPage struct {
	frame
	outbox.Booking
	Session sessionPage // instead of that of Booking
	// SessionURL and CatalogueURL are the ways back in.
	SessionURL, CatalogueURL string
	// Deadline is that of the offer.
	Deadline deadline
	// Payment is where to pay; nil when there is nothing to pay online.
	Payment *link
	// Invited tells that a calendar file comes with the mail.
	Invited bool

	printer *words.Printer
	until   time.Time // of the offer, in the zone of the venue
}

// deadline says until when an offer lives, as an instant and as the time left.
type deadline struct{ Until, Left string }

func (r *Renderer) family(p *words.Printer, m outbox.Claimed, now time.Time) (content, error) {
	b, err := decode[outbox.Booking](m.Payload)
	if err != nil {
		return content{}, err
	}
	cleanBooking(&b)
	session, err := newSessionPage(p, b.Session)
	if err != nil {
		return content{}, err
	}
	page := familyPage{
		frame: frame{
			Lang: p.Lang(), Holes: holes(b.Reference), Why: p.T("mail.why.family"),
			Link:  r.site.BaseURL + r.site.Link("mail", b.Reference, b.LinkVersion),
			Facts: session.facts(p, m.Kind),
		},
		Booking:      b,
		Session:      session,
		SessionURL:   fmt.Sprintf("%s/seances/%d", r.site.BaseURL, session.ID),
		CatalogueURL: r.site.BaseURL + "/seances",
		printer:      p,
	}
	if err := page.check(m.Kind); err != nil {
		return content{}, err
	}
	if b.OfferUntil != "" {
		until, err := time.Parse(time.RFC3339, b.OfferUntil)
		if err != nil {
			return content{}, fmt.Errorf("deadline of the offer: %w", err)
		}
		page.until = until.In(session.Start.Location())
		page.Deadline = page.deadline(now)
	}
	if m.Kind == outbox.BookingConfirmed {
		page.addPrice()
	}
	page.Facts = append(page.Facts, fact{p.T("mail.facts.reference"), b.Reference})
	invitation := r.calendar(page, m)
	page.Invited = invitation != nil
	return content{page, invitation}, nil
}

// check refuses a payload without what its kind tells: better a failed message that the team
// sees than « a sa place » without a name.
func (f familyPage) check(kind string) error {
	missing := false
	switch kind {
	case outbox.BookingConfirmed:
		missing = len(f.Confirmed) == 0
	case outbox.WaitingJoined:
		missing = len(f.Waiting) == 0
	case outbox.SeatOffered:
		missing = len(f.Offered) == 0 || f.OfferUntil == ""
	case outbox.OfferExpired:
		missing = len(f.Offered) == 0
	case outbox.BookingCancelled, outbox.WaitingLeft:
		missing = len(f.Cancelled) == 0
	case outbox.BookingRepeated, outbox.SessionMoved, outbox.SessionCancelled:
		missing = len(f.Everyone()) == 0
	}
	if missing || f.Reference == "" {
		return fmt.Errorf("payload of booking %q lacks what the message tells", f.Reference)
	}
	return nil
}

func (f familyPage) deadline(now time.Time) deadline {
	p := f.printer
	d := deadline{Until: p.N("mail.offer.until", len(f.Offered), p.DateHour(f.until))}
	left := f.until.Sub(now)
	switch hours := int(left / time.Hour); {
	case left <= 0:
		d.Left = p.T("mail.offer.over")
	case hours == 0:
		d.Left = p.T("mail.offer.soon")
	default:
		d.Left = p.N("mail.offer.hours", hours)
	}
	return d
}

func (f *familyPage) addPrice() {
	p := f.printer
	price := p.T("mail.price.free")
	if f.PriceCents > 0 {
		amount := p.Money(f.PriceCents)
		price = p.T("mail.price.on_site", amount)
		if f.PaymentURL != "" {
			price = p.T("mail.price.online", amount)
			f.Payment = &link{p.T("mail.pay", amount), f.PaymentURL}
		}
	}
	f.Facts = append(f.Facts, fact{p.T("mail.facts.price"), price})
}

// Everyone lists all children of the booking who are, or were, part of it.
func (f familyPage) Everyone() []string {
	return slices.Concat(f.Confirmed, f.Offered, f.Waiting)
}

// Live reports whether somebody of the booking still comes or waits.
func (f familyPage) Live() bool { return len(f.Everyone()) > 0 }

// MayHavePaid reports whether money may have changed hands before the session was cancelled.
func (f familyPage) MayHavePaid() bool { return len(f.Confirmed) > 0 && f.PriceCents > 0 }

// Seated says who has a seat; empty when nobody has.
func (f familyPage) Seated() string {
	if len(f.Confirmed) == 0 {
		return ""
	}
	return f.printer.N("mail.seated", len(f.Confirmed), f.Confirmed)
}

// StillSeated is Seated after others of the booking have left.
func (f familyPage) StillSeated() string {
	if len(f.Confirmed) == 0 {
		return ""
	}
	return f.printer.N("mail.still_seated", len(f.Confirmed), f.Confirmed)
}

// StillOffered says to whom a seat is offered; empty when to nobody.
func (f familyPage) StillOffered() string {
	if len(f.Offered) == 0 || f.until.IsZero() {
		return ""
	}
	return f.printer.N("mail.offered", len(f.Offered), f.Offered, f.printer.DateHour(f.until))
}

// StillWaiting says who waits, and at which rank; empty when nobody does.
func (f familyPage) StillWaiting() string { return f.waiting(f.Waiting) }

// BackOnList says at which rank those wait whose offer has passed.
func (f familyPage) BackOnList() string { return f.waiting(f.Offered) }

func (f familyPage) waiting(names []string) string {
	switch {
	case len(names) == 0:
		return ""
	case f.Rank == 0:
		return f.printer.N("mail.waiting_unranked", len(names), names)
	}
	return f.printer.N("mail.waiting", len(names), names, f.printer.Ordinal(f.Rank))
}
