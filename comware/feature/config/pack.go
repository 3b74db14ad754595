package config

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"path"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var packCommands = []feature.Command{
	{Views: "user", Syntax: "gzip <file:string:1-255>", Help: "gzip=Compress a file;<file>=File name", Run: compress},
	{Views: "user", Syntax: "gunzip <file:string:1-255>", Help: "gunzip=Decompress a file;<file>=File name (*.gz)", Run: decompress},
	{Views: "user", Syntax: "tar create [ gz ] archive-file <archive:string:1-255> [ verbose ] source <source:string:1-255> &<1-5>", Help: tarHelp, Run: createTar},
	{Views: "user", Syntax: "tar extract archive-file <archive:string:1-255> [ verbose ] [ screen | to <directory:string:1-255> ]", Help: tarHelp, Run: extractTar},
	{Views: "user", Syntax: "tar list archive-file <archive:string:1-255>", Help: tarHelp, Run: listTar},
	{Views: "user", Syntax: "format <medium:string:1-31>", Help: "format=Format a storage medium;<medium>=Name of the medium, such as flash:", Run: format},
}

const tarHelp = "tar=Archive files;create=Create an archive;extract=Take files out of an archive;list=List the files of an archive;" +
	"gz=Compress the archive;archive-file=Archive file;<archive>=Name of the archive file (*.tar or *.tar.gz);verbose=Display the names of the files;" +
	"source=Files to archive;<source>=File or directory;screen=Display the files instead;to=Directory for the files;<directory>=Directory"

const (
	errSuffix feature.FileError = "The file name is invalid."
	errFormat feature.FileError = "The file is damaged or not an archive."
)

// compress puts a compressed file in place of a file.
func compress(x *feature.Exec, a *cli.Args) {
	if f, ok := stat(x, a, "file", false); ok {
		packed(x, "Compressing file "+show(f.Name), swap(x, f, f.Name+".gz", deflate(f.Data)))
	}
}

// decompress puts what a compressed file holds in its place.
func decompress(x *feature.Exec, a *cli.Args) {
	f, ok := stat(x, a, "file", false)
	if !ok {
		return
	}
	to, gz := strings.CutSuffix(f.Name, ".gz")
	data, err := inflate(f.Data)
	switch {
	case !gz:
		err = errSuffix
	case err == nil:
		err = swap(x, f, to, data)
	}
	packed(x, "Decompressing file "+show(f.Name), err)
}

// packed prints what is done in the manner of these commands.
func packed(x *feature.Exec, what string, err error) {
	if err != nil {
		x.Print(what + ".....\n")
		x.Error(err.Error())
		return
	}
	x.Print(what + "..... Done.\n")
}

// swap writes a file in place of another of another name.
func swap(x *feature.Exec, old feature.File, name, data string) error {
	if _, there := x.Box.Flash.Stat(name); there {
		return feature.ErrIsThere
	}
	if err := x.Box.Flash.Write(name, data, x.Box.Clock()); err != nil {
		return err
	}
	return x.Box.Flash.Remove(old.Name)
}

// deflate compresses; writing to memory does not fail.
func deflate(data string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, data)
	_ = w.Close()
	return b.String()
}

// maxFile bounds what a compressed file may swell to.
const maxFile = 64 << 20

func inflate(data string) (string, error) {
	r, err := gzip.NewReader(strings.NewReader(data))
	if err != nil {
		return "", errFormat
	}
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return "", errFormat
	case len(b) > maxFile:
		return "", feature.ErrFull
	}
	return string(b), nil
}

// archiveName is the file that an archive command names, and whether it is
// compressed.
func archiveName(x *feature.Exec, a *cli.Args) (n string, gz, ok bool) {
	if n, ok = name(x, a, "archive"); !ok {
		return "", false, false
	}
	gz = strings.HasSuffix(strings.ToLower(n), ".tar.gz")
	if !gz && !strings.HasSuffix(strings.ToLower(n), ".tar") || a.Has("create") && gz != a.Has("gz") {
		x.Error(errSuffix.Error())
		return "", false, false
	}
	return n, gz, true
}

// below calls f for a file, or for a directory and all that it holds, with the
// names that they have in an archive.
func below(x *feature.Exec, f feature.File, as string, do func(feature.File, string)) {
	if !f.Dir {
		do(f, as)
		return
	}
	do(f, as+"/")
	for _, k := range x.Box.Flash.List(f.Name) {
		below(x, k, as+"/"+k.Base(), do)
	}
}

