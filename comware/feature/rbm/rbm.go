// Package rbm gives the console the remote backup group: RBM view, its
// displays and logs, the prefix of the prompt, and the synchronisation of
// configuration between the two devices. The engine is emulator/rbm.
//
// Source: "RBM commands" of the H3C firewall command references; the status
// display is that of the 7.1.064 releases.
//
// Limitations: cost adjustment, VLANs and transparent transmission are kept in
// the configuration and not acted on. `switchover request` asks no question.
// The words of RBM's logs other than RBM_CHANNEL, of refusals and of the causes
// of a switchover other than an interface's are our own, since no public text
// has them. Local users are each device's own, and what `default` takes from an
// interface is synchronised with the next batch only. Of service entries,
// sessions that pass through the device are backed up, with their translation
// if the peer has what makes it.
//
// With `ipsec redundancy enable` so are the IKE and IPsec SAs under virtual
// addresses of VRRP. Which command has a pair do that is not public: this one
// has the same purpose between the units of one device. SAs of IKEv2 are not
// backed up, and a negotiation that a switchover interrupts begins anew.
// `display ike sa` shows a copy like any other, as no flag for it is known;
// `display ipsec sa` has it as Standby.
package rbm

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/rbm"
	"cwlab/emulator/stack"
	"cwlab/emulator/track"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/zone"
)

// Feature is the remote backup group.
var Feature = feature.Feature{
	Name:     "rbm",
	Views:    []feature.View{{Name: viewName, Parent: "system", Title: "Remote-backup-group"}},
	Commands: commands(),
	Install:  install,
}

// group is the line that opens RBM view.
const group = "remote-backup group"

// A host is the box as the engine sees it.
type host struct {
	*feature.Box
	tracks []tracked
	why    rbm.Cause // of the health that was told last
	data   string    // the interface of the data channel, "" for none
	mirror *mirror   // nil without a firewall
	vault  *vault    // nil without IPsec
}

// tracked is a track entry that is monitored.
type tracked struct {
	entry int
	stop  func()
}

func install(b *feature.Box) {
	h := &host{Box: b}
	e := rbm.New(h)
	feature.Put(b, e)
	feature.Put(b, h)
	b.PromptPrefix = func() string {
		switch e.Config().Role {
		case rbm.Primary:
			return "RBM_P"
		case rbm.Secondary:
			return "RBM_S"
		case rbm.NoRole:
		}
		return ""
	}
	b.Stack.OnIface(func(*stack.Iface, bool) { h.monitor(e) })
	b.OnConfig(func(ev feature.ConfigEvent) {
		h.follow()
		h.monitor(e)
		if h.vault != nil {
			h.vault.follow()
		}
		if !ev.Sync && h.synchronised(ev.Path, ev.Line) {
			e.Sync(append(append([]string{}, ev.Path...), ev.Line))
		}
	})
	b.After(0, func() {
		h.follow()
		h.monitor(e)
		h.installVault() // IKE and IPsec may be installed later in the image
	})
	h.installMirror()
	b.OnStop(e.Stop)
}

func engine(x *feature.Exec) *rbm.Engine { return feature.Get[*rbm.Engine](x.Box) }

// Send sends a datagram of the control channel.
func (h *host) Send(local, remote netip.AddrPort, b []byte) error {
	return h.Stack.SendUDP(local, remote, b)
}

// lines are those of RBM view.
func (h *host) lines() []*conf.Node {
	if n := h.Conf.Root().Child(group); n != nil {
		return n.Kids()
	}
	return nil
}

// follow watches the track entries of RBM view, and no others.
func (h *host) follow() {
	t := feature.Get[*track.Engine](h.Box)
	if t == nil {
		return
	}
	var want []int
	for _, line := range h.lines() {
		if word, ok := strings.CutPrefix(line.Text, "track "); ok {
			if n, err := strconv.Atoi(word); err == nil {
				want = append(want, n)
			}
		}
	}
	h.tracks = slices.DeleteFunc(h.tracks, func(k tracked) bool {
		if slices.Contains(want, k.entry) {
			return false
		}
		k.stop()
		return true
	})
	for _, n := range want {
		if !slices.ContainsFunc(h.tracks, func(k tracked) bool { return k.entry == n }) {
			stop := t.Watch(n, "RBM", func(track.State) { h.monitor(feature.Get[*rbm.Engine](h.Box)) })
			h.tracks = append(h.tracks, tracked{n, stop})
		}
	}
}

