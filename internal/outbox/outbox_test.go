package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

var start = time.Date(2027, 5, 3, 18, 0, 0, 0, time.UTC)

type fixture struct {
	*outbox.Store
	t     *testing.T
	db    *sqlite.DB
	clock *sqlitetest.Clock
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	clock := sqlitetest.NewClock(start)
	db := sqlitetest.NewAt(t, clock.Now)
	return fixture{outbox.NewStore(db), t, db, clock}
}

func (f fixture) write(do func(tx *sqlite.Tx) error) {
	f.t.Helper()
	if err := f.db.Write(f.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return do(tx) }); err != nil {
		f.t.Fatal(err)
	}
}

func (f fixture) add(to, reference string) {
	f.t.Helper()
	f.addAfter(to, reference, time.Time{})
}

func (f fixture) addAfter(to, reference string, after time.Time) {
	f.t.Helper()
	f.write(func(tx *sqlite.Tx) error {
		return outbox.Add(tx, outbox.Message{
			Kind: outbox.BookingConfirmed, Language: "fr", To: to, SendAfter: after,
			Payload: outbox.Booking{Reference: reference, Guardian: "Nguyễn 李", Confirmed: []string{"Zoé"}, Session: outbox.Session{ID: 7}},
		})
	})
}

func (f fixture) claim(limit int) []outbox.Claimed {
	f.t.Helper()
	claimed, err := f.Claim(f.t.Context(), limit)
	if err != nil {
		f.t.Fatal(err)
	}
	return claimed
}

// references lists the bookings that the claimed messages are about.
func references(t *testing.T, claimed []outbox.Claimed) []string {
	t.Helper()
	var refs []string
	for _, c := range claimed {
		var b outbox.Booking
		if err := json.Unmarshal(c.Payload, &b); err != nil {
			t.Fatal(err)
		}
		refs = append(refs, b.Reference)
	}
	return refs
}

func (f fixture) wantClaim(want ...string) []outbox.Claimed {
	f.t.Helper()
	claimed := f.claim(100)
	if got := references(f.t, claimed); !slices.Equal(got, want) {
		f.t.Fatalf("claimed %q, want %q", got, want)
	}
	return claimed
}

func (f fixture) sent(c outbox.Claimed) {
	f.t.Helper()
	if err := f.Sent(f.t.Context(), c.ID); err != nil {
		f.t.Fatal(err)
	}
}

func (f fixture) failed(c outbox.Claimed, permanent bool) {
	f.t.Helper()
	if err := f.Failed(f.t.Context(), c.ID, errors.New("451 plus tard\r\nBcc: x"), permanent); err != nil {
		f.t.Fatal(err)
	}
}

// count runs a query that gives one number.
func (f fixture) count(query string) int {
	f.t.Helper()
	var n int
	err := f.db.Read(f.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query).Scan(&n) })
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

func TestAddIsPartOfItsTransaction(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undone := errors.New("the booking failed")
	err := f.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		if err := outbox.Add(tx, outbox.Message{Kind: outbox.BookingConfirmed, Language: "fr", To: "zoe@example.org", Payload: outbox.Booking{}}); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	f.wantClaim()
	f.add("zoe@example.org", "A")
	c := f.wantClaim("A")[0]
	if c.Kind != outbox.BookingConfirmed || c.Language != "fr" || c.To != "zoe@example.org" || c.Attempts != 1 || !c.CreatedAt.Equal(start) {
		t.Errorf("claimed %+v", c)
	}
	if len(c.MessageID) < 22 || strings.ContainsAny(c.MessageID, "@<> ") {
		t.Errorf("left part of the Message-ID %q: want 128 random bits and no host", c.MessageID)
	}
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for name, m := range map[string]outbox.Message{
		"no language":      {Kind: outbox.WaitingLeft, Language: "deutsch", To: "a@example.org", Payload: outbox.Booking{}},
		"payload":          {Kind: outbox.WaitingLeft, Language: "fr", To: "a@example.org", Payload: func() {}},
		"unknown guardian": {Kind: outbox.WaitingLeft, Language: "fr", To: "a@example.org", Payload: outbox.Booking{}, GuardianID: 99},
	} {
		err := f.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return outbox.Add(tx, m) })
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestFamilyWithoutAddressGetsNoMessage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("", "A")
	if n := f.count("SELECT COUNT(*) FROM outbox"); n != 0 {
		t.Errorf("%d rows, want none", n)
	}
}

func TestDelayedMessageWaitsAndStopsNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.addAfter("zoe@example.org", "cancelled", start.Add(10*time.Minute))
	f.add("zoe@example.org", "booked")
	f.sent(f.wantClaim("booked")[0])
	f.wantClaim()
	at, found, err := f.NextDue(t.Context())
	if err != nil || !found || !at.Equal(start.Add(10*time.Minute)) {
		t.Errorf("next due %v %v %v", at, found, err)
	}
	f.clock.Advance(10 * time.Minute)
	f.sent(f.wantClaim("cancelled")[0])
	if _, found, err := f.NextDue(t.Context()); found || err != nil {
		t.Errorf("next due of an empty outbox: %v %v", found, err)
	}
}

func TestEachPersonGetsTheirsInOrder(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, ref := range []string{"Z1", "Z2", "Z3"} {
		f.add("zoe@example.org", ref)
	}
	f.add("lukasz@example.org", "L1")

	first := f.wantClaim("Z1", "L1")
	f.wantClaim() // Z2 waits for Z1, which is on its way
	f.failed(first[0], false)
	f.wantClaim() // and while Z1 waits for its second try
	f.sent(first[1])
	if at, found, err := f.NextDue(t.Context()); err != nil || !found || !at.Equal(start.Add(time.Minute)) {
		t.Errorf("next due %v %v %v, want the second try: Z2 and Z3 wait for it", at, found, err)
	}
	f.clock.Advance(time.Minute)
	again := f.wantClaim("Z1")
	if again[0].MessageID != first[0].MessageID || again[0].Attempts != 2 {
		t.Errorf("second try %+v, first %+v: want the same Message-ID, one attempt more", again[0], first[0])
	}
	f.failed(again[0], true) // given up: the next is free
	f.sent(f.wantClaim("Z2")[0])
	f.sent(f.wantClaim("Z3")[0])
}

func TestLeaseEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("zoe@example.org", "Z1")
	f.add("zoe@example.org", "Z2")
	f.wantClaim("Z1") // and never reported
	f.clock.Advance(9 * time.Minute)
	f.wantClaim()
	f.clock.Advance(time.Minute)
	f.sent(f.wantClaim("Z1")[0])
	f.wantClaim("Z2")
}

func TestRecoverTakesBackWhatACrashLeft(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("zoe@example.org", "Z1")
	f.add("zoe@example.org", "Z2")
	before := f.wantClaim("Z1")[0]
	if n, err := f.Recover(t.Context()); n != 1 || err != nil {
		t.Fatalf("recovered %d %v", n, err)
	}
	after := f.wantClaim("Z1")[0]
	if after.MessageID != before.MessageID {
		t.Error("the copy has another Message-ID")
	}
}

// The waits are 1, 5, 15 and 60 minutes, then longer, and together under a day (REL-8).
func TestBackOffThenGiveUp(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("zoe@example.org", "Z1")
	waits := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}
	tries := 0
	for {
		claimed := f.claim(1)
		if len(claimed) == 0 {
			break
		}
		f.failed(claimed[0], false)
		tries++
		at, found, err := f.NextDue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			break
		}
		if tries <= len(waits) && at.Sub(f.clock.Now()) != waits[tries-1] {
			t.Errorf("wait %d is %v, want %v", tries, at.Sub(f.clock.Now()), waits[tries-1])
		}
		f.clock.Set(at)
	}
	if took := f.clock.Now().Sub(start); took < 12*time.Hour || took > 24*time.Hour {
		t.Errorf("gave up after %v, want within 24 h but not early", took)
	}
	failed, err := f.FailedMessages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := outbox.FailedMessage{ID: 1, Kind: outbox.BookingConfirmed, To: "zoe@example.org", SessionID: 7, Reference: "Z1", Error: "451 plus tard Bcc: x", FailedAt: f.clock.Now()}
	if len(failed) != 1 || failed[0] != want {
		t.Errorf("failed %+v, want %+v", failed, want)
	}
}

func TestPermanentFailureGivesUpAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("zoe@example.org", "Z1")
	f.failed(f.wantClaim("Z1")[0], true)
	if failed, err := f.FailedMessages(t.Context()); err != nil || len(failed) != 1 {
		t.Errorf("failed %+v %v", failed, err)
	}
	if b, err := f.Backlog(t.Context()); err != nil || b.Count != 0 {
		t.Errorf("backlog %+v %v", b, err)
	}
}

