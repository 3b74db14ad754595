package device

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// A robot sits at a session: it says yes, gives a password where one is asked
// for, keeps what it is shown and does not wait.
type robot struct {
	*feature.Shell
	out   strings.Builder
	stop  func()
	asked int
	past  []string
}

func robotAt(b *feature.Box) *robot {
	r := &robot{}
	r.Shell = feature.NewShell(b, r, "con0")
	b.Shells = append(b.Shells, r.Shell)
	return r
}

func (r *robot) Print(text string)  { r.out.WriteString(text) }
func (r *robot) Hold(stop func())   { r.stop = stop }
func (r *robot) Release()           { r.stop = nil }
func (r *robot) Logout()            {}
func (r *robot) History() []string  { return r.past }
func (r *robot) SetPageLength(int)  {}
func (r *robot) SetHistorySize(int) {}
func (r *robot) Dismiss(f func())   { f() }

func (r *robot) Ask(prompt string, masked bool, f func(string)) {
	r.Print(prompt + "\n")
	r.asked++
	switch {
	case r.asked > 8: // walks away
	case masked:
		f("Wolke-7-ab")
	case strings.HasSuffix(prompt, "[Y/N]:"):
		f("y")
	case strings.HasSuffix(prompt, "]:"): // what is in brackets will do
		f("")
	default:
		f("~w~")
	}
}

// typ types a line and returns what was shown of it and whether it was done.
func (r *robot) typ(line string) (string, bool) {
	if err := r.start(line); err != nil {
		return err.Error(), false
	}
	r.end()
	return r.out.String(), !r.Failed()
}

// start types a line that may go on, and end ends it.
func (r *robot) start(line string) *cli.Error {
	r.out.Reset()
	r.asked = 0
	r.past = append(r.past, line)
	return r.Run(line)
}

func (r *robot) end() {
	if r.stop != nil {
		r.stop()
	}
}

// openers are the lines that open a view, from the system view on, where a
// sample of the opening command does not do.
var openers = map[string][]string{
	"interface":            {"interface GigabitEthernet1/0/1"},
	"loopback":             {"interface LoopBack1"},
	"null":                 {"interface NULL0"},
	"tunnel":               {"interface Tunnel1 mode gre"},
	"vlanif":               {"interface Vlan-interface2"},
	"reth":                 {"interface Reth1"},
	"bagg":                 {"interface Bridge-Aggregation1"},
	"ragg":                 {"interface Route-Aggregation1"},
	"dialer":               {"interface Dialer1"},
	"vt":                   {"interface Virtual-Template1"},
	"sslvpn-ac":            {"interface SSLVPN-AC1"},
	"obj-grp-ip":           {"object-group ip address addresses"},
	"ipsec-profile":        {"ipsec profile hand manual"},
	"ipsec-profile-isakmp": {"ipsec profile other isakmp"},
	"obj-grp-ipv6":         {"object-group ipv6 address six"},
	"obj-grp-port":         {"object-group port ports"},
	"pki-domain":           {"pki domain d"},
	"obj-grp-service":      {"object-group service services"},
}

