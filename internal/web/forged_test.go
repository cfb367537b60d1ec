package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// changes are the routes that are not read-only, each with somebody who may use it and the object they may use it on.
func (w *accessWorld) changes(t *testing.T) (all []forgeable) {
	t.Helper()
	for _, rule := range readAccess(t) {
		if rule.route.Method == http.MethodGet {
			continue
		}
		object := rule.objects()[0]
		for i, who := range slices.Backward(w.people) {
			turnedAway := i < 3 && isTeamRoute(rule.route) || i != 1 && i != 2 && strings.HasPrefix(rule.route.Path, "/compte")
			if want := rule.want[object]; i < len(want) && want[i] < 400 && !turnedAway {
				all = append(all, forgeable{rule, object, who})
				break
			}
		}
	}
	if len(all) < 10 {
		t.Fatalf("only %d changes are known", len(all))
	}
	return all
}

type forgeable struct {
	accessRule
	object string
	who    person
}

// send posts the form of a change as it should be, but for some headers and the body, and takes back what it changed.
// changed tells whether it did.
func (w *accessWorld) send(t *testing.T, f forgeable, header http.Header, body func(string) string) (a *answer, changed bool) {
	t.Helper()
	path, err := w.fill(f.route.Path, f.object, f.who)
	if err != nil {
		t.Fatal(err)
	}
	form, err := w.form(f.form, f.object, f.who, w.cookieOf(f.route))
	if err != nil {
		t.Fatal(err)
	}
	before := w.state()
	a = w.askBody(f.route.Method, path, body(form.Encode()), header, f.who)
	changed = w.state() != before
	if changed {
		w.restore()
	}
	return a, changed
}

func asIs(body string) string { return body }

// TestOtherSitesChangeNothing sends every change as another site would make a browser send it, and as our own
// pages and programs without a browser do (SEC-15).
func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	w := newAccessWorld(t)
	for _, f := range w.changes(t) {
		for _, c := range []struct {
			name    string
			header  http.Header
			refused bool
		}{
			{"cross-site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, true},
			{"same-site", http.Header{"Sec-Fetch-Site": {"same-site"}}, true},
			{"cross-site with our Origin", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {w.URL}}, true},
			{"foreign Origin", http.Header{"Origin": {"https://evil.example"}}, true},
			{"Origin null", http.Header{"Origin": {"null"}}, true},
			{"same-origin", http.Header{"Sec-Fetch-Site": {"same-origin"}}, false},
			{"our Origin alone", http.Header{"Origin": {w.URL}}, false},
			{"no header", nil, false},
		} {
			a, changed := w.send(t, f, c.header, asIs)
			if refused := a.Status == http.StatusForbidden; refused != c.refused {
				t.Errorf("%s, %s = %d", a.what, c.name, a.Status)
			}
			if c.refused && changed {
				t.Errorf("%s, %s, changed something", a.what, c.name)
			}
		}
	}
}

// TestFormsWithoutTheirKeyChangeNothing: the second layer of SEC-15. Forms that name a key in access.txt need it, made
// for them and for this browser.
func TestFormsWithoutTheirKeyChangeNothing(t *testing.T) {
	t.Parallel()
	w := newAccessWorld(t)
	for _, f := range w.changes(t) {
		if !strings.Contains(f.form, "key=") {
			continue
		}
		other := f
		other.form = strings.NewReplacer("key=", "was=").Replace(f.form) + "&key=other-purpose"
		none := f
		none.form = strings.NewReplacer("key=", "was=").Replace(f.form)
		for name, g := range map[string]forgeable{"another form's key": other, "no key": none} {
			if a, changed := w.send(t, g, nil, asIs); changed || a.Status < 300 {
				t.Errorf("%s, %s = %d, changed %t", a.what, name, a.Status, changed)
			}
		}
	}
}

// TestBrokenFormsAreRefusedWithAPage: what is not a form, too large or cut off gets a page of the house with a status
// of the caller's fault, and changes nothing (SEC-29).
func TestBrokenFormsAreRefusedWithAPage(t *testing.T) {
	t.Parallel()
	w := newAccessWorld(t)
	const form = "application/x-www-form-urlencoded"
	for _, f := range w.changes(t) {
		if f.form == "" {
			continue // sends nothing, and so reads nothing
		}
		for _, c := range []struct {
			name, contentType string
			body              func(string) string
			status            int
		}{
			{"JSON", "application/json", func(string) string { return `{"role":"admin"}` }, 422},
			{"no content type", "", asIs, 422},
			{"broken multipart", "multipart/form-data; boundary=x", func(string) string { return "--x\r\nContent-Disposition: form-data; name=\"a" }, 422},
			{"half an escape", form, func(body string) string { return body + "&a=%z" }, 422},
			{"a body that is too large", form, func(body string) string { return body + "&a=" + strings.Repeat("x", maxBody) }, 413},
		} {
			a, changed := w.send(t, f, http.Header{"Content-Type": {c.contentType}}, c.body)
			if a.Status == http.StatusSeeOther && !changed && strings.HasPrefix(f.route.Path, "/inscription/:id/") {
				continue // sent back to the first screen, unread
			}
			if a.Status != c.status || changed || !strings.Contains(a.Body, "</html>") {
				t.Errorf("%s, %s = %d, want %d; changed %t", a.what, c.name, a.Status, c.status, changed)
			}
		}
	}
}

// TestUnknownFieldsChangeNothing: what a form does not ask for is not taken (SEC-22).
func TestUnknownFieldsChangeNothing(t *testing.T) {
	t.Parallel()
	w := newAccessWorld(t)
	b := w.browser()
	b.client.Transport = w.Client().Transport
	extra := values("role", "admin", "status", "cancelled", "state", "cancelled", "price_cents", "0", "capacity", "99", "family_id", "1",
		"guardian_id", "1", "proved_at", "2026-05-04T12:00:00Z", "reference", "ADA-22222222", "session_id", "2", "id", "2", "override_reason", "x")
	session := w.things["X"]["session"]
	page := b.get("/inscription/" + session)
	page = b.post(page.path, page.fill("", merged(zoe, values("first_name_1", "Łukasz"), extra)))
	page = b.post(page.path, page.fill("", merged(careful, extra)))
	page = b.post(page.path, page.fill("", merged(contact, values("email", "mass@exemple.fr"), extra)))
	page = b.post(page.path, page.fill("", extra)).want(200, "C'est réservé pour Łukasz")
	if n := w.count(`SELECT count(*) FROM bookings b JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
		WHERE b.session_id = ? AND b.status = 'confirmed' AND b.override_by IS NULL AND g.reference <> 'ADA-22222222'
		AND p.email = 'mass@exemple.fr' AND p.proved_at IS NULL AND p.id > 2`, session); n != 1 {
		t.Errorf("%d bookings as they should be, want 1", n)
	}
	if n := w.count(`SELECT count(*) FROM sessions WHERE request_id IS NULL AND (price_cents <> 1400 OR capacity <> 8 OR status <> 'published')`); n != 0 {
		t.Errorf("%d sessions changed", n)
	}
}
