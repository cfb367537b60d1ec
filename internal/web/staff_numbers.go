package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
)

// numbersPath is the page where staff say which numbers were sent last, after a restore of the database.
const numbersPath = "/equipe/numeros"

// numbersPage asks for the last number that was sent of each kind of paper, and shows which numbers are void.
type numbersPage struct {
	DeskHead
	Key    FormKey
	Fields []Field
	// Check is what would be void, shown once more before it is; Hidden are then the answers.
	Check  bool
	Gaps   []numberGap
	Hidden []Field
	Voids  []numberGap
}

// numberGap is a row of numbers that stay void.
type numberGap struct {
	Series   string
	From, To string
	Count    int
}

// leadToNumbers adds to what a page says of a problem where numbers that a restore has locked are set free.
func (s *Server) leadToNumbers(page *Page, problem *fault.Error) {
	if problem.Message.Key == "numbering.locked" {
		page.Errors[0].More = &Link{Href: numbersPath, Label: s.words.T("numbering.home.act")}
	}
}

func getNumbers(s *Server, c *gin.Context) error {
	return s.showNumbers(c, http.StatusOK, nil, nil)
}

func (s *Server) showNumbers(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	page, err := s.numbersPage(c)
	if err != nil {
		return err
	}
	locks, err := s.Numbers.Locks(c.Request.Context())
	if err != nil {
		return err
	}
	for _, l := range locks {
		f := Field{
			Name: numbering.Answer{Series: l.Series, Year: l.Year}.Field(), Label: s.words.T("numbering.last", s.series(l.Series), l.Year),
			Hint: s.words.T("numbering.last.none"), Optional: true, Width: WidthMedium, MaxLength: 30, NoSpellcheck: true, Autocomplete: "off",
		}
		if l.Last > 0 {
			f.Hint = s.words.T("numbering.last.known", l.LastText())
		}
		f.Value = form.Get(f.Name)
		page.Fields = append(page.Fields, f)
	}
	if problem != nil {
		var controls []control
		for i := range page.Fields {
			controls = append(controls, &page.Fields[i])
		}
		explain(s.words, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/numbers", page)
}

// checkNumbers shows once more what would be void: no number that is void can be given later (ACC-6).
func (s *Server) checkNumbers(c *gin.Context, form url.Values, gaps []numbering.Gap) error {
	page, err := s.numbersPage(c)
	if err != nil {
		return err
	}
	page.Title, page.Check, page.Voids = s.words.T("numbering.check"), true, nil
	answers, err := s.numberAnswers(c, form)
	if err != nil {
		return err
	}
	for _, a := range answers {
		page.Hidden = append(page.Hidden, Field{Name: a.Field(), Value: a.Last})
	}
	page.Gaps = s.numberGaps(gaps)
	return s.show(c, http.StatusOK, "equipe/numbers", page)
}

func (s *Server) numbersPage(c *gin.Context) (*numbersPage, error) {
	voids, err := s.Numbers.Voids(c.Request.Context())
	if err != nil {
		return nil, err
	}
	return &numbersPage{DeskHead: s.deskHead(c, s.words.T("numbering.title")), Key: s.newKey(c, "numbers"), Voids: s.numberGaps(voids)}, nil
}

func (s *Server) numberGaps(gaps []numbering.Gap) (lines []numberGap) {
	for _, g := range gaps {
		lines = append(lines, numberGap{Series: s.series(g.Series), From: g.FromText(), To: g.ToText(), Count: g.Count()})
	}
	return lines
}

// series is what papers of a series are called.
func (s *Server) series(of numbering.Series) string {
	return s.words.T("numbering.series." + string(of))
}

// numberAnswers are what was typed of everything that is locked.
func (s *Server) numberAnswers(c *gin.Context, form url.Values) (answers []numbering.Answer, err error) {
	locks, err := s.Numbers.Locks(c.Request.Context())
	for _, l := range locks {
		a := numbering.Answer{Series: l.Series, Year: l.Year}
		if a.Last = form.Get(a.Field()); a.Last != "" {
			answers = append(answers, a)
		}
	}
	return answers, err
}

// postNumbers shows what would be void, and does it once that was seen; where nothing would be, there is nothing to see.
func postNumbers(s *Server, c *gin.Context) error {
	ctx := c.Request.Context()
	form, err := readForm(c)
	if err != nil {
		return err
	}
	answers, err := s.numberAnswers(c, form)
	if err != nil {
		return err
	}
	if form.Get("sur") != "oui" {
		gaps, err := s.Numbers.Plan(ctx, answers)
		if problem, known := fault.As(err); known {
			return s.showNumbers(c, statuses[problem.Kind], form, problem)
		}
		if err != nil {
			return err
		}
		if len(gaps) > 0 {
			return s.checkNumbers(c, form, gaps)
		}
	}
	return s.submit(c, deskForm{
		purpose: "numbers",
		do: func(_ url.Values, key account.FormKey) (string, error) {
			return numbersPath + "?fait=numeros", s.Numbers.Release(ctx, s.actor(c), key, answers)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showNumbers(c, status, form, problem)
		},
	})
}
