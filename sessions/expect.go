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

// A Check is an expectation that was compared; the Text of its Diff is empty
// when it was met.
type Check struct {
	Diff
	Name string // the line typed before, or the verb
}

// unmet are the checks that failed.
func unmet(checks []Check) (all []Diff) {
	for _, c := range checks {
		if c.Text != "" {
			all = append(all, c.Diff)
		}
	}
	return all
}

// wantLine is one expected line.
type wantLine struct {
	raw  string // as it stands in the file
	text string
	any  bool
	re   *regexp.Regexp
	near *tolerance
}

func (w wantLine) match(got string) bool {
	switch {
	case w.re != nil:
		return w.re.MatchString(got)
	case w.near != nil:
		return w.near.match(w.text, got)
	}
	return w.text == got
}

func parseWant(lines []string, value func(string) (string, bool)) []wantLine {
	var want []wantLine
	for _, line := range trimLines(lines) {
		w := wantLine{raw: line}
		w.text, _ = expand(line, value, nil)
		if re, ok := linePattern(line); ok {
			w.re, _ = compile(re, value) // the parser has compiled it before
		} else if near, text, ok := parseTolerance(w.text); ok {
			w.near, w.text = near, text
		} else if line == anyLines {
			w.any = true
		} else if len(line) > 1 { // a backslash alone protects nothing
			w.text = strings.TrimPrefix(w.text, `\`)
		}
		want = append(want, w)
	}
	return want
}

// quoteLine is a shown line as a script expects it.
func quoteLine(line string) string {
	line = reference.ReplaceAllString(line, `$$$0`)
	if line != "" && strings.ContainsRune(`@$/\~`, rune(line[0])) || line == anyLines {
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

// An edit is a line of an alignment.
type edit struct {
	op   byte   // '=' a line that fits, '.' any lines, '-' one that is missing, '+' one that is too many
	want int    // number of the expected line, but for '+'
	got  string // the line shown, for '=' and '+'
}

// compare is "" when what was shown is what is expected, else a diff.
func compare(want []wantLine, gotLines []string) string {
	edits := align(want, trimLines(gotLines))
	if equal(edits) {
		return ""
	}
	out := make([]string, len(edits))
	for i, e := range edits {
		switch e.op {
		case '=':
			out[i] = "  " + e.got
		case '.':
			out[i] = "  " + anyLines
		case '-':
			out[i] = "- " + want[e.want].text
		case '+':
			out[i] = "+ " + e.got
		}
	}
	return strings.Join(shorten(out), "\n") + "\n"
}

func equal(edits []edit) bool {
	for _, e := range edits {
		if e.op == '-' || e.op == '+' {
			return false
		}
	}
	return true
}

// align finds the alignment with the least number of differing lines. What is
// too long for that is compared line by line.
func align(want []wantLine, got []string) (edits []edit) {
	first := 0
	if len(want)*len(got) > maxAlign { // leave out what is equal at the beginning
		for first < len(want) && first < len(got) && !want[first].any && want[first].match(got[first]) {
			edits = append(edits, edit{'=', first, got[first]})
			first++
		}
		if (len(want)-first)*(len(got)-first) > maxAlign {
			for i := first; i < len(want); i++ {
				edits = append(edits, edit{'-', i, ""})
			}
			for _, g := range got[first:] {
				edits = append(edits, edit{'+', 0, g})
			}
			return edits
		}
	}
	// cost[i][j] is the least number of differing lines between want[i:] and
	// got[j:].
	w, g := len(want), len(got)
	cost := make([][]int, w+1)
	for i := range cost {
		cost[i] = make([]int, g+1)
	}
	for i := w; i >= first; i-- {
		for j := g; j >= first; j-- {
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
	for i, j := first, first; i < w || j < g; {
		switch {
		case i < w && want[i].any && cost[i][j] == cost[i+1][j]:
			edits = append(edits, edit{'.', i, ""})
			i++
		case i < w && want[i].any && j < g && cost[i][j] == cost[i][j+1]:
			j++
		case i < w && j < g && want[i].match(got[j]) && cost[i][j] == cost[i+1][j+1]:
			edits = append(edits, edit{'=', i, got[j]})
			i, j = i+1, j+1
		case i < w && cost[i][j] == 1+cost[i+1][j]:
			edits = append(edits, edit{'-', i, ""})
			i++
		default:
			edits = append(edits, edit{'+', 0, got[j]})
			j++
		}
	}
	return edits
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
