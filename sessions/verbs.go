package sessions

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"cwlab/emulator/impair"
	"cwlab/emulator/link"
	"cwlab/emulator/pcap"
)

// A Verb is a line of a script that begins with @.
type Verb struct {
	Name    string
	Form    string // how it is written, without the @
	Example string // a line that parses
	Help    string

	header bool // stands before everything that is done
	inside bool // stands behind an @on
	parse  func(p *scriptParser, arg string, f []string, s *Step) error
}

// Verbs are all of them, in the order of their documentation. A parse that
// sets no Kind adds no step.
func Verbs() []Verb {
	return []Verb{
		{Name: "title", Form: "title TEXT", Example: "@title The tunnel survives", Help: "what the script is called in lists", header: true,
			parse: func(p *scriptParser, arg string, _ []string, _ *Step) error {
				if arg == "" {
					return fmt.Errorf("@title needs a text")
				}
				p.s.Title = arg
				return nil
			}},
		{Name: "start", Form: "start DATE TIME", Example: "@start 2022-01-02 03:04:05", Help: "the time at which the lab begins", header: true,
			parse: func(p *scriptParser, arg string, _ []string, _ *Step) error {
				t, err := parseTime(arg)
				if err == nil {
					p.s.Start = &t
				}
				return err
			}},
		{Name: "tape", Form: "tape DEVICE PURPOSE ORDINAL = VALUE", Example: "@tape F1060 ike cookie 1 = 0102030405060708", Help: "fixes a random draw", header: true,
			parse: func(p *scriptParser, arg string, _ []string, _ *Step) error {
				key, value, ok := strings.Cut(arg, "=")
				if !ok {
					return fmt.Errorf("@tape wants DEVICE PURPOSE ORDINAL = VALUE")
				}
				return pin(p.s.Tape, key, value)
			}},
		{Name: "set", Form: "set NAME VALUE", Example: "@set peer 2.2.2.2", Help: "gives ${NAME} a value, unless --set gave it one",
			parse: parseSet},
		{Name: "include", Form: "include NAME", Example: "@include parts/login", Help: "does what NAME.console of the lab's folder says",
			parse: parseInclude},
		{Name: "on", Form: "on DEVICE", Example: "@on F1060", Help: "what follows is typed at that console",
			parse: func(p *scriptParser, _ string, f []string, s *Step) error {
				if len(f) != 1 && !(len(f) == 2 && f[1] == "console") {
					return fmt.Errorf("@on wants DEVICE, or DEVICE console: a device has one console")
				}
				p.device = f[0]
				p.s.on = append(p.s.on, use{p.file, s.Line, f[0]})
				return nil
			}},
		{Name: "advance", Form: "advance DURATION", Example: "@advance 3s", Help: "lets virtual time pass",
			parse: func(_ *scriptParser, arg string, _ []string, s *Step) error {
				d, err := time.ParseDuration(arg)
				if err != nil || d < 0 {
					return fmt.Errorf("@advance wants a duration such as 3s or 250ms, got %q", arg)
				}
				s.Kind, s.For = Advance, d
				return nil
			}},
		{Name: "wait", Form: "wait /RE/ [DURATION]", Example: "@wait /icmp_seq=3 / 30s", Help: "until the console shows a line, a minute at most unless it says", inside: true,
			parse: parseWait},
		{Name: "take", Form: "take NAME /RE/", Example: "@take spi /^ +SPI: ([0-9]+)/", Help: "gives ${NAME} what the console showed: the first group, or all that matches", inside: true,
			parse: parseTake},
		{Name: "cut", Form: "cut LINK", Example: "@cut wan", Help: "pulls a cable out",
			parse: func(_ *scriptParser, _ string, f []string, s *Step) error { s.Kind = Cut; return s.oneLink("cut", f) }},
		{Name: "mend", Form: "mend LINK", Example: "@mend wan", Help: "plugs it in again",
			parse: func(_ *scriptParser, _ string, f []string, s *Step) error {
				s.Kind = Mend
				return s.oneLink("mend", f)
			}},
		{Name: "lossy", Form: "lossy LINK SHARE", Example: "@lossy wan 5%", Help: "a link loses that share of its frames; 0 ends it",
			parse: parseLossy},
		{Name: "lose", Form: "lose SHARE LINK", Example: "@lose 5% wan", Help: "the same, in the other order", parse: parseLossy},
		{Name: "delay", Form: "delay LINK DURATION", Example: "@delay wan 5ms", Help: "what a frame takes on a link",
			parse: parseDelay},
		{Name: "impair", Form: "impair LINK FAULT", Example: "@impair wan drop nth 2 from F1060 for isakmp", Help: "a fault, or an impairment by its name (cwlab impairments)",
			parse: func(_ *scriptParser, arg string, _ []string, s *Step) error {
				name, fault, _ := strings.Cut(arg, " ")
				if _, _, err := impair.Parse(fault); err != nil {
					return fmt.Errorf("@impair wants a LINK and a fault: %w", err)
				}
				s.Kind, s.Link, s.Text = Impair, name, strings.TrimSpace(fault)
				return nil
			}},
		{Name: "heal", Form: "heal LINK", Example: "@heal wan", Help: "ends its faults and impairments",
			parse: func(_ *scriptParser, _ string, f []string, s *Step) error {
				s.Kind = Heal
				return s.oneLink("heal", f)
			}},
		{Name: "power", Form: "power on|off DEVICE", Example: "@power off F1090-1", Help: "pulls the plug of a device, or puts it in again",
			parse: func(p *scriptParser, _ string, f []string, s *Step) error {
				if len(f) != 2 || f[0] != "on" && f[0] != "off" {
					return fmt.Errorf("@power wants on or off and a DEVICE")
				}
				s.Kind, s.On, s.Device = Power, f[0] == "on", f[1]
				p.s.on = append(p.s.on, use{p.file, s.Line, f[1]})
				return nil
			}},
		{Name: "capture", Form: "capture FILE.pcapng [PLACES] [for FILTER] | off", Example: "@capture wan.pcapng wan for isakmp or esp", Help: "writes what passes to a file of the working folder",
			parse: func(_ *scriptParser, arg string, _ []string, s *Step) error {
				if arg != "off" {
					if _, err := pcap.ParseRequest(arg); err != nil {
						return fmt.Errorf("@capture: %w", err)
					}
				}
				s.Kind, s.Text = Capture, arg
				return nil
			}},
		{Name: "#", Form: "# TEXT", Example: "@# the peer has moved", Help: "a comment"},
	}
}

