package web

import (
	"bufio"
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// updateAccess writes testdata/access.txt anew from what the server does. Read the difference as a reviewer of
// security would: every changed figure is somebody who may now do what they could not, or the reverse.
var updateAccess = flag.Bool("update-access", false, "write testdata/access.txt anew")

const accessFile = "testdata/access.txt"

// accessRule is one route of testdata/access.txt: what its form sends, and the status for each object and person.
type accessRule struct {
	route Route
	form  string
	want  map[string][]int // by object, in the order of accessWorld.people
}

// TestAccess asks for every route that the router has, as everybody, about their own things, those of others and
// things that do not exist (SEC-20). It also proves for each of these requests that a GET writes nothing (SEC-15),
// that a refusal changes nothing, that what is refused to somebody looks the same whether it exists or not, and that
// the headers of safety are there (SEC-10, SEC-17). A route in another language has no row of its own: it is held to that
// of its French twin.
func TestAccess(t *testing.T) {
	t.Parallel()
	w := newAccessWorld(t)
	w.checkState()
	rules := readAccess(t)
	var got []accessRule
	var twins []Route
	for _, route := range w.web.Routes() {
		if route.Method == http.MethodHead {
			continue // asked for together with its GET
		}
		if langOf(route.Path) != words.French {
			twins = append(twins, route)
			continue
		}
		i := slices.IndexFunc(rules, func(r accessRule) bool { return r.route == route })
		rule := accessRule{route: route}
		if i >= 0 {
			rule = rules[i]
			rules = slices.Delete(rules, i, i+1)
		} else if !*updateAccess {
			t.Errorf("%s %s has no rule in %s: add one, with what its form sends (go test ./internal/web -run TestAccess -update-access writes the figures)", route.Method, route.Path, accessFile)
		}
		got = append(got, accessRule{route, rule.form, w.checkRule(rule)})
	}
	w.checkTwins(got, twins)
	for _, r := range rules {
		if !*updateAccess {
			t.Errorf("%s has a rule for %s %s, which is not a route", accessFile, r.route.Method, r.route.Path)
		}
	}
	if *updateAccess {
		writeAccess(t, w, got)
	}
}

// checkTwins holds the routes of other languages to the rules of the French ones, and finds what is in one language only.
func (w *accessWorld) checkTwins(rules []accessRule, twins []Route) {
	t := w.house.t
	for _, rule := range rules {
		for _, lang := range words.Offered()[1:] {
			twin := Route{rule.route.Method, lang.Path(rule.route.Path)}
			i := slices.Index(twins, twin)
			if (i >= 0) != hasTwins(rule.route.Path) {
				t.Errorf("%s %s is a route: %t, want %t", twin.Method, twin.Path, i >= 0, i < 0)
			}
			if i < 0 || *updateAccess {
				continue
			}
			twins = slices.Delete(twins, i, i+1)
			w.checkRule(accessRule{twin, rule.form, rule.want})
		}
	}
	if len(twins) > 0 && !*updateAccess {
		t.Errorf("these routes have no French twin: %v", twins)
	}
}

// checkRule asks for one route as everybody and returns the statuses by object.
func (w *accessWorld) checkRule(rule accessRule) map[string][]int {
	t := w.house.t
	got := map[string][]int{}
	for _, object := range rule.objects() {
		for i, who := range w.people {
			a := w.try(rule, object, who)
			got[object] = append(got[object], a.Status)
			w.checkHeaders(rule.route, a)
			if refused := a.Status == http.StatusNotFound || a.Status == http.StatusForbidden; refused && len(object) == 1 && !who.knows(object) {
				if none := w.try(rule, "none", who); none.Status != a.Status || w.shape(none) != w.shape(a) {
					t.Errorf("%s (%s): the refusal, %d, is not that of what does not exist, %d:\n%s", a.what, object, a.Status, none.Status,
						firstDifference(w.shape(a), w.shape(none)))
				}
			}
			if want := rule.want[object]; !*updateAccess && len(want) == len(w.people) && want[i] != a.Status {
				t.Errorf("%s (%s) = %d, want %d", a.what, object, a.Status, want[i])
			} else if !*updateAccess && rule.want != nil && len(want) != len(w.people) {
				t.Errorf("%s %s: %s has %d figures for %s, want %d", rule.route.Method, rule.route.Path, accessFile, len(want), object, len(w.people))
				break
			}
			if i < 3 && isTeamRoute(rule.route) && !w.isTurnedAway(rule.route, a) {
				t.Errorf("%s = %d: who is not of the team must be sent to the door", a.what, a.Status)
			}
		}
	}
	return got
}

// try sends one request and compares the database before and after; a change is taken back.
func (w *accessWorld) try(rule accessRule, object string, who person) *answer {
	t := w.house.t
	t.Helper()
	path, err := w.fill(rule.route.Path, object, who)
	if err != nil {
		t.Fatal(err)
	}
	form, err := w.form(rule.form, object, who, w.cookieOf(rule.route))
	if err != nil {
		t.Fatalf("%s %s: %v", rule.route.Method, rule.route.Path, err)
	}
	for _, own := range w.web.languages {
		own.FamilyDoor = account.NewFamilyDoor(w.db, w.secret, w.clock.Now) // it has not seen those who asked before
	}
	before := w.state()
	a := w.ask(rule.route.Method, path, form, http.Header{"Sec-Fetch-Site": {"same-origin"}}, who)
	if rule.route.Method == http.MethodGet {
		if head := w.ask(http.MethodHead, path, nil, nil, who); head.Status != a.Status {
			t.Errorf("%s = %d, but HEAD = %d", a.what, a.Status, head.Status)
		}
	}
	if w.state() == before {
		return a
	}
	switch {
	case rule.route.Method == http.MethodGet:
		t.Errorf("%s writes", a.what)
	case a.Status >= 400, w.isTurnedAway(rule.route, a):
		t.Errorf("%s (%s) = %d, and yet it changed something", a.what, object, a.Status)
	}
	w.restore()
	if w.state() != before {
		t.Fatal("the database was not restored")
	}
	return a
}

// cookieOf is the cookie that the forms of a route are bound to.
func (w *accessWorld) cookieOf(r Route) string {
	if _, french := splitPath(r.Path); strings.HasPrefix(french, "/compte") {
		return w.web.FamilySignIns.Cookie.Name
	}
	return w.web.SignIns.Cookie.Name
}

func isTeamRoute(r Route) bool {
	return strings.HasPrefix(r.Path, "/equipe") || strings.HasPrefix(r.Path, "/animation")
}

// isTurnedAway reports whether the answer sends a guest to the door.
func (w *accessWorld) isTurnedAway(r Route, a *answer) bool {
	return isTeamRoute(r) && a.Status == http.StatusSeeOther && strings.HasPrefix(a.Header.Get("Location"), "/connexion")
}

// objects are those that a route is asked about.
func (r accessRule) objects() []string {
	parameters, form := strings.Count(r.route.Path, "/:"), strings.ReplaceAll(r.form, "{person}", "")
	if strings.Contains(r.route.Path, ":signature") {
		parameters--
	}
	switch {
	case strings.Contains(r.route.Path, "*"), parameters == 0 && !strings.Contains(form, "{"):
		return []string{"-"}
	case parameters > 1, parameters == 1 && strings.Contains(form, "{"):
		return []string{"X", "Y", "none", "X+Y"}
	}
	return []string{"X", "Y", "none"}
}

// varying matches what differs between two answers of the same kind: keys of forms, ids of requests, paths.
var varying = regexp.MustCompile(`value="[\w-]{40,}"|\b[0-9a-f]{12}\b|\d{4}-\d\d-\d\dT[\d:.Z]+`)

// shape is an answer without what differs between any two.
func (w *accessWorld) shape(a *answer) string {
	text, path := a.Header.Get("Location")+"\n"+a.Body, strings.Split(a.what, " ")[1]
	if _, french := splitPath(path); french != "/" { // pages link to their twin
		path = french
	}
	text = strings.ReplaceAll(text, path, "PATH")
	for _, things := range w.things {
		for _, name := range []string{"reference", "code", "session", "asked", "request", "link", "claim", "child", "invite", "change", "invitation"} {
			text = strings.ReplaceAll(text, "/"+things[name], "/…")
			text = strings.ReplaceAll(text, "%2F"+things[name], "%2F…")
		}
	}
	return varying.ReplaceAllString(text, "…")
}

// firstDifference is the first line that differs, of both texts.
func firstDifference(a, b string) string {
	linesA, linesB := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(linesA), len(linesB)) {
		if linesA[i] != linesB[i] {
			return linesA[i] + "\n" + linesB[i]
		}
	}
	return fmt.Sprintf("%d and %d lines", len(linesA), len(linesB))
}

