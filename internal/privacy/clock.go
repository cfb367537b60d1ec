package privacy

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Clock says to a family when what is kept of it goes by itself. Days are in UTC, as the nightly retention counts; it comes in
// the night after.
type Clock struct {
	// Family is from when on the guardian, and the children of nobody else, are erased unless they come back.
	Family time.Time
	// Health are the children about whose health something is written, by name.
	Health []HealthClock
}

// HealthClock is from when on what is written about the health of a child is erased.
type HealthClock struct {
	ChildID   int64
	FirstName string
	At        time.Time
}

const sqlContact = `SELECT ` + contactOf + ` FROM guardians g WHERE g.id = ?`

// Clock returns the clock of a guardian's household; zero for who is erased or unknown.
func (s *Service) Clock(ctx context.Context, guardianID int64) (c Clock, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		c, err = clockOf(tx, guardianID)
		return err
	})
	return c, err
}

func clockOf(tx *sqlite.Tx, guardianID int64) (c Clock, err error) {
	last, err := sqlite.Column[string](tx, sqlContact, guardianID)
	if err != nil || len(last) == 0 {
		return Clock{}, err
	}
	months, err := settings.Get(tx, settings.FamilyMonths)
	if err != nil {
		return Clock{}, err
	}
	at, err := sqlite.ParseTime(last[0])
	if err != nil {
		return Clock{}, err
	}
	c.Family = at.AddDate(0, months, 0)
	days, err := settings.Get(tx, settings.HealthDays)
	if err != nil {
		return Clock{}, err
	}
	kept, err := family.HealthKept(tx, guardianID)
	if err != nil {
		return Clock{}, err
	}
	for _, k := range kept {
		c.Health = append(c.Health, HealthClock{ChildID: k.ChildID, FirstName: k.FirstName, At: k.Since.AddDate(0, 0, days)})
	}
	return c, nil
}
