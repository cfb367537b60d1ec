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
	// ComingURL asks « toujours partants ? »; CancelURL gives seats, offers and places on the list back.
	ComingURL, CancelURL string
	// CompleteURL asks what nobody had the time to ask at the door.
	CompleteURL string
	// Also says when and where the other sessions are whose lists they are on; instead of that of Booking.
	Also []string
	// Former says when the session was that the booking had before it moved.
	Former string
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
	page, err := r.newFamilyPage(p, m.Kind, b, now)
	if err != nil {
		return content{}, err
	}
	invitation := r.calendar(page, m)
	page.Invited = len(invitation) > 0
	return content{page, invitation}, nil
}

func (r *Renderer) newFamilyPage(p *words.Printer, kind string, b outbox.Booking, now time.Time) (familyPage, error) {
	cleanBooking(&b)
	session, err := newSessionPage(p, b.Session)
	if err != nil {
		return familyPage{}, err
	}
	also, err := sessionLines(p, b.Also)
	if err != nil {
		return familyPage{}, err
	}
	purpose, why := "mail", p.T("mail.why.family")
	if b.Copy {
		purpose, why = "screen", p.T("mail.why.copy")
	}
	own := r.at(p, r.site.Link(purpose, b.Reference, b.LinkVersion))
	page := familyPage{
		frame: frame{
			Lang: p.Lang(), Holes: holes(b.Reference), Why: why,
			Link: own, Facts: session.facts(p, kind),
		},
		Booking:      b,
		Session:      session,
		SessionURL:   r.at(p, fmt.Sprintf("/seances/%d", session.ID)),
		CatalogueURL: r.at(p, "/seances"),
		ComingURL:    own + "/toujours-partants",
		CancelURL:    own + "/annuler",
		CompleteURL:  own + "/completer",
		Also:         also,
		printer:      p,
	}
	if b.Before != nil {
		former, err := newSessionPage(p, *b.Before)
		if err != nil {
			return familyPage{}, err
		}
		page.Former = former.DayHour
	}
	if err := page.check(kind); err != nil {
		return familyPage{}, err
	}
	if b.OfferUntil != "" {
		until, err := time.Parse(time.RFC3339, b.OfferUntil)
		if err != nil {
			return familyPage{}, fmt.Errorf("deadline of the offer: %w", err)
		}
		page.until = until.In(session.Start.Location())
		page.Deadline = page.deadline(now)
	}
	switch kind {
	case outbox.BookingConfirmed, outbox.SeatGiven, outbox.WalkedIn, outbox.BookingMoved:
		err = page.addPrice(r.site.Settled)
	case outbox.Reminder:
		err = page.remindPrice(r.site.Settled)
	case outbox.WaitingJoined:
		if b.Rank > 0 {
			page.Facts = append(page.Facts, fact{p.T("mail.facts.rank"), p.T("mail.rank", p.Ordinal(b.Rank))})
		}
	}
	page.Facts = append(page.Facts, fact{p.T("mail.facts.reference"), b.Reference})
	return page, err
}

