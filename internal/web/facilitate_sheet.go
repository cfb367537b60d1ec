package web

import (
	"bytes"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
)

// sheetPage is the attendance sheet as a page: the same as the PDF, for who cannot read that (ACC-20).
type sheetPage struct {
	Page
	Session  ledSession
	Capacity int
	Children []sheetLine
	Blank    []int // one per blank line
	TeamPage bool
	MadeAt   string
}

// sheetLine is one child on paper; Card is on the page of the team only.
type sheetLine struct {
	Name  string
	Age   int
	Photo string
	Card  *careCard
}

func getSheet(s *Server, c *gin.Context) error {
	sheet, err := s.findSheet(c)
	if err != nil {
		return err
	}
	if sheet.Group != nil {
		return s.showClassSheet(c, sheet)
	}
	page := &sheetPage{
		Page: s.facilitatePage(c, s.words.T("attendance.sheet.title")), Session: newLedSession(sheet.Session, sheet.Facilitators),
		Capacity: sheet.Session.Capacity, Blank: make([]int, sheet.BlankLines), TeamPage: sheet.Care, MadeAt: s.words.DateHour(sheet.ReadAt),
	}
	page.Wide = true
	for i := range page.Blank {
		page.Blank[i] = i + 1
	}
	for _, child := range sheet.Children {
		if !isOnPaper(child) {
			continue
		}
		line := sheetLine{Name: child.LastName + " " + child.FirstName, Age: child.Age, Photo: s.words.T("attendance.photo." + string(child.Image))}
		if sheet.Care {
			line.Card = s.careCard(child)
		}
		page.Children = append(page.Children, line)
	}
	return s.show(c, http.StatusOK, "animation/sheet", page)
}

func getSheetFile(s *Server, c *gin.Context) error {
	sheet, err := s.findSheet(c)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if sheet.Group != nil {
		err = s.Press.ClassSheet(c.Request.Context(), &file, ClassSheetPaper(s.words.Lang(), sheet))
	} else {
		err = s.Press.Sheet(c.Request.Context(), &file, SheetPaper(s.words.Lang(), sheet))
	}
	if err != nil {
		return err
	}
	return sendFile(c, "feuille.pdf", "application/pdf", file.Bytes())
}

func (s *Server) findSheet(c *gin.Context) (attendance.Sheet, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return attendance.Sheet{}, err
	}
	return s.Attendance.Sheet(c.Request.Context(), s.actor(c), id)
}

// sendFile answers with a file to keep. name is fixed and ASCII: nothing that somebody typed becomes a header (SEC-44).
func sendFile(c *gin.Context, name, contentType string, file []byte) error {
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Data(http.StatusOK, contentType, file)
	return nil
}
