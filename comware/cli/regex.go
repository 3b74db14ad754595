package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// MaxFilter is the length of a regular expression in characters.
const MaxFilter = 256

// CompileFilter reads a regular expression as the filters of the device take
// it ("Using the CLI" guide, special characters supported in a regular
// expression): ^ $ . * + | ( ) [ ] [^ ] {n} {n,} {n,m} \< \> \b \B \w \W \N and
// \ before any of them. A question mark cannot be typed and has no meaning.
//
// Limitations: \N repeats the Nth group only where that is plain text; others
// are refused.
func CompileFilter(expr string) (*regexp.Regexp, error) {
	if n := len([]rune(expr)); n == 0 || n > MaxFilter {
		return nil, fmt.Errorf("expression has %d characters, want 1 to %d", n, MaxFilter)
	}
	var out strings.Builder
	var groups []string // texts of groups that are closed
	var open []int      // where groups begin that are not
	class := false
	for i := 0; i < len(expr); i++ {
		c := expr[i]
		switch {
		case class:
			switch {
			case c == ']':
				class = false
			case c == '\\' || c == '[':
				out.WriteByte('\\') // stands for itself
			}
			out.WriteByte(c)
		case c == '\\':
			i++
			if i == len(expr) {
				return nil, errors.New("trailing backslash")
			}
			s, err := escape(expr[i], groups)
			if err != nil {
				return nil, err
			}
			out.WriteString(s)
		case c == '?':
			out.WriteString(`\?`)
		case c == '[':
			class = true
			out.WriteByte(c)
			for _, lead := range []string{"^", "]"} {
				if strings.HasPrefix(expr[i+1:], lead) {
					i++
					out.WriteString(strings.ReplaceAll(lead, "]", `\]`))
				}
			}
		case c == '(':
			groups = append(groups, "(")
			open = append(open, i)
			out.WriteString("(?:")
		case c == ')':
			if len(open) == 0 {
				return nil, errors.New("unexpected )")
			}
			n := len(open) - 1
			for g := len(groups) - 1; g >= 0; g-- {
				if groups[g] == "(" {
					groups[g] = expr[open[n]+1 : i]
					break
				}
			}
			open = open[:n]
			out.WriteByte(c)
		default:
			out.WriteByte(c)
		}
	}
	return regexp.Compile(out.String())
}

// escape is what a character behind a backslash means.
func escape(c byte, groups []string) (string, error) {
	switch {
	case c == '<' || c == '>' || c == 'b':
		return `\b`, nil
	case c == 'B' || c == 'w' || c == 'W':
		return `\` + string(c), nil
	case c >= '1' && c <= '9':
		n := int(c - '0')
		if n > len(groups) || regexp.QuoteMeta(groups[n-1]) != groups[n-1] {
			return "", fmt.Errorf(`\%d repeats no group of plain text`, n)
		}
		return "(?:" + groups[n-1] + ")", nil
	}
	return regexp.QuoteMeta(string(c)), nil
}
