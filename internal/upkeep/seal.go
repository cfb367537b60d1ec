package upkeep

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

// sealedEnd ends the names of files that only a holder of a key can open.
const sealedEnd = ".age"

// Recipient is who can open a copy, by a public key of age.
type Recipient = age.Recipient

// ParseRecipients reads public keys of age (age1…), each of which opens the copies: the server holds no other.
func ParseRecipients(keys []string) (list []Recipient, err error) {
	for _, key := range keys {
		if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(key)), "AGE-SECRET-KEY-") {
			return nil, errors.New("that is a secret key: the server gets the public ones (age1…), and the secret ones stay with who holds them")
		}
		one, err := age.ParseRecipients(strings.NewReader(key))
		if err != nil || len(one) != 1 {
			return nil, fmt.Errorf("%q is no public key of age: want one that begins with age1", key)
		}
		list = append(list, one[0])
	}
	return list, nil
}

// MakeKey writes a new secret key of age to a new file that only its owner may read, as age-keygen does, and returns the public one.
func MakeKey(file string) (public string, err error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(f, "# public key: %s\n%s\n", key.Recipient(), key)
	return key.Recipient().String(), errors.Join(err, f.Sync(), f.Close())
}

// seal copies what from reads to a new file that the holders of the recipients' keys can open; without recipients it copies it as it is.
// The file is readable by its owner alone, and on disk when seal returns. What fails leaves no file.
func seal(from io.Reader, file string, recipients []Recipient) (err error) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(file)
		}
	}()
	if len(recipients) == 0 {
		_, err = io.Copy(f, from)
		return errors.Join(err, f.Sync())
	}
	sealed, err := age.Encrypt(f, recipients...)
	if err != nil {
		return err
	}
	if _, err := io.Copy(sealed, from); err != nil {
		return err
	}
	if err := sealed.Close(); err != nil {
		return err
	}
	return f.Sync()
}

// isSealed tells a file of age by how it begins.
func isSealed(file string) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	begin := make([]byte, len("age-encryption.org/"))
	if _, err := io.ReadFull(f, begin); err != nil {
		return false, nil //nolint:nilerr // shorter than that, it is no file of age; whoever reads it as something else says more
	}
	return string(begin) == "age-encryption.org/", nil
}

// unseal writes what is in a sealed file to a new one, with the secret keys in the file identity. Its errors say in one line why it cannot:
// no key, another's key, a file that was cut short or changed.
func unseal(file, to, identity string) (err error) {
	if identity == "" {
		return fmt.Errorf("%s is encrypted: name the file with your secret key with --identity", file)
	}
	keys, err := readKeys(identity)
	if err != nil {
		return err
	}
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // nothing was written
	plain, err := age.Decrypt(in, keys...)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return fmt.Errorf("no key in %s opens %s: it was encrypted for others", identity, file)
	}
	if err != nil {
		return fmt.Errorf("%s is damaged: %w", file, err)
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := out.ReadFrom(damage{plain, file}); err != nil {
		return err
	}
	return out.Sync()
}

// damage says of what cannot be read which file is damaged.
type damage struct {
	io.Reader
	file string
}

func (d damage) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%s is damaged or was cut short: %w", d.file, err)
	}
	return n, err
}

func readKeys(identity string) ([]age.Identity, error) {
	f, err := os.Open(identity)
	if err != nil {
		return nil, fmt.Errorf("the secret key cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	keys, err := age.ParseIdentities(f)
	if err != nil {
		// What is in the file is not repeated: it may be nearly a key.
		return nil, fmt.Errorf("%s holds no secret key of age: want a line that begins with AGE-SECRET-KEY-1", identity)
	}
	return keys, nil
}
