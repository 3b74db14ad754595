package main

import (
	"errors"
	"io"
	"net"
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

// A client that people automate with, and its own idea of this platform, work
// at a device that nobody has configured.
func TestScrapligo(t *testing.T) {
	def, err := sessions.Load("first-steps")
	if err != nil {
		t.Fatal(err)
	}
	x := serveDefinition(t, def, lab.Options{}, ssh.Options{})
	host, port, _ := net.SplitHostPort(x.addr)
	n, _ := strconv.Atoi(port)
	p, err := platform.NewPlatform("hp_comware", host, options.WithPort(n), options.WithAuthUsername("root+F1060"), options.WithAuthPassword(labPassword),
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
	if prompt, err := d.GetPrompt(); err != nil || prompt != "<H3C>" {
		t.Errorf("the prompt is %q, %v", prompt, err)
	}
	send := func(command, want string) {
		t.Helper()
		r, err := d.SendCommand(command)
		if err != nil {
			t.Fatal(err)
		}
		if r.Failed != nil || !strings.Contains(r.Result, want) || strings.Contains(r.Result, "More") {
			t.Errorf("%s: %v, %q, want in it %q", command, r.Failed, r.Result, want)
		}
	}
	send("display version", "H3C SecPath F1060 uptime is")
	send("display current-configuration", "return")
	if r, err := d.SendCommand("display nothing"); err != nil || r.Failed == nil {
		t.Errorf("a wrong command does not fail: %v", err)
	}
	m, err := d.SendConfigs([]string{"interface GigabitEthernet1/0/1", "description to the other", "ip address 192.0.2.1 24", "quit", "sysname F1"})
	if err != nil || m.Failed != nil {
		t.Fatalf("configuration: %v, %v", err, m.Failed)
	}
	send("display current-configuration interface GigabitEthernet1/0/1", "ip address 192.0.2.1 255.255.255.0")
	send("display users", "root")
	// It says quit, and finds the channel closed if the device was faster.
	if err := d.Close(); err != nil && !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}
