package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// The pages that only tell: how to ask for a group workshop, what becomes of data, accessibility.

type groupsPage struct{ Page }

type accessibilityPage struct{ Page }

// privacyPage lists what is asked, why, who sees it and how long it is kept.
type privacyPage struct {
	Page
	Rows []privacyRow
}

type privacyRow struct{ Data, Why, Seen, Kept string }

func aboutPages() []Declared {
	return []Declared{
		{Name: "about/groups", Data: &groupsPage{}},
		{Name: "about/privacy", Data: &privacyPage{}},
		{Name: "about/accessibility", Data: &accessibilityPage{}},
	}
}

// publicPage is a page that search engines may find and that reads the same for everybody.
func (s *Server) publicPage(c *gin.Context, title, description string) Page {
	page := s.newPage(c, title)
	page.NoIndex, page.Description, page.Canonical = false, description, s.absolute(c.Request.URL.Path)
	c.Header("Cache-Control", "public, max-age=600")
	return page
}

func getGroups(s *Server, c *gin.Context) error {
	page := &groupsPage{s.publicPage(c, s.words.T("about.groups.title"), s.words.T("about.groups.what"))}
	page.Section = SectionGroups
	return s.show(c, http.StatusOK, "about/groups", page)
}

func getAccessibility(s *Server, c *gin.Context) error {
	return s.show(c, http.StatusOK, "about/accessibility", &accessibilityPage{s.publicPage(c, s.words.T("about.accessibility.title"), "")})
}

// privacyData are the lines of the privacy page, each a prefix of four texts.
var privacyData = []string{"child", "guardian", "safety", "health", "image", "figures", "presence", "draft"}

func getPrivacy(s *Server, c *gin.Context) error {
	page := &privacyPage{Page: s.publicPage(c, s.words.T("about.privacy.title"), s.words.T("about.privacy.who"))}
	for _, name := range privacyData {
		key := "about.privacy.row." + name
		page.Rows = append(page.Rows, privacyRow{
			Data: s.words.T(key + ".data"), Why: s.words.T(key + ".why"), Seen: s.words.T(key + ".seen"), Kept: s.words.T(key + ".kept"),
		})
	}
	return s.show(c, http.StatusOK, "about/privacy", page)
}
