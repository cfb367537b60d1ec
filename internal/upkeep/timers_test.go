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
	h.breaks(`INSERT INTO drafts (token_hash, session_id, answers, version, result, expires_at) VALUES (x'00', 1, '{}', 1, '', '2027-05-05T00:00:00Z')`,
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

// TestHealthIsForgotten: a text about health goes 30 days after the child's last session, and is then asked for
// again, never taken for "none" (RGPD-3).
func TestHealthIsForgotten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.breaks(`UPDATE children SET health_state = 'described', health_text = 'Allergie : arachides' WHERE first_name IN ('Zoé', 'Łukasz')`)
	left := func() int { return h.count(`SELECT count(*) FROM children WHERE health_text <> ''`) }
	for _, step := range []struct {
		days int // after Łukasz's session of 4 May; Zoé's is four days later
		left int
	}{{0, 2}, {29, 2}, {31, 1}, {33, 1}, {35, 0}} {
		h.clock.Set(time.Date(2027, 5, 4, 14, 0, 0, 0, time.UTC).AddDate(0, 0, step.days))
		h.must(h.timers.Due(t.Context()))
		if n := left(); n != step.left {
			t.Errorf("%d days after: %d texts, want %d", step.days, n, step.left)
		}
	}
	if n := h.count(`SELECT count(*) FROM children WHERE health_state = 'to_ask'`); n != 2 {
		t.Errorf("%d children to ask, want 2", n)
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

// TestRunOffersWhatOtherHoursAllowWithinAMinute: a seat that came free too late for an offer is offered once the settings let it (I2).
func TestRunOffersWhatOtherHoursAllowWithinAMinute(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Set(time.Date(2027, 5, 8, 8, 0, 0, 0, time.UTC)) // two waking hours are left for session 1
	h.breaks(`UPDATE sessions SET capacity = capacity + 1 WHERE id = 1`)
	if breaches := h.verify(); len(breaches) > 0 {
		t.Errorf("too late by the usual hours: %q", breaches)
	}
	before := h.count(`SELECT count(*) FROM offers`)
	h.breaks(`INSERT INTO settings (name, value) VALUES ('offer_shortest_hours', '1')`)
	if breaches := h.verify(); len(breaches) != 1 || breaches[0].Invariant != "I2" {
		t.Errorf("by other hours: %q, want I2", breaches)
	}
	h.must(h.timers.Due(t.Context()))
	if after := h.count(`SELECT count(*) FROM offers`); after != before+1 {
		t.Errorf("%d more offers, want one", after-before)
	}
	if breaches := h.verify(); len(breaches) > 0 {
		t.Errorf("%q", breaches)
	}
}

// TestRunReleasesReservedSeatsWithinAMinute: what a partner did not take in time is offered to the list without anybody asking (I2;
// domain, Capacity 8).
func TestRunReleasesReservedSeatsWithinAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.breaks(`UPDATE sessions SET capacity = 3, reserved_seats = 1, reserved_for = 'Centre social', reserved_until = '2027-05-04T22:00:00Z' WHERE id = 1`)
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			h.timers.Run(ctx)
		}()
		time.Sleep(time.Second)
		before := h.count(`SELECT count(*) FROM offers`)
		h.clock.Set(time.Date(2027, 5, 4, 22, 0, 0, 0, time.UTC))
		time.Sleep(time.Minute)
		if after := h.count(`SELECT count(*) FROM offers`); after != before+1 {
			t.Errorf("a minute after its release %d more offers, want one", after-before)
		}
		if breaches := h.verify(); len(breaches) > 0 {
			t.Errorf("%q", breaches)
		}
		stop()
		<-stopped
	})
}

