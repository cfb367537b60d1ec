package web

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// sheetsPage is the sheets of a day, or of a series, as a page: the same as the file (ACC-20).
type sheetsPage struct {
	Page
	Papers   []paperOfSession
	FileHref string
	Choose   *Field // the day; nil for a series
	Others   []Link // the next days with sessions
}

// paperOfSession is the sheet of one session: that for families, or that of a class.
type paperOfSession struct {
	Families *sheetPaper
	Class    *classPaper
}

// otherDays is how many further days are offered beside the one that is shown.
const otherDays = 6

// sheetSet is the sheets that are asked for: of a day, or of a series (?cycle=).
type sheetSet struct {
	title, fileTitle string
	query            string // asks for the same
	sheets           []attendance.Sheet
	day              time.Time // zero for a series
	coming           []time.Time
}

func (s *Server) findSheets(c *gin.Context) (set sheetSet, err error) {
	ctx, actor := c.Request.Context(), s.actor(c)
	if typed, ok := c.GetQuery("cycle"); ok {
		id, err := strconv.ParseInt(typed, 10, 64)
		if err != nil {
			return set, fault.New(fault.NotFound, "error.not_found")
		}
		if set.sheets, err = s.Attendance.SeriesSheets(ctx, actor, id); err != nil {
			return set, err
		}
		series := set.sheets[0].Session.Series.Title
		set.title, set.fileTitle, set.query = s.words.T("sheets.series.title", series), s.words.T("sheets.file", series), "?cycle="+idText(id)
		return set, nil
	}
	if set.day, set.coming, err = s.sheetDay(c); err != nil {
		return set, err
	}
	day := s.words.Date(set.day)
	set.title, set.fileTitle = s.words.T("sheets.day.title", day), s.words.T("sheets.file", day)
	set.query = "?jour=" + set.day.Format(time.DateOnly)
	set.sheets, err = s.Attendance.DaySheets(ctx, actor, set.day)
	return set, err
}

func getSheets(s *Server, c *gin.Context) error {
	set, err := s.findSheets(c)
	if err != nil {
		return err
	}
	page := &sheetsPage{Page: s.facilitatePage(c, set.title), FileHref: "/animation/feuilles.pdf" + set.query}
	page.Wide = true
	if !set.day.IsZero() {
		day := set.day.Format(time.DateOnly)
		page.Choose = &Field{Name: "jour", Label: s.words.T("sheets.day.choose"), Type: "date", Value: day}
		for _, other := range set.coming {
			if o := other.Format(time.DateOnly); o != day && len(page.Others) < otherDays {
				page.Others = append(page.Others, Link{Href: "/animation/feuilles?jour=" + o, Label: s.words.DateShort(other)})
			}
		}
	}
	for i, sheet := range set.sheets {
		var paper paperOfSession
		if sheet.Group != nil { // two groups may come for the same workshop at the same hour: a number tells their tables apart
			class := s.classPaper(sheet)
			class.Region, paper.Class = s.words.T("sheets.region.nth", i+1, class.Region), &class
		} else {
			families := s.sheetPaper(sheet)
			families.Region, paper.Families = s.words.T("sheets.region.nth", i+1, families.Region), &families
		}
		page.Papers = append(page.Papers, paper)
	}
	return s.show(c, http.StatusOK, "animation/sheets", page)
}

func getSheetsFile(s *Server, c *gin.Context) error {
	set, err := s.findSheets(c)
	if err != nil {
		return err
	}
	if len(set.sheets) == 0 {
		return fault.New(fault.NotFound, "sheets.day.none")
	}
	var file bytes.Buffer
	if err := s.Press.Registers(c.Request.Context(), &file, RegisterPapers(s.words.Lang(), set.fileTitle, set.sheets)); err != nil {
		return err
	}
	return sendFile(c, "feuilles.pdf", "application/pdf", file.Bytes())
}

// sheetDay returns the day that is asked for, or else the next one with a session, and the days to come with sessions
// that whoever asks may print, today's first.
func (s *Server) sheetDay(c *gin.Context) (day time.Time, coming []time.Time, err error) {
	agenda, err := s.Attendance.ForFacilitator(c.Request.Context(), s.actor(c))
	if err != nil {
		return day, nil, err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return day, nil, err
	}
	today := s.config.Now().In(zone)
	if slices.ContainsFunc(agenda.Today, isPrinted) {
		coming = append(coming, today)
	}
	for _, l := range agenda.Coming {
		if isPrinted(l) && (len(coming) == 0 || coming[len(coming)-1].Format(time.DateOnly) != l.StartsAt.Format(time.DateOnly)) {
			coming = append(coming, l.StartsAt)
		}
	}
	switch typed := c.Query("jour"); {
	case typed != "":
		if day, err = time.Parse(time.DateOnly, typed); err != nil {
			return day, nil, fault.New(fault.Invalid, "sheets.day.wrong")
		}
	case len(coming) > 0:
		day = coming[0]
	default:
		day = today
	}
	return day, coming, nil
}

// isPrinted leaves out what does not take place.
func isPrinted(l attendance.Listed) bool { return l.Status == catalog.Published }
