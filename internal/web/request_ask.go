package web

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// groupsPage tells what a group workshop is, and leads to the form.
type groupsPage struct{ Page }

func getGroups(s *Server, c *gin.Context) error {
	page := &groupsPage{s.publicPage(c, s.words.T("ask.groups.title"), s.words.T("ask.groups.what"))}
	page.Section = SectionGroups
	return s.show(c, http.StatusOK, "ecoles/groups", page)
}

func askPages() []Declared {
	return []Declared{
		{Name: "ecoles/groups", Data: &groupsPage{}},
		{Name: "ecoles/organisation", Data: &askOrganisationPage{}},
		{Name: "ecoles/workshop", Data: &askWorkshopPage{}},
		{Name: "ecoles/contact", Data: &askContactPage{}},
		{Name: "ecoles/check", Data: &askCheckPage{}},
		{Name: "ecoles/thanks", Data: &askThanksPage{}},
	}
}

// askAnswers are what has been typed so far, as typed. There is no name of a child among them.
type askAnswers struct {
	Kind                          string
	School                        string // the id of an entry of the directory, or byHand
	Name, Address, Postcode, City string
	Sector, UAI                   string

	Workshop         string // an id, or otherWorkshop
	Wish, Aim, Level string
	Children, Adults string
	Dates            [school.MaxWanted]askDate
	Period           string
	Place            string
	Room, Equipment  string
	Wifi, Access     string

	ContactName, Role, Email, Phone string
	Funding, Adage, Message         string

	// StartedFrom is the request that this one starts from. No form holds it.
	StartedFrom int64
}

type askDate struct{ Day, Half string }

// Answers that are no id.
const (
	byHand        = "hand"
	otherWorkshop = "other"
)

// askScreen is one screen of the form.
type askScreen int

// The screens, in order.
const (
	askOrganisation askScreen = iota
	askWorkshop
	askContact
	askCheck
)

// askScreens hold the path of each screen below /ecoles/demande, and the fields of which it can mend what is wrong.
var askScreens = []struct {
	path   string
	fields []string
}{
	{"", []string{"kind", "school", "name", "address", "postcode", "city", "sector", "uai"}},
	{"/atelier", []string{"workshop", "wish", "aim", "level", "children", "adults", "date_1", "date_1_half", "date_2", "date_2_half",
		"date_3", "date_3_half", "period", "place", "room", "equipment", "wifi", "access"}},
	{"/contact", []string{"contact_name", "role", "email", "phone", "funding", "adage", "message"}},
	{"/verification", nil},
}

const askBase = "/ecoles/demande"

func (a askScreen) path() string { return askBase + askScreens[a].path }

// wrong are the messages for fields of this screen.
func (a askScreen) wrong(all map[string]fault.Message) map[string]fault.Message {
	mine := map[string]fault.Message{}
	for field, m := range all {
		if slices.Contains(askScreens[a].fields, field) {
			mine[field] = m
		}
	}
	return mine
}

// askVisit is one visit of a screen: the answers, and what is to be said of them.
type askVisit struct {
	answers askAnswers
	resumed bool
	draft   school.DraftKey // TokenHash is nil before the first POST
	checked school.Checked
	wrong   map[string]fault.Message
}

// next is the first screen with something left to answer; the check page when none has. So « Modifier » leads back to
// the check page in one step.
func (v askVisit) next() askScreen {
	for screen := askOrganisation; screen < askCheck; screen++ {
		if len(screen.wrong(v.wrong)) > 0 {
			return screen
		}
	}
	return askCheck
}

// askVisit reads the draft of this browser. Where it was sent already, done is the path of its status page, at which
// Back and a second tab end too.
func (s *Server) askVisit(c *gin.Context) (v askVisit, done string, err error) {
	if token, ok := draftToken(c.Request, s.cookies.ask); ok {
		v.draft.TokenHash = hashToken(token)
		draft, err := s.School.Draft(c.Request.Context(), v.draft.TokenHash)
		switch {
		case err == nil && draft.Sent != school.Link{}:
			return v, RequestPath(draft.Sent), nil
		case err == nil:
			v.resumed = json.Unmarshal([]byte(draft.Answers), &v.answers) == nil
			v.draft.Version = draft.Version
		case !fault.Is(err, fault.NotFound, "ask.draft_missing"):
			return v, "", err
		}
	}
	return v, "", s.checkAsked(c, &v)
}

// askLost in the query of screen 1 tells that answers were expected and there are none: they were kept too long ago, or the
// browser takes no cookie. Without a word, somebody whose browser takes none fills in screen 1 for ever.
const askLost = "reprendre"

// askVisitAfter is askVisit for a screen that others come before: with an answer missing there, or sent already, it leads
// there and stops (SEC-23).
func (s *Server) askVisitAfter(c *gin.Context, screen askScreen) (v askVisit, stop bool, err error) {
	v, done, err := s.askVisit(c)
	if err != nil {
		return v, false, err
	}
	if first := v.next(); done == "" && first < screen {
		if done = first.path(); !v.resumed {
			done += "?" + askLost
		}
	}
	if done != "" {
		return v, true, seeOther(c, done)
	}
	return v, false, nil
}

// checkAsked says what is wrong with the answers.
func (s *Server) checkAsked(c *gin.Context, v *askVisit) (err error) {
	n, wrong := v.answers.request()
	if v.checked, err = s.School.Check(c.Request.Context(), n); err != nil {
		return err
	}
	v.wrong = v.checked.Wrong
	maps.Copy(v.wrong, wrong)
	if _, missing := wrong["school"]; missing { // the boxes of an organisation typed in were not asked for
		maps.DeleteFunc(v.wrong, func(field string, _ fault.Message) bool {
			return field != "school" && slices.Contains(askScreens[askOrganisation].fields, field)
		})
	}
	if _, missing := wrong["workshop"]; missing {
		delete(v.wrong, "wish")
	}
	return nil
}

