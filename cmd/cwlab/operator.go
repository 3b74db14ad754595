package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/chzyer/readline"

	"cwlab/emulator/impair"
	"cwlab/emulator/lab"
	"cwlab/emulator/pcap"
	"cwlab/sessions"
	"cwlab/tui/words"
)

// An operator is the prompt of somebody who looks after a lab and sits down
// at its consoles in turn.
type operator struct {
	ctx      context.Context
	l        *lab.Lab
	name     string // of the lab, as he gave it
	o        lab.Options
	s        streams
	in       *pump
	terminal bool
	seen     map[string]int64 // how far each console was shown
	capture  *pcap.Capture    // nil while none is written
	keys     *pcap.Keys       // what the labs have negotiated
	tapes    *tapes
	traces   *traces
}

// operatorHelp is the commands of the prompt.
var operatorHelp = []struct{ form, text string }{
	{"list", "devices, links and scripts"},
	{"attach DEVICE", "sit down at its console; Ctrl+] comes back"},
	{"play SCRIPT", "open the lab anew and play a script; Enter ends it"},
	{"speed N", "run N times as fast as real time"},
	{"pause", "stop and go on"},
	{"cut LINK", "take a cable out; mend LINK puts it back"},
	{"impair LINK NAME", "impair a protocol on it, from DEVICE for one way; ? lists them"},
	{"heal LINK", "end its impairments"},
	{"capture FILE.pcapng", "write frames to it, then LINKS and for FILTER; capture off ends it"},
	{"power off DEVICE", "switch a device off without a word; power on DEVICE"},
	{"help", ""},
	{"quit", ""},
}

// operate runs the operator's prompt until quit or the end of input. The keys
// are those that the options have told to.
func operate(ctx context.Context, l *lab.Lab, name string, o lab.Options, keys *pcap.Keys, s streams, terminal bool, tapes *tapes, traces *traces) error {
	op := &operator{ctx: ctx, l: l, name: name, o: o, s: s, keys: keys, in: newPump(s.in), terminal: terminal, seen: map[string]int64{}, tapes: tapes, traces: traces}
	l.Start(ctx)
	defer func() {
		if err := op.stopCapture(); err != nil {
			fmt.Fprintln(s.err, s.lang.Error(err))
		}
		op.l.Stop()
	}()
	fmt.Fprintf(s.out, "%s: %s\n%s\n", l.Definition().Name, l.Definition().Title, s.lang.Say("help lists the commands."))
	if !terminal {
		return op.plain()
	}
	for {
		text, err := op.read()
		switch {
		case errors.Is(err, readline.ErrInterrupt):
			continue
		case err != nil:
			return nil
		}
		if op.do(text) {
			return nil
		}
		if err := op.l.Err(); err != nil {
			return err
		}
	}
}

// plain is the prompt on a pipe.
func (op *operator) plain() error {
	t := op.in.open()
	defer context.AfterFunc(op.ctx, func() { _ = t.Close() })()
	sc := bufio.NewScanner(t)
	for sc.Scan() {
		if op.ctx.Err() != nil || op.do(sc.Text()) {
			return nil
		}
	}
	if op.ctx.Err() != nil { // it was told to leave
		return nil
	}
	return sc.Err()
}

// read reads one line with history and completion. The instance lives for
// one line, so that nobody else reads the terminal while a console has it.
func (op *operator) read() (string, error) {
	t := op.in.open()
	rl, err := readline.NewEx(&readline.Config{
		Prompt: "cwlab> ", HistoryFile: historyFile(), AutoComplete: op.completer(),
		Stdin: t, Stdout: op.s.out, Stderr: op.s.err,
	})
	if err != nil {
		return "", err
	}
	defer context.AfterFunc(op.ctx, func() { _ = t.Close() })()
	text, err := rl.Readline()
	_ = t.Close() // before the instance, which waits for its reader
	_ = rl.Close()
	return text, err
}

func historyFile() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	dir = filepath.Join(dir, "cwlab")
	if os.MkdirAll(dir, 0o755) != nil {
		return ""
	}
	return filepath.Join(dir, "history")
}