// verb reads a line that begins with @, without it.
func (p *scriptParser) verb(n int, rest string) error {
	if strings.HasPrefix(rest, "#") {
		return nil
	}
	name, arg, _ := strings.Cut(rest, " ")
	var names []string
	for _, v := range Verbs() {
		if v.Name != name {
			names = append(names, v.Name)
			continue
		}
		if v.header && p.begun && (p.depth == 0 || name != "title") {
			return fmt.Errorf("@%s stands before everything that is done", name)
		}
		if v.inside && p.device == "" {
			return fmt.Errorf("@%s stands before any @on DEVICE", name)
		}
		arg = strings.TrimSpace(arg)
		if name != "wait" && name != "take" { // whose patterns are read when they are due
			var err error
			if arg, err = p.constant(arg); err != nil {
				return err
			}
		}
		s := Step{Kind: none, File: p.file, Line: n, Device: p.device}
		if err := v.parse(p, arg, strings.Fields(arg), &s); err != nil {
			return err
		}
		if s.Kind != none {
			p.add(s)
		}
		return nil
	}
	last := len(names) - 1
	return fmt.Errorf("verb is @%s, want %s or %s", name, strings.Join(names[:last], ", "), names[last])
}

// oneLink is the argument of a verb that wants a link alone.
func (s *Step) oneLink(verb string, f []string) error {
	if len(f) != 1 {
		return fmt.Errorf("@%s wants one LINK", verb)
	}
	s.Link = f[0]
	return nil
}

// parsePattern takes /re/ from the front of a text.
func (p *scriptParser) parsePattern(verb, arg string) (re string, rest string, err error) {
	last := strings.LastIndexByte(arg, '/')
	if !strings.HasPrefix(arg, "/") || last < 2 {
		return "", "", fmt.Errorf("@%s wants /regexp/, got %q", verb, arg)
	}
	re = arg[1:last]
	if err := p.checkPattern(re); err != nil {
		return "", "", fmt.Errorf("@%s: %w", verb, err)
	}
	return re, strings.TrimSpace(arg[last+1:]), nil
}

func parseWait(p *scriptParser, arg string, _ []string, s *Step) error {
	re, rest, err := p.parsePattern("wait", arg)
	if err != nil {
		return err
	}
	s.Kind, s.Text, s.For = Wait, re, defaultWait
	if rest != "" {
		if s.For, err = time.ParseDuration(rest); err != nil || s.For < 0 {
			return fmt.Errorf("@wait wants a duration such as 30s after the pattern, got %q", rest)
		}
	}
	return nil
}

func parseTake(p *scriptParser, arg string, _ []string, s *Step) error {
	name, rest, _ := strings.Cut(arg, " ")
	if !variableName.MatchString(name) {
		return fmt.Errorf("@take wants NAME /regexp/, got %q", arg)
	}
	if _, set := p.s.vars[name]; set {
		return fmt.Errorf("variable %s is set already", name)
	}
	re, rest, err := p.parsePattern("take", strings.TrimSpace(rest))
	if err != nil {
		return err
	}
	if rest != "" {
		return fmt.Errorf("@take has %q after its pattern", rest)
	}
	p.taken[name] = true
	s.Kind, s.Name, s.Text = Take, name, re
	return nil
}

