package upkeep

import "strings"

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

// Listed is one table of the list of what may change, with the columns that it names.
type Listed struct {
	Table   string
	Columns []string
}

// Changes is that list.
func Changes() (list []Listed) {
	for _, c := range changes {
		list = append(list, Listed{c.table, strings.Fields(strings.Join([]string{c.age, c.hollow, c.born, c.stamp, c.traced, c.emptied, c.free}, " "))})
	}
	return list
}
