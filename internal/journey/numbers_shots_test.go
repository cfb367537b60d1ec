package journey

import (
	"database/sql"
	"net/http"
)

// numbersShots are the page of the numbers that a restore of the database locked: of a year far ahead, so that no other page needs them.
func numbersShots() []shot {
	locked := func(then func(*tab)) func(*tab) {
		return func(b *tab) {
			b.t.Helper()
			db, err := sql.Open("sqlite3", "file:"+common.data+"/ateliers.db?_busy_timeout=5000")
			if err != nil {
				b.t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			_, err = db.ExecContext(b.t.Context(), `INSERT OR IGNORE INTO number_locks (series, year, since)
				SELECT value, 2041, '2041-03-01T08:00:00Z' FROM json_each('["quote", "invoice", "credit_note", "certificate"]')`)
			if err != nil {
				b.t.Fatal(err)
			}
			b.open("/equipe/numeros")
			then(b)
		}
	}
	fill := func(quote string) func(*tab) {
		return locked(func(b *tab) {
			b.fill(map[string]string{"invoice_2041": "F2041-0012", "quote_2041": quote})
			b.send()
		})
	}
	return []shot{
		{route: "/equipe/etat", role: "staff"},
		{route: "/equipe/numeros", state: "locked", role: "staff", show: locked(func(*tab) {})},
		{route: "/equipe/numeros", state: "wrong", role: "staff", show: fill("douze"), status: http.StatusUnprocessableEntity},
		{route: "/equipe/numeros", state: "check", role: "staff", show: fill("0")},
	}
}
