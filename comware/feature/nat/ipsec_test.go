package nat

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ike"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/ipsec"
	"cwlab/comware/feature/objgroup"
	"cwlab/comware/feature/vrrp"
	"cwlab/comware/feature/zone"
	tunnels "cwlab/emulator/ipsec"
)

const tunnel = `
acl advanced 3000
 rule 0 permit ip source LOOP 0 destination FAR 0
interface LoopBack0
 ip address LOOP 255.255.255.255
interface GigabitEthernet1/0/1
 ip address LOCAL 255.255.255.0
 ipsec apply policy map1
#
security-zone name Untrust
 import interface GigabitEthernet1/0/1
#
ip route-static FAR 32 REMOTE
ipsec transform-set tran1
 esp encryption-algorithm aes-cbc-128
 esp authentication-algorithm sha1
ipsec policy map1 10 isakmp
 transform-set tran1
 security acl 3000
 remote-address REMOTE
 ike-profile p1
ike profile p1
 keychain k1
 match remote identity address REMOTE 255.255.255.255
ike keychain k1
 pre-shared-key address REMOTE 255.255.255.255 key simple secret
security-policy ip
 rule 0 name all
  action pass
`

// Translation goes before IPsec: traffic that is translated does not match the
// list of the IPsec policy and leaves in the clear, until the list of the
// translation leaves it out.
func TestTranslationGoesBeforeIPsec(t *testing.T) {
	all := []feature.Feature{ip.Feature, objgroup.Feature, zone.Feature, acl.Feature, ike.Feature, ipsec.Feature, vrrp.Feature, Feature}
	a := featuretest.New(t, all...)
	b := featuretest.At(t, a.World, a.Net, "B", all...)
	const port = "GigabitEthernet1/0/1"
	featuretest.Cable(a, port, b, port)
	for _, side := range []struct {
		d *featuretest.Desk
		r *strings.Replacer
	}{
		{a, strings.NewReplacer("LOOP", "2.2.2.2", "FAR", "3.3.3.3", "LOCAL", "1.1.1.1", "REMOTE", "1.1.1.2")},
		{b, strings.NewReplacer("LOOP", "3.3.3.3", "FAR", "2.2.2.2", "LOCAL", "1.1.1.2", "REMOTE", "1.1.1.1")},
	} {
		if refused := side.d.Box.Load(side.r.Replace(tunnel)); len(refused) > 0 {
			t.Fatalf("refused %+v", refused)
		}
		side.d.Do("system-view")
	}
	a.Run(time.Second)
	ping := func() string {
		a.Do("ping -a 2.2.2.2 -c 3 3.3.3.3")
		a.Run(15 * time.Second)
		return a.Seen()
	}
	count := func() int { return len(feature.Get[*tunnels.Engine](a.Box).Tunnels(tunnels.Filter{})) }
	a.Do("interface "+port, "nat outbound", "quit")
	ping()
	if n := count(); n != 0 {
		t.Errorf("%d tunnels although the traffic is translated, want none", n)
	}
	if got := a.Do("display nat session"); !strings.Contains(got, "  Source      IP/port: 2.2.2.2/") {
		t.Errorf("translated sessions:\n%s", got)
	}
	a.Do("interface "+port, "undo nat outbound", "nat outbound 3001", "quit", "acl advanced 3001",
		"rule deny ip source 2.2.2.2 0 destination 3.3.3.3 0", "rule permit ip", "return", "reset session table", "system-view")
	if got := ping(); !strings.Contains(got, "2 packet(s) received") && !strings.Contains(got, "3 packet(s) received") {
		t.Errorf("with the traffic left out of translation ping prints\n%s", got)
	}
	if n := count(); n != 1 {
		t.Errorf("%d tunnels, want 1", n)
	}
	if got := a.Do("display nat session"); !strings.HasSuffix(got, "Total sessions found: 0\n") {
		t.Errorf("translated sessions:\n%s", got)
	}
}
