package booking

import (
	"testing"
	"time"
)

// In 2027 the clocks of Paris go from 2:00 to 3:00 on Sunday 28 March and from 3:00 to 2:00 on Sunday 31 October (REL-15).

// atOffset reads an instant with its offset from UTC: only so the two 2:30 of October are told apart.
func atOffset(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse("2006-01-02 15:04 -07", text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestDeadlineOverChangesOfClocks: 48 hours are 48 hours, waking hours are those of the clock on the wall.
func TestDeadlineOverChangesOfClocks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, now, start, want string }{
		{"March: before the change", "2027-03-25 10:00 +01", "2027-03-27 14:00 +01", "2027-03-27 10:00 +01"},
		{"March: 48 hours end an hour later on the clock", "2027-03-26 10:00 +01", "2027-03-28 14:00 +02", "2027-03-28 11:00 +02"},
		{"March: two hours before the start on the day", "2027-03-26 12:00 +01", "2027-03-28 14:00 +02", "2027-03-28 12:00 +02"},
		{"March: the day after", "2027-03-27 10:00 +01", "2027-03-29 14:00 +02", "2027-03-29 11:00 +02"},
		{"March: the evening of the change", "2027-03-26 22:00 +01", "2027-03-29 09:00 +02", "2027-03-28 21:00 +02"},
		{"March: 48 hours end at 8:00", "2027-03-26 07:00 +01", "2027-03-29 14:00 +02", "2027-03-28 08:00 +02"},
		{"March: 48 hours end before 8:00", "2027-03-26 06:59 +01", "2027-03-29 14:00 +02", "2027-03-27 21:00 +01"},
		{"March: the last minute before the hole", "2027-03-28 01:59 +01", "2027-03-28 14:00 +02", "2027-03-28 12:00 +02"},
		{"March: the first after it, three waking hours", "2027-03-28 03:00 +02", "2027-03-28 13:00 +02", "2027-03-28 11:00 +02"},
		{"March: the first after it, a minute less", "2027-03-28 03:00 +02", "2027-03-28 12:59 +02", ""},
		{"March: the short night", "2027-03-27 18:01 +01", "2027-03-28 09:00 +02", ""},
		{"March: three hours before the short night", "2027-03-27 18:00 +01", "2027-03-28 09:00 +02", "2027-03-27 21:00 +01"},

		{"October: before the change", "2027-10-28 10:00 +02", "2027-10-30 14:00 +02", "2027-10-30 10:00 +02"},
		{"October: 48 hours end an hour earlier on the clock", "2027-10-29 10:00 +02", "2027-10-31 14:00 +01", "2027-10-31 09:00 +01"},
		{"October: 48 hours end at 8:00", "2027-10-29 09:00 +02", "2027-10-31 14:00 +01", "2027-10-31 08:00 +01"},
		{"October: 48 hours end before 8:00", "2027-10-29 08:59 +02", "2027-10-31 14:00 +01", "2027-10-30 21:00 +02"},
		{"October: the day after", "2027-10-30 10:00 +02", "2027-11-01 14:00 +01", "2027-11-01 09:00 +01"},
		{"October: the evening of the change", "2027-10-30 22:30 +02", "2027-11-01 09:00 +01", "2027-10-31 21:00 +01"},
		{"October: the first 2:30, three waking hours", "2027-10-31 02:30 +02", "2027-10-31 13:00 +01", "2027-10-31 11:00 +01"},
		{"October: the second 2:30, three waking hours", "2027-10-31 02:30 +01", "2027-10-31 13:00 +01", "2027-10-31 11:00 +01"},
		{"October: the first 2:30, a minute less", "2027-10-31 02:30 +02", "2027-10-31 12:59 +01", ""},
		{"October: the second 2:30, a minute less", "2027-10-31 02:30 +01", "2027-10-31 12:59 +01", ""},
		{"October: the first 2:30, days before", "2027-10-31 02:30 +02", "2027-11-03 14:00 +01", "2027-11-01 21:00 +01"},
		{"October: the long night gives no waking hour", "2027-10-30 20:59 +02", "2027-10-31 10:59 +01", ""},
		{"October: over the long night", "2027-10-30 18:00 +02", "2027-10-31 10:00 +01", "2027-10-31 08:00 +01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := usual.Deadline(atOffset(t, tt.now), atOffset(t, tt.start).In(paris(t)))
			switch {
			case tt.want == "":
				if ok {
					t.Errorf("deadline = %v, want none", got)
				}
			case !ok || !got.Equal(atOffset(t, tt.want)):
				t.Errorf("deadline = %v, %v; want %s", got, ok, tt.want)
			}
		})
	}
}

