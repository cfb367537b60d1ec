package booking

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// giveUp is a family's cancellation by its reference: that of Service, or a broken variant.
type giveUp func(reference string) error

// giveUpAtOnce fills a session of 12, puts 40 on its list, lets all 12 cancel at the same instant, and returns the session.
func (h *house) giveUpAtOnce(round int, cancel giveUp) (session int64) {
	h.t.Helper()
	session = h.session(12)
	var taken []string
	for i := range 12 {
		taken = append(taken, h.book(request(session, fmt.Sprintf("premiere.%d.%d@exemple.fr", round, i), "Zoé")))
	}
	for i := range 40 {
		h.book(joining(session, fmt.Sprintf("liste.%d.%d@exemple.fr", round, i), "李"))
	}
	start := make(chan struct{})
	var all sync.WaitGroup
	for _, reference := range taken {
		all.Go(func() {
			<-start
			if err := cancel(reference); err != nil {
				h.t.Errorf("%s: %v", reference, err)
			}
		})
	}
	close(start)
	all.Wait()
	return session
}

// TestCancelsAtOnce: twelve seats freed at once make twelve offers, to the first twelve (Waiting list 1 and 6).
func TestCancelsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for round := range 3 {
		session := h.giveUpAtOnce(round, func(reference string) error { return h.cancel(reference) })
		if n := h.count(`SELECT count(*) FROM offers o JOIN bookings b ON b.id = o.booking_id WHERE b.session_id = ?`, session); n != 12 {
			t.Errorf("%d offers for 12 freed seats", n)
		}
		if n := h.count(`SELECT count(*) FROM bookings a JOIN bookings b ON a.session_id = b.session_id AND a.id < b.id
			WHERE a.session_id = ? AND a.status = 'waiting' AND b.status = 'offered'`, session); n != 0 {
			t.Errorf("%d who came first were overtaken", n)
		}
	}
	for _, breach := range h.breaches(nil) {
		t.Error(breach)
	}
}

// TestAuditorSeesPromotionWithoutLock is the negative control (e) of REL-2: who counts the free seats before the
// transaction that gives them away gives some away twice, and the auditor must see it within 10 rounds.
func TestAuditorSeesPromotionWithoutLock(t *testing.T) {
	t.Parallel()
	const breach = "I1 sold too often"
	h := newHouse(t)
	for round := range 10 {
		h.giveUpAtOnce(round, h.cancelThenPromote)
		if seen := strings.Join(h.breaches(nil), "\n"); strings.Contains(seen, breach) {
			t.Logf("round %d: %s", round+1, seen)
			return
		}
	}
	t.Errorf("ten rounds without %q", breach)
}

// cancelThenPromote frees the seat, counts the free seats, and offers so many to who is first by then.
func (h *house) cancelThenPromote(reference string) error {
	v := h.group(reference)
	ctx, session := h.t.Context(), v.Session.ID
	now := sqlite.Time(h.clock.Now())
	if err := h.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlCancel, v.Children[0].BookingID, "family", now)
		return err
	}); err != nil {
		return err
	}
	free := 0
	if err := h.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		s, err := loadSession(tx, session)
		free = s.Capacity - s.Taken
		return err
	}); err != nil {
		return err
	}
	return h.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list, err := queue(tx, session)
		if err != nil {
			return err
		}
		for _, w := range allot(free, list, nil) {
			if _, err := tx.Exec(sqlMakeOffer, w.bookings[0], now, sqlite.Time(firstDeadline), 0, ""); err != nil {
				return err
			}
			if _, err := tx.Exec(sqlSetStatus, w.bookings[0], "offered", now); err != nil {
				return err
			}
		}
		return nil
	})
}
