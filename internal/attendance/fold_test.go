package attendance_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	_ "github.com/lesbricodeurs/ateliersdada/internal/rapidtest"
)

// at is minutes after two in the afternoon.
func at(minutes int) time.Time { return time.Date(2027, 5, 8, 14, minutes, 0, 0, time.UTC) }

func mark(key string, action attendance.Action, minutes int) attendance.Entry {
	return attendance.Entry{Key: key, Action: action, At: at(minutes)}
}

func undo(key, undoes string, minutes int) attendance.Entry {
	return attendance.Entry{Key: key, Action: attendance.Undone, Undoes: undoes, At: at(minutes)}
}

func TestFold(t *testing.T) {
	t.Parallel()
	type journal = []attendance.Entry
	tests := []struct {
		name    string
		journal journal
		want    attendance.State
	}{
		{"nobody wrote anything", nil, attendance.State{}},
		{"present", journal{mark("a", "present", 1)}, attendance.State{Action: "present", At: at(1), Key: "a", Arrived: at(1)}},
		{"late", journal{mark("a", "late", 20)}, attendance.State{Action: "late", At: at(20), Key: "a", Arrived: at(20)}},
		{"absent", journal{mark("a", "absent", 15)}, attendance.State{Action: "absent", At: at(15), Key: "a"}},
		{"excused", journal{mark("a", "excused", 15)}, attendance.State{Action: "excused", At: at(15), Key: "a"}},
		{"left keeps the arrival", journal{mark("a", "present", 1), mark("b", "left", 59)},
			attendance.State{Action: "left", At: at(59), Key: "b", Arrived: at(1)}},
		{"left without an arrival", journal{mark("b", "left", 59)}, attendance.State{Action: "left", At: at(59), Key: "b"}},
		{"present twice arrived once", journal{mark("a", "present", 1), mark("b", "present", 5)},
			attendance.State{Action: "present", At: at(5), Key: "b", Arrived: at(1)}},
		{"the later instant wins, not the later line", journal{mark("b", "absent", 5), mark("a", "present", 1)},
			attendance.State{Action: "absent", At: at(5), Key: "b"}},
		{"at one instant the greater key wins", journal{mark("b", "absent", 5), mark("a", "present", 5)},
			attendance.State{Action: "absent", At: at(5), Key: "b"}},
		{"came after all", journal{mark("a", "absent", 15), mark("b", "late", 20)},
			attendance.State{Action: "late", At: at(20), Key: "b", Arrived: at(20)}},
		{"an absence between two arrivals", journal{mark("a", "present", 1), mark("b", "absent", 2), mark("c", "present", 20)},
			attendance.State{Action: "present", At: at(20), Key: "c", Arrived: at(20)}},
		{"undone", journal{mark("a", "present", 1), undo("u", "a", 2)}, attendance.State{}},
		{"undone before it is known", journal{undo("u", "a", 2), mark("a", "present", 1)}, attendance.State{}},
		{"undone at an earlier instant", journal{mark("a", "present", 5), undo("u", "a", 2)}, attendance.State{}},
		{"an undo brings back what was before", journal{mark("a", "present", 1), mark("b", "absent", 2), undo("u", "b", 3)},
			attendance.State{Action: "present", At: at(1), Key: "a", Arrived: at(1)}},
		{"an undo of what came before changes nothing else", journal{mark("a", "present", 1), mark("b", "late", 9), undo("u", "a", 10)},
			attendance.State{Action: "late", At: at(9), Key: "b", Arrived: at(9)}},
		{"undone twice", journal{mark("a", "present", 1), undo("u", "a", 2), undo("v", "a", 3)}, attendance.State{}},
		{"an undo cannot be undone", journal{mark("a", "present", 1), undo("u", "a", 2), undo("v", "u", 3)}, attendance.State{}},
		{"marked again after an undo", journal{mark("a", "present", 1), undo("u", "a", 2), mark("b", "present", 3)},
			attendance.State{Action: "present", At: at(3), Key: "b", Arrived: at(3)}},
		{"an undo of nothing we know", journal{mark("a", "present", 1), undo("u", "z", 2)},
			attendance.State{Action: "present", At: at(1), Key: "a", Arrived: at(1)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := attendance.Fold(tt.journal); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// journals draws what tablets may have written: few instants and keys, so that they meet.
func journals(t *rapid.T) []attendance.Entry {
	actions := []attendance.Action{attendance.Present, attendance.Late, attendance.Absent, attendance.Excused, attendance.Left, attendance.Undone}
	keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-f]{1,2}`), 0, 12, rapid.ID).Draw(t, "keys")
	var all []attendance.Entry
	for _, key := range keys {
		e := mark(key, rapid.SampledFrom(actions).Draw(t, "action"), rapid.IntRange(0, 3).Draw(t, "minute"))
		if e.Action == attendance.Undone {
			e.Undoes = rapid.SampledFrom(keys).Draw(t, "undoes")
		}
		all = append(all, e)
	}
	return all
}

// I10: replay, reorder and duplicate change nothing, and the journal is left as it was.
func TestFoldIgnoresOrderAndRepetition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		journal := journals(t)
		want := attendance.Fold(journal)
		sent := rapid.Permutation(journal).Draw(t, "order")
		if len(sent) > 0 {
			sent = append(sent, rapid.SliceOf(rapid.SampledFrom(journal)).Draw(t, "again")...)
		}
		before := slices.Clone(sent)
		if got := attendance.Fold(sent); got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if !slices.Equal(sent, before) {
			t.Fatal("Fold changed the journal")
		}
	})
}

// The rule said another way: of what nobody cancelled, nothing is later than the state.
func TestFoldGivesTheLatestEntryThatCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		journal := journals(t)
		got := attendance.Fold(journal)
		counts := func(e attendance.Entry) bool {
			return e.Action != attendance.Undone && !slices.ContainsFunc(journal, func(u attendance.Entry) bool {
				return u.Action == attendance.Undone && u.Undoes == e.Key
			})
		}
		for _, e := range journal {
			if counts(e) && (e.At.After(got.At) || e.At.Equal(got.At) && e.Key > got.Key) {
				t.Fatalf("%+v is later than %+v", e, got)
			}
		}
		i := slices.IndexFunc(journal, func(e attendance.Entry) bool { return e.Key == got.Key && counts(e) && e.Action == got.Action })
		if (i < 0) != (got.Action == attendance.Expected) || got.Action == attendance.Expected && slices.ContainsFunc(journal, counts) {
			t.Fatalf("%+v is not in the journal", got)
		}
		if !got.Action.Came() && !got.Arrived.IsZero() {
			t.Fatalf("%+v arrived and did not come", got)
		}
	})
}
