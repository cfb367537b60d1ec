package sqlite

// Column reads a query that gives one value a row, in the order of the query; nil for no row.
func Column[T any](tx *Tx, query string, args ...any) (list []T, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var value T
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, rows.Err()
}
