package web

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
)

// registerTablet is what register.js needs to go on alone: who may bring what, and until when the page may be kept. Whoever may
// not mark has none of it.
type registerTablet struct {
	SessionID int64
	Token     string
	Now       string // by our clock, to correct that of the tablet
	Zone      string
	KeepUntil string // empty: not to be kept
	Care      string // the version of what is to be known of the children
	Booked    int
	StatesAt  string // where the states of all children are
	SendTo    string
	Other     Field
	Reason    Field
	Capacity  int
	Blank     int         // lines at the end of what is printed
	Door      *doorFields // of a child who comes without a seat; nil for a class list
}

// tabletText is a text by its key.
type tabletText struct{ Key, Text string }

// keptAfter is how long after the end of a session a tablet keeps its register (design, Offline).
const keptAfter = 12 * time.Hour

func (s *Server) newTablet(c *gin.Context, r attendance.Roster) *registerTablet {
	t := &registerTablet{
		SessionID: r.Session.ID, Token: s.journalToken(s.actor(c), r.Session.ID), Now: s.stamp(), Zone: r.Session.StartsAt.Location().String(),
		Booked: r.Counts.Booked, Blank: r.BlankLines, Care: r.CareVersion, StatesAt: registerPath(r.Session.ID, "/etat.json?page="+strconv.FormatInt(s.config.Now().Unix(), 10)), SendTo: registerPath(r.Session.ID, "/journal"),
		Other: Field{Name: "name", Label: s.words.T("attendance.depart.name"), Conditional: true, People: true, Autocomplete: "off"},
		Reason: Field{Name: "reason", Label: s.words.T("attendance.depart.reason"), Hint: s.words.T("attendance.depart.reason.hint"),
			Optional: true, Rows: 2, MaxLength: 300},
	}
	if r.Group != nil {
		t.Blank = classSheetPaper(s.words.Lang(), attendance.Sheet{Roster: r}).BlankLines
	} else {
		door := s.newDoorFields(nil)
		door.Text.Label, door.Text.Optional = s.words.T("walk_in.health"), true
		t.Door, t.Capacity = &door, r.Session.Capacity
	}
	if isTodayOrTomorrow(r.Session.StartsAt, r.ReadAt) {
		t.KeepUntil = r.Session.EndsAt.Add(keptAfter).UTC().Format(time.RFC3339)
	}
	return t
}

// isTodayOrTomorrow compares days as the calendar of the venue has them; both instants are in its zone.
func isTodayOrTomorrow(starts, now time.Time) bool {
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	return !starts.Before(today) && starts.Before(today.AddDate(0, 0, 2))
}

// tabletKeys are the texts that register.js writes; a plural one is two, « .one » and « .other ».
var tabletKeys = []string{
	"attendance.state.expected", "attendance.state.present", "attendance.state.late", "attendance.state.absent", "attendance.state.excused",
	"attendance.state.left", "attendance.left.alone", "attendance.left.with", "attendance.left.erased",
	"attendance.act.present", "attendance.act.absent", "attendance.act.undo", "attendance.act.late", "attendance.act.excused",
	"attendance.more.leave", "attendance.more.left", "attendance.more.marks", "attendance.family",
	"attendance.sync.fresh", "attendance.sync.offline", "attendance.sync.only_here", "attendance.sync.signed_out", "attendance.sync.refused", "attendance.sync.not_kept", "attendance.sync.needs_network",
	"attendance.sync.done", "attendance.sync.undone", "attendance.sync.changed",
	"attendance.sync.as_of", "attendance.sync.old", "attendance.find.none",
	"attendance.depart.taken", "attendance.care.guardian", "attendance.depart.named", "attendance.depart.alone", "attendance.depart.alone.allowed",
	"attendance.depart.alone.call", "attendance.depart.other", "attendance.depart.other.call", "attendance.depart.taken.missing",
	"attendance.depart.name.missing", "attendance.depart.reason.missing", "attendance.depart.button", "attendance.depart.asking", "attendance.error.barred", "attendance.child.title",
	"attendance.walk_in.missing", "walk_in.health.consent.missing", "attendance.walk_in.full", "attendance.walk_in.added",
	"attendance.sheet.caption", "attendance.sheet.led_by", "attendance.sheet.led_by_nobody", "class.sheet.number", "attendance.sheet.name", "attendance.sheet.age", "attendance.sheet.arrival", "attendance.sheet.departure", "attendance.sheet.signature",
}

var tabletPlurals = []string{
	"attendance.count.here", "attendance.count.booked", "attendance.count.late", "attendance.count.left", "attendance.count.absent",
	"attendance.count.excused", "attendance.sync.waiting", "attendance.sync.rejected",
}

// tabletTexts are patterns: what a page would fill in stands in them as {0} and {1}.
func (s *Server) tabletTexts() (texts []tabletText) {
	blanks := []any{"{0}", "{1}"}
	for _, key := range tabletKeys {
		texts = append(texts, tabletText{key, s.words.T(key, blanks...)})
	}
	for _, key := range tabletPlurals {
		for i, form := range []string{".one", ".other"} {
			n := i + 1
			texts = append(texts, tabletText{key + form, strings.Replace(s.words.N(key, n), s.words.Number(n), "{0}", 1)})
		}
	}
	return texts
}

// rowData is a row as register.js reads it.
type rowData struct {
	Name    string // of the row, as states name it
	First   string
	Found   string // what a search looks at
	Family  int    // the number of the family, where brothers and sisters are on the register
	Journal string // JSON: []journalEntry
	Taken   string // JSON: rowTaken; empty where no departure is noted with a name
}

// rowTaken is with whom a child may leave, and must not.
type rowTaken struct {
	Guardians []string `json:"guardians"`
	Persons   []string `json:"persons"`
	Alone     bool     `json:"alone"`
	Barred    []string `json:"barred"`
	Stop      string   `json:"stop,omitempty"` // says whom it must not leave with
}

// rowData is the row of a child, with whom it may leave where care may be seen.
func (s *Server) rowData(child attendance.Child, care bool) (rowData, error) {
	d := rowData{Name: rowName(child), First: child.FirstName, Found: searched(child.FirstName + " " + child.LastName)}
	journal, err := json.Marshal(shownJournal(child))
	if err != nil {
		return d, err
	}
	d.Journal = string(journal)
	if !care || child.BookingID == 0 || child.Erased() {
		return d, nil
	}
	taken := rowTaken{Guardians: []string{}, Persons: child.Care.PickUp, Alone: child.Care.LeavesAlone, Barred: child.Care.Barred}
	for _, g := range child.Care.Guardians {
		if !child.Care.IsBarred(g.Name) {
			taken.Guardians = append(taken.Guardians, g.Name)
		}
	}
	if len(taken.Barred) > 0 {
		taken.Stop = s.words.T("attendance.flag.barred", taken.Barred)
	}
	text, err := json.Marshal(taken)
	d.Taken = string(text)
	return d, err
}

// searched is a name as a search by first letters reads it: its words, folded, each after a space.
func searched(name string) string {
	return " " + strings.NewReplacer("-", " ", "'", " ").Replace(family.Fold(name))
}

// finds reports whether somebody who typed some first letters looks for this name.
func finds(typed, name string) bool {
	typed = strings.Join(strings.Fields(searched(typed)), " ")
	return typed == "" || strings.Contains(searched(name), " "+typed)
}
