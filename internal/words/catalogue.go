// Package words holds every text that people read, by language, and the way a
// language writes dates, hours, money, lists and plurals. Features know only the
// keys; pages, mails, papers and calendars ask a Printer for the text.
//
// The texts of a language are the JSON files of its folder, one flat object per
// area of the product:
//
//	{
//	  "booking.title": "Qui participe ?",
//	  "booking.rank": "{0} est {1} sur la liste.",
//	  "session.left": {"one": "Il reste {0} place.", "other": "Il reste {0} places."}
//	}
//
// French has them all. A further language is one more folder, named by its code (docs/pages.md). Families and schools
// can choose it once it says its own name (Offered); a key that it lacks gives the French text.
// Authors type ordinary spaces; see typeset for the no-break ones of French.
package words

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-playground/locales"
	ut "github.com/go-playground/universal-translator"
)

// Lang is a language of the screens, as it is written in a path and in <html lang>.
type Lang string

// The languages that the program names; others are folders only.
const (
	French  Lang = "fr"
	English Lang = "en"
)

// nameKey is what a language calls itself.
const nameKey = "language.name"

//go:embed */*.json
var textFiles embed.FS

// catalogue is every language with texts, and those that people can choose.
type catalogue struct {
	printers map[Lang]*Printer
	offered  []Lang
}

var loadAll = sync.OnceValues(func() (catalogue, error) { return loadLanguages(textFiles) })

// loadLanguages reads each folder of files as a language.
func loadLanguages(files fs.FS) (catalogue, error) {
	all := catalogue{printers: map[Lang]*Printer{}}
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		return all, err
	}
	for _, folder := range folders {
		lang := Lang(folder.Name())
		locale, ok := localeOf[lang]
		if !ok {
			return all, fmt.Errorf("words: nothing says how %q writes dates and numbers: add it to style.go", lang)
		}
		own, err := fs.Sub(files, folder.Name())
		if err != nil {
			return all, err
		}
		if all.printers[lang], err = load(lang, locale(), own); err != nil {
			return all, err
		}
	}
	french := all.printers[French]
	if french == nil {
		return all, errors.New("words: there is no French")
	}
	all.offered = []Lang{French}
	for _, lang := range slices.Sorted(maps.Keys(all.printers)) {
		if lang == French {
			continue
		}
		p := all.printers[lang]
		if _, named := p.entries[nameKey]; named {
			all.offered = append(all.offered, lang)
		}
		p.fallback = french
	}
	return all, nil
}

// languages are those of the program. It panics if the catalogue is broken, with a line per mistake: the pages and the
// mails ask at start, so that nobody meets it later.
func languages() catalogue {
	all, err := loadAll()
	if err != nil {
		panic(err)
	}
	return all
}

// For returns the printer of a language; French for a language without texts. It is cheap and safe for concurrent use.
func For(lang Lang) *Printer {
	all := languages()
	if p, ok := all.printers[lang]; ok {
		return p
	}
	return all.printers[French]
}

// Offered are the languages that families and schools can choose, French first. A language whose texts are being written
// is not among them before it says its own name (language.name).
func Offered() []Lang { return languages().offered }

// Name is what a language calls itself: « Français », « English ».
func (l Lang) Name() string { return For(l).T(nameKey) }

// Path is a path of the French pages in a language, which is its first step; French has none.
func (l Lang) Path(french string) string {
	if l == French {
		return french
	}
	return strings.TrimSuffix("/"+string(l)+french, "/")
}

// Dir is the direction in which a language is written, for <html dir>.
func (l Lang) Dir() string {
	if slices.Contains([]Lang{"ar", "fa", "he", "ur"}, l) {
		return "rtl"
	}
	return "ltr"
}

// entry is one key of the catalogue. A plain text has one form, under PluralRuleOther.
type entry struct {
	plural bool
	// arity is how many arguments the text takes, the count of a plural included.
	arity int
	forms map[locales.PluralRule]form
}

// form is one text as universal-translator stores it. That library wants placeholders
// without a gap, but « une place pour {1} » is good French for a count of one; so the
// placeholders are renumbered and args says which argument each of them is.
type form struct {
	id   string
	args []int
}

// pluralNames are the names of plural forms in the files, those of Unicode CLDR.
var pluralNames = map[string]locales.PluralRule{
	"zero": locales.PluralRuleZero, "one": locales.PluralRuleOne, "two": locales.PluralRuleTwo,
	"few": locales.PluralRuleFew, "many": locales.PluralRuleMany, "other": locales.PluralRuleOther,
}

