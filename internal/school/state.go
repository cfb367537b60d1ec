package school

import "slices"

// State is where a request stands (domain, Schools 2). Its name on screen is the text school.state.VALUE.
type State string

// The states, in the order of a request that ends well, and then the two other ends.
const (
	Received  State = "received"
	Proposed  State = "proposed"  // dates were proposed; Scheduled tells whether one was taken
	Quoted    State = "quoted"    // a quote was issued
	Accepted  State = "accepted"  // the quote was accepted, or there is none to accept
	Agreed    State = "agreed"    // the agreement is signed, or the team goes without one
	Done      State = "done"      // the workshops took place and were counted
	Closed    State = "closed"    // nothing is left to do
	Declined  State = "declined"  // by the team
	Withdrawn State = "withdrawn" // by the organisation
)

// States lists every state, in that order.
func States() []State {
	return []State{Received, Proposed, Quoted, Accepted, Agreed, Done, Closed, Declined, Withdrawn}
}

// Label is the key of the state's name in the catalogue of messages.
func (s State) Label() string { return "school.state." + string(s) }

// next holds the states that may follow each. A state may follow itself where the act can be repeated: other dates,
// another version of the quote. Free workshops need no quote, and some organisations no agreement.
var next = map[State][]State{
	Received: {Proposed, Declined, Withdrawn},
	Proposed: {Proposed, Quoted, Accepted, Declined, Withdrawn},
	Quoted:   {Quoted, Proposed, Accepted, Declined, Withdrawn},
	Accepted: {Accepted, Quoted, Agreed, Declined, Withdrawn},
	Agreed:   {Done, Declined, Withdrawn},
	Done:     {Closed},
}

// MayBecome reports whether a request may go from s to another state.
func (s State) MayBecome(to State) bool { return slices.Contains(next[s], to) }

// IsOver reports whether nothing more happens to a request in this state.
func (s State) IsOver() bool { return s == Closed || s == Declined || s == Withdrawn }