func createTar(x *feature.Exec, a *cli.Args) {
	n, gz, ok := archiveName(x, a)
	if !ok {
		return
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	var names []string
	for _, s := range a.Strs("source") {
		src, err := x.Box.Flash.Resolve(x.Shell.Dir, s)
		f, there := x.Box.Flash.Stat(src)
		if err != nil || !there || src == "" {
			x.Error(feature.ErrNoFile.Error())
			return
		}
		below(x, f, f.Base(), func(f feature.File, as string) {
			h := &tar.Header{Name: as, Mode: 0o644, Size: int64(len(f.Data)), ModTime: f.Time}
			if f.Dir {
				h.Mode, h.Typeflag = 0o755, tar.TypeDir
			}
			_ = w.WriteHeader(h) // in memory
			_, _ = io.WriteString(w, f.Data)
			names = append(names, as)
		})
	}
	_ = w.Close()
	data := b.String()
	if gz {
		data = deflate(data)
	}
	err := x.Box.Flash.Write(n, data, x.Box.Clock())
	report(x, a, "Creating archive "+show(n), names, err)
}

// report prints the names of the files, or that all is done.
func report(x *feature.Exec, a *cli.Args, what string, names []string, err error) {
	switch {
	case err != nil:
		x.Print(what + "\n")
		x.Error(err.Error())
	case a.Has("verbose"):
		print(x, names)
	default:
		x.Print(what + " Done.\n")
	}
}

// contents are the files of an archive.
func contents(x *feature.Exec, a *cli.Args) (string, []feature.File, bool) {
	n, gz, ok := archiveName(x, a)
	if !ok {
		return "", nil, false
	}
	f, ok := stat(x, a, "archive", false)
	if !ok {
		return "", nil, false
	}
	err := error(nil)
	if gz {
		f.Data, err = inflate(f.Data)
	}
	var all []feature.File
	for r := tar.NewReader(strings.NewReader(f.Data)); err == nil; {
		var h *tar.Header
		if h, err = r.Next(); err != nil {
			break
		}
		var data []byte
		if data, err = io.ReadAll(r); err == nil {
			all = append(all, feature.File{Name: h.Name, Dir: h.Typeflag == tar.TypeDir, Data: string(data), Time: h.ModTime})
		}
	}
	if err != io.EOF || len(all) == 0 {
		x.Error(errFormat.Error())
		return "", nil, false
	}
	return n, all, true
}

func listTar(x *feature.Exec, a *cli.Args) {
	if _, all, ok := contents(x, a); ok {
		for _, f := range all {
			x.Print(f.Name + "\n")
		}
	}
}

func extractTar(x *feature.Exec, a *cli.Args) {
	n, all, ok := contents(x, a)
	if !ok {
		return
	}
	if a.Has("screen") {
		for _, f := range all {
			x.Print(f.Data)
		}
		return
	}
	dir := x.Shell.Dir
	if a.Has("directory") {
		d, ok := stat(x, a, "directory", true)
		if !ok {
			return
		}
		dir = d.Name
	}
	var names []string
	var err error
	for _, f := range all {
		to := strings.TrimPrefix(path.Join("/", dir, f.Name), "/") // no way out of the flash
		switch old, there := x.Box.Flash.Stat(to); {
		case err != nil || f.Dir && there && old.Dir:
		case f.Dir:
			err = x.Box.Flash.Mkdir(to, x.Box.Clock())
		default:
			err = x.Box.Flash.Write(to, f.Data, x.Box.Clock())
		}
		names = append(names, f.Name)
	}
	report(x, a, "Extracting archive "+show(n), names, err)
}

// format deletes everything. A person's directory is the root then.
func format(x *feature.Exec, a *cli.Args) {
	if a.Str("medium") != "flash:" {
		x.Error(feature.ErrNoFile.Error())
		return
	}
	sure(x, "All data on flash: will be lost, continue?", func() {
		for _, s := range x.Box.Shells {
			s.Dir = ""
		}
		carry(x, "Formatting flash:", wipe(x, ""))
	})
}

// wipe deletes what a directory holds.
func wipe(x *feature.Exec, dir string) error {
	for _, f := range x.Box.Flash.List(dir) {
		if f.Dir {
			if err := wipe(x, f.Name); err != nil {
				return err
			}
		}
		if err := x.Box.Flash.Remove(f.Name); err != nil {
			return err
		}
	}
	return nil
}
