package school

import (
	"context"
	"strings"
	"unicode"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	// mostWords and longestWord bound what one search asks of the index.
	mostWords   = 8
	longestWord = 40
)

// The exact UAI comes first, and schools before the offices that administer them; then a word of the name counts more
// than one of the city.
const sqlSearch = `
SELECT d.id, d.uai, d.site, d.name, d.type, d.sector, d.address, d.postcode, d.city, d.commune_code, d.siret, d.priority,
       coalesce(d.pupils, 0), d.is_open
  FROM directory_search s JOIN directory d ON d.id = s.rowid
 WHERE directory_search MATCH ?1 AND d.is_open
 ORDER BY d.uai = ?2 DESC, d.type IN ('Service Administratif', 'Information et orientation'), bm25(directory_search, 4, 1), d.name
 LIMIT ?3`

// Search returns the open entries of the directory that hold every word of what was typed, as the beginning of a word of
// their name, city, postcode or UAI, whatever the case and the accents; the best first, at most limit. Anything may be
// typed: what has no letter and no digit finds nothing.
func (s *Service) Search(ctx context.Context, typed string, limit int) (found []Entry, err error) {
	query := matching(typed)
	if query == "" {
		return nil, nil
	}
	uai := strings.ToUpper(strings.Join(strings.Fields(typed), ""))
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		found = nil
		rows, err := tx.Query(sqlSearch, query, uai, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			e, err := scanEntry(rows.Scan)
			if err != nil {
				return err
			}
			found = append(found, e)
		}
		return rows.Err()
	})
	return found, err
}

// shortened are words that people and the directory write in either way.
var shortened = map[string]string{"st": "saint", "ste": "sainte", "saint": "st", "sainte": "ste"}

// matching is the query of the index for what was typed. Every word stands in quotes, where none of the index's own signs
// and words (*, ^, AND, NEAR, …) means anything.
func matching(typed string) string {
	var query []string
	for _, word := range strings.Fields(words(typed)) {
		if len(query) == mostWords {
			break
		}
		if runes := []rune(word); len(runes) > longestWord {
			word = string(runes[:longestWord])
		}
		if other, ok := shortened[word]; ok {
			query = append(query, `("`+word+`"* OR "`+other+`")`)
			continue
		}
		query = append(query, `"`+word+`"*`)
	}
	return strings.Join(query, " AND ")
}

// unjoined writes as two the letters that the index does not take apart by itself.
var unjoined = strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss", "ł", "l", "ø", "o", "đ", "d")

// words are the words of s in lower case, one space apart, without any other sign. Accents stay: the index folds them.
func words(s string) string {
	return strings.Join(strings.FieldsFunc(unjoined.Replace(strings.ToLower(readable(s))), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), " ")
}
