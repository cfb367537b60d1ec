package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// world is what a command has around it.
type world struct {
	args           []string
	env            func(name string) (string, bool)
	stdin          io.Reader
	stdout, stderr io.Writer
}

// say writes one line to the standard output. Nobody can be told if that fails.
func (w world) say(format string, args ...any) { _, _ = fmt.Fprintf(w.stdout, format+"\n", args...) }

// misuse is an error of whoever typed the command, not of the program or its data.
type misuse struct{ error }

// The exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitMisused = 2
)

// command is what the arguments of one command are parsed into.
type command interface {
	run(ctx context.Context, w world, g globals) error
}

// globals are the flags of every command.
type globals struct {
	Data string `help:"Folder that holds the database and the secret." placeholder:"DIR" setting:"ATELIERS_DATA"`
	Log  string `help:"What is written to the log: ${enum}." enum:"debug,info,warn,error" default:"info" setting:"ATELIERS_LOG"`
}

// cli is the command line.
type cli struct {
	globals

	Demo      demoCommand      `cmd:"" help:"Try it: a fresh database with made-up families, mails that go nowhere, a clock to move."`
	Serve     serveCommand     `cmd:"" help:"Serve the pages and send the mails."`
	Migrate   migrateCommand   `cmd:"" help:"Make the database, or bring it to the schema of this program."`
	Verify    verifyCommand    `cmd:"" help:"Check what must always be true of the data; exit 1 and a line per breach."`
	Backup    backupCommand    `cmd:"" help:"Copy the database, as of one instant, into a new file. Works while the server runs."`
	Restore   restoreCommand   `cmd:"" help:"Put a copy that backup made in place of the database, which is kept aside. No server may run."`
	Key       keyCommand       `cmd:"" help:"Make a key of age that opens encrypted copies, for somebody who keeps it."`
	Doctor    doctorCommand    `cmd:"" help:"Look at this installation (disk, clock, mail, proxy, files, backups) and say what to do; exit 1 where something is wrong."`
	Retention retentionCommand `cmd:"" help:"Remove what has had its time, as the server does every night, or say what would go."`
	Breach    breachCommand    `cmd:"" help:"List the families that lines of the audit are about, as CSV, so that they can be told of a breach."`
	User      struct {
		Add        userAddCommand        `cmd:"" help:"Add somebody to the team. The password comes from ATELIERS_PASSWORD or is asked for."`
		DropFactor userDropFactorCommand `cmd:"" name:"drop-factor" help:"Take the app for codes away of somebody who lost it; they set up another when they next enter."`
	} `cmd:"" help:"The people who can sign in."`
	Import struct {
		Programme importProgrammeCommand `cmd:"" help:"Add the sessions of a spreadsheet or CSV file, all or nothing. A second time changes nothing."`
		Holidays  importHolidaysCommand  `cmd:"" help:"Bring the school holidays up to a CSV file, all or nothing. A second time changes nothing."`
		Schools   importSchoolsCommand   `cmd:"" help:"Bring the directory of schools up to a CSV file, all or nothing. A second time changes nothing."`
	} `cmd:"" help:"Files to read in."`
	Sheet        sheetCommand        `cmd:"" help:"Draw the attendance sheet of a session, those of a day, or a blank one."`
	Certificates certificatesCommand `cmd:"" help:"Issue the certificates of a session to the children who came, and draw them all."`
	Config       configCommand       `cmd:"" help:"Print the values in force, without secrets."`
}

// run does what the arguments ask and returns the exit code.
func run(ctx context.Context, w world) int {
	var c cli
	helped := false
	parser, err := kong.New(&c,
		kong.Name("ateliers"),
		kong.Description("Les Ateliers d'Ada: workshops, from the programme to the certificate.\n\n"+
			"Flags of the form --base-url can also be given as variables of the environment: ATELIERS_BASE_URL."),
		kong.Writers(w.stdout, w.stderr),
		kong.Exit(func(int) { helped = true }), // kong exits by itself for --help only
		kong.Resolvers(environment(w.env)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return w.fail(err)
	}
	parsed, err := parser.Parse(w.args)
	if helped {
		return exitDone
	}
	if err != nil {
		return w.fail(misuse{fmt.Errorf("%w (ateliers --help tells more)", err)})
	}
	chosen, ok := parsed.Selected().Target.Addr().Interface().(command)
	if !ok {
		return w.fail(fmt.Errorf("%s is not a command", parsed.Command()))
	}
	if err := chosen.run(ctx, w, c.globals); err != nil {
		return w.fail(err)
	}
	return exitDone
}

// environment gives a flag the value of the variable that its tag names.
func environment(env func(string) (string, bool)) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		name := flag.Tag.Get("setting")
		if name == "" {
			return nil, nil
		}
		if value, ok := env(name); ok && value != "" {
			return value, nil
		}
		return nil, nil
	})
}

// fail tells what went wrong, a line each, and returns the exit code.
func (w world) fail(err error) int {
	for _, line := range explain(err) {
		_, _ = fmt.Fprintln(w.stderr, "ateliers: "+line)
	}
	if _, ok := errors.AsType[misuse](err); ok {
		return exitMisused
	}
	return exitFailed
}

// explain says an error in lines: the words of the pages where it has some, one per wrong field.
func explain(err error) []string {
	f, ok := fault.As(err)
	if !ok || f.Message.Key == "" {
		return []string{strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	p := words.For(words.French)
	var lines []string
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		lines = append(lines, field+": "+p.Message(f.Fields[field]))
	}
	if len(lines) > 0 {
		return lines
	}
	line := p.Message(f.Message)
	if f.Cause != nil {
		line += " (" + strings.ReplaceAll(f.Cause.Error(), "\n", "; ") + ")"
	}
	return []string{line}
}

// logger writes to the standard error what is at least as grave as asked for.
func (w world) logger(g globals) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(g.Log)) // kong has let only names of levels pass
	return slog.New(slog.NewTextHandler(w.stderr, &slog.HandlerOptions{Level: level}))
}
