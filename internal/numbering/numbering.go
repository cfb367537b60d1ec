// Package numbering gives papers the numbers that follow one another without a gap in each year (I15): a number is taken inside the
// transaction that uses it up. After a restore of the database it gives none until staff have said which was the last one that was
// sent, since the copy does not know of those given after it was made.
package numbering

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A Series is a kind of paper whose numbers have no gap. Its name is the text numbering.series.NAME.
type Series string

// The series. A further one is a line here, in all and in sqlLast, and a word in the CHECKs of number_locks and void_numbers.
const (
	Quote       Series = "quote"
	Invoice     Series = "invoice"
	CreditNote  Series = "credit_note"
	Certificate Series = "certificate"
	Receipt     Series = "receipt"
)

// all are the series in the order of the page, with how the year and the number are written.
var all = []struct {
	series Series
	shape  string
}{
	{Quote, "D%d-%04d"},
	{Invoice, "F%d-%04d"},
	{CreditNote, "A%d-%04d"},
	{Certificate, "ADA-%d-%06d"},
	{Receipt, "R%d-%04d"},
}

// place is where a series stands in all.
func (s Series) place() int {
	for i := range all {
		if all[i].series == s {
			return i
		}
	}
	panic("numbering: no series " + string(s))
}

// Format is how people name a paper: D2026-0007.
func Format(s Series, year, number int) string {
	return fmt.Sprintf(all[s.place()].shape, year, number)
}

// Next returns the next number of a year, which the caller uses up in the same transaction. While it is not known which one was
// the last, after a restore, it is fault.Conflict "numbering.locked".
func Next(tx *sqlite.Tx, s Series, year int) (int, error) {
	locked, err := isLocked(tx, s, year)
	if err != nil {
		return 0, err
	}
	if locked {
		return 0, fault.New(fault.Conflict, "numbering.locked")
	}
	last, err := last(tx, s, year)
	return last + 1, err
}

const sqlLast = `
SELECT coalesce(max(n), 0) FROM (
  SELECT max(number) AS n FROM quotes WHERE year = ?2 AND ?1 = 'quote'
  UNION ALL SELECT max(number) FROM invoices WHERE kind = ?1 AND year = ?2
  UNION ALL SELECT max(number) FROM certificates WHERE year = ?2 AND ?1 = 'certificate'
  UNION ALL SELECT max(number) FROM receipts WHERE year = ?2 AND ?1 = 'receipt'
  UNION ALL SELECT max(number) FROM void_numbers WHERE series = ?1 AND year = ?2)`

// last is the greatest number of a year that was given, or is void.
func last(tx *sqlite.Tx, s Series, year int) (n int, err error) {
	if err := tx.QueryRow(sqlLast, string(s), year).Scan(&n); err != nil {
		return 0, fmt.Errorf("numbering: %s: %w", s, err)
	}
	return n, nil
}

const (
	sqlIsLocked = `SELECT EXISTS (SELECT 1 FROM number_locks WHERE series = ?1 AND year = ?2)`
	sqlLock     = `INSERT INTO number_locks (series, year, since) VALUES (?1, ?2, ?3) ON CONFLICT (series, year) DO UPDATE SET since = ?3`
	sqlUnlock   = `DELETE FROM number_locks WHERE series = ?1 AND year = ?2`
	sqlLocks    = `SELECT series, year, since FROM number_locks`
)

func isLocked(tx *sqlite.Tx, s Series, year int) (locked bool, err error) {
	if err := tx.QueryRow(sqlIsLocked, string(s), year).Scan(&locked); err != nil {
		return false, fmt.Errorf("numbering: %w", err)
	}
	return locked, nil
}

// LockAll lets no series give a number of the years from first to last before Release.
func LockAll(tx *sqlite.Tx, first, last int) error {
	for year := first; year <= last; year++ {
		for _, k := range all {
			if _, err := tx.Exec(sqlLock, string(k.series), year, sqlite.Time(tx.Now())); err != nil {
				return fmt.Errorf("numbering: lock: %w", err)
			}
		}
	}
	return nil
}

// Lock is a series that gives no number of a year.
type Lock struct {
	Series Series
	Year   int
	Last   int       // the greatest number that the database knows of; 0 for none
	Since  time.Time // UTC
}

// LastText is the last number that the database knows of as people name it; empty for none.
func (l Lock) LastText() string {
	if l.Last == 0 {
		return ""
	}
	return Format(l.Series, l.Year, l.Last)
}

// Service tells staff what is locked, and lets it go on.
type Service struct{ db *sqlite.DB }

// NewService returns the service of db.
func NewService(db *sqlite.DB) *Service { return &Service{db: db} }

// Locks returns what is locked, by year and in the order of the series; none in ordinary times.
func (s *Service) Locks(ctx context.Context) (locks []Lock, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		locks, err = locksTx(tx)
		return err
	})
	return locks, err
}

func locksTx(tx *sqlite.Tx) ([]Lock, error) {
	locks, err := scanLocks(tx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(locks, func(a, b Lock) int {
		return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Series.place(), b.Series.place()))
	})
	for i, l := range locks {
		if locks[i].Last, err = last(tx, l.Series, l.Year); err != nil {
			return nil, err
		}
	}
	return locks, nil
}

func scanLocks(tx *sqlite.Tx) (found []Lock, err error) {
	rows, err := tx.Query(sqlLocks)
	if err != nil {
		return nil, fmt.Errorf("numbering: locks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var l Lock
		var since string
		if err := rows.Scan(&l.Series, &l.Year, &since); err != nil {
			return nil, err
		}
		if l.Since, err = sqlite.ParseTime(since); err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	return found, rows.Err()
}
