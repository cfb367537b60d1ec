package upkeep

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// verifyHour is when the invariants are verified each night, on the clock of the association.
const verifyHour = 3

// nightly says when the invariants are verified. That reads all of the database, again and again (20 s of a processor for 80,000
// bookings with a million lines in the audit), and so is done once a day: at night, and a while after the program began, for a
// machine that is off at night and for one that was just upgraded.
type nightly struct{ began, last time.Time }

// begin notes when the program began; what is noted stays.
func (n *nightly) begin(now time.Time) {
	if n.began.IsZero() {
		n.began = now
	}
}

func (n *nightly) due(now time.Time) (bool, error) {
	if n.last.IsZero() {
		return now.Sub(n.began) >= copyEvery, nil
	}
	zone, err := catalog.LoadZone(catalog.HomeZone)
	if err != nil {
		return false, err
	}
	local := now.In(zone)
	night := time.Date(local.Year(), local.Month(), local.Day(), verifyHour, 0, 0, 0, zone)
	if local.Before(night) {
		night = night.AddDate(0, 0, -1)
	}
	return n.last.Before(night), nil
}