func TestNextDueIsTheFirstOfOffersRemindersAndMessages(t *testing.T) {
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
	instant := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		h.must(err)
		return at
	}
	if at, found := next(); !found || !at.Equal(instant("2027-05-05T10:00:00Z")) {
		t.Errorf("with an offer that lasts 48 hours: %v, %t; want six hours before its end", at, found)
	}
	h.breaks(`UPDATE offers SET reminded_at = made_at`)
	if at, found := next(); !found || !at.Equal(instant("2027-05-05T16:00:00Z")) {
		t.Errorf("with an offer that lasts 48 hours and was told of: %v, %t", at, found)
	}
	h.breaks(`UPDATE offers SET outcome = 'declined', ended_at = made_at`)
	if at, found := next(); !found || !at.Equal(instant("2027-05-06T16:00:00Z")) {
		t.Errorf("with a seat for Saturday: %v, %t; want the evening two days before", at, found)
	}
	h.breaks(`UPDATE sessions SET reserved_seats = 1, reserved_for = 'Centre social', reserved_until = '2027-05-05T22:00:00Z' WHERE id = 1`)
	if at, found := next(); !found || !at.Equal(instant("2027-05-05T22:00:00Z")) {
		t.Errorf("with a seat kept for a partner: %v, %t", at, found)
	}
	h.clock.Set(instant("2027-05-06T16:00:00Z"))
	h.must(h.timers.Due(t.Context()))
	h.breaks(`UPDATE outbox SET state = 'sent', done_at = send_after`)
	if at, found := next(); found {
		t.Errorf("with nothing left to come: %v", at)
	}
}

// TestRequestsMoveOnByTheClock: what nothing holds back is closed, its contact forgotten years later, and a draft whose time
// has passed goes (RGPD-10).
func TestRequestsMoveOnByTheClock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.breaks(`INSERT INTO organisations (id, kind, name, address, postcode, city, created_at)
		VALUES (77, 'library', 'Médiathèque « 李 »', '3 place de la Paix', '69100', 'Villeurbanne', '2027-05-03T00:00:00Z')`,
		`INSERT INTO group_requests (id, reference, organisation_id, contact_name, contact_role, contact_email, contact_phone, wish, level, children,
			adults, place, funding, state, state_since, created_at, updated_at)
		VALUES (77, 'GRP-77777777', 77, 'Łucja Nguyễn', 'Bibliothécaire', 'lucja@example.org', '04', 'Robots', 'CM1', 20,
			2, 'theirs', 'free', 'done', '2027-05-03T00:00:00Z', '2027-05-03T00:00:00Z', '2027-05-03T00:00:00Z')`,
		`INSERT INTO request_drafts (token_hash, answers, version, expires_at) VALUES (x'00', '{}', 1, '2027-05-05T00:00:00Z')`)
	closed := func() int { return h.count(`SELECT count(*) FROM group_requests WHERE state = 'closed'`) }
	known := func() int { return h.count(`SELECT count(*) FROM group_requests WHERE contact_name <> ''`) }
	drafts := func() int { return h.count(`SELECT count(*) FROM request_drafts`) }
	for _, step := range []struct {
		at                    time.Time
		closed, known, drafts int
	}{
		{start, 0, 1, 1},
		{time.Date(2027, 5, 16, 0, 0, 0, 0, time.UTC), 0, 1, 0},
		{time.Date(2027, 5, 17, 0, 0, 0, 0, time.UTC), 1, 1, 0},
		{time.Date(2030, 5, 16, 0, 0, 0, 0, time.UTC), 1, 1, 0},
		{time.Date(2030, 5, 17, 0, 0, 0, 0, time.UTC), 1, 0, 0},
	} {
		h.clock.Set(step.at)
		h.must(h.timers.Due(t.Context()))
		if c, k, d := closed(), known(), drafts(); c != step.closed || k != step.known || d != step.drafts {
			t.Errorf("at %v: %d closed, %d contacts, %d drafts; want %d, %d, %d", step.at, c, k, d, step.closed, step.known, step.drafts)
		}
	}
}

// TestFirstNamesAreForgotten: the class list of a private session loses its names 30 days after it (RGPD-10).
func TestFirstNamesAreForgotten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.breaks(`INSERT INTO sessions (id, workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, request_id, created_at, updated_at)
			SELECT 50, workshop_id, venue_id, '2027-05-08T12:00:00Z', '2027-05-08T14:00:00Z', 12, 0, status, opens_at, closes_at, 99, created_at, updated_at FROM sessions WHERE id = 1`,
		`INSERT INTO pupils VALUES (1, 50, 1, 'Zoé', '2027-05-01T08:00:00Z'), (2, 50, 2, 'Łukasz', '2027-05-01T08:00:00Z')`)
	for _, step := range []struct{ days, named int }{{29, 2}, {31, 0}} {
		h.clock.Set(time.Date(2027, 5, 8, 14, 0, 0, 0, time.UTC).AddDate(0, 0, step.days))
		h.must(h.timers.Due(t.Context()))
		if n := h.count(`SELECT count(*) FROM pupils WHERE first_name <> ''`); n != step.named {
			t.Errorf("%d days after: %d names, want %d", step.days, n, step.named)
		}
	}
}
