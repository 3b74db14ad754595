package ip

import (
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var ofHosts = feature.Texts{
	"host": "Map a host name to an IP address", "<name>": "Host name", "dns": "Domain name system", "ip": "Specify IP configurations for the system",
}

const mostHosts = 1024

var hostCommands = slices.Concat(
	both("system", "ip host <name:string:1-253> <address:ip>", "ip host <name:string:1-253> <address:ip>", ofHosts, setHost),
	[]feature.Command{command("any", "display dns host [ ip ]", feature.Texts{"dns": "Domain name system", "host": "Host names", "ip": "IPv4 addresses"}, displayHosts)},
)

func hostKey(name string) string { return "ip host " + strings.ToLower(name) }

func validName(s string) bool {
	return strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

func setHost(x *feature.Exec, a *cli.Args, on bool) {
	name, addr := a.Str("name"), a.Addr("address")
	line := "ip host " + name + " " + addr.String()
	n := x.Box.Conf.Root().Child(hostKey(name))
	switch {
	case !on && (n == nil || !strings.EqualFold(n.Text, line)):
		x.Error("Error: The host name does not exist.")
	case !on:
		x.Box.Conf.Root().Remove(hostKey(name))
	case !validName(name):
		x.Error("Error: Invalid host name.")
	case addr.IsUnspecified() || addr.IsMulticast():
		x.Error("Error: Invalid IP address.")
	case n == nil && len(hosts(x.Box)) >= mostHosts:
		x.Error("Error: The number of host names reaches the limit.")
	default:
		x.Box.Conf.Root().Set(placeHosts, hostKey(name), line)
	}
}

// A host is a name with its address.
type host struct {
	name string
	addr netip.Addr
}

// hosts are the static host names in the order of the configuration.
func hosts(b *feature.Box) []host {
	var all []host
	for _, n := range b.Conf.Root().Kids() {
		if f := strings.Fields(n.Text); len(f) == 4 && f[0] == "ip" && f[1] == "host" {
			if addr, err := netip.ParseAddr(f[3]); err == nil {
				all = append(all, host{f[2], addr})
			}
		}
	}
	return all
}

// Resolve is the address of a host that is named or written as an address.
func Resolve(b *feature.Box, name string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(name); err == nil {
		return a, a.Is4()
	}
	for _, h := range hosts(b) {
		if strings.EqualFold(h.name, name) {
			return h.addr, true
		}
	}
	return netip.Addr{}, false
}

func displayHosts(x *feature.Exec, _ *cli.Args) {
	all := hosts(x.Box)
	x.Printf("Type:\n  D: Dynamic    S: Static\n\nTotal number: %d\n", len(all))
	x.Printf("%-4s %-17s %-5s %-10s %-12s %s\n", "No.", "Host name", "Type", "TTL", "Query type", "IP addresses")
	for n, h := range all {
		x.Printf("%-4d %-17s %-5s %-10s %-12s %s\n", n+1, h.name, "S", "-", "A", h.addr)
	}
}
