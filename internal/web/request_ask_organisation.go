package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// askOrganisationPage is screen 1: who asks. A school is found in the directory by a search of its own (a GET form beside
// this one), or typed in like any other organisation.
type askOrganisationPage struct {
	AskHead
	Resumed bool // answers of an earlier visit are shown
	Kind    Choices
	Query   string
	Found   string // what the search found, in a sentence; empty before
	School  Choices

	Name, Address, Postcode, City Field
	Sector                        Choices
	UAI                           Field
}

const (
	mostFound    = 10
	longestQuery = 100 // signs
)

// getAskOrganisation shows screen 1. With q it searches the directory; the script asks for the same page as one types.
// Once a request was sent the first screen begins another one: a colleague at the same computer has no business with it.
func getAskOrganisation(s *Server, c *gin.Context) error {
	v, _, err := s.askVisit(c)
	if err != nil {
		return err
	}
	query, searched := c.GetQuery("q")
	if searched {
		v.answers.Kind = string(school.School)
	}
	return s.showAskOrganisation(c, http.StatusOK, v, query, nil)
}

// postAskOrganisation keeps who asks, and goes on.
func postAskOrganisation(s *Server, c *gin.Context) error {
	v, _, err := s.askVisit(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	a := &v.answers
	a.Kind, a.School = form.Get("kind"), form.Get("school")
	a.Name, a.Address, a.Postcode, a.City = form.Get("name"), form.Get("address"), form.Get("postcode"), form.Get("city")
	a.Sector, a.UAI = form.Get("sector"), form.Get("uai")
	return s.goOn(c, v, askOrganisation, func(status int, v askVisit, problem *fault.Error) error {
		return s.showAskOrganisation(c, status, v, form.Get("q"), problem)
	})
}

func (s *Server) showAskOrganisation(c *gin.Context, status int, v askVisit, query string, problem *fault.Error) error {
	p, a := s.words, v.answers
	page := &askOrganisationPage{
		AskHead: s.askHead(c, askOrganisation, "ask.organisation.title"), Resumed: v.resumed && problem == nil,
		Kind:     Choices{Name: "kind", Legend: p.T("ask.kind")},
		Name:     Field{Name: "name", Label: p.T("ask.name"), Value: a.Name, Autocomplete: "organization", Conditional: true, MaxLength: school.MaxLine, NoSpellcheck: true},
		Address:  Field{Name: "address", Label: p.T("ask.street"), Hint: p.T("ask.street.hint"), Value: a.Address, Autocomplete: "street-address", Conditional: true, MaxLength: school.MaxLine, NoSpellcheck: true},
		Postcode: Field{Name: "postcode", Label: p.T("ask.postcode"), Value: a.Postcode, Autocomplete: "postal-code", InputMode: "numeric", Conditional: true, Width: WidthShort},
		City:     Field{Name: "city", Label: p.T("ask.city"), Value: a.City, Autocomplete: "address-level2", Conditional: true, Width: WidthMedium, MaxLength: school.MaxLine, NoSpellcheck: true},
		Sector: Choices{Name: "sector", Legend: p.T("ask.sector"), Inline: true, Options: choose([]Option{
			{Value: "public", Label: p.T("ask.sector.public")}, {Value: "private", Label: p.T("ask.sector.private")}}, a.Sector)},
		UAI: Field{Name: "uai", Label: p.T("ask.uai"), Hint: p.T("ask.uai.hint"), Value: a.UAI, Optional: true, Autocomplete: "off", Width: WidthMedium, NoSpellcheck: true},
	}
	for _, kind := range school.Kinds() {
		page.Kind.Options = append(page.Kind.Options, Option{Value: string(kind), Label: p.T("school.kind." + string(kind))})
	}
	page.Kind.Options = choose(page.Kind.Options, a.Kind)
	if runes := []rune(typedText.Replace(query)); len(runes) > longestQuery {
		query = string(runes[:longestQuery])
	}
	page.Query = strings.ToValidUTF8(query, "")
	found, refused, err := s.searchSchools(c, page.Query)
	if err != nil {
		return err
	}
	if page.Found = foundWords(p, page.Query, len(found)); refused {
		page.Found, status = p.T("ask.search.wait"), http.StatusTooManyRequests
		c.Header("Retry-After", "5")
	}
	if page.School, err = s.schoolChoices(c, found[:min(len(found), mostFound)], a.School); err != nil {
		return err
	}
	if _, lost := c.GetQuery(askLost); lost && !v.resumed {
		page.Notice = &Notice{Tone: ToneWarning, Title: p.T("ask.lost.title"), Text: p.T("ask.lost.text")}
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Kind, &page.School, &page.Name, &page.Address, &page.Postcode, &page.City, &page.Sector, &page.UAI)
	}
	return s.show(c, status, "ecoles/organisation", page)
}

// searchSchools returns what a search finds, one more than are shown where there are more. It reports true where there
// were too many searches.
func (s *Server) searchSchools(c *gin.Context, query string) (found []school.Entry, refused bool, err error) {
	if tooShort(query) {
		return nil, false, nil
	}
	if s.limits.searches.wait(account.IPBlock(c.ClientIP()), s.config.Now()) > 0 {
		return nil, true, nil
	}
	found, err = s.School.Search(c.Request.Context(), query, mostFound+1)
	return found, false, err
}

// tooShort reports whether a search would find nearly everything.
func tooShort(query string) bool { return utf8.RuneCountInString(strings.TrimSpace(query)) < 2 }

// foundWords says what a search found; nothing before there was one.
func foundWords(p *words.Printer, query string, n int) string {
	query = strings.TrimSpace(query)
	switch {
	case query == "":
		return ""
	case tooShort(query):
		return p.T("ask.search.short")
	case n == 0:
		return p.T("ask.search.none", query)
	case n > mostFound:
		return p.T("ask.search.many", mostFound)
	}
	return p.N("ask.search.found", n, query)
}

// schoolChoices are the schools to choose from: those found, the one chosen before, and none of them.
func (s *Server) schoolChoices(c *gin.Context, found []school.Entry, chosen string) (Choices, error) {
	p := s.words
	choices := Choices{Name: "school", Legend: p.T("ask.school")}
	add := func(e school.Entry) {
		choices.Options = append(choices.Options, Option{
			Value: idText(e.ID), Label: e.Name, Hint: p.T("ask.school.hint", e.Postcode, e.City, e.UAI)})
	}
	for _, e := range found {
		add(e)
	}
	choices.Options = choose(choices.Options, chosen)
	if id, err := strconv.ParseInt(chosen, 10, 64); err == nil && !slices.ContainsFunc(choices.Options, func(o Option) bool { return o.Chosen }) {
		e, err := s.School.Entry(c.Request.Context(), id)
		if err == nil {
			add(e)
		} else if fault.KindOf(err) != fault.NotFound {
			return Choices{}, err
		}
	}
	choices.Options = choose(append(choices.Options, Option{Value: byHand, Label: p.T("ask.school.hand")}), chosen)
	return choices, nil
}
