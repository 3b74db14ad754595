package interop

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"cwlab/emulator/lab"
)

// Both ends look after each other (RFC 3706), and each finds out when the
// other is gone.
func TestDeadPeers(t *testing.T) {
	c := startCharon(t)
	c.load(conn{ike: "des-sha1-modp768", extra: "dpd_delay = 1s\n dpd_timeout = 3s", childExtra: "dpd_action = clear"})
	b := join(t, c, settings{profile: " dpd interval 1 retry 1 periodic"})
	b.up()
	m := c.mark()
	c.want(m, `parsed INFORMATIONAL_V1 request \d+ \[ HASH N\(DPD\) \]`)
	c.want(m, `generating INFORMATIONAL_V1 request \d+ \[ HASH N\(DPD_ACK\) \]`)
	c.want(m, `generating INFORMATIONAL_V1 request \d+ \[ HASH N\(DPD\) \]`)
	c.want(m, `parsed INFORMATIONAL_V1 request \d+ \[ HASH N\(DPD_ACK\) \]`)
	b.pinged()
	b.ping()

	c.pause(true)
	b.none()
	c.pause(false)
	c.must("--terminate", "--ike", "c", "--timeout", "1", "--force")

	b.up()
	b.ping()
	m = c.mark()
	b.lab.Do(func() { _ = b.lab.Power(boxName, false) })
	c.want(m, `DPD check timed out`)
}

// pause stops the daemon as if the machine had died, or lets it go on; it goes
// on in any case when the test ends, since a daemon that is held cannot end.
func (c *charon) pause(on bool) {
	c.t.Helper()
	p := c.proc.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", p, p))
	if err != nil {
		c.t.Fatal(err)
	}
	sig := syscall.SIGCONT
	if on {
		sig = syscall.SIGSTOP
	}
	for _, f := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(f)
		if err != nil || syscall.Kill(pid, sig) != nil {
			c.t.Fatalf("cannot signal %s: %v", f, err)
		}
		if on {
			c.t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
		}
	}
}

// Either end renews the SAs of either phase, and packets go on passing.
func TestRenewal(t *testing.T) {
	c := startCharon(t)
	c.load(conn{ike: "aes128-sha1-modp1024", esp: "aes128-sha1-modp1024"})
	b := join(t, c, settings{proposal: " encryption-algorithm aes-cbc-128\n dh group2\n sa duration 120",
		set:    " esp encryption-algorithm aes-cbc-128\n esp authentication-algorithm sha1\n pfs dh-group2",
		policy: " sa duration time-based 180"})
	first := b.up()
	pass := func() {
		t.Helper()
		b.ping()
		b.pinged()
	}
	pass()

	m := c.mark()
	c.must("--rekey", "--child", "n")
	c.want(m, `CHILD_SA n\{\d+\} established`)
	second := b.until("new SAs by quick mode of the peer", func(s lab.Snapshot) bool {
		return len(s.IPsec) == 1 && s.IPsec[0].InSPI != first.IPsec[0].InSPI && s.IPsec[0].OutSPI != first.IPsec[0].OutSPI
	})
	pass()

	m = c.mark()
	c.must("--rekey", "--ike", "c")
	c.want(m, `IKE_SA c\[\d+\] established`)
	b.until("a new IKE SA by main mode of the peer", func(s lab.Snapshot) bool {
		n := len(s.IKE)
		return n > 0 && s.IKE[n-1].Conn != second.IKE[0].Conn && s.IKE[n-1].Flag == "RD"
	})
	pass()

	// The device's own lifetimes pass in a few seconds of the wall clock.
	var third lab.Snapshot
	b.lab.Do(func() { third = b.lab.Device(boxName).Snapshot() })
	newest := third.IKE[len(third.IKE)-1].Conn
	m = c.mark()
	b.lab.SetPace(lab.Pace{Speed: 60})
	c.want(m, `is initiating a Main Mode`)
	c.want(m, `CHILD_SA n\{\d+\} established`)
	b.until("new SAs of both phases by the device", func(s lab.Snapshot) bool {
		n := len(s.IKE)
		return len(s.IPsec) == 1 && s.IPsec[0].InSPI != third.IPsec[0].InSPI && n > 0 && s.IKE[n-1].Conn > newest && s.IKE[n-1].Flag == "RD"
	})
	b.lab.SetPace(lab.Pace{Speed: 1})
	pass()
}

