package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

const (
	routeStatusClass = "/demandes/:reference/:signature/classe/:session"
	routeLedClass    = "/animation/seances/:id/classe"

	// classCap is how many bytes a class list may come to, with its file.
	classCap = 1 << 20
	// classFile, classText and className are the fields: a file, a text, and the first name of a pupil by id.
	classFile = "fichier"
	classText = "prenoms"
	className = "prenom_"
	// classRemove is the button that takes the list away. classAdds is in the form that corrects and adds: one that was
	// opened to replace the list must not add it a second time.
	classRemove = "retirer"
	classAdds   = "ajout"
)

// firstNames say which column of a class list is read. Schools export « Prénom » beside last names and birth dates, which
// nobody here wants to know.
var firstNames = table.ListRules{
	Column: "prénom",
	Names:  []string{"prenom", "prenoms", "prenomeleve", "prenomdeleleve", "prenomdelenfant", "prenomusuel", "prenomdusage", "eleve", "eleves", "firstname"},
}

// classPage is the class list of a private session, for the teacher and for the team.
type classPage struct {
	Page
	Session ledSession
	Back    Link
	Action  string
	Key     FormKey
	// Open is true while the list can be written, Marked once it is corrected and added to instead of replaced.
	Open, Marked, Erased bool
	Pupils               []Field  // one per pupil, to correct
	Names                []string // to read, where the list is closed
	Count                int
	Text, File           Field
	Problems             []string // of the text or the file, line by line
	Kept                 string   // how long the names are kept
}

// classPlace is where a class list is worked on: who does, and the paths.
type classPlace struct {
	who     attendance.ClassWriter
	session int64
	action  string
	back    Link
	section Section
	title   string
}

// ledClass is the class list in the register of who leads the session.
func ledClass(s *Server, c *gin.Context) (classPlace, error) {
	id, err := pathID(c, "id")
	return classPlace{
		who: attendance.ForTeam(s.actor(c)), session: id, action: registerPath(id, "/classe"),
		back: Link{Href: registerPath(id, ""), Label: s.words.T("attendance.back.register")}, section: SectionFacilitate,
		title: s.words.T("class.led.title"),
	}, err
}

// statusClass is the class list for the contact of a request, whose link opens it.
func statusClass(s *Server, c *gin.Context) (classPlace, error) {
	id, err := pathID(c, "session")
	if err != nil {
		return classPlace{}, err
	}
	r, err := s.School.Status(c.Request.Context(), requestLink(c))
	if err != nil {
		return classPlace{}, err
	}
	base := RequestPath(requestLink(c))
	return classPlace{
		who: attendance.ForContact(r.ID), session: id, action: base + "/classe/" + idText(id),
		back: Link{Href: base, Label: s.words.T("class.back.request")}, section: SectionGroups,
		title: s.words.T("class.title"),
	}, nil
}

func getLedClass(s *Server, c *gin.Context) error     { return s.openClass(c, ledClass) }
func postLedClass(s *Server, c *gin.Context) error    { return s.sendClass(c, ledClass) }
func getStatusClass(s *Server, c *gin.Context) error  { return s.openClass(c, statusClass) }
func postStatusClass(s *Server, c *gin.Context) error { return s.sendClass(c, statusClass) }

func (s *Server) openClass(c *gin.Context, find func(*Server, *gin.Context) (classPlace, error)) error {
	place, err := find(s, c)
	if err != nil {
		return err
	}
	return s.showClass(c, place, http.StatusOK, nil, nil, nil)
}

// showClass shows the list; form is what was typed, problem and problems what is wrong with it.
func (s *Server) showClass(c *gin.Context, place classPlace, status int, form url.Values, problem *fault.Error, problems []table.Problem) error {
	list, err := s.Attendance.Class(c.Request.Context(), place.who, place.session)
	if err != nil {
		return err
	}
	p := s.words
	page := &classPage{
		Page: s.newPage(c, place.title), Session: newLedSession(list.Session, nil), Back: place.back, Action: place.action, Key: s.newKey(c, "class"),
		Open: list.Open, Marked: list.Marked, Erased: list.Erased, Count: len(list.Pupils),
		Text: Field{Name: classText, Label: p.T("class.text"), Hint: p.N("class.text.hint", list.Limit), Rows: 12, Autocomplete: "off", Optional: true},
		File: Field{Name: classFile, Label: p.T("class.file"), Hint: p.T("class.file.hint"), Type: "file", Optional: true},
		Kept: p.N("class.kept", list.KeptDays),
	}
	page.Section = place.section
	if list.Marked {
		page.Text.Label, page.Text.Hint, page.Text.Rows = p.T("class.more"), p.T("class.more.hint"), 4
	}
	var names []string
	for _, pupil := range list.Pupils {
		names = append(names, pupil.FirstName)
		field := Field{Name: className + idText(pupil.ID), Label: p.T("class.pupil", pupil.Position), Autocomplete: "off", MaxLength: 100, People: true, Width: WidthMedium}
		field.Value = typedOr(form, field.Name, pupil.FirstName)
		page.Pupils = append(page.Pupils, field)
	}
	switch {
	case form.Has(classText):
		page.Text.Value = form.Get(classText)
	case !list.Marked:
		page.Text.Value = strings.Join(names, "\n")
	}
	if !list.Open && !list.Erased {
		page.Names = names
	}
	for _, wrong := range problems {
		page.Problems = append(page.Problems, p.Message(wrong.Message()))
	}
	switch {
	case problem != nil:
		controls := []control{&page.Text, &page.File}
		for i := range page.Pupils {
			controls = append(controls, &page.Pupils[i])
		}
		explain(p, &page.Page, problem, controls...)
	case c.Query("fait") == "liste":
		page.Notice = &Notice{Tone: ToneDone, Title: p.N("class.done", len(list.Pupils))}
		if left, err := strconv.Atoi(c.Query("colonnes")); err == nil && left > 0 {
			page.Notice.Text = p.N("class.unread", left)
		}
	}
	return s.show(c, status, "demandes/class", page)
}

