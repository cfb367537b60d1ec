package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// waitingListPage is the waiting list of one session: who is next, and how every offer went.
type waitingListPage struct {
	DeskHead
	Session deskSession
	Back    string
	Offered []listedFamily
	Waiting []listedFamily
	Gone    []listedFamily
	Closed  bool
	Changes bool // the session is yet to come and takes place: the list can be closed and opened
	Close   deskAct
	Call    bool   // too little time is left for offers by mail
	Phone   string // where the team books for a family; empty where it cannot
}

// listedFamily is some children of one booking, on a list or once on it.
type listedFamily struct {
	Reference string
	Href      string
	Children  []bookingLine
	Guardian  string
	Email     string
	Phone     string
	Digits    string
	Since     time.Time
	Wishes    string
	Others    []Link   // other choices of the same children
	Calls     []string // what came of calls
	Names     string   // of the children, to tell apart what one can do
	Acts      []Link
	Accept    *deskAct
	List      string // the session, for an act that comes back to its list
}

// bookingLine is one child of a booking with its state and how it came to it.
type bookingLine struct {
	Name     string
	Age      int
	OutOfAge bool
	Rank     int
	State    Badge
	Story    []string
}

func deskListPath(sessionID int64) string { return deskSessionPath(sessionID) + "/attente" }

func deskBookingPath(reference string) string { return "/equipe/inscriptions/" + reference }

func getWaitingList(s *Server, c *gin.Context) error {
	return s.showWaitingList(c, http.StatusOK, nil)
}

