package booking

import (
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// at is an hour of a day in Paris.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := catalog.LoadZone("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// TestReminderAt is UX-P14 and REL-15: two days before at 18:00 as clocks show it, late only by day and until 24 hours
// before the start, not to who has just booked.
func TestReminderAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, start, seated, now, want string // want is empty when nothing is sent
	}{
		{"long before", "2027-05-08 14:00", "2027-05-01 10:00", "2027-05-02 10:00", "2027-05-06 18:00"},
		{"at that hour", "2027-05-08 14:00", "2027-05-01 10:00", "2027-05-06 18:00", "2027-05-06 18:00"},
		{"a session of the morning", "2027-05-08 00:30", "2027-05-01 10:00", "2027-05-02 10:00", "2027-05-06 18:00"},
		{"booked the day before at that hour", "2027-05-08 14:00", "2027-05-05 18:00", "2027-05-05 18:00", "2027-05-06 18:00"},
		{"booked less than a day before", "2027-05-08 14:00", "2027-05-05 18:01", "2027-05-05 18:01", ""},
		{"booked after it", "2027-05-08 14:00", "2027-05-06 20:00", "2027-05-06 20:00", ""},
		{"stopped in the evening", "2027-05-08 14:00", "2027-05-01 10:00", "2027-05-06 20:59", "2027-05-06 20:59"},
		{"at night", "2027-05-08 14:00", "2027-05-01 10:00", "2027-05-06 21:00", "2027-05-07 08:00"},
		{"before dawn", "2027-05-08 14:00", "2027-05-01 10:00", "2027-05-07 03:00", "2027-05-07 08:00"},
		{"the morning after", "2027-05-08 14:00", "2027-05-01 10:00", "2027-05-07 13:59", "2027-05-07 13:59"},
		{"too late", "2027-05-08 14:00", "2027-05-01 10:00", "2027-05-07 14:00", ""},
		{"no morning left", "2027-05-08 08:00", "2027-05-01 10:00", "2027-05-06 22:00", ""},
		{"the day has 23 hours", "2027-03-28 14:00", "2027-03-01 10:00", "2027-03-02 10:00", "2027-03-26 18:00"},
		{"the day before has 23 hours", "2027-03-29 14:00", "2027-03-01 10:00", "2027-03-02 10:00", "2027-03-27 18:00"},
		{"23 hours, late", "2027-03-28 14:00", "2027-03-01 10:00", "2027-03-27 12:59", "2027-03-27 12:59"},
		{"23 hours, too late", "2027-03-28 14:00", "2027-03-01 10:00", "2027-03-27 13:00", ""},
		{"stopped in the night of March", "2027-03-29 14:00", "2027-03-01 10:00", "2027-03-28 03:30", "2027-03-28 08:00"},
		{"booked 24 hours before, across March", "2027-03-30 10:00", "2027-03-27 17:00", "2027-03-27 17:00", "2027-03-28 18:00"},
		{"booked 23 hours before, across March", "2027-03-30 10:00", "2027-03-27 18:00", "2027-03-27 18:00", ""},
		{"the day has 25 hours", "2027-10-31 14:00", "2027-10-01 10:00", "2027-10-02 10:00", "2027-10-29 18:00"},
		{"a night session after 25 hours", "2027-10-31 23:59", "2027-10-01 10:00", "2027-10-29 18:00", "2027-10-29 18:00"},
		{"the day before has 25 hours", "2027-11-01 14:00", "2027-10-01 10:00", "2027-10-02 10:00", "2027-10-30 18:00"},
		{"25 hours, late", "2027-10-31 14:00", "2027-10-01 10:00", "2027-10-30 14:59", "2027-10-30 14:59"},
		{"25 hours, too late", "2027-10-31 14:00", "2027-10-01 10:00", "2027-10-30 15:00", ""},
		{"stopped in the night of October", "2027-11-01 14:00", "2027-10-01 10:00", "2027-10-31 02:30", "2027-10-31 08:00"},
	} {
		got, ok := reminderAt(usual, at(t, c.now).UTC(), at(t, c.start), at(t, c.seated))
		if ok != (c.want != "") || ok && !got.Equal(at(t, c.want)) {
			t.Errorf("%s: at %v, %t; want %q", c.name, got, ok, c.want)
		}
		if ok && !got.After(at(t, c.now)) && !at(t, c.start).Before(at(t, c.now).Add(longestNotice)) {
			t.Errorf("%s: Remind does not look as far as %v", c.name, c.start)
		}
	}
}

