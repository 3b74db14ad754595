package netconf

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature/config"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/system"
	"cwlab/emulator/netconf"
)

func desk(t *testing.T) *featuretest.Desk {
	return featuretest.New(t, system.Feature, config.Feature, login.Feature, ip.Feature, Feature)
}

// A client is one who has said hello in base 1.0.
type client struct {
	d       *featuretest.Desk
	session *netconf.Session
	in      netconf.Deframer
}

func connect(d *featuretest.Desk, roles ...string) *client {
	d.T.Helper()
	c := &client{d: d}
	c.session = Open(d.Box, Peer{User: "ann", From: "192.0.2.1", Line: "vty0", Roles: roles, Since: d.Box.Clock()}, c.in.Write, func() {})
	c.send(`<hello xmlns="` + netconf.Base + `"><capabilities><capability>` + netconf.Base10 + `</capability></capabilities></hello>`)
	if m, ok, err := c.in.Next(); !ok || err != nil || !strings.Contains(string(m), "urn:h3c:params:netconf:capability:h3c-netconf-ext:1.0") {
		d.T.Fatalf("the hello is %q, %v", m, err)
	}
	return c
}

func (c *client) send(message string) {
	c.session.Input(netconf.Frame(nil, []byte(message), false))
}

// do sends an operation and returns the reply.
func (c *client) do(op string) *netconf.Element {
	c.d.T.Helper()
	c.send(`<rpc message-id="1" xmlns="` + netconf.Base + `">` + op + `</rpc>`)
	for range 50 {
		if m, ok, _ := c.in.Next(); ok {
			e, err := netconf.Parse(m)
			if err != nil {
				c.d.T.Fatalf("%s is answered with %s: %v", op, m, err)
			}
			return e
		}
		c.d.Run(time.Second)
	}
	c.d.T.Fatalf("%s is not answered", op)
	return nil
}

// tag is that of the first error, "ok" for none.
func tag(reply *netconf.Element) string {
	if e := reply.Child("rpc-error"); e != nil {
		return e.Value("error-tag")
	}
	return "ok"
}

// edit is an edit-config with options before the config.
func (c *client) edit(modules string, options ...string) *netconf.Element {
	c.d.T.Helper()
	return c.do(`<edit-config><target><running/></target>` + strings.Join(options, "") + `<config><top xmlns="` + configSpace + `" xmlns:nc="` + netconf.Base + `">` + modules + `</top></config></edit-config>`)
}

// get is the text of the data that a filter leaves, without the elements around
// them.
func (c *client) get(op, space, modules string) string {
	c.d.T.Helper()
	source := ""
	if op == "get-config" {
		source = "<source><running/></source>"
	}
	r := c.do("<" + op + ">" + source + `<filter type="subtree"><top xmlns="` + space + `">` + modules + "</top></filter></" + op + ">")
	data := r.Child("data")
	if data == nil {
		return "error " + tag(r)
	}
	if len(data.Kids) == 0 {
		return ""
	}
	text := string(data.Kids[0].Append(nil, space))
	return strings.TrimSuffix(strings.TrimPrefix(text, "<top>"), "</top>")
}

func entry(columns string) string {
	return "<Ifmgr><Interfaces><Interface>" + columns + "</Interface></Interfaces></Ifmgr>"
}

func address(columns string) string {
	return "<IPV4ADDRESS><Ipv4Addresses>" + columns + "</Ipv4Addresses></IPV4ADDRESS>"
}

