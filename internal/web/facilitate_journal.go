package web

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Who marks on a tablet may be alone with it: the register's script keeps what was tapped and brings it here (design,
// Offline). What it brings is a form with a list of entries in JSON.

// journalEntry is one entry as register.js keeps it, knows it and sends it.
type journalEntry struct {
	Key    string `json:"key"`
	Who    string `json:"who,omitempty"` // « inscription:12 », as rowName makes it, or « nouveau: » and the key of a walk-in; not within a row
	Action string `json:"action"`
	Undoes string `json:"undoes,omitempty"`
	At     string `json:"at"` // RFC 3339
	By     string `json:"by,omitempty"`
	Name   string `json:"name,omitempty"`
	Reason string `json:"reason,omitempty"` // goes to the server, and does not come back
	// WalkIn is the form of a child who came without being on the register, by the names of its fields (facilitate_walk_in.go).
	WalkIn map[string]string `json:"walk_in,omitempty"`
}

// journalWindow is how long a tablet may keep entries before it brings them.
const journalWindow = 30 * 24 * time.Hour

// journalPurpose keeps the tokens of authors apart from links.
const journalPurpose = "journal"

// journalToken lets a tablet bring entries of actor in a session, whoever is signed in by then (UX-F11). It is made for who may
// mark there, and worth nothing without a sign-in of the team.
func (s *Server) journalToken(actor account.Actor, sessionID int64) string {
	id := strings.Join([]string{idText(actor.ID), idText(sessionID), idText(s.config.Now().Add(journalWindow).Unix())}, ".")
	return id + "." + s.Secret.Sign(journalPurpose, id, 1)
}

// journalAuthor returns whose token it is. One that is made up or of another session is Forbidden; one that is old, or from before the
// database was restored, is Gone.
func (s *Server) journalAuthor(ctx context.Context, token string, sessionID int64) (int64, error) {
	id, signature := token, ""
	if i := strings.LastIndexByte(token, '.'); i >= 0 {
		id, signature = token[:i], token[i+1:]
	}
	parts := strings.Split(id, ".")
	if !s.Secret.Verify(journalPurpose, id, 1, signature) || len(parts) != 3 || parts[1] != idText(sessionID) {
		return 0, fault.New(fault.Forbidden, "attendance.journal.token")
	}
	until, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || s.config.Now().Unix() >= until {
		return 0, fault.New(fault.Gone, "attendance.journal.late")
	}
	since, err := s.Attendance.TabletsSince(ctx)
	if err != nil {
		return 0, err
	}
	if time.Unix(until, 0).Add(-journalWindow).Before(since.Truncate(time.Second)) {
		return 0, fault.New(fault.Gone, "attendance.journal.restored")
	}
	return rowID(parts[0]), nil
}

// postJournal takes what a tablet kept. It asks for no form key: each entry has its own, and the token is of this
// server and this session. Any answer but 200 with JSON leaves the entries where they are.
func postJournal(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	author, err := s.journalAuthor(c.Request.Context(), form.Get("jeton"), id)
	if err != nil {
		return err
	}
	var sent []journalEntry
	if err := json.Unmarshal([]byte(cmp.Or(form.Get("entrees"), "[]")), &sent); err != nil {
		return fault.Wrap(err, fault.Invalid, "web.form_broken")
	}
	upload := attendance.Upload{SessionID: id, AuthorID: author}
	wrong := map[string]*fault.Error{} // what cannot even be asked for, by key
	for _, e := range sent {
		kept, err := s.keptEntry(c, e, id, form.Get("appareil"))
		if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
			wrong[e.Key] = f
			continue
		}
		if err != nil {
			return err
		}
		upload.Entries = append(upload.Entries, kept)
	}
	refused, err := s.Attendance.Upload(c.Request.Context(), s.actor(c), upload)
	if err != nil {
		return err
	}
	for i, kept := range upload.Entries {
		if refused[i] != nil {
			wrong[kept.EntryKey] = refused[i]
		}
	}
	type verdict struct {
		Key     string `json:"key"`
		Refused string `json:"refused,omitempty"` // why, in words
	}
	answer := struct {
		Now     string    `json:"now"`
		Entries []verdict `json:"entries"`
	}{Now: s.stamp(), Entries: []verdict{}}
	for _, e := range sent {
		answer.Entries = append(answer.Entries, verdict{Key: e.Key, Refused: s.refusalWords(wrong[e.Key])})
	}
	return s.showJSON(c, answer)
}

// keptEntry is an entry as attendance takes it. What cannot be read is left out, and refused there; Invalid for a child at the
// door whose data are not right.
func (s *Server) keptEntry(c *gin.Context, e journalEntry, sessionID int64, device string) (attendance.Kept, error) {
	m := attendance.Kept{NewMark: attendance.NewMark{EntryKey: e.Key, Action: attendance.Action(e.Action), Undoes: e.Undoes, Device: device}}
	m.At, _ = time.Parse(time.RFC3339, e.At)
	kind, id, _ := strings.Cut(e.Who, ":")
	switch kind {
	case "inscription":
		m.BookingID = rowID(id)
	case "eleve":
		m.PupilID = rowID(id)
	case "nouveau":
		m.Of = id
	}
	m.Taken = attendance.Taken{By: attendance.TakenBy(e.By), Name: e.Name, Reason: strings.TrimSpace(typedText.Replace(e.Reason))}
	if m.Taken.By == attendance.BySomeOther {
		m.Taken.Name, _ = family.ParseName(e.Name)
	}
	if e.WalkIn == nil {
		return m, nil
	}
	session, err := s.Catalog.Session(c.Request.Context(), sessionID)
	if err != nil {
		return m, err
	}
	form := url.Values{"arrived": {m.At.In(session.StartsAt.Location()).Format(timeOfDay)}}
	for name, value := range e.WalkIn {
		form.Set(name, value)
	}
	w, err := s.typedWalkIn(cleanForm(form), session)
	w.Reason, m.WalkIn = s.words.T("walk_in.reason"), &w
	return m, err
}

