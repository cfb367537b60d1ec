// Package outbox keeps the messages to send: a feature adds one in the transaction of the change
// that it tells about, a worker (package mail) claims it, sends it and says how that went.
//
// A message is never lost. Without a crash it leaves exactly once; a crash between the server's
// "accepted" and the row's mark sends it once more, under the same Message-ID.
package outbox