func (op *operator) completer() readline.AutoCompleter {
	items := func(names []string) []readline.PrefixCompleterInterface {
		var all []readline.PrefixCompleterInterface
		for _, n := range names {
			all = append(all, readline.PcItem(n))
		}
		return all
	}
	var devices, scripts, links []string
	def := op.l.Definition()
	for _, d := range def.Devices {
		devices = append(devices, d.Name)
	}
	for _, s := range def.Scripts {
		scripts = append(scripts, s.Name)
	}
	for _, l := range def.Links {
		links = append(links, l.Name)
	}
	var names []string
	for _, i := range impair.All() {
		names = append(names, i.Name)
	}
	var impaired []readline.PrefixCompleterInterface
	for _, l := range links {
		impaired = append(impaired, readline.PcItem(l, items(names)...))
	}
	return readline.NewPrefixCompleter(
		readline.PcItem("list"), readline.PcItem("attach", items(devices)...), readline.PcItem("play", items(scripts)...),
		readline.PcItem("speed"), readline.PcItem("pause"), readline.PcItem("cut", items(links)...), readline.PcItem("mend", items(links)...),
		readline.PcItem("impair", append(impaired, readline.PcItem("?"))...), readline.PcItem("heal", items(links)...),
		readline.PcItem("capture", readline.PcItem("off")), readline.PcItem("power", readline.PcItem("on", items(devices)...), readline.PcItem("off", items(devices)...)),
		readline.PcItem("help"), readline.PcItem("quit"),
	)
}

// do carries out a command. It says whether the operator leaves.
func (op *operator) do(text string) (quit bool) {
	f := strings.Fields(text)
	if len(f) == 0 {
		return false
	}
	arg := ""
	if len(f) > 1 {
		arg = f[1]
	}
	var err error
	switch verb := f[0]; {
	case verb == "capture" && arg == "off" && len(f) == 2:
		err = op.stopCapture()
	case verb == "capture":
		err = op.startCapture(strings.Join(f[1:], " "))
	case verb == "impair" && arg == "?":
		err = printImpairments(op.s)
	case verb == "impair" && len(f) > 2:
		op.l.Do(func() { err = op.l.Impair(arg, strings.Join(f[2:], " ")) })
	case verb == "power" && len(f) == 3 && (arg == "on" || arg == "off"):
		op.l.Do(func() { err = op.l.Power(f[2], arg == "on") })
	case verb == "impair":
		err = words.Errorf("impair wants a LINK and a NAME, impair ? lists them")
	case verb == "power":
		err = words.Errorf("power wants on or off and a DEVICE")
	case len(f) > 2:
		err = words.Errorf("%q is too much", f[2])
	case verb == "quit" || verb == "exit":
		return true
	case verb == "help" || verb == "?":
		for _, h := range operatorHelp {
			fmt.Fprintln(op.s.out, strings.TrimRight(fmt.Sprintf("%-19s  %s", h.form, op.s.lang.Say(h.text)), " "))
		}
	case verb == "list":
		op.list()
	case verb == "pause":
		p := op.l.Pace()
		p.Paused = !p.Paused
		op.l.SetPace(p)
		fmt.Fprintln(op.s.out, op.clock(), op.pace())
	case verb == "speed":
		n, bad := strconv.ParseFloat(arg, 64)
		if bad != nil || n <= 0 || n > 1e6 {
			err = words.Errorf("speed is %q, want a number above 0", arg)
			break
		}
		op.l.SetPace(lab.Pace{Speed: n})
		fmt.Fprintln(op.s.out, op.clock(), op.pace())
	case verb == "attach" && op.l.Device(arg) == nil:
		err = words.Errorf("device is %q, want %s", arg, deviceNames(op.l.Definition()))
	case verb == "attach" && !op.terminal:
		err = words.Errorf("attach needs a terminal; on a pipe use cwlab console LAB DEVICE")
	case verb == "attach":
		fmt.Fprintln(op.s.out, op.s.lang.Say("Console of %s. Ctrl+] comes back.", arg))
		op.seen[arg], err = attach(op.ctx, op.l, arg, op.seen[arg], op.in, op.s)
	case verb == "cut":
		op.l.Do(func() { err = op.l.Cut(arg) })
	case verb == "mend":
		op.l.Do(func() { err = op.l.Mend(arg) })
	case verb == "heal":
		op.l.Do(func() { err = op.l.Heal(arg) })
	case verb == "play":
		err = op.play(arg)
	default:
		err = words.Errorf("command is %q, help lists the commands", verb)
	}
	if err != nil {
		fmt.Fprintln(op.s.err, op.s.lang.Error(err))
	}
	return false
}

// startCapture ends the capture there is and begins another.
func (op *operator) startCapture(text string) error {
	q, err := pcap.ParseRequest(text)
	if err == nil {
		err = op.stopCapture()
	}
	if err != nil {
		return err
	}
	file, err := createFile(q.File)
	if err != nil {
		return err
	}
	op.l.Do(func() { op.capture, err = pcap.Start(file, op.l.Network(), q) })
	return err
}

