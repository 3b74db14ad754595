package feature

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/infocenter"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
)

// A Box is one device that runs, from boot to power-off. Everything on it
// lives on the world's goroutine.
type Box struct {
	Name  string // in the lab; the device part of tape keys
	Model *Model
	Image *Image
	World *sim.World
	Net   *link.Network
	Stack *stack.Host
	Conf  *conf.Tree
	Info  *infocenter.Center
	Flash *Flash
	Boot  time.Time // when it booted

	// ClockOffset is how far the shown time is off that of the world, and
	// Summer what a daylight saving time adds to such a time; nil for nothing.
	ClockOffset time.Duration
	Summer      func(t time.Time) time.Duration

	// BootReason is what `display version` says of the last reboot.
	BootReason string
	// PromptPrefix is printed in front of every prompt ("RBM_P"), set by a
	// feature; nil for none.
	PromptPrefix func() string
	// Restart reboots the box; the device sets it.
	Restart func(reason string)
	// Permit says whether the roles of a session allow a command; nil allows
	// all.
	Permit func(s *Shell, c *Command) bool
	// Aliases are the command aliases that users defined, and OnCommand is
	// told of every line of a session that was understood; nil for none.
	Aliases   func() []cli.Alias
	OnCommand func(s *Shell, text string)
	// KeptInterface says whether an interface may be configured that the stack
	// does not have: in which view its lines are kept, and its rank among the
	// interfaces of the configuration. Nil for none.
	KeptInterface func(name string) (view string, rank int, ok bool)
	// Shells are the sessions on the box, in the order they came.
	Shells []*Shell

	// OnChange is told of protocols that changed their state, nil for nobody.
	OnChange func(lab.Change)

	engines  map[reflect.Type]any
	onConfig []func(ConfigEvent)
	onWork   []func(Work)
	onStop   []func()
	switches []*Switch
	stopped  bool
}

// A Model is a product of the family.
type Model struct {
	Name     string   // "F1060"
	Product  string   // "SecPath F1060"
	Release  string   // "Release 9360P22"
	Ports    []string // Ethernet interfaces in order
	Tag      string   // "-Context=1;"
	RAM      string
	FlashKB  int // size of the flash in KB
	Compiled string

	Hardware Hardware
}

// NewBox is a box without features.
func NewBox(name string, m *Model, img *Image, w *sim.World, net *link.Network, flash *Flash) *Box {
	b := &Box{Name: name, Model: m, Image: img, World: w, Net: net, Flash: flash, Conf: conf.New(),
		Boot: w.Now(), BootReason: "Power on", engines: map[reflect.Type]any{}}
	b.Stack = stack.New(w, name)
	b.Info = infocenter.New(b.Clock, b.Sysname, m.Tag)
	return b
}

// Sysname is the device name of the configuration.
func (b *Box) Sysname() string {
	if n := b.Conf.Root().Child("sysname"); n != nil {
		name := n.Text[len("sysname "):]
		if quoted, ok := strings.CutPrefix(name, `"`); ok { // a name with blanks
			name = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(strings.TrimSuffix(quoted, `"`))
		}
		return name
	}
	return "H3C"
}

// Now is the device's clock.
func (b *Box) Now() time.Time { return b.World.Now() }

// Clock is the time the device shows: that of the world unless somebody set
// it. Engines go by Now.
func (b *Box) Clock() time.Time {
	t := b.World.Now().Add(b.ClockOffset)
	if b.Summer != nil {
		t = t.Add(b.Summer(t))
	}
	return t
}

// After runs f later unless the box has stopped by then.
func (b *Box) After(d time.Duration, f func()) *sim.Timer {
	return b.World.After(d, func() {
		if !b.stopped {
			b.worked(TimerWork)
			f()
		}
	})
}

// Stream is a named random stream of this box.
func (b *Box) Stream(purpose string) *sim.Stream { return b.World.Stream(b.Name, purpose) }

// Put keeps v, of which a box has one, for Get.
func Put[T any](b *Box, v T) { b.engines[reflect.TypeFor[T]()] = v }

// Get is what Put kept; the zero value if nothing was.
func Get[T any](b *Box) T {
	v, _ := b.engines[reflect.TypeFor[T]()].(T)
	return v
}

// Changed tells that a protocol came to another state.
func (b *Box) Changed(protocol, name, to, why string) {
	if b.OnChange != nil {
		b.OnChange(lab.Change{Device: b.Name, Protocol: protocol, Name: name, To: to, Why: why})
	}
}

// Log sends a log to the information center.
func (b *Box) Log(module string, severity int, mnemonic, text string) {
	b.Info.Log(module, severity, mnemonic, text)
}

// A Switch is one debugging switch.
type Switch struct {
	Name string // "IKE event"
	On   bool
}

// Switch is the debugging switch of that name, made on first use.
func (b *Box) Switch(name string) *Switch {
	for _, s := range b.switches {
		if s.Name == name {
			return s
		}
	}
	s := &Switch{Name: name}
	b.switches = append(b.switches, s)
	return s
}

// Switches are all debugging switches in the order they were made.
func (b *Box) Switches() []*Switch { return b.switches }

// Debug sends a trace if its switch is on.
func (b *Box) Debug(sw *Switch, module, class, text string) {
	if sw.On {
		b.Info.Debug(module, class, text)
	}
}

// A ConfigEvent is a command that changed the configuration.
type ConfigEvent struct {
	Path []string // the view lines it was given under, outermost first
	Line string   // the command with its keywords written out
	Sync bool     // it came from the other device of a pair, not from a person
}

// OnConfig calls f after every command that changed the configuration, not
// for those of the startup file.
func (b *Box) OnConfig(f func(ConfigEvent)) { b.onConfig = append(b.onConfig, f) }

// OnStop calls f when the box stops.
func (b *Box) OnStop(f func()) { b.onStop = append(b.onStop, f) }

// Stop ends the box: its timers are dead, its ports silent.
func (b *Box) Stop() {
	if b.stopped {
		return
	}
	for _, f := range slices.Backward(b.onStop) {
		f()
	}
	b.stopped = true
	b.Stack.Close()
}

// Stopped says whether the box has ended.
func (b *Box) Stopped() bool { return b.stopped }

// A Noted event has a word on the frame that it belongs to, see link.Note.
type Noted interface {
	Note() (text string, sends bool)
}

// Note tells who watches the network of what an engine did with a frame.
func (b *Box) Note(e Noted) {
	if !b.Net.Noted() {
		return
	}
	if text, sends := e.Note(); text != "" {
		b.Net.Note(b.Name, text, sends)
	}
}
