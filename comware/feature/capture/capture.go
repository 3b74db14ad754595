// Package capture gives the console packet capture: frames of an interface to
// the terminal or to pcap files on the flash, files read back, and captures
// that run while the user goes on.
//
// Source: "Packet Capture" commands of the Comware 7 command reference
// (packet-capture interface and read) and its configuration guide, for the form
// of a line and for the languages of filters; the command references of later
// releases (packet-capture local interface and stop, display packet-capture
// status).
//
// Limitations: one capture at a time on a device, as there; Ethernet interfaces
// of the box alone. Nothing is sent to a server (write url) or to a remote
// Wireshark (packet-capture remote): the device has no TCP. What a line says of
// a frame, and all refusals, are in our own words. A file on the flash grows
// once a second of virtual time, and no file grows beyond 64 MB.
package capture

import (
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/capfilter"
	"cwlab/emulator/dissect"
	"cwlab/emulator/link"
)

// Feature is packet capture.
var Feature = feature.Feature{Name: "capture", Commands: commands, Install: install}

var texts = feature.Texts{
	"autostop":              "Stop the capture when a limit is reached",
	"bidirection":           "Capture frames in both directions",
	"brief":                 "Brief information about each frame",
	"capture-filter":        "Capture the frames that match an expression",
	"capture-ring-buffer":   "Go on in another file when a limit is reached",
	"display":               "Display current system information",
	"display-filter":        "Display the frames that match an expression",
	"duration":              "Limit the time",
	"files":                 "Limit the number of files",
	"filesize":              "Limit the size of a file",
	"interface":             "Specify an interface",
	"limit-captured-frames": "Limit the number of frames",
	"limit-frame-size":      "Cut longer frames off",
	"local":                 "Capture to a file of this device",
	"outbound":              "Capture outgoing frames",
	"packet-capture":        "Packet capture",
	"raw":                   "Hexadecimal bytes of each frame",
	"read":                  "Display a file of captured frames",
	"status":                "Status of the packet capture",
	"stop":                  "Stop the packet capture",
	"verbose":               "All layers of each frame",
	"write":                 "Write the frames to a file",
	"<bytes>":               "Bytes of a frame",
	"<expression>":          "Capture filter expression",
	"<display>":             "Display filter expression",
	"<file>":                "Path of the file",
	"<interface>":           "Interface name",
	"<frames>":              "Number of frames, 0 for no limit",
	"<stop-kb>":             "Kilobytes",
	"<stop-seconds>":        "Seconds",
	"<stop-files>":          "Number of files",
	"<ring-kb>":             "Kilobytes",
	"<ring-seconds>":        "Seconds",
	"<ring-files>":          "Number of files",
}

const (
	limits   = "capture-filter <expression:string:1-256> | limit-frame-size <bytes:64-8000> | autostop duration <stop-seconds:1-2147483647>"
	amount   = "limit-captured-frames <frames:0-2147483647>"
	storage  = "autostop filesize <stop-kb:1-65536>"
	rotation = "autostop files <stop-files:2-64> | capture-ring-buffer filesize <ring-kb:1-65536> | " +
		"capture-ring-buffer duration <ring-seconds:1-2147483647> | capture-ring-buffer files <ring-files:2-64>"
	forms = "[ raw | { brief | verbose } ] *"
)

var commands = []feature.Command{
	texts.Command("user", "packet-capture interface <interface:interface> [ "+limits+" | "+amount+" | "+storage+" | "+rotation+" ] * write <file:string:1-64> "+forms, runInterface),
	texts.Command("user", "packet-capture interface <interface:interface> [ "+limits+" | "+amount+" | display-filter <display:string:1-256> ] * "+forms, runInterface),
	texts.Command("user", "packet-capture read <file:string:1-64> [ display-filter <display:string:1-256> ] "+forms, runRead),
	texts.Command("user", "packet-capture local interface <interface:interface> [ bidirection | outbound ] [ "+limits+" | "+storage+" ] * write <file:string:1-64>", runLocal),
	texts.Command("user", "packet-capture stop", func(x *feature.Exec, _ *cli.Args) {
		switch s := of(x.Box); {
		case s.job == nil:
			x.Error("No packet capture is running.")
		case s.job.x != nil:
			x.Error("The packet capture belongs to another user.")
		default:
			s.job.end()
		}
	}),
	texts.Command("any", "display packet-capture status", func(x *feature.Exec, _ *cli.Args) {
		if j := of(x.Box).job; j != nil {
			file := "N/A"
			if j.path != "" {
				file = "flash:/" + j.name
			}
			x.Printf("Status     : Capturing\nFile Name  : %s\nUser Name  : N/A\nPassword   : N/A\n", file)
		}
	}),
}

