package journey

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// Sessions of the common demo, by number.
const (
	quietSession  = 15 // few families, and nothing is booked in it by a test
	bookSession   = 13 // where the tests of pages book
	fullSession   = 5
	calledSession = 10
	longSession   = 9
	dyingSession  = 11 // where the network dies
	pastSession   = 17
	todaySession  = 18
)

var camille = family{"Camille D'Artagnan", "camille@exemple.fr", "06 12 34 56 78"}

// bookings are pages of bookings in each state, made once for all shots.
var bookings struct {
	once                                           sync.Once
	confirmed, single, waiting, offered, cancelled string
}

func bookingPages(t *testing.T) (confirmed, single, waiting, offered, cancelled string) {
	t.Helper()
	b := &bookings
	b.once.Do(func() {
		b.confirmed = newVisitor(t, common).book(bookSession, camille, zoe, lukasz).path
		b.single = newVisitor(t, common).book(bookSession, family{"李 伟", "li@exemple.fr", "+33 6 12 34 56 79"}, li).path
		b.waiting = newVisitor(t, common).book(fullSession, camille, zoe, ali).path
		v := newVisitor(t, common)
		booked := v.book(bookSession, family{"علي محمد", "ali@exemple.fr", "06 12 34 56 70"}, ali)
		b.cancelled = v.send(v.get(booked.path+"/annuler"), "/annuler").path
		for _, m := range common.mails(t, "yasar.ozturk@example.org") {
			if strings.Contains(m.Subject, "libérée") {
				b.offered = common.link(t, m, "/inscriptions/")
			}
		}
	})
	return b.confirmed, b.single, b.waiting, b.offered, b.cancelled
}

// erasing asks to erase the family of a booking, which opens at path.
func erasing(b *tab, path string) {
	b.open("/equipe/inscriptions/" + strings.Split(path, "/")[2] + "/effacer")
}

// barring opens the page of those to whom the children of a booking are not to be given.
func barring(b *tab, path string) {
	b.open("/equipe/inscriptions/" + strings.Split(path, "/")[2] + "/ne-pas-remettre")
}

// long books a child, once, whose names are as long as names may be, and opens a page about it.
func long(path string) func(*tab) {
	return func(b *tab) {
		longOnce.Do(func() {
			endless := strings.Repeat("Wolfeschlegelsteinhausen", 5)[:100]
			longPath = newVisitor(b.t, common).book(longSession, family{endless, strings.Repeat("a", 60) + "@exemple.fr", "06 12 34 56 78"},
				child{endless, endless, "3", "9", "2017"}).path
		})
		b.open(strings.Replace(numbered(path, longSession), ":booking", longPath, 1))
	}
}

var (
	longOnce sync.Once
	longPath string
)

// at opens a path.
func at(path string) func(*tab) { return func(b *tab) { b.open(path) } }

// numbered is a path with the number of something in it.
func numbered(path string, id int) string { return strings.ReplaceAll(path, ":id", strconv.Itoa(id)) }

// sent opens a path and sends its form with some fields filled.
func sent(path string, fields map[string]string) func(*tab) {
	return func(b *tab) {
		b.open(path)
		b.fill(fields)
		b.send()
	}
}

// Answers that lead from screen to screen of a booking.
var (
	careful  = map[string]string{"health_1": "no", "leaves_1": "me"}
	allergic = map[string]string{"health_1": "yes", "leaves_1": "other", "pickup_names_1": "Mamie Łucja, Paul Nguyễn", "image_1": "no"}
)

// bookingOf walks through a booking of one child, sending these forms one after the other.
func bookingOf(id int, forms ...map[string]string) func(*tab) {
	return func(b *tab) {
		b.open(numbered("/inscription/:id", id))
		for _, form := range forms {
			b.fill(form)
			b.send()
		}
	}
}

// on opens a page of one of the bookings.
func on(which func(confirmed, single, waiting, offered, cancelled string) string, below string) func(*tab) {
	return func(b *tab) { b.open(which(bookingPages(b.t)) + below) }
}

