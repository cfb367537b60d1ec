package journey

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

var updateTrees = flag.Bool("update-trees", false, "write testdata/trees anew")

// TestTrees: eight key pages as a screen reader is told of them, kept in testdata/trees: what changes there is looked at (ACC-12).
func TestTrees(t *testing.T) {
	t.Parallel()
	d := newDemo(t, commonNow)
	family, team := newTab(t, d, phone(390, 844)), newTab(t, d, phone(390, 844))
	confirmed := newVisitor(t, d).book(bookSession, camille, zoe, lukasz).path
	for _, page := range []struct {
		name string
		tab  *tab
		show func(*tab)
	}{
		{"home", family, at("/")},
		{"sessions", family, at("/seances")},
		{"session", family, at(numbered("/seances/:id", quietSession))},
		{"who", family, at(numbered("/inscription/:id", quietSession))},
		{"wrong", family, bookingOf(quietSession, map[string]string{"first_name_1": ""})},
		{"booking", family, at(confirmed)},
		{"register", team, func(b *tab) {
			b.signIn(d.account(t, "facilitator", 0))
			b.open(numbered("/animation/seances/:id", todaySession))
			b.ready()
			b.until(`/À jour/.test(document.getElementById("sync").textContent)`)
		}},
		{"asking", family, at("/ecoles/demande")},
	} {
		page.show(page.tab)
		got, file := page.tab.tree(), filepath.Join("testdata", "trees", page.name+".txt")
		if *updateTrees {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is told in another way than %s says; -update-trees writes it anew, git diff shows how:\n%s", page.tab.path(), file, firstDifference(got, string(want)))
		}
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

// chance are the parts of a name that differ from run to run.
var chance = regexp.MustCompile(`ADA-[0-9A-Z]{8}|À jour \d+:\d+`)

// tree is what a screen reader is told of the page shown: a line for each thing, with what it is, its name, and its state.
func (b *tab) tree() string {
	b.t.Helper()
	nodes := run(b, func(ctx context.Context, target *chromedp.Target) ([]*accessibility.Node, error) {
		found, err := cdp.Call(ctx, target, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		return found.Nodes, err
	})
	byID := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range nodes {
		byID[n.NodeID] = n
	}
	text := func(v *accessibility.Value) (s string) {
		if v == nil {
			return ""
		}
		if json.Unmarshal(v.Value, &s) != nil {
			s = string(v.Value) // a number, or a truth
		}
		return s
	}
	told := []string{"checked", "disabled", "expanded", "invalid", "level", "required", "selected", "pressed", "live"}
	var out strings.Builder
	var write func(*accessibility.Node, int, string)
	write = func(n *accessibility.Node, depth int, above string) {
		role, name := text(n.Role), text(n.Name)
		if role == "StaticText" && name == above {
			return // the name of the link or heading that it stands in
		}
		if shown := !n.Ignored && role != "none" && role != "generic" && role != "InlineTextBox" && role != "LineBreak"; shown {
			line := strings.Repeat("  ", depth) + role
			if name != "" {
				line += " " + chance.ReplaceAllString(fmt.Sprintf("%q", name), "…")
			}
			for _, p := range n.Properties {
				for _, state := range told {
					if value := text(p.Value); string(p.Name) == state && value != "false" && value != "off" {
						line += " " + state + "=" + value
					}
				}
			}
			if about := text(n.Description); about != "" {
				line += fmt.Sprintf(" (%s)", about)
			}
			out.WriteString(line + "\n")
			depth, above = depth+1, name
		}
		if role == "StaticText" {
			return
		}
		for _, id := range n.ChildIDs {
			if child := byID[id]; child != nil {
				write(child, depth, above)
			}
		}
	}
	write(nodes[0], 0, "")
	return out.String()
}
