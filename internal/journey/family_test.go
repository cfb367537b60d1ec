package journey

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// child is a child as a parent types them.
type child struct{ first, last, day, month, year string }

var (
	zoe    = child{"Zoé", "D'Artagnan-N'Guyen", "3", "9", "2017"}
	lukasz = child{"Łukasz", "Nguyễn", "12", "février", "2018"}
	li     = child{"李", "小龙", "1", "1", "2019"}
	ali    = child{"علي", "محمد", "24", "12", "2018"}
)

// family is a guardian and how they are reached.
type family struct{ name, email, phone string }

func (f family) fields() map[string]string {
	return map[string]string{"name": f.name, "email": f.email, "phone": f.phone, "emergency": "me"}
}

// fields are the boxes of the nth child on the first screen.
func (c child) fields(n int) map[string]string {
	at := func(box string) string { return fmt.Sprintf(box, n) }
	return map[string]string{
		at("first_name_%d"): c.first, at("last_name_%d"): c.last,
		at("birth_%d_day"): c.day, at("birth_%d_month"): c.month, at("birth_%d_year"): c.year,
	}
}

// visitor is a browser without a screen: for families who only have to be there.
type visitor struct {
	t      *testing.T
	demo   *demo
	client http.Client
}

func newVisitor(t *testing.T, d *demo) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, demo: d, client: http.Client{Jar: jar}}
}

// reply is a page that came back.
type reply struct {
	*goquery.Document
	status int
	path   string
}

func (v *visitor) get(path string) reply {
	v.t.Helper()
	res, err := v.client.Get(v.demo.url + path)
	return v.read(res, err)
}

func (v *visitor) read(res *http.Response, err error) reply {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		v.t.Fatal(err)
	}
	return reply{doc, res.StatusCode, res.Request.URL.Path}
}

// send sends the form of a page that goes to action, as a browser would, with some fields changed.
func (v *visitor) send(page reply, action string, changes ...map[string]string) reply {
	v.t.Helper()
	form := page.Find("main form").FilterFunction(func(_ int, f *goquery.Selection) bool {
		return strings.HasSuffix(f.AttrOr("action", ""), action)
	}).First()
	if form.Length() == 0 {
		v.t.Fatalf("%s has no form to %s:\n%s", page.path, action, plain(page.Find("main").Text()))
	}
	values := url.Values{}
	form.Find("input, textarea, select").Each(func(_ int, field *goquery.Selection) {
		kind := field.AttrOr("type", "")
		if _, checked := field.Attr("checked"); (kind == "radio" || kind == "checkbox") && !checked {
			return
		}
		value := field.AttrOr("value", "")
		if field.Is("textarea") {
			value = strings.TrimPrefix(field.Text(), "\n")
		}
		values.Set(field.AttrOr("name", ""), value)
	})
	for _, change := range changes {
		for name, value := range change {
			values.Set(name, value)
		}
	}
	res, err := v.client.PostForm(v.demo.url+form.AttrOr("action", ""), values)
	return v.read(res, err)
}

// toCheck walks to the last screen of a booking.
func (v *visitor) toCheck(sessionID int64, f family, children ...child) reply {
	v.t.Helper()
	id := strconv.FormatInt(sessionID, 10)
	page := v.get("/inscription/" + id)
	care := map[string]string{}
	for n := range children {
		if n > 0 {
			page = v.send(page, "/"+id, map[string]string{"do": "add"})
		}
		care["health_"+strconv.Itoa(n+1)], care["leaves_"+strconv.Itoa(n+1)] = "no", "me"
	}
	boxes := map[string]string{}
	for n, c := range children {
		for name, value := range c.fields(n + 1) {
			boxes[name] = value
		}
	}
	page = v.send(page, "/"+id, boxes)
	page = v.send(page, "/sante", care)
	page = v.send(page, "/coordonnees", f.fields())
	if !strings.HasSuffix(page.path, "/verification") {
		v.t.Fatalf("the booking stops at %s:\n%s", page.path, plain(page.Find("main").Text()))
	}
	return page
}

// book books children, or joins the waiting list where the session is full, and returns the page of the booking.
func (v *visitor) book(sessionID int64, f family, children ...child) reply {
	v.t.Helper()
	page := v.toCheck(sessionID, f, children...)
	page = v.send(page, "/verification", map[string]string{"if_full": "wait"})
	if page.status != http.StatusOK || !strings.HasPrefix(page.path, "/inscriptions/") {
		v.t.Fatalf("the booking is not taken: %s, %d\n%s", page.path, page.status, plain(page.Find("main").Text()))
	}
	return page
}

// fillUp books every seat that is left of a session.
func (d *demo) fillUp(t *testing.T, id int64) {
	t.Helper()
	for _, s := range d.sessions(t) {
		if s.ID != id {
			continue
		}
		for n := 0; n < s.PlacesLeft; {
			var children []child
			for ; n < s.PlacesLeft && len(children) < 6; n++ {
				children = append(children, child{"Enfant " + string(rune('A'+n)), "Nguyễn", "1", "6", strconv.Itoa(s.StartsAt.Year() - s.MinAge - 1)})
			}
			newVisitor(t, d).book(id, family{"Anna Kowalczyk", fmt.Sprintf("remplit-%d-%d@exemple.fr", id, n), "06 39 98 12 34"}, children...)
		}
		return
	}
	t.Fatalf("there is no coming session %d", id)
}
