package document

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/prose"
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

func exampleSession() Session {
	return Session{
		Lang: "fr", Organisation: "Les Ateliers d'Ada", Workshop: "Robotique : piloter Thymio",
		Start: time.Date(2027, 5, 8, 14, 0, 0, 0, paris), End: time.Date(2027, 5, 8, 16, 0, 0, 0, paris),
		Venue: "Espace Altnet", Address: "7 place Louis Chazette, 69001 Lyon",
		Facilitators: []string{"Inès Roche", "Łukasz Nowak"}, MadeAt: time.Date(2027, 5, 7, 18, 2, 0, 0, paris),
	}
}

func exampleBlank(lines int) BlankSheet { return BlankSheet{Session: exampleSession(), Lines: lines} }

// exampleToFill is a blank sheet of a session that nobody planned.
func exampleToFill(lines int) BlankSheet {
	s := exampleSession()
	return BlankSheet{Session: Session{Lang: s.Lang, Organisation: s.Organisation, MadeAt: s.MadeAt}, Lines: lines}
}

func examplePoster() Poster {
	s := Poster{
		Session: exampleSession(), Discipline: "robotique", Ages: "de 6 à 12 ans",
		Access: "Au fond de la cour, porte verte, deuxième étage", URL: "https://ateliers.lesbricodeurs.fr/seances/12",
	}
	s.Facilitators = []string{"Inès", "Łukasz"}
	return s
}

// exampleDay is the sheets of a day: of two sessions for families, the first with a class between them.
func exampleDay() Bundle {
	return Bundle{
		Lang: "fr", Title: "Feuilles d'émargement – samedi 8 mai 2027", MadeAt: exampleSession().MadeAt,
		Registers: []Register{exampleSheet(12), exampleClass(24, 2), exampleSheet(40)},
	}
}

