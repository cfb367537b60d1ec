package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// childPage is one child of the register: with whom it leaves, the rarer marks, and all that was noted (UX-F4).
type childPage struct {
	Page
	Session ledSession
	Name    string
	State   Badge
	Card    *careCard
	Photos  string // whether it may be photographed, and where pictures may be shown
	// Marks are the rarer marks that the state allows.
	Marks    []childMark
	MarkPath string
	Who      int64
	// Here is true for a child in the room, who can leave.
	Here    bool
	Taken   Choices
	Other   Field
	Reason  Field
	Action  string
	Key     FormKey
	Journal []childEntry
	// Complete is the code to the questions that were left at the door; nil where there are none.
	Complete *completePart
}

// childMark is a button of the page.
type childMark struct {
	Value, Label string
	Key          FormKey
}

// childEntry is a line of the journal.
type childEntry struct {
	Hour, Text, Author string
	Undone             bool
}

func childPath(sessionID, bookingID int64) string {
	return registerPath(sessionID, "/enfants/"+strconv.FormatInt(bookingID, 10))
}

func getChild(s *Server, c *gin.Context) error {
	return s.showChild(c, http.StatusOK, nil, nil)
}

func (s *Server) showChild(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, bookingID, err := childIDs(c)
	if err != nil {
		return err
	}
	one, err := s.Attendance.Child(c.Request.Context(), s.actor(c), id, bookingID)
	if err != nil {
		return err
	}
	p, child := s.words, one.Child
	row := s.registerRow(child)
	page := &childPage{
		Page: s.facilitatePage(c, p.T("attendance.child.title", row.Name)), Session: newLedSession(one.Session, nil), Name: row.Name,
		State: row.State, Card: s.careCard(child), MarkPath: registerPath(id, "/pointages"), Who: bookingID,
		Here: one.MayMark && child.State.Action.Here(), Action: childPath(id, bookingID) + "/depart", Key: s.newKey(c, "mark"),
	}
	page.Photos = p.T("attendance.photo." + string(child.Image))
	if len(child.Care.Media) > 0 && child.Image == attendance.ImageYes {
		var media []string
		for _, m := range child.Care.Media {
			media = append(media, p.T("space.purpose."+string(m)))
		}
		page.Photos = p.T("space.staff.media", page.Photos, p.List(media))
	}
	if one.MayMark {
		for _, m := range rarerMarks[child.State.Action] {
			page.Marks = append(page.Marks, childMark{Value: m, Label: p.T("attendance.act." + m), Key: s.newKey(c, "mark")})
		}
	}
	page.Taken = s.takenChoices(child, form.Get("taken"))
	page.Other = Field{Name: "name", Label: p.T("attendance.depart.name"), Value: form.Get("name"), Conditional: true, People: true, Autocomplete: "off"}
	page.Reason = Field{Name: "reason", Label: p.T("attendance.depart.reason"), Hint: p.T("attendance.depart.reason.hint"), Value: form.Get("reason"),
		Optional: true, Rows: 2}
	if page.Complete, err = s.completeCode(one.Completion); err != nil {
		return err
	}
	for _, entry := range child.Journal {
		page.Journal = append(page.Journal, s.childEntry(entry))
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Taken, &page.Other, &page.Reason)
	}
	return s.show(c, status, "animation/child", page)
}

// rarerMarks are the marks that have no button on the register, by the state of the child.
var rarerMarks = map[attendance.Action][]string{
	attendance.Expected: {"late", "excused"},
	attendance.Present:  {"late"},
	attendance.Absent:   {"late", "excused"},
	attendance.Excused:  {"late"},
}

// childIDs reads whose page it is.
func childIDs(c *gin.Context) (sessionID, bookingID int64, err error) {
	if sessionID, err = pathID(c, "id"); err != nil {
		return 0, 0, err
	}
	bookingID, err = pathID(c, "inscription")
	return sessionID, bookingID, err
}

