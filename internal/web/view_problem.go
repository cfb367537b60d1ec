package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// problemTemplate is the page that says what went wrong, for every status.
const problemTemplate = "error/problem"

// problemStatuses are the statuses that have words of their own.
var problemStatuses = []int{403, 404, 409, 410, 422, 429, 500, 503}

// ProblemPage says what happened, what was kept and what to do.
type ProblemPage struct {
	Page
	Status int
	// What is told by whoever refused; it replaces the general words of the status.
	What string
	Kept string
	Todo string
	// RequestID helps the team to find the cause in the log. May be empty.
	RequestID string
	// Retry offers to load the page again.
	Retry bool
	// Actions replace the usual way back to the sessions.
	Actions []Link
}

// Picture is the robot of img/icons.svg that goes with the status.
func (p *ProblemPage) Picture() string {
	switch p.Status {
	case 404, 410:
		return "robot-perdu"
	case 500:
		return "robot-panne"
	}
	return "robot-pause"
}

// problemWords is the prefix of the words of a status; a status without words of its own gets those of 422 where the
// request is to blame, and of 500 otherwise.
func problemWords(status int) string {
	switch {
	case slices.Contains(problemStatuses, status):
		return "error." + strconv.Itoa(status) + "."
	case status < http.StatusInternalServerError:
		return "error.422."
	}
	return "error.500."
}

// newProblemPage fills the page of a status with the words under a prefix. what is the text of the fault's message, or
// "" for the general words.
func newProblemPage(p *words.Printer, page Page, status int, key, what string) *ProblemPage {
	page.NoIndex = true
	page.Title = p.T(key + "title")
	if what == "" {
		what = p.T(key + "what")
	}
	return &ProblemPage{
		Page: page, Status: status, What: what,
		Kept: p.T(key + "kept"), Todo: p.T(key + "todo"),
		Retry: status == 500 || status == 503,
	}
}

func problemPages() []Declared {
	return []Declared{{Name: problemTemplate, Data: &ProblemPage{}}}
}
