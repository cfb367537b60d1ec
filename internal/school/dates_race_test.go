package school

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// chooser accepts an option: Service.Choose, or a broken variant of it.
type chooser func(ctx context.Context, link Link, slot int64) error

// rivals are organisations that were all proposed the same morning with the same person and the same kit.
func (c *team) rivals(n int, change func(i int, p *Proposal)) (links []Link, slots []int64) {
	c.t.Helper()
	for i := range n {
		p := c.proposal()
		change(i, &p)
		link, _, slot := c.proposed(fmt.Sprintf("École n° %d, Łucja", i), p)
		links, slots = append(links, link), append(slots, slot.ID)
	}
	return links, slots
}

// rush lets every organisation choose at the same instant and returns what each was told.
func (c *team) rush(links []Link, slots []int64, choose chooser) []error {
	c.t.Helper()
	told := make([]error, len(links))
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range links {
		all.Go(func() {
			<-start
			told[i] = choose(c.t.Context(), links[i], slots[i])
		})
	}
	close(start)
	all.Wait()
	return told
}

// promisedTwice counts pairs of live sessions that overlap and share a person, a kit (of one copy) or a room of ours.
func (c *team) promisedTwice() int {
	c.t.Helper()
	return c.count(`SELECT count(*) FROM sessions a JOIN sessions b ON a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
		WHERE a.status <> 'cancelled' AND b.status <> 'cancelled' AND (
		  EXISTS (SELECT 1 FROM session_facilitators f JOIN session_facilitators g USING (user_id) WHERE f.session_id = a.id AND g.session_id = b.id)
		  OR EXISTS (SELECT 1 FROM session_kits f JOIN session_kits g USING (kit_id) WHERE f.session_id = a.id AND g.session_id = b.id)
		  OR a.venue_id = b.venue_id AND EXISTS (SELECT 1 FROM venues v WHERE v.id = a.venue_id AND v.listed = 1))`)
}

// TestOneWinsTheDate: of many organisations that choose at once what only one can have, one has it, and the others are told
// that it was taken and keep everything (UX-S3).
func TestOneWinsTheDate(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(c *team) func(i int, p *Proposal)
	}{
		{"the same person", func(*team) func(int, *Proposal) { return func(_ int, p *Proposal) { p.Kits = nil } }},
		{"the same kit", func(c *team) func(int, *Proposal) {
			return func(i int, p *Proposal) {
				p.Facilitators = []int64{c.user(fmt.Sprintf("Łukasz %d", i), account.Facilitator)}
			}
		}},
		{"the same room", func(c *team) func(int, *Proposal) {
			return func(i int, p *Proposal) {
				p.Kits, p.VenueID = nil, c.venue
				p.Facilitators = []int64{c.user(fmt.Sprintf("Nguyễn %d", i), account.Facilitator)}
			}
		}},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			c := newTeam(t)
			links, slots := c.rivals(8, k.change(c))
			won := 0
			for i, err := range c.rush(links, slots, func(ctx context.Context, link Link, slot int64) error {
				return c.Choose(ctx, account.Guest(), c.key(), link, slot)
			}) {
				if err == nil {
					won++
					continue
				}
				wantFault(t, err, fault.Conflict, "school_dates.taken")
				if d := c.dates(links[i]); d.Slots[0].State != SlotOpen || d.Request.Scheduled || d.Request.State != Proposed {
					t.Errorf("who came second lost something: %+v", d)
				}
			}
			if won != 1 || c.promisedTwice() != 0 || c.count(`SELECT count(*) FROM sessions`) != 1 {
				t.Errorf("%d won, with %d sessions", won, c.count(`SELECT count(*) FROM sessions`))
			}
		})
	}
}

// TestRaceSeesWhatItIsThereToSee: the same rush on a variant that looks before its transaction, not in it, promises a
// person twice within a few rounds. If it did not, the test above would prove nothing.
func TestRaceSeesWhatItIsThereToSee(t *testing.T) {
	t.Parallel()
	const rounds = 20
	for range rounds {
		c := newTeam(t)
		links, slots := c.rivals(8, func(int, *Proposal) {})
		c.rush(links, slots, c.careless)
		if c.promisedTwice() > 0 {
			return
		}
	}
	t.Errorf("in %d rounds nobody was promised twice", rounds)
}

// careless is Choose with its check outside the transaction.
func (c *team) careless(ctx context.Context, link Link, slotID int64) error {
	d, err := c.Dates(ctx, link)
	if err != nil {
		return err
	}
	slot := d.Slots[0]
	if err := slot.refuse(d.Request); err != nil {
		return err
	}
	return c.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		now, t := sqlite.Time(tx.Now()), slot.Times[0]
		res, err := tx.Exec(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at,
			request_id, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, 24, 0, 'published', ?6, ?3, ?5, ?6, ?6)`,
			slot.Workshop.ID, slot.Venue.ID, sqlite.Time(t.From), sqlite.Time(t.To), d.Request.ID, now)
		if err != nil {
			return err
		}
		id, err := res.LastInsertId()
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO session_facilitators (session_id, user_id) VALUES (?, ?)`, id, slot.Facilitators[0].ID)
		return err
	})
}
