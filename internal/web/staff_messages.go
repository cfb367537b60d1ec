package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/message"
)

const (
	messagesPath = "/equipe/messages"
	textsPath    = messagesPath + "/modeles"
)

// messagesPage lists what the team wrote to families.
type messagesPage struct {
	DeskHead
	New, Texts string
	Mailings   []mailingLine
}

type mailingLine struct {
	Href, Subject, By string
	At                time.Time
	Families          int
	State             Badge
}

func getMessages(s *Server, c *gin.Context) error {
	all, err := s.Messages.Mailings(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	page := &messagesPage{DeskHead: s.deskHead(c, s.words.T("message.title")), New: messagesPath + "/nouveau", Texts: textsPath}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	for _, m := range all {
		page.Mailings = append(page.Mailings, mailingLine{Href: messagesPath + "/" + idText(m.ID), Subject: m.Subject, By: m.SentBy,
			At: m.SentAt.In(zone), Families: m.Families, State: s.mailingState(m)})
	}
	return s.show(c, http.StatusOK, "equipe/messages", page)
}

// mailingState says how far a mailing got: what failed asks for somebody, before what has not left yet.
func (s *Server) mailingState(m message.Mailing) Badge {
	switch {
	case m.Failed > 0:
		return Badge{Tone: ToneWarning, Label: s.words.N("message.state.failed", m.Failed)}
	case m.Open > 0:
		return Badge{Tone: ToneInfo, Label: s.words.N("message.state.open", m.Open)}
	}
	return Badge{Tone: ToneDone, Label: s.words.T("message.state.done")}
}

// messagePage is a mailing with what became of each mail.
type messagePage struct {
	DeskHead
	Subject, Body, By string
	At                time.Time
	Audience          string
	State             Badge
	Sessions          []Link
	To                []recipientLine
}

type recipientLine struct {
	Name, Email, Phone, Digits string
	State                      Badge
	Error                      string
	At                         time.Time
}

// mailStates are how a mail of a mailing is shown, by its state; the empty one has no address.
var mailStates = map[string]Tone{"": ToneWarning, "pending": ToneInfo, "claimed": ToneInfo, "sent": ToneDone, "failed": ToneWarning, "withdrawn": ToneInfo}

func getMessage(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	sent, err := s.Messages.Sent(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	page := &messagePage{DeskHead: s.deskHead(c, s.words.T("message.sent.title")), Subject: sent.Subject, Body: sent.Body, By: sent.SentBy,
		At: sent.SentAt.In(zone), Audience: s.words.T("message.audience." + string(sent.Audience)), State: s.mailingState(sent.Mailing)}
	for _, v := range sent.Sessions {
		page.Sessions = append(page.Sessions, Link{Href: "/equipe/seances/" + idText(v.ID), Label: s.words.T("message.session", workshopName(v.Workshop), v.StartsAt)})
	}
	for _, r := range sent.To {
		line := recipientLine{Name: r.Name, Email: r.Email, Phone: r.Phone, Digits: phoneDigits(r.Phone), Error: r.Error,
			State: Badge{Tone: mailStates[r.State], Label: s.words.T("message.mail." + stateName(r.State))}}
		if !r.At.IsZero() {
			line.At = r.At.In(zone)
		}
		page.To = append(page.To, line)
	}
	return s.show(c, http.StatusOK, "equipe/message", page)
}

func stateName(state string) string {
	switch state {
	case "":
		return "call"
	case "claimed":
		return "pending"
	}
	return state
}

// textsPage lists the texts that are kept.
type textsPage struct {
	DeskHead
	New   string
	Texts []textLine
}

type textLine struct {
	Name, Subject string
	Edit, Use     string
	Drop          deskAct
}

func getTexts(s *Server, c *gin.Context) error {
	all, err := s.Messages.Texts(c.Request.Context())
	if err != nil {
		return err
	}
	page := &textsPage{DeskHead: s.deskHead(c, s.words.T("message.texts.title")), New: textsPath + "/nouveau"}
	for _, k := range all {
		path := textsPath + "/" + idText(k.ID)
		page.Texts = append(page.Texts, textLine{Name: k.Name, Subject: k.Subject, Edit: path,
			Use: messagesPath + "/nouveau?modele=" + idText(k.ID), Drop: s.deskAct(c, "text-drop", path+"/retirer")})
	}
	return s.show(c, http.StatusOK, "equipe/texts", page)
}

// textFormPage writes a text to keep, or edits one.
type textFormPage struct {
	DeskHead
	Action string
	Key    FormKey
	Seen   string
	Name   Field
	letterFields
}

// letterFields are the two fields of a letter, and what it may name.
type letterFields struct {
	Subject, Body Field
	Fields        []agreementField
}

func (s *Server) letterFields(form url.Values) letterFields {
	p := s.words
	f := letterFields{
		Subject: Field{Name: "subject", Label: p.T("message.subject"), Value: form.Get("subject"), Autocomplete: "off"},
		Body:    Field{Name: "body", Label: p.T("message.body"), Hint: p.T("message.body.hint"), Value: form.Get("body"), Rows: 14, Autocomplete: "off"},
	}
	for _, name := range message.Fields() {
		f.Fields = append(f.Fields, agreementField{name, p.T("message.field." + name), p.T("message.example." + name)})
	}
	return f
}

func typedKeptText(form url.Values) message.KeptText {
	return message.KeptText{Name: form.Get("name"), Text: message.Text{Subject: form.Get("subject"), Body: form.Get("body")}}
}

func textValues(k message.KeptText) url.Values {
	return url.Values{"name": {k.Name}, "subject": {k.Subject}, "body": {k.Body}, "seen": {k.Version()}}
}

var textRecord = deskRecord[message.KeptText, *message.Service]{
	list: textsPath, purpose: "text", usual: url.Values{},
	keeper: func(s *Server) *message.Service { return s.Messages },
	load:   (*message.Service).KeptText, create: (*message.Service).CreateText,
	edit: func(m *message.Service, ctx context.Context, actor account.Actor, key account.FormKey, id int64, k message.KeptText, seen string) error {
		k.ID = id
		return m.EditText(ctx, actor, key, k, seen)
	},
	typed: typedKeptText, values: textValues, show: (*Server).showTextForm,
}

// showTextForm shows the form of a text: a new one where k is nil.
func (s *Server) showTextForm(c *gin.Context, status int, k *message.KeptText, form url.Values, problem *fault.Error) error {
	p := s.words
	page := &textFormPage{
		DeskHead: s.deskHead(c, p.T("message.text.new")), Action: textsPath + "/nouveau",
		Name:         Field{Name: "name", Label: p.T("message.text.name"), Hint: p.T("message.text.name.hint"), Value: form.Get("name"), Autocomplete: "off"},
		letterFields: s.letterFields(form),
	}
	purpose := "text-new"
	if k != nil {
		purpose = "text-edit"
		page.Title, page.Action, page.Seen = k.Name, textsPath+"/"+idText(k.ID), form.Get("seen")
		if stale(problem) {
			page.Seen = k.Version()
			page.Notice = s.staleNotice(form, textValues(*k), []Field{page.Name, page.Subject, page.Body})
			problem = nil
		}
	}
	page.Key = s.newKey(c, purpose)
	if problem != nil {
		explain(p, &page.Page, problem, &page.Name, &page.Subject, &page.Body)
	}
	return s.show(c, status, "equipe/text_form", page)
}

func postTextDrop(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "text-drop",
		do: func(_ url.Values, key account.FormKey) (string, error) {
			return textsPath + "?fait=texte-retire", s.Messages.DropText(c.Request.Context(), s.actor(c), key, id)
		},
		again: func(_ int, _ url.Values, problem *fault.Error) error { return problem },
	})
}
