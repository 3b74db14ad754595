// Package lab is a running laboratory: a world, the devices and cables in
// it, their consoles, and the pace at which virtual time passes.
//
// A Lab is used in one of two ways. Synchronously, its caller owns the world
// and calls Step and RunFor: that is how scripts are replayed and tests are
// written. Live, after Start, one goroutine owns the world and everything
// below it and keeps virtual time in step with the wall clock; outsiders come
// in by Do and Type. This is the only package of the emulator that knows the
// wall clock.
//
// Every input goes through Press, a Terminal or one of the actions and is kept in
// the journal: the seed, the tape and the journal are all there is to know of
// a run.
package lab

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"cwlab/emulator/ike"
	"cwlab/emulator/impair"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// Settle is how long a lab runs before its start time, so that it opens with
// hot backup connected and virtual routers decided.
const Settle = 30 * time.Second

// A Maker makes the device of a spec, powered on. Bytes that its console
// shows go to out.
type Maker func(w *sim.World, net *link.Network, spec DeviceSpec, out func([]byte)) (Device, error)

// A Tap sees every frame once, where a device sends it.
type Tap func(port *link.Port, at time.Time, frame []byte)

// Options are what a run of a lab may choose.
type Options struct {
	Seed  uint64
	Free  bool              // without any tape
	Style *Style            // console style instead of the lab's
	Start *time.Time        // start time instead of the lab's
	Tape  map[string]string // pins laid over the lab's tape
	Tap   Tap               // frames from the start time on
	Keys  KeyListener       // secrets, also those from before the start time

	Bridges []Bridge // ports joined to the outside, from the start time on

	// Flash gives the store that keeps a device's files, nil for no store.
	// What it holds when the lab opens is, like the seed, a part of the run.
	Flash func(lab, device string) FlashStore

	// Endless runs keep no journal, which grows with everything that comes in.
	Endless bool
}

// ErrDevice and ErrLink are unknown names.
var (
	ErrDevice = errors.New("no such device")
	ErrLink   = errors.New("no such link")
)

// A Lab is a running laboratory.
type Lab struct {
	def      *Definition
	world    *sim.World
	net      *link.Network
	devices  []Device
	consoles []*Console
	cables   []*link.Cable
	faults   map[*link.Cable][]string // as they were asked for
	links    []LinkSpec               // of the cables
	bridges  []bridge
	kept     int // bytes of frames that came from outside
	start    time.Time
	style    Style

	settling bool
	endless  bool // without a journal
	journal  []Input
	hooks    []func()
	inputs   []*func(Input)
	opens    []func(*Terminal, Screen)
	changes  []func(Change)
	err      error
	linger   time.Duration // wall time that the runner asked for
	holding  bool          // and that has not passed yet
	changed  chan struct{}

	watch    sync.Mutex
	watchers map[chan<- struct{}]struct{}

	mu      sync.Mutex
	live    *loop // nil unless live
	pace    Pace
	typed   []Input   // by Type, for the loop to press
	arrived []arrival // by arrive, likewise
	poking  bool
}

// Open makes the world of a definition and settles it: when it returns, the
// virtual clock shows the start time and every console stands at its
// user-view prompt.
func Open(def *Definition, mk Maker, o Options) (l *Lab, err error) {
	start := def.Start
	if o.Start != nil {
		start = *o.Start
	}
	var tape *sim.Tape
	if !o.Free {
		if tape, err = sim.NewTape(def.Tape); err != nil {
			return nil, fmt.Errorf("lab %s: %w", def.Name, err)
		}
		over, err := sim.NewTape(o.Tape)
		if err != nil {
			return nil, fmt.Errorf("lab %s: %w", def.Name, err)
		}
		tape = tape.With(over)
	}
	w := sim.New(start.Add(-Settle), o.Seed, tape)
	l = &Lab{
		def: def, world: w, net: link.NewNetwork(w), start: start, style: def.Console,
		settling: true, endless: o.Endless, changed: make(chan struct{}, 1), pace: Pace{Speed: 1}, faults: map[*link.Cable][]string{},
	}
	if o.Style != nil {
		l.style = *o.Style
	}
	l.guard(func() { err = l.build(mk, o) })
	if err == nil {
		err = l.err
	}
	if err != nil {
		return nil, fmt.Errorf("lab %s: %w", def.Name, err)
	}
	return l, nil
}

