package booking

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

func paris(t *testing.T) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// TestDecide is the rule of the last POST (domain, Capacity 1–7; UX-P2).
func TestDecide(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 5, 8, 14, 0, 0, 0, paris(t))
	now := start.Add(-72 * time.Hour)
	nine := time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)
	five := time.Date(2021, 5, 9, 0, 0, 0, 0, time.UTC) // turns six the day after
	session := Session{Status: "published", StartsAt: start, OpensAt: now.Add(-time.Hour), ClosesAt: start, MinAge: 6, MaxAge: 12, Capacity: 12}
	with := func(change func(*Session)) Session {
		s := session
		change(&s)
		return s
	}
	tests := []struct {
		name      string
		session   Session
		births    []time.Time
		open      int
		choice    IfFull
		now       time.Time
		confirmed int
		key       string
		kind      fault.Kind
	}{
		{name: "one seat, one child", session: session, births: []time.Time{nine}, open: 1, confirmed: 1},
		{name: "two seats, two children", session: session, births: []time.Time{nine, nine}, open: 2, confirmed: 2},
		{name: "a seat is better than the list that was asked for", session: session, births: []time.Time{nine}, open: 1, choice: Wait, confirmed: 1},
		{name: "full asks", session: session, births: []time.Time{nine}, open: 0, key: "booking.full", kind: fault.Conflict},
		{name: "full, joins the list", session: session, births: []time.Time{nine}, open: 0, choice: Wait, confirmed: 0},
		{name: "one seat for two asks, never splits silently", session: session, births: []time.Time{nine, nine}, open: 1, key: "booking.some_places", kind: fault.Conflict},
		{name: "one seat for two, split", session: session, births: []time.Time{nine, nine}, open: 1, choice: Split, confirmed: 1},
		{name: "one seat for two, both wait", session: session, births: []time.Time{nine, nine}, open: 1, choice: Wait, confirmed: 0},
		{name: "split was chosen but the last seat has gone", session: session, births: []time.Time{nine, nine}, open: 0, choice: Split, key: "booking.full", kind: fault.Conflict},
		{name: "too young on the day by one day", session: session, births: []time.Time{five}, open: 3, key: "booking.out_of_age", kind: fault.Conflict},
		{name: "cancelled", session: with(func(s *Session) { s.Status = "cancelled" }), births: []time.Time{nine}, open: 3, key: "booking.session_cancelled", kind: fault.Gone},
		{name: "at the start it is over", session: session, now: start, births: []time.Time{nine}, open: 3, key: "booking.session_past", kind: fault.Gone},
		{name: "a second before the start it is not", session: session, now: start.Add(-time.Second), births: []time.Time{nine}, open: 3, confirmed: 1},
		{name: "closed early", session: with(func(s *Session) { s.ClosesAt = now }), births: []time.Time{nine}, open: 3, key: "booking.session_closed", kind: fault.Gone},
		{name: "not open yet", session: with(func(s *Session) { s.OpensAt = now.Add(time.Second) }), births: []time.Time{nine}, open: 3, key: "booking.session_not_open", kind: fault.Conflict},
		{name: "opens at this instant", session: with(func(s *Session) { s.OpensAt = now }), births: []time.Time{nine}, open: 3, confirmed: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at := tt.now
			if at.IsZero() {
				at = now
			}
			confirmed, err := decide(tt.session, tt.births, tt.open, tt.choice, at)
			if tt.key != "" {
				if !fault.Is(err, tt.kind, tt.key) {
					t.Fatalf("error = %v, want %v %s", err, tt.kind, tt.key)
				}
				return
			}
			if err != nil || confirmed != tt.confirmed {
				t.Errorf("confirmed = %d, %v; want %d", confirmed, err, tt.confirmed)
			}
		})
	}
}

