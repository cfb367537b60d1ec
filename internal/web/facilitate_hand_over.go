package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// handOverPage hands a session to somebody else: first the list of who can lead it, then one question.
type handOverPage struct {
	Page
	Session ledSession
	// Leavers are who can give the session away, each with who can take it: the actor alone, or for staff everybody
	// who leads it.
	Leavers []handOverFrom
	// To is who was chosen; the list is left out then.
	To      string
	From    string
	Mine    bool // the actor gives away their own session
	Clashes []string
	Key     FormKey
	FromID  int64
	ToID    int64
}

// handOverFrom is one who leads the session.
type handOverFrom struct {
	Name   string
	Mine   bool
	People []Link
}

// handOver is what both requests are about.
type handOver struct {
	session  catalog.Session
	led      []catalog.Facilitator
	from, to catalog.Facilitator // zero until chosen
}

// findHandOver reads who gives what to whom; people that cannot be chosen are NotFound.
func (s *Server) findHandOver(ctx context.Context, actor account.Actor, id int64, chosen url.Values) (handOver, []catalog.Facilitator, error) {
	var h handOver
	var err error
	if h.session, h.led, err = s.Attendance.ToLead(ctx, actor, id); err != nil {
		return h, nil, err
	}
	people, err := s.Catalog.Assignable(ctx)
	if err != nil {
		return h, nil, err
	}
	if chosen.Get("a") == "" {
		return h, people, nil
	}
	var known bool
	if h.from, known = facilitatorOf(h.led, chosen.Get("de")); !known || !actor.CanManage() && !actor.IsUser(h.from.ID) {
		return h, nil, fault.New(fault.NotFound, "error.not_found")
	}
	if h.to, known = facilitatorOf(people, chosen.Get("a")); !known {
		return h, nil, fault.New(fault.NotFound, "error.not_found")
	}
	return h, people, nil
}

func facilitatorOf(list []catalog.Facilitator, id string) (catalog.Facilitator, bool) {
	i := slices.IndexFunc(list, func(f catalog.Facilitator) bool { return strconv.FormatInt(f.ID, 10) == id })
	if i < 0 {
		return catalog.Facilitator{}, false
	}
	return list[i], true
}

func getHandOver(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ctx, actor := c.Request.Context(), s.actor(c)
	h, people, err := s.findHandOver(ctx, actor, id, c.Request.URL.Query())
	if err != nil {
		return err
	}
	page := &handOverPage{
		Page: s.facilitatePage(c, s.words.T("attendance.hand_over.title")), Session: newLedSession(h.session, h.led),
		From: h.from.Name, To: h.to.Name, FromID: h.from.ID, ToID: h.to.ID, Mine: actor.IsUser(h.from.ID),
	}
	if h.to.ID == 0 {
		page.Leavers = handOverLists(actor, h, people)
		return s.show(c, http.StatusOK, "animation/hand_over", page)
	}
	page.Title = s.words.T("attendance.hand_over.ask", h.to.Name)
	page.Key = s.newKey(c, "hand-over")
	clashes, err := s.Catalog.Clashes(ctx, id, h.to.ID)
	if err != nil {
		return err
	}
	for _, v := range clashes {
		page.Clashes = append(page.Clashes, s.words.T("attendance.hand_over.clash", h.to.Name, workshopName(v.Workshop), s.words.Span(v.StartsAt, v.EndsAt), v.Venue.Name))
	}
	return s.show(c, http.StatusOK, "animation/hand_over", page)
}

// handOverLists are the choices: for each who may give the session away, who may take it.
func handOverLists(actor account.Actor, h handOver, people []catalog.Facilitator) []handOverFrom {
	var lists []handOverFrom
	for _, from := range h.led {
		if !actor.CanManage() && !actor.IsUser(from.ID) {
			continue
		}
		list := handOverFrom{Name: from.Name, Mine: actor.IsUser(from.ID)}
		for _, to := range people {
			if slices.Contains(h.led, to) {
				continue
			}
			query := url.Values{"de": {strconv.FormatInt(from.ID, 10)}, "a": {strconv.FormatInt(to.ID, 10)}}
			list.People = append(list.People, Link{Href: registerPath(h.session.ID, "/transmettre?"+query.Encode()), Label: to.Name})
		}
		lists = append(lists, list)
	}
	return lists
}

func postHandOver(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "hand-over", form)
	if err != nil {
		return err
	}
	from, errFrom := strconv.ParseInt(form.Get("de"), 10, 64)
	to, errTo := strconv.ParseInt(form.Get("a"), 10, 64)
	if errFrom != nil || errTo != nil {
		return fault.New(fault.NotFound, "error.not_found")
	}
	if err := s.Catalog.HandOver(c.Request.Context(), s.actor(c), key, id, from, to); err != nil {
		return err
	}
	return seeOther(c, "/animation?transmise=1")
}
