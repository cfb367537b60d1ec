// Package fault names the kinds of error that features return and that the
// edges (web pages, commands) turn into an answer. A fault carries the key of a
// message, never words of a language, so that it is safe to show to people.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind says what an error means for the person who caused it.
type Kind int

// The kinds, each with the HTTP status that the web layer gives it.
const (
	Internal        Kind = iota // 500: our mistake; the default for unknown errors
	Invalid                     // 422: what was typed cannot be used; see Fields
	Unauthenticated             // 303 to sign-in
	Forbidden                   // 403
	NotFound                    // 404: absent, or belongs to somebody else
	Conflict                    // 409: the world has changed, or the rule says no
	Gone                        // 410: it was here, it is over
	Unavailable                 // 503: try again in a moment
)

var kindNames = [...]string{"internal", "invalid", "unauthenticated", "forbidden", "not found", "conflict", "gone", "unavailable"}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("kind(%d)", int(k))
	}
	return kindNames[k]
}

// Message is a key of the catalogue of messages (package words) with its arguments,
// each a string, an int or a value that words knows how to format.
type Message struct {
	Key  string
	Args []any
}

// Error is an error of a known kind. Its text is for the log; Message is for people.
type Error struct {
	Kind    Kind
	Message Message
	// Fields holds one message per wrong field, keyed by the form's field name. Invalid uses it, and Conflict where a
	// field of the form can confirm what was asked.
	Fields map[string]Message
	// Cause is what went wrong underneath, for the log only. It may be nil.
	Cause error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	if e.Message.Key != "" {
		b.WriteString(": " + e.Message.Key)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		b.WriteString(" " + name + "=" + e.Fields[name].Key)
	}
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// New returns an error of a kind with the message key that people will read.
func New(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Message: Message{Key: key, Args: args}}
}

// Wrap is New with the cause kept for the log.
func Wrap(cause error, kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Message: Message{Key: key, Args: args}, Cause: cause}
}

// InvalidFields returns an Invalid error with one message per wrong field.
func InvalidFields(fields map[string]Message) *Error {
	return &Error{Kind: Invalid, Message: Message{Key: "error.invalid"}, Fields: fields}
}

// KindOf returns the kind of err: Internal when err carries none. err must not be nil.
func KindOf(err error) Kind {
	if f, ok := As(err); ok {
		return f.Kind
	}
	return Internal
}

// As returns the first *Error in err's chain.
func As(err error) (*Error, bool) {
	return errors.AsType[*Error](err)
}

// Is reports whether err is a fault of the given kind with the given message key.
func Is(err error, kind Kind, key string) bool {
	f, ok := As(err)
	return ok && f.Kind == kind && f.Message.Key == key
}
