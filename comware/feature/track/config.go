package track

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/nqa"
	"cwlab/emulator/track"
)

var texts = feature.Texts{
	"track": "Track entry", "<id>": "Track entry number", "interface": "Track an interface", "<interface>": "Interface name",
	"physical": "Track the physical state of the interface", "protocol": "Track the network layer protocol of the interface",
	"ipv4": "IPv4 protocol", "ipv6": "IPv6 protocol", "nqa": "Track an NQA operation", "entry": "Specify an NQA operation",
	"<admin>": "Administrator name", "<tag>": "Operation tag", "reaction": "Specify a reaction entry", "<item>": "Reaction entry number",
	"ip": "Track IP information", "route": "Track a route", "<address>": "Destination IP address", "<mask>": "Mask or mask length of the destination",
	"reachability": "Track whether the route is there", "list": "Track a list of track entries", "boolean": "Boolean list",
	"threshold": "Thresholds of the list", "percentage": "By the share of positive objects", "weight": "By the weights of positive objects",
	"<weight>": "Weight", "<share-negative>": "Percentage", "<share-positive>": "Percentage", "<weight-negative>": "Sum of weights",
	"<weight-positive>": "Sum of weights", "and": "Positive if all objects are", "or": "Positive if one object is", "delay": "Delay the notification of a state change",
	"negative": "Delay of a change to Negative", "<negative>": "Delay in seconds", "positive": "Delay of a change to Positive",
	"<positive>": "Delay in seconds", "object": "Add a track entry to the list", "not": "Count the opposite of the state",
	"bfd": "Track a BFD session", "echo": "Echo mode", "remote": "Remote end of the session", "local": "Local end of the session",
	"<remote>": "Remote IP address", "<local>": "Local IP address", "cfd": "Track connectivity fault detection", "cc": "Continuity check",
	"service-instance": "Specify a service instance", "<instance>": "Service instance ID", "mep": "Specify a MEP", "<mep>": "MEP ID",
	"all": "All track entries", "brief": "Brief information", "undo": "Cancel current setting",
	"display": "Display current system information", "debugging": "Enable system debugging functions",
}

// delays may follow every entry; in track view they are a line of their own.
const delays = " [ delay { negative <negative:1-300> | positive <positive:1-300> } * ]"

func commands() []feature.Command {
	entry := func(syntax string, object func(a *cli.Args) *object) feature.Command {
		return texts.Command("system", "track <id:1-1024> "+syntax, func(x *feature.Exec, a *cli.Args) { create(x, a, object(a)) })
	}
	list := []feature.Command{
		entry("interface <interface:interface> [ physical | protocol { ipv4 | ipv6 } ]"+delays, interfaceObject),
		entry("nqa entry <admin:string:1-32> <tag:string:1-32> reaction <item:1-10>"+delays, nqaObject),
		entry("ip route <address:ip> <mask:mask> reachability"+delays, routeObject),
		entry("list { boolean { and | or } | threshold { percentage | weight } }", listObject),
		kept(entry("bfd echo interface <interface:interface> remote ip <remote:ip> local ip <local:ip>"+delays, bfdObject)),
		kept(entry("cfd cc service-instance <instance:1-32767> mep <mep:1-8191>"+delays, func(a *cli.Args) *object {
			return &object{kind: kindOther, show: []string{fmt.Sprintf("CFD service instance: %d, MEP ID: %d", a.Int("instance"), a.Int("mep"))}}
		})),
		texts.Command("system", "undo track <id:1-1024>", remove),
		texts.Command("track", "delay { negative <negative:1-300> | positive <positive:1-300> } *", setDelay),
		texts.Command("track", "undo delay", func(x *feature.Exec, _ *cli.Args) {
			x.Node().Remove("delay")
			engine(x).SetDelay(id(x), 0, 0)
		}),
		texts.Command("track", "object <id:1-1024> [ not | weight <weight:1-255> ]", addObject),
		texts.Command("track", "undo object <id:1-1024>", removeObject),
		texts.Command("track", "threshold percentage { negative <share-negative:0-100> | positive <share-positive:0-100> } *", setThreshold),
		texts.Command("track", "threshold weight { negative <weight-negative:0-255> | positive <weight-positive:0-255> } *", setThreshold),
		texts.Command("track", "undo threshold { percentage | weight }", setThreshold),
		texts.Command("any", "display track { <id:1-1024> | all [ negative | positive ] } [ brief ]", display),
		texts.Command("user", "debugging track", func(x *feature.Exec, _ *cli.Args) { x.Box.Switch("Track").On = true }),
		texts.Command("user", "undo debugging track", func(x *feature.Exec, _ *cli.Args) { x.Box.Switch("Track").On = false }),
	}
	return list
}

