package sessions

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A Diff is an expectation that was not met.
type Diff struct {
	File   string
	Line   int
	Device string
	At     time.Time
	Text   string // lines that begin with "  ", "- " (expected) or "+ " (shown)
}

func (d Diff) String() string {
	return fmt.Sprintf("%s:%d: %s at %s shows something else (- expected, + shown):\n%s",
		d.File, d.Line, d.Device, d.At.Format("2006-01-02 15:04:05.000"), d.Text)
}

// linePattern is the regular expression of a line /re/.
func linePattern(line string) (re string, ok bool) {
	line = strings.TrimRight(line, " \t")
	if len(line) > 2 && line[0] == '/' && line[len(line)-1] == '/' {
		return line[1 : len(line)-1], true
	}
	return "", false
}

const anyLines = "..."

// wantLine is one expected line.
type wantLine struct {
	text string
	any  bool
	re   *regexp.Regexp
}

func (w wantLine) match(got string) bool {
	if w.re != nil {
		return w.re.MatchString(got)
	}
	return w.text == got
}

func parseWant(lines []string) []wantLine {
	var want []wantLine
	for _, line := range trimLines(lines) {
		w := wantLine{text: line}
		if re, ok := linePattern(line); ok {
			w.re, _ = regexp.Compile(re) // the parser has compiled it before
		} else if line == anyLines {
			w.any = true
		} else if len(line) > 1 { // a backslash alone protects nothing
			w.text = strings.TrimPrefix(line, `\`)
		}
		want = append(want, w)
	}
	return want
}

// quoteLine is a shown line as a script expects it.
func quoteLine(line string) string {
	if line != "" && strings.ContainsRune(`@$/\`, rune(line[0])) || line == anyLines {
		return `\` + line
	}
	return line
}

// trimLines right-trims lines and drops blank ones at both ends.
func trimLines(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimRight(l, " \t\r")
	}
	for len(out) > 0 && out[0] == "" {
		out = out[1:]
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// maxAlign bounds the work of an alignment.
const maxAlign = 4 << 20

// compare aligns what is expected with what was shown. It is "" when they
// match, else a diff.
func compare(wantLines, gotLines []string) string {
	want, got := parseWant(wantLines), trimLines(gotLines)
	var head []string
	if len(want)*len(got) > maxAlign { // leave out what is equal at the beginning
		n := 0
		for n < len(want) && n < len(got) && !want[n].any && want[n].match(got[n]) {
			n++
		}
		want, got = want[n:], got[n:]
		head = append(head, fmt.Sprintf("  (%d lines as expected)", n))
		if over := maxAlign / max(len(want), 1); len(got) > over {
			got = got[:over]
		}
	}
	// cost[i][j] is the least number of differing lines between want[i:] and
	// got[j:].
	w, g := len(want), len(got)
	cost := make([][]int, w+1)
	for i := range cost {
		cost[i] = make([]int, g+1)
	}
	for i := w; i >= 0; i-- {
		for j := g; j >= 0; j-- {
			switch {
			case i == w:
				cost[i][j] = g - j
			case want[i].any:
				cost[i][j] = cost[i+1][j]
				if j < g {
					cost[i][j] = min(cost[i][j], cost[i][j+1])
				}
			case j == g:
				cost[i][j] = 1 + cost[i+1][j]
			default:
				cost[i][j] = 1 + min(cost[i+1][j], cost[i][j+1])
				if want[i].match(got[j]) {
					cost[i][j] = min(cost[i][j], cost[i+1][j+1])
				}
			}
		}
	}
	if cost[0][0] == 0 {
		return ""
	}
	out := head
	for i, j := 0, 0; i < w || j < g; {
		switch {
		case i < w && want[i].any && cost[i][j] == cost[i+1][j]:
			out = append(out, "  "+anyLines)
			i++
		case i < w && want[i].any && j < g && cost[i][j] == cost[i][j+1]:
			j++
		case i < w && j < g && want[i].match(got[j]) && cost[i][j] == cost[i+1][j+1]:
			out = append(out, "  "+got[j])
			i, j = i+1, j+1
		case i < w && cost[i][j] == 1+cost[i+1][j]:
			out = append(out, "- "+want[i].text)
			i++
		default:
			out = append(out, "+ "+got[j])
			j++
		}
	}
	return strings.Join(shorten(out), "\n") + "\n"
}

// shorten leaves three lines of context around differences.
func shorten(lines []string) []string {
	keep := make([]bool, len(lines))
	for i, l := range lines {
		if l[0] == ' ' {
			continue
		}
		for k := max(0, i-3); k <= min(len(lines)-1, i+3); k++ {
			keep[k] = true
		}
	}
	var out []string
	skipped := 0
	for i, l := range lines {
		if !keep[i] {
			skipped++
			continue
		}
		if skipped > 0 {
			out = append(out, fmt.Sprintf("  (%d lines)", skipped))
			skipped = 0
		}
		out = append(out, l)
	}
	if skipped > 0 {
		out = append(out, fmt.Sprintf("  (%d lines)", skipped))
	}
	return out
}
