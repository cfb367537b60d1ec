package document

import (
	"math"
	"runtime/debug"
	"sync"
)

// frugal is how much memory the process should take while documents are drawn, beside what the operating system counts for the
// program itself and for the database.
const frugal = 40 << 20

// thrift counts the documents that are being drawn in this process: what it sets belongs to all of it.
var thrift struct {
	sync.Mutex
	drawing int
}

// beFrugal keeps memory down until done was called for every document that is being drawn. A sheet leaves 1 MB behind, a hundred
// certificates 25, and reading what goes on them as much again; a server that otherwise lets garbage grow to several times what
// it uses, as cmd/ateliers does for the sake of speed, would take 170 MB while a whole team prints. Whoever runs the program and set a limit keeps theirs.
func beFrugal() (done func()) {
	thrift.Lock()
	defer thrift.Unlock()
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(frugal)
	}
	thrift.drawing++
	return func() {
		thrift.Lock()
		defer thrift.Unlock()
		if thrift.drawing--; thrift.drawing == 0 && debug.SetMemoryLimit(-1) == frugal {
			debug.SetMemoryLimit(math.MaxInt64)
		}
	}
}
