package catalog

import (
	"slices"
	"testing"
	"time"
)

func TestAvailableAt(t *testing.T) {
	t.Parallel()
	paris, err := LoadZone(HomeZone)
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		t.Helper()
		when, err := time.ParseInLocation("2006-01-02 15:04", text, paris)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	// 11 May 2027 is a Tuesday.
	tuesday := []WeekHours{{2, "09:00", "12:00"}, {2, "12:00", "17:00"}, {3, "14:00", "18:00"}}
	cases := []struct {
		name     string
		weekly   []WeekHours
		absences []Absence
		busy     []Period
		from, to string
		want     Standing
	}{
		{"never said", nil, nil, nil, "2027-05-11 09:00", "2027-05-11 11:00", Unsaid},
		{"said so", tuesday, nil, nil, "2027-05-11 09:00", "2027-05-11 11:00", Available},
		{"over two spans that touch", tuesday, nil, nil, "2027-05-11 11:00", "2027-05-11 17:00", Available},
		{"a minute too early", tuesday, nil, nil, "2027-05-11 08:59", "2027-05-11 11:00", Unavailable},
		{"a minute too late", tuesday, nil, nil, "2027-05-11 15:00", "2027-05-11 17:01", Unavailable},
		{"another day", tuesday, nil, nil, "2027-05-12 09:00", "2027-05-12 11:00", Unavailable},
		{"a day never said", tuesday, nil, nil, "2027-05-16 09:00", "2027-05-16 11:00", Unavailable},
		{"Sunday is 7", []WeekHours{{7, "09:00", "12:00"}}, nil, nil, "2027-05-16 09:00", "2027-05-16 11:00", Available},
		{"away that day", tuesday, []Absence{{1, "2027-05-11", "2027-05-11"}}, nil, "2027-05-11 09:00", "2027-05-11 11:00", Absent},
		{"away from the next day on", tuesday, []Absence{{1, "2027-05-12", "2027-05-20"}}, nil, "2027-05-11 09:00", "2027-05-11 11:00", Available},
		{"away until the day before", tuesday, []Absence{{1, "2027-05-01", "2027-05-10"}}, nil, "2027-05-11 09:00", "2027-05-11 11:00", Available},
		{"away, never having said", nil, []Absence{{1, "2027-05-11", "2027-05-12"}}, nil, "2027-05-11 09:00", "2027-05-11 11:00", Absent},
		{"leads something else", tuesday, nil, []Period{{at("2027-05-11 10:59"), at("2027-05-11 13:00")}}, "2027-05-11 09:00", "2027-05-11 11:00", Busy},
		{"leads right after", tuesday, nil, []Period{{at("2027-05-11 11:00"), at("2027-05-11 13:00")}}, "2027-05-11 09:00", "2027-05-11 11:00", Available},
		{"leads right before", tuesday, nil, []Period{{at("2027-05-11 08:00"), at("2027-05-11 09:00")}}, "2027-05-11 09:00", "2027-05-11 11:00", Available},
		{"busy wins over away", tuesday, []Absence{{1, "2027-05-11", "2027-05-11"}}, []Period{{at("2027-05-11 10:00"), at("2027-05-11 11:00")}}, "2027-05-11 09:00", "2027-05-11 11:00", Busy},
		{"until midnight", []WeekHours{{2, "18:00", "24:00"}}, []Absence{{1, "2027-05-12", "2027-05-12"}}, nil, "2027-05-11 20:00", "2027-05-12 00:00", Available},
		{"past midnight", []WeekHours{{2, "18:00", "24:00"}}, nil, nil, "2027-05-11 20:00", "2027-05-12 01:00", Unavailable},
		// 28 March 2027 is the Sunday when clocks go forward, 31 October the one when they go back.
		{"the short day", []WeekHours{{7, "01:00", "12:00"}}, nil, nil, "2027-03-28 01:30", "2027-03-28 03:30", Available},
		{"the long day", []WeekHours{{7, "01:00", "12:00"}}, nil, nil, "2027-10-31 01:30", "2027-10-31 10:00", Available},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := availableAt(c.weekly, c.absences, c.busy, at(c.from), at(c.to)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestJoined(t *testing.T) {
	t.Parallel()
	got := joined([]WeekHours{{3, "09:00", "10:00"}, {1, "14:00", "18:00"}, {1, "09:00", "12:00"}, {1, "11:00", "13:00"}, {1, "18:00", "19:00"}, {1, "10:00", "10:30"}})
	want := []WeekHours{{1, "09:00", "13:00"}, {1, "14:00", "19:00"}, {3, "09:00", "10:00"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBusiest(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2027, 5, 11, hour, 0, 0, 0, time.UTC) }
	cases := []struct {
		name string
		used []use
		want int
	}{
		{"nobody", nil, 0},
		{"one before, one after", []use{{at(7), at(9), 1}, {at(12), at(13), 1}}, 0},
		{"one after the other", []use{{at(8), at(10), 1}, {at(10), at(12), 1}}, 1},
		{"at once", []use{{at(8), at(10), 1}, {at(9), at(12), 2}}, 3},
		{"all along", []use{{at(8), at(13), 2}}, 2},
		{"the last hour", []use{{at(11), at(13), 4}, {at(9), at(11), 1}}, 4},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := busiest(c.used, at(9), at(12)); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
