package prose

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/lesbricodeurs/ateliersdada/internal/rapidtest"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, in string
		want     Document
	}{
		{"nothing", " \n\n", nil},
		{"headings", "# Un\n## Deux\n\nTrois\n---\n### Quatre", Document{
			{Kind: Heading, Level: 1, Text: []Run{{Text: "Un"}}}, {Kind: Heading, Level: 2, Text: []Run{{Text: "Deux"}}},
			{Kind: Heading, Level: 2, Text: []Run{{Text: "Trois"}}}, {Kind: Heading, Level: 3, Text: []Run{{Text: "Quatre"}}}}},
		{"a paragraph over lines", "Zoé D'Artagnan-N'Guyen\net Łukasz", Document{{Kind: Paragraph, Text: []Run{{Text: "Zoé D'Artagnan-N'Guyen et Łukasz"}}}}},
		{"a line that ends where it does", "12 rue\\\n69001 Lyon", Document{{Kind: Paragraph, Text: []Run{{Text: "12 rue\n69001 Lyon"}}}}},
		{"styles", "Un **deux** *trois* ***quatre***", Document{{Kind: Paragraph, Text: []Run{
			{Text: "Un "}, {Text: "deux", Bold: true}, {Text: " "}, {Text: "trois", Italic: true}, {Text: " "}, {Text: "quatre", Bold: true, Italic: true}}}}},
		{"lists", "- un\n- **deux**\n\n3. trois\n4. quatre", Document{
			{Kind: Bullets, Items: [][]Run{{{Text: "un"}}, {{Text: "deux", Bold: true}}}},
			{Kind: Numbers, First: 3, Items: [][]Run{{{Text: "trois"}}, {{Text: "quatre"}}}}}},
		{"rule", "un\n\n---", Document{{Kind: Paragraph, Text: []Run{{Text: "un"}}}, {Kind: Rule}}},
		{"fields", "À {{nom}}, **{{ date_1 }}**", Document{{Kind: Paragraph, Text: []Run{
			{Text: "À "}, {Text: "{{nom}}", Field: "nom"}, {Text: ", "}, {Text: "{{ date_1 }}", Field: "date_1", Bold: true}}}}},
		{"escapes", `\*un\* \{\{nom\}\} 3 \< 4 &lt; 50 %`, Document{{Kind: Paragraph, Text: []Run{{Text: "*un* {{nom}} 3 < 4 &lt; 50 %"}}}}},
		{"Windows", "un\r\n\r\ndeux", Document{{Kind: Paragraph, Text: []Run{{Text: "un"}}}, {Kind: Paragraph, Text: []Run{{Text: "deux"}}}}},
	} {
		got, problems := Parse(c.in)
		if len(problems) > 0 || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", c.what, got, problems, c.want)
		}
	}
}

// What is no part of our Markdown is refused with its line, wherever it stands.
func TestProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, in string
		want     string
	}{
		{"HTML", "un\n\n<b>deux</b>", "3 prose.html"},
		{"HTML in a line", "un\nun <b>deux</b>", "2 prose.html"},
		{"script", "<script>alert(1)</script>", "1 prose.html"},
		{"link", "un\n\n[deux](https://example.org)", "3 prose.link"},
		{"bare link", "<https://example.org>", "1 prose.link"},
		{"definition of a link", "un\n\n[deux]: https://example.org", "3 prose.link"},
		{"image", "![un](deux.png)", "1 prose.image"},
		{"code", "un `deux`", "1 prose.code"},
		{"fence", "un\n\n```\ndeux\n```", "3 prose.code"},
		{"indented", "un\n\n    deux", "3 prose.code_block"},
		{"table", "| un | deux |\n|---|---|\n| 1 | 2 |", "1 prose.table"},
		{"quotation", "un\n\n> deux", "3 prose.quote"},
		{"fourth level", "#### un", "1 prose.heading"},
		{"list in a list", "- un\n  - deux", "2 prose.nested"},
		{"paragraphs in an item", "- un\n\n  deux", "1 prose.item"},
		{"in an item", "- un\n- <b>", "2 prose.html"},
		{"a brace too few", "un\n{{nom}", "2 prose.brace"},
		{"a name that is none", "{{nom de l'école}}", "1 prose.brace"},
	} {
		_, problems := Parse(c.in)
		var got []string
		for _, p := range problems {
			got = append(got, fmt.Sprint(p.Line, " ", p.Message.Key))
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s: %v, want %s", c.what, got, c.want)
		}
	}
}

