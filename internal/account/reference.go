package account

import (
	"crypto/rand"
	"strings"
)

// Signs that cannot be mistaken for one another when read out on the phone.
const referenceSigns = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// NewReference returns a name for something that people talk about, such as ADA-7K3M9QXW. It is short enough to
// say on the phone and never opens anything by itself: a link does (see Secret.Sign).
func NewReference(prefix string) string {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	var b strings.Builder
	b.WriteString(prefix)
	b.WriteByte('-')
	for _, r := range raw {
		b.WriteByte(referenceSigns[int(r)%len(referenceSigns)])
	}
	return b.String()
}
