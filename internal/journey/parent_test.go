package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// required lists the questions of a screen that must be answered, by the name of their field, and whether each has an
// answer already. A date or a name is one question.
const required = `[...document.querySelectorAll("main form [aria-required=true]")].map(e => e.closest("fieldset.date") || e)
	.filter((e, i, all) => all.indexOf(e) === i && e.checkVisibility())
	.map(e => {
		const field = e.matches("input, select, textarea") ? e : e.querySelector("input");
		const group = [...document.getElementsByName(field.name)];
		return { name: field.name, answered: field.type === "radio" ? group.some(f => f.checked) : field.value !== "" };
	})`

type question struct {
	Name     string
	Answered bool
}

// human counts what a person has to do.
type human struct {
	*tab
	screens, keys, taps int
	answers             []string // names of required questions that had to be answered
	asked               map[string]bool
}

func (h *human) arrive() {
	h.t.Helper()
	h.screens++
	for _, q := range eval[[]question](h.tab, required) {
		if !q.Answered && !h.asked[q.Name] {
			h.asked[q.Name] = true
			h.answers = append(h.answers, q.Name)
		}
	}
}

func (h *human) write(id, text string) {
	h.t.Helper()
	h.typeIn(id, text)
	h.keys += utf8.RuneCountInString(text)
	h.taps++
}

func (h *human) tick(name, value string) {
	h.t.Helper()
	h.choose(name, value)
	h.taps++
}

// effort is how long a person takes who types a key in 40 ms and reads a screen in 1.5 s (UX-P1).
func (h *human) effort() time.Duration {
	return time.Duration(h.keys)*40*time.Millisecond + time.Duration(h.screens)*1500*time.Millisecond + time.Duration(h.taps)*time.Second
}

// TestNewParent books the first child of a family that the site has never seen: at most 6 screens, 9 answers and three
// minutes, no account (UX-P1); then a family with a brother, who adds at most 3 answers (UX-P2).
func TestNewParent(t *testing.T) {
	t.Parallel()
	one := bookAsHuman(t, zoe)
	t.Logf("one child: %d screens, %d answers (%s), %s", one.screens, len(one.answers), strings.Join(one.answers, ", "), one.effort())
	if one.screens > 6 || len(one.answers) > 9 || one.effort() > 3*time.Minute {
		t.Error("UX-P1: that is too much")
	}
	two := bookAsHuman(t, zoe, lukasz)
	t.Logf("two children: %d screens, %d answers (%s), %s", two.screens, len(two.answers), strings.Join(two.answers, ", "), two.effort())
	if more := len(two.answers) - len(one.answers); more > 3 || two.effort() > 3*time.Minute {
		t.Errorf("UX-P2: a brother adds %d answers", more)
	}
	for _, name := range two.answers {
		if strings.Contains(name, "password") {
			t.Errorf("an account is asked for: %s", name)
		}
	}
}

func bookAsHuman(t *testing.T, children ...child) *human {
	t.Helper()
	h := &human{tab: newTab(t, common, phone(390, 844)), asked: map[string]bool{}}
	h.open(numbered("/seances/:id", bookSession)).says(200)
	h.screens++
	h.press("Réserver").says(200, "Qui participe ?")
	for n, c := range children {
		if n > 0 {
			h.press("Ajouter un")
			h.screens-- // the same screen, one child longer
		}
		h.arrive()
		for id, text := range c.fields(n + 1) {
			if eval[string](h.tab, "document.getElementById("+quoted(id)+").value") != text {
				h.write(id, text)
			}
		}
	}
	if names := h.cookies(); len(names) > len(children)-1 {
		t.Errorf("before the first form is sent there are the cookies %v (RGPD-12)", names)
	}
	h.send().says(200, "Santé et sécurité")
	h.arrive()
	for n := range children {
		h.tick(fmt.Sprintf("health_%d", n+1), "no")
		if n == 0 {
			h.tick("leaves_1", "me")
		}
	}
	h.send().says(200, "Vos coordonnées")
	h.arrive()
	h.write("name", "Agnès Łukasiewicz")
	h.write("email", fmt.Sprintf("agnes-%d@exemple.fr", len(children)))
	h.write("phone", "06 12 34 56 78")
	h.tick("emergency", "me")
	h.send().says(200, "Vérifiez")
	h.arrive()
	h.send().says(200, "C'est réservé pour Zoé")
	h.screens++
	return h
}

// TestOneSeatForTwo: with one seat left for two children the parent chooses; nothing is split silently (UX-P2).
func TestOneSeatForTwo(t *testing.T) {
	t.Parallel()
	const oneSeat = 7
	b := newTab(t, common, phone(390, 844))
	bookingOf(oneSeat)(b)
	b.fill(zoe.fields(1))
	b.press("Ajouter un")
	b.fill(lukasz.fields(2))
	b.send()
	b.fill(map[string]string{"health_1": "no", "leaves_1": "me", "health_2": "no", "leaves_2": "me"})
	b.send()
	b.fill(family{"Camille D'Artagnan", "deux@exemple.fr", "06 12 34 56 78"}.fields())
	b.send().says(200, "Il n'y a pas assez de places")
	if chosen := eval[int](b, `document.querySelectorAll("[name=if_full]:checked").length`); chosen != 0 {
		t.Error("an answer is chosen before the parent has")
	}
	if n := eval[int](b, `document.querySelectorAll("[name=if_full]").length`); n < 2 {
		t.Errorf("%d answers to choose from", n)
	}
	b.send().says(422)
	b.choose("if_full", "split")
	b.send().says(200, "C'est réservé pour Zoé", "Łukasz", "liste d'attente")
}

