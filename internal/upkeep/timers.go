package upkeep

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
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
	Privacy  *privacy.Service
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

// moveOn passes on the seats of offers that nobody answered and those that no partner took in time, reminds families of what is near, keeps the demand for what is
// over, moves on the group requests that nothing holds back, and tells whose certificate of honorability ends. While mails are paused after a restore it does nothing: nobody
// would learn of it. Offers that came due meanwhile are those of a stopped program (booking.ExpireOffers).
func (t *Timers) moveOn(ctx context.Context) error {
	pause, err := t.Outbox.Paused(ctx)
	if err != nil || pause != nil {
		return err
	}
	_, offersErr := t.Bookings.ExpireOffers(ctx)
	releaseErr := t.Bookings.ReleaseReserved(ctx)
	_, soonErr := t.Bookings.RemindOffers(ctx)
	_, remindErr := t.Bookings.Remind(ctx)
	_, listsErr := t.Bookings.RecordLists(ctx)
	requestsErr := t.School.Settle(ctx)
	_, certificatesErr := account.RemindCertificates(ctx, t.DB)
	t.Outbox.Notify()
	return errors.Join(certificatesErr, offersErr, releaseErr, soonErr, remindErr, listsErr, requestsErr)
}

// purge removes what ends by the hour: drafts, used form keys, ended sign-ins; closes the sessions that nobody closed, before
// families are forgotten; lists erasures that a stop of the program left out; and once a night removes what has had its time.
// While mails are paused after a restore no session closes itself: the team may have to note again who came.
func (t *Timers) purge(ctx context.Context) error {
	zone, err := catalog.LoadZone(catalog.HomeZone)
	if err != nil {
		return err
	}
	return errors.Join(t.Bookings.PurgeDrafts(ctx), account.Purge(ctx, t.DB), family.Purge(ctx, t.DB), t.School.PurgeDrafts(ctx), t.closeOverdue(ctx),
		t.Privacy.NoteErasures(ctx), t.Privacy.RetainNightly(ctx, zone))
}

func (t *Timers) closeOverdue(ctx context.Context) error {
	pause, err := t.Outbox.Paused(ctx)
	if err != nil || pause != nil {
		return err
	}
	return t.Privacy.CloseOverdue(ctx)
}

func (t *Timers) note(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		t.Log.Error("timers", "error", err)
	}
}

const sqlNextDue = `
SELECT coalesce(min(at), '') FROM (
  SELECT min(expires_at) AS at FROM offers WHERE outcome IS NULL
  UNION ALL SELECT min(reserved_until) FROM sessions WHERE reserved_until > ? AND status = 'published')`

// NextDue returns the first instant at which an offer ends, reserved seats join the others, a message leaves or a family is reminded, in the past when
// something is due, and whether there is any. The demo moves its clock from one to the next.
func (t *Timers) NextDue(ctx context.Context) (at time.Time, found bool, err error) {
	at, found, err = t.Bookings.NextReminder(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	message, waits, err := t.Outbox.NextDue(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	if waits && (!found || message.Before(at)) {
		at, found = message, true
	}
	var text string
	err = t.DB.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(sqlNextDue, sqlite.Time(tx.Now())).Scan(&text)
	})
	if err != nil || text == "" {
		return at, found, err
	}
	seat, err := sqlite.ParseTime(text)
	if err != nil || found && at.Before(seat) {
		return at, found, err
	}
	return seat, true, nil
}
