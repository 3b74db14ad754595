package sessions

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/lab"
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
	Take                 // @take NAME /re/
	Expect               // lines that the console has shown since the line typed before

	none Kind = -1
)

// A Step is one thing that a script does.
type Step struct {
	Kind   Kind
	File   string // where it stands, the script's or that of one it includes
	Line   int
	Device string        // TypeLine to TypeKey, Wait, Take, Expect
	Text   string        // what is typed; the pattern of Wait and Take; the fault of Impair; what Capture wants, "off" for its end
	Name   string        // Take: the variable
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

	vars  map[string]string   // what @set and --set say
	lines map[string][]string // of each file
	ends  map[string]string   // how the lines of each file end
	on    []use               // every @on, for Check
}

type use struct {
	file   string
	line   int
	device string
}

// defaultWait is how long @wait waits when it does not say.
const defaultWait = time.Minute

// A Source is the text of a script and what it may refer to.
type Source struct {
	File, Text string
	Parts      []lab.ScriptFile  // for @include
	Set        map[string]string // variables, in the place of what @set says
}

// ParseScript reads a script that includes no other.
func ParseScript(file, text string) (*Script, error) { return Source{File: file, Text: text}.Parse() }

// Parse reads a .console script. Errors name the file and line.
func (src Source) Parse() (*Script, error) {
	s := &Script{File: src.File, Tape: map[string]string{}, vars: map[string]string{}, lines: map[string][]string{}, ends: map[string]string{}}
	p := scriptParser{s: s, file: src.File, parts: src.Parts, set: map[string]bool{}, taken: map[string]bool{}}
	for name, value := range src.Set {
		s.vars[name] = value
	}
	if err := p.text(src.Text); err != nil {
		return nil, err
	}
	for name := range src.Set {
		if !p.set[name] {
			return nil, &FileError{File: src.File, Text: fmt.Sprintf("variable %s is given, but no @set in the script names it", name)}
		}
	}
	return s, nil
}

// text reads a file, the script or one that it includes.
func (p *scriptParser) text(text string) error {
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	file := p.file
	p.s.lines[file], p.s.ends[file] = lines, "\n"
	if len(lines) > 0 && strings.HasSuffix(lines[0], "\r") {
		p.s.ends[file] = "\r\n"
	}
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		lines[i] = line
		if err := p.line(i+1, line); err != nil {
			var inner *FileError
			if errors.As(err, &inner) { // of a file that this one includes
				return err
			}
			return &FileError{File: file, Line: i + 1, Text: err.Error()}
		}
	}
	p.flush()
	return nil
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
	file   string // that is read
	depth  int    // of includes
	parts  []lab.ScriptFile
	set    map[string]bool // variables that @set has named
	taken  map[string]bool // and @take
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
		if err := p.checkPattern(re); err != nil {
			return fmt.Errorf("pattern /%s/: %w", re, err)
		}
	} else if err := p.check(line); err != nil {
		return err
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
		p.add(Step{Kind: Expect, File: p.file, Line: p.first, Device: p.device, Want: p.want})
	}
	p.want = nil
}

func (p *scriptParser) add(s Step) {
	p.begun = true
	p.s.Steps = append(p.s.Steps, s)
}

func (p *scriptParser) keys(n int, rest string) error {
	s := Step{File: p.file, Line: n, Device: p.device}
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
	if err := p.check(s.Text); err != nil {
		return err
	}
	p.typed = true
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
			return &FileError{File: u.file, Line: u.line, Text: fmt.Sprintf("device is %q, the lab has %s", u.device, strings.Join(all, ", "))}
		}
	}
	for _, st := range s.Steps {
		if st.Kind == Capture && st.Text != "off" {
			if err := checkPlaces(def, st.Text); err != nil {
				return &FileError{File: st.File, Line: st.Line, Text: err.Error()}
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
			return &FileError{File: st.File, Line: st.Line, Text: fmt.Sprintf("link is %q, the lab has %s", st.Link, strings.Join(all, ", "))}
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