// stopCapture ends the capture, if there is one, writes the keys to read it
// with, and says what there is.
func (op *operator) stopCapture() (err error) {
	c := op.capture
	if c == nil {
		return nil
	}
	op.capture = nil
	op.l.Do(func() { err = errors.Join(c.Stop(), op.keys.WriteTo(c.Keys())) })
	fmt.Fprintln(op.s.out, op.s.lang.Say("%d frames are in %s, the keys in %s", c.Frames, c.File, c.Keys()))
	return err
}

func (op *operator) clock() string {
	var now time.Time
	op.l.Do(func() { now = op.l.World().Now() })
	return now.Format("2006-01-02 15:04:05.000")
}

func (op *operator) pace() string { return op.s.lang.Say(op.l.Pace().String()) }

func (op *operator) list() {
	fmt.Fprintln(op.s.out, op.clock(), op.pace())
	var devices []lab.Snapshot
	var links []lab.LinkState
	op.l.Do(func() {
		for _, d := range op.l.Devices() {
			devices = append(devices, d.Snapshot())
		}
		links = op.l.Links()
	})
	for _, d := range devices {
		fmt.Fprintf(op.s.out, "%s  %-10s %-6s", op.s.lang.Say("device"), d.Name, d.Model)
		if d.RBMRole != "" {
			fmt.Fprintf(op.s.out, " %s %s", d.RBMRole, d.RBMState)
		}
		for _, g := range d.VRRP {
			fmt.Fprintf(op.s.out, " vrid %d %s", g.VRID, g.State)
		}
		fmt.Fprintf(op.s.out, " IKE %d IPsec %d\n", len(d.IKE), len(d.IPsec))
	}
	for _, l := range links {
		state := "up"
		switch {
		case l.Cut:
			state = "cut"
		case !l.Up:
			state = "down"
		}
		text := op.s.lang.Say(state)
		if len(l.Faults) > 0 {
			text += "  " + strings.Join(l.Faults, ", ")
		}
		fmt.Fprintf(op.s.out, "%s  %-10s %s - %s  %s\n", op.s.lang.Say("link  "), l.Name, l.A, l.B, text)
	}
	for _, s := range op.l.Definition().Scripts {
		fmt.Fprintf(op.s.out, "%s  %-10s %s\n", op.s.lang.Say("script"), s.Name, s.Title)
	}
}

// play opens the lab anew, as a script wants it, and shows all consoles while
// the script runs. The lab then stays as the script has left it.
func (op *operator) play(name string) error {
	def := op.l.Definition()
	script, err := loadScript(def, name)
	if err != nil {
		return err
	}
	l, err := op.traces.open(def, script.Options(op.o), io.Discard)
	if err != nil {
		return err
	}
	if err := op.stopCapture(); err != nil { // of a lab that ends
		return err
	}
	pace := op.l.Pace()
	pace.Paused = false
	op.l.Stop()
	op.l, op.seen = l, map[string]int64{}
	if err := op.tapes.begin(l, op.name, script.Options(op.o)); err != nil {
		return err
	}
	runner := sessions.Play(l, script, createFile)
	l.SetPace(pace)
	over := make(chan struct{})
	ended := false
	l.AfterEvent(func() {
		if runner.Done() && !ended {
			ended = true
			close(over)
		}
	})
	news := make(chan struct{}, 1)
	for _, d := range def.Devices {
		defer l.Console(d.Name).Notify(news)()
	}
	l.Start(op.ctx)

	stop := make(chan struct{})
	t := op.in.open()
	defer func() { _ = t.Close() }()
	if op.terminal {
		go func() {
			b := make([]byte, 256)
			if _, err := t.Read(b); err == nil || errors.Is(err, io.EOF) {
				close(stop)
			}
		}()
	}
	last := ""
	for {
		for _, d := range def.Devices {
			data, next, _ := l.Console(d.Name).Read(op.seen[d.Name], -1)
			op.seen[d.Name] = next
			if len(data) == 0 {
				continue
			}
			if last != d.Name {
				fmt.Fprintf(op.s.out, "\n==== %s\n", d.Name)
				last = d.Name
			}
			_, _ = op.s.out.Write(data)
		}
		select {
		case <-news:
		case <-op.ctx.Done():
			return nil
		case <-stop:
			l.Do(runner.Stop)
			stop = nil
		case <-over:
			fmt.Fprintln(op.s.out)
			return runner.Err()
		}
	}
}