func TestOverdueDeadlineOverChangesOfClocks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, now, start, want string }{
		{"March: in the short night", "2027-03-28 01:30 +01", "2027-03-28 14:00 +02", "2027-03-28 11:00 +02"},
		{"March: from the evening into the morning", "2027-03-27 20:00 +01", "2027-03-29 14:00 +02", "2027-03-28 10:00 +02"},
		{"March: not past two hours before the start", "2027-03-27 20:00 +01", "2027-03-28 11:00 +02", "2027-03-28 09:00 +02"},
		{"March: a start in the morning", "2027-03-27 20:00 +01", "2027-03-28 09:00 +02", "2027-03-27 21:00 +01"},
		{"March: too late", "2027-03-28 13:00 +02", "2027-03-28 14:00 +02", "2027-03-28 12:00 +02"},
		{"October: the first 2:30", "2027-10-31 02:30 +02", "2027-10-31 14:00 +01", "2027-10-31 11:00 +01"},
		{"October: the second 2:30", "2027-10-31 02:30 +01", "2027-10-31 14:00 +01", "2027-10-31 11:00 +01"},
		{"October: from the evening into the morning", "2027-10-30 20:30 +02", "2027-11-01 14:00 +01", "2027-10-31 10:30 +01"},
		{"October: from the evening of the change on", "2027-10-31 19:00 +01", "2027-11-01 14:00 +01", "2027-11-01 09:00 +01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := usual.overdueDeadline(atOffset(t, tt.now), atOffset(t, tt.start).In(paris(t))); !got.Equal(atOffset(t, tt.want)) {
				t.Errorf("deadline = %v, want %s", got, tt.want)
			}
		})
	}
}

// TestUnaskedOverChangesOfClocks: until 18:00 of the day before, by the clock on the wall (Waiting list 3).
func TestUnaskedOverChangesOfClocks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		now, start string
		want       bool
	}{
		{"2027-03-26 17:59 +01", "2027-03-27 14:00 +01", true},
		{"2027-03-26 18:00 +01", "2027-03-27 14:00 +01", false},
		{"2027-03-27 17:59 +01", "2027-03-28 14:00 +02", true},
		{"2027-03-27 18:00 +01", "2027-03-28 14:00 +02", false},
		{"2027-03-27 17:59 +01", "2027-03-28 09:00 +02", true},
		{"2027-03-28 01:59 +01", "2027-03-29 14:00 +02", true},
		{"2027-03-28 17:59 +02", "2027-03-29 14:00 +02", true},
		{"2027-03-28 18:00 +02", "2027-03-29 14:00 +02", false},
		{"2027-10-29 17:59 +02", "2027-10-30 14:00 +02", true},
		{"2027-10-29 18:00 +02", "2027-10-30 14:00 +02", false},
		{"2027-10-30 17:59 +02", "2027-10-31 14:00 +01", true},
		{"2027-10-30 18:00 +02", "2027-10-31 14:00 +01", false},
		{"2027-10-31 02:30 +02", "2027-10-31 14:00 +01", false},
		{"2027-10-31 02:30 +02", "2027-11-01 14:00 +01", true},
		{"2027-10-31 02:30 +01", "2027-11-01 14:00 +01", true},
		{"2027-10-31 17:59 +01", "2027-11-01 14:00 +01", true},
		{"2027-10-31 18:00 +01", "2027-11-01 14:00 +01", false},
	} {
		until := Session{StartsAt: atOffset(t, tt.start).In(paris(t)), Hours: usual}.UnaskedUntil()
		if got := atOffset(t, tt.now).Before(until); got != tt.want {
			t.Errorf("at %s for %s: %v, want %v", tt.now, tt.start, got, tt.want)
		}
	}
}

// wallClock tells the three rules a second time, by looking at every minute.
type wallClock struct{ now, start time.Time }

func (wallClock) awake(at time.Time) bool { return at.Hour() >= 8 && at.Hour() < 21 }

// last is the latest waking instant until at; 21:00 is one.
func (w wallClock) last(at time.Time) time.Time {
	for !w.awake(at) && (at.Hour() != 21 || at.Minute() != 0) {
		at = at.Add(-time.Minute)
	}
	return at
}

