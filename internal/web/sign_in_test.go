package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// TestSignIn lands everybody where their role belongs, or where they were going on this site and nowhere else (SEC-24).
func TestSignIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		role account.Role
		next string
		want string
	}{
		{account.Staff, "", "/equipe"},
		{account.Admin, "", "/equipe"},
		{account.Communication, "/equipe/seances?vue=passees", "/equipe/seances?vue=passees"},
		{account.Facilitator, "", "/animation"},
		{account.Facilitator, "/animation/seances/3", "/animation/seances/3"},
		{account.Facilitator, "/equipe", "/animation"},
		{account.Staff, "/animation", "/animation"},
		{account.Staff, "//evil.example", "/equipe"},
		{account.Staff, `/\evil.example`, "/equipe"},
		{account.Staff, "https:evil.example", "/equipe"},
		{account.Staff, "https://evil.example/equipe", "/equipe"},
		{account.Staff, "/%0d%0aLocation:%20https://evil.example", "/equipe"},
		{account.Staff, "/equipe\r\nLocation: https://evil.example", "/equipe"},
	} {
		t.Run(string(test.role)+test.next, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.user("li@exemple.fr", "李 Nguyễn", test.role)
			b := h.teamBrowser()
			page := b.get("/connexion?" + url.Values{"suite": {test.next}}.Encode()).wants(http.StatusOK)
			form := page.form("/connexion")
			form.Set("email", " LI@exemple.fr")
			form.Set("password", housePassword)
			b.post("/connexion", form).leadsTo(test.want)
			b.get("/connexion").leadsTo(landing(account.Actor{Kind: account.KindUser, Role: test.role}, ""))
		})
	}
}

// A page that only the team sees sends a guest to the door, and back after signing in.
func TestGuestIsSentToTheDoor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.teamBrowser()
	a := b.get("/equipe").leadsTo("/connexion?suite=%2Fequipe")
	if len(b.cookies()) > 0 {
		t.Errorf("a guest has the cookies %v", b.cookies())
	}
	page := b.get(a.Header.Get("Location")).wants(http.StatusOK)
	if got := page.form("/connexion").Get("suite"); got != "/equipe" {
		t.Errorf("suite = %q", got)
	}
	if len(b.cookies()) > 0 {
		t.Errorf("the door alone gave the cookies %v", b.cookies())
	}
}

func TestSignInRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.user("zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", account.Staff)
	b := h.teamBrowser()
	try := func(email, password string) *answer {
		form := b.get("/connexion?suite=%2Fequipe").form("/connexion")
		form.Set("email", email)
		form.Set("password", password)
		return b.post("/connexion", form).wants(http.StatusUnprocessableEntity)
	}
	known, unknown := try("zoe@exemple.fr", "mauvais mot de passe"), try("leo@exemple.fr", "mauvais mot de passe")
	known.says("ne vont pas ensemble").hides("mauvais mot de passe")
	if got := known.form("/connexion"); got.Get("email") != "zoe@exemple.fr" || got.Get("suite") != "/equipe" {
		t.Errorf("what was typed is lost: %v", got)
	}
	// SEC-7: the answers differ in the address, which has the same length, and in the key alone.
	if len(known.Body) != len(unknown.Body) {
		t.Errorf("a known address is answered by %d bytes, an unknown one by %d", len(known.Body), len(unknown.Body))
	}
	if len(b.cookies()) > 0 {
		t.Errorf("cookies %v after a failure", b.cookies())
	}
}

// SEC-6: after five failures the door asks to wait, with the right password too.
func TestSignInThrottled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.user("zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", account.Staff)
	b := h.teamBrowser()
	form := b.get("/connexion").form("/connexion")
	form.Set("email", "zoe@exemple.fr")
	form.Set("password", "mauvais mot de passe")
	for range 5 {
		b.post("/connexion", form).wants(http.StatusUnprocessableEntity)
	}
	form.Set("password", housePassword)
	a := b.post("/connexion", form).wants(http.StatusTooManyRequests).says("patientez 15 minutes")
	if seconds, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || seconds < 800 || seconds > 900 {
		t.Errorf("Retry-After = %q", a.Header.Get("Retry-After"))
	}
	h.clock.Advance(15*time.Minute + time.Second)
	b.post("/connexion", form).leadsTo("/equipe")
}