// What H3C's Ansible collection asks for its facts.
func TestFacts(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "sysname R1", "netconf ssh server enable")
	d.Run(90 * time.Second)
	c := connect(d, "network-operator")
	for _, tc := range []struct{ filter, want string }{
		{"<Device><Base><HostName/><LocalTime/><Uptime/></Base></Device>",
			"<Device><Base><Uptime>90</Uptime><HostName>R1</HostName><LocalTime>2020-01-02T03:05:35</LocalTime></Base></Device>"},
		{"<LLDP><Inventory><SoftwareRev/><SerialNum/><ModelName/><HardwareRev/></Inventory></LLDP>",
			"<LLDP><Inventory><HardwareRev>Ver.A</HardwareRev><SoftwareRev>7.1.064 Release 1P2</SoftwareRev><SerialNum>" + system.Serial(d.Box) + "</SerialNum><ModelName>H3C SecPath F1</ModelName></Inventory></LLDP>"},
		{entry("<IfIndex>2</IfIndex><Name/><AdminStatus/><PortLayer/>"), entry("<IfIndex>2</IfIndex><Name>GigabitEthernet1/0/1</Name><AdminStatus>1</AdminStatus><PortLayer>2</PortLayer>")},
		{entry("<Name>GigabitEthernet1/0/3</Name><IfIndex/>"), entry("<IfIndex>4</IfIndex><Name>GigabitEthernet1/0/3</Name>")},
		{entry("<Name>Vlan-interface1</Name><IfIndex/>"), ""},
		{"<Device><PhysicalEntities><Entity><Model/></Entity></PhysicalEntities></Device>", "<Device><PhysicalEntities><Entity><Model>H3C SecPath F1</Model></Entity></PhysicalEntities></Device>"},
		{"<Weather/>", "error unknown-element"},
		{"<Ifmgr><Weather/></Ifmgr>", "error unknown-element"},
	} {
		if got := c.get("get", dataSpace, tc.filter); got != tc.want {
			t.Errorf("%s gives\n%s\nwant\n%s", tc.filter, got, tc.want)
		}
	}
	var names []string
	for _, i := range c.do("<get/>").Child("data").Child("top").Child("Ifmgr").Child("Interfaces").Kids {
		names = append(names, i.Value("AbbreviatedName"))
	}
	if want := []string{"GE1/0/0", "GE1/0/1", "GE1/0/2", "GE1/0/3", "InLoop0", "NULL0"}; !slices.Equal(names, want) {
		t.Errorf("the interfaces are %v, want %v", names, want)
	}
}

