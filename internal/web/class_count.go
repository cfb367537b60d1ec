package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// countPage takes how many children came to a private session, without any name.
type countPage struct {
	Page
	Session ledSession
	Action  string
	Key     FormKey
	Open    bool
	Levels  []countLevel
	Total   int
	// Came is what the register says beside it; Differs is true where that is another number.
	Pupils, Came int
	Differs      bool
}

// countLevel is one level of the form.
type countLevel struct {
	Legend string
	Level  Field
	Counts []Field
	Total  int
}

func countPath(sessionID int64) string { return registerPath(sessionID, "/effectif") }

func getCount(s *Server, c *gin.Context) error {
	return s.showCount(c, http.StatusOK, nil, nil)
}

// showCount shows the headcount; form is what was typed.
func (s *Server) showCount(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	count, err := s.Attendance.Counted(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	page := &countPage{
		Page: s.facilitatePage(c, s.words.T("class.count.title")), Session: newLedSession(count.Session, nil), Action: countPath(id),
		Key: s.newKey(c, "count"), Open: count.Open, Total: count.Total(), Pupils: count.Pupils, Came: count.Came,
	}
	page.Differs = page.Total > 0 && page.Came > 0 && page.Total != page.Came
	typed := typedLevels(form)
	if form == nil {
		for _, level := range count.Levels {
			typed = append(typed, typedLevel{level: level.Level, counts: shownCounts(level)})
		}
		if len(typed) == 0 {
			typed = []typedLevel{{level: count.Group.Level}}
		}
	}
	if count.Open && len(typed) < attendance.MaxLevels {
		typed = append(typed, typedLevel{})
	}
	for i, level := range typed {
		page.Levels = append(page.Levels, s.countLevel(i+1, level, i > 0 && level.isEmpty()))
	}
	if problem != nil {
		var controls []control
		for i := range page.Levels {
			controls = append(controls, &page.Levels[i].Level)
			for j := range page.Levels[i].Counts {
				controls = append(controls, &page.Levels[i].Counts[j])
			}
		}
		explain(s.words, &page.Page, problem, controls...)
	} else if c.Query("fait") != "" {
		page.Notice = &Notice{Tone: ToneDone, Title: s.words.N("class.count.done", page.Total)}
	}
	return s.show(c, status, "animation/count", page)
}

// typedLevel is one level as it was typed.
type typedLevel struct {
	level  string
	counts map[attendance.Gender]string
}

func (l typedLevel) isEmpty() bool { return l.level == "" && strings.Join(l.texts(), "") == "" }

func (l typedLevel) texts() (all []string) {
	for _, gender := range attendance.Genders() {
		all = append(all, l.counts[gender])
	}
	return all
}

// typedLevels reads the levels that somebody filled in; empty ones are passed over.
func typedLevels(form url.Values) (levels []typedLevel) {
	for n := 1; n <= attendance.MaxLevels; n++ {
		l := typedLevel{level: strings.TrimSpace(form.Get(attendance.LevelField(n))), counts: map[attendance.Gender]string{}}
		for _, gender := range attendance.Genders() {
			l.counts[gender] = strings.TrimSpace(form.Get(attendance.CountField(n, gender)))
		}
		if !l.isEmpty() {
			levels = append(levels, l)
		}
	}
	return levels
}

func shownCounts(h attendance.Headcount) map[attendance.Gender]string {
	shown := map[attendance.Gender]string{}
	for gender, n := range h.Children {
		if n > 0 {
			shown[gender] = strconv.Itoa(n)
		}
	}
	return shown
}

func (s *Server) countLevel(n int, typed typedLevel, optional bool) countLevel {
	p := s.words
	l := countLevel{
		Legend: p.T("class.count.level", n),
		Level:  Field{Name: attendance.LevelField(n), Label: p.T("class.count.name"), Hint: p.T("class.count.name.hint"), Value: typed.level, Optional: optional, MaxLength: 40, Autocomplete: "off", Width: WidthMedium},
	}
	if optional {
		l.Legend = p.T("class.count.another")
	}
	for _, gender := range attendance.Genders() {
		l.Counts = append(l.Counts, Field{Name: attendance.CountField(n, gender), Label: p.T("class.gender." + string(gender)), Value: typed.counts[gender],
			Conditional: true, InputMode: "numeric", MaxLength: 3, Autocomplete: "off", Width: WidthShort})
		if n := wholeNumber(typed.counts[gender]); n > 0 {
			l.Total += n
		}
	}
	return l
}

func postCount(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "count",
		do: func(form url.Values, key account.FormKey) (string, error) {
			var levels []attendance.Headcount
			for _, typed := range typedLevels(form) {
				h := attendance.Headcount{Level: typed.level, Children: map[attendance.Gender]int{}}
				for gender, text := range typed.counts {
					if text != "" {
						h.Children[gender] = wholeNumber(text)
					}
				}
				levels = append(levels, h)
			}
			return countPath(id) + "?fait=compte", s.Attendance.Count(c.Request.Context(), s.actor(c), key, id, levels)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showCount(c, status, form, problem)
		},
	})
}
