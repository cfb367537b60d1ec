package document

import (
	"strings"
	"unicode"
)

// wrap breaks clean text into lines no wider than width, as measured by measure: at
// line ends, at spaces, after hyphens, and inside a word only where the word alone is
// wider than a line. A text of nothing has no lines.
func wrap(text string, width float64, measure func(string) float64) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for _, piece := range pieces(paragraph) {
			if measure(strings.TrimRight(line+piece, " ")) <= width {
				line += piece
				continue
			}
			if line != "" {
				lines = append(lines, strings.TrimRight(line, " "))
			}
			line = piece
			for measure(strings.TrimRight(line, " ")) > width {
				head, rest := cut(line, width, measure)
				if rest == "" {
					break
				}
				lines = append(lines, head)
				line = rest
			}
		}
		if line = strings.TrimRight(line, " "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// pieces are what a line cannot be broken inside: a word with the spaces or the hyphen
// after it, and in French the marks that stand after a space of their own.
func pieces(paragraph string) []string {
	var out []string
	start := 0
	runes := []rune(paragraph)
	for i, r := range runes {
		if r == ' ' || r == '-' {
			if i+1 < len(runes) && strings.ContainsRune(" »;:!?%€", runes[i+1]) || i > 0 && runes[i-1] == '«' {
				continue
			}
			out = append(out, string(runes[start:i+1]))
			start = i + 1
		}
	}
	if start < len(runes) {
		out = append(out, string(runes[start:]))
	}
	return out
}

// cut takes from word as many signs as fit, at least one, accents with their letter.
func cut(word string, width float64, measure func(string) float64) (head, rest string) {
	runes := []rune(word)
	n := 1
	for n < len(runes) && measure(string(runes[:n+1])) <= width {
		n++
	}
	for n < len(runes) && unicode.Is(unicode.M, runes[n]) {
		n++
	}
	return string(runes[:n]), string(runes[n:])
}
