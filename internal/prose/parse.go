package prose

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// markdown reads CommonMark and tables: what is not ours has to be recognised to be refused.
var markdown = parser.NewParser(
	parser.WithBlockParsers(parser.DefaultBlockParsers()...),
	parser.WithInlineParsers(parser.DefaultInlineParsers()...),
	parser.WithParagraphTransformers(append(parser.DefaultParagraphTransformers(),
		util.Prioritized(extension.NewTableParagraphTransformer(), 200))...),
)

// refused are the parts of Markdown that a text of ours must not hold, with what to tell about them.
var refused = map[ast.NodeKind]string{
	ast.KindHTMLBlock:               "prose.html",
	ast.KindRawHTML:                 "prose.html",
	ast.KindLink:                    "prose.link",
	ast.KindAutoLink:                "prose.link",
	ast.KindLinkReferenceDefinition: "prose.link",
	ast.KindImage:                   "prose.image",
	ast.KindCodeBlock:               "prose.code_block",
	ast.KindFencedCodeBlock:         "prose.code",
	ast.KindCodeSpan:                "prose.code",
	extensionast.KindTable:          "prose.table",
	ast.KindBlockquote:              "prose.quote",
}

// Parse reads a text. The problems, in the order of their lines, name all that is no part of our Markdown; the
// document holds the rest, so that a preview can be shown beside them. HTML entities are not read: « &lt; » is these
// four signs.
func Parse(source string) (Document, []Problem) {
	r := &reading{source: []byte(strings.ToValidUTF8(strings.ReplaceAll(source, "\r\n", "\n"), "\ufffd"))}
	root := markdown.Parse(text.NewReader(r.source))
	var d Document
	for node := root.FirstChild(); node != nil; node = node.NextSibling() {
		d = r.block(d, node)
	}
	r.strayBraces()
	slices.SortStableFunc(r.problems, byLine)
	return d, r.problems
}

func byLine(a, b Problem) int { return cmp.Compare(a.Line, b.Line) }

// reading is one text on its way to blocks.
type reading struct {
	source   []byte
	problems []Problem
	last     int // offset of the last node whose place was known
}

func (r *reading) problem(node ast.Node, key string) {
	if at := node.Pos(); at >= 0 {
		r.last = at
	}
	r.add(r.last, key)
}

// add notes a problem, once for a line.
func (r *reading) add(offset int, key string) {
	line := r.line(offset)
	if !slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Line == line && p.Message.Key == key }) {
		r.problems = append(r.problems, Problem{Line: line, Message: fault.Message{Key: key}})
	}
}

// line is the number of the line of an offset.
func (r *reading) line(offset int) int {
	return 1 + bytes.Count(r.source[:min(offset, len(r.source))], []byte("\n"))
}

func (r *reading) block(d Document, node ast.Node) Document {
	if key, ok := refused[node.Kind()]; ok {
		r.problem(node, key)
		return d
	}
	switch node := node.(type) {
	case *ast.Heading:
		if node.Level > 3 {
			r.problem(node, "prose.heading")
			return d
		}
		return append(d, Block{Kind: Heading, Level: node.Level, Text: r.runs(node)})
	case *ast.Paragraph, *ast.TextBlock:
		return append(d, Block{Kind: Paragraph, Text: r.runs(node)})
	case *ast.ThematicBreak:
		return append(d, Block{Kind: Rule})
	case *ast.List:
		list := Block{Kind: Bullets}
		if node.IsOrdered() {
			list.Kind, list.First = Numbers, node.Start
		}
		for item := node.FirstChild(); item != nil; item = item.NextSibling() {
			list.Items = append(list.Items, r.item(item))
		}
		return append(d, list)
	}
	r.problem(node, "prose.unknown")
	return d
}

// item reads an item of a list, which is one paragraph.
func (r *reading) item(item ast.Node) []Run {
	var blocks Document
	for node := item.FirstChild(); node != nil; node = node.NextSibling() {
		if node.Kind() == ast.KindList {
			r.problem(node, "prose.nested")
			continue
		}
		blocks = r.block(blocks, node)
	}
	if len(blocks) > 1 || len(blocks) == 1 && blocks[0].Kind != Paragraph {
		r.problem(item, "prose.item")
	}
	if len(blocks) == 0 {
		return nil
	}
	return blocks[0].Text
}

// runs reads what is inside a paragraph or a heading.
func (r *reading) runs(block ast.Node) []Run {
	c := &collector{reading: r}
	c.children(block, Run{})
	c.flush()
	return c.runs
}

// collector gathers the runs of one paragraph. What goldmark gives in pieces is joined again in raw, since a field
// must be found before backslashes are taken away: \{\{x}} is no field.
type collector struct {
	*reading
	runs  []Run
	raw   []byte
	style Run
}

func (c *collector) children(parent ast.Node, style Run) {
	for node := parent.FirstChild(); node != nil; node = node.NextSibling() {
		if key, ok := refused[node.Kind()]; ok {
			c.problem(node, key)
			continue
		}
		switch node := node.(type) {
		case *ast.Text:
			c.last = node.Segment.Start
			c.text(node, style)
		case *ast.Emphasis:
			inner := style
			if node.Level == 1 {
				inner.Italic = true
			} else {
				inner.Bold = true
			}
			c.children(node, inner)
		default:
			c.problem(node, "prose.unknown")
		}
	}
}

func (c *collector) text(node *ast.Text, style Run) {
	if style != c.style {
		c.flush()
		c.style = style
	}
	c.raw = append(c.raw, node.Segment.Value(c.source)...)
	switch {
	case node.HardLineBreak():
		c.raw = append(c.raw, '\n')
	case node.SoftLineBreak():
		c.raw = append(c.raw, ' ')
	}
}

// flush makes runs of what was gathered in one style.
func (c *collector) flush() {
	put := func(raw []byte, field string) {
		if len(raw) == 0 {
			return
		}
		run := c.style
		run.Field, run.Text = field, string(raw)
		if field == "" {
			run.Text = string(util.UnescapePunctuations(raw))
		}
		c.runs = appendRun(c.runs, run)
	}
	from := 0
	for _, at := range field.FindAllSubmatchIndex(c.raw, -1) {
		put(c.raw[from:at[0]], "")
		put(c.raw[at[0]:at[1]], string(c.raw[at[2]:at[3]]))
		from = at[1]
	}
	put(c.raw[from:], "")
	c.raw = c.raw[:0]
}