func kept(c feature.Command) feature.Command { c.Kept = true; return c }

func here(x *feature.Exec) *host           { return feature.Get[*host](x.Box) }
func engine(x *feature.Exec) *track.Engine { return here(x).engine }

// interfaceObject may name an interface that is made later.
func interfaceObject(a *cli.Args) *object {
	if a.Has("ipv6") {
		return &object{kind: kindOther, show: []string{"Interface: " + a.Str("interface"), "Protocol: IPv6"}}
	}
	o := &object{kind: kindInterface, iface: a.Str("interface"), protocol: "None"}
	if a.Has("protocol") {
		o.protocol = "IPv4"
	}
	return o
}

func nqaObject(a *cli.Args) *object {
	return &object{kind: kindNQA, nqa: nqa.Name{Admin: a.Str("admin"), Tag: a.Str("tag")}, item: a.Int("item")}
}

func routeObject(a *cli.Args) *object {
	return &object{kind: kindRoute, prefix: a.Prefix("address", "mask").Masked()}
}

func bfdObject(a *cli.Args) *object {
	return &object{kind: kindOther, show: []string{"BFD session mode: Echo", "Outgoing interface: " + a.Str("interface"), "VPN instance name: -",
		"Remote IP: " + a.Addr("remote").String(), "Local IP: " + a.Addr("local").String()}}
}

func key(id int) string { return fmt.Sprintf("track %d", id) }

// The thresholds of a list that has none configured, and the weight of an
// object.
const (
	defaultPositive = 1
	defaultNegative = 0
	defaultWeight   = 10
)

func listObject(a *cli.Args) *object {
	l := track.List{Positive: defaultPositive, Negative: defaultNegative}
	switch {
	case a.Has("or"):
		l.Kind = track.Or
	case a.Has("percentage"):
		l.Kind = track.Percentage
	case a.Has("weight"):
		l.Kind = track.Weight
	}
	return &object{kind: kindList, list: l}
}

// setThreshold takes the thresholds of a list; what is not given goes back to
// its default.
func setThreshold(x *feature.Exec, a *cli.Args) {
	h, n, kind, word := here(x), id(x), track.Percentage, "percentage"
	if a.Has("weight") {
		kind, word = track.Weight, "weight"
	}
	o := h.objects[n]
	if o.kind != kindList || o.list.Kind != kind {
		x.Error("The track entry is not a list with that kind of thresholds.")
		return
	}
	positive, negative := defaultPositive, defaultNegative
	for _, arg := range a.All() {
		switch {
		case arg.Keyword:
		case strings.HasSuffix(arg.Token, "-positive"):
			positive = int(arg.Number)
		case strings.HasSuffix(arg.Token, "-negative"):
			negative = int(arg.Number)
		}
	}
	if negative >= positive {
		x.Error("The negative threshold must be smaller than the positive threshold.")
		return
	}
	line := ""
	if negative != defaultNegative {
		line += fmt.Sprintf(" negative %d", negative)
	}
	if positive != defaultPositive {
		line += fmt.Sprintf(" positive %d", positive)
	}
	x.Node().Remove("threshold")
	if line != "" {
		x.Node().Set(placeThreshold, "threshold", "threshold "+word+line)
	}
	o.list.Positive, o.list.Negative = positive, negative
	h.follow(n, o)
}

