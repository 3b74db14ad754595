package main

import (
	"io"
	"net"
	"regexp"
	"strings"
	"testing"

	"cwlab/emulator/lab"
	"cwlab/sessions/ssh"
)

// telnetConfig lets people in by Telnet.
func telnetConfig(line string) string {
	text := strings.Replace(sshConfig, " ssh server enable\n", " telnet server enable\n", 1)
	text = strings.Replace(text, " authentication-mode scheme\n", line, 1)
	return strings.TrimSuffix(text, "return\n") + accountOf("tel") + "return\n"
}

// telnet is a client that agrees to what it is offered and has 80 columns.
func (x *outside) telnet(addr string) *seat {
	x.t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { nc.Close() })
	p := &seat{t: x.t, in: nc, out: nc}
	p.until("\xff\xfb\x01\xff\xfb\x03\xff\xfd\x1f")
	p.keys("\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0")
	return p
}

func (x *outside) listenTelnet(device string) string {
	x.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		x.t.Fatal(err)
	}
	go x.server.ServeTelnet(ln, device)
	return ln.Addr().String()
}

func TestServeTelnet(t *testing.T) {
	for _, tc := range []struct {
		name, line string
		dialogue   []string // what is waited for, what is typed
		who        string
	}{
		{"none", " authentication-mode none\n user-role network-admin\n", nil, "TTY"},
		{"password", " authentication-mode password\n set authentication password simple line-pass-1\n user-role network-admin\n", []string{"Password: ", "line-pass-1\r\n"}, "TTY"},
		{"scheme", " authentication-mode scheme\n", []string{"login: ", "tel\r\x00", "Password: ", "tel-pass-1\r"}, "tel"},
		{"scheme, by Telnet alone", " authentication-mode scheme\n protocol inbound telnet\n", []string{"login: ", "tel\r\n", "Password: ", "wrong\r\n", "login: ", "tel\r\n", "Password: ", "tel-pass-1\r\n"}, "tel"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			x := outsideOf(t, telnetConfig(tc.line), ssh.Options{})
			p := x.telnet(x.listenTelnet("A"))
			if got := p.until("***\r\n\r\n"); !strings.HasPrefix(got, "*****") {
				t.Errorf("it begins with %q", got)
			}
			for i := 0; i < len(tc.dialogue); i += 2 {
				p.until(tc.dialogue[i])
				p.keys(tc.dialogue[i+1])
			}
			if got := p.until("<A>"); strings.Contains(got, "pass-1") {
				t.Errorf("the password is shown: %q", got)
			}
			p.keys("display users\r\n")
			if got := p.until("F    :"); !strings.Contains(got, "TEL\r\n") || !strings.Contains(got, "Location: 127.0.0.1") {
				t.Errorf("display users shows %q", got)
			}
			p.until("<A>")
			x.log("SHELL/5/SHELL_LOGIN: -Context=1; " + tc.who + " logged in from 127.0.0.1.")
			p.keys("ping -c 100000 127.0.0.1\r\n")
			p.until("icmp_seq=2")
			p.keys("\xff\xf4") // interrupt process
			p.until("<A>")
			p.keys("quit\r\n")
			p.rest()
			x.log("SHELL/5/SHELL_LOGOUT: -Context=1; " + tc.who + " logged out from 127.0.0.1.")
		})
	}
}

// Who does not get in is not told more than the device tells.
func TestServeTelnetRefuses(t *testing.T) {
	for _, tc := range []struct{ name, config, want string }{
		{"the server is off", strings.Replace(telnetConfig(" authentication-mode none\n"), " telnet server enable\n", "", 1), ""},
		{"the lines are for SSH", telnetConfig(" authentication-mode scheme\n protocol inbound ssh\n"), "no line of the device"},
	} {
		x := outsideOf(t, tc.config, ssh.Options{})
		nc, err := net.Dial("tcp", x.listenTelnet("A"))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(nc)
		nc.Close()
		if !strings.Contains(string(b), tc.want) || tc.want == "" && len(b) > 0 || strings.Contains(string(b), "<A>") {
			t.Errorf("%s: it shows %q, want %q", tc.name, b, tc.want)
		}
	}
	x := outsideOf(t, strings.Replace(telnetConfig(" authentication-mode scheme\n"), "line vty 0 63", "line vty 1 63\n authentication-mode none\n protocol inbound ssh\n#\nline vty 0", 1), ssh.Options{})
	addr := x.listenTelnet("A")
	p := x.telnet(addr)
	for range 3 {
		p.until("login: ")
		p.keys("tel\r\n")
		p.until("Password: ")
		p.keys("wrong\r\n")
	}
	p.rest()
	x.log("tel failed to log in from 127.0.0.1.")
	q := x.telnet(addr)
	q.until("login: ")
	if got := x.telnet(addr).rest(); !strings.Contains(got, "All user interfaces are used") {
		t.Errorf("with no line that is free one sees %q", got)
	}
	x.lab.SetPace(lab.Pace{Speed: 1000}) // who says nothing is not waited for
	q.rest()
}

func TestServeTelnetVerb(t *testing.T) {
	text, stop := served(t, "first-steps", "--telnet")
	defer stop()
	if m := regexp.MustCompile(`(F\d+(?:-\d)?) is at 127\.0\.0\.1:\d+ for Telnet\n`).FindAllString(text, -1); len(m) != 2 {
		t.Errorf("it announces %q", text)
	}
}
