package document

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/lesbricodeurs/ateliersdada/internal/prose"
	_ "github.com/lesbricodeurs/ateliersdada/internal/rapidtest"
)

// UX-P9, SEC-43: what a string becomes before it is drawn. Nothing visible is lost in
// silence: it is drawn, or a box stands for it and the foot of the page says so.
func TestClean(t *testing.T) {
	t.Parallel()
	f := testPress(t).fonts
	for _, c := range []struct {
		what, in, want string
		replaced       bool
	}{
		{"French", "Zoé D'Artagnan-N'Guyen « Œuf » – 12 €", "Zoé D'Artagnan-N'Guyen « Œuf » – 12 €", false},
		{"typographic apostrophe", "D’Artagnan", "D’Artagnan", false},
		{"Polish", "Łukasz Żółć", "Łukasz Żółć", false},
		{"Vietnamese", "Nguyễn Ánh Ngọc", "Nguyễn Ánh Ngọc", false},
		{"Romanian, Turkish", "Ștefan Țurcanu İnci Şahin ığdır", "Ștefan Țurcanu İnci Şahin ığdır", false},
		{"Greek, Cyrillic", "Αλέξης Ἀθηνᾶ Дарья Їжак", "Αλέξης Ἀθηνᾶ Дарья Їжак", false},
		{"one letter", "O", "O", false},
		{"accents typed apart", "Noe\u0301mie Nguye\u0302\u0303n", "Noémie Nguyễn", false},
		{"accent that composes with nothing", "Adebayọ\u0300", "Adebayọ\u0300", false},
		{"Chinese", "李小龙", "□□□", true},
		{"Chinese among Latin", "Li 李", "Li □", true},
		{"Hindi: a letter with its vowel sign is one", "कि", "□", true},
		{"emoji", "Zoé 😀", "Zoé □", true},
		{"emoji with skin colour", "👍🏽", "□", true},
		{"emoji of several", "👩\u200d👧 Zoé", "□ Zoé", true},
		{"heart with its selector", "❤\ufe0f", "□", true},
		{"a typed box is not ours to explain away", "□", "□", true},
		{"bytes that are no text", "Zo\xc3 \xff\xfe", "Zo□ □□", true},
		{"half of a pair", "\xed\xa0\x80", "□□□", true},
		{"control", "Zo\x00e\x07", "Zo□e□", true},
		{"mathematical letters", "𝐙𝐨𝐞", "Zoe", false},
		{"full width", "ＺＯＥ", "ZOE", false},
		{"override of direction", "Zoé\u202egnp.exe\u202c", "Zoégnp.exe", false},
		{"marks of direction", "\u200fZoé\u200e\u2066!\u2069", "Zoé!", false},
		{"soft hyphen, joiners, byte order mark", "Zo\u00adé\u200b\u200d\ufeff", "Zoé", false},
		{"PDF's own signs", `( ) \ % << /JS >> ]`, `( ) \ % << /JS >> ]`, false},
		{"spaces", "  Zoé \t\u2003 Martin \u3000 ", "Zoé Martin", false},
		{"no-break spaces stay", "14\u00a0h\u202f!", "14\u00a0h\u202f!", false},
		{"lines", "un\r\ndeux\n\n\u2028 trois\n", "un\ndeux\ntrois", false},
		{"nothing", " \t\n", "", false},
		{"Arabic", "محمد", "ﻣﺤﻤﺪ", false},
		{"Arabic: lam and alef are one", "إسلام لا", "ﺇﺳﻼﻡ ﻻ", false},
		{"Arabic: vowel signs do not part letters", "مُحَمَّد", "ﻣُﺤَﻤَّﺪ", false},
		{"Arabic: alef and waw do not reach on", "نور", "ﻧﻮﺭ", false},
		{"Persian", "پژمان گیتی", "ﭘﮋﻣﺎﻥ ﮔﯿﺘﯽ", false},
		{"Persian: kept apart by a non-joiner", "می\u200cخواهم", "ﻣﯽﺧﻮﺍﻫﻢ", false},
		{"a lone Arabic letter", "ه", "ﻩ", false},
		{"Hebrew", "שרה", "שרה", false},
	} {
		got, replaced := f.clean(c.in)
		if got != c.want || replaced != c.replaced {
			t.Errorf("%s: clean(%+q) = %+q, %v; want %+q, %v", c.what, c.in, got, replaced, c.want, c.replaced)
		}
	}
}

