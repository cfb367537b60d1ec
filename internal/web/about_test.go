package web

import "testing"

// ACC-13: the declaration claims no level that no person has examined, tells what is missing, and whom to write to.
func TestAccessibilityIsDeclared(t *testing.T) {
	t.Parallel()
	b := newHousehold(t).b
	b.get("/accessibilite").want(200, "n'a pas encore été audité", "Ce qui manque", "Défenseur des droits", "salut@lesbricodeurs.fr")
}
