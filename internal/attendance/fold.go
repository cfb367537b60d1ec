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
}

// State is where a participant stands.
type State struct {
	Action Action
	// At is when Action happened, Key the entry that says so; both zero when Expected.
	At  time.Time
	Key string
	// Arrived is when a child who came arrived: the first of the marks that say so since the last
	// absence. Zero for who did not come.
	Arrived time.Time
}

// in is the state with its instants in a zone.
func (s State) in(zone *time.Location) State {
	if s.Action != Expected {
		s.At = s.At.In(zone)
	}
	if !s.Arrived.IsZero() {
		s.Arrived = s.Arrived.In(zone)
	}
	return s
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
		s.Action, s.At, s.Key = e.Action, e.At, e.Key
		switch {
		case !e.Action.Came():
			s.Arrived = time.Time{}
		case s.Arrived.IsZero() && e.Action.Here():
			s.Arrived = e.At
		}
	}
	return s
}
