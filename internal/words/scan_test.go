package words

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	tmpl "text/template/parse"
)

// use is one place where a literal is given as the key of a message.
type use struct {
	where, key string
	args       int  // how many arguments, the count of a plural included; -1 where the source does not tell
	plural     bool // asked for with a count
}

// scan is what the sources say about keys.
type scan struct {
	uses     []use
	literals map[string]bool // every string literal: a key kept in a table is used too
	prefixes map[string]bool // the literal beginning of keys put together: "state." + s
	// withoutPapers leaves out what pages show of French papers.
	withoutPapers bool
}

func newScan() *scan { return &scan{literals: map[string]bool{}, prefixes: map[string]bool{}} }

var prefixShape = regexp.MustCompile(`^[a-z][a-z0-9_-]*\.[a-z0-9_.-]*$`)

func (s *scan) literal(text string) {
	s.literals[text] = true
	if before, _, ok := strings.Cut(text, "%"); ok {
		s.prefix(before) // printf "state.%s"
	}
}

func (s *scan) prefix(text string) {
	if prefixShape.MatchString(text) {
		s.prefixes[text] = true
	}
}

// goFile reads one Go source. A key is a literal given to a function or method named
// t, n, T or N (as its first argument, or its second after a context), to fault.New or
// fault.Wrap, or as the Key of a fault.Message.
func (s *scan) goFile(name string, src []byte) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	where := func(n ast.Node) string { return files.Position(n.Pos()).String() }
	elided := map[*ast.CompositeLit]bool{} // elements of a list or map of fault.Message
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if text, ok := goString(n); ok {
				s.literal(text)
				s.literal(reflect.StructTag(text).Get("msg")) // what a form says when a rule of "validate" fails
			}
		case *ast.BinaryExpr:
			if text, ok := goString(n.X); ok && n.Op == token.ADD {
				s.prefix(text)
			}
		case *ast.CallExpr:
			s.goCall(where(n), n)
		case *ast.CompositeLit:
			if elem := elementType(n.Type); elem != nil && isMessage(elem) {
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						e = kv.Value
					}
					if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil {
						elided[lit] = true
					}
				}
			}
			if isMessage(n.Type) || elided[n] {
				s.goMessage(where(n), n)
			}
		}
		return true
	})
	return nil
}

func (s *scan) goCall(where string, call *ast.CallExpr) {
	name, of := "", ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if x, ok := f.X.(*ast.Ident); ok {
			of = x.Name
		}
	}
	at := -1
	switch {
	case of == "fault" && name == "New":
		at = 1
	case of == "fault" && name == "Wrap":
		at = 2
	case slices.Contains([]string{"t", "n", "T", "N"}, name):
		at = slices.IndexFunc(call.Args[:min(2, len(call.Args))], func(arg ast.Expr) bool {
			_, ok := goString(arg)
			return ok
		})
	}
	if at < 0 || at >= len(call.Args) {
		return
	}
	key, ok := goString(call.Args[at])
	if !ok {
		return
	}
	args := len(call.Args) - at - 1
	if call.Ellipsis != token.NoPos {
		args = -1
	}
	s.uses = append(s.uses, use{where, key, args, of != "fault" && strings.EqualFold(name, "n")})
}

func (s *scan) goMessage(where string, lit *ast.CompositeLit) {
	u := use{where: where}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		switch field, _ := kv.Key.(*ast.Ident); {
		case field == nil:
		case field.Name == "Key":
			u.key, _ = goString(kv.Value)
		case field.Name == "Args":
			u.args = -1
			if list, ok := kv.Value.(*ast.CompositeLit); ok {
				u.args = len(list.Elts)
			}
		}
	}
	if u.key != "" {
		s.uses = append(s.uses, u)
	}
}

func goString(n ast.Expr) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func elementType(n ast.Expr) ast.Expr {
	switch n := n.(type) {
	case *ast.MapType:
		return n.Value
	case *ast.ArrayType:
		return n.Elt
	}
	return nil
}

func isMessage(n ast.Expr) bool {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Message" {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == "fault"
}

