// Package kept holds the commands that configurations of real firewalls hold
// and that nothing here acts on: they are understood in every branch of their
// syntax, kept in the order in which the device prints them, and printed back.
// One file holds what one part of the Comware 7 command references says; the
// syntax is that of the manuals, the views are those of the F1000 series.
//
// Limitations: an IPv6 prefix with its length behind a slash is any word;
// a line that another line of its view needs is taken without it; a list that
// grows by repetition on the device, such as the VLANs of a trunk, is the last
// one given.
package kept

import (
	"cmp"
	"fmt"
	"strings"

	"cwlab/comware/feature"
)

// A module is what one part of the manuals gives.
type module struct {
	views []feature.View
	// texts are help texts, one a line: "token=Text". What is not here is
	// looked up in the words that all modules share.
	texts string
	parts []part
}

// A part is the commands of one view or of several.
type part struct {
	views string
	// place of the lines in the system view; in other views that of the first,
	// each further line coming after the one above it.
	place int
	// lines are the commands in the manuals' notation, one a line, with what a
	// feature.Keep says of them behind: "-> syntax" is the undo form without
	// the word, "-> =" the same as the command; ">> view label" is the view it
	// opens; ":= line" the default; "!" says that the command without arguments is
	// the default.
	lines string
	// same puts all lines in one place: they are in order of what they name.
	same bool
	// alone is feature.Keep.Alone of the lines, which then have one place.
	alone bool
	// means is feature.Keep.Means of the lines.
	means func(string) string
}

// Feature is what is only kept.
var Feature = feature.Feature{
	Name:     "kept",
	Views:    views(),
	Commands: commands(),
	Install:  install,
}

// modules are all of them, in the order of the files' names, and what roles
// call them.
var modules = []struct {
	name string
	*module
}{
	{"aaa", &aaa}, {"lacp", &aggregation}, {"attack-defense", &attack}, {"bfd", &bfd}, {"bgp", &bgp}, {"dhcp", &dhcp}, {"dpi", &dpi},
	{"interface", &ethernet}, {"interface", &interfaces}, {"ipv6", &ipv6}, {"irf", &irf}, {"loadbalance", &balancing},
	{"ospf", &ospf}, {"ppp", &ppp}, {"qos", &qos}, {"rip", &rip}, {"route", &routing}, {"device", &services},
	{"session", &sessions}, {"snmp", &snmp}, {"ssl", &ssl}, {"sslvpn", &sslvpn}, {"vlan", &vlan},
}

// packages are the commands that roles do not count to their module, by their
// first word.
var packages = map[string]string{
	"dns": "dns", "ddns": "dns", "ftp": "ftp", "tftp": "ftp", "tftp-server": "ftp", "ntp-service": "ntp", "sntp": "ntp", "netconf": "netconf", "restful": "netconf",
	"web": "http", "webui": "http", "lldp": "lldp", "stp": "stp", "mac-address": "mac", "mirroring-group": "mirror", "context": "context",
	"l2tp": "l2tp", "l2tp-group": "l2tp", "aspf": "aspf", "connection-limit": "connlimit",
}

func views() []feature.View {
	var all []feature.View
	for _, m := range modules {
		all = append(all, m.views...)
	}
	return all
}

func commands() []feature.Command {
	words := table(words)
	var all []feature.Command
	for _, m := range modules {
		texts := table(m.texts)
		for _, p := range m.parts {
			for _, token := range strings.Fields(p.lines) {
				if name, _, ok := strings.Cut(token, ":"); ok {
					token = name + ">"
				}
				if _, own := texts[token]; !own {
					texts[token] = words[token]
				}
			}
			place := p.place
			for _, line := range strings.Split(strings.TrimSpace(p.lines), "\n") {
				syntax, k := read(strings.TrimSpace(line))
				k.Place, k.Means, k.Alone = place, p.means, p.alone
				c := texts.Keep(p.views, syntax, k)
				first, _, _ := strings.Cut(syntax, " ")
				c.Package = cmp.Or(packages[first], m.name)
				all = append(all, c)
				if p.views != "system" && !p.same && !p.alone {
					place++
				}
			}
		}
	}
	return all
}

// read takes a line of a part apart.
func read(line string) (syntax string, k feature.Keep) {
	line, k.On = strings.CutSuffix(line, " !")
	line, k.Default, _ = strings.Cut(line, " := ")
	line, opens, _ := strings.Cut(line, " >> ")
	k.Opens, k.Label, _ = strings.Cut(opens, " ")
	for _, i := range kinds {
		if i.view == k.Opens && k.Opens != "" {
			k.Type = i.name
		}
	}
	syntax, k.Undo, _ = strings.Cut(line, " -> ")
	if k.Undo == "=" {
		k.Undo = syntax
	}
	return syntax, k
}

// table reads help texts.
func table(text string) feature.Texts {
	t := feature.Texts{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		token, help, ok := strings.Cut(strings.TrimSpace(line), "=")
		if token != "" && !ok {
			panic(fmt.Sprintf("kept: %q is no help text", line))
		}
		t[token] = help
	}
	return t
}
