package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// The page says what goes before anything goes; then the family is nobody's name on any page, its link opens nothing, and the
// next family has an offer.
func TestEraseFamilyPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 1)
	reference := h.book(id, "Camille D'Artagnan", "camille@exemple.fr", "+33 6 12 34 56 78", "Ngọc D'Artagnan-N'Guyen")
	other := h.book(h.session("Musique", 4), "Camille", "CAMILLE@exemple.fr", "06 00 00 00 09", "Łukasz D'Artagnan")
	h.book(id, "李 伟", "li@exemple.fr", "06 00 00 00 03", "李 娜")
	path := "/equipe/inscriptions/" + reference + "/effacer"
	b := h.member(account.Staff)
	page := b.get(path).wants(200).says("Effacer cette famille ?", "Camille D'Artagnan", "camille@exemple.fr", "Ngọc D'Artagnan-N'Guyen",
		"1 inscription est annulée. La place rendue passe à la liste d'attente.", "Robotique", "1 autre inscription, avec la même adresse e-mail", other).hides("arachides")
	if page.doc.Find(`main a[href="/equipe/inscriptions/`+reference+`"]`).Length() != 2 {
		t.Error("no way back to the booking")
	}
	form := page.form(path)
	for range 2 { // sent twice, it is the same
		b.post(path, form).leadsTo(path + "?fait=effacee&reste=" + other)
	}
	done := b.get(path+"?fait=effacee&reste="+other+"&reste=ADA-22222222&reste="+reference).wants(200).says("C'est fait", "Famille effacée", reference,
		"1 autre inscription, avec la même adresse e-mail", "rien n'en est effacé").hides("Camille", "Ngọc", "ADA-22222222")
	if done.doc.Find(`main a[href="/equipe/inscriptions/`+other+`/effacer"]`).Length() != 1 {
		t.Error("no way to what stays under the same address")
	}
	b.get(path + "?fait=effacee").wants(200).hides("autre inscription")

	// Nothing can be done for nobody: the page offers no act, and those of an old page lead back to it.
	gone := b.get("/equipe/inscriptions/"+reference).wants(200).hides("Camille", "Ngọc", "12 34 56 78", "autre séance")
	if acts := gone.doc.Find("main form, main .views a, main a.button"); acts.Length() != 0 {
		t.Errorf("an erased booking offers %q", acts.Text())
	}
	late := b.get("/equipe/inscriptions/"+reference+"/autre-seance").wants(http.StatusGone).says("Cette famille est effacée", "Retour à l'inscription")
	if late.doc.Find(`main a[href="/equipe/inscriptions/`+reference+`"]`).Length() != 1 {
		t.Error("no way back to the booking")
	}
	b.get("/equipe/seances/1").wants(200).says("Famille effacée", "Coordonnées effacées", "Annulée par la famille", "李 娜", "Place proposée").hides("Camille", "Ngọc", "12 34 56 78", "9 ans", "à appeler")
	if rows := strings.Split(b.get("/equipe/seances/1/inscriptions.csv").wants(200).Body, "\n"); !strings.HasPrefix(rows[1], "Famille effacée;;;") {
		t.Errorf("the export says %q", rows[1])
	}
	link := h.web.Bookings.Sign(booking.LinkMail, reference, 1)
	b.get("/inscriptions/" + reference + "/" + link.Signature).wants(http.StatusNotFound)
	b.get("/equipe/inscriptions/" + other + "/effacer").wants(200).says("Łukasz D'Artagnan").hides("autre inscription")

	breaches, err := upkeep.Verify(t.Context(), h.db)
	if err != nil || len(breaches) != 0 {
		t.Errorf("verify: %q, %v", breaches, err)
	}
}

// Who came and was erased the morning after is a line without a name on the register, the sheets and the certificates; what
// was certified stays true.
func TestErasedOnThePagesOfTheDay(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	nadia := h.as("nadia@exemple.fr")
	h.tap(nadia, h.zoe, "present")
	h.tap(nadia, h.anh, "present")
	nadia.post(h.path+"/attestations", nadia.get(h.path+"/attestations").form(h.path+"/attestations")).wants(http.StatusSeeOther)
	h.tap(nadia, h.mohammed, "present") // came late, and has no certificate yet
	public := nadia.get(h.path+"/attestations").doc.Find(".given a.num").First().AttrOr("href", "")
	reference := func(booking int64) (r string) {
		h.scan(&r, "SELECT g.reference FROM booking_groups g JOIN bookings b ON b.group_id = g.id WHERE b.id = ?", booking)
		return r
	}
	staff := h.member(account.Staff)
	busy := "/equipe/inscriptions/" + reference(h.zoe) + "/effacer"
	staff.get(busy).wants(200).says("Un enfant de cette famille a une séance", "à partir du dimanche 10 mai 2026 à 8 h").hides("Ne rien effacer")
	h.clock.Set(time.Date(2026, 5, 10, 6, 0, 0, 0, time.UTC))
	staff = h.member(account.Staff)
	for _, booking := range []int64{h.zoe, h.mohammed} {
		path := "/equipe/inscriptions/" + reference(booking) + "/effacer"
		staff.post(path, staff.get(path).wants(200).form(path)).wants(http.StatusSeeOther)
	}

	gone := []string{"Zoé", "D'Artagnan", "محمد", "علي", "Arachides", "6 12 34 56 78", "Łukasz,", "Tonton"}
	nadia = h.as("nadia@exemple.fr")
	page := nadia.get(h.path).wants(200).says("Famille effacée", "Présent, 14 h 05", "Anh Nguyễn", "3 inscrits", "3 présents").hides(gone...)
	if row := page.row(h.zoe); row.Find("details, .flag").Length() != 0 || strings.Contains(row.Text(), "ans") {
		t.Errorf("the row says more than what was marked: %q", row.Text())
	}
	nadia.get(h.path+"/feuille").wants(200).says("Famille effacée", "Nguyễn Anh").hides(gone...)
	text := pdfText(t, nadia.get(h.path+"/feuille.pdf").wants(200).Body)
	if strings.Count(text, "Famille effacée") != 2 || slices.ContainsFunc(gone, func(name string) bool { return strings.Contains(text, name) }) {
		t.Errorf("the sheet says\n%s", text)
	}
	nadia.get(h.path+"/attestations").wants(200).says("Nom effacé", "Anh Nguyễn").hides(gone...).hides("sont venus", "est venu")
	nadia.get(h.path + "/attestations/papier").wants(200).says("Anh Nguyễn").hides(gone...)
	nadia.get(public).wants(200).says("Valable", "Son nom a été effacé").hides(gone...)
	staff.get("/equipe/seances/1").wants(200).says("Famille effacée", "3 enfants ont leur place").hides(gone[2:]...)

	breaches, err := upkeep.Verify(t.Context(), h.db)
	if err != nil || len(breaches) != 0 {
		t.Errorf("verify: %q, %v", breaches, err)
	}
}
