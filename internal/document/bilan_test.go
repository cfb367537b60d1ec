package document

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// exampleBilan fills three pages.
func exampleBilan() Bilan {
	b := Bilan{Lang: words.French, Association: Association{Name: "Les Bricodeurs", Address: "7 place Louis Chazette\n69001 Lyon", SIRET: "732 829 320 00074"},
		Period: "Du 1er septembre 2026 au 31 août 2027", Compared: "Comparé à la période d'avant.", Chosen: []string{"Ville : Łódź"},
		Figures: []BilanFigure{{"enfants différents", "672", "1329"}, {"présences", "3303", ""}}, Notes: []string{"« < 5 » : de 1 à 4 enfants."}, MadeAt: time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)}
	for range 12 {
		b.Tables = append(b.Tables, BilanTable{Title: "Genre", Column: "Genre", Columns: []string{"Séances", "Enfants", "Présences", "Heures × enfants", "Enfants avant"},
			Rows:  []BilanRow{{"Filles", []string{"1", "masqué", "1024", "1798 h 30", "458"}, 100}, {"Ont quitté la liste, ou n'ont pas pris la place", []string{"2", "< 5", "7", "8 h", "0"}, 0}},
			Total: BilanRow{"Total", []string{"12", "672", "3257", "5711 h 30", "1329"}, 0}})
	}
	b.Tables = append(b.Tables, BilanTable{Title: "Âge", Column: "Âge", Columns: []string{"Enfants"}, Total: BilanRow{"Total", []string{"masqué"}, 0}, Note: "Trop peu d'enfants pour donner ce détail."})
	return b
}

// A report says who reports, of when, every figure, and « page x/y » on each page; what is hidden stays so.
func TestBilan(t *testing.T) {
	t.Parallel()
	b := exampleBilan()
	var file, again bytes.Buffer
	for _, to := range []*bytes.Buffer{&file, &again} {
		if err := testPress(t).Bilan(t.Context(), to, b); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Error("the same report is drawn in two ways")
	}
	checkSound(t, file.Bytes())
	all := flat(strings.Join(text(t, file.Bytes()), " "))
	for _, want := range []string{"Les Bricodeurs", "SIRET 732 829 320 00074", "Du 1er septembre 2026 au 31 août 2027", "Ville : Łódź", "672", "avant : 1329", "5711 h 30", "< 5", "masqué", "Trop peu d'enfants", "page 1/", "Pour bien lire"} {
		if !strings.Contains(all, want) {
			t.Errorf("the paper lacks %q:\n%s", want, all)
		}
	}
}