func TestResend(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("zoe@example.org", "Z1")
	resend := func(id int64) (again bool) {
		f.write(func(tx *sqlite.Tx) (err error) {
			again, err = outbox.Resend(tx, id)
			return err
		})
		return again
	}
	if resend(1) || resend(2) {
		t.Error("resent what had not failed")
	}
	f.failed(f.wantClaim("Z1")[0], true)
	if !resend(1) || resend(1) {
		t.Error("a failed message is resent once")
	}
	if failed, err := f.FailedMessages(t.Context()); err != nil || len(failed) != 0 {
		t.Errorf("still failed: %+v %v", failed, err)
	}
	if c := f.wantClaim("Z1")[0]; c.Attempts != 1 {
		t.Errorf("attempt %d, want the first of a new life", c.Attempts)
	}
}

func TestOpenMessages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.addAfter("ali@example.org", "A1", start.Add(10*time.Minute))
	f.add("zoe@example.org", "Z1")
	f.add("li@example.org", "L1")
	f.failed(f.claim(1)[0], false)
	open, err := f.OpenMessages(t.Context(), 2)
	if err != nil || len(open) != 2 {
		t.Fatalf("open %+v %v, want two", open, err)
	}
	if open[0].To != "li@example.org" || open[0].Attempts != 0 || !open[0].NextTry.Equal(start) || open[0].SessionID != 7 {
		t.Errorf("first %+v, want the one due now", open[0])
	}
	if open[1].To != "zoe@example.org" || open[1].Attempts != 1 || open[1].Error != "451 plus tard Bcc: x" || !open[1].NextTry.Equal(start.Add(time.Minute)) {
		t.Errorf("second %+v, want the one that failed once", open[1])
	}
}

func TestRetryNow(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("zoe@example.org", "Z1")
	f.addAfter("ali@example.org", "delayed", start.Add(10*time.Minute))
	f.failed(f.wantClaim("Z1")[0], false)
	f.wantClaim()
	if n, err := f.RetryNow(t.Context()); n != 1 || err != nil {
		t.Fatalf("hastened %d %v", n, err)
	}
	f.wantClaim("Z1") // and not the one delayed on purpose
}

func TestSentOnlyOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("zoe@example.org", "Z1")
	c := f.wantClaim("Z1")[0]
	f.sent(c)
	f.failed(c, true) // a late report changes nothing
	f.sent(c)
	if n := f.count("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"); n != 1 {
		t.Error("a late report undid a sent message")
	}
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	later := start.Add(10 * time.Minute)
	tests := []struct {
		name      string
		kind      string
		session   int64
		reference string
		want      []string // what is still sent
	}{
		{"one booking", outbox.BookingConfirmed, 7, "A", []string{"B"}},
		{"whole session", outbox.BookingConfirmed, 7, "", nil},
		{"another kind", outbox.BookingCancelled, 7, "", []string{"A", "B"}},
		{"another session", outbox.BookingConfirmed, 8, "A", []string{"A", "B"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.addAfter("zoe@example.org", "A", later)
			f.addAfter("ali@example.org", "B", later)
			var n int
			f.write(func(tx *sqlite.Tx) (err error) {
				n, err = outbox.Withdraw(tx, tt.kind, tt.session, tt.reference)
				return err
			})
			if n != 2-len(tt.want) {
				t.Errorf("withdrew %d", n)
			}
			f.clock.Set(later)
			f.wantClaim(tt.want...)
		})
	}
	t.Run("on its way", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t)
		f.add("zoe@example.org", "A")
		f.wantClaim("A")
		f.write(func(tx *sqlite.Tx) error {
			n, err := outbox.Withdraw(tx, outbox.BookingConfirmed, 7, "A")
			if n != 0 {
				t.Errorf("withdrew %d messages that were being sent", n)
			}
			return err
		})
	})
}

func TestPurgeEmptiesWhatIsDone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("zoe@example.org", "SENT")
	f.sent(f.wantClaim("SENT")[0])
	f.add("ali@example.org", "FAILED")
	f.failed(f.wantClaim("FAILED")[0], true)
	f.addAfter("li@example.org", "OPEN", start.AddDate(1, 0, 0))

	purge := func(want int) {
		t.Helper()
		var n int
		err := f.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
			n, err = outbox.Purge(tx, 10)
			return err
		})
		if n != want || err != nil {
			t.Errorf("purged %d %v, want %d", n, err, want)
		}
	}
	f.clock.Set(start.AddDate(0, 0, 29))
	purge(0)
	f.clock.Set(start.AddDate(0, 0, 31))
	purge(2)
	purge(0)
	if n := f.count("SELECT COUNT(*) FROM outbox WHERE payload LIKE '%Zoé%' OR recipient <> '' OR last_error <> ''"); n != 1 {
		t.Errorf("%d rows still say something, want only the open one", n)
	}
	if failed, err := f.FailedMessages(t.Context()); len(failed) != 0 || err != nil {
		t.Errorf("failed after the purge: %+v %v", failed, err)
	}
}

