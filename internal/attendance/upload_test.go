package attendance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// upload sends entries of nadia as staff, who has nothing to do with them, and returns why each was refused; "" for taken.
func (h *house) upload(marks ...attendance.NewMark) (refused []string) {
	h.t.Helper()
	return h.uploadKept(asKept(marks)...)
}

func asKept(marks []attendance.NewMark) (entries []attendance.Kept) {
	for _, m := range marks {
		entries = append(entries, attendance.Kept{NewMark: m})
	}
	return entries
}

func (h *house) uploadKept(entries ...attendance.Kept) (refused []string) {
	h.t.Helper()
	faults, err := h.Upload(h.t.Context(), h.staff, attendance.Upload{SessionID: h.session, AuthorID: h.nadia.ID, Entries: entries})
	if err != nil {
		h.t.Fatal(err)
	}
	if len(faults) != len(entries) {
		h.t.Fatalf("%d answers to %d entries", len(faults), len(entries))
	}
	for _, f := range faults {
		key := ""
		if f != nil {
			key = f.Message.Key
			for _, m := range f.Fields {
				key = m.Key
			}
		}
		refused = append(refused, key)
	}
	return refused
}

// kept is an entry as a tablet keeps it.
func kept(key string, booking int64, action attendance.Action, at time.Time) attendance.NewMark {
	return attendance.NewMark{EntryKey: key, BookingID: booking, Action: action, At: at, Taken: takenFor(action), Device: "tablet1"}
}

func keptUndo(key string, booking int64, undoes string, at time.Time) attendance.NewMark {
	return attendance.NewMark{EntryKey: key, BookingID: booking, Action: attendance.Undone, Undoes: undoes, At: at, Device: "tablet1"}
}

