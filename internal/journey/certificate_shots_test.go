package journey

import (
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// takenBack is a certificate that was revoked: once for all shots, since it cannot be done twice.
type takenBack struct {
	once   sync.Once
	public string // its page for everybody
	again  string // where another is issued
}

// Of the past session, and of its series.
var revokedOne, revokedSeries takenBack

// mayRevoke leads to revoking the first certificate of a list that stands.
const mayRevoke = `.given a.button[href$="/annuler"]`

// mayLook leads to the same page for the last of a list, which no shot revokes: shots run side by side.
const mayLook = `.given li:last-child a.button[href$="/annuler"]`

// revoke takes back the first certificate of a list.
func (x *takenBack) revoke(b *tab, list string) {
	x.once.Do(func() {
		b.open(list)
		x.public = eval[string](b, `document.querySelector('`+mayRevoke+`').closest("li").querySelector("a.num").getAttribute("href")`)
		b.load(chromedp.Click(chromedp.CSS(mayRevoke)))
		x.again = strings.TrimSuffix(b.path(), "/annuler") + "/refaire"
		b.fill(map[string]string{"reason": "Nom mal écrit : Łukasz D'Artagnan-N'Guyen"})
		b.send()
	})
}

// passportOf opens what the children of a family of the demo have done, by the mail about their certificates.
func passportOf(email string) func(*tab) {
	return func(b *tab) {
		for _, m := range common.mails(b.t, email) {
			if strings.Contains(m.Subject, "attestation") {
				b.open(common.link(b.t, m, "/passeport/"))
				return
			}
		}
		b.t.Fatalf("%s was told of no certificate", email)
	}
}

// certificateShots are the pages of certificates, of series and of passports.
func certificateShots() []shot {
	list, series := numbered("/animation/seances/:id/attestations", pastSession), numbered("/animation/cycles/:id", 1)
	noReason := func(from string) func(*tab) {
		return func(b *tab) {
			follow(from, mayLook)(b)
			b.send()
		}
	}
	after := func(x *takenBack, list string, open func() string) func(*tab) {
		return func(b *tab) {
			x.revoke(b, list)
			b.open(open())
		}
	}
	return []shot{
		{route: "/attestations/:code", state: "revoked", role: "staff", show: after(&revokedOne, list, func() string { return revokedOne.public })},
		{route: "/attestations/:code", state: "of a series", role: "staff", show: follow(series, `.given li:has(`+strings.TrimPrefix(mayRevoke, ".given ")+`) a.num`)},
		{route: "/animation/seances/:id/attestations", state: "one revoked", role: "staff", show: after(&revokedOne, list, func() string { return list })},
		{route: "/animation/seances/:id/attestations/:attestation/annuler", role: "staff", show: follow(list, mayLook)},
		{route: "/animation/seances/:id/attestations/:attestation/annuler", state: "no reason", role: "staff", show: noReason(list), status: 422},
		{route: "/animation/seances/:id/attestations/:attestation/refaire", role: "staff", show: after(&revokedOne, list, func() string { return revokedOne.again })},
		{route: "/animation/cycles/:id", role: "staff", show: at(series)},
		{route: "/animation/cycles/:id/attestations/papier", role: "staff", show: at(series + "/attestations/papier")},
		{route: "/animation/cycles/:id/attestations/:attestation/annuler", role: "staff", show: follow(series, mayLook)},
		{route: "/animation/cycles/:id/attestations/:attestation/annuler", state: "no reason", role: "staff", show: noReason(series), status: 422},
		{route: "/animation/cycles/:id/attestations/:attestation/refaire", role: "staff", show: after(&revokedSeries, series, func() string { return revokedSeries.again })},
		{route: "/passeport/:reference/:signature", state: "two children", show: passportOf("camille.lefebvre@example.org")},
		{route: "/passeport/:reference/:signature", state: "one child", show: passportOf("mohamed.alaoui@example.org")},
		{route: "/passeport/:reference/:signature", state: "nothing yet", show: func(b *tab) {
			b.open("/passeport/ADA-22222222/AAAAAAAAAAAAAAAAAAAAAA")
		}, status: 404},
		{route: "/equipe/reglages/images", role: "staff", show: at("/equipe/reglages/images")},
		{route: "/equipe/reglages/images/:image/retirer", role: "staff", show: at("/equipe/reglages/images/logo/retirer")},
		{route: "/equipe/reglages/images", state: "no picture", role: "staff", show: func(b *tab) {
			b.open("/equipe/reglages/images")
			b.press("Envoyer cette image")
		}, status: 422},
	}
}
