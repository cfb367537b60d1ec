package upkeep

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	// turnsEvery is how late an offer may end or a request move on; a seat is passed on within a minute (I2).
	turnsEvery = 30 * time.Second
	// purgesEvery is how late data may go whose time is over.
	purgesEvery = time.Hour
)

// Timers does what is due by the clock alone.
type Timers struct {
	DB       *sqlite.DB
	Bookings *booking.Service
	School   *school.Service
	Outbox   *outbox.Store
	Log      *slog.Logger
}

// Run does what is due, again and again, until ctx is done. What fails is logged and
// tried again at the next turn.
func (t *Timers) Run(ctx context.Context) {
	turns, purges := time.NewTicker(turnsEvery), time.NewTicker(purgesEvery)
	defer turns.Stop()
	defer purges.Stop()
	t.note(ctx, t.Due(ctx))
	for {
		select {
		case <-ctx.Done():
			return
		case <-turns.C:
			t.note(ctx, t.moveOn(ctx))
		case <-purges.C:
			t.note(ctx, t.purge(ctx))
		}
	}
}

// Due does at once all that is due. The demo calls it when its clock has been moved.
func (t *Timers) Due(ctx context.Context) error {
	return errors.Join(t.moveOn(ctx), t.purge(ctx))
}

// moveOn passes on the seats of offers that nobody answered, and moves on the group requests that nothing holds back.
func (t *Timers) moveOn(ctx context.Context) error {
	_, offersErr := t.Bookings.ExpireOffers(ctx)
	requestsErr := t.School.Settle(ctx)
	t.Outbox.Notify()
	return errors.Join(offersErr, requestsErr)
}

// purge removes what has had its time: drafts, used form keys, ended sign-ins, what old
// messages said, texts about health, first names of class lists, contacts of group requests.
func (t *Timers) purge(ctx context.Context) error {
	_, outboxErr := t.Outbox.Purge(ctx)
	_, healthErr := family.ForgetHealth(ctx, t.DB)
	return errors.Join(t.Bookings.PurgeDrafts(ctx), account.Purge(ctx, t.DB), outboxErr, healthErr, attendance.ForgetPupils(ctx, t.DB),
		t.School.PurgeDrafts(ctx), t.School.ForgetContacts(ctx))
}

func (t *Timers) note(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		t.Log.Error("timers", "error", err)
	}
}

const sqlNextDue = `
SELECT coalesce(min(at), '') FROM (
  SELECT min(expires_at) AS at FROM offers WHERE outcome IS NULL
  UNION ALL SELECT min(send_after) FROM outbox WHERE state IN ('pending', 'claimed'))`

// NextDue returns the first instant at which an offer ends or a message leaves, in the past when one is due,
// and whether there is any. The demo moves its clock from one to the next.
func (t *Timers) NextDue(ctx context.Context) (at time.Time, found bool, err error) {
	var text string
	err = t.DB.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(sqlNextDue).Scan(&text) })
	if err != nil || text == "" {
		return time.Time{}, false, err
	}
	at, err = sqlite.ParseTime(text)
	return at, err == nil, err
}