// build makes switches, devices and cables and settles them.
func (l *Lab) build(mk Maker, o Options) error {
	for _, name := range l.def.Switches {
		l.net.Switch(name)
	}
	for _, spec := range l.def.Devices {
		spec.Style = l.style
		if o.Flash != nil {
			spec.Flash = o.Flash(l.def.Name, spec.Name)
		}
		c := &Console{}
		if l.index(spec.Name) >= 0 {
			return fmt.Errorf("two devices are named %s", spec.Name)
		}
		d, err := mk(l.world, l.net, spec, func(b []byte) { l.shown(c, b) })
		if err != nil {
			return fmt.Errorf("device %s: %w", spec.Name, err)
		}
		if t, ok := d.(KeyTeller); ok && o.Keys != nil {
			t.TellKeys(o.Keys)
		}
		l.devices = append(l.devices, d)
		l.consoles = append(l.consoles, c)
	}
	for _, spec := range l.def.Links {
		a, err := l.port(spec.A)
		if err != nil {
			return fmt.Errorf("link %s: %w", spec.Name, err)
		}
		b, err := l.port(spec.B)
		if err != nil {
			return fmt.Errorf("link %s: %w", spec.Name, err)
		}
		if a == b {
			return fmt.Errorf("link %s: both ends are %s", spec.Name, a)
		}
		c := l.net.Connect(a, b, link.Options{Name: spec.Name, Latency: spec.Latency, Jitter: spec.Jitter, Loss: spec.Loss})
		l.cables = append(l.cables, c)
		l.links = append(l.links, spec)
	}
	l.world.RunUntil(l.start)
	if o.Tap != nil {
		l.net.Tap(o.Tap)
	}
	// What was logged while settling scrolled away unseen. An empty line
	// brings a fresh prompt, of which the consoles show the prompt alone.
	l.settling = false
	for i, d := range l.devices {
		c := l.consoles[i]
		d.Input([]byte{'\r'})
		l.world.RunUntil(l.start)
		c.trimStart()
	}
	for _, b := range o.Bridges {
		if err := l.bridge(b); err != nil {
			return err
		}
	}
	return nil
}

// port is the free port at one end of a cable.
func (l *Lab) port(e Endpoint) (*link.Port, error) {
	if slices.Contains(l.def.Switches, e.Node) {
		return l.net.Switch(e.Node).Port(), nil
	}
	d := l.Device(e.Node)
	if d == nil {
		return nil, fmt.Errorf("%w: %q", ErrDevice, e.Node)
	}
	if !slices.Contains(d.Ports(), e.Port) {
		return nil, fmt.Errorf("%s has no port %q, it has %s", e.Node, e.Port, strings.Join(d.Ports(), ", "))
	}
	p := l.net.Port(e.Node, e.Port)
	if p.Cable() != nil {
		return nil, fmt.Errorf("port %s is taken by link %s", e, p.Cable().Name)
	}
	return p, nil
}

// shown takes the bytes that a console shows.
func (l *Lab) shown(c *Console, b []byte) {
	if l.settling || len(b) == 0 {
		return
	}
	c.write(b)
	l.signal()
}

func (l *Lab) signal() {
	ring(l.changed)
	l.watch.Lock()
	defer l.watch.Unlock()
	for ch := range l.watchers { // only wakes readers; the order shows nowhere
		ring(ch)
	}
}

