package login

import (
	"slices"
	"strings"

	"cwlab/comware/feature"
)

// always are the commands that go between views and end a session.
var always = []string{"system-view", "quit", "return"}

// Permits says whether one of the roles of a session may run a command: the
// rule with the highest number that fits it decides, the role's own rules
// before the predefined ones; what no rule names is denied. A startup file and
// the other device of a pair may do all.
func Permits(s *feature.Shell, c *feature.Command) bool {
	if s.Booting || s.Syncing || s.Rolling || slices.Contains(always, c.Syntax) {
		return true
	}
	if !master(s) && reserved(s, c) {
		return false
	}
	p := path(s, c)
	return slices.ContainsFunc(s.Roles, func(role string) bool { return allows(s, role, c, p) })
}

// master says whether a session has one of the roles that may change roles,
// the security of lines, and local users with their groups. Whatever its rules
// say, any other may at most change its own password (RBAC configuration
// guide, predefined user roles).
func master(s *feature.Shell) bool {
	return slices.ContainsFunc(s.Roles, func(r string) bool { return r == "network-admin" || r == "context-admin" || r == "level-15" })
}

// reserved says whether a command is one of those that only a master may run.
func reserved(s *feature.Shell, c *feature.Command) bool {
	words, views := c.Words(), c.ViewNames()
	in := func(prefix string) bool {
		return slices.ContainsFunc(views, func(v string) bool { return strings.HasPrefix(v, prefix) })
	}
	undo := strings.HasPrefix(c.Syntax, "undo ")
	switch {
	case len(words) == 0 || in("any"):
		return false
	case in("system"):
		return words[0] == "role" || words[0] == "user-group" || words[0] == "local-user" && undo
	case in("role"), in("user-group"):
		return true
	case in("line"):
		return words[0] == "user-role" || words[0] == "authentication-mode" || words[0] == "protocol" || words[0] == "set"
	case in("luser"):
		v := s.View()
		return undo || words[0] != "password" || v.Node == nil || v.Node.Text != "local-user "+s.User+" class manage"
	}
	return false
}

func allows(s *feature.Shell, role string, c *feature.Command, p [][]string) bool {
	rules := rulesOf(s.Box, role)
	for i := range rules {
		if e := &rules[i]; e.covers(s, c, p) {
			return e.permit
		}
	}
	return false
}

func (e *entry) covers(s *feature.Shell, c *feature.Command, p [][]string) bool {
	switch e.scope {
	case "command":
		return e.entity == "*" || e.coversPath(p)
	case "feature":
		return strings.Contains(e.kind, kind(c)) && (e.entity == "-" || slices.Contains(featuresOf(s.Box, c), e.entity))
	case "feature-group":
		n := s.Box.Conf.Root().Child("role feature-group name " + e.entity)
		return n != nil && strings.Contains(e.kind, kind(c)) && slices.ContainsFunc(featuresOf(s.Box, c), func(f string) bool {
			return n.Child("feature "+f) != nil
		})
	}
	return false
}

// path is how one gets to a command: the commands that opened the views, then
// the words that it begins with. Commands of user view and of all views stand
// alone. An undo form goes with its command.
func path(s *feature.Shell, c *feature.Command) [][]string {
	own, views := c.Words(), c.ViewNames()
	if slices.Contains(views, "any") || slices.Contains(views, "user") {
		return [][]string{own}
	}
	p := [][]string{{"system-view"}}
	if !slices.Contains(views, "system") && len(s.Views) > 2 {
		for _, v := range s.Views[2:] {
			if v.Node != nil {
				p = append(p, strings.Fields(v.Node.Text))
			}
			if slices.Contains(views, v.Name) {
				break
			}
		}
	}
	return append(p, own)
}

// coversPath compares the command string of a rule, segment by segment.
func (e *entry) coversPath(p [][]string) bool {
	if len(e.path) > len(p) || e.closed && len(e.path) < len(p) {
		return false
	}
	for i, words := range e.path {
		if !begins(words, p[i], i == len(p)-1) {
			return false
		}
	}
	return true
}

// begins says whether the words of a rule are the begins of those of a command.
// A star is for all that follows; without it a command has no more words.
func begins(rule, command []string, last bool) bool {
	for i, w := range rule {
		switch {
		case w == "*":
			return true
		case i >= len(command) || !strings.HasPrefix(command[i], w):
			return false
		}
	}
	return !last || len(command) == len(rule)
}

// kind is R for commands that show something, X for those that run something,
// W for all others.
func kind(c *feature.Command) string {
	switch first, _, _ := strings.Cut(c.Syntax, " "); first {
	case "display", "dir", "more", "pwd":
		return "R"
	case "ping", "tracert", "super", "telnet", "ssh2", "ftp", "sftp", "scp":
		return "X"
	}
	return "W"
}

// packages are what Comware calls the features of ours that have other names.
var packages = map[string][]string{
	"system": {"device"}, "info": {"syslog"}, "login": {"aaa"}, "ip": {"interface", "route"},
	"ike": {"ipsec"}, "zone": {"security-zone"},
}

// fileCommands are of the file system, wherever they stand here.
var fileCommands = []string{"cd", "copy", "delete", "dir", "fdisk", "file", "fixdisk", "format", "gunzip", "gzip", "md5sum", "mkdir", "more", "mount",
	"move", "pwd", "rename", "reset recycle-bin", "rmdir", "sha256sum", "tar", "umount", "undelete"}

// featuresOf is what Comware calls the features that a command belongs to.
func featuresOf(b *feature.Box, c *feature.Command) []string {
	own := strings.TrimPrefix(c.Keywords(), "undo ")
	files := slices.ContainsFunc(fileCommands, func(f string) bool { return own == f || strings.HasPrefix(own, f+" ") })
	name := b.Image.FeatureOf(c)
	switch {
	case files:
		return []string{"filesystem"}
	case name == "config":
		return []string{"device"}
	}
	if names := packages[name]; names != nil {
		return names
	}
	return []string{name}
}
