package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// The language of a page is the first step of its path; French has none (design, Settled questions). Handlers write the
// paths of the French pages; what leaves the server goes through pathIn: redirects, and links of templates ({{to .Href}}).

// frenchOnly are the paths that have no twin in another language: those of the team and of machines.
var frenchOnly = []string{
	"/equipe", "/animation", "/agendas", "/connexion", "/deconnexion", "/hors-ligne", "/sw.js", "/manifest.webmanifest",
	"/assets", "/api", "/healthz", "/robots.txt", "/sitemap.xml", GalleryPath, "/_mails", "/_mails.json", "/_horloge",
}

// splitPath parts the language of a path from the path of the French page.
func splitPath(path string) (words.Lang, string) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	for _, lang := range words.Offered() {
		if first == string(lang) && lang != words.French {
			return lang, "/" + rest
		}
	}
	return words.French, path
}

// langOf is the language that a path asks for.
func langOf(path string) words.Lang {
	lang, _ := splitPath(path)
	return lang
}

// hasTwins reports whether a path of the French pages exists in the other languages too.
func hasTwins(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !slices.ContainsFunc(frenchOnly, func(alone string) bool {
		return path == alone || strings.HasPrefix(path, alone+"/")
	})
}

// pathIn is a path of this site in a language, whichever it was in. What exists in French only, and what is no path of
// this site, stays as it is.
func pathIn(lang words.Lang, path string) string {
	if _, french := splitPath(path); hasTwins(french) {
		return lang.Path(french)
	}
	return path
}

// in is the same server in a language: s.words, s.to and s.absolute speak it.
func (s *Server) in(lang words.Lang) *Server {
	if own, ok := s.languages[lang]; ok {
		return own
	}
	return s
}

// speaking is the server in the language that a request asks for, for what runs before its route is known.
func (s *Server) speaking(c *gin.Context) *Server { return s.in(langOf(c.Request.URL.Path)) }

// printer gives the words of the language that a request asks for.
func (s *Server) printer(c *gin.Context) *words.Printer { return s.speaking(c).words }

// to is a path of the French pages, in the language of a request.
func (s *Server) to(c *gin.Context, path string) string {
	return pathIn(langOf(c.Request.URL.Path), path)
}

// here is a path of the French pages, in the language of this server.
func (s *Server) here(path string) string { return pathIn(s.words.Lang(), path) }

// To is a path of the French pages, in the language of this page.
func (p *Page) To(path string) string { return pathIn(p.Lang, path) }

// Twin is the same page in another language.
type Twin struct {
	Lang words.Lang
	// Name is what the language calls itself.
	Name string
	Href string
}

// Twins are the other languages in which this page can be read: none for what is for the team.
func (p *Page) Twins() []Twin {
	_, french := splitPath(p.Path)
	if p.Path == "" || p.Alone || !hasTwins(french) {
		return nil
	}
	var twins []Twin
	for _, lang := range words.Offered() {
		if lang != p.Lang {
			twins = append(twins, Twin{lang, lang.Name(), withRawQuery(lang.Path(french), p.Query)})
		}
	}
	return twins
}

// Alternates are the addresses of this page in all its languages, its own included, as search engines want them; none
// for a page that they leave out.
func (p *Page) Alternates() []Twin {
	canonical, err := url.Parse(p.Canonical)
	if err != nil || p.Canonical == "" || p.NoIndex {
		return nil
	}
	_, french := splitPath(canonical.Path)
	var all []Twin
	for _, lang := range words.Offered() {
		twin := *canonical
		twin.Path = lang.Path(french)
		all = append(all, Twin{Lang: lang, Href: twin.String()})
	}
	return all
}

func withRawQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// frenchRoute is the route of a request as the French pages have it.
func frenchRoute(c *gin.Context) string {
	_, route := splitPath(c.FullPath())
	return route
}

// languageOptions are the languages in which people can have their messages, each in its own words.
func languageOptions() (options []Option) {
	for _, lang := range words.Offered() {
		options = append(options, Option{Value: string(lang), Label: words.For(lang).T("language.messages"), Lang: string(lang)})
	}
	return options
}