// Each row of the table is done after those above it. lines are those of the
// interface of number 2 then, without the port type.
func TestEdit(t *testing.T) {
	d := desk(t)
	d.Do("system-view")
	c := connect(d, "network-admin")
	op := func(name string) string { return ` nc:operation="` + name + `"` }
	for _, tc := range []struct{ name, modules, options, want, lines string }{
		{"merge", entry("<IfIndex>2</IfIndex><Description>to &lt;the&gt; other  side</Description>"), "", "ok", "description to <the> other  side"},
		{"by name", entry("<Name>GigabitEthernet1/0/1</Name><AdminStatus>2</AdminStatus>"), "", "ok", "description to <the> other  side\nshutdown"},
		{"by short name", entry("<AbbreviatedName>GE1/0/1</AbbreviatedName><ConfigMTU>1400</ConfigMTU>"), "", "ok", "description to <the> other  side\nshutdown\nmtu 1400"},
		{"create a column that is there", entry("<IfIndex>2</IfIndex><Description" + op("create") + ">x</Description>"), "", "data-exists", "description to <the> other  side\nshutdown\nmtu 1400"},
		{"delete a column", entry("<IfIndex>2</IfIndex><ConfigMTU" + op("delete") + "/>"), "", "ok", "description to <the> other  side\nshutdown"},
		{"delete it again", entry("<IfIndex>2</IfIndex><ConfigMTU" + op("delete") + "/>"), "", "data-missing", "description to <the> other  side\nshutdown"},
		{"remove it again", entry("<IfIndex>2</IfIndex><ConfigMTU" + op("remove") + "/>"), "", "ok", "description to <the> other  side\nshutdown"},
		{"replace a row", "<Ifmgr><Interfaces><Interface" + op("replace") + "><IfIndex>2</IfIndex><Description>new</Description><PortLayer>2</PortLayer></Interface></Interfaces></Ifmgr>", "", "ok", "description new"},
		{"default none", entry("<IfIndex>2</IfIndex><Description>x</Description><AdminStatus" + op("merge") + ">2</AdminStatus>"), "<default-operation>none</default-operation>", "ok", "description new\nshutdown"},
		{"shutdown and back", entry("<IfIndex>2</IfIndex><AdminStatus>1</AdminStatus>"), "", "ok", "description new"},
		{"speed and duplex", entry("<IfIndex>2</IfIndex><ConfigSpeed>4</ConfigSpeed><ConfigDuplex>1</ConfigDuplex>"), "", "ok", "description new\nspeed 100\nduplex full"},
		{"test only", entry("<IfIndex>2</IfIndex><Description>x</Description>"), "<test-option>test-only</test-option>", "ok", "description new\nspeed 100\nduplex full"},
		{"a code that is none", entry("<IfIndex>2</IfIndex><Description>x</Description><ConfigSpeed>3</ConfigSpeed>"), "", "invalid-value", "description new\nspeed 100\nduplex full"},
		{"a line too many", entry("<IfIndex>2</IfIndex><Description>x&#xA;shutdown</Description>"), "", "invalid-value", "description new\nspeed 100\nduplex full"},
		{"a word too many", entry("<IfIndex>2</IfIndex><ConfigMTU>1400 x</ConfigMTU>"), "", "invalid-value", "description new\nspeed 100\nduplex full"},
		{"a value that the command refuses", entry("<IfIndex>2</IfIndex><ConfigMTU>9</ConfigMTU>"), "", "operation-failed", "description new\nspeed 100\nduplex full"},
		{"stop on error", entry("<IfIndex>2</IfIndex><ConfigMTU>9</ConfigMTU><Description>late</Description>"), "", "operation-failed", "description new\nspeed 100\nduplex full"},
		{"continue on error", entry("<IfIndex>2</IfIndex><ConfigMTU>9</ConfigMTU><Description>late</Description>"), "<error-option>continue-on-error</error-option>", "operation-failed", "description late\nspeed 100\nduplex full"},
		{"rollback on error", entry("<IfIndex>2</IfIndex><Description>early</Description><ConfigSpeed>1</ConfigSpeed><ConfigMTU>9</ConfigMTU>"), "<error-option>rollback-on-error</error-option>", "operation-failed", "description late\nspeed 100\nduplex full"},
		{"a column that is read", entry("<IfIndex>2</IfIndex><OperStatus>1</OperStatus>"), "", "operation-not-supported", "description late\nspeed 100\nduplex full"},
		{"no column", entry("<IfIndex>2</IfIndex><Colour>1</Colour>"), "", "unknown-element", "description late\nspeed 100\nduplex full"},
		{"no interface", entry("<IfIndex>99</IfIndex>"), "", "invalid-value", "description late\nspeed 100\nduplex full"},
		{"no key", entry("<Description>x</Description>"), "", "missing-element", "description late\nspeed 100\nduplex full"},
		{"no module", "<Weather/>", "", "unknown-element", "description late\nspeed 100\nduplex full"},
		{"a table that is read", "<LLDP><Inventory/></LLDP>", "", "operation-not-supported", "description late\nspeed 100\nduplex full"},
		{"no operation", "<Ifmgr" + op("burn") + "/>", "", "bad-attribute", "description late\nspeed 100\nduplex full"},
		{"no option", "", "<error-option>panic</error-option>", "invalid-value", "description late\nspeed 100\nduplex full"},
		{"a port cannot be removed", "<Ifmgr><Interfaces><Interface" + op("delete") + "><IfIndex>2</IfIndex></Interface></Interfaces></Ifmgr>", "", "invalid-value", "description late\nspeed 100\nduplex full"},
		{"nor made", "<Ifmgr><Interfaces><Interface" + op("create") + "><IfIndex>2</IfIndex></Interface></Interfaces></Ifmgr>", "", "data-exists", "description late\nspeed 100\nduplex full"},
		{"address", address("<Ipv4Address><IfIndex>2</IfIndex><Ipv4Address>10.1.0.1</Ipv4Address><Ipv4Mask>255.255.255.0</Ipv4Mask></Ipv4Address>"), "", "ok", "description late\nspeed 100\nduplex full\nip address 10.1.0.1 255.255.255.0"},
		{"two more", address("<Ipv4Address><IfIndex>2</IfIndex><Ipv4Address>10.2.0.1</Ipv4Address><Ipv4Mask>24</Ipv4Mask></Ipv4Address><Ipv4Address><IfIndex>2</IfIndex><Ipv4Address>10.3.0.1</Ipv4Address><Ipv4Mask>24</Ipv4Mask></Ipv4Address>"), "", "ok",
			"description late\nspeed 100\nduplex full\nip address 10.1.0.1 255.255.255.0\nip address 10.2.0.1 255.255.255.0 sub\nip address 10.3.0.1 255.255.255.0 sub"},
		{"the same again", address("<Ipv4Address" + op("create") + "><IfIndex>2</IfIndex><Ipv4Address>10.2.0.1</Ipv4Address><Ipv4Mask>24</Ipv4Mask></Ipv4Address>"), "", "data-exists",
			"description late\nspeed 100\nduplex full\nip address 10.1.0.1 255.255.255.0\nip address 10.2.0.1 255.255.255.0 sub\nip address 10.3.0.1 255.255.255.0 sub"},
		{"another mask", address("<Ipv4Address><IfIndex>2</IfIndex><Ipv4Address>10.2.0.1</Ipv4Address><Ipv4Mask>255.255.0.0</Ipv4Mask></Ipv4Address>"), "", "ok",
			"description late\nspeed 100\nduplex full\nip address 10.1.0.1 255.255.255.0\nip address 10.2.0.1 255.255.0.0 sub\nip address 10.3.0.1 255.255.255.0 sub"},
		{"remove as the collection does", "<IPV4ADDRESS><Ipv4Addresses" + op("remove") + "><Ipv4Address><IfIndex>2</IfIndex><Ipv4Address>10.2.0.1</Ipv4Address></Ipv4Address><Ipv4Address><IfIndex>2</IfIndex><Ipv4Address>10.3.0.1</Ipv4Address></Ipv4Address></Ipv4Addresses></IPV4ADDRESS>", "", "ok",
			"description late\nspeed 100\nduplex full\nip address 10.1.0.1 255.255.255.0"},
		{"delete what is not there", address("<Ipv4Address" + op("delete") + "><IfIndex>2</IfIndex><Ipv4Address>10.2.0.1</Ipv4Address></Ipv4Address>"), "", "data-missing", "description late\nspeed 100\nduplex full\nip address 10.1.0.1 255.255.255.0"},
		{"no address", address("<Ipv4Address><IfIndex>2</IfIndex><Ipv4Address>1.2</Ipv4Address><Ipv4Mask>24</Ipv4Mask></Ipv4Address>"), "", "invalid-value", "description late\nspeed 100\nduplex full\nip address 10.1.0.1 255.255.255.0"},
		{"no mask", address("<Ipv4Address><IfIndex>2</IfIndex><Ipv4Address>10.9.0.1</Ipv4Address></Ipv4Address>"), "", "missing-element", "description late\nspeed 100\nduplex full\nip address 10.1.0.1 255.255.255.0"},
	} {
		var options []string
		if tc.options != "" {
			options = append(options, tc.options)
		}
		r := c.edit(tc.modules, options...)
		if got := tag(r); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, r.Append(nil, ""), tc.want)
		}
		var lines []string
		for _, k := range d.Box.Conf.Root().Child("interface GigabitEthernet1/0/1").Kids() {
			if k.Text != "port link-mode route" {
				lines = append(lines, k.Text)
			}
		}
		want := strings.Split(tc.lines, "\n")
		slices.Sort(lines)
		slices.Sort(want)
		if !slices.Equal(lines, want) {
			t.Errorf("%s: the interface has %q, want %q", tc.name, lines, want)
		}
	}
	if got, want := c.get("get-config", configSpace, entry("<IfIndex>2</IfIndex>")), entry("<IfIndex>2</IfIndex><Description>late</Description><ConfigSpeed>4</ConfigSpeed><ConfigDuplex>1</ConfigDuplex><PortLayer>2</PortLayer>"); got != want {
		t.Errorf("the configuration is %s, want %s", got, want)
	}
	d.RoundTrip()
}

