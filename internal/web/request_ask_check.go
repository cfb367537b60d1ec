package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// askCheckPage is screen 4: every answer to read again, what becomes of them, and the button that sends.
type askCheckPage struct {
	AskHead
	Version string
	Answers []Answer
	Trap    string
}

// purposeAgain is what the key of « Refaire une demande » is made for.
const purposeAgain = "request-again"

func getAskCheck(s *Server, c *gin.Context) error {
	v, stop, err := s.askVisitAfter(c, askCheck)
	if err != nil || stop {
		return err
	}
	return s.showAskCheck(c, http.StatusOK, v, nil)
}

// postAskCheck sends the request: the last POST.
func postAskCheck(s *Server, c *gin.Context) error {
	v, stop, err := s.askVisitAfter(c, askCheck)
	if err != nil || stop {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if form.Get(trapField) != "" {
		return s.thankProgram(c)
	}
	key, err := s.checkKey(c, "ask", form)
	if err != nil {
		return err
	}
	draft := v.draft
	if draft.Version, err = strconv.Atoi(form.Get("version")); err != nil {
		return fault.New(fault.Invalid, "web.form_broken")
	}
	if wait := s.limits.sending(v.answers.Email, c.ClientIP(), s.config.Now()); wait > 0 {
		c.Header("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return s.showAskCheck(c, http.StatusTooManyRequests, v, &Notice{
			Tone: ToneWarning, Title: s.words.T("ask.limit.title"), Text: s.words.N("ask.limit.text", int((wait+time.Minute-1)/time.Minute))})
	}
	v.checked.Request.Language = string(s.words.Lang()) // of the messages
	link, err := s.School.Send(c.Request.Context(), account.Guest(), key, draft, v.checked.Request)
	switch {
	case fault.Is(err, fault.Conflict, "ask.draft_changed"):
		return s.showAskCheck(c, http.StatusConflict, v, &Notice{Tone: ToneWarning, Title: s.words.T("ask.draft_changed")})
	case err != nil:
		return err
	}
	return seeOther(c, RequestPath(link)+"?fait=recue")
}

func (s *Server) showAskCheck(c *gin.Context, status int, v askVisit, notice *Notice) error {
	page := &askCheckPage{
		AskHead: s.askHead(c, askCheck, "ask.check.title"), Version: strconv.Itoa(v.draft.Version), Answers: s.askedAnswers(v), Trap: trapField,
	}
	page.Notice = notice
	return s.show(c, status, "ecoles/check", page)
}

// askedAnswers lists every answer with its way back (UX-P7).
func (s *Server) askedAnswers(v askVisit) []Answer {
	p, n := s.words, v.checked.Request
	var list []Answer
	add := func(screen askScreen, field, label, value string) {
		if value == "" {
			value = p.T("ask.check.nothing")
		}
		list = append(list, Answer{Label: p.T(label), Value: value, ChangeHref: screen.path() + "#" + field})
	}
	o := n.Organisation
	organisation := []string{o.Name, o.Address, strings.TrimSpace(o.Postcode + " " + o.City)}
	if o.UAI != "" {
		organisation = append(organisation, p.T("ask.check.uai", o.UAI))
	}
	add(askOrganisation, "kind", "ask.kind.short", p.T("school.kind."+string(o.Kind)))
	add(askOrganisation, v.organisationField(), "ask.check.organisation", strings.Join(organisation, "\n"))
	if o.Sector != "" {
		add(askOrganisation, v.organisationField(), "ask.sector.short", p.T("ask.sector."+o.Sector))
	}

	asked := v.checked.Workshop
	if asked == "" {
		asked = n.Wish
	}
	add(askWorkshop, "workshop", "ask.workshop.short", asked)
	add(askWorkshop, "level", "ask.level", n.Level)
	add(askWorkshop, "children", "ask.children", strconv.Itoa(n.Children))
	add(askWorkshop, "adults", "ask.adults", strconv.Itoa(n.Adults))
	add(askWorkshop, "aim", "ask.aim", n.Aim)
	var dates []string
	for _, d := range n.Wanted {
		dates = append(dates, p.T("ask.check.date", p.Date(d.Day), p.T("ask.half."+d.Half)))
	}
	add(askWorkshop, dateName(0), "ask.dates", strings.Join(dates, "\n"))
	add(askWorkshop, "period", "ask.period.short", n.Period)
	add(askWorkshop, "place", "ask.place.short", p.T("ask.place."+string(n.Place)))
	if n.Place == school.Theirs {
		add(askWorkshop, "room", "ask.room", n.Room)
		add(askWorkshop, "equipment", "ask.equipment", n.Equipment)
		add(askWorkshop, "wifi", "ask.wifi.short", p.T("ask.wifi."+n.Wifi))
	}
	add(askWorkshop, "access", "ask.access", n.Access)

	add(askContact, "contact_name", "ask.contact", n.Contact.Name)
	add(askContact, "role", "ask.role", n.Contact.Role)
	add(askContact, "email", "ask.email", n.Contact.Email)
	add(askContact, "phone", "ask.phone", n.Contact.Phone)
	add(askContact, "funding", "ask.funding.short", s.askedFunding(n.Funding))
	if n.Funding == settings.PassCulture {
		add(askContact, "adage", "ask.adage", n.Adage)
	}
	add(askContact, "message", "ask.message", n.Message)
	return list
}

// organisationField is where the organisation was chosen or typed in.
func (v askVisit) organisationField() string {
	if v.checked.Request.DirectoryID > 0 {
		return "school"
	}
	return "name"
}

// postRequestAgain begins another request with the answers of one that was sent. A page that is too old is shown again,
// with a fresh key.
func postRequestAgain(s *Server, c *gin.Context) error {
	ctx := c.Request.Context()
	n, err := s.School.Again(ctx, requestLink(c))
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v := askVisit{answers: answersOf(n)}
	if err := s.checkAsked(c, &v); err != nil {
		return err
	}
	key, err := s.checkKey(c, purposeAgain, form)
	if err == nil {
		err = s.saveAsked(c, v.answers, func(tokenHash []byte, answers string) error {
			return s.School.BeginDraft(ctx, key, tokenHash, answers)
		})
	}
	if problem, known := fault.As(err); known && strings.HasPrefix(problem.Message.Key, "error.form_") {
		return s.showRequest(c, statuses[problem.Kind], problem)
	}
	if err != nil {
		return err
	}
	return seeOther(c, v.next().path())
}

// answersOf are the answers that a request would have been made from.
func answersOf(n school.NewRequest) askAnswers {
	o := n.Organisation
	a := askAnswers{
		Kind: string(o.Kind), School: byHand, Name: o.Name, Address: o.Address, Postcode: o.Postcode, City: o.City, Sector: o.Sector, UAI: o.UAI,
		Workshop: otherWorkshop, Wish: n.Wish, Aim: n.Aim, Level: n.Level, Children: strconv.Itoa(n.Children), Adults: strconv.Itoa(n.Adults),
		Place: string(n.Place), Room: n.Room, Equipment: n.Equipment, Wifi: n.Wifi, Access: n.Access,
		ContactName: n.Contact.Name, Role: n.Contact.Role, Email: n.Contact.Email, Phone: n.Contact.Phone, Funding: string(n.Funding),
		StartedFrom: n.StartedFrom,
	}
	if n.DirectoryID > 0 {
		a.School = idText(n.DirectoryID)
	}
	if n.WorkshopID > 0 {
		a.Workshop = idText(n.WorkshopID)
	}
	return a
}
