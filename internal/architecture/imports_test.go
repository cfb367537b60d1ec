package architecture

import (
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows are those of docs/design: a package may import what is listed for it, of this
// module, and nothing else. "root" is the package ateliersdada that embeds files.
// A new arrow needs an ADR.
var arrows = map[string]string{
	"root":       "",
	"fault":      "",
	"failpoint":  "",
	"words":      "root fault",
	"table":      "root fault",
	"prose":      "fault",
	"document":   "prose words root fault",
	"calendar":   "words root fault",
	"sqlite":     "root fault failpoint",
	"outbox":     "sqlite fault",
	"audit":      "sqlite fault",
	"settings":   "sqlite fault",
	"account":    "outbox audit settings sqlite fault",
	"numbering":  "account audit sqlite fault",
	"alert":      "outbox audit settings sqlite fault",
	"family":     "account outbox audit settings sqlite fault",
	"catalog":    "account outbox audit settings sqlite fault",
	"report":     "account audit settings sqlite fault",
	"past":       "sqlite",
	"school":     "prose catalog numbering account outbox audit settings sqlite fault",
	"booking":    "family catalog account outbox audit settings sqlite fault",
	"payment":    "booking family school catalog numbering account outbox audit settings sqlite fault",
	"message":    "prose booking family catalog account outbox audit settings sqlite fault",
	"attendance": "booking family catalog numbering account outbox audit settings sqlite fault",
	"privacy":    "attendance booking school payment message family account outbox audit settings sqlite fault",
	"upkeep":     "privacy " + features + " sqlite outbox audit fault",
	"mail":       "prose outbox words calendar failpoint root",
	"web":        "privacy " + features + " document calendar table prose words outbox audit failpoint fault root",
}

// features are the packages that own rules and tables; privacy stands above them.
const features = "account catalog settings family booking attendance school payment message report numbering alert"

// standardOnly packages import nothing but the standard library.
var standardOnly = []string{"root", "fault", "failpoint"}

// homes are the packages that may import what a module offers; the tools of tests have none.
var homes = map[string]string{
	"github.com/gin-gonic/gin":           "web",
	"github.com/go-playground/validator": "web",
	"github.com/jung-kurt/gofpdf":        "document",
	"github.com/mattn/go-sqlite3":        "sqlite",
	"github.com/yuin/goldmark":           "prose",
	"github.com/xuri/excelize":           "table",
	"filippo.io/age":                     "upkeep",
	"github.com/PuerkitoBio/goquery":     "",
	"github.com/chromedp":                "",
	"pgregory.net/rapid":                 "",
}

// nameOf is the name of a folder in the table of arrows: its own, or that of the
// package it is a part of.
func nameOf(dir string) string {
	if dir == "." {
		return "root"
	}
	name, isInternal := strings.CutPrefix(dir, "internal/")
	name, _, _ = strings.Cut(name, "/")
	if !isInternal {
		return "/" + name // cmd and other folders, whose names cannot be mistaken for packages
	}
	return name
}

// objection says why the package in dir must not import path; "" when it may.
func objection(dir, path string) string {
	if supportsTests(dir) {
		return ""
	}
	from := nameOf(dir)
	if rest, ours := strings.CutPrefix(path+"/", module+"/"); ours {
		target := strings.TrimSuffix(rest, "/")
		if target == "" {
			target = "."
		}
		to := nameOf(target)
		allowed, known := arrows[from]
		switch {
		case supportsTests(target):
			return "it is for tests"
		case from == to, from == "/cmd":
			return ""
		case !known:
			return from + " is not in the table of arrows"
		case !slices.Contains(strings.Fields(allowed), to):
			return "there is no arrow from " + from + " to " + to
		}
		return ""
	}
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	if slices.Contains(standardOnly, from) {
		return from + " stands on the standard library alone"
	}
	for prefix, home := range homes {
		if strings.HasPrefix(path+"/", prefix+"/") && from != home {
			return "it belongs to " + strconv.Quote(home) + " and tests"
		}
	}
	return ""
}

func TestImportsFollowTheArrows(t *testing.T) {
	t.Parallel()
	for _, s := range parse(t, token.NewFileSet()) {
		name := nameOf(s.dir)
		if _, known := arrows[name]; !known && name != "/cmd" && !supportsTests(s.dir) {
			t.Errorf("%s is not in the table of arrows", s.dir)
		}
		for _, file := range s.files {
			for _, spec := range file.Imports {
				path, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				if why := objection(s.dir, path); why != "" {
					t.Errorf("%s must not import %s: %s", s.dir, path, why)
				}
			}
		}
	}
}

func TestArrowsPointToKnownPackages(t *testing.T) {
	t.Parallel()
	for from, list := range arrows {
		for _, to := range strings.Fields(list) {
			if _, known := arrows[to]; !known {
				t.Errorf("%s → %s: unknown", from, to)
			}
			if slices.Contains(strings.Fields(arrows[to]), from) {
				t.Errorf("%s and %s point to each other", from, to)
			}
		}
	}
}

// The rule itself: what it lets through and what it stops.
func TestObjection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		dir, path string
		allowed   bool
	}{
		{"internal/booking", module + "/internal/catalog", true},
		{"internal/catalog", module + "/internal/booking", false},
		{"internal/web", module + "/internal/booking", true},
		{"internal/web", module + "/internal/sqlite", false},
		{"internal/web", module, true},
		{"internal/booking", module, false},
		{"internal/web/form", module + "/internal/web", true},
		{"internal/booking", module + "/internal/sqlitetest", false},
		{"cmd/ateliers", module + "/internal/sqlitetest", false},
		{"internal/sqlitetest", module + "/internal/sqlite", true},
		{"internal/words/wordstest", module + "/internal/words", true},
		{"cmd/ateliers", module + "/internal/web", true},
		{"internal/web", module + "/cmd/ateliers", false},
		{"internal/novelty", module + "/internal/fault", false},
		{"internal/fault", "fmt", true},
		{"internal/fault", "golang.org/x/text/language", false},
		{".", "embed", true},
		{".", module + "/internal/fault", false},
		{"internal/web", "github.com/gin-gonic/gin", true},
		{"internal/web", "github.com/gin-gonic/gin/binding", true},
		{"internal/booking", "github.com/gin-gonic/gin", false},
		{"internal/family", "github.com/go-playground/validator/v10", false},
		{"internal/web", "github.com/jung-kurt/gofpdf", false},
		{"internal/document", "github.com/jung-kurt/gofpdf", true},
		{"cmd/ateliers", "github.com/mattn/go-sqlite3", false},
		{"internal/sqlite", "github.com/mattn/go-sqlite3", true},
		{"internal/web", "github.com/PuerkitoBio/goquery", false},
		{"internal/words", "github.com/go-playground/locales/fr", true},
	} {
		if why := objection(test.dir, test.path); (why == "") != test.allowed {
			t.Errorf("%s → %s: %q, want allowed %t", test.dir, test.path, why, test.allowed)
		}
	}
}