// What a person would see at the console is what the session did.
func TestOperations(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "netconf ssh server enable", "undo netconf ssh server enable")
	if strings.Contains(d.Config(), "netconf") {
		t.Error("undo netconf ssh server enable leaves its line")
	}
	c, other := connect(d, "network-admin"), connect(d, "network-admin")
	if got := c.do("<CLI><Execution>display clock\ndispaly clock</Execution></CLI>").Child("CLI").Value("Execution"); !strings.Contains(got, "<H3C>display clock\n") || !strings.Contains(got, "Unrecognized command") {
		t.Errorf("CLI shows %q", got)
	}
	if got := c.do("<CLI><Configuration>interface LoopBack 5\ndescription by cli</Configuration></CLI>").Child("CLI").Value("Configuration"); !strings.HasPrefix(got, "[H3C]interface LoopBack 5\n[H3C-LoopBack5]description by cli") {
		t.Errorf("CLI shows %q", got)
	}
	c.do(`<CLI><Configuration error-option="stop-on-error">sysnam a b c
sysname stopped</Configuration></CLI>`)
	c.do(`<CLI><Configuration error-option="rollback-on-error">sysname rolled
mtu 1</Configuration></CLI>`)
	if got := d.Box.Sysname(); got != "H3C" {
		t.Errorf("the device is called %s", got)
	}
	action := func(text string) string {
		return `<action><top xmlns="` + actionSpace + `"><Ifmgr>` + text + `</Ifmgr></top></action>`
	}
	loop := "<LogicInterfaces><Interface><IfTypeExt>16</IfTypeExt><Number>7</Number>%</Interface></LogicInterfaces>"
	saved := ""
	for _, tc := range []struct {
		op, want string
		check    func() bool
	}{
		{action(strings.Replace(loop, "%", "", 1)), "ok", func() bool { return d.Box.Stack.Iface("LoopBack7") != nil }},
		{action(strings.Replace(loop, "%", "<Remove/>", 1)), "ok", func() bool { return d.Box.Stack.Iface("LoopBack7") == nil }},
		{action(strings.Replace(loop, "16", "41", 1)), "invalid-value", nil},
		{action("<Reboot/>"), "ok", nil},
		{action("<Other><Thing/></Other>"), "unknown-element", nil},
		{action("<Interfaces><Interface><Name>LoopBack5</Name><Default/></Interface></Interfaces>"), "ok", func() bool { return !strings.Contains(d.Config(), "by cli") }},
		{`<edit-config><target><running/></target><config><top xmlns="` + configSpace + `"><Ifmgr><NewSubInterfaces><Interface><IfIndex>3</IfIndex><SubNum>9</SubNum></Interface></NewSubInterfaces></Ifmgr></top></config></edit-config>`, "ok",
			func() bool { return d.Box.Stack.Iface("GigabitEthernet1/0/2.9") != nil }},
		{`<edit-config><target><candidate/></target><config/></edit-config>`, "operation-not-supported", nil},
		{`<edit-config><target><running/></target></edit-config>`, "missing-element", nil},
		{"<validate><source><running/></source></validate>", "ok", nil},
		{`<validate><source><config><top xmlns="` + configSpace + `"><Weather/></top></config></source></validate>`, "unknown-element", nil},
		{"<save><file>a.cfg</file></save>", "ok", func() bool { saved = d.Config(); _, ok := d.Box.Flash.Stat("a.cfg"); return ok }},
		{`<save OverWrite="false"><file>a.cfg</file></save>`, "data-exists", nil},
		{"<save><file>a b.cfg</file></save>", "invalid-value", nil},
		{"<save/>", "ok", func() bool { main, _ := d.Box.Flash.Startup(); _, ok := d.Box.Flash.Stat(main); return ok }},
		{`<edit-config><target><running/></target><config><top xmlns="` + configSpace + `"><Device><Base><HostName>other</HostName></Base></Device></top></config></edit-config>`, "ok", func() bool { return d.Box.Sysname() == "other" }},
		{"<load><file>a.cfg</file></load>", "ok", nil},
		{"<rollback><file>a.cfg</file></rollback>", "ok", func() bool { return d.Config() == saved }},
		{"<rollback><file>b.cfg</file></rollback>", "operation-failed", nil},
		{"<rollback/>", "missing-element", nil},
		{"<CLI/>", "bad-element", nil},
		{"<CLI><Execution>" + strings.Repeat("x", maxLine+1) + "</Execution></CLI>", "too-big", nil},
		{"<CLI><Execution>" + strings.Repeat("display clock\n", maxLines+1) + "</Execution></CLI>", "too-big", nil},
		{"<get-config><source><startup/></source></get-config>", "operation-not-supported", nil},
		{`<get><filter type="xpath"/></get>`, "bad-attribute", nil},
		{"<copy-config/>", "operation-not-supported", nil},
		{"<lock><target><running/></target></lock>", "ok", nil},
	} {
		if r := c.do(tc.op); tag(r) != tc.want || tc.check != nil && !tc.check() {
			t.Errorf("%s: %s, want %s; the configuration is\n%s", tc.op, r.Append(nil, ""), tc.want, d.Config())
		}
	}
	if r := other.do("<CLI><Configuration>sysname x</Configuration></CLI>"); tag(r) != "in-use" {
		t.Errorf("a configuration that another has locked: %s", r.Append(nil, ""))
	}
	list := other.do("<get-sessions/>").Child("get-sessions")
	if len(list.Kids) != 2 || list.Kids[0].Value("LockHeld") != "true" || list.Kids[1].Value("SessionID") != "2" || list.Kids[0].Value("UserName") != "ann" {
		t.Errorf("the sessions are %s", list.Append(nil, ""))
	}
}

