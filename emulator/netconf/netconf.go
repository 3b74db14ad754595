// Package netconf is a NETCONF server without a network and without a device:
// sessions of RFC 6241 in the framing of RFC 6242, whose bytes somebody carries
// and whose operations a Host performs.
//
// A Session speaks base 1.0 and base 1.1. It does itself what is about
// sessions: hello, close-session, kill-session, lock and unlock of the running
// configuration. What is left is the host's, which tells the server what kind
// of operation each is. Requests of a session are answered in order, one at a
// time; sessions do not wait for one another.
//
// Limitations: there is one datastore, the running configuration. No
// notifications (RFC 5277), no NACM (RFC 8341): who may do what is of two kinds,
// all or reading. Filters are subtree filters; namespaces of values (QNames) are
// not followed. A message has at most 4 MiB, 64 levels and 50,000 elements.
package netconf

// Base is the namespace of RFC 6241.
const Base = "urn:ietf:params:xml:ns:netconf:base:1.0"

// The capabilities of the versions (RFC 6241 section 8.1).
const (
	Base10 = "urn:ietf:params:netconf:base:1.0"
	Base11 = "urn:ietf:params:netconf:base:1.1"
)

// A Class is what kind an operation is.
type Class int

const (
	Unknown Class = iota // the host does not have it
	Reads                // anybody may
	Acts                 // who may only read may not
	Changes              // the same, and it waits for locks of others
)

// A Host performs operations.
type Host interface {
	// Capabilities are those of the hello besides the base ones.
	Capabilities() []string
	// Class says what kind of operation a request is.
	Class(op *Element) Class
	// Do performs an operation of a session and calls done once, at once or
	// later: with the content of the reply, nil for ok, or with why it failed:
	// an Error or several that are joined.
	Do(s *Session, op *Element, done func(reply []*Element, err error))
}

// A Server is the sessions of a host.
type Server struct {
	host     Host
	sessions []*Session
	last     uint32   // number of the newest session
	lock     *Session // who has locked the running configuration, nil for nobody
}

// NewServer is a server without sessions.
func NewServer(h Host) *Server { return &Server{host: h} }

// Sessions are those that are open, in the order in which they came.
func (s *Server) Sessions() []*Session { return s.sessions }

func (s *Server) session(id uint32) *Session {
	for _, x := range s.sessions {
		if x.id == id {
			return x
		}
	}
	return nil
}
