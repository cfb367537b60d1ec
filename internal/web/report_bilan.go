package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
)

const bilanPath = "/equipe/bilan"

// bilanPage is what took place in a period, for the team: every figure, small ones too.
type bilanPage struct {
	DeskHead
	Presets                   []deskTab
	From, To                  Field
	City, Discipline, Funding Select
	Period, Compared          string // in words; empty where none could be read
	Running                   bool   // the period is not over
	Choosing                  bool   // the form is open: something is chosen that no preset has
	Nothing                   bool
	Figures                   []bilanFigure
	Sections                  []bilanSection
	GroupSections             []bilanSection
	Notes                     []string
	// Files are the report as it may leave the team; Details what must not. For staff.
	Files, Details []Link
	Columns        []column
}

// bilanFigure is one figure of the head, with that of the period before.
type bilanFigure struct{ Label, Now, Before string }

// bilanSection is one table, with the chart of its main figure.
type bilanSection struct {
	ID, Title, Column, Note string
	Columns                 []string
	Rows                    []bilanRow
	Total                   bilanRow
	Chart                   barChart
	Withheld                bool
}

// bilanRow is one line of a table; its cells stand under Columns.
type bilanRow struct {
	Label string
	Cells []bilanCell
	// Share is what the main figure is of the greatest in the table, from 0 to 100; 0 where it is hidden.
	Share int
}

type bilanCell struct{ Column, Text string }

// barChart is drawn as SVG; what it shows stands in the table beside it too.
type barChart struct {
	Label string
	Bars  []bar
}

// bar is one value and the one of the period before, in per cent of the greatest.
type bar struct {
	Label, NowText string
	Now, Before    int
}

// bilanQuestion reads what a report is asked about.
func (s *Server) bilanQuestion(c *gin.Context) (q report.Question, wrong map[string]fault.Message, err error) {
	from, to, wrong, err := s.period(c)
	return report.Question{From: from, To: to, City: c.Query("ville"), Discipline: c.Query("discipline"), Funding: c.Query("financement")}, wrong, err
}

// query is the part of a path that asks the same question again.
func bilanQuery(q report.Question) string {
	v := url.Values{"du": {q.From.Format(time.DateOnly)}, "au": {q.To.Format(time.DateOnly)}}
	for name, value := range map[string]string{"ville": q.City, "discipline": q.Discipline, "financement": q.Funding} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return "?" + v.Encode()
}

