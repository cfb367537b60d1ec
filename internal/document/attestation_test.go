package document

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Issue 3, 6: who, what, dates, hours, headcount by level, place and date, who signs. The golden file is the whole text.
func TestAttestationText(t *testing.T) {
	t.Parallel()
	file := drawAttestationFile(t, exampleAttestation())
	checkSound(t, file)
	pages := text(t, file)
	golden(t, "attestation.txt", pages)
	all := flat(strings.Join(pages, " "))
	for _, want := range []string{
		"Attestation de service fait", "Demande GRP-7K3M9QXW", "École élémentaire Zoé D'Artagnan-N'Guyen", "UAI 0691234A",
		"mardi 11 mai 2027 9 h – 11 h CM1 : 12, CM2 : 11 2", "h 23 mardi 18 mai 2027 9 h – 10 h 30 CM1 : 12, CM2 : 12 1 h 30 24",
		"2 séances 3 h 30 47", "Nguyễn Ánh", "محمد", "devis n° D2027-0007", "Fait à Lyon, le 19 mai 2027", "Łukasz Nowak", "page 1/1",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q:\n%s", want, all)
		}
	}
}

// Sessions of several workshops or at several places say each their own; nothing is said of all that is true of one.
func TestAttestationOfSeveralWorkshops(t *testing.T) {
	t.Parallel()
	a := exampleAttestation()
	a.Workshops, a.Place = []string{"Robotique : piloter Thymio", "Musique : 李 Łucja"}, ""
	a.Sessions[0].Workshop, a.Sessions[0].Place = "Robotique : piloter Thymio", "Salle polyvalente, 69001 Lyon"
	a.Sessions[1].Workshop, a.Sessions[1].Place = "Musique : 李 Łucja", "Espace Altnet, 7 place Louis Chazette, 69001 Lyon"
	all := flat(strings.Join(text(t, drawAttestationFile(t, a)), " "))
	for _, want := range []string{"les ateliers « Robotique : piloter Thymio » et « Musique : ", "Salle polyvalente, 69001 Lyon", "7 place Louis Chazette"} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q:\n%s", want, all)
		}
	}
	if strings.Contains(all, "Lieu :") {
		t.Errorf("one place stands for all:\n%s", all)
	}
}

// Many sessions take further pages, each with the head of the table; the signature is whole and once.
func TestAttestationOfManySessions(t *testing.T) {
	t.Parallel()
	a := exampleAttestation()
	session := a.Sessions[0]
	a.Sessions = nil
	for i := range 60 {
		s := session
		s.Start, s.End = s.Start.AddDate(0, 0, i), s.Start.AddDate(0, 0, i).Add(45*time.Minute)
		a.Sessions = append(a.Sessions, s)
	}
	pages := text(t, drawAttestationFile(t, a))
	if len(pages) < 2 || len(pages) > 3 {
		t.Fatalf("%d pages", len(pages))
	}
	all := flat(strings.Join(pages, " "))
	if strings.Count(all, "45 min") != 60 || !strings.Contains(all, "60 séances 45 h 1380") || strings.Count(all, "Coordination") != 1 {
		t.Errorf("got:\n%s", all)
	}
	for i, page := range pages[:2] {
		if !strings.Contains(page, "Horaires") || !strings.Contains(page, fmt.Sprintf("page %d/%d", i+1, len(pages))) {
			t.Errorf("page %d lacks its head or its number", i+1)
		}
	}
}
