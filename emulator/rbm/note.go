package rbm

import "fmt"

// Note is what an event says of the frame that it belongs to, "" for the steps
// on the way; sends says that the frame is one that goes out.
func (e Event) Note() (text string, sends bool) {
	switch e.Kind {
	case StateChanged:
		return fmt.Sprintf("hot backup becomes %v: %v", e.To, e.Why), false
	case ChannelUp:
		return "hot backup: the channel is up", false
	case ChannelDown:
		return "hot backup: the channel is down", false
	case RoleConflict:
		return "hot backup: both devices have one role", false
	case SyncStarted:
		return "hot backup: batch synchronisation begins", true
	case SyncFinished:
		return "hot backup: batch synchronisation is done", false
	case Refused:
		return "hot backup: the peer does not take over", false
	default:
	}
	return "", false
}
