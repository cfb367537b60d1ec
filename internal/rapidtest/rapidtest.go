// Package rapidtest makes tests that draw at random with rapid draw the same in each run, so that a failure speaks of the
// change and not of chance; at night (make test-nightly) they draw anew. Such a test imports it for that alone.
// -rapid.seed=N draws others by hand.
package rapidtest

import (
	"flag"
	"os"

	_ "pgregory.net/rapid" // whose flags are there from then on
)

// Before the flags of the command line are read, which so count more.
func init() {
	if os.Getenv("ATELIERS_TEST_NIGHTLY") != "" {
		return
	}
	if err := flag.Set("rapid.seed", "1843"); err != nil {
		panic(err)
	}
}
