package calendar

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same rules on every machine
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
)

var update = flag.Bool("update", false, "write the golden files")

var stamp = time.Date(2027, 1, 15, 9, 30, 0, 0, time.UTC)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// session is an event of two hours from a wall clock time in a zone.
func session(t testing.TB, zone, from string) Event {
	t.Helper()
	start, err := time.ParseInLocation("2006-01-02 15:04", from, zoneOf(t, zone))
	if err != nil {
		t.Fatal(err)
	}
	return Event{
		UID: "seance-" + strings.NewReplacer(" ", "-", ":", "").Replace(from) + "@lesbricodeurs.fr", Stamp: stamp,
		Start: start, End: start.Add(2 * time.Hour), Summary: "Robotique, niveau avancé",
	}
}

// written is what one of the three writers gives.
func written(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func feed(t testing.TB, events ...Event) string {
	t.Helper()
	return written(t, func(w io.Writer) error { return Publish(w, "Les Ateliers d'Ada", events) })
}

func parse(t testing.TB, src string) *ics.Calendar {
	t.Helper()
	cal, err := ics.ParseCalendar(strings.NewReader(src))
	if err != nil {
		t.Fatalf("%v in\n%s", err, src)
	}
	return cal
}

// unfold joins the lines that were folded, as a reader does first.
func unfold(src string) string { return strings.ReplaceAll(src, "\r\n ", "") }

// The whole files, for the eye. UX-P12, UX-P9.
func TestGolden(t *testing.T) {
	t.Parallel()
	zoe := session(t, "Europe/Paris", "2027-05-08 14:00")
	zoe.Summary = "Zoé D'Artagnan-N'Guyen : Robotique"
	zoe.Description = "Apportez un goûter ; une gourde, un pull.\nAvec Łukasz, Nguyễn, محمد et 李.\n\nPour annuler : https://ateliers.example/i/abc"
	zoe.Location = "Espace Altnet, 7 place Louis Chazette, 69001 Lyon"
	zoe.URL = "https://ateliers.example/seances/12"
	zoe.Place = &Point{45.770606, 4.836}
	zoe.Organizer = Party{"Les Ateliers d'Ada", "salut@lesbricodeurs.fr"}
	parent := Party{"Łukasz D'Artagnan-N'Guyen; \"père\"", "lukasz@exemple.fr"}
	gone := session(t, "Europe/Paris", "2027-10-30 14:00")
	gone.Cancelled, gone.Sequence = true, 2
	moved := zoe
	moved.Sequence = 3

	tests := []struct {
		file  string
		write func(io.Writer) error
	}{
		{"feed.ics", func(w io.Writer) error {
			return Publish(w, "Les Ateliers d'Ada : Lyon, robotique", []Event{
				session(t, "Europe/Paris", "2027-03-27 14:00"), session(t, "Europe/Paris", "2027-03-28 14:00"), zoe, gone,
				session(t, "Europe/Paris", "2027-10-31 14:00"), session(t, "Indian/Reunion", "2027-11-06 10:30"), session(t, "UTC", "2027-11-07 10:30"),
			})
		}},
		{"request.ics", func(w io.Writer) error { return Request(w, zoe, parent) }},
		{"cancel.ics", func(w io.Writer) error { return Cancel(w, moved, parent) }},
		{"empty.ics", func(w io.Writer) error { return Publish(w, "Rien", nil) }},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			got := written(t, tt.write)
			path := filepath.Join("testdata", tt.file)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s(-update writes it, if this is right)", got, want)
			}
			checkForm(t, got)
		})
	}
}

// checkForm checks what RFC 5545 asks of the bytes: UTF-8, CRLF and nothing else that
// ends a line, at most 75 octets in a line, no sign cut in two.
func checkForm(t *testing.T, src string) {
	t.Helper()
	if !utf8.ValidString(src) {
		t.Error("not UTF-8")
	}
	lines := strings.Split(src, "\r\n")
	if lines[len(lines)-1] != "" {
		t.Error("the last line has no end")
	}
	for _, l := range lines {
		if len(l) > 75 || !utf8.ValidString(l) || strings.ContainsFunc(l, isBreak) {
			t.Errorf("line of %d octets: %q", len(l), l)
		}
	}
}

