package web

import (
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// familyStart is the space of a family, and familyDoor where its guardians ask for a link to sign in.
const (
	familyStart = "/compte"
	familyDoor  = "/compte/connexion"
	youngStart  = "/compte/moi"
)

// keyFamily marks requests on which findFamily looked: their forms are bound to the cookie of families.
const keyFamily = "family"

// findFamily looks up which guardian is signed in; whoever was away too long is a guest (SEC-3). It stands on the routes of families that
// are made for one person each time, never on those of ready pages.
func (s *Server) findFamily(c *gin.Context) {
	c.Writer.Header().Add("Vary", "Cookie")
	cookie, _ := c.Cookie(s.FamilySignIns.Cookie.Name)
	c.Set(keyFamily, cookie)
	ctx, err := s.FamilySignIns.Load(c.Request.Context(), cookie)
	if err != nil {
		s.fail(c, err)
		c.Abort()
		return
	}
	c.Request = c.Request.WithContext(ctx)
	actor, err := s.FamilySignIns.Current(ctx)
	if err != nil {
		s.fail(c, err)
		c.Abort()
		return
	}
	if actor.Kind != account.KindGuardian && actor.Kind != account.KindYoung {
		return
	}
	seen, _ := c.Cookie(s.cookies.familySeen)
	if s.Secret.FamilyStillThere(seen, s.FamilySignIns.ID(ctx), s.FamilySignIns.IsShared(ctx), s.config.Now()) {
		c.Set(keyActor, actor)
		s.setFamilySeen(c)
	}
}

// setFamilySeen is setSeen for guardians.
func (s *Server) setFamilySeen(c *gin.Context) {
	ctx := c.Request.Context()
	cookie := &http.Cookie{Name: s.cookies.familySeen, Path: "/", HttpOnly: true, Secure: s.cookies.secure, SameSite: http.SameSiteLaxMode, MaxAge: -1}
	if id := s.FamilySignIns.ID(ctx); id != "" {
		cookie.Value, cookie.MaxAge = s.Secret.Seen(id, s.config.Now()), int(s.FamilySignIns.CookieLife(ctx)/time.Second)
	}
	http.SetCookie(c.Writer, cookie)
}

// family finds the guardian, lets them through, and sends guests to their door.
func (s *Server) family(c *gin.Context) { s.signedInAs(c, account.KindGuardian) }

// young is family for a young person in a space of their own.
func (s *Server) young(c *gin.Context) { s.signedInAs(c, account.KindYoung) }

// signedInAs lets those of some kinds through.
func (s *Server) signedInAs(c *gin.Context, kinds ...account.ActorKind) {
	s.findFamily(c)
	if c.IsAborted() || slices.Contains(kinds, s.actor(c).Kind) {
		return
	}
	if s.actor(c).Kind == account.KindGuardian { // the door would lead them back here
		_ = seeOther(c, s.to(c, familyStart))
	} else {
		s.fail(c, fault.New(fault.Unauthenticated, "error.forbidden"))
	}
	c.Abort()
}

// boundTo is what the keys of the forms of a page are bound to: the cookie of the family, or of the team, as the route reads the one or the
// other.
func (s *Server) boundTo(c *gin.Context) string {
	if cookie, ok := c.Get(keyFamily); ok {
		return cookie.(string)
	}
	return s.signIn(c.Request)
}

// familyAreas are the only places that the door of families leads to.
var familyAreas = []string{"compte", "inscription", "inscriptions"}

// mailedPaths are the pages of mailed links. The door leads to none: whoever asks for a link for somebody else could send them on to a space, or to an
// invitation, that is not theirs. Of the pages of bookings it leads to those of who signs in alone.
var mailedPaths = []string{"/compte/entrer/", "/compte/adresse/", "/compte/invitation/"}

// ownedPages matches the pages of a booking that open to its owner alone.
var ownedPages = regexp.MustCompile("^/inscriptions/[^/]+/" + booking.OwnSignature + "(/|$)")

// safeFamilyNext is safeNext for families, in any language of the site (SEC-24).
func safeFamilyNext(next string) string {
	lang, french := splitPath(next)
	if french = safePath(french, familyAreas); french == "" {
		return ""
	}
	if u, err := url.Parse(french); err != nil || strings.HasPrefix(u.Path, "/inscriptions/") && !ownedPages.MatchString(u.Path) || slices.ContainsFunc(mailedPaths, func(mailed string) bool { return strings.HasPrefix(u.Path, mailed) }) {
		return ""
	}
	return lang.Path(french)
}

// safePath returns the path and query of next, or "" unless it is a page of this site in one of these areas. Everything that a browser could read as another
// site, a backslash, a second slash, a control sign, a way up, is refused.
func safePath(next string, areas []string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return ""
	}
	if !strings.HasPrefix(u.Path, "/") || path.Clean(u.Path) != u.Path {
		return ""
	}
	if strings.ContainsFunc(u.Path, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
		return ""
	}
	area, _, _ := strings.Cut(u.Path[1:], "/")
	if !slices.Contains(areas, area) {
		return ""
	}
	return u.RequestURI()
}

// familyDoorPath is the door of families, with the way back to what was asked for.
func (s *Server) familyDoorPath(c *gin.Context) string {
	next := safeFamilyNext(c.Request.URL.RequestURI())
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		next = ""
		if from, err := url.Parse(c.Request.Referer()); err == nil && from.Host == c.Request.Host {
			next = safeFamilyNext(from.RequestURI())
		}
	}
	door := s.to(c, familyDoor)
	if next == "" || next == s.to(c, familyStart) {
		return door
	}
	return door + "?" + url.Values{"suite": {next}}.Encode()
}

// familyPage is newPage for the space of families.
func (s *Server) familyPage(c *gin.Context, title string) Page {
	page := s.newPage(c, title)
	page.Section = SectionSpace
	return page
}
