package outbox

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// clickable is what mail programs make a link of: an address of the web or of a mailbox, with a scheme or without. Names
// have dots too (« J.-P. », « St.Martin »), so that a bare address is known by a path after it or by an ending that many
// advertisements have.
var clickable = regexp.MustCompile(`(?i)://|www\.|@|` +
	`[\pL\pN]\.\pL{2,}/|` +
	`[\pL\pN-]{2}\.(com|net|org|info|biz|fr|eu|uk|io|ly|ru|cn|cc|tk|co|ai|app|dev|xyz|top|site|online|shop|store|club|live|vip|link|click|page|win|bet|casino|icu|fun|space|website|tech|gg|tv)($|[^\pL\pN])`)

// HoldsAddress reports whether a text holds what a mail program would turn into a link. Our mails repeat names to whatever
// mailbox was typed beside them: nobody shall make us send advertisements.
func HoldsAddress(text string) bool {
	folded := norm.NFKC.String(text)
	// Every address has one of these signs; most names have none, and each booking asks about several.
	return strings.ContainsAny(folded, ".@:") && clickable.MatchString(folded)
}
