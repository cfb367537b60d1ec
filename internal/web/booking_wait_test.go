package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
)

// booked books children of nine years, or has them wait where it is full, without walking through the screens, and
// returns the path of the page.
func (s *site) booked(session int64, email string, wishes booking.Wishes, names ...string) string {
	s.t.Helper()
	r := booking.Request{SessionID: session, IfFull: booking.Wait, Together: wishes.Together, Unasked: wishes.Unasked,
		Guardian: family.NewGuardian{Name: "Camille D'Artagnan", Email: email, Phone: "06 12 34 56 78", Language: "fr"}}
	for _, name := range names {
		r.Children = append(r.Children, family.NewChild{FirstName: name, LastName: "Nguyễn", BirthDate: time.Date(2017, 3, 1, 0, 0, 0, 0, time.UTC),
			Health: family.Health{State: family.HealthNone}, Image: family.Later})
	}
	reference, err := s.web.Bookings.Book(s.t.Context(), account.Guest(), s.key(), r)
	if err != nil {
		s.t.Fatal(err)
	}
	return bookingPath(s.web.Bookings.Sign(booking.LinkScreen, reference, 1))
}

// cancelled gives up all that a booking has.
func (s *site) cancelled(path string) {
	s.t.Helper()
	if err := s.web.Bookings.Cancel(s.t.Context(), account.Guest(), s.key(), linkOf(path), nil, ""); err != nil {
		s.t.Fatal(err)
	}
}

// linkOf is the link in the path of a booking.
func linkOf(path string) booking.Link {
	parts := strings.Split(path, "/")
	return booking.Link{Reference: parts[2], Signature: parts[3]}
}

// expire ends the offers that are overdue once the clock has reached an instant.
func (s *site) expire(at time.Time) {
	s.t.Helper()
	s.clock.Set(at)
	if _, err := s.web.Bookings.ExpireOffers(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// edition publishes one more session of a session's workshop, on a day of May 2026.
func (s *site) edition(like int64, day string, capacity int) int64 {
	s.t.Helper()
	ctx, c, admin := s.t.Context(), s.web.Catalog, account.Command()
	v, err := c.Session(ctx, like)
	if err != nil {
		s.t.Fatal(err)
	}
	id, err := c.CreateSession(ctx, admin, s.key(), catalog.SessionRequest{WorkshopID: v.Workshop.ID, VenueID: v.Venue.ID,
		Date: day, Starts: "14:00", Ends: "16:00", Capacity: capacity, PriceCents: 1400})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.PublishSession(ctx, admin, s.key(), id); err != nil {
		s.t.Fatal(err)
	}
	return id
}

func (s *site) closeList(session int64) {
	s.t.Helper()
	if err := s.web.Catalog.CloseList(s.t.Context(), account.Command(), s.key(), session, true); err != nil {
		s.t.Fatal(err)
	}
}

// UX-P16: the page of who waits tells the rank and the rules; the rank falls when somebody ahead leaves.
func TestRank(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	ahead := s.booked(session, "b@exemple.fr", booking.Wishes{}, "李")
	mine := s.booked(session, "c@exemple.fr", booking.Wishes{}, "Zoé")
	b := s.browser()
	b.get(mine).want(200, "Sur la liste d'attente : Zoé", "2e sur la liste d'attente", "48 heures", "jamais la nuit", "vous gardez votre rang", "une famille peut passer devant").
		wantNot("Inscrits sans demander", "Une autre date vous irait ?")
	page := b.get(ahead+"/annuler").want(200, "Quitter la liste d'attente", "李 n'attendra plus")
	b.post(page.path, page.fill("", nil)).want(200, "Cette inscription est annulée", "Vous changez d'avis ?")
	b.get(mine).want(200, "1re sur la liste d'attente")
}

// Pages that tell how offers go tell the hours that the association chose, in both languages.
func TestPagesTellTheHours(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.set("offer_longest_hours", "72", "offer_waking_from", "9", "offer_waking_until", "20", "offer_unasked_until", "17")
	session := s.session("Robotique", 1)
	s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	b := s.browser()
	page := toCheck(b, "1", zoe).want(200, "jusqu'à 72 heures", "vendredi 8 mai 2026 à 17 h")
	waiting := b.post(page.path, page.fill("", values("if_full", "wait"))).want(200, "Vous avez 72 heures", "entre 9 h et 20 h")
	b.get("/en"+waiting.path).want(200, "You have 72 hours", "between 9:00 and 20:00").wantNot("48 hours")
}

// Nobody is put on the list, or confirmed without being asked, without having ticked so; what was ticked stays when the
// page comes back (domain, Waiting list 3).
func TestUnaskedIsAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	b := s.browser()
	toCheck(b, "1", zoe, ali).want(200, "Il n'y a pas assez de places", "sans nous demander", "vendredi 8 mai 2026 à 18 h")
	taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	page := b.get("/inscription/1/verification").want(200, "sans nous demander")
	again := b.post(page.path, page.fill("", values("unasked", "yes"))).want(422, "Choisissez ce que vous préférez")
	if _, kept := again.Find("[name=unasked]").Attr("checked"); !kept {
		t.Error("the box is not kept")
	}
	waiting := b.post(again.path, again.fill("", values("if_full", "wait"))).want(200, "Inscrits sans demander", "jusqu'au vendredi 8 mai 2026 à 18 h")
	s.cancelled(taken)
	b.get(waiting.path).want(200, "C'est réservé pour Zoé")
}

// A family with one child that ticks nothing is offered the seat; on the eve after 18:00 there is nothing to tick.
func TestUnaskedNotTicked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	b := s.browser()
	page := toCheck(b, "1", zoe).want(200, "Rejoindre la liste d'attente")
	waiting := b.post(page.path, page.fill("", values("if_full", "wait"))).want(200, "1re sur la liste d'attente")
	s.cancelled(taken)
	b.get(waiting.path).want(200, "Une place est proposée à Zoé", "Répondez avant mercredi 6 mai 2026 à 14 h", "Il vous reste 48 heures")

	s.clock.Set(time.Date(2026, 5, 8, 16, 0, 0, 0, time.UTC))
	late := s.browser()
	toCheck(late, "1", merged(zoe, values("first_name_1", "Li"))).want(200, "Rejoindre la liste d'attente").wantNot("sans nous demander")
}