// UX-F11: whoever brings the entries, they are those of who made them, with their own time. What is refused hinders nothing else.
func TestUploadTakesWhatItCan(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe, anh, li := h.seat("Zoé", "D'Artagnan-N'Guyen"), h.seat("Anh", "Nguyễn"), h.seat("明", "李")
	foreign := func() int64 {
		other := h.sessionAt(paris(8, 14, 0), paris(8, 16, 0), h.amine)
		guardian := h.guardian("محمد علي", "06 12 34 56 78")
		return h.book(other, guardian, h.child(guardian, family.NewChild{FirstName: "محمد", LastName: "علي"}), "confirmed")
	}()
	gone := h.seat("Łukasz", "Lê")
	h.insert(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family' WHERE id = ?`, gone)
	barred := h.seat("Aïcha", "Diallo")
	h.insert(`INSERT INTO barred_persons (child_id, name, set_by, set_at) SELECT child_id, 'Paul Dupré', ?, '2027-01-01T00:00:00Z' FROM bookings WHERE id = ?`, h.staff.ID, barred)
	h.clock.Set(paris(11, 9, 0)) // the tablet was off for three days

	stopped := kept("stop", barred, attendance.Left, paris(8, 15, 50))
	stopped.Taken = attendance.Taken{By: attendance.BySomeOther, Name: "Dupré Paul", Reason: "Le père a dit oui"}
	other := kept("stranger", li, attendance.Left, paris(8, 15, 50))
	other.Taken = attendance.Taken{By: attendance.ByPerson, Name: "Personne"}
	nameless := kept("device", zoe, attendance.Absent, paris(8, 14, 5))
	nameless.Device = strings.Repeat("é", 300)
	got := h.upload(
		kept("a", zoe, attendance.Present, paris(8, 14, 2)),
		kept("foreign", foreign, attendance.Present, paris(8, 14, 3)),
		kept("b", gone, attendance.Present, paris(8, 14, 4)),
		kept("future", zoe, attendance.Absent, paris(11, 9, 6)),
		kept("early", zoe, attendance.Absent, paris(6, 23, 59)),
		kept("not a key", zoe, attendance.Absent, paris(8, 14, 5)),
		kept("asleep", zoe, "asleep", paris(8, 14, 5)),
		kept("timeless", zoe, attendance.Absent, time.Time{}),
		stopped, other, nameless,
		keptUndo("u", anh, "c", paris(8, 14, 7)), // its mark comes later
		keptUndo("not_mine", anh, "a", paris(8, 14, 7)),
		kept("c", anh, attendance.Present, paris(8, 14, 6)),
		kept("d", li, attendance.Late, paris(8, 14, 20)),
	)
	want := []string{"", "error.not_found", "", "attendance.error.too_far", "attendance.error.too_far", "attendance.error.entry_key", "attendance.error.action",
		"attendance.error.action", "attendance.error.barred", "attendance.depart.taken.missing", "attendance.error.entry_key", "", "error.not_found", "", ""}
	if !slices.Equal(got, want) {
		t.Fatalf("got  %q\nwant %q", got, want)
	}
	r := h.roster(h.staff)
	if s := h.line(r, zoe).State; s.Action != attendance.Present || !s.At.Equal(paris(8, 14, 2)) {
		t.Errorf("Zoé: %+v", s)
	}
	if c := h.line(r, gone); !c.Cancelled || c.State.Action != attendance.Present { // UX-F9
		t.Errorf("given up and there: %+v", c)
	}
	if s := h.line(r, anh).State; s != (attendance.State{}) {
		t.Errorf("undone before it came: %+v", s)
	}
	if got := h.texts(`SELECT DISTINCT author_id || ' ' || device || ' ' || recorded_at FROM marks`); !slices.Equal(got, []string{fmt.Sprintf("%d tablet1 2027-05-11T07:00:00Z", h.nadia.ID)}) {
		t.Errorf("entries of %q", got)
	}
	if marks, audits := h.count(`SELECT count(*) FROM marks`), h.count(`SELECT count(*) FROM audit WHERE actor = ?`, h.nadia.String()); marks != 5 || audits != marks {
		t.Errorf("%d entries and %d audit lines of their author", marks, audits)
	}
	if n := h.count(`SELECT count(*) FROM participants p WHERE NOT EXISTS (SELECT 1 FROM marks m WHERE m.participant_id = p.id)`); n != 0 {
		t.Errorf("%d participants without an entry", n)
	}
	h.clock.Set(paris(8, 15, 0))
	if got := h.upload(kept("later", zoe, attendance.Absent, paris(8, 15, 6))); got[0] != "attendance.error.future" {
		t.Errorf("an instant to come: %q", got)
	}
}

// What is in the journal stays taken, whatever changed since its answer was lost.
func TestUploadAgainAfterAChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe := h.seat("Zoé", "Lê")
	left := kept("b", zoe, attendance.Left, paris(8, 15, 55))
	left.Taken = attendance.Taken{By: attendance.ByGuardian, Name: "Parent Lê"}
	all := []attendance.NewMark{kept("a", zoe, attendance.Present, paris(8, 14, 0)), left, keptUndo("u", zoe, "b", paris(8, 15, 56))}
	h.clock.Set(paris(8, 16, 0))
	taken := []string{"", "", ""}
	if got := h.upload(all...); !slices.Equal(got, taken) {
		t.Fatalf("first: %q", got)
	}
	h.insert(`UPDATE guardians SET name = 'Anne Lê'`)
	h.insert(`UPDATE sessions SET status = 'cancelled' WHERE id = ?`, h.session)
	h.clock.Set(paris(20, 9, 0))
	if got := h.upload(all...); !slices.Equal(got, taken) {
		t.Errorf("again: %q", got)
	}
	if got := h.upload(kept("c", zoe, attendance.Absent, paris(8, 15, 0))); got[0] != "attendance.error.session_cancelled" {
		t.Errorf("new in a cancelled session: %q", got)
	}
	if got := h.upload(kept("a", zoe, attendance.Absent, paris(8, 15, 0))); got[0] != "attendance.error.entry_taken" {
		t.Errorf("another entry with its key: %q", got)
	}
	if n := h.count(`SELECT count(*) FROM marks`); n != 3 {
		t.Errorf("%d entries", n)
	}
}

