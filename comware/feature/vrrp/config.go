package vrrp

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/vrrp"
)

// Places of the lines in interface view: behind the address.
const (
	placeVersion = 190
	place        = 200
)

// maxVIPs is how many virtual addresses a group may have.
const maxVIPs = 16

func centiseconds(n int) time.Duration { return time.Duration(n) * 10 * time.Millisecond }

// key orders the lines of an interface by group, then by kind.
func key(r *vrrp.Router, rank int, what string) string {
	return fmt.Sprintf("vrrp vrid %d %d %s", r.VRID(), rank, what)
}

// keep puts a line of a group into the configuration, or takes it out when it
// says the default.
func keep(x *feature.Exec, r *vrrp.Router, rank int, what, rest string, isDefault bool) {
	if isDefault {
		x.Node().Remove(key(r, rank, what))
		return
	}
	x.Node().Set(place, key(r, rank, what), fmt.Sprintf("vrrp vrid %d %s", r.VRID(), rest))
}

func setVIP(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
	vip := a.Addr("address")
	known := false
	for _, old := range r.VIPs() {
		known = known || old == vip
	}
	refuse := ""
	switch {
	case !unicast(vip):
		refuse = "Invalid virtual IP address."
	case !known && len(r.VIPs()) >= maxVIPs:
		refuse = "The number of virtual IP addresses has reached the maximum."
	case taken(x, r, vip):
		refuse = "The virtual IP address is already in use."
	}
	if refuse != "" {
		x.Error(refuse)
		forget(x, r)
		return
	}
	role, suffix := vrrp.NoRole, ""
	switch {
	case a.Has("active"):
		role, suffix = vrrp.RoleActive, " active"
	case a.Has("standby"):
		role, suffix = vrrp.RoleStandby, " standby"
	}
	text := "virtual-ip " + vip.String()
	if a.Has("mask") {
		text += " " + a.Addr("mask").String()
	}
	keep(x, r, 0, "virtual-ip "+vip.String(), text+suffix, false)
	r.SetRole(role)
	r.AddVIP(vip)
}

func unicast(a netip.Addr) bool {
	return a.Is4() && !a.IsMulticast() && !a.IsLoopback() && !a.IsUnspecified() && a.As4()[0] < 240
}

// taken says whether another group has the address.
func taken(x *feature.Exec, r *vrrp.Router, vip netip.Addr) bool {
	for _, other := range engine(x).Routers() {
		for _, a := range other.VIPs() {
			if other != r && a == vip {
				return true
			}
		}
	}
	return false
}

// undoGroup removes one virtual address, all, or the group with all its lines.
func undoGroup(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
	switch vip := a.Addr("address"); {
	case !a.Has("virtual-ip"):
		drop(x, r)
		return
	case a.Has("address"):
		if !x.Node().Remove(key(r, 0, "virtual-ip "+vip.String())) {
			x.Error("The virtual IP address does not exist.")
			return
		}
		r.RemoveVIP(vip)
	default:
		for _, vip := range r.VIPs() {
			x.Node().Remove(key(r, 0, "virtual-ip "+vip.String()))
			r.RemoveVIP(vip)
		}
	}
	forget(x, r)
}

// forget ends a group that has no line left.
func forget(x *feature.Exec, r *vrrp.Router) {
	for _, line := range x.Node().Kids() {
		if strings.HasPrefix(line.Key, fmt.Sprintf("vrrp vrid %d ", r.VRID())) {
			return
		}
	}
	engine(x).Remove(r.Iface(), r.VRID())
}

func drop(x *feature.Exec, r *vrrp.Router) {
	prefix := fmt.Sprintf("vrrp vrid %d ", r.VRID())
	x.Node().RemoveAll(func(key string) bool { return strings.HasPrefix(key, prefix) })
	engine(x).Remove(r.Iface(), r.VRID())
}

// setShutdown keeps the command and lets it act right after it has returned,
// so that what it causes comes after the prompt.
func setShutdown(x *feature.Exec, r *vrrp.Router, down bool) {
	keep(x, r, 4, "shutdown", "shutdown", !down)
	if x.Quiet() {
		r.SetShutdown(down)
		return
	}
	x.Box.After(0, func() { r.SetShutdown(down) })
}

func setVersion(x *feature.Exec, v uint8) {
	engine(x).SetVersion(x.View().Suffix, v)
	if v == 3 {
		x.Node().Remove("vrrp version")
		return
	}
	x.Node().Set(placeVersion, "vrrp version", fmt.Sprintf("vrrp version %d", v))
}
