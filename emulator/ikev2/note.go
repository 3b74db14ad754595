package ikev2

import "fmt"

var causeNames = map[Cause]string{
	CauseTimeout: "no answer", CauseConfig: "no usable profile, key or proposal", CauseNotified: "the peer refused",
	CauseSyntax: "invalid syntax", CauseProposal: "no proposal chosen", CauseAuth: "authentication failed",
	CauseTraffic: "no traffic selectors in common", CauseInstall: "the SAs cannot be installed", CauseDeleted: "deleted by the peer",
	CauseReset: "reset", CauseRenewed: "renewed", CauseExpired: "expired", CauseRedundant: "redundant",
	CauseIntegrity: "the integrity check failed", CauseNoSA: "no IKE SA has its SPIs", CauseVersion: "a later version of IKE", CauseMessageID: "not the next message ID",
}

func (c Cause) String() string {
	if s := causeNames[c]; s != "" {
		return s
	}
	return fmt.Sprintf("Cause(%d)", int(c))
}

// Note is what an event says of the frame that it belongs to; see ike.Event.
func (e Event) Note() (text string, sends bool) {
	switch e.Kind {
	case Established:
		return fmt.Sprintf("IKE SA %d established", e.SA.Tunnel), false
	case Deleted:
		return fmt.Sprintf("IKE SA %d deleted: %v", e.SA.Tunnel, e.Cause), false
	case RequestFailed:
		return fmt.Sprintf("IPsec SAs to %v failed: %v", e.Request.Remote, e.Cause), false
	case Discarded:
		return fmt.Sprintf("discarded: %v", e.Cause), false
	case Failure:
		return fmt.Sprint(e.Notify), !e.Inbound
	case Collided:
		if e.Lost {
			return "both ends renew at once: this end's is given up", false
		}
		return "both ends renew at once: this end's stays", false
	case Challenged:
		return "a cookie is asked for", true
	case Repeated:
		return "repeated", true
	default:
	}
	return "", false
}
