package web

import (
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// sessionStates says how a card shows what a session offers.
var sessionStates = map[catalog.Availability]SessionState{
	catalog.Open: SessionOpen, catalog.Full: SessionFull, catalog.NotYetOpen: SessionUpcoming, catalog.Closed: SessionClosed,
	catalog.Started: SessionPast, catalog.Past: SessionPast, catalog.CalledOff: SessionCancelled,
}

// sessionCard is a session in a list, as it is at now.
func (s *Server) sessionCard(v catalog.Session, now time.Time) SessionCard {
	return SessionCard{
		Href:  "/seances/" + strconv.FormatInt(v.ID, 10),
		Title: v.Workshop.Title, Level: v.Workshop.Level,
		Discipline: Discipline(v.Workshop.Discipline), DisciplineName: s.words.T("discipline." + string(v.Workshop.Discipline)),
		Start: v.StartsAt, End: v.EndsAt, OpensAt: v.OpensAt, MinAge: v.Workshop.MinAge, MaxAge: v.Workshop.MaxAge,
		Venue: v.Venue.Name, City: v.Venue.City, Price: priceTag(s.words, v.Pricing, v.PriceCents),
		Seats: seatsOf(v),
		State: sessionStates[v.Availability(now)],
	}
}

// seatsOf are the seats of a session as families see them.
func seatsOf(v catalog.Session) Seats {
	return Seats{Capacity: v.Capacity, Left: v.PlacesOpen, Waiting: v.Waiting, ListClosed: v.ListClosed}
}
