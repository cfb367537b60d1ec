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
	if err := lock(f, ErrServed); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// lock takes f for this process, without waiting; taken, with the name of f, says that it has been.
func lock(f *os.File, taken error) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = taken
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	return nil
}