// A door left open for a day asks for nothing but the password again.
func TestSignInWithAnOldForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.user("zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", account.Staff)
	b := h.teamBrowser()
	form := b.get("/connexion").form("/connexion")
	form.Set("email", "zoe@exemple.fr")
	form.Set("password", housePassword)
	h.clock.Advance(25 * time.Hour)
	again := b.post("/connexion", form).wants(http.StatusUnprocessableEntity).form("/connexion")
	again.Set("password", housePassword)
	b.post("/connexion", again).leadsTo("/equipe")
}

// SEC-1: the cookies are as strict as browsers know, and only the hash of the token is kept.
func TestSignInCookies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.user("zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", account.Staff)
	b := h.teamBrowser()
	form := b.get("/connexion").form("/connexion")
	form.Set("email", "zoe@exemple.fr")
	form.Set("password", housePassword)
	set := b.post("/connexion", form).leadsTo("/equipe").Header.Values("Set-Cookie")
	if len(set) != 2 {
		t.Fatalf("Set-Cookie = %q", set)
	}
	for _, line := range set {
		for _, part := range []string{"__Host-ateliers", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
			if !strings.Contains(line, part) {
				t.Errorf("the cookie %q lacks %q", line, part)
			}
		}
		if strings.Contains(line, "Domain=") || strings.Contains(line, "Expires=") {
			t.Errorf("the cookie %q is shared or outlives the browser", line)
		}
	}
	token := b.cookies()["__Host-ateliers"]
	if len(token) < 22 {
		t.Errorf("token %q is short", token)
	}
	var kept int
	h.scan(&kept, `SELECT count(*) FROM sign_ins WHERE instr(token_hash, ?) OR instr(data, ?)`, token, token)
	if kept != 0 {
		t.Error("the token itself is in the database")
	}
}

// SEC-2: after signing out, disabling or a change of role the old cookies open nothing.
func TestOldCookiesAreDead(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *house, b *teamBrowser){
		"signed out": func(h *house, b *teamBrowser) {
			out := b.get("/equipe").doc.Find(`header form[action="/deconnexion"]`)
			if out.Length() != 1 {
				h.t.Fatal("no way out in the header")
			}
			a := b.post("/deconnexion", url.Values{"form_key": {out.Find("[name=form_key]").AttrOr("value", "")}}).leadsTo("/connexion")
			if len(b.cookies()) > 0 {
				h.t.Errorf("cookies %v are left: %q", b.cookies(), a.Header.Values("Set-Cookie"))
			}
		},
		"disabled": func(h *house, _ *teamBrowser) {
			h.must(h.web.Office.Disable(h.t.Context(), account.Command(), h.key(), h.users["staff@exemple.fr"]))
		},
		"other role": func(h *house, _ *teamBrowser) {
			h.must(h.web.Office.SetRole(h.t.Context(), account.Command(), h.key(), h.users["staff@exemple.fr"], account.Communication))
		},
		"12 hours": func(h *house, b *teamBrowser) {
			for range 30 { // never away for long
				h.clock.Advance(24 * time.Minute)
				b.get("/equipe")
			}
			h.clock.Advance(time.Minute)
		},
		"away for half an hour": func(h *house, _ *teamBrowser) { h.clock.Advance(31 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			b := h.member(account.Staff)
			b.get("/equipe").wants(http.StatusOK)
			thief := h.teamBrowser()
			site, _ := url.Parse(h.URL)
			thief.jar.SetCookies(site, b.jar.Cookies(site))
			thief.get("/equipe").wants(http.StatusOK)
			end(h, b)
			thief.get("/equipe").leadsTo("/connexion?suite=%2Fequipe")
		})
	}
}

// SEC-2: signing in gives a new id; the one before is worth nothing.
func TestSignInGivesANewID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	first := b.cookies()["__Host-ateliers"]
	h.clock.Advance(31 * time.Minute)
	b.signIn("staff@exemple.fr")
	if second := b.cookies()["__Host-ateliers"]; second == first || second == "" {
		t.Errorf("token %q after %q", second, first)
	}
	var live int
	h.scan(&live, `SELECT count(*) FROM sign_ins`)
	if live != 1 {
		t.Errorf("%d sign-ins are live, want 1", live)
	}
}

