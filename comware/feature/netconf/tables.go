package netconf

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature/system"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

// tables are those that the device has, in the order of a reply.
var tables = []table{
	{module: "Device", list: "Base", rows: base, edit: editBase},
	{module: "Device", list: "PhysicalEntities", row: "Entity", keys: []string{"PhysicalIndex"}, rows: entities},
	{module: "LLDP", list: "Inventory", rows: inventory},
	{module: "Ifmgr", list: "Interfaces", row: "Interface", keys: []string{"IfIndex"}, rows: interfaces, edit: editInterface},
	{module: "Ifmgr", list: "NewSubInterfaces", row: "Interface", keys: []string{"IfIndex", "SubNum"}, edit: editSubinterface},
	{module: "IPV4ADDRESS", list: "Ipv4Addresses", row: "Ipv4Address", keys: []string{"IfIndex", "Ipv4Address"}, rows: addresses, edit: editAddress},
	{module: "ARP", list: "ArpTable", row: "ArpEntry", keys: []string{"IfIndex", "Ipv4Address"}, rows: arp},
}

func base(h *host) []row {
	b := h.box
	return []row{{
		state("Uptime", strconv.Itoa(int(b.Now().Sub(b.Boot)/time.Second))),
		set("HostName", b.Sysname(), b.Conf.Root().Child("sysname") != nil),
		state("LocalTime", b.Clock().Format("2006-01-02T15:04:05")),
	}}
}

// revision is the software as the inventory tells it.
func revision(h *host) string { return system.Version + " " + h.box.Model.Release }

func model(h *host) string { return "H3C " + h.box.Model.Product }

func inventory(h *host) []row {
	return []row{{
		state("HardwareRev", h.box.Model.Hardware.PCB), state("SoftwareRev", revision(h)),
		state("SerialNum", system.Serial(h.box)), state("MfgName", "H3C"), state("ModelName", model(h)),
	}}
}

// entities is the chassis alone. Its class is that of RFC 6933.
func entities(h *host) []row {
	return []row{{
		state("PhysicalIndex", "1"), state("Class", "3"), state("Name", h.box.Model.Name),
		state("HardwareRev", h.box.Model.Hardware.PCB), state("SoftwareRev", revision(h)),
		state("SerialNumber", system.Serial(h.box)), state("MfgName", "H3C"), state("Model", model(h)),
	}}
}

// ifTypes are IANA's types of interfaces.
var ifTypes = map[stack.Kind]string{stack.Ethernet: "6", stack.Loopback: "24", stack.Null: "1", stack.Tunnel: "131"}

// loopBackType is how Comware numbers the type of a LoopBack interface.
const loopBackType = "16"

// Codings of columns.
var (
	speeds   = map[string]string{"auto": "1", "10": "2", "100": "4", "1000": "32", "10000": "1024"}
	duplexes = map[string]string{"full": "1", "half": "2", "auto": "3"}
)

// upDown codes a state: 1 is up, 2 down.
func upDown(up bool) string {
	if up {
		return "1"
	}
	return "2"
}

// lineOf is the argument of a line of an interface.
func lineOf(n *conf.Node, key string) (string, bool) {
	if n != nil {
		if l := n.Child(key); l != nil {
			return strings.TrimPrefix(strings.TrimPrefix(l.Text, key), " "), true
		}
	}
	return "", false
}

// interfaces are those of the stack.
func interfaces(h *host) (rows []row) {
	for _, i := range h.ifaces() {
		rows = append(rows, h.interfaceRow(i))
	}
	return rows
}

func (h *host) interfaceRow(i *stack.Iface) row {
	n := h.box.Conf.Root().Child("interface " + i.Name())
	or := func(key, byDefault string) (string, bool) {
		v, ok := lineOf(n, key)
		if !ok {
			v = byDefault
		}
		return v, ok
	}
	text, described := or("description", i.Name()+" Interface")
	_, shut := or("shutdown", "")
	r := row{
		state("IfIndex", strconv.Itoa(h.ifIndex(i.Name()))), state("Name", i.Name()), state("AbbreviatedName", cli.ShortInterface(i.Name())),
		state("ifType", ifTypes[i.Kind()]), set("Description", text, described),
		set("AdminStatus", upDown(!shut), shut), state("OperStatus", upDown(i.Up())),
	}
	if t, _, _ := cli.TypeOf(i.Name()); t.Name == "LoopBack" {
		r = append(r, state("ifTypeExt", loopBackType))
	}
	if i.Port() != nil {
		speed, fast := or("speed", "auto")
		duplex, whole := or("duplex", "auto")
		layer := "2"
		mode, kept := or("port link-mode", "route")
		if mode == "bridge" {
			layer = "1"
		}
		r = append(r, set("ConfigSpeed", speeds[speed], fast), set("ConfigDuplex", duplexes[duplex], whole), set("PortLayer", layer, kept))
	} else {
		r = append(r, state("PortLayer", "2"))
	}
	if i.Kind() == stack.Ethernet {
		mtu, own := or("mtu", "")
		if !own {
			mtu = strconv.Itoa(i.MTU())
		}
		r = append(r, set("ConfigMTU", mtu, own), state("ActualMTU", strconv.Itoa(i.MTU())),
			state("MAC", hyphens(i.MAC())))
	}
	if band, own := or("bandwidth", ""); own {
		r = append(r, set("ConfigBandwidth", band, true))
	}
	if a := i.Addr(); a.IsValid() {
		r = append(r, state("InetAddressIPV4", a.Addr().String()), state("InetAddressIPV4Mask", dotted(a)))
	}
	return r
}

// hyphens writes an Ethernet address as the XML API does.
func hyphens(m wire.MAC) string {
	return fmt.Sprintf("%02X-%02X-%02X-%02X-%02X-%02X", m[0], m[1], m[2], m[3], m[4], m[5])
}

// dotted is the mask of a prefix.
func dotted(p netip.Prefix) string { return net.IP(net.CIDRMask(p.Bits(), 32)).String() }

func (h *host) addressRow(i *stack.Iface, p netip.Prefix) row {
	return row{state("IfIndex", strconv.Itoa(h.ifIndex(i.Name()))), set("Ipv4Address", p.Addr().String(), true), set("Ipv4Mask", dotted(p), true)}
}

func addresses(h *host) (rows []row) {
	for _, i := range h.ifaces() {
		for _, p := range i.Addrs() {
			rows = append(rows, h.addressRow(i, p))
		}
	}
	return rows
}

func arp(h *host) (rows []row) {
	for _, e := range h.box.Stack.ARP() {
		if e.Iface != nil && e.MAC != (wire.MAC{}) {
			rows = append(rows, row{state("IfIndex", strconv.Itoa(h.ifIndex(e.Iface.Name()))), state("Ipv4Address", e.Addr.String()), state("MacAddress", hyphens(e.MAC))})
		}
	}
	return rows
}
