package words

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// notPlain are words that do not belong on a French screen (UX-P22), each with what to
// write instead: English, jargon, and the words that domain.md asks to avoid.
var notPlain = map[string]string{
	"admin": "équipe", "attendee": "enfant, participant", "backend": "", "booking": "inscription", "bug": "problème", "cancel": "annuler",
	"check-in": "pointage", "checkin": "pointage", "check-out": "départ", "checkout": "départ", "child": "enfant", "click": "", "customer": "famille",
	"dashboard": "accueil", "deadline": "date limite", "download": "télécharger", "email": "e-mail", "emails": "e-mails", "event": "atelier, séance", "events": "atelier, séance",
	"evenement": "atelier, séance", "événement": "atelier, séance", "événements": "ateliers, séances", "family": "famille", "feedback": "avis", "guardian": "responsable",
	"http": "", "id": "référence", "json": "", "kids": "enfants", "link": "lien", "log in": "se connecter", "login": "connexion", "logout": "déconnexion", "name": "nom",
	"no-show": "absent", "null": "", "offline": "hors connexion", "online": "en ligne", "opt-in": "accord", "password": "mot de passe", "please": "merci de", "reminder": "rappel", "reset": "effacer",
	"roster": "feuille", "school": "école", "session": "séance (ou connexion)", "sessions": "séances", "sign in": "se connecter", "sign up": "s'inscrire", "slot": "créneau", "slots": "créneaux",
	"staff": "équipe", "submit": "envoyer", "team": "équipe", "ticket": "inscription", "tickets": "inscriptions", "timeout": "", "token": "lien", "upload": "envoyer", "url": "adresse",
	"user": "dire qui", "users": "dire qui", "utilisateur": "dire qui", "utilisateurs": "dire qui", "utilisatrice": "dire qui", "venue": "lieu",
	"waiting list": "liste d'attente", "waitlist": "liste d'attente", "walk-in": "arrivée sans inscription", "workshop": "atelier", "workshops": "ateliers",
	"tu": "vous", "toi": "vous", "tes": "vos",
}

var wordShape = regexp.MustCompile(`[\pL\pN]+(?:[-'’][\pL\pN]+)*`)

// plainProblems lists the words of text that are not plain French.
func plainProblems(text string) []string {
	found := wordShape.FindAllString(strings.ToLower(text), -1)
	// « l'événement », « as-tu »: what follows the apostrophe or the hyphen counts alone too.
	for _, word := range slices.Clone(found) {
		if i := strings.LastIndexByte(word, '-'); i >= 0 && (word[i:] == "-tu" || word[i:] == "-toi") {
			found = append(found, word[i+1:])
		}
		if _, after, ok := strings.Cut(strings.ReplaceAll(word, "’", "'"), "'"); ok {
			found = append(found, after)
		}
	}
	joined := " " + strings.Join(found, " ") + " "
	var problems []string
	for word, instead := range notPlain {
		if strings.Contains(joined, " "+word+" ") {
			problems = append(problems, word+" → "+cmp.Or(instead, "dire autrement"))
		}
	}
	slices.Sort(problems)
	return problems
}

var sentenceEnd = regexp.MustCompile(`[.!?…]+(?:\s|$)|\n`)

// sentenceLengths gives the number of words of each sentence of text; a placeholder is a word.
func sentenceLengths(text string) []int {
	var lengths []int
	for _, sentence := range sentenceEnd.Split(text, -1) {
		n := len(strings.FieldsFunc(sentence, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("«»:;–,", r) }))
		if n > 0 {
			lengths = append(lengths, n)
		}
	}
	return lengths
}

func median(lengths []int) int {
	slices.Sort(lengths)
	return lengths[len(lengths)/2]
}

// everyText calls do with each text of the French files as its author typed it.
func everyText(t *testing.T, do func(key, text string)) {
	t.Helper()
	names, err := fs.Glob(textFiles, "fr/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := textFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]any
		if err := json.Unmarshal(data, &texts); err != nil {
			t.Fatal(err)
		}
		for key, value := range texts {
			switch value := value.(type) {
			case string:
				do(key, value)
			case map[string]any:
				for form, text := range value {
					do(key+"/"+form, text.(string))
				}
			}
		}
	}
}

// UX-P22: plain French, « vous », no English word, half of the sentences ≤ 20 words.
func TestTextsArePlainFrench(t *testing.T) {
	t.Parallel()
	var lengths []int
	everyText(t, func(key, text string) {
		for _, problem := range plainProblems(text) {
			t.Errorf("%q says %s", key, problem)
		}
		lengths = append(lengths, sentenceLengths(text)...)
	})
	if m := median(lengths); m > 20 {
		t.Errorf("the median sentence has %d words; at most 20 is plain", m)
	}
}

func TestPlainProblems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Votre adresse e-mail, vos e-mails":            "",
		"Donnez votre email.":                          "email → e-mail",
		"Retour au Dashboard !":                        "dashboard → accueil",
		"La waiting list est longue":                   "waiting list → liste d'attente",
		"Faites le check-in":                           "check-in → pointage",
		"L'événement de samedi":                        "événement → atelier, séance",
		"Votre session d’utilisateur":                  "session → séance (ou connexion),utilisateur → dire qui",
		"As-tu fini ? Toi aussi":                       "toi → vous,tu → vous",
		"Les tests d'Ada, la tournée, une usine, idée": "",
	} {
		if got := strings.Join(plainProblems(text), ","); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestSentenceLengths(t *testing.T) {
	t.Parallel()
	got := sentenceLengths("Il reste {0} places. Rien n'est perdu : voulez-vous la liste d'attente ? Vous seriez {1}.\nÀ 14 h 30")
	if want := []int{4, 7, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if m := median([]int{30, 3, 25, 21, 1}); m != 21 {
		t.Errorf("median %d, want 21", m)
	}
}
