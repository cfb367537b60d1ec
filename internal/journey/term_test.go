package journey

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// TestTerm is the work of a term as the team does it (issue 7), on a phone: a workshop of the programme of 2016 is planned every
// Wednesday outside the holidays of zone A, published with one opening, booked by families, one date is cancelled, the
// families of another get a message, and the bilan of the weeks is printed. Its figures are recomputed by plain SQL from bookings,
// marks and sessions. A second time nobody's browser runs a script, and all ends the same (UX-A10).
func TestTerm(t *testing.T) {
	t.Parallel()
	t.Run("with scripts", func(t *testing.T) {
		t.Parallel()
		term(t)
	})
	t.Run("without scripts", func(t *testing.T) {
		t.Parallel()
		term(t, withoutScripts)
	})
}

func term(t *testing.T, options ...tabOption) {
	d := newDemo(t, "2027-03-01T14:00:00+01:00")
	b := newTab(t, d, append(options, phone(390, 844))...)
	staff := d.account(t, "staff", 0)
	b.signIn(staff).says(200, "À faire d'abord", "places prises sur")

	// Every Wednesday of spring: two fall into the holidays, and are not ticked.
	b.press("Programme").press("Planifier des séances régulières").says(200, "Quels jours ?")
	workshop := eval[string](b, `[...document.querySelectorAll("[name=workshop] option")].find(o => o.textContent.includes("Robotique · Initiation")).value`)
	venue := eval[string](b, `[...document.querySelectorAll("[name=venue] option")].find(o => o.textContent.includes("zone A")).value`)
	b.fill(map[string]string{"workshop": workshop, "venue": venue, "weekdays": "3", "first_day": "2027-03-24", "last_day": "2027-05-12", "starts": "14:00", "ends": "15:30", "capacity": "3",
		"pricing": "series", "price": "50", "new_series": "Les mercredis de Łukasz"})
	b.send().says(200, "6 séances proposées", "mercredi 24 mars 2027", "Vacances de printemps, zone A")
	for day, want := range map[string]bool{"2027-03-31": true, "2027-04-07": false, "2027-04-14": false, "2027-04-21": true} {
		if ticked := eval[bool](b, `document.querySelector("[name=days][value=\"`+day+`\"]").checked`); ticked != want {
			t.Errorf("%s is ticked: %t", day, ticked)
		}
	}
	b.send().says(200, "Les séances sont prêtes", "6 séances")

	// One opening for all of them; before it nobody books.
	b.press("Publier").says(200)
	b.fill(map[string]string{"opens_date": "2027-03-02", "opens": "18:00"})
	b.send().says(200, "Les séances sont publiées", "Pas encore ouverte")
	held, cancelled := planned(t, d, "2027-04-21"), planned(t, d, "2027-05-12")
	if page := newVisitor(t, d).get("/seances/" + held); !strings.Contains(plain(page.Find("main").Text()), "mardi 2 mars") {
		t.Errorf("families are not told when it opens:\n%s", plain(page.Find("main").Text()))
	}
	d.moveClock(t, "2027-03-02T18:00:00+01:00")

	// Families fill it, by their own pages, which other journeys walk through.
	book := func(session string, f family, children ...child) {
		t.Helper()
		newVisitor(t, d).book(number(t, session), f, children...)
	}
	book(held, camille, zoe, lukasz)
	book(held, family{"李 伟", "li@exemple.fr", "+33 6 12 34 56 79"}, li)
	book(held, family{"علي محمد", "ali@exemple.fr", "06 12 34 56 70"}, ali) // who waits
	book(planned(t, d, "2027-04-28"), camille, zoe)
	book(cancelled, camille, zoe)
	b.signIn(staff) // a day later
	b.open("/equipe/seances/"+held).says(200, "3 sur 3", "1 enfant attend", "50 €")

	// One date falls out. The mail leaves when it can no more be taken back.
	b.open("/equipe/seances/"+cancelled).press("Annuler cette séance").says(200, "1 famille")
	b.fill(map[string]string{"reason": "La salle est en travaux."})
	b.load(chromedp.Click(chromedp.CSS("main form .button.danger"))).says(200, "Annulée par erreur ? Jusqu'à 18 h 10")
	told := func() int { return len(d.mails(t, "camille@exemple.fr")) }
	before := told()
	d.moveClock(t, "2027-03-02T18:09:00+01:00")
	if n := told(); n != before {
		t.Errorf("%d mails left while the date could be restored", n-before)
	}
	d.moveClock(t, "2027-03-02T18:11:00+01:00")
	if mails := d.mails(t, "camille@exemple.fr"); len(mails) != before+1 || !strings.Contains(mails[0].Subject, "annulée") {
		t.Errorf("mails after ten minutes: %v", subjects(mails))
	}
	if text := b.open("/equipe/seances/" + cancelled).text(); strings.Contains(text, "Annulée par erreur") {
		t.Error("the date can still be restored")
	}

	// A message to those who come to the first one.
	b.open("/equipe/messages/nouveau?seance=" + held).says(200)
	b.fill(map[string]string{"subject": "Mercredi, {{enfants}}", "body": "Bonjour {{responsable}},\n\napportez une gourde."})
	b.send().says(200, "apportez une gourde")
	b.load(chromedp.Click(chromedp.CSS(`button[value="send"]`))).says(200, "Mercredi")
	for _, to := range []string{"camille@exemple.fr", "li@exemple.fr"} {
		if mails := d.mails(t, to); len(mails) == 0 || !strings.HasPrefix(plain(mails[0].Subject), "Mercredi, ") {
			t.Errorf("mails to %s: %v", to, subjects(mails))
		}
	}

	// On the day two of three come; nobody closes the register, so that it closes by itself.
	d.moveClock(t, "2027-04-21T14:05:00+02:00")
	b.signIn(staff)
	b.open("/animation/seances/"+held).says(200, "0 présent")
	b.mark("Présent", "Zoé").says(200, "1 présent")
	b.mark("Présent", "小龙").says(200, "2 présents")
	d.moveClock(t, "2027-05-08T12:00:00+02:00")

	b.signIn(staff)
	const period = "?du=2027-04-01&au=2027-06-30"
	b.open("/equipe/bilan"+period).says(200, "séances")
	checkBilan(t, d, b)
	paper := pdfText(t, b.download(t, "/equipe/bilan.pdf"+period))
	for _, want := range []string{"Les Bricodeurs", "1er avril 2027", "30 juin 2027", "< 5"} {
		if !strings.Contains(plain(paper), want) {
			t.Errorf("the bilan on paper lacks %q:\n%s", want, paper)
		}
	}
	d.run(t, "verify")
}

