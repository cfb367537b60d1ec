package web

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// TestGalleryIsSound checks on every component, in every state, what a browser and a
// screen reader need (ACC-2, ACC-5).
func TestGalleryIsSound(t *testing.T) {
	t.Parallel()
	page := galleryAt(t, GalleryPath, 200)

	ids := map[string]bool{}
	page.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); ids[id] {
			t.Errorf("id %q comes twice", id)
		} else {
			ids[id] = true
		}
	})
	for _, attribute := range []string{"for", "aria-describedby", "aria-labelledby"} {
		page.Find("[" + attribute + "]").Each(func(_ int, s *goquery.Selection) {
			for id := range strings.FieldsSeq(s.AttrOr(attribute, "")) {
				if !ids[id] {
					t.Errorf("%s names the unknown id %q", attribute, id)
				}
			}
		})
	}
	page.Find(`a[href^="#"]`).Each(func(_ int, s *goquery.Selection) {
		if id := strings.TrimPrefix(s.AttrOr("href", ""), "#"); !ids[id] {
			t.Errorf("%q leads to the unknown id %q", s.Text(), id)
		}
	})
	page.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if page.Find(`label[for="`+id+`"]`).Length() != 1 {
			t.Errorf("control %q has no label of its own", id)
		}
	})
	if n := page.Find("h1").Length(); n != 1 {
		t.Errorf("%d h1, want 1", n)
	}
	if first := page.Find("body a").First(); first.AttrOr("href", "") != "#main" {
		t.Errorf("the first link is %q, want the one to the content", first.Text())
	}
}

// TestWrongControlsSaySo: each control that is wrong is marked and tied to its message.
func TestWrongControlsSaySo(t *testing.T) {
	t.Parallel()
	page := galleryAt(t, GalleryPath, 200)
	wrong := page.Find(".phone .field.wrong")
	if wrong.Length() != 7 {
		t.Fatalf("%d wrong controls, want 7", wrong.Length())
	}
	wrong.Each(func(_ int, s *goquery.Selection) {
		message := s.Find("p.error")
		tied := s.Find("*").AddSelection(s).FilterFunction(func(_ int, e *goquery.Selection) bool {
			return slices.Contains(strings.Fields(e.AttrOr("aria-describedby", "")), message.AttrOr("id", "none"))
		})
		if tied.Length() == 0 {
			t.Errorf("%q is tied to no control", message.Text())
		}
		if s.Find("[aria-invalid=true]").Length()+s.Filter("[aria-invalid=true]").Length() == 0 {
			t.Errorf("nothing is invalid beside %q", message.Text())
		}
	})
	summary := page.Find(`.phone .error-summary[role="alert"]`)
	if summary.Find("a").Length() != 7 || summary.AttrOr("tabindex", "") != "-1" {
		t.Errorf("the summary has %d links and tabindex %q", summary.Find("a").Length(), summary.AttrOr("tabindex", ""))
	}
}

func TestProblemPagesSayWhatToDo(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404, 409, 410, 422, 429, 500, 503} {
		page := galleryAt(t, GalleryPath+"/"+strconv.Itoa(status), status)
		if n := page.Find("main p").Length(); n < 4 {
			t.Errorf("%d: %d paragraphs, want what happened, what was kept, what to do and a way on", status, n)
		}
		if page.Find("main a.button").Length() == 0 {
			t.Errorf("%d: no way on", status)
		}
		if page.Find(`meta[name="robots"][content="noindex"]`).Length() != 1 {
			t.Errorf("%d: search engines may keep the page", status)
		}
	}
}

func galleryAt(t *testing.T, path string, status int) *goquery.Document {
	t.Helper()
	answer := get(newGallery(productViews(t)), path, "")
	if answer.StatusCode != status {
		t.Fatalf("%s: status %d, want %d", path, answer.StatusCode, status)
	}
	page, err := goquery.NewDocumentFromReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page
}
