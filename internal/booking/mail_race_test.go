package booking

import (
	"context"
	"errors"
	"fmt"
	"net/smtp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/mail"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// TestAuditorSeesMailBeforeCommit is the negative control (b) of REL-2: who sends the mail before the commit tells families of
// bookings that never were, and the auditor must see it within 10 rounds. The mails really leave, and really arrive.
func TestAuditorSeesMailBeforeCommit(t *testing.T) {
	t.Parallel()
	const breach = "I9 told of what never was"
	h := newHouse(t)
	var err error
	if h.sink, err = mail.StartSink("127.0.0.1:0", 1000, h.clock.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.sink.Close() })
	for round := range 10 {
		seen := strings.Join(h.breaches(h.rush(h.session(12), 40, mailBeforeCommit(h))), "\n")
		if strings.Contains(seen, breach) {
			t.Logf("round %d: %s", round+1, seen)
			return
		}
	}
	t.Errorf("ten rounds without %q", breach)
}

// mailBeforeCommit is Book with its mail inside the transaction; every fifth commit fails.
func mailBeforeCommit(h *house) post {
	var bookings atomic.Int64
	return func(ctx context.Context, key account.FormKey, r Request) (reference string, err error) {
		err = h.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
			reference, _, err = account.Once(tx, key, func() (string, error) {
				confirmed, err := h.seats(tx, r)
				if err != nil {
					return "", err
				}
				reference, err := h.insert(tx, r, confirmed)
				if err != nil {
					return "", err
				}
				letter := fmt.Appendf(nil, "Subject: %s\r\nContent-Type: text/plain\r\n\r\n%s\r\n", reference, reference)
				server := strings.TrimPrefix(h.sink.URL(), "smtp://")
				if err := smtp.SendMail(server, nil, "ateliers@exemple.fr", []string{r.Guardian.Email}, letter); err != nil {
					return "", err
				}
				return reference, h.tell(tx, r, reference)
			})
			if err == nil && bookings.Add(1)%5 == 0 {
				return errors.New("the disk is full")
			}
			return err
		})
		return reference, err
	}
}

// toldOfNothing is the part of I9 that the mailbox alone shows: nobody hears of a booking that is not there.
func (h *house) toldOfNothing() (wrong []string) {
	h.t.Helper()
	if h.sink == nil {
		return nil
	}
	for _, m := range h.sink.Messages() {
		if h.count(`SELECT count(*) FROM booking_groups WHERE reference = ?`, m.Subject) == 0 {
			wrong = append(wrong, "I9 told of what never was: "+m.Subject)
		}
	}
	return wrong
}
