package main

import (
	"context"
	"sync"
	"time"
)

// movingClock runs like any other, from where it was set.
type movingClock struct {
	mu    sync.Mutex
	ahead time.Duration // of the clock of this machine
}

func newClock(now time.Time) *movingClock {
	c := &movingClock{}
	c.Set(now)
	return c
}

// Now is what the clock shows.
func (c *movingClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Set makes it show now, and run on from there.
func (c *movingClock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = time.Until(now)
}

// mover moves the clock of a demo on.
type mover struct {
	house   *house
	clock   *movingClock
	letters *letters
}

// move lets the time until to pass: it stops wherever something comes due, so that an offer ends at its deadline
// and not days later, when it would count as missed by a program that was not running. It returns when all of
// that is done and its mails have arrived. An instant in the past only sets the clock.
func (m mover) move(ctx context.Context, to time.Time) error {
	if err := m.settle(ctx); err != nil {
		return err
	}
	for {
		at, found, err := m.house.timers.NextDue(ctx)
		if err != nil {
			return err
		}
		if !found || !at.After(m.clock.Now()) || at.After(to) {
			break
		}
		m.clock.Set(at)
		if err := m.settle(ctx); err != nil {
			return err
		}
	}
	m.clock.Set(to)
	return m.settle(ctx)
}

// settle does what is due now.
func (m mover) settle(ctx context.Context) error {
	if err := m.house.timers.Due(ctx); err != nil {
		return err
	}
	return m.letters.send(ctx)
}
