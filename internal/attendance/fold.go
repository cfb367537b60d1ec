package attendance

import (
	"cmp"
	"slices"
	"time"
)

// Action is what an entry of the journal says.
type Action string

// The actions. Expected is never written: it is the state of who has no entry that counts.
const (
	Expected Action = ""
	Present  Action = "present"
	Late     Action = "late"
	Absent   Action = "absent"
	Excused  Action = "excused"
	Left     Action = "left"
	Undone   Action = "undo" // cancels the entry named by Entry.Undoes
)

// Here reports whether the action leaves the child in the room.
func (a Action) Here() bool { return a == Present || a == Late }

// Came reports whether the child took part, and so may have a certificate (domain, On the day 5).
func (a Action) Came() bool { return a.Here() || a == Left }

// Entry is one line of the journal of a participant.
type Entry struct {
	Key    string // made by who wrote it; unique
	Action Action
	Undoes string // the Key that an Undone cancels, otherwise empty
	At     time.Time
	Taken  Taken // of Left only
}

// TakenBy is with whom a child left.
type TakenBy string

// Who may take a child away. NotSaid is a class that leaves with its teacher, and what older marks say.
const (
	NotSaid     TakenBy = ""
	Alone       TakenBy = "alone"
	ByGuardian  TakenBy = "guardian"
	ByPerson    TakenBy = "person" // whom a guardian named
	BySomeOther TakenBy = "other"  // after a call to a guardian
)

// Taken says with whom a child left.
type Taken struct {
	By   TakenBy
	Name string // empty when alone or unsaid, and once the family is erased
	// Reason is what a guardian said on the phone: for somebody else, and for a child who goes alone without a
	// permission in writing.
	Reason string
}

// State is where a participant stands.
type State struct {
	Action Action
	// At is when Action happened, Key the entry that says so; both zero when Expected.
	At    time.Time
	Key   string
	Taken Taken // with whom, of Left
	// Arrived is when a child who came arrived: the first of the marks that say so since the last
	// absence. Zero for who did not come.
	Arrived time.Time
}

// Fold returns the state that a journal tells (domain, On the day 1 and 2). The entry with the latest At
// wins, at the same instant the one with the greater Key. An undo cancels the entry that it names, whichever
// came first; an undo cannot be undone: what happened is marked again. So neither the order of journal nor an
// entry that is in it twice changes the result (I10).
func Fold(journal []Entry) State {
	cancelled := map[string]bool{}
	for _, e := range journal {
		if e.Action == Undone {
			cancelled[e.Undoes] = true
		}
	}
	valid := make([]Entry, 0, len(journal))
	for _, e := range journal {
		if e.Action != Undone && !cancelled[e.Key] {
			valid = append(valid, e)
		}
	}
	slices.SortFunc(valid, func(a, b Entry) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Key, b.Key))
	})
	var s State
	for _, e := range valid {
		s.Action, s.At, s.Key, s.Taken = e.Action, e.At, e.Key, e.Taken
		switch {
		case !e.Action.Came():
			s.Arrived = time.Time{}
		case s.Arrived.IsZero() && e.Action.Here():
			s.Arrived = e.At
		}
	}
	return s
}
