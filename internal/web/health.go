package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// getHealth says to machines whether the program can do its work.
func getHealth(s *Server, c *gin.Context) error {
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
