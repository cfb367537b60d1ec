package upkeep

// Instants is the statement that looks at every instant.
const Instants = sqlInstants

// Seal encrypts what a test made up.
var Seal = seal

// JudgeDisk is judgeDisk for a disk of so many bytes and names.
func JudgeDisk(free, all, nodes, most uint64) Finding {
	return judgeDisk(space{free, all, nodes, most})
}
