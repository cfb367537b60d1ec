package web

import (
	"net/http"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Each role sees exactly the areas whose pages it may open, each in one group, and the menu says where one is.
func TestDeskMenu(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, role := range []account.Role{account.Admin, account.Staff, account.Communication} {
		b := h.member(role)
		shown := map[string]bool{}
		home := b.get("/equipe")
		home.doc.Find("nav.desk li a").Each(func(_ int, group *goquery.Selection) {
			page := b.get(group.AttrOr("href", "")).wants(http.StatusOK)
			shown[group.AttrOr("href", "")] = true
			areas := page.doc.Find("nav.desk .areas a")
			areas.Each(func(_ int, area *goquery.Selection) { shown[area.AttrOr("href", "")] = true })
			if areas.Length() > 0 {
				if name := page.doc.Find("nav.desk .areas").AttrOr("aria-label", ""); name != group.Text() {
					t.Errorf("%s: the areas of %q are named %q", role, group.Text(), name)
				}
			}
		})
		for _, group := range deskGroups {
			for _, area := range group.areas {
				page := b.get(area.path)
				if may := page.Status == http.StatusOK; may != shown[area.path] {
					t.Errorf("%s: %s answers %d, and in the menu it is %t", role, area.path, page.Status, shown[area.path])
				}
				if here := page.doc.Find(`nav.desk a[aria-current="page"]`); page.Status == http.StatusOK && here.AttrOr("href", "") != area.path {
					t.Errorf("%s: on %s the menu says %q", role, area.path, here.Text())
				}
				if here := page.doc.Find(`nav.desk > ul:first-of-type a[aria-current]`); page.Status == http.StatusOK && here.Text() != words.For(words.French).T(group.label) {
					t.Errorf("%s: on %s the group is %q", role, area.path, here.Text())
				}
			}
		}
	}
	for path, want := range map[string]string{
		"/equipe/seances/planifier": "Séances", "/equipe/ateliers/nouveau": "Ateliers", "/equipe/bilan/groupes": "Bilan des groupes",
		"/equipe/reglages/conservation": "Association", "/equipe/vacances": "Vacances",
	} {
		if got := h.member(account.Admin).get(path).wants(http.StatusOK).text("nav.desk .areas a[aria-current]"); got != want {
			t.Errorf("%s stands below %q in the menu, want %q", path, got, want)
		}
	}
}
