package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/emulator/emutest"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// A toy is a device whose lines echo what is typed; of the keys ! is a mistake
// of the program, # very much output, and @ tells the size of the terminal.
type toy struct{ lab.Device }

func makeToy(w *sim.World, net *link.Network, spec lab.DeviceSpec, out func([]byte)) (lab.Device, error) {
	d, err := emutest.Make(w, net, spec, out)
	return toy{d}, err
}

func (toy) Patience() time.Duration { return 0 }

func (toy) Offer(lab.Caller, []byte) error { return lab.ErrRefused }

func (toy) Receive(lab.Caller) (lab.HostVisit, error) { return toyVisit{}, nil }

func (toy) Admit(c lab.Caller, p lab.Proof) (lab.HostVisit, error) {
	switch {
	case c.User == "broken":
		panic("no admission")
	case !c.Trusted && p.Password != "toy":
		return nil, lab.ErrRefused
	}
	return toyVisit{}, nil
}

func (toy) Lost(lab.Caller, lab.Loss) {}

type toyVisit struct{}

func (toyVisit) Open(s lab.Screen, out func([]byte), end func(int)) (lab.HostLine, error) {
	return &toyLine{out: out, over: end, w: s.Width, h: s.Height}, nil
}

func (toyVisit) Leave(bool) {}

type toyLine struct {
	out  func([]byte)
	over func(int)
	w, h int
}

// flood is more than a terminal keeps.
var flood = bytes.Repeat([]byte("0123456789abcdef"), 256<<10)

func (l *toyLine) Name() string { return "vty0" }

func (l *toyLine) Input(b []byte) {
	for _, k := range b {
		switch k {
		case '!':
			panic("a key too many")
		case '#':
			l.out(flood)
		case '@':
			l.out(fmt.Appendf(nil, "%dx%d.", l.w, l.h))
		default:
			l.out([]byte{k})
		}
	}
}

func (l *toyLine) Resize(w, h int) { l.w, l.h = w, h }
func (l *toyLine) EOF()            { l.over(0) }
func (l *toyLine) Close()          { l.over(0) }

// A log is a buffer that is safe to write from anywhere.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func toys(t *testing.T, o Options) (addr string, report *log) {
	t.Helper()
	l, err := lab.Open(&lab.Definition{Name: "toys", Start: time.Unix(0, 0), Devices: []lab.DeviceSpec{{Name: "A", Model: "toy"}, {Name: "B+A", Model: "toy"}}}, makeToy, lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	report = &log{}
	o.Report = report
	if o.Key, err = HostKey(filepath.Join(t.TempDir(), "key")); err != nil {
		t.Fatal(err)
	}
	s, err := New(One(l), o)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Start(context.Background())
	go s.Serve(ln, "")
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Shutdown(ctx)
		l.Stop()
	})
	return ln.Addr().String(), report
}

func dial(addr, user, password string) (*xssh.Client, error) {
	return xssh.Dial("tcp", addr, &xssh.ClientConfig{User: user, Auth: []xssh.AuthMethod{xssh.KeyboardInteractive(
		func(_, _ string, questions []string, _ []bool) ([]string, error) {
			return []string{password}[:min(len(questions), 1)], nil
		})}, HostKeyCallback: xssh.InsecureIgnoreHostKey()})
}