// Packets of every length pass, those in fragments too.
func TestLengths(t *testing.T) {
	c := startCharon(t)
	c.load(conn{ike: "aes256-sha256-modp2048", esp: "aes256-sha256"})
	b := join(t, c, settings{proposal: " encryption-algorithm aes-cbc-256\n authentication-algorithm sha256\n dh group14",
		set: " esp encryption-algorithm aes-cbc-256\n esp authentication-algorithm sha256"})
	b.up()
	for _, size := range []int{20, 21, 35, 36, 37, 100, 1300, 1400, 1472, 1500, 3000, 8000} {
		b.pingOf(size)
		b.pingedOf(size)
	}
}

// Names instead of addresses, which aggressive mode alone can have with
// pre-shared keys (RFC 2409 section 5.4).
func TestNames(t *testing.T) {
	c := startCharon(t)
	for _, tt := range []struct{ kind, ours, theirs, shown string }{
		{"fqdn", "left.example", "right.example", "FQDN"},
		{"user-fqdn", "admin@left.example", "admin@right.example", "USER_FQDN"},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			c := *c
			c.t = t
			c.load(conn{ike: "3des-sha1-modp1024", aggressive: true, localID: tt.theirs, remoteID: tt.ours})
			b := join(t, &c, settings{proposal: " encryption-algorithm 3des-cbc\n dh group2",
				profile: " exchange-mode aggressive\n local-identity " + tt.kind + " " + tt.ours + "\n match remote identity " + tt.kind + " " + tt.theirs})
			b.up()
			b.ping()
			m := b.mark()
			b.typ("screen-length disable", "display ike sa verbose")
			b.want(m, `Local ID type: `+tt.shown+`$`)
			b.want(m, `Remote ID: `+tt.theirs+`$`)
			b.typ("reset ipsec sa")
			c.must("--terminate", "--ike", "c", "--timeout", "5")
			b.none()
			c.must("--initiate", "--child", "n", "--timeout", "5")
			b.tunnel()
			b.pinged()
		})
	}
}

// Without a NAT, which strongSwan claims where it carries ESP itself, all
// stays on port 500. ESP is the kernel's there, if it has any.
func TestWithoutNAT(t *testing.T) {
	c := startCharonWith(t, "kernel-netlink", told)
	c.load(conn{ike: "des-sha1-modp768"})
	b := join(t, c, settings{})
	m := c.mark()
	b.typ(fmt.Sprintf("ping -a %s -c 1 -t 1 %s", ours, theirs))
	c.want(m, `IKE_SA c\[\d+\] established`)
	b.tunnel()
	outcome := c.want(m, `CHILD_SA n\{\d+\} established|unable to install inbound and outbound IPsec SA`)
	if got := c.since(m); strings.Contains(got, "[4500]") || strings.Contains(got, "NAT situation") {
		t.Errorf("the exchange left port 500:\n%s", got)
	}
	if strings.Contains(outcome, "unable") {
		t.Log("this kernel has no ESP: no packets are sent")
		return
	}
	b.ping()
	b.pinged()
}

// Behind a device that translates addresses and ports either end finds the
// NAT and goes to port 4500 (RFC 3947 sections 3 and 4).
func TestThroughNAT(t *testing.T) {
	c := startCharon(t)
	c.load(conn{ike: "aes128-sha1-modp1024", remoteID: insideAddr})
	b := join(t, c, settings{inside: true, proposal: " encryption-algorithm aes-cbc-128\n dh group2"})
	m := c.mark()
	b.up()
	c.want(m, `remote host is behind NAT`)
	b.ping()
	b.pinged()

	m = c.mark()
	c.must("--rekey", "--child", "n")
	c.want(m, `CHILD_SA n\{\d+\} established`)
	b.pinged()
	b.ping()

	m = c.mark()
	b.typ("reset ike sa")
	c.want(m, `received DELETE for IKE_SA`)
}
