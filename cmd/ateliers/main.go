// Command ateliers is Les Ateliers d'Ada: the server, its demonstration, and the commands
// that look after its data. It only wires: rules and SQL live in the packages of internal.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // venues have their hours also on a machine without time zones
)

func main() {
	if os.Getenv("GOGC") == "" {
		// A few megabytes are live, so that the heap may well be five times that: with Go's default the
		// collector took a sixth of the processor's time per booking.
		debug.SetGCPercent(400)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, world{
		args: os.Args[1:], env: os.LookupEnv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	}))
}