// monitor tells the engine whether all is well: no track entry is negative, and
// every interface of `track interface` and with an associated VRRP group is up.
func (h *host) monitor(e *rbm.Engine) {
	interfaces := true
	check := func(name string) {
		i := h.Stack.Iface(name)
		interfaces = interfaces && i != nil && i.Up()
	}
	for _, line := range h.lines() {
		if name, found := strings.CutPrefix(line.Text, "track interface "); found {
			check(name)
		}
	}
	if v := feature.Get[*vrrp.Engine](h.Box); v != nil {
		for _, r := range v.Routers() {
			if r.Role() != vrrp.NoRole && !r.Shutdown() {
				check(r.Iface())
			}
		}
	}
	entries := !slices.ContainsFunc(h.tracks, func(k tracked) bool {
		return feature.Get[*track.Engine](h.Box).State(k.entry) == track.Negative
	})
	switch { // what mends a failure is what it was
	case !interfaces:
		h.why = rbm.CauseInterface
	case !entries:
		h.why = rbm.CauseTrack
	}
	e.SetHealth(interfaces && entries, h.why)
}

// Emit words what hot backup did and hands the decision to VRRP.
func (h *host) Emit(ev rbm.Event) {
	h.Note(ev)
	if v := feature.Get[*vrrp.Engine](h.Box); v != nil {
		state := func(master bool) vrrp.State {
			if master {
				return vrrp.Master
			}
			return vrrp.Backup
		}
		up, active, standby := feature.Get[*rbm.Engine](h.Box).Groups()
		v.SetRBM(up, state(active), state(standby))
	}
	channel := func(status string) {
		h.Log("RBM", 6, "RBM_CHANNEL", fmt.Sprintf("Local IP=%s, remote IP=%s, status=%s.", ev.Local, ev.Remote, status))
	}
	switch ev.Kind {
	case rbm.ChannelUp:
		channel("Connected")
		h.After(0, h.backUpAll)
		if h.vault != nil {
			h.vault.connected()
		}
	case rbm.ChannelDown:
		channel("Disconnected")
	case rbm.SyncStarted:
		h.Log("RBM", 4, "RBM_CFG_BATCH_SYNC", "Started batch synchronization of the configuration.")
	case rbm.SyncFinished:
		h.Log("RBM", 4, "RBM_CFG_BATCH_SYNC", "Finished batch synchronization of the configuration.")
		// What the peer could not translate before, it can now.
		h.After(0, h.backUpAll)
	case rbm.CheckStarted:
		h.Log("RBM", 4, "RBM_CFG_COMPARE", "Started the configuration consistency check.")
	case rbm.CheckFinished:
		r, _, _ := feature.Get[*rbm.Engine](h.Box).Check()
		h.Log("RBM", 4, "RBM_CFG_COMPARE", "Finished the configuration consistency check. The result is "+strings.ToLower(results[r])+".")
	case rbm.RoleConflict:
		h.Log("RBM", 4, "RBM_ROLE_CONFLICT", "The two devices have the same device role.")
	case rbm.Refused:
		h.Log("RBM", 4, "RBM_SWITCHOVER_FAILED", "The peer device cannot take over.")
	case rbm.StateChanged:
		h.Changed("RBM", "", ev.To.String(), ev.Why.String())
	case rbm.PeerChanged:
	}
}

// apply makes the engine's configuration out of the lines of RBM view.
func apply(x *feature.Exec, edit func(*rbm.Config)) {
	c := engine(x).Config()
	edit(&c)
	reconfigure(x.Box, c)
}

func reconfigure(b *feature.Box, c rbm.Config) {
	e := feature.Get[*rbm.Engine](b)
	old, port := e.Config().Port, c.Port
	if port == 0 {
		port = rbm.DefaultPort
	}
	if old != port || c.Role == rbm.NoRole {
		b.Stack.HandleUDP(old, nil)
	}
	z := feature.Get[*zone.Engine](b)
	if c.Role == rbm.NoRole {
		port = 0
	} else {
		b.Stack.HandleUDP(port, func(src, dst netip.AddrPort, payload []byte, in *stack.Iface) {
			h := feature.Get[*host](b)
			switch {
			case dst.Addr() != dataGroup:
				e.Receive(dst, src, payload)
			case in != nil && in.Name() == h.data && src.Addr() == e.Config().Remote:
				e.ReceiveEntries(payload)
			}
		})
	}
	if z != nil {
		z.ControlPort = port
	}
	e.SetConfig(c)
}
