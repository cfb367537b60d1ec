package architecture

import (
	"context"
	"go/token"
	"testing"

	"github.com/mattn/go-sqlite3"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

const sqlForeignKeys = `
SELECT t.name, f."from", f.on_delete, 'what removes a row of ' || f."table" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table' AND f.on_delete <> 'NO ACTION'`

// TestEveryChangeIsExpected asks SQLite of every statement of the program which columns it writes and which rows it removes, by itself, by
// triggers and by foreign keys: what a comparison of two states of the database takes for damage (REL-19), the program must never do.
func TestEveryChangeIsExpected(t *testing.T) {
	t.Parallel()
	house := sqlitetest.New(t)
	opened, err := (&sqlite3.SQLiteDriver{}).Open(house.Path())
	if err != nil {
		t.Fatal(err)
	}
	db := opened.(*sqlite3.SQLiteConn)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	statement, seen := "", 0
	changes := func(table, column string) {
		seen++
		if !upkeep.MayChange(table, column) {
			t.Errorf("%s changes %s.%s, which internal/upkeep/verify_copy_list.go says never changes", statement, table, column)
		}
	}
	removes := func(table string) {
		seen++
		if !upkeep.MayVanish(table) {
			t.Errorf("%s removes rows of %s, which internal/upkeep/verify_copy_list.go says stay", statement, table)
		}
	}
	db.RegisterAuthorizer(func(op int, table, column, _ string) int {
		switch op {
		case sqlite3.SQLITE_UPDATE:
			changes(table, column)
		case sqlite3.SQLITE_DELETE:
			removes(table)
		}
		return sqlite3.SQLITE_OK
	})
	set := token.NewFileSet()
	for _, s := range parse(t, set) {
		for name, text := range understand(set, s.files).statements {
			statement = s.dir + ": " + name
			stmt, err := db.Prepare(text)
			if err != nil {
				t.Errorf("%s: %v", statement, err)
				continue
			}
			if err := stmt.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	err = house.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlForeignKeys)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table, column, does string
			if err := rows.Scan(&table, &column, &does, &statement); err != nil {
				return err
			}
			if does == "CASCADE" {
				removes(table)
			} else {
				changes(table, column)
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 300 {
		t.Errorf("only %d changes seen", seen)
	}
}
