package netconf

import (
	"fmt"
	"slices"
	"strconv"
)

// A Session is one client.
type Session struct {
	server   *Server
	id       uint32
	readOnly bool
	out      func([]byte)
	end      func()
	in       Deframer
	greeted  bool // his hello has come
	busy     bool // an operation has not answered yet
	pumping  bool
	over     bool

	// Cancel is set by the host while an operation takes time: it is called when
	// the session ends before the answer.
	Cancel func()
	// Peer is what the host knows of him.
	Peer any
}

// Open begins a session: the hello goes out at once. out gets the bytes for the
// client; end is called once when the server ends the session, not for Close.
func (s *Server) Open(peer any, readOnly bool, out func([]byte), end func()) *Session {
	s.last++
	x := &Session{server: s, id: s.last, readOnly: readOnly, out: out, end: end, Peer: peer}
	s.sessions = append(s.sessions, x)
	caps := Node(Base, "capabilities")
	for _, c := range append([]string{Base10, Base11}, s.host.Capabilities()...) {
		caps.Kids = append(caps.Kids, Leaf(Base, "capability", c))
	}
	x.send(Node(Base, "hello", caps, Leaf(Base, "session-id", strconv.FormatUint(uint64(x.id), 10))))
	return x
}

// ID is the number of the session, from 1.
func (x *Session) ID() uint32 { return x.id }

// Greeted says that the client's hello has come.
func (x *Session) Greeted() bool { return x.greeted }

// Locked says that the session has locked the configuration.
func (x *Session) Locked() bool { return x.server.lock == x }

// Busy says that a request has no answer yet.
func (x *Session) Busy() bool { return x.busy }

// Over says that the session has ended.
func (x *Session) Over() bool { return x.over }

// Close ends the session; what it has locked is free.
func (x *Session) Close() {
	if x.over {
		return
	}
	x.over = true
	s := x.server
	s.sessions = slices.DeleteFunc(s.sessions, func(y *Session) bool { return y == x })
	if s.lock == x {
		s.lock = nil
	}
	if x.Cancel != nil {
		x.Cancel()
	}
}

func (x *Session) stop() {
	if !x.over {
		x.Close()
		x.end()
	}
}

func (x *Session) send(e *Element) {
	if !x.over {
		x.out(Frame(nil, e.Document(), x.in.Chunked))
	}
}

// Input is bytes of the client. One who does not keep to the framing is cut off
// (RFC 6242 section 4.2), and so is one who sends more than two messages ahead
// of the longest.
func (x *Session) Input(b []byte) {
	if x.over {
		return
	}
	x.in.Write(b)
	x.pump()
	if x.in.Waiting() > 2*MaxMessage {
		x.stop()
	}
}

// pump handles the messages that are there, up to one that takes time.
func (x *Session) pump() {
	if x.pumping {
		return
	}
	x.pumping = true
	for !x.busy && !x.over {
		m, ok, err := x.in.Next()
		if err != nil {
			x.stop()
		}
		if err != nil || !ok {
			break
		}
		if x.greeted {
			x.request(m)
		} else {
			x.hello(m)
		}
	}
	x.pumping = false
}

// hello takes the client's hello (RFC 6241 section 8.1): without one, without a
// version in common or with a session-id in it there is no session.
func (x *Session) hello(m []byte) {
	h, err := Parse(m)
	if err != nil || h.Space != Base || h.Name != "hello" || h.Child("session-id") != nil {
		x.stop()
		return
	}
	has := func(version string) bool {
		caps := h.Child("capabilities")
		return caps != nil && slices.ContainsFunc(caps.Kids, func(c *Element) bool { return c.Name == "capability" && c.Text == version })
	}
	if !has(Base10) && !has(Base11) {
		x.stop()
		return
	}
	x.greeted, x.in.Chunked = true, has(Base11)
}

