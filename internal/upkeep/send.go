package upkeep

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
)

// commandLimit is how long a command that takes a file elsewhere may take.
const commandLimit = 10 * time.Minute

func (b *Backups) sends() bool { return b.SendTo != "" || len(b.Command) > 0 }

// sendNewest takes the newest copy elsewhere, unless it is there already. What a restore needs with it goes first: a copy that has
// arrived can be restored.
func (b *Backups) sendNewest(ctx context.Context, now time.Time) error {
	_, name := newest(b.Folder, now)
	sent := filepath.Join(b.Folder, sentFile)
	if was, err := os.ReadFile(sent); name == "" || err == nil && strings.TrimSpace(string(was)) == name {
		return nil
	}
	for _, file := range []string{privacy.ErasuresFile, account.SecretFile, account.SecretFile + sealedEnd, name} {
		path := filepath.Join(b.Folder, file)
		if _, err := os.Stat(path); err != nil {
			continue // the secret is there in one form
		}
		if err := b.send(ctx, path); err != nil {
			return err
		}
	}
	return os.WriteFile(sent, []byte(name+"\n"), 0o600)
}

func (b *Backups) send(ctx context.Context, file string) error {
	if b.SendTo != "" {
		if err := b.copyTo(file); err != nil {
			return err
		}
	}
	if len(b.Command) > 0 {
		return b.runCommand(ctx, file)
	}
	return nil
}

// onSameDisk says of a folder that copies go to why it is none for them.
func onSameDisk(dir string) string {
	return dir + " is on the disk of the data folder: it is lost with it"
}

// copyTo copies a file into the other folder, which must be there and on another disk than the data: one that is not mounted is no
// other place, and leaves an empty folder on this disk where it belongs.
func (b *Backups) copyTo(file string) error {
	if info, err := os.Stat(b.SendTo); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s: is the disk there?", b.SendTo)
	}
	if sameDisk(filepath.Dir(b.DB.Path()), b.SendTo) {
		return errors.New(onSameDisk(b.SendTo))
	}
	to := filepath.Join(b.SendTo, filepath.Base(file))
	if filepath.Base(file) == privacy.ErasuresFile {
		// Added to, not replaced: it may know of more than this machine does.
		ids, err := privacy.ReadErasures(file)
		if err != nil {
			return err
		}
		return privacy.AddErasures(to, ids)
	}
	if err := b.removeParts(b.SendTo); err != nil {
		return err
	}
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // nothing was written
	if err := seal(in, to+partEnd, nil); err != nil {
		return err
	}
	if err := os.Rename(to+partEnd, to); err != nil {
		return err
	}
	return syncFolder(b.SendTo)
}

// runCommand lets the command take a file elsewhere, no longer than its limit and without the settings of this program, which
// hold the password of the mail server. No shell reads the arguments.
func (b *Backups) runCommand(ctx context.Context, file string) error {
	limit := b.CommandLimit
	if limit == 0 {
		limit = commandLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	args := slices.Clone(b.Command)
	if i := slices.Index(args, "{}"); i >= 0 {
		args[i] = file
	} else {
		args = append(args, file)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the operator names the command
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "ATELIERS_") })
	// What it has started itself ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%s took longer than %v", args[0], limit)
	case err != nil:
		return fmt.Errorf("%s: %w%s", args[0], err, lastLine(said.String()))
	}
	return nil
}

// lastLine is the end of what a command said, where most say what is wrong.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	if text = text[strings.LastIndexByte(text, '\n')+1:]; text == "" {
		return ""
	}
	return ": " + text[:min(len(text), 300)]
}
