// Package failpoint names the instants at which a stop of the program hurts most, so that tests can kill it exactly there.
// In the program that people run it is nothing: Here has no body, and no variable of the environment is read. Tests build one of
// their own with the tag failpoints (docs/adr/0008-failpoints.md).
package failpoint

// The labelled points, in the order of one booking and its mail.
const (
	AfterBegin     = "after-begin"     // a transaction is open, and empty
	AfterStatement = "after-statement" // something is written, and not committed
	BeforeCommit   = "before-commit"   // all is written, and not committed
	AfterCommit    = "after-commit"    // the disk has it, and nobody was told
	BeforeReply    = "before-reply"    // the answer is made, and not sent
	BeforeSend     = "before-send"     // a mail is claimed, and the server has seen nothing of it
	BeforeMark     = "before-mark"     // the server has taken the mail over, and the outbox does not know
)
