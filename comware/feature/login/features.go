package login

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var featureDisplays = []feature.Command{
	texts.Command("any", "display role feature [ name <feature:string:1-31> | verbose ]", func(x *feature.Exec, a *cli.Args) {
		all := featureCommands(x.Box)
		names := slices.Sorted(maps.Keys(all))
		if a.Str("feature") != "" {
			if !slices.Contains(names, a.Str("feature")) {
				x.Error("The feature does not exist.")
				return
			}
			names = []string{a.Str("feature")}
		}
		for _, name := range names {
			showFeature(x, name, all[name], a.Has("verbose") || a.Str("feature") != "")
		}
	}),
	texts.Command("any", "display role feature-group [ name <group:string:1-31> ] [ verbose ]", func(x *feature.Exec, a *cli.Args) {
		all := featureCommands(x.Box)
		for _, n := range x.Box.Conf.Root().Kids() {
			group, ok := strings.CutPrefix(n.Text, "role feature-group name ")
			if !ok || a.Str("group") != "" && a.Str("group") != group {
				continue
			}
			x.Printf("Feature group: %s\n", group)
			for _, name := range rolesIn(n, "feature ") {
				showFeature(x, name, all[name], a.Has("verbose"))
			}
		}
	}),
}

// featureCommands are the commands of each feature that has some.
func featureCommands(b *feature.Box) map[string][]*cli.Command {
	all := map[string][]*cli.Command{}
	for _, c := range b.Image.Grammar.Commands() {
		for _, name := range featuresOf(b, c.Data.(*feature.Command)) {
			all[name] = append(all[name], c)
		}
	}
	return all
}

// titles are features that are called by more than their names.
var titles = map[string]string{"device": "Device configuration", "filesystem": "File system", "interface": "Interface", "route": "Route management",
	"syslog": "Syslog", "security-zone": "Security zone", "terminal": "Terminal", "track": "Track", "ipsec": "IPsec", "objgroup": "Object group",
	"attack-defense": "Attack defense", "loadbalance": "Load balance", "session": "Session", "mirror": "Mirroring", "context": "Context", "connlimit": "Connection limit",
	"vlan": "Virtual LAN", "ospf": "Open Shortest Path First protocol", "rip": "Routing Information Protocol", "bgp": "Border Gateway Protocol"}

// showFeature shows a feature, with the commands of user view, of all views and
// of system view that it has; those of views below go with the command that
// opens the view.
func showFeature(x *feature.Exec, name string, commands []*cli.Command, verbose bool) {
	title := titles[name]
	if title == "" {
		title = strings.ToUpper(name)
	}
	x.Printf("Feature: %-16s(%s related commands)\n", name, title)
	if !verbose {
		return
	}
	var lines []string
	seen := map[string]bool{}
	for _, g := range commands {
		c := g.Data.(*feature.Command)
		words := c.Keywords()
		if strings.HasPrefix(words, "undo ") || words == "" {
			continue
		}
		where := ""
		switch {
		case g.In("user"):
		case g.In("system"):
			where = "system-view ; "
		default:
			continue
		}
		if words != c.Syntax {
			words += " *"
		}
		if line := fmt.Sprintf("  %s%s    (%s)\n", where, words, kind(c)); !seen[line] {
			seen[line] = true
			lines = append(lines, line)
		}
	}
	x.Print(strings.Join(lines, ""))
}
