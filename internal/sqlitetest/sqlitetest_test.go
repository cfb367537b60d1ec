package sqlitetest

import (
	"testing"
	"time"
)

func TestNewIsSound(t *testing.T) {
	t.Parallel()
	breaches, err := New(t).Integrity(t.Context())
	if err != nil || len(breaches) > 0 {
		t.Fatalf("Integrity = %q, %v", breaches, err)
	}
}

func TestClockMoves(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 3, 28, 0, 59, 0, 0, time.UTC)
	c := NewClock(start)
	c.Advance(2 * time.Minute)
	if got := c.Now().Sub(start); got != 2*time.Minute {
		t.Errorf("after Advance: %v later", got)
	}
	c.Set(start.Add(-time.Hour))
	if got := start.Sub(c.Now()); got != time.Hour {
		t.Errorf("after Set: %v earlier", got)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(b)
	}
}