// What a family wishes is changed on a page of its own, and its rank stays.
func TestChangeWishes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 2)
	taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	s.booked(session, "b@exemple.fr", booking.Wishes{}, "李")
	one := s.booked(session, "c@exemple.fr", booking.Wishes{}, "محمد")
	two := s.booked(session, "d@exemple.fr", booking.Wishes{Together: true}, "Zoé", "Nguyễn")
	b := s.browser()
	old := b.get(one+"/attente").want(200, "Changer ma façon d'attendre", "sans nous demander")
	old.wantNot("Attendre des places ensemble")
	b.get(two).want(200, "2e sur la liste d'attente", "Vous attendez des places ensemble", "En attente : 2e", "En attente : 3e")
	page := b.get(two+"/attente").want(200, "Attendre des places ensemble")
	if got := page.Find("[name=seating][checked]").AttrOr("value", ""); got != "together" {
		t.Errorf("chosen is %q", got)
	}
	changed := b.post(page.path, page.fill("", values("seating", "any", "unasked", "yes"))).want(200, "2e sur la liste d'attente", "Inscrits sans demander")
	changed.wantNot("Vous attendez des places ensemble :")
	if changed.path != two {
		t.Errorf("path = %s", changed.path)
	}
	s.cancelled(one)
	s.cancelled(taken)
	b.get(two).want(200, "C'est réservé pour Zoé", "1re sur la liste d'attente")

	// Somebody who has a seat, or nothing, has nothing to change.
	b.get(one+"/attente").want(410, "Plus personne n'attend")
	b.post(one+"/attente", old.fill("", nil)).want(410, "Plus personne n'attend")
}

// Together cannot be asked for while a sibling has an offer to answer.
func TestTogetherDuringAnOffer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 2)
	taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	s.booked(session, "b@exemple.fr", booking.Wishes{}, "李")
	mine := s.booked(session, "c@exemple.fr", booking.Wishes{}, "Zoé", "محمد", "Li")
	b := s.browser()
	page := b.get(mine + "/attente").want(200)
	s.cancelled(taken)
	b.post(page.path, page.fill("", values("seating", "together"))).want(409, "Répondez d'abord à la place proposée", "Une place est proposée à Zoé", "1re sur la liste d'attente")
}

