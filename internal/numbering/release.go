package numbering

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Answer is what staff say of a Lock.
type Answer struct {
	Series Series
	Year   int
	// Last is the last number that was sent, as it was typed: D2027-0012, 0012 or 12, and 0 where none was. Empty leaves the lock.
	Last string
}

// Field names the answer in a form and in faults.
func (a Answer) Field() string { return string(a.Series) + "_" + strconv.Itoa(a.Year) }

// Gap is a row of numbers that papers had which are lost: they stay void.
type Gap struct {
	Series   Series
	Year     int
	From, To int // both included
}

// FromText and ToText are its first and last number as people name them.
func (g Gap) FromText() string { return Format(g.Series, g.Year, g.From) }
func (g Gap) ToText() string   { return Format(g.Series, g.Year, g.To) }

// Count is how many numbers are void.
func (g Gap) Count() int { return g.To - g.From + 1 }

// most is how many papers of a kind may be lost at most: more is a slip of the finger.
const most = 500

// Plan returns which numbers would be void after Release. Its faults are those of Release.
func (s *Service) Plan(ctx context.Context, answers []Answer) (gaps []Gap, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		gaps = nil
		decided, err := decide(tx, answers)
		for _, d := range decided {
			if d.to > d.Last {
				gaps = append(gaps, Gap{d.Series, d.Year, d.Last + 1, d.to})
			}
		}
		return err
	})
	return gaps, err
}

const sqlVoid = `INSERT INTO void_numbers (series, year, number, voided_at) VALUES (?, ?, ?, ?)`

// Release lets series give numbers again, after the last one that was sent. Numbers between what the database knows and that one
// are void for good. It is for an actor that CanManage: others get fault.Forbidden. An answer that cannot be is fault.Invalid by
// Field; none at all is "numbering.nothing". A lock that is gone is passed over.
func (s *Service) Release(ctx context.Context, actor account.Actor, key account.FormKey, answers []Answer) error {
	if !actor.CanManage() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) { return "", release(tx, actor, answers) })
		return err
	})
}

func release(tx *sqlite.Tx, actor account.Actor, answers []Answer) error {
	decided, err := decide(tx, answers)
	if err != nil {
		return err
	}
	for _, d := range decided {
		for number := d.Last + 1; number <= d.to; number++ {
			if _, err := tx.Exec(sqlVoid, string(d.Series), d.Year, number, sqlite.Time(tx.Now())); err != nil {
				return fmt.Errorf("numbering: void: %w", err)
			}
		}
		if _, err := tx.Exec(sqlUnlock, string(d.Series), d.Year); err != nil {
			return fmt.Errorf("numbering: unlock: %w", err)
		}
		details := map[string]any{"year": d.Year, "last": d.to, "void": d.to - d.Last}
		if err := audit.Add(tx, actor.String(), "numbering.release", "numbers:"+string(d.Series), details); err != nil {
			return err
		}
	}
	return nil
}

// decision is a lock with the last number that was sent.
type decision struct {
	Lock
	to int
}

func decide(tx *sqlite.Tx, answers []Answer) (decided []decision, err error) {
	locks, err := locksTx(tx)
	if err != nil {
		return nil, err
	}
	wrong := map[string]fault.Message{}
	for _, l := range locks {
		for _, a := range answers {
			if a.Series != l.Series || a.Year != l.Year || strings.TrimSpace(a.Last) == "" {
				continue
			}
			to, problem := l.read(a.Last)
			if problem.Key != "" {
				wrong[a.Field()] = problem
				continue
			}
			decided = append(decided, decision{l, to})
		}
	}
	switch {
	case len(wrong) > 0:
		return nil, fault.InvalidFields(wrong)
	case len(decided) == 0 && len(locks) > 0:
		return nil, fault.New(fault.Invalid, "numbering.nothing")
	}
	return decided, nil
}

// read understands the last number that was sent.
func (l Lock) read(typed string) (to int, wrong fault.Message) {
	// D2027-0012: what comes before the number must be that of the series and the year.
	begin := strings.TrimRight(Format(l.Series, l.Year, 0), "0")
	text := strings.ToUpper(strings.Join(strings.Fields(typed), ""))
	if rest, ok := strings.CutPrefix(text, begin); ok {
		text = rest
	}
	to, err := strconv.Atoi(text)
	switch {
	case err != nil || to < 0:
		return 0, fault.Message{Key: "numbering.error.shape", Args: []any{Format(l.Series, l.Year, max(1, l.Last))}}
	case to < l.Last:
		return 0, fault.Message{Key: "numbering.error.earlier", Args: []any{l.LastText()}}
	case to > l.Last+most:
		return 0, fault.Message{Key: "numbering.error.far", Args: []any{Format(l.Series, l.Year, to), most}}
	}
	return to, fault.Message{}
}

const sqlVoids = `
SELECT series, year, number, voided_at FROM void_numbers ORDER BY voided_at DESC, series, year, number`

// Voids returns the numbers that are void, the last ones first.
func (s *Service) Voids(ctx context.Context) (gaps []Gap, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		gaps = nil
		rows, err := tx.Query(sqlVoids)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var g Gap
			var at string
			if err := rows.Scan(&g.Series, &g.Year, &g.From, &at); err != nil {
				return err
			}
			if n := len(gaps); n > 0 && gaps[n-1].Series == g.Series && gaps[n-1].Year == g.Year && gaps[n-1].To+1 == g.From {
				gaps[n-1].To = g.From
				continue
			}
			g.To = g.From
			gaps = append(gaps, g)
		}
		return rows.Err()
	})
	return gaps, err
}
