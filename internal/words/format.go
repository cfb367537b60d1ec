package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The times given to these formats are already in the zone of the venue (t.In(loc)).

// Date writes a day in full: « samedi 8 mai 2027 », « samedi 1er mai 2027 ».
func (p *Printer) Date(t time.Time) string {
	return p.Day(t) + " " + strconv.Itoa(t.Year())
}

// Day writes a day without its year: « samedi 8 mai ».
func (p *Printer) Day(t time.Time) string {
	return p.texts.WeekdayWide(t.Weekday()) + " " + dayOfMonth(t) + noBreak + p.texts.MonthWide(t.Month())
}

// Birth writes a birth date, whose day of the week nobody needs: « 3 septembre 2017 ».
func (p *Printer) Birth(t time.Time) string {
	return dayOfMonth(t) + noBreak + p.texts.MonthWide(t.Month()) + noBreak + strconv.Itoa(t.Year())
}

// Month writes a month with its year: « mai 2027 ».
func (p *Printer) Month(t time.Time) string {
	return p.texts.MonthWide(t.Month()) + " " + strconv.Itoa(t.Year())
}

// DateShort writes a day for a narrow place: « sam. 8 mai », « mer. 1er sept. ».
func (p *Printer) DateShort(t time.Time) string {
	return p.texts.WeekdayAbbreviated(t.Weekday()) + " " + dayOfMonth(t) + noBreak + p.texts.MonthAbbreviated(t.Month())
}

// DateHour writes « samedi 8 mai 2027 à 14 h 30 ».
func (p *Printer) DateHour(t time.Time) string {
	return p.T("format.date_hour", p.Date(t), p.Hour(t))
}

// Hour writes « 14 h » or « 9 h 05 ». Seconds are left out.
func (p *Printer) Hour(t time.Time) string {
	hour := strconv.Itoa(t.Hour()) + noBreak + "h"
	if t.Minute() == 0 {
		return hour
	}
	return fmt.Sprintf("%s%s%02d", hour, noBreak, t.Minute())
}

// Span writes from when to when: « 14 h – 16 h ». If it ends on another day each end
// has its date.
func (p *Printer) Span(start, end time.Time) string {
	if start.YearDay() == end.YearDay() && start.Year() == end.Year() {
		return p.T("format.span", p.Hour(start), p.Hour(end))
	}
	return p.T("format.span", p.DateHour(start), p.DateHour(end))
}

func dayOfMonth(t time.Time) string {
	if t.Day() == 1 {
		return "1er"
	}
	return strconv.Itoa(t.Day())
}

// Money writes an amount of cents in euros: « 14 € », « 14,50 € », « −3 € ». Zero is
// « 0 € »: whether that is « gratuit » is for the page to say.
func (p *Printer) Money(cents int) string {
	euros := p.Number(cents / 100)
	rest := cents % 100
	if cents < 0 {
		rest = -rest
		if cents > -100 { // -50 / 100 is 0 and has lost its sign
			euros = minus + euros
		}
	}
	if rest != 0 {
		euros += fmt.Sprintf(",%02d", rest)
	}
	return euros + noBreak + "€"
}

// Amount writes an amount of cents as accounts do, always with its cents and its thousands
// apart, so that a column of them reads down: « 1 234,50 € », « −14,00 € ».
func (p *Printer) Amount(cents int) string {
	sign := ""
	if cents < 0 {
		cents, sign = -cents, minus
	}
	return sign + grouped(strconv.Itoa(cents/100)) + fmt.Sprintf(",%02d", cents%100) + noBreak + "€"
}

// Decimal writes a number of hundredths without needless zeros: 150 is « 1,5 », 200 is « 2 ».
func (p *Printer) Decimal(hundredths int) string {
	whole, rest := p.Number(hundredths/100), hundredths%100
	if hundredths < 0 {
		if rest = -rest; hundredths > -100 {
			whole = minus + whole
		}
	}
	if rest == 0 {
		return whole
	}
	return whole + strings.TrimSuffix(fmt.Sprintf(",%02d", rest), "0")
}

// minus is the sign of typographers: it does not break a line as a hyphen may.
const minus = "\u2212"

// Number writes a whole number, thousands apart from 10 000 on: below, French may leave
// them together, and a year must not be cut.
func (p *Printer) Number(n int) string {
	digits, sign := strconv.Itoa(n), ""
	if n < 0 {
		digits, sign = digits[1:], minus
	}
	if len(digits) < 5 {
		return sign + digits
	}
	return sign + grouped(digits)
}

// grouped sets thousands apart.
func grouped(digits string) string {
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(thinNoBreak)
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// Age writes « 9 ans », « 1 an ».
func (p *Printer) Age(years int) string { return p.N("format.age", years) }

// List writes « Zoé », « Zoé et Ali », « Zoé, Ali et Li ». An empty list is empty.
func (p *Printer) List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return p.T("format.list", strings.Join(items[:last], ", "), items[last])
}

// Ordinal writes a rank in the feminine, as of a place: « 1re », « 2e », « 21e ».
func (p *Printer) Ordinal(n int) string {
	if n == 1 {
		return "1re"
	}
	return p.Number(n) + "e"
}
