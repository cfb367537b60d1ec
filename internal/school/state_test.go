package school

import "testing"

// The whole table: what may follow what, and nothing else (domain, Schools 2).
func TestMayBecome(t *testing.T) {
	t.Parallel()
	may := map[State]string{
		Received:  "proposed declined withdrawn",
		Proposed:  "proposed quoted accepted declined withdrawn",
		Quoted:    "proposed quoted accepted declined withdrawn",
		Accepted:  "quoted accepted agreed declined withdrawn",
		Agreed:    "done declined withdrawn",
		Done:      "closed",
		Closed:    "",
		Declined:  "",
		Withdrawn: "",
	}
	if len(may) != len(States()) {
		t.Fatalf("%d states are tried, %d exist", len(may), len(States()))
	}
	for _, from := range States() {
		got := ""
		for _, to := range States() {
			if !from.MayBecome(to) {
				continue
			}
			if got != "" {
				got += " "
			}
			got += string(to)
		}
		if got != may[from] {
			t.Errorf("after %s: %q, want %q", from, got, may[from])
		}
		if over := from == Closed || from == Declined || from == Withdrawn; from.IsOver() != over {
			t.Errorf("%s.IsOver() = %v", from, from.IsOver())
		}
	}
}
