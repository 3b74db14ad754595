package feature

import (
	"slices"
	"strings"
	"time"
)

// A File is one file on the flash.
type File struct {
	Name string
	Data string
	Time time.Time
}

// Flash is the file system of a device. It outlives a reboot.
type Flash struct {
	files []File
	// Startup is the name of the next startup configuration file.
	Startup string
}

// NewFlash holds nothing and starts from startup.cfg.
func NewFlash() *Flash { return &Flash{Startup: "startup.cfg"} }

// Read is the file of that name.
func (f *Flash) Read(name string) (File, bool) {
	for _, x := range f.files {
		if x.Name == name {
			return x, true
		}
	}
	return File{}, false
}

// Write puts the file in place of one of the same name, whole.
func (f *Flash) Write(name, data string, at time.Time) {
	f.Remove(name)
	f.files = append(f.files, File{name, data, at})
	slices.SortFunc(f.files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
}

// Remove deletes the file and says whether it was there.
func (f *Flash) Remove(name string) bool {
	n := len(f.files)
	f.files = slices.DeleteFunc(f.files, func(x File) bool { return x.Name == name })
	return len(f.files) < n
}

// List is all files by name.
func (f *Flash) List() []File { return f.files }
