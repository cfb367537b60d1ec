package journey

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// mistake is one field of a form filled in wrongly, all others rightly.
type mistake struct {
	what   string
	fields map[string]string
	target string // id of the field that the summary leads to
	says   string
}

func merged(forms ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, form := range forms {
		maps.Copy(all, form)
	}
	return all
}

func field(name, value string) map[string]string { return map[string]string{name: value} }

// TestMistakes makes each mistake of each form of a booking in turn: one summary that has the focus, a link that leads to
// the field, the same words beside it, a title that starts with « Erreur », and nothing typed lost (UX-P6, ACC-5).
func TestMistakes(t *testing.T) {
	t.Parallel()
	birth := func(day, month, year string) map[string]string {
		return map[string]string{"birth_1_day": day, "birth_1_month": month, "birth_1_year": year}
	}
	for _, form := range []struct {
		name     string
		show     func(*tab)
		right    map[string]string
		mistakes []mistake
	}{
		{"children", bookingOf(quietSession), zoe.fields(1), []mistake{
			{"no first name", field("first_name_1", ""), "first_name_1", "Zoé"},
			{"no last name", field("last_name_1", ""), "last_name_1", ""},
			{"no birth date", birth("", "", ""), "birth_1_day", ""},
			{"no month", birth("3", "", "2017"), "birth_1_month", ""},
			{"a day that does not exist", birth("31", "02", "2017"), "birth_1_day", "n'existe pas"},
			{"the future", birth("1", "1", "2030"), "", ""},
			{"a month in no language", birth("3", "brumaire", "2017"), "birth_1_month", ""},
			{"a year of two digits", birth("3", "9", "17"), "birth_1_year", ""},
		}},
		{"care", bookingOf(quietSession, zoe.fields(1)), careful, []mistake{
			{"no health", field("health_1", "-"), "health_1", ""},
			{"no way home", field("leaves_1", "-"), "leaves_1", ""},
			{"nobody named", field("leaves_1", "other"), "pickup_names_1", ""},
		}},
		{"contact", bookingOf(quietSession, zoe.fields(1), careful), camille.fields(), []mistake{
			{"no name", field("name", ""), "name", ""},
			{"no address", field("email", ""), "email", ""},
			{"half an address", field("email", "camille@"), "email", "@"},
			{"no phone", field("phone", ""), "phone", ""},
			{"letters for a phone", field("phone", "mon portable"), "phone", "06"},
			{"nobody to call", field("emergency", "-"), "emergency", ""},
			{"somebody without a name", map[string]string{"emergency": "other", "emergency_name": "", "emergency_phone": "06 12 34 56 70"}, "emergency_name", ""},
			{"somebody without a phone", map[string]string{"emergency": "other", "emergency_name": "Mamie Łucja", "emergency_phone": ""}, "emergency_phone", ""},
		}},
		{"organisation", asking(), library, []mistake{
			{"no kind", field("kind", "-"), "kind", ""},
			{"no name", field("name", ""), "name", ""},
			{"an advertisement", field("name", "Gagnez sur www.x.test"), "name", "adresse de site"},
			{"no street", field("address", ""), "address", ""},
			{"a postcode of letters", field("postcode", "Lyon"), "postcode", "69001"},
			{"no city", field("city", ""), "city", ""},
			{"no school", field("kind", "school"), "school", "Cherchez"},
		}},
		{"group", asking(library), wished, []mistake{
			{"no workshop", field("workshop", "-"), "workshop", ""},
			{"no wish", field("wish", ""), "wish", ""},
			{"no level", field("level", ""), "level", "CM1"},
			{"no children", field("children", "0"), "children", "500"},
			{"an army of adults", field("adults", "1000"), "adults", "100"},
			{"a day that does not exist", field("date_1", "31/02/2028"), "date_1", "n'existe pas"},
			{"a past date", map[string]string{"date_1": "1/3/2016", "date_1_half": "day"}, "date_1", "passée"},
			{"no half of the day", map[string]string{"date_1": "1/3/2028", "date_1_half": "-"}, "date_1_half", ""},
			{"neither date nor period", field("period", ""), "date_1", "période"},
			{"no place", field("place", "-"), "place", ""},
		}},
		{"asker", asking(library, wished), asker, []mistake{
			{"no name", field("contact_name", ""), "contact_name", ""},
			{"no role", field("role", ""), "role", ""},
			{"half an address", field("email", "lucja@"), "email", "@"},
			{"letters for a phone", field("phone", "le standard"), "phone", "06"},
			{"nobody pays", field("funding", "-"), "funding", ""},
		}},
		{"check", bookingOf(quietSession, zoe.fields(1), allergic, camille.fields()), nil, []mistake{
			{"health without consent", field("health_text_1", "Arachides"), "health_consent_1", ""},
		}},
	} {
		t.Run(form.name, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, common, phone(390, 844))
			form.show(b)
			for _, m := range form.mistakes {
				typed := merged(form.right, m.fields)
				b.fill(typed)
				b.send()
				b.checkMistake(m)
				for name, value := range typed {
					if got := b.value(name); got != value && value != "-" {
						t.Errorf("%s: %s = %q, want %q as it was typed", m.what, name, got, value)
					}
				}
			}
		})
	}
}

// value is what a field of the page holds; empty where no answer is chosen.
func (b *tab) value(name string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`(all => all[0].type === "radio" || all[0].type === "checkbox" ? (all.find(f => f.checked) || { value: "" }).value : all[0].value)([...document.getElementsByName(%s)])`, quoted(name)))
}

// checkMistake looks at a page that came back with one mistake.
func (b *tab) checkMistake(m mistake) {
	b.t.Helper()
	b.says(422)
	if title := b.title(); !strings.HasPrefix(title, "Erreur") {
		b.t.Errorf("%s: the title is %q", m.what, title)
	}
	if at := b.focused(); at != "error-summary" {
		b.t.Errorf("%s: the focus is on %s", m.what, at)
	}
	eval[chromedp.Void](b, "window.checks = "+pageScript+"; undefined")
	for _, wrong := range eval[[]string](b, "window.checks.errors()") {
		b.t.Errorf("%s: %s", m.what, wrong)
	}
	links := eval[[][2]string](b, `[...document.querySelectorAll(".error-summary a")].map(a => [a.getAttribute("href"), a.textContent.trim()])`)
	if len(links) != 1 {
		b.t.Errorf("%s: the summary has %d links: %v", m.what, len(links), links)
		return
	}
	target, text := strings.TrimPrefix(links[0][0], "#"), plain(links[0][1])
	if m.target != "" && target != m.target || !strings.Contains(text, m.says) {
		b.t.Errorf("%s: the summary leads to %s and says %q, want %s and %q", m.what, target, text, m.target, m.says)
	}
	b.do(chromedp.Click(chromedp.CSS(".error-summary a")))
	if at := b.focused(); at != target {
		b.t.Errorf("%s: the link leads to %s, want %s", m.what, at, target)
	}
	if !eval[bool](b, `document.activeElement.checkVisibility() && document.activeElement.getBoundingClientRect().bottom <= innerHeight`) {
		b.t.Errorf("%s: the field is out of sight", m.what)
	}
}
