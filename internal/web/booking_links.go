package web

import "github.com/lesbricodeurs/ateliersdada/internal/booking"

// BookingPath is the page of the booking that a link opens, for mails.
func BookingPath(l booking.Link) string { return bookingPath(l) }
