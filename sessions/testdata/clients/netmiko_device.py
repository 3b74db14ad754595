#!/usr/bin/python3
"""Debian's netmiko at a device on its own, by its driver hp_comware.

usage: netmiko_device.py HOST PORT USER PASSWORD [ssh|telnet]
"""
import sys

import netmiko

host, port, user, password = sys.argv[1:5]
transport = sys.argv[5] if len(sys.argv) > 5 else "ssh"


def check(what, ok, got=""):
    if not ok:
        sys.exit("%s is wrong: %r" % (what, got))
    print("ok", what)


c = netmiko.ConnectHandler(
    device_type="hp_comware" if transport == "ssh" else "hp_comware_telnet",
    host=host, port=int(port), username=user, password=password)

got = c.find_prompt()
check("find_prompt", got == "<H3C>", got)

got = c.send_command("display version")
check("send_command", "H3C Comware Software" in got and "H3C SecPath F1060 uptime is" in got, got)

got = c.send_command("display nothing")
check("a command that there is not", "% Unrecognized command found at '^' position." in got, got)

lines = []
for n in range(1, 121):
    lines += ["acl advanced %d" % (3000 + n), "rule 0 permit ip source 10.0.%d.0 0.0.0.255" % n, "quit"]
got = c.send_config_set(lines)
check("send_config_set", "%" not in got and got.count("rule 0 permit") == 120, got)
check("user view after it", not c.check_config_mode())

got = c.send_command("display current-configuration", delay_factor=4)
check("a long output, without pages", got.count("acl advanced") == 120 and got.rstrip().endswith("return") and "More" not in got, got[-200:])

got = c.send_command("display acl all | include 10.0.77.0")
check("a filtered output", "10.0.77.0 0.0.0.255" in got and "10.0.76.0" not in got, got)

c.send_command("undo screen-length disable")
c.write_channel("display current-configuration\n")
got = c.read_until_pattern("---- More ----")
check("the first page", got.count("\n") <= 26, got)
c.write_channel("\x03")
got = c.read_until_pattern("<H3C>")
check("its end by Ctrl+C", got.rstrip().endswith("<H3C>"), got)
c.send_command("screen-length disable")

got = c.save_config()
check("save_config", "successfully" in got, got)
c.exit_config_mode()
got = c.send_command("display saved-configuration | include 3077")
check("the saved configuration", "acl advanced 3077" in got, got)

c.send_config_set(["sysname Edge-1"])
c.set_base_prompt()
got = c.find_prompt()
check("another name", got == "<Edge-1>", got)
c.disconnect()
print("done")
