package journey

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// canaries are what the family of this test is told by.
var canaries = []string{"Kanarienvogel", "kanarienvogel", "06 98 76 54 32", "0698765432", "Arachidenallergie", "2018-03-17", "PapiKanari"}

// foundIn are the canaries that are in a text.
func foundIn(text []byte) (found []string) {
	for _, canary := range canaries {
		if bytes.Contains(text, []byte(canary)) {
			found = append(found, canary)
		}
	}
	return found
}

// RGPD-7, RGPD-8: on a phone, a parent books, comes back by a link, takes everything away, asks to erase it and does so from the
// mailbox. Afterwards nothing of the family is in any file of the data folder, nor in what the server printed, nor in the outbox.
func TestExportThenErase(t *testing.T) {
	t.Parallel()
	d, err := startDemo(t.TempDir(), "2027-03-01T14:00:00+01:00")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.cmd.Process.Kill() }) // it is stopped below, unless something fails before
	b := newTab(t, d, phone(390, 844))
	f := family{"Madame Kanarienvogel", "kanarienvogel@exemple.fr", "06 98 76 54 32"}
	child := child{"Zoé", "Kanarienvogel", "17", "3", "2018"}
	b.toCheck(bookSession, f, child)
	b.send().says(200, "C'est réservé pour Zoé")

	b.open(b.mailedLink(f.email))
	b.send().says(200, "Mon espace")
	for strings.Contains(b.text(), "Inscriptions faites avec votre adresse") {
		b.open("/compte/reconnaitre").press("C'est bien moi")
		b.open("/compte")
	}
	b.says(200, "Vos données", "si vous ne revenez pas")
	b.press("Voir, prendre ou effacer vos données").says(200, "Télécharger mes données")
	file, err := os.ReadFile(b.download(t, "/compte/donnees/copie"))
	if err != nil {
		t.Fatal(err)
	}
	if found := foundIn(file); len(found) < 4 {
		t.Errorf("the copy knows only %q", found)
	}
	if found := inFiles(t, d); len(found) < 4 {
		t.Fatalf("only %q are in the files, the test looks at the wrong ones", found)
	}

	b.press("Voir ce qui disparaîtrait").says(200, "Rien n'est effacé maintenant", "Zoé", "inscription à venir est annulée")
	b.press("Recevoir le mail").says(200, "Regardez votre messagerie")
	b.open(d.link(t, d.mails(t, f.email)[0], "/effacement/"))
	b.says(200, "Tout effacer ?", "Zoé")
	b.press("Tout effacer").says(200, "C'est effacé")
	if last := d.mails(t, f.email)[0]; last.Subject != "C'est effacé" || len(foundIn([]byte(last.Text))) > 0 {
		t.Errorf("the last mail: %q\n%s", last.Subject, last.Text)
	}
	b.open("/compte").says(200, "Écrivez l'adresse e-mail de vos inscriptions")

	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	if found := inFiles(t, d); len(found) != 0 {
		t.Errorf("still in the files: %q", found)
	}
	if found := foundIn([]byte(d.output())); len(found) != 0 {
		t.Errorf("the log knows %q", found)
	}
	if out := ateliers(t, d.data, "verify"); out != "no breach\n" {
		t.Errorf("verify: %s", out)
	}
}

// inFiles are the canaries in any file of the data folder.
func inFiles(t *testing.T, d *demo) (found []string) {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(d.data, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		all = append(all, raw...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return foundIn(all)
}
