package web

import (
	"crypto/sha256"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// mostAllowances bounds what a limiter remembers.
const mostAllowances = 10_000

// limiter lets each key do something so many times in a period, at once or spread. It forgets at a restart. It is safe
// for concurrent use.
type limiter struct {
	times  int
	period time.Duration

	mu   sync.Mutex
	keys map[[sha256.Size]byte]*allowance // hashed: bounded, whatever was typed
}

type allowance struct {
	*rate.Limiter
	last time.Time
}

func newLimiter(times int, period time.Duration) *limiter {
	return &limiter{times: times, period: period, keys: map[[sha256.Size]byte]*allowance{}}
}

// wait counts one more try of a key. It returns 0, or how long until there may be one; then nothing was counted.
func (l *limiter) wait(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := sha256.Sum256([]byte(key))
	a, ok := l.keys[k]
	if !ok {
		if len(l.keys) >= mostAllowances {
			l.makeRoom(now)
		}
		a = &allowance{Limiter: rate.NewLimiter(rate.Limit(float64(l.times)/l.period.Seconds()), l.times)}
		l.keys[k] = a
	}
	a.last = now
	try := a.ReserveN(now, 1)
	delay := try.DelayFrom(now)
	if delay > 0 {
		try.CancelAt(now)
	}
	return delay
}

// makeRoom forgets who was away for a period, and so has all tries again; else the tenth that was away longest. The
// caller holds mu.
func (l *limiter) makeRoom(now time.Time) {
	maps.DeleteFunc(l.keys, func(_ [sha256.Size]byte, a *allowance) bool { return now.Sub(a.last) >= l.period })
	excess := len(l.keys) - mostAllowances*9/10
	if excess <= 0 {
		return
	}
	keys := slices.SortedFunc(maps.Keys(l.keys), func(a, b [sha256.Size]byte) int { return l.keys[a].last.Compare(l.keys[b].last) })
	for _, k := range keys[:excess] {
		delete(l.keys, k)
	}
}
