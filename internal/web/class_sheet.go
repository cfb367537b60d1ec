package web

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// classSheetPage is the register of a class as a page: the same as the PDF (ACC-20).
type classSheetPage struct {
	Page
	classPaper
	FileHref string
	MayLead  bool // whoever leads the session has its other papers too
}

// classPaper is the register of one class.
type classPaper struct {
	Session       ledSession
	Region        string // names the table
	School, Level string
	Lines         []classSheetLine
	MadeAt        string
}

// classSheetLine is one child, with or without a name.
type classSheetLine struct {
	Number int
	Name   string
}

func (s *Server) showClassSheet(c *gin.Context, title string, sheet attendance.Sheet) error {
	page := &classSheetPage{
		Page: s.facilitatePage(c, title), classPaper: s.classPaper(sheet), FileHref: c.Request.URL.Path + ".pdf", MayLead: sheet.MayLead,
	}
	return s.show(c, http.StatusOK, "animation/class_sheet", page)
}

func (s *Server) classPaper(sheet attendance.Sheet) classPaper {
	printed := classSheetPaper(s.words.Lang(), sheet)
	paper := classPaper{
		Session: newLedSession(sheet.Session, sheet.Facilitators), Region: s.tableName("class.sheet.caption", sheet),
		School: printed.School, Level: printed.Level, MadeAt: s.words.DateHour(sheet.ReadAt),
	}
	for i, name := range slices.Concat(printed.FirstNames, make([]string, printed.BlankLines)) {
		paper.Lines = append(paper.Lines, classSheetLine{Number: i + 1, Name: name})
	}
	return paper
}

// classSheetPaper is the register of a private session as it is printed: the first names that are known, and a numbered
// line for every child that was announced beyond them, or a few where all are named.
func classSheetPaper(lang words.Lang, s attendance.Sheet) document.ClassSheet {
	paper := document.ClassSheet{Session: paperSession(lang, s), School: s.Group.Organisation, Level: s.Group.Level}
	for _, child := range s.Children {
		if child.FirstName != "" {
			paper.FirstNames = append(paper.FirstNames, child.FirstName)
		}
	}
	expected := max(s.Group.Children, len(s.Children))
	if len(paper.FirstNames) > 0 {
		expected = max(expected, len(paper.FirstNames)+s.BlankLines)
	}
	paper.BlankLines = min(expected, document.MostClassLines) - len(paper.FirstNames)
	return paper
}