// SEC-3: reading keeps staff signed in, without a write; a facilitator's tablet may lie on the table.
func TestIdle(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	tablet := h.member(account.Facilitator)
	for range 4 {
		h.clock.Advance(20 * time.Minute)
		staff.get("/equipe").wants(http.StatusOK)
	}
	tablet.get("/connexion").leadsTo("/animation")
}

// SEC-22: a facilitator opens nothing of the desk.
func TestFacilitatorHasNoDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Facilitator)
	b.get("/equipe").wants(http.StatusForbidden).says("Votre compte ne permet pas cette action").hides("/equipe/")
}

// SEC-10: pages of the team are stored nowhere and found by nobody.
func TestTeamPagesArePrivate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, a := range map[string]*answer{
		"desk": h.member(account.Staff).get("/equipe"), "door": h.teamBrowser().get("/connexion"), "sent away": h.teamBrowser().get("/equipe"),
	} {
		for header, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow"} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s: %s = %q, want %q", name, header, got, want)
			}
		}
	}
}

// SEC-15: what other sites send is refused; what has no header at all is left to the cookie and the form's key.
func TestCrossSite(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, test := range map[string]struct {
		header http.Header
		want   int
	}{
		"cross-site":     {http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
		"same-site":      {http.Header{"Sec-Fetch-Site": {"same-site"}}, http.StatusForbidden},
		"foreign origin": {http.Header{"Origin": {"https://evil.example"}}, http.StatusForbidden},
		"null origin":    {http.Header{"Origin": {"null"}}, http.StatusForbidden},
		"same-origin":    {http.Header{"Sec-Fetch-Site": {"same-origin"}}, http.StatusSeeOther},
		"no header":      {nil, http.StatusSeeOther},
	} {
		t.Run(name, func(t *testing.T) {
			b := h.member(account.Staff)
			b.send(http.MethodPost, "/deconnexion", nil, test.header).wants(test.want)
			want := http.StatusSeeOther
			if test.want == http.StatusForbidden {
				want = http.StatusOK // still signed in
			}
			b.get("/equipe").wants(want)
		})
	}
}

func TestSafeNext(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/equipe":                          "/equipe",
		"/equipe/seances/3?vue=passees":    "/equipe/seances/3?vue=passees",
		"/animation/seances/12":            "/animation/seances/12",
		"/equipe?a=%0d%0aSet-Cookie:x":     "/equipe?a=%0d%0aSet-Cookie:x",
		"":                                 "",
		"/":                                "",
		"equipe":                           "",
		"/seances/3":                       "",
		"/connexion":                       "",
		"/equipement":                      "",
		"//evil.example":                   "",
		"//evil.example/equipe":            "",
		"///equipe":                        "",
		"/\\evil.example":                  "",
		"\\\\evil.example":                 "",
		"/equipe/..//evil.example":         "",
		"/equipe/../../evil":               "",
		"/equipe\\..\\evil":                "",
		"/equipe/%5c%5cevil":               "",
		"https:evil.example":               "",
		"https://evil.example/equipe":      "",
		"https:/equipe":                    "",
		"javascript:alert(1)":              "",
		"/equipe\r\nSet-Cookie: a=b":       "",
		"/equipe%0d%0aSet-Cookie:%20a=b":   "",
		"%0d%0a/equipe":                    "",
		"/equipe\t":                        "",
		"/%09/evil.example":                "",
		" /equipe":                         "",
		"/equipe#top":                      "",
		"//user@evil.example/equipe":       "",
		"/equipe/%2e%2e/%2e%2e//evil":      "",
		strings.Repeat("/equipe", 3) + "/": "",
	} {
		if got := safeNext(next); got != want {
			t.Errorf("safeNext(%q) = %q, want %q", next, got, want)
		}
	}
}

// A form that is sent after the sign-in has ended leads back to the page it was on, never to another site.
func TestSignInPathOfAForm(t *testing.T) {
	t.Parallel()
	for referer, want := range map[string]string{
		"https://ateliers.example/equipe/lieux/3": "/connexion?suite=%2Fequipe%2Flieux%2F3",
		"https://evil.example/equipe/lieux/3":     "/connexion",
		"":                                        "/connexion",
		"https://ateliers.example//evil.example":  "/connexion",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://ateliers.example/equipe/lieux/3", nil)
		r.Header.Set("Referer", referer)
		if got := signInPath(r); got != want {
			t.Errorf("from %q: %q, want %q", referer, got, want)
		}
	}
}
