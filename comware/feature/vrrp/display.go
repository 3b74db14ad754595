package vrrp

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/vrrp"
)

// routers are the groups a display asks for, by interface and number.
func routers(x *feature.Exec, a *cli.Args) []*vrrp.Router {
	all := slices.DeleteFunc(engine(x).Routers(), func(r *vrrp.Router) bool {
		return a.Str("interface") != "" && a.Str("interface") != r.Iface() || a.Int("vrid") != 0 && a.Int("vrid") != int(r.VRID())
	})
	slices.SortFunc(all, func(a, b *vrrp.Router) int {
		return cmp.Or(conf.NaturalCompare(a.Iface(), b.Iface()), cmp.Compare(a.VRID(), b.VRID()))
	})
	return all
}

func display(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	if len(e.Routers()) == 0 {
		x.Print("VRRP4 is not configured.\n")
		return
	}
	list := routers(x, a)
	x.Print("IPv4 Virtual Router Information:\n Running mode : Standard\n")
	if slices.ContainsFunc(e.Routers(), func(r *vrrp.Router) bool { return r.Role() != vrrp.NoRole }) {
		if up, active, standby := e.RBM(); up {
			x.Printf(" RBM control channel is established\n   VRRP active group status : %s\n   VRRP standby group status: %s\n", active, standby)
		} else {
			x.Print(" RBM control channel is not established\n")
		}
	}
	on := ""
	if name := a.Str("interface"); name != "" {
		on = " on interface " + name
	}
	x.Printf(" Total number of virtual routers%s : %d\n", on, len(list))
	if a.Has("verbose") {
		verbose(x, list)
		return
	}
	x.Print(" Interface          VRID  State        Running Adver   Auth             Virtual\n" +
		"                                       Pri     Timer   Type                IP\n" +
		" " + strings.Repeat("-", 77) + "\n")
	for _, r := range list {
		vips := r.VIPs()
		first := ""
		if len(vips) > 0 {
			first = vips[0].String()
			vips = vips[1:]
		}
		x.Print(strings.TrimRight(fmt.Sprintf(" %-18s %-5d %-12s %-7d %-7d %-16s %s", cli.ShortInterface(r.Iface()), r.VRID(), r.State(), r.RunningPriority(),
			r.Interval().Milliseconds()/10, auth(r), first), " ") + "\n")
		for _, vip := range vips {
			x.Printf("%72s%s\n", "", vip)
		}
	}
}

// auth is the authentication type: version 3 has none.
func auth(r *vrrp.Router) string {
	if r.Version() == 3 {
		return "Not supported"
	}
	return map[vrrp.AuthMode]string{vrrp.AuthNone: "None", vrrp.AuthSimple: "Simple", vrrp.AuthMD5: "MD5"}[r.Auth()]
}

func verbose(x *feature.Exec, list []*vrrp.Router) {
	pair := func(a string, av any, b string, bv any) {
		x.Printf("     %-17s: %-19v %-13s: %v\n", a, av, b, bv)
	}
	single := func(a string, v any) { x.Printf("     %-17s: %v\n", a, v) }
	for i, r := range list {
		if i > 0 {
			x.Print("\n")
		}
		admin, preempt := "Up", "Yes"
		if r.Shutdown() {
			admin = "Down"
		}
		if !r.Preempt() {
			preempt = "No"
		}
		x.Printf("   Interface %s\n", r.Iface())
		pair("VRID", r.VRID(), "Adver Timer", r.Interval().Milliseconds()/10)
		pair("Admin Status", admin, "State", r.State())
		pair("Config Pri", r.Priority(), "Running Pri", r.RunningPriority())
		pair("Preempt Mode", preempt, "Delay Time", r.PreemptDelay().Milliseconds()/10)
		// While hot backup decides, nothing runs out.
		if left, ok := r.BecomeMaster(); ok && r.State() == vrrp.Backup {
			single("Become Master", fmt.Sprintf("%dms left", left.Milliseconds()))
		}
		if r.Auth() == vrrp.AuthNone {
			single("Auth Type", auth(r))
		} else {
			pair("Auth Type", auth(r), "Key", "******")
		}
		single("Version", r.Version())
		for k, vip := range r.VIPs() {
			if k == 0 {
				single("Virtual IP", vip)
			} else {
				x.Printf("%24s%s\n", "", vip)
			}
		}
		if r.State() >= vrrp.Backup {
			m := vrrp.MAC(r.VRID())
			single("Virtual MAC", fmt.Sprintf("%02x%02x-%02x%02x-%02x%02x", m[0], m[1], m[2], m[3], m[4], m[5]))
		}
		master := r.Master()
		if !master.IsValid() {
			master = netip.IPv4Unspecified()
		}
		single("Master IP", master)
		if len(r.Tracks()) > 0 {
			x.Print("   VRRP Track Information:\n")
		}
		for _, t := range r.Tracks() {
			what := "Switchover"
			if !t.Switchover {
				what = fmt.Sprintf("Pri Reduced : %d", t.Reduced)
			}
			x.Printf("     %-17s: %-19d State : %-10s %s\n", "Track Object", t.Object, trackState(x.Box, t.Object), what)
		}
	}
}

func displayStatistics(x *feature.Exec, a *cli.Args) {
	if len(engine(x).Routers()) == 0 {
		x.Print("VRRP4 is not configured.\n")
		return
	}
	for i, r := range routers(x, a) {
		if i > 0 {
			x.Print("\n")
		}
		s := r.Stats()
		x.Printf(" %-24s: %s\n", "Interface", r.Iface())
		x.Printf(" %-24s: %d\n", "VRID", r.VRID())
		for _, row := range []struct {
			left  string
			a     int
			right string
			b     int
		}{
			{"CheckSum Errors", s.ChecksumErrors, "Version Errors", s.VersionErrors},
			{"Invalid Pkts Rcvd", s.InvalidPackets, "Unexpected Pkts Rcvd", s.UnexpectedPackets},
			{"IP TTL Errors", s.TTLErrors, "Advertisement Interval Errors", s.IntervalErrors},
			{"Invalid Auth Type", s.InvalidAuthType, "Auth Failures", s.AuthFailures},
			{"Packet Length Errors", s.LengthErrors, "Auth Type Mismatch", s.AuthTypeMismatch},
			{"Become Master", s.BecomeMaster, "Address List Errors", s.AddressListErrors},
			{"Adver Rcvd", s.AdverReceived, "Priority Zero Pkts Rcvd", s.ZeroReceived},
			{"Adver Sent", s.AdverSent, "Priority Zero Pkts Sent", s.ZeroSent},
		} {
			x.Printf(" %-24s: %-10d %-30s: %d\n", row.left, row.a, row.right, row.b)
		}
	}
	if a.Str("interface") == "" {
		g := engine(x).GlobalStats()
		x.Print("\n Global statistics\n")
		x.Printf(" %-24s: %d\n %-24s: %d\n %-24s: %d\n", "CheckSum Errors", g.ChecksumErrors, "Version Errors", g.VersionErrors, "VRID Errors", g.VRIDErrors)
	}
}
