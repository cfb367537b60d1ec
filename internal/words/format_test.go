package words

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	p := For(French)
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2027, month, day, hour, minute, 59, 0, time.UTC)
	}
	tests := []struct{ name, got, want string }{
		{"date", p.Date(at(5, 8, 14, 0)), "samedi 8 mai 2027"},
		{"first of the month", p.Date(at(5, 1, 14, 0)), "samedi 1er mai 2027"},
		{"accents", p.Date(at(2, 28, 0, 0)), "dimanche 28 février 2027"},
		{"day", p.Day(at(8, 15, 0, 0)), "dimanche 15 août"},
		{"month", p.Month(at(8, 15, 0, 0)), "août 2027"},
		{"short", p.DateShort(at(5, 8, 14, 0)), "sam. 8 mai"},
		{"short, first", p.DateShort(at(9, 1, 14, 0)), "mer. 1er sept."},
		{"hour", p.Hour(at(5, 8, 14, 0)), "14 h"},
		{"half", p.Hour(at(5, 8, 14, 30)), "14 h 30"},
		{"five past", p.Hour(at(5, 8, 9, 5)), "9 h 05"},
		{"midnight", p.Hour(at(5, 8, 0, 0)), "0 h"},
		{"a few minutes", p.Duration(45), "45 min"},
		{"hours", p.Duration(120), "2 h"},
		{"more than an hour", p.Duration(65), "1 h 05"},
		{"date and hour", p.DateHour(at(5, 8, 14, 30)), "samedi 8 mai 2027 à 14 h 30"},
		{"span", p.Span(at(5, 8, 14, 0), at(5, 8, 16, 0)), "14 h – 16 h"},
		{"span over midnight", p.Span(at(5, 8, 20, 0), at(5, 9, 2, 0)), "samedi 8 mai 2027 à 20 h – dimanche 9 mai 2027 à 2 h"},
		{"span of a year", p.Span(at(5, 8, 20, 0), at(5, 8, 22, 0).AddDate(1, 0, 0)), "samedi 8 mai 2027 à 20 h – lundi 8 mai 2028 à 22 h"},
		{"euros", p.Money(1400), "14 €"},
		{"cents", p.Money(1450), "14,50 €"},
		{"few cents", p.Money(5), "0,05 €"},
		{"nothing", p.Money(0), "0 €"},
		{"thousands", p.Money(123456789), "1 234 567,89 €"},
		{"below zero", p.Money(-1450), "−14,50 €"},
		{"just below zero", p.Money(-50), "−0,50 €"},
		{"amount", p.Amount(123450), "1 234,50 €"},
		{"amount of whole euros", p.Amount(1400), "14,00 €"},
		{"amount of nothing", p.Amount(0), "0,00 €"},
		{"amount below zero", p.Amount(-5), "−0,05 €"},
		{"decimal", p.Decimal(150), "1,5"},
		{"decimal that is whole", p.Decimal(1200), "12"},
		{"two decimals", p.Decimal(1005), "10,05"},
		{"decimal just below zero", p.Decimal(-25), "−0,25"},
		{"number", p.Number(1234567), "1 234 567"},
		{"small number", p.Number(9999), "9999"},
		{"five digits", p.Number(10000), "10 000"},
		{"negative number", p.Number(-100000), "−100 000"},
		{"age", p.Age(9), "9 ans"},
		{"age of one", p.Age(1), "1 an"},
		{"nobody", p.List(nil), ""},
		{"one", p.List([]string{"Zoé"}), "Zoé"},
		{"two", p.List([]string{"Zoé", "محمد"}), "Zoé et محمد"},
		{"three", p.List([]string{"Zoé", "Ali", "Li"}), "Zoé, Ali et Li"},
		{"first rank", p.Ordinal(1), "1re"},
		{"third rank", p.Ordinal(3), "3e"},
		{"rank 21", p.Ordinal(21), "21e"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := wordstest.Plain(tt.got); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEnglishFormats(t *testing.T) {
	t.Parallel()
	p := For(English)
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2027, month, day, hour, minute, 59, 0, time.UTC)
	}
	tests := []struct{ name, got, want string }{
		{"date", p.Date(at(5, 15, 14, 0)), "Saturday 15 May 2027"},
		{"first of the month", p.Date(at(5, 1, 14, 0)), "Saturday 1 May 2027"},
		{"day", p.Day(at(8, 15, 0, 0)), "Sunday 15 August"},
		{"birth", p.Birth(at(9, 3, 0, 0)), "3 September 2027"},
		{"month", p.Month(at(8, 15, 0, 0)), "August 2027"},
		{"short", p.DateShort(at(9, 1, 14, 0)), "Wed 1 Sep"},
		{"hour", p.Hour(at(5, 8, 14, 0)), "14:00"},
		{"five past", p.Hour(at(5, 8, 9, 5)), "09:05"},
		{"a few minutes", p.Duration(45), "45 min"},
		{"hours", p.Duration(120), "2 h"},
		{"more than an hour", p.Duration(65), "1 h 05"},
		{"date and hour", p.DateHour(at(5, 15, 14, 0)), "Saturday 15 May 2027 at 14:00"},
		{"span", p.Span(at(5, 8, 14, 0), at(5, 8, 16, 30)), "14:00 – 16:30"},
		{"span over midnight", p.Span(at(5, 8, 20, 0), at(5, 9, 2, 0)), "Saturday 8 May 2027 at 20:00 – Sunday 9 May 2027 at 02:00"},
		{"euros", p.Money(1400), "€14.00"},
		{"cents", p.Money(1450), "€14.50"},
		{"nothing", p.Money(0), "€0.00"},
		{"thousands", p.Money(123456789), "€1,234,567.89"},
		{"below zero", p.Money(-1450), "−€14.50"},
		{"amount", p.Amount(123450), "€1,234.50"},
		{"amount below zero", p.Amount(-5), "−€0.05"},
		{"decimal", p.Decimal(150), "1.5"},
		{"decimal below zero", p.Decimal(-25), "−0.25"},
		{"number", p.Number(1234567), "1,234,567"},
		{"year", p.Number(2027), "2027"},
		{"age of one", p.Age(1), "1 year old"},
		{"no age", p.Age(0), "0 years old"},
		{"two", p.List([]string{"Zoé", "محمد"}), "Zoé and محمد"},
		{"three", p.List([]string{"Zoé", "Ali", "Li"}), "Zoé, Ali and Li"},
	}
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 10: "10th", 11: "11th", 12: "12th", 13: "13th", 20: "20th",
		21: "21st", 22: "22nd", 23: "23rd", 101: "101st", 111: "111th", 112: "112th", 113: "113th", 10001: "10,001st"} {
		tests = append(tests, struct{ name, got, want string }{"rank " + want, p.Ordinal(n), want})
	}
	for _, tt := range tests {
		if tt.got != tt.want { // byte for byte: no-break spaces are French
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

// A line must not break inside an hour, a price or a day of a month.
func TestFormatsDoNotBreak(t *testing.T) {
	t.Parallel()
	p := For(French)
	when := time.Date(2027, 5, 8, 14, 30, 0, 0, time.UTC)
	tests := []struct{ got, want string }{
		{p.Hour(when), "14\u00a0h\u00a030"},
		{p.Money(1234500), "12\u202f345\u00a0€"},
		{p.Day(when), "samedi 8\u00a0mai"},
		{p.Age(9), "9\u00a0ans"},
		{p.Span(when, when.Add(time.Hour)), "14\u00a0h\u00a030\u00a0– 15\u00a0h\u00a030"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
