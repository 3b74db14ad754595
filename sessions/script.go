package sessions

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/impair"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/pcap"
)

// A Kind is what a step of a script does.
type Kind int

const (
	TypeLine Kind = iota // $ text: type it with Enter, wait until the prompt is back
	TypeOn               // $- text: type it with Enter, do not wait
	TypePart             // $. text: type it without Enter
	TypeKey              // $^C: a control key, wait until the prompt is back
	Advance              // @advance 3s
	Wait                 // @wait /re/ 30s
	Cut                  // @cut LINK
	Mend                 // @mend LINK
	Lose                 // @lose 5% LINK
	Delay                // @delay 5ms LINK
	Impair               // @impair LINK loss 5% from DEVICE for isakmp, @impair LINK esp-lost
	Heal                 // @heal LINK
	Power                // @power off DEVICE
	Capture              // @capture FILE.pcapng LINKS for FILTER, @capture off
	Expect               // lines that the console has shown since the line typed before
)

// A Step is one thing that a script does.
type Step struct {
	Kind   Kind
	Line   int    // where it stands
	Device string // TypeLine to TypeKey, Wait, Expect
	Text   string // what is typed; the fault of Impair; what Capture wants, "off" for its end
	Re     *regexp.Regexp
	For    time.Duration // Advance, Wait, Delay
	Share  float64       // Lose
	On     bool          // Power
	Link   string
	Want   []string // Expect: the lines as they stand in the file
}

// A Script is a parsed .console file.
type Script struct {
	File, Title string
	Start       *time.Time // nil for the lab's
	Tape        map[string]string
	Steps       []Step

	lines []string // of the file
	on    []use    // every @on, for Check
}

type use struct {
	line   int
	device string
}

// defaultWait is how long @wait waits when it does not say.
const defaultWait = time.Minute

// ParseScript reads a .console script. Errors name the file and line.
func ParseScript(file, text string) (*Script, error) {
	p := scriptParser{s: &Script{File: file, Tape: map[string]string{}}}
	text = strings.TrimPrefix(text, "\ufeff")
	lines := strings.Split(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		lines[i] = line
		if err := p.line(i+1, line); err != nil {
			return nil, &FileError{File: file, Line: i + 1, Text: err.Error()}
		}
	}
	p.flush()
	p.s.lines = lines
	return p.s, nil
}

// scriptTitle finds the title of a script that may not parse.
func scriptTitle(text string) string {
	for line := range strings.SplitSeq(text, "\n") {
		if t, ok := strings.CutPrefix(line, "@title "); ok {
			return strings.TrimSpace(t)
		}
	}
	return ""
}

type scriptParser struct {
	s      *Script
	device string
	typed  bool // a line was typed on some console
	begun  bool // a step has come, the header is over
	want   []string
	first  int // line of want[0]
}

func (p *scriptParser) line(n int, line string) error {
	switch {
	case strings.HasPrefix(line, "@"):
		p.flush()
		return p.verb(n, line[1:])
	case strings.HasPrefix(line, "$"):
		p.flush()
		return p.keys(n, line[1:])
	}
	if len(p.want) == 0 {
		if strings.TrimSpace(line) == "" {
			return nil
		}
		if !p.typed {
			return fmt.Errorf("output is expected before anything was typed")
		}
		p.first = n
	}
	if re, ok := linePattern(line); ok {
		if _, err := regexp.Compile(re); err != nil {
			return fmt.Errorf("pattern /%s/: %w", re, err)
		}
	}
	p.want = append(p.want, line)
	return nil
}

// flush ends a block of expected lines. Blank lines at its end belong to the
// layout of the script.
func (p *scriptParser) flush() {
	for len(p.want) > 0 && strings.TrimSpace(p.want[len(p.want)-1]) == "" {
		p.want = p.want[:len(p.want)-1]
	}
	if len(p.want) > 0 {
		p.add(Step{Kind: Expect, Line: p.first, Device: p.device, Want: p.want})
	}
	p.want = nil
}