// A command that takes time answers when it is done, a person at the console
// goes on meanwhile.
func TestCommandThatTakesTime(t *testing.T) {
	d := desk(t)
	c := connect(d, "network-admin")
	c.send(`<rpc message-id="1" xmlns="` + netconf.Base + `"><CLI><Execution>ping -c 2 198.51.100.1</Execution></CLI></rpc>`)
	if !c.session.Busy() {
		t.Fatal("the ping is over at once")
	}
	d.Do("display clock")
	d.Run(20 * time.Second)
	m, ok, err := c.in.Next()
	if !ok || err != nil || !strings.Contains(string(m), "2 packet(s) transmitted, 0 packet(s) received") {
		t.Errorf("the reply is %q, %v", m, err)
	}
}

// A command that runs ends with the session that asked for it.
func TestCommandEndsWithItsSession(t *testing.T) {
	d := desk(t)
	shells := len(d.Box.Shells)
	c := connect(d, "network-admin")
	c.send(`<rpc message-id="1" xmlns="` + netconf.Base + `"><CLI><Execution>ping -c 4000000 198.51.100.1
ping -c 4000000 198.51.100.1</Execution></CLI></rpc>`)
	d.Run(time.Second)
	if len(d.Box.Shells) == shells {
		t.Fatal("the ping does not run")
	}
	c.session.Close()
	d.Run(time.Second)
	if len(d.Box.Shells) != shells {
		t.Error("the ping goes on")
	}
}

