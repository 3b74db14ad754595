package ikev2

import "fmt"

var causeNames = map[Cause]string{
	CauseTimeout: "no answer", CauseConfig: "no usable profile, key or proposal", CauseNotified: "the peer refused",
	CauseSyntax: "invalid syntax", CauseProposal: "no proposal chosen", CauseAuth: "authentication failed",
	CauseTraffic: "no traffic selectors in common", CauseInstall: "the SAs cannot be installed", CauseDeleted: "deleted by the peer",
	CauseReset: "reset", CauseRenewed: "renewed", CauseExpired: "expired", CauseRedundant: "INITIAL_CONTACT",
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
	}
	return "", false
}
