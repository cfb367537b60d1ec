package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Answers of the screens by which a library asks for a group workshop.
var (
	library = map[string]string{"kind": "library", "name": "Médiathèque « La Ruche »", "address": "3 place de la Paix", "postcode": "69100", "city": "Villeurbanne"}
	wished  = map[string]string{"workshop": "other", "wish": "Une conférence sur Ada", "level": "8 à 12 ans", "children": "24", "adults": "3", "date_1": "", "period": "un mardi de mars", "place": "ours"}
	asker   = map[string]string{"contact_name": "Łucja Nguyễn", "role": "Bibliothécaire", "email": "lucja@exemple.fr", "phone": "06 39 98 01 02", "funding": "unknown"}
)

// asking walks through the form, sending these answers one screen after the other.
func asking(forms ...map[string]string) func(*tab) {
	return func(b *tab) {
		b.open("/ecoles/demande")
		for _, form := range forms {
			b.fill(form)
			b.send()
		}
	}
}

// TestAskOnAPhone: a teacher finds the school and asks, on a phone, with a script and without (UX-S1), and reads how long
// what is asked is kept before sending it (RGPD-2).
func TestAskOnAPhone(t *testing.T) {
	t.Parallel()
	t.Run("with scripts", func(t *testing.T) {
		t.Parallel()
		askOnAPhone(t, func(b *tab) {
			eval[chromedp.Void](b, `window.stayed = true`)
			b.typeIn("q", "Lucioles")
			b.do(chromedp.Poll[chromedp.Void](`document.getElementById("trouves").textContent.includes("Lucioles")`, often))
			b.typeIn("q", "0350122t")
			b.do(chromedp.Poll[chromedp.Void](`document.getElementById("trouves").textContent.includes("0350122t")`, often))
			if !eval[bool](b, `window.stayed === true && document.activeElement.id === "q" && document.getElementById("trouves").getAttribute("role") === "status"`) {
				t.Error("the answer takes the focus, loads another page or is not told")
			}
		})
	})
	t.Run("without scripts", func(t *testing.T) {
		t.Parallel()
		askOnAPhone(t, func(b *tab) {
			b.typeIn("q", "lucioles baulon")
			b.press("Chercher").says(200, "1 établissement")
		}, withoutScripts)
	})
}

func askOnAPhone(t *testing.T, find func(*tab), options ...tabOption) {
	d := newDemo(t, "2027-03-01T14:00:00+01:00")
	b := newTab(t, d, append(options, phone(390, 664))...)
	b.open("/ecoles").says(200, "Quatre écrans")
	if names := b.cookies(); len(names) > 0 {
		t.Errorf("looking around gave the cookies %v (RGPD-12)", names)
	}
	b.press("Demander un atelier").says(200, "Qui demande l'atelier ?")
	if !eval[bool](b, `document.querySelector("main form .actions .button").getBoundingClientRect().bottom <= innerHeight`) {
		t.Error("one question, and its button is out of sight (UX-P18)")
	}
	b.choose("kind", "school")
	find(b)
	b.says(200, "Ecole primaire publique les Lucioles", "35580 Baulon")
	school := eval[string](b, `document.querySelector("[name=school]").value`)
	b.choose("school", school)
	b.send().says(200, "Étape 2 sur 4", "nous ne demandons aucun nom")
	b.choose("workshop", "other")
	b.typeIn("wish", "Une conférence sur Ada")
	b.typeIn("level", "CM1-CM2")
	b.typeIn("children", "24")
	b.typeIn("date_1", "1 juin 2027")
	b.choose("date_1_half", "morning")
	b.choose("place", "theirs")
	b.typeIn("room", "Une classe au rez-de-chaussée")
	b.send().says(200, "Étape 3 sur 4")
	b.typeIn("contact_name", "Zoé D'Artagnan-N'Guyen")
	b.typeIn("role", "Enseignante")
	b.typeIn("email", "zoe@exemple.fr")
	b.typeIn("phone", "06 39 98 01 02")
	b.choose("funding", "pass_culture")
	b.typeIn("adage", "ADAGE-42")
	b.send().says(200, "Étape 4 sur 4", "Ecole primaire publique les Lucioles", "mardi 1er juin 2027 (Matin)", "rez-de-chaussée", "ADAGE-42", "trois ans")
	b.press("Modifier : Nombre de jeunes").says(200, "Étape 2 sur 4")
	if room := b.value("room"); room != "Une classe au rez-de-chaussée" {
		t.Errorf("the room comes back as %q", room)
	}
	b.typeIn("children", "26")
	b.send().says(200, "Étape 4 sur 4", "26")
	b.send().says(200, "Votre demande est bien partie", "zoe@exemple.fr", "Ecole primaire publique les Lucioles", "Une conférence sur Ada")
	if path := b.path(); !strings.HasPrefix(path, "/demandes/GRP-") {
		t.Errorf("it leads to %s", path)
	}
	if sent := b.path(); b.open("/ecoles/demande/verification").path() != sent {
		t.Errorf("Back leads to %s", b.path())
	}
	b.open("/ecoles/demande").says(200, "Qui demande l'atelier ?") // another one
}

// TestKeyboardAsk asks with Tab, Enter, Space and arrows (ACC-8).
func TestKeyboardAsk(t *testing.T) {
	t.Parallel()
	k := keys{newTab(t, common, desk(1280, 800))}
	write := func(boxes ...[2]string) {
		for _, box := range boxes {
			k.to("#" + box[0])
			k.do(chromedp.KeyEvent(box[1]))
		}
	}
	k.open("/ecoles").says(200)
	k.to("main a.button").follow().says(200, "Qui demande")
	k.to("[name=kind]")
	k.hit(" ") // a school
	k.to("#q")
	k.do(chromedp.KeyEvent("lucioles baulon"))
	k.do(enter)
	k.do(chromedp.Poll[chromedp.Void](`document.querySelectorAll("[name=school]").length === 2 && document.getElementById("trouves").textContent.includes("baulon")`, often))
	k.to("[name=school]")
	k.hit(" ")
	k.to("main form .actions .button").follow().says(200, "Quel atelier")
	k.to("main form .actions .button").follow().says(422)
	if at := k.focused(); at != "error-summary" {
		t.Errorf("after mistakes the focus is on %s", at)
	}
	k.to(".error-summary a")
	k.do(enter)
	if at := k.focused(); at != "workshop" {
		t.Errorf("the first link leads to %s", at)
	}
	k.hit(" ")
	write([2]string{"level", "CE2"}, [2]string{"children", "30"}, [2]string{"date_1", "8/6/2027"})
	k.to("[name=date_1_half]")
	k.hit(kb.ArrowDown)
	k.to("[name=place]")
	k.hit(" ")
	k.to("main form .actions .button").follow().says(200, "joindre")
	write([2]string{"contact_name", "Agnès D'Artagnan"}, [2]string{"role", "Directrice"}, [2]string{"email", "clavier-groupe@exemple.fr"}, [2]string{"phone", "06 12 34 56 78"})
	k.to("[name=funding]")
	k.hit(kb.ArrowDown)
	k.to("main form .actions .button").follow().says(200, "Relisez", "mardi 8 juin 2027 (Après-midi)", "CE2")
	k.to("main form .actions .button").follow().says(200, "Ecole primaire publique les Lucioles")
}
