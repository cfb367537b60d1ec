package sqlite

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Write runs fn in a transaction and returns nil only when it is committed and synced
// to disk. When fn returns an error or panics, nothing that it wrote remains, and the error or the
// panic reaches the caller.
//
// Concurrent writes share one commit, each in its own SAVEPOINT. So fn may run twice
// (the second time alone, when the shared commit failed): it touches nothing but tx and values that
// it sets anew each time. It must be quick and do no mail, PDF or template work: all
// other writes wait for it.
//
// ctx counts until the turn of fn comes; from then on fn runs to its end, under a ctx
// that is never done. Waiting longer than 5 s returns fault.Unavailable, and so does a
// ctx that ends before. A ctx that is already inside a transaction gets ErrNested.
func (db *DB) Write(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return db.writer.run(ctx, fn, false)
}

// Bulk is Write in a transaction that is shared with nobody: for imports and
// retention, which are long and may fail as a whole. Other writes wait until it is over.
func (db *DB) Bulk(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return db.writer.run(ctx, fn, true)
}

var (
	errClosed = errors.New("sqlite: database closed")
	errWaited = errors.New("sqlite: no turn to write within 5 s")
)

// job is one call of Write or Bulk. The closure always runs in the goroutine of its
// caller, when the writer gives it the turn: so a panic, or a test that gives up, unwinds the
// stack where it belongs.
type job struct {
	// alone asks for a transaction that is shared with nobody.
	alone bool
	// errand, when set, is work that the writer itself does between two transactions.
	errand func() error
	state  atomic.Int32
	// news comes from the writer: first the turn, at last the outcome. It holds one
	// message, so that the writer never waits for a caller to listen.
	news chan news
}

const (
	waiting int32 = iota
	taken
	abandoned
)

// news is either a turn (tx is set) or the outcome (err is why the commit failed).
type news struct {
	tx  *Tx
	err error
}

// verdict is what the caller tells the writer after its turn.
type verdict int

const (
	succeeded verdict = iota
	failed
	gone // by panic or runtime.Goexit: nobody waits for the outcome
)

// take gives the job to the writer, unless its caller has given up.
func (j *job) take() bool {
	return j.state.CompareAndSwap(waiting, taken)
}

// abandon takes the job back, unless the writer has it.
func (j *job) abandon() bool {
	return j.state.CompareAndSwap(waiting, abandoned)
}

// between runs errand while no transaction of this process is open.
func (w *writer) between(ctx context.Context, errand func() error) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	n, err := w.await(ctx, &job{alone: true, errand: errand, news: make(chan news, 1)}, timer.C)
	if err != nil {
		return unavailable(err)
	}
	return n.err
}

// run queues fn, runs it when its turn comes and returns when its fate is decided.
func (w *writer) run(ctx context.Context, fn func(context.Context, *Tx) error, alone bool) error {
	if isInside(ctx) {
		return ErrNested
	}
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	j := &job{alone: alone, news: make(chan news, 1)}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	n, err := w.await(ctx, j, timer.C)
	if err != nil {
		return unavailable(err)
	}
	// Values such as the request's id stay; its end no longer counts (see ADR 0001).
	ctx = inside(context.WithoutCancel(ctx))
	for n.tx != nil {
		n.tx.ctx = ctx
		err = w.turn(ctx, n.tx, fn)
		n = <-j.news
	}
	if n.err != nil {
		return n.err
	}
	return asFault(err)
}

// await queues the job and returns its first news.
func (w *writer) await(ctx context.Context, j *job, late <-chan time.Time) (news, error) {
	var why error
	select {
	case w.queue <- j:
	case <-ctx.Done():
		return news{}, ctx.Err()
	case <-late:
		return news{}, errWaited
	case <-w.quit:
		return news{}, errClosed
	}
	select {
	case n := <-j.news:
		return n, nil
	case <-ctx.Done():
		why = ctx.Err()
	case <-late:
		why = errWaited
	case <-w.stopped:
		why = errClosed
	}
	if j.abandon() {
		return news{}, why
	}
	return <-j.news, nil
}

// turn runs fn and tells the writer how it ended, however it ends.
func (w *writer) turn(ctx context.Context, tx *Tx, fn func(context.Context, *Tx) error) (err error) {
	v := gone
	defer func() {
		tx.end()
		w.verdicts <- v
	}()
	err = fn(ctx, tx)
	v = succeeded
	if err != nil {
		v = failed
	}
	return err
}