func confirmed(a, _, _, _, _ string) string { return a }
func single(_, a, _, _, _ string) string    { return a }
func waiting(_, _, a, _, _ string) string   { return a }
func offered(_, _, _, a, _ string) string   { return a }
func cancelled(_, _, _, _, a string) string { return a }

// follow opens a page and goes on to the first link that a selector finds, page after page.
func follow(path string, selectors ...string) func(*tab) {
	return func(b *tab) {
		b.open(path)
		for _, selector := range selectors {
			b.load(chromedp.Click(chromedp.CSS(selector)))
		}
	}
}

// childPage opens a child's own page, as the row's link leads to it.
func childPage(row string) func(*tab) {
	return func(b *tab) {
		b.open(numbered("/animation/seances/:id", todaySession))
		b.open(eval[string](b, `document.querySelector(".roster `+row+` .do a").getAttribute("href")`))
	}
}

// called is done once: the session that the team calls off.
var called sync.Once

// callOff cancels a session, as staff, and then opens a page about it.
func callOff(path string) func(*tab) {
	return func(b *tab) {
		called.Do(func() {
			b.open(numbered("/equipe/seances/:id/annuler", calledSession))
			b.load(chromedp.Click(chromedp.CSS("main form .button.danger")))
		})
		b.open(numbered(path, calledSession))
	}
}

// oneKit adds a kit and opens its page.
func oneKit(b *tab) {
	b.open("/equipe/materiel/nouveau")
	b.fill(map[string]string{"name": "Valise Thymio n° " + strings.Repeat("1", 60), "contents": "12 Thymio\n4 câbles", "copies": "2"})
	b.send()
	b.load(chromedp.Click(chromedp.CSS(".desk-list .acts a")))
}

// saidWhen writes hours and an absence on a timetable.
func saidWhen(path string) func(*tab) {
	return func(b *tab) {
		b.open(path)
		b.fill(map[string]string{"weekdays": "2", "starts": "09:00", "ends": "12:00", "first_day": "2027-07-01", "last_day": "2027-07-15"})
		b.press("Ajouter ces heures")
		b.fill(map[string]string{"first_day": "2027-07-01", "last_day": "2027-07-15"})
		b.press("Ajouter cette absence")
	}
}

