package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/sessions/ssh"
	"cwlab/tui"
	"cwlab/tui/words"
)

// defaultUser is the lab's user where none is named.
const defaultUser = "cwlab"

// drainTime is how long clients may take to read what is left when the server
// ends.
const drainTime = 5 * time.Second

// serveFlags are the flags of serve.
type serveFlags struct {
	listen, user, passwordFile, hostKey string
	ports, telnet                       bool
	devices                             int
	lab                                 labFlags
	cast                                castFlags
	trace                               traceFlags
}

// fleetModel is the model of generated devices.
const fleetModel = "F1060"

func runServe(ctx context.Context, args []string, s streams) (err error) {
	set := newFlags("serve", s)
	set.args = "LAB"
	var f serveFlags
	set.StringVar(&f.listen, "listen", "127.0.0.1:2200", "`ADDRESS` and port to listen at")
	set.StringVar(&f.user, "user", defaultUser, "`NAME` of the lab's user, who may do everything on every device")
	set.StringVar(&f.passwordFile, "password-file", "", "`FILE` with his password (default a new one, printed once)")
	set.StringVar(&f.hostKey, "host-key", "", "`FILE` of the host key (default one in the user's configuration folder, made once)")
	set.BoolVar(&f.ports, "port-per-device", false, "give each device a port of its own, from the next port on")
	set.BoolVar(&f.telnet, "telnet", false, "give each device a port for Telnet too, behind those for SSH")
	set.IntVar(&f.devices, "devices", 0, "serve `N` firewalls without cables, F1060-1 to F1060-N, in place of a lab")
	f.cast.add(set, "record consoles and sessions in `DIR`, a file each, as asciicasts")
	f.trace.add(set)
	f.lab.add(set)
	rest, err := set.parse(args, 0, 1)
	if err != nil {
		return err
	}
	if (len(rest) == 1) == (f.devices != 0) {
		return misusef("serve wants a LAB or --devices N")
	}
	if f.devices != 0 && (f.trace.wanted() || f.trace.taps != "") {
		return misusef("--pcap, --tap and --keys want a lab, not --devices, which have no cables")
	}
	so, err := f.options(s)
	if err != nil {
		return err
	}
	o, err := f.lab.options()
	if err != nil {
		return err
	}
	o.Endless = true
	traced := &traces{traceFlags: f.trace}
	defer func() { err = errors.Join(err, traced.close()) }() // after all others: it takes the labs to have stopped
	var records *archive
	if f.cast.file != "" {
		if records, err = newArchive(f.cast.file, f.cast.version, func(err error) { fmt.Fprintln(s.err, "cwlab:", s.lang.Error(err)) }); err != nil {
			return err
		}
		defer records.close()
	}
	var p *place
	if f.devices != 0 {
		p, err = f.fleet(ctx, o, records, s)
	} else {
		p, err = f.one(ctx, rest[0], o, records, traced, s)
	}
	if err != nil {
		return err
	}
	listeners, err := f.listeners(p.names)
	if err != nil {
		return err
	}
	return p.serve(ctx, so, listeners, s)
}

// A place is what is served.
type place struct {
	name  string
	names []string // of the devices
	labs  ssh.Labs
	start func()       // before anybody comes
	broke <-chan error // the end of all
	warm  func()       // once it listens, nil for nothing
	stop  func()
	views *views
}

// one is the place of a lab.
func (f *serveFlags) one(ctx context.Context, name string, o lab.Options, records *archive, traced *traces, s streams) (*place, error) {
	def, err := sessions.Load(name)
	if err != nil {
		return nil, err
	}
	if err := traced.check(def); err != nil {
		return nil, err
	}
	var names []string
	for _, d := range def.Devices {
		names = append(names, d.Name)
	}
	l, err := traced.open(def, o, s.err)
	if err == nil {
		err = records.follow(l, o)
	}
	if err != nil {
		return nil, err
	}
	broke := make(chan error, 1)
	p := &place{name: def.Name, names: names, labs: ssh.One(l), broke: broke, stop: l.Stop, views: &views{s: s}}
	p.views.add(l)
	p.start = func() {
		l.Start(context.WithoutCancel(ctx)) // it outlives the sessions
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-l.Changed():
				}
				if err := l.Err(); err != nil {
					broke <- err
					return
				}
			}
		}()
	}
	return p, nil
}

// fleet is the place of generated devices.
func (f *serveFlags) fleet(ctx context.Context, o lab.Options, records *archive, s streams) (*place, error) {
	if len(f.lab.bridge) > 0 {
		return nil, misusef("--bridge wants a lab, not --devices")
	}
	if f.devices < 1 || f.devices > sessions.MaxFleet {
		return nil, misusef("--devices is %d, want 1 to %d", f.devices, sessions.MaxFleet)
	}
	p := &place{name: strconv.Itoa(f.devices) + " " + fleetModel, views: &views{s: s}}
	fleet, err := sessions.NewFleet(context.WithoutCancel(ctx), fleetModel, f.devices, time.Now().UTC().Truncate(time.Second),
		func(def *lab.Definition) (*lab.Lab, error) {
			l, err := lab.Open(def, device.Make, o)
			if err == nil {
				p.views.add(l)
				err = records.follow(l, o)
			}
			return l, err
		}, func(err error) { fmt.Fprintln(s.err, "cwlab:", s.lang.Error(err)) })
	if err != nil {
		return nil, err
	}
	for i := range fleet.Len() {
		p.names = append(p.names, fleet.Name(i+1))
	}
	p.labs, p.stop = fleet, fleet.Stop
	p.start, p.warm = func() {}, func() { _, _ = device.Grammar() } // whose error the first device gives
	return p, nil
}

