package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
)

// eraseNamesPage asks before the first names of a class are erased for good (ACC-6).
type eraseNamesPage struct {
	Page
	Session ledSession
	Action  string
	Key     FormKey
	Pupils  int
	// ToIssue is how many pupils came and have no certificate yet: then it is too early.
	ToIssue int
}

func eraseNamesPath(sessionID int64) string { return registerPath(sessionID, "/prenoms") }

func getEraseNames(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	// Who may read the list may erase it; a public session has none.
	if _, err := s.Attendance.Class(c.Request.Context(), attendance.ForTeam(s.actor(c)), id); err != nil {
		return err
	}
	list, err := s.Attendance.Certificates(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, "animation/erase_names", &eraseNamesPage{
		Page: s.facilitatePage(c, s.words.T("class.erase.title")), Session: newLedSession(list.Session, nil), Action: eraseNamesPath(id),
		Key: s.newKey(c, "erase-names"), Pupils: list.Named, ToIssue: list.ToIssue,
	})
}

func postEraseNames(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "erase-names", form)
	if err != nil {
		return err
	}
	if err := s.Attendance.EraseNames(c.Request.Context(), s.actor(c), key, id); err != nil {
		return err
	}
	return seeOther(c, registerPath(id, "/attestations?effaces=1"))
}

// classPages are the pages of a class: its list, its headcount, the end of its names, and what is said of it afterwards.
func classPages() []Declared {
	return []Declared{
		{Name: "demandes/class", Data: &classPage{}},
		{Name: "animation/count", Data: &countPage{}},
		{Name: "animation/erase_names", Data: &eraseNamesPage{}},
		{Name: "animation/class_sheet", Data: &classSheetPage{}},
		{Name: "demandes/attestation", Data: &attestationPage{}},
		{Name: "equipe/report_groups", Data: &groupReportPage{}},
	}
}
