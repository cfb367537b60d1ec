package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

const (
	programmePath = "/equipe/seances/importer"
	programmeSave = programmePath + "/enregistrer"
	// programmeModel is a file to fill in.
	programmeModel = programmePath + "/modele.xlsx"

	// programmeCap is how many bytes a programme may come to: a year of sessions has less than a tenth.
	programmeCap = 1 << 20
	// mostImported is how many sessions a programme may have.
	mostImported = 1_000

	programmeFile = "fichier"   // the field that brings the file
	programmeText = "programme" // the field that brings its text from the preview
	programmeFrom = "depuis"    // the field that says from when an old programme is taken up again
)

// programmeImportPage asks for the file of a programme.
type programmeImportPage struct {
	DeskHead
	Key     FormKey
	File    Field
	From    Field
	Columns []programmeColumn
	Model   string
	// Problems are what is wrong in the rows of the file that came, and More how many further rows are.
	Problems []string
	More     int
}

// programmeColumn is a column of the file, with a value of it.
type programmeColumn struct{ Name, Meaning, Example string }

// programmePreviewPage shows what a file would add, before anything is.
type programmePreviewPage struct {
	DeskHead
	Key       FormKey
	New       []importedSession
	There     []importedSession
	Brings    []string // workshops and venues that are lacking
	Obstacles *obstacles
	Text      string // of the file
	From      string
	Moved     string // by how many weeks; empty for none
}

type importedSession struct {
	Name, When, Venue string
	Note              string // the holidays that it falls into
	Href              string // of one that is there
}

// ReadProgramme reads a spreadsheet (XLSX) or a CSV file with the columns of catalog.ProgrammeColumns, as table.Saved takes them. Every
// mistake is returned by line and column; a file with any must not be imported.
func ReadProgramme(file []byte) (rows []catalog.ProgrammeRow, problems []table.Problem, err error) {
	text, problems := table.Saved(file)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	problems, err = table.Read(bytes.NewReader(text), table.Header{Required: catalog.ProgrammeColumns}, func(r table.Row) {
		rows = append(rows, catalog.ParseProgrammeRow(r.Line, r.Get, r.Wrong))
	})
	return rows, problems, err
}

func getProgrammeImport(s *Server, c *gin.Context) error {
	return s.showProgrammeImport(c, http.StatusOK, "", nil, nil)
}

// showProgrammeImport asks for a file; problem is what is wrong with one that came, and problems with its rows.
func (s *Server) showProgrammeImport(c *gin.Context, status int, from string, problem *fault.Error, problems []table.Problem) error {
	p := s.words
	page := &programmeImportPage{DeskHead: s.deskHead(c, p.T("plan.import.title")), Model: programmeModel, Key: s.newKey(c, "programme"),
		File: Field{Name: programmeFile, Label: p.T("plan.import.file"), Hint: p.T("plan.import.file.hint"), Type: "file"},
		From: Field{Name: programmeFrom, Label: p.T("plan.import.from"), Hint: p.T("plan.import.from.hint"), Value: from, Type: "date", Width: WidthMedium, Optional: true}}
	for i, example := range s.programmeExample() {
		name := catalog.ProgrammeColumns[i]
		page.Columns = append(page.Columns, programmeColumn{Name: name, Meaning: p.T("plan.import.column." + name), Example: example})
	}
	for _, wrong := range problems[:min(len(problems), shownProblems)] {
		page.Problems = append(page.Problems, p.Message(wrong.Message()))
	}
	page.More = len(problems) - len(page.Problems)
	if problem != nil {
		explain(p, &page.Page, problem, &page.File, &page.From)
	}
	return s.show(c, status, "equipe/programme_import", page)
}

// programmeExample is a row of a programme, a value for each of catalog.ProgrammeColumns.
func (s *Server) programmeExample() []string {
	return strings.Split(s.words.T("plan.import.example"), ";")
}

// getProgrammeModel gives a workbook with the columns, one row as an example, and a second sheet that says what they hold. There is nothing
// of the association in it, so that the access log need not know.
func getProgrammeModel(s *Server, c *gin.Context) error {
	p := s.words
	texts := map[string]string{"columns": p.T("plan.import.model.columns"), "column": p.T("plan.import.column"), "meaning": p.T("plan.import.holds")}
	for _, name := range catalog.ProgrammeColumns {
		texts[name], texts[name+".what"] = name, p.T("plan.import.column."+name)
	}
	return s.sendWorkbookOf(c, "modele-programme.xlsx", p.T("plan.import.model.sheet"), catalog.ProgrammeColumns, func(key string) string { return texts[key] }, func(w rows) error {
		row := make([]table.Cell, len(catalog.ProgrammeColumns))
		for i, example := range s.programmeExample() {
			row[i] = table.Text(example)
			switch catalog.ProgrammeColumns[i] {
			case "min_age", "max_age", "price_eur":
				n, err := strconv.Atoi(example)
				if err != nil {
					return err
				}
				row[i] = table.Number(n)
			}
		}
		return w.Write(row...)
	})
}

// postProgrammeImport reads a file and shows what it would add; nothing is added yet.
func postProgrammeImport(s *Server, c *gin.Context) error {
	form, file, err := readUpload(c, programmeFile)
	if err != nil {
		return err
	}
	if _, err = s.checkKey(c, "programme", form); err == nil {
		err = checkProgrammeUpload(file)
	}
	if problem, known := fault.As(err); known {
		return s.showProgrammeImport(c, statuses[problem.Kind], form.Get(programmeFrom), problem, nil)
	}
	if err != nil {
		return err
	}
	text, problems := table.Saved(file.Content)
	if len(text) > programmeCap { // which the next form would not bring
		problems = []table.Problem{{Line: 1, Want: fault.Message{Key: "table.want_small", Args: []any{programmeCap >> 20}}}}
	}
	if len(problems) > 0 {
		problem, _ := fault.As(wrongProgramme("plan.import.file.rows"))
		return s.showProgrammeImport(c, http.StatusUnprocessableEntity, form.Get(programmeFrom), problem, problems)
	}
	return s.showProgramme(c, http.StatusOK, string(text), form.Get(programmeFrom), nil)
}

