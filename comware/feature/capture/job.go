package capture

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/capfilter"
	"cwlab/emulator/dissect"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

const (
	defaultFrames = 10
	maxFrame      = 8000
	maxFile       = 64 << 20
	saveEvery     = time.Second
)

// A job is a capture that runs.
type job struct {
	box     *feature.Box
	x       *feature.Exec // that waits for its end, nil for one that runs by itself
	port    *link.Port
	in, out bool
	filter  capfilter.Filter
	shown   form
	path    string // as the user named the file on the flash, "" for none

	most, bytes           int // frames, and of each
	stopBytes, stopFiles  int // 0 for no limit, as all that follow
	switchBytes           int
	stopAfter             time.Duration
	switchAfter           time.Duration
	ringFiles             int
	began, first, changed time.Time // of the capture, of its first frame, of the file

	frames  int
	name    string // of the file at hand
	files   []string
	made    int // files so far
	data    bytes.Buffer
	writer  *pcapgo.Writer
	saving  *sim.Timer
	ending  *sim.Timer
	turning *sim.Timer
	unhook  func()
}

// rotates says whether the frames go to a row of files.
func (j *job) rotates() bool {
	return j.stopFiles > 0 || j.ringFiles > 0 || j.switchBytes > 0 || j.switchAfter > 0
}

// toFile takes the name of the file.
func (j *job) toFile(x *feature.Exec, a *cli.Args) bool {
	if !a.Has("write") {
		return true
	}
	name, err := x.Box.Flash.Resolve(x.Shell.Dir, a.Str("file"))
	switch {
	case err != nil:
		x.Error(err.Error())
		return false
	case !strings.EqualFold(path.Ext(name), ".pcap"):
		x.Error("The name of the file must end in .pcap.")
		return false
	}
	j.path = name
	return true
}

// listen begins.
func (j *job) listen() {
	if j.path != "" && !j.open() {
		return
	}
	j.unhook = j.port.Watch(func(frame []byte, _ uint64, out bool) {
		if out && j.out || !out && j.in {
			j.take(frame)
		}
	})
	if j.stopAfter > 0 {
		j.ending = j.box.After(j.stopAfter, j.end)
	}
}

// open begins a file and puts its header on the flash; where that fails the
// capture ends.
func (j *job) open() bool {
	j.made++
	j.name = j.path
	if j.rotates() {
		ext := path.Ext(j.path)
		j.name = fmt.Sprintf("%s_%05d_%s%s", strings.TrimSuffix(j.path, ext), j.made, j.box.Clock().Format("20060102150405"), ext)
	}
	j.data.Reset()
	j.writer = pcapgo.NewWriterNanos(&j.data)
	_ = j.writer.WriteFileHeader(uint32(j.bytes), layers.LinkTypeEthernet) // to memory, which does not fail
	j.changed = j.box.Now()
	j.files = append(j.files, j.name)
	if j.ringFiles > 0 && len(j.files) > j.ringFiles {
		_ = j.box.Flash.Remove(j.files[0]) // somebody may have deleted it
		j.files = slices.Delete(j.files, 0, 1)
	}
	if j.switchAfter > 0 {
		j.turning = j.box.After(j.switchAfter, j.change)
	}
	return j.saved()
}

// saved puts the file on the flash; where it does not fit the capture ends.
func (j *job) saved() bool {
	err := j.save()
	if err == nil {
		return true
	}
	if j.x != nil {
		j.x.Error(err.Error())
	}
	j.path = ""
	j.end()
	return false
}

func (j *job) save() error {
	j.saving.Stop()
	j.saving = nil
	if j.path == "" {
		return nil
	}
	return j.box.Flash.Write(j.name, j.data.String(), j.box.Clock())
}

// change goes on in another file, or ends after the last one.
func (j *job) change() {
	j.turning.Stop()
	switch {
	case j.stopFiles > 0 && j.made >= j.stopFiles:
		j.end()
	case j.saved():
		j.open()
	}
}

// take captures a frame.
func (j *job) take(frame []byte) {
	if !j.filter.Match(frame) || of(j.box).job != j {
		return
	}
	cut := frame[:min(len(frame), j.bytes)]
	ci := gopacket.CaptureInfo{Timestamp: j.box.Clock(), CaptureLength: len(cut), Length: len(frame)}
	if j.frames++; j.frames == 1 {
		j.first = ci.Timestamp
	}
	if j.x != nil {
		j.x.Print(j.shown.frame(j.frames, ci.Timestamp.Sub(j.first), ci.Length, cut))
	}
	if j.path != "" && !j.write(ci, cut) {
		return
	}
	if j.most > 0 && j.frames >= j.most {
		j.end()
	}
}

// write writes a frame to the file and says whether the capture goes on.
func (j *job) write(ci gopacket.CaptureInfo, b []byte) bool {
	_ = j.writer.WritePacket(ci, b)
	switch n := j.data.Len(); {
	case j.stopBytes > 0 && n >= j.stopBytes, n >= maxFile:
		j.end()
		return false
	case j.switchBytes > 0 && n >= j.switchBytes:
		j.change()
		return of(j.box).job == j
	case j.saving == nil:
		j.saving = j.box.After(saveEvery, func() { j.saved() })
	}
	return true
}

// detach takes nothing more.
func (j *job) detach() {
	if j.unhook != nil {
		j.unhook()
		j.unhook = nil
	}
	for _, t := range []*sim.Timer{j.saving, j.ending, j.turning} {
		t.Stop()
	}
}

// end ends the capture.
func (j *job) end() {
	s := of(j.box)
	if s.job != j {
		return
	}
	s.job = nil
	j.detach()
	err := j.save()
	if j.x == nil {
		return
	}
	if err != nil {
		j.x.Error(err.Error())
	}
	if j.path != "" && !j.shown.brief && !j.shown.verbose && !j.shown.raw {
		j.x.Printf("%d\n", j.frames)
	}
	j.x.Release()
}

// frame is what is shown of frame number n, of which b was captured. The
// device does not know what keys others use, and does not ask its own engines.
func (f form) frame(n int, since time.Duration, length int, b []byte) string {
	d := dissect.New()
	if !f.brief && !f.verbose && !f.raw || !f.only.Match(d.Fields(b)) {
		return ""
	}
	p := d.Packet(b)
	var out strings.Builder
	if f.brief {
		fmt.Fprintf(&out, "%3d %10.6f %s -> %s %s %d %s\n", n, since.Seconds(), p.Src, p.Dst, p.Protocol, length, p.Summary)
	}
	if f.verbose {
		fmt.Fprintf(&out, "Frame %d: %d bytes on wire, %d bytes captured\n%s\n\n", n, length, len(b), strings.Join(p.Lines(), "\n"))
	}
	if f.raw {
		for i := 0; i < len(b); i += 16 {
			row := b[i:min(i+16, len(b))]
			fmt.Fprintf(&out, "%04x  %-47s  %s\n", i, fmt.Sprintf("% x", row), printable(row))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// printable is bytes as characters, a dot for what is none.
func printable(b []byte) string {
	text := slices.Clone(b)
	for i, c := range text {
		if c < ' ' || c > '~' {
			text[i] = '.'
		}
	}
	return string(text)
}