func ring(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// Watch has ch told what Changed tells, without waiting: it should have room
// for one element. cancel ends that.
func (l *Lab) Watch(ch chan<- struct{}) (cancel func()) {
	l.watch.Lock()
	defer l.watch.Unlock()
	if l.watchers == nil {
		l.watchers = map[chan<- struct{}]struct{}{}
	}
	l.watchers[ch] = struct{}{}
	return func() {
		l.watch.Lock()
		defer l.watch.Unlock()
		delete(l.watchers, ch)
	}
}

// Changed has an element whenever a console or the state of the world may
// have changed since it was last received from.
func (l *Lab) Changed() <-chan struct{} { return l.changed }

// Definition is what the lab was opened from.
func (l *Lab) Definition() *Definition { return l.def }

// World is the world of the lab. Only its owner may use it.
func (l *Lab) World() *sim.World { return l.world }

// Network is the cabling of the lab. Only the world's owner may use it.
func (l *Lab) Network() *link.Network { return l.net }

// StartTime is the virtual time at which the lab opened.
func (l *Lab) StartTime() time.Time { return l.start }

// Style is the console style of this run.
func (l *Lab) Style() Style { return l.style }

// Err is why the world stopped, nil while it runs: a tape value that does
// not fit its draw.
func (l *Lab) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Devices are the devices in the order of the definition.
func (l *Lab) Devices() []Device { return l.devices }

// Device is the device of that name, nil if there is none.
func (l *Lab) Device(name string) Device {
	if i := l.index(name); i >= 0 {
		return l.devices[i]
	}
	return nil
}

// Console is the console of a device, nil if there is no such device.
func (l *Lab) Console(name string) *Console {
	if i := l.index(name); i >= 0 {
		return l.consoles[i]
	}
	return nil
}

func (l *Lab) index(name string) int {
	return slices.IndexFunc(l.devices, func(d Device) bool { return d.Name() == name })
}

// LoadErrors are the configuration lines that devices refused.
func (l *Lab) LoadErrors() []string {
	var all []string
	for _, d := range l.devices {
		all = append(all, d.LoadErrors()...)
	}
	return all
}

// Journal is every input so far, in order; that of an endless run is empty.
func (l *Lab) Journal() []Input { return l.journal }

// Due says that an event waits for this very instant. A person does not type
// between two things that happen at once, and neither does a script. Only the
// world's owner may ask.
func (l *Lab) Due() bool {
	at, ok := l.world.Next()
	return ok && !at.After(l.world.Now())
}

// AfterEvent has f called after each event of the world and each input from
// outside, by the owner of the world.
func (l *Lab) AfterEvent(f func()) { l.hooks = append(l.hooks, f) }

// Type types on the console of a device. It may be called from anywhere and
// does not wait: on a live lab the keys are pressed by the world's goroutine,
// in the order typed. An unknown device is ignored.
func (l *Lab) Type(device string, b []byte) {
	l.mu.Lock()
	if l.live == nil {
		l.mu.Unlock()
		l.Press(device, b)
		l.after()
		return
	}
	l.typed = append(l.typed, Input{Device: device, Bytes: append([]byte(nil), b...)})
	live := l.live
	l.mu.Unlock()
	live.wake()
}

// Press types on the console of a device, at once. Only the owner of the
// world may call it: within Do, a hook, or on a lab that is not live.
func (l *Lab) Press(device string, b []byte) {
	i := l.index(device)
	if i < 0 || len(b) == 0 || l.failed() {
		return
	}
	byLine(b, func(b []byte) {
		l.keep(Input{Device: device, Bytes: b})
		l.guard(func() { l.devices[i].Input(b) })
	})
}

// byLine cuts keys behind each Enter: whoever listens sees what each line is
// an answer to.
func byLine(b []byte, f func(b []byte)) {
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\r') + 1
		if n == 0 {
			n = len(b)
		}
		f(b[:n])
		b = b[n:]
	}
}

// Resize tells a device the size of the terminal at its console.
func (l *Lab) Resize(device string, w, h int) {
	if d := l.Device(device); d != nil && !l.failed() {
		l.note(fmt.Sprintf("resize %s %d %d", device, w, h))
		l.guard(func() { d.Resize(w, h) })
	}
}

func (l *Lab) note(action string) {
	l.keep(Input{Action: action})
	l.signal()
}

