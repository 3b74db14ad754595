package interop

import (
	"fmt"
	"strings"
	"testing"
)

// A suite2 is the algorithms of an IKE SA of version 2 and of its child SA in
// the device's words and in strongSwan's.
type suite2 struct{ proposal, set, ike, esp string }

func (s suite2) settings(profile string) settings {
	return settings{set: s.set, policy: " ikev2-profile f", global: fmt.Sprintf(`ikev2 keychain k
 peer other
  address %[1]s 255.255.255.255
  pre-shared-key plaintext %[2]s
#
ikev2 profile f
 authentication-method local pre-share
 authentication-method remote pre-share
 keychain k
 match remote identity address %[1]s 255.255.255.255
%[3]s#
ikev2 policy 1
 proposal 1
#
ikev2 proposal 1
%[4]s
#`, theirsAddr, psk, profile, s.proposal)}
}

// suites2 are each cipher with each integrity algorithm and group, once.
func suites2() (all []suite2) {
	ciphers := []struct{ ours, theirs string }{{"3des-cbc", "3des"}, {"aes-cbc-128", "aes128"}, {"aes-cbc-192", "aes192"}, {"aes-cbc-256", "aes256"}, {"des-cbc", "des"}}
	groups := []struct{ ours, theirs string }{{"group1", "modp768"}, {"group2", "modp1024"}, {"group5", "modp1536"}, {"group14", "modp2048"}, {"group24", "modp2048s256"}}
	hashes := []string{"sha1", "md5", "sha256", "sha384", "sha512"}
	for i, c := range ciphers {
		g, h, esp := groups[i], hashes[i], hashes[(i+3)%5]
		s := suite2{
			proposal: fmt.Sprintf(" encryption %s\n integrity %s\n dh %s", c.ours, h, g.ours),
			set:      fmt.Sprintf(" esp encryption-algorithm %s\n esp authentication-algorithm %s", c.ours, esp),
			ike:      c.theirs + "-" + h + "-" + g.theirs, esp: c.theirs + "-" + esp,
		}
		if i%2 == 1 {
			s.set += "\n pfs dh-" + g.ours
			s.esp += "-" + g.theirs
		}
		all = append(all, s)
	}
	return all
}

// Version 2: either end begins, packets pass both ways, either end makes the
// child SA anew and renews the IKE SA, either end gives it up.
func TestVersion2(t *testing.T) {
	c := startCharon(t)
	for _, s := range suites2() {
		t.Run(s.ike, func(t *testing.T) {
			c := *c
			c.t = t
			c.load(conn{version: 2, ike: s.ike, esp: s.esp})
			b := join(t, &c, s.settings(""))
			b.up()
			b.ping()
			b.pinged()

			m := c.mark()
			b.typ("reset ipsec sa")
			c.want(m, `received DELETE for ESP CHILD_SA`)
			b.up() // CREATE_CHILD_SA
			b.ping()
			m = c.mark()
			b.typ("reset ikev2 sa")
			c.want(m, `received DELETE for IKE_SA`)
			b.none()

			c.must("--initiate", "--child", "n", "--timeout", "5")
			b.tunnel()
			b.pinged()
			m = c.mark()
			c.must("--rekey", "--child", "n")
			c.want(m, `CHILD_SA closed|closing CHILD_SA`)
			b.tunnel()
			b.ping()
			m = c.mark()
			c.must("--rekey", "--ike", "c")
			c.want(m, `IKE_SA deleted`)
			b.tunnel()
			b.pinged()
			c.must("--terminate", "--ike", "c", "--timeout", "5")
			b.none()
		})
	}
}

// A wrong key is refused by either end, and both say so.
func TestVersion2Refusals(t *testing.T) {
	c := startCharon(t)
	s := suites2()[1]
	c.load(conn{version: 2, ike: s.ike, esp: s.esp, psk: "another"})
	b := join(t, c, s.settings(""))
	m := c.mark()
	b.typ(fmt.Sprintf("ping -a %s -c 1 -t 1 %s", ours, theirs))
	c.want(m, `N\(AUTH_FAILED\)`)
	b.none()
	if out, err := c.swanctl("--initiate", "--child", "n", "--timeout", "5"); err == nil || !strings.Contains(out, "AUTHENTICATION_FAILED") {
		t.Errorf("strongSwan says %v\n%s", err, out)
	}
	b.none()
}
