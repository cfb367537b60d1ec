package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// assetsPrefix is the path under which Assets answers.
const assetsPrefix = "/assets/"

// Assets serves the files of assets/ under paths that change with their content,
// so that a browser may keep them for ever. One hash covers the whole folder:
// a style sheet or a module then names its neighbours by plain relative paths.
type Assets struct {
	hash  string
	files map[string]asset
}

type asset struct {
	contentType string
	plain       []byte
	gzipped     []byte // nil when compressing gains nothing
}

// assetTypes are the kinds of file that may be published; others (licences, notes)
// stay in the binary only. The types are written out because mime reads the
// machine's own tables, which differ.
var assetTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".woff2":       "font/woff2",
	".webmanifest": "application/manifest+json",
	".txt":         "text/plain; charset=utf-8",
}

// NewAssets reads and compresses every publishable file of files, whose root is
// the assets folder itself.
func NewAssets(files fs.FS) (*Assets, error) {
	a := &Assets{files: map[string]asset{}}
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		contentType, ok := assetTypes[path.Ext(name)]
		if !ok {
			return nil
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(sum, "%s\x00%d\x00", name, len(content))
		sum.Write(content)
		zipped, err := compress(content)
		if err != nil {
			return err
		}
		a.files[name] = asset{contentType: contentType, plain: content, gzipped: zipped}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	a.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	return a, nil
}

// URL returns the path of the asset called name ("css/site.css"). An unknown name
// is an error, so that a template that names one never renders.
func (a *Assets) URL(name string) (string, error) {
	if _, ok := a.files[name]; !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return assetsPrefix + a.hash + "/" + name, nil
}

// Content returns the bytes of the asset called name, for the few files that must
// also answer at a fixed path (a service worker, favicon.ico).
func (a *Assets) Content(name string) (content []byte, contentType string, ok bool) {
	f, ok := a.files[name]
	return f.plain, f.contentType, ok
}

// ServeHTTP answers GET and HEAD of the paths that URL gives. Another hash is
// another release: it is not found, and never cached.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	name, current := strings.CutPrefix(r.URL.Path, assetsPrefix+a.hash+"/")
	f, ok := a.files[name]
	if !current || !ok {
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	body := f.plain
	if f.gzipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = f.gzipped
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the visitor may leave at any time
	}
}

// compress returns content gzipped, or nil when that saves less than a tenth.
func compress(content []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if b.Len() > len(content)*9/10 {
		return nil, nil
	}
	return b.Bytes(), nil
}

// acceptsGzip reads an Accept-Encoding header: gzip or * named, and not with q=0.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, err := mime.ParseMediaType("x/" + strings.TrimSpace(part))
		if err != nil || (coding != "x/gzip" && coding != "x/*") {
			continue
		}
		if q, given := params["q"]; given {
			weight, err := strconv.ParseFloat(q, 64)
			return err == nil && weight > 0
		}
		return true
	}
	return false
}
