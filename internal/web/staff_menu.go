package web

import (
	"slices"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// deskMenu is the desk's own menu as one page shows it: every group, and below them the areas of the group that the
// page belongs to.
type deskMenu struct {
	Groups []deskTab
	// Group names the group of the page, and Areas are its entries; none where it has a single one.
	Group string
	Areas []deskTab
}

// deskTab is an entry of a menu.
type deskTab struct {
	Href, Label string
	Current     string // aria-current
}

// deskGroup is an entry of the first level of the menu. It leads to the first of its areas that the role opens, and is
// not shown to who may open none.
type deskGroup struct {
	label string
	areas []deskArea
}

// deskArea is a page of the menu with all that stands below it.
type deskArea struct {
	path, label string
	may         func(account.Actor) bool // as its routes ask, see routes.go
	also        []string                 // paths that belong to it and do not stand below it
}

// deskGroups is the whole menu. A new page that staff look for is one line here, at the end of the group of the thing it is about.
var deskGroups = []deskGroup{
	{"staff.menu.home", []deskArea{
		{path: "/equipe", label: "staff.tab.home", may: mayUseDesk},
	}},
	{"staff.menu.programme", []deskArea{
		{path: "/equipe/seances", label: "staff.tab.sessions", may: mayUseDesk, also: []string{schedulesPath, "/equipe/inscriptions"}},
		{path: "/equipe/ateliers", label: "staff.tab.workshops", may: mayUseDesk},
		{path: "/equipe/lieux", label: "staff.tab.venues", may: mayUseDesk},
		{path: "/equipe/materiel", label: "school_dates.tab.kits", may: account.Actor.CanManage},
		{path: holidaysPath, label: "staff.tab.holidays", may: mayUseDesk},
	}},
	{"staff.menu.families", []deskArea{
		{path: familiesPath, label: "find.tab", may: account.Actor.CanManage},
		{path: callsPath, label: "calls.tab", may: account.Actor.CanManage},
		{path: messagesPath, label: "message.tab", may: mayUseDesk},
		{path: "/equipe/mails", label: "staff.tab.mails", may: account.Actor.CanManage},
		{path: moneyPath, label: "money_desk.tab", may: account.Actor.CanManage},
	}},
	{"staff.menu.groups", []deskArea{
		{path: "/equipe/demandes", label: "school.tab", may: mayUseDesk},
		{path: "/equipe/factures", label: "school_money.tab", may: mayUseDesk},
	}},
	{"staff.menu.reports", []deskArea{
		{path: bilanPath, label: "report.tab", may: mayUseDesk},
		{path: groupReportPath, label: "report.groups.title", may: mayUseDesk},
	}},
	{"staff.menu.settings", []deskArea{
		{path: "/equipe/reglages", label: "staff.tab.settings", may: account.Actor.CanManage},
		{path: "/equipe/personnes", label: "staff.tab.people", may: account.Actor.CanAdminister},
		{path: "/equipe/disponibilites", label: "school_dates.tab.timetables", may: account.Actor.CanManage},
		{path: journalPath, label: "journal.tab", may: account.Actor.CanAdminister},
	}},
}

// depth is how closely the area holds a page: the length of the path of it that the page stands below, 0 for none.
// The home holds nothing but itself.
func (a deskArea) depth(path string) int {
	deepest := 0
	for _, area := range append([]string{a.path}, a.also...) {
		if path == area || area != "/equipe" && strings.HasPrefix(path, area+"/") {
			deepest = max(deepest, len(area))
		}
	}
	return deepest
}

// deskMenu is the menu for somebody on a page.
func (s *Server) deskMenu(actor account.Actor, path string) *deskMenu {
	menu := &deskMenu{}
	shown := func(g deskGroup) []deskArea {
		return slices.DeleteFunc(slices.Clone(g.areas), func(a deskArea) bool { return !a.may(actor) })
	}
	here, deepest := "", 0
	for _, group := range deskGroups {
		for _, area := range shown(group) {
			if depth := area.depth(path); depth > deepest {
				here, deepest = area.path, depth
			}
		}
	}
	for _, group := range deskGroups {
		areas := shown(group)
		if len(areas) == 0 {
			continue
		}
		entry := deskTab{Href: areas[0].path, Label: s.words.T(group.label)}
		if slices.ContainsFunc(areas, func(a deskArea) bool { return a.path == here }) {
			entry.Current = "true"
			if len(areas) == 1 {
				entry.Current = current(here, path)
			} else {
				menu.Group = entry.Label
				for _, area := range areas {
					tab := deskTab{Href: area.path, Label: s.words.T(area.label)}
					if area.path == here {
						tab.Current = current(here, path)
					}
					menu.Areas = append(menu.Areas, tab)
				}
			}
		}
		menu.Groups = append(menu.Groups, entry)
	}
	return menu
}

// current is the aria-current of the entry that holds a page: the page itself, or one below it.
func current(entry, path string) string {
	if entry == path {
		return "page"
	}
	return "true"
}