// request answers an rpc. One that is no XML has no message-id to answer with.
func (x *Session) request(m []byte) {
	rpc, err := Parse(m)
	reply := Node(Base, "rpc-reply")
	switch {
	case err != nil:
		tag := "malformed-message"
		if !x.in.Chunked { // the tag is of base 1.1
			tag = "operation-failed"
		}
		x.answer(reply, nil, failed("rpc", tag, err.Error()))
		return
	case rpc.Space != Base || rpc.Name != "rpc":
		x.answer(reply, nil, failed("rpc", "unknown-element", fmt.Sprintf("the message is a %s, want an rpc", rpc.Name), info("bad-element", rpc.Name)))
		return
	}
	reply.Attrs = rpc.Attrs
	if _, ok := rpc.Attr("", "message-id"); !ok {
		x.answer(reply, nil, failed("rpc", "missing-attribute", "an rpc wants a message-id", info("bad-attribute", "message-id"), info("bad-element", "rpc")))
		return
	}
	if len(rpc.Kids) != 1 {
		x.answer(reply, nil, failed("rpc", "operation-failed", fmt.Sprintf("the rpc has %d operations, want 1", len(rpc.Kids))))
		return
	}
	x.busy = true
	answered := false
	x.perform(rpc.Kids[0], func(content []*Element, err error) {
		if answered || x.over {
			return
		}
		answered, x.busy, x.Cancel = true, false, nil
		x.answer(reply, content, err)
		if rpc.Kids[0].Name == "close-session" && err == nil {
			x.stop()
		}
		x.pump()
	})
}

func (x *Session) answer(reply *Element, content []*Element, err error) {
	switch {
	case err != nil:
		reply.Kids = rpcErrors(err)
	case content == nil:
		reply.Kids = []*Element{Node(Base, "ok")}
	default:
		reply.Kids = content
	}
	x.send(reply)
}

// own are the operations of the server itself.
var own = map[string]struct {
	class Class
	do    func(x *Session, op *Element) error
}{
	"close-session": {Reads, func(*Session, *Element) error { return nil }},
	"kill-session":  {Acts, (*Session).kill},
	"lock":          {Acts, (*Session).takeLock},
	"unlock":        {Acts, (*Session).unlock},
}

// perform performs an operation that the client may perform.
func (x *Session) perform(op *Element, done func([]*Element, error)) {
	s := x.server
	mine, ok := own[op.Name]
	class := mine.class
	if !ok {
		class = s.host.Class(op)
	}
	switch {
	case class == Unknown || op.Space != Base:
		done(nil, failed("protocol", "operation-not-supported", fmt.Sprintf("there is no operation %s here", op.Name)))
	case class != Reads && x.readOnly:
		done(nil, failed("protocol", "access-denied", fmt.Sprintf("the roles of the user do not permit %s", op.Name)))
	case class == Changes && s.lock != nil && s.lock != x:
		done(nil, failed("protocol", "in-use", fmt.Sprintf("session %d has locked the configuration", s.lock.id)))
	case ok:
		done(nil, mine.do(x, op))
	default:
		s.host.Do(x, op, done)
	}
}

// kill is RFC 6241 section 7.9.
func (x *Session) kill(op *Element) error {
	id, err := strconv.ParseUint(op.Value("session-id"), 10, 32)
	switch other := x.server.session(uint32(id)); {
	case op.Child("session-id") == nil:
		return failed("protocol", "missing-element", "kill-session wants a session-id", info("bad-element", "session-id"))
	case err != nil || other == nil:
		return failed("protocol", "invalid-value", fmt.Sprintf("there is no session %q", op.Value("session-id")), info("bad-element", "session-id"))
	case other == x:
		return failed("protocol", "invalid-value", "a session ends itself by close-session", info("bad-element", "session-id"))
	default:
		other.stop()
		return nil
	}
}

// RunningTarget says why an operation on a datastore is not one on the running
// configuration, nil if it is. parameter is target or source.
func RunningTarget(op *Element, parameter string) error {
	switch t := op.Child(parameter); {
	case t == nil || len(t.Kids) != 1:
		return failed("protocol", "missing-element", fmt.Sprintf("%s wants a %s of one datastore", op.Name, parameter), info("bad-element", parameter))
	case t.Kids[0].Name != "running":
		return failed("protocol", "operation-not-supported", fmt.Sprintf("the datastore is %s, want running", t.Kids[0].Name))
	}
	return nil
}

// takeLock is RFC 6241 section 7.5.
func (x *Session) takeLock(op *Element) error {
	if err := RunningTarget(op, "target"); err != nil {
		return err
	}
	if by := x.server.lock; by != nil {
		return failed("protocol", "lock-denied", fmt.Sprintf("session %d has locked the configuration", by.id), info("session-id", strconv.FormatUint(uint64(by.id), 10)))
	}
	x.server.lock = x
	return nil
}

// unlock is RFC 6241 section 7.6.
func (x *Session) unlock(op *Element) error {
	if err := RunningTarget(op, "target"); err != nil {
		return err
	}
	if x.server.lock != x {
		return failed("protocol", "operation-failed", "Unlock Failed: the session has not locked the configuration")
	}
	x.server.lock = nil
	return nil
}
