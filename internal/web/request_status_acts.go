package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/calendar"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// requestWithdrawPage asks before an organisation gives its request up.
type requestWithdrawPage struct {
	Page
	Organisation, Asked string
	Reason              Field
	Action, Back        string
	Key                 FormKey
}

// requestFeedbackPage asks the two questions after the workshops.
type requestFeedbackPage struct {
	Page
	Organisation, Asked string
	Rating              Choices
	Comment             Field
	Action, Back        string
	Key                 FormKey
}

// statusForm is a form of the contact that came back.
type statusForm struct {
	purpose string
	done    string // what the status page then tells, as its query names it
	do      func(form url.Values, key account.FormKey) error
	again   func(status int, form url.Values, problem *fault.Error) error
}

// submitStatus does what the contact asks for and goes back to the status page. A form that was wrong or old is shown again;
// what cannot be done any more shows the status page, which says how things stand.
func (s *Server) submitStatus(c *gin.Context, f statusForm) error {
	link := requestLink(c)
	if _, err := s.School.Status(c.Request.Context(), link); err != nil {
		return err // a foreign link is a missing page before anything else is looked at
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, f.purpose, form)
	if err == nil {
		err = f.do(form, key)
	}
	problem, known := fault.As(err)
	switch {
	case err == nil:
		return seeOther(c, RequestPath(link)+"?fait="+f.done)
	case !known:
		return err
	case problem.Kind == fault.Invalid, problem.Message.Key == "error.form_expired":
		return f.again(statuses[problem.Kind], form, problem)
	case problem.Kind == fault.Conflict:
		return s.showRequest(c, http.StatusConflict, problem)
	}
	return err
}

func getRequestWithdraw(s *Server, c *gin.Context) error {
	return s.showRequestWithdraw(c, http.StatusOK, nil, nil)
}

func (s *Server) showRequestWithdraw(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	r, err := s.School.Status(c.Request.Context(), requestLink(c))
	if err != nil {
		return err
	}
	if !r.State.MayBecome(school.Withdrawn) {
		return s.showRequest(c, http.StatusConflict, fault.New(fault.Conflict, "school.too_late"))
	}
	if r.Begun {
		return s.showRequest(c, http.StatusConflict, fault.New(fault.Conflict, "school.has_begun"))
	}
	p, back := s.words, RequestPath(requestLink(c))
	page := &requestWithdrawPage{
		Page: s.newPage(c, p.T("school.withdraw.title")), Organisation: r.Organisation.Name, Asked: r.Asked(),
		Reason: Field{Name: "reason", Label: p.T("school.withdraw.reason"), Rows: 3, MaxLength: school.MaxText, Optional: true, Value: form.Get("reason")},
		Action: back + "/retirer", Back: back, Key: s.newKey(c, "request-withdraw"),
	}
	page.Section = SectionGroups
	if problem != nil {
		explain(p, &page.Page, problem, &page.Reason)
	}
	return s.show(c, status, "demandes/withdraw", page)
}

func postRequestWithdraw(s *Server, c *gin.Context) error {
	return s.submitStatus(c, statusForm{
		purpose: "request-withdraw", done: "retiree",
		do: func(form url.Values, key account.FormKey) error {
			return s.School.Withdraw(c.Request.Context(), key, requestLink(c), form.Get("reason"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showRequestWithdraw(c, status, form, problem)
		},
	})
}

// ratingKey is the name of an answer to how it went.
func ratingKey(rating int) string { return "school.rating." + strconv.Itoa(rating) }

func getRequestFeedback(s *Server, c *gin.Context) error {
	return s.showRequestFeedback(c, http.StatusOK, nil, nil)
}

func (s *Server) showRequestFeedback(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	r, err := s.School.Status(c.Request.Context(), requestLink(c))
	switch {
	case err != nil:
		return err
	case !r.State.TakesFeedback():
		return s.showRequest(c, http.StatusConflict, fault.New(fault.Conflict, "school.feedback_early"))
	case !r.Feedback.At.IsZero():
		return s.showRequest(c, http.StatusConflict, fault.New(fault.Conflict, "school.feedback_given"))
	}
	p, back := s.words, RequestPath(requestLink(c))
	var ratings []Option
	for _, rating := range school.Ratings() {
		ratings = append(ratings, Option{Value: strconv.Itoa(rating), Label: p.T(ratingKey(rating))})
	}
	page := &requestFeedbackPage{
		Page: s.newPage(c, p.T("school.feedback.title")), Organisation: r.Organisation.Name, Asked: r.Asked(),
		Rating:  Choices{Name: "rating", Legend: p.T("school.feedback.rating"), Options: choose(ratings, form.Get("rating"))},
		Comment: Field{Name: "comment", Label: p.T("school.feedback.comment"), Hint: p.T("school.feedback.comment.hint"), Rows: 5, MaxLength: school.MaxText, Optional: true, Value: form.Get("comment")},
		Action:  back + "/avis", Back: back, Key: s.newKey(c, "request-feedback"),
	}
	page.Section = SectionGroups
	if problem != nil {
		explain(p, &page.Page, problem, &page.Rating, &page.Comment)
	}
	return s.show(c, status, "demandes/feedback", page)
}

func postRequestFeedback(s *Server, c *gin.Context) error {
	return s.submitStatus(c, statusForm{
		purpose: "request-feedback", done: "avis",
		do: func(form url.Values, key account.FormKey) error {
			return s.School.GiveFeedback(c.Request.Context(), key, requestLink(c), wholeNumber(form.Get("rating")), form.Get("comment"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showRequestFeedback(c, status, form, problem)
		},
	})
}

// getRequestCalendar gives the dates that are fixed as one file for a calendar. Without any it is a missing page.
func getRequestCalendar(s *Server, c *gin.Context) error {
	r, err := s.School.Status(c.Request.Context(), requestLink(c))
	if err != nil {
		return err
	}
	if len(r.Sessions) == 0 {
		return fault.New(fault.NotFound, "error.not_found")
	}
	var events []calendar.Event
	for _, v := range r.Sessions {
		event := s.publicEvent(v)
		// No link to the page: it opens the request, and calendars are shared.
		event.UID = fmt.Sprintf("demande-%s-%d@%s", r.Reference, v.ID, s.config.BaseURL.Hostname())
		event.URL, event.Description = "", s.words.T("school.calendar.about", r.Organisation.Name, r.Reference)
		events = append(events, event)
	}
	var body bytes.Buffer
	if err := calendar.Publish(&body, s.words.T("ui.site"), events); err != nil {
		return err
	}
	return sendFile(c, "atelier.ics", calendarType, body.Bytes())
}