// The order on paper: what runs to the left is turned round where it stands, and a
// vowel sign stays with its letter, after it, where the font puts it above.
func TestVisual(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, in, want string }{
		{"Latin", "Zoé (9 ans)", "Zoé (9 ans)"},
		{"Hebrew", "שרה כהן", "ןהכ הרש"},
		{"Hebrew in a French line", "Avec שרה et Zoé", "Avec הרש et Zoé"},
		{"brackets are mirrored", "א(ב)ג", "ג(ב)א"},
		{"vowel sign", "א\u05b8ב", "בא\u05b8"},
		{"a mark that belongs to nothing", "\u05b8", "\u05b8"},
		{"nothing", "", ""},
	} {
		if got := visual(c.in); got != c.want {
			t.Errorf("%s: visual(%+q) = %+q, want %+q", c.what, c.in, got, c.want)
		}
	}
}

// Whatever is typed, clean gives signs that can be drawn, and visual only moves them.
func TestCleanOfAnything(t *testing.T) {
	t.Parallel()
	f := testPress(t).fonts
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.Rune()), rapid.StringMatching(`[ -~א-ת\x{600}-\x{6ff}\x{300}-\x{36f}\x{200b}-\x{202f}()]*`)).Draw(t, "in")
		checkClean(t, f, in)
	})
}

func checkClean(t interface{ Errorf(string, ...any) }, f *fonts, in string) {
	out, replaced := f.clean(in)
	if !utf8.ValidString(out) || !norm.NFC.IsNormalString(out) {
		t.Errorf("clean(%+q) = %+q is not composed UTF-8", in, out)
	}
	for _, r := range out {
		if r != '\n' && !f.has.contains(r) {
			t.Errorf("clean(%+q) has %+q, which the font lacks", in, r)
		}
	}
	if replaced != strings.ContainsRune(out, replacement) {
		t.Errorf("clean(%+q) = %+q says %v", in, out, replaced)
	}
	for line := range strings.SplitSeq(out, "\n") {
		if counts(visual(line)) != counts(line) {
			t.Errorf("visual(%+q) = %+q has other signs", line, visual(line))
		}
	}
}

// counts says how many of each sign a text has; turned brackets count as the same.
func counts(s string) string {
	signs := []rune(s)
	for i, r := range signs {
		if properties, _ := bidi.LookupRune(r); properties.IsBracket() {
			signs[i] = min(r, []rune(bidi.ReverseString(string(r)))[0])
		}
	}
	slices.Sort(signs)
	return string(signs)
}