// needs are what lines that match in a view need: lines to type before, a last
// one of which may open the view, another wording than that of the samples,
// and the undo form where the line's own words do not give it.
var needs = []struct {
	views, match, instead, undo string
	setup                       []string
}{
	{"system", `^clock summer-time.*`, "clock summer-time ~ 00:00:00 03/01 00:00:00 10/01 01:00:00", "", nil},
	{"system", `^(temperature-limit slot) 0 \w+ 1 ~ 1`, "$1 1 hotspot 1 20 70", "", nil},
	{"system", `^archive configuration location ~`, "archive configuration location flash:/", "", nil},
	{"system", `^archive configuration (interval|max)`, "", "", []string{"archive configuration location flash:/ filename-prefix a"}},
	{"system", `^temperature-limit .* 1$`, "temperature-limit slot 1 hotspot 1 20 70 90", "", nil},
	{"system", `^archive configuration .* filename-prefix ~`, "archive configuration location flash:/ filename-prefix a", "", nil},
	{"system", `^super default role ~`, "super default role level-3", "", nil},
	{"system", `^super password role ~`, "super password role level-3", "", nil},
	{"system", `^interface GigabitEthernet1/0/1$`, "interface LoopBack7", "", nil},
	{"system", `^interface GigabitEthernet1/0/1 mode`, "interface Tunnel7 mode", "undo interface Tunnel7", nil},
	{"system", `^interface range name ~$`, "", "", []string{"interface LoopBack7", "interface range name ~ interface LoopBack7"}},
	{"system", `^ip host ~ `, "ip host host ", "", nil},
	{"system", `^acl copy (\S+|name) (~ )?to 2000`, "acl copy 2002 to 2000", "undo acl basic 2000", []string{"acl basic 2002"}},
	{"system", `^acl copy (\S+|name) (~ )?to name ~`, "acl copy 2002 to name w", "undo acl basic name w", []string{"acl basic 2002"}},
	{"system", `^acl (basic|advanced) name ~`, "acl $1 name w", "", nil},
	{"system", `^time-range ~`, "time-range w", "", nil},
	{"system", `^(time-range w) 00:00 to 00:00`, "$1 08:00 to 18:00", "", nil},
	{"system", `to 00:00 2000/01/01`, "to 00:00 2001/01/01", "", nil},
	{"system", `^acl logging interval 0`, "acl logging interval 5", "", nil},
	{"system", `^ipsec policy ~ 1$`, "", "", []string{"ipsec policy ~ 1 isakmp"}},
	{"system", `^ipsec profile ~$`, "", "", []string{"ipsec profile ~ isakmp"}},
	{"system", `^ipsec policy ~ local-address`, "", "", []string{"ipsec policy ~ 1 isakmp"}},
	{"system", `^ipsec anti-replay window 64`, "ipsec anti-replay window 128", "", nil},
	{"system", `^nqa schedule`, "", "", []string{"nqa entry ~ ~", "type icmp-echo", "destination ip 10.0.0.1"}},
	{"system", `^zone-pair security source ~`, "", "", []string{"security-zone name ~"}},
	{"system", `^zone-pair security source any destination ~`, "", "", []string{"security-zone name ~"}},
	{"system", `^pki domain ~`, "pki domain w", "", nil},
	{"pki-domain", ` name ~`, " name w", "undo public-key", nil},
	{"pki-access-policy", `^rule (deny|permit)`, "", "undo rule 1", nil},
	{"pki-domain", `fingerprint md5 ~+`, "fingerprint md5 0123456789abcdef0123456789abcdef", "", nil},
	{"pki-domain", `fingerprint sha1 ~+`, "fingerprint sha1 0123456789abcdef0123456789abcdef01234567", "", nil},
	{"schedule", `^job`, "", "", []string{"scheduler job ~"}},
	{"schedule", `2000/01/01`, "2030/01/01", "", nil},
	{"schedule", `(delay|interval) ~`, "$1 00:10", "", nil},
	{"line line-class", `^user-role ~`, "user-role level-1", "", nil},
	{"line", `^protocol inbound ssh`, "", "", []string{"line aux 0", "authentication-mode scheme"}},
	{"line-class", `^protocol inbound ssh`, "", "", []string{"line class aux", "authentication-mode scheme"}},
	{"line line-class", `^escape-key`, "", "escape-key default", nil},
	{"luser-manage luser-network", `^group`, "", "", []string{"user-group ~"}},
	{"luser-manage luser-network", `user-role ~`, "", "", []string{"role name ~"}},
	{"interface", `^vlan-type`, "", "", []string{"interface GigabitEthernet1/0/1.1"}},
	{"interface loopback tunnel", `^ip address 255.0.0.0`, "ip address 10.0.0.1", "", nil},
	{"tunnel", `^ip address .* sub`, "ip address 10.1.0.1 16 sub", "", []string{"interface Tunnel1 mode gre", "ip address 10.0.0.1 16"}},
	{"interface", `^ip address .* sub`, "ip address 10.1.0.1 16 sub", "", []string{"interface GigabitEthernet1/0/1", "ip address 10.0.0.1 16"}},
	{"interface bagg", `^port hybrid vlan 1`, "port hybrid vlan 2", "", nil},
	{"loopback", `^ip address .* sub`, "ip address 10.1.0.1 32 sub", "", []string{"interface LoopBack1", "ip address 10.0.0.1 32"}},
	{"interface", `^vrrp vrid 1 virtual-ip 255.0.0.0`, "vrrp vrid 1 virtual-ip 10.0.0.1", "", nil},
	{"interface", `^vrrp vrid 1 preempt-mode`, "", "", []string{"interface GigabitEthernet1/0/1", "vrrp vrid 1 virtual-ip 10.0.0.1"}},
	{"interface", `^nat server global 255.0.0.0 ~ (1 )?inside`, "nat server protocol tcp global 255.0.0.0 1 ${1}inside", "", nil},
	{"interface", `^nat server global 255.0.0.0 inside 255.0.0.0 ~( 1)?`, "nat server protocol tcp global 255.0.0.0 1 inside 255.0.0.0 1$1", "", nil},
	{"interface", `^nat server global interface GigabitEthernet1/0/1`, "nat server global interface LoopBack1", "", []string{"interface LoopBack1", "interface GigabitEthernet1/0/1"}},
	{"obj-grp-ip", `group-object ~`, "group-object w", "", []string{"object-group ip address w", "object-group ip address v"}},
	{"obj-grp-ipv6", `group-object ~`, "group-object w", "", []string{"object-group ipv6 address w", "object-group ipv6 address v"}},
	{"obj-grp-ipv6", `(host address|subnet|range) ~`, "$1 2001:db8::1", "", nil},
	{"obj-grp-ipv6", `(range \S+) ~`, "$1 2001:db8::2", "", nil},
	{"obj-grp-port", `group-object ~`, "group-object w", "", []string{"object-group port w", "object-group port v"}},
	{"obj-grp-service", `group-object ~`, "group-object w", "", []string{"object-group service w", "object-group service v"}},
	{"obj-grp-port obj-grp-service security-policy-rule", ` lt 0`, " lt 1", "", nil},
	{"acl-adv", ` range (\S+) 0`, " range $1 65535", "", nil},
	{"acl-adv", ` (dscp 0) precedence 0 tos 0`, " $1", "", nil},
	{"acl-adv", ` tos 0 precedence 0 (dscp 0)`, " $1", "", nil},
	{"acl-basic acl-adv", `object-group ~`, "", "", []string{"object-group ip address ~"}},
	{"acl-basic acl-adv acl-ipv6 acl-mac object-policy-ip", `^rule`, "", "undo rule 0", nil},
	{"acl-basic", `comment`, "", "undo rule 0 comment", []string{"acl basic 2000", "rule 0 permit"}},
	{"acl-adv", `comment`, "", "undo rule 0 comment", []string{"acl advanced 3000", "rule 0 permit ip"}},
	{"object-policy-ip", `comment`, "", "undo rule 0 comment", []string{"object-policy ip ~", "rule 0 pass"}},
	{"track", `^object 1( not)?$`, "object 2$1", "", []string{"track 1 list boolean and"}},
	{"track", `^object 1 weight`, "object 2 weight", "", []string{"track 1 list threshold weight"}},
	{"track", `^threshold percentage`, "", "", []string{"track 1 list threshold percentage"}},
	{"track", `^threshold weight`, "", "", []string{"track 1 list threshold weight"}},
	{"track", `positive 0`, "positive 50", "", nil},
	{"zone-pair", `^object-policy`, "", "", []string{"object-policy ip ~"}},
	{"security-policy-ip", `^(move|rule \d+$|rule copy|rule rename)`, "", "", []string{"security-policy ip", "rule 0 name ~", "rule 1 name w"}},
	{"security-policy-ip", `(before|after) 0`, "$1 1", "", nil},
	{"security-policy-ip", `(before|after) name ~`, "$1 name w", "", nil},
	{"security-policy-ip", `(copy|rename) ~ ~`, "$1 ~ v", "", nil},
	{"security-policy-rule", `^(source|destination)-ip ~`, "", "", []string{"object-group ip address ~"}},
	{"security-policy-rule", `^service ~`, "", "", []string{"object-group service ~"}},
	{"remote-backup-group", `^configuration sync-check interval`, "", "configuration sync-check", nil},
	{"remote-backup-group", `^keepalive interval 1`, "keepalive interval 2", "", nil},
	{"nqa-icmp-echo", `^(probe count|frequency|tos) .`, "$1 5", "", nil},
}

