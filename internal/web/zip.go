package web

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// zippedFrom is the size from which compressing a personal answer pays.
const zippedFrom = 2 << 10

var zippers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is known
	return w
}}

// sendZipped answers with a personal page, compressed for whoever takes that: a tablet in a room with poor Wi-Fi waits for
// bytes. Who watches the size of answers that hold both a secret and words of theirs could guess at the secret (BREACH): so
// form keys are new in every answer, and up to 100 bytes of nothing, of a length that chance gives, go into the header of each.
func (s *Server) sendZipped(c *gin.Context, status int, contentType string, body []byte) error {
	c.Writer.Header().Add("Vary", "Accept-Encoding")
	if len(body) < zippedFrom || !acceptsGzip(c.Request.Header.Get("Accept-Encoding")) {
		c.Data(status, contentType, body)
		return nil
	}
	w := zippers.Get().(*gzip.Writer)
	defer zippers.Put(w)
	var zipped bytes.Buffer
	w.Reset(&zipped)
	w.Name = strings.Repeat("x", rand.IntN(100)) //nolint:gosec // without a seed of ours this is ChaCha8, seeded by the system
	if _, err := w.Write(body); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	c.Header("Content-Encoding", "gzip")
	c.Data(status, contentType, zipped.Bytes())
	return nil
}
