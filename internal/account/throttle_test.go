package account

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "github.com/lesbricodeurs/ateliersdada/internal/rapidtest"
)

var noon = time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)

// fail makes a failed try, or returns how long it has to wait.
func fail(th *throttle, email, ip string, now time.Time) time.Duration {
	y, wait := th.begin(email, ip, now)
	if wait == 0 {
		y.failed(now)
	}
	return wait
}

// failOften makes n failed tries in a row.
func failOften(t *testing.T, th *throttle, n int, email, ip string, now time.Time) {
	t.Helper()
	for i := range n {
		if wait := fail(th, email, ip, now); wait != 0 {
			t.Fatalf("try %d has to wait %v", i+1, wait)
		}
	}
}

// SEC-6
func TestThrottlePausesGrowAndEnd(t *testing.T) {
	t.Parallel()
	th, now := newThrottle(), noon
	for i, pause := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, time.Hour} {
		failOften(t, th, 5, "zoe@exemple.fr", "192.0.2.1", now)
		if wait := fail(th, "ZOE@exemple.fr ", "192.0.2.1", now); wait != pause {
			t.Fatalf("pause %d = %v, want %v", i+1, wait, pause)
		}
		if wait := fail(th, "zoe@exemple.fr", "192.0.2.1", now.Add(pause-time.Second)); wait != time.Second {
			t.Fatalf("a second before the end of pause %d: wait %v", i+1, wait)
		}
		now = now.Add(pause)
	}
	now = now.Add(pauseForgotten + time.Second)
	failOften(t, th, 5, "zoe@exemple.fr", "192.0.2.1", now)
	if wait := fail(th, "zoe@exemple.fr", "192.0.2.1", now); wait != 15*time.Minute {
		t.Errorf("pause after a long calm = %v, want 15 min", wait)
	}
}

func TestThrottleKeepsAccountsAndPlacesApart(t *testing.T) {
	t.Parallel()
	th := newThrottle()
	failOften(t, th, 5, "zoe@exemple.fr", "192.0.2.1", noon)
	if wait := fail(th, "zoe@exemple.fr", "192.0.2.2", noon); wait != 0 {
		t.Errorf("the owner elsewhere waits %v for a stranger's failures", wait)
	}
	if wait := fail(th, "li@exemple.fr", "192.0.2.1", noon); wait != 0 {
		t.Errorf("a colleague in the same room waits %v", wait)
	}
}

func TestThrottleByIP(t *testing.T) {
	t.Parallel()
	th := newThrottle()
	for i := range 20 {
		ip := fmt.Sprintf("2001:db8::%x", i+1) // one household: one /64
		if wait := fail(th, fmt.Sprintf("nom%d@exemple.fr", i), ip, noon); wait != 0 {
			t.Fatalf("try %d waits %v", i+1, wait)
		}
	}
	if wait := fail(th, "autre@exemple.fr", "2001:db8::ffff", noon); wait != 15*time.Minute {
		t.Errorf("try 21 waits %v, want 15 min", wait)
	}
	if wait := fail(th, "autre@exemple.fr", "2001:db8:0:1::1", noon); wait != 0 {
		t.Errorf("the neighbours wait %v", wait)
	}
}

func TestThrottleSuccessForgets(t *testing.T) {
	t.Parallel()
	th := newThrottle()
	for range 10 {
		failOften(t, th, 1, "zoe@exemple.fr", "192.0.2.1", noon)
		y, wait := th.begin("zoe@exemple.fr", "192.0.2.1", noon)
		if wait != 0 {
			t.Fatalf("waits %v after one failure at a time", wait)
		}
		y.succeeded()
	}
	// The IP does not forget: else one known account would pay for guessing others.
	failOften(t, th, 5, "li@exemple.fr", "192.0.2.1", noon)
	failOften(t, th, 5, "ali@exemple.fr", "192.0.2.1", noon)
	if wait := fail(th, "nguyen@exemple.fr", "192.0.2.1", noon); wait != 15*time.Minute {
		t.Errorf("20 failures of one IP: wait %v, want 15 min", wait)
	}
}

