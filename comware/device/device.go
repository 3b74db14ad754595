// Package device is a box: a model that boots an image of features over a
// stack of its own, with a console. It is what a lab cables together.
//
// A box that is powered off or rebooted loses everything but its flash; the
// features are installed anew on the next boot and the startup configuration
// is read through the same parser that a person types at.
package device

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/capture"
	"cwlab/comware/feature/config"
	"cwlab/comware/feature/ike"
	"cwlab/comware/feature/ikev2"
	"cwlab/comware/feature/info"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/ipsec"
	"cwlab/comware/feature/kept"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/nat"
	"cwlab/comware/feature/netconf"
	"cwlab/comware/feature/nqa"
	"cwlab/comware/feature/objgroup"
	"cwlab/comware/feature/pki"
	"cwlab/comware/feature/rbm"
	"cwlab/comware/feature/ssh"
	"cwlab/comware/feature/system"
	"cwlab/comware/feature/terminal"
	"cwlab/comware/feature/track"
	"cwlab/comware/feature/tunnel"
	"cwlab/comware/feature/vrrp"
	"cwlab/comware/feature/zone"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// features is the image in the order in which features are installed.
var features = []feature.Feature{
	system.Feature, config.Feature, info.Feature, login.Feature, ssh.Feature, pki.Feature, terminal.Feature,
	ip.Feature, objgroup.Feature, zone.Feature, acl.Feature, ike.Feature, ipsec.Feature, tunnel.Feature, ikev2.Feature, nqa.Feature, track.Feature, vrrp.Feature, nat.Feature, rbm.Feature, capture.Feature, netconf.Feature,
	kept.Feature, // last: its help texts and commands give way to those that act
}

func buildImage() (*feature.Image, error) { return feature.NewImage(features...) }

// image is built once and shared by all boxes of the process.
var image = sync.OnceValues(buildImage)

// BuildImage builds the image anew, as a process does before its first box.
func BuildImage() error {
	_, err := buildImage()
	return err
}

// Grammar is the grammar of all commands.
func Grammar() (*cli.Grammar, error) {
	img, err := image()
	if err != nil {
		return nil, err
	}
	return img.Grammar, nil
}

// bootTime is how long a box is away when it reboots.
const bootTime = 60 * time.Second

// A Device is one box of a lab.
type Device struct {
	spec    lab.DeviceSpec
	model   *feature.Model
	image   *feature.Image
	world   *sim.World
	net     *link.Network
	flash   *feature.Flash
	box     *feature.Box // nil while powered off
	con     *console
	visits  []*visit               // by SSH, in the order they came
	failed  map[netip.AddrPort]int // passwords that were wrong, by who is still at it
	refused []feature.Refused      // lines of the file that it booted from
	from    string                 // and the name of that file, for errors
	keys    lab.KeyListeners
	changes func(lab.Change) // nil for nobody
	flaws   flaws
}

// Make is a device that has booted from the configuration of its spec. It
// fits lab.Maker.
func Make(w *sim.World, net *link.Network, spec lab.DeviceSpec, out func([]byte)) (lab.Device, error) {
	m, err := Model(spec.Model)
	if err != nil {
		return nil, err
	}
	img, err := image()
	if err != nil {
		return nil, err
	}
	d := &Device{spec: spec, model: m, image: img, world: w, net: net, flash: feature.NewFlash(), failed: map[netip.AddrPort]int{}}
	d.flash.Resize(m.FlashKB)
	if err := d.fill(); err != nil {
		return nil, err
	}
	d.con = newConsole(d, out)
	d.boot("Power on")
	d.con.login()
	d.con.line.Start()
	return d, nil
}

// Name is the device's name in the lab.
func (d *Device) Name() string { return d.spec.Name }

// Model is the product's name.
func (d *Device) Model() string { return d.model.Name }

// Ports are the names of the Ethernet interfaces.
func (d *Device) Ports() []string { return d.model.Ports }

// Powered says whether the box is on.
func (d *Device) Powered() bool { return d.box != nil }

// Box is the running box, nil while the power is off.
func (d *Device) Box() *feature.Box { return d.box }

// LoadErrors are the lines of the startup configuration that were refused.
func (d *Device) LoadErrors() []string {
	var all []string
	for _, r := range d.refused {
		all = append(all, fmt.Sprintf("%s:%d: %s: %s", d.from, r.Line, r.Text, r.Reason))
	}
	return all
}

// Power switches the box on or off, without a word to its neighbours.
func (d *Device) Power(on bool) {
	switch {
	case on && d.box == nil:
		d.boot("Power on")
		d.booted()
	case !on && d.box != nil:
		d.con.dark()
		d.halt()
	}
}

