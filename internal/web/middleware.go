package web

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// maxBody is how many bytes the body of a request may have; a form never comes near. Routes that take a file have a cap
// of their own (see uploadCaps).
const maxBody = 256 << 10

// keyRequestID is where observe leaves the id of the request.
const keyRequestID = "request-id"

// observe gives the request an id, writes one line about it, and turns a panic into a 500 page.
// The line names the route, never the path: paths of personal pages hold the keys that open them.
func (s *Server) observe(c *gin.Context) {
	start := time.Now()
	var raw [6]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	id := hex.EncodeToString(raw[:])
	c.Set(keyRequestID, id)
	defer func() {
		if reason := recover(); reason != nil {
			if err, ok := reason.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(reason)
			}
			s.config.Log.Error("panic", "request", id, "route", c.FullPath(), "reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
			if !c.Writer.Written() {
				s.problem(c, http.StatusInternalServerError, "")
			}
		}
		level := slog.LevelDebug
		if c.Writer.Status() >= 500 {
			level = slog.LevelError
		}
		s.config.Log.Log(c.Request.Context(), level, "request", "request", id, "method", c.Request.Method,
			"route", c.FullPath(), "status", c.Writer.Status(), "ms", time.Since(start).Milliseconds())
	}()
	c.Next()
}

// contentPolicy lets a page load and send to this site only, and nothing inline (SEC-16).
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"

// harden sets the headers of every answer (SEC-10, SEC-16, SEC-17). Pages are personal unless a handler
// says otherwise: nothing is stored, and nothing is found by search engines.
func (s *Server) harden(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cache-Control", "no-store")
	if s.config.BaseURL.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	c.Next()
}

// private marks a page that opens with a key in its path, or belongs to somebody: never indexed.
func private(c *gin.Context) {
	c.Writer.Header().Set("X-Robots-Tag", "noindex, nofollow")
	c.Next()
}

// sameOrigin refuses changes asked for by other sites (SEC-15).
func (s *Server) sameOrigin(c *gin.Context) {
	if err := crossOrigin.Check(c.Request); err != nil {
		s.fail(c, fault.Wrap(err, fault.Forbidden, "web.cross_site"))
		c.Abort()
		return
	}
	c.Next()
}

var crossOrigin = http.NewCrossOriginProtection()

// limitBody stops reading a body that is larger than any form of ours, or than the file that a route takes.
func (s *Server) limitBody(c *gin.Context) {
	most := bodyCap(c)
	if most > maxBody {
		allowSlowFile(c)
	}
	switch {
	case c.Request.ContentLength <= most:
	case most > maxBody:
		s.refuseFile(c, most)
		return
	default:
		s.problem(c, http.StatusRequestEntityTooLarge, s.printer(c).T("web.body_too_large"))
		c.Abort()
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
	c.Next()
}

// cookieNames are the names of our cookies: with the __Host- prefix wherever browsers accept it.
type cookieNames struct {
	draft string // of a booking
	ask   string // of a group request
	seen  string // when a signed-in browser was last answered
	// familySeen is seen for guardians.
	familySeen string
	secure     bool
}

func cookiesFor(base *url.URL) cookieNames {
	secure := base.Scheme == "https"
	return cookieNames{
		draft: account.CookieName("brouillon", secure), ask: account.CookieName("demande", secure),
		seen: account.CookieName("ateliers-vu", secure), familySeen: account.CookieName("ateliers-famille-vu", secure), secure: secure,
	}
}
