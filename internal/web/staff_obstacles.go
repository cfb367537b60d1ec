package web

import (
	"errors"
	"net/url"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// obstacles are what is in the way of sessions that somebody is about to save. They are the partials "obstacles", the list, and
// "obstacles-anyway", the button that saves all the same.
type obstacles struct {
	All    []obstacle
	Token  string // empty where they cannot be saved all the same
	Anyway string // what the button says
}

type obstacle struct {
	Text  string // Mercredi 5 mai 2027 : le lieu « Espace Altnet » est pris.
	Other *Link  // the session in the way
}

// obstaclesID is the id of the list.
const obstaclesID = "obstacles"

// explain lets the summary of a page lead to the list, which says what the matter is, where it would lead to the top of the page.
func (o *obstacles) explain(errors []FieldError) {
	if o == nil {
		return
	}
	for i := range errors {
		if errors[i].Target == mainID {
			errors[i].Target = obstaclesID
		}
	}
}

// assent is what a form says of the obstacles that its page showed.
func assent(form url.Values) catalog.Assent {
	return catalog.Assent{Asked: true, Token: form.Get("anyway")}
}

// obstaclesOf are the obstacles of a refusal; nil where it is about something else.
func (s *Server) obstaclesOf(problem *fault.Error) *obstacles {
	if problem == nil {
		return nil
	}
	cause, is := errors.AsType[*catalog.Obstacles](problem)
	if !is {
		return nil
	}
	p := s.words
	page := &obstacles{Token: cause.Token, Anyway: p.T("staff.obstacle.anyway")}
	if problem.Message.Key == "catalog.obstacles.ask_date" {
		page.Anyway = p.T("staff.obstacle.duplicate_anyway")
	}
	for _, o := range cause.All {
		line := obstacle{Text: p.T("staff.obstacle."+string(o.What), p.Date(o.StartsAt), o.Name)}
		if o.What == catalog.HinderedPerson && o.Other == nil {
			line.Text = p.T("staff.obstacle.left", p.Date(o.StartsAt), o.Name)
		}
		if v := o.Other; v != nil {
			line.Other = &Link{Href: deskSessionPath(v.ID), Label: p.T("staff.obstacle.other", workshopName(v.Workshop), p.Date(v.StartsAt), p.Span(v.StartsAt, v.EndsAt), v.Venue.Name)}
		}
		page.All = append(page.All, line)
	}
	return page
}
