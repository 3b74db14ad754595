package feature

import "cwlab/emulator/stack"

// ACLs judge packets by access control lists. The feature that has the lists
// puts one on the box (Put[ACLs]).
type ACLs interface {
	// Permits says what the list of that number says of a packet; known is
	// false while there is no such list or none of its rules matches.
	Permits(number int, p *stack.Packet) (permit, known bool)
}
