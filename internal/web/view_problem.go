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
	// Resend is the form that could not be saved, to be sent to SendTo again; empty where there is none.
	Resend []Typed
	SendTo string
	// Actions replace the usual way back to the sessions.
	Actions []Link
}

// Typed is one value of a form as it came.
type Typed struct{ Name, Value string }

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

// problemText is what the page of a problem says.
type problemText struct{ Title, What, Kept, Todo string }

// problemWords are the general words of a status; a status without words of its own gets those of 422 where the
// request is to blame, and of 500 otherwise.
func problemWords(p *words.Printer, status int) problemText {
	if !slices.Contains(problemStatuses, status) {
		if status < http.StatusInternalServerError {
			status = http.StatusUnprocessableEntity
		} else {
			status = http.StatusInternalServerError
		}
	}
	key := "error." + strconv.Itoa(status)
	return problemText{Title: p.T(key + ".title"), What: p.T(key + ".what"), Kept: p.T(key + ".kept"), Todo: p.T(key + ".todo")}
}

// newProblemPage fills the page of a status.
func newProblemPage(page Page, status int, text problemText) *ProblemPage {
	page.NoIndex = true
	page.Title = text.Title
	return &ProblemPage{
		Page: page, Status: status, What: text.What, Kept: text.Kept, Todo: text.Todo,
		Retry: status == http.StatusInternalServerError || status == http.StatusServiceUnavailable,
	}
}

func problemPages() []Declared {
	return []Declared{{Name: problemTemplate, Data: &ProblemPage{}}}
}
