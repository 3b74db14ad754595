package interop

import (
	"fmt"
	"strings"
	"testing"

	"cwlab/emulator/lab"
)

// A suite is the algorithms of both phases in the device's words and in
// strongSwan's.
type suite struct {
	name       string
	proposal   string
	set        string
	ike, esp   string
	aggressive bool
}

// suites are each cipher with each group, and each hash. Every other one has
// perfect forward secrecy.
func suites() (all []suite) {
	ciphers := []struct{ ours, theirs string }{{"des-cbc", "des"}, {"3des-cbc", "3des"}, {"aes-cbc-128", "aes128"}, {"aes-cbc-192", "aes192"}, {"aes-cbc-256", "aes256"}}
	groups := []struct{ ours, theirs string }{{"group1", "modp768"}, {"group2", "modp1024"}, {"group5", "modp1536"}, {"group14", "modp2048"}, {"group24", "modp2048s256"}}
	hashes := []struct{ ours, theirs, esp string }{{"sha", "sha1", "sha1"}, {"md5", "md5", "md5"}, {"sha256", "sha256", "sha256"},
		{"sha384", "sha384", "sha384"}, {"sha512", "sha512", "sha512"}}
	for i, c := range ciphers {
		for j, g := range groups {
			h := hashes[(2*i+j)%len(hashes)] // each hash with each cipher and group
			s := suite{
				name:       c.theirs + "-" + h.theirs + "-" + g.theirs,
				proposal:   fmt.Sprintf(" encryption-algorithm %s\n authentication-algorithm %s\n dh %s", c.ours, h.ours, g.ours),
				set:        fmt.Sprintf(" esp encryption-algorithm %s\n esp authentication-algorithm %s", c.ours, h.esp),
				esp:        c.theirs + "-" + h.esp,
				aggressive: (i*len(groups)+j)%7 == 3,
			}
			s.ike = s.name
			if (i+j)%2 == 1 {
				s.set += "\n pfs dh-" + g.ours
				s.esp += "-" + g.theirs
				s.name += "-pfs"
			}
			if s.aggressive {
				s.name += "-aggressive"
			}
			all = append(all, s)
		}
	}
	return all
}

// up has the device want a tunnel and waits until it has one.
func (b *box) up() lab.Snapshot {
	b.t.Helper()
	m, n := b.peer.mark(), b.mark()
	b.typ(fmt.Sprintf("ping -a %s -c 1 -t 1 %s", ours, theirs))
	b.want(n, `packet loss$`) // the first packet is lost
	b.peer.want(m, `CHILD_SA n\{\d+\} established`)
	return b.tunnel()
}

// tunnel waits for SAs of both phases.
func (b *box) tunnel() lab.Snapshot {
	b.t.Helper()
	return b.until("one tunnel", func(s lab.Snapshot) bool {
		return len(s.IKE) == 1 && (strings.Contains(s.IKE[0].Flag, "RD") || s.IKE[0].Flag == "EST") && len(s.IPsec) == 1 && s.IPsec[0].OutSPI != 0
	})
}

// none waits until no SA is left.
func (b *box) none() {
	b.t.Helper()
	b.until("no SA", func(s lab.Snapshot) bool { return len(s.IKE) == 0 && len(s.IPsec) == 0 })
}

// Each cipher, hash and group, in main and in aggressive mode, with and
// without PFS: either end begins, packets pass both ways, either end gives it
// up.
func TestSuites(t *testing.T) {
	c := startCharon(t)
	for _, s := range suites() {
		t.Run(s.name, func(t *testing.T) {
			c := *c
			c.t = t
			c.load(conn{ike: s.ike, esp: s.esp, aggressive: s.aggressive})
			profile := ""
			if s.aggressive {
				profile = " exchange-mode aggressive"
			}
			b := join(t, &c, settings{proposal: s.proposal, set: s.set, profile: profile})
			b.up()
			b.ping()
			b.pinged()

			m := c.mark()
			b.typ("reset ipsec sa")
			c.want(m, `received DELETE for ESP CHILD_SA`)
			b.typ("reset ike sa")
			c.want(m, `received DELETE for IKE_SA`)
			b.none()

			c.must("--initiate", "--child", "n", "--timeout", "5")
			b.tunnel()
			b.pinged()
			b.ping()
			c.must("--terminate", "--ike", "c", "--timeout", "5")
			b.none()
		})
	}
}
