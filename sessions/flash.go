package sessions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cwlab/emulator/lab"
)

// A FlashDir keeps the flash of devices on disk: those of device D of lab L
// are the files of DIR/L/D/flash, and DIR/L/D/startup names its next startup
// configuration files, the main one and the backup one, a line each.
//
// A file is written outside of the flash, forced to disk and put in place by a
// rename, so that a crash at any moment leaves the old file or the new one
// whole. Two programs must not use one folder at a time.
type FlashDir struct {
	dir  string
	disk disk
}

// A disk is the file system of the machine, for tests to fail.
type disk interface {
	// WriteSynced writes a file and forces it to disk.
	WriteSynced(name, data string) error
	Rename(from, to string) error
	Remove(name string) error
	MkdirAll(name string) error
	Chtimes(name string, at time.Time) error
	// SyncDir forces the names of a directory to disk, where that can be done.
	SyncDir(name string)
}

// NewFlashDir keeps flashes below a folder, which it makes where it is
// missing.
func NewFlashDir(dir string) (*FlashDir, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return &FlashDir{dir, osDisk{}}, nil
}

// Flash is the store of a device. It fits lab.Options.
func (d *FlashDir) Flash(labName, device string) lab.FlashStore {
	return &flashStore{root: filepath.Join(d.dir, labName, device), disk: d.disk}
}

type flashStore struct {
	root string
	disk disk
}

// half is a file that is not whole yet.
func (s *flashStore) half() string    { return filepath.Join(s.root, "half-written") }
func (s *flashStore) startup() string { return filepath.Join(s.root, "startup") }
func (s *flashStore) at(name string) string {
	return filepath.Join(s.root, "flash", filepath.FromSlash(name))
}

// Load reads what is on disk.
func (s *flashStore) Load() (*lab.KeptFlash, error) {
	text, err := os.ReadFile(s.startup())
	switch {
	case errors.Is(err, fs.ErrNotExist): // written first, when the device is new
		return nil, s.disk.MkdirAll(s.at(""))
	case err != nil:
		return nil, fmt.Errorf("flash: %w", err)
	}
	main, backup, ok := strings.Cut(strings.TrimSuffix(string(text), "\n"), "\n")
	if !ok {
		return nil, fmt.Errorf("flash: %s: want two lines, the main and the backup startup file", s.startup())
	}
	kept := &lab.KeptFlash{Main: main, Backup: backup}
	root := s.at("")
	err = filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == root {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		f := lab.KeptFile{Name: filepath.ToSlash(rel), Dir: e.IsDir(), Time: info.ModTime().UTC()}
		if !f.Dir {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			f.Data = string(data)
		}
		kept.Files = append(kept.Files, f)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("flash: %w", err)
	}
	return kept, nil
}

// replace puts a file in place of the old one.
func (s *flashStore) replace(name, data string, at time.Time) error {
	err := s.disk.WriteSynced(s.half(), data)
	if err == nil && !at.IsZero() {
		err = s.disk.Chtimes(s.half(), at)
	}
	if err == nil {
		err = s.disk.Rename(s.half(), name)
	}
	if err != nil {
		return err
	}
	s.disk.SyncDir(filepath.Dir(name))
	return nil
}

// Write puts a file in place of the old one.
func (s *flashStore) Write(name, data string, at time.Time) error {
	return s.replace(s.at(name), data, at)
}

// Mkdir makes a directory.
func (s *flashStore) Mkdir(name string, at time.Time) error {
	if err := s.disk.MkdirAll(s.at(name)); err != nil {
		return err
	}
	return s.disk.Chtimes(s.at(name), at)
}

// Remove deletes a file or an empty directory.
func (s *flashStore) Remove(name string) error {
	if err := s.disk.Remove(s.at(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.disk.SyncDir(filepath.Dir(s.at(name)))
	return nil
}

// Rename gives a file or directory another name.
func (s *flashStore) Rename(from, to string) error {
	if err := s.disk.Rename(s.at(from), s.at(to)); err != nil {
		return err
	}
	s.disk.SyncDir(filepath.Dir(s.at(to)))
	return nil
}

// SetStartup keeps the names of the startup files.
func (s *flashStore) SetStartup(main, backup string) error {
	return s.replace(s.startup(), main+"\n"+backup+"\n", time.Time{})
}

// An osDisk is the file system of the machine.
type osDisk struct{}

func (osDisk) WriteSynced(name, data string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = f.WriteString(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (osDisk) Rename(from, to string) error            { return os.Rename(from, to) }
func (osDisk) Remove(name string) error                { return os.Remove(name) }
func (osDisk) MkdirAll(name string) error              { return os.MkdirAll(name, 0o755) }
func (osDisk) Chtimes(name string, at time.Time) error { return os.Chtimes(name, at, at) }

func (osDisk) SyncDir(name string) {
	if d, err := os.Open(name); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