func getBilan(s *Server, c *gin.Context) error {
	q, wrong, err := s.bilanQuestion(c)
	if err != nil {
		return err
	}
	p := s.words
	cities, fundings, err := s.Report.Choices(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	page := &bilanPage{
		DeskHead:   s.deskHead(c, p.T("bilan.title")),
		From:       Field{Name: "du", Label: p.T("report.from"), Value: q.From.Format(time.DateOnly), Type: "date"},
		To:         Field{Name: "au", Label: p.T("report.to"), Value: q.To.Format(time.DateOnly), Type: "date"},
		City:       Select{Name: "ville", Label: p.T("bilan.city"), Optional: true, Empty: p.T("bilan.all")},
		Discipline: Select{Name: "discipline", Label: p.T("bilan.discipline"), Optional: true, Empty: p.T("bilan.all")},
		Funding:    Select{Name: "financement", Label: p.T("bilan.funding"), Optional: true, Empty: p.T("bilan.all")},
	}
	for _, city := range cities {
		page.City.Options = append(page.City.Options, Option{Value: city, Label: city})
	}
	page.City.Options = chooseAsked(page.City.Options, q.City)
	for _, d := range catalog.Disciplines {
		page.Discipline.Options = append(page.Discipline.Options, Option{Value: string(d), Label: p.T("discipline." + string(d))})
	}
	page.Discipline.Options = chooseAsked(page.Discipline.Options, q.Discipline)
	for _, f := range fundings {
		page.Funding.Options = append(page.Funding.Options, Option{Value: f, Label: fundingName(p, f)})
	}
	page.Funding.Options = chooseAsked(page.Funding.Options, q.Funding)
	if len(wrong) > 0 {
		page.From.Value, page.To.Value = c.Query("du"), c.Query("au")
		for _, day := range []*Field{&page.From, &page.To} {
			if _, err := time.Parse(time.DateOnly, day.Value); err != nil {
				day.Type = "" // a box for dates would hide what was typed
			}
		}
		problem, _ := fault.As(fault.InvalidFields(wrong))
		explain(p, &page.Page, problem, &page.From, &page.To)
		page.Choosing = true
		return s.show(c, http.StatusUnprocessableEntity, "equipe/report", page)
	}
	now, err := s.Report.Bilan(c.Request.Context(), s.actor(c), q)
	if err != nil {
		return err
	}
	before, err := s.Report.Bilan(c.Request.Context(), s.actor(c), q.Before())
	if err != nil {
		return err
	}
	today, err := s.teamDay()
	if err != nil {
		return err
	}
	page.Presets = s.bilanPresets(q, today)
	page.Choosing = q.City+q.Discipline+q.Funding != "" || !slices.ContainsFunc(page.Presets, func(tab deskTab) bool { return tab.Current != "" })
	page.Period, page.Compared = p.T("report.period", p.Date(q.From), p.Date(q.To)), s.bilanCompared(before.Question)
	page.Running = !today.After(q.To)
	figures := s.bilanFigures(now, before)
	sections, groups := s.bilanSections(now, before)
	page.Nothing = now.Table(report.ByFrame, false).Of(nil, report.Sessions).N == 0
	page.Figures, page.Sections, page.GroupSections, page.Notes = figures, sections, groups, s.bilanNotes(now)
	if page.Manages {
		page.Files = []Link{{bilanPath + ".pdf" + bilanQuery(q), p.T("bilan.file.pdf")}, {bilanPath + ".xlsx" + bilanQuery(q), p.T("bilan.file.xlsx")}, {bilanPath + ".csv" + bilanQuery(q), p.T("bilan.file.csv")}}
		page.Details = []Link{{bilanPath + "/presences.xlsx" + bilanQuery(q), p.T("bilan.detail.xlsx")}, {bilanPath + "/presences.csv" + bilanQuery(q), p.T("bilan.detail.csv")}}
		page.Columns = s.bilanColumns()
	}
	return s.show(c, http.StatusOK, "equipe/report", page)
}

// teamDay is the present day where the association is.
func (s *Server) teamDay() (time.Time, error) {
	zone, err := loadTeamZone()
	if err != nil {
		return time.Time{}, err
	}
	now := s.config.Now().In(zone)
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC), nil
}

// bilanPresets are the periods that are asked for most, with what else q asks.
func (s *Server) bilanPresets(q report.Question, today time.Time) []deskTab {
	school := today.Year()
	if today.Month() < time.September {
		school--
	}
	first := func(year int, month time.Month) time.Time { return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC) }
	quarter := first(today.Year(), today.Month()-(today.Month()-1)%3)
	years := func(y int) string { return strconv.Itoa(y) + "–" + strconv.Itoa(y+1) }
	var presets []deskTab
	for _, preset := range []struct {
		label  string
		from   time.Time
		months int
	}{
		{s.words.T("bilan.preset.school", years(school)), first(school, time.September), 12},
		{s.words.T("bilan.preset.school", years(school-1)), first(school-1, time.September), 12},
		{s.words.T("bilan.preset.year", strconv.Itoa(today.Year())), first(today.Year(), time.January), 12},
		{s.words.T("bilan.preset.year", strconv.Itoa(today.Year()-1)), first(today.Year()-1, time.January), 12},
		{s.words.T("bilan.preset.quarter"), quarter, 3},
		{s.words.T("bilan.preset.last_quarter"), quarter.AddDate(0, -3, 0), 3},
	} {
		asked := q
		asked.From, asked.To = preset.from, preset.from.AddDate(0, preset.months, -1)
		tab := deskTab{Href: bilanPath + bilanQuery(asked), Label: preset.label}
		if asked == q {
			tab.Current = "true"
		}
		presets = append(presets, tab)
	}
	return presets
}

func (s *Server) bilanCompared(before report.Question) string {
	return s.words.T("bilan.compared", s.words.Date(before.From), s.words.Date(before.To))
}

// figure is a figure in words.
func (s *Server) figure(m report.Measure, c report.Cell) string {
	switch {
	case c.Mask == report.Small:
		return s.words.T("bilan.small")
	case c.Mask == report.Hidden:
		return s.words.T("bilan.hidden")
	case m == report.Minutes:
		return s.words.Duration(c.N)
	}
	return s.words.Number(c.N)
}

// share is a part of a whole in per cent, empty where either is hidden or the whole is nothing.
func (s *Server) share(part, whole report.Cell) string {
	if part.Mask != report.Shown || whole.Mask != report.Shown || whole.N == 0 {
		return ""
	}
	return s.words.T("bilan.percent", (100*part.N+whole.N/2)/whole.N)
}

