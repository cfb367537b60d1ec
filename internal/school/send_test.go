package school

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

func TestSendStoresAllInOneTransaction(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	n := request()
	n.WorkshopID, n.Wish = o.workshop("Thymio"), ""
	key := o.key()
	link, err := o.Send(t.Context(), account.Guest(), key, DraftKey{}, n)
	if err != nil {
		t.Fatal(err)
	}
	again, err := o.Again(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	if again.Organisation.Name != n.Organisation.Name || again.Contact != n.Contact || again.WorkshopID != n.WorkshopID || again.StartedFrom == 0 {
		t.Errorf("it kept %+v of %+v", again, n)
	}
	if len(again.Wanted) > 0 || again.Message != "" {
		t.Errorf("another request begins with the dates of the first: %+v", again)
	}
	for what, query := range map[string]string{
		"request":      `SELECT count(*) FROM group_requests WHERE state = 'received' AND waiting_since = created_at`,
		"wanted date":  `SELECT count(*) FROM wanted_dates WHERE day = '2026-06-09' AND half = 'morning'`,
		"event":        `SELECT count(*) FROM request_events WHERE kind = 'received' AND by = 'contact'`,
		"audit line":   `SELECT count(*) FROM audit WHERE action = 'request.received' AND details NOT LIKE '%Zo%'`,
		"confirmation": `SELECT count(*) FROM outbox WHERE kind = 'request_received' AND recipient = 'zoe@example.org'`,
		"news":         `SELECT count(*) FROM outbox WHERE kind = 'request_news' AND recipient = 'salut@lesbricodeurs.fr'`,
	} {
		if n := o.count(query); n != 1 {
			t.Errorf("%d rows are its %s, want 1", n, what)
		}
	}
	repeated, err := o.Send(t.Context(), account.Guest(), key, DraftKey{}, n)
	if err != nil || repeated != link {
		t.Errorf("sent twice it gives %v, %v, want %v", repeated, err, link)
	}
	if n := o.count(`SELECT count(*) FROM group_requests`); n != 1 {
		t.Errorf("sent twice it makes %d requests", n)
	}
	if _, err := o.Again(t.Context(), Link{link.Reference, o.Sign(LinkPayer, link.Reference, 1).Signature}); err == nil || fault.KindOf(err) != fault.NotFound {
		t.Errorf("a forged link gives %v, want not found", err)
	}
}

func TestSendNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	day := func(s string) WantedDate {
		d, m := ParseDay(s)
		if m != nil {
			t.Fatalf("%s: %s", s, m.Key)
		}
		return WantedDate{Day: d, Half: "day"}
	}
	long := strings.Repeat("é", MaxText+1)
	for _, tt := range []struct {
		name   string
		change func(*NewRequest)
		want   string // fields and messages
	}{
		{"nothing", func(*NewRequest) {}, ""},
		{"no kind", func(n *NewRequest) { n.Organisation.Kind = "circus" }, "kind=ask.kind_missing"},
		{"no name", func(n *NewRequest) { n.Organisation.Name = " \u202e " }, "name=ask.name_missing"},
		{"an advertisement", func(n *NewRequest) { n.Organisation.Name = "Gagnez sur https://x.test" }, "name=ask.address"},
		{"an advertisement as contact", func(n *NewRequest) { n.Contact.Name = "www.x.test" }, "contact_name=ask.address"},
		{"an advertisement as wish", func(n *NewRequest) { n.Wish = "x@y.test" }, "wish=ask.address"},
		{"a school without a sector", func(n *NewRequest) { n.Organisation.Kind = School }, "sector=ask.sector_missing"},
		{"a wrong UAI", func(n *NewRequest) {
			n.Organisation.Kind, n.Organisation.Sector, n.Organisation.UAI = School, "public", "0350122A"
		}, "uai=ask.uai_letter"},
		{"the UAI of a library", func(n *NewRequest) { n.Organisation.UAI = "nonsense" }, ""},
		{"a postcode of four", func(n *NewRequest) { n.Organisation.Postcode = "6910" }, "postcode=ask.postcode_wrong"},
		{"no entry of that id", func(n *NewRequest) { n.DirectoryID = 12 }, "school=ask.school_gone"},
		{"no workshop of that id", func(n *NewRequest) { n.WorkshopID = 12 }, "workshop=ask.workshop_missing"},
		{"no wish", func(n *NewRequest) { n.Wish = "" }, "wish=ask.wish_missing"},
		{"zero children", func(n *NewRequest) { n.Children = 0 }, "children=ask.children_wrong"},
		{"501 children", func(n *NewRequest) { n.Children = 501 }, "children=ask.children_wrong"},
		{"500 children", func(n *NewRequest) { n.Children = 500 }, ""},
		{"a hundred and one adults", func(n *NewRequest) { n.Adults = 101 }, "adults=ask.adults_wrong"},
		{"today", func(n *NewRequest) { n.Wanted = []WantedDate{day("4/5/2026")} }, "date_1=ask.day_past"},
		{"a past date", func(n *NewRequest) { n.Wanted = append(n.Wanted, day("1/5/2026")) }, "date_2=ask.day_past"},
		{"tomorrow", func(n *NewRequest) { n.Wanted = []WantedDate{day("5/5/2026")} }, ""},
		{"in three years", func(n *NewRequest) { n.Wanted = []WantedDate{day("5/5/2029")} }, "date_1=ask.day_far"},
		{"no half", func(n *NewRequest) { n.Wanted[0].Half = "noon" }, "date_1_half=ask.half_missing"},
		{"the same twice", func(n *NewRequest) { n.Wanted = append(n.Wanted, n.Wanted[0]) }, "date_2=ask.day_twice"},
		{"no dates", func(n *NewRequest) { n.Wanted = nil }, "date_1=ask.dates_missing"},
		{"a period", func(n *NewRequest) { n.Wanted, n.Period = nil, "en mars" }, ""},
		{"no place", func(n *NewRequest) { n.Place = "" }, "place=ask.place_missing"},
		{"no funding", func(n *NewRequest) { n.Funding = "lottery" }, "funding=ask.funding_missing"},
		{"an endless message", func(n *NewRequest) { n.Message = long }, "message=ask.too_long"},
		{"names of the world", func(n *NewRequest) { n.Contact.Name, n.Organisation.Name = "李", "مدرسة Łukasz Nguyễn" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := request()
			tt.change(&n)
			before := o.count(`SELECT count(*) FROM group_requests`)
			_, err := o.Send(t.Context(), account.Guest(), o.key(), DraftKey{}, n)
			var got []string
			if f, ok := fault.As(err); ok {
				for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
					got = append(got, field+"="+f.Fields[field].Key)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("wrong are %q, want %q", got, tt.want)
			}
			if stored := o.count(`SELECT count(*) FROM group_requests`) - before; stored > 0 == (tt.want != "") {
				t.Errorf("%d requests were stored", stored)
			}
		})
	}
}

