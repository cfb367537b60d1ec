package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrServed says that another process serves this data folder.
var ErrServed = errors.New("another ateliers is serving this data folder; stop it first")

// Hold takes the data folder dir for this process, as a serving one does, until the returned function is called. ErrServed says
// that another process has it.
func Hold(dir string) (release func() error, err error) {
	f, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	return f.Close, nil
}

// lockFolder takes the data folder for this process until the file is closed. The
// kernel frees it when the process dies, however it dies.
func lockFolder(dir string) (*os.File, error) {
	name := filepath.Join(dir, "ateliers.lock")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", name, ErrServed)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}