func shell(t *testing.T, addr string) (s *xssh.Session, in io.Writer, out io.Reader) {
	t.Helper()
	c, err := dial(addr, "x+A", "toy")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if s, err = c.NewSession(); err != nil {
		t.Fatal(err)
	}
	in, _ = s.StdinPipe()
	out, _ = s.StdoutPipe()
	if err := s.RequestPty("xterm", 24, 80, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Shell(); err != nil {
		t.Fatal(err)
	}
	return s, in, out
}

// want types keys and reads what has to come.
func want(t *testing.T, in io.Writer, out io.Reader, keys, text string) {
	t.Helper()
	io.WriteString(in, keys)
	b := make([]byte, len(text))
	if _, err := io.ReadFull(out, b); err != nil || string(b) != text {
		t.Errorf("%q shows %q, %v, want %q", keys, b, err, text)
	}
}

func TestPanicClosesOneSession(t *testing.T) {
	addr, report := toys(t, Options{})
	s, in, out := shell(t, addr)
	_, in2, out2 := shell(t, addr)
	want(t, in, out, "a", "a")
	want(t, in2, out2, "b", "b")
	io.WriteString(in, "!")
	rest, _ := io.ReadAll(out)
	if !strings.Contains(string(rest), "a mistake of the program") || s.Wait() == nil {
		t.Errorf("the session ends with %q", rest)
	}
	if got := report.String(); !strings.Contains(got, "a key too many") || !strings.Contains(got, "toyLine") {
		t.Errorf("the report is %q", got)
	}
	want(t, in2, out2, "c", "c")
	if _, err := dial(addr, "broken+A", "toy"); err == nil || !strings.Contains(report.String(), "no admission") {
		t.Errorf("a panic at the door: %v, reported as %q", err, report)
	}
	want(t, in2, out2, "d", "d")
}

// A mistake of the screen ends that visitor's session and is reported, whether
// it is told or falls through.
func TestScreenBreaks(t *testing.T) {
	for _, f := range []Screen{
		func(context.Context, *Visitor) error { return errors.New("a broken pane") },
		func(context.Context, *Visitor) error { panic("a broken pane") },
	} {
		addr, report := toys(t, Options{User: "root", Password: "secret", Screen: f})
		_, in2, out2 := shell(t, addr)
		c, err := dial(addr, "lab", "secret")
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		s.RequestPty("xterm", 24, 80, nil)
		out, _ := s.StdoutPipe()
		if err := s.Shell(); err != nil {
			t.Fatal(err)
		}
		io.ReadAll(out)
		if got := report.String(); !strings.Contains(got, "a broken pane") {
			t.Errorf("the report is %q", got)
		}
		want(t, in2, out2, "b", "b")
		c.Close()
	}
}

func TestSlowClientKeepsNobodyWaiting(t *testing.T) {
	addr, report := toys(t, Options{})
	_, in, out := shell(t, addr)
	_, in2, out2 := shell(t, addr)
	io.WriteString(in, "##########z") // and does not read
	want(t, in2, out2, "b", "b")
	io.WriteString(in, "Z")
	var got []byte
	buf := make([]byte, 64<<10)
	for !bytes.HasSuffix(got, []byte("Z")) {
		n, err := out.Read(buf)
		if got = append(got, buf[:n]...); err != nil {
			t.Fatalf("%v after %d bytes", err, len(got))
		}
	}
	if len(got) >= 10*len(flood) || !bytes.Contains(got, []byte("bytes were too fast for the screen")) {
		t.Errorf("of %d bytes %d came, and no word of the others", 10*len(flood), len(got))
	}
	io.WriteString(in, "#\x03y")
	n := 0
	for last := byte(0); last != 'y'; {
		m, err := out.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		n += m
		last = buf[m-1]
	}
	if n > len(flood)/2 {
		t.Errorf("after Ctrl+C %d bytes of %d came still", n, len(flood))
	}
	if report.String() != "" {
		t.Error(report)
	}
}

func TestResizeStorm(t *testing.T) {
	addr, _ := toys(t, Options{})
	s, in, out := shell(t, addr)
	want(t, in, out, "@", "80x24.")
	for i := range 2000 {
		s.WindowChange(i, 2*i)
	}
	s.SendRequest("window-change", true, []byte("nonsense")) // the answer comes behind the others
	want(t, in, out, "@", "3998x1999.")
	s.SendRequest("window-change", true, bytes.Repeat([]byte{0xff}, 16))
	want(t, in, out, "@", "4096x4096.")
}

func TestKeepAliveCutsTheSilent(t *testing.T) {
	addr, _ := toys(t, Options{KeepAlive: 20 * time.Millisecond})
	c, s := net.Pipe()
	defer s.Close()
	far, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	stuck, cut := make(chan struct{}), make(chan struct{}) // from the one on nothing goes to the client, until the other
	go io.Copy(far, s)
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := far.Read(buf)
			select {
			case <-stuck:
			default:
				s.Write(buf[:n])
			}
			if err != nil {
				close(cut)
				return
			}
		}
	}()
	conn, channels, requests, err := xssh.NewClientConn(c, addr, &xssh.ClientConfig{User: "x+A", Auth: []xssh.AuthMethod{xssh.Password("toy")}, HostKeyCallback: xssh.InsecureIgnoreHostKey()})
	if err != nil {
		t.Fatal(err)
	}
	defer xssh.NewClient(conn, channels, requests).Close()
	close(stuck)
	<-cut
}

