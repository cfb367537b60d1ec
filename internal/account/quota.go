package account

import (
	"crypto/sha256"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// The limits of asking for links by mail (SEC-6). An address has three from one place, and some more from all places together: else anybody who knows it
// could keep its owner out by asking three times an hour.
const (
	linksPerPlace   = 3
	linksPerAddress = 9
	linksPerIP      = 20
	linksPeriod     = time.Hour
)

// linkQuotas count who asks for a link by mail.
type linkQuotas struct {
	places    *quota // of an address and an IP
	addresses *quota
	ips       *quota
}

func newLinkQuotas() linkQuotas {
	return linkQuotas{newQuota(linksPerPlace, linksPeriod), newQuota(linksPerAddress, linksPeriod), newQuota(linksPerIP, linksPeriod)}
}

// take counts a request for the folded address. Too many are fault.Unavailable "account.links_throttled", and are not counted; RetryAfter tells the
// exact time.
func (q linkQuotas) take(address, ip string, now time.Time) error {
	ip = IPBlock(ip)
	place := address + "\x00" + ip
	if wait := max(q.places.wait(place, now), q.addresses.wait(address, now), q.ips.wait(ip, now)); wait > 0 {
		return fault.Wrap(&Throttled{After: wait}, fault.Unavailable, "account.links_throttled", int((wait+time.Minute-1)/time.Minute))
	}
	q.places.count(place, now)
	q.addresses.count(address, now)
	q.ips.count(ip, now)
	return nil
}

// quota lets each key do something at most so many times in any stretch of a period. It forgets at a restart, and its memory
// is bounded whatever was typed. It is safe for concurrent use.
type quota struct {
	times  int
	period time.Duration

	mu   sync.Mutex
	uses map[tallyKey][]time.Time
}

func newQuota(times int, period time.Duration) *quota {
	return &quota{times: times, period: period, uses: map[tallyKey][]time.Time{}}
}

// wait tells how long until key may; 0 is at once. It counts nothing.
func (q *quota) wait(key string, now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	uses := q.recent(sha256.Sum256([]byte(key)), now)
	if len(uses) < q.times {
		return 0
	}
	return uses[len(uses)-q.times].Add(q.period).Sub(now)
}

// count notes a use of key.
func (q *quota) count(key string, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	k := sha256.Sum256([]byte(key))
	if _, known := q.uses[k]; !known && len(q.uses) >= mostTallies {
		q.makeRoom(now)
	}
	q.uses[k] = append(q.recent(k, now), now)
}

// recent are the uses that still count. The caller holds mu.
func (q *quota) recent(k tallyKey, now time.Time) []time.Time {
	uses := q.uses[k]
	for len(uses) > 0 && now.Sub(uses[0]) >= q.period {
		uses = uses[1:]
	}
	return uses
}

// makeRoom forgets who was away for a period; else the tenth that was away longest. The caller holds mu.
func (q *quota) makeRoom(now time.Time) {
	last := func(k tallyKey) time.Time { return q.uses[k][len(q.uses[k])-1] }
	maps.DeleteFunc(q.uses, func(_ tallyKey, uses []time.Time) bool { return now.Sub(uses[len(uses)-1]) >= q.period })
	excess := len(q.uses) - mostTallies*9/10
	if excess <= 0 {
		return
	}
	keys := slices.SortedFunc(maps.Keys(q.uses), func(a, b tallyKey) int { return last(a).Compare(last(b)) })
	for _, k := range keys[:excess] {
		delete(q.uses, k)
	}
}
