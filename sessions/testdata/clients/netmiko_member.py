#!/usr/bin/python3
"""Debian's netmiko at members of a remote backup group.

Release 2.4.2 takes the first letter of every prompt for a bracket, which
RBM_P<F1090-1> does not begin with: so send_command needs expect_string there.

usage: netmiko_member.py HOST PORT PASSWORD USER=PROMPT...
"""
import sys

import netmiko

host, port, password = sys.argv[1:4]
for pair in sys.argv[4:]:
    user, _, prompt = pair.partition("=")
    c = netmiko.ConnectHandler(device_type="hp_comware", host=host, port=int(port), username=user, password=password)
    got = c.find_prompt()
    if got != prompt:
        sys.exit("the prompt of %s is %r, want %r" % (user, got, prompt))
    got = c.send_command("display remote-backup-group status", expect_string=r"RBM_[PS]<\S+>")
    if "Remote backup group information" not in got or "Channel status" not in got and "channel" not in got.lower():
        sys.exit("the status of %s is %r" % (user, got))
    got = c.send_command("display ike sa", expect_string=r"RBM_[PS]<\S+>")
    if "Connection-ID" not in got:
        sys.exit("the IKE SAs of %s are %r" % (user, got))
    c.disconnect()
    print("ok", prompt)
print("done")
