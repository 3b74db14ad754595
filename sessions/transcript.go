package sessions

import (
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
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
	eventTime = regexp.MustCompile(`[*%]?\b((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +[0-9]+ [0-9:]{8}):[0-9]{3} ([0-9]{4})\b`)
	question  = regexp.MustCompile(`(?:\[Y/N(?:/[A-Z])*\]:|press the enter key\):) ?(.*)$`)
	// more is where the pager stood, with what rubs it out: cursor movements,
	// whose ESC some programs leave out of their logs, backspaces, blanks.
	more    = regexp.MustCompile("[ \t]*---- More ----(?:(?:\x1b?\\[[0-9]+D|[\b\r]+) *(?:\x1b?\\[[0-9]+D|[\b\r]+)?| {16})?")
	escapes = regexp.MustCompile("\x1b(?:\\[[0-9;?]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[()][A-Z0-9]|[=>A-Z78])")
	// stamped is a line that a terminal program put the time before.
	stamped = regexp.MustCompile(`^(?:\[(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}[ T])?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,:][0-9]{1,6})?\]|` +
		`(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}[ T])?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,6})?) ?`)
)

// transcriptLines are the lines of a log as a terminal would have them: in
// UTF-8, without what moves the cursor, the pager, control characters, the
// times that a terminal program put before each line, and a web page's fences.
func transcriptLines(text string) []string {
	text = strings.ReplaceAll(fromUTF16(text), "\r\n", "\n")
	text = escapes.ReplaceAllString(more.ReplaceAllString(text, ""), "")
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	full, times := 0, 0
	for i, line := range lines {
		line = strings.TrimRight(strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' || r == 0x7f {
				return -1
			}
			return r
		}, plain([]byte(line))), " \t")
		if strings.HasPrefix(line, "```") {
			line = ""
		}
		lines[i] = line
		if line != "" {
			full++
			if stamped.MatchString(line) {
				times++
			}
		}
	}
	if times > 1 && 10*times >= 9*full {
		for i, line := range lines {
			lines[i] = stamped.ReplaceAllString(line, "")
		}
	}
	return lines
}

// fromUTF16 reads what some editors write, which begins with a byte order mark.
func fromUTF16(text string) string {
	var order binary.ByteOrder
	switch {
	case strings.HasPrefix(text, "\xff\xfe"):
		order = binary.LittleEndian
	case strings.HasPrefix(text, "\xfe\xff"):
		order = binary.BigEndian
	default:
		return text
	}
	var units []uint16
	for b := []byte(text[2:]); len(b) > 1; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	return string(utf16.Decode(units))
}

// readTranscript takes a pasted log of consoles apart. lost are the lines
// before the first prompt. begin is the time of the first log or debugging
// line, nil if there is none.
func readTranscript(text string) (all []exchange, lost []string, begin *time.Time) {
	for i, line := range transcriptLines(text) {
		m := promptLine.FindStringSubmatch(line)
		shown, event := line, ""
		if m != nil {
			shown = m[4]
		}
		if at := eventTime.FindStringSubmatchIndex(shown); at != nil && (at[0] == 0 || m != nil) {
			stamp := strings.Join(strings.Fields(shown[at[2]:at[3]]), " ") + " " + shown[at[4]:at[5]]
			if t, err := time.Parse("Jan 2 15:04:05 2006", stamp); err == nil && begin == nil {
				begin = &t
			}
			if at[0] == 0 {
				m, line = nil, shown // an event that was printed behind a prompt
			} else {
				m[4], event = shown[:at[0]], shown[at[0]:] // behind a half-typed line
			}
		}
		switch {
		case m != nil:
			kind := m[1][0]
			if kind == '@' {
				kind = '<'
			}
			all = append(all, exchange{line: i + 1, host: m[2], prompt: kind, command: strings.ReplaceAll(strings.TrimLeft(m[4], " \t"), "\t", " ")})
			if event != "" {
				all[len(all)-1].output = []string{event}
			}
		case len(all) == 0:
			if line != "" {
				lost = append(lost, line)
			}
		default:
			x := &all[len(all)-1]
			if q := question.FindStringSubmatch(line); q != nil {
				x.answers = append(x.answers, answer{len(x.output), strings.ReplaceAll(q[1], "\t", " ")})
			} else {
				x.output = append(x.output, line)
			}
		}
	}
	all = joined(all)
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

func isEvent(line string) bool {
	at := eventTime.FindStringIndex(line)
	return at != nil && at[0] == 0
}

// joined puts lines together that an event came into: the device shows the
// prompt and what was typed so far once more. The event is then output of the
// line before.
func joined(all []exchange) (out []exchange) {
	for i, x := range all {
		if i+1 < len(all) && x.interrupted(all[i+1]) {
			if n := len(out); n > 0 {
				out[n-1].output = append(out[n-1].output, x.output...)
			}
			continue
		}
		out = append(out, x)
	}
	return out
}

// interrupted says whether nothing but events came behind a half-typed line
// that next has whole. What follows an event directly belongs to it.
func (x exchange) interrupted(next exchange) bool {
	if x.host != next.host || x.prompt != next.prompt || len(x.answers) > 0 || x.command == next.command && x.command != "" || !strings.HasPrefix(next.command, x.command) {
		return false
	}
	event := false
	for _, line := range x.output {
		event = isEvent(line) || event && line != ""
		if line != "" && !event {
			return false
		}
	}
	return len(trimLines(x.output)) > 0
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
