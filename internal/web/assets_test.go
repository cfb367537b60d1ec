package web

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	ateliersdada "github.com/lesbricodeurs/ateliersdada"
)

const sheet = "p { color: black } " // repeated, so that it is worth compressing

func sheetAssets(t *testing.T, content string) *Assets {
	t.Helper()
	a, err := NewAssets(fstest.MapFS{
		"css/site.css":       {Data: []byte(content)},
		"fonts/letter.woff2": {Data: []byte{0, 1, 2, 3}},
		"fonts/LICENSE":      {Data: []byte("free")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(h http.Handler, path, encoding string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// PERF-3: the path changes with the content, so that a browser may keep it for ever.
func TestAssetsAreImmutable(t *testing.T) {
	t.Parallel()
	first := sheetAssets(t, strings.Repeat(sheet, 40))
	second := sheetAssets(t, strings.Repeat(sheet, 41))
	url, err := first.URL("css/site.css")
	if err != nil {
		t.Fatal(err)
	}
	answer := get(first, url, "")
	if got := answer.Header.Get("Cache-Control"); answer.StatusCode != 200 || got != "public, max-age=31536000, immutable" {
		t.Errorf("status %d, Cache-Control %q", answer.StatusCode, got)
	}
	if again, _ := sheetAssets(t, strings.Repeat(sheet, 40)).URL("css/site.css"); again != url {
		t.Errorf("same content, other path: %s and %s", url, again)
	}
	stale := get(second, url, "")
	if got := stale.Header.Get("Cache-Control"); stale.StatusCode != 404 || got != "no-store" {
		t.Errorf("path of another release: status %d, Cache-Control %q", stale.StatusCode, got)
	}
}

func TestAssetsCompress(t *testing.T) {
	t.Parallel()
	a := sheetAssets(t, strings.Repeat(sheet, 40))
	url, _ := a.URL("css/site.css")
	for header, zipped := range map[string]bool{
		"": false, "gzip": true, "br;q=1.0, gzip;q=0.8, *;q=0.1": true, "*": true, "gzip;q=0": false, "identity": false,
	} {
		answer := get(a, url, header)
		var body io.Reader = answer.Body
		if got := answer.Header.Get("Content-Encoding") == "gzip"; got != zipped {
			t.Errorf("Accept-Encoding %q: gzip is %v, want %v", header, got, zipped)
		} else if got {
			var err error
			if body, err = gzip.NewReader(answer.Body); err != nil {
				t.Fatal(err)
			}
		}
		if content, _ := io.ReadAll(body); string(content) != strings.Repeat(sheet, 40) {
			t.Errorf("Accept-Encoding %q: other content", header)
		}
		if answer.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: no Vary", header)
		}
	}
	font, _ := a.URL("fonts/letter.woff2")
	if answer := get(a, font, "gzip"); answer.Header.Get("Content-Encoding") != "" || answer.Header.Get("Content-Type") != "font/woff2" {
		t.Errorf("font: %v", answer.Header)
	}
}

func TestAssetsRefuse(t *testing.T) {
	t.Parallel()
	a := sheetAssets(t, sheet)
	url, _ := a.URL("css/site.css")
	folder := strings.TrimSuffix(url, "site.css")
	for _, path := range []string{folder, folder + "../fonts/LICENSE", strings.Replace(url, "css/site.css", "fonts/LICENSE", 1), "/assets/css/site.css"} {
		if answer := get(a, path, ""); answer.StatusCode != 404 {
			t.Errorf("%s: status %d, want 404", path, answer.StatusCode)
		}
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, url, nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d, want 405", w.Code)
	}
	if _, err := a.URL("css/none.css"); err == nil {
		t.Error("an unknown asset has a URL")
	}
}

// PERF-2 and the budgets of quality.md 2.3: what a visitor downloads once.
func TestAssetBudgets(t *testing.T) {
	t.Parallel()
	a := productAssets(t)
	fonts := 0
	for name, f := range a.files {
		size := len(f.plain)
		if f.gzipped != nil {
			size = len(f.gzipped)
		}
		limit := 0
		switch {
		case strings.HasSuffix(name, ".css"):
			limit = 20 << 10
		case name == "js/site.js":
			limit = 10 << 10
		case strings.HasSuffix(name, ".woff2"):
			fonts++
			limit = 30 << 10
		case strings.HasSuffix(name, ".svg"):
			limit = 10 << 10
		}
		if limit > 0 && size > limit {
			t.Errorf("%s: %d bytes are sent, at most %d", name, size, limit)
		}
	}
	if fonts > 1 {
		t.Errorf("%d fonts, at most one", fonts)
	}
}

// PERF-1: nothing that we publish asks another host for anything.
func TestAssetsNameNoOtherHost(t *testing.T) {
	t.Parallel()
	for name, f := range productAssets(t).files {
		if strings.HasSuffix(name, ".css") || strings.HasSuffix(name, ".js") {
			if strings.Contains(string(f.plain), "//") && strings.Contains(string(f.plain), "http") {
				t.Errorf("%s names another host", name)
			}
		}
	}
}

func productAssets(t *testing.T) *Assets {
	t.Helper()
	a, err := NewAssets(under(t, ateliersdada.Assets, "assets"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// under is a folder of an embedded file system.
func under(t *testing.T, files fs.FS, folder string) fs.FS {
	t.Helper()
	sub, err := fs.Sub(files, folder)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// sourceFolder is the folder of this package: tests run in it.
func sourceFolder(t *testing.T) fs.FS {
	t.Helper()
	return os.DirFS(".")
}