func TestMethodsAndSequence(t *testing.T) {
	t.Parallel()
	e := session(t, "Europe/Paris", "2027-05-08 14:00")
	e.Organizer = Party{Email: "salut@lesbricodeurs.fr"}
	parent := Party{Email: "zoe@exemple.fr"}
	changed := e
	changed.Sequence++
	gone := changed
	gone.Sequence++
	tests := []struct {
		name, src, method, sequence, status string
	}{
		{"publish", feed(t, e), "PUBLISH", "0", "CONFIRMED"},
		{"request", written(t, func(w io.Writer) error { return Request(w, e, parent) }), "REQUEST", "0", "CONFIRMED"},
		{"request again", written(t, func(w io.Writer) error { return Request(w, changed, parent) }), "REQUEST", "1", "CONFIRMED"},
		{"cancel", written(t, func(w io.Writer) error { return Cancel(w, gone, parent) }), "CANCEL", "2", "CANCELLED"},
	}
	for _, tt := range tests {
		v := parse(t, tt.src).Events()[0]
		for property, want := range map[ics.ComponentProperty]string{
			ics.ComponentPropertyUniqueId: e.UID, ics.ComponentPropertySequence: tt.sequence, ics.ComponentPropertyStatus: tt.status,
			ics.ComponentPropertyDtstamp: "20270115T093000Z",
		} {
			if got := v.GetProperty(property).Value; got != want {
				t.Errorf("%s: %s is %q, want %q", tt.name, property, got, want)
			}
		}
		if !strings.Contains(tt.src, "\r\nMETHOD:"+tt.method+"\r\n") {
			t.Errorf("%s lacks METHOD:%s", tt.name, tt.method)
		}
		if invited := strings.Contains(unfold(tt.src), ":mailto:zoe@exemple.fr\r\n"); invited != (tt.method != "PUBLISH") {
			t.Errorf("%s: names the parent: %t", tt.name, invited)
		}
		if !strings.Contains(tt.src, "\r\nORGANIZER:mailto:salut@lesbricodeurs.fr\r\n") {
			t.Errorf("%s lacks its organizer", tt.name)
		}
	}
}

// UX-P9: texts come back as they were typed.
func TestTextsComeBack(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Zoé", "D'Artagnan-N'Guyen", "李", "محمد", "Łukasz", "Nguyễn", "Z", strings.Repeat("é", 100), strings.Repeat("mot ", 60) + "fin",
		`a\nb`, `\`, `,;:"\,`, "1;2,3", "BEGIN:VEVENT", strings.Repeat("李", 80), "👩🏽‍🚀 à bord",
	} {
		e := session(t, "Europe/Paris", "2027-05-08 14:00")
		e.Summary, e.Location, e.Description = name, name, name+"\n"+name
		src := feed(t, e)
		checkForm(t, src)
		escaped := strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`).Replace(name)
		for _, want := range []string{"SUMMARY:" + escaped, "LOCATION:" + escaped, "DESCRIPTION:" + escaped + `\n` + escaped} {
			if !strings.Contains(unfold(src), "\r\n"+want+"\r\n") {
				t.Errorf("%q is not in\n%s", want, src)
			}
		}
	}
}

// SEC-42: no text adds a property, whatever ends a line in it.
func TestNoInjection(t *testing.T) {
	t.Parallel()
	plain := session(t, "Europe/Paris", "2027-05-08 14:00")
	plain.Summary, plain.Location, plain.Description, plain.URL = "x", "x", "x", "https://x.fr/"
	plain.Organizer = Party{"x", "x@x.fr"}
	parent := Party{"x", "x@x.fr"}
	want := strings.Count(unfold(written(t, func(w io.Writer) error { return Request(w, plain, parent) })), "\r\n")
	for _, ending := range []string{"\r\n", "\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029", "\x00\n", "\\\r\n", "\"\r\n", "\xff\n"} {
		bad := "x" + ending + "ATTACH:y"
		e := plain
		e.Summary, e.Location, e.Description, e.Organizer.Name = bad, bad, bad, bad
		attendee := parent
		attendee.Name = bad + `";X-BAD="y`
		src := written(t, func(w io.Writer) error { return Request(w, e, attendee) })
		checkForm(t, src)
		if got := strings.Count(unfold(src), "\r\n"); got != want || strings.Contains(unfold(src), "\nATTACH") {
			t.Errorf("%q: %d properties, want %d:\n%s", ending, got, want, src)
		}
		_, parties, _ := strings.Cut(unfold(src), "ORGANIZER")
		if quotes := strings.Count(parties, `"`); quotes != 4 {
			t.Errorf("%q: %d quotes around two names:\n%s", ending, quotes, parties)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*Event)
		want   string
	}{
		{"no UID", func(e *Event) { e.UID = "" }, "UID"},
		{"a UID of two lines", func(e *Event) { e.UID = "a\r\nb" }, "UID"},
		{"negative sequence", func(e *Event) { e.Sequence = -1 }, "sequence"},
		{"no start", func(e *Event) { e.Start = time.Time{} }, "year"},
		{"far future", func(e *Event) { e.End = e.End.AddDate(9000, 0, 0) }, "year"},
		{"ends first", func(e *Event) { e.End = e.Start.Add(-1) }, "before"},
		{"the zone of the server", func(e *Event) { e.Start = e.Start.Local() }, "zone"},
		{"a made-up zone", func(e *Event) { e.Start = e.Start.In(time.FixedZone("x\r\nATTACH:y", 3600)) }, "zone"},
		{"a zone without a name", func(e *Event) { e.Start = e.Start.In(time.FixedZone("", 3600)) }, "zone"},
		{"a relative URL", func(e *Event) { e.URL = "/seances/1" }, "URL"},
		{"a script", func(e *Event) { e.URL = "javascript:alert(1)" }, "URL"},
		{"a URL of two lines", func(e *Event) { e.URL = "https://x.fr/\r\nATTACH:y" }, "URL"},
		{"a URL that is not text", func(e *Event) { e.URL = "https://x.fr/?a=\xe7" }, "URL"},
		{"no organizer", func(e *Event) { e.Organizer = Party{} }, "address"},
		{"an address of two lines", func(e *Event) { e.Organizer.Email = "a@b.fr\r\nATTACH:y" }, "address"},
		{"half an address", func(e *Event) { e.Organizer.Email = "a@" }, "address"},
		{"two addresses", func(e *Event) { e.Organizer.Email = "a@b.fr,c@d.fr" }, "address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := session(t, "Europe/Paris", "2027-05-08 14:00")
			e.Organizer = Party{Email: "salut@lesbricodeurs.fr"}
			tt.change(&e)
			var out bytes.Buffer
			err := Request(&out, e, Party{Email: "zoe@exemple.fr"})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
			if out.Len() > 0 {
				t.Errorf("wrote %q in spite of the error", out.String())
			}
		})
	}
	e := session(t, "Europe/Paris", "2027-05-08 14:00")
	e.Organizer = Party{Email: "salut@lesbricodeurs.fr"}
	if err := Request(io.Discard, e, Party{}); err == nil {
		t.Error("a request to nobody was written")
	}
	broken := errors.New("broken")
	if err := Publish(brokenPipe{broken}, "x", []Event{e}); !errors.Is(err, broken) {
		t.Errorf("broken pipe: %v", err)
	}
}

