package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// Every statement is a constant named sqlXxx, whole and unchanging, so that it can be
// prepared here and nothing that somebody typed can become a part of it.
var statementName = regexp.MustCompile(`^sql[A-Z]`)

// TestEveryStatementPrepares prepares every statement on the real schema, so that a
// wrong column never waits for somebody's click.
func TestEveryStatementPrepares(t *testing.T) {
	t.Parallel()
	driver := sqlite3.SQLiteDriver{}
	db, err := driver.Open(sqlitetest.New(t).Path())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	set := token.NewFileSet()
	count := 0
	for _, s := range parse(t, set) {
		u := understand(set, s.files)
		params := map[string]int{}
		for name, text := range u.statements {
			count++
			if strings.Contains(oneStatement(text), ";") {
				t.Errorf("%s: %s holds more than one statement", s.dir, name)
			}
			stmt, err := db.Prepare(text)
			if err != nil {
				t.Errorf("%s: %s: %v", s.dir, name, err)
				continue
			}
			params[name] = stmt.NumInput()
			if err := stmt.Close(); err != nil {
				t.Error(err)
			}
		}
		if s.dir == "internal/sqlite" {
			continue // it passes the statements of others on
		}
		for _, problem := range u.problems(params) {
			t.Errorf("%s: %s", s.dir, problem)
		}
	}
	if count < 10 {
		t.Errorf("only %d statements found", count)
	}
}

var quoted = regexp.MustCompile(`(?s)'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/`)

// oneStatement is text without strings, comments and the last semicolon.
func oneStatement(text string) string {
	return strings.TrimSuffix(strings.TrimSpace(quoted.ReplaceAllString(text, " ")), ";")
}

// understanding is what one package says about its SQL.
type understanding struct {
	set        *token.FileSet
	files      []*ast.File
	statements map[string]string
	// calls of its functions by their names, each with the function around it.
	calls map[string][]call
}

type call struct {
	*ast.CallExpr
	around *ast.FuncDecl
}

func understand(set *token.FileSet, files []*ast.File) *understanding {
	u := &understanding{set: set, files: files, statements: map[string]string{}, calls: map[string][]call{}}
	constants := map[string]ast.Expr{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if decl, ok := n.(*ast.GenDecl); ok && decl.Tok == token.CONST {
				for _, spec := range decl.Specs {
					spec := spec.(*ast.ValueSpec)
					for i, value := range spec.Values {
						constants[spec.Names[i].Name] = value
					}
				}
			}
			return true
		})
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if c, ok := n.(*ast.CallExpr); ok {
					name := calledName(c)
					u.calls[name] = append(u.calls[name], call{c, fn})
				}
				return true
			})
		}
	}
	for name, value := range constants {
		if statementName.MatchString(name) {
			u.statements[name] = constant(value, constants)
		}
	}
	return u
}

func calledName(c *ast.CallExpr) string {
	switch fun := c.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}

// constant is the text of a constant expression: the compiler has already refused
// anything that is not constant.
func constant(value ast.Expr, constants map[string]ast.Expr) string {
	switch value := value.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(value.Value) // other than text gives nothing, which does not prepare
		return text
	case *ast.ParenExpr:
		return constant(value.X, constants)
	case *ast.BinaryExpr:
		return constant(value.X, constants) + constant(value.Y, constants)
	case *ast.Ident:
		return constant(constants[value.Name], constants)
	}
	return ""
}

// runners are the methods that run a statement, with the place of it among the arguments.
var runners = map[string]int{
	"Exec": 0, "Query": 0, "QueryRow": 0, "Prepare": 0,
	"ExecContext": 1, "QueryContext": 1, "QueryRowContext": 1, "PrepareContext": 1,
}

// problems lists the calls that run something else than a statement of the package, or
// run it with a wrong number of arguments.
func (u *understanding) problems(params map[string]int) []string {
	if !u.usesDatabase() {
		return nil
	}
	var problems []string
	for runner, at := range runners {
		for _, c := range u.calls[runner] {
			if _, method := c.Fun.(*ast.SelectorExpr); !method || len(c.Args) <= at {
				continue
			}
			where := u.set.Position(c.Pos())
			line := fmt.Sprintf("%s:%d", path.Base(where.Filename), where.Line)
			if !u.isStatement(c.Args[at], c.around, nil) {
				problems = append(problems, line+": "+runner+" of something else than a constant named sqlXxx")
				continue
			}
			name, direct := c.Args[at].(*ast.Ident)
			if !direct || c.Ellipsis.IsValid() {
				continue
			}
			want, known := params[name.Name]
			if got := len(c.Args) - at - 1; known && !strings.HasPrefix(runner, "Prepare") && got != want {
				problems = append(problems, fmt.Sprintf("%s: %s takes %d arguments and gets %d", line, name.Name, want, got))
			}
		}
	}
	slices.Sort(problems)
	return problems
}

func (u *understanding) usesDatabase() bool {
	for _, file := range u.files {
		for _, spec := range file.Imports {
			if p := strings.Trim(spec.Path.Value, `"`); p == module+"/internal/sqlite" || p == "database/sql" {
				return true
			}
		}
	}
	return false
}

