package ssh

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	xssh "golang.org/x/crypto/ssh"
)

// DefaultHostKey is the file that keeps the host key of this user's labs.
func DefaultHostKey() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("ssh: no place for the host key: %w", err)
	}
	return filepath.Join(dir, "cwlab", "host_key"), nil
}

// HostKey reads a host key. Where there is no such file it makes a key of
// ECDSA on P-256 and keeps it there, readable by its owner alone. A key that
// others can read is refused.
func HostKey(file string) (xssh.Signer, error) {
	key, err := readKey(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(file); err != nil {
		return nil, fmt.Errorf("ssh: host key: %w", err)
	}
	return readKey(file)
}

func readKey(file string) (xssh.Signer, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("ssh: host key: %w", err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return nil, fmt.Errorf("ssh: host key %s is open to others (mode %#o), want 0600", file, mode)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("ssh: host key: %w", err)
	}
	key, err := xssh.ParsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("ssh: host key %s: %w", file, err)
	}
	return key, nil
}

// makeKey writes a key at once and whole. Of two programs that do so at the
// same time the first wins.
func makeKey(file string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	block, err := xssh.MarshalPrivateKey(key, "cwlab")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".host_key") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // it has another name by then, or is worth nothing
	_, err = f.Write(pem.EncodeToMemory(block))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
