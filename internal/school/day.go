package school

import (
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// today is the present day where the association is, as midnight UTC.
func today(tx *sqlite.Tx) (time.Time, error) { return dayAt(tx.Now()) }

// dayAt is the day of an instant where the association is, as midnight UTC.
func dayAt(at time.Time) (time.Time, error) {
	place, err := catalog.LoadZone(catalog.HomeZone)
	if err != nil {
		return time.Time{}, err
	}
	y, m, d := at.In(place).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), nil
}

// monthNames are the months as people write them, without accents.
var monthNames = map[string]time.Month{
	"janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "aout": 8, "septembre": 9,
	"octobre": 10, "novembre": 11, "decembre": 12,
}

// ParseDay reads a day as people write it: 8/6/2027, 08-06-27, 8 juin 2027 or 2027-06-08. It gives midnight UTC. The
// message says what is wrong, nil when nothing is.
func ParseDay(typed string) (time.Time, *fault.Message) {
	wrong := &fault.Message{Key: "ask.day_form"}
	parts := strings.FieldsFunc(strings.ToLower(typed), func(r rune) bool { return strings.ContainsRune("/-. \u00a0\u202f\t", r) })
	if len(parts) == 4 && monthNames[plainWord(parts[2])] > 0 { // mardi 8 juin 2027
		parts = parts[1:]
	}
	if len(parts) != 3 {
		return time.Time{}, wrong
	}
	if len(parts[0]) == 4 {
		parts[0], parts[2] = parts[2], parts[0]
	}
	day, errDay := strconv.Atoi(strings.TrimSuffix(parts[0], "er"))
	year, errYear := strconv.Atoi(parts[2])
	month, named := monthNames[plainWord(parts[1])]
	if !named {
		n, err := strconv.Atoi(parts[1])
		if err != nil {
			return time.Time{}, wrong
		}
		month = time.Month(n)
	}
	if errDay != nil || errYear != nil || len(parts[2]) != 4 && len(parts[2]) != 2 {
		return time.Time{}, wrong
	}
	if len(parts[2]) == 2 {
		year += 2000
	}
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if date.Day() != day || date.Month() != month || date.Year() != year {
		return time.Time{}, &fault.Message{Key: "ask.day_impossible"}
	}
	return date, nil
}

// plainWord takes the accents off the names of months.
func plainWord(s string) string { return strings.NewReplacer("é", "e", "û", "u").Replace(s) }
