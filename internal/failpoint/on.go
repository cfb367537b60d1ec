//go:build failpoints

package failpoint

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// deadly is the point of ATELIERS_FAILPOINT, such as "before-commit:3", and left how many more times it is survived.
var (
	deadly string
	left   atomic.Int64
)

func init() {
	point, times, _ := strings.Cut(os.Getenv("ATELIERS_FAILPOINT"), ":")
	n, err := strconv.ParseInt(times, 10, 64)
	if point != "" && err != nil {
		panic("ATELIERS_FAILPOINT: want a point and a number, such as before-commit:3")
	}
	deadly = point
	left.Store(n)
}

// Here ends the process as a power cut would, when point is the one of ATELIERS_FAILPOINT and it is passed the n-th time.
func Here(point string) {
	if point != deadly || left.Add(-1) != 0 {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal comes at once, but not before the next instruction
}
