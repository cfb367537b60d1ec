package main

import (
	"strings"
	"testing"
)

func TestUserAdd(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	add := func(w world, args ...string) outcome {
		w.args = append([]string{"user", "add", "--data", dir}, args...)
		if w.env == nil {
			w.env = env()
		}
		return inWorld(t, w)
	}
	typed := func(password string) world { return world{stdin: strings.NewReader(password)} }

	got := add(typed("trois souris vertes\n"), "nguyen@example.org", "--role", "staff", "--name", "Nguyễn Thị Ánh")
	got.want(t, 0, "Password: ")
	if strings.Contains(got.stdout+got.stderr, "souris") {
		t.Errorf("the password is shown: %+v", got)
	}
	add(typed("trois souris bleues"), "li@example.org", "--role", "admin").want(t, 0) // without a line's end
	set := world{stdin: strings.NewReader(""), env: env("ATELIERS_PASSWORD", "quatre souris roses")}
	add(set, "mohamed@example.org", "--role", "facilitator", "--name", "محمد").want(t, 0)

	add(typed("\n"), "zoe@example.org", "--role", "staff").wantLine(t, 1, "password: ")
	add(typed(""), "zoe@example.org", "--role", "staff").wantLine(t, 2, "no password")
	add(typed("trois souris vertes\n"), "NGUYEN@example.org", "--role", "staff").wantLine(t, 1, "email: ")
	got = add(typed("souris\n"), "zoé", "--role", "staff")
	got.want(t, 1, "email: ", "password: ")

	if n := count(t, dir, `SELECT count(*) FROM users WHERE (email, role, name) IN (VALUES
		('nguyen@example.org', 'staff', 'Nguyễn Thị Ánh'), ('li@example.org', 'admin', 'li'), ('mohamed@example.org', 'facilitator', 'محمد'))`); n != 3 {
		t.Errorf("%d of 3 people were added as asked", n)
	}
	if n := count(t, dir, `SELECT count(*) FROM users`); n != 3 {
		t.Errorf("%d people in all, want 3", n)
	}

	// Whoever lost their app is helped here; somebody without one is left as they are.
	ateliers(t, "user", "drop-factor", "LI@example.org", "--data", dir).want(t, 0)
	ateliers(t, "user", "drop-factor", "qui@example.org", "--data", dir).wantLine(t, 1, "Personne de l'équipe")
}
