package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// screenLater is where a parent asks for a link, to finish the booking another day or on another device (UX-P5).
const screenLater = "/plus-tard"

// wantsLater reports whether a screen was sent to go on later.
func wantsLater(form url.Values) bool { return form.Get("do") == "later" }

// saveForLater keeps what was typed, right or wrong, and leads to where the link is asked for.
func (s *Server) saveForLater(c *gin.Context, v bookingVisit) error {
	if err := s.saveDraft(c, v); err != nil {
		return err
	}
	return seeOther(c, s.to(c, screenPath(v.session.ID, screenLater)))
}

// bookingLaterPage asks where the link goes, and then says that it is on its way.
type bookingLaterPage struct {
	Page
	Session bookedSession
	Email   Field
	Sent    bool
	Back    string // the screen where the answers left off
	Action  string
	Key     FormKey
}

func getBookingLater(s *Server, c *gin.Context) error {
	v, stop, err := s.visitKept(c)
	if err != nil || stop {
		return err
	}
	email := v.answers.Contact.Email
	if v.self(s.today(v)) {
		email = v.answers.YoungEmail
	}
	return s.showLater(c, http.StatusOK, v, email, nil, nil)
}

// visitKept is visit for who has answered something; anybody else is sent to the first screen.
func (s *Server) visitKept(c *gin.Context) (v bookingVisit, stop bool, err error) {
	v, done, err := s.visit(c)
	switch {
	case err != nil:
		return v, true, err
	case done != "":
		return v, true, seeOther(c, done)
	case v.own:
		return v, true, seeOther(c, screenPath(v.session.ID, screenOwn)) // two screens, and nothing to type
	case v.key.Version == 0:
		return v, true, seeOther(c, s.to(c, screenPath(v.session.ID, screenChildren)))
	}
	return v, false, nil
}

func (s *Server) showLater(c *gin.Context, status int, v bookingVisit, email string, notice *Notice, problem *fault.Error) error {
	p, sent := s.printer(c), c.Query("envoye") != "" && status == http.StatusOK
	title := p.T("rebook.later")
	if sent {
		title = p.T("rebook.later.sent")
	}
	page := &bookingLaterPage{
		Page: s.newPage(c, title), Session: newBookedSession(v.session), Sent: sent,
		Email: Field{Name: "email", Label: p.T("booking.email"), Value: email, Type: "email", Autocomplete: "email", NoSpellcheck: true},
		Back:  s.to(c, screenPath(v.session.ID, nextScreen(v, s.today(v)))), Action: s.to(c, screenPath(v.session.ID, screenLater)),
		Key: s.newKey(c, "booking"),
	}
	page.Section, page.Notice = SectionSessions, notice
	if problem != nil {
		explain(p, &page.Page, problem, &page.Email)
	}
	return s.show(c, status, "booking/later", page)
}

// postBookingLater keeps the answers for a week and mails the link.
func postBookingLater(s *Server, c *gin.Context) error {
	v, stop, err := s.visitKept(c)
	if err != nil || stop {
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
	typed := strings.TrimSpace(form.Get("email"))
	email, wrong := family.ParseEmail(typed)
	if wrong != nil {
		return s.showLater(c, http.StatusUnprocessableEntity, v, typed, nil, fault.InvalidFields(map[string]fault.Message{"email": *wrong}))
	}
	p := s.printer(c)
	if wait := s.saving.sending(email, c.ClientIP(), s.config.Now()); wait > 0 {
		return s.showLater(c, http.StatusTooManyRequests, v, typed, &Notice{Tone: ToneWarning,
			Title: p.T("rebook.later.wait", int(wait/time.Minute)+1), Text: p.T("rebook.later.kept")}, nil)
	}
	// Else the addresses are what the screen of contacts was answered with. That of a young person is not their guardian's.
	switch {
	case v.self(s.today(v)):
		if len(checkYoung(v.answers)) > 0 {
			v.answers.YoungEmail = typed
		}
	case len(checkContact(v.answers.Contact)) > 0:
		v.answers.Contact.Email = typed
	}
	// Who mistyped an address gave the link to a stranger: the copy that it opens goes, and another one has another link.
	instead, of := "", s.Secret.Digest("saved-draft", account.FoldEmail(email))
	if !bytes.Equal(v.answers.SavedFor, of) {
		instead, v.answers.Saved, v.answers.SavedFor = v.answers.Saved, booking.NewSavedID(), of
	}
	text, err := json.Marshal(v.answers)
	if err != nil {
		return err
	}
	err = s.keepDraft(c, s.cookies.draft, booking.DraftLife, func(tokenHash []byte) error {
		return s.Bookings.MailDraft(c.Request.Context(), key, tokenHash, v.session.ID, string(text), v.answers.Saved, instead, email, string(langOf(c.Request.URL.Path)))
	})
	if err != nil {
		return err
	}
	return seeOther(c, s.to(c, screenPath(v.session.ID, screenLater))+"?envoye=1")
}

// bookingResumePage brings unfinished answers back to whichever browser opens the mailed link. Opening it does nothing:
// scanners of mails do that too.
type bookingResumePage struct {
	Page
	Session bookedSession
	Until   time.Time
	Booked  bool // the answers led to a booking
	Action  string
	Key     FormKey
}

func draftLink(c *gin.Context) booking.Link {
	return booking.Link{Reference: c.Param("brouillon"), Signature: c.Param("signature")}
}

func getBookingResume(s *Server, c *gin.Context) error {
	d, err := s.Bookings.SavedDraft(c.Request.Context(), draftLink(c))
	if err != nil {
		return err
	}
	title := "rebook.resume.title"
	if d.Booked {
		title = "rebook.resume.booked"
	}
	page := &bookingResumePage{
		Page: s.newPage(c, s.printer(c).T(title)), Session: newBookedSession(d.Session), Until: d.Until, Booked: d.Booked,
		Action: s.to(c, DraftPath(draftLink(c))), Key: s.newKey(c, "resume"),
	}
	page.Section = SectionSessions
	return s.show(c, http.StatusOK, "booking/resume", page)
}

// postBookingResume copies the answers to this browser, and goes on where they left off.
func postBookingResume(s *Server, c *gin.Context) error {
	d, err := s.Bookings.SavedDraft(c.Request.Context(), draftLink(c))
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if _, err := s.checkKey(c, "resume", form); err != nil {
		return err
	}
	if d.Booked {
		return seeOther(c, s.to(c, DraftPath(draftLink(c))))
	}
	v := bookingVisit{session: d.Session}
	if err := json.Unmarshal([]byte(d.Answers), &v.answers); err != nil {
		return err
	}
	// Only who was signed in has answers about children with an id.
	v.own = s.actor(c).Kind == account.KindGuardian && slices.ContainsFunc(v.answers.Children, func(a childAnswers) bool { return a.ID != 0 })
	if err := s.saveDraft(c, v); err != nil {
		return err
	}
	return seeOther(c, s.to(c, screenPath(d.Session.ID, nextScreen(v, s.today(v)))))
}