// final are lines that no undo form takes back, and why.
var final = []struct{ views, match, why string }{
	{"system", `^(line|user-interface)( |$)`, "a line is always there"},
	{"system", `^(clock datetime|delete|public-key local)`, "is done at once and not configuration"},
	{"system", `^interface range [^n]`, "the range is not kept"},
	{"system", `^qos map-table`, "a map table is always there"},
	{"system", `^irf link-delay`, "the undo form is a setting of its own"},
	{"system", `^irf-port$`, "is the one of the device"},
	{"system", `^interface range name ~$`, "enters a range that is there"},
	{"system", `^ipsec policy ~ 1$`, "enters a policy that is there"},
	{"system", `^ipsec profile ~$`, "enters a profile that is there"},
	{"any", `^(default|active region-configuration)$`, "is done at once and not configuration"},
	{"security-policy-ip object-policy-ip", `^(move|rule copy|rule rename)`, "changes rules that are there"},
	{"security-policy-ip", `^rule 0$`, "enters a rule that is there"},
	{"nqa-entry", `^type`, "an operation keeps its type"},
	{"radius", `^state primary`, "one of the two states is set"},
	{"dialer vt", `^link-protocol ppp`, "is the only one"},
}

// refused are lines that a box without neighbours and files refuses, and why.
var refused = []struct{ views, match, why string }{
	{"system", `^public-key peer ~ import`, "has no such file"},
	{"system", `^public-key local (destroy|export)`, "has no keys"},
	{"system", `^(info-center logfile directory|pki storage)`, "has no such directory"},
	{"system", `^pki (import|export|request-certificate|validate-certificate|delete-certificate)`, "has no such domain"},
	{"public-key", ``, "is no key"},
	{"remote-backup-group", `^(configuration manual|switchover)`, "there is no other device"},
	{"interface", `^nat outbound no-pat( reversible)?$`, "needs an address group"},
}

