package school

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// references are those of the lines, in their order.
func references(lines []InboxLine) string {
	var all []string
	for _, l := range lines {
		all = append(all, strings.TrimPrefix(l.Reference, "GRP-"))
	}
	return strings.Join(all, " ")
}

func TestInbox(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	zoe, lukasz := o.user("Zoé D'Artagnan-N'Guyen", account.Staff), o.user("Łukasz", account.Staff)
	ago := func(days int) string { return sqlite.Time(testNow.AddDate(0, 0, -days)) }
	o.asked(Received, map[string]any{"reference": "GRP-FRESH", "waiting_since": ago(1), "assigned_to": zoe.ID})
	o.asked(Quoted, map[string]any{"reference": "GRP-THEIRS", "waiting_since": nil, "state_since": ago(20)})
	o.asked(Accepted, map[string]any{"reference": "GRP-OLDEST", "waiting_since": ago(9), "contact_name": "李 Ángel"})
	o.asked(Proposed, map[string]any{"reference": "GRP-PLANNED", "waiting_since": nil, "next_action": "Rappeler", "next_action_on": "2026-05-04", "assigned_to": lukasz.ID})
	o.asked(Closed, map[string]any{"reference": "GRP-OVER", "waiting_since": nil})
	for name, tt := range map[string]struct {
		filter InboxFilter
		want   string
	}{
		"what waits longest, then what is planned": {InboxFilter{}, "OLDEST FRESH PLANNED THEIRS"},
		"one state":                    {InboxFilter{State: Closed}, "OVER"},
		"mine":                         {InboxFilter{Of: OfMe}, "FRESH"},
		"nobody's":                     {InboxFilter{Of: OfNobody}, "OLDEST THEIRS"},
		"by the name, without accents": {InboxFilter{Search: "ecole MARIE curie", State: Received}, "FRESH"},
		"by the contact":               {InboxFilter{Search: "ang"}, "OLDEST"},
		"by the reference":             {InboxFilter{Search: "grp-planned"}, "PLANNED"},
		"nothing":                      {InboxFilter{Search: "zzz"}, ""},
		"only the beginnings of words": {InboxFilter{Search: "urie"}, ""},
	} {
		inbox, err := o.Inbox(t.Context(), zoe, tt.filter)
		if err != nil || references(inbox.Lines) != tt.want {
			t.Errorf("%s: %q, %v; want %q", name, references(inbox.Lines), err, tt.want)
		}
	}
	if owed, err := o.Owed(t.Context(), zoe); err != nil || owed != (Owed{Waiting: 2, Unassigned: 1, Due: 1}) {
		t.Errorf("Owed = %+v, %v", owed, err)
	}
	board, err := o.Board(t.Context(), zoe)
	if err != nil || len(board) != 6 || board[0].State != Received || references(board[3].Lines) != "OLDEST" {
		t.Errorf("Board = %+v, %v", board, err)
	}
	for _, wrong := range []InboxFilter{{State: "lost"}, {Of: "them"}} {
		if _, err := o.Inbox(t.Context(), zoe, wrong); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}

func TestInboxIsForTheDesk(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, role := range account.Roles() {
		actor := o.user("李", role)
		_, inboxErr := o.Inbox(t.Context(), actor, InboxFilter{})
		_, boardErr := o.Board(t.Context(), actor)
		_, owedErr := o.Owed(t.Context(), actor)
		for _, err := range []error{inboxErr, boardErr, owedErr} {
			if (err != nil) != (role == account.Facilitator) {
				t.Errorf("%s: %v", role, err)
			}
		}
	}
}

// Hundreds of requests are shown page by page, each once (SCALE).
func TestInboxPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const many = 2*InboxPage + 1
	for i := range many {
		o.asked(Received, map[string]any{"reference": fmt.Sprintf("GRP-%08d", i), "waiting_since": sqlite.Time(testNow.Add(time.Duration(i) * time.Minute))})
	}
	var all []string
	for page := 1; page <= 3; page++ {
		inbox, err := o.Inbox(t.Context(), account.Command(), InboxFilter{Page: page})
		if err != nil || inbox.Total != many || inbox.Pages != 3 || inbox.Page != page {
			t.Fatalf("page %d: %d of %d, page %d of %d, %v", page, len(inbox.Lines), inbox.Total, inbox.Page, inbox.Pages, err)
		}
		all = append(all, strings.Fields(references(inbox.Lines))...)
	}
	for i, got := range all {
		if want := fmt.Sprintf("%08d", i); got != want {
			t.Fatalf("line %d is %s, want %s", i, got, want)
		}
	}
	if beyond, err := o.Inbox(t.Context(), account.Command(), InboxFilter{Page: 99}); err != nil || beyond.Page != 3 {
		t.Errorf("page %d, %v", beyond.Page, err)
	}
}
