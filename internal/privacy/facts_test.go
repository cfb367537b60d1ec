package privacy

import (
	"testing"
	"time"
)

// A presence is the first of each span that the last one was before: spans begin at midnight where the venue is.
func TestFirstIn(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		day, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return day.In(paris)
	}
	for _, tt := range []struct {
		day, before string
		want        span
	}{
		{"2027-05-08T12:00:00Z", "", ever | calendarYear | schoolYear | quarter},
		{"2027-05-08T12:00:00Z", "2027-05-01T12:00:00Z", 0},
		{"2027-05-08T12:00:00Z", "2027-03-31T12:00:00Z", quarter},
		{"2027-05-08T12:00:00Z", "2026-10-01T12:00:00Z", calendarYear | quarter},
		{"2026-10-08T12:00:00Z", "2026-06-01T12:00:00Z", schoolYear | quarter},
		{"2026-09-05T12:00:00Z", "2026-07-10T12:00:00Z", schoolYear},
		{"2027-05-08T12:00:00Z", "2026-06-01T12:00:00Z", calendarYear | schoolYear | quarter},
		{"2027-01-08T12:00:00Z", "2026-12-31T23:30:00Z", 0}, // the new year had begun
	} {
		if got := firstIn(at(tt.day), at(tt.before)); got != tt.want {
			t.Errorf("on %s after %q it is the first of %d, want %d", tt.day, tt.before, got, tt.want)
		}
	}
}