// Values of the answers: who is on the list is told by name, as the journal keeps it.
const (
	takenAlone    = "seul"
	takenOther    = "autre"
	takenGuardian = "responsable:"
	takenPerson   = "personne:"
)

func (s *Server) takenChoices(child attendance.Child, chosen string) Choices {
	p, care := s.words, child.Care
	list := Choices{Name: "taken", Legend: p.T("attendance.depart.taken", child.FirstName)}
	for _, g := range care.Guardians {
		list.Options = append(list.Options, Option{Value: takenGuardian + g.Name, Label: g.Name, Hint: p.T("attendance.care.guardian")})
	}
	for _, name := range care.PickUp {
		list.Options = append(list.Options, Option{Value: takenPerson + name, Label: name, Hint: p.T("attendance.depart.named")})
	}
	alone := Option{Value: takenAlone, Label: p.T("attendance.depart.alone"), Hint: p.T("attendance.depart.alone.allowed")}
	if !care.LeavesAlone {
		alone.Hint = p.T("attendance.depart.alone.call")
	}
	list.Options = append(list.Options, alone, Option{Value: takenOther, Label: p.T("attendance.depart.other"), Hint: p.T("attendance.depart.other.call"), Reveals: true})
	list.Options = slices.DeleteFunc(list.Options, func(o Option) bool { return care.IsBarred(o.Label) })
	list.Options = choose(list.Options, chosen)
	return list
}

func (s *Server) childEntry(w attendance.Written) childEntry {
	p := s.words
	e := childEntry{Hour: p.Hour(w.At), Author: w.Author, Undone: w.Undone, Text: p.T("attendance.entry." + string(w.Action))}
	if with := s.takenWords(w.Taken); with != "" {
		e.Text += ", " + with
	}
	if w.Taken.Reason != "" {
		e.Text += " (" + w.Taken.Reason + ")"
	}
	return e
}

// takenWords says with whom a child left; empty when nobody said.
func (s *Server) takenWords(t attendance.Taken) string {
	switch {
	case t.By == attendance.NotSaid:
		return ""
	case t.By == attendance.Alone:
		return s.words.T("attendance.left.alone")
	case t.Name == "":
		return s.words.T("attendance.left.erased")
	}
	return s.words.T("attendance.left.with", t.Name)
}

// postDepart notes with whom a child leaves, and leads back to the register.
func postDepart(s *Server, c *gin.Context) error {
	id, bookingID, err := childIDs(c)
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "mark",
		do: func(form url.Values, key account.FormKey) (string, error) {
			taken, wrong := typedTaken(form)
			if wrong != nil {
				return "", fault.InvalidFields(map[string]fault.Message{"name": *wrong})
			}
			return registerPath(id, "#"+registerAnchor(bookingID)), s.Attendance.Mark(c.Request.Context(), s.actor(c), key, attendance.NewMark{
				EntryKey: s.entryKey(key), SessionID: id, BookingID: bookingID, Action: attendance.Left, Taken: taken,
				IfHere: true, // the page may be old: a child leaves once
			})
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showChild(c, status, form, problem)
		},
	})
}

// typedTaken reads with whom the child leaves; the message says what is wrong with a name that was typed.
func typedTaken(form url.Values) (attendance.Taken, *fault.Message) {
	answer := form.Get("taken")
	reason := strings.TrimSpace(form.Get("reason"))
	switch answer {
	case takenAlone:
		return attendance.Taken{By: attendance.Alone, Reason: reason}, nil
	case takenOther:
		name, wrong := family.ParseName(form.Get("name"))
		return attendance.Taken{By: attendance.BySomeOther, Name: name, Reason: reason}, wrong
	}
	if name, ok := strings.CutPrefix(answer, takenGuardian); ok {
		return attendance.Taken{By: attendance.ByGuardian, Name: name, Reason: reason}, nil
	}
	if name, ok := strings.CutPrefix(answer, takenPerson); ok {
		return attendance.Taken{By: attendance.ByPerson, Name: name, Reason: reason}, nil
	}
	return attendance.Taken{}, nil
}