// saveAsked keeps the answers for this browser, by way of save.
func (s *Server) saveAsked(c *gin.Context, a askAnswers, save func(tokenHash []byte, answers string) error) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.keepDraft(c, s.cookies.ask, school.DraftLife, func(tokenHash []byte) error { return save(tokenHash, string(text)) })
}

// goOn keeps the answers of a screen and leads to the next, or shows the screen again with what is wrong.
func (s *Server) goOn(c *gin.Context, v askVisit, screen askScreen, again func(status int, v askVisit, problem *fault.Error) error) error {
	if err := s.checkAsked(c, &v); err != nil {
		return err
	}
	if wrong := screen.wrong(v.wrong); len(wrong) > 0 {
		return again(http.StatusUnprocessableEntity, v, fault.InvalidFields(wrong))
	}
	err := s.saveAsked(c, v.answers, func(tokenHash []byte, answers string) error {
		return s.School.SaveDraft(c.Request.Context(), tokenHash, answers)
	})
	if err != nil {
		return err
	}
	return seeOther(c, v.next().path())
}

type askContactForm struct {
	Name  string `form:"contact_name" validate:"full_name"`
	Email string `form:"email" validate:"mailbox"`
	Phone string `form:"phone" validate:"phone"`
}

// request makes the feature's request of the answers, with a message for each that cannot be read.
func (a askAnswers) request() (school.NewRequest, map[string]fault.Message) {
	wrong := checkForm(askContactForm{a.ContactName, a.Email, a.Phone})
	if wrong == nil {
		wrong = map[string]fault.Message{}
	}
	n := school.NewRequest{
		Organisation: school.Organisation{Kind: school.Kind(a.Kind), Name: a.Name, Address: a.Address, Postcode: a.Postcode, City: a.City, Sector: a.Sector, UAI: a.UAI},
		Contact:      school.Contact{Name: a.ContactName, Role: a.Role, Email: a.Email, Phone: a.Phone},
		Wish:         a.Wish, Aim: a.Aim, Level: a.Level, Children: wholeNumber(a.Children), Period: a.Period, Place: school.Place(a.Place),
		Room: a.Room, Equipment: a.Equipment, Wifi: a.Wifi, Access: a.Access, Funding: settings.Funding(a.Funding), Adage: a.Adage,
		Message: a.Message, StartedFrom: a.StartedFrom,
	}
	if n.Organisation.Kind == school.School && a.School != byHand {
		if n.DirectoryID = int64(wholeNumber(a.School)); n.DirectoryID <= 0 {
			wrong["school"] = fault.Message{Key: "ask.school_missing"}
		}
	}
	if a.Workshop != otherWorkshop {
		if n.WorkshopID = int64(wholeNumber(a.Workshop)); n.WorkshopID <= 0 {
			wrong["workshop"] = fault.Message{Key: "ask.workshop_missing"}
		}
	}
	if strings.TrimSpace(a.Adults) != "" {
		n.Adults = wholeNumber(a.Adults)
	}
	for i, d := range a.Dates {
		if strings.TrimSpace(d.Day) == "" {
			continue
		}
		day, m := school.ParseDay(d.Day)
		if m != nil {
			wrong[dateName(i)] = *m
		}
		n.Wanted = append(n.Wanted, school.WantedDate{Day: day, Half: d.Half})
	}
	return n, wrong
}

// dateName is the name of the box of the i-th wanted date.
func dateName(i int) string { return "date_" + strconv.Itoa(i+1) }

// AskHead is what every screen of the form shows.
type AskHead struct {
	Page
	Key    FormKey
	Steps  Steps
	Action string // where the form is sent
}

// trapField is a box that nobody sees: who fills it is a program (UX-S6).
const trapField = "website"

func (s *Server) askHead(c *gin.Context, screen askScreen, title string) AskHead {
	head := AskHead{
		Page: s.newPage(c, s.words.T(title)), Key: s.newKey(c, "ask"), Action: screen.path(),
		Steps: Steps{Current: int(screen) + 1, Total: len(askScreens)},
	}
	head.Section = SectionGroups
	return head
}

// askThanksPage answers who fell into the trap as if the request had been sent.
type askThanksPage struct{ Page }

func getAskThanks(s *Server, c *gin.Context) error {
	page := &askThanksPage{s.newPage(c, s.words.T("ask.thanks.title"))}
	page.Section = SectionGroups
	return s.show(c, http.StatusOK, "ecoles/thanks", page)
}

// thankProgram forgets what a program typed and thanks it.
func (s *Server) thankProgram(c *gin.Context) error {
	if token, ok := draftToken(c.Request, s.cookies.ask); ok {
		if err := s.School.DropDraft(c.Request.Context(), hashToken(token)); err != nil {
			return err
		}
	}
	return seeOther(c, askBase+"/merci")
}

// askLimits keep the form from being flooded. A whole school may sit behind one address: so requests are counted by
// mailbox first, and only then, more widely, by where they come from (SEC-6).
type askLimits struct {
	byMailbox, byAddress, searches *limiter
}

func newAskLimits() askLimits {
	return askLimits{
		byMailbox: newLimiter(5, time.Hour), byAddress: newLimiter(20, time.Hour),
		searches: newLimiter(300, time.Minute), // a letter typed is a search
	}
}

// sending counts a request about to be sent. It returns 0, or how long to wait.
func (l askLimits) sending(email, ip string, now time.Time) time.Duration {
	if wait := l.byMailbox.wait(account.FoldEmail(email), now); wait > 0 {
		return wait
	}
	return l.byAddress.wait(account.IPBlock(ip), now)
}
