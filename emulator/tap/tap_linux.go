package tap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// maxFrame is the longest frame that an interface gives, in bytes.
const maxFrame = 65535

// A File is an open TAP interface.
type File struct{ f *os.File }

// Receive gives every frame that the kernel sends to f, until Close. f must
// not keep the frame.
func (t *File) Receive(f func(frame []byte)) {
	frame := make([]byte, maxFrame)
	for {
		n, err := t.f.Read(frame)
		if err != nil {
			return
		}
		f(frame[:n])
	}
}

// Send gives a frame to the kernel. It does not wait: one that the kernel does
// not take, as while the interface is down, is lost.
func (t *File) Send(frame []byte) { _, _ = t.f.Write(frame) }

// Close ends the use of the interface, and Receive.
func (t *File) Close() error { return t.f.Close() }

// Open opens the TAP interface of that name in the network namespace of the
// calling thread; one that does not exist is made and is gone after Close.
// Where that is allowed the interface is switched on. An address of its own
// is left to the machine's operator.
func Open(name string) (*File, error) {
	f, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("tap %s: %w", name, err)
	}
	return f, nil
}

func open(name string) (*File, error) {
	if name == "" || len(name) >= unix.IFNAMSIZ || strings.ContainsAny(name, "/ \t\n%:") {
		return nil, ErrName
	}
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return nil, ErrNoDevice
	case errors.Is(err, fs.ErrPermission):
		return nil, ErrNotAllowed
	case err != nil:
		return nil, fmt.Errorf("/dev/net/tun: %w", err)
	}
	ifr, err := unix.NewIfreq(name)
	if err == nil {
		ifr.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, ifr)
	}
	if err != nil {
		_ = unix.Close(fd)
		switch {
		case errors.Is(err, fs.ErrPermission):
			return nil, ErrNotAllowed
		case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EINVAL):
			return nil, ErrBusy
		}
		return nil, err
	}
	switchOn(name)
	return &File{os.NewFile(uintptr(fd), "tap "+name)}, nil
}

// switchOn sets the interface up. Who may not do that has it done beforehand.
func switchOn(name string) {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer func() { _ = unix.Close(s) }()
	ifr, err := unix.NewIfreq(name)
	if err != nil || unix.IoctlIfreq(s, unix.SIOCGIFFLAGS, ifr) != nil {
		return
	}
	ifr.SetUint16(ifr.Uint16() | unix.IFF_UP)
	_ = unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, ifr) // refused without the right; the interface stays as it was
}
