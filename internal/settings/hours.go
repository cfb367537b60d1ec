package settings

import (
	"fmt"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Hours are the figures of the rule of deadlines (domain, Waiting list 2 and 3), in whole hours.
type Hours struct {
	WakingFrom   int // hour of the day at the venue when nobody is woken up any more
	WakingUntil  int // and until when, at least shortestDay hours later
	Longest      int // how long an offer can be accepted at most
	BeforeStart  int // how long before the start it ends at the latest
	Shortest     int // how many waking hours it must last; with fewer the team calls
	UnaskedUntil int // hour of the day before until when a freed seat is given unasked
}

// shortestDay is how many waking hours a day has at least. Whoever gets an offer at any time then has the greatest value of
// OfferShortest within the least of OfferLongest, on the day of 25 hours too: what keeps an offer from being made is the nearness of
// the start alone, which time does not undo.
const shortestDay = 4

const sqlOfferHours = `SELECT name, value FROM settings WHERE name GLOB 'offer_*'`

// OfferHours returns the hours in force, in one query: every session that is read has them.
func OfferHours(tx *sqlite.Tx) (Hours, error) {
	rows, err := tx.Query(sqlOfferHours)
	if err != nil {
		return Hours{}, fmt.Errorf("settings: hours of offers: %w", err)
	}
	defer rows.Close()
	chosen := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return Hours{}, fmt.Errorf("settings: hours of offers: %w", err)
		}
		chosen[name] = value
	}
	if err := rows.Err(); err != nil {
		return Hours{}, fmt.Errorf("settings: hours of offers: %w", err)
	}
	h := hoursOf(chosen)
	if h.tooShortDay() {
		usual := hoursOf(nil)
		h.WakingFrom, h.WakingUntil = usual.WakingFrom, usual.WakingUntil
	}
	return h, nil
}

// hoursOf takes what is not chosen, or chosen beyond its limits, from the defaults.
func hoursOf(chosen map[string]string) Hours {
	figure := func(s Setting[int]) int {
		value, problem := s.check(chosen[s.Name])
		if problem.Key != "" {
			value = s.Default
		}
		return s.parse(value)
	}
	return Hours{
		WakingFrom: figure(OfferWakingFrom), WakingUntil: figure(OfferWakingUntil), Longest: figure(OfferLongest),
		BeforeStart: figure(OfferBeforeStart), Shortest: figure(OfferShortest), UnaskedUntil: figure(OfferUnaskedUntil),
	}
}

func (h Hours) tooShortDay() bool { return h.WakingUntil-h.WakingFrom < shortestDay }

// CheckTogether refuses values that are right one by one and wrong together, as they now stand in a transaction: Invalid with the
// field names. Call it after the last Set.
func CheckTogether(tx *sqlite.Tx) error {
	from, err := Get(tx, OfferWakingFrom)
	if err != nil {
		return err
	}
	until, err := Get(tx, OfferWakingUntil)
	if err != nil {
		return err
	}
	if (Hours{WakingFrom: from, WakingUntil: until}).tooShortDay() {
		return fault.InvalidFields(map[string]fault.Message{
			OfferWakingUntil.Name: {Key: "settings.short_day", Args: []any{shortestDay, from, from + shortestDay}},
		})
	}
	return nil
}
