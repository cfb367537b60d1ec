package journey

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// dated are requests for which dates were proposed, made once: one that can still choose, one that chose, and one whose first
// option the second took.
var dated struct {
	once                sync.Once
	open, chosen, taken datedRequest
}

// How a request of dated stands.
type datedState int

const (
	datesOpen datedState = iota
	datesChosen
	datesTaken
)

// datedRequest is where its contact and the team find it, and a page to choose its first option.
type datedRequest struct{ status, desk, choose, session string }

// onDates opens a page of one of them: :status, :desk, :choose and :session lead to theirs. It takes somebody of the staff.
func onDates(state datedState, path string) func(*tab) {
	return func(b *tab) {
		dated.once.Do(func() {
			dated.open = proposeDates(b, []string{"2027-06-01", "2027-06-03"})
			dated.taken = proposeDates(b, []string{"2027-06-08", "2027-06-10"})
			dated.chosen = proposeDates(b, []string{"2027-06-08"})
			v := newTab(b.t, common, desk(1280, 800))
			v.open(dated.chosen.choose).says(200, "Choisir cette date ?")
			v.send().says(200, "La date est fixée")
			b.open(dated.chosen.desk).says(200, "Groupe")
			dated.chosen.session = eval[string](b, `document.querySelector("#dates .desk-list a").getAttribute("href")`)
		})
		r := map[datedState]datedRequest{datesOpen: dated.open, datesChosen: dated.chosen, datesTaken: dated.taken}[state]
		b.open(strings.NewReplacer(":status", r.status, ":desk", r.desk, ":choose", r.choose, ":session", r.session).Replace(path))
	}
}

// askers counts those who asked.
var askers atomic.Int32

// proposeDates asks as a visitor, and proposes a morning on each of these days as staff.
func proposeDates(b *tab, days []string) (r datedRequest) {
	b.t.Helper()
	v := newTab(b.t, common, desk(1280, 800))
	email := fmt.Sprintf("lucja.%d@exemple.fr", askers.Add(1)) // one mailbox asks five times an hour
	asking(library, merged(wished, map[string]string{"date_1": "1 juin 2027", "date_1_half": "morning", "place": "theirs"}), merged(asker, map[string]string{"email": email}))(v)
	r.status = v.send().says(200, "GRP-").path()
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

// TestKeyboardDates chooses a date, and asks for others, with Tab, Enter and Space (ACC-8).
func TestKeyboardDates(t *testing.T) {
	t.Parallel()
	r := proposeDates(memberTab(t, "staff", desk(1280, 800)), []string{"2027-06-15", "2027-06-17"})
	k := keys{newTab(t, common, desk(1280, 800))}
	k.open(r.status + "/autres-dates").says(200)
	k.to("main form .actions .button").follow().says(422)
	if at := k.focused(); at != "error-summary" {
		t.Errorf("after a mistake the focus is on %s", at)
	}
	k.to(".error-summary a")
	k.do(enter)
	if at := k.focused(); at != "period" {
		t.Errorf("the first link leads to %s", at)
	}
	k.open(r.status).says(200)
	k.to(".options a").follow().says(200, "Choisir cette date ?")
	k.to("main form .actions .button").follow().says(200, "La date est fixée")
	k.to("#dates .actions a").follow().says(200, "Une date est déjà fixée")
	k.to("#period")
	k.do(chromedp.KeyEvent("Plutôt le matin – Łucja"))
	k.to("main form .actions .button").follow().says(200, "Votre demande est partie")
}