// What roles may do: the manual's list for network-operator, and the rules of a
// role of one's own.
func TestRoles(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "role name mute", "rule 1 permit command system-view ; sysname *", "quit", "role name text",
		"rule 1 permit command system-view ; interface *", "rule 2 permit command display current-configuration", "quit")
	for _, tc := range []struct{ role, op, want string }{
		{"network-operator", "<get/>", "ok"},
		{"network-operator", "<get-config><source><running/></source></get-config>", "ok"},
		{"network-operator", "<get-sessions/>", "ok"},
		{"network-operator", "<CLI><Execution>display clock</Execution></CLI>", "access-denied"},
		{"network-operator", "<save/>", "access-denied"},
		{"network-operator", "<edit-config/>", "access-denied"},
		{"network-operator", "<lock><target><running/></target></lock>", "access-denied"},
		{"mute", "<get/>", "access-denied"},
		{"mute", "<rollback><file>a.cfg</file></rollback>", "access-denied"},
		{"text", "<get/>", "ok"},
	} {
		c := connect(d, tc.role)
		if r := c.do(tc.op); tag(r) != tc.want {
			t.Errorf("%s: %s gives %.200s, want %s", tc.role, tc.op, r.Append(nil, ""), tc.want)
		}
		c.session.Close()
	}
	if r := connect(d, "mute").edit(entry("<IfIndex>2</IfIndex><Description>x</Description>")); tag(r) != "access-denied" {
		t.Errorf("a description by one who may not: %s", r.Append(nil, ""))
	}
	if r := connect(d, "text").edit(entry("<IfIndex>2</IfIndex><Description>x</Description>")); tag(r) != "ok" {
		t.Errorf("a description by one who may: %s", r.Append(nil, ""))
	}
}

// Indexes stay while interfaces come and go.
func TestIfIndex(t *testing.T) {
	d := desk(t)
	c := connect(d, "network-admin")
	index := func(name string) string {
		r := c.get("get", dataSpace, entry("<Name>"+name+"</Name><IfIndex/>"))
		_, after, _ := strings.Cut(r, "<IfIndex>")
		n, _, _ := strings.Cut(after, "<")
		return n
	}
	d.Do("system-view", "interface LoopBack 3")
	three := index("LoopBack3")
	d.Do("interface LoopBack 1")
	one := index("LoopBack1")
	d.Do("quit", "undo interface LoopBack 1")
	if index("LoopBack3") != three || one == three || index("LoopBack1") != "" || index("GigabitEthernet1/0/0") != "1" {
		t.Errorf("LoopBack3 has %s, then %s; LoopBack1 %s", three, index("LoopBack3"), one)
	}
	d.Do("interface LoopBack 1")
	if got := index("LoopBack1"); got != one {
		t.Errorf("LoopBack1 comes back with %s, it had %s", got, one)
	}
}
