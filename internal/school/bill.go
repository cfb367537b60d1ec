package school

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
)

// BillKind is what a paper about money is.
type BillKind string

// The kinds of paper.
const (
	KindQuote      BillKind = "quote"
	KindInvoice    BillKind = "invoice"
	KindCreditNote BillKind = "credit_note"
)

// Bill is all that a quote, an invoice or a credit note says, frozen as JSON when it is issued: a paper that left
// never changes when a setting, a name or a price does. Amounts are whole cents.
type Bill struct {
	Kind       BillKind   `json:"kind"`
	Number     string     `json:"number"`            // 'D2026-0007'
	Version    int        `json:"version,omitempty"` // of a quote
	Date       string     `json:"date"`              // a day, 2026-05-04
	ValidUntil string     `json:"valid_until,omitempty"`
	DueOn      string     `json:"due_on,omitempty"`
	Request    string     `json:"request"` // reference of the request
	Seller     Seller     `json:"seller"`
	Client     Client     `json:"client"`
	Payer      *Client    `json:"payer,omitempty"` // nil: the client pays
	Public     bool       `json:"public"`          // who pays is a public body: Chorus Pro
	Service    string     `json:"service_code,omitempty"`
	Engagement string     `json:"engagement,omitempty"`
	Subject    string     `json:"subject"`
	Dates      []BillDate `json:"dates,omitempty"`
	Level      string     `json:"level"`
	Children   int        `json:"children"`
	Lines      []Line     `json:"lines"`
	TotalCents int        `json:"total_cents"`
	VAT        string     `json:"vat"`
	Terms      string     `json:"terms,omitempty"`
	Note       string     `json:"note,omitempty"`
	// Credits is the number of the invoice that a credit note takes from; Quote that of the quote behind an invoice.
	Credits string `json:"credits,omitempty"`
	Quote   string `json:"quote,omitempty"`
}

// Seller is the association as a paper names it.
type Seller struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	SIRET   string `json:"siret"`
	RNA     string `json:"rna,omitempty"`
	Email   string `json:"email"`
	Phone   string `json:"phone,omitempty"`
	Website string `json:"website,omitempty"`
	IBAN    string `json:"iban,omitempty"`
}

// Client is the organisation that the workshops are for, or who pays in its place.
type Client struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Postcode string `json:"postcode"`
	City     string `json:"city"`
	UAI      string `json:"uai,omitempty"`
	SIRET    string `json:"siret,omitempty"`
	Contact  string `json:"contact,omitempty"`
}

// BillDate is one session that a paper is about. Instants are RFC 3339 in UTC, Zone that of the venue.
type BillDate struct {
	StartsAt string `json:"starts_at"`
	EndsAt   string `json:"ends_at"`
	Zone     string `json:"zone"`
	Venue    string `json:"venue"`
	Address  string `json:"address"`
	Postcode string `json:"postcode"`
	City     string `json:"city"`
}

// freeze is b as it is stored, with the SHA-256 of that text in hexadecimal.
func (b Bill) freeze() (content, hash string, err error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return "", "", fmt.Errorf("school: freeze %s: %w", b.Number, err)
	}
	return string(raw), ContentHash(string(raw)), nil
}

// thawBill reads what freeze wrote.
func thawBill(content string) (b Bill, err error) {
	if err := json.Unmarshal([]byte(content), &b); err != nil {
		return Bill{}, fmt.Errorf("school: thaw a paper: %w", err)
	}
	return b, nil
}

// ContentHash is the SHA-256 of a frozen text in hexadecimal: what somebody agreed to can be recognised by it.
func ContentHash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// BillNumber is how people name a paper: D2026-0007. The kinds have the names of their series.
func BillNumber(kind BillKind, year, number int) string {
	return numbering.Format(numbering.Series(kind), year, number)
}

// noService is how a form says that there is no service code, where Chorus Pro asks for one (school_money.invoice.service.hint).
const noService = "aucun"

// serviceOf is the service code that a paper bears; empty where there is none.
func serviceOf(typed string) string {
	if strings.EqualFold(typed, noService) {
		return ""
	}
	return typed
}
