package catalog_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// The change of clocks is asked back, never guessed (design, Time; I11).
func TestLocalTime(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, date, hour string
		want             string // RFC 3339, or empty when refused
		key              string
		args             []any
	}{
		{name: "summer", date: "2027-05-08", hour: "14:00", want: "2027-05-08T12:00:00Z"},
		{name: "winter", date: "2027-01-09", hour: "14:00", want: "2027-01-09T13:00:00Z"},
		{name: "a useless but right offset", date: "2027-01-09", hour: "14:00+01:00", want: "2027-01-09T13:00:00Z"},
		{name: "a wrong offset", date: "2027-01-09", hour: "14:00+02:00", key: "catalog.hour.offset", args: []any{"14:00"}},
		{name: "day before the spring change", date: "2027-03-27", hour: "02:30", want: "2027-03-27T01:30:00Z"},
		{name: "last minute before the hole", date: "2027-03-28", hour: "01:59", want: "2027-03-28T00:59:00Z"},
		{name: "in the hole", date: "2027-03-28", hour: "02:30", key: "catalog.hour.skipped", args: []any{"02:30", "01:30", "03:30"}},
		{name: "first minute of the hole", date: "2027-03-28", hour: "02:00", key: "catalog.hour.skipped", args: []any{"02:00", "01:00", "03:00"}},
		{name: "first minute after the hole", date: "2027-03-28", hour: "03:00", want: "2027-03-28T01:00:00Z"},
		{name: "afternoon of the spring change", date: "2027-03-28", hour: "14:00", want: "2027-03-28T12:00:00Z"},
		{name: "doubled", date: "2027-10-31", hour: "02:30", key: "catalog.hour.twice", args: []any{"02:30", "02:30+02:00", "02:30+01:00"}},
		{name: "doubled, the first meant", date: "2027-10-31", hour: "02:30+02:00", want: "2027-10-31T00:30:00Z"},
		{name: "doubled, the second meant", date: "2027-10-31", hour: "02:30+01:00", want: "2027-10-31T01:30:00Z"},
		{name: "doubled, neither meant", date: "2027-10-31", hour: "02:30+05:00", key: "catalog.hour.twice", args: []any{"02:30", "02:30+02:00", "02:30+01:00"}},
		{name: "first minute after the doubled hour", date: "2027-10-31", hour: "03:00", want: "2027-10-31T02:00:00Z"},
		{name: "afternoon of the autumn change", date: "2027-10-31", hour: "14:00", want: "2027-10-31T13:00:00Z"},
		{name: "no such day", date: "2027-02-30", hour: "14:00", key: "catalog.date.format"},
		{name: "no such hour", date: "2027-05-08", hour: "24:00", key: "catalog.hour.format"},
		{name: "words", date: "2027-05-08", hour: "midi", key: "catalog.hour.format"},
		{name: "empty", date: "", hour: "", key: "catalog.date.format"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := catalog.LocalTime(tt.date, tt.hour, paris)
			if tt.key != "" {
				if !fault.Is(err, fault.Invalid, tt.key) {
					t.Fatalf("got %v, %v, want a fault %s", got, err, tt.key)
				}
				f, _ := fault.As(err)
				if len(f.Message.Args) != len(tt.args) {
					t.Fatalf("arguments %v, want %v", f.Message.Args, tt.args)
				}
				for i := range tt.args {
					if f.Message.Args[i] != tt.args[i] {
						t.Errorf("argument %d is %v, want %v", i, f.Message.Args[i], tt.args[i])
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Format(time.RFC3339) != tt.want {
				t.Errorf("got %s, want %s", got.Format(time.RFC3339), tt.want)
			}
		})
	}
}
