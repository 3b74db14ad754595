package sessions

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/lab"
)

// An exchange is a line typed at a prompt, and what the console then showed.
type exchange struct {
	line    int // of the transcript
	host    string
	prompt  byte // '<' or '['
	command string
	output  []string
	answers []answer
}

// An answer is what was typed at a question of a command.
type answer struct {
	at   int // number of lines of output before the question
	text string
}

// promptLine is a prompt at the begin of a line: of the user view, as <F1060>,
// RBM_P<F1090-1> or RBM_P@F1090-1>, or of another, as [F1060-acl-ipv4-adv-3000].
var promptLine = regexp.MustCompile(`^(?:RBM_[PS])?([<\[@])[~*]?([^\s<>\[\]@]+)([>\]])(.*)$`)

var (
	eventTime = regexp.MustCompile(`^[*%]?((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +[0-9]+ [0-9:]{8}):[0-9]{3} ([0-9]{4})\b`)
	question  = regexp.MustCompile(`(?:\[Y/N(?:/[A-Z])*\]:|press the enter key\):) ?(.*)$`)
	escapes   = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]|\\s*---- More ----")
)

// readTranscript takes a pasted log of consoles apart. lost are the lines
// before the first prompt. begin is the time of the first log or debugging
// line, nil if there is none.
func readTranscript(text string) (all []exchange, lost []string, begin *time.Time) {
	for i, line := range strings.Split(strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n"), "\n") {
		line = strings.TrimRight(plain([]byte(escapes.ReplaceAllString(line, ""))), " \t")
		m := promptLine.FindStringSubmatch(line)
		shown := line
		if m != nil {
			shown = m[4]
		}
		if t := eventTime.FindStringSubmatch(shown); t != nil {
			if at, err := time.Parse("Jan 2 15:04:05 2006", strings.Join(strings.Fields(t[1]), " ")+" "+t[2]); err == nil && begin == nil {
				begin = &at
			}
			m = nil // an event that was printed behind a prompt
		}
		switch {
		case m != nil:
			kind := m[1][0]
			if kind == '@' {
				kind = '<'
			}
			all = append(all, exchange{line: i + 1, host: m[2], prompt: kind, command: strings.TrimLeft(m[4], " ")})
		case len(all) == 0:
			if line != "" {
				lost = append(lost, line)
			}
		default:
			x := &all[len(all)-1]
			if q := question.FindStringSubmatch(line); q != nil {
				x.answers = append(x.answers, answer{len(x.output), q[1]})
			} else {
				x.output = append(x.output, line)
			}
		}
	}
	var hosts []string
	for _, x := range all {
		if x.prompt == '<' && !slices.Contains(hosts, x.host) {
			hosts = append(hosts, x.host)
		}
	}
	for i := range all {
		if all[i].prompt == '[' {
			all[i].host = hostOf(all[i].host, hosts)
		}
	}
	return all, lost, begin
}

// hostOf is the name of the device in a prompt with a view's name behind it.
func hostOf(prompt string, hosts []string) string {
	best := ""
	for _, h := range hosts {
		if (prompt == h || strings.HasPrefix(prompt, h+"-")) && len(h) > len(best) {
			best = h
		}
	}
	if best == "" {
		return prompt
	}
	return best
}

// An Imported is a transcript as a script, and how much of it the lab does.
type Imported struct {
	Script  string
	Outputs int // commands that had output
	Same    int // of them, those the lab answers alike
	Near    int // those that differ in values only
	Part    int // those of which some lines come
	Refused int // commands that the lab does not take
	Lost    []string
	Err     error // why the lab could not do the rest
}

