package document

import (
	"bytes"
	"sync"
	"testing"
	"time"
)

var sharedPress = sync.OnceValues(New)

// testPress is one press for all tests: it is safe for concurrent use.
func testPress(t testing.TB) *Press {
	t.Helper()
	press, err := sharedPress()
	if err != nil {
		t.Fatal(err)
	}
	return press
}

// paris is the zone of the examples, built without the machine's database of zones.
var paris = time.FixedZone("CEST", 2*3600)

// worldNames are first and last names that every document must print or visibly
// replace (UX-P9).
var worldNames = [][2]string{
	{"Zoé", "D'Artagnan-N'Guyen"},
	{"Łukasz", "Kowalczyk"},
	{"Ánh", "Nguyễn"},
	{"محمد", "الإدريسي"},
	{"小龙", "李"},
	{"Noe\u0301mie", "Garc\u0327on"}, // accents typed apart
	{"Marie-Amélie Joséphine Philippine", "de La Rochefoucauld-Montbazon d'Estissac"},
	{"Αλέξης", "Παπαδόπουλος"},
	{"Дарья", "Шевченко"},
	{"O", "Ng"},
	{"Ọ̀ṣun", "Adébáyọ̀"},
	{"שרה", "כהן"},
}

// exampleSheet has n children, names from all over the world first.
func exampleSheet(n int) Sheet {
	s := Sheet{
		Organisation: "Les Ateliers d'Ada", Workshop: "Robotique : piloter Thymio",
		Start: time.Date(2027, 5, 8, 14, 0, 0, 0, paris), End: time.Date(2027, 5, 8, 16, 0, 0, 0, paris),
		Venue: "Espace Altnet", Address: "7 place Louis Chazette, 69001 Lyon",
		Facilitators: []string{"Inès Roche", "Łukasz Nowak"}, Capacity: 12,
		BlankLines: 5, TeamPage: true, MadeAt: time.Date(2027, 5, 7, 18, 2, 0, 0, paris),
	}
	for i := range n {
		name := worldNames[i%len(worldNames)]
		s.Rows = append(s.Rows, SheetRow{
			FirstName: name[0], LastName: name[1], Age: 7 + i%5,
			Health: Health(i % 4), HealthText: "Allergie aux arachides, trousse de secours dans le sac.",
			Emergency:   Contact{"Mamie Jo", "06 12 34 56 78"},
			Guardians:   []Contact{{"Claire D'Artagnan", "07 11 22 33 44"}},
			PickUp:      []string{"Ali Ben", "Li Wei"}[:i%3],
			LeavesAlone: i%4 == 1, NoPhoto: i%3 == 0,
		})
	}
	return s
}

func exampleCertificate() Certificate {
	return Certificate{
		Organisation: "Les Ateliers d'Ada", Child: "Zoé D'Artagnan-N'Guyen",
		Workshop: "Robotique : piloter Thymio", Discipline: "robotique",
		Made:   "Un parcours d'obstacles que le robot Thymio traverse tout seul, et une danse à deux robots.",
		Learnt: []string{"Lire un capteur de distance", "Enchaîner des actions avec « quand… alors »", "Chercher une erreur pas à pas"},
		Start:  time.Date(2027, 5, 8, 14, 0, 0, 0, paris), End: time.Date(2027, 5, 8, 16, 0, 0, 0, paris),
		Venue: "Espace Altnet", City: "Lyon", Facilitators: []string{"Inès Roche", "Łukasz Nowak"},
		Number: "2027-0042", Code: "7K3M-9QXW-TB",
		VerifyURL: "https://ateliers.lesbricodeurs.fr/attestations/7K3M-9QXW-TB",
	}
}

func drawSheet(t testing.TB, s Sheet) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := testPress(t).Sheet(t.Context(), &file, s); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func drawDiplomas(t testing.TB, certificates ...Certificate) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := testPress(t).Certificates(t.Context(), &file, "fr", certificates[0].End, certificates); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
