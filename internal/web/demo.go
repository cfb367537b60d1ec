package web

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Demo is what only the demonstration has, beside the gallery: mails to read and a clock to move.
type Demo struct {
	// Mails returns the mails received, newest first, once all that is due has been sent.
	Mails func(ctx context.Context) ([]DemoMail, error)
	// Move moves the clock to an instant. It returns when all that came due on the way is done.
	Move func(ctx context.Context, to time.Time) error
}

// DemoMail is a mail as it arrived. Its JSON is what /_mails.json shows.
type DemoMail struct {
	ID          int                 `json:"id"` // counts from 1
	ReceivedAt  time.Time           `json:"received_at"`
	From        string              `json:"from"`
	To          []string            `json:"to"`
	Subject     string              `json:"subject"`
	MessageID   string              `json:"message_id"`
	Headers     map[string][]string `json:"headers"`
	Text        string              `json:"text"`
	HTML        string              `json:"html"`
	Attachments []DemoAttachment    `json:"attachments"`
}

// DemoAttachment is a file of a mail.
type DemoAttachment struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Content string `json:"content"`
}

type demoMailsPage struct {
	Page
	Mails []demoMailLine
}

type demoMailLine struct {
	ID          int
	To, Subject string
	At          time.Time
}

type demoMailPage struct {
	Page
	ID          int
	From, To    string
	At          time.Time
	Lines       [][]demoPiece // of the text
	Attachments []DemoAttachment
}

// demoPiece is a piece of a text; with Href it is a link.
type demoPiece struct{ Text, Href string }

type demoClockPage struct {
	Page
	Time  time.Time
	Exact string
	Steps []demoStep
	To    Field
}

type demoStep struct{ Label, By string }

func demoPages() []Declared {
	return []Declared{
		{Name: "demo/mails", Data: &demoMailsPage{}},
		{Name: "demo/mail", Data: &demoMailPage{}},
		{Name: "demo/clock", Data: &demoClockPage{}},
	}
}

// demoRoutes adds the pages of the demonstration. None of them exists in the real thing.
func (s *Server) demoRoutes(r *gin.Engine) {
	gallery := gin.WrapH(newGallery(s.views))
	r.GET(GalleryPath, gallery)
	r.GET(GalleryPath+"/:status", gallery)
	r.GET("/_mails", s.handle(getDemoMails))
	r.GET("/_mails.json", s.handle(getDemoMailsJSON))
	r.GET("/_mails/:id", s.handle(getDemoMail))
	r.GET("/_mails/:id/html", s.handle(getDemoMailHTML))
	r.GET("/_horloge", s.handle(getDemoClock))
	r.POST("/_horloge", s.handle(postDemoClock))
}

func (s *Server) demoNow() (time.Time, error) {
	zone, err := loadTeamZone()
	return s.config.Now().In(zone).Truncate(time.Second), err
}

func getDemoMails(s *Server, c *gin.Context) error {
	mails, err := s.config.Demo.Mails(c.Request.Context())
	if err != nil {
		return err
	}
	now, err := s.demoNow()
	if err != nil {
		return err
	}
	page := &demoMailsPage{Page: s.newPage(c, s.words.T("demo.mails.title"))}
	for _, m := range mails {
		page.Mails = append(page.Mails, demoMailLine{m.ID, strings.Join(m.To, ", "), m.Subject, m.ReceivedAt.In(now.Location())})
	}
	return s.show(c, http.StatusOK, "demo/mails", page)
}

func getDemoMailsJSON(s *Server, c *gin.Context) error {
	mails, err := s.config.Demo.Mails(c.Request.Context())
	if err != nil {
		return err
	}
	if mails == nil {
		mails = []DemoMail{}
	}
	c.JSON(http.StatusOK, mails)
	return nil
}

// demoMail returns the mail that the path names.
func (s *Server) demoMail(c *gin.Context) (DemoMail, error) {
	mails, err := s.config.Demo.Mails(c.Request.Context())
	if err != nil {
		return DemoMail{}, err
	}
	for _, m := range mails {
		if strconv.Itoa(m.ID) == c.Param("id") {
			return m, nil
		}
	}
	return DemoMail{}, fault.New(fault.NotFound, "error.not_found")
}

func getDemoMail(s *Server, c *gin.Context) error {
	m, err := s.demoMail(c)
	if err != nil {
		return err
	}
	now, err := s.demoNow()
	if err != nil {
		return err
	}
	page := &demoMailPage{
		Page: s.newPage(c, m.Subject), ID: m.ID, From: m.From, To: strings.Join(m.To, ", "),
		At: m.ReceivedAt.In(now.Location()), Attachments: m.Attachments,
	}
	for line := range strings.Lines(m.Text) {
		page.Lines = append(page.Lines, linked(strings.TrimRight(line, "\r\n")))
	}
	return s.show(c, http.StatusOK, "demo/mail", page)
}

var webAddress = regexp.MustCompile(`https?://\S+`)

// linked divides a line into text and links.
func linked(line string) []demoPiece {
	var pieces []demoPiece
	end := 0
	for _, at := range webAddress.FindAllStringIndex(line, -1) {
		pieces = append(pieces, demoPiece{Text: line[end:at[0]]}, demoPiece{Text: line[at[0]:at[1]], Href: line[at[0]:at[1]]})
		end = at[1]
	}
	return append(pieces, demoPiece{Text: line[end:]})
}

// mailPolicy lets a mail look as it does in a mail program: styles are inline there.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func getDemoMailHTML(s *Server, c *gin.Context) error {
	m, err := s.demoMail(c)
	if err != nil {
		return err
	}
	c.Header("Content-Security-Policy", mailPolicy)
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(m.HTML))
	return nil
}

func getDemoClock(s *Server, c *gin.Context) error {
	now, err := s.demoNow()
	if err != nil {
		return err
	}
	p := s.words
	return s.show(c, http.StatusOK, "demo/clock", &demoClockPage{
		Page: s.newPage(c, p.T("demo.clock.title")), Time: now, Exact: now.UTC().Format(time.RFC3339),
		Steps: []demoStep{{p.T("demo.clock.hour"), "1h"}, {p.T("demo.clock.day"), "24h"}, {p.T("demo.clock.days"), "48h"}, {p.T("demo.clock.week"), "168h"}},
		To:    Field{Name: "to", Label: p.T("demo.clock.to"), Hint: p.T("demo.clock.to.hint", now.AddDate(0, 0, 1).Format(time.RFC3339)), NoSpellcheck: true, Autocomplete: "off"},
	})
}

// postDemoClock moves the clock to an instant (to, RFC 3339) or by a duration (by, 90m or 48h). A browser gets the
// page of the clock, a program what the clock shows.
func postDemoClock(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	to, err := time.Parse(time.RFC3339, form.Get("to"))
	if by := form.Get("by"); by != "" {
		var d time.Duration
		if d, err = time.ParseDuration(by); err == nil {
			to = s.config.Now().Add(d)
		}
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "demo.clock.wrong")
	}
	if err := s.config.Demo.Move(c.Request.Context(), to); err != nil {
		return err
	}
	if strings.Contains(c.GetHeader("Accept"), "text/html") {
		return seeOther(c, "/_horloge")
	}
	c.JSON(http.StatusOK, gin.H{"now": s.config.Now().UTC().Format(time.RFC3339)})
	return nil
}
