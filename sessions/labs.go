package sessions

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"cwlab/emulator/lab"
)

//go:embed labs
var shipped embed.FS

// ErrNoLab is a name that is neither a shipped lab nor a folder.
var ErrNoLab = errors.New("no such lab")

// A LabInfo describes a shipped lab.
type LabInfo struct {
	Name, Title, Level, Description string
	Scripts                         []ScriptInfo
}

// A ScriptInfo describes a script of a lab.
type ScriptInfo struct{ Name, Title string }

// Labs are the labs that ship, by name. A shipped lab that does not load is a
// defect of the build, which the tests of this package find; it is left out.
func Labs() []LabInfo {
	var all []LabInfo
	for _, name := range names() {
		def, err := Load(name)
		if err != nil {
			continue
		}
		all = append(all, Describe(def))
	}
	return all
}

// Describe is what Labs tells of a lab.
func Describe(def *lab.Definition) LabInfo {
	info := LabInfo{Name: def.Name, Title: def.Title, Level: def.Level, Description: def.Description}
	for _, s := range def.Scripts {
		info.Scripts = append(info.Scripts, ScriptInfo{s.Name, s.Title})
	}
	return info
}

func names() []string {
	entries, _ := fs.ReadDir(shipped, "labs")
	var all []string
	for _, e := range entries {
		if e.IsDir() {
			all = append(all, e.Name())
		}
	}
	return all
}

// IsPath says whether a LAB argument is a path and not the name of a shipped
// lab.
func IsPath(s string) bool {
	return strings.HasPrefix(s, ".") || strings.HasPrefix(s, "/") || filepath.IsAbs(s)
}

// Load reads a lab: one that ships, by its name, or a folder, by a path that
// begins with a dot or a slash.
func Load(nameOrPath string) (*lab.Definition, error) {
	if IsPath(nameOrPath) {
		dir := filepath.Clean(nameOrPath)
		if fi, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoLab, err)
		} else if !fi.IsDir() {
			return nil, fmt.Errorf("%w: %s is not a folder", ErrNoLab, dir)
		}
		abs, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		return LoadFS(os.DirFS(dir), filepath.Base(abs), func(file string) string { return filepath.Join(dir, file) })
	}
	if !slices.Contains(names(), nameOrPath) {
		return nil, fmt.Errorf("%w: %q (there is %s; a folder's path begins with ./ or /)", ErrNoLab, nameOrPath, strings.Join(names(), ", "))
	}
	sub, err := fs.Sub(shipped, path.Join("labs", nameOrPath))
	if err != nil {
		return nil, err
	}
	return LoadFS(sub, nameOrPath, func(file string) string { return nameOrPath + "/" + file })
}

// LoadFS reads a lab from the root of a file system. show is how a file of
// it is called in errors.
func LoadFS(fsys fs.FS, name string, show func(file string) string) (*lab.Definition, error) {
	text, err := fs.ReadFile(fsys, "lab.yaml")
	if err != nil {
		return nil, fmt.Errorf("%s: a lab needs this file: %w", show("lab.yaml"), unwrapPath(err))
	}
	def, configs, err := parseLab(show("lab.yaml"), text)
	if err != nil {
		return nil, err
	}
	def.Name = name
	for i := range def.Devices {
		d := &def.Devices[i]
		b, err := fs.ReadFile(fsys, configs[i].v)
		switch {
		case err == nil:
			d.Config, d.ConfigFile = string(b), show(configs[i].v)
		case errors.Is(err, fs.ErrNotExist) && !configs[i].given:
			// A device without a configuration file starts empty.
		default:
			return nil, configs[i].errorf("configuration of %s: %v", d.Name, unwrapPath(err))
		}
	}
	if err := loadFlash(fsys, def, show); err != nil {
		return nil, err
	}
	for _, at := range []struct {
		pattern string
		scripts *[]lab.ScriptFile
	}{{"*.console", &def.Scripts}, {"*/*.console", &def.Parts}} {
		files, err := fs.Glob(fsys, at.pattern)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			b, err := fs.ReadFile(fsys, file)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", show(file), unwrapPath(err))
			}
			*at.scripts = append(*at.scripts, lab.ScriptFile{Name: strings.TrimSuffix(file, ".console"), Title: scriptTitle(string(b)), File: show(file), Text: string(b)})
		}
	}
	return def, nil
}

// flashFolder holds a folder for each device whose flash has more than the
// configuration when it is new.
const flashFolder = "flash"

// loadFlash reads the files of the devices.
func loadFlash(fsys fs.FS, def *lab.Definition, show func(file string) string) error {
	folders, err := fs.ReadDir(fsys, flashFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("%s: %w", show(flashFolder), unwrapPath(err))
	}
	for _, e := range folders {
		i := slices.IndexFunc(def.Devices, func(d lab.DeviceSpec) bool { return d.Name == e.Name() })
		root := path.Join(flashFolder, e.Name())
		if i < 0 || !e.IsDir() {
			return &FileError{show(root), 0, 0, "want a folder that is named for a device of the lab"}
		}
		err := fs.WalkDir(fsys, root, func(name string, e fs.DirEntry, err error) error {
			if err != nil || name == root {
				return err
			}
			f := lab.KeptFile{Name: strings.TrimPrefix(name, root+"/"), Dir: e.IsDir()}
			if !f.Dir {
				data, err := fs.ReadFile(fsys, name)
				if err != nil {
					return fmt.Errorf("%s: %w", show(name), unwrapPath(err))
				}
				f.Data = string(data)
			}
			def.Devices[i].Files = append(def.Devices[i].Files, f)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ModelOf is the model of the device whose configuration is a file, by the
// lab.yaml beside it; "" if there is none or none of its devices has that
// file.
func ModelOf(file string) (string, error) {
	at := filepath.Join(filepath.Dir(file), "lab.yaml")
	text, err := os.ReadFile(at)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	def, configs, err := parseLab(at, text)
	if err != nil {
		return "", err
	}
	for i, d := range def.Devices {
		if path.Clean(configs[i].v) == filepath.Base(file) {
			return d.Model, nil
		}
	}
	return "", nil
}

// unwrapPath leaves the path out of an error that is shown after it.
func unwrapPath(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
