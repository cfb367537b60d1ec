package school

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// held returns the sessions of a request as they were counted.
func (c *team) held(id int64) (list []heldSession) {
	c.t.Helper()
	c.must(c.db.Read(c.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		r, err := requestTx(tx, id)
		if err != nil {
			return err
		}
		list, err = heldSessions(tx, r)
		return err
	}))
	return list
}

// register gives the one session of a request a class list with these journals, one pupil each.
func (c *team) register(id int64, journals [][]attendance.Entry) (session int64) {
	c.t.Helper()
	c.scan(&session, `SELECT max(id) FROM sessions WHERE request_id = ?`, id)
	c.must(c.db.Write(c.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		for i, journal := range journals {
			if _, err := tx.Exec(`INSERT INTO pupils (id, session_id, position, first_name, created_at) VALUES (?1, ?2, ?1, 'Łukasz', '2026-06-01T08:00:00Z')`, i+1, session); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO participants (id, session_id, pupil_id) VALUES (?1, ?2, ?1)`, i+1, session); err != nil {
				return err
			}
			for _, e := range journal {
				if _, err := tx.Exec(`INSERT INTO marks (entry_key, participant_id, action, undoes, at, recorded_at, author_id) VALUES (?1, ?2, ?3, nullif(?4, ''), ?5, ?5, ?6)`,
					e.Key, i+1, string(e.Action), e.Undoes, sqlite.Time(e.At), c.staff.ID); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	return session
}

// The figures of a register are those of the register: what SQL counts is what attendance folds.
func TestFactsFoldAsTheRegister(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	_, id := c.agreed()
	random := rand.New(rand.NewPCG(7, 11))
	actions := []attendance.Action{attendance.Present, attendance.Late, attendance.Absent, attendance.Excused, attendance.Left, attendance.Undone}
	journals := make([][]attendance.Entry, 120)
	came := 0
	for i := range journals {
		for j := range random.IntN(6) {
			e := attendance.Entry{Key: fmt.Sprintf("%d-%d-%d", random.IntN(9), i, j), Action: actions[random.IntN(len(actions))], At: duringSession.Add(time.Duration(random.IntN(3)) * time.Minute)}
			if e.Action == attendance.Undone {
				if j == 0 {
					continue
				}
				e.Undoes = "nothing"
				if n := len(journals[i]); n > 0 {
					e.Undoes = journals[i][random.IntN(n)].Key
				}
			}
			journals[i] = append(journals[i], e)
		}
		if attendance.Fold(journals[i]).Action.Came() {
			came++
		}
	}
	c.register(id, journals)
	if held := c.held(id); len(held) != 1 || !reflect.DeepEqual(held[0].groups, []counted{{"8 à 12 ans", "unsaid", came}}) || came < 20 {
		t.Errorf("held %+v, the register says %d", held, came)
	}
}

// I14: once a request is done its figures stay: after the first names, the contact and later marks have gone their way.
func TestFactsNeverChange(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	_, id := c.agreed()
	c.write(`UPDATE organisations SET uai = '0350122T', sector = 'public', priority = 'REP+', commune_code = '35017', city = 'Baulon'`)
	present := func(key string) []attendance.Entry {
		return []attendance.Entry{{Key: key, Action: attendance.Present, At: duringSession}}
	}
	session := c.register(id, [][]attendance.Entry{present("a"), present("b"), nil})
	for _, n := range []struct {
		level, gender string
		children      int
	}{{"CM1", "girl", 7}, {"CM1", "boy", 5}, {"CM2", "unsaid", 3}} {
		c.write(`INSERT INTO headcounts (session_id, level, gender, children, recorded_at) VALUES (?, ?, ?, ?, '2026-06-09T09:30:00Z')`, session, n.level, n.gender, n.children)
	}
	c.clock.Set(afterSession)
	if n := c.count(`SELECT count(*) FROM group_facts`); n != 0 {
		t.Fatalf("%d facts before the request is done", n)
	}
	c.settles(id, Done, false)
	figures := func() report.Figures {
		t.Helper()
		f, err := report.NewService(c.db).GroupFigures(t.Context(), account.Command(), time.Date(2026, 6, 9, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 9, 0, 0, 0, 0, time.UTC))
		c.must(err)
		return f
	}
	before := figures()
	if before.Total != (report.Tally{Sessions: 1, Presences: 15, Minutes: 15 * 120}) || before.Schools != 1 {
		t.Fatalf("figures %+v", before.Total)
	}
	for by, want := range map[report.Dimension]string{report.BySector: "public", report.ByPriority: "REP+", report.ByCommune: "Baulon", report.ByKind: "library", report.ByFunding: "unknown"} {
		for _, part := range before.Parts {
			if part.By == by && (len(part.Rows) != 1 || part.Rows[0].Value != want) {
				t.Errorf("by %s: %+v, want %s", by, part.Rows, want)
			}
		}
	}
	c.clock.Advance(feedbackDays * 24 * time.Hour)
	c.settles(id, Closed, false)
	c.clock.Advance(5 * 365 * 24 * time.Hour)
	c.forget(attendance.ForgetPupils)
	c.forget(ForgetContacts)
	c.write(`UPDATE organisations SET city = 'Rennes', priority = ''`)
	c.write(`INSERT INTO marks (entry_key, participant_id, action, undoes, at, recorded_at, author_id) SELECT 'z', participant_id, 'undo', entry_key, at, at, author_id FROM marks LIMIT 1`)
	if n := c.count(`SELECT count(*) FROM pupils WHERE first_name <> ''`) + c.count(`SELECT count(*) FROM group_requests WHERE contact_email <> ''`); n != 0 {
		t.Fatal("nothing was forgotten: the test proves nothing")
	}
	if after := figures(); !reflect.DeepEqual(after, before) {
		t.Errorf("figures were %+v and are %+v", before, after)
	}
	for _, change := range []string{`UPDATE group_facts SET children = 1`, `DELETE FROM group_facts`} {
		if err := c.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { _, err := tx.Exec(change); return err }); err == nil {
			t.Errorf("%s changes a figure", change)
		}
	}
}

// A register without a headcount counts too; who was marked and did not come is nobody.
func TestFactsOfARegister(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	_, id := c.agreed()
	c.register(id, [][]attendance.Entry{{{Key: "a", Action: attendance.Absent, At: duringSession}}})
	c.clock.Set(afterSession)
	c.settles(id, Done, false)
	if n := c.count(`SELECT count(*) FROM group_facts WHERE children = 0 AND level = '8 à 12 ans' AND gender = 'unsaid' AND minutes = 120 AND held_on = '2026-06-09'`); n != 1 {
		t.Errorf("%d facts, want one of nobody", n)
	}
}
