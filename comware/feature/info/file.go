package info

import (
	"fmt"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/infocenter"
)

// A logfile is the file that logs are written to, and the buffer before it.
type logfile struct {
	on      bool
	dir     string // below the flash
	quota   int    // MB
	every   time.Duration
	buffer  []infocenter.Record
	waiting bool // for the time to write
	timer   *sleeper
	written int // records so far; each has its number in the file
}

// Defaults of the log file; its buffer is written early when it is full.
const (
	fileDirectory = "logfile"
	fileQuota     = 10
	fileEvery     = 86400 * time.Second
	fileBuffer    = 1024
)

func newLogfile() logfile {
	return logfile{on: true, dir: fileDirectory, quota: fileQuota, every: fileEvery}
}

const fileKey = "info-center logfile "

var fileCommands = []feature.Command{
	command("info-center logfile enable", func(x *feature.Exec, _ *cli.Args) {
		of(x).file.on = true
		remove(x, fileKey+"enable")
	}),
	command("undo info-center logfile enable", func(x *feature.Exec, _ *cli.Args) {
		of(x).file.on = false
		set(x, fileKey+"enable", "undo info-center logfile enable")
	}),
	command("info-center logfile frequency <seconds:1-86400>", func(x *feature.Exec, a *cli.Args) { setEvery(x, time.Duration(a.Int("seconds"))*time.Second) }),
	command("undo info-center logfile frequency", func(x *feature.Exec, _ *cli.Args) { setEvery(x, fileEvery) }),
	command("info-center logfile size-quota <quota:1-10>", func(x *feature.Exec, a *cli.Args) { setQuota(x, a.Int("quota")) }),
	command("undo info-center logfile size-quota", func(x *feature.Exec, _ *cli.Args) { setQuota(x, fileQuota) }),
	// The directory is forgotten by the next boot: it is not in the configuration.
	command("info-center logfile directory <directory:string:1-64>", func(x *feature.Exec, a *cli.Args) {
		dir, err := x.Box.Flash.Resolve("", a.Str("directory"))
		if d, ok := x.Box.Flash.Stat(dir); err != nil || !ok || !d.Dir {
			x.Error(feature.ErrNoFile.Error())
			return
		}
		of(x).file.dir = dir
	}),
	texts.Command("any", "logfile save", func(x *feature.Exec, _ *cli.Args) {
		s := of(x)
		if len(s.file.buffer) == 0 {
			x.Print("No log exists in the log file buffer.\n")
			return
		}
		if err := s.save(); err != nil {
			x.Error(err.Error())
			return
		}
		x.Printf("The contents in the log file buffer have been saved to the file flash:/%s.\n", s.file.name())
	}),
	texts.Command("any", "display logfile summary", func(x *feature.Exec, _ *cli.Args) {
		f := &of(x).file
		t := int(f.every / time.Second)
		x.Printf("  Log file: %s.\n  Log file size quota: %d MB\n  Log file directory: flash:/%s\n  Writing frequency: %d hour %d min %d sec\n",
			abled(f.on), f.quota, f.dir, t/3600, t/60%60, t%60)
	}),
	texts.Command("any", "display logfile buffer", func(x *feature.Exec, _ *cli.Args) {
		for _, r := range of(x).file.buffer {
			x.Print(r.String())
		}
	}),
}

func setEvery(x *feature.Exec, d time.Duration) {
	s := of(x)
	s.file.every = d
	if s.file.waiting {
		s.file.timer.stop()
		s.file.waiting = false
		s.wait()
	}
	if d == fileEvery {
		remove(x, fileKey+"frequency")
		return
	}
	set(x, fileKey+"frequency", fmt.Sprintf("%sfrequency %d", fileKey, d/time.Second))
}

func setQuota(x *feature.Exec, mb int) {
	of(x).file.quota = mb
	if mb == fileQuota {
		remove(x, fileKey+"size-quota")
		return
	}
	set(x, fileKey+"size-quota", fmt.Sprintf("%ssize-quota %d", fileKey, mb))
}

func (f *logfile) name() string { return strings.TrimPrefix(f.dir+"/logfile.log", "/") }

// log takes a record for the file.
func (s *state) log(r infocenter.Record) {
	f := &s.file
	if !f.on {
		return
	}
	f.buffer = append(f.buffer, r)
	if len(f.buffer) >= fileBuffer {
		s.saveBy()
		return
	}
	s.wait()
}

// wait sets the time at which the buffer is written.
func (s *state) wait() {
	f := &s.file
	if f.waiting {
		return
	}
	f.waiting = true
	t := s.box.After(f.every, func() {
		f.waiting = false
		s.saveBy()
	})
	f.timer = &sleeper{func() { t.Stop() }}
}

// saveBy writes the buffer because it is time to. What cannot be written is
// lost: nobody waits for an answer.
func (s *state) saveBy() {
	if s.save() != nil {
		s.file.buffer = nil
	}
}

// save writes the buffer to the file, which is made with its default directory
// if need be. The oldest lines make room when the quota is reached.
func (s *state) save() error {
	f, flash := &s.file, s.box.Flash
	if len(f.buffer) == 0 {
		return nil
	}
	if _, ok := flash.Stat(f.dir); !ok {
		if err := flash.Mkdir(f.dir, s.box.Clock()); err != nil {
			return err
		}
	}
	old, _ := flash.Read(f.name())
	var b strings.Builder
	b.WriteString(old.Data)
	for _, r := range f.buffer {
		f.written++
		fmt.Fprintf(&b, "%%@%d%s", f.written, r.String())
	}
	data := b.String()
	if over := len(data) - f.quota<<20; over > 0 {
		data = data[over:]
		data = data[strings.IndexByte(data, '\n')+1:]
	}
	if err := flash.Write(f.name(), data, s.box.Clock()); err != nil {
		return err
	}
	f.buffer = nil
	return nil
}
