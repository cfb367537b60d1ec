package web

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestColoursContrast holds the palette to ACC-7 in both schemes: text 4.5:1, and 3:1
// for the rims of controls, holes and the focus ring.
func TestColoursContrast(t *testing.T) {
	t.Parallel()
	sheet, _, ok := productAssets(t).Content("css/site.css")
	if !ok {
		t.Fatal("no style sheet")
	}
	schemes := colourSchemes(t, string(sheet))
	pairs := []struct {
		front, backs string
		least        float64
	}{
		{"ink", "paper card field rose mint lilac", 4.5},
		{"soft", "paper card field", 4.5},
		{"teal", "paper card mint", 4.5},
		{"violet", "paper card lilac", 4.5},
		{"red", "paper card rose", 4.5},
		{"on-act", "act act-deep", 4.5},
		{"on-sun", "sun", 4.5},
		{"line", "paper field", 3},
		{"focus", "paper card", 3},
		{"act", "paper card", 3},
	}
	for scheme, colours := range schemes {
		for _, pair := range pairs {
			for back := range strings.FieldsSeq(pair.backs) {
				if got := contrast(t, colours[pair.front], colours[back]); got < pair.least {
					t.Errorf("%s: %s on %s is %.2f, at least %v", scheme, pair.front, back, got, pair.least)
				}
			}
		}
	}
}

func TestContrastIsThatOfTheStandard(t *testing.T) {
	t.Parallel()
	// The ratio of Ada red on paper, as identity.md gives it.
	if got := contrast(t, "#B01E33", "#FFFBF4"); math.Abs(got-6.6) > 0.05 {
		t.Errorf("red on paper = %.2f, want 6.6", got)
	}
}

var colourToken = regexp.MustCompile(`--([a-z-]+): (#[0-9A-F]{6});`)

// colourSchemes reads the tokens of the light scheme and those that the dark one changes.
func colourSchemes(t *testing.T, sheet string) map[string]map[string]string {
	t.Helper()
	light, rest, ok := strings.Cut(sheet, "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("no dark scheme")
	}
	dark, _, _ := strings.Cut(rest, "/* --")
	schemes := map[string]map[string]string{"light": {}, "dark": {}}
	for _, token := range colourToken.FindAllStringSubmatch(light, -1) {
		schemes["light"][token[1]], schemes["dark"][token[1]] = token[2], token[2]
	}
	for _, token := range colourToken.FindAllStringSubmatch(dark, -1) {
		schemes["dark"][token[1]] = token[2]
	}
	return schemes
}

// contrast is the ratio of WCAG 2 between two colours written #RRGGBB.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	bright, dark := luminance(t, a), luminance(t, b)
	if bright < dark {
		bright, dark = dark, bright
	}
	return (bright + 0.05) / (dark + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatalf("colour %q: %v", colour, err)
	}
	sum := 0.0
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} { // blue, green, red
		c := float64(n>>(8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
