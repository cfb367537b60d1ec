package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// routeSeries begins the paths about a series.
const routeSeries = "/animation/cycles/"

// seriesPath is the page of a series.
func seriesPath(id int64) string { return routeSeries + idText(id) }

// seriesPage lists the sessions of a series and the certificates about it, and issues those that are missing.
type seriesPage struct {
	Page
	Sessions []seriesSession
	Over     bool
	Issue    issuePart
	Given    givenPart
}

// seriesSession is one session of the series.
type seriesSession struct {
	Name       string
	Start, End time.Time
	Place      string
	Href       string // its certificates
}

func (s *Server) findSeries(c *gin.Context) (attendance.SeriesCertificates, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return attendance.SeriesCertificates{}, err
	}
	return s.Attendance.SeriesCertificates(c.Request.Context(), s.actor(c), id)
}

func getSeries(s *Server, c *gin.Context) error {
	list, err := s.findSeries(c)
	if err != nil {
		return err
	}
	return s.showSeries(c, list, http.StatusOK, nil)
}

func (s *Server) showSeries(c *gin.Context, list attendance.SeriesCertificates, status int, problem *fault.Error) error {
	path := seriesPath(list.Series.ID)
	page := &seriesPage{
		Page: s.facilitatePage(c, s.words.T("attendance.series.title", list.Series.Title)), Over: list.Over,
		Issue: issuePart{Action: path, Key: s.newKey(c, "series"), Count: list.ToIssue, Tells: true},
		Given: s.givenCertificates(path+"/attestations", list.Issued, true),
	}
	page.Given.Pressing = list.ToIssue > 0
	for _, v := range list.Sessions {
		page.Sessions = append(page.Sessions, seriesSession{Name: workshopName(v.Workshop), Start: v.StartsAt, End: v.EndsAt,
			Place: v.Venue.Name + ", " + v.Venue.City, Href: registerPath(v.ID, "/attestations")})
	}
	page.Notice = s.certificatesNotice(c)
	if problem != nil {
		explain(s.words, &page.Page, problem)
	}
	return s.show(c, status, "animation/series", page)
}

func postSeries(s *Server, c *gin.Context) error {
	list, err := s.findSeries(c)
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "series",
		do: func(form url.Values, key account.FormKey) (string, error) {
			issued, err := s.Attendance.IssueSeries(c.Request.Context(), s.actor(c), key, list.Series.ID, form.Has("early"), form.Has("tell"))
			return seriesPath(list.Series.ID) + issuedQuery(issued, form.Has("tell")), err
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showSeries(c, list, status, problem)
		},
	})
}

func getSeriesFile(s *Server, c *gin.Context) error {
	list, err := s.findSeries(c)
	if err != nil {
		return err
	}
	return s.sendCertificates(c, "attestations-du-cycle.pdf", list.ReadAt, SeriesPapers(s.words.Lang(), list, s.certificateURL))
}

func getSeriesPapers(s *Server, c *gin.Context) error {
	list, err := s.findSeries(c)
	if err != nil {
		return err
	}
	return s.showPapers(c, s.words.T("attendance.papers.series", list.Series.Title), seriesPath(list.Series.ID), SeriesPapers(s.words.Lang(), list, s.certificateURL))
}