// create makes an entry, or goes to the view of one with the same object. An
// entry with another object must be removed first.
func create(x *feature.Exec, a *cli.Args, o *object) {
	h, n := here(x), a.Int("id")
	line := a.Line()
	if a.Has("delay") {
		line = line[:strings.LastIndex(line, " delay ")]
	}
	o.line = line
	old, known := h.objects[n]
	if known && old.line != line {
		x.Error("The track entry already exists with another object.")
		return
	}
	node := x.Box.Conf.Root().Open(feature.PlaceTrack, key(n), line)
	x.Enter(feature.ViewState{Name: "track", Suffix: fmt.Sprintf("track-%d", n), Node: node, Obj: n})
	if !known {
		h.objects[n] = o
		h.engine.Add(n)
	}
	if a.Has("delay") {
		putDelay(h, node, n, a)
	}
	if !known {
		h.follow(n, o)
	}
}

func remove(x *feature.Exec, a *cli.Args) {
	h, n := here(x), a.Int("id")
	if h.objects[n] == nil {
		x.Error("The track entry does not exist.")
		return
	}
	root := x.Box.Conf.Root()
	x.Box.Drop(root.Child(key(n)))
	root.Remove(key(n))
	h.remove(n)
}

// id is the entry of the view.
func id(x *feature.Exec) int { n, _ := x.View().Obj.(int); return n }

func setDelay(x *feature.Exec, a *cli.Args) { putDelay(here(x), x.Node(), id(x), a) }

// putDelay changes the delays that are named and keeps the line.
func putDelay(h *host, n *conf.Node, id int, a *cli.Args) {
	positive, negative := h.engine.Entry(id).Delays()
	if a.Has("positive") {
		positive = time.Duration(a.Int("positive")) * time.Second
	}
	if a.Has("negative") {
		negative = time.Duration(a.Int("negative")) * time.Second
	}
	h.engine.SetDelay(id, positive, negative)
	line := "delay"
	if negative > 0 {
		line += fmt.Sprintf(" negative %d", negative/time.Second)
	}
	if positive > 0 {
		line += fmt.Sprintf(" positive %d", positive/time.Second)
	}
	n.Set(placeDelay, "delay", line)
}

// Places of the lines in track view.
const (
	placeDelay     = 10
	placeThreshold = 15
	placeObject    = 20
)

func addObject(x *feature.Exec, a *cli.Args) {
	h, n, member := here(x), id(x), track.Member{ID: a.Int("id"), Not: a.Has("not"), Weight: defaultWeight}
	o := h.objects[n]
	boolean := o.list.Kind == track.And || o.list.Kind == track.Or
	switch {
	case o.kind != kindList:
		x.Error("The track entry is not a list.")
		return
	case a.Has("not") && !boolean, a.Has("weight") && o.list.Kind != track.Weight:
		x.Error("The list does not support that parameter.")
		return
	case h.engine.Leads(member.ID, n):
		x.Error("A list cannot follow from itself.")
		return
	}
	if a.Has("weight") {
		for _, arg := range a.All() {
			if arg.Token == "weight" && !arg.Keyword {
				member.Weight = int(arg.Number)
			}
		}
	}
	line := a.Line()
	if member.Weight == defaultWeight {
		line, _, _ = strings.Cut(line, " weight ")
	}
	x.Node().Set(placeObject, fmt.Sprintf("object %d", member.ID), line)
	drop(o, member.ID)
	o.list.Members = append(o.list.Members, member)
	slices.SortFunc(o.list.Members, func(a, b track.Member) int { return a.ID - b.ID })
	h.follow(n, o)
}

func removeObject(x *feature.Exec, a *cli.Args) {
	h, n := here(x), id(x)
	if !x.Node().Remove(fmt.Sprintf("object %d", a.Int("id"))) {
		x.Error("The track entry is not an object of the list.")
		return
	}
	o := h.objects[n]
	drop(o, a.Int("id"))
	h.follow(n, o)
}

func drop(o *object, id int) {
	o.list.Members = slices.DeleteFunc(o.list.Members, func(m track.Member) bool { return m.ID == id })
}
