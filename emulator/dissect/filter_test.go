package dissect

import (
	"strings"
	"testing"
)

func TestFilters(t *testing.T) {
	all := map[string][]Field{}
	for name, i := range map[string]int{"arp": 0, "icmp": 2, "udp": 3, "isakmp": 4, "tagged": 5, "esp": 9, "ah": 11, "vrrp": 12} {
		all[name] = New().Fields(frames(t)[i].frame)
	}
	for _, row := range []struct{ text, want string }{
		{"", "arp icmp udp isakmp tagged esp ah vrrp"},
		{"arp", "arp"},
		{"isakmp and not vlan", "isakmp"},
		{"ip.src==192.0.2.1 && !(udp || ah)", "icmp esp vrrp"},
		{"ip.addr == 192.0.2.0/30 and icmp.type eq 8", "icmp ah"},
		{"ip.dst != 192.0.2.2", ""},
		{"ip.src ne 192.0.2.2 and esp", "esp"},
		{"ip.addr != 192.0.2.1", ""},
		{"eth.dst==ff:ff:ff:ff:ff:ff", "arp"},
		{"eth.src==0200.0000.0001 and arp", "arp"},
		{"udp.port == 0x1f4", "isakmp tagged"},
		{"udp.port<10", "udp"},
		{"frame.len ge 90 or vlan.id le 7", "isakmp tagged"},
		{"isakmp.ispi == 0102030000000000", "isakmp tagged"},
		{"esp.spi > 0 or ah.spi == 9", "esp ah"},
		{"vrrp.prio gt 100", "vrrp"},
		{"isakmp.typepayload == 3 and vlan", "tagged"},
	} {
		f, err := ParseFilter(row.text)
		if err != nil {
			t.Errorf("%q: %v", row.text, err)
			continue
		}
		for name, fields := range all {
			if got, want := f.Match(fields), strings.Contains(" "+row.want+" ", " "+name+" "); got != want {
				t.Errorf("%q on %s gives %v, want %v: %v", row.text, name, got, want, fields)
			}
		}
	}
	for _, row := range []struct{ text, want string }{
		{"http", `"http" is no protocol`}, {"ip.len >", "it ends where a value of ip.len"}, {"ip.len > x", "expected a number"},
		{"(ip", "not closed"}, {"ip ip", `"ip" follows`}, {"not", "it ends where"}, {"ip and", "it ends where"}, {"= 5", "is no protocol"},
		{strings.Repeat("!", 100) + "ip", "too deep"},
	} {
		if _, err := ParseFilter(row.text); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q gives %v, want %s", row.text, err, row.want)
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add(`ip.src==192.0.2.1 && !(udp.port > 5) or eth.addr ne "x"`, frames(f)[4].frame)
	f.Fuzz(func(_ *testing.T, text string, frame []byte) {
		if e, err := ParseFilter(text); err == nil {
			e.Match(New().Fields(frame))
		}
	})
}
