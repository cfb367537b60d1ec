package web

import (
	"maps"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Page is what the layout needs of every page. Page structs embed it.
type Page struct {
	Lang words.Lang
	// Title names the page, without the name of the site and without « Erreur : »,
	// which the layout adds. Empty on the home page only.
	Title string
	// Description is the sentence that search engines show. May be empty.
	Description string
	// Path is the path of this page, without query, and Query what follows it.
	Path, Query string
	// Canonical is the absolute URL of this page for search engines. May be empty.
	Canonical string
	// NoIndex asks search engines to leave the page out: personal pages, errors, forms.
	NoIndex bool
	// Section is the entry of the main menu that the page belongs to.
	Section Section
	// Alone is true where the path of this page leads nowhere in another language: an answer to a form that has no page.
	Alone bool
	// Wide gives the page the width of a desk: staff's tables.
	Wide bool
	// Visitor is who is signed in; nil for a family or a passer-by. A page served from
	// cached bytes leaves it nil.
	Visitor *Visitor
	// Notice is told once above the page: what has just been done.
	Notice *Notice
	// Errors is the summary of what must be corrected, in the order of the form. Not
	// empty means that the title starts with « Erreur : ».
	Errors []FieldError
}

func (p *Page) page() *Page { return p }

// SiteTitle is the page's title followed by the name of the site.
func (p *Page) SiteTitle(site string) string {
	if p.Title == "" {
		return site
	}
	return p.Title + " – " + site
}

// Current is the aria-current of the menu entry that leads to path: "page" there,
// "true" elsewhere in its section, "" outside.
func (p *Page) Current(section Section, path string) string {
	switch {
	case p.Path == p.To(path):
		return "page"
	case p.Section == section:
		return "true"
	}
	return ""
}

// Section is an entry of the main menu.
type Section string

// The entries of the main menu; the last two show to the team only.
const (
	SectionSessions   Section = "sessions"
	SectionGroups     Section = "groups"
	SectionSpace      Section = "space"
	SectionFacilitate Section = "facilitate"
	SectionDesk       Section = "desk"
)

// Visitor is a signed-in member of the team, as the header shows them.
type Visitor struct {
	// ID tells the members of the team apart.
	ID   int64
	Name string
	// Role is the role in the visitor's language.
	Role string
	// Facilitates and RunsDesk say which entries of the menu show.
	Facilitates, RunsDesk bool
	// SignOutPath is where the sign-out form is sent, with its one-time key.
	SignOutPath string
	SignOutKey  FormKey
}

// FormKey is the one-time key that a form carries in a hidden field, so that a form
// sent twice gives its result once.
type FormKey string

// Link is a link in a sentence or a list.
type Link struct{ Href, Label string }

// Notice tells what has just happened. The zero Tone is plain information.
type Notice struct {
	Tone  Tone
	Title string
	Text  string // may be empty
	Link  *Link  // may be nil
}

// Tone is the state of a thing as badges and notices show it: each tone has a shape
// of its own, so that it is never told by colour alone.
type Tone string

// The tones.
const (
	ToneInfo    Tone = "info"    // neutral: a ring
	ToneDone    Tone = "done"    // it is settled, they are here: a full hole
	ToneWaiting Tone = "waiting" // not yet decided: a dotted hole
	ToneWarning Tone = "warning" // needs attention: a triangle
	ToneStopped Tone = "stopped" // cancelled, absent, refused: a crossed hole
)

// FieldError is one line of the summary of errors; Target is the id of the field, More another page where it is mended; nil for none.
type FieldError struct {
	Target, Text string
	More         *Link
}

// control is a part of a form that can be wrong.
type control interface {
	// name is the key of the control in fault.Error.Fields.
	name() string
	// target is the id that a link of the summary leads to.
	target() string
	setError(text string)
}

// explain writes the messages of err beside the controls that they concern, and lists
// them in the page's summary in the order of controls, which must be the order of the
// form. What err says of no given control comes first and leads to the top of the form
// (#main), so that no message is lost.
func explain(p *words.Printer, page *Page, err *fault.Error, controls ...control) {
	page.Errors = nil
	placed := map[string]bool{}
	var beside []FieldError
	for _, c := range controls {
		message, wrong := err.Fields[c.name()]
		if !wrong {
			continue
		}
		placed[c.name()] = true
		text := p.Message(message)
		c.setError(text)
		beside = append(beside, FieldError{Target: c.target(), Text: text})
	}
	for _, name := range slices.Sorted(maps.Keys(err.Fields)) {
		if !placed[name] {
			page.Errors = append(page.Errors, FieldError{Target: mainID, Text: p.Message(err.Fields[name])})
		}
	}
	page.Errors = append(page.Errors, beside...)
	if len(page.Errors) == 0 {
		page.Errors = []FieldError{{Target: mainID, Text: p.Message(err.Message)}}
	}
}

// mainID is the id of <main> in the layout, where the skip link leads too.
const mainID = "main"
