package netconf

import (
	"net/netip"
	"slices"
	"strconv"

	"cwlab/comware/cli"
	"cwlab/emulator/stack"
)

// editBase is Device/Base, which is always there.
func editBase(c *change) error {
	switch c.op {
	case opCreate:
		return c.exists()
	case opDelete, opRemove:
		if len(c.el.Kids) == 0 {
			return c.bad("Base", "the table cannot be removed")
		}
	}
	return c.columns(nil, base(c.h)[0], map[string]written{"HostName": {text("sysname"), "undo sysname"}})
}

// ofInterface are the columns of an interface that are written.
var ofInterface = map[string]written{
	"Description":     {text("description"), "undo description"},
	"AdminStatus":     {coded(map[string]string{"1": "undo shutdown", "2": "shutdown"}), "undo shutdown"},
	"ConfigSpeed":     {coded(decode("speed ", speeds)), "undo speed"},
	"ConfigDuplex":    {coded(decode("duplex ", duplexes)), "undo duplex"},
	"PortLayer":       {coded(map[string]string{"1": "port link-mode bridge", "2": "port link-mode route"}), "undo port link-mode"},
	"ConfigMTU":       {word("mtu"), "undo mtu"},
	"ConfigBandwidth": {word("bandwidth"), "undo bandwidth"},
}

// decode are the lines of codes.
func decode(keyword string, codes map[string]string) map[string]string {
	lines := map[string]string{}
	for word, code := range codes {
		lines[code] = keyword + word
	}
	return lines
}

// iface is the interface that a row names by its number or by a name, nil for
// none.
func (c *change) iface() (*stack.Iface, error) {
	names := map[string]func(*stack.Iface) string{
		"IfIndex": func(i *stack.Iface) string { return strconv.Itoa(c.h.ifIndex(i.Name())) },
		"Name":    (*stack.Iface).Name, "AbbreviatedName": func(i *stack.Iface) string { return cli.ShortInterface(i.Name()) },
	}
	for _, column := range []string{"IfIndex", "Name", "AbbreviatedName"} {
		want := c.el.Value(column)
		if want == "" {
			continue
		}
		all := c.h.ifaces()
		if n := slices.IndexFunc(all, func(i *stack.Iface) bool { return names[column](i) == want }); n >= 0 {
			return all[n], nil
		}
		return nil, nil
	}
	_, err := c.key("IfIndex")
	return nil, err
}

// editInterface is Ifmgr/Interfaces. Ports cannot be made or removed; others
// are made by an action.
func editInterface(c *change) error {
	i, err := c.iface()
	switch {
	case err != nil:
		return err
	case i == nil && c.op == opRemove:
		return nil
	case i == nil && c.op == opDelete:
		return c.missing()
	case i == nil:
		return c.bad("IfIndex", "there is no such interface")
	case c.op == opCreate:
		return c.exists()
	case c.op == opDelete, c.op == opRemove:
		if bare := !slices.ContainsFunc(c.el.Kids, func(k *element) bool { _, ok := ofInterface[k.Name]; return ok }); !bare {
			break // the columns that it names, as an operation above them says
		}
		if i.Port() != nil && i.Main() == nil || i.Kind() == stack.Null {
			return c.bad("IfIndex", "the interface cannot be removed")
		}
		c.do(nil, "undo interface "+i.Name())
		return nil
	}
	return c.columns([]string{"interface " + i.Name()}, c.h.interfaceRow(i), ofInterface)
}

// editSubinterface is Ifmgr/NewSubInterfaces: the main interface and the
// number behind the dot.
func editSubinterface(c *change) error {
	main, err := c.iface()
	if err != nil {
		return err
	}
	number, err := c.key("SubNum")
	if err != nil {
		return err
	}
	if _, err := strconv.ParseUint(number, 10, 16); err != nil || main == nil {
		return c.bad("SubNum", "there can be no such subinterface")
	}
	name := main.Name() + "." + number
	there := c.h.box.Stack.Iface(name) != nil
	switch {
	case c.op == opNone, c.op == opRemove && !there, there && (c.op == opMerge || c.op == opReplace):
	case c.op == opDelete && !there:
		return c.missing()
	case c.op == opCreate && there:
		return c.exists()
	case c.op == opDelete, c.op == opRemove:
		c.do(nil, "undo interface "+name)
	default:
		c.do(nil, "interface "+name)
	}
	return nil
}

// editAddress is IPV4ADDRESS/Ipv4Addresses. The first address of an interface
// is its primary one.
func editAddress(c *change) error {
	i, err := c.iface()
	if err != nil {
		return err
	}
	address, err := c.key("Ipv4Address")
	if err != nil {
		return err
	}
	a, err := netip.ParseAddr(address)
	switch {
	case i == nil:
		return c.bad("IfIndex", "there is no such interface")
	case err != nil || !a.Is4():
		return c.bad("Ipv4Address", "want an IPv4 address")
	}
	for _, k := range c.el.Kids {
		if !c.t.isKey(k.Name) && k.Name != "Ipv4Mask" {
			return unexpected(c.path, k, "a column of the table")
		}
	}
	views, all := []string{"interface " + i.Name()}, i.Addrs()
	n := slices.IndexFunc(all, func(p netip.Prefix) bool { return p.Addr() == a })
	line := func(mask string, n int) string {
		line := "ip address " + address + " " + mask
		if n > 0 {
			line += " sub"
		}
		return line
	}
	switch {
	case c.op == opNone, c.op == opRemove && n < 0:
		return nil
	case c.op == opDelete && n < 0:
		return c.missing()
	case c.op == opCreate && n >= 0:
		return c.exists()
	case c.op == opDelete, c.op == opRemove:
		c.do(views, "undo "+line(dotted(all[n]), n))
		return nil
	}
	mask, err := c.key("Ipv4Mask")
	if err != nil {
		return err
	}
	if _, err := word("")(mask); err != nil {
		return c.bad("Ipv4Mask", err.Error())
	}
	switch {
	case n < 0:
		n = len(all) + c.planned(views[0])
	case dotted(all[n]) == mask || strconv.Itoa(all[n].Bits()) == mask:
		return nil
	case n > 0:
		c.do(views, "undo "+line(dotted(all[n]), n))
	}
	c.do(views, line(mask, n))
	return nil
}

// planned is how many addresses the plan gives to an interface by now.
func (c *change) planned(view string) int {
	n := 0
	for _, s := range *c.plan {
		if len(s.views) == 1 && s.views[0] == view && len(s.line) > 11 && s.line[:11] == "ip address " {
			n++
		}
	}
	return n
}
