package document

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// completion is what gofpdf cannot say about a file.
type completion struct {
	lang   words.Lang
	title  string
	at     time.Time
	arabic bool
}

var (
	trailerSize = regexp.MustCompile(`/Size (\d+)\n`)
	trailerRoot = regexp.MustCompile(`/Root (\d+) 0 R\n`)
	trailerInfo = regexp.MustCompile(`/Info (\d+) 0 R\n`)
	startXref   = regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`)
	toUnicode   = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
)

// locales are the values of /Lang.
var locales = map[words.Lang]string{words.French: "fr-FR", words.English: "en-GB"}

// complete appends an incremental update (ISO 32000-1, 7.5.6) to a file that gofpdf
// wrote: the language for screen readers, the title and the wish to see it in place of
// the file's name, the wish to be printed on one side (the team page must not land on
// the back of the sheet), and, where Arabic was drawn, the map from the joined forms
// back to letters, so that searching and copying find the name as it was typed.
func complete(file []byte, c completion) ([]byte, error) {
	trailer := file[max(0, bytes.LastIndex(file, []byte("trailer\n"))):]
	size, err1 := number(trailer, trailerSize)
	root, err2 := number(trailer, trailerRoot)
	info, err3 := number(trailer, trailerInfo)
	previous, err4 := number(trailer, startXref)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	objects := map[int]string{
		root: fmt.Sprintf("<</Type /Catalog /Version /1.7 /Pages 1 0 R /Lang (%s) "+
			"/ViewerPreferences <</DisplayDocTitle true /Duplex /Simplex>>>>", locales[c.lang]),
		info: fmt.Sprintf("<</Title %s /CreationDate (D:%sZ) /ModDate (D:%[2]sZ)>>", textString(c.title), c.at.UTC().Format("20060102150405")),
	}
	if c.arabic {
		for _, match := range toUnicode.FindAllSubmatch(file, -1) {
			n, err := strconv.Atoi(string(match[1]))
			if err != nil {
				return nil, err
			}
			objects[n] = fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(unicodeMap()), unicodeMap())
		}
	}
	out := bytes.NewBuffer(file)
	var table strings.Builder
	for _, n := range slices.Sorted(maps.Keys(objects)) {
		fmt.Fprintf(&table, "%d 1\n%010d 00000 n \n", n, out.Len())
		fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", n, objects[n])
	}
	start := out.Len()
	fmt.Fprintf(out, "xref\n%strailer\n<</Size %d /Root %d 0 R /Info %d 0 R /Prev %d>>\nstartxref\n%d\n%%%%EOF\n",
		table.String(), size, root, info, previous, start)
	return out.Bytes(), nil
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

// unicodeMap is the ToUnicode map of our fonts, whose codes are Unicode itself except
// for the joined forms of Arabic letters.
var unicodeMap = sync.OnceValue(func() string {
	plain := arabicTables().plain
	forms := slices.Sorted(maps.Keys(plain))
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n" +
		"1 beginbfrange\n<0000> <FB4F> <0000>\nendbfrange\n")
	for block := range slices.Chunk(forms, 100) { // no more are allowed in one block
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for _, form := range block {
			fmt.Fprintf(&b, "<%04X> <", form)
			for _, unit := range utf16.Encode([]rune(plain[form])) {
				fmt.Fprintf(&b, "%04X", unit)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
	return b.String()
})
