package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	ateliersdada "github.com/lesbricodeurs/ateliersdada"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// dossierFile is what a guardian takes away: one file to read in any browser, without us and without a network, which holds the
// same as JSON for other programs. It is no page of the site, so that it has a layout and a style of its own.
type dossierFile struct {
	Lang     words.Lang
	At       time.Time
	Sections []dossierSection
	Dossier  privacy.Dossier
}

type dossierSection struct {
	Title string
	Rows  [][]dossierLine
}

type dossierLine struct{ Label, Value string }

// dossierTemplates are the file's, by language.
var dossierTemplates = sync.OnceValues(func() (map[words.Lang]*template.Template, error) {
	byLang := map[words.Lang]*template.Template{}
	for _, lang := range words.Offered() {
		t, err := template.New("dossier.html").Funcs(template.FuncMap{"t": words.For(lang).T}).ParseFS(ateliersdada.Templates, "templates/files/dossier.html")
		if err != nil {
			return nil, err
		}
		byLang[lang] = t
	}
	return byLang, nil
})

// writeDossier makes the file of a dossier.
func writeDossier(p *words.Printer, d privacy.Dossier) ([]byte, error) {
	zone, err := loadTeamZone()
	if err != nil {
		return nil, err
	}
	file := dossierFile{Lang: p.Lang(), At: d.At.In(zone), Dossier: d}
	for _, s := range d.Sections {
		section := dossierSection{Title: p.T("export." + s.Table)}
		for _, row := range s.Rows {
			var lines []dossierLine
			for _, cell := range row {
				if value := dossierValue(p, cell, zone); value != "" {
					lines = append(lines, dossierLine{p.T("export.column." + cell.Column), value})
				}
			}
			section.Rows = append(section.Rows, lines)
		}
		file.Sections = append(file.Sections, section)
	}
	templates, err := dossierTemplates()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := templates[p.Lang()].Execute(&out, file); err != nil {
		return nil, fmt.Errorf("dossier: %w", err)
	}
	return out.Bytes(), nil
}

// dossierValue is a value as people read it; empty where there is nothing to read.
func dossierValue(p *words.Printer, cell privacy.Cell, zone *time.Location) string {
	switch v := cell.Value.(type) {
	case int64:
		switch cell.Column {
		case "unasked", "to_complete", "joined_list", "reserved":
			return p.T("export.value." + map[bool]string{true: "yes", false: "no"}[v != 0])
		}
		return strconv.FormatInt(v, 10)
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil && strings.HasSuffix(v, "Z") {
			return p.DateHour(at.In(zone))
		}
		if day, err := time.Parse(time.DateOnly, v); err == nil {
			return p.Date(day)
		}
		if key := "export.mail." + v; cell.Column == "kind" && p.Has(key) {
			return p.T(key)
		}
		if key := "export.value." + v; dossierChoices[cell.Column] && p.Has(key) {
			return p.T(key)
		}
		return v
	}
	return ""
}

// dossierChoices are the columns that hold one of a few words of ours, each with a text export.value.WORD.
var dossierChoices = map[string]bool{
	"language": true, "health_state": true, "gender": true, "qpv": true, "qpv_method": true, "purpose": true, "answer": true, "seating": true, "status": true,
	"cancelled_by": true, "cancel_reason": true, "outcome": true, "action": true, "taken_by": true, "state": true,
	"mode": true, "reason": true,
}

// getDossier gives the file, under a name of our own in ASCII (SEC-44). Whose sign-in is old proves the mailbox once more first
// (SEC-3).
func getDossier(s *Server, c *gin.Context) error {
	if !s.fresh(c) {
		return seeOther(c, ownDataPath)
	}
	d, err := s.Privacy.Export(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	file, err := writeDossier(s.words, d)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="ateliers-ada-mes-donnees.html"`)
	return s.sendZipped(c, http.StatusOK, "text/html; charset=utf-8", file)
}
