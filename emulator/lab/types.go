package lab

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ipsec"
)

// Style is how a console of an RBM member looks.
type Style int

const (
	// StyleDevice is what devices print: RBM_S<H3C> and % before a log.
	StyleDevice Style = iota
	// StylePublished is how articles show it: RBM_S@H3C> and no %.
	StylePublished
)

func (s Style) String() string {
	switch s {
	case StyleDevice:
		return "device"
	case StylePublished:
		return "published"
	}
	return fmt.Sprintf("Style(%d)", int(s))
}

// ParseStyle reads "device" or "published".
func ParseStyle(s string) (Style, error) {
	switch s {
	case "device":
		return StyleDevice, nil
	case "published":
		return StylePublished, nil
	}
	return 0, fmt.Errorf("console style is %q, want published or device", s)
}

// A Device is a box of the lab as the lab sees it. All of its methods are
// called on the goroutine that owns the world.
type Device interface {
	Name() string
	Model() string
	Ports() []string
	Power(on bool)
	Powered() bool
	// Input is keystrokes of the console.
	Input(b []byte)
	// Resize tells the terminal's width and height in cells.
	Resize(w, h int)
	// Idle says that the prompt is back and no command runs.
	Idle() bool
	Snapshot() Snapshot
	// LoadErrors are the lines of the configuration that were refused, each
	// with its file and line.
	LoadErrors() []string
}

// A Waiter is a Device that can tell when a command of its console waits for
// keys: at a question, or at the end of a page.
type Waiter interface {
	Asking() bool // either
	Paging() bool
}

// Asking says whether a command of the device's console waits for keys.
func Asking(d Device) bool {
	w, ok := d.(Waiter)
	return ok && w.Asking()
}

// Paging says whether a command of the device's console stands at the end of
// a page.
func Paging(d Device) bool {
	w, ok := d.(Waiter)
	return ok && w.Paging()
}

// A KeyListener hears of the secrets that devices agree on, so that a capture
// of what they say can be read. Both ends of a negotiation tell.
type KeyListener interface {
	IKEKeys(k ike.Keys)
	IKEv2Keys(k ikev2.Keys)
	DHSecret(gxy []byte)
	ESPKeys(src, dst netip.Addr, spi uint32, t ipsec.Transform, k ipsec.Keys)
}

// KeyListeners are told together.
type KeyListeners []KeyListener

// IKEKeys tells all of them.
func (l KeyListeners) IKEKeys(k ike.Keys) {
	for _, x := range l {
		x.IKEKeys(k)
	}
}

// IKEv2Keys tells all of them.
func (l KeyListeners) IKEv2Keys(k ikev2.Keys) {
	for _, x := range l {
		x.IKEv2Keys(k)
	}
}

// DHSecret tells all of them.
func (l KeyListeners) DHSecret(gxy []byte) {
	for _, x := range l {
		x.DHSecret(gxy)
	}
}

// ESPKeys tells all of them.
func (l KeyListeners) ESPKeys(src, dst netip.Addr, spi uint32, t ipsec.Transform, k ipsec.Keys) {
	for _, x := range l {
		x.ESPKeys(src, dst, spi, t, k)
	}
}

// A KeyTeller is a Device that tells its secrets, from now on and however
// often it boots.
type KeyTeller interface {
	TellKeys(to KeyListener)
}

// A Masker is a Device that can tell when what is typed on its console is not
// shown, as a password.
type Masker interface{ Masked() bool }

// Masked says whether what is typed on the device's console is not shown.
func Masked(d Device) bool {
	m, ok := d.(Masker)
	return ok && m.Masked()
}

// A Change is a protocol of a device that came to another state.
type Change struct {
	Device   string
	Protocol string // "VRRP", "RBM", "IKE", "IPsec"
	Name     string // which of its routers or peers, "" where there is one
	To       string // the state
	Why      string // "" where the protocol does not tell
}

func (c Change) String() string {
	s := c.Device + ": " + c.Protocol
	if c.Name != "" {
		s += " " + c.Name
	}
	if s += " " + c.To; c.Why != "" {
		s += ", " + c.Why
	}
	return s
}

// A ChangeTeller is a Device that tells of changes, from now on and however
// often it boots.
type ChangeTeller interface{ TellChanges(to func(Change)) }

// A Flawed is a Device that makes mistakes on purpose, from now on and however
// often it boots.
type Flawed interface {
	SetFlaws(f ike.Flaws)
}

// A DeviceSpec is a device of a definition.
type DeviceSpec struct {
	Name, Model string
	Config      string // text of the startup configuration
	ConfigFile  string // its name, for errors
	Style       Style
	Files       []KeptFile // on its flash when it is new, directories before what they hold
	Flash       FlashStore // keeps the device's files, nil for none
}