// checkProgrammeUpload refuses, as Invalid for its field, a file that cannot be a programme.
func checkProgrammeUpload(file upload) error {
	kind := http.DetectContentType(file.Content)
	switch {
	case len(file.Content) == 0:
		return wrongProgramme("plan.import.file.none")
	case !strings.HasPrefix(kind, "text/") && kind != "application/zip": // as workbooks are
		return wrongProgramme("plan.import.file.kind")
	}
	return nil
}

func wrongProgramme(key string, args ...any) error {
	return fault.InvalidFields(map[string]fault.Message{programmeFile: {Key: key, Args: args}})
}

// readProgrammeText reads the text of a programme. What is wrong with it is Invalid for the field of the file; mistakes in rows are listed besides.
func readProgrammeText(text string) ([]catalog.ProgrammeRow, []table.Problem, error) {
	rows, problems, err := ReadProgramme([]byte(text))
	switch {
	case err != nil:
		return nil, nil, err
	case len(problems) > 0:
		return nil, problems, wrongProgramme("plan.import.file.rows")
	case len(rows) == 0:
		return nil, nil, wrongProgramme("plan.import.file.empty")
	case len(rows) > mostImported:
		return nil, nil, wrongProgramme("plan.import.file.many", mostImported)
	}
	return rows, nil, nil
}

// showProgramme shows what a programme would add; problem is what came up when it was to be added. Where the file is wrong, it is asked for again.
func (s *Server) showProgramme(c *gin.Context, status int, text, from string, problem *fault.Error) error {
	ctx, p := c.Request.Context(), s.words
	rows, problems, err := readProgrammeText(text)
	var would catalog.Imported
	if err == nil {
		would, err = s.Catalog.ImportProgramme(ctx, s.actor(c), rows, catalog.ImportOptions{DryRun: true, ShiftTo: from, Drafts: true, Assent: catalog.Assent{Asked: true}})
	}
	if len(would.Problems) > 0 {
		for _, wrong := range would.Problems {
			problems = append(problems, table.Problem(wrong))
		}
		err = wrongProgramme("plan.import.file.rows")
	}
	if wrong, known := fault.As(err); known && wrong.Kind == fault.Invalid {
		if m, some := wrong.Fields["shift_to"]; some {
			wrong = &fault.Error{Kind: wrong.Kind, Message: wrong.Message, Fields: map[string]fault.Message{programmeFrom: m}}
		}
		return s.showProgrammeImport(c, http.StatusUnprocessableEntity, from, wrong, problems)
	}
	if err != nil {
		return err
	}
	known, err := s.Catalog.Calendar(ctx)
	if err != nil {
		return err
	}
	page := &programmePreviewPage{DeskHead: s.deskHead(c, p.N("plan.import.count", would.Created)), Key: s.newKey(c, "programme-save"), Text: text, From: from}
	for _, v := range would.Sessions {
		line := importedSession{Name: workshopName(v.Workshop), When: p.Date(v.StartsAt) + ", " + p.Span(v.StartsAt, v.EndsAt), Venue: p.T("staff.session.venue.city", v.Venue.Name, v.Venue.City)}
		if !v.New {
			line.Href = deskSessionPath(v.ID)
			page.There = append(page.There, line)
			continue
		}
		day := v.StartsAt.Format(catalog.DateLayout)
		if h, off := known.On(v.Venue.Zone(), day); off {
			line.Note = h.Name
		} else if name := catalog.PublicHolidayOn(day); name != "" {
			line.Note = p.T("catalog.public_holiday." + name)
		}
		page.New = append(page.New, line)
	}
	for _, w := range would.Workshops {
		page.Brings = append(page.Brings, p.T("plan.import.brings.workshop", workshopName(w)))
	}
	for _, v := range would.Venues {
		page.Brings = append(page.Brings, p.T("plan.import.brings.venue", v.Name, v.City))
	}
	if would.Weeks != 0 {
		page.Moved = p.N("plan.import.moved", would.Weeks)
	}
	if would.Obstacles != nil {
		page.Obstacles = s.obstaclesOf(fault.Wrap(would.Obstacles, fault.Conflict, "catalog.obstacles.ask"))
	}
	if problem != nil {
		explain(p, &page.Page, problem)
		page.Obstacles.explain(page.Errors)
	}
	return s.show(c, status, "equipe/programme_preview", page)
}

// postProgrammeSave adds, as drafts, what postProgrammeImport has shown.
func postProgrammeSave(s *Server, c *gin.Context) error {
	return s.submit(c, deskForm{
		purpose: "programme-save",
		read: func(c *gin.Context) (url.Values, error) {
			form, _, err := readUpload(c, programmeFile)
			return form, err
		},
		do: func(form url.Values, key account.FormKey) (string, error) {
			rows, _, err := readProgrammeText(form.Get(programmeText))
			if err != nil {
				return "", err
			}
			return "/equipe/seances?vue=" + viewDrafts + "&fait=importees", s.Catalog.ImportProgrammeOnce(c.Request.Context(), s.actor(c), key, rows,
				catalog.ImportOptions{ShiftTo: form.Get(programmeFrom), Drafts: true, Assent: assent(form)})
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showProgramme(c, status, form.Get(programmeText), form.Get(programmeFrom), problem)
		},
	})
}
