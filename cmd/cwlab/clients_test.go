package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scrapli/scrapligo/driver/options"
	"github.com/scrapli/scrapligo/platform"

	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/sessions/ssh"
)

// clients are programs and files for clients of a served lab.
const clients = "../../sessions/testdata/clients/"

// client runs a script of that folder, which says "done" at its end. probe is
// a command that fails where what it takes is not installed.
func client(t *testing.T, probe []string, interpreter, script string, args ...string) {
	t.Helper()
	if err := exec.Command(probe[0], probe[1:]...).Run(); err != nil {
		t.Skipf("%s: %v; %sinstall.sh installs it", strings.Join(probe, " "), err, strings.TrimPrefix(clients, "../../"))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, interpreter, append([]string{clients + script}, args...)...).CombinedOutput()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "done") {
		t.Errorf("%s: %v\n%s", script, err, out)
	}
}

// Debian's Python, which has Debian's netmiko.
var netmiko = []string{"/usr/bin/python3", "-c", "import netmiko"}

func servedLab(t *testing.T, name string, o lab.Options) (host, port string) {
	t.Helper()
	def, err := sessions.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	x := serveDefinition(t, def, o, ssh.Options{})
	host, port, _ = net.SplitHostPort(x.addr)
	return host, port
}

func TestNetmikoAtADevice(t *testing.T) {
	t.Parallel() // clients sleep
	host, port := servedLab(t, "first-steps", lab.Options{})
	client(t, netmiko, netmiko[0], "netmiko_device.py", host, port, "root+F1060", labPassword)
}

// The same by Telnet, where the device itself asks who one is.
func TestNetmikoOverTelnet(t *testing.T) {
	t.Parallel() // clients sleep
	def, err := sessions.Load("first-steps")
	if err != nil {
		t.Fatal(err)
	}
	def.Devices[0].Config = strings.Replace(telnetConfig(" authentication-mode scheme\n"), " sysname A\n", " sysname H3C\n", 1)
	x := serveDefinition(t, def, lab.Options{}, ssh.Options{})
	x.lab.SetPace(lab.Pace{Speed: 1}) // it sleeps by the wall clock at the device's questions
	host, port, _ := net.SplitHostPort(x.listenTelnet("F1060"))
	client(t, netmiko, netmiko[0], "netmiko_device.py", host, port, "tel", "tel-pass-1", "telnet")
}

// Members of a remote backup group show their letter in every prompt.
func TestClientsAtMembers(t *testing.T) {
	t.Parallel() // clients sleep
	style := lab.StyleDevice
	host, port := servedLab(t, "rbm-ipsec", lab.Options{Style: &style})
	t.Run("netmiko", func(t *testing.T) {
		client(t, netmiko, netmiko[0], "netmiko_member.py", host, port, labPassword,
			"root+F1090-1=RBM_P<H3C>", "root+F1090-2=RBM_S<H3C>")
	})
	t.Run("scrapligo", func(t *testing.T) {
		n, _ := strconv.Atoi(port)
		p, err := platform.NewPlatform(clients+"hp_comware_rbm.yaml", host, options.WithPort(n), options.WithAuthUsername("root+F1090-2"), options.WithAuthPassword(labPassword),
			options.WithAuthNoStrictKey(), options.WithTransportType("standard"), options.WithTimeoutOps(20*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		d, err := p.GetNetworkDriver()
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Open(); err != nil {
			t.Fatal(err)
		}
		if prompt, err := d.GetPrompt(); err != nil || prompt != "RBM_S<H3C>" {
			t.Errorf("the prompt is %q, %v", prompt, err)
		}
		if r, err := d.SendCommand("display remote-backup-group status"); err != nil || r.Failed != nil || !strings.Contains(r.Result, "Device running status: Standby") {
			t.Errorf("%v, %v", r, err)
		}
		if m, err := d.SendConfigs([]string{"acl advanced 3999", "description by a client", "quit"}); err != nil || m.Failed != nil {
			t.Errorf("configuration: %v, %v", err, m)
		}
		if r, err := d.SendCommand("display acl 3999"); err != nil || !strings.Contains(r.Result, "by a client") {
			t.Errorf("%v, %v", r, err)
		}
		if err := d.Close(); err != nil && !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	})
}

func TestOpenSSH(t *testing.T) {
	t.Parallel() // clients sleep
	host, port := servedLab(t, "first-steps", lab.Options{})
	client(t, []string{"expect", "-c", "exec which ssh"}, "expect", "openssh.exp", host, port, "root+F1060", labPassword, filepath.Join(t.TempDir(), "known_hosts"))
}