// A FlashStore keeps the files of a device beyond the run of a lab. Each of
// its calls does all that it says or nothing, also when the program ends in
// the middle of it. A name is the path below the root, its parts joined by
// slashes.
type FlashStore interface {
	// Load is what was kept, nil if the device is new to the store.
	Load() (*KeptFlash, error)
	Write(name, data string, at time.Time) error // in place of an older file
	Mkdir(name string, at time.Time) error
	Remove(name string) error // a file, or a directory without files
	Rename(from, to string) error
	// SetStartup keeps the names of the next startup configuration files, ""
	// for none.
	SetStartup(main, backup string) error
}

// A KeptFlash is what a store has of a device.
type KeptFlash struct {
	Files        []KeptFile
	Main, Backup string // the next startup configuration files
}

// A KeptFile is a file or a directory.
type KeptFile struct {
	Name string
	Dir  bool
	Data string
	Time time.Time // of the last change, as the device's clock showed it
}

// An Endpoint is one end of a cable: a port of a device, or of a switch. A
// switch port without a name is the next free one.
type Endpoint struct{ Node, Port string }

func (e Endpoint) String() string {
	if e.Port == "" {
		return e.Node
	}
	return e.Node + ":" + e.Port
}

// A LinkSpec is a cable of a definition.
type LinkSpec struct {
	Name    string
	A, B    Endpoint
	Latency time.Duration // one way; zero for the network's default
	Jitter  time.Duration // up to this much more for each frame
	Loss    float64       // 0 to 1
}

// A ScriptFile is a script that ships with a lab.
type ScriptFile struct {
	Name  string // without .console
	Title string
	File  string // for errors
	Text  string
}

// A Task is something the lab asks its reader to do.
type Task struct{ Title, Text string }

// A Definition is a lab before it runs.
type Definition struct {
	Name, Title, Level, Description string
	Notes                           string
	Devices                         []DeviceSpec
	Switches                        []string
	Links                           []LinkSpec
	Start                           time.Time
	Console                         Style
	Tape                            map[string]string
	Scripts                         []ScriptFile
	Parts                           []ScriptFile // of folders in the lab's, for scripts to include
	Tasks                           []Task
}

// Script finds a script by name.
func (d *Definition) Script(name string) (ScriptFile, bool) {
	name = strings.TrimSuffix(name, ".console")
	for _, s := range d.Scripts {
		if s.Name == name {
			return s, true
		}
	}
	return ScriptFile{}, false
}

// A Snapshot is what there is to see of a device from outside.
type Snapshot struct {
	Name, Model, Sysname string
	Powered              bool
	RBMRole              string // "primary", "secondary", "" without RBM
	RBMState             string // "Active", "Standby", "Initial", ""
	RBMChannel           string
	VRRP                 []VRRPGroup
	IKE                  []IKESA
	IPsec                []IPsecSA
	Ports                []PortState
}

// A VRRPGroup is a virtual router on one interface.
type VRRPGroup struct {
	Iface string
	VRID  int
	State string // "Master", "Backup", "Initialize"
	VIP   string
}

// An IKESA is a phase 1 security association.
type IKESA struct {
	Conn                uint32
	Local, Remote, Flag string
}

// An IPsecSA is a pair of phase 2 security associations.
type IPsecSA struct {
	Local, Remote string
	InSPI, OutSPI uint32
}

// A PortState is an interface of a device.
type PortState struct {
	Name string
	Up   bool
	Addr string // with its length, "" without one
}

// A LinkState is a cable as it is now.
type LinkState struct {
	Name    string
	A, B    Endpoint
	Cut     bool // by hand
	Up      bool // both ends are up
	Loss    float64
	Latency time.Duration
	Faults  []string // as Impair was told, oldest first
}

// An Input is something that entered the world from outside: keystrokes, or
// an action on a cable or by a caller. With the seed and the tape the inputs of a lab are
// all there is to know of a run.
type Input struct {
	At     time.Time
	Events uint64 // that the world had run before, for inputs between events of one instant
	Device string // "" for an action
	Line   string // "vty0", "" for the console
	Bytes  []byte
	Action string // "cut wan", "mend wan", "loss wan 0.1", "delay wan 5ms", "resize F1060 80 24", "frame cw0" with its bytes
}

// A Pace is how virtual time follows the wall clock.
type Pace struct {
	Speed  float64 // virtual seconds a second; 1 is real time
	Paused bool
	Free   bool // as fast as the machine can
}

func (p Pace) String() string {
	switch {
	case p.Paused:
		return "paused"
	case p.Free:
		return "free"
	}
	return fmt.Sprintf("x%g", p.Speed)
}
