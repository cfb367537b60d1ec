// Package catalog owns workshops, venues and sessions: what they are, when they
// are published, who leads them, and how many places of a session are open.
// It never touches bookings: it counts them, and package booking calls its
// exported steps for the changes that free or take seats.
package catalog
