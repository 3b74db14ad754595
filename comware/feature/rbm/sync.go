package rbm

import (
	"slices"
	"strings"

	"cwlab/comware/conf"
	"cwlab/emulator/rbm"
)

// sections are the parts of the configuration that the primary device gives
// to the secondary one: the words that their lines begin with. Addresses of
// interfaces, VRRP, routes, track entries and operations of NQA, the device's
// name and management and the remote backup group itself are each device's
// own.
var sections = []string{
	"acl", "anti-virus", "app-group", "app-profile", "application", "apr", "aspf", "attack-defense", "blacklist", "connection-limit", "data-filter",
	"domain", "dpi", "file-filter", "hwtacacs", "ike", "ikev2", "info-center", "inspect", "ips", "ipsec", "nat", "object-group", "object-policy", "pki", "port-mapping", "radius",
	"security-policy", "security-zone", "session", "ssl", "time-range", "uapp-control", "url-filter", "user-group", "whitelist", "zone-pair",
}

// ofInterfaces are the words that synchronised lines of interface views begin
// with. They go to the interface of the same name.
var ofInterfaces = []string{"aspf", "attack-defense", "connection-limit", "ipsec", "nat"}

// exempt are lines that begin like a section and are each device's own all the
// same.
var exempt = []string{"nat remote-backup port-alloc "}

// synchronised says whether a command under a path of views belongs to them.
func (h *host) synchronised(path []string, line string) bool {
	top := line
	if len(path) > 0 {
		top = path[0]
	}
	top = strings.TrimPrefix(top, "undo ")
	if strings.HasPrefix(top, "interface ") && len(path) == 1 {
		word, _, _ := strings.Cut(strings.TrimPrefix(line, "undo "), " ")
		return slices.Contains(ofInterfaces, word)
	}
	for _, prefix := range exempt {
		if strings.HasPrefix(top, prefix) {
			return false
		}
	}
	if strings.HasPrefix(top, "ip route-static ") || strings.HasPrefix(top, "delete static-routes ") {
		n := h.Conf.Root().Child(group)
		return n != nil && n.Child(routeStatic) != nil
	}
	word, _, _ := strings.Cut(top, " ")
	return slices.Contains(sections, word)
}

// common are the lines of a view that are synchronised.
func (h *host) common(path []string, lines []*conf.Node) []*conf.Node {
	var all []*conf.Node
	for _, n := range lines {
		if h.synchronised(path, n.Text) {
			all = append(all, n)
		}
	}
	return all
}

func isInterface(line string) bool { return strings.HasPrefix(line, "interface ") }

// RunningConfig is the synchronised part, indented as it is displayed.
func (h *host) RunningConfig() []string {
	var lines []string
	for _, n := range h.Conf.Root().Kids() {
		switch {
		case isInterface(n.Text):
			for i, k := range h.common([]string{n.Text}, n.Kids()) {
				if i == 0 {
					lines = append(lines, n.Text)
				}
				lines = append(lines, k.Block(1)...)
			}
		case h.synchronised(nil, n.Text):
			lines = append(lines, n.Block(0)...)
		}
	}
	return lines
}

// ApplyConfig runs what the primary device sent through the command parser.
func (h *host) ApplyConfig(kind rbm.TransferKind, lines []string) {
	if kind == rbm.RealTime {
		h.Apply(lines[:len(lines)-1], lines[len(lines)-1])
		return
	}
	want := parse(lines, 0)
	rest := slices.DeleteFunc(slices.Clone(want), func(b block) bool { return isInterface(b.text) })
	h.replace(nil, h.common(nil, h.Conf.Root().Kids()), rest, false)
	// Lines of interfaces name what stands elsewhere.
	for _, n := range slices.Clone(h.Conf.Root().Kids()) {
		if isInterface(n.Text) {
			var kids []block
			if i := slices.IndexFunc(want, func(b block) bool { return b.text == n.Text }); i >= 0 {
				kids = want[i].kids
			}
			path := []string{n.Text}
			h.replace(path, h.common(path, n.Kids()), kids, false)
		}
	}
}

// A block is a received line with those below it.
type block struct {
	text  string
	kids  []block
	lines []string // all of it, indented from depth 0
}

func parse(lines []string, depth int) []block {
	var all []block
	for _, l := range lines {
		if indent := len(l) - len(strings.TrimLeft(l, " ")); indent == depth || len(all) == 0 {
			all = append(all, block{text: strings.TrimSpace(l)})
		}
		b := &all[len(all)-1]
		b.lines = append(b.lines, l)
	}
	for i := range all {
		all[i].kids = parse(all[i].lines[1:], depth+1)
	}
	return all
}

// replace makes the lines of one view those that came: it takes out what the
// primary device does not have, then adds what is missing. Where the order
// counts, a view that differs is written anew.
func (h *host) replace(path []string, own []*conf.Node, want []block, ordered bool) {
	same := func(n *conf.Node, b block) bool { return n.Text == b.text }
	if ordered {
		equal := len(own) == len(want)
		for i := 0; equal && i < len(own); i++ {
			equal = same(own[i], want[i])
		}
		if !equal {
			for _, n := range slices.Clone(own) {
				h.undo(path, n.Text)
			}
			own = nil
		}
	}
	for _, n := range slices.Clone(own) {
		if !slices.ContainsFunc(want, func(b block) bool { return same(n, b) }) {
			h.undo(path, n.Text)
		}
	}
	for _, b := range want {
		i := slices.IndexFunc(own, func(n *conf.Node) bool { return same(n, b) })
		if i >= 0 {
			h.replace(append(slices.Clone(path), b.text), slices.Clone(own[i].Kids()), b.kids, own[i].Insertion)
			continue
		}
		h.add(path, b)
	}
}

func (h *host) add(path []string, b block) {
	h.Apply(path, b.text)
	for _, k := range b.kids {
		h.add(append(slices.Clone(path), b.text), k)
	}
}

// undo takes a line out. Its undo form has the line's words, or fewer.
func (h *host) undo(path []string, line string) {
	if rest, ok := strings.CutPrefix(line, "undo "); ok { // a default that is off
		h.Apply(path, rest)
		return
	}
	words := strings.Fields(line)
	for n := len(words); n > 0; n-- {
		if len(h.Apply(path, "undo "+strings.Join(words[:n], " "))) == 0 {
			return
		}
	}
}
