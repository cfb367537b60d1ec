package school

import "testing"

// A link opens its own request alone, as its own party alone, until its version is raised (SEC-9).
func TestLinks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r, other := o.asked(Received, nil), o.asked(Received, nil)
	link := o.Sign(LinkContact, r.Reference, r.LinkVersion)
	status, err := o.Status(t.Context(), link)
	if err != nil || status.ID != r.ID {
		t.Fatalf("Status = %v, %v", status.ID, err)
	}
	for name, wrong := range map[string]Link{
		"of another request":  {other.Reference, link.Signature},
		"of nobody":           {"GRP-99999999", link.Signature},
		"without a signature": {r.Reference, ""},
		"of the payer":        o.Sign(LinkPayer, r.Reference, r.LinkVersion),
		"of another version":  o.Sign(LinkContact, r.Reference, r.LinkVersion+1),
	} {
		if _, err := o.Status(t.Context(), wrong); err == nil {
			t.Errorf("a link %s opens the request", name)
		} else {
			o.wantFault(err, "error.not_found")
		}
	}
}
