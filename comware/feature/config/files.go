package config

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"path"
	"regexp"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var fileCommands = []feature.Command{
	{Views: "user", Syntax: "dir [ /all ] [ <path:string:1-255> | /all-filesystems ]",
		Help: "dir=Display files;/all=Hidden files too;<path>=File or directory;/all-filesystems=All file systems", Run: dir},
	{Views: "user", Syntax: "pwd", Help: "pwd=Display the current directory", Run: func(x *feature.Exec, _ *cli.Args) { x.Print(show(x.Shell.Dir) + "\n") }},
	{Views: "user", Syntax: "cd <path:string:1-255>", Help: "cd=Change the current directory;<path>=Directory", Run: cd},
	{Views: "user", Syntax: "more <file:string:1-255>", Help: "more=Display the contents of a file;<file>=File name", Run: more},
	{Views: "user", Syntax: "mkdir <path:string:1-255>", Help: "mkdir=Create a directory;<path>=Directory", Run: mkdir},
	{Views: "user", Syntax: "rmdir <path:string:1-255>", Help: "rmdir=Remove a directory;<path>=Directory", Run: rmdir},
	{Views: "user", Syntax: "copy <source:string:1-255> <dest:string:1-255>", Help: "copy=Copy a file;<source>=Source file;<dest>=Destination file or directory", Run: copyFile},
	{Views: "user", Syntax: "move <source:string:1-255> <dest:string:1-255>", Help: "move=Move a file;<source>=Source file;<dest>=Destination file or directory", Run: move},
	{Views: "user", Syntax: "rename <source:string:1-255> <dest:string:1-255>", Help: "rename=Rename a file or directory;<source>=Old name;<dest>=New name", Run: rename},
	{Views: "user", Syntax: "md5sum <file:string:1-255>", Help: "md5sum=Compute the MD5 digest of a file;<file>=File name",
		Run: func(x *feature.Exec, a *cli.Args) {
			digest(x, a, "MD5", func(b []byte) string { return fmt.Sprintf("%x", md5.Sum(b)) })
		}},
	{Views: "user", Syntax: "sha256sum <file:string:1-255>", Help: "sha256sum=Compute the SHA-256 digest of a file;<file>=File name",
		Run: func(x *feature.Exec, a *cli.Args) {
			digest(x, a, "SHA256", func(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) })
		}},
	{Views: "system", Syntax: "file prompt { alert | quiet }",
		Help: "file=File system operations;prompt=Prompt mode;alert=Ask before dangerous operations;quiet=Do not ask",
		Run:  func(x *feature.Exec, a *cli.Args) { prompt(x, a.Has("quiet")) }},
	{Views: "system", Syntax: "undo file prompt", Run: func(x *feature.Exec, _ *cli.Args) { prompt(x, false) }},
}

// show is a name as the device writes it; the root has no slash.
func show(name string) string {
	if name == "" {
		return "flash:"
	}
	return "flash:/" + name
}

// prompt sets whether file operations ask.
func prompt(x *feature.Exec, quiet bool) {
	of(x.Box).quiet = quiet
	if quiet {
		x.Node().Set(feature.PlaceFilePrompt, "file prompt", "file prompt quiet")
	} else {
		x.Node().Remove("file prompt")
	}
}

// ask asks before a file operation, unless asking is off.
func ask(x *feature.Exec, question string, f func(yes bool)) {
	if of(x.Box).quiet {
		f(true)
		return
	}
	x.Confirm(question+" [Y/N]:", f)
}

// sure asks and goes on if the answer is yes.
func sure(x *feature.Exec, question string, f func()) {
	ask(x, question, func(yes bool) {
		if yes {
			f()
		}
	})
}

// carry prints what is done and then that it is, or why not.
func carry(x *feature.Exec, what string, err error) {
	if err != nil {
		x.Print(what + "...\n")
		x.Error(err.Error())
		return
	}
	x.Print(what + "... Done.\n")
}

// name is the file that an argument names.
func name(x *feature.Exec, a *cli.Args, arg string) (string, bool) {
	n, err := x.Box.Flash.Resolve(x.Shell.Dir, a.Str(arg))
	if err != nil {
		x.Error(err.Error())
		return "", false
	}
	return n, true
}

// stat is the file or directory that an argument names, which must be there.
func stat(x *feature.Exec, a *cli.Args, arg string, isDir bool) (feature.File, bool) {
	n, ok := name(x, a, arg)
	if !ok {
		return feature.File{}, false
	}
	f, ok := x.Box.Flash.Stat(n)
	switch {
	case !ok || isDir && !f.Dir:
		x.Error(feature.ErrNoFile.Error())
		return f, false
	case f.Dir && !isDir:
		x.Error(feature.ErrIsDir.Error())
		return f, false
	}
	return f, true
}

// hidden says whether only /all shows it.
func hidden(f feature.File) bool { return strings.HasPrefix(f.Base(), ".") }

// match finds the files of a directory by a name in which * stands for
// anything.
func match(pattern string) func(feature.File) bool {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	re := regexp.MustCompile("(?i)^" + quoted + "$")
	return func(f feature.File) bool { return re.MatchString(f.Base()) }
}