// template reads one template. A key is the literal after t or n, as functions or as
// methods T and N, or the literal piped into one of them.
func (s *scan) template(name string, src []byte) error {
	tree := tmpl.New(name)
	tree.Mode = tmpl.SkipFuncCheck
	set := map[string]*tmpl.Tree{}
	if _, err := tree.Parse(string(src), "", "", set); err != nil {
		return err
	}
	for _, tree := range set {
		if tree.Root != nil {
			s.templateNode(tree, tree.Root)
		}
	}
	return nil
}

func (s *scan) templateNode(tree *tmpl.Tree, n tmpl.Node) {
	branch := func(b *tmpl.BranchNode) {
		s.pipe(tree, b.Pipe)
		s.templateNode(tree, b.List)
		if b.ElseList != nil {
			s.templateNode(tree, b.ElseList)
		}
	}
	switch n := n.(type) {
	case *tmpl.ListNode:
		for _, child := range n.Nodes {
			s.templateNode(tree, child)
		}
	case *tmpl.ActionNode:
		s.pipe(tree, n.Pipe)
	case *tmpl.IfNode:
		branch(&n.BranchNode)
	case *tmpl.RangeNode:
		branch(&n.BranchNode)
	case *tmpl.WithNode:
		branch(&n.BranchNode)
	case *tmpl.TemplateNode:
		s.pipe(tree, n.Pipe)
	}
}

func (s *scan) pipe(tree *tmpl.Tree, pipe *tmpl.PipeNode) {
	if pipe == nil {
		return
	}
	for i, cmd := range pipe.Cmds {
		if s.withoutPapers && isFrench(cmd.Args[0]) {
			continue
		}
		for _, arg := range cmd.Args {
			switch arg := arg.(type) {
			case *tmpl.StringNode:
				s.literal(arg.Text)
			case *tmpl.PipeNode:
				s.pipe(tree, arg)
			case *tmpl.ChainNode:
				if inner, ok := arg.Node.(*tmpl.PipeNode); ok {
					s.pipe(tree, inner)
				}
			}
		}
		name := commandName(cmd.Args[0])
		if !slices.Contains([]string{"t", "n", "T", "N"}, name) {
			continue
		}
		args := slices.Clone(cmd.Args[1:])
		if i > 0 { // what is piped in comes last
			args = append(args, pipe.Cmds[i-1].Args[0])
			if len(pipe.Cmds[i-1].Args) > 1 || i > 1 {
				args[len(args)-1] = cmd // a computed value, not a literal
			}
		}
		if len(args) == 0 {
			continue
		}
		if key, ok := args[0].(*tmpl.StringNode); ok {
			where, _ := tree.ErrorContext(cmd)
			s.uses = append(s.uses, use{where, key.Text, len(args) - 1, strings.EqualFold(name, "n")})
		}
	}
}

// isFrench reports whether a command speaks French whatever the language of the page: {{(french).T "key"}}.
func isFrench(n tmpl.Node) bool {
	chain, ok := n.(*tmpl.ChainNode)
	if !ok {
		return false
	}
	inner, ok := chain.Node.(*tmpl.PipeNode)
	return ok && len(inner.Cmds) == 1 && commandName(inner.Cmds[0].Args[0]) == "french"
}

func commandName(n tmpl.Node) string {
	var path []string
	switch n := n.(type) {
	case *tmpl.IdentifierNode:
		return n.Ident
	case *tmpl.FieldNode:
		path = n.Ident
	case *tmpl.VariableNode:
		path = n.Ident
	case *tmpl.ChainNode:
		path = n.Field
	}
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1]
}

// repository scans every Go file that ships and every template of the module.
func repository(t *testing.T) *scan {
	t.Helper()
	s := newScan()
	s.folder(t, "internal", shipped, s.goFile)
	s.folder(t, "cmd", shipped, s.goFile)
	s.folder(t, "templates", isTemplate, s.template)
	return s
}

func shipped(path string) bool {
	return strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go")
}

func isTemplate(path string) bool {
	return strings.HasSuffix(path, ".html") || strings.HasSuffix(path, ".txt") || strings.HasSuffix(path, ".tmpl")
}

// folder gives every wanted file below a folder of the module to take.
func (s *scan) folder(t *testing.T, dir string, wanted func(path string) bool, take func(name string, src []byte) error) {
	t.Helper()
	root := filepath.Join("..", "..", dir)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !wanted(path) {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := take(strings.TrimPrefix(filepath.ToSlash(path), "../../"), src); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
}
