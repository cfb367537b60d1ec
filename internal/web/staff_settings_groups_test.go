package web

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Item 9 of issue 7: every setting stands once on the page, in a part that the page leads to, and says what it is for.
func TestEverySettingIsExplained(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	page, p := h.member(account.Admin).get("/equipe/reglages").wants(200), words.For(words.French)
	all, err := h.web.Office.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range all {
		if n := page.doc.Find("main form [name=" + setting.Name + "]").Length(); n != 1 {
			t.Errorf("%s stands %d times on the page: see settingGroups", setting.Name, n)
		}
		if !p.Has(setting.Hint()) {
			t.Errorf("%s has no text %s", setting.Name, setting.Hint())
		}
	}
	for _, group := range settingGroups {
		if page.doc.Find(`main a[href="#`+group.name+`"]`).Length() != 1 || page.doc.Find("h2#"+group.name).Length() != 1 {
			t.Errorf("the page does not lead to %q", group.name)
		}
	}
}
