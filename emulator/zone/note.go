package zone

import "fmt"

var reasonNames = []string{"", "an interface in no zone", "a rule", "no rule passes it", "nothing it could belong to", "the session table is full", "the zone pair's filter"}

func (r Reason) String() string {
	if r > 0 && int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// Note is what an event says of the frame that it belongs to: why a packet was
// dropped.
func (e Event) Note() (text string, sends bool) {
	if e.Action != Drop {
		return "", false
	}
	return "dropped by the security policy: " + e.Why.String(), false
}
