package school

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// payer makes somebody else pay for a request.
func (o *office) payer(requestID int64) {
	o.t.Helper()
	o.write(`INSERT INTO payers (request_id, name, address, postcode, city, is_public, contact_name, contact_email, contact_phone, created_at, updated_at)
		VALUES (?, 'Ville de Lyon', '1 place de la Comédie', '69001', 'Lyon', 1, 'Łucja Nguyễn', 'mairie@ville.exemple.fr', '04 72', '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z')`, requestID)
}

// after are the times of the private sessions of a proposal: before, during and after them.
var (
	duringSession = time.Date(2026, 6, 9, 7, 30, 0, 0, time.UTC)
	endOfSession  = time.Date(2026, 6, 9, 9, 0, 0, 0, time.UTC)
	afterSession  = time.Date(2026, 6, 10, 9, 0, 0, 0, time.UTC) // when its count is no more corrected
)

// scheduled is a request whose dates are fixed.
func (c *team) scheduled() (Link, int64) {
	c.t.Helper()
	link, id, slot := c.proposed("Médiathèque « 李 »", c.proposal())
	c.must(c.choose(link, slot.ID))
	return link, id
}

func TestDecline(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	link, id := c.scheduled()
	c.payer(id)
	contact := c.read(id).Contact.Email
	c.wantFault(c.Decline(t.Context(), c.staff, c.key(), id, " "), "error.invalid")
	key := c.key()
	for range 2 {
		c.must(c.Decline(t.Context(), c.staff, key, id, "Personne n'anime ce jour-là"))
	}
	if got := c.read(id); got.State != Declined || got.Scheduled || !got.WaitingSince.IsZero() {
		t.Errorf("request = %+v", got)
	}
	if n := c.live(id); n != 0 {
		t.Errorf("%d sessions are still on", n)
	}
	for _, to := range []string{contact, "mairie@ville.exemple.fr"} {
		if n := c.told(outbox.RequestDeclined, to); n != 1 {
			t.Errorf("%d messages to %s, want 1", n, to)
		}
	}
	if n := c.count("SELECT count(*) FROM audit WHERE action = 'request.declined'"); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
	c.wantFault(c.Withdraw(t.Context(), c.key(), link, ""), "school.too_late")
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	link, id := c.scheduled()
	c.payer(id)
	for range 2 {
		c.must(c.Withdraw(t.Context(), c.key(), link, "L'école ferme"))
	}
	if got := c.read(id); got.State != Withdrawn || got.Scheduled {
		t.Errorf("request = %+v", got)
	}
	if n := c.live(id); n != 0 {
		t.Errorf("%d sessions are still on", n)
	}
	if n := c.told(outbox.RequestWithdrawn, c.read(id).Contact.Email); n != 1 {
		t.Errorf("%d messages to the contact, want 1", n)
	}
	if n := c.told(outbox.RequestWithdrawn, "mairie@ville.exemple.fr"); n != 1 {
		t.Errorf("%d messages to the payer, want 1", n)
	}
	if n := c.messages(outbox.RequestNews, `"news":"withdrawn"`); n != 1 {
		t.Errorf("%d messages to the team, want 1", n)
	}
	// Whoever asks names both mailboxes, unproved: what is written freely goes to the team alone.
	if n := c.messages(outbox.RequestWithdrawn, "ferme"); n != 0 {
		t.Errorf("%d messages carry what the contact wrote to mailboxes that the contact named", n)
	}
	if n := c.messages(outbox.RequestNews, "ferme"); n != 1 {
		t.Errorf("%d messages tell the team why, want 1", n)
	}
	c.wantFault(c.Decline(t.Context(), c.staff, c.key(), id, "Trop tard"), "school.too_late")
	wrong := link
	wrong.Signature = link.Reference
	c.wantFault(c.Withdraw(t.Context(), c.key(), wrong, ""), "error.not_found")
}

// What took place counts for reports and invoices: such a request does not end early.
func TestNoEndOnceAWorkshopHasBegun(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	link, id := c.scheduled()
	c.clock.Set(duringSession)
	if d := c.dates(link); !d.Begun {
		t.Error("its dates can still be moved")
	}
	c.wantFault(c.AskOtherDates(t.Context(), account.Guest(), c.key(), link, "Plutôt en juin", nil), "school.too_late")
	c.wantFault(c.Decline(t.Context(), c.staff, c.key(), id, "Pluie"), "school.has_begun")
	c.wantFault(c.Withdraw(t.Context(), c.key(), link, ""), "school.has_begun")
	if got := c.read(id); got.State != Proposed || c.live(id) != 1 {
		t.Errorf("request is %s, %d sessions", got.State, c.live(id))
	}
}

// Free workshops need no quote; others only with a reason. Some organisations sign no agreement.
func TestSkip(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	_, id := c.scheduled()
	c.wantFault(c.SkipAgreement(t.Context(), c.staff, c.key(), id), "school.too_late")
	c.wantFault(c.SkipQuote(t.Context(), c.staff, c.key(), id, ""), "error.invalid")
	c.must(c.SkipQuote(t.Context(), c.staff, c.key(), id, "Payé par la Métropole"))
	if got := c.read(id); got.State != Accepted || got.WaitingSince.IsZero() {
		t.Errorf("after no quote: %+v", got)
	}
	c.must(c.SkipAgreement(t.Context(), c.staff, c.key(), id))
	if got := c.read(id); got.State != Agreed || !got.WaitingSince.IsZero() {
		t.Errorf("after no agreement: %+v", got)
	}
	contact := c.read(id).Contact.Email
	if a, b := c.told(outbox.RequestAccepted, contact), c.told(outbox.RequestAgreed, contact); a != 1 || b != 1 {
		t.Errorf("%d and %d messages, want 1 and 1", a, b)
	}

	free := c.asked(Proposed, map[string]any{"funding": "free"})
	c.wantFault(c.SkipQuote(t.Context(), c.staff, c.key(), free.ID, ""), "school.dates_first")
	agreed := c.asked(Accepted, nil)
	c.wantFault(c.SkipAgreement(t.Context(), c.staff, c.key(), agreed.ID), "school.dates_first")
	comms := account.Actor{Kind: account.KindUser, ID: c.user("محمد", account.Communication), Role: account.Communication}
	c.wantFault(c.SkipAgreement(t.Context(), comms, c.key(), agreed.ID), "error.forbidden")
}
