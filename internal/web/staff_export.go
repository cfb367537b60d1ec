package web

import (
	"bytes"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

// getSessionExport gives the bookings of a session as a table for a spreadsheet: contacts, never health. Who
// took it is kept in the access log.
func getSessionExport(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	list, err := s.Bookings.ExportBookings(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := s.writeBookings(&file, list); err != nil {
		return err
	}
	// A name of our own in ASCII (SEC-44).
	c.Header("Content-Disposition", `attachment; filename="inscriptions-seance-`+idText(id)+`.csv"`)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", file.Bytes())
	return nil
}

// exportColumns are the columns of the table, each with a text staff.export.NAME.
var exportColumns = []string{"last_name", "first_name", "age", "state", "rank", "since", "offers", "guardian", "email", "phone", "reference"}

func (s *Server) writeBookings(file *bytes.Buffer, list booking.SessionList) error {
	var names []string
	for _, column := range exportColumns {
		names = append(names, s.words.T("staff.export."+column))
	}
	w, err := table.NewWriter(file, names...)
	if err != nil {
		return err
	}
	for _, b := range list.Bookings {
		rank := table.Text("")
		if b.Rank > 0 {
			rank = table.Number(b.Rank)
		}
		child, age := s.listedChild(b, !list.Session.EndsAt.After(s.config.Now())), table.Number(b.Age)
		if b.FirstName == "" {
			b.LastName, age = child.Name, table.Text("")
		}
		if err := w.Write(table.Text(b.LastName), table.Text(b.FirstName), age, table.Text(child.State.Label), rank,
			table.Text(b.BookedAt.Format(time.DateTime)), table.Text(child.Note), table.Text(b.Guardian.Name),
			table.Text(b.Guardian.Email), table.Text(b.Guardian.Phone), table.Text(b.Reference)); err != nil {
			return err
		}
	}
	return w.Flush()
}
