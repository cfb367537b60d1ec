package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// TestUnsavedFormStaysInThePage: what could not be saved is in the page that says so, to be sent again as it is, but for what must not be in a
// page (REL-7). internal/storm fills a real disk and sends the form of the page.
func TestUnsavedFormStaysInThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	full := fault.Wrap(errors.New("database or disk is full"), fault.Unavailable, "error.disk_full")
	typed := url.Values{"form_key": {"a"}, "first_name_1": {`Zoé "D'Artagnan" <N'Guyen>`}, "also": {"1", "2"}}
	for _, tt := range []struct {
		name, method, kind string
		form               url.Values
		err                error
		kept               bool
	}{
		{"a form", http.MethodPost, "application/x-www-form-urlencoded", typed, full, true},
		{"a password", http.MethodPost, "application/x-www-form-urlencoded", url.Values{"form_key": {"a"}, "password": {"trois souris vertes"}}, full, false},
		{"a code", http.MethodPost, "application/x-www-form-urlencoded", url.Values{"form_key": {"a"}, "code": {"123456"}}, full, false},
		{"what is no form of ours", http.MethodPost, "application/x-www-form-urlencoded", url.Values{"first_name_1": {"Zoé"}}, full, false},
		{"a file", http.MethodPost, "multipart/form-data; boundary=x", typed, full, false},
		{"a page", http.MethodGet, "application/x-www-form-urlencoded", typed, full, false},
		{"another failure", http.MethodPost, "application/x-www-form-urlencoded", typed, errors.New("a fault of ours"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer := httptest.NewRecorder()
			c, _ := gin.CreateTestContext(answer)
			c.Request = httptest.NewRequestWithContext(t.Context(), tt.method, "/inscription/1?de=mail", strings.NewReader(tt.form.Encode()))
			c.Request.Header.Set("Content-Type", tt.kind)
			s.web.fail(c, tt.err)
			page, err := goquery.NewDocumentFromReader(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			form := page.Find("main form")
			again := url.Values{}
			form.Find("input[type=hidden]").Each(func(_ int, field *goquery.Selection) {
				again.Add(field.AttrOr("name", ""), field.AttrOr("value", ""))
			})
			switch {
			case !tt.kept && form.Length() > 0:
				t.Errorf("the page keeps %v", again)
			case tt.kept && (again.Encode() != tt.form.Encode() || form.AttrOr("action", "") != "/inscription/1?de=mail"):
				t.Errorf("the page keeps %v for %s, want %v", again, form.AttrOr("action", ""), tt.form)
			}
		})
	}
}
