package catalog

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// FilterForm is a filter as it was typed or followed, every field a string, so that nothing typed is lost.
type FilterForm struct {
	Age        string // whole years: 9
	Discipline string // one of Disciplines
	City       string // accents and capitals do not matter
	Month      string // 2027-05
	From, To   string // 2027-05-08, both included, at the venue
	Places     string // "1": only sessions with an open place
}

// Filter chooses among sessions. The zero Filter takes them all.
type Filter struct {
	Age        int // 0: any
	Discipline Discipline
	city       string // folded
	// from and to are days at the venue, both included, as 2027-05-08; to may be a month's last
	// possible day (31), which sorts right.
	from, to   string
	onlyPlaces bool
}

// MonthLayout is how a month is written in filters: 2027-05.
const MonthLayout = "2006-01"

// Parse reads the form. What cannot be understood is Invalid with a message per field: age,
// discipline, city, month, from, to, places.
func (f FilterForm) Parse() (Filter, error) {
	var filter Filter
	wrong := map[string]fault.Message{}
	if f.Age != "" {
		age, err := strconv.Atoi(strings.TrimSpace(f.Age))
		if err != nil || age < MinAge || age > MaxAge {
			wrong["age"] = fault.Message{Key: "catalog.filter.age", Args: []any{MinAge, MaxAge}}
		}
		filter.Age = age
	}
	if f.Discipline != "" {
		filter.Discipline = Discipline(f.Discipline)
		if !slices.Contains(Disciplines, filter.Discipline) {
			wrong["discipline"] = fault.Message{Key: "catalog.filter.discipline"}
		}
	}
	if utf8.RuneCountInString(f.City) > maxLine || !utf8.ValidString(f.City) {
		wrong["city"] = fault.Message{Key: "catalog.filter.city"}
	}
	filter.city = fold(f.City)
	if f.Month != "" {
		if _, err := time.Parse(MonthLayout, f.Month); err != nil {
			wrong["month"] = fault.Message{Key: "catalog.filter.month"}
		}
		filter.from, filter.to = f.Month+"-01", f.Month+"-31"
	}
	if f.From != "" {
		if _, err := time.Parse(DateLayout, f.From); err != nil {
			wrong["from"] = fault.Message{Key: "catalog.date.format"}
		}
		filter.from = max(filter.from, f.From)
	}
	if f.To != "" {
		if _, err := time.Parse(DateLayout, f.To); err != nil {
			wrong["to"] = fault.Message{Key: "catalog.date.format"}
		} else if f.From > f.To {
			wrong["to"] = fault.Message{Key: "catalog.filter.order"}
		}
		if filter.to == "" || f.To < filter.to {
			filter.to = f.To
		}
	}
	switch f.Places {
	case "":
	case "1":
		filter.onlyPlaces = true
	default:
		wrong["places"] = fault.Message{Key: "catalog.filter.places"}
	}
	if len(wrong) > 0 {
		return Filter{}, fault.InvalidFields(wrong)
	}
	return filter, nil
}

// Select returns the sessions that pass the filter at now, in their order.
func (f Filter) Select(sessions []Session, now time.Time) []Session {
	if f == (Filter{}) {
		return sessions
	}
	var chosen []Session
	for i := range sessions {
		if f.takes(&sessions[i], now) {
			chosen = append(chosen, sessions[i])
		}
	}
	return chosen
}

func (f Filter) takes(s *Session, now time.Time) bool {
	if f.Age != 0 && (f.Age < s.Workshop.MinAge || f.Age > s.Workshop.MaxAge) {
		return false
	}
	if f.Discipline != "" && f.Discipline != s.Workshop.Discipline {
		return false
	}
	if f.city != "" && f.city != fold(s.Venue.City) {
		return false
	}
	if day := s.StartsAt.Format(DateLayout); f.from != "" && day < f.from || f.to != "" && day > f.to {
		return false
	}
	return !f.onlyPlaces || s.Availability(now) == Open
}

// fold returns s in lower case, without accents, with single spaces, so that « lyon » finds « Lyon ».
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(s)))
	return strings.Join(strings.Fields(s), " ")
}
