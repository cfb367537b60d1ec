package mail

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/lesbricodeurs/ateliersdada/internal/failpoint"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

const (
	// batch is how many messages are claimed at once. Divided among the lanes, even the slowest server is
	// done with them before the outbox's lease of 10 minutes ends.
	batch = 32
	lanes = 4
	// lookEvery is for what nobody announces: retries that come due, rows of another process,
	// the clock of the demo.
	lookEvery = time.Second
	// probeEvery is how often a server that did not answer is called.
	probeEvery = 30 * time.Second
	// perSecond bounds the pace: mail servers refuse bursts, and a rush of bookings needs the processor.
	perSecond = 100
)

// Worker sends what the outbox holds. There is one per data folder.
type Worker struct {
	store    *outbox.Store
	renderer *Renderer
	sender   *Sender
	clock    func() time.Time
	log      *slog.Logger
	pace     *rate.Limiter
	// away tells that the server did not answer; a probe that succeeds ends it. It is so from the start:
	// after a restart, what waits for a retry is tried at once.
	away bool
}

// NewWorker returns a worker. clock tells the present instant of the mails' dates and deadlines.
func NewWorker(store *outbox.Store, renderer *Renderer, sender *Sender, clock func() time.Time, log *slog.Logger) *Worker {
	return &Worker{
		store: store, renderer: renderer, sender: sender, clock: clock, log: log,
		pace: rate.NewLimiter(perSecond, batch), away: true,
	}
}

// Run sends what is due, as it comes due, until ctx ends; a message on its way is then finished, if the
// server is quick. It first takes back what a crash left claimed. It must not run twice at once.
func (w *Worker) Run(ctx context.Context) {
	if n, err := w.store.Recover(ctx); err != nil {
		w.log.Error("outbox: recover", "error", err)
	} else if n > 0 {
		w.log.Info("outbox: messages that a crash left half sent", "count", n)
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var probed time.Time
	for {
		if w.away && time.Since(probed) >= probeEvery {
			w.probe(ctx)
			probed = time.Now()
		}
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			w.log.Error("outbox: cannot be read", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-w.store.Wake():
		case <-tick.C:
		}
	}
}

// look sends what is due. It asks a reader first, so that an idle worker never writes.
func (w *Worker) look(ctx context.Context) error {
	at, found, err := w.store.NextDue(ctx)
	if err != nil || !found || at.After(w.clock()) {
		return err
	}
	return w.SendDue(ctx)
}

// probe calls the server. If it answers, nobody waits for the end of a back-off that its absence
// caused: all that waits for a retry is due at once.
func (w *Worker) probe(ctx context.Context) {
	conn, err := w.sender.open(ctx)
	if err != nil {
		if ctx.Err() == nil {
			w.log.Warn("mail server cannot be reached", "server", w.sender.server, "error", err)
		}
		return
	}
	conn.close()
	w.away = false
	if n, err := w.store.RetryNow(ctx); err != nil {
		w.log.Error("outbox: retry now", "error", err)
	} else if n > 0 {
		w.log.Info("mail server answers again", "retrying", n)
	}
}

// SendDue sends until nothing is due any more or ctx ends. Its errors are those of
// the outbox; a message that fails is reported there.
func (w *Worker) SendDue(ctx context.Context) error {
	for ctx.Err() == nil {
		claimed, err := w.store.Claim(ctx, batch)
		if err != nil || len(claimed) == 0 {
			return err
		}
		w.sendAll(ctx, claimed)
	}
	return nil
}

// sendAll sends one batch over several connections: its messages are for different people.
func (w *Worker) sendAll(ctx context.Context, claimed []outbox.Claimed) {
	queue := make(chan outbox.Claimed, len(claimed))
	for _, c := range claimed {
		queue <- c
	}
	close(queue)
	contacts := make(chan contact, lanes)
	var group sync.WaitGroup
	for range min(lanes, len(claimed)) {
		group.Go(func() { contacts <- w.lane(ctx, queue) })
	}
	group.Wait()
	close(contacts)
	best := untried
	for c := range contacts {
		best = max(best, c)
	}
	if best == unanswered && ctx.Err() == nil {
		w.away = true
	}
}

// contact is what a lane had with the mail server.
type contact int

const (
	untried contact = iota
	unanswered
	answered
)

// lane sends from queue over one connection at a time, opened when first needed. What it leaves
// behind when ctx ends stays claimed: the next start takes it back.
func (w *Worker) lane(ctx context.Context, queue <-chan outbox.Claimed) contact {
	best := untried
	var conn *connection
	var away error // once set, the rest of the queue fails alike, without a call each
	defer func() {
		if conn != nil {
			conn.close()
		}
	}()
	for c := range queue {
		if w.pace.Wait(ctx) != nil {
			return best
		}
		msg, err := w.message(c)
		if err == nil && conn == nil && away == nil {
			conn, away = w.sender.open(ctx)
			best = max(best, unanswered)
		}
		if err == nil {
			err = away
		}
		if err == nil {
			best = answered
			failpoint.Here(failpoint.BeforeSend)
			if err = conn.send(msg); err != nil {
				conn.close()
				conn = nil
			} else {
				failpoint.Here(failpoint.BeforeMark)
			}
		}
		w.report(ctx, c, err)
	}
	return best
}