// An undo that came first is of one child: a mark of another child cannot take the key that it names (I10).
func TestUploadKeepsUndosToTheirChild(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe, anh := h.seat("Zoé", "Lê"), h.seat("Anh", "Nguyễn")
	if got := h.upload(keptUndo("u", zoe, "a", paris(8, 14, 1))); got[0] != "" {
		t.Fatal(got)
	}
	got := h.upload(kept("a", anh, attendance.Present, paris(8, 14, 0)), keptUndo("a", zoe, "x", paris(8, 14, 0)), keptUndo("v", zoe, "u", paris(8, 14, 2)),
		kept("a", zoe, attendance.Present, paris(8, 14, 0)))
	if want := []string{"attendance.error.entry_taken", "attendance.error.entry_taken", "error.not_found", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// What happened before the session was closed is kept, though its figures stand; after that only who reopens it marks.
func TestUploadAfterTheClosing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe := h.seat("Zoé", "Lê")
	h.insert(`INSERT INTO closings (session_id, closed_at, last_mark) VALUES (?, '2027-05-08T14:05:00Z', 0)`, h.session)
	h.clock.Set(paris(8, 17, 0))
	got := h.upload(kept("a", zoe, attendance.Present, paris(8, 16, 5)), kept("b", zoe, attendance.Left, paris(8, 16, 6)))
	if want := []string{"", "attendance.error.closed"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	closing, err := h.Closing(t.Context(), h.nadia, h.session)
	if err != nil || closing.Late != 1 {
		t.Errorf("%+v, %v", closing, err)
	}
}

// Family data 4: what a tablet brings of an erased family has no name and no reason.
func TestUploadOfAnErasedChild(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe := h.seat("Zoé", "Lê")
	left := kept("b", zoe, attendance.Left, paris(8, 15, 55))
	left.Taken = attendance.Taken{By: attendance.BySomeOther, Name: "Mamie Lê", Reason: "Mme Lê, au téléphone : oui"}
	h.clock.Set(paris(9, 9, 0))
	h.insert(`UPDATE children SET first_name = '', last_name = '', name_folded = ''`)
	if got := h.upload(left); got[0] != "" {
		t.Fatal(got)
	}
	if got := h.texts(`SELECT taken_by || taken_name || taken_reason FROM marks`); !slices.Equal(got, []string{"other"}) {
		t.Errorf("kept: %q", got)
	}
}

func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe := h.seat("Zoé", "Lê")
	for _, tt := range []struct {
		name   string
		actor  account.Actor
		change func(*attendance.Upload)
		kind   fault.Kind
		key    string
	}{
		{"a guest", account.Guest(), func(*attendance.Upload) {}, fault.Forbidden, "error.forbidden"},
		{"a guardian", account.Guardian(1), func(*attendance.Upload) {}, fault.Forbidden, "error.forbidden"},
		{"an author who is not of the team", h.staff, func(u *attendance.Upload) { u.AuthorID = 999 }, fault.Forbidden, "error.forbidden"},
		{"no such session", h.staff, func(u *attendance.Upload) { u.SessionID = 999 }, fault.NotFound, "catalog.session.not_found"},
		{"too many", h.staff, func(u *attendance.Upload) { u.Entries = slices.Repeat(u.Entries, attendance.LongestUpload+1) }, fault.Invalid, "attendance.error.upload_long"},
	} {
		u := attendance.Upload{SessionID: h.session, AuthorID: h.nadia.ID, Entries: asKept([]attendance.NewMark{kept("a", zoe, attendance.Present, paris(8, 14, 0))})}
		tt.change(&u)
		_, err := h.Upload(t.Context(), tt.actor, u)
		t.Log(tt.name)
		wantFault(t, err, tt.kind, tt.key)
	}
	if n := h.count(`SELECT count(*) FROM marks`); n != 0 {
		t.Errorf("%d entries", n)
	}
}

// I10: however the entries of two tablets are cut into uploads, repeated and put in another order, undos before marks
// included, the register is the fold of all of them.
func TestUploadsInAnyOrderGiveTheFold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Set(paris(8, 15, 0))
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		booking := h.seat("Zoé", fmt.Sprint("Lê ", n))
		actions := []attendance.Action{attendance.Present, attendance.Late, attendance.Absent, attendance.Excused, attendance.Left}
		var all []attendance.NewMark
		var journal []attendance.Entry
		for i := range rapid.IntRange(1, 6).Draw(rt, "marks") {
			m := kept(fmt.Sprintf("%d-%d", n, i), booking, rapid.SampledFrom(actions).Draw(rt, "action"), paris(8, 14, rapid.IntRange(0, 2).Draw(rt, "minute")))
			all = append(all, m)
		}
		for i := range rapid.IntRange(0, 3).Draw(rt, "undos") {
			undoes := rapid.SampledFrom(all[:min(len(all), 6)]).Draw(rt, "undoes")
			if undoes.Action != attendance.Undone {
				all = append(all, keptUndo(fmt.Sprintf("%d-u%d", n, i), booking, undoes.EntryKey, paris(8, 14, 3)))
			}
		}
		for _, m := range all {
			journal = append(journal, attendance.Entry{Key: m.EntryKey, Action: m.Action, Undoes: m.Undoes, At: m.At, Taken: m.Taken})
		}
		send := append(rapid.Permutation(all).Draw(rt, "order"), rapid.SliceOfN(rapid.SampledFrom(all), 0, 4).Draw(rt, "again")...)
		for len(send) > 0 {
			size := rapid.IntRange(1, len(send)).Draw(rt, "size")
			for _, refused := range h.upload(send[:size]...) {
				if refused != "" {
					rt.Fatal(refused)
				}
			}
			send = send[size:]
		}
		got, want := h.line(h.roster(h.nadia), booking).State, attendance.Fold(journal)
		if got.Action != want.Action || got.Key != want.Key || !got.At.Equal(want.At) || !got.Arrived.Equal(want.Arrived) || got.Taken != want.Taken {
			rt.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

// UX-F7: a child let in without a network has one booking, by the name of who let it in, however often it comes; later marks
// name it by its entry.
func TestUploadOfAWalkIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Set(paris(8, 15, 0))
	h.insert(`UPDATE sessions SET capacity = 1 WHERE id = ?`, h.session)
	h.seat("Zoé", "Lê") // no seat is left
	in := attendance.Kept{NewMark: kept("w", 0, attendance.Present, paris(8, 14, 10)), WalkIn: &attendance.WalkIn{
		FirstName: "Łukasz", LastName: "Nguyễn", BirthDate: time.Date(2014, 5, 1, 0, 0, 0, 0, time.UTC), Phone: "+33612345678", GuardianName: "Anna Nguyễn",
		Health: family.Health{State: family.HealthToAsk}, Reason: "accueil sur place",
	}}
	late := attendance.Kept{NewMark: kept("x", 0, attendance.Late, paris(8, 14, 20)), Of: "w"}
	for range 2 {
		if got := h.uploadKept(in, late); !slices.Equal(got, []string{"", ""}) {
			t.Fatalf("got %q", got)
		}
	}
	unknown := late
	unknown.EntryKey, unknown.Of = "y", "nobody"
	early := in
	early.EntryKey, early.At = "z", paris(6, 14, 0)
	if got := h.uploadKept(unknown, early); !slices.Equal(got, []string{"error.not_found", "attendance.error.too_far"}) {
		t.Errorf("refused: %q", got)
	}
	r := h.roster(h.nadia)
	if len(r.Children) != 2 {
		t.Fatalf("%d children", len(r.Children))
	}
	if s := r.Children[1].State; r.Children[1].FirstName != "Łukasz" || s.Action != attendance.Late || !s.Arrived.Equal(paris(8, 14, 10)) {
		t.Errorf("got %+v", r.Children[1])
	}
	if got := h.texts(`SELECT override_by || ' ' || override_reason FROM bookings WHERE override_by IS NOT NULL`); !slices.Equal(got, []string{fmt.Sprint(h.nadia.ID, " accueil sur place")}) {
		t.Errorf("confirmed by %q", got)
	}
}

// UX-F9: who marked without knowing of the other is told apart from who changed their mind.
func TestContradictions(t *testing.T) {
	t.Parallel()
	type step struct {
		device string // "": a form, at once
		action attendance.Action
		at     int // minutes after two
		known  int // when the upload comes
	}
	for _, tt := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"nobody", nil, ""},
		{"one tablet changes its mind", []step{{"a", "present", 1, 30}, {"a", "absent", 5, 30}}, ""},
		{"two tablets agree", []step{{"a", "present", 1, 30}, {"b", "present", 5, 31}}, ""},
		{"two tablets do not", []step{{"a", "present", 1, 30}, {"b", "absent", 5, 31}}, "present absent"},
		{"whichever comes first", []step{{"b", "absent", 5, 29}, {"a", "present", 1, 30}}, "present absent"},
		{"the second one knew", []step{{"a", "present", 1, 2}, {"b", "absent", 5, 6}}, ""},
		{"who was here leaves", []step{{"a", "present", 1, 90}, {"b", "left", 60, 91}}, ""},
		{"a form against a tablet", []step{{"", "absent", 5, 5}, {"a", "present", 2, 30}}, "present absent"},
		{"somebody decided, knowing both", []step{{"a", "present", 1, 30}, {"b", "absent", 5, 31}, {"a", "present", 32, 33}}, ""},
		{"somebody marked, knowing one", []step{{"a", "present", 1, 30}, {"b", "absent", 5, 40}, {"a", "late", 35, 41}}, "absent late"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			zoe := h.seat("Zoé", "Lê")
			for i, s := range tt.steps {
				h.clock.Set(paris(8, 14, s.known))
				m := kept(fmt.Sprint("k", i), zoe, s.action, paris(8, 14, s.at))
				m.Device = s.device
				if got := h.upload(m); got[0] != "" {
					t.Fatal(got)
				}
			}
			c := h.line(h.roster(h.nadia), zoe)
			got := ""
			if x := c.Contradiction; x != nil {
				got = fmt.Sprint(x.Earlier.Action, " ", x.Later.Action)
				// Each way out: the other entry is undone.
				if got := h.upload(keptUndo("u", zoe, x.Earlier.Key, paris(8, 14, x.Later.At.Minute()))); got[0] != "" {
					t.Fatal(got)
				}
				if after := h.line(h.roster(h.nadia), zoe); after.Contradiction != nil && after.Contradiction.Earlier.Key == x.Earlier.Key {
					t.Errorf("after the undo: %+v", after.Contradiction)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// SEC-2, I12: who was shut out of the team wrote nothing since; and the audit knows who brought what another author wrote.
func TestUploadOfSomebodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe := h.seat("Zoé", "D'Artagnan-N'Guyen")
	h.exec(`UPDATE users SET disabled_at = '2027-05-08T12:03:00Z' WHERE id = ?`, h.nadia.ID)
	got := h.upload(kept("before", zoe, attendance.Present, paris(8, 14, 2)), kept("after", zoe, attendance.Absent, paris(8, 14, 4)))
	if !slices.Equal(got, []string{"", "error.forbidden"}) {
		t.Errorf("refused: %q", got)
	}
	if got := h.texts(`SELECT actor || json_extract(details, '$.carrier') FROM audit WHERE action = 'mark.present'`); !slices.Equal(got, []string{h.nadia.String() + h.staff.String()}) {
		t.Errorf("the audit names %q", got)
	}
}

// An entry of no shape that the journal has is refused alone, and hinders no other one (I10).
func TestUploadOfOddEntries(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe, gone := h.seat("Zoé", "D'Artagnan-N'Guyen"), h.seat("Łukasz", "Kowalczyk")
	h.exec(`UPDATE children SET first_name = '', last_name = '', name_folded = '' WHERE id = (SELECT child_id FROM bookings WHERE id = ?)`, gone)
	with := func(key string, booking int64, action attendance.Action, taken attendance.Taken, device string) attendance.NewMark {
		m := kept(key, booking, action, paris(8, 14, 2))
		m.Taken, m.Device = taken, device
		return m
	}
	got := h.upload(
		with("a", zoe, attendance.Present, attendance.Taken{By: attendance.Alone}, "tablet1"),
		with("b", zoe, attendance.Left, attendance.Taken{By: attendance.Alone, Name: "Linh"}, "tablet1"),
		with("c", gone, attendance.Left, attendance.Taken{By: "kite"}, "tablet1"),
		with("d", zoe, attendance.Present, attendance.Taken{}, strings.Repeat("x", 65)),
		with("e", zoe, attendance.Present, attendance.Taken{}, "tablet1"),
	)
	if want := "attendance.error.action"; !slices.Equal(got, []string{want, want, want, "attendance.error.entry_key", ""}) {
		t.Errorf("refused: %q", got)
	}
}