// idle are commands whose samples say what holds anyway, and why.
var idle = []struct{ views, match, why string }{
	{"interface", `^port link-mode route$`, "every port is a routed one"},
}

// An undoing types every command of every view and takes it back.
type undoing struct {
	t    *testing.T
	g    *cli.Grammar
	d    *Device
	r    *robot
	ways map[string][]string // to the views that are known
	used map[string]bool     // rows of the tables
}

func (u *undoing) fresh() {
	u.d = bare(u.t, "")
	u.r = robotAt(u.d.box)
}

// why is the reason that a table has for a line, "" for none.
func (u *undoing) why(table []struct{ views, match, why string }, view, line string) string {
	for _, row := range table {
		if (row.views == "any" || slices.Contains(strings.Fields(row.views), view)) && pattern(row.match).MatchString(line) {
			u.used[row.views+row.match] = true
			return row.why
		}
	}
	return ""
}

// enter goes to a view.
func (u *undoing) enter(view string, setup []string) {
	u.t.Helper()
	u.r.Return()
	step := func(l string) {
		if out, ok := u.r.typ(l); !ok {
			u.t.Fatalf("view %s: on the way there %q shows %s", view, l, out)
		}
	}
	step("system-view")
	for _, l := range setup {
		step(l)
	}
	if u.r.View().Name == view {
		return
	}
	u.r.Views = u.r.Views[:2]
	for _, l := range u.ways[view] {
		if u.r.View().Name != view {
			step(l)
		}
	}
	if u.r.View().Name != view {
		u.t.Fatalf("%q lead to view %s, want %s", u.ways[view], u.r.View().Name, view)
	}
}

// undo is the form that takes a line back: it begins like the line as far as
// one can, then has no argument of another name, then the most keywords and
// the most words of it.
func (u *undoing) undo(view, line string) string {
	words := strings.Fields(line)
	env := u.r.Env()
	m, err := u.g.Parse(view, line, env)
	if err != nil {
		return ""
	}
	args := m.Args.All()
	best, most := "", [4]int{}
	steps := 0
	var walk func(form string, from, same int, taken []int)
	walk = func(form string, from, same int, taken []int) {
		for i := from; i < len(words) && steps < 3000; i++ {
			steps++
			next := form + " " + words[i]
			same, taken := same, append(slices.Clone(taken), i)
			if i == same {
				same++
			}
			m, err := u.g.Parse(view, next, env)
			if err == nil && m.View == view {
				n := [4]int{same, 0, -1, len(taken)} // the word undo is no word of the line
				alike := len(args) == len(words) && m.Args.All()[0].Word == "undo"
				for j, a := range m.Args.All() {
					if a.Keyword {
						n[2]++
					}
					alike = alike && j <= len(taken)
					if alike && j > 0 {
						of := args[taken[j-1]]
						alike = a.Keyword == of.Keyword
						if a.Token != of.Token {
							n[1]--
						}
					}
				}
				if alike && slices.Compare(n[:], most[:]) > 0 {
					best, most = next, n
				}
			}
			if err == nil || err.Kind == cli.Incomplete {
				walk(next, i+1, same, taken)
			}
		}
	}
	walk("undo", 0, 0, nil)
	return best
}

