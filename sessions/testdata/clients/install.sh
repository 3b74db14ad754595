#!/bin/sh
# Installs the clients of this folder: Debian's netmiko, ncclient, expect and OpenSSH.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends python3-netmiko python3-ncclient expect openssh-client
