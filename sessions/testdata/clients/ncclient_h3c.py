#!/usr/bin/python3
"""Debian's ncclient at a device: what H3C's Ansible collection asks for facts
and for the description of an interface, and the CLI operation.

usage: ncclient_h3c.py HOST PORT USER PASSWORD HANDLER INTERFACE
"""
import sys
import xml.etree.ElementTree as ET

from ncclient import manager
from ncclient.operations.rpc import RPCError

host, port, user, password, handler, name = sys.argv[1:7]
DATA = "http://www.h3c.com/netconf/data:1.0"
CONFIG = "http://www.h3c.com/netconf/config:1.0"
ACTION = "http://www.h3c.com/netconf/action:1.0"
BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"


def want(ok, what):
    if not ok:
        sys.exit(what)


def top(space, text):
    return '<top xmlns="%s">%s</top>' % (space, text)


def get(text):
    return ET.fromstring(m.get(filter=("subtree", top(DATA, text))).data_xml.encode())


def find(tree, column):
    e = tree.find(".//{%s}%s" % (DATA, column))
    return e.text if e is not None else None


def edit(text, **options):
    m.edit_config(target="running", config='<config xmlns="%s">%s</config>' % (BASE, top(CONFIG, text)), **options)


m = manager.connect(host=host, port=int(port), username=user, password=password, device_params={"name": handler},
                    hostkey_verify=False, allow_agent=False, look_for_keys=False, timeout=30)
want(any("h3c" in c for c in m.server_capabilities), "no capability tells the vendor")

facts = get("<LLDP><Inventory><SoftwareRev/><SerialNum/><ModelName/><HardwareRev/></Inventory></LLDP>")
want((find(facts, "SoftwareRev") or "").startswith("7.1.064"), "the software is %r" % find(facts, "SoftwareRev"))
want("F10" in (find(facts, "ModelName") or ""), "the model is %r" % find(facts, "ModelName"))
want(find(facts, "SerialNum") and find(facts, "HardwareRev"), "the inventory has no serial number or revision")
base = get("<Device><Base><HostName/><LocalTime/><Uptime/></Base></Device>")
want(int(find(base, "Uptime")) > 0 and find(base, "HostName") and find(base, "LocalTime"), "the base facts are not whole")
names = [e.text for e in get("<Ifmgr><Interfaces><Interface><Name/></Interface></Interfaces></Ifmgr>").iter("{%s}Name" % DATA)]
want(name in names, "the interfaces are %r" % names)

index = find(get("<Ifmgr><Interfaces><Interface><Name>%s</Name></Interface></Interfaces></Ifmgr>" % name), "IfIndex")


def interface(column):
    return find(get("<Ifmgr><Interfaces><Interface><IfIndex>%s</IfIndex></Interface></Interfaces></Ifmgr>" % index), column)


want(interface("Name") == name and interface("ifType") == "6" and interface("PortLayer") == "2", "the interface is not itself")
row = "<Ifmgr><Interfaces><Interface><IfIndex>" + index + "</IfIndex>%s</Interface></Interfaces></Ifmgr>"
m.lock("running")
edit(row % "<Description>set by a client &amp; kept</Description>")
m.unlock("running")
want(interface("Description") == "set by a client & kept", "the description is %r" % interface("Description"))
try:
    edit(row % "<Colour>red</Colour>")
    sys.exit("a column that is not there is taken")
except RPCError as e:
    want(e.tag == "unknown-element" and e.severity == "error", "the error is %s: %s" % (e.tag, e.message))

if handler == "h3c":
    cli = lambda kind, text: m.cli("<%s>%s</%s>" % (kind, text, kind)).xml
else:
    cli = lambda kind, text: (m.cli_display if kind == "Execution" else m.cli_config)(text).xml
want("set by a client" in cli("Execution", "display current-configuration interface " + name), "the configuration does not show it")
cli("Configuration", "interface %s\nundo description" % name)
want(interface("Description") == name + " Interface", "the description is %r" % interface("Description"))

m.action(top(ACTION, "<Ifmgr><LogicInterfaces><Interface><IfTypeExt>16</IfTypeExt><Number>77</Number></Interface></LogicInterfaces></Ifmgr>"))
loop = find(get("<Ifmgr><Interfaces><Interface><Name>LoopBack77</Name></Interface></Interfaces></Ifmgr>"), "IfIndex")
want(loop, "the interface is not made")
address = "<IPV4ADDRESS><Ipv4Addresses%s><Ipv4Address><IfIndex>" + loop + "</IfIndex><Ipv4Address>198.51.100.77</Ipv4Address>%s</Ipv4Address></Ipv4Addresses></IPV4ADDRESS>"
edit(address % ("", "<Ipv4Mask>255.255.255.255</Ipv4Mask>"))
want(find(get(address % ("", "<Ipv4Mask/>")), "Ipv4Mask") == "255.255.255.255", "the address is not there")
edit(address % (' xmlns:nc="%s" nc:operation="remove"' % BASE, ""))
want(find(get(address % ("", "<Ipv4Mask/>")), "Ipv4Mask") is None, "the address is still there")
m.action(top(ACTION, "<Ifmgr><LogicInterfaces><Interface><IfTypeExt>16</IfTypeExt><Number>77</Number><Remove/></Interface></LogicInterfaces></Ifmgr>"))

m.save("by-client.cfg")
edit("<Device><Base><HostName>renamed</HostName></Base></Device>")
m.rollback("by-client.cfg")
want(find(get("<Device><Base><HostName/></Base></Device>"), "HostName") != "renamed", "the rollback did nothing")
m.close_session()
print("done")