// bilanFigures are the figures of the head, without those that there is nothing to say about.
func (s *Server) bilanFigures(now, before report.Bilan) (figures []bilanFigure) {
	p := s.words
	add := func(label string, of func(report.Bilan) string) {
		if text := of(now); text != "" {
			figures = append(figures, bilanFigure{label, text, of(before)})
		}
	}
	total := func(by report.Dimension, m report.Measure) func(report.Bilan) string {
		return func(b report.Bilan) string { return s.figure(m, b.Table(by, false).Of(nil, m)) }
	}
	value := func(by report.Dimension, value string, m report.Measure) func(report.Bilan) string {
		return func(b report.Bilan) string { return s.figure(m, b.Table(by, false).Of(&value, m)) }
	}
	add(p.T("bilan.figure.sessions"), total(report.ByFrame, report.Sessions))
	if now.CountsChildren {
		counted := func(of func(report.Bilan) string) func(report.Bilan) string {
			return func(b report.Bilan) string {
				if !b.CountsChildren {
					return "" // no children counted is not the same as none
				}
				return of(b)
			}
		}
		add(p.T("bilan.figure.children"), counted(total(report.ByNewness, report.Children)))
		add(p.T("bilan.figure.first"), counted(value(report.ByNewness, report.FirstTime, report.Children)))
	}
	add(p.T("bilan.figure.presences"), total(report.ByFrame, report.Presences))
	add(p.T("bilan.figure.minutes"), total(report.ByFrame, report.Minutes))
	_, unknown, _ := now.GirlsShare()
	add(p.N("bilan.figure.girls", unknown), func(b report.Bilan) string {
		percent, _, known := b.GirlsShare()
		if !known {
			return ""
		}
		return p.T("bilan.percent", percent)
	})
	public := report.Public
	add(p.T("bilan.figure.fill"), func(b report.Bilan) string {
		return s.share(b.Table(report.ByFrame, false).Of(&public, report.Presences), report.Cell{N: b.Seats})
	})
	add(p.T("bilan.figure.absent"), value(report.ByAbsence, report.Absent, report.Places))
	add(p.T("bilan.figure.late"), func(b report.Bilan) string { return s.figure(report.Places, b.Late) })
	add(p.T("bilan.figure.unmet"), value(report.ByDemand, report.Unmet, report.Children))
	add(p.T("bilan.figure.schools"), func(b report.Bilan) string { return p.Number(b.Schools) })
	return figures
}

// bilanNotes are what a reader of the figures must know.
func (s *Server) bilanNotes(b report.Bilan) []string {
	p := s.words
	notes := []string{p.T("bilan.note.closed")}
	switch {
	case b.CountsChildren:
		notes = append(notes, p.T("bilan.note.children"))
		if b.Twice != (report.Cell{}) {
			notes = append(notes, p.T("bilan.note.twice", s.figure(report.Children, b.Twice)))
		}
	default:
		notes = append(notes, p.T("bilan.note.no_children"))
	}
	return append(notes, p.T("bilan.note.place"), p.T("bilan.note.qpv"))
}

// bilanSections are the tables that there is something in, of public sessions and of groups.
func (s *Server) bilanSections(now, before report.Bilan) (public, groups []bilanSection) {
	for _, t := range now.Tables {
		if len(t.Rows) == 0 && !t.Withheld {
			continue
		}
		section := s.bilanSection(now, t, before.Table(t.By, t.Groups), now.CountsChildren == before.CountsChildren)
		if t.Groups {
			groups = append(groups, section)
		} else {
			public = append(public, section)
		}
	}
	return public, groups
}

// mainMeasure is what a table is compared and drawn by: children where both periods count them. compared is false where the
// period before counts nothing that this one does: that is not the same as none.
func mainMeasure(t, before report.Table, alike bool) (m report.Measure, compared bool) {
	for _, m := range t.Measures {
		if m != report.Sessions && (m != report.Children || alike || slices.Contains(before.Measures, m)) {
			return m, true
		}
	}
	if slices.Contains(t.Measures, report.Children) {
		return report.Children, false
	}
	return report.Sessions, true
}

