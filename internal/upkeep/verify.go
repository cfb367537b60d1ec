// Package upkeep looks after a database that others fill: it verifies what must always
// be true of it, and does what is due by the clock alone.
package upkeep

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Breach is one thing that must never be and is. It holds no personal data.
type Breach struct {
	Invariant string // the invariant's name in docs/quality: I1 … I17; REL-19 for a row that changed by itself
	Record    string // where: 'session:12', 'booking:7', a table and row, or 'database'
	Text      string // what is wrong, in one line
}

func (b Breach) String() string { return b.Invariant + " " + b.Record + ": " + b.Text }

// check looks for the breaches of one kind, in one unchanging state of the database.
type check func(*verification) error

// checks are in the order of the invariants that they show. I5, I6 and I8 cannot be seen in a
// database: they compare it with what was answered or with another instant.
var checks = []check{
	seatsTaken, offersAndSeats, placedBeyondRules,
	freeSeats,
	childTwice,
	keysWithoutResult,
	overtaking, tornApart, unansweredOffers, seatsWon,
	messagesOfBookings, messagesOfOffers, messagesOfCancellations, messagesTwice,
	marksUndone, certificatesWithoutPresence,
	instants,
	auditOfBookings, auditOfRecords, auditTriggers,
	participantsElsewhere, orphans, erased, secondChoices,
	factsAndRegister,
	gaps, frozenPapers, billTotals, paymentsReversed, familyPayments, agreedPapers,
	promisedTwice, kitsExceeded,
}

// Verify checks the invariants that a database can show (I1–I4, I7, I9–I17) and returns every
// breach, none when all is well. It reads the whole database, in one Read and an integrity
// check, and may run beside a serving process. Where the server keeps a copy to compare with, a row that changed since and may not
// have is a breach too (REL-19).
func Verify(ctx context.Context, db *sqlite.DB) ([]Breach, error) {
	damaged, err := brokenFile(ctx, db)
	if err != nil {
		return nil, err
	}
	var changed []Breach
	if len(damaged) == 0 { // what cannot be read cannot be compared
		if changed, err = changedSinceSeen(ctx, db, db.Path()); err != nil {
			return nil, err
		}
	}
	breaches, err := invariants(ctx, db)
	if err != nil && len(damaged)+len(changed) > 0 {
		return append(damaged, changed...), nil // what changed may be the schema that they are written for
	}
	if err != nil {
		return nil, err
	}
	return slices.Concat(breaches, damaged, changed), nil
}

// brokenFile is what SQLite finds broken in the file itself.
func brokenFile(ctx context.Context, db *sqlite.DB) (breaches []Breach, err error) {
	lines, err := db.Integrity(ctx)
	if err != nil {
		return nil, fmt.Errorf("upkeep: integrity: %w", err)
	}
	for _, line := range lines {
		breaches = append(breaches, Breach{"I13", damagedFile, line})
	}
	return breaches, nil
}

// invariants is Verify without the integrity check.
func invariants(ctx context.Context, db *sqlite.DB) ([]Breach, error) {
	v := &verification{}
	err := db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		*v = verification{tx: tx}
		if err := v.findPresent(); err != nil {
			return err
		}
		for _, look := range checks {
			if err := look(v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("upkeep: verify: %w", err)
	}
	return v.breaches, nil
}

// verification is one run of Verify.
type verification struct {
	tx *sqlite.Tx
	// present is the instant that the database itself lives in.
	present time.Time
	// changed is when it was changed last, as the audit knows.
	changed  time.Time
	breaches []Breach
}

func (v *verification) add(invariant, record, format string, args ...any) {
	v.breaches = append(v.breaches, Breach{Invariant: invariant, Record: record, Text: fmt.Sprintf(format, args...)})
}

// addText is add for a text that may hold anything.
func (v *verification) addText(invariant, record, text string) { v.add(invariant, record, "%s", text) }

const sqlLatestAudit = `SELECT coalesce(max(at), '') FROM audit`

// findPresent takes the later of the clock and the last change: a demo's clock may run ahead of
// the one of whoever verifies it.
func (v *verification) findPresent() error {
	v.present = v.tx.Now()
	var latest string
	if err := v.tx.QueryRow(sqlLatestAudit).Scan(&latest); err != nil {
		return err
	}
	// An instant that cannot be read is a breach of its own, see instants.
	if at, err := sqlite.ParseTime(latest); err == nil {
		v.changed = at
	}
	if v.changed.After(v.present) {
		v.present = v.changed
	}
	return nil
}

// daysAgo is an instant in the past, as the database writes it.
func (v *verification) daysAgo(n int) string { return sqlite.Time(v.present.AddDate(0, 0, -n)) }

// each runs a query whose rows are a record and a text, and adds a breach for each.
func (v *verification) each(invariant, query string, args ...any) error {
	rows, err := v.tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var record, text string
		if err := rows.Scan(&record, &text); err != nil {
			return err
		}
		v.addText(invariant, record, text)
	}
	return rows.Err()
}

// record names a row.
func record(kind string, id int64) string { return kind + ":" + strconv.FormatInt(id, 10) }
