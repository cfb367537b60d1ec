package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/message"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// messageFormPage writes to the families of some sessions. Nothing is sent before it was shown.
type messageFormPage struct {
	DeskHead
	Action   string
	Send     string // where what was shown is sent
	Key      FormKey
	Texts    []Link // texts to begin with
	Sessions Choices
	Audience Choices
	letterFields
	Preview *messagePreview
}

// messagePreview is what the first family would read, and how many there are.
type messagePreview struct {
	Families      int
	ByPhone       []message.Contact
	Subject, Text string
	Lang          string
	Seen          string
}

// Around today, which sessions one writes about.
const (
	messageDaysBefore = 14
	messageDaysAfter  = 120
)

// getMessageNew begins with the sessions that its query names, seance or cycle, and with a text, modele.
func getMessageNew(s *Server, c *gin.Context) error {
	form := url.Values{"sessions": c.QueryArray("seance"), "audience": {cmp.Or(c.Query("public"), string(message.Confirmed))}}
	if id := rowID(c.Query("modele")); id != 0 {
		k, err := s.Messages.KeptText(c.Request.Context(), id)
		if err != nil {
			return err
		}
		form.Set("subject", k.Subject)
		form.Set("body", k.Body)
	}
	return s.showMessageForm(c, http.StatusOK, form, rowID(c.Query("cycle")), nil, nil)
}

func typedMessage(form url.Values) message.Draft {
	d := message.Draft{Audience: message.Audience(form.Get("audience")), Text: message.Text{Subject: form.Get("subject"), Body: form.Get("body")}}
	for _, id := range form["sessions"] {
		d.Sessions = append(d.Sessions, rowID(id))
	}
	return d
}

// postMessageNew shows what was typed as the first family would read it.
func postMessageNew(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	return s.showMessagePreview(c, http.StatusOK, form, nil)
}

// postMessageSend sends what was shown to the families, or to its author to try: a form of its own, so that nothing typed
// since leaves unseen.
func postMessageSend(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, draft := c.Request.Context(), typedMessage(form)
	again := func(status int, form url.Values, problem *fault.Error) error {
		if problem.Fields == nil {
			return s.showMessagePreview(c, status, form, problem)
		}
		return s.showMessageForm(c, status, form, 0, nil, problem)
	}
	if form.Get("do") != "try" {
		return s.submit(c, deskForm{
			purpose: "message",
			do: func(form url.Values, key account.FormKey) (string, error) {
				id, err := s.Messages.Send(ctx, s.actor(c), key, draft, form.Get("seen"))
				s.Outbox.Notify()
				return messagesPath + "/" + idText(id) + "?fait=envoye", err
			},
			again: again,
			made:  func(result string) string { return messagesPath + "/" + result },
		})
	}
	key, err := s.checkKey(c, "message", form)
	if err == nil {
		err = s.Messages.Try(ctx, s.actor(c), key, draft)
	}
	if problem, known := fault.As(err); known {
		return again(statuses[problem.Kind], form, problem)
	}
	if err != nil {
		return err
	}
	s.Outbox.Notify()
	return s.showMessagePreview(c, http.StatusOK, form, nil)
}

// showMessagePreview shows the form with what the first family would read; what is wrong with the draft instead, if anything is.
func (s *Server) showMessagePreview(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	p, err := s.Messages.Preview(c.Request.Context(), s.actor(c), typedMessage(form))
	if wrong, known := fault.As(err); known && wrong.Kind == fault.Invalid {
		return s.showMessageForm(c, statuses[wrong.Kind], form, 0, nil, wrong)
	}
	if err != nil {
		return err
	}
	preview := &messagePreview{Families: p.Families, ByPhone: p.ByPhone, Lang: p.Language, Seen: p.Seen}
	if p.Families > 0 {
		if preview.Subject, preview.Text, err = s.config.Preview(outbox.TeamWrote, p.Language, p.Sample); err != nil {
			return err
		}
	}
	return s.showMessageForm(c, status, form, 0, preview, problem)
}

func (s *Server) showMessageForm(c *gin.Context, status int, form url.Values, series int64, preview *messagePreview, problem *fault.Error) error {
	p := s.words
	page := &messageFormPage{DeskHead: s.deskHead(c, p.T("message.new")), Action: messagesPath + "/nouveau", Send: messagesPath + "/envoyer", Key: s.newKey(c, "message"),
		letterFields: s.letterFields(form), Preview: preview}
	if preview != nil && problem == nil && form.Get("do") == "try" {
		page.Notice = &Notice{Tone: ToneDone, Title: p.T("message.tried")}
	}
	texts, err := s.Messages.Texts(c.Request.Context())
	if err != nil {
		return err
	}
	for _, k := range texts {
		query := url.Values{"modele": {idText(k.ID)}, "seance": form["sessions"], "public": {form.Get("audience")}}
		page.Texts = append(page.Texts, Link{Href: page.Action + "?" + query.Encode(), Label: k.Name})
	}
	if page.Sessions, err = s.messageSessions(c, form["sessions"], series); err != nil {
		return err
	}
	page.Audience = Choices{Name: "audience", Legend: p.T("message.audience")}
	for _, a := range message.Audiences() {
		page.Audience.Options = append(page.Audience.Options, Option{Value: string(a), Label: p.T("message.audience." + string(a)), Chosen: form.Get("audience") == string(a)})
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Sessions, &page.Audience, &page.Subject, &page.Body)
	}
	return s.show(c, status, "equipe/message_form", page)
}

// messageSessions are the sessions around today that have families, and those that were chosen.
func (s *Server) messageSessions(c *gin.Context, chosen []string, series int64) (Choices, error) {
	now := s.config.Now()
	all, err := s.Catalog.Between(c.Request.Context(), now.AddDate(0, 0, -messageDaysBefore), now.AddDate(0, 0, messageDaysAfter))
	if err != nil {
		return Choices{}, err
	}
	for _, id := range chosen {
		if slices.ContainsFunc(all, func(v catalog.Session) bool { return idText(v.ID) == id }) {
			continue
		}
		v, err := s.Catalog.Session(c.Request.Context(), rowID(id))
		if f, known := fault.As(err); known && f.Kind == fault.NotFound {
			continue
		}
		if err != nil {
			return Choices{}, err
		}
		all = append([]catalog.Session{v}, all...)
	}
	p := s.words
	list := Choices{Name: "sessions", Legend: p.T("message.sessions"), Many: true}
	for _, v := range all {
		named := slices.Contains(chosen, strconv.FormatInt(v.ID, 10)) || series != 0 && v.Series.ID == series
		if v.Private() || v.Status == catalog.Draft || !named && v.Taken+v.Waiting == 0 {
			continue
		}
		hint := p.T("message.session.taken", v.Venue.Name, p.N("message.taken", v.Taken))
		if v.Waiting > 0 {
			hint = p.T("message.session.waiting", hint, p.N("message.waiting", v.Waiting))
		}
		list.Options = append(list.Options, Option{Value: idText(v.ID), Label: p.T("message.session", workshopName(v.Workshop), v.StartsAt), Hint: hint, Chosen: named})
	}
	return list, nil
}