// TestChangeAnAnswer: the check page has a link beside each answer that says which one it changes, and going on from
// there leads straight back (UX-P7).
func TestChangeAnAnswer(t *testing.T) {
	t.Parallel()
	b := newTab(t, common, phone(390, 844))
	bookingOf(quietSession, zoe.fields(1), allergic, camille.fields())(b)
	b.says(200, "Vérifiez")
	check := b.path()
	const links = `[...document.querySelectorAll("dl.answers > div")].map(d => [d.querySelector("dt").textContent.trim(), d.querySelector("a").textContent.trim().replace(/\s+/g, " "), d.querySelector("a").getAttribute("href")])`
	list := eval[[][3]string](b, links)
	if len(list) < 9 {
		t.Fatalf("%d answers are listed", len(list))
	}
	names := map[string]bool{}
	for _, l := range list {
		if question, name := plain(l[0]), plain(l[1]); !strings.Contains(name, question) || names[name] {
			t.Errorf("the link %q beside %q", name, question)
		}
		names[plain(l[1])] = true
	}
	for _, l := range list {
		b.load(chromedp.Click(chromedp.CSS(`dl.answers a[href="` + l[2] + `"]`)))
		_, anchor, _ := strings.Cut(l[2], "#")
		if !eval[bool](b, `(e => e !== null && (e === document.activeElement || e.contains(document.activeElement) || e.getBoundingClientRect().top < innerHeight))(document.getElementById(`+quoted(anchor)+`))`) {
			t.Errorf("%s is not in sight after « %s »", anchor, l[1])
		}
		b.send()
		if b.path() != check {
			t.Fatalf("« %s », then going on, leads to %s", l[1], b.path())
		}
	}
	b.says(200, "Mamie Łucja", "9 ans le jour de la séance")
}

// TestBackAndReload: reloading, a bookmark, and Back followed by the same button lead to the same page of one booking
// (UX-P11).
func TestBackAndReload(t *testing.T) {
	t.Parallel()
	b := newTab(t, common, phone(390, 844))
	left := func() int {
		for _, s := range common.sessions(t) {
			if s.ID == 14 {
				return s.PlacesLeft
			}
		}
		t.Fatal("no session 14")
		return 0
	}
	before := left()
	bookingOf(14, child{"Zoé", "D'Artagnan-N'Guyen", "3", "9", "2014"}.fields(1), careful, family{"Camille D'Artagnan", "encore@exemple.fr", "06 12 34 56 78"}.fields())(b)
	sent := eval[string](b, `new URLSearchParams(new FormData(document.querySelector("main form"))).toString()`)
	b.send().says(200, "C'est réservé pour Zoé", "Référence", "samedi 15 mai 2027", "Espace Altnet", "apporter")
	booking := b.path()
	for _, link := range []string{"Ajouter à mon agenda", "Annuler ou modifier", "Imprimer"} {
		b.says(200, link)
	}
	b.reload().says(200, "C'est réservé pour Zoé")
	b.open(booking).says(200, "C'est réservé pour Zoé")

	// Back leads to the booking, or to the form as it was sent where a browser kept the page; the same form is sent again.
	run(b, chromedp.WaitEvent(page.FrameNavigated, nil, chromedp.Evaluate[chromedp.Void](`history.back(); undefined`)))
	if b.path() != booking && !strings.HasSuffix(b.path(), "/verification") {
		t.Fatalf("Back leads to %s", b.path())
	}
	b.load(chromedp.Evaluate[chromedp.Void](`(() => {
		const form = document.createElement("form");
		form.method = "post";
		form.action = "/inscription/14/verification";
		for (const [name, value] of new URLSearchParams(` + quoted(sent) + `)) {
			const field = document.createElement("input");
			field.type = "hidden"; field.name = name; field.value = value;
			form.append(field);
		}
		document.body.append(form);
		form.submit();
	})(); undefined`))
	if b.says(200, "C'est réservé pour Zoé"); b.path() != booking {
		t.Errorf("Back leads to %s, want %s", b.path(), booking)
	}
	for _, screen := range []string{"", "/sante", "/coordonnees", "/verification"} {
		if b.open("/inscription/14" + screen); b.path() != booking {
			t.Errorf("%s leads to %s", screen, b.path())
		}
	}
	if taken := before - left(); taken != 1 {
		t.Errorf("%d seats are taken, want 1", taken)
	}
	if mails := common.mails(t, "encore@exemple.fr"); len(mails) != 1 {
		t.Errorf("mails: %v", subjects(mails))
	}
}