// Import runs what was typed in a transcript on a lab and writes the script
// that does it again: it expects what the lab showed alike, with a tilde where
// values differ, and names in comments what it did not show. file is what the
// transcript is called; devices are names of the lab by those of the prompts.
func Import(def *lab.Definition, mk lab.Maker, file, text string, devices map[string]string) (*Imported, error) {
	exchanges, lost, begin := readTranscript(text)
	if len(exchanges) == 0 {
		return nil, &FileError{File: file, Text: "there is no prompt in it, such as <F1060> or [F1060]"}
	}
	if devices = maps.Clone(devices); devices == nil {
		devices = map[string]string{}
	}
	s := &Script{File: file, Start: begin}
	const either = '?'
	views := map[string]byte{} // the prompt that a device has now
	type typed struct {
		comment string
		device  string
		key     bool
		text    string
		want    []string
		step    int // that expects them
	}
	var lines []typed
	put := func(l typed, n int) {
		kind := TypeLine
		if l.key {
			kind = TypeKey
		}
		s.Steps = append(s.Steps, Step{Kind: kind, File: file, Line: n, Device: l.device, Text: l.text},
			Step{Kind: Expect, File: file, Line: n, Device: l.device, Want: []string{anyLines}})
		l.step = len(s.Steps) - 1
		lines = append(lines, l)
	}
	for _, x := range exchanges {
		device, err := deviceOf(def, x.host, devices)
		if err != nil {
			return nil, &FileError{File: file, Line: x.line, Text: err.Error()}
		}
		switch view := views[device]; {
		case x.prompt == '[' && view != '[' && view != either:
			put(typed{comment: fmt.Sprintf("line %d stands in a view that the transcript does not enter", x.line), device: device, text: "system-view"}, x.line)
		case x.prompt == '<' && view == '[':
			put(typed{comment: fmt.Sprintf("line %d is in user view again", x.line), device: device, text: "return"}, x.line)
		}
		views[device] = x.prompt
		word, rest, _ := strings.Cut(x.command, " ")
		switch {
		case x.prompt == '<' && len(word) > 1 && strings.HasPrefix("system-view", word):
			views[device] = '['
		case x.prompt == '[' && word == "return":
			views[device] = '<'
		case x.prompt == '[' && (word == "quit" || word == "q" || strings.HasSuffix(x.command, "^Z")):
			views[device] = either
		}
		if word == "sysname" && rest != "" {
			devices[rest] = device // whose prompts have that name from here on
		}
		if x.command == "" && len(x.output) == 0 {
			continue
		}
		l := typed{device: device, text: x.command}
		if strings.HasPrefix(x.command, "^") && len(x.command) == 2 {
			l.key, l.text = true, string(rune(x.command[1]&0x1f))
		}
		from := 0
		for _, a := range x.answers {
			l.want = x.output[from:a.at]
			put(l, x.line)
			l, from = typed{device: device, text: a.text}, a.at
		}
		l.want = x.output[from:]
		put(l, x.line)
	}
	l, err := lab.Open(def, mk, s.Options(lab.Options{}))
	if err != nil {
		return nil, err
	}
	r := NewRunner(l, s, RunnerOptions{})
	l.Poke()
	for !r.Done() && l.Step() {
	}
	r.Poke()

	imp := &Imported{Lost: lost, Err: r.Err()}
	var b strings.Builder
	fmt.Fprintf(&b, "@title %s\n", file)
	if begin != nil {
		fmt.Fprintf(&b, "@start %s\n", begin.Format("2006-01-02 15:04:05"))
	}
	for _, line := range lost {
		fmt.Fprintf(&b, "@# before the first prompt: %s\n", line)
	}
	on := ""
	for i, t := range lines {
		if t.device != on {
			on = t.device
			fmt.Fprintf(&b, "@on %s\n", on)
		}
		if t.comment != "" {
			fmt.Fprintf(&b, "@# %s\n", t.comment)
		}
		got, ran := r.shown[t.step]
		if !ran {
			fmt.Fprintf(&b, "@# the lab stops here: %v\n", r.Err())
			for _, t := range lines[i:] {
				fmt.Fprintf(&b, "@# %s: %s\n", t.device, t.text)
				for _, w := range t.want {
					fmt.Fprintf(&b, "@#   %s\n", w)
				}
			}
			break
		}
		if t.key {
			fmt.Fprintf(&b, "$^%c\n", t.text[0]|0x40)
		} else {
			fmt.Fprintf(&b, "$ %s\n", reference.ReplaceAllString(t.text, `$$$0`))
		}
		imp.expect(&b, t.want, trimLines(got))
	}
	imp.Script = b.String()
	return imp, nil
}

// refusals begin what a device says of a line that it does not take.
var refusal = regexp.MustCompile(`^ *% ?(Unrecognized|Incomplete|Ambiguous|Wrong|Too many) `)

// expect writes what a line is to show.
func (imp *Imported) expect(b *strings.Builder, transcript, got []string) {
	var want []wantLine
	for _, line := range trimLines(transcript) {
		want = append(want, wantLine{raw: quoteLine(line), text: line})
	}
	edits := align(want, got)
	same := equal(edits)
	if !same {
		for i := range want {
			want[i].near = &tolerance{free: true}
		}
		edits = align(want, got)
	}
	fits, missing, more := 0, []string(nil), false
	for _, e := range edits {
		switch e.op {
		case '=':
			fits++
			if w := want[e.want]; e.got == w.text {
				fmt.Fprintln(b, w.raw)
			} else {
				fmt.Fprintln(b, "~ "+reference.ReplaceAllString(w.text, `$$$0`))
			}
			more = false
		case '-':
			missing = append(missing, want[e.want].text)
		case '+':
			if !more {
				fmt.Fprintln(b, anyLines)
			}
			more = true
		}
	}
	for _, line := range missing {
		fmt.Fprintln(b, "@# not shown: "+line)
	}
	refused := slices.ContainsFunc(got, refusal.MatchString) && !slices.ContainsFunc(transcript, refusal.MatchString)
	if refused {
		imp.Refused++
		for _, line := range got {
			fmt.Fprintln(b, "@# the lab says: "+line)
		}
	}
	if len(want) == 0 {
		return
	}
	imp.Outputs++
	switch {
	case same:
		imp.Same++
	case equal(edits):
		imp.Near++
	case fits > 0:
		imp.Part++
	}
}

// deviceOf is the device of a host's prompt.
func deviceOf(def *lab.Definition, host string, devices map[string]string) (string, error) {
	var all []string
	for _, d := range def.Devices {
		all = append(all, d.Name)
	}
	if name, ok := devices[host]; ok {
		if !slices.Contains(all, name) {
			return "", fmt.Errorf("%s is to be %q, the lab has %s", host, name, strings.Join(all, ", "))
		}
		return name, nil
	}
	if name := hostOf(host, all); slices.Contains(all, name) {
		return name, nil
	}
	if given := hostOf(host, slices.Sorted(maps.Keys(devices))); devices[given] != "" {
		return deviceOf(def, given, devices)
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return "", fmt.Errorf("the prompt is of %q, the lab has %s; say which it is, as --device %s=%s", host, strings.Join(all, ", "), host, all[0])
}
