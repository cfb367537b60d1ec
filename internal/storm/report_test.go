package storm

import (
	"fmt"
	"os"
	"testing"
)

// nightly is whether the long forms run (make test-nightly).
func nightly() bool { return os.Getenv("ATELIERS_TEST_NIGHTLY") != "" }

// times is how often something is done by day and at night.
func times(day, night int) int {
	if nightly() {
		return night
	}
	return day
}

// report writes what was measured under a criterion into the log, and into the file that ATELIERS_REPORT names: make test-nightly
// collects there what the faults did (bin/faults.md).
func report(t testing.TB, id, format string, args ...any) {
	t.Helper()
	line := fmt.Sprintf(format, args...)
	t.Logf("%s: %s", id, line)
	path := os.Getenv("ATELIERS_REPORT")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(file, "| %s | %s | %s |\n", id, t.Name(), line); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}
