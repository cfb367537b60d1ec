// Package prose reads the texts that the team writes itself, an agreement or a letter: a small part of Markdown
// (headings, paragraphs, lists, bold and italic) with named fields such as {{organisation}}. It knows neither pages
// nor papers: it gives blocks, which both draw.
//
// A value is put in place of its field after the text was read, never before: whatever it holds, it cannot become
// Markdown, and nobody has to escape it (UX-S5).
package prose

import (
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Document is a text as blocks, plain data that pages and papers draw in their own way.
type Document []Block

// Kind is what a block is.
type Kind string

// The kinds of Block.
const (
	Heading   Kind = "heading"
	Paragraph Kind = "paragraph"
	Bullets   Kind = "bullets"
	Numbers   Kind = "numbers"
	Rule      Kind = "rule"
)

// Block is one part of a document. A heading and a paragraph have Text, a list has Items, a rule has nothing.
type Block struct {
	Kind  Kind    `json:"kind"`
	Level int     `json:"level,omitempty"` // of a heading, 1 to 3
	First int     `json:"first,omitempty"` // number of the first item of Numbers
	Text  []Run   `json:"text,omitempty"`
	Items [][]Run `json:"items,omitempty"`
}

// Run is a piece of text in one style. A "\n" in it is the end of a line that the author wanted.
type Run struct {
	Text   string `json:"text"`
	Bold   bool   `json:"bold,omitempty"`
	Italic bool   `json:"italic,omitempty"`
	// Field is the name of a field that has no value yet; Text is then how it was written, {{name}}.
	Field string `json:"field,omitempty"`
}

// Problem is something in a text that it must not hold. Line counts from 1.
type Problem struct {
	Line    int
	Message fault.Message
}

// gap stands for a value that is empty: there is something to complete by hand.
const gap = "…………"

// Fill puts values in place of the fields, as plain text. A field without a value, or with an empty one, becomes a
// gap to complete by hand; white space in a value is one space, but for line ends.
func (d Document) Fill(values map[string]string) Document {
	filled := make(Document, len(d))
	for i, block := range d {
		block.Text = fillRuns(block.Text, values)
		items := block.Items
		block.Items = nil
		for _, item := range items {
			block.Items = append(block.Items, fillRuns(item, values))
		}
		filled[i] = block
	}
	return filled
}

func fillRuns(runs []Run, values map[string]string) []Run {
	var filled []Run
	for _, run := range runs {
		if run.Field != "" {
			if run.Text = plain(values[run.Field]); run.Text == "" {
				run.Text = gap
			}
			run.Field = ""
		}
		filled = appendRun(filled, run)
	}
	return filled
}

// plain keeps the lines of a value that hold something, each with single spaces.
func plain(value string) string {
	var lines []string
	for line := range strings.Lines(strings.ToValidUTF8(value, "\ufffd")) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// appendRun adds a run, to the last one where the style is the same.
func appendRun(runs []Run, run Run) []Run {
	if n := len(runs); n > 0 && run.Field == "" && runs[n-1].Field == "" && runs[n-1].Bold == run.Bold && runs[n-1].Italic == run.Italic {
		runs[n-1].Text += run.Text
		return runs
	}
	return append(runs, run)
}

// Plain is the text of runs without their styles, on one line.
func Plain(runs []Run) string {
	var b strings.Builder
	for _, run := range runs {
		b.WriteString(run.Text)
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}
