package upkeep

// Instants is the statement that looks at every instant.
const Instants = sqlInstants
