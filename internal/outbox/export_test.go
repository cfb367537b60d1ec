package outbox

// PlannedStatements are the statements of the hot path with the indexes that they need.
var PlannedStatements = map[string][]string{
	sqlDue:      {"outbox_due", "outbox_retrying"},
	sqlNextDue:  {"outbox_due", "outbox_retrying"},
	sqlWithdraw: {"outbox_due"},
	sqlRetryNow: {"outbox_due"},
	sqlFailed:   {"outbox_failed"},
}