func load(lang Lang, locale locales.Translator, files fs.FS) (*Printer, error) {
	p := &Printer{lang: lang, style: styleOf(lang, locale), texts: ut.New(locale, locale).GetFallback(), entries: map[string]entry{}}
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, err
	}
	var problems []error
	origin := map[string]string{} // key → file, to name both when a key comes twice
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		err = eachMember(data, func(key string, value json.RawMessage) error {
			if first, ok := origin[key]; ok {
				return fmt.Errorf("%q is already in %s/%s", key, lang, first)
			}
			origin[key] = name
			return p.add(key, value)
		})
		if err != nil {
			problems = append(problems, fmt.Errorf("words: %s/%s: %w", lang, name, err))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return p, nil
}

// eachMember calls do for each member of a JSON object in order, repeated names
// included (encoding/json would silently keep the last one), and joins the errors.
func eachMember(data []byte, do func(key string, value json.RawMessage) error) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return fmt.Errorf("not a JSON object (%w)", err)
	}
	var problems []error
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return errors.Join(append(problems, err)...)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return errors.Join(append(problems, err)...)
		}
		problems = append(problems, do(key.(string), value))
	}
	if _, err := dec.Token(); err != nil {
		problems = append(problems, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		problems = append(problems, errors.New("text after the end of the object"))
	}
	return errors.Join(problems...)
}

var keyShape = regexp.MustCompile(`^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$`)

// add stores one key. Every problem names the key.
func (p *Printer) add(key string, value json.RawMessage) error {
	if !keyShape.MatchString(key) {
		return fmt.Errorf("%q is not a key like area.name", key)
	}
	var plain string
	if json.Unmarshal(value, &plain) == nil {
		e := entry{forms: map[locales.PluralRule]form{}}
		if err := p.addForm(&e, key, plain, locales.PluralRuleOther); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		if used := e.forms[locales.PluralRuleOther].args; len(used) != e.arity {
			return fmt.Errorf("%q: skips a placeholder, it uses %v", key, used)
		}
		p.entries[key] = e
		return nil
	}
	e := entry{plural: true, arity: 1, forms: map[locales.PluralRule]form{}}
	err := eachMember(value, func(name string, value json.RawMessage) error {
		rule, ok := pluralNames[name]
		if !ok || !slices.Contains(p.texts.PluralsCardinal(), rule) {
			return fmt.Errorf("the plural form %q is unknown in %s", name, p.lang)
		}
		if _, twice := e.forms[rule]; twice {
			return fmt.Errorf("the plural form %q comes twice", name)
		}
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return fmt.Errorf("the plural form %q is not a string", name)
		}
		return p.addForm(&e, key+"/"+name, text, rule)
	})
	if err != nil {
		return fmt.Errorf("%q: %w", key, err)
	}
	for _, rule := range p.texts.PluralsCardinal() {
		if _, ok := e.forms[rule]; !ok {
			return fmt.Errorf("%q lacks the plural form %q", key, strings.ToLower(rule.String()))
		}
	}
	p.entries[key] = e
	return nil
}

var (
	placeholder = regexp.MustCompile(`\{[0-9]\}`)
	brace       = regexp.MustCompile(`[{}]`)
)

// addForm compiles one text of e and gives it to the translator under id.
func (p *Printer) addForm(e *entry, id, text string, rule locales.PluralRule) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("empty text")
	}
	if brace.MatchString(placeholder.ReplaceAllString(text, "")) {
		return fmt.Errorf("bad placeholder in %q", text)
	}
	seen := map[int]bool{}
	for _, hole := range placeholder.FindAllString(text, -1) {
		seen[int(hole[1]-'0')] = true
	}
	args := slices.Sorted(maps.Keys(seen))
	dense := placeholder.ReplaceAllStringFunc(p.style.typeset(text), func(hole string) string {
		return "{" + strconv.Itoa(slices.Index(args, int(hole[1]-'0'))) + "}"
	})
	if err := p.texts.Add(id, dense, false); err != nil {
		return err
	}
	if len(args) > 0 {
		e.arity = max(e.arity, args[len(args)-1]+1)
	}
	e.forms[rule] = form{id: id, args: args}
	return nil
}
