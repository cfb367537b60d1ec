package mail

import (
	"bytes"
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"

	"github.com/lesbricodeurs/ateliersdada"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// kinds are the messages that can be rendered: each has a pair of templates (see templateOf) and a payload.
var kinds = map[string]func(*Renderer, *words.Printer, outbox.Claimed, time.Time) (content, error){
	outbox.CertificatesIssued: (*Renderer).certified,
	outbox.ErasureAsked:       (*Renderer).erasureAsked,
	outbox.FamilyErased:       (*Renderer).erased,
	outbox.SignInLink:         (*Renderer).signIn,
	outbox.SignInUnknown:      (*Renderer).signIn,
	outbox.ChildChanged:       (*Renderer).childChanged,
	outbox.GuardianInvited:    (*Renderer).invited,
	outbox.YoungInvited:       (*Renderer).youngInvited,
	outbox.EmailConfirm:       (*Renderer).emailChange,
	outbox.EmailChanged:       (*Renderer).emailChange,
	outbox.BookingConfirmed:   (*Renderer).family,
	outbox.BookingsConfirmed:  (*Renderer).several,
	outbox.BookingRepeated:    (*Renderer).family,
	outbox.WaitingJoined:      (*Renderer).family,
	outbox.SeatOffered:        (*Renderer).family,
	outbox.OfferSoon:          (*Renderer).family,
	outbox.OfferExpired:       (*Renderer).family,
	outbox.SeatGiven:          (*Renderer).family,
	outbox.WalkedIn:           (*Renderer).family,
	outbox.Reminder:           (*Renderer).family,
	outbox.BookingCancelled:   (*Renderer).family,
	outbox.SessionThanked:     (*Renderer).certified,
	outbox.DraftSaved:         (*Renderer).draft,
	outbox.BookingMoved:       (*Renderer).family,
	outbox.WaitingLeft:        (*Renderer).family,
	outbox.SessionMoved:       (*Renderer).family,
	outbox.SessionCancelled:   (*Renderer).family,
	outbox.TeamInvited:        (*Renderer).teamAccess,
	outbox.PasswordForgotten:  (*Renderer).teamAccess,
	outbox.PasswordChanged:    (*Renderer).teamAccess,
	outbox.TeamWrote:          (*Renderer).teamLetter,
	outbox.FactorDropped:      (*Renderer).teamAccess,
	outbox.HonorabilityEnding: (*Renderer).honorability,
	outbox.SessionAssigned:    (*Renderer).facilitator,
	outbox.SessionHandedOver:  (*Renderer).facilitator,
	outbox.SessionChanged:     (*Renderer).facilitator,
	outbox.SessionCalledOff:   (*Renderer).facilitator,
	outbox.AlertRaised:        (*Renderer).alert,
	outbox.AlertEnded:         (*Renderer).alert,
	outbox.RequestReceived:    (*Renderer).request,
	outbox.RequestProposed:    (*Renderer).request,
	outbox.RequestScheduled:   (*Renderer).request,
	outbox.RequestQuoted:      (*Renderer).request,
	outbox.RequestConfirm:     (*Renderer).request,
	outbox.RequestAccepted:    (*Renderer).request,
	outbox.RequestAgreement:   (*Renderer).request,
	outbox.RequestAgreed:      (*Renderer).request,
	outbox.RequestChanged:     (*Renderer).request,
	outbox.RequestDone:        (*Renderer).request,
	outbox.RequestInvoiced:    (*Renderer).request,
	outbox.RequestClosed:      (*Renderer).request,
	outbox.RequestDeclined:    (*Renderer).request,
	outbox.RequestWithdrawn:   (*Renderer).request,
	outbox.RequestAnswered:    (*Renderer).request,
	outbox.RequestLinked:      (*Renderer).request,
	outbox.RequestNews:        (*Renderer).request,
}

// templateOf is the name of the templates of a kind: its own, but one for all that is about a group request.
func templateOf(kind string) string {
	if strings.HasPrefix(kind, "request_") {
		return "request"
	}
	return kind
}

// Site is what mails say about the place that they lead to.
type Site struct {
	// BaseURL is the address of the home page, without a slash at its end.
	BaseURL string
	// Link returns the path of a signed link: purpose "mail" to a guardian, "screen" to a young person; reference of a booking, version
	// of its links.
	Link func(purpose, reference string, version int) string
	// Draft returns the path that brings the unfinished answers of an id back.
	Draft func(id string) string
	// Certificate returns the path that confirms the code of a certificate, and Passport that of what the children of the
	// family of a booking have done.
	Certificate func(code string) string
	Passport    func(reference string, version int) string
	// Erasure returns the path, in a language, of the page where a guardian confirms that everything is to be erased.
	Erasure func(lang words.Lang, token string) string
	// SignIn returns the path of the link that the nonce of an outbox.SignIn makes.
	SignIn func(nonce string) string
	// Invitation and Email do the same for outbox.Invited and outbox.EmailChange.
	Invitation, Email func(nonce string) string
	// Password does the same for outbox.TeamAccess, and Forgotten is where another such link is asked for.
	Password  func(nonce string) string
	Forgotten string
	// Request returns the path that a message of a kind about a group request leads to: the status page of the contact,
	// the page of the payer, the page of the desk, or what is to be confirmed.
	Request func(kind string, m outbox.Request) string
	// Settled returns how far the booking of a reference is settled at the time of asking; nil where nobody can tell, and then nothing counts as
	// paid. Its errors pass: the message is tried again.
	Settled func(reference string) (Settled, error)
	// Organizer is whom a calendar names as the one to ask: name and address of the association.
	Organizer mail.Address
}

// Settled is what the seats of a booking cost in cents, what of that is still to be paid, what money has paid of it, and how many of them a carnet
// pays.
type Settled struct{ Cents, LeftCents, PaidCents, Units int }

// Renderer makes mails out of messages. It is safe for concurrent use.
type Renderer struct {
	site Site
	// host is the domain of the site, which makes the UIDs of its calendar entries worldwide ones.
	host string
	templates
}

// Mail is a rendered message.
type Mail struct {
	Subject, Text, HTML string
	// Language is that of the texts.
	Language words.Lang
	// Calendars are iCalendar files, one for each session of which the message brings one.
	Calendars []*Calendar
}

// Calendar is an attachment that puts a session into a calendar, or takes it away.
type Calendar struct {
	Name   string
	Method string // REQUEST or CANCEL
	Data   []byte
}

// content is what the templates of a kind show.
type content struct {
	page      any
	calendars []*Calendar
}

// NewRenderer fails on an address that is none and on a template that does not parse: at start rather than at the first
// mail.
func NewRenderer(site Site) (*Renderer, error) {
	base, err := url.Parse(site.BaseURL)
	if err != nil || base.Host == "" || strings.HasSuffix(site.BaseURL, "/") {
		return nil, fmt.Errorf("mail: base URL %q: want an absolute address without a slash at its end", site.BaseURL)
	}
	read, err := readTemplates()
	if err != nil {
		return nil, err
	}
	return &Renderer{site: site, host: base.Hostname(), templates: read}, nil
}

// templates make those of all kinds, by language and name (see templateOf), when a mail first asks for them, and keep them: all of
// them are 7 MB, and a server writes few kinds of mails.
type templates struct {
	texts map[words.Lang]map[string]func() (*texttemplate.Template, error)
	pages map[words.Lang]map[string]func() (*htmltemplate.Template, error)
}

// readTemplates tries each template once, for all renderers: they know nothing of a site.
var readTemplates = sync.OnceValues(func() (read templates, err error) {
	files, err := fs.Sub(ateliersdada.Templates, "templates/mail")
	if err != nil {
		return read, err
	}
	read.texts = map[words.Lang]map[string]func() (*texttemplate.Template, error){}
	read.pages = map[words.Lang]map[string]func() (*htmltemplate.Template, error){}
	for _, lang := range words.Offered() {
		texts, pages := map[string]func() (*texttemplate.Template, error){}, map[string]func() (*htmltemplate.Template, error){}
		funcs := functions(words.For(lang))
		for kind := range kinds {
			name := templateOf(kind)
			if texts[name] != nil {
				continue
			}
			text := func() (*texttemplate.Template, error) {
				return texttemplate.New(name).Funcs(funcs).ParseFS(files, "_layout.txt", name+".txt")
			}
			page := func() (*htmltemplate.Template, error) {
				return htmltemplate.New(name).Funcs(funcs).ParseFS(files, "_layout.html", name+".html")
			}
			if _, err := text(); err != nil {
				return read, fmt.Errorf("mail: %w", err)
			}
			if _, err := page(); err != nil {
				return read, fmt.Errorf("mail: %w", err)
			}
			texts[name], pages[name] = sync.OnceValues(text), sync.OnceValues(page)
		}
		read.texts[lang], read.pages[lang] = texts, pages
	}
	return read, nil
})

// at is the full address of a path of the French pages, in the language of a mail.
func (r *Renderer) at(p *words.Printer, path string) string {
	if p.Lang() == words.French && path == "/" {
		return r.site.BaseURL
	}
	return r.site.BaseURL + p.Lang().Path(path)
}

// functions are what templates call beside the methods of their page.
func functions(p *words.Printer) map[string]any {
	return map[string]any{
		"t":      p.T,
		"n":      p.N,
		"list":   p.List,
		"link":   func(label, url string) link { return link{label, url} },
		"fact":   func(label, text string) fact { return fact{label, text} },
		"label":  func(text string) string { return p.T("mail.label", text) },
		"indent": indent,
	}
}

// Render makes the mail of a message as it reads at now. An error is for ever, since the same message will not render
// later, but for one of Site.Settled.
func (r *Renderer) Render(m outbox.Claimed, now time.Time) (Mail, error) {
	build, ok := kinds[m.Kind]
	if !ok {
		return Mail{}, fmt.Errorf("mail: unknown kind %q", m.Kind)
	}
	lang := words.Lang(m.Language)
	if r.texts[lang] == nil {
		return Mail{}, fmt.Errorf("mail: unknown language %q", m.Language)
	}
	printer := words.For(lang)
	content, err := build(r, printer, m, now)
	if err != nil {
		return Mail{}, fmt.Errorf("mail: %s: %w", m.Kind, err)
	}
	name := templateOf(m.Kind)
	texts, err := r.texts[lang][name]()
	if err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	pages, err := r.pages[lang][name]()
	if err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	var subject, text, page bytes.Buffer
	if err := texts.ExecuteTemplate(&subject, "subject", content.page); err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	if err := texts.ExecuteTemplate(&text, "layout", content.page); err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	if err := pages.ExecuteTemplate(&page, "layout", content.page); err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	return Mail{
		Subject:   oneLine(subject.String()),
		Text:      blankLines.ReplaceAllString(text.String(), "\n\n"),
		HTML:      page.String(),
		Language:  printer.Lang(),
		Calendars: content.calendars,
	}, nil
}

// Preview renders a message that nobody has sent yet, for who writes it.
func (r *Renderer) Preview(kind, language string, payload any, now time.Time) (Mail, error) {
	data, err := json.Marshal(payload)
	if err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	return r.Render(outbox.Claimed{Kind: kind, Language: language, Payload: data, CreatedAt: now}, now)
}

// blankLines are left where a template had nothing to say.
var blankLines = regexp.MustCompile(`\n{3,}`)

func decode[T any](payload json.RawMessage) (T, error) {
	var v T
	err := json.Unmarshal(payload, &v)
	return v, err
}