// try types a line in a view and takes it back. It says whether the line or
// its undo form changed the configuration.
func (u *undoing) try(view, line string) (changed bool) {
	var setup []string
	form := ""
	for _, n := range needs {
		if re := pattern(n.match); slices.Contains(strings.Fields(n.views), view) && re.MatchString(line) {
			u.used[n.views+n.match] = true
			if n.instead != "" {
				line = re.ReplaceAllString(line, n.instead)
			}
			setup, form = append(setup, n.setup...), cmp.Or(n.undo, form)
		}
	}
	if setup != nil {
		u.fresh()
	}
	u.enter(view, setup)
	before := printed(u.d)
	depth := len(u.r.Views)
	out, ok := u.r.typ(line)
	if v := u.r.View().Name; len(u.r.Views) >= depth && u.ways[v] == nil && setup == nil {
		u.ways[v] = append(slices.Clone(u.ways[view]), line)
	}
	after := printed(u.d)
	if (u.why(refused, view, line) == "") != ok {
		u.t.Errorf("view %s: %q shows %q", view, line, out)
	}
	if !ok || u.why(final, view, line) != "" {
		u.fresh()
		return true
	}
	u.r.Views = u.r.Views[:depth]
	if form == "" {
		form = u.undo(view, line)
	}
	if form == "" {
		u.t.Errorf("view %s: %q has no undo form", view, line)
		u.fresh()
		return true
	}
	out, ok = u.r.typ(form)
	if !ok {
		u.t.Errorf("view %s: after %q, %q shows %s", view, line, form, out)
	}
	got := printed(u.d)
	if after == before && got != before { // the line says what the default is: the other way round
		u.enter(view, nil)
		u.r.typ(line)
		after, got = got, printed(u.d)
	}
	if got != before {
		u.t.Errorf("view %s: after %q and %q the configuration differs: %s", view, line, form, differing(before, got))
	}
	if got != before || len(setup) > 0 {
		u.fresh()
	}
	return after != before
}

var patterns = map[string]*regexp.Regexp{}

func pattern(text string) *regexp.Regexp {
	if patterns[text] == nil {
		patterns[text] = regexp.MustCompile(text)
	}
	return patterns[text]
}

// TestUndo types every branch of every command that configures something, in
// its view: the device takes it, and its undo form leaves the configuration as
// it was.
func TestUndo(t *testing.T) {
	g, err := Grammar()
	if err != nil {
		t.Fatal(err)
	}
	u := &undoing{t: t, g: g, ways: map[string][]string{"system": {}}, used: map[string]bool{}}
	for v, way := range openers {
		u.ways[v] = way
	}
	all := configuring(t)
	done := map[string]bool{}
	commands, lines := 0, 0
	for len(done) < len(u.ways) {
		for _, v := range slices.Sorted(maps.Keys(u.ways)) {
			if done[v] {
				continue
			}
			done[v] = true
			u.fresh()
			for _, c := range all[v] {
				if strings.HasPrefix(c.Syntax, "undo ") {
					continue
				}
				commands++
				changed := false
				for _, s := range g.Samples(c) {
					if s.View == v {
						lines++
						changed = u.try(v, s.Line) || changed
					}
				}
				if why := u.why(idle, v, c.Syntax); changed == (why != "") {
					t.Errorf("view %s: does %q change the configuration? %v", v, c.Syntax, changed)
				}
			}
		}
	}
	for v := range all {
		if !done[v] {
			t.Errorf("view %s was not entered", v)
		}
	}
	for _, n := range needs {
		if !u.used[n.views+n.match] {
			t.Errorf("no line of %s matches %s", n.views, n.match)
		}
	}
	for _, table := range [][]struct{ views, match, why string }{final, refused, idle} {
		for _, row := range table {
			if !u.used[row.views+row.match] {
				t.Errorf("no line of %s matches %s", row.views, row.match)
			}
			t.Logf("%s: %s: %s", row.views, row.match, row.why)
		}
	}
	t.Logf("%d lines of %d commands of %d views", lines, commands, len(done))
}
