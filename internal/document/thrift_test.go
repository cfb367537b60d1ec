package document

import (
	"math"
	"runtime/debug"
	"testing"
)

// TestFrugal: memory is limited as long as any document is drawn, and not a moment longer; a limit that somebody set stays. It does
// not run beside others: the limit is the process's.
func TestFrugal(t *testing.T) {
	limit := func() int64 { return debug.SetMemoryLimit(-1) }
	first, second := beFrugal(), beFrugal()
	first()
	if got := limit(); got != frugal {
		t.Errorf("while a document is drawn the limit is %d", got)
	}
	second()
	if got := limit(); got != math.MaxInt64 {
		t.Errorf("afterwards the limit is %d", got)
	}
	debug.SetMemoryLimit(1 << 30)
	defer debug.SetMemoryLimit(math.MaxInt64)
	done := beFrugal()
	if got := limit(); got != 1<<30 {
		t.Errorf("a limit of 1 GiB became %d", got)
	}
	done()
	if got := limit(); got != 1<<30 {
		t.Errorf("a limit of 1 GiB became %d afterwards", got)
	}
}
