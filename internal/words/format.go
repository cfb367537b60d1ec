package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The times given to these formats are already in the zone of the venue (t.In(loc)). The examples are French; styles
// has what other languages write.

// Date writes a day in full: « samedi 8 mai 2027 », « samedi 1er mai 2027 ».
func (p *Printer) Date(t time.Time) string {
	return p.Day(t) + " " + strconv.Itoa(t.Year())
}

// Day writes a day without its year: « samedi 8 mai ».
func (p *Printer) Day(t time.Time) string {
	return p.texts.WeekdayWide(t.Weekday()) + " " + p.dayOfMonth(t) + p.style.space + p.texts.MonthWide(t.Month())
}

// Birth writes a birth date, whose day of the week nobody needs: « 3 septembre 2017 ».
func (p *Printer) Birth(t time.Time) string {
	return p.dayOfMonth(t) + p.style.space + p.texts.MonthWide(t.Month()) + p.style.space + strconv.Itoa(t.Year())
}

// Month writes a month with its year: « mai 2027 ».
func (p *Printer) Month(t time.Time) string {
	return p.texts.MonthWide(t.Month()) + " " + strconv.Itoa(t.Year())
}

// DateShort writes a day for a narrow place: « sam. 8 mai », « mer. 1er sept. ».
func (p *Printer) DateShort(t time.Time) string {
	return p.texts.WeekdayAbbreviated(t.Weekday()) + " " + p.dayOfMonth(t) + p.style.space + p.texts.MonthAbbreviated(t.Month())
}

// DateHour writes « samedi 8 mai 2027 à 14 h 30 ».
func (p *Printer) DateHour(t time.Time) string {
	return p.T("format.date_hour", p.Date(t), p.Hour(t))
}

// Hour writes « 14 h » or « 9 h 05 ». Seconds are left out.
func (p *Printer) Hour(t time.Time) string { return p.style.hour(t.Hour(), t.Minute()) }

// Duration writes minutes as a length of time: « 45 min », « 2 h », « 1 h 30 », « 0 h ».
func (p *Printer) Duration(minutes int) string {
	switch {
	case 0 < minutes && minutes < 60:
		return p.T("format.minutes", minutes)
	case minutes%60 == 0:
		return p.T("format.hours", minutes/60)
	}
	return p.T("format.hours_minutes", minutes/60, fmt.Sprintf("%02d", minutes%60))
}

// Span writes from when to when: « 14 h – 16 h ». If it ends on another day each end
// has its date.
func (p *Printer) Span(start, end time.Time) string {
	if start.YearDay() == end.YearDay() && start.Year() == end.Year() {
		return p.T("format.span", p.Hour(start), p.Hour(end))
	}
	return p.T("format.span", p.DateHour(start), p.DateHour(end))
}

func (p *Printer) dayOfMonth(t time.Time) string {
	if t.Day() == 1 {
		return p.style.first
	}
	return strconv.Itoa(t.Day())
}

// Money writes an amount of cents in euros: « 14 € », « 14,50 € », « −3 € ». Zero is
// « 0 € »: whether that is « gratuit » is for the page to say.
func (p *Printer) Money(cents int) string {
	sign, cents := signed(cents)
	number := p.Number(cents / 100)
	if rest := cents % 100; rest != 0 || p.style.cents {
		number += fmt.Sprintf("%s%02d", p.style.point, rest)
	}
	return sign + p.style.euros(number)
}

// Amount writes an amount of cents as accounts do, always with its cents and its thousands
// apart, so that a column of them reads down: « 1 234,50 € », « −14,00 € ».
func (p *Printer) Amount(cents int) string {
	sign, cents := signed(cents)
	return sign + p.style.euros(fmt.Sprintf("%s%s%02d", p.grouped(cents/100), p.style.point, cents%100))
}

// Decimal writes a number of hundredths without needless zeros: 150 is « 1,5 », 200 is « 2 ».
func (p *Printer) Decimal(hundredths int) string {
	sign, hundredths := signed(hundredths)
	whole, rest := sign+p.Number(hundredths/100), hundredths%100
	if rest == 0 {
		return whole
	}
	return whole + strings.TrimSuffix(fmt.Sprintf("%s%02d", p.style.point, rest), "0")
}

// Number writes a whole number, thousands apart from 10 000 on: below, languages may leave
// them together, and a year must not be cut.
func (p *Printer) Number(n int) string {
	sign, n := signed(n)
	if n < 10_000 {
		return sign + strconv.Itoa(n)
	}
	return sign + p.grouped(n)
}

// signed parts a number from its sign, which is that of typographers: it does not break a line as a hyphen may.
func signed(n int) (sign string, absolute int) {
	if n < 0 {
		return "\u2212", -n
	}
	return "", n
}

// grouped sets thousands apart.
func (p *Printer) grouped(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(p.style.thousands)
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

// Ordinal writes a rank, in French in the feminine, as of a place: « 1re », « 2e », « 21e ».
func (p *Printer) Ordinal(n int) string { return p.style.ordinal(n, p.Number(n)) }