// isStatement says whether e, inside fn, can only be a statement of the package: such
// a constant, a variable that is given nothing else, or a parameter that every caller
// gives one. seen are the parameters under examination.
func (u *understanding) isStatement(e ast.Expr, fn *ast.FuncDecl, seen []*ast.Field) bool {
	name, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	if _, ok := u.statements[name.Name]; ok {
		return true
	}
	place := 0
	for _, param := range fn.Type.Params.List {
		for _, n := range param.Names {
			if n.Name == name.Name {
				return slices.Contains(seen, param) || u.callersGiveStatements(fn, param, place, seen)
			}
			place++
		}
	}
	return u.isGivenStatements(name.Name, fn, seen)
}

// callersGiveStatements says whether all calls of fn, at least one, pass a statement at place.
func (u *understanding) callersGiveStatements(fn *ast.FuncDecl, param *ast.Field, place int, seen []*ast.Field) bool {
	if fn.Name.IsExported() {
		return false // other packages may call it
	}
	seen = append(seen, param)
	for _, c := range u.calls[fn.Name.Name] {
		if len(c.Args) <= place || !u.isStatement(c.Args[place], c.around, seen) {
			return false
		}
	}
	return len(u.calls[fn.Name.Name]) > 0
}

// isGivenStatements says whether the local variable gets nothing but statements.
func (u *understanding) isGivenStatements(name string, fn *ast.FuncDecl, seen []*ast.Field) bool {
	given, only := 0, true
	give := func(values ...ast.Expr) {
		for _, v := range values {
			given++
			only = only && u.isStatement(v, fn, seen)
		}
	}
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && id.Name == name
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if is(left) {
					only = only && len(n.Lhs) == len(n.Rhs) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE)
					if i < len(n.Rhs) {
						give(n.Rhs[i])
					}
				}
			}
		case *ast.ValueSpec:
			for i, left := range n.Names {
				if left.Name == name && i < len(n.Values) {
					give(n.Values[i])
				}
			}
		case *ast.RangeStmt:
			if list, ok := n.X.(*ast.CompositeLit); ok && n.Value != nil && is(n.Value) {
				give(list.Elts...)
			}
		case *ast.FuncLit:
			for _, param := range n.Type.Params.List {
				for _, id := range param.Names {
					only = only && id.Name != name // nobody knows what it will be
				}
			}
		}
		return true
	})
	return only && given > 0
}

// The rule itself: what it lets through and what it stops.
func TestStatementsAreConstants(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, code string
		allowed    bool
	}{
		{"a constant", `func f() { tx.Exec(sqlAdd, 1, 2) }`, true},
		{"a literal", "func f() { tx.Exec(`DELETE FROM users`) }", false},
		{"a concatenation", `func f(s string) { tx.QueryRow(sqlAdd + s) }`, false},
		{"a Sprintf", `func f(s string) { tx.Query(fmt.Sprintf("SELECT %s", s)) }`, false},
		{"a variable made by Sprintf", `func f(s string) { q := fmt.Sprintf("SELECT %s", s); tx.Query(q) }`, false},
		{"a variable that is added to", `func f(s string) { q := sqlAll; q += s; tx.Query(q) }`, false},
		{"one of two constants", `func f(b bool) { q := sqlAll; if b { q = sqlAdd }; tx.Query(q, 1, 2) }`, true},
		{"a list of constants", `func f() { for _, q := range []string{sqlAll, sqlNone} { tx.Exec(q) } }`, true},
		{"a list with a literal", `func f() { for _, q := range []string{sqlAll, "DELETE"} { tx.Exec(q) } }`, false},
		{"a parameter", `func f() { g(sqlAll) }; func g(q string) { tx.Exec(q) }`, true},
		{"a parameter given a literal", `func f() { g(sqlAll); g("DELETE") }; func g(q string) { tx.Exec(q) }`, false},
		{"a parameter of an exported function", `func f() { G(sqlAll) }; func G(q string) { tx.Exec(q) }`, false},
		{"a parameter that nobody gives", `func g(q string) { tx.Exec(q) }`, false},
		{"a parameter of a closure", `func f() { h := func(q string) { tx.Exec(q) }; h(sqlAll) }`, false},
		{"a field", `func f() { tx.Exec(s.query) }`, false},
		{"too few arguments", `func f() { tx.Exec(sqlAdd, 1) }`, false},
		{"too many arguments", `func f() { db.ExecContext(ctx, sqlAll, 1) }`, false},
		{"arguments in a list", `func f() { tx.Exec(sqlAdd, list...) }`, true},
		{"the query of an address", `func f() { u.Query().Get("x") }`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := token.NewFileSet()
			code := "package p; import \"" + module + "/internal/sqlite\"\n" +
				"const sqlAdd = `INSERT INTO t ` + `VALUES (?, ?)`; const sqlAll, sqlNone = `SELECT 1`, `SELECT 0`\n" + test.code
			file, err := parser.ParseFile(set, "p.go", code, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			u := understand(set, []*ast.File{file})
			if u.statements["sqlAdd"] != "INSERT INTO t VALUES (?, ?)" {
				t.Errorf("sqlAdd = %q", u.statements["sqlAdd"])
			}
			problems := u.problems(map[string]int{"sqlAdd": 2, "sqlAll": 0, "sqlNone": 0})
			if (len(problems) == 0) != test.allowed {
				t.Errorf("problems: %q, want allowed %t", problems, test.allowed)
			}
		})
	}
}
