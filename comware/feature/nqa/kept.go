package nqa

import (
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// kinds are the types of operations that are kept in the configuration.
var kinds = []string{"dhcp", "dlsw", "dns", "ftp", "http", "path-jitter", "snmp", "tcp", "udp-echo", "udp-jitter", "udp-tracert", "voice"}

// templates are the types of templates.
var templates = []string{"dns", "ftp", "http", "icmp", "radius", "tcp", "udp"}

// keptCommand is a command and who has it. "all" is every kept type, a name
// with ! in front leaves one out, "echo" is ICMP echo, and t: is a template.
type keptCommand struct {
	views  string
	syntax string
	undo   string
}

// Parts of reactions to what a stream of packets shows.
const (
	trap   = " [ action-type { none | trap-only } ]"
	limits = "threshold-value <upper:0-3600000> <lower:0-3600000>"
	jitter = "{ jitter-ds | jitter-sd } threshold-type { accumulate <times:1-60000> | average } " + limits + trap +
		" | { owd-ds | owd-sd } " + limits +
		" | packet-loss threshold-type accumulate <times:1-60000>" + trap +
		" | rtt threshold-type { accumulate <times:1-60000> | average } " + limits + trap
)

var keptTable = []keptCommand{
	{"all echo", "description <text:text:1-200>", ""},
	{"all echo t:all", "vpn-instance <vpn:string:1-31>", ""},
	{"all !ftp !http !path-jitter t:dns t:icmp t:radius t:tcp t:udp", "destination ip <address:ip>", ""},
	{"t:dns t:icmp t:radius t:tcp t:udp", "destination ipv6 <address6:ipv6>", ""},
	{"tcp udp-echo udp-jitter udp-tracert voice t:dns t:radius t:tcp t:udp", "destination port <port:1-65535>", ""},
	{"all !dns t:all", "source ip <address:ip>", ""},
	{"t:all", "source ipv6 <address6:ipv6>", ""},
	{"udp-tracert", "source interface <interface:interface>", ""},
	{"snmp udp-echo udp-jitter udp-tracert voice t:dns", "source port <port:1-65535>", ""},
	{"dhcp udp-tracert", "out interface <interface:interface>", ""},
	{"path-jitter udp-echo udp-jitter voice t:icmp t:tcp t:udp", "data-fill <fill:string:1-200>", ""},
	{"path-jitter udp-echo udp-jitter udp-tracert voice t:icmp t:udp", "data-size <size:16-8100>", ""},
	{"all t:all", "frequency <interval:0-604800000>", ""},
	{"all !voice !path-jitter", "probe count <count:1-15>", ""},
	{"all !udp-jitter !path-jitter !voice t:all", "probe timeout <timeout:10-86400000>", ""},
	{"path-jitter udp-jitter voice", "probe packet-interval <interval:10-60000>", ""},
	{"path-jitter udp-jitter voice", "probe packet-number <packets:10-60000>", ""},
	{"path-jitter udp-jitter voice", "probe packet-timeout <timeout:10-3600000>", ""},
	{"all !dhcp !path-jitter t:all", "ttl <ttl:1-255>", ""},
	{"all t:all", "tos <tos:0-255>", ""},
	{"all !dhcp !path-jitter", "route-option bypass-route", ""},
	{"all !path-jitter !udp-jitter !voice", "history-record enable", ""},
	{"all !path-jitter !udp-jitter !voice", "history-record keep-time <minutes:1-1440>", ""},
	{"all !path-jitter !udp-jitter !voice", "history-record number <number:0-50>", ""},
	{"all !udp-tracert", "statistics hold-time <minutes:1-1440>", ""},
	{"all !udp-tracert", "statistics interval <minutes:1-35791394>", ""},
	{"all !udp-tracert", "statistics max-group <number:0-100>", ""},
	{"all !path-jitter !udp-jitter !udp-tracert !voice", syntaxReaction, "reaction <item:1-10>"},
	{"udp-jitter", "reaction <item:1-10> checked-element { " + jitter + " }", "reaction <item:1-10>"},
	{"voice", "reaction <item:1-10> checked-element { " + jitter + " | { icpif | mos } threshold-value <upper:1-500> <lower:1-500>" + trap + " }", "reaction <item:1-10>"},
	{"all echo !path-jitter !udp-jitter !udp-tracert !voice", "reaction trap { probe-failure <times:1-15> | test-complete | test-failure <times:1-15> }", "reaction trap { probe-failure | test-complete | test-failure }"},
	{"udp-jitter voice", "reaction trap test-complete", ""},
	{"udp-tracert", "reaction trap { path-change | test-complete | test-failure }", "reaction trap { path-change | test-complete | test-failure }"},
	{"voice", "advantage-factor <factor:0-20>", ""},
	{"voice", "codec-type { g711a | g711u | g729a }", "codec-type"},
	{"ftp t:ftp", "filename <file:string:1-200>", ""},
	{"ftp t:ftp", "mode { active | passive }", "mode"},
	{"ftp t:ftp", "operation { get | put }", "operation"},
	{"http t:http", "operation { get | post | raw }", "operation"},
	{"ftp http t:ftp t:http t:radius", "username <user:string:1-80>", ""},
	{"ftp http t:ftp t:http t:radius", "password { cipher | simple } <password:string:1-373>", "password"},
	{"ftp http t:ftp t:http", "url <url:string:1-255>", ""},
	{"dns t:dns", "resolve-target <domain:string:1-255>", ""},
	{"udp-tracert", "init-ttl <ttl:1-255>", ""},
	{"udp-tracert", "max-failure <failures:0-255>", ""},
	{"udp-tracert", "no-fragment enable", ""},
	{"path-jitter", "lsr-path <address:ip> &<1-8>", "lsr-path"},
	{"path-jitter", "target-only", ""},
	{"t:http t:tcp t:udp", "expect data <data:string:1-200> [ offset <offset:0-1000> ]", "expect data"},
	{"t:http", "expect status <status:string:1-255>", ""},
	{"t:dns", "expect ip <address:ip>", ""},
	{"t:dns", "expect ipv6 <address6:ipv6>", ""},
	{"t:radius", "key { cipher | simple } <key:string:1-117>", "key"},
	{"t:all", "reaction trigger probe-fail <count:1-15>", ""},
	{"t:all", "reaction trigger probe-pass <count:1-15>", ""},
}

// viewsOf reads the views of a kept command.
func viewsOf(list string) []string {
	var all []string
	for _, word := range strings.Fields(list) {
		switch kind, template := strings.CutPrefix(word, "t:"); {
		case word == "all":
			for _, k := range kinds {
				all = append(all, viewOf(k))
			}
		case word == "t:all":
			for _, k := range templates {
				all = append(all, viewOf("template-"+k))
			}
		case word == "echo":
			all = append(all, viewEcho)
		case template:
			all = append(all, viewOf("template-"+kind))
		case strings.HasPrefix(word, "!"):
			all = slices.DeleteFunc(all, func(v string) bool { return v == viewOf(word[1:]) })
		default:
			all = append(all, viewOf(word))
		}
	}
	return all
}

func keptCommands() []feature.Command {
	keep := func(views, syntax string, k feature.Keep) feature.Command {
		c := texts.Command(views, syntax, nil)
		c.Keep = &k
		return c
	}
	var all []feature.Command
	for _, row := range keptTable {
		all = append(all, keep(strings.Join(viewsOf(row.views), " "), row.syntax, feature.Keep{Undo: row.undo}))
	}
	for _, kind := range kinds {
		c := texts.Command(viewEntry, "type "+kind, func(x *feature.Exec, _ *cli.Args) { intoType(x, kind) })
		c.Kept = true
		all = append(all, c)
	}
	for _, kind := range templates {
		all = append(all, keep("system", "nqa template "+kind+" <name:string:1-32>", feature.Keep{Place: placeTemplate,
			Undo: "nqa template " + kind + " <name:string:1-32>", Opens: viewOf("template-" + kind), Label: "nqatplt-" + kind + "-<name>"}))
	}
	all = append(all,
		feature.Command{Views: viewOf("http"), Syntax: "version { v1.0 | v1.1 }", Help: "version=HTTP version; v1.0=Version 1.0; v1.1=Version 1.1",
			Keep: &feature.Keep{Undo: "version"}},
		feature.Command{Views: viewOf("template-dns"), Syntax: "resolve-type { A | AAAA }", Help: "resolve-type=Type of the query; A=IPv4; AAAA=IPv6",
			Keep: &feature.Keep{Undo: "resolve-type"}})
	server := " <address:ip> <port:1-65535> [ vpn-instance <vpn:string:1-31> ] [ tos <tos:0-255> ]"
	return append(all,
		keep("system", "nqa server enable", feature.Keep{Place: placeServer}),
		keep("system", "nqa server tcp-connect"+server, feature.Keep{Place: placeServer, Undo: "nqa server tcp-connect <address:ip> <port:1-65535>"}),
		keep("system", "nqa server udp-echo"+server, feature.Keep{Place: placeServer, Undo: "nqa server udp-echo <address:ip> <port:1-65535>"}))
}