func (p *scriptParser) add(s Step) {
	p.begun = true
	p.s.Steps = append(p.s.Steps, s)
}

func (p *scriptParser) keys(n int, rest string) error {
	s := Step{Line: n, Device: p.device}
	switch {
	case rest == "":
		s.Kind = TypeLine
	case rest[0] == ' ':
		s.Kind, s.Text = TypeLine, rest[1:]
	case strings.HasPrefix(rest, "- ") || rest == "-":
		s.Kind, s.Text = TypeOn, strings.TrimPrefix(rest[1:], " ")
	case strings.HasPrefix(rest, ". "):
		s.Kind, s.Text = TypePart, strings.NewReplacer(`\\`, `\`, `\t`, "\t").Replace(rest[2:])
	case rest[0] == '^' && len(strings.TrimRight(rest, " ")) == 2:
		c := rest[1]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c < '@' || c > '_' {
			return fmt.Errorf("key is $^%c, want $^A to $^Z, $^[ or $^]", rest[1])
		}
		s.Kind, s.Text = TypeKey, string(rune(c&0x1f))
	default:
		return fmt.Errorf("line begins with %q, want `$ text`, `$- text`, `$. text` or `$^C` (`\\$` for output that begins with a dollar)", "$"+rest[:1])
	}
	if p.device == "" {
		return fmt.Errorf("something is typed before any @on DEVICE")
	}
	for _, c := range []byte(s.Text) {
		if s.Kind != TypeKey && s.Kind != TypePart && c < ' ' {
			return fmt.Errorf("the text has a control character 0x%02x; a control key is $^C", c)
		}
	}
	p.typed = true
	p.add(s)
	return nil
}

func (p *scriptParser) verb(n int, rest string) error {
	if strings.HasPrefix(rest, "#") {
		return nil
	}
	verb, arg, _ := strings.Cut(rest, " ")
	arg = strings.TrimSpace(arg)
	f := strings.Fields(arg)
	switch verb {
	case "title", "start", "tape":
		if p.begun {
			return fmt.Errorf("@%s stands before everything that is done", verb)
		}
	}
	s := Step{Line: n, Device: p.device}
	switch verb {
	case "title":
		if arg == "" {
			return fmt.Errorf("@title needs a text")
		}
		p.s.Title = arg
		return nil
	case "start":
		t, err := parseTime(arg)
		if err != nil {
			return err
		}
		p.s.Start = &t
		return nil
	case "tape":
		key, value, ok := strings.Cut(arg, "=")
		if !ok {
			return fmt.Errorf("@tape wants DEVICE PURPOSE ORDINAL = VALUE")
		}
		return pin(p.s.Tape, key, value)
	case "on":
		if len(f) != 1 && !(len(f) == 2 && f[1] == "console") {
			return fmt.Errorf("@on wants DEVICE, or DEVICE console: a device has one console")
		}
		p.device = f[0]
		p.s.on = append(p.s.on, use{n, f[0]})
		return nil
	case "advance":
		d, err := time.ParseDuration(arg)
		if err != nil || d < 0 {
			return fmt.Errorf("@advance wants a duration such as 3s or 250ms, got %q", arg)
		}
		s.Kind, s.For = Advance, d
	case "wait":
		last := strings.LastIndexByte(arg, '/')
		if !strings.HasPrefix(arg, "/") || last < 2 {
			return fmt.Errorf("@wait wants /regexp/ and a duration, got %q", arg)
		}
		re, err := regexp.Compile(arg[1:last])
		if err != nil {
			return fmt.Errorf("@wait: %w", err)
		}
		s.Kind, s.Re, s.For = Wait, re, defaultWait
		if rest := strings.TrimSpace(arg[last+1:]); rest != "" {
			if s.For, err = time.ParseDuration(rest); err != nil || s.For < 0 {
				return fmt.Errorf("@wait wants a duration such as 30s after the pattern, got %q", rest)
			}
		}
		if p.device == "" {
			return fmt.Errorf("@wait stands before any @on DEVICE")
		}
	case "cut", "mend":
		if len(f) != 1 {
			return fmt.Errorf("@%s wants one LINK", verb)
		}
		s.Kind, s.Link = Cut, f[0]
		if verb == "mend" {
			s.Kind = Mend
		}
	case "lose":
		if len(f) != 2 {
			return fmt.Errorf("@lose wants a share and a LINK, as 5%% wan")
		}
		share, err := link.ParseShare(f[0])
		if err != nil {
			return err
		}
		s.Kind, s.Share, s.Link = Lose, share, f[1]
	case "delay":
		if len(f) != 2 {
			return fmt.Errorf("@delay wants a duration and a LINK, as 5ms wan")
		}
		d, err := time.ParseDuration(f[0])
		if err != nil || d < 0 {
			return fmt.Errorf("@delay wants a duration such as 5ms, got %q", f[0])
		}
		s.Kind, s.For, s.Link = Delay, d, f[1]
	case "impair":
		name, fault, _ := strings.Cut(arg, " ")
		if _, _, err := impair.Parse(fault); err != nil {
			return fmt.Errorf("@impair wants a LINK and a fault: %w", err)
		}
		s.Kind, s.Link, s.Text = Impair, name, strings.TrimSpace(fault)
	case "heal":
		if len(f) != 1 {
			return fmt.Errorf("@heal wants one LINK")
		}
		s.Kind, s.Link = Heal, f[0]
	case "power":
		if len(f) != 2 || f[0] != "on" && f[0] != "off" {
			return fmt.Errorf("@power wants on or off and a DEVICE")
		}
		s.Kind, s.On, s.Device = Power, f[0] == "on", f[1]
		p.s.on = append(p.s.on, use{n, f[1]})
	case "capture":
		if arg != "off" {
			if _, err := pcap.ParseRequest(arg); err != nil {
				return fmt.Errorf("@capture: %w", err)
			}
		}
		s.Kind, s.Text = Capture, arg
	default:
		return fmt.Errorf("verb is @%s, want title, start, tape, on, advance, wait, cut, mend, lose, delay, impair, heal, power, capture or #", verb)
	}
	p.add(s)
	return nil
}

// Check says what in the script does not fit the lab.
func (s *Script) Check(def *lab.Definition) error {
	for _, u := range s.on {
		if !slices.ContainsFunc(def.Devices, func(d lab.DeviceSpec) bool { return d.Name == u.device }) {
			var all []string
			for _, d := range def.Devices {
				all = append(all, d.Name)
			}
			return &FileError{File: s.File, Line: u.line, Text: fmt.Sprintf("device is %q, the lab has %s", u.device, strings.Join(all, ", "))}
		}
	}
	for _, st := range s.Steps {
		if st.Kind == Capture && st.Text != "off" {
			if err := checkPlaces(def, st.Text); err != nil {
				return &FileError{File: s.File, Line: st.Line, Text: err.Error()}
			}
		}
		if st.Link == "" {
			continue
		}
		if !slices.ContainsFunc(def.Links, func(l lab.LinkSpec) bool { return l.Name == st.Link }) {
			var all []string
			for _, l := range def.Links {
				all = append(all, l.Name)
			}
			return &FileError{File: s.File, Line: st.Line, Text: fmt.Sprintf("link is %q, the lab has %s", st.Link, strings.Join(all, ", "))}
		}
	}
	return nil
}

// checkPlaces says which place of a capture the lab does not have.
func checkPlaces(def *lab.Definition, text string) error {
	r, err := pcap.ParseRequest(text)
	for _, p := range r.Places {
		if !slices.ContainsFunc(def.Links, func(l lab.LinkSpec) bool { return l.Name == p || l.A.String() == p || l.B.String() == p }) {
			return fmt.Errorf("@capture names %q, which is no link of the lab and no port on one", p)
		}
	}
	return err
}

// Options are the options of a lab with the start time and the tape that the
// script brings.
func (s *Script) Options(o lab.Options) lab.Options {
	if o.Start == nil {
		o.Start = s.Start
	}
	if len(s.Tape) > 0 {
		o.Tape = s.Tape
	}
	return o
}
