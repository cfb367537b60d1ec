package booking

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// TestDeadlineOfOtherHours: the rule is that of TestDeadline, whatever the association chose.
func TestDeadlineOfOtherHours(t *testing.T) {
	t.Parallel()
	narrow := Hours{WakingFrom: 10, WakingUntil: 14, Longest: 24, BeforeStart: 24, Shortest: 3}
	wide := Hours{WakingFrom: 5, WakingUntil: 23, Longest: 96, BeforeStart: 1, Shortest: 1}
	for _, tt := range []struct {
		name             string
		hours            Hours
		now, start, want string
	}{
		{"96 hours", wide, "2027-05-03 10:00", "2027-05-08 14:00", "2027-05-07 10:00"},
		{"until 23:00", wide, "2027-05-03 23:30", "2027-05-08 14:00", "2027-05-07 23:00"},
		{"from 5:00", wide, "2027-05-03 04:00", "2027-05-08 14:00", "2027-05-06 23:00"},
		{"an hour before the start", wide, "2027-05-08 09:00", "2027-05-08 14:00", "2027-05-08 13:00"},
		{"one waking hour is enough", wide, "2027-05-08 12:00", "2027-05-08 14:00", "2027-05-08 13:00"},
		{"a minute less", wide, "2027-05-08 12:01", "2027-05-08 14:00", ""},
		{"24 hours", narrow, "2027-05-03 11:00", "2027-05-08 14:00", "2027-05-04 11:00"},
		{"24 hours of a short day", narrow, "2027-05-03 15:00", "2027-05-08 14:00", "2027-05-04 14:00"},
		{"a day before the start", narrow, "2027-05-06 13:00", "2027-05-08 12:00", "2027-05-07 12:00"},
		{"a day before the start: too little is left", narrow, "2027-05-06 13:01", "2027-05-08 12:00", ""},
		{"over the day of 25 hours", narrow, "2027-10-30 11:00", "2027-11-05 14:00", "2027-10-31 10:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := tt.hours.Deadline(at(t, tt.now), at(t, tt.start))
			if tt.want == "" {
				if ok {
					t.Errorf("deadline = %v, want none", got)
				}
			} else if !ok || !got.Equal(at(t, tt.want)) {
				t.Errorf("deadline = %v, %v; want %s", got, ok, tt.want)
			}
		})
	}
}

// TestNoHoursKeepOffersBack: within all bounds only the nearness of the start keeps an offer from being made, at any time of any
// day; what is too late once stays too late (I2 counts on it).
func TestNoHoursKeepOffersBack(t *testing.T) {
	t.Parallel()
	for _, from := range []int{5, 8, 14} {
		for _, day := range []int{4, 9} {
			h := Hours{WakingFrom: from, WakingUntil: from + day, Longest: 24, BeforeStart: 2, Shortest: 3}
			for _, first := range []time.Time{at(t, "2027-03-27 00:00"), at(t, "2027-10-30 00:00")} {
				for now := first; now.Before(first.AddDate(0, 0, 3)); now = now.Add(15 * time.Minute) {
					if _, ok := h.Deadline(now, first.AddDate(0, 0, 8)); !ok {
						t.Fatalf("%+v: no offer at %v", h, now)
					}
					start := now.Add(h.callAhead())
					if _, ok := h.Deadline(now, start); !ok {
						t.Fatalf("%+v: no offer at %v for %v, which is beyond the calls", h, now, start)
					}
				}
			}
		}
	}
}

func (h *house) choose(s settings.Setting[int], value string) {
	h.t.Helper()
	err := account.NewOffice(h.db, account.Secret{}).ChangeSettings(h.t.Context(), staff, newKey(), map[string]string{s.Name: value}, nil)
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) hours() (hours Hours) {
	h.t.Helper()
	hours, err := h.OfferHours(h.t.Context())
	h.must(err)
	return hours
}

// TestChangedHoursKeepOffers: a change of the settings is for offers to come; that which lives keeps its deadline, through the
// timers and a later edit of its session.
func TestChangedHoursKeepOffers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(2)
	taken, other := h.book(request(session, "zoe@exemple.fr", "Zoé")), h.book(request(session, "nguyen@exemple.fr", "Nguyễn"))
	first, second := h.book(joining(session, "lukasz@exemple.fr", "Łukasz")), h.book(joining(session, "li@exemple.fr", "李"))
	h.must(h.cancel(taken))
	if until := h.group(first).OfferUntil(); !until.Equal(firstDeadline) {
		t.Fatalf("until %v, want %v", until, firstDeadline)
	}
	h.choose(settings.OfferLongest, "24")
	h.choose(settings.OfferWakingFrom, "12")
	h.choose(settings.OfferBeforeStart, "24")
	if got := h.hours(); got.Longest != 24 || got.WakingFrom != 12 || got.BeforeStart != 24 {
		t.Fatalf("hours %+v", got)
	}
	h.must(h.ReleaseReserved(t.Context()))
	moved := h.edition(2)
	moved.Starts, moved.Ends = "15:00", "17:00"
	h.must(h.EditSession(t.Context(), staff, newKey(), session, moved))
	if until := h.group(first).OfferUntil(); !until.Equal(firstDeadline) {
		t.Errorf("the offer that lives now ends %v, want %v", until, firstDeadline)
	}
	h.must(h.cancel(other))
	if until, want := h.group(second).OfferUntil(), h.clock.Now().Add(24*time.Hour); until.After(want) {
		t.Errorf("an offer made now ends %v, want %v at the latest", until, want)
	}
	h.clock.Set(firstDeadline.Add(-time.Second))
	if _, err := h.ExpireOffers(t.Context()); err != nil || h.group(first).Children[0].Status != "offered" {
		t.Errorf("a second before its deadline: %v, %v", h.group(first).Children, err)
	}
	h.wantSound()
}

// TestChangedHoursOfferAgain: where other hours let a seat be offered that came too late before, the timer offers it; the mail to who
// joins tells the hours in force.
func TestChangedHoursOfferAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(1)
	taken := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	first := h.book(joining(session, "lukasz@exemple.fr", "Łukasz"))
	h.clock.Set(at(t, "2027-05-08 10:00")) // two hours are left to answer
	h.must(h.cancel(taken))
	h.must(h.ReleaseReserved(t.Context()))
	h.wantSeats(first, "waiting")
	h.choose(settings.OfferShortest, "2")
	h.must(h.ReleaseReserved(t.Context()))
	h.wantSeats(first, "offered")
	if until := h.group(first).OfferUntil(); !until.Equal(at(t, "2027-05-08 12:00")) {
		t.Errorf("until %v", until)
	}
	h.wantSound()
	h.choose(settings.OfferUnaskedUntil, "20")
	late := h.book(joining(session, "li@exemple.fr", "李"))
	if offers := h.wantLetters(late, outbox.WaitingJoined).Session.Offers; offers.Shortest != 2 || offers.UnaskedUntil != 20 || offers.Longest != 48 {
		t.Errorf("the mail tells %+v", offers)
	}
	if until := h.group(late).Session.UnaskedUntil(); !until.Equal(at(t, "2027-05-07 20:00")) {
		t.Errorf("unasked until %v", until)
	}
}