// TestDeadline is the rule of deadlines (domain, Waiting list 2), with the changes of clocks.
func TestDeadline(t *testing.T) {
	t.Parallel()
	loc := paris(t)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := []struct{ name, now, start, want string }{
		{"48 hours in the day", "2027-05-03 10:00", "2027-05-08 14:00", "2027-05-05 10:00"},
		{"48 hours end at night: the evening before", "2027-05-03 23:30", "2027-05-08 14:00", "2027-05-05 21:00"},
		{"48 hours end early: the evening before", "2027-05-03 06:00", "2027-05-08 14:00", "2027-05-04 21:00"},
		{"two hours before the start", "2027-05-07 10:00", "2027-05-08 14:00", "2027-05-08 12:00"},
		{"a morning start ends the evening before", "2027-05-07 10:00", "2027-05-08 09:00", "2027-05-07 21:00"},
		{"exactly three waking hours", "2027-05-08 09:00", "2027-05-08 14:00", "2027-05-08 12:00"},
		{"a minute less: the team calls", "2027-05-08 09:01", "2027-05-08 14:00", ""},
		{"in the night before a morning session", "2027-05-07 23:00", "2027-05-08 10:00", ""},
		{"in the night before an afternoon session", "2027-05-08 02:00", "2027-05-08 14:00", "2027-05-08 12:00"},
		{"less than two hours before", "2027-05-08 13:00", "2027-05-08 14:00", ""},
		{"over the spring change of clocks", "2027-03-27 12:00", "2027-03-31 14:00", "2027-03-29 13:00"},
		{"over the autumn change of clocks", "2027-10-30 12:00", "2027-11-03 14:00", "2027-11-01 11:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := usual.Deadline(at(tt.now), at(tt.start))
			if tt.want == "" {
				if ok {
					t.Errorf("deadline = %v, want none", got)
				}
				return
			}
			if !ok || !got.Equal(at(tt.want)) {
				t.Errorf("deadline = %v, %v; want %s", got, ok, tt.want)
			}
		})
	}
}

// usual are the hours of the domain.
var usual = Hours{WakingFrom: 8, WakingUntil: 21, Longest: 48, BeforeStart: 2, Shortest: 3, UnaskedUntil: 18}

// TestOverdueDeadline: after a stop of the program an overdue offer gets three more waking hours.
func TestOverdueDeadline(t *testing.T) {
	t.Parallel()
	loc := paris(t)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := []struct{ name, now, start, want string }{
		{"in the day", "2027-05-03 10:00", "2027-05-08 14:00", "2027-05-03 13:00"},
		{"at night: from the morning on", "2027-05-03 23:00", "2027-05-08 14:00", "2027-05-04 11:00"},
		{"in the evening: the rest in the morning", "2027-05-03 20:00", "2027-05-08 14:00", "2027-05-04 10:00"},
		{"never past two hours before the start", "2027-05-08 10:00", "2027-05-08 14:00", "2027-05-08 12:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := usual.overdueDeadline(at(tt.now), at(tt.start)); !got.Equal(at(tt.want)) {
				t.Errorf("deadline = %v, want %s", got, tt.want)
			}
		})
	}
}

// TestAllot: who gets freed seats, family by family (domain, Waiting list 1, 4, 5, 6).
func TestAllot(t *testing.T) {
	t.Parallel()
	family := func(id int64, together bool, n int) waiter {
		w := waiter{groupID: id, together: together}
		for i := range n {
			w.bookings = append(w.bookings, id*10+int64(i))
		}
		return w
	}
	tests := []struct {
		name   string
		free   int
		list   []waiter
		passed map[int64]bool
		want   []int64
	}{
		{"first come, first served", 2, []waiter{family(1, false, 1), family(2, false, 1), family(3, false, 1)}, nil, []int64{10, 20}},
		{"exactly as many as are free", 1, []waiter{family(1, false, 3)}, nil, []int64{10}},
		{"together is passed over for one seat and keeps its rank", 1, []waiter{family(1, true, 2), family(2, false, 1)}, nil, []int64{20}},
		{"together gets both", 2, []waiter{family(1, true, 2), family(2, false, 1)}, nil, []int64{10, 11}},
		{"a seat that nobody can use stays", 1, []waiter{family(1, true, 2)}, nil, nil},
		{"who let an offer run out comes after the others", 1, []waiter{family(1, false, 1), family(2, false, 1)}, map[int64]bool{1: true}, []int64{20}},
		{"but before nobody", 1, []waiter{family(1, false, 1)}, map[int64]bool{1: true}, []int64{10}},
		{"no seat", 0, []waiter{family(1, false, 1)}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []int64
			for _, w := range allot(tt.free, tt.list, tt.passed) {
				got = append(got, w.bookings...)
			}
			if len(got) != len(tt.want) {
				t.Fatalf("seats go to %v, want %v", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Fatalf("seats go to %v, want %v", got, tt.want)
				}
			}
		})
	}
}
