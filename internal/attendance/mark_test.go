package attendance_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

func TestMarkAndUndoAreEntries(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "D'Artagnan-N'Guyen")
	h.mark(booking, attendance.Present)
	state := h.line(h.roster(h.nadia), booking).State
	if state.Action != attendance.Present || !state.Arrived.Equal(paris(8, 14, 5)) {
		t.Fatalf("got %+v", state)
	}
	h.clock.Advance(time.Minute)
	if err := h.Undo(t.Context(), h.staff, h.key(), h.session, "undo", state.Key); err != nil {
		t.Fatal(err)
	}
	if got := h.line(h.roster(h.nadia), booking).State; got != (attendance.State{}) {
		t.Fatalf("after the undo: %+v", got)
	}
	// UX-F3: the undo is a new entry, the first one stays. I12: each has its audit line.
	if got := h.texts(`SELECT action || ' ' || author_id || ' ' || at FROM marks ORDER BY id`); !slices.Equal(got, []string{
		fmt.Sprintf("present %d 2027-05-08T12:05:00Z", h.nadia.ID), fmt.Sprintf("undo %d 2027-05-08T12:06:00Z", h.staff.ID)}) {
		t.Errorf("journal %q", got)
	}
	if got := h.texts(`SELECT actor || ' ' || action || ' ' || record FROM audit ORDER BY id`); !slices.Equal(got, []string{
		h.nadia.String() + " mark.present participant:1", h.staff.String() + " mark.undo participant:1"}) {
		t.Errorf("audit %q", got)
	}
	// Undone again: nothing is left to undo.
	if err := h.Undo(t.Context(), h.nadia, h.key(), h.session, "undo again", state.Key); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM marks`); n != 2 {
		t.Errorf("%d entries, want 2", n)
	}
	h.mark(booking, attendance.Absent)
	if n := h.count(`SELECT count(*) FROM participants`); n != 1 {
		t.Errorf("%d participants of one booking", n)
	}
}

// I4, I10: the same form, and the same entry, any number of times at once.
func TestMarkTwiceIsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "Lê")
	form := h.key()
	errs := make([]error, 20)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			key := form
			if i%2 == 1 { // the queue of a tablet: a key of its own, the same entry
				key = h.key()
			}
			errs[i] = h.Mark(t.Context(), h.nadia, key, attendance.NewMark{EntryKey: "a", SessionID: h.session, BookingID: booking, Action: attendance.Present})
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if marks, audits := h.count(`SELECT count(*) FROM marks`), h.count(`SELECT count(*) FROM audit`); marks != 1 || audits != 1 {
		t.Errorf("%d entries and %d audit lines, want one of each", marks, audits)
	}
}

func TestMarkRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "Lê")
	h.mark(booking, attendance.Present)
	other := h.sessionAt(paris(8, 14, 0), paris(8, 16, 0), h.nadia)
	waiting := func() int64 {
		guardian := h.guardian("李", "06 12 34 56 78")
		return h.book(h.session, guardian, h.insert(`INSERT INTO children (first_name, last_name, name_folded, birth_date, health_state, created_at)
			VALUES ('明', '李', '李 明', '2018-03-01', 'none', '2027-01-01T00:00:00Z')`), "waiting")
	}()
	off := h.sessionAt(paris(8, 14, 0), paris(8, 16, 0), h.nadia)
	h.insert(`UPDATE sessions SET status = 'cancelled' WHERE id = ?`, off)
	good := attendance.NewMark{EntryKey: "new", SessionID: h.session, BookingID: booking, Action: attendance.Late}
	tests := []struct {
		name   string
		change func(*attendance.NewMark)
		kind   fault.Kind
		key    string
	}{
		{"no action", func(m *attendance.NewMark) { m.Action = attendance.Expected }, fault.Invalid, "attendance.error.action"},
		{"undo through mark", func(m *attendance.NewMark) { m.Action = attendance.Undone }, fault.Invalid, "attendance.error.action"},
		{"made-up action", func(m *attendance.NewMark) { m.Action = "asleep" }, fault.Invalid, "attendance.error.action"},
		{"no key", func(m *attendance.NewMark) { m.EntryKey = "" }, fault.Invalid, "attendance.error.entry_key"},
		{"long key", func(m *attendance.NewMark) { m.EntryKey = strings.Repeat("é", 33) }, fault.Invalid, "attendance.error.entry_key"},
		{"tomorrow", func(m *attendance.NewMark) { m.At = h.clock.Now().Add(6 * time.Minute) }, fault.Invalid, "attendance.error.future"},
		{"booking of another session", func(m *attendance.NewMark) { m.SessionID = other }, fault.NotFound, "error.not_found"},
		{"no such booking", func(m *attendance.NewMark) { m.BookingID = 999 }, fault.NotFound, "error.not_found"},
		{"a waiting child", func(m *attendance.NewMark) { m.BookingID = waiting }, fault.NotFound, "error.not_found"},
		{"a cancelled session", func(m *attendance.NewMark) { m.SessionID = off }, fault.Conflict, "attendance.error.session_cancelled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := good
			tt.change(&m)
			wantFault(t, h.Mark(t.Context(), h.nadia, h.key(), m), tt.kind, tt.key)
		})
	}
	if n := h.count(`SELECT count(*) FROM marks`); n != 1 {
		t.Errorf("%d entries, want the first alone", n)
	}
	h.clock.Set(paris(10, 0, 0))
	wantFault(t, h.Mark(t.Context(), h.nadia, h.key(), good), fault.Forbidden, "attendance.error.too_far")
	wantFault(t, h.Mark(t.Context(), h.write, h.key(), good), fault.Forbidden, "error.forbidden")
}

func TestEntryKeysMeanOneThing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe, anh := h.seat("Zoé", "Lê"), h.seat("Anh", "Nguyễn")
	send := func(booking int64, action attendance.Action) error {
		return h.Mark(t.Context(), h.nadia, h.key(), attendance.NewMark{EntryKey: "a", SessionID: h.session, BookingID: booking, Action: action})
	}
	if err := send(zoe, attendance.Present); err != nil {
		t.Fatal(err)
	}
	wantFault(t, send(zoe, attendance.Absent), fault.Conflict, "attendance.error.entry_taken")
	wantFault(t, send(anh, attendance.Present), fault.Conflict, "attendance.error.entry_taken")
	wantFault(t, h.Undo(t.Context(), h.nadia, h.key(), h.session, "a", "a"), fault.Conflict, "attendance.error.entry_taken")
}

func TestUndoRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "Lê")
	h.mark(booking, attendance.Present)
	key := h.line(h.roster(h.nadia), booking).State.Key
	other := h.sessionAt(paris(8, 14, 0), paris(8, 16, 0), h.nadia)
	wantFault(t, h.Undo(t.Context(), h.nadia, h.key(), h.session, "u", "nothing"), fault.NotFound, "error.not_found")
	wantFault(t, h.Undo(t.Context(), h.nadia, h.key(), other, "u", key), fault.NotFound, "error.not_found")
	if err := h.Undo(t.Context(), h.nadia, h.key(), h.session, "u", key); err != nil {
		t.Fatal(err)
	}
	wantFault(t, h.Undo(t.Context(), h.nadia, h.key(), h.session, "v", "u"), fault.NotFound, "error.not_found")
}

// UX-F9: a mark of a tablet that did not know of the cancellation is kept, with its own time.
func TestMarkAfterACancellation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.seat("Zoé", "Lê")
	h.insert(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family' WHERE id = ?`, booking)
	if len(h.roster(h.nadia).Children) != 0 {
		t.Fatal("a cancelled booking is on the register")
	}
	if err := h.Mark(t.Context(), h.nadia, h.key(), attendance.NewMark{EntryKey: "a", SessionID: h.session, BookingID: booking,
		Action: attendance.Present, At: paris(8, 13, 58)}); err != nil {
		t.Fatal(err)
	}
	if c := h.line(h.roster(h.nadia), booking); !c.Cancelled || !c.State.At.Equal(paris(8, 13, 58)) {
		t.Errorf("got %+v", c)
	}
}

