package web

import (
	"net/http"
	"net/url"
	"sync"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// byLanguage is the Vary of a page that sends some browsers to another language.
var byLanguage = []string{"Accept-Language"}[:1:1]

// welcome sends who comes to a French page from elsewhere on to the language that their browser prefers, once: inside the
// site links keep the language, so that « Français » stays French without a cookie (RGPD-12). Robots name no language and
// stay. It is for public pages: a personal link has the language of the mail that brought it.
func welcome(page func(*Server, *gin.Context) error) func(*Server, *gin.Context) error {
	return func(s *Server, c *gin.Context) error {
		if s.words.Lang() != words.French {
			return page(s, c)
		}
		c.Writer.Header()["Vary"] = byLanguage
		if lang := s.wished(c.Request); lang != words.French {
			c.Redirect(http.StatusFound, withRawQuery(pathIn(lang, c.Request.URL.Path), c.Request.URL.RawQuery))
			return nil
		}
		return page(s, c)
	}
}

// wished is the language in which a request for a French page is to be answered.
func (s *Server) wished(r *http.Request) words.Lang {
	accepted := r.Header.Get("Accept-Language")
	if accepted == "" || !s.comesFromElsewhere(r) {
		return words.French
	}
	return preferred(accepted)
}

// comesFromElsewhere reports whether a page was typed, or followed from another site.
func (s *Server) comesFromElsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "none", "cross-site":
		return true
	case "": // an old browser
		referer, err := url.Parse(r.Referer())
		return err == nil && referer.Host != r.Host && referer.Host != s.config.BaseURL.Host
	}
	return false
}

// preferences remembers what browsers say of their languages: a handful of headers come from nearly everybody.
var preferences struct {
	sync.RWMutex
	langs map[string]words.Lang
}

// mostPreferences bounds that memory; longestPreference leaves out what no browser says.
const mostPreferences, longestPreference = 500, 100

// preferred is the best of our languages for an Accept-Language header; French where none is asked for.
func preferred(accepted string) words.Lang {
	if len(accepted) > longestPreference {
		return words.French
	}
	preferences.RLock()
	lang, known := preferences.langs[accepted]
	preferences.RUnlock()
	if known {
		return lang
	}
	lang = words.French
	// What cannot be read asks for nothing.
	if tags, _, err := language.ParseAcceptLanguage(accepted); err == nil {
		if _, i, confidence := ourLanguages().Match(tags...); confidence >= language.Low {
			lang = words.Offered()[i]
		}
	}
	preferences.Lock()
	defer preferences.Unlock()
	if len(preferences.langs) >= mostPreferences || preferences.langs == nil {
		preferences.langs = map[string]words.Lang{}
	}
	preferences.langs[accepted] = lang
	return lang
}

var ourLanguages = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, lang := range words.Offered() {
		tags = append(tags, language.Make(string(lang)))
	}
	return language.NewMatcher(tags)
})