// refusalWords says why an entry was refused: what is wrong with it, or else what is wrong with all of it.
func (s *Server) refusalWords(f *fault.Error) string {
	if f == nil {
		return ""
	}
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		return s.words.Message(f.Fields[field])
	}
	if f.Kind == fault.NotFound {
		return s.words.T("attendance.journal.unknown")
	}
	return s.words.Message(f.Message)
}

// rowState is what a register that is open on a tablet learns of one child.
type rowState struct {
	Journal []journalEntry `json:"journal"`
	// Contradiction says what two tablets noted, and how to settle it.
	Contradiction *rowContradiction `json:"contradiction,omitempty"`
}

// rowContradiction is two entries that cannot both be right.
type rowContradiction struct {
	Text string     `json:"text"`
	Keep []keptMark `json:"keep"`
}

// keptMark is a button that settles a contradiction: it keeps one entry and undoes the other.
type keptMark struct {
	Label  string  `json:"label"`
	Undoes string  `json:"undoes"`
	Key    FormKey `json:"-"`
}

// statesRoute is where registers that are open ask every few seconds.
const statesRoute = "/animation/seances/:id/etat.json"

// getStates tells where the children of a session are, so that tablets in one room agree, and the version of what is to be known
// of them. It holds no health, and reading it is not looking at the register. A page from before the database was restored (its instant is
// in the query) is Gone: its rows may be those of other children now.
func getStates(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	since, err := s.Attendance.TabletsSince(c.Request.Context())
	if err != nil {
		return err
	}
	if made, _ := strconv.ParseInt(c.Query("page"), 10, 64); made < since.Unix() { // since is long ago where nothing was restored
		return fault.New(fault.Gone, "attendance.journal.restored")
	}
	children, care, err := s.Attendance.States(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	answer := struct {
		Now  string              `json:"now"`
		Care string              `json:"care"`
		Rows map[string]rowState `json:"rows"`
	}{s.stamp(), care, map[string]rowState{}}
	for _, child := range children {
		answer.Rows[rowName(child)] = rowState{shownJournal(child), s.contradictionWords(child.Contradiction)}
	}
	return s.showJSON(c, answer)
}

// rowName names a child for register.js.
func rowName(child attendance.Child) string {
	if child.PupilID != 0 {
		return "eleve:" + idText(child.PupilID)
	}
	return "inscription:" + idText(child.BookingID)
}

// shownJournal is the journal of a child as register.js folds it.
func shownJournal(child attendance.Child) []journalEntry {
	list := []journalEntry{}
	for _, w := range child.Journal {
		list = append(list, journalEntry{
			Key: w.Key, Action: string(w.Action), Undoes: w.Undoes, At: w.At.UTC().Format(time.RFC3339), By: string(w.Taken.By), Name: w.Taken.Name,
		})
	}
	return list
}

func (s *Server) contradictionWords(x *attendance.Contradiction) *rowContradiction {
	if x == nil {
		return nil
	}
	said := func(w attendance.Written) string {
		return s.stateLabel(attendance.State{Action: w.Action, At: w.At, Arrived: w.At, Taken: w.Taken})
	}
	words := &rowContradiction{Text: s.words.T("attendance.contradiction", said(x.Earlier), x.Earlier.Author, said(x.Later), x.Later.Author)}
	for _, pair := range [][2]attendance.Written{{x.Later, x.Earlier}, {x.Earlier, x.Later}} {
		words.Keep = append(words.Keep, keptMark{Label: s.words.T("attendance.contradiction.keep", said(pair[0])), Undoes: pair[1].Key})
	}
	return words
}

// stamp is the present as scripts read it.
func (s *Server) stamp() string { return s.config.Now().UTC().Format(time.RFC3339Nano) }

// showJSON answers a script of ours.
func (s *Server) showJSON(c *gin.Context, answer any) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return s.sendZipped(c, http.StatusOK, "application/json", body)
}

// siblings are the rows of children whom one guardian booked, where there are several, in the order of the register.
func siblings(children []attendance.Child) [][]attendance.Child {
	var families [][]attendance.Child
	for _, child := range children {
		i := slices.IndexFunc(families, func(f []attendance.Child) bool { return f[0].GuardianID == child.GuardianID })
		switch {
		case child.GuardianID == 0 || child.Erased():
		case i < 0:
			families = append(families, []attendance.Child{child})
		default:
			families[i] = append(families[i], child)
		}
	}
	return slices.DeleteFunc(families, func(f []attendance.Child) bool { return len(f) < 2 })
}
