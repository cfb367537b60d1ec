package upkeep

import "golang.org/x/sys/unix"

// space is what a file system has.
type space struct {
	free, all   uint64 // bytes; free is for programs that are not root's
	nodes, most uint64 // names that can still be made, and how many there can be; most is 0 where nothing limits them
}

// diskSpace tells of the file system that dir lies on.
func diskSpace(dir string) (s space, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return s, err
	}
	size := uint64(st.Bsize) //nolint:gosec // never negative
	return space{free: st.Bavail * size, all: st.Blocks * size, nodes: st.Ffree, most: st.Files}, nil
}

// percentFree is how much of the disk is free, of its bytes or its names, whichever is less.
func (s space) percentFree() int {
	free := 100
	if s.all > 0 {
		free = int(s.free * 100 / s.all)
	}
	if s.most > 0 {
		free = min(free, int(s.nodes*100/s.most))
	}
	return free
}
