package privacy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// RGPD-1: every column of the schema has its line in the register, once, and the register names no other.
func TestRegisterHoldsEveryColumn(t *testing.T) {
	t.Parallel()
	told := map[string]bool{}
	for _, c := range register() {
		for _, name := range strings.Fields(c.names) {
			column := c.table + "." + name
			if told[column] {
				t.Errorf("%s stands twice in the register", column)
			}
			told[column] = true
		}
	}
	if len(told) < 200 {
		t.Fatalf("only %d columns in the register", len(told))
	}
	for table, columns := range sqlitetest.Columns(t, sqlitetest.New(t)) {
		for _, column := range columns {
			if !told[table+"."+column] {
				t.Errorf("%s.%s has no line in the register: whose is it, why is it kept, who sees it, how long?", table, column)
			}
			delete(told, table+"."+column)
		}
	}
	for column := range told {
		t.Errorf("the register names %s, which the schema does not have", column)
	}
}

// RGPD-1: what the register names is told on the page, and the page tells of nothing that is not kept.
func TestEveryItemIsKeptAndTold(t *testing.T) {
	t.Parallel()
	kept := map[string]bool{}
	for _, c := range register() {
		kept[c.item] = true
	}
	delete(kept, nobody)
	for _, item := range privacy.Items() {
		if !kept[item.Name] {
			t.Errorf("%q is told but no column holds it", item.Name)
		}
		delete(kept, item.Name)
		if !slices.Contains(privacy.Audiences(), item.Audience) {
			t.Errorf("%q concerns nobody", item.Name)
		}
	}
	for name := range kept {
		t.Errorf("%q is kept but not told", name)
	}
}