func parseSet(p *scriptParser, arg string, _ []string, _ *Step) error {
	name, value, _ := strings.Cut(arg, " ")
	if !variableName.MatchString(name) {
		return fmt.Errorf("@set wants NAME VALUE, got %q: a name is letters, digits and _", arg)
	}
	if p.set[name] || p.taken[name] {
		return fmt.Errorf("variable %s is set already", name)
	}
	p.set[name] = true
	if _, given := p.s.vars[name]; !given {
		p.s.vars[name] = strings.TrimSpace(value)
	}
	return nil
}

// maxInclude is how deep scripts may include each other.
const maxInclude = 8

func parseInclude(p *scriptParser, arg string, _ []string, s *Step) error {
	name := strings.TrimSuffix(arg, ".console")
	if p.depth == maxInclude {
		return fmt.Errorf("@include: scripts include each other more than %d deep", maxInclude)
	}
	var all []string
	for _, f := range p.parts {
		if f.Name != name {
			all = append(all, f.Name)
			continue
		}
		outer, title := p.file, p.s.Title
		p.file, p.depth = f.File, p.depth+1
		if err := p.text(f.Text); err != nil {
			return err
		}
		p.file, p.depth, p.s.Title = outer, p.depth-1, title
		return nil
	}
	if len(all) == 0 {
		return fmt.Errorf("@include names %q, but the lab has no other script", arg)
	}
	return fmt.Errorf("@include names %q, the lab has %s", arg, strings.Join(all, ", "))
}

// inOrder gives the link and the other argument of a verb, which may stand in
// either order, as written if both could be the other.
func inOrder(f []string, other func(string) bool) (name, value string) {
	if !other(f[1]) && f[0][0] >= '0' && f[0][0] <= '9' {
		return f[1], f[0]
	}
	return f[0], f[1]
}

func parseLossy(_ *scriptParser, _ string, f []string, s *Step) (err error) {
	if len(f) != 2 {
		return fmt.Errorf("@lossy wants a LINK and a share, as wan 5%%")
	}
	var text string
	s.Kind = Lose
	s.Link, text = inOrder(f, func(t string) bool { _, err := link.ParseShare(t); return err == nil })
	s.Share, err = link.ParseShare(text)
	return err
}

func parseDelay(_ *scriptParser, _ string, f []string, s *Step) error {
	if len(f) != 2 {
		return fmt.Errorf("@delay wants a LINK and a duration, as wan 5ms")
	}
	name, text := inOrder(f, func(t string) bool { _, err := time.ParseDuration(t); return err == nil })
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return fmt.Errorf("@delay wants a duration such as 5ms, got %q", text)
	}
	s.Kind, s.For, s.Link = Delay, d, name
	return nil
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	reference    = regexp.MustCompile(`\$?\$\{[A-Za-z_][A-Za-z0-9_]*\}`)
)

// expand puts values in the place of ${NAME}; $${NAME} stands for the text
// ${NAME}. quote, if there is one, is applied to each value. bad is the first
// name that has none.
func expand(text string, value func(name string) (string, bool), quote func(string) string) (out, bad string) {
	out = reference.ReplaceAllStringFunc(text, func(ref string) string {
		if strings.HasPrefix(ref, "$$") {
			return ref[1:]
		}
		name := ref[2 : len(ref)-1]
		v, ok := value(name)
		if !ok && bad == "" {
			bad = name
		}
		if quote != nil {
			v = quote(v)
		}
		return v
	})
	return out, bad
}

// constant expands what must be known before the script runs.
func (p *scriptParser) constant(text string) (string, error) {
	out, bad := expand(text, func(name string) (string, bool) { v, ok := p.s.vars[name]; return v, ok }, nil)
	switch {
	case bad == "":
		return out, nil
	case p.taken[bad]:
		return "", fmt.Errorf("${%s} is what a console will show, which this verb cannot use", bad)
	}
	return "", unset(bad)
}

func unset(name string) error {
	return fmt.Errorf("${%s} has no value; want @set %s VALUE or @take %s /regexp/ before", name, name, name)
}

// check says whether a text names variables that there are.
func (p *scriptParser) check(text string) error {
	_, bad := expand(text, func(name string) (string, bool) { _, ok := p.s.vars[name]; return "", ok || p.taken[name] }, nil)
	if bad != "" {
		return unset(bad)
	}
	return nil
}

// checkPattern says whether a pattern is one, whatever its variables are.
func (p *scriptParser) checkPattern(re string) error {
	if err := p.check(re); err != nil {
		return err
	}
	_, err := compile(re, func(string) (string, bool) { return "x", true })
	return err
}

// compile is a pattern with the values of its variables, each as it is.
func compile(re string, value func(name string) (string, bool)) (*regexp.Regexp, error) {
	text, bad := expand(re, value, regexp.QuoteMeta)
	if bad != "" {
		return nil, unset(bad)
	}
	return regexp.Compile(text)
}
