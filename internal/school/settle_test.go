package school

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// agreed is a request whose workshop, on 9 June, is agreed.
func (c *team) agreed() (Link, int64) {
	c.t.Helper()
	link, id := c.scheduled()
	c.must(c.SkipQuote(c.t.Context(), c.staff, c.key(), id, "Offert"))
	c.must(c.SkipAgreement(c.t.Context(), c.staff, c.key(), id))
	return link, id
}

// headcount counts who came to every session of a request.
func (c *team) headcount(id int64) {
	c.t.Helper()
	c.write(`INSERT INTO headcounts (session_id, level, gender, children, recorded_at)
		SELECT id, 'CM1', 'girl', 12, '2026-06-09T09:30:00Z' FROM sessions WHERE request_id = ?`, id)
}

// settles runs the timer twice: what is done is done once.
func (c *team) settles(id int64, want State, waits bool) {
	c.t.Helper()
	for range 2 {
		c.must(c.Settle(c.t.Context()))
	}
	if got := c.read(id); got.State != want || got.WaitingSince.IsZero() == waits {
		c.t.Errorf("request is %s and waits since %v; want %s, waiting %v", got.State, got.WaitingSince, want, waits)
	}
}

// A workshop is done once it has ended and was counted, and the request over once nothing is owed (UX-S2).
func TestSettle(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	link, id := c.agreed()
	contact := c.read(id).Contact.Email
	c.settles(id, Agreed, false)
	c.clock.Set(duringSession)
	c.settles(id, Agreed, false)
	c.clock.Set(endOfSession)
	c.settles(id, Agreed, true) // nobody was counted yet
	c.headcount(id)
	c.clock.Set(afterSession.Add(-time.Second)) // the count may still be corrected
	c.settles(id, Agreed, true)
	c.clock.Set(afterSession)
	c.settles(id, Done, false)
	if n := c.told(outbox.RequestDone, contact); n != 1 {
		t.Errorf("%d thanks, want 1", n)
	}
	c.must(c.GiveFeedback(t.Context(), c.key(), link, 4, "Rien, c'était très bien"))
	c.settles(id, Closed, false)
	if n := c.told(outbox.RequestClosed, contact); n != 1 {
		t.Errorf("%d last messages, want 1", n)
	}
}

// Without an answer of the teacher, a request waits for 14 days.
func TestSettleWithoutFeedback(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	_, id := c.agreed()
	c.clock.Set(afterSession)
	c.headcount(id)
	c.settles(id, Done, false)
	c.clock.Advance(feedbackDays*24*time.Hour - time.Second)
	c.settles(id, Done, false)
	c.clock.Advance(time.Second)
	c.settles(id, Closed, false)
}

// A workshop of two days is done after the second; one that was called off is not waited for.
func TestSettleCountsEverySession(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	p := c.proposal()
	p.Each, p.Times = false, append(p.Times, TypedTime{"2026-06-16", "09:00", "11:00"})
	link, id, slot := c.proposed("École « Łucja »", p)
	c.must(c.choose(link, slot.ID))
	c.must(c.SkipQuote(t.Context(), c.staff, c.key(), id, "Offert"))
	c.must(c.SkipAgreement(t.Context(), c.staff, c.key(), id))
	c.clock.Set(afterSession)
	c.write(`INSERT INTO headcounts SELECT min(id), 'CM1', 'boy', 9, '2026-06-09T09:30:00Z' FROM sessions WHERE request_id = ?`, id)
	c.settles(id, Agreed, false)
	second := int64(c.count("SELECT max(id) FROM sessions WHERE request_id = ?", id))
	c.must(c.CancelSession(t.Context(), c.staff, c.key(), second, "Grève"))
	c.settles(id, Done, false)
}

