// Package wordstest lets tests compare texts that package words has typeset.
package wordstest

import "strings"

var plain = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

// Plain turns every no-break space of s into an ordinary one, so that a test can say
// « 14 h 30 » as it is typed.
func Plain(s string) string { return plain.Replace(s) }
