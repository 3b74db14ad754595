package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/emulator/lab"
	"cwlab/emulator/netconf"
	"cwlab/sessions"
	"cwlab/sessions/ssh"
)

// A manager is a NETCONF client of a served lab.
type manager struct {
	t       *testing.T
	session *xssh.Session
	in      io.WriteCloser
	out     io.Reader
	frames  netconf.Deframer
}

// manage opens NETCONF as a user and says hello; nil if the device refuses.
func (x *outside) manage(user, password, version string) *manager {
	x.t.Helper()
	s, err := x.client(user, password).NewSession()
	if err != nil {
		x.t.Fatal(err)
	}
	m := &manager{t: x.t, session: s}
	in, err1 := s.StdinPipe()
	out, err2 := s.StdoutPipe()
	if err1 != nil || err2 != nil {
		x.t.Fatal(err1, err2)
	}
	m.in, m.out = in, out
	if err := s.RequestSubsystem("netconf"); err != nil {
		return nil
	}
	m.write(`<hello xmlns="` + netconf.Base + `"><capabilities><capability>` + version + `</capability></capabilities></hello>`)
	if hello := m.read(); !strings.Contains(hello, "<session-id>") {
		x.t.Fatalf("the hello is %s", hello)
	}
	m.frames.Chunked = version == netconf.Base11
	return m
}

func (m *manager) write(message string) {
	m.t.Helper()
	if _, err := m.in.Write(netconf.Frame(nil, []byte(message), m.frames.Chunked)); err != nil {
		m.t.Fatal(err)
	}
}

func (m *manager) read() string {
	m.t.Helper()
	buf := make([]byte, 32<<10)
	for {
		text, ok, err := m.frames.Next()
		if err != nil {
			m.t.Fatal(err)
		}
		if ok {
			return string(text)
		}
		n, err := m.out.Read(buf)
		m.frames.Write(buf[:n])
		if n == 0 && err != nil {
			m.t.Fatalf("the session ended: %v", err)
		}
	}
}

// do sends an operation and returns the reply.
func (m *manager) do(op string) string {
	m.t.Helper()
	m.write(`<rpc message-id="1" xmlns="` + netconf.Base + `">` + op + `</rpc>`)
	return m.read()
}

const setHostName = `<edit-config><target><running/></target><config><top xmlns="http://www.h3c.com/netconf/config:1.0"><Device><Base><HostName>%</HostName></Base></Device></top></config></edit-config>`