// A state is the captures of a box.
type state struct{ job *job }

func of(b *feature.Box) *state { return feature.Get[*state](b) }

func install(b *feature.Box) {
	s := &state{}
	feature.Put(b, s)
	b.OnStop(func() {
		if s.job != nil {
			s.job.detach()
			_ = s.job.save() // what the flash has no room for is lost with the power
		}
	})
}

// start makes the job of a command and listens; it is nil, and the user knows,
// where something does not fit.
func start(x *feature.Exec, a *cli.Args) *job {
	var port *link.Port
	if name := a.Str("interface"); slices.Contains(x.Box.Model.Ports, name) {
		port = x.Box.Net.Port(x.Box.Name, name)
	}
	filter, err := capfilter.Parse(a.Str("expression"))
	j := &job{box: x.Box, port: port, in: true, filter: filter, most: defaultFrames, bytes: maxFrame, shown: parseForm(a), began: x.Box.Now()}
	switch {
	case of(x.Box).job != nil:
		x.Error("A packet capture is already running.")
	case port == nil:
		x.Error("Frames of this interface cannot be captured.")
	case err != nil:
		x.Error(sentence(err))
	case !j.shown.filtered(x, a), !j.toFile(x, a):
	default:
		j.limit(a)
		if j.rotates() && j.switchBytes == 0 && j.switchAfter == 0 {
			x.Error("The files keyword requires a file size or a duration at which the file changes.")
			return nil
		}
		of(x.Box).job = j
		return j
	}
	return nil
}

// sentence is an error as the console says it.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func runInterface(x *feature.Exec, a *cli.Args) {
	j := start(x, a)
	if j == nil {
		return
	}
	j.x = x
	x.Printf("Capturing on '%s'\n", a.Str("interface"))
	x.Hold(j.end)
	j.listen()
}

func runLocal(x *feature.Exec, a *cli.Args) {
	j := start(x, a)
	if j == nil {
		return
	}
	j.most, j.shown = 0, form{}
	j.in, j.out = !a.Has("outbound"), a.Has("outbound") || a.Has("bidirection")
	j.listen()
}

// limit takes the limits of a command. Of sizes at which the file ends and at
// which it changes the one given last counts, for a change.
func (j *job) limit(a *cli.Args) {
	seconds := func(name string) time.Duration { return time.Duration(a.Int(name)) * time.Second }
	if a.Has("frames") {
		j.most = a.Int("frames")
	}
	if a.Has("bytes") {
		j.bytes = a.Int("bytes")
	}
	j.stopAfter, j.switchAfter = seconds("stop-seconds"), seconds("ring-seconds")
	j.stopFiles, j.ringFiles = a.Int("stop-files"), a.Int("ring-files")
	j.stopBytes, j.switchBytes = a.Int("stop-kb")<<10, a.Int("ring-kb")<<10
	if j.stopBytes > 0 && (j.switchBytes > 0 || j.stopFiles > 0 || j.ringFiles > 0) {
		for _, arg := range a.All() {
			switch arg.Token {
			case "stop-kb":
				j.switchBytes = j.stopBytes
			case "ring-kb":
				j.switchBytes = a.Int("ring-kb") << 10
			}
		}
		j.stopBytes = 0
	}
}

// A form is how frames are shown.
type form struct {
	brief, verbose, raw bool
	only                dissect.Filter
}

func parseForm(a *cli.Args) form {
	f := form{brief: a.Has("brief"), verbose: a.Has("verbose"), raw: a.Has("raw")}
	if !f.verbose && !f.raw && !a.Has("write") { // what reads has no write
		f.brief = true
	}
	return f
}

// filtered takes the display filter of a command.
func (f *form) filtered(x *feature.Exec, a *cli.Args) bool {
	var err error
	if f.only, err = dissect.ParseFilter(a.Str("display")); err != nil {
		x.Error(sentence(err))
	}
	return err == nil
}
