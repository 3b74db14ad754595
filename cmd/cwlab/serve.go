package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/sessions/ssh"
)

// defaultUser is the lab's user where none is named.
const defaultUser = "cwlab"

// drainTime is how long clients may take to read what is left when the server
// ends.
const drainTime = 5 * time.Second

// serveFlags are the flags of serve.
type serveFlags struct {
	listen, user, passwordFile, hostKey string
	ports                               bool
	lab                                 labFlags
}

func runServe(ctx context.Context, args []string, s streams) error {
	set := newFlags("serve", s)
	set.args = "LAB"
	var f serveFlags
	set.StringVar(&f.listen, "listen", "127.0.0.1:2200", "`ADDRESS` and port to listen at")
	set.StringVar(&f.user, "user", defaultUser, "`NAME` of the lab's user, who may do everything on every device")
	set.StringVar(&f.passwordFile, "password-file", "", "`FILE` with his password (default a new one, printed once)")
	set.StringVar(&f.hostKey, "host-key", "", "`FILE` of the host key (default one in the user's configuration folder, made once)")
	set.BoolVar(&f.ports, "port-per-device", false, "give each device a port of its own, from the next port on")
	f.lab.add(set)
	rest, err := set.parse(args, 1, 1)
	if err != nil {
		return err
	}
	def, err := sessions.Load(rest[0])
	if err != nil {
		return err
	}
	o, err := f.lab.options()
	if err != nil {
		return err
	}
	o.Endless = true
	so, err := f.options(s)
	if err != nil {
		return err
	}
	listeners, err := f.listeners(def)
	if err != nil {
		return err
	}
	l, err := openLab(def, o, s.err)
	if err != nil {
		return errors.Join(err, listeners.close())
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	return serve(ctx, l, so, listeners, s)
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
}

func (ls listeners) close() (err error) {
	for _, ln := range ls {
		err = errors.Join(err, ln.Close())
	}
	return err
}

func (f *serveFlags) listeners(def *lab.Definition) (ls listeners, err error) {
	host, port, err := net.SplitHostPort(f.listen)
	n, perr := strconv.ParseUint(port, 10, 16)
	if err != nil || perr != nil || host == "" {
		return nil, misusef("address is %q, want HOST:PORT, as 127.0.0.1:2200", f.listen)
	}
	devices := []string{""}
	if f.ports {
		for _, d := range def.Devices {
			devices = append(devices, d.Name)
		}
	}
	for i, d := range devices {
		at := n
		if n > 0 { // 0 takes any port
			at += uint64(i)
		}
		ln, err := net.Listen("tcp", net.JoinHostPort(host, strconv.FormatUint(at, 10)))
		if err != nil {
			return nil, errors.Join(err, ls.close())
		}
		ls = append(ls, listener{ln, d})
	}
	return ls, nil
}

// serve runs the lab in step with the wall clock and lets people in until ctx
// is done or the world has stopped.
func serve(ctx context.Context, l *lab.Lab, o ssh.Options, ls listeners, s streams) error {
	generated := o.Password == ""
	if generated {
		o.Password = rand.Text()
	}
	server, err := ssh.New(l, o)
	if err != nil {
		return errors.Join(err, ls.close())
	}
	l.Start(context.WithoutCancel(ctx)) // it outlives the sessions
	defer l.Stop()
	failed := make(chan error, len(ls))
	for _, ln := range ls {
		go func() { failed <- server.Serve(ln.Listener, ln.device) }()
	}
	s.announce(l, o.User, ls)
	if generated {
		fmt.Fprintln(s.err, s.lang.Say("The password of %s is %s", o.User, o.Password))
	}
	err = nil
	for done := false; !done; {
		select {
		case <-ctx.Done():
			done = true
		case err = <-failed:
			done = true
		case <-l.Changed():
			err = l.Err()
			done = err != nil
		}
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	server.Shutdown(drain)
	return err
}

// announce says where the server listens and how one comes in.
func (s streams) announce(l *lab.Lab, user string, ls listeners) {
	for _, ln := range ls {
		name := ln.device
		if name == "" {
			name = l.Definition().Name
		}
		fmt.Fprintln(s.err, s.lang.Say("%s is at %s", name, ln.Addr()))
	}
	first := l.Devices()[0].Name()
	host, port, _ := net.SplitHostPort(ls[0].Addr().String())
	fmt.Fprintln(s.err, s.lang.Say("a virtual line: ssh -p %s %s+%s@%s", port, user, first, host))
	fmt.Fprintln(s.err, s.lang.Say("the console: ssh -p %s %s@%s", port, first, host))
}
