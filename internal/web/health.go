package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// doctorPurpose is that of the signature by which ateliers doctor, which has the secret, learns what the server sees of a request.
const doctorPurpose = "doctor"

// DoctorHeader holds the instant of asking, in seconds since 1970, and its signature; the answers are in the headers that begin alike.
const DoctorHeader = "X-Ateliers-Doctor"

// doctorWindow is how long a signature counts.
const doctorWindow = 5 * time.Minute

// SignDoctor returns the value of DoctorHeader.
func SignDoctor(secret account.Secret, now time.Time) string {
	at := strconv.FormatInt(now.Unix(), 10)
	return at + "." + secret.Sign(doctorPurpose, at, 1)
}

// tellDoctor says what came through the proxy: the host, who asks, who brought it, and whether that one is believed.
func (s *Server) tellDoctor(c *gin.Context) {
	at, signature, _ := strings.Cut(c.GetHeader(DoctorHeader), ".")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || s.config.Now().Sub(time.Unix(seconds, 0)).Abs() > doctorWindow || !s.Secret.Verify(doctorPurpose, at, 1, signature) {
		return
	}
	h := c.Writer.Header()
	h.Set(DoctorHeader+"-Host", c.Request.Host)
	h.Set(DoctorHeader+"-Client", c.ClientIP())
	h.Set(DoctorHeader+"-Peer", c.RemoteIP())
	h.Set(DoctorHeader+"-Forwarded", strings.Join(c.Request.Header.Values("X-Forwarded-For"), ", "))
	// A doctor on the same machine may have the address of the proxy: what it forwards tells nothing then.
	other := c.Copy()
	other.Request = c.Request.Clone(c.Request.Context())
	other.Request.Header.Set("X-Forwarded-For", "203.0.113.8")
	if other.ClientIP() == "203.0.113.8" {
		h.Set(DoctorHeader+"-Believes", c.RemoteIP())
	}
}

// getHealth says to machines whether the program can do its work.
func getHealth(s *Server, c *gin.Context) error {
	if c.GetHeader(DoctorHeader) != "" {
		s.tellDoctor(c)
	}
	if s.config.Health != nil {
		if err := s.config.Health(c.Request.Context()); err != nil {
			s.config.Log.Error("not healthy", "error", err)
			c.Data(http.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte("unavailable\n"))
			return nil
		}
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
	return nil
}