// TestOfferSoonAt: once, by day, six hours before the end at least and after the beginning at least (REL-15).
func TestOfferSoonAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, made, deadline, now, want string }{
		{"six hours before", "2027-05-03 10:00", "2027-05-05 15:00", "2027-05-03 10:00", "2027-05-05 09:00"},
		{"not at night", "2027-05-03 10:00", "2027-05-05 10:00", "2027-05-03 10:00", "2027-05-04 21:00"},
		{"the worker comes a little later", "2027-05-03 10:00", "2027-05-05 10:00", "2027-05-04 21:01", "2027-05-04 21:01"},
		{"stopped until the night", "2027-05-03 10:00", "2027-05-05 10:00", "2027-05-04 21:11", "2027-05-05 08:00"},
		{"stopped by day", "2027-05-03 10:00", "2027-05-05 15:00", "2027-05-05 13:59", "2027-05-05 13:59"},
		{"an hour is left", "2027-05-03 10:00", "2027-05-05 15:00", "2027-05-05 14:00", "2027-05-05 14:00"},
		{"less is left", "2027-05-03 10:00", "2027-05-05 15:00", "2027-05-05 14:01", ""},
		{"less is left in the morning", "2027-05-03 10:00", "2027-05-05 08:30", "2027-05-05 03:00", ""},
		{"twelve hours long", "2027-05-05 08:00", "2027-05-05 20:00", "2027-05-05 08:00", "2027-05-05 14:00"},
		{"shorter", "2027-05-05 08:01", "2027-05-05 20:00", "2027-05-05 08:01", ""},
		{"made in the evening", "2027-05-04 20:00", "2027-05-05 12:00", "2027-05-04 20:00", ""},
		{"the night of March has an hour less", "2027-03-27 10:00", "2027-03-28 08:30", "2027-03-27 10:00", "2027-03-27 21:00"},
		{"six hours in March", "2027-03-26 10:00", "2027-03-28 14:00", "2027-03-26 10:00", "2027-03-28 08:00"},
		{"the night of October has an hour more", "2027-10-30 10:00", "2027-10-31 12:00", "2027-10-30 10:00", "2027-10-30 21:00"},
		{"all of that night", "2027-10-30 10:00", "2027-10-31 13:59", "2027-10-30 21:00", "2027-10-30 21:00"},
		{"six hours in October", "2027-10-29 10:00", "2027-10-31 15:00", "2027-10-29 10:00", "2027-10-31 09:00"},
	} {
		deadline := at(t, c.deadline)
		got, ok := offerSoonAt(usual, at(t, c.now), at(t, c.made), deadline)
		if ok != (c.want != "") || ok && !got.Equal(at(t, c.want)) {
			t.Errorf("%s: at %v, %t; want %q", c.name, got, ok, c.want)
		}
		if ok && !got.After(at(t, c.now)) && !deadline.Before(at(t, c.now).Add(soonAhead)) {
			t.Errorf("%s: RemindOffers does not look as far as %v", c.name, c.deadline)
		}
	}
}

// remind moves the clock and does what is due, twice.
func (h *house) remind(now time.Time) int {
	h.t.Helper()
	h.clock.Set(now)
	n, err := h.Remind(h.t.Context())
	h.must(err)
	before := h.db.Changes()
	if again, err := h.Remind(h.t.Context()); err != nil || again != 0 {
		h.t.Errorf("reminded %d families again, %v", again, err)
	}
	if h.db.Changes() != before {
		h.t.Error("with nothing due something was written")
	}
	return n
}