// planned is the number of the session of a Wednesday of the term.
func planned(t *testing.T, d *demo, day string) string {
	t.Helper()
	for _, s := range d.sessions(t) {
		if s.Capacity == 3 && s.StartsAt.Format("2006-01-02") == day {
			return strconv.FormatInt(s.ID, 10)
		}
	}
	t.Fatalf("nothing is planned on %s", day)
	return ""
}

func number(t *testing.T, id string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkBilan holds the figures of the page against what plain SQL counts over the rows that they come from, and not over the facts that
// closing wrote.
func checkBilan(t *testing.T, d *demo, b *tab) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(d.data, "ateliers.db")+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	const held = ` FROM sessions s WHERE s.status = 'published' AND s.starts_at BETWEEN '2027-03-31T22' AND '2027-06-30T22' AND s.id IN (SELECT session_id FROM closings)`
	const seats = ` FROM sessions s JOIN bookings b ON b.session_id = s.id JOIN children c ON c.id = b.child_id
		LEFT JOIN participants p ON p.booking_id = b.id LEFT JOIN marks m ON m.participant_id = p.id AND m.action IN ('present', 'late')
		WHERE s.status = 'published' AND b.status = 'confirmed' AND s.starts_at BETWEEN '2027-03-31T22' AND '2027-06-30T22' AND s.id IN (SELECT session_id FROM closings)`
	var shown map[string]string
	figures := eval[string](b, `JSON.stringify(Object.fromEntries([...document.querySelectorAll(".figure-cards div")].map(div => [div.querySelector("dt").textContent.trim(), div.querySelector("dd b").textContent.trim()])))`)
	if err := json.Unmarshal([]byte(figures), &shown); err != nil {
		t.Fatal(err)
	}
	say := words.For(words.French)
	for label, want := range map[string]struct {
		query string
		write func(int) string
	}{
		"séances":                          {`SELECT count(*)` + held, say.Number},
		"présences":                        {`SELECT count(m.id)` + seats, say.Number},
		"enfants différents (tout public)": {`SELECT count(DISTINCT iif(m.id, c.name_folded || c.birth_date, NULL))` + seats, say.Number},
		"heures × enfants":                 {`SELECT sum(iif(m.id, unixepoch(s.ends_at) - unixepoch(s.starts_at), 0)) / 60` + seats, say.Duration},
		"places perdues sans prévenir":     {`SELECT count(*)` + seats + ` AND m.id IS NULL`, say.Number},
	} {
		var n int
		if err := db.QueryRow(want.query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 || plain(shown[label]) != plain(want.write(n)) {
			t.Errorf("the bilan says %q %s, the bookings %s", shown[label], label, want.write(n))
		}
	}
}
