package web

import (
	"bytes"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
)

// sheetPage is the attendance sheet as a page: the same as the PDF, for who cannot read that (ACC-20).
type sheetPage struct {
	Page
	sheetPaper
	MayLead    bool   // whoever leads the session has its other papers too
	SeriesHref string // the sheets of its series; empty where it belongs to none
}

// sheetPaper is the sheet of one session.
type sheetPaper struct {
	Session  ledSession
	Region   string // names the table
	Capacity int
	Children []sheetLine
	Blank    []int // the number of each blank line
	TeamPage bool
	MadeAt   string
}

// sheetLine is one child on paper; Card is on the page of the team only.
type sheetLine struct {
	Number int
	Name   string
	Age    int
	Photo  string
	Card   *careCard
}

func getSheet(s *Server, c *gin.Context) error {
	sheet, err := s.findSheet(c)
	if err != nil {
		return err
	}
	title := s.words.T("attendance.sheet.title")
	if sheet.Group != nil {
		return s.showClassSheet(c, title, sheet)
	}
	page := &sheetPage{Page: s.facilitatePage(c, title), sheetPaper: s.sheetPaper(sheet), MayLead: sheet.MayLead}
	page.Wide = true
	if series := sheet.Session.Series; series.ID != 0 && sheet.Session.Status == catalog.Published {
		page.SeriesHref = "/animation/feuilles?cycle=" + idText(series.ID)
	}
	return s.show(c, http.StatusOK, "animation/sheet", page)
}

func (s *Server) sheetPaper(sheet attendance.Sheet) sheetPaper {
	paper := sheetPaper{
		Session: newLedSession(sheet.Session, sheet.Facilitators), Region: s.tableName("attendance.sheet.caption", sheet),
		Capacity: sheet.Session.Capacity, TeamPage: sheet.Care, MadeAt: s.words.DateHour(sheet.ReadAt),
	}
	for _, child := range sheet.Children {
		if !isOnPaper(child) {
			continue
		}
		line := sheetLine{
			Number: len(paper.Children) + 1, Name: child.LastName + " " + child.FirstName, Age: child.Age,
			Photo: s.words.T("attendance.photo." + string(child.Image)),
		}
		if child.Erased() {
			line.Name, line.Photo = s.words.T("erase.family"), ""
		} else if sheet.Care {
			line.Card = s.careCard(child)
		}
		paper.Children = append(paper.Children, line)
	}
	for i := range sheet.BlankLines {
		paper.Blank = append(paper.Blank, len(paper.Children)+i+1)
	}
	return paper
}

// tableName tells the table of one session from those of others on the page.
func (s *Server) tableName(caption string, sheet attendance.Sheet) string {
	return s.words.T("sheets.region", s.words.T(caption), workshopName(sheet.Session.Workshop), sheet.Session.StartsAt)
}

func getSheetFile(s *Server, c *gin.Context) error {
	sheet, err := s.findSheet(c)
	if err != nil {
		return err
	}
	return s.sendRegister(c, "feuille.pdf", RegisterPaper(s.words.Lang(), sheet))
}

// sendRegister draws the register of one session and answers with the file.
func (s *Server) sendRegister(c *gin.Context, name string, register document.Register) error {
	var file bytes.Buffer
	if err := s.Press.Register(c.Request.Context(), &file, register); err != nil {
		return err
	}
	return sendFile(c, name, "application/pdf", file.Bytes())
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
