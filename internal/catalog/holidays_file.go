package catalog

import (
	"slices"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// HolidayColumns are the columns of a file of school holidays, all of them needed: days are written 2027-05-08, the first and
// the last of the holidays.
var HolidayColumns = []string{"zone", "nom", "premier_jour", "dernier_jour"}

// OfficialHolidayColumns are those that are read of the official calendar (data.gouv.fr, fr-en-calendrier-scolaire), which has
// more. Its days are instants with their offset: the first night of the holidays, and the night before school begins again.
var OfficialHolidayColumns = []string{"Description", "Population", "Date de début", "Date de fin", "Zones"}

// ParseHolidayRow reads one row of a file with HolidayColumns; get and wrong are as in ParseProgrammeRow.
func ParseHolidayRow(get func(column string) string, wrong func(column string, want fault.Message)) Holiday {
	h := Holiday{Zone: Zone(strings.TrimPrefix(get("zone"), "Zone ")), Name: holidayName("nom", get, wrong), FirstDay: get("premier_jour"), LastDay: get("dernier_jour")}
	if !h.Zone.known() {
		wrong("zone", fault.Message{Key: "catalog.import.zone"})
	}
	_, firstWrong := time.Parse(DateLayout, h.FirstDay)
	if firstWrong != nil {
		wrong("premier_jour", fault.Message{Key: "catalog.import.date"})
	}
	if _, err := time.Parse(DateLayout, h.LastDay); err != nil {
		wrong("dernier_jour", fault.Message{Key: "catalog.import.date"})
	} else if firstWrong == nil && h.LastDay < h.FirstDay {
		wrong("dernier_jour", fault.Message{Key: "catalog.import.last_day", Args: []any{h.FirstDay}})
	}
	return h
}

// ParseOfficialHolidayRow reads one row of the official calendar. What is not for children of the zones A to C (teachers' days,
// Corsica, overseas) is none, and so is the beginning of a school year. A row with something wrong is none either, and must not be imported.
func ParseOfficialHolidayRow(get func(column string) string, wrong func(column string, want fault.Message)) (h Holiday, some bool) {
	zone, numbered := strings.CutPrefix(get("Zones"), "Zone ")
	if !numbered && get("Zones") != "" || get("Population") == "Enseignants" || strings.Contains(fold(get("Description")), "rentree") {
		return Holiday{}, false
	}
	some = true
	bad := func(column string, want fault.Message) {
		some = false
		wrong(column, want)
	}
	h = Holiday{Zone: Zone(zone), Name: strings.TrimPrefix(holidayName("Description", get, bad), "Début des ")}
	if !h.Zone.known() {
		bad("Zones", fault.Message{Key: "catalog.import.zone"})
	}
	paris, err := LoadZone(HomeZone)
	if err != nil {
		paris = time.UTC // without any zone at all nothing of this program works
	}
	starts, err := time.Parse(time.RFC3339, get("Date de début"))
	if err != nil {
		bad("Date de début", fault.Message{Key: "catalog.import.instant"})
	}
	h.FirstDay = starts.In(paris).Format(DateLayout)
	// Of the last holidays that are known only the beginning is told.
	ends, endWrong := starts, error(nil)
	if get("Date de fin") != "" {
		ends, endWrong = time.Parse(time.RFC3339, get("Date de fin"))
	}
	switch {
	case endWrong != nil:
		bad("Date de fin", fault.Message{Key: "catalog.import.instant"})
	case err == nil && ends.Before(starts):
		bad("Date de fin", fault.Message{Key: "catalog.import.last_day", Args: []any{get("Date de début")}})
	}
	h.LastDay = max(h.FirstDay, ends.In(paris).Add(-time.Second).Format(DateLayout))
	return h, some
}

// holidayName reads the name of holidays, which is needed.
func holidayName(column string, get func(string) string, wrong func(string, fault.Message)) string {
	t, name := typed{}, get(column)
	if t.line(column, &name, true); len(t) > 0 {
		wrong(column, fault.Message{Key: "catalog.import.text", Args: []any{maxLine}})
	}
	return name
}

func (z Zone) known() bool { return slices.Contains(Zones, z) }
