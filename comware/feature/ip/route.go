package ip

import (
	"fmt"
	"slices"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

var ofRoute = feature.Texts{
	"route-static": "Establish a static route", "<destination>": "Destination IP address", "<mask>": "Mask or mask length of the destination",
	"<next>": "IP address of the next hop", "<interface>": "Outgoing interface", "preference": "Specify the preference of the route",
	"<preference>": "Preference value", "tag": "Specify the tag of the route", "<tag>": "Tag value", "permanent": "Keep the route while its outgoing interface is down",
	"track": "Associate the route with a track entry", "<track>": "Track entry number", "description": "Describe the route",
	"<text>": "Up to 60 characters for description of the route", "default-preference": "Specify the default preference of static routes",
	"delete": "Delete", "static-routes": "Static routes", "all": "All static routes",
}

const (
	routeWay    = "{ <next:ip> | <interface:interface> [ <next:ip> ] }"
	routeConfig = "ip route-static <destination:ip> <mask:mask> " + routeWay +
		" [ permanent | track <track:1-1024> ] [ preference <preference:1-255> ] [ tag <tag:1-4294967295> ] [ description <text:text:1-60> ]"
	routeUndo = "ip route-static <destination:ip> <mask:mask> [ <next:ip> | <interface:interface> [ <next:ip> ] ] [ preference <preference:1-255> ]"
)

var routeCommands = slices.Concat(
	both("system", routeConfig, routeUndo, ofRoute, func(x *feature.Exec, a *cli.Args, on bool) {
		if on {
			addRoute(x, a)
		} else {
			removeRoute(x, a)
		}
	}),
	both("system", "ip route-static default-preference <preference:1-255>", "ip route-static default-preference", ofRoute,
		func(x *feature.Exec, a *cli.Args, on bool) {
			const key = "ip route-static default-preference"
			r := feature.Get[*routes](x.Box)
			r.preference = a.Int("preference")
			put(x, feature.PlaceStaticRoute, key, fmt.Sprintf("%s %d", key, r.preference), on && r.preference != defaultPreference)
		}),
	[]feature.Command{command("system", "delete static-routes all", ofRoute, deleteRoutes)},
)

const defaultPreference = 60

// routes is what the device knows of its static routes beside the stack.
type routes struct {
	preference int               // default of routes to come, 0 for defaultPreference
	waits      map[string]func() // stop waiting for a track entry, by the key of a route
}

func (r *routes) forget(key string) {
	if stop := r.waits[key]; stop != nil {
		stop()
	}
	delete(r.waits, key)
}

func routeOf(a *cli.Args) stack.Route {
	return stack.Route{
		Dst: a.Prefix("destination", "mask").Masked(), Next: a.Addr("next"), Iface: a.Str("interface"), Pref: a.Int("preference"),
		Tag: a.Uint32("tag"), Permanent: a.Has("permanent"),
	}
}

// routeKey is the line of a route without its options.
func routeKey(r stack.Route) string {
	s := fmt.Sprintf("ip route-static %s %d", r.Dst.Addr(), r.Dst.Bits())
	if r.Iface != "" {
		s += " " + r.Iface
	}
	if r.Next.IsValid() {
		s += " " + r.Next.String()
	}
	return s
}

func addRoute(x *feature.Exec, a *cli.Args) {
	all := feature.Get[*routes](x.Box)
	r := routeOf(a)
	_, _, kept := keptInterface(x.Box, r.Iface)
	switch i := x.Box.Stack.Iface(r.Iface); {
	case r.Next.IsValid() && (r.Next.IsUnspecified() || r.Next.IsMulticast() || r.Next.IsLoopback()):
		x.Error("Error: Invalid next hop address.")
		return
	case r.Iface != "" && i == nil && !kept: // nothing goes by one that is only kept
		x.Error("Error: The interface does not exist.")
		return
	case r.Iface == nullName && r.Next.IsValid():
		x.Error("Error: A route by the null interface takes no next hop.")
		return
	}
	if r.Pref == 0 {
		r.Pref = all.preference
	}
	if r.Pref == 0 {
		r.Pref = defaultPreference
	}
	k := routeKey(r)
	all.forget(k)
	line := k
	switch {
	case r.Permanent:
		line += " permanent"
	case a.Has("track"):
		n := a.Int("track")
		line += fmt.Sprintf(" track %d", n)
		if t := feature.Get[feature.Tracker](x.Box); t != nil {
			r.Ready = func() bool {
				up, known := t.Up(n)
				return up || !known
			}
			all.waits[k] = t.OnChange(n, x.Box.Stack.Reroute)
		}
	}
	if r.Pref != defaultPreference {
		line += fmt.Sprintf(" preference %d", r.Pref)
	}
	if r.Tag != 0 {
		line += fmt.Sprintf(" tag %d", r.Tag)
	}
	if text := a.Str("text"); text != "" {
		line += " description " + text
	}
	x.Box.Conf.Root().Set(feature.PlaceStaticRoute, k, line)
	x.Box.Stack.AddRoute(r)
}

func removeRoute(x *feature.Exec, a *cli.Args) {
	want := routeOf(a)
	found := false
	for _, r := range x.Box.Stack.Statics() {
		if r.Injected || r.Dst != want.Dst || (want.Next.IsValid() || want.Iface != "") && (r.Next != want.Next || r.Iface != want.Iface) ||
			want.Pref != 0 && r.Pref != want.Pref {
			continue
		}
		found = true
		dropRoute(x.Box, r)
	}
	if !found {
		x.Error("Error: The route does not exist.")
	}
}

func dropRoute(b *feature.Box, r stack.Route) {
	k := routeKey(r)
	feature.Get[*routes](b).forget(k)
	b.Conf.Root().Remove(k)
	b.Stack.RemoveRoute(r)
}

func deleteRoutes(x *feature.Exec, _ *cli.Args) {
	x.Print("This will erase all IPv4 static routes and their configurations, you must reconfigure all static routes.\n")
	x.Confirm("Are you sure?[Y/N]:", func(yes bool) {
		if yes {
			for _, r := range x.Box.Stack.Statics() {
				if !r.Injected {
					dropRoute(x.Box, r)
				}
			}
		}
	})
}
