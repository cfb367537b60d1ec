// Package web is the edge where people meet the product: Gin, forms, pages, and the one place
// that turns a kind of error into a status. It holds no rule and no SQL.
package web

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	ateliersdada "github.com/lesbricodeurs/ateliersdada"
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/alert"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/message"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Config says how the server meets the world.
type Config struct {
	// BaseURL is what people type and links start with, such as https://ateliers.example.org.
	// Plain http is for loopback and for the demo.
	BaseURL *url.URL
	// TrustedProxies are the addresses whose X-Forwarded-For is believed; none by default.
	TrustedProxies []string
	Log            *slog.Logger
	// Now is the clock; the demo moves it.
	Now func() time.Time
	// Health tells whether the program can do its work, for /healthz; nil is always well.
	Health func(ctx context.Context) error
	// Preview renders a message as its mail would be sent: subject and text.
	Preview func(kind, language string, payload any) (subject, text string, err error)
	// RenderEvery is how often one public page is rendered again in a rush; 0 is 200 ms. Tests that look right after a
	// change give 1 ns.
	RenderEvery time.Duration
	// Demo adds the gallery, the mails received and the clock; nil for the real thing.
	Demo *Demo
}

// Features are what the pages act on.
type Features struct {
	Door    *account.Door
	SignIns *account.SignIns
	// FamilyDoor and FamilySignIns are those of guardians.
	FamilyDoor    *account.FamilyDoor
	FamilySignIns *account.FamilySignIns
	Families      *family.Service
	Secret        account.Secret
	Catalog       *catalog.Catalog
	Bookings      *booking.Service
	Attendance    *attendance.Service
	School        *school.Service
	Privacy       *privacy.Service
	Payments      *payment.Service
	Messages      *message.Service
	Report        *report.Service
	Numbers       *numbering.Service
	Alerts        *alert.Store
	// Press draws the papers.
	Press  *document.Press
	Office *account.Office
	Outbox *outbox.Store
}

// Server answers HTTP requests. It is safe for concurrent use.
type Server struct {
	Features
	config Config
	views  *Views
	assets *Assets
	words  *words.Printer
	// languages are this server in every language: they share all but words.
	languages map[words.Lang]*Server
	engine    *gin.Engine
	pages     *pageCache
	cookies   cookieNames
	limits    askLimits
	saving    askLimits // of answers to be finished later
	// signedTries counts the answers to a quote or an agreement, by its link.
	signedTries *limiter
	// emailTries counts the new addresses that a guardian gives.
	emailTries *limiter
}

// embedded reads the files that are part of the program, once for all servers of a process: nothing in them can change.
var embedded = sync.OnceValues(func() (files struct {
	assets *Assets
	views  *Views
}, err error) {
	assets, err := fs.Sub(ateliersdada.Assets, "assets")
	if err != nil {
		return files, err
	}
	templates, err := fs.Sub(ateliersdada.Templates, "templates")
	if err != nil {
		return files, err
	}
	if files.assets, err = NewAssets(assets); err != nil {
		return files, err
	}
	files.views, err = NewViews(templates, files.assets, words.Offered(), declaredPages(), "mail", "files")
	return files, err
})

// New returns a server, or an error that names the template, word or setting that is wrong.
func New(config Config, features Features) (*Server, error) {
	files, err := embedded()
	if err != nil {
		return nil, err
	}
	s := &Server{
		Features: features, config: config, views: files.views, assets: files.assets, words: words.For(words.French),
		cookies: cookiesFor(config.BaseURL), signedTries: newLimiter(papersPerHour, time.Hour), emailTries: newLimiter(emailTriesPerHour, time.Hour),
		limits: newAskLimits(), saving: newAskLimits(),
		pages: newPageCache(config.Now, features.Catalog, cmp.Or(config.RenderEvery, renderEvery)),
	}
	gin.SetMode(gin.ReleaseMode)
	s.engine = gin.New()
	if err := s.engine.SetTrustedProxies(config.TrustedProxies); err != nil {
		return nil, err
	}
	s.engine.HandleMethodNotAllowed = false
	s.engine.RedirectTrailingSlash = false
	s.languages = map[words.Lang]*Server{words.French: s}
	for _, lang := range words.Offered() {
		if lang != words.French {
			own := *s
			own.words = words.For(lang)
			s.languages[lang] = &own
		}
	}
	s.engine.Use(s.observe, s.harden, s.sameOrigin, s.limitBody)
	s.engine.NoRoute(s.handle(notFound))
	s.routes(s.engine)
	if config.Demo != nil {
		s.demoRoutes(s.engine)
	}
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// HTTPServer returns an http.Server with the limits that keep slow and oversized requests from
// holding the process (SEC-29).
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.config.Log.Handler(), slog.LevelWarn),
	}
}

// absolute is the full URL of a path of this site, in the language of this server.
func (s *Server) absolute(path string) string {
	return s.config.BaseURL.JoinPath(s.here(path)).String()
}
