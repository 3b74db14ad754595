// Package interop holds devices against programs that others wrote: its tests
// start strongSwan or keepalived in a network namespace of their own, join a
// device to that namespace by a TAP interface and have the two negotiate and talk.
//
// Time is the wall clock's there, which the other program lives by. A test
// waits for what happens, each with a deadline, and for nothing else. Where
// the machine lacks what that takes (Linux, root, /dev/net/tun, strongSwan's
// charon and swanctl, keepalived, iproute2) the tests are skipped and say what is missing.
//
// Limitations: strongSwan's ESP in user space speaks UDP encapsulation alone,
// so it always claims a NAT; ESP as a protocol of its own is held against
// captures in other packages. keepalived's authentication by AH covers the TTL
// and wants the sender's address as the SPI, both against RFC 2402, so nobody
// judges MD5 of VRRP version 2.
package interop
