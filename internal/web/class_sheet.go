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
	Session       ledSession
	School, Level string
	Lines         []classSheetLine
	MadeAt        string
}

// classSheetLine is one child, with or without a name.
type classSheetLine struct {
	Number int
	Name   string
}

func (s *Server) showClassSheet(c *gin.Context, sheet attendance.Sheet) error {
	paper := ClassSheetPaper(s.words.Lang(), sheet)
	page := &classSheetPage{
		Page: s.facilitatePage(c, s.words.T("attendance.sheet.title")), Session: newLedSession(sheet.Session, sheet.Facilitators),
		School: paper.School, Level: paper.Level, MadeAt: s.words.DateHour(sheet.ReadAt),
	}
	for i, name := range slices.Concat(paper.FirstNames, make([]string, paper.BlankLines)) {
		page.Lines = append(page.Lines, classSheetLine{Number: i + 1, Name: name})
	}
	return s.show(c, http.StatusOK, "animation/class_sheet", page)
}

// ClassSheetPaper is the register of a private session as it is printed: the first names that are known, and a numbered
// line for every child that was announced beyond them, or a few where all are named.
func ClassSheetPaper(lang words.Lang, s attendance.Sheet) document.ClassSheet {
	paper := document.ClassSheet{
		Lang: lang, Organisation: words.For(lang).T("ui.site"), School: s.Group.Organisation, Level: s.Group.Level,
		Workshop: s.Session.Workshop.Name(), Start: s.Session.StartsAt, End: s.Session.EndsAt, Venue: s.Session.Venue.Name,
		Address:      venueAddress(s.Session.Venue),
		Facilitators: facilitatorNames(s.Facilitators), MadeAt: s.ReadAt,
	}
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
