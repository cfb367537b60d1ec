package web

import (
	"bytes"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
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
	page := &sheetPage{
		Page: s.facilitatePage(c, s.words.T("attendance.sheet.title")), Session: newLedSession(sheet.Session, sheet.Facilitators),
		Capacity: sheet.Session.Capacity, Blank: make([]int, sheet.BlankLines), TeamPage: sheet.Care, MadeAt: s.words.DateHour(sheet.ReadAt),
	}
	page.Wide = true
	for i := range page.Blank {
		page.Blank[i] = i + 1
	}
	for _, child := range sheet.Children {
		line := sheetLine{Name: child.LastName + " " + child.FirstName, Age: child.Age, Photo: s.words.T("attendance.photo." + string(child.Image))}
		if sheet.Care {
			line.Card = s.careCard(child.Care)
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
	if err := s.Press.Sheet(c.Request.Context(), &file, SheetFor(s.words, sheet)); err != nil {
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

// sheetHealth are the states of health as the paper has them; what is not known is asked.
var sheetHealth = map[family.HealthState]document.Health{
	family.HealthNone: document.HealthNone, family.HealthDescribed: document.HealthDescribed,
	family.HealthRefused: document.HealthRefused, family.HealthToAsk: document.HealthToAsk,
}

// SheetFor is a register as the press draws it, in the language of p. The page of the team is there only if whoever read the
// register may see it.
func SheetFor(p *words.Printer, sheet attendance.Sheet) document.Sheet {
	session := newLedSession(sheet.Session, sheet.Facilitators)
	d := document.Sheet{
		Lang: p.Lang(), Organisation: p.T("ui.site"), Workshop: session.Name, Start: session.Start, End: session.End,
		Venue: session.Venue, Address: session.Address + ", " + session.City, Facilitators: session.Facilitators,
		Capacity: sheet.Session.Capacity, BlankLines: sheet.BlankLines, TeamPage: sheet.Care, MadeAt: sheet.ReadAt,
	}
	for _, child := range sheet.Children {
		row := document.SheetRow{FirstName: child.FirstName, LastName: child.LastName, Age: child.Age, NoPhoto: child.Image != attendance.ImageYes}
		if sheet.Care {
			care := child.Care
			row.Health, row.HealthText = sheetHealth[care.Health.State], care.Health.Text
			row.Emergency, row.PickUp, row.LeavesAlone = document.Contact(care.Emergency), care.PickUp, care.LeavesAlone
			for _, g := range care.Guardians {
				row.Guardians = append(row.Guardians, document.Contact(g))
			}
		}
		d.Rows = append(d.Rows, row)
	}
	return d
}
