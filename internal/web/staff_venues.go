package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// venuesPage lists where sessions take place.
type venuesPage struct {
	DeskHead
	Venues []venueLine
}

type venueLine struct {
	Name, Address, City string
	StepFree            string
	Zone                string // of the school holidays; empty for none
	Capacity            int
	Edit, Plan          string
}

// venueFormPage creates a venue, or edits one.
type venueFormPage struct {
	DeskHead
	Action   string
	Key      FormKey
	Seen     string
	Name     Field
	Address  Field
	Postcode Field
	City     Field
	Access   Field
	StepFree Choices
	Capacity Field
	Closed   Field
	TimeZone *Field // of a new venue only: changing it would move the hours of its sessions
}

func getVenues(s *Server, c *gin.Context) error {
	all, err := s.Catalog.Venues(c.Request.Context())
	if err != nil {
		return err
	}
	page := &venuesPage{DeskHead: s.deskHead(c, s.words.T("staff.venues.title"))}
	for _, v := range all {
		zone := ""
		if v.Zone() != "" {
			zone = s.words.T("plan.zone", string(v.Zone()))
		}
		page.Venues = append(page.Venues, venueLine{
			Name: v.Name, Address: v.Address, City: v.Postcode + " " + v.City, StepFree: s.words.T("staff.venue.entry." + string(v.StepFree)), Zone: zone,
			Capacity: v.Capacity, Edit: "/equipe/lieux/" + idText(v.ID), Plan: "/equipe/seances/nouvelle?lieu=" + idText(v.ID),
		})
	}
	return s.show(c, http.StatusOK, "equipe/venues", page)
}

var venueRecord = deskRecord[catalog.Venue, *catalog.Catalog]{
	list: "/equipe/lieux", purpose: "venue", usual: url.Values{"capacity": {"12"}, "time_zone": {catalog.HomeZone}, "step_free": {string(catalog.StepFreeUnknown)}},
	keeper: catalogOf, load: (*catalog.Catalog).Venue, create: (*catalog.Catalog).CreateVenue,
	edit: func(cat *catalog.Catalog, ctx context.Context, actor account.Actor, key account.FormKey, id int64, v catalog.Venue, seen string) error {
		v.ID = id
		return cat.EditVenue(ctx, actor, key, v, seen)
	},
	typed: typedVenue, values: venueValues, show: (*Server).showVenueForm,
}

func typedVenue(form url.Values) catalog.Venue {
	return catalog.Venue{
		Name: form.Get("name"), Address: form.Get("address"), Postcode: form.Get("postcode"), City: form.Get("city"), Access: form.Get("access"),
		StepFree: catalog.StepFree(form.Get("step_free")), Capacity: wholeNumber(form.Get("capacity")), TimeZone: form.Get("time_zone"),
		ClosedFrom: form.Get("closed_from"),
	}
}

func venueValues(v catalog.Venue) url.Values {
	return url.Values{
		"name": {v.Name}, "address": {v.Address}, "postcode": {v.Postcode}, "city": {v.City}, "access": {v.Access},
		"step_free": {string(v.StepFree)}, "capacity": {strconv.Itoa(v.Capacity)}, "closed_from": {v.ClosedFrom}, "seen": {v.Version()},
	}
}

// showVenueForm shows the form of a venue: a new one where v is nil.
func (s *Server) showVenueForm(c *gin.Context, status int, v *catalog.Venue, form url.Values, problem *fault.Error) error {
	p := s.words
	page := &venueFormPage{
		DeskHead: s.deskHead(c, p.T("staff.venue.new")),
		Action:   "/equipe/lieux/nouveau",
		Name:     Field{Name: "name", Label: p.T("staff.venue.name"), Value: form.Get("name"), Autocomplete: "off"},
		Address:  Field{Name: "address", Label: p.T("staff.venue.address"), Value: form.Get("address"), Autocomplete: "off"},
		Postcode: Field{Name: "postcode", Label: p.T("staff.venue.postcode"), Value: form.Get("postcode"), Autocomplete: "off", InputMode: "numeric", Width: WidthShort},
		City:     Field{Name: "city", Label: p.T("staff.venue.city"), Value: form.Get("city"), Autocomplete: "off", Width: WidthMedium},
		Access:   Field{Name: "access", Label: p.T("staff.venue.access"), Hint: p.T("staff.venue.access.hint"), Value: form.Get("access"), Rows: 3, Optional: true},
		StepFree: Choices{Name: "step_free", Legend: p.T("staff.venue.step_free"), Inline: true},
		Capacity: Field{Name: "capacity", Label: p.T("staff.venue.capacity"), Value: form.Get("capacity"), InputMode: "numeric", Width: WidthShort},
		Closed:   Field{Name: "closed_from", Label: p.T("staff.venue.closed_from"), Hint: p.T("staff.venue.closed_from.hint"), Value: form.Get("closed_from"), Type: "date", Width: WidthMedium, Optional: true},
	}
	for _, answer := range []catalog.StepFree{catalog.StepFreeYes, catalog.StepFreeNo, catalog.StepFreeUnknown} {
		page.StepFree.Options = append(page.StepFree.Options, Option{Value: string(answer), Label: p.T("staff.venue.step_free." + string(answer))})
	}
	page.StepFree.Options = choose(page.StepFree.Options, form.Get("step_free"))
	controls := []control{&page.Name, &page.Address, &page.Postcode, &page.City, &page.Access, &page.StepFree, &page.Capacity, &page.Closed}
	purpose := "venue-new"
	if v == nil {
		page.TimeZone = &Field{Name: "time_zone", Label: p.T("staff.venue.time_zone"), Value: form.Get("time_zone"), Width: WidthMedium, NoSpellcheck: true}
		controls = append(controls, page.TimeZone)
	} else {
		purpose = "venue-edit"
		page.Title = p.T("staff.venue.edit", v.Name)
		page.Action, page.Seen = "/equipe/lieux/"+idText(v.ID), form.Get("seen")
		if stale(problem) {
			page.Seen = v.Version()
			page.Notice = s.staleNotice(form, venueValues(*v), []Field{page.Name, page.Address, page.Postcode, page.City, page.Access, page.Capacity, page.Closed})
			problem = nil
		}
	}
	page.Key = s.newKey(c, purpose)
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/venue_form", page)
}
