package web

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/calendar"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

const calendarType = "text/calendar; charset=utf-8"

// getSessionCalendar gives one session as a file to add to a calendar.
func getSessionCalendar(s *Server, c *gin.Context) error {
	id, err := sessionID(c)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="seance-%d.ics"`, id)) // SEC-44
	err = s.cached(c, "", func(ctx context.Context) (pageContent, error) {
		v, err := s.Catalog.PublicSession(ctx, id)
		if err != nil {
			return pageContent{}, err
		}
		return s.ics([]catalog.Session{v}, time.Time{})
	})
	if err != nil {
		c.Writer.Header().Del("Content-Disposition")
	}
	return err
}

// getCalendar gives the coming sessions that pass the catalogue's filters, as a feed to subscribe to. Sessions that the team
// called off stay in it until their start, so that calendars strike them out.
func getCalendar(s *Server, c *gin.Context) error {
	form, _, err := readFilter(c.Request.URL)
	if err != nil {
		return err
	}
	filter, err := form.Parse()
	if err != nil {
		return err
	}
	return s.cached(c, filterQuery(form).Encode(), func(ctx context.Context) (pageContent, error) {
		now := s.config.Now()
		coming, err := s.Catalog.ComingWithCancelled(ctx)
		if err != nil {
			return pageContent{}, err
		}
		return s.ics(filter.Select(coming, now), nextChange(coming, now))
	})
}

func (s *Server) ics(sessions []catalog.Session, until time.Time) (pageContent, error) {
	events := make([]calendar.Event, len(sessions))
	for i, v := range sessions {
		events[i] = s.publicEvent(v)
	}
	var body bytes.Buffer
	err := calendar.Publish(&body, s.words.T("ui.site"), events)
	return pageContent{Type: calendarType, Body: body.Bytes(), Until: until}, err
}

// publicEvent is a session in anybody's calendar. Its UID is not that of a booking, which goes with a family's mails.
func (s *Server) publicEvent(v catalog.Session) calendar.Event {
	p := s.words
	told := []string{p.T("ui.ages", v.Workshop.MinAge, v.Workshop.MaxAge)}
	for _, line := range []string{v.Workshop.Summary, v.Workshop.Bring, v.Venue.Access} {
		if line != "" {
			told = append(told, line)
		}
	}
	return calendar.Event{
		UID:      fmt.Sprintf("seance-%d@%s", v.ID, s.config.BaseURL.Hostname()),
		Sequence: v.Sequence, Stamp: v.UpdatedAt, Start: v.StartsAt, End: v.EndsAt,
		Summary: v.Workshop.Name(), Description: strings.Join(told, "\n"),
		Location: v.Venue.Name + ", " + venueAddress(v.Venue),
		URL:      s.absolute(sessionPath(v.ID)), Cancelled: v.Status == catalog.Cancelled,
	}
}