// Money holds a request open: an invoice to write, then one to pay.
func TestSettleWaitsForMoney(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	_, id := c.agreed()
	c.write(`INSERT INTO quotes (request_id, version, year, number, state, lines, total_cents, content, content_hash, issued_at, created_at, updated_at)
		VALUES (?, 1, 2026, 1, 'accepted', '[]', 12050, '{}', 'x', '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z')`, id)
	c.clock.Set(afterSession)
	c.headcount(id)
	c.settles(id, Done, true)
	c.clock.Advance(30 * 24 * time.Hour)
	c.settles(id, Done, true)

	invoice := c.write(`INSERT INTO invoices (kind, request_id, year, number, total_cents, content, content_hash, issued_at)
		VALUES ('invoice', ?, 2026, 1, 12050, '{}', 'x', '2026-07-01T12:00:00Z')`, id)
	c.write("UPDATE group_requests SET waiting_since = NULL WHERE id = ?", id)
	c.settles(id, Done, false)
	pay := func(cents int) {
		c.write(`INSERT INTO payments (invoice_id, cents, mode, received_on, recorded_by, recorded_at) VALUES (?, ?, 'transfer', '2026-07-02', ?, '2026-07-02T12:00:00Z')`,
			invoice, cents, c.staff.ID)
	}
	pay(12000)
	c.settles(id, Done, false)
	c.write(`INSERT INTO invoices (kind, request_id, credits, year, number, total_cents, content, content_hash, issued_at)
		VALUES ('credit_note', ?, ?, 2026, 1, 50, '{}', 'x', '2026-07-03T12:00:00Z')`, id, invoice)
	c.settles(id, Closed, false)
}

func TestGiveFeedback(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	link, id := c.agreed()
	ctx := t.Context()
	c.wantFault(c.GiveFeedback(ctx, c.key(), link, 4, ""), "school.feedback_early")
	c.clock.Set(afterSession)
	c.headcount(id)
	c.must(c.Settle(ctx))
	for _, rating := range []int{0, 5, -1} {
		c.wantFault(c.GiveFeedback(ctx, c.key(), link, rating, ""), "error.invalid")
	}
	key := c.key()
	for range 2 {
		c.must(c.GiveFeedback(ctx, key, link, 2, "Plus de robots"))
	}
	c.wantFault(c.GiveFeedback(ctx, c.key(), link, 4, ""), "school.feedback_given")
	if n := c.count("SELECT rating FROM feedbacks WHERE request_id = ? AND comment = 'Plus de robots'", id); n != 2 {
		t.Errorf("rating %d, want 2", n)
	}
	if n := c.messages(outbox.RequestNews, `"news":"feedback"`); n != 1 {
		t.Errorf("%d messages to the team, want 1", n)
	}
}

// Where it is too late for the organisation's answer the next step is the team's, once: it may then hand it back.
func TestSettleTakesBackWhatLapsed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		build func(c *team) int64
		last  time.Time // when it can still be answered
		state State
	}{
		"every date is past": {func(c *team) int64 {
			p := c.proposal()
			p.Times = append(p.Times, TypedTime{"2026-06-16", "09:00", "11:00"})
			_, id, _ := c.proposed("École Łucja", p)
			return id
		}, time.Date(2026, 6, 16, 6, 59, 59, 0, time.UTC), Proposed},
		"the quote is not valid any more": {func(c *team) int64 {
			c.seller()
			p := c.proposal()
			p.Times[0].Date = "2026-09-15"
			link, id, slot := c.proposed("École Łucja", p)
			c.must(c.choose(link, slot.ID))
			c.issue(c.read(id), 15000)
			return id
		}, time.Date(2026, 6, 3, 21, 59, 59, 0, time.UTC), Quoted},
		"it took place unsigned": {func(c *team) int64 {
			_, id := c.scheduled()
			c.must(c.SkipQuote(c.t.Context(), c.staff, c.key(), id, "Offert"))
			_, err := c.IssueAgreement(c.t.Context(), c.staff, c.key(), id, writeFacts)
			c.must(err)
			return id
		}, duringSession, Accepted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newTeam(t)
			id := tt.build(c)
			c.settles(id, tt.state, false)
			c.clock.Set(tt.last)
			c.settles(id, tt.state, false)
			c.clock.Set(tt.last.Add(3 * time.Hour))
			c.settles(id, tt.state, true)
			c.clock.Advance(time.Hour)
			c.write(`UPDATE group_requests SET waiting_since = NULL, updated_at = ? WHERE id = ?`, sqlite.Time(c.clock.Now()), id)
			c.settles(id, tt.state, false)
		})
	}
}
