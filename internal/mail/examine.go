package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
)

// Try connects to the server, encrypts and signs in as for sending, and hangs up: no mail leaves. Its error is that of the server, in one line.
func Try(ctx context.Context, server Server, identity Identity) error {
	conn, err := NewSender(server, identity).open(ctx)
	if err != nil {
		return fmt.Errorf("%s: %s", server, strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	}
	conn.close()
	return nil
}

// Record is a DNS record by which mail servers tell our mails from forged ones (SEC-45).
type Record struct {
	Name string // SPF, DKIM or DMARC
	At   string // where it is looked up
	Text string // what is there; empty for nothing
	Want string // what to publish where nothing is
	Err  error  // DNS did not answer
}

// Domain is that of the address that mails come from.
func (id Identity) Domain() string {
	return id.From.Address[strings.LastIndexByte(id.From.Address, '@')+1:]
}

// Records looks for SPF, DMARC and, with the selector that the mail server signs with, DKIM of a domain. lookup is that of
// net.Resolver.LookupTXT.
func Records(ctx context.Context, lookup func(ctx context.Context, name string) ([]string, error), domain, selector string) []Record {
	records := []Record{
		{Name: "SPF", At: domain, Want: "v=spf1 include:THE-MAIL-SERVER -all, as the provider of the mail server says"},
		{Name: "DMARC", At: "_dmarc." + domain, Want: "v=DMARC1; p=quarantine; rua=mailto:SOMEBODY@" + domain},
	}
	if selector != "" {
		records = append(records, Record{Name: "DKIM", At: selector + "._domainkey." + domain, Want: "the key that the provider of the mail server shows"})
	}
	begins := map[string]string{"SPF": "v=spf1", "DMARC": "v=DMARC1", "DKIM": "p="}
	for i := range records {
		r := &records[i]
		texts, err := lookup(ctx, r.At)
		if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
			err = nil
		}
		r.Err = err
		for _, text := range texts {
			if strings.HasPrefix(text, begins[r.Name]) || r.Name == "DKIM" && strings.Contains(text, "p=") {
				r.Text = text
			}
		}
	}
	return records
}
