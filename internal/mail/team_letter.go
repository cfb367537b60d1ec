package mail

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/prose"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// teamLetterPage is what the team wrote to a family, as paragraphs; a list is one, with a line for each item.
type teamLetterPage struct {
	frame
	Subject, Title string
	Lines          []string
	Sessions       []string
}

// teamLetter builds what the team wrote. Its values are put in after it was read, so that no name becomes Markdown.
func (r *Renderer) teamLetter(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	l, err := decode[outbox.TeamLetter](m.Payload)
	if err != nil {
		return content{}, err
	}
	if len(l.Sessions) == 0 || l.Subject == "" || l.Body == "" {
		return content{}, fmt.Errorf("a letter without its sessions, its subject or its text")
	}
	values, err := letterValues(p, l)
	if err != nil {
		return content{}, err
	}
	page := teamLetterPage{frame: frame{Lang: p.Lang(), Holes: holes(m.MessageID), Why: p.T("mail.why.family"), Link: r.at(p, "/compte")}}
	page.Title = oneLine(strings.Join(paragraphs(l.Subject, values), " "))
	page.Subject = page.Title
	if l.Test {
		page.Subject, page.Why = p.T("mail.team_wrote.test", page.Title), p.T("mail.team_wrote.why_test")
	}
	page.Lines = paragraphs(l.Body, values)
	page.Sessions, err = sessionLines(p, l.Sessions)
	return content{page: page}, err
}

// letterValues are the values of the fields of a letter for one family.
func letterValues(p *words.Printer, l outbox.TeamLetter) (map[string]string, error) {
	var children, workshops, sessions, places []string
	add := func(list *[]string, text string) {
		if text = oneLine(text); !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	}
	for _, name := range l.Children {
		add(&children, name)
	}
	for i := range l.Sessions {
		cleanSession(&l.Sessions[i])
		s, err := newSessionPage(p, l.Sessions[i])
		if err != nil {
			return nil, err
		}
		add(&workshops, s.Title)
		add(&sessions, s.DayHour)
		add(&places, s.Venue+", "+s.City)
	}
	return map[string]string{
		"responsable": oneLine(l.Guardian), "enfants": p.List(children), "atelier": p.List(workshops),
		"seances": p.List(sessions), "lieu": p.List(places),
	}, nil
}

// paragraphs reads a text of the team, puts values in, and returns its paragraphs without styles: mails are read in every
// program there is.
func paragraphs(source string, values map[string]string) (all []string) {
	document, _ := prose.Parse(source)
	for _, block := range document.Fill(values) {
		switch block.Kind {
		case prose.Bullets, prose.Numbers:
			items := make([]string, len(block.Items))
			for i, item := range block.Items {
				mark := "•"
				if block.Kind == prose.Numbers {
					mark = strconv.Itoa(block.First+i) + "."
				}
				items[i] = mark + " " + prose.Plain(item)
			}
			all = append(all, strings.Join(items, "\n"))
		case prose.Rule:
		default:
			var text strings.Builder
			for _, run := range block.Text {
				text.WriteString(run.Text)
			}
			all = append(all, lines(text.String()))
		}
	}
	return all
}
