package account

import (
	"strconv"
	"testing"
	"time"
)

// TestQuota allows so many in any stretch of a period, tells when the next may be, and stays bounded whatever is typed (SEC-6).
func TestQuota(t *testing.T) {
	t.Parallel()
	q, now := newQuota(3, time.Hour), noon
	for i := range 3 {
		if wait := q.wait("zoe@exemple.fr", now); wait != 0 {
			t.Fatalf("try %d waits %s", i, wait)
		}
		q.count("zoe@exemple.fr", now)
		now = now.Add(10 * time.Minute)
	}
	if wait := q.wait("zoe@exemple.fr", now); wait != 30*time.Minute {
		t.Errorf("wait = %s, want the end of the hour after the first", wait)
	}
	if wait := q.wait("lukasz@exemple.fr", now); wait != 0 {
		t.Errorf("another waits %s", wait)
	}
	if wait := q.wait("zoe@exemple.fr", now.Add(30*time.Minute)); wait != 0 {
		t.Errorf("after an hour it waits %s", wait)
	}
	for i := range mostTallies + 500 {
		q.count(strconv.Itoa(i), now)
		if len(q.uses) > mostTallies {
			t.Fatalf("%d keys are kept", len(q.uses))
		}
	}
	if wait := q.wait(strconv.Itoa(mostTallies+499), now); wait != 0 {
		t.Error("one use of three must not wait")
	}
}
