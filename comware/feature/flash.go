package feature

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"
)

// A File is a file or directory of the flash.
type File struct {
	Name string // its path below flash:/, parts joined by slashes
	Dir  bool
	Data string
	Time time.Time // of the last change, as the device's clock showed it
}

// Base is the last part of the name.
func (f File) Base() string { return path.Base(f.Name) }

// A FileError is why a file operation failed, as the device prints it.
type FileError string

func (e FileError) Error() string { return string(e) }

// What file operations fail with. The first is the manual's ("File system
// management" configuration guide, rules of file names); the wording of the
// others is not documented.
const (
	ErrNoFile   FileError = "The file or directory doesn't exist."
	ErrIsThere  FileError = "The file or directory already exists."
	ErrNotEmpty FileError = "The directory is not empty."
	ErrIsDir    FileError = "The file is a directory."
	ErrFull     FileError = "No enough space on the device."
	ErrFailed   FileError = "The operation failed."
)

// A Store keeps the files of a flash where they outlive the program. A call
// does all that it says or nothing, also when the program ends in the middle
// of it. Names are those of File.
type Store interface {
	Write(name, data string, at time.Time) error // in place of an older file
	Mkdir(name string, at time.Time) error
	Remove(name string) error // a file, or a directory without files
	Rename(from, to string) error
	// SetStartup keeps the names of the next startup configuration files, ""
	// for none.
	SetStartup(main, backup string) error
}

// Flash is the file system flash: of a device. It outlives a reboot. Names
// are not case-sensitive and keep the case that they were given.
//
// An operation that the store does not carry out changes nothing.
type Flash struct {
	files        []File // in order of their names
	main, backup string
	kb           int
	store        Store
	// RTC is the clock with a battery, see package system.
	RTC RTC
}

// An RTC is the clock that runs while the power is off.
type RTC struct {
	Set    bool          // somebody has set it, or the device has run
	Offset time.Duration // how far its UTC is off the time of the world
}

// FlashKB is the size of a flash where a model does not say another, in KB.
const FlashKB = 1 << 20

// blockKB is what the space of a file is counted in (samples of gzip in the
// command reference: 20 bytes take 4 KB).
const blockKB = 4

// NewFlash holds nothing and starts from startup.cfg.
func NewFlash() *Flash { return &Flash{main: "startup.cfg", kb: FlashKB} }

// Keep has a store keep every change from now on. What is on the flash is
// not given to it.
func (f *Flash) Keep(s Store) { f.store = s }

// Resize sets the size in KB.
func (f *Flash) Resize(kb int) { f.kb = kb }

// Restore puts a file or directory that a store has kept on the flash.
func (f *Flash) Restore(x File) { f.put(x) }

// RestoreStartup sets the startup files as a store has kept them.
func (f *Flash) RestoreStartup(main, backup string) { f.main, f.backup = main, backup }

// Startup is the names of the next startup configuration files, "" for none.
func (f *Flash) Startup() (main, backup string) { return f.main, f.backup }

// SetStartup sets them.
func (f *Flash) SetStartup(main, backup string) error {
	if f.store != nil && (main != f.main || backup != f.backup) {
		if err := f.store.SetStartup(main, backup); err != nil {
			return ErrFailed
		}
	}
	f.main, f.backup = main, backup
	return nil
}

