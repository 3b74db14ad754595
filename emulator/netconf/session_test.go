package netconf

import (
	"strings"
	"testing"
)

// fake is a host whose operations are get, edit-config and wait, which answers
// when the test says.
type fake struct {
	data    []*Element
	waiting []func([]*Element, error)
	edits   int
}

func (*fake) Capabilities() []string { return []string{"urn:example:extra"} }

func (*fake) Class(op *Element) Class {
	return map[string]Class{"get": Reads, "wait": Acts, "edit-config": Changes}[op.Name]
}

func (f *fake) Do(_ *Session, op *Element, done func([]*Element, error)) {
	switch op.Name {
	case "get":
		done([]*Element{Node(Base, "data", Select(f.data, op.Child("filter"))...)}, nil)
	case "wait":
		f.waiting = append(f.waiting, done)
	default:
		f.edits++
		done(nil, nil)
	}
}

// A client is the other end of a session.
type client struct {
	t       *testing.T
	session *Session
	in      Deframer
	ended   bool
}

func connect(t *testing.T, s *Server, readOnly bool, versions ...string) *client {
	t.Helper()
	c := &client{t: t}
	c.session = s.Open(nil, readOnly, c.in.Write, func() { c.ended = true })
	hello := c.take()
	if len(hello) != 1 || !strings.Contains(hello[0], "<capability>urn:example:extra</capability>") || !strings.Contains(hello[0], "<capability>"+Base11+"</capability>") {
		t.Fatalf("the hello is %q", hello)
	}
	if len(versions) == 0 {
		return c
	}
	text := `<hello xmlns="` + Base + `"><capabilities>`
	for _, v := range versions {
		text += "<capability>" + v + "</capability>"
	}
	c.session.Input(Frame(nil, []byte(text+"</capabilities></hello>"), false))
	c.in.Chunked = c.session.in.Chunked
	return c
}

func (c *client) take() (got []string) {
	for {
		m, ok, err := c.in.Next()
		if err != nil {
			c.t.Fatal(err)
		}
		if !ok {
			return got
		}
		got = append(got, strings.TrimPrefix(string(m), `<?xml version="1.0" encoding="UTF-8"?>`))
	}
}

// do sends an operation and returns the content of the reply.
func (c *client) do(op string) string {
	c.t.Helper()
	c.session.Input(Frame(nil, []byte(`<rpc message-id="7" xmlns="`+Base+`">`+op+`</rpc>`), c.in.Chunked))
	got := c.take()
	if len(got) != 1 {
		c.t.Fatalf("%s is answered with %q", op, got)
	}
	content, ok := strings.CutPrefix(got[0], `<rpc-reply xmlns="`+Base+`" message-id="7">`)
	if !ok {
		c.t.Fatalf("%s is answered with %s", op, got[0])
	}
	return strings.TrimSuffix(content, "</rpc-reply>")
}

func tagOf(reply string) string {
	_, tag, _ := strings.Cut(reply, "<error-tag>")
	tag, _, _ = strings.Cut(tag, "<")
	return tag
}

const (
	lock   = "<lock><target><running/></target></lock>"
	unlock = "<unlock><target><running/></target></unlock>"
)

func TestHello(t *testing.T) {
	for _, tc := range []struct {
		name, hello string
		chunked, in bool
	}{
		{"base 1.0", `<hello xmlns="` + Base + `"><capabilities><capability>` + Base10 + `</capability></capabilities></hello>`, false, true},
		{"base 1.1", `<hello xmlns="` + Base + `"><capabilities><capability>` + Base11 + `</capability></capabilities></hello>`, true, true},
		{"no version in common", `<hello xmlns="` + Base + `"><capabilities><capability>urn:x</capability></capabilities></hello>`, false, false},
		{"a session-id", `<hello xmlns="` + Base + `"><capabilities><capability>` + Base10 + `</capability></capabilities><session-id>4</session-id></hello>`, false, false},
		{"no hello", `<rpc message-id="1" xmlns="` + Base + `"><close-session/></rpc>`, false, false},
		{"no XML", "hello", false, false},
		{"another namespace", `<hello><capabilities><capability>` + Base10 + `</capability></capabilities></hello>`, false, false},
	} {
		c := connect(t, NewServer(&fake{}), false)
		c.session.Input(Frame(nil, []byte(tc.hello), false))
		if c.session.Greeted() != tc.in || c.ended == tc.in || c.session.in.Chunked != tc.chunked {
			t.Errorf("%s: let in %v, ended %v, chunked %v", tc.name, c.session.Greeted(), c.ended, c.session.in.Chunked)
		}
	}
}