// A family with two children who wait apart reads whom each button is for, and what becomes of the other child before and after
// it says no: being next, the other one is offered the seat (domain, Waiting list 1, 4 and 5).
func TestDeclineForOneSibling(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 2)
	taken, later := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz"), s.booked(session, "b@exemple.fr", booking.Wishes{}, "李")
	mine := s.booked(session, "c@exemple.fr", booking.Wishes{}, "Zoé", "محمد", "Nguyễn")
	s.cancelled(taken)
	b := s.browser()
	page := b.get(mine).want(200, "Une place est proposée à Zoé", "Prendre la place pour Zoé", "Non merci, Zoé quitte la liste",
		"Si vous dites non pour Zoé, la place sera proposée à محمد, qui suit sur la liste.", "Quitter la liste pour tous")
	page.wantNot("Vous avez dit non")
	b.post(mine+"/refuser", page.fill("/refuser", nil)).want(200, "Vous avez dit non pour Zoé. Cette place est pour محمد, qui suit sur la liste.",
		"Une place est proposée à محمد", "Prendre la place pour محمد")
	s.booked(session, "d@exemple.fr", booking.Wishes{}, "Anh")
	s.cancelled(later)
	page = b.get(mine).want(200, "2 places sont proposées à محمد et Nguyễn", "Prendre les 2 places, pour محمد et Nguyễn", "Non merci, محمد et Nguyễn quittent la liste")
	page.wantNot("Si vous dites non")
	b.post(mine+"/refuser", page.fill("/refuser", nil)).want(200, "Vous n'êtes plus sur la liste d'attente")

	// Another family is before the sibling: the sibling stays where it is.
	taken = s.booked(s.edition(session, "2026-05-23", 1), "a@exemple.fr", booking.Wishes{}, "Łukasz")
	id := s.count("SELECT max(id) FROM sessions")
	two := s.booked(int64(id), "e@exemple.fr", booking.Wishes{}, "Zoé")
	s.booked(int64(id), "f@exemple.fr", booking.Wishes{}, "李")
	s.cancelled(taken)
	b.get(two).want(200, "Non merci, Zoé quitte la liste").wantNot("Quitter la liste pour tous", "reste sur la liste")

	// A child who did not answer twice is said to be off the list beside the one who is offered a seat now.
	three := s.edition(session, "2026-05-30", 1)
	taken = s.booked(three, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	mine = s.booked(three, "g@exemple.fr", booking.Wishes{}, "Zoé", "李")
	b.get(mine+"/annuler").want(200, "Qui quitte la liste ?")
	s.cancelled(taken)
	s.expire(testNow.Add(48 * time.Hour))
	s.expire(testNow.Add(96 * time.Hour))
	b.get(mine).want(200, "Une place est proposée à 李", "Deux propositions sont restées sans réponse pour Zoé, qui n'est plus sur la liste.")
}

// UX-P16 and Waiting list 5: an offer left unanswered once keeps the rank, twice leaves the list; the page says so each
// time, a late click changes nothing, and the way back is one button.
func TestOfferLeftUnanswered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	mine := s.booked(session, "b@exemple.fr", booking.Wishes{}, "Zoé")
	next := s.booked(session, "c@exemple.fr", booking.Wishes{}, "李")
	s.cancelled(taken)
	b := s.browser()
	offered := b.get(mine).want(200, "Une place est proposée à Zoé", "Prendre la place pour Zoé", "Non merci, Zoé quitte la liste", "Sans réponse, Zoé garde son rang")
	offered.wantNot("dernière proposition pour Zoé")
	s.expire(testNow.Add(48 * time.Hour))
	b.get(mine).want(200, "1re sur la liste d'attente", "Vous gardez votre rang. La prochaine proposition sera la dernière")
	s.clock.Set(testNow.Add(23 * time.Hour)) // the form of the page is still good
	b.post(mine+"/accepter", offered.fill("/accepter", nil)).want(410, "Cette place n'est plus proposée", "1re sur la liste d'attente")

	s.clock.Set(testNow.Add(49 * time.Hour))
	s.cancelled(next)
	offered = b.get(mine).want(200, "Une place est proposée à Zoé", "C'est la dernière proposition pour Zoé : sans réponse, Zoé quitte la liste.")
	offered.wantNot("garde son rang")
	other := s.booked(session, "d@exemple.fr", booking.Wishes{}, "محمد")
	s.expire(testNow.Add(49*time.Hour + 48*time.Hour))
	left := b.get(mine).want(200, "Vous n'êtes plus sur la liste d'attente", "Cela arrive", "Vous seriez 1re sur la liste, pour Zoé", "Revenir sur la liste")
	b.post(mine+"/accepter", offered.fill("/accepter", nil)).want(410, "Cette page était ouverte depuis longtemps", "Revenir sur la liste")
	back := b.post(mine+"/revenir", left.fill("/revenir", nil)).want(200, "1re sur la liste d'attente")
	if back.path == mine {
		t.Error("the way back leads to the old booking")
	}
	if again := b.post(mine+"/revenir", left.fill("/revenir", nil)).want(200); again.path != back.path {
		t.Errorf("sent twice: %s, want %s", again.path, back.path)
	}
	b.get(mine).want(200, "Vous n'êtes plus sur la liste d'attente").wantNot("Revenir sur la liste")
	b.get(other).want(200, "Une place est proposée à محمد")
}

