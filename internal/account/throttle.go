package account

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// The limits of failed sign-ins (SEC-6).
const (
	failuresPerAccount = 5  // of one address from one IP
	failuresPerIP      = 20 // of one IP
	failureWindow      = 15 * time.Minute
	longestPause       = time.Hour       // the pause doubles from failureWindow up to this
	pauseForgotten     = 2 * time.Hour   // after a pause, until the next one is short again
	busyPause          = 5 * time.Second // while as many tries as are left are under way
	mostTallies        = 10_000
)

// Throttled is the cause of the fault that a sign-in gets after too many failures.
type Throttled struct {
	After time.Duration // from now until the next try is looked at
}

func (t *Throttled) Error() string { return fmt.Sprintf("sign-in throttled for %s", t.After) }

// RetryAfter returns how long to wait where err is a throttled sign-in.
func RetryAfter(err error) (time.Duration, bool) {
	t, ok := errors.AsType[*Throttled](err)
	if !ok {
		return 0, false
	}
	return t.After, true
}

func throttled(after time.Duration) error {
	minutes := int((after + time.Minute - 1) / time.Minute)
	return fault.Wrap(&Throttled{After: after}, fault.Unavailable, "account.throttled", minutes)
}

// throttle counts failures by account and IP and by IP. It forgets at a restart and
// never locks anybody out for good: an account's tally belongs to one IP, so that a
// stranger's failures do not keep its owner out. Unknown addresses count as known ones
// do, so that the throttle does not tell them apart.
type throttle struct {
	mu      sync.Mutex
	tallies map[tallyKey]*tally
}

type tallyKey [sha256.Size]byte // bounded, whatever was typed

// tally is the recent past of one key.
type tally struct {
	limit    int
	pending  int         // tries whose outcome is not known yet: they count as failures
	failures []time.Time // since the last pause, within failureWindow
	pauses   int
	until    time.Time // end of the last pause
	last     time.Time
}

func newThrottle() *throttle { return &throttle{tallies: map[tallyKey]*tally{}} }

// try is one attempt that was let through; exactly one of its methods must be called.
type try struct {
	t           *throttle
	account, ip *tally
}

// begin lets a try through, or says how long to wait.
func (t *throttle) begin(email, ip string, now time.Time) (try, time.Duration) {
	ip = IPBlock(ip)
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.tally("account\x00"+ip+"\x00"+FoldEmail(email), failuresPerAccount, now)
	i := t.tally("ip\x00"+ip, failuresPerIP, now)
	if wait := max(a.wait(now), i.wait(now)); wait > 0 {
		return try{}, wait
	}
	for _, y := range []*tally{a, i} {
		y.pending++
		y.last = now
	}
	return try{t: t, account: a, ip: i}, 0
}

// failed counts the try.
func (y try) failed(now time.Time) {
	y.end(func() {
		y.account.fail(now)
		y.ip.fail(now)
	})
}

// succeeded forgets the failures of this account from this IP.
func (y try) succeeded() {
	y.end(func() { *y.account = tally{limit: y.account.limit, pending: y.account.pending, last: y.account.last} })
}

// abandoned counts nothing: no password was compared.
func (y try) abandoned() { y.end(func() {}) }

func (y try) end(outcome func()) {
	y.t.mu.Lock()
	defer y.t.mu.Unlock()
	y.account.pending--
	y.ip.pending--
	outcome()
}

// tally returns the tally of a key, a new one if need be. The caller holds mu.
func (t *throttle) tally(key string, limit int, now time.Time) *tally {
	k := sha256.Sum256([]byte(key))
	y, ok := t.tallies[k]
	if !ok {
		if len(t.tallies) >= mostTallies {
			t.makeRoom(now)
		}
		y = &tally{limit: limit, last: now}
		t.tallies[k] = y
	}
	return y
}

// makeRoom removes what no longer counts, and then the tallies that were left alone
// longest until a tenth is free: one sweep serves many strangers.
func (t *throttle) makeRoom(now time.Time) {
	maps.DeleteFunc(t.tallies, func(_ tallyKey, y *tally) bool { return y.isOver(now) })
	excess := len(t.tallies) - mostTallies*9/10
	if excess <= 0 {
		return
	}
	keys := slices.SortedFunc(maps.Keys(t.tallies), func(a, b tallyKey) int {
		return t.tallies[a].last.Compare(t.tallies[b].last)
	})
	for _, k := range keys[:excess] {
		delete(t.tallies, k)
	}
}

func (y *tally) isOver(now time.Time) bool {
	return y.pending == 0 && now.Sub(y.last) > failureWindow && now.Sub(y.until) > pauseForgotten
}

func (y *tally) wait(now time.Time) time.Duration {
	if y.until.After(now) {
		return y.until.Sub(now)
	}
	y.forget(now)
	if len(y.failures)+y.pending >= y.limit {
		return busyPause
	}
	return 0
}

func (y *tally) fail(now time.Time) {
	y.forget(now)
	y.last = now
	y.failures = append(y.failures, now)
	if len(y.failures) < y.limit {
		return
	}
	pause := min(failureWindow<<min(y.pauses, 8), longestPause)
	y.pauses++
	y.until = now.Add(pause)
	y.failures = nil
}

func (y *tally) forget(now time.Time) {
	y.failures = slices.DeleteFunc(y.failures, func(at time.Time) bool { return now.Sub(at) >= failureWindow })
	if now.Sub(y.until) > pauseForgotten {
		y.pauses = 0
	}
}

// IPBlock is what one subscriber holds: an IPv4 address, or the /64 of an IPv6 one.
func IPBlock(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		return addr.String()
	}
	block, err := addr.Prefix(64)
	if err != nil {
		return addr.String()
	}
	return block.String()
}
