// Package mail turns the messages of the outbox into mails and sends them by SMTP. It decides
// neither who gets what nor when: the features did, in the transaction of their change.
//
// A mail never holds anything about health.
package mail