// Who declined comes back to a seat where one is free: the button says which.
func TestWayBackToASeat(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	mine := s.booked(session, "b@exemple.fr", booking.Wishes{}, "Zoé")
	s.cancelled(taken)
	b := s.browser()
	page := b.get(mine)
	left := b.post(mine+"/refuser", page.fill("/refuser", nil)).want(200, "Vous n'êtes plus sur la liste d'attente", "C'est noté", "elle est à Zoé", "Réserver de nouveau")
	b.post(mine+"/revenir", left.fill("/revenir", nil)).want(200, "C'est réservé pour Zoé")
	b.get(mine).wantNot("Réserver de nouveau")
	// From a page opened before: there is nobody left to join with.
	b.post(mine+"/revenir", b.get(taken).fill("/revenir", nil)).want(409, "Aucun enfant de cette inscription")
}

// Siblings come back as far as seats go, and one who gave up alone finds the way back beside the other's seat.
func TestWayBackOfSiblings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 2)
	mine := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Zoé", "محمد")
	b := s.browser()
	page := b.get(mine+"/annuler").want(200, "Pour qui annulez-vous ?")
	half := b.post(page.path, page.fill("", values("booking", page.Find("[name=booking]").Last().AttrOr("value", "")))).
		want(200, "C'est réservé pour Zoé", "elle est à محمد", "Réserver de nouveau")
	s.booked(session, "b@exemple.fr", booking.Wishes{}, "Li")
	// The seat that the page promised is gone: nobody is put on the list unasked (domain, Capacity 2).
	again := b.post(mine+"/revenir", half.fill("/revenir", nil)).want(409, "Des places viennent de partir", "Revenir sur la liste")
	b.post(mine+"/revenir", again.fill("/revenir", nil)).want(200, "Sur la liste d'attente : محمد")
	s.cancelled(mine)
	b.get(mine).want(200, "Cette inscription est annulée", "Vous changez d'avis ?")
}

// Waiting list 8: another session is named in two clicks, nothing is typed again; winning one asks about the other.
func TestSecondChoicePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.session("Robotique", 1)
	full, free := s.edition(first, "2026-05-16", 1), s.edition(first, "2026-05-23", 3)
	taken := s.booked(first, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	s.booked(full, "b@exemple.fr", booking.Wishes{}, "李")
	s.booked(full, "c@exemple.fr", booking.Wishes{}, "محمد")
	mine := s.booked(first, "zoe@exemple.fr", booking.Wishes{}, "Zoé")
	b := s.browser()
	b.get(mine).want(200, "Une autre date vous irait ?")
	page := b.get(mine+"/deuxieme-choix").want(200, "samedi 16 mai 2026", "Complet : 1 enfant attend", "Rejoindre la liste", "samedi 23 mai 2026", "Il reste 3 places", "Réserver la place")
	also := b.post(page.path, page.fill("", values("session", fmt.Sprint(full)))).want(200, "Sur la liste d'attente : Zoé", "2e sur la liste d'attente", "samedi 16 mai 2026",
		"Pour d'autres séances du même atelier", "samedi 9 mai 2026")
	if b.post(page.path, page.fill("", values("session", fmt.Sprint(full)))).want(200).path != also.path {
		t.Error("sent twice makes two places")
	}
	b.get(mine+"/deuxieme-choix").want(200, "samedi 23 mai 2026").wantNot("samedi 16 mai 2026")

	// Who leaves one of the lists and comes back has the two choices still, and both pages know of each other.
	leave := b.get(mine + "/annuler").want(200)
	left := b.post(leave.path, leave.fill("", nil)).want(200, "Cette inscription est annulée")
	mine = b.post(mine+"/revenir", left.fill("/revenir", nil)).want(200, "Sur la liste d'attente : Zoé", "Pour d'autres séances du même atelier", "samedi 16 mai 2026").path
	if n := b.get(also.path).want(200, "Pour d'autres séances du même atelier", "samedi 9 mai 2026").Find(".next .badge").Length(); n != 1 {
		t.Errorf("the second choice knows of %d others, want 1", n)
	}

	// The offer of the first names the second, and may leave it at once.
	s.cancelled(taken)
	offered := b.get(mine).want(200, "Une place est proposée à Zoé", "Quitter aussi la liste du samedi 16 mai, 14 h : ")
	b.post(mine+"/accepter", offered.fill("/accepter", values("leave", linkOf(also.path).Reference))).want(200, "C'est réservé pour Zoé").wantNot("Restez-vous")
	b.get(also.path).want(200, "Cette inscription est annulée")

	// Where seats are free the second choice is a booking.
	other := s.booked(first, "d@exemple.fr", booking.Wishes{}, "Nguyễn")
	page = b.get(other + "/deuxieme-choix")
	b.post(page.path, page.fill("", values("session", fmt.Sprint(free)))).want(200, "C'est réservé pour Nguyễn", "Restez-vous aussi sur la liste du samedi 9 mai")
}

