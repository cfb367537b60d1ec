package upkeep

// Instants is the statement that looks at every instant.
const Instants = sqlInstants

// Seal encrypts what a test made up.
var Seal = seal

// PercentFree is how much is free where dir lies.
func PercentFree(dir string) (int, error) {
	s, err := diskSpace(dir)
	return s.percentFree(), err
}

// JudgeDisk is judgeDisk for a disk of so many bytes and names.
func JudgeDisk(free, all, nodes, most uint64) Finding {
	return judgeDisk(space{free, all, nodes, most})
}