func dir(x *feature.Exec, a *cli.Args) {
	where := x.Shell.Dir
	var which func(feature.File) bool // nil for all
	switch {
	case a.Has("/all-filesystems"):
		where = ""
	case a.Has("path"):
		n, ok := name(x, a, "path")
		if !ok {
			return
		}
		if f, ok := x.Box.Flash.Stat(n); ok && f.Dir {
			where = f.Name
			break
		}
		d, base := path.Split(n)
		where, which = strings.TrimSuffix(d, "/"), match(base)
	}
	// The number of a file is its place in the directory.
	type row struct {
		i int
		f feature.File
	}
	var rows []row
	n := 0
	for _, f := range x.Box.Flash.List(where) {
		if hidden(f) && !a.Has("/all") && where != binDir {
			continue
		}
		if which == nil || which(f) {
			rows = append(rows, row{n, f})
		}
		n++
	}
	if _, ok := x.Box.Flash.Stat(where); !ok || which != nil && len(rows) == 0 {
		x.Error(feature.ErrNoFile.Error())
		return
	}
	x.Print("Directory of " + show(where) + "\n")
	for _, r := range rows {
		kind, size, h := "-", fmt.Sprint(len(r.f.Data)), "-"
		if r.f.Dir {
			kind, size = "d", "-"
		}
		if hidden(r.f) {
			h = "h"
		}
		x.Printf("%4d %srw%s %11s %s   %s\n", r.i, kind, h, size, r.f.Time.Format("Jan 02 2006 15:04:05"), r.f.Base())
	}
	x.Printf("\n%d KB total (%d KB free)\n", x.Box.Flash.Size(), x.Box.Flash.Free())
}

func cd(x *feature.Exec, a *cli.Args) {
	if a.Str("path") == ".." && x.Shell.Dir == "" {
		x.Error(feature.ErrNoFile.Error())
		return
	}
	if f, ok := stat(x, a, "path", true); ok {
		x.Shell.Dir = f.Name
	}
}

func more(x *feature.Exec, a *cli.Args) {
	if f, ok := stat(x, a, "file", false); ok {
		x.Print(strings.TrimRight(f.Data, "\r\n") + "\n")
	}
}

func digest(x *feature.Exec, a *cli.Args, what string, sum func([]byte) string) {
	if f, ok := stat(x, a, "file", false); ok {
		x.Printf("%s digest:\n%s\n", what, sum([]byte(f.Data)))
	}
}

func mkdir(x *feature.Exec, a *cli.Args) {
	if n, ok := name(x, a, "path"); ok {
		carry(x, "Creating directory "+show(n), x.Box.Flash.Mkdir(n, x.Box.Clock()))
	}
}

// rmdir removes a directory, and for good what the recycle bin has of it.
func rmdir(x *feature.Exec, a *cli.Args) {
	f, ok := stat(x, a, "path", true)
	if !ok {
		return
	}
	sure(x, "Remove directory "+show(f.Name)+" and the files in the recycle-bin under this directory will be deleted permanently. Continue?", func() {
		err := x.Box.Flash.Remove(f.Name)
		if err == nil {
			err = binOf(x.Box).drop(func(e entry) bool { return strings.EqualFold(path.Dir(e.was), f.Name) })
		}
		carry(x, "Removing directory "+show(f.Name), err)
	})
}

// target is where a file goes: the name given, or into the directory given.
func target(x *feature.Exec, a *cli.Args, f feature.File) (string, bool) {
	n, ok := name(x, a, "dest")
	if d, there := x.Box.Flash.Stat(n); ok && there && d.Dir {
		n = path.Join(d.Name, f.Base())
	}
	return n, ok
}

func copyFile(x *feature.Exec, a *cli.Args) {
	f, ok := stat(x, a, "source", false)
	if !ok {
		return
	}
	to, ok := target(x, a, f)
	if !ok {
		return
	}
	sure(x, "Copy "+show(f.Name)+" to "+show(to)+"?", func() {
		replacing(x, to, func() {
			carry(x, "Copying file "+show(f.Name)+" to "+show(to), x.Box.Flash.Write(to, f.Data, x.Box.Clock()))
		})
	})
}

// replacing asks before a file is replaced, unless asking is off.
func replacing(x *feature.Exec, name string, f func()) {
	if of(x.Box).quiet {
		f()
		return
	}
	overwrite(x, name, f)
}

func move(x *feature.Exec, a *cli.Args) {
	f, ok := stat(x, a, "source", false)
	if !ok {
		return
	}
	to, ok := target(x, a, f)
	if !ok {
		return
	}
	sure(x, "Move "+show(f.Name)+" to "+show(to)+"?", func() {
		replacing(x, to, func() {
			err := error(nil)
			if old, there := x.Box.Flash.Read(to); there && !strings.EqualFold(to, f.Name) {
				err = x.Box.Flash.Remove(old.Name)
			}
			if err == nil {
				err = x.Box.Flash.Rename(f.Name, to)
			}
			carry(x, "Moving file "+show(f.Name)+" to "+show(to), err)
		})
	})
}

func rename(x *feature.Exec, a *cli.Args) {
	n, ok := name(x, a, "source")
	if !ok {
		return
	}
	f, ok := x.Box.Flash.Stat(n)
	if !ok || n == "" {
		x.Error(feature.ErrNoFile.Error())
		return
	}
	to, ok := name(x, a, "dest")
	if !ok {
		return
	}
	sure(x, "Rename "+show(f.Name)+" as "+show(to)+"?", func() {
		carry(x, "Renaming "+show(f.Name)+" as "+show(to), x.Box.Flash.Rename(f.Name, to))
	})
}
