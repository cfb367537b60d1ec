package web

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// mostChildren is how many children one booking takes.
const mostChildren = 6

// answers are what a parent has typed so far, as typed. Health text is never among them: it is asked on the
// last screen and kept only with the booking (domain, Family data 8).
type answers struct {
	Children []childAnswers
	Contact  contactAnswers
	// Young says that a young person answers for themselves, as far as they may (see self), and YoungEmail is their own address.
	Young      bool   `json:",omitempty"`
	YoungEmail string `json:",omitempty"`
	// Also are the other sessions of the series that are booked at once; only of who is signed in.
	Also []int64 `json:",omitempty"`
	// Base are the answers as the family's record gave them, of who is signed in: see ownFamily.renew.
	Base *answers `json:",omitempty"`
	// Saved is the id of the copy that was kept to finish later; empty for nearly all.
	Saved string `json:",omitempty"`
	// SavedFor is a digest of the address to which the link of that copy was mailed.
	SavedFor []byte `json:",omitempty"`
}

type childAnswers struct {
	ID                  int64 `json:",omitempty"` // of a child of the guardian who is signed in
	FirstName, LastName string
	Day, Month, Year    string
	Health              string // no, yes, unsaid; of a child with an ID also known: it was answered before
	Known               bool   `json:",omitempty"` // whether that answer may be given
	Leaves              string // me, other, alone
	PickupNames         string
	Image               string // yes, no, later or empty
}

type contactAnswers struct {
	Name, Email, Phone            string
	Emergency                     string // me, other
	EmergencyName, EmergencyPhone string
	Language                      string // of our messages: fr, en; empty is fr
}

// bookingVisit is one visit of a screen of the booking: the session, and what is known of the answers.
type bookingVisit struct {
	session booking.Session
	open    int // seats a newcomer may take
	answers answers
	key     booking.DraftKey // TokenHash is nil before the first POST
	// own is true of answers by a guardian who is signed in, about their own children.
	own bool
}

// visit reads the session in the path and the draft of this browser. When the draft has led to a booking
// already, done is the path of its page, where Back and a second tab end too; that of the session where nobody can book
// or wait any more.
func (s *Server) visit(c *gin.Context) (v bookingVisit, done string, err error) {
	if v, done, err = s.visitDraft(c); err != nil || done != "" {
		return v, done, err
	}
	v.session, v.open, err = s.Bookings.Available(c.Request.Context(), v.key.SessionID)
	if err == nil && v.open == 0 && v.session.ListClosed {
		done = sessionPath(v.session.ID) // no form that cannot succeed: that page says why, and what else there is
	}
	return v, done, err
}

// visitDraft is visit without the session, of which only the id and, with a draft, the start are known.
func (s *Server) visitDraft(c *gin.Context) (v bookingVisit, done string, err error) {
	id, err := pathID(c, "id")
	if err != nil {
		return v, "", err
	}
	v.session.ID, v.key.SessionID = id, id
	v.answers.Children = make([]childAnswers, 1)
	token, ok := draftToken(c.Request, s.cookies.draft)
	if !ok {
		return v, "", nil
	}
	v.key.TokenHash = hashToken(token)
	draft, err := s.Bookings.Draft(c.Request.Context(), v.key.TokenHash, id)
	switch {
	case fault.Is(err, fault.NotFound, "booking.draft_missing"):
		return v, "", nil
	case err != nil:
		return v, "", err
	case draft.GuardianID != 0 && !s.actor(c).IsGuardian(draft.GuardianID):
		return v, "", nil // of somebody who is signed in no more: nobody else learns of it
	case draft.GuardianID != 0 && draft.Result == booking.Repeated:
		return v, familyStart, nil
	case draft.Result != "":
		return v, resultPath(draft.Result, draft.Link), nil
	}
	v.own = draft.GuardianID != 0
	v.key.Version, v.session.StartsAt = draft.Version, draft.StartsAt
	var a answers
	if json.Unmarshal([]byte(draft.Answers), &a) == nil && len(a.Children) > 0 {
		v.answers, v.key.Saved = a, a.Saved
	}
	if v.own && v.answers.Base != nil {
		record, err := s.ownFamily(c)
		if err != nil {
			return v, "", err
		}
		record.renew(&v.answers)
	}
	return v, "", nil
}

// resultPath is where a finished booking is shown.
func resultPath(result string, link booking.Link) string {
	if result == booking.Repeated {
		return "/inscription-recue"
	}
	return bookingPath(link)
}

// bookingPath is the page of the booking that a link opens.
func bookingPath(l booking.Link) string { return "/inscriptions/" + l.Reference + "/" + l.Signature }

// saveDraft keeps the answers for this browser, giving it the one cookie that needs at the first time. Only answers of their own
// are bound to who is signed in: what somebody typed as a guest, here or on a link that came by mail, joins no family by itself.
func (s *Server) saveDraft(c *gin.Context, v bookingVisit) error {
	actor := account.Guest()
	if v.own {
		actor = s.actor(c)
	}
	text, err := json.Marshal(v.answers)
	if err != nil {
		return err
	}
	return s.keepDraft(c, s.cookies.draft, booking.DraftLife, func(tokenHash []byte) error {
		return s.Bookings.SaveDraft(c.Request.Context(), actor, tokenHash, v.session.ID, string(text))
	})
}

// The screens of a booking, in order.
const (
	screenChildren = ""
	screenCare     = "/sante"
	screenContact  = "/coordonnees"
	screenCheck    = "/verification"
)

func screenPath(sessionID int64, screen string) string {
	return "/inscription/" + strconv.FormatInt(sessionID, 10) + screen
}

// nextScreen is the first screen with something left to answer; the check page when none has.
// So « Modifier » leads back to the check page in one step.
func nextScreen(v bookingVisit, today time.Time) string {
	switch {
	case len(checkChildren(v.answers.Children, today)) > 0:
		return screenChildren
	case v.self(today):
		if len(checkYoung(v.answers)) > 0 {
			return screenContact
		}
		return screenCheck
	case len(checkCare(v.answers.Children)) > 0:
		return screenCare
	case len(checkContact(v.answers.Contact)) > 0:
		return screenContact
	}
	return screenCheck
}

// outOfAge returns the children whose age on the day is outside the session's range.
func outOfAge(v bookingVisit, today time.Time) []childAnswers {
	var out []childAnswers
	for _, child := range v.answers.Children {
		birth, wrong := family.ParseBirthDate(child.Day, child.Month, child.Year, today)
		if wrong != nil {
			continue
		}
		if age := family.AgeOn(birth, v.session.StartsAt); age < v.session.MinAge || age > v.session.MaxAge {
			out = append(out, child)
		}
	}
	return out
}

// today is the present day where the session takes place.
func (s *Server) today(v bookingVisit) time.Time {
	return s.config.Now().In(v.session.StartsAt.Location())
}

// pathID reads a whole number of the path; anything else is a page that does not exist.
func pathID(c *gin.Context, name string) (int64, error) {
	id, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, fault.New(fault.NotFound, "error.not_found")
	}
	return id, nil
}
