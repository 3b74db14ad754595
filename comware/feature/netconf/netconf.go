// Package netconf is NETCONF over SSH as the device has it: the commands, and
// what a NETCONF session reads and writes. The names of tables and columns are
// those of Comware's XML API as public clients use them (H3C's Ansible
// collection, ncclient's h3c handler); operations are those of the NETCONF
// configuration guide. What is edited is typed: every edit becomes commands that
// run as a person's do, so that the configuration, logs, undo and the other
// device of a pair follow.
//
// Tables: Device/Base, Device/PhysicalEntities, LLDP/Inventory,
// Ifmgr/Interfaces, Ifmgr/NewSubInterfaces, IPV4ADDRESS/Ipv4Addresses,
// ARP/ArpTable. Actions: Ifmgr/LogicInterfaces, Ifmgr/Interfaces. All else is
// reached by the CLI operation.
//
// Limitations: the server takes callers where SSH does, whatever port `netconf
// ssh server port` names. Columns whose coding no public client tells are left
// out. get-bulk, subscriptions, save points, module-specific namespaces and
// conditions in filters are not there; neither are XML view and NETCONF over
// SOAP. replace concerns the rows that a request names, not the others of their
// table. A lock keeps other NETCONF sessions from changing the configuration,
// not persons. A second address of an interface becomes a secondary one, as no
// client tells which it means. Sentences of errors are ours.
package netconf

import (
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/netconf"
	"cwlab/emulator/stack"
)

// The namespaces of Comware's XML API.
const (
	dataSpace   = "http://www.h3c.com/netconf/data:1.0"
	configSpace = "http://www.h3c.com/netconf/config:1.0"
	actionSpace = "http://www.h3c.com/netconf/action:1.0"
)

const enableKey = "netconf ssh server enable"

var texts = feature.Texts{"netconf": "Network Configuration Protocol", "ssh": "NETCONF over SSH", "server": "Server", "enable": "Enable the server"}

// Feature is NETCONF over SSH.
var Feature = feature.Feature{
	Name: "netconf",
	Commands: []feature.Command{
		texts.Command("system", enableKey, func(x *feature.Exec, _ *cli.Args) { x.Node().Set(feature.PlaceNETCONF, enableKey, enableKey) }),
		texts.Command("system", "undo "+enableKey, func(x *feature.Exec, _ *cli.Args) { x.Node().Remove(enableKey) }),
	},
	Install: func(b *feature.Box) {
		h := &host{box: b, index: map[string]int{}}
		h.server = netconf.NewServer(h)
		feature.Put(b, h)
	},
}

// A Peer is who is at the other end of a session.
type Peer struct {
	User, From string
	Line       string // "vty0"
	Roles      []string
	Since      time.Time // when he came, by the device's clock
}

// Open begins a session. out gets the bytes for the client, end is called when
// the device ends the session.
func Open(b *feature.Box, p Peer, out func([]byte), end func()) *netconf.Session {
	return feature.Get[*host](b).server.Open(&p, p.readOnly(), out, end)
}

func peerOf(s *netconf.Session) *Peer { return s.Peer.(*Peer) }

// readOnly says whether somebody may only read: network-operator and its like
// (command reference, xml). What a role of one's own may do its rules say,
// command by command.
func (p *Peer) readOnly() bool {
	return !slices.ContainsFunc(p.Roles, func(r string) bool { return !strings.HasSuffix(r, "-operator") })
}

// master says whether somebody may do everything.
func (p *Peer) master() bool {
	return slices.ContainsFunc(p.Roles, func(r string) bool { return r == "network-admin" || r == "context-admin" || r == "level-15" })
}

// host performs the operations of the sessions of a box.
type host struct {
	box    *feature.Box
	server *netconf.Server
	index  map[string]int // IfIndex by name, for the life of the box
}

// Capabilities are those of the hello.
func (*host) Capabilities() []string {
	return []string{
		"urn:ietf:params:netconf:capability:writable-running:1.0",
		"urn:ietf:params:netconf:capability:rollback-on-error:1.0",
		"urn:ietf:params:netconf:capability:validate:1.1",
		"urn:h3c:params:netconf:capability:h3c-netconf-ext:1.0",
	}
}

// An operation is one of the host's.
type operation struct {
	class netconf.Class
	do    func(h *host, s *netconf.Session, op *netconf.Element, done func([]*netconf.Element, error))
}

// at is an operation that answers at once.
func at(f func(h *host, s *netconf.Session, op *netconf.Element) ([]*netconf.Element, error)) func(*host, *netconf.Session, *netconf.Element, func([]*netconf.Element, error)) {
	return func(h *host, s *netconf.Session, op *netconf.Element, done func([]*netconf.Element, error)) {
		done(f(h, s, op))
	}
}

func operationOf(name string) operation {
	switch name {
	case "get":
		return operation{netconf.Reads, at((*host).get)}
	case "get-config":
		return operation{netconf.Reads, at((*host).getConfig)}
	case "get-sessions":
		return operation{netconf.Reads, at((*host).getSessions)}
	case "validate":
		return operation{netconf.Acts, at((*host).validate)}
	case "edit-config":
		return operation{netconf.Changes, (*host).editConfig}
	case "action":
		return operation{netconf.Changes, (*host).action}
	case "CLI":
		return operation{netconf.Acts, (*host).cli}
	case "save":
		return operation{netconf.Acts, (*host).save}
	case "load":
		return operation{netconf.Changes, at((*host).load)}
	case "rollback":
		return operation{netconf.Changes, at((*host).rollback)}
	}
	return operation{}
}

// Class says what kind of operation a request is.
func (*host) Class(op *netconf.Element) netconf.Class {
	if op.Name == "CLI" && op.Child("Configuration") != nil {
		return netconf.Changes
	}
	return operationOf(op.Name).class
}

// Do performs an operation.
func (h *host) Do(s *netconf.Session, op *netconf.Element, done func([]*netconf.Element, error)) {
	operationOf(op.Name).do(h, s, op, done)
}

// ifIndex is the number of an interface: ports have the first ones, others the
// next that is free when somebody looks, which they keep while the box runs.
func (h *host) ifIndex(name string) int {
	if len(h.index) == 0 {
		for i, p := range h.box.Model.Ports {
			h.index[p] = i + 1
		}
	}
	n, ok := h.index[name]
	if !ok {
		n = len(h.index) + 1
		h.index[name] = n
	}
	return n
}

// ifaces are the interfaces in order of their numbers.
func (h *host) ifaces() []*stack.Iface {
	all := slices.Clone(h.box.Stack.Ifaces())
	for _, i := range all {
		h.ifIndex(i.Name())
	}
	slices.SortFunc(all, func(a, b *stack.Iface) int { return h.ifIndex(a.Name()) - h.ifIndex(b.Name()) })
	return all
}