// shots are all pages in the states that differ: empty, filled in, wrong, full.
func shots() []shot {
	nothing := map[string]string{}
	return slices.Concat(priceShots(), lessonShots(), peopleShots(), moneyShots(), agreementShots(), callShots(), messageShots(), deskBookingShots(), dayShots(), closingShots(), programmeShots(), certificateShots(), privacyShots(), numbersShots(), familyShots(), spaceShots(), englishShots(), []shot{
		{route: "/"},
		{route: "/seances"},
		{route: "/seances", state: "nothing fits", show: at("/seances?age=7&theme=ville")},
		{route: "/seances/:id", state: "open", show: at(numbered("/seances/:id", quietSession))},
		{route: "/seances/:id", state: "full", show: at(numbered("/seances/:id", fullSession))},
		{route: "/seances/:id", state: "past", show: at(numbered("/seances/:id", pastSession))},
		{route: "/seances/:id", state: "called off", role: "staff", show: callOff("/seances/:id")},
		{route: "/seances/:id", state: "missing", show: at("/seances/987654"), status: 404},
		{route: "/plan-du-site"},
		{route: "/ecoles"},
		{route: "/ecoles/demande", state: "empty"},
		{route: "/ecoles/demande", state: "wrong", show: sent("/ecoles/demande", nothing), status: 422},
		{route: "/ecoles/demande", state: "found", show: at("/ecoles/demande?q=saint+joseph")},
		{route: "/ecoles/demande", state: "by hand, wrong", show: sent("/ecoles/demande?q=zzz", map[string]string{"school": "hand", "uai": "0350122A"}), status: 422},
		{route: "/ecoles/demande/atelier", state: "empty", show: asking(library)},
		{route: "/ecoles/demande/atelier", state: "wrong", show: asking(library, map[string]string{"workshop": "other", "date_1": "31/02/2027", "place": "theirs"}), status: 422},
		{route: "/ecoles/demande/contact", state: "empty", show: asking(library, wished)},
		{route: "/ecoles/demande/contact", state: "wrong", show: asking(library, wished, map[string]string{"email": "lucja@", "funding": "pass_culture"}), status: 422},
		{route: "/ecoles/demande/verification", show: asking(library, wished, asker)},
		{route: "/ecoles/demande/verification", state: "long names", show: asking(
			merged(library, field("name", strings.Repeat("Médiathèque", 18))), merged(wished, field("wish", strings.Repeat("Łucja", 40))), merged(asker, field("contact_name", strings.Repeat("Nguyễn", 16))))},
		{route: "/ecoles/demande/merci"},
		{route: "/confidentialite"},
		{route: "/accessibilite"},

		{route: "/inscription/:id", state: "empty", show: at(numbered("/inscription/:id", quietSession))},
		{route: "/inscription/:id", state: "wrong", show: sent(numbered("/inscription/:id", quietSession), map[string]string{"birth_1_day": "31", "birth_1_month": "2", "birth_1_year": "2017"}), status: 422},
		{route: "/inscription/:id", state: "three children", show: func(b *tab) {
			bookingOf(quietSession)(b)
			b.fill(zoe.fields(1))
			b.press("Ajouter un").press("Ajouter un")
		}},
		{route: "/inscription/:id", state: "over", show: at(numbered("/inscription/:id", pastSession)), status: 410},
		{route: "/inscription/:id", state: "called off", role: "staff", show: callOff("/inscription/:id"), status: 410},
		{route: "/inscription/:id/age", show: bookingOf(quietSession, child{"Zoé", "D'Artagnan-N'Guyen", "3", "9", "2009"}.fields(1))},
		{route: "/inscription/:id/sante", state: "empty", show: bookingOf(quietSession, zoe.fields(1))},
		{route: "/inscription/:id/sante", state: "wrong", show: bookingOf(quietSession, zoe.fields(1), nothing), status: 422},
		{route: "/inscription/:id/sante", state: "no names", show: bookingOf(quietSession, zoe.fields(1), map[string]string{"health_1": "no", "leaves_1": "other"}), status: 422},
		{route: "/inscription/:id/coordonnees", state: "empty", show: bookingOf(quietSession, zoe.fields(1), careful)},
		{route: "/inscription/:id/coordonnees", state: "wrong", show: bookingOf(quietSession, zoe.fields(1), careful, map[string]string{"email": "camille", "emergency": "other"}), status: 422},
		{route: "/inscription/:id/verification", state: "no health", show: bookingOf(quietSession, zoe.fields(1), careful, camille.fields())},
		{route: "/inscription/:id/verification", state: "health", show: bookingOf(quietSession, zoe.fields(1), allergic, camille.fields())},
		{route: "/inscription/:id/verification", state: "health without consent", show: bookingOf(quietSession, zoe.fields(1), allergic, camille.fields(), map[string]string{"health_text_1": "Arachides"}), status: 422},
		{route: "/inscription/:id/verification", state: "full", show: bookingOf(fullSession, zoe.fields(1), careful, camille.fields())},
		{route: "/inscription-recue"},

		{route: "/inscriptions/:reference/:signature", state: "confirmed", show: on(confirmed, "")},
		{route: "/inscriptions/:reference/:signature", state: "waiting", show: on(waiting, "")},
		{route: "/inscriptions/:reference/:signature", state: "offered", show: on(offered, "")},
		{route: "/inscriptions/:reference/:signature", state: "cancelled", show: on(cancelled, "")},
		{route: "/inscriptions/:reference/:signature", state: "long names", show: long(":booking")},
		{route: "/inscriptions/:reference/:signature/annuler", state: "long names", show: long(":booking/annuler")},
		{route: "/inscriptions/:reference/:signature/chiffres", state: "long names", show: long(":booking/chiffres")},
		{route: "/animation/seances/:id", state: "long names", role: "facilitator", show: long("/animation/seances/:id")},
		{route: "/animation/seances/:id/feuille", state: "long names", role: "facilitator", show: long("/animation/seances/:id/feuille")},
		{route: "/equipe/seances/:id", state: "long names", role: "staff", show: long("/equipe/seances/:id")},
		{route: "/inscription/:id/verification", state: "long names", show: bookingOf(quietSession, child{strings.Repeat("Łucja", 20), strings.Repeat("Nguyễn", 16), "3", "9", "2017"}.fields(1), careful, camille.fields())},
		{route: "/inscriptions/:reference/:signature", state: "foreign", show: on(confirmed, "x"), status: 404},
		{route: "/inscriptions/:reference/:signature/annuler", state: "one child", show: on(single, "/annuler")},
		{route: "/inscriptions/:reference/:signature/annuler", state: "two children", show: on(confirmed, "/annuler")},
		{route: "/inscriptions/:reference/:signature/annuler", state: "nobody chosen", show: func(b *tab) {
			on(confirmed, "/annuler")(b)
			b.load(chromedp.Click(chromedp.CSS("main form .button.danger")))
		}, status: 422},
		{route: "/inscriptions/:reference/:signature/annuler", state: "waiting", show: on(waiting, "/annuler")},
		{route: "/inscriptions/:reference/:signature/attente", state: "two children", show: on(waiting, "/attente")},
		{route: "/inscriptions/:reference/:signature/attente", state: "nobody waits", show: on(confirmed, "/attente"), status: 410},
		{route: "/inscription/:id/famille", state: "to tick", role: "family", show: at(numbered("/inscription/:id/famille", dyingSession))},
		{route: "/inscription/:id/famille", state: "another child", role: "family", show: func(b *tab) {
			b.open(numbered("/inscription/:id/famille", dyingSession))
			b.press("Ajouter un enfant")
		}},
		{route: "/inscription/:id/famille", state: "nobody", role: "family", show: sent(numbered("/inscription/:id/famille", quietSession), map[string]string{"enfant": ""}), status: 422},
		{route: "/inscription/:id/plus-tard", state: "asked", show: func(b *tab) {
			bookingOf(quietSession, zoe.fields(1))(b)
			b.open(numbered("/inscription/:id/plus-tard", quietSession))
		}},
		{route: "/inscription/:id/plus-tard", state: "wrong", show: func(b *tab) {
			bookingOf(quietSession, zoe.fields(1))(b)
			b.open(numbered("/inscription/:id/plus-tard", quietSession))
			b.send()
		}, status: 422},
		{route: "/inscription/:id/plus-tard", state: "sent", show: askedForLater},
		{route: "/reprendre/:brouillon/:signature", state: "to go on", show: func(b *tab) {
			askedForLater(b)
			b.open(common.link(b.t, common.mails(b.t, "plus.tard@exemple.fr")[0], "/reprendre/"))
		}},
		{route: "/reprendre/:brouillon/:signature", state: "missing", show: at("/reprendre/AAAAAAAA/x"), status: 404},
		{route: "/inscriptions/:reference/:signature/autre-seance", state: "no other date", show: on(confirmed, "/autre-seance")},
		{route: "/inscriptions/:reference/:signature/autre-seance", state: "nothing to move", show: on(waiting, "/autre-seance"), status: 410},
		{route: "/inscriptions/:reference/:signature/deuxieme-choix", state: "to choose", role: "staff", show: secondChoice("choisit@exemple.fr", "/deuxieme-choix")},
		{route: "/inscriptions/:reference/:signature", state: "waiting unasked", role: "staff", show: secondChoice("patiente@exemple.fr", "")},
		{route: "/inscriptions/:reference/:signature", state: "won, still waiting", role: "staff", show: func(b *tab) {
			secondChoice("gagne@exemple.fr", "/deuxieme-choix")(b)
			b.press("Réserver la place")
		}},
		{route: "/seances/:id", state: "list closed", role: "staff", show: closedList},
		{route: "/inscriptions/:reference/:signature/toujours-partants", state: "asked", show: on(confirmed, "/toujours-partants")},
		{route: "/inscriptions/:reference/:signature/toujours-partants", state: "too late", show: on(cancelled, "/toujours-partants"), status: 410},
		{route: "/inscriptions/:reference/:signature/toujours-partants", state: "long names", show: long(":booking/toujours-partants")},
		{route: "/inscriptions/:reference/:signature/chiffres", state: "empty", show: on(confirmed, "/chiffres")},
		{route: "/inscriptions/:reference/:signature/chiffres", state: "wrong", show: func(b *tab) {
			on(confirmed, "/chiffres")(b)
			b.do(chromedp.SendKeys(chromedp.CSS("main input[type=text]"), "ABC"))
			b.send()
		}, status: 422},

		{route: "/connexion", state: "empty"},
		{route: "/connexion", state: "wrong", show: sent("/connexion", map[string]string{"email": "qui@exemple.fr", "password": "mauvais mot de passe"}), status: 422},
		{route: "/attestations", state: "empty"},
		{route: "/attestations", state: "wrong", show: sent("/attestations", map[string]string{"code": "ABC"}), status: 422},
		{route: "/attestations/:code", state: "unknown", show: at("/attestations/222222222222"), status: 404},
		{route: "/attestations/:code", state: "valid", role: "facilitator", show: follow(numbered("/animation/seances/:id/attestations", pastSession), ".given a.num")},

		{route: "/animation", role: "facilitator"},
		{route: "/animation/seances/:id", state: "today", role: "facilitator", show: at(numbered("/animation/seances/:id", todaySession))},
		{route: "/animation/seances/:id", state: "cards open", role: "facilitator", show: func(b *tab) {
			b.open(numbered("/animation/seances/:id", todaySession))
			eval[chromedp.Void](b, `for (const d of document.querySelectorAll("details")) d.open = true`)
		}},
		{route: "/animation/seances/:id", state: "marks and a departure", role: "facilitator", show: func(b *tab) {
			b.open(numbered("/animation/seances/:id", todaySession))
			b.ready()
			eval[chromedp.Void](b, `document.querySelector(".roster li:nth-child(2) .do a").click()`)
		}},
		{route: "/animation/seances/:id", state: "door without a network", role: "facilitator", show: func(b *tab) {
			b.open(numbered("/animation/seances/:id", todaySession))
			b.ready()
			eval[chromedp.Void](b, `document.getElementById("door").showModal()`)
		}},
		{route: "/animation/seances/:id", state: "searched", role: "facilitator", show: at(numbered("/animation/seances/:id", todaySession) + "?q=xyz")},
		{route: "/hors-ligne", show: func(b *tab) {
			b.open("/hors-ligne")
			b.until(`!document.querySelector("#offline [data-none]").hidden`)
		}},
		{route: "/animation/seances/:id", state: "past", role: "facilitator", show: at(numbered("/animation/seances/:id", pastSession))},
		{route: "/animation/seances/:id", state: "names only", role: "communication", show: at(numbered("/animation/seances/:id", todaySession))},
		{route: "/animation/seances/:id", state: "called off", role: "staff", show: callOff("/animation/seances/:id")},
		{route: "/animation/seances/:id/enfants/:inscription", state: "expected", role: "facilitator", show: childPage("li:first-child")},
		{route: "/animation/seances/:id/enfants/:inscription", state: "nobody chosen", role: "staff", show: func(b *tab) {
			b.open(numbered("/animation/seances/:id", todaySession))
			b.ready()
			b.do(chromedp.Click(chromedp.CSS(".roster li:last-child .do button")))
			b.until(`document.querySelector("#sync .badge.done") !== null`)
			childPage("li:last-child")(b)
			b.press("Noter le départ")
		}, status: 422},
		{route: "/animation/seances/:id/transmettre", role: "facilitator", show: at(numbered("/animation/seances/:id/transmettre", quietSession))},
		{route: "/animation/seances/:id/feuille", role: "facilitator", show: at(numbered("/animation/seances/:id/feuille", todaySession))},
		{route: "/animation/seances/:id/feuille-vierge", role: "facilitator", show: at(numbered("/animation/seances/:id/feuille-vierge", todaySession))},
		{route: "/animation/seances/:id/feuille-vierge", state: "no such number", role: "facilitator", show: at(numbered("/animation/seances/:id/feuille-vierge?lignes=500", todaySession)), status: 422},
		{route: "/animation/seances/:id/affiche", role: "facilitator", show: at(numbered("/animation/seances/:id/affiche", todaySession))},
		{route: "/animation/seances/:id/affiche", state: "long names", role: "facilitator", show: long("/animation/seances/:id/affiche")},
		{route: "/animation/feuille-vierge", role: "facilitator"},
		{route: "/animation/feuilles", state: "today", role: "facilitator"},
		{route: "/animation/feuilles", state: "nothing", role: "facilitator", show: at("/animation/feuilles?jour=2001-01-01")},
		{route: "/animation/feuilles", state: "no such day", role: "facilitator", show: at("/animation/feuilles?jour=demain"), status: 422},
		{route: "/animation/seances/:id/attestations", state: "given", role: "staff", show: at(numbered("/animation/seances/:id/attestations", pastSession))},
		{route: "/animation/seances/:id/attestations", state: "nobody came", role: "facilitator", show: at(numbered("/animation/seances/:id/attestations", quietSession))},
		{route: "/animation/seances/:id/attestations/papier", role: "facilitator", show: at(numbered("/animation/seances/:id/attestations/papier", pastSession))},

		{route: "/equipe", role: "staff"},
		{route: "/equipe", state: "forbidden", role: "facilitator", status: 403},
		{route: "/equipe/seances", role: "staff"},
		{route: "/equipe/seances", state: "past", role: "staff", show: at("/equipe/seances?vue=passees")},
		{route: "/equipe/seances/nouvelle", state: "empty", role: "staff"},
		{route: "/equipe/seances/nouvelle", state: "wrong", role: "staff", show: sent("/equipe/seances/nouvelle", map[string]string{"capacity": "beaucoup"}), status: 422},
		{route: "/equipe/seances/:id", state: "booked", role: "staff", show: at(numbered("/equipe/seances/:id", quietSession))},
		{route: "/equipe/seances/:id", state: "full", role: "staff", show: at(numbered("/equipe/seances/:id", fullSession))},
		{route: "/equipe/seances/:id", state: "past", role: "staff", show: at(numbered("/equipe/seances/:id", pastSession))},
		{route: "/equipe/seances/:id", state: "called off", role: "staff", show: callOff("/equipe/seances/:id")},
		{route: "/equipe/seances/:id", state: "draft", role: "staff", show: func(b *tab) {
			b.open(numbered("/equipe/seances/:id", quietSession))
			b.fill(map[string]string{"date": "2027-06-05"})
			b.press("Dupliquer")
		}},
		{route: "/equipe/seances/:id", state: "names only", role: "communication", show: at(numbered("/equipe/seances/:id", fullSession))},
		{route: "/equipe/seances/:id/modifier", state: "filled", role: "staff", show: at(numbered("/equipe/seances/:id/modifier", fullSession))},
		{route: "/equipe/seances/:id/modifier", state: "wrong", role: "staff", show: sent(numbered("/equipe/seances/:id/modifier", fullSession), map[string]string{"capacity": "2"}), status: 422},
		{route: "/equipe/seances/:id/annuler", role: "staff", show: at(numbered("/equipe/seances/:id/annuler", fullSession))},
		{route: "/equipe/inscriptions/:reference/ne-pas-remettre", state: "empty", role: "staff", show: func(b *tab) {
			path, _, _, _, _ := bookingPages(b.t)
			barring(b, path)
		}},
		{route: "/equipe/inscriptions/:reference/ne-pas-remettre", state: "long names", role: "staff", show: func(b *tab) {
			long(":booking")(b)
			barring(b, longPath)
			b.fill(map[string]string{"name": strings.Repeat("Wolfeschlegelsteinhausen", 5)[:100], "note": "Jugement du 3 mai"})
			b.press("Ajouter")
		}},
		{route: "/equipe/inscriptions/:reference/effacer", state: "to confirm", role: "staff", show: func(b *tab) {
			path, _, _, _, _ := bookingPages(b.t)
			erasing(b, path)
		}},
		{route: "/equipe/inscriptions/:reference/effacer", state: "long names", role: "staff", show: func(b *tab) {
			long(":booking")(b)
			erasing(b, longPath)
		}},
		{route: "/equipe/inscriptions/:reference/effacer", state: "done", role: "staff", show: func(b *tab) {
			erasing(b, newVisitor(b.t, common).book(bookSession, family{"Yaşar Öztürk", "yasar@exemple.fr", "06 12 34 56 71"}, ali).path)
			b.load(chromedp.Click(chromedp.CSS("main form .button.danger")))
		}},
		{route: "/equipe/materiel", role: "staff"},
		{route: "/equipe/materiel/nouveau", state: "empty", role: "staff"},
		{route: "/equipe/materiel/nouveau", state: "wrong", role: "staff", show: sent("/equipe/materiel/nouveau", nothing), status: 422},
		{route: "/equipe/materiel/:id", role: "staff", show: oneKit},
		{route: "/equipe/disponibilites", role: "staff"},
		{route: "/equipe/disponibilites/:id", state: "said", role: "staff", show: saidWhen("/equipe/disponibilites/2")},
		{route: "/animation/disponibilites", state: "empty", role: "facilitator", show: at("/animation/disponibilites")},
		{route: "/demandes/:reference/:signature", state: "dates proposed", role: "staff", show: onDates(datesOpen, ":status")},
		{route: "/demandes/:reference/:signature", state: "dates fixed", role: "staff", show: onDates(datesChosen, ":status")},
		{route: "/demandes/:reference/:signature/dates/:slot", state: "to choose", role: "staff", show: onDates(datesOpen, ":choose")},
		{route: "/demandes/:reference/:signature/dates/:slot", state: "taken", role: "staff", show: onDates(datesTaken, ":choose"), status: 409},
		{route: "/demandes/:reference/:signature/autres-dates", state: "empty", role: "staff", show: onDates(datesOpen, ":status/autres-dates")},
		{route: "/demandes/:reference/:signature/autres-dates", state: "wrong", role: "staff", show: func(b *tab) {
			onDates(datesOpen, ":status/autres-dates")(b)
			b.send()
		}, status: 422},
		{route: "/demandes/:reference/:signature/retirer", state: "empty", role: "staff", show: onDates(datesOpen, ":status/retirer")},
		{route: "/demandes/:reference/:signature/retirer", state: "foreign", role: "staff", show: onDates(datesOpen, ":statusx/retirer"), status: 404},
		{route: "/demandes/:reference/:signature/avis", state: "too early", role: "staff", show: onDates(datesChosen, ":status/avis"), status: 409},
		{route: "/equipe/demandes", state: "waiting", role: "staff", show: onDates(datesOpen, "/equipe/demandes")},
		{route: "/equipe/demandes", state: "none", role: "staff", show: at("/equipe/demandes?q=zzz")},
		{route: "/equipe/demandes/tableau", role: "staff", show: onDates(datesOpen, "/equipe/demandes/tableau")},
		{route: "/equipe/demandes/:id", state: "wrong", role: "staff", show: func(b *tab) {
			onDates(datesOpen, ":desk")(b)
			b.load(chromedp.Click(chromedp.CSS(`form[action$="/note"] .button`)))
		}, status: 422},
		{route: "/equipe/demandes/:id/contact", state: "filled", role: "staff", show: onDates(datesOpen, ":desk/contact")},
		{route: "/equipe/demandes/:id/contact", state: "wrong", role: "staff", show: func(b *tab) {
			onDates(datesOpen, ":desk/contact")(b)
			b.fill(map[string]string{"email": "camille"})
			b.send()
		}, status: 422},
		{route: "/equipe/demandes/:id/decliner", state: "empty", role: "staff", show: onDates(datesOpen, ":desk/decliner")},
		{route: "/equipe/demandes/:id/sans-devis", state: "empty", role: "staff", show: onDates(datesChosen, ":desk/sans-devis")},
		{route: "/equipe/demandes/:id/sans-convention", state: "too early", role: "staff", show: onDates(datesOpen, ":desk/sans-convention"), status: 409},
		{route: "/equipe/demandes/:id", state: "dates proposed", role: "staff", show: onDates(datesOpen, ":desk")},
		{route: "/equipe/demandes/:id/dates", state: "to propose", role: "staff", show: onDates(datesOpen, ":desk/dates?jour=2027-06-05&de=14:00&a=16:00")},
		{route: "/equipe/demandes/:id/dates", state: "fixed", role: "staff", show: onDates(datesChosen, ":desk/dates")},
		{route: "/equipe/demandes/:id/dates", state: "wrong", role: "staff", show: func(b *tab) {
			onDates(datesOpen, ":desk/dates")(b)
			b.fill(map[string]string{"date_1": "2027-02-01", "capacity": "0"})
			b.load(chromedp.Click(chromedp.CSS(`form[action$="/dates"][method=post] .actions .button`)))
		}, status: 422},
		{route: "/equipe/demandes/:id/dates/annuler", role: "staff", show: onDates(datesChosen, ":desk/dates/annuler")},
		{route: "/equipe/seances/:id", state: "of a group", role: "staff", show: onDates(datesChosen, ":session")},
		{route: "/equipe/seances/:id/modifier", state: "of a group", role: "staff", show: onDates(datesChosen, ":session/modifier")},
		{route: "/equipe/ateliers", role: "staff"},
		{route: "/equipe/ateliers/nouveau", state: "empty", role: "staff"},
		{route: "/equipe/ateliers/nouveau", state: "wrong", role: "staff", show: sent("/equipe/ateliers/nouveau", nothing), status: 422},
		{route: "/equipe/ateliers/:id", role: "staff", show: at("/equipe/ateliers/1")},
		{route: "/equipe/lieux", role: "staff"},
		{route: "/equipe/vacances", role: "staff"},
		{route: "/equipe/seances/planifier", role: "staff"},
		{route: "/equipe/seances/planifier/dates", role: "staff", show: at("/equipe/seances/planifier/dates?workshop=1&venue=1&weekdays=3&weekdays=4&every=1&first_day=2027-04-01&last_day=2027-05-31&starts=10:00")},
		{route: "/equipe/seances/planifier/dates", state: "wrong", role: "staff", show: at("/equipe/seances/planifier/dates?every=1&first_day=2027-05-06&last_day=2027-05-01"), status: 422},
		{route: "/equipe/plans/:id", role: "staff", show: at("/equipe/plans/1")},
		{route: "/equipe/plans/:id/modifier", role: "staff", show: at("/equipe/plans/1/modifier")},
		{route: "/equipe/seances/publier", role: "staff", show: at("/equipe/seances/publier?plan=1")},
		{route: "/equipe/lieux/nouveau", state: "empty", role: "staff"},
		{route: "/equipe/lieux/nouveau", state: "wrong", role: "staff", show: sent("/equipe/lieux/nouveau", nothing), status: 422},
		{route: "/equipe/lieux/:id", role: "staff", show: at("/equipe/lieux/1")},
		{route: "/equipe/mails", role: "staff"},
		{route: "/equipe/reglages", role: "staff"},
		{route: "/equipe/reglages/convention", role: "staff"},
		{route: "/equipe/reglages/convention", state: "wrong", role: "staff", show: sent("/equipe/reglages/convention", map[string]string{"text": "{{inconnu}}"}), status: 422},
		{route: "/equipe/personnes", role: "admin"},
		{route: "/equipe/personnes/nouvelle", state: "empty", role: "admin"},
		{route: "/equipe/personnes/nouvelle", state: "wrong", role: "admin", show: sent("/equipe/personnes/nouvelle", map[string]string{"email": "x"}), status: 422},
		{route: "/equipe/personnes/:id", role: "admin", show: at("/equipe/personnes/2")},

		{route: "/_galerie/:status", state: "500", show: at("/_galerie/500"), status: 500},
		{route: "/_galerie/:status", state: "503", show: at("/_galerie/503"), status: 503},
		{route: "/_mails"},
		{route: "/_mails/:id", show: at("/_mails/1")},
		{route: "/_horloge"},
	})
}