func TestFieldsAndCheck(t *testing.T) {
	t.Parallel()
	source := "# {{a}}\n\n- {{b}} {{a}}\n- **{{é_1}}**\n\n<b>\n\n\\{\\{c\\}\\}"
	if got := Fields(source); !slices.Equal(got, []string{"a", "b", "é_1"}) {
		t.Errorf("fields %v", got)
	}
	var got []string
	for _, p := range Check(source, []string{"a"}) {
		got = append(got, fmt.Sprint(p.Line, " ", p.Message.Key, p.Message.Args))
	}
	want := []string{"3 prose.unknown_field[b]", "4 prose.unknown_field[é_1]", "6 prose.html[]"}
	if !slices.Equal(got, want) {
		t.Errorf("problems %q, want %q", got, want)
	}
}

// UX-S5: a value is printed as it is, whatever it holds, wherever its field stands.
func TestFillNeverMakesMarkdown(t *testing.T) {
	t.Parallel()
	source := "# {{x}}\n\n{{x}}\n\n- {{x}}\n- *{{x}}*\n\n1. a{{x}}b **{{x}}**"
	template, _ := Parse(source)
	for _, value := range []string{
		"« **x** # {{total}} <b> »", "# x", "- x", "1. x", "---", "```", "> x", "[a](b)", "![a](b)", "<script>", "&lt;", `\*`, "|a|\\", "***", "{{x}}", "    x",
		"Zoé D'Artagnan-N'Guyen", "Łukasz", "Nguyễn", "محمد", "李",
	} {
		filled := template.Fill(map[string]string{"x": value})
		value = strings.TrimSpace(value)
		want := Document{
			{Kind: Heading, Level: 1, Text: []Run{{Text: value}}}, {Kind: Paragraph, Text: []Run{{Text: value}}},
			{Kind: Bullets, Items: [][]Run{{{Text: value}}, {{Text: value, Italic: true}}}},
			{Kind: Numbers, First: 1, Items: [][]Run{{{Text: "a" + value + "b "}, {Text: value, Bold: true}}}},
		}
		if !reflect.DeepEqual(filled, want) {
			t.Errorf("%q: %+v", value, filled)
		}
	}
	if again, _ := Parse(source); !reflect.DeepEqual(again, template) {
		t.Error("filling changed the text itself")
	}
}

// What has no value is a gap to complete by hand; lines of a value stay lines.
func TestFillOfNothingAndOfLines(t *testing.T) {
	t.Parallel()
	d, _ := Parse("À {{x}}, {{y}}")
	got := d.Fill(map[string]string{"y": " 12  rue\r\n\n\t69001 Lyon ", "x": " "})
	if want := (Document{{Kind: Paragraph, Text: []Run{{Text: "À …………, 12 rue\n69001 Lyon"}}}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

// Filling keeps the shape of the document, for any text and any value.
func TestFillKeepsTheShape(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		source := rapid.StringOf(rapid.SampledFrom([]rune("# -*_1.\n{{x}}aé\\<>`[]()|&"))).Draw(t, "source")
		d, _ := Parse(source)
		filled := d.Fill(map[string]string{"x": rapid.String().Draw(t, "value")})
		if len(filled) != len(d) {
			t.Fatalf("%d blocks became %d", len(d), len(filled))
		}
		for i := range d {
			if filled[i].Kind != d[i].Kind || len(filled[i].Items) != len(d[i].Items) {
				t.Fatalf("block %d: %+v became %+v", i, d[i], filled[i])
			}
		}
		filled.eachRun(func(run Run) {
			if run.Field != "" {
				t.Fatalf("field %q is left", run.Field)
			}
		})
	})
}

// REL-20: no text makes reading fail. go test -run=- -fuzz=FuzzParse ./internal/prose
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"# Convention\n\nEntre **{{a}}** et *{{b}}*\n\n- un\n- deux\n\n1. un\n\n---", "<b>", "[a]: b", "| a |\n|---|\n| {{x}} |", "> > > a", "- - - a",
		"\x00\xff{{", "**{{a}}**{{b}}__", "\\{{a}}", "***", "- \n\n  a\n-\tb", "a\\\nb  \nc", "« **x** # {{total}} <b> »", "محمد 李 Nguyễn",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		d, problems := Parse(source)
		for _, p := range problems {
			if p.Line < 1 || p.Line > strings.Count(source, "\n")+1 || p.Message.Key == "prose.unknown" {
				t.Errorf("problem %+v of %q", p, source)
			}
		}
		for _, block := range d {
			if block.Kind == Heading && (block.Level < 1 || block.Level > 3) {
				t.Errorf("heading of level %d in %q", block.Level, source)
			}
		}
		d.Fill(map[string]string{"x": source})
		Check(source, nil)
	})
}