// TestRemind: who has a seat is asked once, two days before (UX-P14).
func TestRemind(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(5)
	zoe := h.book(request(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	gone := h.book(request(session, "li@exemple.fr", "李"))
	quiet := h.book(request(session, "", "محمد"))
	h.must(h.cancel(gone))
	h.clock.Set(at(t, "2027-05-06 10:00"))
	late := h.book(request(session, "late@exemple.fr", "Nguyễn"))
	if n := h.remind(at(t, "2027-05-06 17:59")); n != 0 {
		t.Errorf("%d reminders before their time", n)
	}
	next, found, err := h.NextReminder(t.Context())
	if err != nil || !found || !next.Equal(at(t, "2027-05-06 18:00")) {
		t.Errorf("the next reminder is at %v, %t, %v", next, found, err)
	}
	if n := h.remind(at(t, "2027-05-06 18:00")); n != 2 {
		t.Errorf("reminded %d families, want the one with e-mail and the one without", n)
	}
	if m := h.wantLetters(zoe, outbox.BookingConfirmed, outbox.Reminder); !slices.Equal(m.Confirmed, []string{"Zoé", "Łukasz"}) {
		t.Errorf("the reminder is about %q", m.Confirmed)
	}
	h.wantLetters(gone, outbox.BookingConfirmed, outbox.BookingCancelled)
	h.wantLetters(late, outbox.BookingConfirmed)
	if n := h.count(`SELECT count(*) FROM outbox WHERE payload ->> '$.reference' = ?`, quiet); n != 0 {
		t.Errorf("%d letters to nobody", n)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'booking.remind'`); n != 2 {
		t.Errorf("%d lines of audit, want 2", n)
	}
	if _, found, _ := h.NextReminder(t.Context()); found {
		t.Error("something is still to be told")
	}
}

// TestRemindCountsTheSeat: who waited for weeks and got a seat this afternoon knows that it comes.
func TestRemindCountsTheSeat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, taken := h.full(2)
	waits := h.book(joining(1, "zoe@exemple.fr", "Zoé"))
	h.clock.Set(at(t, "2027-05-06 12:00"))
	h.must(h.cancel(taken[0]))
	h.must(h.accept(waits))
	if n := h.remind(at(t, "2027-05-06 18:00")); n != 1 {
		t.Errorf("reminded %d families, want only the one that booked on Monday", n)
	}
	h.wantLetters(waits, outbox.WaitingJoined, outbox.SeatOffered, outbox.BookingConfirmed)
}

// TestMovedSessionAsksAnew: yes to Saturday is not yes to Sunday.
func TestMovedSessionAsksAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(2)
	zoe := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	h.remind(at(t, "2027-05-06 18:00"))
	h.must(h.Coming(t.Context(), account.Guest(), newKey(), h.mailed(zoe), session))
	move := func(date, starts, ends string) {
		t.Helper()
		r := h.edition(2)
		r.Date, r.Starts, r.Ends = date, starts, ends
		h.must(h.EditSession(t.Context(), staff, newKey(), session, r))
	}
	move("2027-05-08", "15:00", "17:00")
	if !h.group(zoe).Coming {
		t.Error("another hour made them forget that they come")
	}
	move("2027-05-15", "15:00", "17:00")
	if h.group(zoe).Coming {
		t.Error("they said yes to another day")
	}
	if n := h.remind(at(t, "2027-05-12 18:00")); n != 0 {
		t.Errorf("%d reminders", n)
	}
	if n := h.remind(at(t, "2027-05-13 18:00")); n != 1 {
		t.Errorf("%d reminders, want one for the new day", n)
	}
}

// TestComing: saying yes twice is saying it once, and it is too late once nothing is left to come to.
func TestComing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	waits := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	say := func(reference string) error {
		return h.Coming(t.Context(), account.Guest(), newKey(), h.mailed(reference), session)
	}
	wantFault(t, say(waits), fault.Gone, "coming.late")
	h.must(say(taken[0]))
	h.must(say(taken[0]))
	if !h.group(taken[0]).Coming {
		t.Error("it is not noted that they come")
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'booking.coming' AND actor = 'guest'`); n != 1 {
		t.Errorf("%d lines of audit, want 1", n)
	}
	wantFault(t, h.Coming(t.Context(), account.Guest(), newKey(), Link{Reference: taken[0], Signature: "x"}, session), fault.NotFound, "error.not_found")
	wantFault(t, h.Coming(t.Context(), account.Guest(), newKey(), h.mailed(taken[0]), session+1), fault.Gone, "coming.late") // asked of another
	h.clock.Set(at(t, "2027-05-08 14:00"))
	wantFault(t, say(taken[0]), fault.Gone, "coming.late")
}

// TestRemindOffers: one message for the seats that a family was offered together, by day, once.
func TestRemindOffers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(3)
	pair := h.book(together(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	h.must(h.cancel(taken[0]))
	h.must(h.cancel(taken[1]))
	soon := func(now time.Time) int {
		t.Helper()
		h.clock.Set(now)
		n, err := h.RemindOffers(t.Context())
		h.must(err)
		before := h.db.Changes()
		if again, err := h.RemindOffers(t.Context()); err != nil || again != 0 || h.db.Changes() != before {
			t.Errorf("told %d families again, %v", again, err)
		}
		return n
	}
	want := at(t, "2027-05-04 21:00") // four o'clock, six hours before the deadline, is at night
	if next, found, err := h.NextReminder(t.Context()); err != nil || !found || !next.Equal(want) {
		t.Errorf("the next one is at %v, %t, %v; want %v", next, found, err, want)
	}
	if n := soon(want.Add(-time.Minute)); n != 0 {
		t.Errorf("%d messages before their time", n)
	}
	if n := soon(want.Add(time.Minute)); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
	m := h.wantLetters(pair, outbox.WaitingJoined, outbox.SeatOffered, outbox.OfferSoon)
	if !slices.Equal(m.Offered, []string{"Zoé", "Łukasz"}) || m.OfferUntil != sqlite.Time(firstDeadline) || m.Extended {
		t.Errorf("letter = %+v", m)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'booking.remind_offer'`); n != 1 {
		t.Errorf("%d lines of audit, want 1", n)
	}
}

// TestExtendedOfferIsToldOnce: who was just told until when an offer lives is not told that it ends soon.
func TestExtendedOfferIsToldOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	waits := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.cancel(taken[0]))
	h.clock.Set(firstDeadline.Add(time.Hour))
	_, err := h.ExpireOffers(t.Context())
	h.must(err)
	if n, err := h.RemindOffers(t.Context()); n != 0 || err != nil {
		t.Errorf("told %d families, %v", n, err)
	}
	h.wantLetters(waits, outbox.WaitingJoined, outbox.SeatOffered, outbox.OfferSoon)
}
