package sqlitetest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// SchemaDiff compares the schemas of two databases clause by clause and returns one
// line per clause that only one of them has. Comments, spacing, quotes around names and the order of columns
// do not count: an upgrade cannot always reproduce them, and no statement of ours depends on them.
func SchemaDiff(t testing.TB, a, b *sqlite.DB) []string {
	t.Helper()
	inA, inB := clauses(t, a), clauses(t, b)
	var diff []string
	for _, clause := range inA {
		if !slices.Contains(inB, clause) {
			diff = append(diff, "- "+clause)
		}
	}
	for _, clause := range inB {
		if !slices.Contains(inA, clause) {
			diff = append(diff, "+ "+clause)
		}
	}
	return diff
}

// Shadow tables of the full-text index hold nothing of their own.
const sqlColumns = `
SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'directory\_search\_%' ESCAPE '\'
ORDER BY m.name, c.cid`

// Columns returns the columns of every table of the schema, by table, for the tests that keep a list of them complete.
func Columns(t testing.TB, db *sqlite.DB) map[string][]string {
	t.Helper()
	columns := map[string][]string{}
	err := db.Read(context.Background(), func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlColumns)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table, column string
			if err := rows.Scan(&table, &column); err != nil {
				return err
			}
			columns[table] = append(columns[table], column)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return columns
}

const sqlSchema = `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY type, name`

// clauses returns every clause of the schema, each with the object it belongs to.
func clauses(t testing.TB, db *sqlite.DB) []string {
	t.Helper()
	var all []string
	err := db.Read(context.Background(), func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlSchema)
		if err != nil {
			return err
		}
		for rows.Next() {
			var kind, name, text string
			if err := rows.Scan(&kind, &name, &text); err != nil {
				return err
			}
			for _, clause := range split(kind, text) {
				all = append(all, fmt.Sprintf("%s %s: %s", kind, name, clause))
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// token matches what SQL is made of: comments, strings, quoted names, words and numbers,
// operators of two signs, single signs.
var token = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"[^"]*"|\[[^\]]*\]|` + "`[^`]*`" + `|[\pL\pN_.$]+|<=|>=|<>|!=|==|\|\||->>|->|\S`)

// split returns the clauses of one CREATE statement in a uniform spelling. Only the
// body of a table is divided, at its outermost commas.
func split(kind, text string) []string {
	var clause []string
	var out []string
	end := func() {
		if len(clause) > 0 {
			out = append(out, strings.Join(clause, " "))
		}
		clause = nil
	}
	depth := 0
	for _, word := range token.FindAllString(text, -1) {
		switch {
		case strings.HasPrefix(word, "--"), strings.HasPrefix(word, "/*"):
			continue
		case strings.ContainsAny(word[:1], "\"[`"):
			word = word[1 : len(word)-1]
		}
		switch word {
		case "(":
			depth++
		case ")":
			depth--
		}
		if kind == "table" && (word == "(" && depth == 1 || word == ")" && depth == 0 || word == "," && depth == 1) {
			end()
			continue
		}
		clause = append(clause, word)
	}
	end()
	return out
}
