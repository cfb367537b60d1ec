package web

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

const (
	// holidaysCap is how many bytes a file of holidays may come to: the official calendar of all years has less than one million.
	holidaysCap = 4 << 20
	// mostHolidays is how many holidays a file may tell of: three zones have about twenty a year.
	mostHolidays = 2_000
	// shownProblems is how many mistakes of a file are named; who mends them sees the others.
	shownProblems = 20

	holidaysFile = "fichier"    // the field that brings the file
	holidaysText = "calendrier" // the field that brings back what was read of it
)

// holidayChangesPage shows what a file would change, before anything is changed.
type holidayChangesPage struct {
	DeskHead
	Key            FormKey
	Added, Removed []zoneDays
	Unchanged      int
	Count          int    // of what would be added or removed
	Calendar       string // what was read of the file, as a file of its own
}

// zoneDays are holidays of one zone.
type zoneDays struct {
	Name string
	Days []dayOff
}

// postHolidays reads a file and shows what it would change; nothing is changed yet.
func postHolidays(s *Server, c *gin.Context) error {
	form, file, err := readUpload(c, holidaysFile)
	if err != nil {
		return err
	}
	_, err = s.checkKey(c, "holidays", form)
	var read []catalog.Holiday
	var problems []table.Problem
	if err == nil {
		read, problems, err = readHolidaysUpload(file)
	}
	if err != nil {
		problem, known := fault.As(err)
		if !known {
			return err
		}
		return s.showHolidays(c, statuses[problem.Kind], problem, problems)
	}
	would, err := s.Catalog.ImportHolidays(c.Request.Context(), s.actor(c), read, true)
	if err != nil {
		return err
	}
	page := &holidayChangesPage{
		DeskHead: s.deskHead(c, s.words.T("plan.holidays.changes.title")), Key: s.newKey(c, "holidays-replace"),
		Added: s.byZone(would.Added), Removed: s.byZone(would.Removed), Unchanged: would.Unchanged,
		Count: len(would.Added) + len(would.Removed), Calendar: holidaysAsFile(read),
	}
	return s.show(c, http.StatusOK, "equipe/holiday_changes", page)
}

// postHolidaysReplace keeps what postHolidays has shown.
func postHolidaysReplace(s *Server, c *gin.Context) error {
	return s.submit(c, deskForm{
		purpose: "holidays-replace",
		do: func(form url.Values, key account.FormKey) (string, error) {
			read, problems, err := ReadHolidays(strings.NewReader(form.Get(holidaysText)))
			if err == nil && (len(problems) > 0 || len(read) == 0) { // not as this site has written it
				err = fault.New(fault.Invalid, "web.form_broken")
			}
			if err != nil {
				return "", err
			}
			return holidaysPath + "?fait=vacances", s.Catalog.ReplaceHolidays(c.Request.Context(), s.actor(c), key, read)
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showHolidays(c, status, problem, nil)
		},
	})
}

// readHolidaysUpload reads the holidays of a file that came with a form. What is wrong with it is fault.Invalid for its field;
// mistakes in rows are listed besides.
func readHolidaysUpload(file upload) ([]catalog.Holiday, []table.Problem, error) {
	wrong := func(key string, args ...any) error {
		return fault.InvalidFields(map[string]fault.Message{holidaysFile: {Key: key, Args: args}})
	}
	switch {
	case len(file.Content) == 0:
		return nil, nil, wrong("plan.holidays.file.none")
	case !strings.HasPrefix(http.DetectContentType(file.Content), "text/"):
		return nil, nil, wrong("plan.holidays.file.kind")
	}
	read, problems, err := ReadHolidays(bytes.NewReader(file.Content))
	switch {
	case err != nil:
		return nil, nil, err
	case len(problems) > 0:
		return nil, problems, wrong("plan.holidays.file.rows", len(problems))
	case len(read) == 0:
		return nil, nil, wrong("plan.holidays.file.empty")
	case len(read) > mostHolidays:
		return nil, nil, wrong("plan.holidays.file.many", mostHolidays)
	}
	return read, nil, nil
}

// ReadHolidays reads a CSV file of school holidays, the official calendar of data.gouv.fr or one with the columns of
// catalog.HolidayColumns; which one it is, its first line tells. Each holiday comes once, however many académies a zone has.
// Every mistake is returned by line and column; a file with any must not be imported.
func ReadHolidays(file io.Reader) (holidays []catalog.Holiday, problems []table.Problem, err error) {
	src := bufio.NewReader(file)
	start, err := src.Peek(1 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	first, _, _ := bytes.Cut(start, []byte("\n"))
	header := table.Header{Required: catalog.HolidayColumns}
	read := func(r table.Row) (catalog.Holiday, bool) { return catalog.ParseHolidayRow(r.Get, r.Wrong), true }
	if bytes.Contains(bytes.ToLower(first), []byte("description")) {
		header = table.Header{Required: catalog.OfficialHolidayColumns, Others: true}
		read = func(r table.Row) (catalog.Holiday, bool) { return catalog.ParseOfficialHolidayRow(r.Get, r.Wrong) }
	}
	seen := map[catalog.Holiday]bool{}
	problems, err = table.Read(src, header, func(r table.Row) {
		if h, some := read(r); some && !seen[h] {
			seen[h] = true
			holidays = append(holidays, h)
		}
	})
	return holidays, problems, err
}

// holidaysAsFile writes holidays as ReadHolidays reads them, for a form that carries them from one page to the next.
func holidaysAsFile(holidays []catalog.Holiday) string {
	var file strings.Builder
	write := func(cells ...string) {
		for i, cell := range cells {
			if i > 0 {
				file.WriteByte(';')
			}
			file.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
		file.WriteByte('\n')
	}
	write(catalog.HolidayColumns...)
	for _, h := range holidays {
		write(string(h.Zone), h.Name, h.FirstDay, h.LastDay)
	}
	return file.String()
}

// byZone sorts holidays by their zones.
func (s *Server) byZone(holidays []catalog.Holiday) (all []zoneDays) {
	for _, zone := range catalog.Zones {
		z := zoneDays{Name: s.words.T("plan.zone", string(zone))}
		for _, h := range holidays {
			if h.Zone == zone {
				z.Days = append(z.Days, s.schoolHoliday(h))
			}
		}
		if len(z.Days) > 0 {
			all = append(all, z)
		}
	}
	return all
}