// Resolve is the name of what a person at directory cwd calls s: flash:/x,
// flash:x and /x begin at the root.
func (f *Flash) Resolve(cwd, s string) (string, error) {
	switch drive, rest, ok := strings.Cut(s, ":"); {
	case ok && drive != "flash":
		return "", ErrNoFile
	case ok:
		s = "/" + rest
	}
	if strings.ContainsAny(s, `:"<>|?\`) {
		return "", ErrNoFile
	}
	if !strings.HasPrefix(s, "/") {
		s = "/" + cwd + "/" + s
	}
	return strings.TrimPrefix(path.Clean(s), "/"), nil
}

// find is where a file stands, or would.
func (f *Flash) find(name string) (int, bool) {
	return slices.BinarySearchFunc(f.files, strings.ToLower(name), func(x File, name string) int {
		return cmp.Compare(strings.ToLower(x.Name), name)
	})
}

// Stat is the file or directory of that name; "" is the root.
func (f *Flash) Stat(name string) (File, bool) {
	if name == "" {
		return File{Dir: true}, true
	}
	if i, ok := f.find(name); ok {
		return f.files[i], true
	}
	return File{}, false
}

// Read is the file of that name.
func (f *Flash) Read(name string) (File, bool) {
	x, ok := f.Stat(name)
	return x, ok && !x.Dir
}

// parent says whether a file of that name may be made.
func (f *Flash) parent(name string) error {
	dir, _ := path.Split(name)
	if d, ok := f.Stat(strings.TrimSuffix(dir, "/")); !ok || !d.Dir || name == "" {
		return ErrNoFile
	}
	return nil
}

// put is a file in place of one of the same name.
func (f *Flash) put(x File) {
	i, ok := f.find(x.Name)
	if ok {
		f.files[i] = x
		return
	}
	f.files = slices.Insert(f.files, i, x)
}

// Write puts a file in place of one of the same name, whole.
func (f *Flash) Write(name, data string, at time.Time) error {
	old, ok := f.Stat(name)
	switch {
	case f.parent(name) != nil:
		return ErrNoFile
	case ok && old.Dir:
		return ErrIsDir
	case ok:
		name = old.Name
	}
	if grow := sizeKB(data) - sizeKB(old.Data); (!ok || grow > 0) && f.Free() < grow {
		return ErrFull
	}
	if f.store != nil && f.store.Write(name, data, at) != nil {
		return ErrFailed
	}
	f.put(File{Name: name, Data: data, Time: at})
	return nil
}

// Mkdir makes a directory.
func (f *Flash) Mkdir(name string, at time.Time) error {
	if _, ok := f.Stat(name); ok {
		return ErrIsThere
	}
	if err := f.parent(name); err != nil {
		return err
	}
	if f.store != nil && f.store.Mkdir(name, at) != nil {
		return ErrFailed
	}
	f.put(File{Name: name, Dir: true, Time: at})
	return nil
}

// Remove deletes a file, or a directory that holds nothing.
func (f *Flash) Remove(name string) error {
	i, ok := f.find(name)
	switch {
	case !ok || name == "":
		return ErrNoFile
	case f.files[i].Dir && len(f.List(name)) > 0:
		return ErrNotEmpty
	}
	if f.store != nil && f.store.Remove(f.files[i].Name) != nil {
		return ErrFailed
	}
	f.files = slices.Delete(f.files, i, i+1)
	return nil
}

// Rename gives a file another name, or a directory with all that it holds.
func (f *Flash) Rename(from, to string) error {
	old, ok := f.Stat(from)
	switch _, taken := f.Stat(to); {
	case !ok || from == "" || f.parent(to) != nil || below(to, old.Name):
		return ErrNoFile
	case taken:
		return ErrIsThere
	}
	if f.store != nil && f.store.Rename(old.Name, to) != nil {
		return ErrFailed
	}
	for _, x := range slices.Clone(f.files) {
		if x.Name == old.Name || below(x.Name, old.Name) {
			i, _ := f.find(x.Name)
			f.files = slices.Delete(f.files, i, i+1)
			x.Name = to + x.Name[len(old.Name):]
			f.put(x)
		}
	}
	return nil
}

// below says whether a file stands in a directory or deeper.
func below(name, dir string) bool {
	return dir == "" || len(name) > len(dir) && name[len(dir)] == '/' && strings.EqualFold(name[:len(dir)], dir)
}

// List is what a directory holds, by name.
func (f *Flash) List(dir string) []File {
	var all []File
	skip := 0
	if dir != "" {
		skip = len(dir) + 1
	}
	for _, x := range f.files {
		if below(x.Name, dir) && !strings.Contains(x.Name[skip:], "/") {
			all = append(all, x)
		}
	}
	return all
}

// Len is how many files and directories there are.
func (f *Flash) Len() int { return len(f.files) }

// Size is the size in KB.
func (f *Flash) Size() int { return f.kb }

// Free is the space that is left, in KB.
func (f *Flash) Free() int {
	free := f.kb
	for _, x := range f.files {
		free -= sizeKB(x.Data)
		if x.Dir {
			free -= blockKB
		}
	}
	return free
}

// sizeKB is the space that data takes.
func sizeKB(data string) int {
	const block = blockKB << 10
	return (len(data) + block - 1) / block * blockKB
}