// A second choice may be kept: the page of the seat then asks, and leaving is two clicks.
func TestSecondChoiceWon(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.session("Robotique", 1)
	second := s.edition(first, "2026-05-16", 1)
	taken := s.booked(first, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	s.booked(second, "b@exemple.fr", booking.Wishes{}, "李")
	mine := s.booked(first, "zoe@exemple.fr", booking.Wishes{}, "Zoé")
	b := s.browser()
	page := b.get(mine + "/deuxieme-choix")
	also := b.post(page.path, page.fill("", values("session", fmt.Sprint(second))))
	s.cancelled(taken)

	offered := b.get(mine).want(200, "Quitter aussi la liste du")
	if _, ticked := offered.Find("[name=leave]").Attr("checked"); ticked {
		t.Error("to leave is ticked before the family has")
	}
	b.post(mine+"/accepter", offered.fill("/accepter", values("leave", linkOf(taken).Reference))).want(422)
	won := b.post(mine+"/accepter", offered.fill("/accepter", nil)).want(200, "C'est réservé pour Zoé", "Restez-vous aussi sur la liste du", "gardez aussi votre rang")
	b.get(also.path).want(200, "1re sur la liste d'attente", "Place réservée")
	leave := b.get(won.Find("a[href$='/annuler'].button").AttrOr("href", "")).want(200, "Quitter la liste d'attente")
	b.post(leave.path, leave.fill("", nil)).want(200, "Cette inscription est annulée", "Place réservée")
	b.get(mine).want(200, "C'est réservé pour Zoé").wantNot("Restez-vous")
}

// What cannot be joined any more is said on the page of choices, with what there is now.
func TestSecondChoiceTooLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.session("Robotique", 1)
	second, third := s.edition(first, "2026-05-16", 1), s.edition(first, "2026-05-23", 1)
	s.booked(first, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	other := s.session("Musique", 3)
	mine := s.booked(first, "zoe@exemple.fr", booking.Wishes{}, "Zoé")
	b := s.browser()
	page := b.get(mine+"/deuxieme-choix").want(200, "samedi 16 mai 2026", "samedi 23 mai 2026")
	s.booked(second, "b@exemple.fr", booking.Wishes{}, "李")
	s.closeList(second)
	choose := func(session int64) reply {
		return b.post(page.path, page.fill("", values("session", fmt.Sprint(session))))
	}
	choose(other).want(404)
	choose(second).want(409, "la liste d'attente est fermée", "samedi 23 mai 2026").wantNot("samedi 16 mai 2026")
	if err := s.web.Bookings.CancelSession(t.Context(), account.Command(), s.key(), third, "Malade"); err != nil {
		t.Fatal(err)
	}
	choose(third).want(410, "Aucune autre séance de cet atelier ne convient")
	b.post(page.path, values("session", "x")).want(422)
	if n := s.count("SELECT count(*) FROM booking_groups WHERE first_id IS NOT NULL"); n != 0 {
		t.Errorf("%d second choices", n)
	}
}

// A closed list leads nobody into a form that cannot succeed: not from the session, not from an address typed in.
func TestClosedListIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	s.session("Autre atelier", 3)
	s.edition(session, "2026-05-23", 2)
	s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	b := s.browser()
	toCheck(b, "1", zoe).want(200, "Rejoindre la liste d'attente")
	s.closeList(session)

	page := b.get("/seances/1").want(200, "Complet, liste d'attente fermée", "Les familles qui y sont gardent leur rang")
	if n := page.Find("a[href^='/inscription/']").Length(); n != 0 {
		t.Errorf("%d links to a form that cannot succeed", n)
	}
	if page.Find(".instead .cards a[href='/seances/3']").Length() != 1 {
		t.Error("the other session of the workshop is not shown")
	}
	b.get("/seances").want(200, "Complet, liste d'attente fermée")
	for _, screen := range []string{"", "/sante", "/coordonnees", "/verification"} {
		if got := b.get("/inscription/1"+screen).want(200, "liste d'attente fermée").path; got != "/seances/1" {
			t.Errorf("%s leads to %s", screen, got)
		}
	}
	if body := b.get("/api/v1/sessions/1").body; !strings.Contains(body, `"status":"closed"`) {
		t.Errorf("programs are told %s", body)
	}
}