// Lines are no wider than asked, no word is cut that fits a line, nothing is lost.
func TestWrap(t *testing.T) {
	t.Parallel()
	width := func(s string) float64 { return float64(utf8.RuneCountInString(s)) }
	for _, c := range []struct {
		in   string
		at   float64
		want string
	}{
		{"Zoé et Łukasz", 20, "Zoé et Łukasz"},
		{"Zoé et Łukasz", 8, "Zoé et|Łukasz"},
		{"D'Artagnan-N'Guyen", 12, "D'Artagnan-|N'Guyen"},
		{"Maximilienne", 5, "Maxim|ilien|ne"},
		{"à Maximilienne", 5, "à|Maxim|ilien|ne"},
		{"il dit « oui » !", 10, "il dit|« oui » !"},
		{"un\ndeux trois", 20, "un|deux trois"},
		{"xe\u0301e\u0301", 2, "xe\u0301|e\u0301"},
		{"ab", 0.5, "a|b"},
		{"", 5, ""},
	} {
		if got := strings.Join(wrap(c.in, c.at, width), "|"); got != c.want {
			t.Errorf("wrap(%q, %v) = %q, want %q", c.in, c.at, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[a-zé \n«»!-]{0,200}`).Draw(t, "in")
		at := rapid.Float64Range(1, 40).Draw(t, "width")
		lines := wrap(in, at, width)
		squeeze := func(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
		if squeeze(strings.Join(lines, "")) != squeeze(in) {
			t.Errorf("wrap(%q, %v) = %q has lost something", in, at, lines)
		}
		for _, line := range lines {
			if width(line) > at {
				t.Errorf("wrap(%q, %v): %q is too wide", in, at, line)
			}
		}
	})
}

// hostile are strings that were made to break a file (SEC-43).
var hostile = []string{
	`( ) \ % Zoé`,
	`Zoé) Tj ET endstream endobj 1 0 obj <</S /JavaScript /JS (app.alert(1))>>`,
	"Zoé\\) /URI (https://example.org) %",
	"Zoé\u202egnp.exe",
	"😀👩\u200d👧🏽\U000e0041",
	"Zo\xc3\x28\xff\xfe\xed\xa0\x80",
	"\x00\r\n\x1b[31m",
	strings.Repeat("W", 300),
	strings.Repeat("Maximilienne ", 23),
	strings.Repeat("محمد ", 60),
	strings.Repeat("李", 300),
	strings.Repeat("e\u0301\u0302\u0303", 100),
	"<script>alert(1)</script>",
	"=HYPERLINK(\"https://example.org\")",
}

// numbered is the number of a page at its foot.
var numbered = regexp.MustCompile(`page [1-9]\d*/[1-9]`)

// SEC-43: whatever the strings of a document hold, in every field at once, the file is
// whole and nothing in it acts; a name of 300 signs does not break the page.
func TestHostileStrings(t *testing.T) {
	t.Parallel()
	for _, s := range hostile {
		t.Run(s[:min(len(s), 20)], func(t *testing.T) {
			t.Parallel()
			sheet := hostileSheet(s)
			file := drawRegisterFile(t, sheet)
			checkSound(t, file)
			pages := text(t, file)
			if len(pages) > 7 {
				t.Errorf("a sheet of %d pages", len(pages))
			}
			for i, page := range pages {
				if strings.Contains(page, "Page laissée vide") {
					continue
				}
				if !strings.Contains(flat(page), "page") || !strings.Contains(flat(page), "Imprimé le") {
					t.Errorf("page %d has lost its foot", i+1)
				}
			}
			for what, file := range map[string][]byte{
				"certificate": drawDiplomas(t, hostileCertificate(s)), "poster": drawPosterFile(t, hostilePoster(s)),
			} {
				checkSound(t, file)
				if n := pageCount(t, file); n != 1 {
					t.Errorf("a %s of %d pages", what, n)
				}
			}
			day := Bundle{Lang: "fr", Title: s, MadeAt: sheet.MadeAt, Registers: []Register{sheet, hostileClass(s)}}
			checkSound(t, drawBundleFile(t, day))
			for what, file := range map[string][]byte{
				"quote": drawBillFile(t, hostileBill(Quote, s)), "invoice": drawBillFile(t, hostileBill(Invoice, s)),
				"agreement":   drawAgreementFile(t, hostileAgreement(s)),
				"attestation": drawAttestationFile(t, hostileAttestation(s)), "class sheet": drawRegisterFile(t, hostileClass(s)),
				"blank sheet": drawRegisterFile(t, BlankSheet{Session: hostileSession(s), Lines: 12}),
			} {
				checkSound(t, file)
				pages := text(t, file)
				if len(pages) > 6 {
					t.Errorf("%s: %d pages", what, len(pages))
				}
				for i, page := range pages {
					if !numbered.MatchString(page) && !strings.Contains(page, "Page laissée vide") {
						t.Errorf("%s: page %d has lost its foot", what, i+1)
					}
				}
			}
		})
	}
}

// However long its texts, the head leaves the page to the table.
func TestHeadLeavesRoom(t *testing.T) {
	t.Parallel()
	d := testPen(t)
	for _, s := range append(hostile, strings.Repeat("W ", 2000), "") {
		if bottom := drawSheetHead(d, hostileSheet(s)); bottom > 90 {
			t.Errorf("%.20q: the head of the sheet ends at %v mm", s, bottom)
		}
		if bottom := drawTeamHead(d, hostileSheet(s).Session); bottom > 60 {
			t.Errorf("%.20q: the head of the team page ends at %v mm", s, bottom)
		}
	}
}

func hostileSession(s string) Session {
	session := exampleSession()
	session.Organisation, session.Workshop, session.Venue, session.Address, session.Facilitators = s, s, s, s, []string{s, s}
	return session
}

func hostilePoster(s string) Poster {
	return Poster{Session: hostileSession(s), Discipline: s, Ages: s, Group: s, Access: s, URL: "https://exemple.fr/seances/1"}
}

func hostileSheet(s string) Sheet {
	sheet := exampleSheet(2)
	sheet.Session = hostileSession(s)
	sheet.Rows[0] = SheetRow{
		FirstName: s, LastName: s, Age: 9, Health: HealthDescribed, HealthText: s, Emergency: Contact{s, s},
		Guardians: []Contact{{s, s}}, PickUp: []string{s}, NeverTo: []string{s}, NoPhoto: true,
	}
	return sheet
}

func hostileCertificate(s string) Certificate {
	c := exampleCertificate()
	c.Organisation, c.Child, c.Workshop, c.Discipline, c.Made, c.Learnt = s, s, s, s, s, []string{s, s}
	c.Venue, c.City, c.Facilitators, c.Number, c.Code = s, s, []string{s}, s, s
	return c
}

func hostileBill(kind BillKind, s string) Bill {
	b := exampleBill(kind, 2)
	party := Party{s, s, s, s, s, s, s}
	b.Number, b.Engagement, b.Subject, b.Place, b.Level, b.VAT, b.Terms, b.Note, b.Credits = s, s, s, s, s, s, s, s, s
	b.Seller, b.Client, b.Payer = hostileAssociation(s), party, &party
	b.Lines[0] = BillLine{Label: s, Quantity: 1 << 40, Unit: 1 << 50, Discount: 1 << 40, Total: 1 << 60}
	b.Total = 1 << 60
	return b
}

func hostileAssociation(s string) Association { return Association{s, s, s, s, s, s, s, s} }

func hostileAttestation(s string) Attestation {
	a := exampleAttestation()
	a.Reference, a.Workshops, a.Place, a.Facilitators, a.Bill, a.Engagement = s, []string{s, s}, s, []string{s}, s, s
	a.Association, a.Client = hostileAssociation(s), Party{s, s, s, s, s, s, s}
	a.Sessions[1].Workshop, a.Sessions[1].Place = s, s
	a.Sessions[0].Groups, a.SignedIn, a.Signatory, a.Role = []AttestedGroup{{s, 1 << 60}}, s, s, s
	return a
}

func hostileAgreement(s string) Agreement {
	text, _ := prose.Parse("# {{x}}\n\n{{x}} **{{x}}**{{x}}*{{x}}*\n\n- {{x}}\n\n---\n\n7. {{x}}")
	a := Agreement{Lang: "fr", Reference: s, Version: 1, Association: hostileAssociation(s), Client: Party{s, s, s, s, s, s, s}, Issuer: s, Hash: s}
	a.Text, a.Signed = text.Fill(map[string]string{"x": s}), &Signature{Name: s, Role: s}
	return a
}

func hostileClass(s string) ClassSheet {
	c := exampleClass(2, 2)
	c.Session, c.School, c.Level = hostileSession(s), s, s
	c.FirstNames[0] = s
	return c
}

// UX-P9: a long real name is there in full, on paper that families sign and on the wall.
func TestLongNameIsWhole(t *testing.T) {
	t.Parallel()
	name := strings.TrimSpace(strings.Repeat("Maximilienne-Anastasie ", 13))[:297] + "fin"
	sheet := exampleSheet(1)
	sheet.Rows[0].FirstName = name
	certificate := exampleCertificate()
	certificate.Child = name
	for what, page := range map[string]string{"sheet": text(t, drawRegisterFile(t, sheet))[0], "certificate": text(t, drawDiplomas(t, certificate))[0]} {
		if got := strings.Count(page, "Maximilienne"); got != 13 {
			t.Errorf("%s: %d of 13 parts of the name:\n%s", what, got, page)
		}
	}
}

// REL-20: no string makes cleaning fail, or lets something through that gofpdf cannot
// draw. go test -run=- -fuzz=FuzzClean ./internal/document
func FuzzClean(f *testing.F) {
	for _, name := range worldNames {
		f.Add(name[0] + " " + name[1])
	}
	for _, s := range hostile {
		f.Add(s)
	}
	fonts := testPress(f).fonts
	f.Fuzz(func(t *testing.T, s string) { checkClean(t, fonts, s) })
}

// REL-20: no string makes drawing fail. Slower; it is the check on the idea of the
// other. go test -run=- -fuzz=FuzzNames ./internal/document
func FuzzNames(f *testing.F) {
	f.Add("") // the others are in TestHostileStrings
	f.Fuzz(func(t *testing.T, s string) {
		drawRegisterFile(t, hostileSheet(s))
		drawDiplomas(t, hostileCertificate(s))
		drawBillFile(t, hostileBill(Quote, s))
		drawAttestationFile(t, hostileAttestation(s))
		drawRegisterFile(t, hostileClass(s))
		drawPosterFile(t, hostilePoster(s))
		drawAgreementFile(t, hostileAgreement(s))
	})
}
