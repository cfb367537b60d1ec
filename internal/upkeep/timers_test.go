package upkeep_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestDueEndsOffersAndForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.breaks(`INSERT INTO drafts VALUES (x'00', 1, '{}', 1, '', '2027-05-05T00:00:00Z')`,
		`INSERT INTO sign_ins VALUES ('a', x'00', '2027-05-05T00:00:00Z')`)
	offer := func() int { return h.count(`SELECT booking_id FROM offers WHERE outcome IS NULL`) }
	before, keys := offer(), h.count(`SELECT count(*) FROM form_keys`)

	h.must(h.timers.Due(t.Context()))
	if after := offer(); after != before {
		t.Errorf("the offer moved from booking %d to %d before its time", before, after)
	}
	if n := h.count(`SELECT count(*) FROM drafts`) + h.count(`SELECT count(*) FROM sign_ins`); n != 2 {
		t.Errorf("%d of 2 rows are left before their time", n)
	}

	h.clock.Set(start.AddDate(0, 0, 2).Add(time.Minute))
	h.must(h.timers.Due(t.Context()))
	if after := offer(); after == before {
		t.Error("the offer outlived its deadline")
	}
	if n := h.count(`SELECT count(*) FROM drafts`) + h.count(`SELECT count(*) FROM sign_ins`); n != 0 {
		t.Errorf("%d rows are left after their time", n)
	}
	if after := h.count(`SELECT count(*) FROM form_keys`); after != keys {
		t.Errorf("%d of %d form keys are left, all still valid", after, keys)
	}

	h.clock.Set(start.AddDate(1, 0, 1))
	h.must(h.timers.Due(t.Context()))
	if after := h.count(`SELECT count(*) FROM form_keys`); after != 0 {
		t.Errorf("%d form keys outlived their validity", after)
	}
}

// TestRunPassesASeatOnWithinAMinute: an offer that runs out is ended without anybody asking (I2).
func TestRunPassesASeatOnWithinAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			h.timers.Run(ctx)
		}()
		time.Sleep(time.Second) // of the bubble: Run has done its first round and waits
		before := h.count(`SELECT booking_id FROM offers WHERE outcome IS NULL`)
		h.clock.Set(start.AddDate(0, 0, 2).Add(time.Second))
		time.Sleep(time.Minute)
		if after := h.count(`SELECT booking_id FROM offers WHERE outcome IS NULL`); after == before {
			t.Error("a minute after its deadline the offer still stands")
		}
		stop()
		<-stopped
	})
}

func TestNextDueIsTheFirstOfOffersAndMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	next := func() (time.Time, bool) {
		t.Helper()
		at, found, err := h.timers.NextDue(t.Context())
		h.must(err)
		return at, found
	}
	if at, found := next(); !found || !at.Equal(start) {
		t.Errorf("with mails of the start still to send: %v, %t", at, found)
	}
	h.breaks(`UPDATE outbox SET state = 'sent', done_at = send_after`)
	offer, err := time.Parse(time.RFC3339, "2027-05-05T16:00:00Z")
	h.must(err)
	if at, found := next(); !found || !at.Equal(offer) {
		t.Errorf("with an offer that lasts 48 hours: %v, %t", at, found)
	}
	h.breaks(`UPDATE offers SET outcome = 'declined', ended_at = made_at`)
	if at, found := next(); found {
		t.Errorf("with nothing left to come: %v", at)
	}
}