// keep puts an input of this moment into the journal.
func (l *Lab) keep(in Input) {
	if l.endless && len(l.inputs) == 0 {
		return
	}
	in.At, in.Events, in.Bytes = l.world.Now(), l.world.Events(), slices.Clone(in.Bytes)
	if !l.endless {
		l.journal = append(l.journal, in)
	}
	for _, f := range l.inputs {
		(*f)(in)
	}
}

// OnInput has f called with each input just before it enters the world, by the
// owner of the world, also where no journal is kept. f must not change it.
// cancel ends that. Only the world's owner may call either.
func (l *Lab) OnInput(f func(Input)) (cancel func()) {
	p := &f
	l.inputs = append(slices.Clone(l.inputs), p)
	return func() {
		l.inputs = slices.DeleteFunc(slices.Clone(l.inputs), func(q *func(Input)) bool { return p == q })
	}
}

// OnOpen has f called, inside the world, with each session that begins on a
// virtual line and the screen that it was asked for.
func (l *Lab) OnOpen(f func(*Terminal, Screen)) { l.opens = append(l.opens, f) }

// OnChange has f called when a protocol of a device changes its state, inside
// the world. Only the world's owner may call it.
func (l *Lab) OnChange(f func(Change)) {
	if l.changes = append(l.changes, f); len(l.changes) > 1 {
		return
	}
	for _, d := range l.devices {
		if t, ok := d.(ChangeTeller); ok {
			t.TellChanges(func(c Change) {
				for _, f := range l.changes {
					f(c)
				}
			})
		}
	}
}

// Links are the cables in the order of the definition.
func (l *Lab) Links() []LinkState {
	s := make([]LinkState, len(l.cables))
	for i, c := range l.cables {
		s[i] = LinkState{Name: c.Name, A: l.links[i].A, B: l.links[i].B, Cut: c.IsCut(), Up: c.Up(), Loss: c.Loss, Latency: c.Latency,
			Faults: slices.Clone(l.faults[c])}
	}
	return s
}

func (l *Lab) cable(name string) (*link.Cable, error) {
	for _, c := range l.cables {
		if c.Name == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrLink, name)
}

// Cut takes a cable out; both ends see their port go down.
func (l *Lab) Cut(name string) error {
	c, err := l.cable(name)
	if err != nil || c.IsCut() {
		return err
	}
	l.note("cut " + name)
	l.guard(c.Cut)
	return nil
}

// Mend puts a cable back.
func (l *Lab) Mend(name string) error {
	c, err := l.cable(name)
	if err != nil || !c.IsCut() {
		return err
	}
	l.note("mend " + name)
	l.guard(c.Mend)
	return nil
}

// SetLoss has a cable lose frames with probability p, 0 to 1.
func (l *Lab) SetLoss(name string, p float64) error {
	c, err := l.cable(name)
	if err != nil {
		return err
	}
	if p < 0 || p > 1 {
		return fmt.Errorf("loss of link %s is %g, want 0 to 1", name, p)
	}
	l.note(fmt.Sprintf("loss %s %g", name, p))
	c.SetLoss(p)
	return nil
}

// SetDelay sets the one-way latency of a cable.
func (l *Lab) SetDelay(name string, d time.Duration) error {
	c, err := l.cable(name)
	if err != nil {
		return err
	}
	if d < 0 {
		return fmt.Errorf("delay of link %s is %v, want 0 or more", name, d)
	}
	l.note(fmt.Sprintf("delay %s %v", name, d))
	c.SetLatency(d)
	return nil
}

// Impair puts a fault on a cable, as impair.Parse reads it.
func (l *Lab) Impair(name, fault string) error {
	c, err := l.cable(name)
	if err != nil {
		return err
	}
	f, from, err := impair.Parse(fault)
	if err != nil {
		return err
	}
	if from != "" {
		a, b := c.Ends()
		switch from {
		case a.Device:
			f.From = a
		case b.Device:
			f.From = b
		default:
			return fmt.Errorf("fault %q: link %s joins %s and %s, not %s", fault, name, a.Device, b.Device, from)
		}
	}
	l.note("impair " + name + " " + fault)
	c.Impair(f)
	l.faults[c] = append(l.faults[c], strings.Join(strings.Fields(fault), " "))
	l.flaw()
	return nil
}