// sendClass takes a list: from the file if there is one, else as it was typed.
func (s *Server) sendClass(c *gin.Context, find func(*Server, *gin.Context) (classPlace, error)) error {
	place, err := find(s, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	list, err := s.Attendance.Class(ctx, place.who, place.session)
	if err != nil {
		return err
	}
	form, file, err := readUpload(c, classFile)
	if err != nil {
		return err
	}
	again := func(err error, problems []table.Problem) error {
		problem, ok := fault.As(err)
		if !ok || problem.Kind == fault.NotFound || problem.Kind == fault.Unavailable {
			return err
		}
		return s.showClass(c, place, statuses[problem.Kind], form, problem, problems)
	}
	key, err := s.checkKey(c, "class", form)
	if err != nil {
		return again(err, nil)
	}
	done := place.action + "?fait=liste"
	if form.Has(classRemove) {
		if err := s.Attendance.WriteClass(ctx, place.who, key, place.session, nil); err != nil {
			return again(err, nil)
		}
		return seeOther(c, done)
	}
	if list.Marked && !form.Has(classAdds) {
		return again(fault.New(fault.Conflict, "class.error.marked"), nil)
	}
	field, source := classText, []byte(form.Get(classText))
	if len(file.Content) > 0 {
		field, source = classFile, file.Content
	}
	names, left, problems := readClass(list, field, source)
	if len(problems) > 0 {
		wrong := fault.Message{Key: "class.error.list", Args: []any{len(problems)}}
		if strings.TrimSpace(string(source)) == "" {
			wrong, problems = fault.Message{Key: "class.error.empty"}, nil
		}
		return again(fault.InvalidFields(map[string]fault.Message{field: wrong}), problems)
	}
	if err := s.writeClass(c, place, key, list, form, names); err != nil {
		return again(err, nil)
	}
	if left > 0 {
		done += "&colonnes=" + strconv.Itoa(left)
	}
	return seeOther(c, done)
}

// readClass reads first names out of a source, and how many columns were left aside. Once pupils are marked an empty text
// adds nobody.
func readClass(list attendance.Class, field string, source []byte) (names []string, left int, problems []table.Problem) {
	rules := firstNames
	rules.Max = list.Limit
	if list.Marked {
		rules.Max -= len(list.Pupils)
		if field == classText && strings.TrimSpace(string(source)) == "" {
			return nil, 0, nil
		}
	}
	rules.Check = func(text string) *fault.Message {
		if _, ok := attendance.ParseFirstName(text); !ok {
			return &fault.Message{Key: "class.want_name"}
		}
		return nil
	}
	read, problems := table.ReadList(source, rules)
	for _, v := range read.Values {
		names = append(names, v.Text)
	}
	return names, len(read.Unread), problems
}

// writeClass replaces the list, or corrects it and adds to it where pupils are marked.
func (s *Server) writeClass(c *gin.Context, place classPlace, key account.FormKey, list attendance.Class, form url.Values, names []string) error {
	ctx := c.Request.Context()
	if !list.Marked {
		return s.Attendance.WriteClass(ctx, place.who, key, place.session, names)
	}
	corrected, wrong := map[int64]string{}, map[string]fault.Message{}
	for _, pupil := range list.Pupils {
		field := className + idText(pupil.ID)
		if !form.Has(field) || form.Get(field) == pupil.FirstName {
			continue
		}
		name, ok := attendance.ParseFirstName(form.Get(field))
		if !ok {
			wrong[field] = fault.Message{Key: "class.error.first_name"}
		}
		corrected[pupil.ID] = name
	}
	if len(wrong) > 0 {
		return fault.InvalidFields(wrong)
	}
	return s.Attendance.AmendClass(ctx, place.who, key, place.session, corrected, names)
}

// classSession is one session of the section « La classe » of a request.
type classSession struct {
	Name, What string
	Href       string // of its class list; empty where there is nothing to do
	Count      string // who came; empty before
}

// classSessions are the sessions of a request that take place, with the state of their lists; base is the path before
// the id of each.
func (s *Server) classSessions(c *gin.Context, requestID int64, href func(sessionID int64) string) ([]classSession, error) {
	sessions, err := s.Attendance.OfRequest(c.Request.Context(), requestID)
	if err != nil {
		return nil, err
	}
	p := s.words
	var list []classSession
	for _, session := range sessions {
		if session.Status == catalog.Cancelled {
			continue
		}
		line := classSession{Name: p.DateHour(session.StartsAt), Href: href(session.ID)}
		switch {
		case session.Erased:
			line.What = p.T("class.state.erased")
		case session.Pupils > 0:
			line.What = p.N("class.state.list", session.Pupils)
		default:
			line.What = p.T("class.state.none")
		}
		switch {
		case session.Counted > 0:
			line.Count = p.N("class.state.came", session.Counted)
		case session.Came > 0:
			line.Count = p.N("class.state.came", session.Came)
		}
		list = append(list, line)
	}
	return list, nil
}