type brokenPipe struct{ err error }

func (b brokenPipe) Write([]byte) (int, error) { return 0, b.err }

// FuzzWriters (REL-20): no text, address, zone or instant may panic, break the form of
// the file or add a line to it.
func FuzzWriters(f *testing.F) {
	f.Add("Zoé D'Artagnan-N'Guyen", "a@b.fr", "https://x.fr/?a=1;b", "Europe/Paris", int64(1_806_000_000), 120)
	f.Add("x\r\nATTACH:y", "a@b.fr\n", "https://x.fr/\n", "Africa/Casablanca", int64(1_803_000_000), -3)
	f.Add("李\u2028\"\\", "\"a\"@b.fr", "", "America/St_Johns", int64(0), 1<<30)
	f.Add("\\", "a@b.fr", "https://x.fr/?a=\xe7", "UTC", int64(1_806_000_000), 120)
	f.Fuzz(func(t *testing.T, text, email, url, zone string, start int64, minutes int) {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			loc = time.FixedZone(zone, int(start%50_000))
		}
		from := time.Unix(start%100_000_000_000, 0).In(loc)
		e := Event{
			UID: "a@b", Stamp: stamp, Start: from, End: from.Add(time.Duration(minutes%100_000) * time.Minute), Summary: text, Description: text, Location: text,
			URL: url, Organizer: Party{text, email}, Place: &Point{float64(start), float64(minutes)},
		}
		var out bytes.Buffer
		if err := Request(&out, e, Party{text, email}); err != nil {
			return
		}
		checkForm(t, out.String())
		for l := range strings.SplitSeq(unfold(out.String()), "\r\n") {
			name, _, _ := strings.Cut(l, ":")
			name, _, _ = strings.Cut(name, ";")
			if !strings.Contains(" BEGIN END VERSION PRODID CALSCALE METHOD TZID TZOFFSETFROM TZOFFSETTO TZNAME RRULE UID DTSTAMP SEQUENCE DTSTART DTEND SUMMARY DESCRIPTION LOCATION GEO URL STATUS ORGANIZER ATTENDEE ", " "+name+" ") && l != "" {
				t.Errorf("unexpected property %q", l)
			}
		}
		parse(t, out.String())
	})
}
