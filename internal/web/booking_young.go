package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// What the buttons say that hand the answers from a guardian to a young person, and back (domain, Family data 7).
const (
	doSelf     = "self"
	doGuardian = "guardian"
)

// mayBeSelf reports whether the one child of the answers may book for themselves today. A guardian who is signed in books for their children.
func (v bookingVisit) mayBeSelf(today time.Time) bool {
	if v.own || len(v.answers.Children) != 1 {
		return false
	}
	child := v.answers.Children[0]
	birth, wrong := family.ParseBirthDate(child.Day, child.Month, child.Year, today)
	return wrong == nil && family.MayBookAlone(birth, today)
}

// self reports whether a young person answers for themselves, and so is asked nothing that only a guardian may say.
func (v bookingVisit) self(today time.Time) bool { return v.answers.Young && v.mayBeSelf(today) }

type youngForm struct {
	Email string `form:"young_email" validate:"mailbox"`
}

// checkYoung returns a message per wrong box of screen 3 of a young person: their own address, and how to reach a guardian. That one may name somebody else for
// emergencies when they answer the rest.
func checkYoung(a answers) map[string]fault.Message {
	a.Contact.Emergency = "me"
	wrong := checkContact(a.Contact)
	for name, m := range checkForm(youngForm{a.YoungEmail}) {
		wrong[name] = m
	}
	if len(wrong) == 0 && account.FoldEmail(a.YoungEmail) == account.FoldEmail(a.Contact.Email) {
		wrong[booking.FieldEmail] = fault.Message{Key: "booking.young_guardian"}
	}
	return wrong
}

// postSelf hands the answers to the young person. Whoever is younger was not asked.
func (s *Server) postSelf(c *gin.Context, v bookingVisit) error {
	today := s.today(v)
	if !v.mayBeSelf(today) {
		return fault.New(fault.Invalid, "booking.young_age", family.YoungAge)
	}
	v.answers.Young = true
	if err := s.saveDraft(c, v); err != nil {
		return err
	}
	return seeOther(c, screenPath(v.session.ID, nextScreen(v, today)))
}

// postYoungContact keeps screen 3 of a young person, or hands the answers back to a guardian.
func (s *Server) postYoungContact(c *gin.Context, v bookingVisit, form url.Values) error {
	v.answers.Contact, v.answers.YoungEmail = readContact(form), form.Get("young_email")
	if form.Get("do") == doGuardian {
		v.answers.Young, v.answers.YoungEmail, v.answers.Contact = false, "", contactAnswers{Language: v.answers.Contact.Language}
	} else if wantsLater(form) {
		return s.saveForLater(c, v)
	} else if wrong := checkYoung(v.answers); len(wrong) > 0 {
		return s.showContact(c, http.StatusUnprocessableEntity, v, fault.InvalidFields(wrong))
	}
	if err := s.saveDraft(c, v); err != nil {
		return err
	}
	return seeOther(c, screenPath(v.session.ID, nextScreen(v, s.today(v))))
}

// youngContact turns screen 3 into that of a young person.
func (s *Server) youngContact(page *bookingContactPage, v bookingVisit) {
	p := s.words
	page.Title = p.T("young.contact.title")
	page.Young = &Field{Name: booking.FieldYoungEmail, Label: p.T("young.email"), Hint: p.T("young.email.hint"), Value: v.answers.YoungEmail, Type: "email",
		Autocomplete: "email", NoSpellcheck: true}
	page.Name.Label, page.Name.Autocomplete = p.T("young.guardian.name"), "off"
	page.Email.Label, page.Email.Hint, page.Email.Autocomplete = p.T("young.guardian.email"), p.T("young.guardian.email.hint"), "off"
	page.Phone.Label, page.Phone.Hint, page.Phone.Autocomplete = p.T("young.guardian.phone"), p.T("young.guardian.phone.hint"), "off"
}

// screenMyself is the one screen of a young person who is signed in: read, and book.
const screenMyself = "/moi"

// bookingMyselfPage asks a young person who is signed in nothing but whether they want the place.
type bookingMyselfPage struct {
	BookingHead
	Answers []Answer
	Full    string // that there is no seat, and the rank that there is instead; empty otherwise
	Unasked *Choices
	Submit  *Button // nil where there is nothing to do: Stop says why
	Stop    string
	Price   string
}

func getMyself(s *Server, c *gin.Context) error {
	return s.showMyself(c, http.StatusOK, url.Values{}, nil)
}

// postMyself takes the place, or one on the list for who saw that there is none.
func postMyself(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "booking", form)
	if err != nil {
		return err
	}
	actor := s.actor(c)
	req := booking.YoungRequest{SessionID: id, Unasked: form.Get(unaskedName) == "yes"}
	if form.Get("if_full") == string(booking.Wait) {
		req.IfFull = booking.Wait
	}
	reference, err := s.Bookings.BookYoung(c.Request.Context(), actor, key, req)
	switch problem, known := fault.As(err); {
	case known && problem.Kind == fault.Conflict:
		return s.showMyself(c, http.StatusConflict, form, problem)
	case err != nil:
		return err
	case reference == booking.Repeated:
		return seeOther(c, youngStart) // which shows their place
	}
	return seeOther(c, bookingPath(booking.OwnLink(actor, reference)))
}

func (s *Server) showMyself(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	m, err := s.Bookings.Myself(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	p := s.words
	v := bookingVisit{session: m.Session, open: m.Open}
	page := &bookingMyselfPage{BookingHead: s.bookingHead(c, v, p.T("young.myself.title"), 0, screenMyself),
		Answers: []Answer{{Label: p.T("young.myself.you"), Value: m.FirstName + " " + m.LastName}, {Label: p.T("young.myself.age"), Value: p.Age(m.Age)}},
		Price:   s.priceWords(1, m.Session, nil)}
	page.Steps = Steps{}
	switch {
	case m.There:
		page.Stop = p.T("young.myself.there")
	case !m.Fits:
		page.Stop = p.T("young.myself.out_of_age", m.Session.MinAge, m.Session.MaxAge)
	case m.Open > 0:
		page.Submit = &Button{Label: p.T("young.myself.button")}
	case m.Session.ListClosed:
		page.Stop = p.T("booking.closed.title")
	default:
		page.Full = p.T("booking.wait.rank", p.Ordinal(m.Session.Waiting+1))
		page.Submit = &Button{Label: p.T("booking.wait.join"), Name: "if_full", Value: string(booking.Wait)}
		if s.config.Now().Before(m.Session.UnaskedUntil()) {
			page.Unasked = s.unaskedBox(m.Session, form.Get(unaskedName) == "yes")
		}
	}
	switch {
	case problem == nil || page.Stop != "":
	case problem.Message.Key == "booking.full":
		page.Notice, page.Full = s.justFullNotice(v), ""
	default:
		page.Notice = &Notice{Tone: ToneWarning, Title: p.Message(problem.Message)}
	}
	return s.show(c, status, "booking/myself", page)
}

// postStopCopies ends the copies to a young person's address, for their guardian (domain, Family data 7).
func postStopCopies(s *Server, c *gin.Context) error {
	return s.bookingChange(c, func(key account.FormKey) error {
		return s.Bookings.StopCopies(c.Request.Context(), s.actor(c), key, bookingLink(c))
	})
}
