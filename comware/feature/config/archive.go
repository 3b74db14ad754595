package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/sim"
)

var archiveCommands = []feature.Command{
	{Views: "user", Syntax: "archive configuration", Help: "archive=Archive operation;configuration=Save the current configuration to an archive file", Run: archiveNow},
	{Views: "system", Syntax: "archive configuration location <directory:string:1-63> filename-prefix <prefix:string:1-30>",
		Help: "location=Directory of the archive files;<directory>=Directory;filename-prefix=Begin of the file names;<prefix>=Letters, digits, _ and -", Run: archiveLocation},
	{Views: "system", Syntax: "undo archive configuration location", Run: undoArchiveLocation},
	{Views: "system", Syntax: "archive configuration interval <minutes:10-525600>", Help: "interval=Interval of automatic archiving;<minutes>=Minutes", Run: archiveInterval},
	{Views: "system", Syntax: "undo archive configuration interval", Run: undoArchiveInterval},
	{Views: "system", Syntax: "archive configuration max <number:1-10>", Help: "max=Maximum number of archive files;<number>=Number of files", Run: archiveMax},
	{Views: "system", Syntax: "undo archive configuration max", Run: undoArchiveMax},
	{Views: "any", Syntax: "display archive configuration", Help: "archive=Archive information;configuration=Archive files of the configuration", Run: displayArchive},
}

// The limits of the serial number of an archive file, and how many are kept
// unless `archive configuration max` says otherwise.
const (
	maxSerial   = 1000
	defaultKept = 5
)

// An archive is where and how often a box keeps its configuration.
type archive struct {
	dir, prefix string // "" prefix: not configured
	interval    time.Duration
	kept        int
	serial      int // of the newest file
	timer       *sim.Timer
}

// noLocation is what commands say that need a location first. The command
// reference says that they fail without one, not how.
const noLocation = "The archive location and filename prefix are not configured."

// path is the name of the archive file of that serial number.
func (a *archive) path(serial int) string {
	name := fmt.Sprintf("%s_%d.cfg", a.prefix, serial)
	if a.dir == "" {
		return name
	}
	return a.dir + "/" + name
}

// files are the archive files, oldest first.
func (a *archive) files(b *feature.Box) []feature.File {
	var all []feature.File
	for _, f := range b.Flash.List(a.dir) {
		if a.number(f) > 0 {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(f, g feature.File) int {
		return cmp.Or(f.Time.Compare(g.Time), cmp.Compare(a.number(f), a.number(g)))
	})
	return all
}

// number is the serial number in a file's name, 0 if it is no archive file.
func (a *archive) number(f feature.File) int {
	s, ok := strings.CutPrefix(f.Base(), a.prefix+"_")
	s, ok2 := strings.CutSuffix(s, ".cfg")
	n, err := strconv.Atoi(s)
	if !ok || !ok2 || err != nil || n > maxSerial || f.Dir {
		return 0
	}
	return n
}

func (a *archive) next() int { return a.serial%maxSerial + 1 }

// save writes the next archive file and deletes the oldest ones that are too
// many then.
func (a *archive) save(b *feature.Box) (string, error) {
	all := a.files(b)
	for len(all) > 0 && len(all) >= a.kept {
		if err := b.Flash.Remove(all[0].Name); err != nil {
			return "", err
		}
		all = all[1:]
	}
	name := a.path(a.next())
	if err := b.Flash.Write(name, running(b), b.Clock()); err != nil {
		return "", err
	}
	a.serial = a.next()
	return name[strings.LastIndexByte(name, '/')+1:], nil
}

// arm starts the interval anew.
func (a *archive) arm(b *feature.Box) {
	a.timer.Stop()
	if a.interval == 0 {
		return
	}
	a.timer = b.After(a.interval, func() {
		_, _ = a.save(b) // nobody is there to be told; the next one tries again
		a.arm(b)
	})
}

func archiveLocation(x *feature.Exec, args *cli.Args) {
	prefix := args.Str("prefix")
	if strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
		x.Error("The filename prefix is invalid.")
		return
	}
	dir, err := x.Box.Flash.Resolve("", args.Str("directory"))
	d, ok := x.Box.Flash.Stat(dir)
	if x.Shell.Booting && err == nil {
		d, ok = feature.File{Name: dir, Dir: true}, true // it may have been removed since
	}
	if err != nil || !ok || !d.Dir {
		x.Error(feature.ErrNoFile.Error())
		return
	}
	a := &of(x.Box).archive
	if a.prefix != prefix || a.dir != d.Name {
		a.dir, a.prefix, a.serial = d.Name, prefix, 0
		if all := a.files(x.Box); x.Shell.Booting && len(all) > 0 {
			a.serial = a.number(all[len(all)-1])
		}
	}
	if a.kept == 0 {
		a.kept = defaultKept
	}
	at := "flash:/" + d.Name
	x.Node().Set(feature.PlaceArchive, "archive 0 location", fmt.Sprintf("archive configuration location %s filename-prefix %s", at, prefix))
}

