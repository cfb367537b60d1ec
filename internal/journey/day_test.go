package journey

import (
	"testing"
	"unicode/utf8"

	"github.com/chromedp/chromedp"
)

// halfAMinute is how many signs somebody types in 30 seconds who types 30 words a minute.
const halfAMinute = 75

// TestKeyboardDay lets a child in, asks nothing twice, and ends the session, with the keyboard alone (UX-F6, F15; ACC-8): what
// has to be typed at the door takes half a minute.
func TestKeyboardDay(t *testing.T) {
	t.Parallel()
	d := newDemo(t, commonNow)
	k := keys{newTab(t, d, desk(1024, 768))}
	k.signIn(d.account(t, "facilitator", 0)).says(200)
	register := numbered("/animation/seances/:id", todaySession)
	k.open(register).says(200, "10 inscrits")
	k.to(`a[href$="/ajouter"]`).follow().says(200, "Ajouter un enfant")
	typed := 0
	for _, box := range [][2]string{{"first_name", "Łucja"}, {"last_name", "D'Artagnan-N'Guyen"}, {"birth_day", "3"}, {"birth_month", "9"}, {"birth_year", "2017"}, {"phone", "06 12 34 56 78"}} {
		k.to("#" + box[0])
		k.do(chromedp.KeyEvent(box[1]))
		typed += utf8.RuneCountInString(box[1]) + 1 // and Tab
	}
	if typed > halfAMinute {
		t.Errorf("%d signs are typed at the door, more than half a minute's %d (UX-F6)", typed, halfAMinute)
	}
	k.to(`main form .button`).follow().says(200, "Łucja D'Artagnan-N'Guyen", "À compléter par le responsable")
	k.open(register).says(200, "11 inscrits", "1 présent")

	k.to(`a[href$="/cloture"]`).follow().says(200, "1 enfant est encore là", "10 enfants ne sont pas pointés")
	k.to(`main .roster .do button`).follow().says(200, "10 enfants ne sont pas pointés")
	if inside := eval[bool](k.tab, `document.querySelector("main .roster li.present") !== null`); inside {
		t.Error("the child that left is still inside")
	}
	k.to(`main form[action$="/pointages"] button:not(.do button)`).follow().says(200, "Chaque enfant est parti ou noté absent")
	k.to(`main form[action$="/cloture"] button`).follow().says(200, "Séance close")
	k.to(`a[href="`+register+`"]`).follow().says(200, "Séance close le", "1 parti", "10 absents")
}
