package booking

import (
	"fmt"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

var leader = account.Actor{Kind: account.KindUser, ID: 97, Name: "Aïcha", Role: account.Facilitator}

// onDay is a full session of one seat on its day at five past two, led by leader, with families who wait.
func onDay(t *testing.T, waiting ...Request) (h *house, session int64, families []string) {
	t.Helper()
	h = newHouse(t)
	session, _ = h.full(1)
	for i, r := range waiting {
		r.SessionID, r.Guardian.Email = session, fmt.Sprintf("attend.%d@exemple.fr", i)
		families = append(families, h.book(r))
	}
	h.exec(`INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at) VALUES (97, 'a@exemple.fr', 'a@exemple.fr', 'Aïcha', 'facilitator', '', '2027-05-01T00:00:00Z')`)
	h.exec(`INSERT INTO session_facilitators VALUES (?, 97)`, session)
	h.clock.Set(at(t, "2027-05-08 14:05"))
	return h, session, families
}

func waits(firsts ...string) Request { return joining(0, "", firsts...) }

// wantStandby fails the test unless these children are to be called, family by family.
func (h *house) wantStandby(actor account.Actor, session int64, want ...string) StandbyList {
	h.t.Helper()
	list, err := h.Standby(h.t.Context(), actor, session)
	h.must(err)
	var got []string
	for _, f := range list.Families {
		line := ""
		for _, c := range f.Children {
			line += c.FirstName + " "
		}
		if f.Together {
			line += "+"
		}
		if !f.SilentAt.IsZero() {
			line += "…"
		}
		got = append(got, line)
	}
	if !equalLists(got, want) {
		h.t.Errorf("to call: %q, want %q", got, want)
	}
	return list
}

// TestStandby: the first three of the list, and who was called last; a seat beyond the capacity needs a name and a reason
// (domain, Capacity 1).
func TestStandby(t *testing.T) {
	t.Parallel()
	pair := waits("Zoé", "Łukasz")
	pair.Together = true
	h, session, families := onDay(t, pair, waits("李", "محمد"), waits("Nguyễn"), waits("Anh"))
	list := h.wantStandby(leader, session, "Zoé Łukasz +", "李 محمد ", "Nguyễn ")
	if list.Families[0].Guardian.Phone != "06 12 34 56 78" {
		t.Errorf("phone = %q", list.Families[0].Guardian.Phone)
	}
	record := func(call StandbyCall) error {
		call.SessionID = session
		key := newKey()
		err := h.RecordStandby(t.Context(), leader, key, call)
		if again := h.RecordStandby(t.Context(), leader, key, call); (again == nil) != (err == nil) {
			t.Errorf("again: %v, first: %v", again, err)
		}
		return err
	}
	h.must(record(StandbyCall{Reference: families[0], Outcome: CallNoAnswer}))
	h.wantStandby(leader, session, "李 محمد ", "Nguyễn ", "Anh ", "Zoé Łukasz +…")
	comes := list.Families[1].Children[1].BookingID
	wantFault(t, record(StandbyCall{Reference: families[1], Outcome: CallAccepted}), fault.Invalid, "calls.outcome")
	if err := record(StandbyCall{Reference: families[1], Outcome: CallAccepted, BookingIDs: []int64{comes}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	h.must(record(StandbyCall{Reference: families[1], Outcome: CallAccepted, BookingIDs: []int64{comes}, Reason: "Une chaise de plus"}))
	h.wantSeats(families[1], "waiting", "confirmed")
	h.wantLetters(families[1], outbox.WaitingJoined, outbox.SeatGiven)
	if n := h.count(`SELECT count(*) FROM bookings WHERE override_by = 97 AND override_reason = 'Une chaise de plus'`); n != 1 {
		t.Errorf("%d overrides, want 1", n)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE actor = 'user:97' AND action IN ('booking.override', 'booking.give', 'booking.call')`); n != 4 {
		t.Errorf("%d lines of audit, want an override, a seat and two calls", n)
	}
	h.wantStandby(staff, session, "李 ", "Nguyễn ", "Anh ", "Zoé Łukasz +…")
	wantFault(t, record(StandbyCall{Reference: families[0], Outcome: CallDeclined}), fault.Invalid, "calls.outcome")
	h.exec(`UPDATE bookings SET status = 'declined' WHERE group_id = (SELECT id FROM booking_groups WHERE reference = ?)`, families[2])
	wantFault(t, record(StandbyCall{Reference: families[2], Outcome: CallNoAnswer}), fault.Conflict, "booking.give_nobody")
}

// marked writes a mark of a child into the register, as attendance does.
func (h *house) marked(booking int64, mark, entry, undoes string) {
	h.t.Helper()
	h.exec(`INSERT OR IGNORE INTO participants (session_id, booking_id) SELECT session_id, id FROM bookings WHERE id = ?`, booking)
	h.exec(`INSERT INTO marks (entry_key, participant_id, action, undoes, at, recorded_at, author_id)
		SELECT ?1, id, ?2, nullif(?3, ''), ?4, ?4, 97 FROM participants WHERE booking_id = ?5`, entry, mark, undoes, sqlite.Time(h.clock.Now()), booking)
	h.clock.Advance(time.Second)
}

// TestStandbySeats: there are as many seats to give as are free or belong to children marked as not coming, and no more
// without a reason of one's own; nobody is said to replace an absent child where none is (domain, Capacity 1).
func TestStandbySeats(t *testing.T) {
	t.Parallel()
	const instead, chair = "remplace un enfant absent", "Une chaise de plus"
	h := newHouse(t)
	session, taken := h.full(3)
	h.exec(`INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at) VALUES (97, 'a@exemple.fr', 'a@exemple.fr', 'Aïcha', 'facilitator', '', '2027-05-01T00:00:00Z')`)
	h.exec(`INSERT INTO session_facilitators VALUES (?, 97)`, session)
	two, next := h.book(joining(session, "li@exemple.fr", "李", "محمد")), h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.clock.Set(at(t, "2027-05-08 14:05"))
	seat := func(reference string, i int) int64 { return h.group(reference).Children[i].BookingID }
	wantRoom := func(free, away, unmarked int) {
		t.Helper()
		list, err := h.Standby(t.Context(), leader, session)
		h.must(err)
		if list.Free != free || list.Away != away || list.Unmarked != unmarked {
			t.Errorf("free %d, away %d, unmarked %d; want %d, %d, %d", list.Free, list.Away, list.Unmarked, free, away, unmarked)
		}
	}
	comes := func(reason, reference string, ids ...int64) error {
		return h.RecordStandby(t.Context(), leader, newKey(), StandbyCall{SessionID: session, Reference: reference, Outcome: CallAccepted,
			BookingIDs: ids, Instead: instead, Reason: reason})
	}
	refused := func(err error) {
		t.Helper()
		if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || f.Fields["reason"].Key != "booking.give_reason" {
			t.Errorf("given without a reason: %v", err)
		}
	}
	reasons := func(reason string) int {
		return h.count(`SELECT count(*) FROM bookings WHERE override_by = 97 AND override_reason = ?`, reason)
	}

	wantRoom(0, 0, 3)
	refused(comes("", two, seat(two, 0)))
	h.marked(seat(taken[0], 0), "absent", "a", "")
	wantRoom(1, 1, 2)
	h.marked(seat(taken[0], 0), "undo", "b", "a")
	wantRoom(0, 0, 3)
	h.marked(seat(taken[0], 0), "excused", "c", "")
	h.marked(seat(taken[1], 0), "present", "d", "")
	wantRoom(1, 1, 1)
	refused(comes("", two, seat(two, 0), seat(two, 1))) // one seat
	refused(comes("", next, seat(next, 0)))             // not the first
	h.must(comes("", two, seat(two, 1)))
	h.wantSeats(two, "waiting", "confirmed")
	if reasons(instead) != 1 {
		t.Errorf("%d replace an absent child, want 1", reasons(instead))
	}
	wantRoom(0, 1, 2) // who was taken in is not marked yet
	refused(comes("", two, seat(two, 0)))
	h.must(comes(chair, two, seat(two, 0)))
	if reasons(instead) != 1 || reasons(chair) != 1 {
		t.Errorf("%d replace an absent child and %d have a chair of their own, want 1 and 1", reasons(instead), reasons(chair))
	}

	// One who cancelled stands in the room all the same: the seat that it gave back is not free.
	h.exec(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family', cancelled_at = updated_at WHERE id = ?`, seat(taken[2], 0))
	h.marked(seat(taken[2], 0), "late", "e", "")
	h.exec(`UPDATE sessions SET capacity = 5 WHERE id = ?`, session)
	wantRoom(1, 1, 2)
	h.marked(seat(taken[2], 0), "left", "f", "")
	wantRoom(2, 1, 2)
}

// TestStandbyInOrder: a seat that somebody gave back needs no reason.
func TestStandbyInOrder(t *testing.T) {
	t.Parallel()
	h, session, families := onDay(t, waits("Zoé"))
	h.exec(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family', cancelled_at = updated_at WHERE id = 1`)
	list := h.wantStandby(leader, session, "Zoé ")
	h.must(h.RecordStandby(t.Context(), leader, newKey(), StandbyCall{
		SessionID: session, Reference: families[0], Outcome: CallAccepted, BookingIDs: []int64{list.Families[0].Children[0].BookingID}, Instead: "remplace un enfant absent"}))
	h.wantSeats(families[0], "confirmed")
	if n := h.count(`SELECT count(*) FROM bookings WHERE override_by IS NOT NULL`); n != 0 {
		t.Error("an override where a seat was free")
	}
}

// TestStandbyIsForTheDay: phones are for who leads the session, on its day, until its end (SEC-20, SEC-21).
func TestStandbyIsForTheDay(t *testing.T) {
	t.Parallel()
	h, session, families := onDay(t, waits("Zoé"))
	stranger := account.Actor{Kind: account.KindUser, ID: 96, Role: account.Facilitator}
	call := StandbyCall{SessionID: session, Reference: families[0], Outcome: CallNoAnswer}
	_, err := h.Standby(t.Context(), stranger, session)
	wantFault(t, err, fault.NotFound, "error.not_found")
	wantFault(t, h.RecordStandby(t.Context(), stranger, newKey(), call), fault.NotFound, "error.not_found")
	for _, nobody := range []account.Actor{account.Guest(), {Kind: account.KindUser, ID: 96, Role: account.Communication}} {
		wantFault(t, h.RecordStandby(t.Context(), nobody, newKey(), call), fault.Forbidden, "error.forbidden")
	}
	elsewhere := call
	elsewhere.SessionID++
	wantFault(t, h.RecordStandby(t.Context(), leader, newKey(), elsewhere), fault.NotFound, "error.not_found")
	for _, other := range []struct {
		now    string
		leader fault.Kind
	}{{"2027-05-07 23:59", fault.NotFound}, {"2027-05-08 16:00", fault.Gone}, {"2027-05-09 00:00", fault.NotFound}} {
		h.clock.Set(at(t, other.now))
		h.wantStandby(leader, session)
		h.wantStandby(staff, session)
		if err := h.RecordStandby(t.Context(), leader, newKey(), call); fault.KindOf(err) != other.leader {
			t.Errorf("%s: %v", other.now, err)
		}
		wantFault(t, h.RecordStandby(t.Context(), staff, newKey(), call), fault.Gone, "booking.give_late")
	}
	h.clock.Set(at(t, "2027-05-08 00:00").Add(time.Second))
	h.wantStandby(leader, session, "Zoé ")
}
