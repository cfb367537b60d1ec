package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

type userAddCommand struct {
	Email string `arg:"" help:"Address to sign in with."`
	Role  string `required:"" enum:"facilitator,communication,staff,admin" help:"What they may do: ${enum}."`
	Name  string `help:"Their name, as families and colleagues read it; else what is before the @."`
	Phone string `help:"Their phone number."`
}

func (c *userAddCommand) run(ctx context.Context, w world, g globals) error {
	return g.with(ctx, sqlite.Config{Log: w.logger(g)}, func(db *sqlite.DB) error {
		password, err := w.password()
		if err != nil {
			return err
		}
		before, _, _ := strings.Cut(c.Email, "@")
		_, err = account.AddUser(ctx, db, account.Command(), account.NewUser{
			Email: c.Email, Name: cmp.Or(c.Name, before), Phone: c.Phone, Role: account.Role(c.Role), Password: password,
		})
		if err != nil {
			return err
		}
		w.say("%s can sign in as %s", c.Email, c.Role)
		return nil
	})
}

type userDropFactorCommand struct {
	Email string `arg:"" help:"Address that they sign in with."`
}

func (c *userDropFactorCommand) run(ctx context.Context, w world, g globals) error {
	return g.with(ctx, sqlite.Config{MustExist: true, Log: w.logger(g)}, func(db *sqlite.DB) error {
		if err := account.DropFactor(ctx, db, account.Command(), c.Email); err != nil {
			return err
		}
		w.say("%s sets up an app for codes when they next enter", c.Email)
		return nil
	})
}

// password comes from ATELIERS_PASSWORD, or is asked for. It is never an argument, which every user of the
// machine can read.
func (w world) password() (string, error) {
	if password, ok := w.env("ATELIERS_PASSWORD"); ok {
		return password, nil
	}
	_, _ = fmt.Fprint(w.stderr, "Password: ")
	defer w.silence()()
	line, err := bufio.NewReader(w.stdin).ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", misuse{errors.New("no password: type one, or set ATELIERS_PASSWORD")}
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// silence keeps a terminal from showing what is typed, until the function that it returns is called.
func (w world) silence() (restore func()) {
	terminal, ok := w.stdin.(*os.File)
	if !ok {
		return func() {}
	}
	fd := int(terminal.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil { // not a terminal
		return func() {}
	}
	silent := *before
	silent.Lflag &^= unix.ECHO
	if unix.IoctlSetTermios(fd, unix.TCSETS, &silent) != nil {
		return func() {}
	}
	return func() {
		_ = unix.IoctlSetTermios(fd, unix.TCSETS, before)
		_, _ = fmt.Fprintln(w.stderr) // the key that ended the line was silent too
	}
}
