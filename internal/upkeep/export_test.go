package upkeep

// Instants is the statement that looks at every instant.
const Instants = sqlInstants

// Seal encrypts what a test made up.
var Seal = seal