// The list closes while a parent types: the answers stay, and the page offers what can still be done.
func TestListClosesMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 2)
	s.edition(session, "2026-05-23", 3)
	b, two := s.browser(), s.browser()
	page := toCheck(b, "1", zoe)
	for range 2 {
		s.booked(session, "a@exemple.fr", booking.Wishes{}, fmt.Sprint("Łukasz", s.keys))
	}
	s.closeList(session)
	closed := b.post(page.path, page.fill("", nil)).want(409, "Complet, liste d'attente fermée", "Vos réponses restent", "Zoé D'Artagnan-N'Guyen", "23 mai")
	if n := closed.Find("form[action$='/verification'] .button").Length(); n != 0 {
		t.Errorf("%d buttons that cannot succeed", n)
	}

	// One seat for two: fewer children may still be booked.
	one := s.session("Musique", 1)
	s.closeList(one)
	few := toCheck(two, fmt.Sprint(one), merged(zoe, values("first_name_1", "Li")), ali).want(200, "Il reste une place, et la liste d'attente est fermée", "Changer les enfants")
	if n := few.Find("form[action$='/verification'] .button").Length(); n != 0 {
		t.Errorf("%d buttons that cannot succeed", n)
	}
	if n := s.count("SELECT count(*) FROM bookings WHERE status = 'waiting'"); n != 0 {
		t.Errorf("%d waiting", n)
	}
}

// Who left a list that has closed since is told so, without a button.
func TestNoWayBackToAClosedList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	mine := s.booked(session, "b@exemple.fr", booking.Wishes{}, "Zoé")
	s.cancelled(mine)
	b := s.browser()
	page := b.get(mine).want(200, "Revenir sur la liste")
	s.closeList(session)
	b.get(mine).want(200, "sa liste d'attente est fermée", "Voir d'autres séances").wantNot("Revenir sur la liste")
	b.post(mine+"/revenir", page.fill("/revenir", nil)).want(409, "la liste d'attente est fermée")
}

// Messages come in the language that the parent chose, French unless they say so.
func TestLanguageOfMessages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 12)
	b := s.browser()
	page := toCheck(b, "1", zoe).want(200, "Vos messages", "Français")
	screen := b.get("/inscription/1/coordonnees")
	if got := screen.Find("[name=language][checked]").AttrOr("value", ""); got != "fr" {
		t.Errorf("%q is chosen for the parent", got)
	}
	if got := screen.Find("label[lang=en]").Text(); got != "In English" {
		t.Errorf("marked as English is %q", got)
	}
	b.post(screen.path, screen.fill("", values("language", "de"))).want(422, "Choisissez l'une des langues")
	page = b.post(screen.path, screen.fill("", values("language", "en"))).want(200, "English")
	b.post(page.path, page.fill("", nil)).want(200, "C'est réservé")
	french := s.browser()
	page = toCheck(french, fmt.Sprint(session), merged(zoe, values("first_name_1", "Li")))
	french.post(page.path, page.fill("", nil)).want(200, "C'est réservé")
	for language, want := range map[string]int{"en": 1, "fr": 1} {
		if n := s.count("SELECT count(*) FROM outbox WHERE language = ?", language); n != want {
			t.Errorf("%d messages in %s, want %d", n, language, want)
		}
	}
}

