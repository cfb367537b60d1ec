package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

const (
	ownDataPath    = "/compte/donnees"
	ownDossierPath = "/compte/donnees/copie"
	ownErasurePath = "/compte/donnees/effacer"
)

// freshFor is how long after signing in a guardian may take or erase everything (SEC-3): as long as the link in the mail lived.
const freshFor = account.LinkLife

// ownDataPage is where a guardian sees when what is kept of them goes, takes it away, or asks to erase it.
type ownDataPage struct {
	Page
	clockPart
	Copy, Erase string
	// Again asks for a fresh link where the sign-in is too old to take everything away.
	Again *FormKey
	Sent  *Notice
}

// clockPart says when what is kept of a family goes by itself.
type clockPart struct {
	Health []healthGoes
	Family time.Time
}

// healthGoes is a child about whose health something is written, and the day it goes.
type healthGoes struct {
	Child string
	At    time.Time
}

// askErasurePage asks a guardian whether they want the link that erases everything.
type askErasurePage struct {
	Page
	erasedParts
	Key *FormKey
	// Sent says that the link is on its way.
	Sent *Notice
}

func ownDataPages() []Declared {
	return []Declared{
		{Name: "privacy/own_data", Data: &ownDataPage{}},
		{Name: "privacy/ask_erasure", Data: &askErasurePage{}},
	}
}

// fresh reports whether who is signed in proved the mailbox a moment ago.
func (s *Server) fresh(c *gin.Context) bool {
	return s.config.Now().Sub(s.FamilySignIns.Since(c.Request.Context())) < freshFor
}

// clock is when what is kept of the family of who is signed in goes, on the clock of the association.
func (s *Server) clock(c *gin.Context) (p clockPart, err error) {
	clock, err := s.Privacy.Clock(c.Request.Context(), s.actor(c).ID)
	if err != nil {
		return clockPart{}, err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return clockPart{}, err
	}
	p.Family = clock.Family.In(zone)
	for _, h := range clock.Health {
		p.Health = append(p.Health, healthGoes{h.FirstName, h.At.In(zone)})
	}
	return p, nil
}

func getOwnData(s *Server, c *gin.Context) error { return s.showOwnData(c, http.StatusOK, nil) }

func (s *Server) showOwnData(c *gin.Context, status int, sent *Notice) error {
	clock, err := s.clock(c)
	if err != nil {
		return err
	}
	page := &ownDataPage{Page: s.familyPage(c, s.words.T("own_data.title")), clockPart: clock, Copy: ownDossierPath, Erase: ownErasurePath, Sent: sent}
	if !s.fresh(c) {
		key := s.newKey(c, "own-data")
		page.Again = &key
	}
	return s.show(c, status, "privacy/own_data", page)
}

// postOwnData mails a fresh link to who is signed in for a long time already.
func postOwnData(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "own-data", form)
	if err != nil {
		return err
	}
	sent, status, err := s.mailFresh(c, key, s.to(c, ownDataPath))
	if err != nil {
		return err
	}
	return s.showOwnData(c, status, sent)
}

// mailFresh mails who is signed in a link that leads to next, and says so, or that it was asked for too often.
func (s *Server) mailFresh(c *gin.Context, key account.FormKey, next string) (sent *Notice, status int, err error) {
	ctx := c.Request.Context()
	email, err := s.Privacy.Mailbox(ctx, s.actor(c))
	if err != nil {
		return nil, 0, err
	}
	err = s.FamilyDoor.Ask(ctx, key, account.LinkRequest{Email: email, Language: string(s.words.Lang()), Next: next, IP: c.ClientIP()})
	if f, ok := fault.As(err); ok && f.Kind == fault.Unavailable && f.Message.Key != "" {
		return &Notice{Tone: ToneWarning, Title: s.words.Message(f.Message)}, statuses[f.Kind], nil
	}
	if err != nil {
		return nil, 0, err
	}
	s.Outbox.Notify()
	return &Notice{Tone: ToneInfo, Title: s.words.T("own_data.sent"), Text: s.words.T("own_data.sent.text")}, http.StatusOK, nil
}

func getAskErasure(s *Server, c *gin.Context) error { return s.showAskErasure(c, http.StatusOK, nil) }

func (s *Server) showAskErasure(c *gin.Context, status int, sent *Notice) error {
	e, err := s.Privacy.OwnErasure(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	page := &askErasurePage{Page: s.familyPage(c, s.words.T("own_data.erase.title")), erasedParts: s.erasedParts(c, e), Sent: sent}
	if page.Others {
		page.ClaimHref = s.to(c, "/compte/reconnaitre") + "?" + url.Values{"suite": {s.to(c, "/compte/donnees/effacer")}}.Encode()
	}
	if page.Busy == nil && sent == nil {
		key := s.newKey(c, "ask-erasure")
		page.Key = &key
	}
	return s.show(c, status, "privacy/ask_erasure", page)
}

// postAskErasure mails the link that erases; nothing goes before it is used.
func postAskErasure(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "ask-erasure", form)
	if fault.Is(err, fault.Gone, "error.form_expired") {
		return s.showAskErasure(c, http.StatusGone, nil)
	}
	if err == nil {
		err = s.Privacy.AskErasure(c.Request.Context(), s.actor(c), key)
	}
	if fault.KindOf(err) == fault.Conflict {
		if _, sent := account.FirstResult(err); !sent {
			return s.showAskErasure(c, http.StatusConflict, nil) // it says until when
		}
		err = nil
	}
	if err != nil {
		return err
	}
	s.Outbox.Notify()
	return s.showAskErasure(c, http.StatusOK, &Notice{Tone: ToneInfo, Title: s.words.T("own_data.erase.sent"), Text: s.words.T("own_data.erase.sent.text")})
}
