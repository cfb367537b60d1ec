package account

import "testing"

func TestActor(t *testing.T) {
	t.Parallel()
	user := func(role Role) Actor { return Actor{Kind: KindUser, ID: 3, Name: "Łukasz", Role: role} }
	tests := []struct {
		actor                                             Actor
		text                                              string
		team, staff, admin, desk, manage, administer, see bool
	}{
		{Actor{}, "guest", false, false, false, false, false, false, false},
		{Guest(), "guest", false, false, false, false, false, false, false},
		{Guardian(12), "guardian:12", false, false, false, false, false, false, false},
		{user(Facilitator), "user:3", true, false, false, false, false, false, false},
		{user(Communication), "user:3", true, false, false, true, false, false, false},
		{user(Staff), "user:3", true, true, false, true, true, false, true},
		{user(Admin), "user:3", true, true, true, true, true, true, true},
		{user("owner"), "user:3", false, false, false, false, false, false, false},
		{Actor{Kind: KindGuardian, ID: 12, Role: Admin}, "guardian:12", false, false, false, false, false, false, false},
		{System(), "system", false, false, false, true, true, true, true},
		{Command(), "command", false, false, false, true, true, true, true},
	}
	for _, test := range tests {
		a := test.actor
		if got := a.String(); got != test.text {
			t.Errorf("String of %+v = %q, want %q", a, got, test.text)
		}
		got := [...]bool{a.IsTeam(), a.IsStaff(), a.IsAdmin(), a.HasDesk(), a.CanManage(), a.CanAdminister(), a.CanSeeHealth()}
		want := [...]bool{test.team, test.staff, test.admin, test.desk, test.manage, test.administer, test.see}
		if got != want {
			t.Errorf("%+v: team, staff, admin, desk, manage, administer, health = %v, want %v", a, got, want)
		}
	}
	if !user(Staff).IsUser(3) || user(Staff).IsUser(4) || Guardian(3).IsUser(3) {
		t.Error("IsUser does not tell users apart")
	}
	if user(Staff).MemberID() != 3 || Guardian(3).MemberID() != 0 || System().MemberID() != 0 {
		t.Error("MemberID takes somebody else for a member of the team")
	}
}
