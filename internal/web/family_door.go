package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// SignInPath is the page by which the link of a mail signs in.
func SignInPath(token string) string { return "/compte/entrer/" + token }

// familyDoorPage asks for the address to which a link is mailed.
type familyDoorPage struct {
	Page
	Key    FormKey
	Email  Field
	Action string
	Next   string
}

// linkSentPage is the answer to every address.
type linkSentPage struct {
	Page
	Email string // empty where it need not be shown
	Again string
}

// enterPage is where the link of a mail leads: nothing happens before the button.
type enterPage struct {
	Page
	Key    FormKey
	Email  string
	Shared Choices
}

// linkOverPage says why a link opens nothing any more, and offers another one.
type linkOverPage struct {
	Page
	Key   FormKey
	What  string
	Again string // where a new link for the same mailbox is asked for; empty where it is not known
	Door  string
	Ask   string // the words that lead to the door where there is no Again
}

func getFamilyDoor(s *Server, c *gin.Context) error {
	next := safeFamilyNext(c.Query("suite"))
	if s.actor(c).Kind == account.KindYoung {
		return seeOther(c, youngStart)
	}
	if s.actor(c).Kind == account.KindGuardian {
		if next == "" {
			next = s.to(c, familyStart)
			if done := c.Query("fait"); slices.Contains(doneNotices, done) {
				next += "?fait=" + done
			}
		}
		return seeOther(c, next)
	}
	return s.showFamilyDoor(c, http.StatusOK, "", next, nil)
}

func (s *Server) showFamilyDoor(c *gin.Context, status int, email, next string, problem *fault.Error) error {
	p := s.printer(c)
	page := &familyDoorPage{
		Page: s.familyPage(c, p.T("space.door.title")), Key: s.newKey(c, "family-link"), Next: next, Action: s.to(c, familyDoor),
		Email: Field{Name: "email", Label: p.T("space.door.email"), Value: email, Type: "email", Autocomplete: "email", NoSpellcheck: true},
	}
	page.Notice = s.doneNotice(c)
	if problem != nil {
		explain(p, &page.Page, problem, &page.Email)
	}
	return s.show(c, status, "family/door", page)
}

// postFamilyDoor mails a link. Known and unknown addresses get the same answer (SEC-7).
func postFamilyDoor(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	next := safeFamilyNext(form.Get("suite"))
	key, err := s.checkKey(c, "family-link", form)
	if err != nil {
		// A door left open for a day, or a cookie that changed meanwhile: a new key is all it takes.
		f, _ := fault.As(err)
		return s.showFamilyDoor(c, http.StatusUnprocessableEntity, form.Get("email"), next, f)
	}
	email, wrong := family.ParseEmail(form.Get("email"))
	if wrong != nil {
		return s.showFamilyDoor(c, http.StatusUnprocessableEntity, form.Get("email"), next, fault.InvalidFields(map[string]fault.Message{"email": *wrong}))
	}
	err = s.FamilyDoor.Ask(c.Request.Context(), key, account.LinkRequest{
		Email: email, Language: string(s.printer(c).Lang()), Next: next, IP: c.ClientIP(),
	})
	if f, throttled := s.throttled(c, err); throttled {
		return s.showFamilyDoor(c, http.StatusTooManyRequests, email, next, f)
	}
	if err != nil {
		return err
	}
	return s.showLinkSent(c, email)
}

