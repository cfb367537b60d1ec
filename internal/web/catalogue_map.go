package web

import (
	"bytes"
	"context"
	"encoding/xml"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// mapPage lists every page that anybody may open: the second way to find one (RGAA 12.1).
type mapPage struct {
	Page
	Parts []mapPart
}

// mapPart is a group of pages under a title.
type mapPart struct {
	Title string
	Links []Link
}

func getMap(s *Server, c *gin.Context) error {
	return s.cached(c, "", func(ctx context.Context) (pageContent, error) {
		now := s.config.Now()
		coming, err := s.Catalog.Coming(ctx)
		if err != nil {
			return pageContent{}, err
		}
		p := s.words
		sessions := mapPart{Title: p.T("ui.nav.sessions"), Links: []Link{{"/seances", p.T("catalog.map.sessions")}}}
		for _, v := range coming {
			sessions.Links = append(sessions.Links, Link{sessionPath(v.ID), p.T("catalog.map.session", v.Workshop.Name(), p.Date(v.StartsAt), p.Hour(v.StartsAt))})
		}
		sessions.Links = append(sessions.Links, Link{"/agenda.ics", p.T("catalog.map.calendar")})
		return s.html("catalogue/map", &mapPage{
			Page: Page{Lang: p.Lang(), Title: p.T("ui.footer.map"), Path: s.here("/plan-du-site"), Canonical: s.absolute("/plan-du-site")},
			Parts: []mapPart{
				{Title: p.T("catalog.map.families"), Links: []Link{{"/", p.T("catalog.map.home")}, {"/ecoles", p.T("ui.nav.groups")}, {"/compte", p.T("ui.nav.space")}}},
				sessions,
				{Title: p.T("catalog.map.about"), Links: []Link{{"/confidentialite", p.T("ui.footer.privacy")},
					{"/accessibilite", p.T("catalog.map.accessibility")}, {"/equipe", p.T("ui.footer.team")}}},
			},
		}, nextChange(coming, now))
	})
}

// getRobots tells search engines what is not for them: what belongs to somebody, and forms.
func getRobots(s *Server, c *gin.Context) error {
	return s.cached(c, "", func(context.Context) (pageContent, error) {
		body := "User-agent: *\n"
		for _, path := range []string{"/inscription", "/compte", "/animation", "/equipe", "/attestations", "/connexion"} {
			body += "Disallow: " + path + "\n"
			for _, lang := range words.Offered() {
				if hasTwins(path) && lang != words.French {
					body += "Disallow: " + lang.Path(path) + "\n"
				}
			}
		}
		body += "Sitemap: " + s.absolute("/sitemap.xml") + "\n"
		return pageContent{Type: "text/plain; charset=utf-8", Body: []byte(body)}, nil
	})
}

// siteMap is the list of pages for search engines (sitemaps.org).
type siteMap struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	Pages   []siteMapURL `xml:"url"`
}

type siteMapURL struct {
	Location string `xml:"loc"`
	Changed  string `xml:"lastmod,omitempty"`
}

func getSiteMap(s *Server, c *gin.Context) error {
	return s.cached(c, "", func(ctx context.Context) (pageContent, error) {
		now := s.config.Now()
		coming, err := s.Catalog.Coming(ctx)
		if err != nil {
			return pageContent{}, err
		}
		var list siteMap
		for _, path := range []string{"/", "/seances", "/ecoles", "/confidentialite", "/accessibilite", "/plan-du-site"} {
			for _, lang := range words.Offered() {
				list.Pages = append(list.Pages, siteMapURL{Location: s.in(lang).absolute(path)})
			}
		}
		for _, v := range coming {
			for _, lang := range words.Offered() {
				list.Pages = append(list.Pages, siteMapURL{s.in(lang).absolute(sessionPath(v.ID)), v.UpdatedAt.UTC().Format(time.RFC3339)})
			}
		}
		var body bytes.Buffer
		body.WriteString(xml.Header)
		if err := xml.NewEncoder(&body).Encode(list); err != nil {
			return pageContent{}, err
		}
		return pageContent{Type: "application/xml; charset=utf-8", Body: body.Bytes(), Until: nextChange(coming, now)}, nil
	})
}
