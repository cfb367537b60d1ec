package journey

import "testing"

// teen is 16 in the spring of the common demo.
var teen = child{"Zoé", "D'Artagnan-N'Guyen", "3", "9", "2010"}

// TestYoungPersonBooksAlone: on a phone, with scripts and without, a young person finds the way to book for themselves once their age is known, and answers three
// screens; their guardian gets a mail, and says the rest (domain, Family data 7; RGPD-6; PERF-6).
func TestYoungPersonBooksAlone(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]tabOption{
		"phone": {phone(390, 844)}, "without scripts": {phone(390, 844), withoutScripts},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own, guardian := "zoe-"+name[:5]+"@exemple.fr", "hong-"+name[:5]+"@exemple.fr"
			b := newTab(t, common, options...)
			bookingOf(advancedSession, teen.fields(1))(b)
			b.says(200, "Santé et sécurité", "C'est vous, Zoé")
			b.press("Je m'inscris moi-même").says(200, "Vous et une personne responsable", "Étape 2 sur 3")
			b.fill(map[string]string{"young_email": own, "name": "Nguyễn Thị Hồng", "phone": "06 12 34 56 79", "email": own})
			b.send().says(422, "pas la vôtre")
			b.fill(map[string]string{"email": guardian})
			b.send().says(200, "Vérifiez", "Étape 3 sur 3", own, guardian)
			b.send().says(200, "C'est réservé pour Zoé", "Une personne responsable de vous a reçu un message")

			copies := common.mails(t, own)
			if len(copies) != 1 {
				t.Fatalf("%d mails to the young person", len(copies))
			}
			b.open(common.link(t, copies[0], "/inscriptions/")).says(200, "C'est réservé pour Zoé")

			told := common.mails(t, guardian)
			if len(told) != 1 {
				t.Fatalf("%d mails to the guardian", len(told))
			}
			parent := newTab(t, common, options...)
			parent.open(common.link(t, told[0], "/inscriptions/")).says(200, "Compléter l'inscription de Zoé", "Zoé a fait cette inscription")
			parent.fill(map[string]string{"leaves": "alone", "health": "no"})
			parent.send().says(200, "Merci, c'est noté")
		})
	}
}