func drawRegisterFile(t testing.TB, r Register) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := testPress(t).Register(t.Context(), &file, r); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func drawBundleFile(t testing.TB, b Bundle) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := testPress(t).Registers(t.Context(), &file, b); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func drawPosterFile(t testing.TB, s Poster) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := testPress(t).Poster(t.Context(), &file, s); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// exampleSheet has n children, names from all over the world first.
func exampleSheet(n int) Sheet {
	s := Sheet{Session: exampleSession(), Capacity: 12, BlankLines: 5, TeamPage: true}
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

func drawDiplomas(t testing.TB, certificates ...Certificate) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := testPress(t).Certificates(t.Context(), &file, "fr", certificates[0].End, certificates); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// ada is the association of the examples.
var ada = Association{
	Name: "Les Bricodeurs – Les Ateliers d'Ada", Address: "7 place Louis Chazette\n69001 Lyon",
	SIRET: "802 123 456 00017", RNA: "W691085123", Email: "salut@lesbricodeurs.fr", Phone: "04 78 00 00 00",
	Website: "lesbricodeurs.fr", IBAN: "FR7630001007941234567890185",
}

// exampleBill has n lines, names from all over the world among them.
func exampleBill(kind BillKind, n int) Bill {
	at := func(day, hour int) time.Time { return time.Date(2027, 5, day, hour, 0, 0, 0, paris) }
	b := Bill{
		Lang: "fr", Kind: kind, Number: "D2027-0007", Version: 2, Date: at(3, 10), ValidUntil: at(31, 0), Seller: ada,
		Client: Party{
			Name: "École élémentaire Zoé D'Artagnan-N'Guyen", Address: "12 rue des Écoles", Postcode: "69001", City: "Lyon",
			UAI: "0691234A", SIRET: "21690123400015",
		},
		Payer: &Party{
			Name: "Ville de Lyon", Address: "Direction de l'éducation\n1 place de la Comédie", Postcode: "69001", City: "Lyon",
			SIRET: "21690123400015", ServiceCode: "EDU-MARCHES",
		},
		Engagement: "BC-2027-00412", Subject: "Robotique : piloter Thymio, deux séances pour la classe de Łukasz Nguyễn",
		Times: []Period{{at(11, 9), at(11, 11)}, {at(18, 9), at(18, 11)}}, Place: "École élémentaire, 12 rue des Écoles, 69001 Lyon",
		Level: "CM1-CM2", Children: 24,
		VAT:    "TVA non applicable, art. 293 B du CGI.",
		Terms:  "Paiement à 30 jours, par virement. Pas d'escompte. Indemnité de 40 € pour frais de recouvrement en cas de retard.",
		Note:   "Le goûter du 18 mai est offert à la classe de محمد et de 李.",
		MadeAt: at(3, 10),
	}
	switch kind {
	case Invoice:
		b.Number, b.Version, b.ValidUntil, b.Due = "F2027-0012", 0, time.Time{}, at(31, 0)
	case CreditNote:
		b.Number, b.Version, b.ValidUntil, b.Credits = "A2027-0001", 0, time.Time{}, "F2027-0012"
	}
	for i := range n {
		line := []BillLine{
			{"Atelier « Robotique : piloter Thymio », séance de deux heures avec deux personnes pour animer", 200, 28000, 1000, 50400},
			{"Déplacement Lyon – Villeurbanne, aller et retour, par séance", 150, 1233, 0, 1850},
			{"Matériel : 12 robots Thymio, piles comprises", 100, 123450, 0, 123450},
		}[i%3]
		b.Lines = append(b.Lines, line)
		b.Total += line.Total
	}
	return b
}

func drawBillFile(t testing.TB, b Bill) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := testPress(t).Bill(t.Context(), &file, b); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// exampleClass has n first names and as many blank lines as asked for.
func exampleClass(n, blank int) ClassSheet {
	s := ClassSheet{
		Session: exampleSession(), School: "École élémentaire Zoé D'Artagnan-N'Guyen, Lyon", Level: "CM1-CM2", BlankLines: blank,
	}
	s.Start, s.End = time.Date(2027, 5, 11, 9, 0, 0, 0, paris), time.Date(2027, 5, 11, 11, 0, 0, 0, paris)
	s.Venue, s.Address, s.MadeAt = "Salle polyvalente", "12 rue des Écoles, 69001 Lyon", time.Date(2027, 5, 10, 18, 2, 0, 0, paris)
	for i := range n {
		s.FirstNames = append(s.FirstNames, worldNames[i%len(worldNames)][0])
	}
	return s
}

func exampleAttestation() Attestation {
	at := func(day, hour, minute int) time.Time { return time.Date(2027, 5, day, hour, minute, 0, 0, paris) }
	return Attestation{
		Lang: "fr", Reference: "GRP-7K3M9QXW", Association: ada, Client: exampleBill(Quote, 0).Client,
		Workshops: []string{"Robotique : piloter Thymio"}, Place: "Salle polyvalente, 12 rue des Écoles, 69001 Lyon",
		Sessions: []AttestedSession{
			{Start: at(11, 9, 0), End: at(11, 11, 0), Groups: []AttestedGroup{{"CM1", 12}, {"CM2", 11}}},
			{Start: at(18, 9, 0), End: at(18, 10, 30), Groups: []AttestedGroup{{"CM1", 12}, {"CM2", 12}}},
		},
		Facilitators: []string{"Inès Roche", "محمد الإدريسي", "Nguyễn Ánh", "李 Wei"}, Bill: "devis n° D2027-0007", Engagement: "BC-2027-00412",
		SignedIn: "Lyon", SignedOn: at(19, 0, 0), Signatory: "Łukasz Nowak", Role: "Coordination", MadeAt: at(19, 9, 0),
	}
}

func drawAttestationFile(t testing.TB, a Attestation) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := testPress(t).Attestation(t.Context(), &file, a); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// exampleAgreement is the text that a new installation begins with, filled in.
func exampleAgreement(t testing.TB) Agreement {
	t.Helper()
	source, err := os.ReadFile("../school/agreement_default.md")
	if err != nil {
		t.Fatal(err)
	}
	text, problems := prose.Parse(string(source))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return Agreement{
		Lang: "fr", Reference: "GRP-7K3M9QXW", Version: 2, Date: time.Date(2027, 5, 3, 0, 0, 0, 0, paris), Association: ada,
		Client: exampleBill(Quote, 0).Client, Issuer: "Łukasz Nowak", Hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		MadeAt: time.Date(2027, 5, 3, 10, 0, 0, 0, paris),
		Text: text.Fill(map[string]string{
			"association": ada.Name, "association_adresse": "7 place Louis Chazette, 69001 Lyon", "association_siret": ada.SIRET,
			"association_ville": "Lyon", "organisme": "École « **x** # {{total}} <b> »", "organisme_adresse": "12 rue des Écoles, 69001 Lyon",
			"organisme_uai": "0691234A", "contact": "Zoé D'Artagnan-N'Guyen", "contact_role": "directrice", "atelier": "Robotique : piloter Thymio",
			"enfants": "24 enfants", "niveau": "CM1-CM2", "adultes": "2 adultes", "lieu": "Salle polyvalente, 12 rue des Écoles, 69001 Lyon",
			"dates": "mardi 11 mai 2027, 9 h – 11 h\nmardi 18 mai 2027, 9 h – 11 h", "equipe": "Łukasz Nowak, Nguyễn Ánh, محمد الإدريسي et 李 Wei",
			"montant": "1 757,00 €", "devis": "devis n° D2027-0007", "payeur": "Ville de Lyon", "date": "3 mai 2027",
		}),
	}
}

func drawAgreementFile(t testing.TB, a Agreement) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := testPress(t).Agreement(t.Context(), &file, a); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// exampleSignature is a wave of ink on no ground, as staff's pictures are once they were read.
func exampleSignature(t testing.TB) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 600, 180))
	for x := range 600 {
		middle := 90 + 80*math.Sin(float64(x)/25)*(1-float64(x)/700)
		for y := max(0, int(middle)-4); y < min(180, int(middle)+4); y++ {
			picture.SetNRGBA(x, y, color.NRGBA{0x22, 0x1b, 0x33, 0xff})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
