package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// keyActor is where findActor leaves who is signed in.
const keyActor = "actor"

// actor is who is signed in on this browser: a guest unless the route is behind findActor.
func (s *Server) actor(c *gin.Context) account.Actor {
	if actor, ok := c.Get(keyActor); ok {
		return actor.(account.Actor)
	}
	return account.Guest()
}

// findActor looks up who is signed in. It guards the team's routes only: no other page reads the cookie,
// so that families have none and cached pages cost no look-up. Whoever was away too long is a guest (SEC-3).
func (s *Server) findActor(c *gin.Context) {
	c.Writer.Header().Add("Vary", "Cookie")
	ctx, err := s.SignIns.Load(c.Request.Context(), s.signIn(c.Request))
	if err != nil {
		s.fail(c, err)
		c.Abort()
		return
	}
	c.Request = c.Request.WithContext(ctx)
	actor, err := s.SignIns.Current(ctx)
	if err != nil {
		s.fail(c, err)
		c.Abort()
		return
	}
	seen, _ := c.Cookie(s.cookies.seen)
	if actor.IsTeam() && s.Secret.StillThere(actor, seen, s.SignIns.ID(ctx), s.config.Now()) {
		c.Set(keyActor, actor)
		if c.FullPath() != statesRoute { // what a register asks by itself does not show that somebody is there
			s.setSeen(c)
		}
	}
}

// setSeen sends the cookie by which the next request shows that somebody was here, or takes it away where
// nobody is signed in any more. Each answer renews it, so that reading pages writes nothing to the database.
func (s *Server) setSeen(c *gin.Context) {
	cookie := &http.Cookie{Name: s.cookies.seen, Path: "/", HttpOnly: true, Secure: s.cookies.secure, SameSite: http.SameSiteLaxMode}
	if id := s.SignIns.ID(c.Request.Context()); id != "" {
		cookie.Value = s.Secret.Seen(id, s.config.Now())
	} else {
		cookie.MaxAge = -1
	}
	http.SetCookie(c.Writer, cookie)
}

// signedIn finds the actor, lets the team through, of whatever role, and sends guests to the door.
func (s *Server) signedIn(c *gin.Context) {
	s.findActor(c)
	if !c.IsAborted() && !s.actor(c).IsTeam() {
		s.fail(c, fault.New(fault.Unauthenticated, "error.forbidden"))
		c.Abort()
	}
}

// only lets those of the team through whom may accepts; others get Forbidden. It stands after signedIn.
func (s *Server) only(may func(account.Actor) bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !may(s.actor(c)) {
			s.fail(c, fault.New(fault.Forbidden, "error.forbidden"))
			c.Abort()
		}
	}
}

// mayUseDesk is who has a desk: all of the team but facilitators.
func mayUseDesk(a account.Actor) bool { return a.IsTeam() && a.Role != account.Facilitator }

// visitor is who is signed in as the header shows them; nil for a guest.
func (s *Server) visitor(c *gin.Context) *Visitor {
	actor := s.actor(c)
	if !actor.IsTeam() {
		return nil
	}
	return &Visitor{
		ID: actor.ID, Name: actor.Name, Role: s.words.T(actor.Role.Label()),
		Facilitates: true, RunsDesk: mayUseDesk(actor),
		SignOutPath: "/deconnexion", SignOutKey: s.newKey(c, "sign-out"),
	}
}

// teamAreas are the only places that the door leads to.
var teamAreas = []string{"animation", "equipe"}

// safeNext returns the path and query to go to after signing in, or "" unless it is one of the team's pages of this site (SEC-24).
func safeNext(next string) string { return safePath(next, teamAreas) }

// signInPath is the door, with the way back to what was asked for. A form that was sent leads back to the
// page it was on.
func signInPath(r *http.Request) string {
	next := safeNext(r.URL.RequestURI())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		next = ""
		if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host {
			next = safeNext(from.RequestURI())
		}
	}
	if next == "" {
		return "/connexion"
	}
	return "/connexion?" + url.Values{"suite": {next}}.Encode()
}
