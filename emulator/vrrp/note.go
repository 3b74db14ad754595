package vrrp

import "fmt"

var faultNames = []string{"", "checksum", "version", "unknown virtual router", "TTL is not 255", "length", "type", "authentication type",
	"authentication type is not ours", "authentication key", "advertisement interval", "virtual addresses"}

func (f Fault) String() string {
	if f > 0 && int(f) < len(faultNames) {
		return faultNames[f]
	}
	return fmt.Sprintf("Fault(%d)", uint8(f))
}

// Note is what an event says of the frame that it belongs to, "" for the steps
// on the way; sends says that the frame is one that goes out.
func (e Event) Note() (text string, sends bool) {
	switch e.Kind {
	case StateChanged:
		return fmt.Sprintf("virtual router %d becomes %v: %v", e.VRID, e.To, e.Why), false
	case Bad:
		return fmt.Sprintf("dropped by virtual router %d: %v", e.VRID, e.Fault), false
	default:
	}
	return "", false
}
