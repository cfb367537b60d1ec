package mail

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// requestPage is a message about a group request. All of its kinds read alike, so that they share one template: what
// happened, what was written with it, the dates, what comes next, and the one link.
type requestPage struct {
	frame
	Tone             string // good, wait, act or end
	State, Subject   string
	Title, Greeting  string
	Lead, Next       string
	Said             fact // empty without a text
	Dates            []requestDates
	Button, Stranger string
}

// requestDates are dates under a title: an option, or all that is fixed.
type requestDates struct {
	Title string
	Lines []string
}

// requestTones are the shapes of the kinds; whatever is not named waits.
var requestTones = map[string]string{
	outbox.RequestReceived: "good", outbox.RequestProposed: "act", outbox.RequestScheduled: "good", outbox.RequestQuoted: "act",
	outbox.RequestConfirm: "act", outbox.RequestAccepted: "good", outbox.RequestAgreement: "act", outbox.RequestAgreed: "good",
	outbox.RequestChanged: "act", outbox.RequestDone: "good", outbox.RequestClosed: "good", outbox.RequestDeclined: "end",
	outbox.RequestWithdrawn: "end",
}

// request builds a message about a group request: its texts are mail.KIND.…, with a variant in between where they differ.
func (r *Renderer) request(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	q, err := decode[outbox.Request](m.Payload)
	if err != nil {
		return content{}, err
	}
	cleanRequest(&q)
	if err := checkRequest(m.Kind, q); err != nil {
		return content{}, err
	}
	text := func(part string, args ...any) string {
		return p.T("mail."+m.Kind+variant(m.Kind, q)+"."+part, args...)
	}
	about := shorten(q.Asked)
	if q.Party == outbox.PartyPayer {
		about = q.Organisation
	}
	page := requestPage{
		frame: frame{
			Lang: p.Lang(), Holes: holes(strings.TrimPrefix(q.Reference, "GRP-")), Why: p.T("mail.why.request."+string(q.Party), q.Organisation),
			Link: r.at(p, r.site.Request(m.Kind, q)),
		},
		Tone: requestTones[m.Kind], State: p.T("mail." + m.Kind + ".state"), Greeting: p.T("mail.greeting", q.Contact),
		Lead: text("lead", q.Organisation, q.Paper, q.Signatory), Next: text("next"), Button: text("button"),
	}
	if page.Tone == "" {
		page.Tone = "wait"
	}
	if q.Contact == "" {
		page.Greeting = p.T("mail.greeting.team")
	}
	if m.Kind != outbox.RequestNews {
		page.Subject, page.Title = text("subject", about, q.Paper), text("title", q.Paper)
	} else {
		news := p.T("mail.request_news."+q.News, q.Organisation)
		page.Title, page.Subject = news, p.T("mail.request_news.subject", news, about)
	}
	if m.Kind == outbox.RequestConfirm {
		page.Stranger = p.T("mail.request_confirm.stranger")
	}
	if q.Reason != "" {
		page.Said = fact{p.T("mail.request.said"), q.Reason}
	}
	if page.Dates, err = requestDatesOf(p, q); err != nil {
		return content{}, err
	}
	page.Facts, err = requestFacts(p, q)
	return content{page: page}, err
}

// payersOwn are the kinds that say something else to who pays than to who asks.
var payersOwn = []string{outbox.RequestQuoted, outbox.RequestInvoiced, outbox.RequestAccepted, outbox.RequestDeclined, outbox.RequestWithdrawn}

// variant ends the keys of a kind where what it says depends on more than the kind.
func variant(kind string, q outbox.Request) string {
	switch {
	case kind == outbox.RequestInvoiced && q.PaperKind == "credit_note":
		q.PaperKind = ""
		return ".credit" + variant(kind, q)
	case q.Party == outbox.PartyPayer && slices.Contains(payersOwn, kind):
		return ".payer"
	case kind == outbox.RequestChanged && q.News == "called_off":
		return ".called_off"
	case kind == outbox.RequestAccepted && q.Paper == "":
		return ".no_quote"
	}
	return ""
}

// checkRequest refuses a payload without what its kind tells.
func checkRequest(kind string, q outbox.Request) error {
	missing := q.Reference == "" || q.Asked == "" || q.Organisation == ""
	switch kind {
	case outbox.RequestProposed:
		missing = missing || len(q.Options) == 0
	case outbox.RequestScheduled:
		missing = missing || len(q.Sessions) == 0
	case outbox.RequestQuoted, outbox.RequestInvoiced, outbox.RequestAgreement:
		missing = missing || q.Paper == ""
	case outbox.RequestConfirm:
		missing = missing || q.Paper == "" || q.ConfirmID == 0 || q.Signatory == ""
	case outbox.RequestAnswered:
		missing = missing || q.Reason == ""
	case outbox.RequestNews:
		missing = missing || q.News == ""
	}
	if missing || !slices.Contains([]outbox.Party{outbox.PartyContact, outbox.PartyPayer, outbox.PartyTeam}, q.Party) {
		return fmt.Errorf("payload of request %q lacks what the message tells", q.Reference)
	}
	return nil
}

// requestDatesOf are the options, each under its number, or the sessions.
func requestDatesOf(p *words.Printer, q outbox.Request) ([]requestDates, error) {
	var all []requestDates
	for i, option := range q.Options {
		title := p.T("mail.request.option", i+1)
		if len(q.Options) == 1 {
			title = p.T("mail.request.option.only")
		}
		lines, err := sessionLines(p, option)
		if err != nil {
			return nil, err
		}
		all = append(all, requestDates{title, lines})
	}
	if len(q.Sessions) > 0 {
		lines, err := sessionLines(p, q.Sessions)
		if err != nil {
			return nil, err
		}
		all = append(all, requestDates{p.T("mail.facts.when"), lines})
	}
	return all, nil
}

func requestFacts(p *words.Printer, q outbox.Request) ([]fact, error) {
	var facts []fact
	if q.Party != outbox.PartyContact {
		facts = append(facts, fact{p.T("mail.request.organisation"), q.Organisation})
	}
	facts = append(facts, fact{p.T("mail.request.asked"), q.Asked})
	if q.Children > 0 {
		facts = append(facts, fact{p.T("mail.request.for"), p.N("mail.request.children", q.Children, q.Level)})
	}
	if q.Cents > 0 {
		facts = append(facts, fact{p.T("mail.request.total"), p.Money(q.Cents)})
	}
	if q.ValidUntil != "" {
		day, err := time.Parse(time.DateOnly, q.ValidUntil)
		if err != nil {
			return nil, fmt.Errorf("last day of quote %q: %w", q.Paper, err)
		}
		facts = append(facts, fact{p.T("mail.request.valid"), p.Date(day)})
	}
	return append(facts, fact{p.T("mail.facts.reference"), q.Reference}), nil
}

// shorten keeps a subject readable where somebody asked for something in many words.
func shorten(asked string) string {
	const most = 60
	signs := []rune(asked)
	if len(signs) <= most {
		return asked
	}
	cut := strings.TrimSpace(string(signs[:most]))
	if i := strings.LastIndex(cut, " "); i > most/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

func cleanRequest(q *outbox.Request) {
	for _, s := range []*string{&q.Reference, &q.Contact, &q.Organisation, &q.Asked, &q.Level, &q.Paper, &q.Signatory} {
		*s = oneLine(*s)
	}
	q.Reason = lines(q.Reason)
	for _, option := range q.Options {
		for i := range option {
			cleanSession(&option[i])
		}
	}
	for i := range q.Sessions {
		cleanSession(&q.Sessions[i])
	}
}
