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

// The ranks of a group's lines.
const (
	rankVIP = iota
	rankPriority
	rankPreempt
	rankTimer
	rankShutdown
	rankTrack
	rankSource
	rankAuth
)

// defaultTimer is the interval of advertisements in centiseconds.
const defaultTimer = 100

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
	keep(x, r, rankVIP, "virtual-ip "+vip.String(), text+suffix, false)
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
		if !x.Node().Remove(key(r, rankVIP, "virtual-ip "+vip.String())) {
			x.Error("The virtual IP address does not exist.")
			return
		}
		r.RemoveVIP(vip)
	default:
		for _, vip := range r.VIPs() {
			x.Node().Remove(key(r, rankVIP, "virtual-ip "+vip.String()))
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
	keep(x, r, rankShutdown, "shutdown", "shutdown", !down)
	if x.Quiet() {
		r.SetShutdown(down)
		forget(x, r)
		return
	}
	x.Box.After(0, func() { r.SetShutdown(down) })
	forget(x, r)
}

func setVersion(x *feature.Exec, v uint8) {
	engine(x).SetVersion(x.View().Suffix, v)
	if v == 3 {
		x.Node().Remove("vrrp version")
		return
	}
	x.Node().Set(placeVersion, "vrrp version", fmt.Sprintf("vrrp version %d", v))
}

func setPriority(x *feature.Exec, r *vrrp.Router, p int) {
	r.SetPriority(uint8(p))
	keep(x, r, rankPriority, "priority", fmt.Sprintf("priority %d", p), p == vrrp.PriorityDefault)
	forget(x, r)
}

func setPreempt(x *feature.Exec, r *vrrp.Router, delay int) {
	r.SetPreempt(true, centiseconds(delay))
	keep(x, r, rankPreempt, "preempt-mode", fmt.Sprintf("preempt-mode delay %d", delay), delay == 0)
	forget(x, r)
}

func undoPreempt(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
	switch {
	case !a.Has("delay"):
		r.SetPreempt(false, 0)
		x.Node().Set(place, key(r, rankPreempt, "preempt-mode"), fmt.Sprintf("undo vrrp vrid %d preempt-mode", r.VRID()))
	case r.Preempt():
		setPreempt(x, r, 0)
	}
}

func setTimer(x *feature.Exec, r *vrrp.Router, n int) {
	r.SetInterval(centiseconds(n))
	keep(x, r, rankTimer, "timer", fmt.Sprintf("timer advertise %d", n), n == defaultTimer)
	forget(x, r)
}

func setSource(x *feature.Exec, r *vrrp.Router, name string) {
	r.SetSource(name)
	keep(x, r, rankSource, "source-interface", "source-interface "+name, name == "")
	forget(x, r)
}

// maxKey is how long a key in plain text may be.
const maxKey = 8

func setAuth(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
	mode, word := vrrp.AuthSimple, "simple"
	if a.Has("md5") {
		mode, word = vrrp.AuthMD5, "md5"
	}
	secret := a.Str("key")
	_, text, _ := strings.Cut(a.Line(), " authentication-mode ")
	switch {
	case a.Has("plain") && len(secret) > maxKey:
		x.Error("The authentication key is too long.")
		forget(x, r)
		return
	case a.Has("plain"):
		text = word + " cipher " + feature.Encipher(secret)
	default:
		if plain, ok := feature.Decipher(secret); ok {
			secret = plain
		}
	}
	r.SetAuth(mode, secret)
	keep(x, r, rankAuth, "authentication-mode", "authentication-mode "+text, false)
}

// defaultReduced is by how much a tracked object lowers the priority.
const defaultReduced = 10

// trackKinds are what a track entry does to a group; each may be set once for
// an entry.
var trackKinds = []string{"forwarder-switchover", "priority", "switchover", "weight"}

func setTrack(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
	n := a.Int("track")
	kind, text := "", fmt.Sprintf("track %d", n)
	for _, k := range trackKinds {
		if a.Has(k) {
			kind = k
		}
	}
	reduced := defaultReduced
	if a.Has("reduced") && a.Str("reduced") != "" {
		reduced = a.Int("reduced")
	}
	switch kind {
	case "forwarder-switchover":
		text += " forwarder-switchover member-ip " + a.Addr("member").String()
	case "switchover":
		text += " switchover"
		r.AddTrack(vrrp.Track{Object: n, Switchover: true})
	case "priority":
		text += " priority reduced"
		if reduced != defaultReduced {
			text += fmt.Sprintf(" %d", reduced)
		}
		r.AddTrack(vrrp.Track{Object: n, Reduced: uint8(reduced)})
	case "weight":
		text += strings.TrimRight(" weight reduced "+a.Str("reduced"), " ")
	}
	keep(x, r, rankTrack, fmt.Sprintf("track %d %s", n, kind), text, false)
}

func undoTrack(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
	prefix := key(r, rankTrack, "track ")
	if a.Has("track") && a.Str("track") != "" {
		prefix = key(r, rankTrack, fmt.Sprintf("track %d ", a.Int("track")))
	}
	only := ""
	for _, k := range trackKinds {
		if a.Has(k) {
			only = k
		}
	}
	if x.Node().RemoveAll(func(key string) bool {
		return strings.HasPrefix(key, prefix) && (only == "" || strings.HasSuffix(key, " "+only))
	}) == 0 {
		x.Error("The VRRP group does not track that entry.")
		return
	}
	r.RemoveTracks(func(t vrrp.Track) bool {
		kind := "priority"
		if t.Switchover {
			kind = "switchover"
		}
		return (a.Str("track") == "" || t.Object == a.Int("track")) && (only == "" || only == kind)
	})
	forget(x, r)
}