// I10 on a real file: whatever the order and the repetitions in which entries arrive, the register is the fold
// of the journal. Undos come after what they undo, as a tablet sends them; marks come in any order.
func TestStoredJournalFoldsToTheSameState(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Set(paris(8, 15, 0))
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		booking := h.seat("Zoé", fmt.Sprint("Lê ", n))
		actions := []attendance.Action{attendance.Present, attendance.Late, attendance.Absent, attendance.Excused, attendance.Left}
		var journal []attendance.Entry
		for i := range rapid.IntRange(1, 5).Draw(rt, "entries") {
			journal = append(journal, attendance.Entry{Key: fmt.Sprintf("%d-%d", n, i), Action: rapid.SampledFrom(actions).Draw(rt, "action"),
				At: paris(8, 14, rapid.IntRange(0, 2).Draw(rt, "minute"))})
		}
		send := append(rapid.Permutation(journal).Draw(rt, "order"), rapid.SliceOfN(rapid.SampledFrom(journal), 0, 2).Draw(rt, "again")...)
		for _, e := range send {
			if err := h.Mark(t.Context(), h.nadia, h.key(), attendance.NewMark{EntryKey: e.Key, SessionID: h.session, BookingID: booking, Action: e.Action, At: e.At, Taken: takenFor(e.Action)}); err != nil {
				rt.Fatal(err)
			}
		}
		if rapid.Bool().Draw(rt, "undo") {
			u := attendance.Entry{Key: fmt.Sprint(n, "-u"), Action: attendance.Undone, Undoes: rapid.SampledFrom(journal).Draw(rt, "undoes").Key}
			if err := h.Undo(t.Context(), h.nadia, h.key(), h.session, u.Key, u.Undoes); err != nil {
				rt.Fatal(err)
			}
			journal = append(journal, u)
		}
		got, want := h.line(h.roster(h.nadia), booking).State, attendance.Fold(journal)
		if got.Action != want.Action || got.Key != want.Key || !got.At.Equal(want.At) || !got.Arrived.Equal(want.Arrived) {
			rt.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

// An absence from a page that is old does not overwrite who came meanwhile (UX-F15).
func TestMarkWhoIsNew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	came, missing := h.seat("Zoé", "Nguyễn"), h.seat("Łukasz", "Kowalczyk")
	h.mark(came, attendance.Present)
	h.clock.Advance(time.Minute)
	var marks []attendance.NewMark
	for _, id := range []int64{came, missing} {
		marks = append(marks, attendance.NewMark{EntryKey: rand.Text(), SessionID: h.session, BookingID: id, Action: attendance.Absent, IfNew: true})
	}
	h.must(h.Mark(t.Context(), h.nadia, h.key(), marks[0], marks[1]))
	r := h.roster(h.nadia)
	if a, b := h.line(r, came).State.Action, h.line(r, missing).State.Action; a != attendance.Present || b != attendance.Absent {
		t.Errorf("who came is %q, who did not %q", a, b)
	}
}
