// Package calendar writes iCalendar (RFC 5545, RFC 5546): feeds to subscribe to, and
// files that add one session to a calendar, move it or take it away.
//
// Every time is written in the zone of its venue together with that zone's rules, since
// Outlook is an hour off without them (UX-P12).
package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Event is one session in a calendar. Texts are plain and in the language of the
// reader; whatever they hold, they cannot add a property of their own (SEC-42).
type Event struct {
	// UID names the event for ever: a calendar replaces what it knows under it.
	UID string
	// Sequence grows by one with each change of the event, its cancellation included.
	Sequence int
	// Stamp is when the event last changed, so that the same event gives the same bytes.
	Stamp time.Time
	// Start and End are in the zone of the venue, which must have a name such as
	// Europe/Paris; time.Local has none.
	Start, End time.Time
	// Summary and Location are one line each; Description may have several.
	Summary, Description, Location string
	// URL is the page of the event, absolute; it may be empty.
	URL string
	// Place is where Location is on the globe; it may be nil.
	Place *Point
	// Organizer is who to ask. It may be empty in a feed, never in Request or Cancel.
	Organizer Party
	// Cancelled events stay in a feed, so that subscribed calendars strike them out.
	Cancelled bool
}

// Point is a place in degrees north and east (WGS 84).
type Point struct{ Latitude, Longitude float64 }

// Party is somebody with a mailbox. The name may be empty.
type Party struct{ Name, Email string }

// Publish writes a feed, or a file to add by hand, under a name that calendars show.
func Publish(w io.Writer, name string, events []Event) error {
	cal := newCalendar(ics.MethodPublish)
	cal.SetName(line(name))
	cal.SetXWRCalName(line(name))
	cal.SetRefreshInterval("PT1H")
	cal.SetXPublishedTTL("PT1H")
	return write(w, cal, events, nil)
}

// Request writes the attachment of a mail that puts a session into the calendar of
// attendee, or changes it there: the same UID with a higher Sequence.
func Request(w io.Writer, event Event, attendee Party) error {
	return write(w, newCalendar(ics.MethodRequest), []Event{event}, &attendee)
}

// Cancel writes the attachment of a mail that takes a session out of the calendar of
// attendee. Its Sequence is higher than that of the last Request.
func Cancel(w io.Writer, event Event, attendee Party) error {
	event.Cancelled = true
	return write(w, newCalendar(ics.MethodCancel), []Event{event}, &attendee)
}

func newCalendar(method ics.Method) *ics.Calendar {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Les Bricodeurs//Les Ateliers d'Ada//FR")
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(method)
	return cal
}

// write completes cal and writes it in one piece, or nothing at all on an error.
func write(w io.Writer, cal *ics.Calendar, events []Event, attendee *Party) error {
	var components []*ics.VEvent
	for _, event := range events {
		component, err := event.component(attendee)
		if err != nil {
			return fmt.Errorf("calendar: event %q: %w", event.UID, err)
		}
		components = append(components, component)
	}
	for _, zone := range zonesOf(events) {
		cal.AddVTimezone(zone.component())
	}
	for _, component := range components {
		cal.AddVEvent(component)
	}
	var out bytes.Buffer
	if err := cal.SerializeTo(&out, ics.WithNewLineWindows); err != nil {
		return fmt.Errorf("calendar: %w", err)
	}
	_, err := w.Write(out.Bytes())
	return err
}

func (e Event) component(attendee *Party) (*ics.VEvent, error) {
	switch {
	case e.UID == "" || line(e.UID) != e.UID:
		return nil, errors.New("no usable UID")
	case e.Sequence < 0:
		return nil, errors.New("negative sequence")
	case e.Start.Year() < 1970 || e.End.Year() > 9998:
		return nil, errors.New("no usable year")
	case e.End.Before(e.Start):
		return nil, errors.New("ends before it starts")
	case e.Start.Location() == time.Local || !zoneName.MatchString(e.Start.Location().String()):
		return nil, errors.New("no zone of a venue")
	}
	v := ics.NewEvent(e.UID)
	v.SetDtStampTime(e.Stamp)
	v.SetSequence(e.Sequence)
	setTime(v, ics.ComponentPropertyDtStart, e.Start)
	setTime(v, ics.ComponentPropertyDtEnd, e.End.In(e.Start.Location()))
	v.SetSummary(line(e.Summary))
	if e.Description != "" {
		v.SetDescription(text(e.Description))
	}
	if e.Location != "" {
		v.SetLocation(line(e.Location))
	}
	if e.Place != nil {
		v.SetProperty(ics.ComponentPropertyGeo, degrees(e.Place.Latitude)+";"+degrees(e.Place.Longitude))
	}
	if e.URL != "" {
		page, err := url.Parse(e.URL)
		if err != nil || line(e.URL) != e.URL || strings.Contains(e.URL, " ") || page.Host == "" || (page.Scheme != "https" && page.Scheme != "http") {
			return nil, fmt.Errorf("URL %q is not that of a page", e.URL)
		}
		v.SetURL(page.String())
	}
	v.SetStatus(ics.ObjectStatusConfirmed)
	if e.Cancelled {
		v.SetStatus(ics.ObjectStatusCancelled)
	}
	if attendee != nil || e.Organizer != (Party{}) {
		if err := addParty(v, "ORGANIZER", e.Organizer); err != nil {
			return nil, err
		}
	}
	if attendee != nil {
		// The booking is the acceptance: a calendar must not ask for it again.
		if err := addParty(v, "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE", *attendee); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func degrees(d float64) string { return strconv.FormatFloat(d, 'f', 6, 64) }

// partyName replaces what cannot stand in a quoted parameter, and the backslash, which
// some readers take for the escape of the closing quote.
var partyName = strings.NewReplacer(`"`, "'", `\`, "/")

// addParty adds a property whose value is a mailbox. The name goes between quotes, as
// RFC 5545 3.2 wants it; golang-ical would write D\'Artagnan, which calendars show as
// it is, so the parameter comes with the name of the property.
func addParty(v *ics.VEvent, property string, who Party) error {
	local, domain, ok := strings.Cut(who.Email, "@")
	if !ok || local == "" || domain == "" || strings.ContainsFunc(who.Email, notInAddress) {
		return fmt.Errorf("address %q is not usable", who.Email)
	}
	if name := partyName.Replace(line(who.Name)); name != "" {
		property += `;CN="` + name + `"`
	}
	v.AddProperty(ics.ComponentProperty(property), "mailto:"+who.Email)
	return nil
}

func notInAddress(r rune) bool {
	return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || strings.ContainsRune(`"\,;:<>()[]`, r) || isBreak(r) || r == '\ufffd'
}
