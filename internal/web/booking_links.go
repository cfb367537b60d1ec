package web

import "github.com/lesbricodeurs/ateliersdada/internal/booking"

// DraftPath is the page that brings unfinished answers back, for mails.
func DraftPath(l booking.Link) string { return "/reprendre/" + l.Reference + "/" + l.Signature }

// BookingPath is the page of the booking that a link opens, for mails.
func BookingPath(l booking.Link) string { return bookingPath(l) }