func undoArchiveLocation(x *feature.Exec, _ *cli.Args) {
	a := &of(x.Box).archive
	a.timer.Stop()
	*a = archive{}
	x.Node().RemoveAll(func(key string) bool { return strings.HasPrefix(key, "archive ") })
}

func archiveInterval(x *feature.Exec, args *cli.Args) {
	a := &of(x.Box).archive
	if a.prefix == "" {
		x.Error(noLocation)
		return
	}
	n := args.Int("minutes")
	a.interval = time.Duration(n) * time.Minute
	a.arm(x.Box)
	x.Node().Set(feature.PlaceArchive, "archive 1 interval", fmt.Sprintf("archive configuration interval %d", n))
	x.Printf("Archive files will be saved every %d minutes.\n", n)
}

func undoArchiveInterval(x *feature.Exec, _ *cli.Args) {
	a := &of(x.Box).archive
	a.interval = 0
	a.arm(x.Box)
	x.Node().Remove("archive 1 interval")
}

func archiveMax(x *feature.Exec, args *cli.Args) {
	a := &of(x.Box).archive
	if a.prefix == "" {
		x.Error(noLocation)
		return
	}
	if a.kept = args.Int("number"); a.kept == defaultKept {
		x.Node().Remove("archive 2 max")
		return
	}
	x.Node().Set(feature.PlaceArchive, "archive 2 max", fmt.Sprintf("archive configuration max %d", a.kept))
}

func undoArchiveMax(x *feature.Exec, _ *cli.Args) {
	of(x.Box).archive.kept = defaultKept
	x.Node().Remove("archive 2 max")
}

func archiveNow(x *feature.Exec, _ *cli.Args) {
	a := &of(x.Box).archive
	if a.prefix == "" {
		x.Error(noLocation)
		return
	}
	x.Confirm("Save the running configuration to an archive file. Continue? [Y/N]:", func(yes bool) {
		if !yes {
			return
		}
		name, err := a.save(x.Box)
		if err != nil {
			x.Error(err.Error())
			return
		}
		x.Printf("The archive configuration file %s is saved.\n", name)
	})
}

func displayArchive(x *feature.Exec, _ *cli.Args) {
	a := &of(x.Box).archive
	if a.prefix == "" {
		return
	}
	x.Printf("Location: flash:/%s\nFilename prefix: %s\n", a.dir, a.prefix)
	if a.interval > 0 {
		x.Printf("Archive interval in minutes: %d\n", int(a.interval/time.Minute))
	}
	x.Printf("Maximum number of archive files: %d\nSaved archive files:\n  No. TimeStamp                  FileName\n", a.kept)
	all := a.files(x.Box)
	for i, f := range all {
		sign := " "
		if i == len(all)-1 {
			sign = "#"
		}
		x.Printf("%s %-3d %s   %s\n", sign, i+1, f.Time.Format("Mon Jan 02 15:04:05 2006"), f.Base())
	}
	x.Printf("'#' indicates the most recent archive file.\nNext archive file to be saved: %s_%d.cfg\n", a.prefix, a.next())
}
