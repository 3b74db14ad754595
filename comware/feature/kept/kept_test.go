package kept_test

import (
	"strings"
	"testing"

	"cwlab/comware/feature/config"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/info"
	"cwlab/comware/feature/kept"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/system"
	"cwlab/comware/feature/terminal"
)

func desk(t *testing.T) *featuretest.Desk {
	t.Helper()
	return featuretest.New(t, system.Feature, config.Feature, info.Feature, login.Feature, terminal.Feature, kept.Feature)
}

func TestGrammar(t *testing.T) {
	if err := desk(t).Box.Image.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

// TestConfigurationRoundTrip reads a configuration and prints it again.
func TestConfigurationRoundTrip(t *testing.T) {
	const text = `#
 version 7.1.064, Release 1P2
#
 sysname FW
#
 clock protocol none
 clock timezone BJ add 08:00:00
#
 telnet server enable
#
 password-recovery enable
#
vlan 1
#
 scheduler logfile size 16
#
line class console
 user-role network-admin
#
line class vty
 user-role network-operator
#
line con 0
 user-role network-admin
 idle-timeout 0 0
#
line vty 0 63
 authentication-mode scheme
 user-role network-operator
 protocol inbound ssh
#
 info-center loghost 10.1.1.1
 info-center synchronous
#
 ssh server enable
 ssh user admin service-type all authentication-type any
#
domain system
#
 domain default enable system
#
role name level-0
 description Predefined level-0 role
#
user-group system
#
local-user admin class manage
 password hash $h$6$abc$def==
 service-type ssh terminal http https
 authorization-attribute user-role level-15
 authorization-attribute user-role network-admin
#
 ip http enable
 ip https enable
#
return
`
	d := desk(t)
	for _, r := range d.Box.Load(text) {
		t.Errorf("line %d %q is refused: %s", r.Line, r.Text, r.Reason)
	}
	got := d.Config()
	gl, wl := strings.Split(got, "\n"), strings.Split(text, "\n")
	for i := range min(len(gl), len(wl)) {
		if gl[i] != wl[i] {
			t.Fatalf("line %d is %q, want %q in\n%s", i+1, gl[i], wl[i], got)
		}
	}
	if len(gl) != len(wl) {
		t.Errorf("%d lines, want %d:\n%s", len(gl), len(wl), got)
	}
}
