package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// uploadCaps are the routes that take a file, each with how many bytes the whole body of its POST may have. All others
// have maxBody (SEC-26).
var uploadCaps = map[string]int64{
	routeStatusClass: classCap,
	routeLedClass:    classCap,
	holidaysPath:     holidaysCap,
	picturesPath:     settings.MaxPicture + 64<<10,
	programmePath:    programmeCap,
	programmeSave:    programmeCap + 64<<10,

	"/demandes/:reference/:signature/devis/:quote/papier":          signedCap,
	"/payeurs/:reference/:signature/devis/:quote/papier":           signedCap,
	"/demandes/:reference/:signature/convention/:agreement/papier": signedCap,
	"/equipe/demandes/:id/devis/:quote/accepter":                   signedCap,
	"/equipe/demandes/:id/convention/:agreement/accepter":          signedCap,
}

// signedCap is how many bytes a signed paper may come to, with the few words of its form.
const signedCap = school.MaxUpload + 64<<10

// bodyCap is how many bytes the body of a request may have: more where a file may come, in the form that brings files.
func bodyCap(c *gin.Context) int64 {
	if n, ok := uploadCaps[frenchRoute(c)]; ok && strings.HasPrefix(c.ContentType(), "multipart/") {
		return n
	}
	return maxBody
}

const (
	// filePatience is how long a file may take: 5 MB from a school that sends 50 kB a second, and twice that.
	filePatience = 200 * time.Second
	// readThrough is how much of a file that is too large is read before it is refused. A browser that is cut off while it
	// sends shows no page of ours, but an error of its own.
	readThrough = 64 << 20
)

// allowSlowFile gives a request that brings a file more time than the server gives a form.
func allowSlowFile(c *gin.Context) {
	until := time.Now().Add(filePatience) // of the connection: the clock of the program says nothing about it
	connection := http.NewResponseController(c.Writer)
	_ = connection.SetReadDeadline(until) // where there is no connection, as in some tests, there is no haste either
	_ = connection.SetWriteDeadline(until.Add(filePatience / 4))
}

// refuseFile answers a body that is larger than a route takes.
func (s *Server) refuseFile(c *gin.Context, most int64) {
	_, _ = io.CopyN(io.Discard, c.Request.Body, readThrough) // who does not finish is refused all the same
	s.problem(c, http.StatusRequestEntityTooLarge, s.printer(c).T("web.file_too_large", most>>20), Link{Href: c.Request.URL.Path, Label: s.printer(c).T("web.file_again")})
	c.Abort()
}

// upload is a file that came with a form.
type upload struct {
	// Name is what the sender's computer calls it: for choosing what to do with it, never a path and never shown unescaped.
	Name    string
	Content []byte // empty where no file was chosen
}

// readUpload reads the form and the file of a field, both in memory: bodyCap has bounded them. A form without any file
// may also come url-encoded. The form holds the hash of the file under the name of the field, so that the key of the
// form is bound to it too.
func readUpload(c *gin.Context, field string) (url.Values, upload, error) {
	kind, _, err := mime.ParseMediaType(c.ContentType())
	if err != nil || kind != "multipart/form-data" {
		form, err := readForm(c)
		return form, upload{}, err
	}
	if err := c.Request.ParseMultipartForm(bodyCap(c)); err != nil {
		if isTooLarge(err) {
			return nil, upload{}, fault.Wrap(err, fault.Invalid, "web.body_too_large")
		}
		return nil, upload{}, fault.Wrap(err, fault.Invalid, "web.form_broken")
	}
	sent := c.Request.MultipartForm
	defer func() { _ = sent.RemoveAll() }()
	if len(sent.Value)+len(sent.File) == 0 { // cut off before its first part, which the reader takes for an end
		return nil, upload{}, fault.New(fault.Invalid, "web.form_broken")
	}
	form := cleanForm(sent.Value)
	form.Del(field)
	files := sent.File[field]
	if len(files) == 0 || files[0].Size == 0 {
		return form, upload{}, nil
	}
	file, err := files[0].Open()
	if err != nil {
		return nil, upload{}, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, upload{}, err
	}
	sum := sha256.Sum256(content)
	form.Set(field, hex.EncodeToString(sum[:]))
	return form, upload{Name: strings.ToValidUTF8(files[0].Filename, ""), Content: content}, nil
}
