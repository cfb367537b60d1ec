package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// erasurePage asks a guardian, who came by a mailed link, a last time before everything kept of them goes. Without a Key it
// says why it cannot be done by this link.
type erasurePage struct {
	Page
	erasedParts
	Action string
	Key    *FormKey
	Why    *Notice
}

// erasedParts are what goes and what stays when a guardian is erased.
type erasedParts struct {
	Going     []string // first names
	Staying   []string // … of children of another guardian as well
	Cancelled []erasedBooking
	Others    bool   // bookings stay that were made with the same address
	ClaimHref string // where to say which of those are one's own; empty for who is not signed in
	Busy      *Notice
}

// erasureDonePage says that nothing is kept any more.
type erasureDonePage struct{ Page }

func erasurePages() []Declared {
	return []Declared{
		{Name: "privacy/erasure", Data: &erasurePage{}},
		{Name: "privacy/erased", Data: &erasureDonePage{}},
	}
}

// ErasurePath is the page that a link of a message outbox.ErasureAsked opens, in a language.
func ErasurePath(lang words.Lang, l privacy.ErasureLink) string {
	return pathIn(lang, "/effacement/"+l.Token+"/"+l.Signature)
}

const erasureDonePath = "/effacement/fait"

func erasureLink(c *gin.Context) privacy.ErasureLink {
	return privacy.ErasureLink{Token: c.Param("token"), Signature: c.Param("signature")}
}

func (s *Server) erasedParts(c *gin.Context, e privacy.OwnErasure) (p erasedParts) {
	for _, child := range e.Children {
		list := &p.Going
		if child.Stays {
			list = &p.Staying
		}
		*list = append(*list, child.FirstName)
	}
	p.Cancelled, p.Others = erasedBookings(e.Cancelled), e.Others
	if !e.BusyUntil.IsZero() {
		p.Busy = &Notice{Tone: ToneWarning, Title: s.words.T("erasure.busy", e.BusyUntil), Text: s.words.T("erasure.busy.text")}
	}
	return p
}

// getErasure asks. Opening it, by a person or a scanner of mails, erases nothing.
func getErasure(s *Server, c *gin.Context) error {
	return s.showErasure(c, http.StatusOK)
}

func (s *Server) showErasure(c *gin.Context, status int) error {
	p, link := s.words, erasureLink(c)
	page := &erasurePage{Page: s.newPage(c, p.T("erasure.title")), Action: ErasurePath(s.words.Lang(), link)}
	e, err := s.Privacy.LinkedErasure(c.Request.Context(), link)
	if f, ok := fault.As(err); ok && f.Kind == fault.Gone {
		page.Title, page.Why = p.T("erasure.nothing"), &Notice{Tone: ToneInfo, Title: p.Message(f.Message)}
		return s.show(c, http.StatusGone, "privacy/erasure", page)
	}
	if err != nil {
		return err
	}
	page.erasedParts = s.erasedParts(c, e)
	if page.Busy == nil {
		key := s.newKey(c, "erasure")
		page.Key = &key
	}
	return s.show(c, status, "privacy/erasure", page)
}

// postErasure erases, once.
func postErasure(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "erasure", form)
	if fault.Is(err, fault.Gone, "error.form_expired") {
		return s.showErasure(c, http.StatusGone)
	}
	if err == nil {
		err = s.Privacy.EraseLinked(c.Request.Context(), key, erasureLink(c))
	}
	if _, sent := account.FirstResult(err); sent || err == nil {
		s.Outbox.Notify()
		return seeOther(c, erasureDonePath)
	}
	if kind := fault.KindOf(err); kind == fault.Gone || kind == fault.Conflict {
		return s.showErasure(c, statuses[kind])
	}
	return err
}

func getErasureDone(s *Server, c *gin.Context) error {
	return s.show(c, http.StatusOK, "privacy/erased", &erasureDonePage{s.newPage(c, s.words.T("erasure.done.title"))})
}
