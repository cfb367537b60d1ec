package journey

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"
)

// payloads try to be more than a text: 40 ways in which pages of others took one for markup, for an attribute, an address, a
// style or a piece of a script. What each would add bears the name "boo"; what each would run is heard by the tab.
var payloads = []string{
	`<boo>`, `<script boo>alert(1)</script>`, `"><script boo>alert(1)</script>`, `'><script boo>alert(1)</script>`,
	`<img boo src=x onerror=alert(1)>`, `"><img boo src=x onerror=alert(1)>`, `'><img boo src=x onerror=alert(1)>`, `<svg boo onload=alert(1)>`,
	`" boo onfocus=alert(1) autofocus x="`, `' boo onfocus=alert(1) autofocus x='`, ` boo onmouseover=alert(1) `, "` boo onfocus=alert(1) autofocus x=`",
	`</title><script boo>alert(1)</script>`, `</textarea><script boo>alert(1)</script>`, `</script><script boo>alert(1)</script>`, `</style><style boo>*{display:none}</style>`,
	`</option></select><img boo src=x onerror=alert(1)>`, `</td></table><boo>`, `--><boo>`, `<!--><boo>`,
	`javascript:alert(1)//boo`, `JaVaScRiPt:alert(1)//boo`, "java\tscript:alert(1)//boo", `data:text/html,<script boo>alert(1)</script>`,
	`//127.0.0.2:9/boo`, `{{.}}<boo>`, `${alert(1)}<boo>`, `&lt;boo&gt;<boo>`,
	`<iframe boo srcdoc="<script>alert(1)</script>">`, `<base boo href=//127.0.0.2:9/>`, `<meta boo http-equiv=refresh content=0;url=//127.0.0.2:9/>`, `<link boo rel=stylesheet href=//127.0.0.2:9/x.css>`,
	`<form boo action=//127.0.0.2:9/><button>`, `<details boo open ontoggle=alert(1)>`, `<a boo href=javascript:alert(1)>boo</a>`, `<math boo><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>`,
	`\"};alert(1);//<boo>`, `'-alert(1)-'<boo>`, "\u202e<boo>", `<video boo><source onerror=alert(1)>`,
}

// meant are columns whose text the program understands, or compares: a payload in one would break a rule, and forms let none in.
// A column that refuses the payload by itself, by its CHECK or a trigger, need not be named.
var meant = regexp.MustCompile(`(?:^at|_at|_on|_until|_day|_date|_key|_hash|_folded|_id|since|day|starts|ends|after|hash|nonce|token|email|kind|state|status|language|action|record|actor|reference|` +
	`funding|uai|siret|code|result|answers|payload|seed|recipient|time_zone|version|device|sha256|price_steps|mailbox|next|steps|weekdays|counts|content)$|^(?:settings|outbox|audit|access_log|directory_search)`)

