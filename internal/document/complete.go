package document

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// completion is what gofpdf cannot say about a file.
type completion struct {
	lang  words.Lang
	title string
	at    time.Time
	// fonts take the place of the stand-in of their style.
	fonts map[style]*subset
}

// object of a PDF file: the entries of its dictionary, and its stream if it has one, not yet compressed.
type object struct {
	dict   string
	stream []byte
}

var (
	trailerRoot = regexp.MustCompile(`/Root (\d+) 0 R\n`)
	trailerInfo = regexp.MustCompile(`/Info (\d+) 0 R\n`)
	startXref   = regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`)
	length      = regexp.MustCompile(`/Length (\d+)`)
)

// standIns are how gofpdf names its own fonts.
var standIns = map[style]string{regular: "/BaseFont /Helvetica\n", bold: "/BaseFont /Helvetica-Bold\n"}

// locales are the values of /Lang.
var locales = map[words.Lang]string{words.French: "fr-FR", words.English: "en-GB"}

// complete turns a file that gofpdf wrote, uncompressed, into ours. Object for object it compresses the streams and puts in
// the language for screen readers; the title and the wish to see it in place of the file's name; the wish to be printed on
// one side (the team page must not land on the back of the sheet); and our fonts, see standIn.
func complete(file []byte, c completion, z *deflater) ([]byte, error) {
	trailer := file[max(0, bytes.LastIndex(file, []byte("trailer\n"))):]
	root, err1 := number(trailer, trailerRoot)
	info, err2 := number(trailer, trailerInfo)
	xref, err3 := number(trailer, startXref)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	bodies, err := cutObjects(file[:xref], file[xref:])
	if err != nil {
		return nil, err
	}
	w := &fileWriter{z: z, offsets: make([]int, len(bodies))}
	w.printf("%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n") // the second line says that it is not all text
	for n, body := range bodies {
		switch n {
		case 0: // no object has this number
		case root:
			w.object(n, object{dict: fmt.Sprintf("/Type /Catalog /Pages 1 0 R /Lang (%s) "+
				"/ViewerPreferences <</DisplayDocTitle true /Duplex /Simplex>>", locales[c.lang])})
		case info:
			w.object(n, object{dict: fmt.Sprintf("/Title %s /CreationDate (D:%sZ) /ModDate (D:%[2]sZ)",
				textString(c.title), c.at.UTC().Format("20060102150405"))})
		default:
			if font := c.standsInFor(body); font != nil {
				objects := font.objects(len(w.offsets))
				w.object(n, objects[0])
				for _, o := range objects[1:] {
					w.offsets = append(w.offsets, 0)
					w.object(len(w.offsets)-1, o)
				}
				continue
			}
			if err := w.copy(n, body); err != nil {
				return nil, err
			}
		}
	}
	start := w.Len()
	w.printf("xref\n0 %d\n0000000000 65535 f \n", len(w.offsets))
	for _, offset := range w.offsets[1:] {
		w.printf("%010d 00000 n \n", offset)
	}
	w.printf("trailer\n<</Size %d /Root %d 0 R /Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(w.offsets), root, info, start)
	return w.Bytes(), nil
}

// standsInFor is the font of which an object of gofpdf is the stand-in; nil for all other objects.
func (c completion) standsInFor(body []byte) *subset {
	for s, name := range standIns {
		if bytes.HasPrefix(body, []byte("<</Type /Font\n"+name)) {
			return c.fonts[s]
		}
	}
	return nil
}

// cutObjects cuts the objects out of what gofpdf wrote before its table of offsets, by their number, each without the
// lines that begin and end it. Object 0 is never one.
func cutObjects(file, xref []byte) ([][]byte, error) {
	lines := bytes.Split(xref, []byte("\n"))[2:] // "xref", "0 7"
	starts := map[int]int{}
	for n, line := range lines {
		if string(line) == "trailer" {
			break
		}
		start, err := strconv.Atoi(string(line[:min(10, len(line))]))
		if err != nil {
			return nil, fmt.Errorf("the drawing library wrote no offset: %w", err)
		}
		if n > 0 {
			starts[start] = n
		}
	}
	bodies, end := make([][]byte, len(starts)+1), len(file)
	for _, start := range slices.Backward(slices.Sorted(maps.Keys(starts))) {
		n := starts[start]
		body, begins := bytes.CutPrefix(file[start:end], fmt.Appendf(nil, "%d 0 obj\n", n))
		body, ends := bytes.CutSuffix(body, []byte("\nendobj\n"))
		if !begins || !ends {
			return nil, fmt.Errorf("the drawing library wrote no object %d", n)
		}
		bodies[n], end = body, start
	}
	return bodies, nil
}

// fileWriter writes objects and remembers where they begin.
type fileWriter struct {
	bytes.Buffer
	z       *deflater
	offsets []int // by the number of the object
}

// printf writes into memory, which takes everything.
func (w *fileWriter) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(&w.Buffer, format, args...)
}

func (w *fileWriter) begin(n int) {
	w.offsets[n] = w.Len()
	w.printf("%d 0 obj\n", n)
}

func (w *fileWriter) object(n int, o object) {
	w.begin(n)
	if o.stream == nil {
		w.printf("<<%s>>\nendobj\n", o.dict)
		return
	}
	packed := w.z.deflate(o.stream)
	w.printf("<<%s /Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream\nendobj\n", o.dict, len(packed), packed)
}

// copy writes an object of gofpdf, and compresses its stream if it is not compressed yet, as pictures are.
func (w *fileWriter) copy(n int, body []byte) error {
	dict, stream, found := bytes.Cut(body, []byte("\nstream\n"))
	if !found || bytes.Contains(dict, []byte("/Filter")) {
		w.begin(n)
		w.printf("%s\nendobj\n", body)
		return nil
	}
	size, err := number(dict, length)
	if err != nil || size > len(stream) {
		return fmt.Errorf("the drawing library wrote a stream of no length: %.99q", dict)
	}
	entries := length.ReplaceAll(bytes.TrimSuffix(bytes.TrimPrefix(dict, []byte("<<")), []byte(">>")), nil)
	w.object(n, object{dict: string(bytes.TrimSpace(entries)), stream: stream[:size]})
	return nil
}

// deflater compresses one stream after the other. Its tables take most of a megabyte: gofpdf, left to compress, would make
// them anew for every page.
type deflater struct {
	out bytes.Buffer
	z   *zlib.Writer
}

func newDeflater() (*deflater, error) {
	z, err := zlib.NewWriterLevel(nil, zlib.BestSpeed)
	return &deflater{z: z}, err
}

// deflate returns a stream compressed, until the next call.
func (d *deflater) deflate(stream []byte) []byte {
	d.out.Reset()
	d.z.Reset(&d.out)
	// Writing to memory does not fail.
	_, _ = d.z.Write(stream)
	_ = d.z.Close()
	return d.out.Bytes()
}

func number(in []byte, pattern *regexp.Regexp) (int, error) {
	match := pattern.FindSubmatch(in)
	if match == nil {
		return 0, fmt.Errorf("the drawing library wrote no %v", pattern)
	}
	return strconv.Atoi(string(match[1]))
}

// textString writes any text as a PDF string in UTF-16 with its mark, in hexadecimal:
// nothing in it can end the string or be taken for syntax (SEC-43).
func textString(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	b.WriteString(">")
	return b.String()
}
