package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// REL-20: of whatever comes as a form, with a file or without, either each value is text of signs that people type, or the answer is
// a page that says what is wrong with it.
func FuzzForm(f *testing.F) {
	const boundary = "multipart/form-data; boundary=b"
	f.Add("application/x-www-form-urlencoded", "name=Zo%C3%A9&note=a%0D%0Ab%00%FF&name=%E6%9D%8E")
	f.Add("application/x-www-form-urlencoded; charset=latin1", "a=%zz;b")
	f.Add(boundary, "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nNguy\xe1\xbb\x85n\xff\r\n--b--\r\n")
	f.Add(boundary, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../\xffclasse.csv\"\r\nContent-Type: text/csv\r\n\r\nPr\xe9nom\n\r\n--b--\r\n")
	f.Add(boundary, "--b\r\n--b--")
	f.Add("multipart/form-data", "--")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		c.Request.Header.Set("Content-Type", contentType)
		form, file, err := readUpload(c, "file")
		if err != nil {
			if told := (*fault.Error)(nil); !errors.As(err, &told) || told.Kind != fault.Invalid {
				t.Errorf("%q: %v", body, err)
			}
			return
		}
		for name, values := range form {
			for _, v := range values {
				if !utf8.ValidString(v) || strings.Contains(v, "\x00") {
					t.Errorf("%q: %q has %q", body, name, v)
				}
			}
		}
		if !utf8.ValidString(file.Name) {
			t.Errorf("%q: a file of the name %q", body, file.Name)
		}
	})
}