// spoil writes payloads into every text of a database, each time another one, beginning with the first-th. It returns into how many
// columns.
func spoil(t *testing.T, path string, first int) (columns int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000&_txlock=immediate&_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	db.SetMaxOpenConns(1)
	list := func(query string, args ...any) (found []string) {
		rows, err := db.QueryContext(t.Context(), query, args...)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			found = append(found, s)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return found
	}
	tables := list(`SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%) STRICT' AND sql NOT LIKE '%WITHOUT ROWID%'`)
	if _, err := db.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	next := first
	for _, table := range tables {
		for _, column := range list(`SELECT name FROM pragma_table_info(?) WHERE type = 'TEXT' AND pk = 0`, table) {
			if meant.MatchString(table+"."+column) || meant.MatchString(column) {
				continue
			}
			taken := false
			for _, row := range list(fmt.Sprintf(`SELECT rowid FROM %q WHERE %q <> '' LIMIT 100`, table, column)) {
				// One that refuses is left as it was: the statement alone is undone.
				if _, err := db.ExecContext(t.Context(), fmt.Sprintf(`UPDATE %q SET %q = ? WHERE rowid = ?`, table, column), payloads[next%len(payloads)], row); err == nil {
					taken = true
				}
				next++
			}
			if taken {
				columns++
				t.Logf("spoilt %s.%s", table, column)
			}
		}
	}
	for _, setting := range []string{"association_name", "association_address", "association_phone", "signatory_name", "signatory_role", "vat_sentence", "payment_terms"} {
		if _, err := db.ExecContext(t.Context(), `INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)`, setting, payloads[next%len(payloads)]); err != nil {
			t.Fatal(err)
		}
		next++
	}
	if _, err := db.ExecContext(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	return columns
}

// TestNothingTypedActs: whatever stands in any text of the database, no page that people reach by its links takes it for more than a
// text, in a real browser: nothing runs, nothing is asked of another host, no element or attribute is added, no link leads to a
// script (SEC-18). By night every text is each of the payloads once.
func TestNothingTypedActs(t *testing.T) {
	t.Parallel()
	rounds := 1
	if os.Getenv("ATELIERS_TEST_NIGHTLY") != "" {
		rounds = len(payloads)
	}
	d := newDemo(t, commonNow)
	staff, family := newTab(t, d, desk(1280, 800)), newTab(t, d, phone(390, 844))
	staff.signIn(d.account(t, "admin", 0))
	family.enterSpace()
	for round := range rounds {
		first := round
		if rounds == 1 {
			first = 7 // so that the first texts get what runs by itself
		}
		if n := spoil(t, filepath.Join(d.data, "ateliers.db"), first); n < 50 {
			t.Fatalf("only %d columns took a payload: the test sees too little", n)
		}
		pages := newTab(t, d, phone(390, 844)).crawl("/", "/seances", "/en", "/plan-du-site")
		pages += family.crawl("/compte")
		pages += staff.crawl("/equipe", "/animation")
		t.Logf("round %d: %d pages", round, pages)
		if pages < 80 {
			t.Errorf("only %d pages were reached", pages)
		}
	}
}

// traces is a script: what in a page stems from a payload that became more than a text.
const traces = `page => [...page.querySelectorAll("*")].filter(e => e.localName === "boo" || e.getAttributeNames().some(a => a === "boo" || a.startsWith("on"))
	|| ["href", "src", "action", "formaction"].filter(a => e.hasAttribute(a)).map(a => URL.parse(e.getAttribute(a), location)).some(u => u &&
		(u.host === "127.0.0.2:9" || !/^(?:https?|mailto|tel|blob):|^data:image/.test(u.href)))).map(e => e.outerHTML.slice(0, 200))`

// TestPayloadsLeaveTraces: each payload, where nothing stops it, is seen in one place at least. Else a page that lets it through would
// pass unseen.
func TestPayloadsLeaveTraces(t *testing.T) {
	t.Parallel()
	b := borrowTab(t, "", 390, 844)
	b.open("/")
	if found := eval[[]string](b, "("+traces+")(document)"); len(found) > 0 {
		t.Fatalf("before any payload: %v", found)
	}
	for _, payload := range payloads {
		if !eval[bool](b, `(payload => [p => "<p>" + p + "</p>", p => '<input value="' + p + '">', p => "<input value='" + p + "'>", p => "<input value=" + p + ">", p => '<a href="' + p + '">x</a>',
			p => "<input value=\x60" + p + "\x60>", p => "<textarea>" + p + "</textarea>", p => "<title>" + p + "</title>", p => "<style>" + p + "</style>", p => "<!--" + p + "-->"].some(place =>
				(`+traces+`)(new DOMParser().parseFromString(place(payload), "text/html")).length > 0))(`+quoted(payload)+`)`) {
			t.Errorf("nothing shows that %q was let through", payload)
		}
	}
	eval[bool](b, "true") // a round to the browser: what it had to say of them has come
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble = nil // that the policy of our pages holds them back here too is not what this test asks
}

// varying are the parts of an address that say which, not what.
var varying = regexp.MustCompile(`ADA-[0-9A-Z]+|\d+|/[A-Za-z0-9_-]{20,}`)

// crawl opens a page of each kind that can be reached by links from some addresses, looks at each for traces of a payload, and
// returns how many it opened.
func (b *tab) crawl(from ...string) (pages int) {
	b.t.Helper()
	seen := map[string]bool{}
	for queue := from; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		what, _, _ := strings.Cut(varying.ReplaceAllString(path, ":"), "?")
		if seen[what] {
			continue
		}
		seen[what] = true
		b.open(path)
		pages++
		if b.status >= 500 {
			b.t.Errorf("%s: status %d", path, b.status)
		}
		found := eval[struct{ Traces, Links []string }](b, `({
			traces: (`+traces+`)(document),
			links: [...document.querySelectorAll("a[href]:not([download])")].filter(a => a.origin === location.origin).map(a => a.pathname + a.search)
				.filter(p => !/\.(?:pdf|csv|xlsx|ics|json|png|webmanifest)(?:\?|$)|^\/_|^\/deconnexion|\/papiers\/|\/donnees\/copie|^\/passeport|\/passeport\/./.test(p)),
		})`)
		for _, trace := range found.Traces {
			b.t.Errorf("%s: a payload became more than a text: %s", path, trace)
		}
		queue = append(queue, found.Links...)
	}
	return pages
}
