package web

// column says what a column of an exported file holds (UX-A6).
type column struct{ Name, Meaning string }

// documented says what the columns of a file hold: each has the texts PREFIX+NAME and PREFIX+NAME.what.
func (s *Server) documented(prefix string, names []string) (columns []column) {
	for _, name := range names {
		columns = append(columns, column{s.words.T(prefix + name), s.words.T(prefix + name + ".what")})
	}
	return columns
}