// Accepted twice is one seat; a seat given up after accepting passes on, and its old page says so.
func TestCancelAfterAccepting(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	mine := s.booked(session, "b@exemple.fr", booking.Wishes{}, "Zoé")
	next := s.booked(session, "c@exemple.fr", booking.Wishes{}, "李")
	s.cancelled(taken)
	b := s.browser()
	first, second := b.get(mine), b.get(mine)
	for _, page := range []reply{first, second, first} {
		b.post(mine+"/accepter", page.fill("/accepter", nil)).want(200, "C'est réservé pour Zoé")
	}
	leave := b.get(mine+"/annuler").want(200, "libérer la place réservée pour Zoé")
	b.post(leave.path, leave.fill("", nil)).want(200, "Cette inscription est annulée", "Vous changez d'avis ?")
	b.get(next).want(200, "Une place est proposée à 李")
	b.post(mine+"/accepter", b.get(next).fill("/accepter", nil)).want(410, "Cette place n'est plus proposée", "Revenir sur la liste")
	if n := s.count("SELECT count(*) FROM bookings WHERE status IN ('confirmed', 'offered')"); n != 1 {
		t.Errorf("%d seats of 1", n)
	}
}

// A session that is called off, or has begun, has no offer, no list and no way back.
func TestNothingToWaitFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		end   func(*site, int64)
		says  string
		waits string
	}{
		{"called off", func(s *site, session int64) {
			if err := s.web.Bookings.CancelSession(s.t.Context(), account.Command(), s.key(), session, "Malade"); err != nil {
				s.t.Fatal(err)
			}
		}, "Cette séance est annulée", "Cette séance est annulée"},
		{"begun", func(s *site, _ int64) { s.clock.Set(time.Date(2026, 5, 9, 12, 0, 1, 0, time.UTC)) }, "Vous n'êtes plus sur la liste d'attente", "Pas de place cette fois pour 李"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			session := s.session("Robotique", 1)
			s.edition(session, "2026-05-23", 3)
			taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
			declined := s.booked(session, "b@exemple.fr", booking.Wishes{}, "Zoé")
			waits := s.booked(session, "c@exemple.fr", booking.Wishes{}, "李")
			s.cancelled(taken)
			b := s.browser()
			page := b.get(declined)
			b.post(declined+"/refuser", page.fill("/refuser", nil)).want(200, "Revenir sur la liste")
			tt.end(s, session)
			b.get(declined).want(200, tt.says).wantNot("Revenir sur la liste", "Une autre date")
			b.get(waits).want(200, tt.waits).wantNot("Comment marche la liste", "Prendre la place", "Une autre date", "En attente", "Place proposée")
			for _, path := range []string{"/attente", "/deuxieme-choix"} {
				b.get(waits+path).want(410, "Plus personne n'attend")
			}
		})
	}
}

// Ages that change later take nothing from who waits: the place is kept, and so is the offer.
func TestAgesChangeAfterJoining(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	mine := s.booked(session, "b@exemple.fr", booking.Wishes{}, "Zoé")
	v, err := s.web.Catalog.Session(t.Context(), session)
	if err != nil {
		t.Fatal(err)
	}
	v.Workshop.MinAge = 11
	if err := s.web.Catalog.EditWorkshop(t.Context(), account.Command(), s.key(), v.Workshop, ""); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	b.get(mine).want(200, "1re sur la liste d'attente")
	s.cancelled(taken)
	page := b.get(mine).want(200, "Une place est proposée à Zoé")
	b.post(mine+"/accepter", page.fill("/accepter", nil)).want(200, "C'est réservé pour Zoé")
	s.cancelled(mine)
	page = b.get(mine).want(200, "Réserver de nouveau")
	b.post(mine+"/revenir", page.fill("/revenir", nil)).want(409, "de 11 à 12 ans")
}