func (w wallClock) deadline() (until time.Time, ok bool) {
	until = w.now.Add(48 * 60 * time.Minute)
	if end := w.start.Add(-120 * time.Minute); end.Before(until) {
		until = end
	}
	until = w.last(until)
	minutes := 0
	for at := w.now; at.Before(until); at = at.Add(time.Minute) {
		if w.awake(at) {
			minutes++
		}
	}
	return until, minutes >= 180
}

func (w wallClock) overdue() time.Time {
	at, minutes := w.now, 0
	for minutes < 180 {
		if w.awake(at) {
			minutes++
		}
		at = at.Add(time.Minute)
	}
	if end := w.last(w.start.Add(-120 * time.Minute)); end.Before(at) {
		return end
	}
	return at
}

// unasked looks for the stroke of six on the day before.
func (w wallClock) unasked() bool {
	for at := w.now.Add(time.Minute); at.Before(w.start); at = at.Add(time.Minute) {
		if at.Hour() == 18 && at.Minute() == 0 && at.AddDate(0, 0, 1).YearDay() == w.start.YearDay() {
			return true
		}
	}
	return false
}

// TestClocksMinuteByMinute compares the rules with wallClock for every half hour of the days around both changes,
// and for sessions at all hours.
func TestClocksMinuteByMinute(t *testing.T) {
	t.Parallel()
	for _, first := range []time.Time{time.Date(2027, 3, 27, 0, 0, 0, 0, paris(t)), time.Date(2027, 10, 30, 0, 0, 0, 0, paris(t))} {
		t.Run(first.Month().String(), func(t *testing.T) {
			t.Parallel()
			cases := 0
			for day := range 3 {
				for _, minutes := range []int{8 * 60, 9*60 + 1, 10*60 + 30, 14 * 60, 20 * 60, 23 * 60} {
					start := time.Date(first.Year(), first.Month(), first.Day()+day, 0, minutes, 0, 0, first.Location())
					for now := start.Add(-80 * time.Hour); now.Before(start.Add(time.Hour)); now = now.Add(30 * time.Minute) {
						cases++
						w := wallClock{now, start}
						want, wantOK := w.deadline()
						if got, ok := usual.Deadline(now, start); ok != wantOK || ok && !got.Equal(want) {
							t.Fatalf("at %v for %v: deadline %v, %v; want %v, %v", now, start, got, ok, want, wantOK)
						}
						if got, want := usual.overdueDeadline(now, start), w.overdue(); !got.Equal(want) {
							t.Fatalf("at %v for %v: overdue until %v, want %v", now, start, got, want)
						}
						if got, want := now.Before((Session{StartsAt: start, Hours: usual}).UnaskedUntil()), w.unasked(); got != want {
							t.Fatalf("at %v for %v: unasked %v, want %v", now, start, got, want)
						}
					}
				}
			}
			if cases < 2500 {
				t.Errorf("only %d cases", cases)
			}
		})
	}
}

// TestOffersOverChangesOfClocks: the deadlines that families are told are the ones at which the worker ends their offers.
func TestOffersOverChangesOfClocks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, date, freed, until string }{
		{"March", "2027-03-28", "2027-03-26 10:00 +01", "2027-03-28 11:00 +02"},
		{"October", "2027-10-31", "2027-10-29 10:00 +02", "2027-10-31 09:00 +01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			freed, until := atOffset(t, tt.freed), atOffset(t, tt.until)
			h.clock.Set(freed)
			r := h.edition(1)
			r.Date = tt.date
			session := h.published(r)
			taken := h.book(request(session, "premiere@exemple.fr", "Nguyễn"))
			first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
			second := h.book(joining(session, "li@exemple.fr", "李"))
			h.must(h.cancel(taken))
			if got := h.group(first).OfferUntil(); !got.Equal(until) {
				t.Fatalf("deadline = %v, want %s", got, tt.until)
			}
			h.clock.Set(until.Add(-time.Second))
			if n, err := h.ExpireOffers(t.Context()); n != 0 || err != nil {
				t.Fatalf("a second before %d expired, %v", n, err)
			}
			h.clock.Set(until)
			if n, err := h.ExpireOffers(t.Context()); n != 1 || err != nil {
				t.Fatalf("at the deadline %d expired, %v", n, err)
			}
			h.wantSeats(first, "waiting")
			// Three waking hours until noon: in March an hour is left, in October three.
			h.wantSeats(second, map[string]string{"March": "waiting", "October": "offered"}[tt.name])
		})
	}
}