func TestBacklog(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := func(want outbox.Backlog) {
		t.Helper()
		if b, err := f.Backlog(t.Context()); b != want || err != nil {
			t.Errorf("backlog %+v %v, want %+v", b, err, want)
		}
	}
	want(outbox.Backlog{})
	f.addAfter("ali@example.org", "B", start.Add(time.Hour))
	want(outbox.Backlog{})
	f.add("zoe@example.org", "A")
	f.failed(f.wantClaim("A")[0], false)
	f.clock.Advance(30 * time.Second)
	want(outbox.Backlog{Count: 1, Oldest: start})
	f.clock.Advance(time.Hour)
	want(outbox.Backlog{Count: 2, Oldest: start})
}

// However many claim at once, a message belongs to one of them.
func TestClaimsNeverOverlap(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const messages = 60
	for i := range messages {
		f.add(fmt.Sprintf("parent%d@example.org", i), fmt.Sprint(i))
	}
	var mu sync.Mutex
	var all []string
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for {
				claimed, err := f.Claim(t.Context(), 7)
				if err != nil {
					t.Error(err)
					return
				}
				if len(claimed) == 0 {
					return
				}
				refs := references(t, claimed)
				mu.Lock()
				all = append(all, refs...)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	slices.Sort(all)
	if len(all) != messages || len(slices.Compact(all)) != messages {
		t.Errorf("claimed %d times %d messages", len(all), messages)
	}
}

func TestNotifyNeverBlocks(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.Notify()
	f.Notify()
	<-f.Wake()
	select {
	case <-f.Wake():
		t.Error("two notices must wake once")
	default:
	}
}

// Claim looks at what is due and at what is being tried, never at all rows; Add must not
// write the index that makes this possible.
func TestClaimUsesItsIndexes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for query, indexes := range outbox.PlannedStatements {
		var plan strings.Builder
		err := f.db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			rows, err := tx.Query("EXPLAIN QUERY PLAN "+query, make([]any, 4)...)
			if err != nil {
				return err
			}
			for rows.Next() {
				var id, parent, unused int
				var detail string
				if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
					return err
				}
				plan.WriteString(detail + "\n")
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, index := range indexes {
			if !strings.Contains(plan.String(), index) {
				t.Errorf("%s\ndoes not use %s:\n%s", query, index, plan.String())
			}
		}
		if strings.Contains(plan.String(), "TEMP B-TREE") {
			t.Errorf("%s\nsorts:\n%s", query, plan.String())
		}
	}
}

// Erase takes back what has not left and empties the rest; what a worker is sending at that moment is never sent again.
func TestErase(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, reference := range []string{"SENT", "FAILED", "CLAIMED"} {
		f.add(reference+"@example.org", reference)
	}
	claimed := f.wantClaim("SENT", "FAILED", "CLAIMED")
	f.add("OPEN@example.org", "OPEN")
	f.addAfter("LATER@example.org", "LATER", start.Add(10*time.Minute))
	f.add("OTHERS@example.org", "OTHERS")
	f.sent(claimed[0])
	f.failed(claimed[1], true)
	f.write(func(tx *sqlite.Tx) error {
		if _, err := tx.Exec(`INSERT INTO guardians (id, name, email, email_folded, phone, last_contact_at, created_at) VALUES (5, 'Zoé', '', '', '', ?1, ?1)`, sqlite.Time(start)); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE outbox SET guardian_id = 5 WHERE recipient <> 'OTHERS@example.org'`); err != nil {
			return err
		}
		return outbox.Erase(tx, 5)
	})
	f.failed(claimed[2], false)
	if n := f.count("SELECT COUNT(*) FROM outbox WHERE payload = '{}' AND recipient = '' AND last_error = '' AND done_at IS NOT NULL"); n != 5 {
		t.Errorf("%d letters are empty, want 5", n)
	}
	if n := f.count("SELECT COUNT(*) FROM outbox WHERE state = 'withdrawn'"); n != 3 {
		t.Errorf("%d letters are withdrawn, want 3", n)
	}
	f.clock.Advance(time.Hour)
	f.wantClaim("OTHERS")
}
