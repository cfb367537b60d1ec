package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// offlinePage is what a tablet shows of the registers it keeps when the site does not answer. It holds nothing of anybody:
// the service worker keeps it (sw.js), and register.js fills it.
type offlinePage struct{ Page }

func getOffline(s *Server, c *gin.Context) error {
	page := &offlinePage{Page: Page{Lang: words.French, Title: s.words.T("attendance.offline.title"), Path: c.Request.URL.Path, NoIndex: true, Section: SectionFacilitate}}
	return s.show(c, http.StatusOK, "animation/offline", page)
}

// getWorker answers with the service worker. It lies at the root, because what it looks after is /animation and all
// below; the version in its address, of the assets, makes browsers take a new one.
func getWorker(s *Server, c *gin.Context) error {
	content, contentType, ok := s.assets.Content("js/sw.js")
	if !ok {
		return fault.New(fault.NotFound, "error.not_found")
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, contentType, content)
	return nil
}

// getManifest makes the team's pages something that a tablet can install.
func getManifest(s *Server, c *gin.Context) error {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	manifest := struct {
		Name       string `json:"name"`
		ShortName  string `json:"short_name"`
		Lang       string `json:"lang"`
		ID         string `json:"id"`
		StartURL   string `json:"start_url"`
		Scope      string `json:"scope"`
		Display    string `json:"display"`
		Background string `json:"background_color"`
		Theme      string `json:"theme_color"`
		Icons      []icon `json:"icons"`
	}{
		Name: s.words.T("attendance.offline.app"), ShortName: s.words.T("attendance.agenda.title"), Lang: string(words.French),
		ID: "/animation", StartURL: "/animation", Scope: "/", Display: "standalone", Background: "#FFFBF4", Theme: "#FFFBF4",
	}
	for _, i := range []icon{
		{"img/icon-192.png", "192x192", "image/png", "any"},
		{"img/icon-512.png", "512x512", "image/png", "any"},
		{"img/icon-maskable.png", "512x512", "image/png", "maskable"},
	} {
		var err error
		if i.Src, err = s.assets.URL(i.Src); err != nil {
			return err
		}
		manifest.Icons = append(manifest.Icons, i)
	}
	c.Header("Cache-Control", "no-cache")
	c.Header("Content-Type", "application/manifest+json")
	c.JSON(http.StatusOK, manifest)
	return nil
}
