package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// draftToken is the token by which a browser is known to have unfinished answers: the value of one of our draft cookies.
func draftToken(r *http.Request, cookie string) (string, bool) {
	c, err := r.Cookie(cookie)
	if err != nil || len(c.Value) < 24 || len(c.Value) > 64 {
		return "", false
	}
	return c.Value, true
}

// keepDraft saves answers under the hash of the browser's token, and gives the browser the one cookie that needs.
func (s *Server) keepDraft(c *gin.Context, cookie string, life time.Duration, save func(tokenHash []byte) error) error {
	token, ok := draftToken(c.Request, cookie)
	if !ok {
		raw := make([]byte, 18)
		_, _ = rand.Read(raw) // never fails (crypto/rand)
		token = base64.RawURLEncoding.EncodeToString(raw)
	}
	if err := save(hashToken(token)); err != nil {
		return err
	}
	http.SetCookie(c.Writer, &http.Cookie{
		Name: cookie, Value: token, Path: "/", MaxAge: int(life / time.Second),
		Secure: s.cookies.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

// dropDrafts forgets the unfinished bookings of this browser, and that it had any.
func (s *Server) dropDrafts(c *gin.Context) error {
	token, ok := draftToken(c.Request, s.cookies.draft)
	if !ok {
		return nil
	}
	if err := s.Bookings.DropDrafts(c.Request.Context(), hashToken(token)); err != nil {
		return err
	}
	http.SetCookie(c.Writer, &http.Cookie{
		Name: s.cookies.draft, Path: "/", MaxAge: -1, Secure: s.cookies.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
