package web

import (
	"bytes"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// The columns of the files, each with texts bilan.export.NAME and bilan.export.NAME.what.
var (
	bilanFileColumns     = []string{"from", "to", "table", "row", "sessions", "children", "presences", "hours", "places"}
	presencesFileColumns = []string{"day", "session", "discipline", "city", "funding", "age", "gender", "department", "postcode", "qpv", "zoning", "method", "hours", "first_ever", "first_year", "first_school_year"}
)

// bilanColumns documents the columns of both files.
func (s *Server) bilanColumns() []column {
	names := slices.Clone(bilanFileColumns)
	for _, name := range presencesFileColumns {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return s.documented("bilan.export.", names)
}

func (s *Server) columnNames(columns []string) (names []string) {
	for _, column := range columns {
		names = append(names, s.words.T("bilan.export."+column))
	}
	return names
}

// askedBilan reads the question of a file; a period that cannot be read is Invalid.
func (s *Server) askedBilan(c *gin.Context) (report.Question, error) {
	q, wrong, err := s.bilanQuestion(c)
	if err == nil && len(wrong) > 0 {
		err = fault.InvalidFields(wrong)
	}
	return q, err
}

// rows is where a file's rows go: a CSV or a sheet.
type rows interface {
	Write(cells ...table.Cell) error
}

// writeBilan writes the tables of a report, one figure a cell.
func (s *Server) writeBilan(w rows, b report.Bilan) error {
	figure := func(t report.Table, l []report.Cell, m report.Measure) table.Cell {
		for i, measure := range t.Measures {
			switch {
			case measure != m:
			case l[i].Mask != report.Shown:
				return table.Text(s.figure(m, l[i]))
			case m == report.Minutes:
				return table.Hours(l[i].N)
			default:
				return table.Number(l[i].N)
			}
		}
		return table.Text("")
	}
	for _, t := range b.Tables {
		title := s.words.T("bilan.by." + string(t.By))
		if t.Groups {
			title = s.words.T("bilan.of_groups", title)
		}
		write := func(label string, cells []report.Cell) error {
			return w.Write(table.Text(b.From.Format(time.DateOnly)), table.Text(b.To.Format(time.DateOnly)), table.Text(title), table.Text(label),
				figure(t, cells, report.Sessions), figure(t, cells, report.Children), figure(t, cells, report.Presences), figure(t, cells, report.Minutes), figure(t, cells, report.Places))
		}
		for _, l := range t.Rows {
			if err := write(s.bilanValue(b, t.By, l.Value), l.Cells); err != nil {
				return err
			}
		}
		if len(t.Rows) > 0 || t.Withheld {
			if err := write(s.words.T("report.total"), t.Total); err != nil {
				return err
			}
		}
	}
	return nil
}

func getBilanCSV(s *Server, c *gin.Context) error {
	q, err := s.askedBilan(c)
	if err != nil {
		return err
	}
	now, before, err := s.Report.Export(c.Request.Context(), s.actor(c), q, "csv")
	if err != nil {
		return err
	}
	var file bytes.Buffer
	w, err := table.NewWriter(&file, s.columnNames(bilanFileColumns)...)
	if err != nil {
		return err
	}
	for _, b := range []report.Bilan{now, before} {
		if err := s.writeBilan(w, b); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return sendFile(c, "bilan.csv", "text/csv; charset=utf-8", file.Bytes())
}

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func getBilanWorkbook(s *Server, c *gin.Context) error {
	q, err := s.askedBilan(c)
	if err != nil {
		return err
	}
	now, before, err := s.Report.Export(c.Request.Context(), s.actor(c), q, "xlsx")
	if err != nil {
		return err
	}
	return s.sendWorkbook(c, "bilan.xlsx", s.words.T("bilan.title"), bilanFileColumns, func(w rows) error {
		if err := s.writeBilan(w, now); err != nil {
			return err
		}
		return s.writeBilan(w, before)
	})
}

// sendWorkbook sends a sheet of rows, and one that says what its columns hold.
func (s *Server) sendWorkbook(c *gin.Context, name, sheet string, columns []string, write func(rows) error) error {
	return s.sendWorkbookOf(c, name, sheet, columns, func(key string) string { return s.words.T("bilan.export." + key) }, write)
}

// sendWorkbookOf is sendWorkbook with texts of its own: that of COLUMN is its name, that of COLUMN.what says what it holds; columns, column and
// meaning are the texts of the second sheet.
func (s *Server) sendWorkbookOf(c *gin.Context, name, sheet string, columns []string, text func(key string) string, write func(rows) error) error {
	book := table.NewWorkbook()
	defer book.Discard()
	var names []string
	for _, column := range columns {
		names = append(names, text(column))
	}
	if err := book.Sheet(sheet, names...); err != nil {
		return err
	}
	if err := write(book); err != nil {
		return err
	}
	if err := book.Sheet(text("columns"), text("column"), text("meaning")); err != nil {
		return err
	}
	for _, column := range columns {
		if err := book.Write(table.Text(text(column)), table.Text(text(column+".what"))); err != nil {
			return err
		}
	}
	var file bytes.Buffer
	if err := book.Finish(&file); err != nil {
		return err
	}
	return sendFile(c, name, workbookType, file.Bytes())
}

// writePresences writes one row for each presence.
func (s *Server) writePresences(c *gin.Context, q report.Question, w rows) error {
	p := s.words
	yes := func(b bool) table.Cell {
		if b {
			return table.Number(1)
		}
		return table.Number(0)
	}
	return s.Report.ExportPresences(c.Request.Context(), s.actor(c), q, func(r report.Presence) error {
		zoning, method := table.Text(""), table.Text("")
		if r.QPVMethod != "" {
			zoning, method = table.Number(r.QPVZoning), table.Text(p.T("bilan.qpv."+r.QPVMethod))
		}
		department, postcode := report.Home(r.Home)
		return w.Write(table.Text(r.HeldOn), table.Number(int(r.SessionID)), table.Text(p.T("discipline."+r.Discipline)), table.Text(r.City), table.Text(fundingName(p, r.Funding)), table.Text(s.ageBand(r.AgeBand)),
			table.Text(s.reportValue(report.ByGender, r.Gender)), table.Text(department), table.Text(postcode), table.Text(p.T("bilan.qpv."+r.QPV)), zoning, method, table.Hours(r.Minutes),
			yes(r.FirstEver), yes(r.FirstOfYear), yes(r.FirstOfSchoolYear))
	})
}

func getPresencesCSV(s *Server, c *gin.Context) error {
	q, err := s.askedBilan(c)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	w, err := table.NewWriter(&file, s.columnNames(presencesFileColumns)...)
	if err != nil {
		return err
	}
	if err := s.writePresences(c, q, w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return sendFile(c, "presences.csv", "text/csv; charset=utf-8", file.Bytes())
}

func getPresencesWorkbook(s *Server, c *gin.Context) error {
	q, err := s.askedBilan(c)
	if err != nil {
		return err
	}
	return s.sendWorkbook(c, "presences.xlsx", s.words.T("bilan.presences"), presencesFileColumns, func(w rows) error { return s.writePresences(c, q, w) })
}

func getBilanPaper(s *Server, c *gin.Context) error {
	q, err := s.askedBilan(c)
	if err != nil {
		return err
	}
	now, before, err := s.Report.Export(c.Request.Context(), s.actor(c), q, "pdf")
	if err != nil {
		return err
	}
	from, err := s.Report.Association(c.Request.Context())
	if err != nil {
		return err
	}
	paper := s.bilanPaper(now, before, document.Association(from))
	if paper.Logo, err = s.Office.Logo(c.Request.Context()); err != nil {
		return err
	}
	var file bytes.Buffer
	if err := s.Press.Bilan(c.Request.Context(), &file, paper); err != nil {
		return err
	}
	return sendFile(c, "bilan.pdf", "application/pdf", file.Bytes())
}

// bilanPaper is a report as it is printed; of two reports that leave the team.
func (s *Server) bilanPaper(now, before report.Bilan, from document.Association) document.Bilan {
	p := s.words
	paper := document.Bilan{Lang: words.French, Association: from, Period: p.T("report.period", p.Birth(now.From), p.Birth(now.To)), Compared: s.bilanCompared(before.Question),
		Notes: append(s.bilanNotes(now), p.T("bilan.note.masked")), MadeAt: s.config.Now()}
	for _, chosen := range []struct {
		key   string
		by    report.Dimension
		value string
	}{{"bilan.city", report.ByCity, now.City}, {"bilan.discipline", report.ByDiscipline, now.Discipline}, {"bilan.funding", report.ByFunding, now.Funding}} {
		if chosen.value != "" {
			paper.Chosen = append(paper.Chosen, p.T("bilan.chosen", p.T(chosen.key), s.bilanValue(now, chosen.by, chosen.value)))
		}
	}
	for _, f := range s.bilanFigures(now, before) {
		paper.Figures = append(paper.Figures, document.BilanFigure(f))
	}
	public, groups := s.bilanSections(now, before)
	add := func(sections []bilanSection) {
		for _, section := range sections {
			t := document.BilanTable{Title: section.Title, Column: section.Column, Columns: section.Columns, Total: bilanPaperRow(section.Total)}
			for _, r := range section.Rows {
				t.Rows = append(t.Rows, bilanPaperRow(r))
			}
			if section.Withheld {
				t.Note = p.T("bilan.withheld")
			}
			paper.Tables = append(paper.Tables, t)
		}
	}
	add(public)
	add(groups)
	return paper
}

func bilanPaperRow(r bilanRow) document.BilanRow {
	row := document.BilanRow{Label: r.Label, Share: r.Share}
	for _, c := range r.Cells {
		row.Cells = append(row.Cells, c.Text)
	}
	return row
}
