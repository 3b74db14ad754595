package device

import (
	"cwlab/comware/feature/netconf"
	protocol "cwlab/emulator/netconf"
)

// A subsystem is a NETCONF session on a virtual line.
type subsystem struct {
	*vty
	session *protocol.Session
	early   []byte // what came before the session began
}

// maxEarly is how much of that is kept, in bytes: more than any hello.
const maxEarly = 64 << 10

func (s *subsystem) start() {
	b := s.visit.box
	s.session = netconf.Open(b, netconf.Peer{User: s.visit.entry.User, From: s.visit.from(), Line: s.name, Roles: s.visit.entry.Roles, Since: b.Clock()}, s.out, func() { s.done(0) })
	b.After(consentTime, func() {
		if !s.session.Greeted() && !s.session.Over() {
			s.Close()
		}
	})
	early := s.early
	s.early = nil
	s.session.Input(early)
}

// Input is bytes of the client, who does not wait for the device's hello.
func (s *subsystem) Input(b []byte) {
	switch {
	case s.session != nil:
		s.session.Input(b)
	case len(s.early)+len(b) > maxEarly:
		s.Close()
	default:
		s.early = append(s.early, b...)
	}
}

// Resize does nothing: there is no screen.
func (*subsystem) Resize(int, int) {}

// EOF ends the session when all that was asked is answered.
func (s *subsystem) EOF() {
	switch {
	case s.visit.over:
	case s.session != nil && !s.session.Busy():
		s.Close()
	default:
		s.visit.box.After(eofPause, s.EOF)
	}
}

// Close ends the session.
func (s *subsystem) Close() {
	if !s.visit.over {
		s.drop()
		s.done(0)
	}
}

func (s *subsystem) drop() {
	if s.session != nil {
		s.session.Close()
	}
}
