package ip

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var ofRange = feature.Texts{
	"interface": "Specify the interface configuration view", "range": "Configure a range of interfaces", "<first>": "Interface name, the first of several with to",
	"to": "Specify the end of several interfaces", "<last>": "Interface name", "name": "Specify a range by its name", "<name>": "Name of the range",
}

const rangeList = "{ <first:interface> [ to <last:interface> ] } &<1-24>"

// Commands of the manual "Bulk interface configuration".
var rangeCommands = []feature.Command{
	command("system", "interface range "+rangeList, ofRange, enterRange),
	command("system", "interface range name <name:string:1-32> [ interface "+rangeList+" ]", ofRange, enterRange),
	command("system", "undo interface range name <name:string:1-32>", ofRange, func(x *feature.Exec, a *cli.Args) {
		if !x.Box.Conf.Root().Remove(rangeKey(a.Str("name"))) {
			x.Error("Error: The interface range does not exist.")
		}
	}),
	command("any", "display interface range [ name <name:string:1-32> ]", ofRange, displayRanges),
}

const rangeWords = "interface range name "

func rangeKey(name string) string { return rangeWords + name }

// members are the interfaces of a list of words: names, and `to` between two.
func members(b *feature.Box, words []string) (names []string, why string) {
	for k := 0; k < len(words); k++ {
		first, last := words[k], words[k]
		if k+2 < len(words) && words[k+1] == "to" {
			last = words[k+2]
			k += 2
		}
		at := len(strings.TrimRight(first, "0123456789"))
		lo, err1 := strconv.Atoi(first[at:])
		hi, err2 := strconv.Atoi(strings.TrimPrefix(last, first[:at]))
		if err1 != nil || err2 != nil || hi < lo {
			return nil, "Error: Invalid interface range."
		}
		for n := lo; n <= hi; n++ {
			name := fmt.Sprintf("%s%d", first[:at], n)
			if b.Stack.Iface(name) == nil || name == inLoopName {
				return nil, "Error: The interface " + name + " does not exist."
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, ""
}

func enterRange(x *feature.Exec, a *cli.Args) {
	name := a.Str("name")
	var words []string
	for _, g := range a.All() {
		if g.Token == "first" || g.Token == "to" || g.Token == "last" {
			words = append(words, g.Word)
		}
	}
	line := rangeKey(name) + " interface " + strings.Join(words, " ")
	if len(words) == 0 {
		n := x.Box.Conf.Root().Child(rangeKey(name))
		if n == nil {
			x.Error("Error: The interface range does not exist.")
			return
		}
		line, words = n.Text, listOf(n.Text)
	}
	names, why := members(x.Box, words)
	if strings.ContainsAny(name, " \t\"") {
		why = "Error: Invalid name."
	}
	if why != "" {
		x.Error(why)
		return
	}
	label := "if-range"
	if name != "" {
		label += "-" + name
		x.Box.Conf.Root().Set(feature.PlaceInterface+99, rangeKey(name), line)
	}
	var views []feature.ViewState
	for _, m := range names {
		views = append(views, viewOf(x.Box, m))
	}
	v := views[0]
	v.Label, v.More = label, views[1:]
	x.Enter(v)
}

// listOf is the list of a line that names a range. Names have no blanks.
func listOf(line string) []string {
	_, list, _ := strings.Cut(strings.TrimPrefix(line, rangeWords), " interface ")
	return strings.Fields(list)
}

// viewOf is the view of an interface that is there.
func viewOf(b *feature.Box, name string) feature.ViewState {
	view := "interface"
	switch {
	case strings.HasPrefix(name, "LoopBack"):
		view = "loopback"
	case name == nullName:
		view = "null"
	case strings.HasPrefix(name, "Tunnel"):
		view = "tunnel"
	}
	if n := b.Conf.Root().Child(key(name)); n != nil && view == "tunnel" { // its line has the mode
		return feature.ViewState{Name: view, Suffix: name, Node: n}
	}
	return feature.ViewState{Name: view, Suffix: name, Node: b.Conf.Root().Open(place(name), key(name), key(name))}
}

// forgetRanges removes the ranges that have an interface that is gone.
func forgetRanges(b *feature.Box) {
	for _, n := range slices.Clone(b.Conf.Root().Kids()) {
		if _, why := members(b, listOf(n.Text)); strings.HasPrefix(n.Key, rangeWords) && why != "" {
			b.Conf.Root().Remove(n.Key)
		}
	}
}

func displayRanges(x *feature.Exec, a *cli.Args) {
	for _, n := range x.Box.Conf.Root().Kids() {
		name, ok := strings.CutPrefix(n.Key, rangeWords)
		if !ok || a.Has("name") && name != a.Str("name") {
			continue
		}
		if names, why := members(x.Box, listOf(n.Text)); why == "" {
			x.Printf("Interface range name %s %s\n", name, strings.Join(names, " "))
		}
	}
}
