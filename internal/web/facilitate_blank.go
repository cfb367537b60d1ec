package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// blankSheetPage is a register without names as a page: the same as the PDF (ACC-20).
type blankSheetPage struct {
	Page
	Session  *ledSession // nil: in no programme, the head is filled in by hand
	Lines    []int       // the number of each
	Choose   Select      // how many
	FileHref string
	MadeAt   string
}

// UnplannedLines is how many lines a register without names has where neither a session nor a person says how many.
const UnplannedLines = 17

func getBlankSheet(s *Server, c *gin.Context) error {
	bare, err := s.findBareSheet(c)
	if err != nil {
		return err
	}
	title := s.words.T("sheets.blank.title")
	if bare.Group != nil {
		return s.showClassSheet(c, title, bare)
	}
	lines, err := linesAsked(c, BlankLines(bare))
	if err != nil {
		return err
	}
	session := newLedSession(bare.Session, bare.Facilitators)
	page := s.blankSheetPage(c, title, lines)
	page.Session, page.MadeAt = &session, s.words.DateHour(bare.ReadAt)
	return s.show(c, http.StatusOK, "animation/blank_sheet", page)
}

func getBlankSheetFile(s *Server, c *gin.Context) error {
	bare, err := s.findBareSheet(c)
	if err != nil {
		return err
	}
	lines, err := linesAsked(c, BlankLines(bare))
	if err != nil {
		return err
	}
	return s.sendRegister(c, "feuille-vierge.pdf", BlankPaper(s.words.Lang(), bare, lines))
}

func (s *Server) findBareSheet(c *gin.Context) (attendance.Sheet, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return attendance.Sheet{}, err
	}
	return s.Attendance.BareSheet(c.Request.Context(), s.actor(c), id)
}

func getUnplannedSheet(s *Server, c *gin.Context) error {
	lines, now, err := s.unplanned(c)
	if err != nil {
		return err
	}
	page := s.blankSheetPage(c, s.words.T("sheets.unplanned.title"), lines)
	page.MadeAt = s.words.DateHour(now)
	return s.show(c, http.StatusOK, "animation/blank_sheet", page)
}

func getUnplannedSheetFile(s *Server, c *gin.Context) error {
	lines, now, err := s.unplanned(c)
	if err != nil {
		return err
	}
	return s.sendRegister(c, "feuille-vierge.pdf", UnplannedPaper(s.words.Lang(), now, lines))
}

// unplanned reads how many lines are asked for where no session says, and what time it is for the team.
func (s *Server) unplanned(c *gin.Context) (lines int, now time.Time, err error) {
	if lines, err = linesAsked(c, UnplannedLines); err != nil {
		return 0, now, err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return 0, now, err
	}
	return lines, s.config.Now().In(zone), nil
}

func (s *Server) blankSheetPage(c *gin.Context, title string, lines int) *blankSheetPage {
	page := &blankSheetPage{
		Page: s.facilitatePage(c, title), FileHref: c.Request.URL.Path + ".pdf?lignes=" + strconv.Itoa(lines),
		Choose: Select{Name: "lignes", Label: s.words.T("sheets.blank.lines")},
	}
	page.Wide = true
	counts := []int{8, 12, 17, 20, 25, 30, 40, 60, lines}
	slices.Sort(counts)
	for _, n := range slices.Compact(counts) {
		page.Choose.Options = append(page.Choose.Options, Option{Value: strconv.Itoa(n), Label: s.words.N("sheets.blank.count", n), Chosen: n == lines})
	}
	for i := range lines {
		page.Lines = append(page.Lines, i+1)
	}
	return page
}

// linesAsked reads how many lines are asked for.
func linesAsked(c *gin.Context, fallback int) (int, error) {
	typed := c.Query("lignes")
	if typed == "" {
		return fallback, nil
	}
	lines, err := strconv.Atoi(typed)
	if err != nil || lines < 1 || lines > document.MostBlankSheetLines {
		return 0, fault.New(fault.Invalid, "sheets.blank.wrong", document.MostBlankSheetLines)
	}
	return lines, nil
}
