// Package tap opens TAP interfaces of the machine's kernel, so that a port of
// a laboratory can be joined to real Ethernet: frame by frame, without a
// checksum and without a header of the kernel's own (tuntap.rst of the Linux
// documentation, IFF_TAP and IFF_NO_PI).
//
// Limitations: Linux alone; no offloading, so that frames from the kernel
// carry whole checksums.
package tap

import "errors"

// Why an interface cannot be opened.
var (
	ErrUnsupported = errors.New("TAP interfaces are for Linux")
	ErrNoDevice    = errors.New("this machine has no /dev/net/tun")
	ErrNotAllowed  = errors.New("no right to use TAP interfaces; that takes root, CAP_NET_ADMIN, or an interface made for you with `ip tuntap add NAME mode tap user USER`")
	ErrBusy        = errors.New("another program has it open, or it is no TAP interface")
	ErrName        = errors.New("a name has 1 to 15 characters, without / and blanks")
)
