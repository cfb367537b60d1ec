package web

import "strconv"

// Field is a text box: the partials "field" and "textarea". Its texts are final, in
// the visitor's language; Value is what was typed, kept as it was.
type Field struct {
	Name  string
	ID    string // Name when empty
	Label string
	Hint  string
	Value string
	Error string
	// Type is the type of the input: email, tel, password, search, number, date, time;
	// text when empty.
	Type string
	// Autocomplete is the token of WCAG 1.3.5. "off" for a child's data: the tokens are
	// about the person who types (ACC-4).
	Autocomplete string
	InputMode    string // numeric, decimal, …; may be empty
	// Optional marks the label « (facultatif) »; a field is required otherwise.
	Optional bool
	// Conditional is an answer wanted only where another answer reveals its box: neither marked nor required.
	Conditional bool
	MaxLength   int   // 0 for no limit
	Rows        int   // of a textarea; 4 when 0
	Width       Width // how long an answer usually is
	// NoSpellcheck is for addresses and codes, which a browser would underline or begin with a capital.
	NoSpellcheck bool
	// People is for names of people: not underlined, and a phone begins each of their words with a capital.
	People bool
}

// Width is the usual length of an answer, which the box shows.
type Width string

// The widths; the zero value is as wide as the column.
const (
	WidthShort  Width = "short"  // a code, a number
	WidthMedium Width = "medium" // a first name, a phone number
)

// Option is one answer among several.
type Option struct {
	Value, Label string
	Hint         string // of choices only
	Lang         string // of the label, where it is another than the page's
	Chosen       bool
	// Reveals says that the "reveal" box after these choices concerns this answer.
	Reveals bool
}

// Select is a drop-down list: the partial "select". For fewer than seven answers
// Choices read better on a phone.
type Select struct {
	Name     string
	ID       string // Name when empty
	Label    string
	Hint     string
	Error    string
	Optional bool
	// Empty is the text of a first answer with no value; none when empty.
	Empty   string
	Options []Option
}

// Choices is a group of radio buttons, or of checkboxes when Many: the partial
// "choices", a fieldset with its question as legend.
type Choices struct {
	Name     string
	ID       string // Name when empty; the first answer carries it
	Legend   string
	Hint     string
	Error    string
	Optional bool
	Many     bool
	// Inline puts short answers (yes, no) side by side.
	Inline  bool
	Options []Option
}

// DateField is a date in three boxes, named NAME_day, NAME_month and NAME_year: the
// partial "date".
type DateField struct {
	Name             string
	ID               string // Name when empty; the boxes are ID_day, ID_month, ID_year
	Legend           string
	Hint             string
	Error            string
	Optional         bool
	Day, Month, Year string
	// Wrong parts are marked alone; when none is, an error marks all three.
	WrongDay, WrongMonth, WrongYear bool
	// Birthday is for the birth date of the person who types: it may be completed.
	Birthday bool
}

// choose marks the options whose value is among values, for a form shown again.
func choose(options []Option, values ...string) []Option {
	chosen := make([]Option, len(options))
	for i, o := range options {
		for _, v := range values {
			o.Chosen = o.Chosen || o.Value == v
		}
		chosen[i] = o
	}
	return chosen
}

// idOr is the id of a control, by default its name.
func idOr(id, name string) string {
	if id != "" {
		return id
	}
	return name
}

// describedBy is the list of ids that describe the control: its hint, its error.
func describedBy(id, hint, problem string) string {
	switch {
	case hint != "" && problem != "":
		return id + "-hint " + id + "-error"
	case hint != "":
		return id + "-hint"
	case problem != "":
		return id + "-error"
	}
	return ""
}

// Target is the id of the box.
func (f Field) Target() string { return idOr(f.ID, f.Name) }

// InputType is the type attribute.
func (f Field) InputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// Lines is the height of a textarea.
func (f Field) Lines() int {
	if f.Rows == 0 {
		return 4
	}
	return f.Rows
}