func TestServeNETCONF(t *testing.T) {
	x := outsideOf(t, withUsers(` netconf ssh server enable
 ssh user yang service-type netconf authentication-type password
 ssh user shelly service-type stelnet authentication-type password
`, accountOf("yang")+accountOf("shelly")), ssh.Options{})
	for _, version := range []string{netconf.Base10, netconf.Base11} {
		m := x.manage("ann+A", "ann-pass-1", version)
		if r := m.do(strings.Replace(setHostName, "%", "N"+version[len(version)-1:], 1)); !strings.Contains(r, "<ok/>") {
			t.Errorf("%s: the edit gives %s", version, r)
		}
		if r := m.do("<CLI><Execution>display ssh server session</Execution></CLI>"); !strings.Contains(r, "NETCONF") || !strings.Contains(r, "ann") {
			t.Errorf("%s: the sessions are %s", version, r)
		}
		if r := m.do("<close-session/>"); !strings.Contains(r, "<ok/>") {
			t.Errorf("%s: close-session gives %s", version, r)
		}
		if _, err := m.out.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("%s: the channel of a closed session gives %v", version, err)
		}
	}
	if m := x.manage("bob+A", "bob-pass-1", netconf.Base11); !strings.Contains(m.do(strings.Replace(setHostName, "%", "x", 1)), "access-denied") || !strings.Contains(m.do("<get/>"), "<HostName>N1</HostName>") {
		t.Error("an operator may edit or may not read")
	}
	if x.manage("yang+A", "yang-pass-1", netconf.Base11) == nil {
		t.Error("a user of the service netconf is refused")
	}
	if x.manage("shelly+A", "shelly-pass-1", netconf.Base11) != nil {
		t.Error("a user of the service stelnet gets NETCONF")
	}
	if s, err := x.client("yang+A", "yang-pass-1").NewSession(); err != nil || s.Shell() == nil && s.Wait() == nil {
		t.Errorf("a user of the service netconf gets a shell, %v", err)
	}
	if x.manage("A", labPassword, netconf.Base11) != nil {
		t.Error("a console has NETCONF")
	}
	s, err := x.client("ann+A", "ann-pass-1").NewSession()
	if err != nil || s.RequestSubsystem("sftp") == nil {
		t.Errorf("there is SFTP, %v", err)
	}
	// Two sessions: a lock of one keeps the other from editing, and it can be
	// killed.
	a, b := x.manage("ann+A", "ann-pass-1", netconf.Base11), x.manage("root+A", labPassword, netconf.Base10)
	if r := a.do("<lock><target><running/></target></lock>"); !strings.Contains(r, "<ok/>") {
		t.Fatalf("the lock gives %s", r)
	}
	if r := b.do(strings.Replace(setHostName, "%", "x", 1)); !strings.Contains(r, "in-use") {
		t.Errorf("an edit of a locked configuration gives %s", r)
	}
	list := b.do("<get-sessions/>")
	_, after, _ := strings.Cut(list[:strings.Index(list, "<LockHeld>true")], "<SessionID>")
	for strings.Contains(after, "<SessionID>") {
		_, after, _ = strings.Cut(after, "<SessionID>")
	}
	id, _, _ := strings.Cut(after, "<")
	if r := b.do("<kill-session><session-id>" + id + "</session-id></kill-session>"); !strings.Contains(r, "<ok/>") {
		t.Errorf("kill-session of %s gives %s", id, r)
	}
	if r := b.do(strings.Replace(setHostName, "%", "free", 1)); !strings.Contains(r, "<ok/>") {
		t.Errorf("the lock of a killed session is still there: %s", r)
	}
	x.log("SSH user ann (IP: 127.0.0.1) connected to the server successfully.")
}

// Without `netconf ssh server enable` the device refuses, but not the lab's own
// user.
func TestServeNETCONFDisabled(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	if x.manage("ann+A", "ann-pass-1", netconf.Base11) != nil {
		t.Error("NETCONF is there while it is disabled")
	}
	if x.manage("root+A", labPassword, netconf.Base11) == nil {
		t.Error("the lab's user is refused")
	}
}

// A client that sends all it has and goes is answered first, and one that
// breaks the framing is cut off.
func TestServeNETCONFClientsThatGo(t *testing.T) {
	x := outsideOf(t, withUsers(" netconf ssh server enable\n", ""), ssh.Options{})
	m := x.manage("ann+A", "ann-pass-1", netconf.Base11)
	m.write(`<rpc message-id="last" xmlns="` + netconf.Base + `"><CLI><Execution>ping -c 2 198.51.100.1</Execution></CLI></rpc>`)
	if err := m.in.Close(); err != nil {
		t.Fatal(err)
	}
	if r := m.read(); !strings.Contains(r, `message-id="last"`) || !strings.Contains(r, "2 packet(s) transmitted") {
		t.Errorf("who has sent all he has reads %s", r)
	}
	if _, err := m.out.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("and then %v", err)
	}
	m = x.manage("ann+A", "ann-pass-1", netconf.Base11)
	if _, err := io.WriteString(m.in, "no chunk"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.out.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("a client without framing reads %v", err)
	}
}

