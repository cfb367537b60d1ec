package journey

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// TestSecondFactor sets up an app on a phone, enters with its code, and makes new recovery codes (SEC-5, ACC-1, UX-P18). The demo asks for no code, so
// that these pages are looked at here.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	who := account{email: "zoe@example.org", password: "girafe parapluie trompette"}
	add := exec.Command(binary, "user", "add", who.email, "--role", "facilitator", "--name", "Zoé D'Artagnan-N'Guyen", "--data", data)
	add.Env = append(add.Environ(), "ATELIERS_PASSWORD="+who.password)
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	d, err := start("serve", data)
	d.stopAfter(t, err)
	b := newTab(t, d, phone(390, 844))
	b.signIn(who).says(200, "Protéger votre accès", "Tapez cette clé")
	b.look()
	key := strings.ReplaceAll(eval[string](b, `document.querySelector("main b.code").textContent`), " ", "")
	// Each code is good once, and so the next is that of the step after.
	code := func(after time.Duration) map[string]string {
		code, err := totp.GenerateCode(key, time.Now().Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{"code": code}
	}
	b.fill(map[string]string{"code": "12"})
	b.send().says(422, "n'est pas le bon")
	b.fill(code(0))
	b.send().says(200, "Vos codes de secours", "ne s'afficheront plus")
	b.look()
	recovery := eval[string](b, `document.querySelector("main li.code").textContent`)
	b.press("Je les ai notés").says(200, "Aujourd'hui")
	b.open("/animation/compte").says(200, "Application de codes", "Il en reste 10")
	b.look()
	b.press("Quitter")
	b.signIn(who).says(200, "Votre code")
	b.look()
	b.fill(code(30 * time.Second))
	b.send().says(200, "Aujourd'hui")
	b.open("/animation/compte/application").says(200, "Changer d'application")
	b.look()
	b.open("/animation/compte/codes").says(200, "Faire d'autres codes")
	b.look()
	b.fill(map[string]string{"code": recovery})
	b.send().says(200, "Vos codes de secours")
}
