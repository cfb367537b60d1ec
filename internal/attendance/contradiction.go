package attendance

import (
	"cmp"
	"slices"
)

// Contradiction is two entries of one child that two tablets made without knowing of each other (domain, On the day 2). The
// later one counts; somebody who was there undoes the wrong one, or marks again.
type Contradiction struct{ Earlier, Later Written }

// contradiction returns the last two entries of a journal that contradict each other; ok is false where nothing does. The
// later of two acts was made in ignorance when it happened before the earlier one had reached us, on another tablet. Nothing is left
// to say once one of them is undone, or somebody marked who could know of both.
func contradiction(journal []Written) (c Contradiction, ok bool) {
	var marks []Written
	for _, w := range journal {
		if w.Action != Undone && !w.Undone {
			marks = append(marks, w)
		}
	}
	slices.SortFunc(marks, func(a, b Written) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Key, b.Key))
	})
	for later := len(marks) - 1; later > 0; later-- {
		for earlier := later - 1; earlier >= 0; earlier-- {
			a, b := marks[earlier], marks[later]
			known := slices.ContainsFunc(marks[later+1:], func(w Written) bool { return !w.At.Before(a.RecordedAt) && !w.At.Before(b.RecordedAt) })
			if a.Device != b.Device && b.At.Before(a.RecordedAt) && contradict(a.Entry, b.Entry) && !known {
				return Contradiction{a, b}, true
			}
		}
	}
	return Contradiction{}, false
}

// contradict reports whether two entries, the second one later, cannot both be right. Who is here may leave.
func contradict(a, b Entry) bool {
	if a.Action.Here() && b.Action == Left {
		return false
	}
	return a.Action != b.Action || a.Taken.By != b.Taken.By || a.Taken.Name != b.Taken.Name
}
