package web

import (
	"context"
	_ "embed" // the description of the API
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

const jsonType = "application/json; charset=utf-8"

// openAPI describes the machine interface. A test keeps it and apiSession the same.
//
//go:embed openapi.json
var openAPI []byte

// apiSession is a session as programs read it. Its fields are stable.
type apiSession struct {
	ID         int64    `json:"id"`
	Title      string   `json:"title"`
	Discipline string   `json:"discipline"`
	Level      string   `json:"level"`
	MinAge     int      `json:"min_age"`
	MaxAge     int      `json:"max_age"`
	StartsAt   string   `json:"starts_at"` // RFC 3339 with the offset of the venue
	EndsAt     string   `json:"ends_at"`
	Venue      apiVenue `json:"venue"`
	Capacity   int      `json:"capacity"`
	PlacesLeft int      `json:"places_left"`
	Waiting    int      `json:"waiting"`
	Status     string   `json:"status"` // a catalog.Availability
	PriceCents int      `json:"price_cents"`
	URL        string   `json:"url"`
}

type apiVenue struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Postcode string `json:"postcode"`
	City     string `json:"city"`
}

func (s *Server) apiSession(v catalog.Session, now time.Time) apiSession {
	return apiSession{
		ID: v.ID, Title: v.Workshop.Title, Discipline: string(v.Workshop.Discipline), Level: v.Workshop.Level,
		MinAge: v.Workshop.MinAge, MaxAge: v.Workshop.MaxAge,
		StartsAt: v.StartsAt.Format(time.RFC3339), EndsAt: v.EndsAt.Format(time.RFC3339),
		Venue:    apiVenue{v.Venue.Name, v.Venue.Address, v.Venue.Postcode, v.Venue.City},
		Capacity: v.Capacity, PlacesLeft: v.PlacesOpen, Waiting: v.Waiting, Status: string(apiStatus(v, now)),
		PriceCents: v.PriceCents, URL: s.absolute(sessionPath(v.ID)),
	}
}

// apiStatus is what a family can do with a session at now: nothing where it is full and its waiting list is closed.
func apiStatus(v catalog.Session, now time.Time) catalog.Availability {
	status := v.Availability(now)
	if status == catalog.Full && v.ListClosed {
		return catalog.Closed
	}
	return status
}

// getAPISessions lists the coming sessions that pass the catalogue's filters.
func getAPISessions(s *Server, c *gin.Context) error {
	form, _, err := readFilter(c.Request.URL)
	if err != nil {
		return err
	}
	filter, err := form.Parse()
	if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
		fields := map[string]string{}
		for name, message := range f.Fields {
			fields[name] = s.words.Message(message)
		}
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": http.StatusText(http.StatusUnprocessableEntity), "fields": fields})
		return nil
	}
	if err != nil {
		return err
	}
	return s.cached(c, filterQuery(form).Encode(), func(ctx context.Context) (pageContent, error) {
		now := s.config.Now()
		coming, err := s.Catalog.Coming(ctx)
		if err != nil {
			return pageContent{}, err
		}
		list := []apiSession{} // [], never null
		for _, v := range filter.Select(coming, now) {
			list = append(list, s.apiSession(v, now))
		}
		return jsonContent(list, nextChange(coming, now))
	})
}

// getAPISession gives one session, past and cancelled ones too.
func getAPISession(s *Server, c *gin.Context) error {
	id, err := sessionID(c)
	if err != nil {
		return err
	}
	return s.cached(c, "", func(ctx context.Context) (pageContent, error) {
		now := s.config.Now()
		v, err := s.Catalog.PublicSession(ctx, id)
		if err != nil {
			return pageContent{}, err
		}
		return jsonContent(s.apiSession(v, now), v.NextChange(now))
	})
}

func getOpenAPI(s *Server, c *gin.Context) error {
	return s.cached(c, "", func(context.Context) (pageContent, error) {
		return pageContent{Type: jsonType, Body: openAPI}, nil
	})
}

func jsonContent(value any, until time.Time) (pageContent, error) {
	body, err := json.Marshal(value)
	return pageContent{Type: jsonType, Body: body, Until: until}, err
}