func (s *Server) showWaitingList(c *gin.Context, status int, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	list, err := s.Bookings.WaitingList(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	v, now := list.Session, s.config.Now()
	if v.Private() || v.Status == catalog.Draft {
		return fault.New(fault.NotFound, "error.not_found") // nobody can book it
	}
	page := &waitingListPage{
		DeskHead: s.deskHead(c, s.words.T("staff_list.title", workshopName(v.Workshop))), Session: s.deskSession(v, nil, now),
		Back: deskSessionPath(id), Closed: v.ListClosed, Close: s.deskAct(c, "list-close", deskListPath(id)),
	}
	page.Changes = page.Manages && v.Status == catalog.Published && v.StartsAt.After(now)
	if page.Changes {
		page.Phone = phonePath(id)
	}
	_, inTime := list.Hours.Deadline(now, v.StartsAt)
	page.Call = !inTime && page.Changes
	acts := listActs{begun: !v.StartsAt.After(now), inTime: inTime, may: page.Manages && v.Status == catalog.Published && v.EndsAt.After(now)}
	for _, in := range []struct {
		to   *[]listedFamily
		from []booking.ListedFamily
	}{{&page.Offered, list.Offered}, {&page.Waiting, list.Waiting}, {&page.Gone, list.Gone}} {
		for _, f := range in.from {
			*in.to = append(*in.to, s.listedFamily(c, id, f, acts, page.Session.Over))
		}
	}
	if problem != nil {
		explain(s.words, &page.Page, problem)
	}
	return s.show(c, status, "equipe/waiting_list", page)
}

// listActs is what can be done with the families of a list now.
type listActs struct{ may, begun, inTime bool }

func (s *Server) listedFamily(c *gin.Context, id int64, f booking.ListedFamily, acts listActs, over bool) listedFamily {
	p, first := s.words, f.First()
	line := listedFamily{
		List: idText(id), Reference: first.Reference, Href: deskBookingPath(first.Reference), Since: first.BookedAt,
		Guardian: first.Guardian.Name, Email: first.Guardian.Email, Phone: first.Guardian.Phone, Digits: phoneDigits(first.Guardian.Phone),
		Wishes: s.wishWords(len(f.Children), first.Together, first.Unasked), Others: s.otherChoices(f.Linked), Calls: s.callWords(f.Calls),
	}
	var names []string
	for _, b := range f.Children {
		names = append(names, b.FirstName)
		line.Children = append(line.Children, s.bookingLine(b, over))
	}
	line.Names = p.List(names)
	if !acts.may {
		return line
	}
	switch first.Status {
	case "offered":
		if acts.begun {
			break
		}
		accept := s.deskAct(c, "booking-accept", line.Href+"/accepter")
		line.Accept = &accept
		line.Acts = []Link{{line.Href + "/refuser", p.T("staff_list.declines")}}
	case "waiting":
		if acts.inTime {
			line.Acts = append(line.Acts, Link{line.Href + "/proposer", p.T("staff_list.offer")})
		}
		line.Acts = append(line.Acts, Link{line.Href + "/donner", p.T("staff_list.give")})
		if !acts.begun {
			line.Acts = append(line.Acts, Link{line.Href + "/annuler", p.T("staff_list.leaves")})
		}
	}
	return line
}

func (s *Server) bookingLine(b booking.Listed, over bool) bookingLine {
	line := bookingLine{
		Name: b.FirstName + " " + b.LastName, Age: b.Age, OutOfAge: b.OutOfAge, Rank: b.Rank,
		State: Badge{Tone: bookingTones[b.Status], Label: s.bookingState(b, over)}, Story: s.bookingStory(b),
	}
	if b.FirstName == "" {
		line.Name = s.words.T("erase.family")
	}
	return line
}

// bookingStory tells for which partner the seat of a child was kept, how its offers went, and why it has a seat beyond the rules.
func (s *Server) bookingStory(b booking.Listed) []string {
	p := s.words
	var story []string
	if b.Partner != "" {
		story = append(story, p.T("staff_list.reserved", b.Partner))
	}
	if b.ByYoung {
		story = append(story, p.T("staff_list.by_young"))
	}
	told := false
	for _, o := range b.Offers {
		text := s.offerStory(o)
		switch {
		case o.Reason != "":
			text += " " + p.T("staff_list.by.reason", o.MadeBy, o.Reason)
			told = told || o.Reason == b.Override
		case o.MadeBy != "":
			text += " " + p.T("staff_list.by", o.MadeBy)
		}
		story = append(story, text)
	}
	if b.Override != "" && !told {
		story = append(story, p.T("staff_list.override", b.OverrideBy, b.Override))
	}
	if b.Late {
		story = append(story, s.lateWords(b))
	}
	return story
}

// lateWords tells that a seat was given up late, and why where the family said so: a fact, no reproach.
func (s *Server) lateWords(b booking.Listed) string {
	p := s.words
	if b.LateReason == "" {
		return p.T("rebook.late")
	}
	return p.T("rebook.late.because", p.T("rebook.reason."+string(b.LateReason)))
}

// wishWords says how a family waits; nothing for one child that is to be asked, which is usual.
func (s *Server) wishWords(children int, together, unasked bool) string {
	var wishes []string
	switch {
	case children > 1 && together:
		wishes = append(wishes, s.words.T("staff_list.together"))
	case children > 1:
		wishes = append(wishes, s.words.T("staff_list.any"))
	}
	if unasked {
		wishes = append(wishes, s.words.T("staff_list.unasked"))
	}
	return joinSentences(wishes)
}

// otherChoices lead to the other bookings of the same children.
func (s *Server) otherChoices(links []booking.ListedLink) []Link {
	p := s.words
	var others []Link
	for _, l := range links {
		others = append(others, Link{deskBookingPath(l.Reference), p.T("staff_list.other", p.DateShort(l.StartsAt), p.Hour(l.StartsAt), l.Venue, p.T("booking.state."+l.Status))})
	}
	return others
}

func (s *Server) callWords(calls []booking.ListedCall) []string {
	var told []string
	for _, call := range calls {
		told = append(told, s.words.T("staff_list.call."+call.Outcome, s.moment(call.At), call.By))
	}
	return told
}

// moment is a day and an hour in few signs.
func (s *Server) moment(t time.Time) string {
	return s.words.T("staff.list.moment", s.words.DateShort(t), s.words.Hour(t))
}

// postWaitingList closes the list to newcomers, or opens it again.
func postWaitingList(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "list-close",
		do: func(form url.Values, key account.FormKey) (string, error) {
			closed, done := form.Get("closed") == "1", "liste-ouverte"
			if closed {
				done = "liste-fermee"
			}
			return deskListPath(id) + "?fait=" + done, s.Catalog.CloseList(c.Request.Context(), s.actor(c), key, id, closed)
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showWaitingList(c, status, problem)
		},
	})
}
