package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/lesbricodeurs/ateliersdada/internal/words"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

const groupReportPath = "/equipe/bilan/groupes"

// groupReportPage are the group workshops of a period in figures.
type groupReportPage struct {
	DeskHead
	From, To Field
	Period   string // in words; empty where none could be read
	Sessions int
	Children int
	Hours    string
	Schools  int
	Parts    []reportPart
	// Demand is what the public sessions of the period could not take.
	Demand report.Demand
	// ExportHref is the table of the same period, for staff.
	ExportHref string
	Columns    []column
}

// reportPart is one table: the figures by one dimension.
type reportPart struct {
	Title, Column string
	Rows          []reportRow
	Total         reportRow
}

// reportRow is one line. Sessions are left out where one session counts in several rows.
type reportRow struct {
	Label        string
	Sessions     int
	Children     int
	Hours        string
	WithSessions bool
}

// reportSince is the first year that a report can be about; the last day is in two years. Beyond, a day is a slip of the keyboard.
const reportSince = 2000

// period reads the days of a report; without any it is the present school year.
func (s *Server) period(c *gin.Context) (from, to time.Time, wrong map[string]fault.Message, err error) {
	zone, err := loadTeamZone()
	if err != nil {
		return from, to, nil, err
	}
	now := s.config.Now().In(zone)
	year := now.Year()
	if now.Month() < time.September {
		year--
	}
	from, to = time.Date(year, time.September, 1, 0, 0, 0, 0, time.UTC), time.Date(year+1, time.August, 31, 0, 0, 0, 0, time.UTC)
	wrong = map[string]fault.Message{}
	for name, day := range map[string]*time.Time{"du": &from, "au": &to} {
		typed := c.Query(name)
		if typed == "" {
			continue
		}
		read, err := time.Parse(time.DateOnly, typed)
		if err != nil {
			wrong[name] = fault.Message{Key: "report.error.day"}
			continue
		}
		if latest := now.AddDate(2, 0, 0); read.Year() < reportSince || read.After(latest) {
			wrong[name] = fault.Message{Key: "report.error.far", Args: []any{strconv.Itoa(reportSince), s.words.Birth(latest)}}
			continue
		}
		*day = read
	}
	if len(wrong) == 0 && to.Before(from) {
		wrong["au"] = fault.Message{Key: "report.error.order"}
	}
	return from, to, wrong, nil
}

func getGroupReport(s *Server, c *gin.Context) error {
	from, to, wrong, err := s.period(c)
	if err != nil {
		return err
	}
	p := s.words
	page := &groupReportPage{
		DeskHead: s.deskHead(c, p.T("report.groups.title")),
		From:     Field{Name: "du", Label: p.T("report.from"), Value: from.Format(time.DateOnly), Type: "date"},
		To:       Field{Name: "au", Label: p.T("report.to"), Value: to.Format(time.DateOnly), Type: "date"},
	}
	if len(wrong) > 0 {
		page.From.Value, page.To.Value = c.Query("du"), c.Query("au")
		for _, day := range []*Field{&page.From, &page.To} {
			if _, err := time.Parse(time.DateOnly, day.Value); err != nil {
				day.Type = "" // a box for dates would hide what was typed
			}
		}
		problem, _ := fault.As(fault.InvalidFields(wrong))
		explain(p, &page.Page, problem, &page.From, &page.To)
		return s.show(c, http.StatusUnprocessableEntity, "equipe/report_groups", page)
	}
	figures, err := s.Report.GroupFigures(c.Request.Context(), s.actor(c), from, to)
	if err != nil {
		return err
	}
	page.Period, page.Sessions, page.Children, page.Schools = p.T("report.period", p.Date(from), p.Date(to)), figures.Total.Sessions, figures.Total.Presences, figures.Schools
	page.Hours = s.words.Duration(figures.Total.Minutes)
	if page.Demand, err = s.Report.Demand(c.Request.Context(), s.actor(c), from, to); err != nil {
		return err
	}
	if page.Manages {
		page.Columns = s.documented("report.export.", groupReportColumns)
		page.ExportHref = groupReportPath + ".csv?" + url.Values{"du": {page.From.Value}, "au": {page.To.Value}}.Encode()
	}
	for _, part := range figures.Parts {
		page.Parts = append(page.Parts, s.reportPart(part, figures.Total))
	}
	return s.show(c, http.StatusOK, "equipe/report_groups", page)
}

func (s *Server) reportPart(part report.Part, total report.Tally) reportPart {
	p := s.words
	whole := part.By != report.ByLevel && part.By != report.ByGender
	row := func(label string, t report.Tally) reportRow {
		return reportRow{Label: label, Sessions: t.Sessions, Children: t.Presences, Hours: s.words.Duration(t.Minutes), WithSessions: whole}
	}
	shown := reportPart{Title: p.T("report.by." + string(part.By)), Column: p.T("report.column." + string(part.By)), Total: row(p.T("report.total"), total)}
	for _, r := range part.Rows {
		shown.Rows = append(shown.Rows, row(s.reportValue(part.By, r.Value), r.Tally))
	}
	return shown
}

// reportValue is a value of a fact in words.
func (s *Server) reportValue(by report.Dimension, value string) string {
	p := s.words
	switch {
	case by == report.ByPriority && value == "":
		return p.T("report.no_priority")
	case value == "":
		return p.T("report.unknown")
	case by == report.ByGender:
		return p.T("class.gender." + value)
	case by == report.ByKind:
		return p.T("school.kind." + value)
	case by == report.BySector:
		return p.T("report.sector." + value)
	case by == report.ByFunding:
		return fundingName(p, value)
	case by == report.ByDiscipline:
		return p.T("discipline." + value)
	}
	return value
}

// fundingName is a kind of funding in words. One that the association named itself says its own name.
func fundingName(p *words.Printer, kind string) string {
	if key := "school.funding." + kind; p.Has(key) {
		return p.T(key)
	}
	return kind
}

// groupReportColumns are the columns of the table, each with a text report.export.NAME.
var groupReportColumns = []string{"day", "session", "kind", "uai", "sector", "priority", "commune_code", "city", "discipline", "level", "gender", "funding", "minutes", "children"}

// getGroupReportFile gives the facts of a period as a table for a spreadsheet. Who took it is kept in the access log.
func getGroupReportFile(s *Server, c *gin.Context) error {
	from, to, wrong, err := s.period(c)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fault.InvalidFields(wrong)
	}
	facts, err := s.Report.ExportGroups(c.Request.Context(), s.actor(c), from, to)
	if err != nil {
		return err
	}
	var names []string
	for _, column := range groupReportColumns {
		names = append(names, s.words.T("report.export."+column))
	}
	var file bytes.Buffer
	w, err := table.NewWriter(&file, names...)
	if err != nil {
		return err
	}
	for _, f := range facts {
		text := func(by report.Dimension, value string) table.Cell { return table.Text(s.reportValue(by, value)) }
		if err := w.Write(table.Text(f.HeldOn), table.Number(int(f.SessionID)), text(report.ByKind, f.Kind), table.Text(f.UAI), text(report.BySector, f.Sector),
			table.Text(f.Priority), table.Text(f.CommuneCode), table.Text(f.City), text(report.ByDiscipline, f.Discipline), table.Text(f.Level),
			text(report.ByGender, f.Gender), text(report.ByFunding, f.Funding), table.Number(f.Minutes), table.Number(f.Children)); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return sendFile(c, "bilan-groupes.csv", "text/csv; charset=utf-8", file.Bytes())
}