func TestThrottleAbandonedCountsNothing(t *testing.T) {
	t.Parallel()
	th := newThrottle()
	for i := range 100 {
		y, wait := th.begin("zoe@exemple.fr", "192.0.2.1", noon)
		if wait != 0 {
			t.Fatalf("try %d waits %v", i+1, wait)
		}
		y.abandoned()
	}
}

// Guesses sent all at once are no way round the limit.
func TestThrottleCountsTriesUnderWay(t *testing.T) {
	t.Parallel()
	th := newThrottle()
	var through atomic.Int32
	var all sync.WaitGroup
	var tries [40]try
	for i := range tries {
		all.Go(func() {
			y, wait := th.begin("zoe@exemple.fr", "192.0.2.1", noon)
			if wait == 0 {
				through.Add(1)
				tries[i] = y
			}
		})
	}
	all.Wait()
	if n := through.Load(); n != failuresPerAccount {
		t.Errorf("%d of 40 simultaneous tries were let through, want %d", n, failuresPerAccount)
	}
	for _, y := range tries {
		if y.t != nil {
			y.failed(noon)
		}
	}
	if wait := fail(th, "zoe@exemple.fr", "192.0.2.1", noon); wait != 15*time.Minute {
		t.Errorf("afterwards: wait %v, want 15 min", wait)
	}
}

func TestThrottleIsBounded(t *testing.T) {
	t.Parallel()
	th := newThrottle()
	failOften(t, th, 5, "zoe@exemple.fr", "192.0.2.1", noon)
	for i := range 3 * mostTallies / 2 {
		fail(th, "zoe@exemple.fr", fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), noon.Add(time.Duration(i)*time.Millisecond))
	}
	if n := len(th.tallies); n > mostTallies {
		t.Errorf("%d tallies, want at most %d", n, mostTallies)
	}
	// What is over goes before what still counts.
	later := noon.Add(24 * time.Hour)
	failOften(t, th, 5, "zoe@exemple.fr", "192.0.2.1", later)
	for i := 0; len(th.tallies) > mostTallies/5; i++ {
		if i > mostTallies {
			t.Fatalf("%d tallies a day later", len(th.tallies))
		}
		fail(th, "li@exemple.fr", fmt.Sprintf("10.9.%d.%d", i>>8, i&255), later)
	}
	if wait := fail(th, "zoe@exemple.fr", "192.0.2.1", later); wait != 15*time.Minute {
		t.Errorf("a live pause was forgotten: wait %v", wait)
	}
}

// Whatever the rhythm, no 15 minutes see more than 5 failures of one account, and
// there is always a next try within an hour.
func TestThrottleLimitHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		th, now := newThrottle(), noon
		var failures []time.Time
		for range rapid.IntRange(1, 200).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "seconds")) * time.Second)
			wait := fail(th, "zoe@exemple.fr", "192.0.2.1", now)
			if wait > longestPause {
				t.Fatalf("wait %v", wait)
			}
			if wait > 0 {
				continue
			}
			failures = append(failures, now)
			if n := len(failures); n > 5 && now.Sub(failures[n-6]) < failureWindow {
				t.Fatalf("6 failures within %v", now.Sub(failures[n-6]))
			}
		}
	})
}

func TestIPBlock(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"192.0.2.1":            "192.0.2.1",
		"::ffff:192.0.2.1":     "192.0.2.1",
		"2001:db8:1:2:3::4":    "2001:db8:1:2::/64",
		"fe80::1%eth0":         "fe80::/64",
		"":                     "",
		"not an address: \x00": "not an address: \x00",
	} {
		if got := IPBlock(ip); got != want {
			t.Errorf("IPBlock(%q) = %q, want %q", ip, got, want)
		}
	}
}
