package sessions

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/lab"
)

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
	if !slices.ContainsFunc(exchanges, func(x exchange) bool { return x.command != "" }) {
		return nil, &FileError{File: file, Text: "nothing is typed in it: no line has a prompt, such as <F1060> or [F1060], with a command behind it"}
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
		kind    Kind          // TypeLine to TypeKey
		text    string        // as a script has it, a key as it is
		stay    time.Duration // after TypeOn
		want    []string
		step    int // that expects them
	}
	var lines []typed
	put := func(l typed, n int) {
		if l.kind != TypeKey {
			l.text = reference.ReplaceAllString(l.text, `$$$0`)
		}
		s.Steps = append(s.Steps, Step{Kind: l.kind, File: file, Line: n, Device: l.device, Text: l.text},
			Step{Kind: Advance, File: file, Line: n, For: l.stay},
			Step{Kind: Expect, File: file, Line: n, Device: l.device, Want: []string{anyLines}})
		l.step = len(s.Steps) - 1
		lines = append(lines, l)
	}
	half := map[string]string{} // what stands on the line of a device, behind help
	for _, x := range exchanges {
		device, err := deviceOf(def, x.host, devices)
		if err != nil {
			return nil, &FileError{File: file, Line: x.line, Text: err.Error()}
		}
		command := x.command
		if stands := half[device]; stands != "" {
			delete(half, device)
			if strings.HasPrefix(command, stands) {
				command = command[len(stands):]
			} else {
				put(typed{device: device, kind: TypeKey, text: eraseLine}, x.line)
			}
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
		l := typed{device: device, text: command}
		if k, ok := keyOf(command); ok {
			l.kind, l.text = TypeKey, k
		} else if shown, help := strings.CutSuffix(x.command, "?"); help {
			l.kind = TypePart
			half[device] = shown
		}
		from := 0
		for _, a := range x.answers {
			l.want = x.output[from:a.at]
			put(l, x.line)
			l, from = typed{device: device, text: a.text}, a.at
		}
		l.want = x.output[from:]
		if at, stay, ok := brokenPing(command, l.want); ok {
			after := l.want[at:]
			l.kind, l.stay, l.want = TypeOn, stay, l.want[:at]
			put(l, x.line)
			l = typed{device: device, kind: TypeKey, text: ctrlC, want: after}
		}
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
	fmt.Fprintf(&b, "@title %s\n", titleOf(file))
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
			fmt.Fprintf(&b, "@# the lab stops here: %s\n", oneLine(fmt.Sprint(r.Err())))
			for _, t := range lines[i:] {
				fmt.Fprintf(&b, "@# %s: %s\n", t.device, t.text)
				for _, w := range t.want {
					fmt.Fprintf(&b, "@#   %s\n", w)
				}
			}
			break
		}
		switch t.kind {
		case TypeKey:
			fmt.Fprintf(&b, "$^%c\n", t.text[0]|0x40)
		case TypeOn:
			fmt.Fprintf(&b, "$- %s\n@advance %v\n", t.text, t.stay)
		case TypePart:
			fmt.Fprintf(&b, "$. %s\n", strings.ReplaceAll(t.text, `\`, `\\`))
		default:
			fmt.Fprintf(&b, "$ %s\n", t.text)
		}
		imp.expect(&b, t.want, trimLines(got))
	}
	imp.Script = b.String()
	return imp, nil
}

// titleOf is a file's name as a title.
func titleOf(file string) string {
	return reference.ReplaceAllString(oneLine(path.Base(strings.ReplaceAll(file, `\`, "/"))), `$$$0`)
}

// oneLine is a text on one line.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' }), " ")
}

// eraseLine is Ctrl+X, which erases what stands on a line.
const (
	eraseLine = "\x18"
	ctrlC     = "\x03"
)

// keyOf is the control key that a log shows as ^C.
func keyOf(command string) (key string, ok bool) {
	if len(command) != 2 || command[0] != '^' {
		return "", false
	}
	c := strings.ToUpper(command)[1]
	return string(rune(c & 0x1f)), c >= '@' && c <= '_'
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
