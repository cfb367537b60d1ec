package report

import (
	"encoding/json"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Home splits a value of ByHome: the département, and the postcode where it is kept. Both are empty where nothing was said.
func Home(value string) (department, postcode string) {
	department, postcode, _ = strings.Cut(value, "/")
	return department, postcode
}

// The directory of schools knows the postcodes of most communes, and venues those of the ones nearby.
const sqlCommunes = `
SELECT postcode, min(city) FROM (SELECT postcode, city FROM directory UNION SELECT postcode, city FROM venues)
 WHERE postcode IN (SELECT value FROM json_each(?)) GROUP BY postcode HAVING count(DISTINCT city) = 1`

// communes returns the names of those communes that have a postcode to themselves, by postcode.
func communes(tx *sqlite.Tx, homes map[string]presences) (map[string]string, error) {
	var postcodes []string
	for home := range homes {
		if _, postcode := Home(home); postcode != "" {
			postcodes = append(postcodes, postcode)
		}
	}
	list, err := json.Marshal(postcodes)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlCommunes, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := map[string]string{}
	for rows.Next() {
		var postcode, city string
		if err := rows.Scan(&postcode, &city); err != nil {
			return nil, err
		}
		names[postcode] = city
	}
	return names, rows.Err()
}