// checkHeaders reports headers of safety that an answer lacks.
func (w *accessWorld) checkHeaders(route Route, a *answer) {
	t := w.house.t
	t.Helper()
	want := map[string]string{
		"Content-Security-Policy": contentPolicy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
	}
	for _, area := range []string{"/inscription", "/equipe", "/animation", "/connexion", "/deconnexion", "/demandes", "/payeurs", "/confirmations", "/compte"} {
		if _, french := splitPath(route.Path); strings.HasPrefix(french, area) {
			want["Cache-Control"] = "no-store"
		}
	}
	if strings.Contains(route.Path, ":signature") {
		want["X-Robots-Tag"] = "noindex, nofollow"
	}
	if strings.HasSuffix(route.Path, "/papiers/:upload") && a.Status == http.StatusOK {
		want["Content-Security-Policy"] = contentPolicy + "; sandbox" // somebody else's file (SEC-26)
	}
	for name, value := range want {
		if got := a.Header.Get(name); got != value {
			t.Errorf("%s: %s = %q, want %q", a.what, name, got, value)
		}
	}
	for name := range a.Header {
		switch {
		case strings.HasPrefix(name, "Access-Control-"), name == "Server", name == "X-Powered-By":
			t.Errorf("%s: %s is sent", a.what, name)
		}
	}
	// SEC-44: names of files are ours, in plain signs.
	if file := a.Header.Get("Content-Disposition"); file != "" && !plainFile.MatchString(file) {
		t.Errorf("%s: Content-Disposition = %q", a.what, file)
	}
	kind := a.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "text/") && !strings.Contains(kind, "charset=utf-8") {
		t.Errorf("%s: Content-Type = %q", a.what, kind)
	}
}

