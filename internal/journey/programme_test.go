package journey

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestProgrammeOf2016 takes the 16 sessions of spring 2016 to the coming weeks in an empty database, serves them, books
// each of them and prints every sheet (issue 2).
func TestProgrammeOf2016(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	ateliers(t, data, "migrate")
	first := time.Now().AddDate(0, 0, 8).Format(time.DateOnly)
	programme := filepath.Join("..", "..", "cmd", "ateliers", "demo", "programme-2016.csv")
	said := ateliers(t, data, "import", "programme", programme, "--shift-to", first)
	if !strings.HasPrefix(said, "16 sessions added") {
		t.Fatalf("import programme says %q", said)
	}
	if again := ateliers(t, data, "import", "programme", programme, "--shift-to", first); !strings.Contains(again, "0 sessions added, 16 were there already") {
		t.Errorf("a second import says %q", again)
	}

	d := newServer(t, data)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	sessions := d.sessions(t)
	if len(sessions) != 16 {
		t.Fatalf("%d sessions are served, want 16", len(sessions))
	}
	for i, s := range sessions {
		starts := s.StartsAt.In(paris)
		if h := starts.Hour(); starts.Weekday() != time.Saturday || starts.Minute() != 0 || h != 14 && h != 16 {
			t.Errorf("%s starts on %s, not at its hour on a Saturday", s.Title, starts)
		}
		if s.Capacity != 12 || s.PlacesLeft != 12 || s.Status != "open" {
			t.Errorf("%s: %+v", s.Title, s)
		}
		name := string(rune('A' + i))
		c := child{"Zoé " + name, "D'Artagnan-N'Guyen", "1", "2", fmt.Sprint(starts.Year() - s.MinAge - 1)}
		booked := newVisitor(t, d).book(s.ID, family{"Łukasz Nguyễn", fmt.Sprintf("famille-%d@exemple.fr", i), "06 12 34 56 78"}, c)
		if booked.status != http.StatusOK {
			t.Errorf("%s: %d", s.Title, booked.status)
		}
		sheet := filepath.Join(t.TempDir(), "feuille.pdf")
		d.run(t, "sheet", fmt.Sprint(s.ID), "-o", sheet)
		if text := pdfText(t, sheet); !strings.Contains(text, "D'Artagnan-N'Guyen") || !strings.Contains(text, c.first) || !strings.Contains(text, s.Title) {
			t.Errorf("the sheet of %s:\n%s", s.Title, text)
		}
	}
	d.run(t, "verify")
}
