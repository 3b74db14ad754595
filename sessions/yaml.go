package sessions

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"cwlab/emulator/lab"
	"cwlab/emulator/link"
)

// A FileError is something wrong in a file, where it stands.
type FileError struct {
	File      string
	Line, Col int // from 1; Col 0 when the whole line is meant, Line 0 when the whole file is
	Text      string
}

func (e *FileError) Error() string {
	switch {
	case e.Line == 0:
		return e.File + ": " + e.Text
	case e.Col == 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Text)
}

// A scalar is a value of lab.yaml that knows where it stands.
type scalar struct {
	v         string
	line, col int
	file      string
	given     bool
}

// UnmarshalYAML keeps the text as it is written: 1.10 stays 1.10.
func (s *scalar) UnmarshalYAML(n ast.Node) error {
	tok := n.GetToken()
	*s = scalar{given: true}
	if tok != nil && tok.Position != nil {
		s.line, s.col = tok.Position.Line, tok.Position.Column
	}
	switch n := n.(type) {
	case *ast.NullNode:
		return nil
	case *ast.StringNode:
		s.v = n.Value
	case *ast.LiteralNode:
		s.v = n.Value.Value
	case ast.ScalarNode:
		s.v = tok.Value
	default:
		return &positionError{tok, "want a single value here"}
	}
	s.v = strings.TrimSpace(s.v)
	return nil
}

func (s scalar) errorf(format string, args ...any) error {
	return &FileError{s.file, s.line, s.col, fmt.Sprintf(format, args...)}
}

type positionError struct {
	tok  *token.Token
	text string
}

func (e *positionError) Error() string { return e.text }

// labFile is the form of lab.yaml.
type labFile struct {
	Title       scalar `yaml:"title"`
	Level       scalar `yaml:"level"`
	Description scalar `yaml:"description"`
	Notes       scalar `yaml:"notes"`
	Start       scalar `yaml:"start"`
	Console     scalar `yaml:"console"`
	Devices     []struct {
		Name   scalar `yaml:"name"`
		Model  scalar `yaml:"model"`
		Config scalar `yaml:"config"`
	} `yaml:"devices"`
	Switches []scalar `yaml:"switches"`
	Links    []struct {
		Name    scalar   `yaml:"name"`
		Between []scalar `yaml:"between"`
		Latency scalar   `yaml:"latency"`
		Jitter  scalar   `yaml:"jitter"`
		Loss    scalar   `yaml:"loss"`
	} `yaml:"links"`
	Tape  map[string]scalar `yaml:"tape"`
	Tasks []struct {
		Title scalar `yaml:"title"`
		Text  scalar `yaml:"text"`
	} `yaml:"tasks"`
}

var goodName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

const timeForm = "2006-01-02 15:04:05"

// parseTime reads a start time; labs know no time zones.
func parseTime(s string) (time.Time, error) {
	for _, form := range []string{timeForm, timeForm + ".000"} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("time is %q, want the form %s", s, timeForm)
}

// defaultStart is the clock of a box that was never set.
var defaultStart = time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC)

// parseLab reads lab.yaml. configs are the configuration files of the
// devices.
func parseLab(file string, text []byte) (def *lab.Definition, configs []scalar, err error) {
	defer func() { // the decoder is not ours
		if r := recover(); r != nil {
			def, err = nil, &FileError{file, 0, 0, fmt.Sprintf("cannot be read as YAML: %v", r)}
		}
	}()
	var f labFile
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
		return nil, nil, yamlError(file, err)
	}
	p := labParser{file: file, nodes: map[string]bool{}, links: map[string]bool{}}
	def = p.definition(&f)
	if p.err != nil {
		return nil, nil, p.err
	}
	return def, p.configs, nil
}

func yamlError(file string, err error) error {
	var at *token.Token
	text := err.Error()
	var pe *positionError
	var ye yaml.Error
	switch {
	case errors.As(err, &pe):
		at, text = pe.tok, pe.text
	case errors.As(err, &ye):
		at, text = ye.GetToken(), ye.GetMessage()
	}
	text, _, _ = strings.Cut(text, "\n")
	fe := &FileError{File: file, Text: text}
	if at != nil && at.Position != nil {
		fe.Line, fe.Col = at.Position.Line, at.Position.Column
	}
	return fe
}

type labParser struct {
	file    string
	err     error // the first
	configs []scalar
	nodes   map[string]bool
	links   map[string]bool
}