var plainFile = regexp.MustCompile(`^(attachment|inline); filename="[a-zA-Z0-9._-]+"$`)

// readAccess reads testdata/access.txt: a line per route, and below it, indented, a line per object.
func readAccess(t *testing.T) (rules []accessRule) {
	t.Helper()
	f, err := os.Open(accessFile)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || strings.HasPrefix(line, "#"):
		case line[0] == ' ':
			rule := &rules[len(rules)-1]
			for _, word := range fields[1:] {
				status, err := strconv.Atoi(word)
				if err != nil {
					t.Fatalf("%s: %q: %v", accessFile, line, err)
				}
				rule.want[fields[0]] = append(rule.want[fields[0]], status)
			}
		default:
			rule := accessRule{route: Route{fields[0], fields[1]}, want: map[string][]int{}}
			if len(fields) > 2 {
				rule.form = fields[2]
			}
			rules = append(rules, rule)
		}
	}
	return rules
}

const accessHead = `# Who may do what (SEC-20). Every route of the router, with what its form sends (key is the purpose of its form key;
# {booking} is the booking of the object). Then one line per object, with the status for each person:
# X and Y are two sessions with all that belongs to them, none does not exist, X+Y is X's path with something of Y in it.
# A has booked X and B has booked Y; facX leads X and facY leads Y. 303 from /equipe and /animation leads to the door.
`

func writeAccess(t *testing.T, w *accessWorld, rules []accessRule) {
	t.Helper()
	var text strings.Builder
	text.WriteString(accessHead + "#\n#      ")
	for _, who := range w.people {
		fmt.Fprintf(&text, " %13s", who.name)
	}
	text.WriteString("\n")
	for _, rule := range rules {
		fmt.Fprintln(&text, strings.TrimSpace(rule.route.Method+" "+rule.route.Path+" "+rule.form))
		for _, object := range rule.objects() {
			fmt.Fprintf(&text, "  %-5s", object)
			for _, status := range rule.want[object] {
				fmt.Fprintf(&text, " %13d", status)
			}
			text.WriteString("\n")
		}
	}
	if err := os.WriteFile(accessFile, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
