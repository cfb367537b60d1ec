package journey

import (
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// dated are requests of one organisation for which dates were proposed, made once: one that can still choose, and one that
// chose.
var dated struct {
	once         sync.Once
	open, chosen datedRequest
}

// datedRequest is where its contact and the team find it, and a page to choose its first option.
type datedRequest struct{ status, desk, choose, session string }

// onDates opens a page of one of them: :status, :desk, :choose and :session lead to theirs. It takes somebody of the staff.
func onDates(chosen bool, path string) func(*tab) {
	return func(b *tab) {
		dated.once.Do(func() {
			dated.open = proposeDates(b, []string{"2027-06-01", "2027-06-03"})
			dated.chosen = proposeDates(b, []string{"2027-06-08"})
			v := newTab(b.t, common, desk(1280, 800))
			v.open(dated.chosen.choose).says(200, "Choisir cette date ?")
			v.send().says(200, "La date est fixée")
			b.open(dated.chosen.desk).says(200, "Groupe")
			dated.chosen.session = eval[string](b, `document.querySelector("#dates .desk-list a").getAttribute("href")`)
		})
		r := dated.open
		if chosen {
			r = dated.chosen
		}
		b.open(strings.NewReplacer(":status", r.status, ":desk", r.desk, ":choose", r.choose, ":session", r.session).Replace(path))
	}
}

// proposeDates asks as a visitor, and proposes a morning on each of these days as staff.
func proposeDates(b *tab, days []string) (r datedRequest) {
	b.t.Helper()
	v := newTab(b.t, common, desk(1280, 800))
	asking(library, merged(wished, map[string]string{"date_1": "1 juin 2027", "date_1_half": "morning", "place": "theirs"}), asker)(v)
	r.status = v.send().path()
	reference := strings.Split(r.status, "/")[2]
	for n := 1; ; n++ {
		r.desk = fmt.Sprintf("/equipe/demandes/%d", n)
		if b.open(r.desk).says(200); strings.Contains(b.text(), reference) {
			break
		}
	}
	b.open(r.desk+"/dates").says(200, "Qui et quoi est libre")
	form := map[string]string{"workshop": "1", "venue": "theirs"}
	for i := range 3 {
		row := fmt.Sprint("_", i+1)
		form["date"+row], form["starts"+row], form["ends"+row] = "", "", ""
		if i < len(days) {
			form["date"+row], form["starts"+row], form["ends"+row] = days[i], "09:00", "11:30"
		}
	}
	b.fill(form)
	b.do(chromedp.Click(chromedp.CSS("[name=facilitator]")))
	b.load(chromedp.Click(chromedp.CSS(`form[action$="/dates"][method=post] .actions .button`))).says(200, "Attend une réponse")
	v.open(r.status).says(200, "Les dates")
	r.choose = eval[string](v, `document.querySelector(".options a").getAttribute("href")`)
	return r
}
