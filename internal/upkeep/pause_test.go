package upkeep_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

var staff = account.Actor{Kind: account.KindUser, ID: 1, Role: account.Staff}

// restored is the house after a copy of it, made now, was put in place at an instant.
func (h *house) restored(at time.Time) {
	h.t.Helper()
	file := filepath.Join(h.t.TempDir(), "copy.db")
	h.must(upkeep.Backup(h.t.Context(), h.db, file))
	h.must(h.db.Close())
	h.clock.Set(at)
	_, err := upkeep.Restore(h.t.Context(), h.restoration(file))
	h.must(err)
	h.reopened()
	h.timers = h.newTimers()
}

// REL-14, I2: while mails are paused after a restore no offer ends, since its family was told nothing, and no session closes itself;
// then an offer that came due has three more waking hours.
func TestNothingMovesOnWhileMailsArePaused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.restored(start.AddDate(0, 0, 1).Add(time.Hour))
	offered := h.count(`SELECT booking_id FROM offers WHERE outcome IS NULL`)
	mails := h.count(`SELECT count(*) FROM outbox`)
	h.clock.Set(time.Date(2027, 5, 7, 15, 0, 0, 0, time.UTC)) // session 2 ended three days ago, the offer days ago
	h.must(h.timers.Due(ctx))
	if n := h.count(`SELECT count(*) FROM offers WHERE outcome IS NULL AND booking_id = ?`, offered); n != 1 {
		t.Error("an offer ended that its family may not know of")
	}
	if n := h.count(`SELECT count(*) FROM outbox`); n != mails {
		t.Errorf("%d mails were written", n-mails)
	}
	if n := h.count(`SELECT count(*) FROM closings`); n != 0 {
		t.Error("a session closed itself")
	}
	h.must(account.NewOffice(h.db, h.secret).ResumeMails(ctx, staff, key(), false))
	h.must(h.timers.Due(ctx))
	if n := h.count(`SELECT count(*) FROM offers WHERE outcome IS NULL AND booking_id = ? AND expires_at = '2027-05-07T18:00:00Z'`, offered); n != 1 {
		t.Errorf("the offer ends at %s", h.text(`SELECT expires_at FROM offers WHERE booking_id = ? ORDER BY id DESC`, offered))
	}
	if h.count(`SELECT count(*) FROM closings`) != 1 || h.count(`SELECT count(*) FROM outbox WHERE kind = ? AND state = 'pending'`, outbox.OfferSoon) != 1 {
		t.Error("afterwards all goes on: the session closes itself, and the family is told")
	}
}

// REL-14, I2: an offer that ends just before mails leave again has three more waking hours too: nobody could know of it. One that ends
// afterwards is an ordinary one.
func TestAnOfferThatEndsJustBeforeMailsLeaveAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		resumed time.Duration // after the deadline
		open    int
	}{{5 * time.Minute, 1}, {-time.Minute, 0}} {
		h := newHouse(t)
		h.restored(start.AddDate(0, 0, 1).Add(time.Hour))
		offered := h.count(`SELECT booking_id FROM offers WHERE outcome IS NULL`)
		until, err := time.Parse(time.RFC3339, h.text(`SELECT expires_at FROM offers WHERE outcome IS NULL`))
		h.must(err)
		h.clock.Set(until.Add(tt.resumed))
		h.must(account.NewOffice(h.db, h.secret).ResumeMails(t.Context(), staff, key(), false))
		h.clock.Set(until.Add(6 * time.Minute))
		h.must(h.timers.Due(t.Context()))
		if n := h.count(`SELECT count(*) FROM offers WHERE outcome IS NULL AND booking_id = ?`, offered); n != tt.open {
			t.Errorf("mails leave again %v after the deadline: %d offers live, want %d", tt.resumed, n, tt.open)
		}
	}
}

// REL-14: a reminder that came due in the lost hour, and so may have left, is one of the old mails: given up with them, or sent once.
func TestRemindersOfTheLostHourAreOldMails(t *testing.T) {
	t.Parallel()
	for _, withOld := range []bool{false, true} {
		h := newHouse(t)
		h.clock.Set(time.Date(2027, 5, 6, 15, 30, 0, 0, time.UTC))
		h.must(h.timers.Due(t.Context()))
		h.restored(time.Date(2027, 5, 6, 16, 30, 0, 0, time.UTC)) // families were asked at 16:00
		h.clock.Advance(time.Hour)
		h.must(h.timers.Due(t.Context()))
		h.must(account.NewOffice(h.db, h.secret).ResumeMails(t.Context(), staff, key(), withOld))
		h.must(h.timers.Due(t.Context()))
		want := 0
		if withOld {
			want = h.count(`SELECT count(DISTINCT group_id) FROM bookings WHERE session_id = 1 AND status = 'confirmed'`)
		}
		if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ? AND state = 'pending'`, outbox.Reminder); n != want || withOld && n == 0 {
			t.Errorf("with the old mails %v: %d reminders leave, want %d", withOld, n, want)
		}
	}
}

// REL-14: families of a session that was over when the database was restored may have been thanked before the loss, and are not thanked
// again; those of one that ends later are.
func TestNobodyIsThankedTwice(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		h := newHouse(t)
		h.breaks(`DELETE FROM certificates`) // who has one was thanked with it
		over := time.Date(2027, 5, 4, 18, 0, 0, 0, time.UTC)
		if lost {
			h.restored(over)
		}
		h.clock.Set(over.AddDate(0, 0, 4))
		h.must(h.timers.Privacy.CloseOverdue(t.Context()))
		want := 1
		if lost {
			want = 0
		}
		if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ?`, outbox.SessionThanked); n != want {
			t.Errorf("restored %v: %d families are thanked, want %d", lost, n, want)
		}
	}
}