// RFC 6241 section 4.2: the attributes of an rpc come back. Section 4.1: one
// without a message-id is an error.
func TestReplies(t *testing.T) {
	c := connect(t, NewServer(&fake{}), false, Base10)
	for _, tc := range []struct{ name, message, want string }{
		{"attributes", `<rpc message-id="1 &amp; 2" x:y="z" xmlns:x="u" xmlns="` + Base + `"><edit-config/></rpc>`, `<rpc-reply xmlns="` + Base + `" message-id="1 &amp; 2" xmlns:a1="u" a1:y="z"><ok/></rpc-reply>`},
		{"no message-id", `<rpc xmlns="` + Base + `"><edit-config/></rpc>`, "<error-tag>missing-attribute</error-tag>"},
		{"no XML", "<rpc", "<error-tag>operation-failed</error-tag>"},
		{"no rpc", `<get xmlns="` + Base + `"/>`, "<error-tag>unknown-element</error-tag>"},
		{"no operation", `<rpc message-id="1" xmlns="` + Base + `"/>`, "<error-tag>operation-failed</error-tag>"},
		{"an operation that is not there", `<rpc message-id="1" xmlns="` + Base + `"><fly/></rpc>`, "<error-tag>operation-not-supported</error-tag>"},
		{"one of another namespace", `<rpc message-id="1" xmlns="` + Base + `"><get xmlns="u"/></rpc>`, "<error-tag>operation-not-supported</error-tag>"},
	} {
		c.session.Input(Frame(nil, []byte(tc.message), false))
		if got := c.take(); len(got) != 1 || !strings.Contains(got[0], tc.want) {
			t.Errorf("%s is answered with %q, want %s", tc.name, got, tc.want)
		}
	}
	c = connect(t, NewServer(&fake{}), false, Base11)
	c.session.Input(Frame(nil, []byte("<rpc"), true))
	if got := c.take(); len(got) != 1 || tagOf(got[0]) != "malformed-message" {
		t.Errorf("in base 1.1 no XML is answered with %q", got)
	}
}

func TestLocks(t *testing.T) {
	h := &fake{}
	s := NewServer(h)
	a, b := connect(t, s, false, Base11), connect(t, s, false, Base10)
	for _, tc := range []struct {
		who      *client
		op, want string
	}{
		{a, unlock, "operation-failed"},
		{a, "<lock><target><startup/></target></lock>", "operation-not-supported"},
		{a, "<lock/>", "missing-element"},
		{a, lock, ""},
		{a, lock, "lock-denied"},
		{b, lock, "lock-denied"},
		{b, unlock, "operation-failed"},
		{b, "<edit-config/>", "in-use"},
		{b, "<get/>", ""},
		{a, "<edit-config/>", ""},
		{a, unlock, ""},
		{b, "<edit-config/>", ""},
		{b, lock, ""},
		{a, "<kill-session><session-id>1</session-id></kill-session>", "invalid-value"},
		{a, "<kill-session><session-id>9</session-id></kill-session>", "invalid-value"},
		{a, "<kill-session/>", "missing-element"},
		{a, "<kill-session><session-id>2</session-id></kill-session>", ""},
		{a, lock, ""},
	} {
		if got := tc.who.do(tc.op); tagOf(got) != tc.want {
			t.Errorf("session %d: %s is answered with %s, want %q", tc.who.session.ID(), tc.op, got, tc.want)
		}
	}
	if !b.ended || a.ended || len(s.Sessions()) != 1 || h.edits != 2 {
		t.Errorf("the killed session has ended %v, the other %v; %d sessions, %d edits", b.ended, a.ended, len(s.Sessions()), h.edits)
	}
	if got := a.do("<close-session/>"); got != "<ok/>" || !a.ended || s.lock != nil {
		t.Errorf("close-session is answered with %s, ended %v", got, a.ended)
	}
}

func TestReadOnly(t *testing.T) {
	c := connect(t, NewServer(&fake{}), true, Base11)
	for op, want := range map[string]string{"<get/>": "", "<edit-config/>": "access-denied", "<wait/>": "access-denied", lock: "access-denied",
		"<kill-session><session-id>3</session-id></kill-session>": "access-denied"} {
		if got := c.do(op); tagOf(got) != want {
			t.Errorf("%s is answered with %s, want %q", op, got, want)
		}
	}
}

// Requests are answered in order, also one that takes time, and other sessions
// do not wait for it.
func TestOrder(t *testing.T) {
	h := &fake{}
	s := NewServer(h)
	a, b := connect(t, s, false, Base11), connect(t, s, false, Base11)
	for _, id := range []string{"1", "2"} {
		op := map[string]string{"1": "<wait/>", "2": "<edit-config/>"}[id]
		a.session.Input(Frame(nil, []byte(`<rpc message-id="`+id+`" xmlns="`+Base+`">`+op+`</rpc>`), true))
	}
	if got := a.take(); len(got) > 0 || !a.session.Busy() {
		t.Fatalf("%q is answered before the first is done", got)
	}
	if got := b.do("<edit-config/>"); got != "<ok/>" {
		t.Errorf("another session gets %s", got)
	}
	h.waiting[0](nil, nil)
	h.waiting[0](nil, nil) // once only
	if got := a.take(); len(got) != 2 || !strings.Contains(got[0], `"1"`) || !strings.Contains(got[1], `"2"`) || a.session.Busy() {
		t.Errorf("the answers are %q", got)
	}
	a.session.Close()
	a.session.Input([]byte("late"))
	if a.ended {
		t.Error("a session that its owner closed is said to have ended")
	}
}

// RFC 6242 section 4.2: bad framing ends the session.
func TestBadFramingEndsTheSession(t *testing.T) {
	c := connect(t, NewServer(&fake{}), false, Base11)
	c.session.Input([]byte("<rpc/>]]>]]>"))
	if !c.ended {
		t.Error("the session goes on")
	}
	c = connect(t, NewServer(&fake{}), false, Base11)
	c.session.Input([]byte("\n#4000000\n"))
	for range 3 {
		c.session.Input(make([]byte, 1<<20))
	}
	if c.ended {
		t.Error("a long message ends the session")
	}
}
