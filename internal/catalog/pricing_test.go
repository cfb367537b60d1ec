package catalog_test

import (
	"reflect"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// A session says how it is priced, one way at a time (issue 7, point 3).
func TestPricingRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	chosen := catalog.Pricing{Way: catalog.Chosen, MinCents: 200, Steps: []int{500, 1000, 1400}}
	for _, tt := range []struct {
		name    string
		cents   int
		pricing catalog.Pricing
		series  string
		want    string
	}{
		{"each seat", 1400, catalog.Pricing{Way: catalog.PerSession}, "", ""},
		{"the whole series", 5000, catalog.Pricing{Way: catalog.PerSeries}, "Mercredis", ""},
		{"a series that there is not", 5000, catalog.Pricing{Way: catalog.PerSeries}, "", "pricing=price.series.missing"},
		{"a series for nothing", 0, catalog.Pricing{Way: catalog.PerSeries}, "Mercredis", "price=price.series.none"},
		{"chosen", 1000, chosen, "", ""},
		{"chosen, from nothing", 0, catalog.Pricing{Way: catalog.Chosen, Steps: []int{0, 500}}, "", ""},
		{"chosen, one amount twice", 500, catalog.Pricing{Way: catalog.Chosen, Steps: []int{500, 500}}, "", "steps=price.steps.number"},
		{"chosen, with a slip", 500, catalog.Pricing{Way: catalog.Chosen, Steps: []int{500, -1}}, "", "steps=catalog.price"},
		{"chosen, suggested what is not shown", 900, chosen, "", "price=price.suggested"},
		{"chosen, at least more than is shown", 500, catalog.Pricing{Way: catalog.Chosen, MinCents: 600, Steps: []int{500, 1000}}, "", "least=price.least.high"},
		{"no such way", 1400, catalog.Pricing{Way: "auction"}, "", "pricing=price.way.missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := h.request("2027-05-08", "14:00", "16:00")
			r.PriceCents, r.Pricing, r.NewSeries = tt.cents, tt.pricing, tt.series
			id, err := h.CreateSession(t.Context(), staff, key(), r)
			if tt.want != "" {
				wantFault(t, err, fault.Invalid, tt.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if s := h.session(id); s.PriceCents != tt.cents || !reflect.DeepEqual(s.Pricing, tt.pricing) {
				t.Errorf("it costs %d, %+v", s.PriceCents, s.Pricing)
			}
		})
	}
}

// The price of a series is said once: whoever changes it changes it for every session that is sold so.
func TestSeriesHasOnePrice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.request("2027-05-08", "14:00", "16:00")
	r.PriceCents, r.Pricing, r.NewSeries = 5000, catalog.Pricing{Way: catalog.PerSeries}, "Mercredis"
	first, err := h.CreateSession(t.Context(), staff, key(), r)
	if err != nil {
		t.Fatal(err)
	}
	copied, err := h.DuplicateSession(t.Context(), staff, key(), first, "2027-05-15", catalog.Assent{})
	if err != nil {
		t.Fatal(err)
	}
	r.PriceCents, r.NewSeries, r.SeriesID = 4500, "", h.session(first).Series.ID
	if err := h.EditSession(t.Context(), staff, key(), first, r); err != nil {
		t.Fatal(err)
	}
	for _, id := range []int64{first, copied} {
		if s := h.session(id); s.PriceCents != 4500 || s.Pricing.Way != catalog.PerSeries {
			t.Errorf("session %d costs %d, %s", id, s.PriceCents, s.Pricing.Way)
		}
	}
	// Who joins a series that has a price takes it: what its other families were told does not change by the way.
	other := h.request("2027-05-22", "14:00", "16:00")
	other.PriceCents, other.Pricing, other.NewSeries = 8000, catalog.Pricing{Way: catalog.PerSeries}, "Samedis"
	apart, err := h.CreateSession(t.Context(), staff, key(), other)
	if err != nil {
		t.Fatal(err)
	}
	moved := r
	moved.SeriesID = h.session(apart).Series.ID
	wantFault(t, h.EditSession(t.Context(), staff, key(), first, moved), fault.Invalid, "price=price.series.other")
	moved.SeriesID, moved.NewSeries = 0, "Samedis"
	_, err = h.CreateSession(t.Context(), staff, key(), moved)
	wantFault(t, err, fault.Invalid, "price=price.series.other")
	if one, another := h.session(copied), h.session(apart); one.PriceCents != 4500 || another.PriceCents != 8000 {
		t.Errorf("they cost %d and %d", one.PriceCents, another.PriceCents)
	}
	moved.PriceCents = 8000
	if err := h.EditSession(t.Context(), staff, key(), first, moved); err != nil {
		t.Fatal(err)
	}
	if s := h.session(first); s.Series.Title != "Samedis" || s.PriceCents != 8000 {
		t.Errorf("it is in %q for %d", s.Series.Title, s.PriceCents)
	}
	if err := h.EditSession(t.Context(), staff, key(), first, r); err != nil {
		t.Fatal(err)
	}
	err = h.SetSeries(t.Context(), staff, key(), first, 0, "")
	wantFault(t, err, fault.Conflict, "price.series.keeps")
	// Sold by itself again, it has a price of its own, and leaves that of the series alone.
	r.PriceCents, r.Pricing = 1400, catalog.Pricing{}
	if err := h.EditSession(t.Context(), staff, key(), first, r); err != nil {
		t.Fatal(err)
	}
	if one, other := h.session(first), h.session(copied); one.PriceCents != 1400 || other.PriceCents != 4500 {
		t.Errorf("they cost %d and %d", one.PriceCents, other.PriceCents)
	}
}