func (p *labParser) fail(s scalar, format string, args ...any) {
	if p.err == nil {
		s.file = p.file
		p.err = s.errorf(format, args...)
	}
}

func (p *labParser) duration(s scalar) time.Duration {
	if !s.given {
		return 0
	}
	d, err := time.ParseDuration(s.v)
	if err != nil || d < 0 {
		p.fail(s, "%q is no duration, want one such as 500us or 2ms", s.v)
	}
	return d
}

func (p *labParser) name(s scalar, what string) string {
	if !goodName.MatchString(s.v) {
		p.fail(s, "name of a %s is %q, want letters, digits, dot, dash and underline", what, s.v)
	}
	return s.v
}

func (p *labParser) definition(f *labFile) *lab.Definition {
	def := &lab.Definition{
		Title: f.Title.v, Level: f.Level.v, Description: f.Description.v, Notes: f.Notes.v,
		Start: defaultStart, Tape: map[string]string{},
	}
	if f.Title.v == "" {
		p.fail(f.Title, "a lab needs a title")
	}
	if f.Start.given {
		t, err := parseTime(f.Start.v)
		if err != nil {
			p.fail(f.Start, "%v", err)
		}
		def.Start = t
	}
	if f.Console.given {
		style, err := lab.ParseStyle(f.Console.v)
		if err != nil {
			p.fail(f.Console, "%v", err)
		}
		def.Console = style
	}
	if len(f.Devices) == 0 {
		p.fail(scalar{}, "a lab needs devices")
	}
	for _, d := range f.Devices {
		name := p.name(d.Name, "device")
		if p.nodes[name] {
			p.fail(d.Name, "a second device is named %s", name)
		}
		p.nodes[name] = true
		if d.Model.v == "" {
			p.fail(d.Name, "device %s needs a model", name)
		}
		config := d.Config
		if !config.given {
			config = d.Name
			config.v, config.given = name+".cfg", false
		}
		config.file = p.file
		if path.Base(config.v) != config.v {
			p.fail(config, "configuration file is %q, want a file of the lab's folder", config.v)
		}
		p.configs = append(p.configs, config)
		def.Devices = append(def.Devices, lab.DeviceSpec{Name: name, Model: d.Model.v, Style: def.Console})
	}
	switches := map[string]bool{}
	for _, s := range f.Switches {
		name := p.name(s, "switch")
		if p.nodes[name] {
			p.fail(s, "another device or switch is named %s", name)
		}
		p.nodes[name], switches[name] = true, true
		def.Switches = append(def.Switches, name)
	}
	for _, l := range f.Links {
		name := p.name(l.Name, "link")
		if p.links[name] {
			p.fail(l.Name, "a second link is named %s", name)
		}
		p.links[name] = true
		if len(l.Between) != 2 {
			p.fail(l.Name, "link %s needs two ends: between: [DEVICE:PORT, DEVICE:PORT]", name)
			continue
		}
		spec := lab.LinkSpec{Name: name, Latency: p.duration(l.Latency), Jitter: p.duration(l.Jitter)}
		if l.Loss.given {
			loss, err := link.ParseShare(l.Loss.v)
			if err != nil {
				p.fail(l.Loss, "%v", err)
			}
			spec.Loss = loss
		}
		for i, s := range l.Between {
			node, port, _ := strings.Cut(s.v, ":")
			switch {
			case !p.nodes[node]:
				p.fail(s, "link %s ends at %q, which is no device or switch of the lab", name, s.v)
			case switches[node] && port != "":
				p.fail(s, "a switch gives the next free port: write %s without a port", node)
			case !switches[node] && port == "":
				p.fail(s, "link %s needs a port of %s, as %s:GigabitEthernet1/0/1", name, node, node)
			}
			if i == 0 {
				spec.A = lab.Endpoint{Node: node, Port: port}
			} else {
				spec.B = lab.Endpoint{Node: node, Port: port}
			}
		}
		def.Links = append(def.Links, spec)
	}
	for _, key := range slices.Sorted(maps.Keys(f.Tape)) {
		v := f.Tape[key]
		if err := pin(def.Tape, key, v.v); err != nil {
			p.fail(v, "%v", err)
		}
	}
	for _, t := range f.Tasks {
		def.Tasks = append(def.Tasks, lab.Task{Title: t.Title.v, Text: t.Text.v})
	}
	return def
}