// flaw tells each device which mistakes the faults on its cables ask for.
func (l *Lab) flaw() {
	for _, d := range l.devices {
		var f ike.Flaws
		for _, c := range l.cables {
			for _, text := range l.faults[c] {
				impair.Flaws(text, d.Name(), &f)
			}
		}
		if t, ok := d.(Flawed); ok {
			t.SetFlaws(f)
		}
	}
}

// Heal takes the faults off a cable. What Cut, SetLoss and SetDelay did stays.
func (l *Lab) Heal(name string) error {
	c, err := l.cable(name)
	if err != nil {
		return err
	}
	l.note("heal " + name)
	c.Heal()
	delete(l.faults, c)
	l.flaw()
	return nil
}

// Power switches a device on or off.
func (l *Lab) Power(device string, on bool) error {
	d := l.Device(device)
	if d == nil {
		return fmt.Errorf("%w: %q", ErrDevice, device)
	}
	if d.Powered() == on {
		return nil
	}
	l.note(fmt.Sprintf("power %s %v", device, on))
	l.guard(func() { d.Power(on) })
	return nil
}

func (l *Lab) failed() bool { return l.Err() != nil }

// A Fault is a panic inside the world: a mistake in the program. The world
// stands still from then on, and everything shown so far is kept.
type Fault struct {
	Value any
	At    time.Time // virtual
	Stack []byte
}

func (f *Fault) Error() string {
	return fmt.Sprintf("the world stopped at %s: %v\n%s", f.At.Format("2006-01-02 15:04:05.000"), f.Value, f.Stack)
}

// guard runs f and keeps a panic in it, a bad pin of the tape among them, as
// the lab's error.
func (l *Lab) guard(f func()) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		err, ok := r.(*sim.BadPin)
		l.mu.Lock()
		switch {
		case l.err != nil:
		case ok:
			l.err = err
		default:
			l.err = &Fault{Value: r, At: l.world.Now(), Stack: debug.Stack()}
		}
		l.mu.Unlock()
		l.signal()
	}()
	f()
}

// after runs the hooks. A hook that steps or types does not run them again.
func (l *Lab) after() {
	if l.poking {
		return
	}
	l.poking = true
	defer func() { l.poking = false }()
	for {
		for _, f := range l.hooks {
			f()
		}
		if l.linger == 0 || l.isLive() {
			return
		}
		l.linger, l.holding = 0, false
	}
}

func (l *Lab) isLive() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.live != nil
}

// Step runs the next event of the world. It says false when there is none or
// the world has stopped.
func (l *Lab) Step() bool {
	if l.failed() {
		return false
	}
	ok := false
	l.guard(func() { ok = l.world.Step() })
	if ok {
		l.after()
	}
	return ok && !l.failed()
}

// RunFor runs the world for d of virtual time.
func (l *Lab) RunFor(d time.Duration) { l.runUntil(l.world.Now().Add(d)) }

func (l *Lab) runUntil(at time.Time) {
	for !l.failed() {
		next, ok := l.world.Next()
		if !ok || next.After(at) {
			l.guard(func() { l.world.RunUntil(at) })
			return
		}
		l.Step()
	}
}

// Poke runs the hooks as after an event, for a hook that was added or a
// runner that begins between two events.
func (l *Lab) Poke() { l.after() }

// Linger asks a live lab to hold virtual time still for d of wall time
// (divided by the speed) and to run the hooks afterwards. It is how a script
// is played at a readable speed without moving a single event of it. A lab
// that is not live, or that runs free, does not hold.
func (l *Lab) Linger(d time.Duration) {
	if d > l.linger {
		l.linger, l.holding = d, true
	}
}

// Lingering says whether virtual time is held still. Only the owner of the
// world may ask.
func (l *Lab) Lingering() bool { return l.holding }