// bilanSection shows a table beside that of the period before. alike tells that both periods count children, or neither does.
func (s *Server) bilanSection(b report.Bilan, t, before report.Table, alike bool) bilanSection {
	p := s.words
	m, compared := mainMeasure(t, before, alike)
	section := bilanSection{ID: "par-" + string(t.By), Title: p.T("bilan.by." + string(t.By)), Column: p.T("bilan.column." + string(t.By)), Withheld: t.Withheld}
	if t.Groups {
		section.ID += "-groupes"
		section.Title = p.T("bilan.of_groups", section.Title)
	}
	for _, measure := range t.Measures {
		section.Columns = append(section.Columns, p.T("bilan.measure."+string(measure)))
	}
	section.Columns = append(section.Columns, p.T("bilan.before", p.T("bilan.measure."+string(m))))
	row := func(label string, cells []report.Cell, was report.Cell) bilanRow {
		r := bilanRow{Label: label}
		for i, measure := range t.Measures {
			r.Cells = append(r.Cells, bilanCell{section.Columns[i], s.figure(measure, cells[i])})
		}
		text := p.T("bilan.not_counted")
		if compared {
			text = s.figure(m, was)
		}
		r.Cells = append(r.Cells, bilanCell{section.Columns[len(t.Measures)], text})
		return r
	}
	lines := t.Rows
	most := 0
	for _, l := range before.Rows {
		gone := true
		for _, there := range t.Rows {
			gone = gone && there.Value != l.Value
		}
		if gone && !t.Withheld {
			lines = append(lines[:len(lines):len(lines)], report.Line{Value: l.Value, Cells: make([]report.Cell, len(t.Measures))})
		}
		most = max(most, before.Of(&l.Value, m).N)
	}
	for _, l := range lines {
		most = max(most, t.Of(&l.Value, m).N)
	}
	section.Chart.Label = p.T("bilan.chart", section.Title, p.T("bilan.measure."+string(m)))
	for _, l := range lines {
		is, was := t.Of(&l.Value, m), before.Of(&l.Value, m)
		r := row(s.bilanValue(b, t.By, l.Value), l.Cells, was)
		b := bar{Label: r.Label, NowText: s.figure(m, is)}
		if most > 0 {
			r.Share, b.Now, b.Before = 100*is.N/most, 100*is.N/most, 100*was.N/most
		}
		section.Rows = append(section.Rows, r)
		section.Chart.Bars = append(section.Chart.Bars, b)
	}
	section.Total = row(p.T("report.total"), t.Total, before.Of(nil, m))
	return section
}

// bilanValue is a value of a table of a report in words.
func (s *Server) bilanValue(b report.Bilan, by report.Dimension, value string) string {
	p := s.words
	switch by {
	case report.ByFrame, report.ByNewness, report.ByAbsence, report.ByDemand:
		return p.T("bilan.value." + value)
	case report.ByAge:
		return s.ageBand(value)
	case report.ByQPV:
		answer, how, _ := strings.Cut(value, "/")
		if how == "" {
			return p.T("bilan.qpv." + answer)
		}
		year, method, _ := strings.Cut(how, "/")
		return p.T("bilan.qpv.map", p.T("bilan.qpv."+answer), year, p.T("bilan.qpv."+method))
	case report.ByHome:
		return s.home(b.Communes, value)
	case report.ByFunding:
		if value == "" {
			return p.T("bilan.no_funding")
		}
	}
	return s.reportValue(by, value)
}

// home is where children live in words: a commune, where its postcode tells it.
func (s *Server) home(communes map[string]string, value string) string {
	p := s.words
	department, postcode := report.Home(value)
	switch {
	case department == "":
		return p.T("report.unknown")
	case postcode == "":
		return p.T("bilan.department", department)
	case borough(postcode) != "":
		return p.T("bilan.commune", borough(postcode), postcode)
	case communes[postcode] != "":
		return p.T("bilan.commune", communes[postcode], postcode)
	}
	return p.T("bilan.postcode", postcode)
}

// borough names the arrondissement of Lyon, Paris or Marseille that a postcode is; empty for any other.
func borough(postcode string) string {
	number, err := strconv.Atoi(postcode)
	if err != nil {
		return ""
	}
	if number == 75116 { // the second postcode of the 16th
		number = 75016
	}
	for _, city := range []struct {
		name     string
		first, n int
	}{{"Lyon", 69001, 9}, {"Paris", 75001, 20}, {"Marseille", 13001, 16}} {
		switch at := number - city.first; {
		case at == 0:
			return city.name + " 1er"
		case at > 0 && at < city.n:
			return city.name + " " + strconv.Itoa(at+1) + "e"
		}
	}
	return ""
}

// ageBand is a band of ages in words.
func (s *Server) ageBand(band string) string {
	youngest, _, _ := strings.Cut(strings.TrimSuffix(band, "+"), "-")
	return s.words.T("bilan.age." + youngest)
}