// Where seats are left nobody is asked about a list: the form books. A child is there once, a brother is welcome under
// the same address.
func TestSeatsLeftAreBooked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 2)
	b := s.browser()
	page := toCheck(b, "1", zoe)
	page.wantNot("liste d'attente", "sans nous demander")
	b.post(page.path, page.fill("", values("if_full", "wait", "unasked", "yes"))).want(200, "C'est réservé pour Zoé")
	again := s.browser()
	page = toCheck(again, "1", zoe)
	again.post(page.path, page.fill("", nil)).want(200, "Votre demande est bien arrivée")
	brother := s.browser()
	page = toCheck(brother, "1", merged(zoe, values("first_name_1", "Łukasz")))
	brother.post(page.path, page.fill("", nil)).want(200, "C'est réservé pour Łukasz")
	if n := s.count("SELECT count(*) FROM bookings WHERE status = 'confirmed'"); n != 2 {
		t.Errorf("%d confirmed, want 2", n)
	}
}

// SEC-8, SEC-9: opening a link of a booking, ten times or with HEAD, changes nothing; any other signature is a page that
// does not exist, as that of an unknown booking.
func TestLinksOfWhoWaits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	s.edition(session, "2026-05-23", 3)
	taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	offered := s.booked(session, "b@exemple.fr", booking.Wishes{}, "Zoé", "محمد")
	left := s.booked(session, "c@exemple.fr", booking.Wishes{}, "李")
	s.cancelled(left)
	s.cancelled(taken)
	mailed := bookingPath(s.web.Bookings.Sign(booking.LinkMail, linkOf(offered).Reference, 1))
	state := func() int {
		return s.count(`SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM audit) + (SELECT count(*) FROM form_keys) + (SELECT count(*) FROM offers WHERE ended_at IS NOT NULL)
			+ (SELECT count(*) FROM bookings) * 100 + (SELECT count(*) FROM guardians WHERE proved_at IS NOT NULL) * 10000`)
	}
	b := s.browser()
	before := state()
	for _, path := range []string{offered, mailed, offered + "/attente", mailed + "/attente", offered + "/deuxieme-choix", mailed + "/deuxieme-choix", offered + "/annuler", left} {
		for range 10 {
			b.get(path).want(200)
		}
		b.read(b.client.Head(s.URL + path)).want(200)
	}
	if after := state(); after != before {
		t.Errorf("opening links changed something: %d, before %d", after, before)
	}
	missing := func(path string) string {
		text, _, _ := strings.Cut(b.get(path).want(404).text(), "donnez ce repère")
		return text
	}
	unknown := missing("/inscriptions/ADA-22222222/" + linkOf(left).Signature + "/attente")
	for _, below := range []string{"", "/attente", "/deuxieme-choix"} {
		for _, link := range []string{"/inscriptions/" + linkOf(offered).Reference + "/" + linkOf(left).Signature, offered + "A", strings.TrimSuffix(offered, offered[len(offered)-1:])} {
			if text := missing(link + below); text != unknown {
				t.Errorf("%s says %q", link+below, text)
			}
		}
	}
	for _, below := range []string{"/attente", "/deuxieme-choix", "/revenir"} {
		b.post("/inscriptions/"+linkOf(offered).Reference+"/"+linkOf(left).Signature+below, b.get(offered).fill("/accepter", values("session", "2"))).want(404)
	}
	if after := state(); after != before {
		t.Errorf("a foreign link changed something: %d, before %d", after, before)
	}
}

// Capacity 4: another session at that hour is pointed out beside the offer, and does not block it.
func TestOverlapIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 1)
	other := s.sessionOf(catalog.Workshop{Title: "Musique", Discipline: "musique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120},
		catalog.SessionRequest{Date: "2026-05-09", Starts: "15:30", Ends: "17:30", Capacity: 3})
	taken := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Łukasz")
	s.booked(other, "b@exemple.fr", booking.Wishes{}, "Zoé")
	mine := s.booked(session, "b@exemple.fr", booking.Wishes{}, "Zoé")
	s.cancelled(taken)
	b := s.browser()
	b.get(mine).want(200, "Une place est proposée à Zoé").wantNot("à la même heure") // whoever typed the address learns nothing
	mailed := bookingPath(s.web.Bookings.Sign(booking.LinkMail, linkOf(mine).Reference, 1))
	page := b.get(mailed).want(200, "Zoé a déjà une place ce jour-là à la même heure : Musique, 15 h 30 – 17 h 30")
	b.post(mailed+"/accepter", page.fill("/accepter", nil)).want(200, "C'est réservé pour Zoé")
}
