package main

import "testing"

// RGPD-14: one command lists whom a breach is to be told to.
func TestBreach(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	list := func(args ...string) outcome {
		return ateliers(t, append([]string{"breach", "--data", dir}, args...)...)
	}
	list("--from", "2027-05-08T09:00:00+02:00", "--to", "2027-05-09T09:00:00+02:00").want(t, 0)
	list("--from", "hier", "--to", "2027-05-09T09:00:00+02:00").wantLine(t, 2, "--from", "hier")
	list("--from", "2027-05-08T09:00:00+02:00").want(t, 2, "--to")
	if n := count(t, dir, `SELECT count(*) FROM access_log WHERE action = 'breach.list'`); n != 1 {
		t.Errorf("%d lists were noted, want 1", n)
	}
}
