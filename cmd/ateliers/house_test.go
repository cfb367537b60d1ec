package main

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Of all mails that the demo writes about seats, none tells a family to pay on the spot what a carnet or a payment of theirs covers.
func TestMailsKnowWhatIsPaid(t *testing.T) {
	t.Parallel()
	clock := newClock(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))
	db, h := furnished(t, clock)
	renderer, err := h.renderer(t.Context(), &url.URL{Scheme: "http", Host: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	var told []outbox.Claimed
	err = db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(`SELECT kind, language, payload FROM outbox WHERE kind IN ('booking_confirmed', 'seat_given', 'reminder') AND payload ->> '$.price_cents' > 0`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c outbox.Claimed
			var payload string
			if err := rows.Scan(&c.Kind, &c.Language, &payload); err != nil {
				return err
			}
			c.Payload = json.RawMessage(payload)
			told = append(told, c)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	carnets, paid, owed := 0, 0, 0
	for _, c := range told {
		var b outbox.Booking
		if err := json.Unmarshal(c.Payload, &b); err != nil {
			t.Fatal(err)
		}
		v, err := h.payments.OfBooking(t.Context(), b.Reference)
		if err != nil {
			t.Fatal(err)
		}
		m, err := renderer.Render(c, clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		onTheSpot := strings.Contains(m.Text, "sur place") || strings.Contains(m.Text, "on the day")
		switch {
		case v.LeftCents > 0:
			owed++
			if !onTheSpot && b.PaymentURL == "" {
				t.Errorf("nobody tells %s that %d cents are to be paid", b.Reference, v.LeftCents)
			}
		case v.Cents > 0 && onTheSpot:
			t.Errorf("%s is paid (%d by a carnet), and yet to be paid on the spot:\n%s", b.Reference, v.Units, m.Text)
		case v.Units > 0:
			carnets++
		case v.Cents > 0:
			paid++
		}
	}
	if carnets == 0 || paid == 0 || owed == 0 {
		t.Errorf("of %d mails %d are about seats of carnets, %d about paid ones, %d about others: the demo has too few to tell", len(told), carnets, paid, owed)
	}
}
