package acl

import (
	"strconv"

	"cwlab/emulator/stack"
)

// Permits says what the list of that number says of a packet. It counts no
// match. It is what feature.ACLs asks for.
func (s *Lists) Permits(number int, p *stack.Packet) (permit, known bool) {
	l := s.Lookup(strconv.Itoa(number))
	if l == nil {
		return false, false
	}
	r := l.Packet(p)
	return r != nil && r.Permit, r != nil
}