// DescribedBy is the aria-describedby attribute; empty when nothing describes the box.
func (f Field) DescribedBy() string { return describedBy(f.Target(), f.Hint, f.Error) }

func (f *Field) name() string         { return f.Name }
func (f *Field) target() string       { return f.Target() }
func (f *Field) setError(text string) { f.Error = text }

// Target is the id of the list.
func (s Select) Target() string { return idOr(s.ID, s.Name) }

// DescribedBy is the aria-describedby attribute.
func (s Select) DescribedBy() string { return describedBy(s.Target(), s.Hint, s.Error) }

func (s *Select) name() string         { return s.Name }
func (s *Select) target() string       { return s.Target() }
func (s *Select) setError(text string) { s.Error = text }

// Target is the id of the first answer.
func (c Choices) Target() string { return idOr(c.ID, c.Name) }

// DescribedBy is the aria-describedby attribute of the group.
func (c Choices) DescribedBy() string { return describedBy(c.Target(), c.Hint, c.Error) }

// InputType is checkbox when several answers may be chosen, radio otherwise.
func (c Choices) InputType() string {
	if c.Many {
		return "checkbox"
	}
	return "radio"
}

// Choice is one answer as the partial draws it.
type Choice struct {
	Option
	Name, Type, ID string
	// Invalid is said of each checkbox; of radio buttons the group says it.
	Invalid bool
}

// Answers are the choices with their ids: the first has the id of the group, so that
// the summary of errors leads to it.
func (c Choices) Answers() []Choice {
	answers := make([]Choice, len(c.Options))
	for i, o := range c.Options {
		id := c.Target()
		if i > 0 {
			id += "-" + strconv.Itoa(i+1)
		}
		answers[i] = Choice{Option: o, Name: c.Name, Type: c.InputType(), ID: id,
			Invalid: c.Many && c.Error != ""}
	}
	return answers
}

func (c *Choices) name() string         { return c.Name }
func (c *Choices) target() string       { return c.Target() }
func (c *Choices) setError(text string) { c.Error = text }

// Base is the id that the three boxes share as prefix.
func (d DateField) Base() string { return idOr(d.ID, d.Name) }

// DescribedBy is the aria-describedby attribute of the group.
func (d DateField) DescribedBy() string { return describedBy(d.Base(), d.Hint, d.Error) }

// DatePart is one of the three boxes as the partial draws it.
type DatePart struct {
	Part            string // day, month or year
	Name, ID, Value string
	Autocomplete    string
	Length          int
	Required, Wrong bool
	DescribedBy     string
}

// Parts are the three boxes in the order in which French writes a date.
func (d DateField) Parts() []DatePart {
	all := d.Error != "" && !d.WrongDay && !d.WrongMonth && !d.WrongYear
	part := func(name, value string, length int, wrong bool) DatePart {
		p := DatePart{Part: name, Name: d.Name + "_" + name, ID: d.Base() + "_" + name, Value: value,
			Autocomplete: "off", Length: length, Required: !d.Optional, Wrong: wrong || all}
		if d.Birthday {
			p.Autocomplete = "bday-" + name
		}
		if p.Wrong {
			p.DescribedBy = d.Base() + "-error"
		}
		return p
	}
	// A month may be typed as « septembre » (UX-P8), so it takes more than two signs.
	return []DatePart{
		part("day", d.Day, 2, d.WrongDay),
		part("month", d.Month, 9, d.WrongMonth),
		part("year", d.Year, 4, d.WrongYear),
	}
}

func (d *DateField) name() string         { return d.Name }
func (d *DateField) setError(text string) { d.Error = text }

// target is the first wrong box.
func (d *DateField) target() string {
	switch {
	case d.WrongDay || !d.WrongMonth && !d.WrongYear:
		return d.Base() + "_day"
	case d.WrongMonth:
		return d.Base() + "_month"
	}
	return d.Base() + "_year"
}