// check refuses a payload without what its kind tells: better a failed message that the team
// sees than « a sa place » without a name.
func (f familyPage) check(kind string) error {
	missing := false
	switch kind {
	case outbox.BookingConfirmed, outbox.Reminder, outbox.WalkedIn:
		missing = len(f.Confirmed) == 0
	case outbox.BookingMoved:
		missing = len(f.Confirmed) == 0 || f.Former == ""
	case outbox.SeatGiven:
		missing = len(f.Given) == 0 || len(f.Confirmed) == 0
	case outbox.WaitingJoined:
		missing = len(f.Waiting) == 0
	case outbox.SeatOffered, outbox.OfferSoon:
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

// addPrice says what the booking costs, and how what is left of it is paid: payments and carnets are looked at when the mail is made.
func (f *familyPage) addPrice(read func(string) (Settled, error)) error {
	paid, err := f.settled(read)
	if err != nil {
		return err
	}
	p := f.printer
	price := p.T("mail.price.free")
	if f.PriceCents == 0 && f.PerSeries {
		price = p.T("mail.price.in_series")
	}
	if f.PriceCents > 0 {
		price = f.settledWords(paid)
	}
	f.Facts = append(f.Facts, fact{p.T("mail.facts.price"), price})
	return nil
}

// settledWords says what a booking that is not free costs and how far that is settled, and links to where the rest is paid online. The copy for a
// young person tells nothing of what their guardian paid.
func (f *familyPage) settledWords(paid Settled) string {
	p, amount := f.printer, f.amount()
	switch {
	case f.Copy && paid.LeftCents < f.PriceCents:
		return amount
	case paid.Cents == 0:
		return p.T("mail.price.in_series")
	case paid.LeftCents == 0 && paid.Units > 0 && paid.PaidCents > 0:
		return p.N("mail.price.both", paid.Units, p.Money(paid.PaidCents))
	case paid.LeftCents == 0 && paid.Units > 0:
		return p.N("mail.price.carnet", paid.Units)
	case paid.LeftCents == 0:
		return p.T("mail.price.paid", amount)
	}
	where := "on_site"
	if f.PaymentURL != "" {
		where = "online"
		f.Payment = &link{p.T("mail.pay", p.Money(paid.LeftCents)), f.PaymentURL}
	}
	if paid.LeftCents < f.PriceCents {
		return p.T("mail.price.rest_"+where, amount, p.Money(paid.LeftCents))
	}
	return p.T("mail.price."+where, amount)
}

// remindPrice adds what is to be paid on the spot. Who was asked to pay online is not asked again.
func (f *familyPage) remindPrice(read func(string) (Settled, error)) error {
	if f.PriceCents == 0 || f.PaymentURL != "" {
		return nil
	}
	paid, err := f.settled(read)
	if err != nil {
		return err
	}
	p, price := f.printer, f.settledWords(paid)
	switch {
	case f.Copy || paid.LeftCents == 0:
	case paid.LeftCents < f.PriceCents:
		price = p.T("mail.price.reminder", p.Money(paid.LeftCents))
	default:
		price = p.T("mail.price.reminder", f.amount())
	}
	f.Facts = append(f.Facts, fact{p.T("mail.facts.price"), price})
	return nil
}

// settled is how far the booking is settled now. A booking that costs nothing any more since the message was written (given up meanwhile) is told as it
// was.
func (f *familyPage) settled(read func(string) (Settled, error)) (Settled, error) {
	asWritten := Settled{Cents: f.PriceCents, LeftCents: f.PriceCents}
	if read == nil || f.PriceCents == 0 {
		return asWritten, nil
	}
	paid, err := read(f.Reference)
	if err != nil {
		return Settled{}, &failure{stage: "reading what is owed", cause: err}
	}
	if paid.Cents == 0 && !f.PerSeries {
		return asWritten, nil
	}
	return paid, nil
}

// amount is what the booking costs; of a series it says that it is due once.
func (f *familyPage) amount() string {
	amount := f.printer.Money(f.PriceCents)
	if f.PerSeries {
		return f.printer.N("mail.price.series", len(f.Confirmed), amount)
	}
	return amount
}

// Everyone lists all children of the booking who are, or were, part of it.
func (f familyPage) Everyone() []string {
	return slices.Concat(f.Confirmed, f.Offered, f.Waiting)
}

// Live reports whether somebody of the booking still comes or waits.
func (f familyPage) Live() bool { return len(f.Everyone())+len(f.Given) > 0 }

// Noted confirms that children left the list, and says who of the same booking has their seats now.
func (f familyPage) Noted() string {
	switch {
	case len(f.Offered) > 0:
		return f.printer.N("mail.left.offered", len(f.Offered), f.Offered)
	case len(f.Given) > 0:
		return f.printer.N("mail.left.given", len(f.Given), f.Given)
	}
	return f.printer.T("mail.left.lead")
}

// MayHavePaid reports whether money may have changed hands before the session was cancelled.
func (f familyPage) MayHavePaid() bool { return len(f.Confirmed) > 0 && f.PriceCents > 0 }

// Seated says who has a seat; empty when nobody has.
func (f familyPage) Seated() string {
	if len(f.Confirmed) == 0 {
		return ""
	}
	return f.printer.N("mail.seated", len(f.Confirmed), f.Confirmed)
}

// OthersSeated is Seated in a booking where others had a seat before those who were given one just now.
func (f familyPage) OthersSeated() string {
	if len(f.Confirmed) == len(f.Given) {
		return ""
	}
	return f.Seated()
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

// LastOffer says whose last offer this is; empty when nobody's.
func (f familyPage) LastOffer() string {
	if len(f.Last) == 0 {
		return ""
	}
	return f.printer.N("mail.offer.last", len(f.Last), f.Last)
}

// FirstOffer says that who does not answer a first offer keeps the rank; empty when it is the last one of all.
func (f familyPage) FirstOffer() string {
	first := slices.DeleteFunc(slices.Clone(f.Offered), func(name string) bool { return slices.Contains(f.Last, name) })
	switch {
	case len(f.Last) == 0:
		return f.printer.T("mail.offer.first")
	case len(first) == 0:
		return ""
	}
	return f.printer.N("mail.offer.first_of", len(first), first)
}

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
