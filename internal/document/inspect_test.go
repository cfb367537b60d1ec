package document

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// Documents are looked at from outside, with the tools that Debian calls poppler-utils
// and qpdf: what another program reads in them is what counts.

// tool runs a program on a file and returns what it prints.
func tool(t testing.TB, file []byte, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "document.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, arg := range args {
		if arg == "FILE" {
			args[i] = path
		}
	}
	var problems bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, problems.String())
	}
	if problems.Len() > 0 {
		t.Errorf("%s complains: %s", name, problems.String())
	}
	return string(out)
}

// text is what a reader finds on the pages, a string for each. No-break spaces are plain
// ones, and forms of Arabic letters are letters again, as in a reader's search.
func text(t testing.TB, file []byte) []string {
	t.Helper()
	all := tool(t, file, "pdftotext", "-layout", "FILE", "-")
	all = strings.NewReplacer("\u202a", "", "\u202b", "", "\u202c", "").Replace(norm.NFKC.String(all))
	pages := strings.Split(wordstest.Plain(all), "\f")
	return pages[:len(pages)-1]
}

// flat is text without its layout: one space between words.
func flat(page string) string { return strings.Join(strings.Fields(page), " ") }

// checkSound asks qpdf whether the file is whole, and looks for anything that acts when
// the file is opened or clicked: nothing of ours does (SEC-43, ACC-21).
func checkSound(t testing.TB, file []byte) {
	t.Helper()
	tool(t, file, "qpdf", "--check", "FILE")
	plain := tool(t, file, "qpdf", "--qdf", "--object-streams=disable", "FILE", "-")
	// Streams hold what is drawn; actions are in the objects around them.
	for object := range strings.SplitSeq(plain, "\nendstream") {
		around, _, _ := strings.Cut(object, "\nstream\n")
		for _, name := range acts.FindAllString(around, -1) {
			t.Errorf("the file has %s", name)
		}
	}
}

// acts are the names in objects that act.
var acts = regexp.MustCompile(`/(?:JavaScript|JS|URI|Launch|OpenAction|AA|Action|Annot|SubmitForm|EmbeddedFile)\b`)

func info(t testing.TB, file []byte, field string) string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^` + field + `:\s+(.*)$`).FindStringSubmatch(tool(t, file, "pdfinfo", "FILE"))
	if match == nil {
		return ""
	}
	return match[1]
}

func pageCount(t testing.TB, file []byte) int {
	t.Helper()
	n, err := strconv.Atoi(info(t, file, "Pages"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// golden compares the text of pages with a file of testdata; -update writes it. Only
// words and lines count: how wide a gap pdftotext makes differs with its version.
func golden(t *testing.T, name string, pages []string) {
	t.Helper()
	var lines []string
	for i, page := range pages {
		lines = append(lines, fmt.Sprintf("--- page %d", i+1))
		for line := range strings.Lines(page) {
			if line = flat(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	got := strings.Join(lines, "\n") + "\n"
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; if that is right, run go test -update.\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}
