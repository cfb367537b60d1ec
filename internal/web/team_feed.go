package web

import (
	"bytes"
	"fmt"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/calendar"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

const (
	feedRoute = "/agendas/:membre/:signature/seances.ics"
	// feedKeeps is how long a session stays in the calendar after its end.
	feedKeeps = 60 * 24 * time.Hour
)

func (s *Server) feedPath(u account.User) string {
	return "/agendas/" + idText(u.ID) + "/" + s.Door.FeedToken(u) + "/seances.ics"
}

// getFeed gives what somebody leads as a calendar to subscribe to. It names no child, no family, and nobody who may be kept in a cache.
func getFeed(s *Server, c *gin.Context) error {
	ctx := c.Request.Context()
	id, err := pathID(c, "membre")
	if err != nil {
		return err
	}
	u, err := s.Door.FeedOwner(ctx, id, c.Param("signature"))
	if err != nil {
		return err
	}
	led, err := s.Catalog.LedBy(ctx, u.ID, s.config.Now().Add(-feedKeeps))
	if err != nil {
		return err
	}
	events := make([]calendar.Event, 0, len(led))
	for _, v := range led {
		event := s.publicEvent(v)
		// The entry is that of the mails that hand a session over; its link is for who leads it.
		event.UID = fmt.Sprintf("animation-%d@%s", v.ID, s.config.BaseURL.Hostname())
		event.Summary = s.words.T("mail.calendar.leading", workshopName(v.Workshop))
		event.URL, event.Cancelled = s.absolute("/animation/seances/"+idText(v.ID)), v.Status == catalog.Cancelled
		events = append(events, event)
	}
	var body bytes.Buffer
	if err := calendar.Publish(&body, s.words.T("team.feed.name"), events); err != nil {
		return err
	}
	return sendFile(c, "seances.ics", calendarType, body.Bytes())
}

// postFeedRenew makes another link to one's own calendar.
func postFeedRenew(s *Server, c *gin.Context) error {
	return s.submit(c, deskForm{
		purpose: "self-feed",
		do: func(_ url.Values, key account.FormKey) (string, error) {
			return selfPath + "?fait=agenda", s.Door.RenewFeed(c.Request.Context(), s.actor(c), key)
		},
		again: func(status int, _ url.Values, problem *fault.Error) error { return s.showSelf(c, status, problem) },
	})
}