// TestSendKeepsWhatBelongsTogether: what belongs to another answer is not kept (SEC-22).
func TestSendKeepsWhatBelongsTogether(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	n := request()
	n.Place, n.Room, n.Wifi, n.Adage, n.Organisation.Priority = Ours, "salle 3", "yes", "ADAGE-1", "REP+"
	checked, err := o.Check(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if r := checked.Request; r.Room != "" || r.Wifi != "unknown" || r.Adage != "" || r.Organisation.Priority != "" {
		t.Errorf("it keeps %+v", r)
	}
}

func TestDraftLeadsToItsRequest(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx, token := t.Context(), []byte("token")
	if _, err := o.Draft(ctx, token); err == nil || fault.KindOf(err) != fault.NotFound {
		t.Fatalf("no draft gives %v", err)
	}
	if err := o.SaveDraft(ctx, token, `{"Name":"Li"}`); err != nil {
		t.Fatal(err)
	}
	d, err := o.Draft(ctx, token)
	if err != nil || d.Answers != `{"Name":"Li"}` || d.Sent != (Link{}) {
		t.Fatalf("it kept %+v, %v", d, err)
	}
	old := DraftKey{token, d.Version}
	if err := o.SaveDraft(ctx, token, `{"Name":"Li Na"}`); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Send(ctx, account.Guest(), o.key(), old, request()); !fault.Is(err, fault.Conflict, "ask.draft_changed") {
		t.Errorf("answers that changed give %v", err)
	}
	link, err := o.Send(ctx, account.Guest(), o.key(), DraftKey{token, d.Version + 1}, request())
	if err != nil {
		t.Fatal(err)
	}
	second, err := o.Send(ctx, account.Guest(), o.key(), DraftKey{token, d.Version + 1}, request())
	if err != nil || second != link {
		t.Errorf("the same draft sent by another page gives %v, %v, want %v", second, err, link)
	}
	if d, err = o.Draft(ctx, token); err != nil || d.Sent != link || d.Answers != "" {
		t.Errorf("a sent draft is %+v, %v", d, err)
	}
	o.clock.Set(testNow.Add(ReturnTime))
	if _, err := o.Draft(ctx, token); err == nil || fault.KindOf(err) != fault.NotFound {
		t.Errorf("after the time to return it gives %v", err)
	}
	if err := o.PurgeDrafts(ctx); err != nil {
		t.Fatal(err)
	}
	if n := o.count(`SELECT count(*) FROM request_drafts`); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
}

func TestParseDay(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"8/6/2027": "2027-06-08", "08-06-27": "2027-06-08", "8 juin 2027": "2027-06-08", "mardi 8 Juin 2027": "2027-06-08",
		"2027-06-08": "2027-06-08", "1er août 2027": "2027-08-01", " 08.06.2027 ": "2027-06-08",
		"31/02/2027": "ask.day_impossible", "0/6/2027": "ask.day_impossible", "8/13/2027": "ask.day_impossible",
		"": "ask.day_form", "demain": "ask.day_form", "8/6": "ask.day_form", "8/6/027": "ask.day_form", "a/b/c": "ask.day_form",
		"99999999999999999999/1/2027": "ask.day_form",
	} {
		day, m := ParseDay(typed)
		got := day.Format(time.DateOnly)
		if m != nil {
			got = m.Key
		}
		if got != want {
			t.Errorf("%q is %s, want %s", typed, got, want)
		}
	}
}

func TestParseUAI(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"0350122T": "0350122T", " 035 0122 t": "0350122T", "0350122S": "ask.uai_letter", "0350121T": "ask.uai_letter",
		"": "ask.uai_form", "350122T": "ask.uai_form", "0350122": "ask.uai_form", "0350122É": "ask.uai_form", "035012TT": "ask.uai_form", "03501222": "ask.uai_form",
	} {
		uai, m := ParseUAI(typed)
		if m != nil {
			uai = m.Key
		}
		if uai != want {
			t.Errorf("%q is %s, want %s", typed, uai, want)
		}
	}
}
