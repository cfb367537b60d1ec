package words

import (
	"fmt"
	"reflect"
	"time"

	"github.com/go-playground/locales"
	ut "github.com/go-playground/universal-translator"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Printer gives texts and formats in one language. It is immutable and safe for
// concurrent use. Its texts are plain text: an HTML page must escape them.
type Printer struct {
	lang    Lang
	style   style
	texts   ut.Translator
	entries map[string]entry
	// fallback gives the texts that this language lacks; nil for French.
	fallback *Printer
}

// Lang is the language of the texts, for <html lang> (ACC-3).
func (p *Printer) Lang() Lang { return p.lang }

// Has reports whether there is a text for key, be it in French.
func (p *Printer) Has(key string) bool {
	if _, ok := p.entries[key]; ok || p.fallback == nil {
		return ok
	}
	return p.fallback.Has(key)
}

// T returns the text of key with its arguments in place of {0}, {1}… An argument is a
// string, an int (written as Number does), a time.Time already in the zone of its
// place (DateHour), a []string (List), a fault.Message, a fmt.Stringer, or a type whose
// kind is string or int. If the entry is a plural one, the first argument is the count.
//
// A missing key, or too few arguments, gives ⟦key⟧ rather than an error, so that a page
// still shows; a test keeps that from happening.
func (p *Printer) T(key string, args ...any) string {
	e, ok := p.entries[key]
	if !ok && p.fallback != nil {
		return p.fallback.T(key, args...)
	}
	if !ok || len(args) < e.arity {
		return missing(key)
	}
	rule := locales.PluralRuleOther
	if e.plural {
		n, ok := asInt(args[0])
		if !ok {
			return missing(key)
		}
		rule = p.texts.CardinalPluralRule(float64(n), 0)
	}
	f := e.forms[rule]
	params := make([]string, len(f.args))
	for i, arg := range f.args {
		params[i] = p.style.before(p.format(args[arg]))
	}
	text, err := p.texts.T(f.id, params...)
	if err != nil {
		return missing(key)
	}
	return p.style.joined(text)
}

// N returns the form of the plural entry key that goes with n. {0} is n, {1} the first
// of args. In French zero is singular: « 0 place ».
func (p *Printer) N(key string, n int, args ...any) string {
	return p.T(key, append([]any{n}, args...)...)
}

// Message returns the text of a fault's message. Where its key is a plural entry the
// first argument is the count.
func (p *Printer) Message(m fault.Message) string { return p.T(m.Key, m.Args...) }

func missing(key string) string { return "⟦" + key + "⟧" }

// format writes one argument. A type it does not know shows as ⟦type⟧: printing it in
// Go's way would be words of no language.
func (p *Printer) format(arg any) string {
	switch v := arg.(type) {
	case string:
		return v
	case time.Time:
		return p.DateHour(v)
	case []string:
		return p.List(v)
	case []time.Time:
		var instants []string
		for _, t := range v {
			instants = append(instants, p.DateHour(t))
		}
		return p.List(instants)
	case fault.Message:
		return p.Message(v)
	case fmt.Stringer:
		return v.String()
	}
	if n, ok := asInt(arg); ok {
		return p.Number(n)
	}
	if v := reflect.ValueOf(arg); v.Kind() == reflect.String {
		return v.String()
	}
	return missing(fmt.Sprintf("%T", arg))
}

func asInt(arg any) (int, bool) {
	if v := reflect.ValueOf(arg); v.CanInt() {
		return int(v.Int()), true
	}
	return 0, false
}