// What a session configures on the primary device of a pair the secondary one
// has too.
func TestServeNETCONFOfAPair(t *testing.T) {
	def, err := sessions.Load("rbm-ipsec")
	if err != nil {
		t.Fatal(err)
	}
	x := serveDefinition(t, def, lab.Options{Endless: true}, ssh.Options{})
	one, two := x.manage("root+F1090-1", labPassword, netconf.Base11), x.manage("root+F1090-2", labPassword, netconf.Base11)
	if r := one.do("<CLI><Configuration>acl advanced 3999\ndescription by a manager</Configuration></CLI>"); !strings.Contains(r, "-acl-ipv4-adv-3999]description by a manager") {
		t.Fatalf("the ACL gives %s", r)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		r := two.do("<CLI><Execution>display acl 3999</Execution></CLI>")
		if strings.Contains(r, "by a manager") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the other device shows %s", r)
		}
	}
}

// Many managers at one device each get their own answers.
func TestServeNETCONFAtOnce(t *testing.T) {
	x := outsideOf(t, withUsers(" netconf ssh server enable\n", ""), ssh.Options{})
	var all []*manager
	for range 5 { // a device has five lines for them
		all = append(all, x.manage("root+A", labPassword, netconf.Base11))
	}
	var wg sync.WaitGroup
	for n, m := range all {
		wg.Go(func() {
			row := func(columns string) string {
				return fmt.Sprintf("<Ifmgr><Interfaces><Interface><Name>GigabitEthernet1/0/%d</Name>%s</Interface></Interfaces></Ifmgr></top>", n, columns)
			}
			for i := range 20 {
				text := fmt.Sprintf("<Description>by %d in round %d</Description>", n, i)
				r := m.do(`<edit-config><target><running/></target><config><top xmlns="http://www.h3c.com/netconf/config:1.0">` + row(text) + "</config></edit-config>")
				if !strings.Contains(r, "<ok/>") {
					t.Errorf("manager %d in round %d: %s", n, i, r)
				}
				if r := m.do(`<get><filter><top xmlns="http://www.h3c.com/netconf/data:1.0">` + row("<Description/>") + "</filter></get>"); !strings.Contains(r, text) {
					t.Errorf("manager %d in round %d reads %s", n, i, r)
				}
			}
		})
	}
	wg.Wait()
}

// ncclient is how H3C's Ansible collection speaks NETCONF.
func TestNcclient(t *testing.T) {
	t.Parallel() // the client sleeps
	x := outsideOf(t, withUsers(" netconf ssh server enable\n", ""), ssh.Options{})
	host, port, _ := net.SplitHostPort(x.addr)
	for _, handler := range []string{"h3c", "hpcomware"} {
		client(t, []string{"/usr/bin/python3", "-c", "import ncclient"}, "/usr/bin/python3", "ncclient_h3c.py", host, port, "ann+A", "ann-pass-1", handler, "GigabitEthernet1/0/1")
	}
}

// H3C's Ansible collection gathers facts and sets a description. Where it is
// not in a usual place, ANSIBLE_COLLECTIONS_PATH says where it is.
func TestAnsibleCollection(t *testing.T) {
	t.Parallel() // it takes its time
	if out, err := exec.Command("ansible-doc", "-t", "module", "h3c_open.comware.comware_facts").CombinedOutput(); err != nil || strings.Contains(string(out), "not found") {
		t.Skip("the Ansible collection h3c_open.comware is not installed")
	}
	x := outsideOf(t, withUsers(" netconf ssh server enable\n", ""), ssh.Options{})
	host, port, _ := net.SplitHostPort(x.addr)
	inventory := filepath.Join(t.TempDir(), "hosts")
	text := fmt.Sprintf("a ansible_host=%s ansible_port=%s ansible_user=ann+A ansible_password=ann-pass-1 ansible_connection=ansible.netcommon.netconf "+
		"ansible_network_os=h3c_open.comware.comware ansible_python_interpreter=/usr/bin/python3 ansible_host_key_checking=false want_name=A\n", host, port)
	if err := os.WriteFile(inventory, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "ansible-playbook", "-i", inventory, clients+"h3c_open.yml").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
