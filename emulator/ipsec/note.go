package ipsec

import "fmt"

var reasonNames = []string{"", "invalid SPI", "no SA", "encryption failed", "decryption failed", "ACL check", "address does not match the SA",
	"sequence numbers are used up", "encapsulation mode does not match", "dummy packet", "wrong length", "too long", "replayed",
	"authentication failed", "unprotected", "the local address is another router's", "the flow waits for SAs", "too many tunnels"}

func (r Reason) String() string {
	if r > 0 && int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return fmt.Sprintf("Reason(%d)", int(r))
}

var causeNames = []string{"", "expired", "idle", "the peer deleted it", "by IKE", "reset", "configuration", "replaced"}

func (c Cause) String() string {
	if c > 0 && int(c) < len(causeNames) {
		return causeNames[c]
	}
	return fmt.Sprintf("Cause(%d)", int(c))
}

// Note is what an event says of the frame that it belongs to, "" for the steps
// on the way; sends says that the frame is one that goes out.
func (e Event) Note() (text string, sends bool) {
	switch e.Kind {
	case TunnelAdded:
		return fmt.Sprintf("IPsec tunnel %d to %v set up", e.Tunnel, e.Dst), false
	case TunnelDeleted:
		return fmt.Sprintf("IPsec tunnel %d deleted: %v", e.Tunnel, e.Cause), false
	case SAAdded:
		return fmt.Sprintf("%s SA 0x%08x in force", direction(e.Inbound), e.SPI), false
	case SADeleted:
		return fmt.Sprintf("%s SA 0x%08x deleted: %v", direction(e.Inbound), e.SPI, e.Cause), false
	case RouteAdded:
		return fmt.Sprintf("route to %v behind %v added", e.Route.Dst, e.Route.Next), false
	case RouteRemoved:
		return fmt.Sprintf("route to %v behind %v taken away", e.Route.Dst, e.Route.Next), false
	case PathMTUChanged:
		return fmt.Sprintf("the way of tunnel %d takes %d bytes", e.Tunnel, e.MTU), false
	case AcquireSent:
		return "IPsec asks IKE for SAs", false
	case Clear:
		return "came in the clear and should be protected", false
	case Dropped:
		return "dropped: " + e.Reason.String(), false
	default:
	}
	return "", false
}

func direction(inbound bool) string {
	if inbound {
		return "inbound"
	}
	return "outbound"
}
