package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestDesk plans a session from an empty form to a hand-over, as staff do at a laptop, with scripts and without, and ends
// the same (PERF-6).
func TestDesk(t *testing.T) {
	t.Parallel()
	t.Run("with scripts", func(t *testing.T) {
		t.Parallel()
		planSession(t)
	})
	t.Run("without scripts", func(t *testing.T) {
		t.Parallel()
		planSession(t, withoutScripts)
	})
}

func planSession(t *testing.T, options ...tabOption) {
	d := newDemo(t, "2027-03-01T14:00:00+01:00")
	b := newTab(t, d, append(options, desk(1280, 800))...)
	staff := d.account(t, "staff", 0)
	b.signIn(staff).says(200)
	b.open("/equipe/ateliers/nouveau").says(200)
	b.fill(map[string]string{"title": "Cartes perforées", "level": "Initiation", "discipline": "code", "min_age": "8", "max_age": "12",
		"summary": "J'ai programmé un métier à tisser.", "duration": "90", "capacity": "1", "price": "14"})
	b.send().says(200, "Cartes perforées")
	b.open("/equipe/seances/nouvelle").says(200)
	workshop := eval[string](b, `[...document.querySelectorAll("[name=workshop] option")].find(o => o.textContent.includes("Cartes perforées")).value`)
	venue := eval[string](b, `[...document.querySelectorAll("[name=venue] option")].find(o => o.value).value`)
	b.fill(map[string]string{"workshop": workshop, "venue": venue, "date": "2027-05-12", "starts": "18:00", "ends": "19:30", "capacity": "1"})
	b.send().says(200, "Cartes perforées", "mercredi 12 mai 2027")
	session := b.path()

	// Nobody sees a draft.
	public := strings.Replace(session, "/equipe", "", 1)
	if status := newVisitor(t, d).get(public).status; status != 404 {
		t.Errorf("a draft answers %d", status)
	}
	b.press("Publier").says(200, "Cartes perforées")
	parent := newTab(t, d, append(options, phone(390, 844))...)
	parent.open(public).says(200, "Il reste 1 place", "J'ai programmé un métier à tisser.")

	// Two families; then one more seat, which goes to the list.
	var id int64
	for _, s := range d.sessions(t) {
		if s.Title == "Cartes perforées" {
			id = s.ID
		}
	}
	newVisitor(t, d).book(id, camille, zoe)
	newVisitor(t, d).book(id, family{"علي محمد", "ali@exemple.fr", "06 12 34 56 70"}, child{"علي", "محمد", "24", "12", "2018"})
	b.open(session).says(200, "Zoé D'Artagnan-N'Guyen", "علي محمد")
	b.press("Modifier").says(200)
	b.fill(map[string]string{"capacity": "2"})
	b.send().says(200)
	if mails := d.mails(t, "ali@exemple.fr"); len(mails) != 2 || !strings.Contains(mails[0].Subject, "libérée") {
		t.Errorf("mails to who waits: %v", subjects(mails))
	}

	// Who leads it, and the way out.
	person := eval[string](b, `[...document.querySelectorAll("[name=facilitator] option")].find(o => o.textContent.includes("Łukasz")).value`)
	b.fill(map[string]string{"facilitator": person})
	b.press("Ajouter à l'animation").says(200, "Łukasz Wiśniewski")
	b.press("Annuler cette séance").says(200, "2 familles")
	b.load(chromedp.Click(chromedp.CSS("main form .button.danger"))).says(200, "Annulée")
	d.moveClock(t, "2027-03-01T14:15:00+01:00") // cancelling can be taken back for ten minutes
	if mails := d.mails(t, "camille@exemple.fr"); len(mails) != 2 || !strings.Contains(mails[0].Subject, "annulée") {
		t.Errorf("mails to who had booked: %v", subjects(mails))
	}
	b.press("Quitter").says(200)
	if b.open(session).path() != "/connexion" {
		t.Errorf("after signing out %s is open", b.path())
	}
	d.run(t, "verify")
}

// TestButtonInSight: on a screen with one question its button shows without rolling (UX-P18).
func TestButtonInSight(t *testing.T) {
	t.Parallel()
	for name, show := range map[string]func(*tab){
		"cancel one child": on(single, "/annuler"),
		"accept a seat":    on(offered, ""),
		"type a code":      at("/attestations"),
		"the team's door":  at("/connexion"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, common, phone(390, 664))
			show(b)
			eval[chromedp.Void](b, "window.checks = "+pageScript+"; undefined")
			for _, wrong := range eval[[]string](b, "window.checks.buttonInSight()") {
				t.Errorf("%s: %s", b.path(), wrong)
			}
		})
	}
}