// views are the full screens of labs.
type views struct {
	s   streams
	all sync.Map // *lab.Lab to *tui.Shared
}

// add prepares a lab that is not live yet.
func (v *views) add(l *lab.Lab) { v.all.Store(l, tui.Share(l)) }

// show shows the full screen to a visitor, in the language that he speaks and
// the colours that his terminal has.
func (v *views) show(ctx context.Context, g *ssh.Visitor) error {
	shared, _ := v.all.Load(g.Lab)
	lang := v.s.lang
	if g.Getenv("LC_ALL")+g.Getenv("LC_MESSAGES")+g.Getenv("LANG") != "" {
		lang = words.FromLocale(g.Getenv)
	}
	return shared.(*tui.Shared).Visit(ctx, tui.Guest{In: g.In, Out: g.Out, Sizes: g.Sizes, Lang: lang, Focus: g.Device, Desk: g,
		Colour: g.Getenv("NO_COLOR") == "" && g.Term != "dumb" && g.Term != "vt100"})
}

// options are those of the server: its user and its key.
func (f *serveFlags) options(s streams) (o ssh.Options, err error) {
	o = ssh.Options{User: f.user, Say: s.lang.Say, Report: s.err}
	if strings.Trim(f.user, " ") == "" {
		return o, misusef("the lab's user needs a name")
	}
	if f.passwordFile != "" {
		b, err := os.ReadFile(f.passwordFile)
		if err != nil {
			return o, misuse{err}
		}
		if o.Password = strings.TrimRight(string(b), "\r\n"); o.Password == "" {
			return o, misusef("%s has no password", f.passwordFile)
		}
	}
	if f.hostKey == "" {
		if f.hostKey, err = ssh.DefaultHostKey(); err != nil {
			return o, err
		}
	}
	o.Key, err = ssh.HostKey(f.hostKey)
	return o, err
}

// listeners are where the server listens: for all devices, and for one each.
type listeners []listener

type listener struct {
	net.Listener
	device string // "" for all
	telnet bool
}

func (ls listeners) close() (err error) {
	for _, ln := range ls {
		err = errors.Join(err, ln.Close())
	}
	return err
}

func (f *serveFlags) listeners(names []string) (ls listeners, err error) {
	host, port, err := net.SplitHostPort(f.listen)
	n, perr := strconv.ParseUint(port, 10, 16)
	if err != nil || perr != nil || host == "" {
		return nil, misusef("address is %q, want HOST:PORT, as 127.0.0.1:2200", f.listen)
	}
	want := []listener{{}}
	add := func(telnet bool) {
		for _, d := range names {
			want = append(want, listener{device: d, telnet: telnet})
		}
	}
	if f.ports {
		add(false)
	}
	if f.telnet {
		add(true)
	}
	for i, w := range want {
		at := n
		if n > 0 { // 0 takes any port
			at += uint64(i)
		}
		ln, err := net.Listen("tcp", net.JoinHostPort(host, strconv.FormatUint(at, 10)))
		if err != nil {
			return nil, errors.Join(err, ls.close())
		}
		w.Listener = ln
		ls = append(ls, w)
	}
	return ls, nil
}

// serve runs labs in step with the wall clock and lets people in until ctx is
// done or the world has stopped.
func (p *place) serve(ctx context.Context, o ssh.Options, ls listeners, s streams) error {
	generated := o.Password == ""
	if generated {
		o.Password = rand.Text()
	}
	o.Screen = p.views.show
	server, err := ssh.New(p.labs, o)
	if err != nil {
		return errors.Join(err, ls.close())
	}
	p.start()
	defer p.stop()
	failed := make(chan error, len(ls))
	for _, ln := range ls {
		serve := server.Serve
		if ln.telnet {
			serve = server.ServeTelnet
		}
		go func() { failed <- serve(ln.Listener, ln.device) }()
	}
	p.announce(o.User, ls, s)
	if generated {
		fmt.Fprintln(s.err, s.lang.Say("The password of %s is %s", o.User, o.Password))
	}
	if p.warm != nil {
		go p.warm()
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	case err = <-p.broke:
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	server.Shutdown(drain)
	return err
}

// announce says where the server listens and how one comes in.
func (p *place) announce(user string, ls listeners, s streams) {
	var b strings.Builder
	say := func(english string, args ...any) { fmt.Fprintln(&b, s.lang.Say(english, args...)) }
	for _, ln := range ls {
		name := ln.device
		if name == "" {
			name = p.name
		}
		if ln.telnet {
			say("%s is at %s for Telnet", name, ln.Addr())
			continue
		}
		say("%s is at %s", name, ln.Addr())
	}
	host, port, _ := net.SplitHostPort(ls[0].Addr().String())
	say("a virtual line: ssh -p %s %s+%s@%s", port, user, p.names[0], host)
	say("the console: ssh -p %s %s@%s", port, p.names[0], host)
	if p.labs.Main() != nil {
		say("the full screen: ssh -p %s lab@%s", port, host)
	} else {
		say("the full screen: ssh -p %s lab+%s@%s", port, p.names[0], host)
	}
	_, _ = io.WriteString(s.err, b.String()) // to a terminal that is gone there is nothing to say
}
