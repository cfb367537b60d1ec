package web

// Demo is what only the demonstration has: the gallery, the mails received and the clock.
type Demo struct{}