// Input is keystrokes of the console.
func (d *Device) Input(b []byte) { d.con.input(b) }

// Resize tells the terminal's size.
func (d *Device) Resize(w, h int) { d.con.resize(w, h) }

// Idle says that the prompt is back.
func (d *Device) Idle() bool { return d.con.idle() }

// Asking says that a command waits for keys: at a question or the end of a
// page.
func (d *Device) Asking() bool { return d.con.line.Asking() }

// Paging says that output stands at the end of a page.
func (d *Device) Paging() bool { return d.con.line.Paging() }

// Masked says that what is typed is not shown.
func (d *Device) Masked() bool { return d.con.line.Masked() }

// TellChanges has the box, now and after every boot, tell of its protocols
// that change their state.
func (d *Device) TellChanges(to func(lab.Change)) {
	if d.changes = to; d.box != nil {
		d.box.OnChange = to
	}
}

// boot makes a fresh box and reads the startup file.
func (d *Device) boot(reason string) {
	b := feature.NewBox(d.spec.Name, d.model, d.image, d.world, d.net, d.flash)
	b.BootReason = reason
	b.Restart = d.reboot
	b.OnChange = d.changes
	d.box = b
	for _, f := range d.image.Features {
		if f.Install != nil {
			f.Install(b)
		}
	}
	b.Log("SYSLOG", 6, "SYSLOG_RESTART", "System restarted --\nH3C Comware Software.")
	d.tellKeys()
	d.makeFlaws()
	d.refused, d.from = nil, d.spec.ConfigFile
	if f, ok := config.StartupFile(d.flash); ok {
		if f.Data != d.spec.Config {
			d.from = d.spec.Name + " flash:/" + f.Name
		}
		d.refused = b.Load(f.Data)
	}
}

// booted ends a boot that a person sees: the console shows the lines of the
// startup file that were refused, as it would had he typed them, and is then
// free for a login.
func (d *Device) booted() {
	lines := strings.Split(d.startup(), "\n")
	for _, r := range d.refused {
		text := strings.TrimRight(lines[r.Line-1], "\r ")
		d.con.write("\n" + text + "\n" + strings.Join(r.Shown, "\n"))
	}
	if len(d.refused) > 0 {
		d.con.write("\n")
	}
	d.con.available()
}

// startup is the text of the file that the box starts from.
func (d *Device) startup() string {
	f, _ := config.StartupFile(d.flash)
	return f.Data
}

// fill puts on the flash what a store has kept of it, else the files and the
// configuration of the lab, which the store keeps from then on.
func (d *Device) fill() error {
	s := d.spec.Flash
	if s == nil {
		return d.first()
	}
	kept, err := s.Load()
	if err != nil {
		return err
	}
	d.flash.Keep(s)
	if kept == nil {
		if err := d.first(); err != nil {
			return err
		}
		return s.SetStartup(d.flash.Startup()) // last: the device is known from now on
	}
	for _, f := range kept.Files {
		d.flash.Restore(feature.File(f))
	}
	d.flash.RestoreStartup(kept.Main, kept.Backup)
	return nil
}

// first writes the files and the configuration of the lab.
func (d *Device) first() error {
	for _, f := range d.spec.Files {
		write := func() error { return d.flash.Write(f.Name, f.Data, d.world.Now()) }
		if f.Dir {
			write = func() error { return d.flash.Mkdir(f.Name, d.world.Now()) }
		}
		if err := write(); err != nil {
			return fmt.Errorf("%s flash:/%s: %w", d.spec.Name, f.Name, err)
		}
	}
	if d.spec.Config == "" {
		return nil
	}
	main, _ := d.flash.Startup()
	return d.flash.Write(main, d.spec.Config, d.world.Now())
}

func (d *Device) halt() {
	for len(d.visits) > 0 {
		d.visits[0].dark()
	}
	d.box.Stop()
	d.box = nil
}

// reboot takes the box down and boots it again later.
func (d *Device) reboot(reason string) {
	d.con.dark()
	d.halt()
	d.world.After(bootTime, func() {
		if d.box == nil {
			d.boot(reason)
			d.booted()
		}
	})
}

// Check reads a configuration on a device of that model that has no cables
// and returns the lines that it refuses.
func Check(model, text string) ([]feature.Refused, error) {
	w := sim.New(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), 0, nil)
	d, err := Make(w, link.NewNetwork(w), lab.DeviceSpec{Name: model, Model: model, Config: text}, func([]byte) {})
	if err != nil {
		return nil, err
	}
	return slices.Clone(d.(*Device).refused), nil
}
