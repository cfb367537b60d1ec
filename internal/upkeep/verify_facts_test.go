package upkeep_test

import (
	"testing"
	"time"
)

// Łukasz came on Tuesday, to session 2, and it was closed.
const (
	closedTuesday = `INSERT INTO closings (id, session_id, closed_at, closed_by, last_mark) VALUES (1, 2, '2027-05-04T14:05:10Z', 1, 1);
INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-04T14:05:10Z', 'user:1', 'session.close', 'session:2')`
	figuresOfTuesday = `INSERT INTO session_facts VALUES (1, 2, '2027-05-04', 'robotique', 'Lyon', '', 120, 12, 1, 0, 0, 0)`
	oneFact          = `INSERT INTO facts (closing_id, session_id, held_on, discipline, city, funding, age_band, gender, home, qpv, qpv_zoning, qpv_method, first, maybe_known, minutes)
VALUES (1, 2, '2027-05-04', 'robotique', 'Lyon', '', '9-11', 'unsaid', '', 'unknown', 0, '', 4294967295, 0, 120)`
)

// I14: marks and undos that tablets bring after the closing are in the journal and change no figure.
func TestLateMarksChangeNoFigure(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.breaks(closedTuesday, figuresOfTuesday, oneFact,
		`INSERT INTO marks (id, entry_key, participant_id, action, undoes, at, recorded_at, author_id)
			VALUES (2, 'b', 1, 'undo', 'a', '2027-05-04T12:06:00Z', '2027-05-04T15:06:00Z', 1)`,
		`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-04T15:06:00Z', 'user:1', 'mark.undo', 'participant:1')`)
	for _, b := range h.verify() {
		if b.Invariant == "I14" {
			t.Errorf("breach: %s", b)
		}
	}
}

// A session that nobody closed closes itself, and notes about incidents go after a year.
func TestDueClosesAndForgets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.breaks(`INSERT INTO incidents (id, session_id, text, written_at, written_by) VALUES (1, 2, 'Une chute', '2027-05-04T13:00:00Z', 1)`,
		`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-04T13:00:00Z', 'user:1', 'incident.write', 'incident:1')`)
	notes := func() int { return h.count(`SELECT count(*) FROM incidents`) }
	for _, step := range []struct {
		at            time.Time
		closed, notes int
	}{
		{time.Date(2027, 5, 7, 14, 0, 0, 0, time.UTC), 0, 1},
		{time.Date(2027, 5, 7, 14, 0, 1, 0, time.UTC), 1, 1},
		{time.Date(2028, 5, 4, 13, 0, 0, 0, time.UTC), 2, 1},
		{time.Date(2028, 5, 5, 2, 0, 0, 0, time.UTC), 2, 0}, // in the night after
	} {
		h.clock.Set(step.at)
		h.must(h.timers.Due(t.Context()))
		if c, n := h.count(`SELECT count(*) FROM closings`), notes(); c != step.closed || n != step.notes {
			t.Errorf("at %v: %d closed, %d notes; want %d, %d", step.at, c, n, step.closed, step.notes)
		}
		if breaches := h.verify(); len(breaches) > 0 {
			t.Errorf("at %v: %q", step.at, breaches)
		}
	}
}
