package architecture

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// callers are the names by which the standard library reaches another machine, or another program that might.
var callers = map[string][]string{
	"net":        {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "Resolver", "DefaultResolver", "LookupHost", "LookupIP", "LookupAddr", "LookupTXT", "LookupMX", "LookupCNAME"},
	"net/http":   {"Get", "Post", "PostForm", "Head", "Client", "DefaultClient", "Transport", "DefaultTransport", "NewRequest", "NewRequestWithContext"},
	"crypto/tls": {"Dial", "DialWithDialer", "Dialer", "Client"},
	"os/exec":    {"Command", "CommandContext"},
}

// outward are the files that may, each with its reason. None of them goes where somebody outside the team, or a page, says.
var outward = map[string]string{
	"cmd/ateliers/doctor.go":      "DNS records of the association's own domain, which the operator asks for",
	"cmd/ateliers/doctor_site.go": "the site of the configuration, as the operator asks for",
	"internal/mail/sender.go":     "the mail server of the configuration",
	"internal/upkeep/send.go":     "the command of the configuration that takes copies elsewhere",
}

// TestNothingFetchesAnAddress: the server asks no other machine for anything but to take its mails, whatever people type. What is
// not written here cannot be done: a new way out needs a reason (SEC-25).
func TestNothingFetchesAnAddress(t *testing.T) {
	t.Parallel()
	set := token.NewFileSet()
	used := map[string]bool{}
	for _, s := range parse(t, set) {
		if supportsTests(s.dir) {
			continue
		}
		for _, file := range s.files {
			name := strings.TrimPrefix(set.Position(file.Pos()).Filename, "../../")
			names := map[string][]string{} // what may not be called, by the name of the package in this file
			for _, spec := range file.Imports {
				path, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				if list := callers[path]; list != nil {
					local := path[strings.LastIndex(path, "/")+1:]
					if spec.Name != nil {
						local = spec.Name.Name
					}
					names[local] = list
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if from, ok := call.X.(*ast.Ident); ok && slices.Contains(names[from.Name], call.Sel.Name) {
					if used[name] = true; outward[name] == "" {
						t.Errorf("%s: %s.%s goes out to another machine or program", set.Position(call.Pos()), from.Name, call.Sel.Name)
					}
				}
				return true
			})
		}
	}
	for name := range outward {
		if !used[name] {
			t.Errorf("%s goes nowhere: strike it off the list", name)
		}
	}
}
