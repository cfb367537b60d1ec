package web

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// mostRetentions is how many runs of the retention are shown.
const mostRetentions = 30

// retentionPage shows what the nightly retention removed: how many of what, and never of whom.
type retentionPage struct {
	DeskHead
	Runs []retentionRun
}

type retentionRun struct {
	At   time.Time // on the clock of the association
	Gone []string
}

func getRetention(s *Server, c *gin.Context) error {
	reports, err := s.Privacy.Reports(c.Request.Context(), s.actor(c), mostRetentions)
	if err != nil {
		return err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	page := &retentionPage{DeskHead: s.deskHead(c, s.words.T("retention.title"))}
	for _, r := range reports {
		run := retentionRun{At: r.At.In(zone)}
		for _, count := range r.Counts {
			if count.N > 0 {
				run.Gone = append(run.Gone, s.words.T("retention.line", s.words.T("retention.step."+string(count.Step)), count.N))
			}
		}
		page.Runs = append(page.Runs, run)
	}
	return s.show(c, http.StatusOK, "equipe/retention", page)
}