// moment is something that happens some time after the one before, and how many breaches there are then.
type moment struct {
	when  string
	after time.Duration
	does  func()
	want  int
}

func (h *house) goesThrough(moments []moment) {
	h.t.Helper()
	for _, m := range moments {
		h.clock.Advance(m.after)
		m.does()
		if breaches := h.verify(); len(breaches) != m.want {
			h.t.Errorf("%s: %q, want %d", m.when, breaches, m.want)
		}
	}
}

// I2: seats that a partner did not take join the others while nothing runs, or while mails are paused after a restore: that is no breach
// until the timers have had a minute, neither for a restore of the copy nor afterwards, and then it is one.
func TestSeatsReleasedDuringAPauseAreNoBreach(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.breaks(`UPDATE sessions SET capacity = 3, reserved_seats = 1, reserved_for = 'Centre social', reserved_until = '2027-05-04T22:00:00Z' WHERE id = 1`)
	h.restored(time.Date(2027, 5, 5, 8, 0, 0, 0, time.UTC)) // fails where the copy is refused
	h.goesThrough([]moment{
		{"just restored", 0, func() {}, 0},
		{"still paused", time.Hour, func() { h.must(h.timers.Due(t.Context())) }, 0},
		{"mails leave again", 0, func() {
			h.must(account.NewOffice(h.db, h.secret).ResumeMails(t.Context(), staff, key(), false))
		}, 0},
		{"two minutes later", 2 * time.Minute, func() {
			h.breaks(`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-05T09:02:00Z', 'system', 'x.y', 'x:1')`)
		}, 1},
		{"the timers ran", 0, func() { h.must(h.timers.Due(t.Context())) }, 0},
	})
}

// I2: a seat that came free too late for an offer may be offered by other hours. Where those are set while mails are paused after a restore, that is no breach until
// the timers have had a minute, and then it is one; hours that were set long before excuse nothing.
func TestHoursChangedDuringAPauseAreNoBreach(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Set(time.Date(2027, 5, 8, 6, 0, 0, 0, time.UTC))
	h.breaks(`UPDATE sessions SET capacity = capacity + 1 WHERE id = 1`) // free too late
	h.restored(time.Date(2027, 5, 8, 8, 0, 0, 0, time.UTC))              // two waking hours are left
	office := account.NewOffice(h.db, h.secret)
	set := func(name, value, at string) {
		h.breaks(`INSERT INTO settings (name, value) VALUES ('`+name+`', '`+value+`')`,
			`INSERT INTO audit (at, actor, action, record) VALUES ('`+at+`', 'user:1', 'settings.set', 'setting:`+name+`')`)
	}
	h.goesThrough([]moment{
		{"too late", 0, func() {}, 0},
		{"other hours while mails are paused", 5 * time.Minute, func() { set("offer_shortest_hours", "1", "2027-05-08T08:05:00Z") }, 0},
		{"still paused", 10 * time.Minute, func() { h.must(h.timers.Due(t.Context())) }, 0},
		{"mails leave again", 0, func() { h.must(office.ResumeMails(t.Context(), staff, key(), false)) }, 0},
		{"two minutes later", 2 * time.Minute, func() {
			h.breaks(`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-08T08:17:00Z', 'system', 'x.y', 'x:1')`)
		}, 1},
		{"the timers ran", 0, func() { h.must(h.timers.Due(t.Context())) }, 0},
	})

	// What was not offered before the pause began, although other hours let it, is one.
	late := newHouse(t)
	late.clock.Set(time.Date(2027, 5, 8, 8, 0, 0, 0, time.UTC))
	late.breaks(`UPDATE sessions SET capacity = capacity + 1 WHERE id = 1`)
	late.breaks(`INSERT INTO settings (name, value) VALUES ('offer_shortest_hours', '1')`)
	late.breaks(`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-08T07:00:00Z', 'user:1', 'settings.set', 'setting:offer_shortest_hours')`)
	late.breaks(`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-08T07:30:00Z', 'system', 'x.y', 'x:1')`)
	late.breaks(`INSERT INTO outbox_pause (id, since) VALUES (1, '2027-05-08T08:00:00Z')`)
	if breaches := late.verify(); len(breaches) != 1 {
		t.Errorf("hours that were set an hour before the pause: %q, want I2", breaches)
	}
}