func TestUserNames(t *testing.T) {
	l, err := lab.Open(&lab.Definition{Name: "toys", Devices: []lab.DeviceSpec{{Name: "A", Model: "toy"}, {Name: "B+A", Model: "toy"}}}, makeToy, lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{labs: One(l), o: Options{Screen: func(context.Context, *Visitor) error { return nil }}}
	for _, tc := range []struct {
		name, only string
		want       target
		ok         bool
	}{
		{"A", "", target{device: "A"}, true},
		{"B+A", "", target{device: "B+A"}, true},
		{"x+A", "", target{device: "A", user: "x"}, true},
		{"x+B+A", "", target{device: "B+A", user: "x"}, true},
		{"x+y+A", "", target{device: "A", user: "x+y"}, true},
		{"+A", "", target{}, false}, {"x", "", target{}, false}, {"x+C", "", target{}, false}, {"", "", target{}, false},
		{"lab", "", target{screen: true}, true},
		{"lab+A", "", target{device: "A", screen: true}, true},
		{"lab", "A", target{device: "A", user: "lab"}, true},
		{"A", "A", target{device: "A"}, true},
		{"B+A", "A", target{device: "A", user: "B+A"}, true},
		{"x", "A", target{device: "A", user: "x"}, true},
		{"", "A", target{}, false},
		{"x\r\n%log+A", "", target{}, false}, {"x\x1b[2J", "A", target{}, false}, {"x\xff+A", "", target{}, false},
		{strings.Repeat("x", maxName+1), "A", target{}, false},
	} {
		got, ok := s.find(tc.name, tc.only)
		if ok != tc.ok || ok && got != tc.want {
			t.Errorf("%q at %q is %v, %v, want %v, %v", tc.name, tc.only, got, ok, tc.want, tc.ok)
		}
	}
}

func TestHostKeyIsMadeOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a", "b", "key")
	one, err := HostKey(file)
	if err != nil {
		t.Fatal(err)
	}
	two, err := HostKey(file)
	if err != nil || !bytes.Equal(one.PublicKey().Marshal(), two.PublicKey().Marshal()) {
		t.Errorf("the second time the key is another, %v", err)
	}
	if names, _ := os.ReadDir(filepath.Dir(file)); len(names) != 1 {
		t.Errorf("beside the key there are %v", names)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		if info.Mode().Perm() != 0o600 {
			t.Errorf("the mode is %v", info.Mode())
		}
		os.Chmod(file, 0o644)
		if _, err := HostKey(file); err == nil {
			t.Error("a key that others can read is taken")
		}
		os.Chmod(file, 0o600)
	}
	os.WriteFile(file, []byte("no key"), 0o600)
	if _, err := HostKey(file); err == nil {
		t.Error("a file without a key is taken")
	}
}

func TestServerNeedsKeyAndPassword(t *testing.T) {
	if _, err := New(nil, Options{User: "x", Password: "y"}); err == nil {
		t.Error("a server without a host key starts")
	}
	key, err := HostKey(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(nil, Options{User: "x", Key: key}); err == nil {
		t.Error("a user of the lab has no password")
	}
}