// throttled tells a refusal that passes with time, and says when in the header.
func (s *Server) throttled(c *gin.Context, err error) (*fault.Error, bool) {
	after, throttled := account.RetryAfter(err)
	if !throttled {
		return nil, false
	}
	c.Header("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
	f, _ := fault.As(err)
	return f, true
}

func (s *Server) showLinkSent(c *gin.Context, email string) error {
	s.Outbox.Notify()
	return s.show(c, http.StatusOK, "family/sent", &linkSentPage{
		Page: s.familyPage(c, s.printer(c).T("space.sent.title")), Email: email, Again: s.to(c, familyDoor),
	})
}

// getEnter shows to whom the link was mailed. Opening it, by a person or a scanner of mails, uses nothing up (SEC-8).
func getEnter(s *Server, c *gin.Context) error { return s.showEnter(c, http.StatusOK) }

func (s *Server) showEnter(c *gin.Context, status int) error {
	link, err := s.FamilyDoor.Look(c.Request.Context(), c.Param("link"))
	if err != nil {
		return s.showLinkOver(c, err)
	}
	p := s.printer(c)
	return s.show(c, status, "family/enter", &enterPage{
		Page: s.familyPage(c, p.T("space.enter.title")), Key: s.newKey(c, "family-enter"), Email: link.Email,
		Shared: sharedDevice(p),
	})
}

// sharedDevice asks, wherever somebody signs in, whether others use the device too (domain, Family data 8).
func sharedDevice(p *words.Printer) Choices {
	return Choices{Name: "shared", Legend: p.T("space.enter.shared"), Optional: true, Many: true,
		Options: []Option{{Value: "oui", Label: p.T("space.enter.shared.yes"), Hint: p.T("space.enter.shared.hint")}}}
}

// showLinkOver says what became of a link, and offers the next step.
func (s *Server) showLinkOver(c *gin.Context, err error) error {
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Gone && f.Message.Key != "account.link_unknown" {
		return err
	}
	p := s.printer(c)
	page := &linkOverPage{
		Page: s.familyPage(c, p.T("space.over.title")), Key: s.newKey(c, "family-again"), What: p.Message(f.Message), Door: s.to(c, familyDoor), Ask: p.T("space.over.ask"),
	}
	if f.Kind == fault.Gone {
		page.Again = s.to(c, SignInPath(c.Param("link")+"/nouveau"))
	}
	return s.show(c, statuses[f.Kind], "family/over", page)
}

// postLinkAgain mails a new link to the mailbox of one that is over, which the page need not show.
func postLinkAgain(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "family-again", form)
	if err != nil {
		return err
	}
	err = s.FamilyDoor.AskAgain(c.Request.Context(), key, c.Param("link"), string(s.printer(c).Lang()), c.ClientIP())
	if f, throttled := s.throttled(c, err); throttled {
		return s.showFamilyDoor(c, http.StatusTooManyRequests, "", "", f)
	}
	if err != nil {
		return s.showLinkOver(c, err)
	}
	return s.showLinkSent(c, "")
}

// postEnter signs the guardian in under a new cookie (SEC-2), which proves the mailbox.
func postEnter(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "family-enter", form)
	if fault.Is(err, fault.Forbidden, "error.form_key") {
		return s.showEnter(c, http.StatusUnprocessableEntity) // somebody signed in or out meanwhile: the button once more
	}
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	entered, err := s.Bookings.SignIn(ctx, key, c.Param("link"))
	if err != nil {
		return s.showLinkOver(c, err)
	}
	if err := s.FamilySignIns.Start(ctx, entered.Who, entered.Epoch, form.Get("shared") != ""); err != nil {
		return err
	}
	if err := s.FamilySignIns.Save(ctx, c.Writer); err != nil {
		return err
	}
	s.setFamilySeen(c)
	next := entered.Next
	switch {
	case entered.Who.Kind == account.KindYoung:
		next = s.to(c, youngStart)
	case entered.Ask && next != "":
		next = s.to(c, "/compte/reconnaitre") + "?" + url.Values{"suite": {next}}.Encode()
	case entered.Ask:
		next = s.to(c, "/compte/reconnaitre")
	case next == "":
		next = s.to(c, familyStart)
	}
	return seeOther(c, next)
}

// postFamilySignOut ends the sign-in on the server, so that a copy of its cookie is dead too (SEC-2). As postSignOut it asks for no form key.
func postFamilySignOut(s *Server, c *gin.Context) error {
	return s.leaveFamily(c)
}

// leaveFamily leaves nothing in this browser that the next person at it could go on with.
func (s *Server) leaveFamily(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := s.FamilySignIns.End(ctx); err != nil {
		return err
	}
	if err := s.FamilySignIns.Save(ctx, c.Writer); err != nil {
		return err
	}
	s.setFamilySeen(c)
	if err := s.dropDrafts(c); err != nil {
		return err
	}
	return seeOther(c, s.to(c, familyDoor))
}

// postSignOutEverywhere ends the sign-ins of all browsers, this one included.
func postSignOutEverywhere(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if _, err := s.checkKey(c, "family-leave", form); err != nil {
		return err
	}
	if err := s.Bookings.SignOutEverywhere(c.Request.Context(), s.actor(c)); err != nil {
		return err
	}
	return s.leaveFamily(c)
}

func familyPages() []Declared {
	return []Declared{
		{Name: "family/door", Data: &familyDoorPage{}},
		{Name: "family/sent", Data: &linkSentPage{}},
		{Name: "family/enter", Data: &enterPage{}},
		{Name: "family/over", Data: &linkOverPage{}},
		{Name: "family/strangers", Data: &strangersPage{}},
		{Name: "family/disown", Data: &disownPage{}},
		{Name: "family/space", Data: &spacePage{}},
		{Name: "family/money", Data: &ownMoneyPage{}},
		{Name: "family/receipt", Data: &ownReceiptPage{}},
		{Name: "family/edit", Data: &editPage{}},
		{Name: "family/renew", Data: &renewPage{}},
		{Name: "family/mailed", Data: &mailedPage{}},
		{Name: "family/child", Data: &familyChildPage{}},
		{Name: "family/young", Data: &youngPage{}},
		{Name: "family/guardians", Data: &guardiansPage{}},
	}
}
