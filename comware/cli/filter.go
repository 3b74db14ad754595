package cli

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Filtering of display output, "Using the CLI" guide: display ... | [
// by-linenum ] { begin | exclude | include } regular-expression, or |
// by-linenum, up to 128 of which may be chained, and display ... > file, >>
// file. Expressions are case-sensitive and 1 to 256 characters long.

// maxFile is the length of the name of a file that output goes to.
const maxFile = 63

// maxFilters is how many filters may be chained.
const maxFilters = 128

// FilterMode is what a filter does with the lines that match.
type FilterMode uint8

const (
	Begin   FilterMode = iota + 1 // all lines from the first one that matches
	Exclude                       // the lines that do not match
	Include                       // the lines that match
)

var filterWords = []struct {
	name, text string
	mode       FilterMode
}{
	{"begin", "Begin with the line that matches", Begin},
	{"by-linenum", "Display line numbers", 0},
	{"exclude", "Match the character strings excluding from the output lines", Exclude},
	{"include", "Match the character strings including in the output lines", Include},
}

// A Filter is one part of an output pipe.
type Filter struct {
	Mode    FilterMode // 0 for numbers alone
	Numbers bool       // by-linenum
	Expr    *regexp.Regexp
}

// An Output says what becomes of a display command's output.
type Output struct {
	Filters []Filter
	File    string // redirect to this file, "" for the terminal
	Append  bool
}

// piped says whether a first word means display, which alone has pipes.
func (g *Grammar) piped(first string) bool {
	for _, a := range g.aliases {
		if first == a.Name {
			return a.Command == "display"
		}
	}
	return len(first) >= 2 && len(first) <= 7 && strings.EqualFold(first, "display"[:len(first)])
}

// SplitFilter splits the output pipe off a display command. Of other commands,
// and of commands without a pipe, it returns the line and a nil Output.
func (g *Grammar) SplitFilter(line string) (command string, out *Output, err *Error) {
	at := g.pipeAt(line)
	if at < 0 {
		return line, nil, nil
	}
	command = strings.TrimRight(line[:at], " \t")
	out = &Output{}
	for rest := at; rest < len(line); {
		switch {
		case strings.HasPrefix(line[rest:], ">>"):
			return command, out, out.redirect(line, rest+2, true)
		case line[rest] == '>':
			return command, out, out.redirect(line, rest+1, false)
		}
		stop := nextPipe(line, rest+1)
		f, ferr := filterOf(line, rest+1, stop)
		if ferr != nil {
			return command, out, ferr
		}
		if len(out.Filters) == maxFilters {
			return command, out, &Error{TooManyParameters, rest}
		}
		out.Filters = append(out.Filters, f)
		rest = stop
	}
	return command, out, nil
}

// pipeAt returns the offset of the first pipe or redirection that stands alone
// behind a display command, -1 if there is none.
func (g *Grammar) pipeAt(line string) int {
	if !strings.ContainsAny(line, "|>") {
		return -1
	}
	words := split(line)
	if len(words) < 2 || !g.piped(words[0].text) {
		return -1
	}
	for _, w := range words[1:] {
		if w.quoted {
			continue
		}
		if w.text[0] == '|' || w.text[0] == '>' {
			return w.at
		}
	}
	return -1
}

// nextPipe returns where the next filter of a chain begins: a bar, or a
// redirection, between blanks. Other bars belong to the expression.
func nextPipe(line string, from int) int {
	least := 2 // words of a filter
	for i, w := range split(line[from:]) {
		if i == 0 && !w.quoted && len(w.text) > 1 && begins("by-linenum", w.text) {
			least = 1
		}
		if i >= least && !w.quoted && (w.text == "|" || w.text == ">" || w.text == ">>") {
			return from + w.at
		}
	}
	return len(line)
}

func (o *Output) redirect(line string, from int, app bool) *Error {
	words := split(line[from:])
	switch {
	case len(words) == 0:
		return incomplete(line)
	case len(words) > 1:
		return &Error{TooManyParameters, from + words[1].at}
	case words[0].text == "" || utf8.RuneCountInString(words[0].text) > maxFile:
		return &Error{WrongParameter, from + words[0].at}
	}
	o.File, o.Append = words[0].text, app
	return nil
}

// filterOf reads "by-linenum", or "[ by-linenum ] { begin | exclude | include }
// expression".
func filterOf(line string, from, to int) (f Filter, err *Error) {
	words := split(line[from:to])
	for {
		if len(words) == 0 && f.Numbers {
			return f, nil
		}
		if len(words) == 0 {
			return f, incomplete(line)
		}
		i, werr := filterWord(words[0], from)
		if werr != nil {
			return f, werr
		}
		words = words[1:]
		if f.Mode = filterWords[i].mode; f.Mode != 0 {
			break
		}
		if f.Numbers {
			return f, &Error{Unrecognized, from + words[0].at}
		}
		f.Numbers = true
	}
	if len(words) == 0 {
		return f, incomplete(line)
	}
	expr := strings.TrimRight(line[from+words[0].at:to], " \t")
	if words[0].quoted && len(words) == 1 {
		expr = words[0].text
	}
	re, rerr := CompileFilter(expr)
	if rerr != nil {
		return f, &Error{WrongParameter, from + words[0].at}
	}
	f.Expr = re
	return f, nil
}

func filterWord(w word, from int) (int, *Error) {
	hit := -1
	for i, c := range filterWords {
		if len(w.text) > len(c.name) || !strings.EqualFold(w.text, c.name[:len(w.text)]) {
			continue
		}
		if len(w.text) == len(c.name) {
			return i, nil
		}
		if hit >= 0 {
			return 0, &Error{Ambiguous, from + w.at}
		}
		hit = i
	}
	if hit < 0 {
		return 0, &Error{Unrecognized, from + w.at}
	}
	return hit, nil
}

// filterHelp answers `?` behind a pipe.
func (g *Grammar) filterHelp(line string) (Help, *Error, bool) {
	at := g.pipeAt(line)
	if at < 0 {
		return Help{}, nil, false
	}
	for {
		next := nextPipe(line, at+1)
		if next >= len(line) {
			break
		}
		at = next
	}
	if line[at] == '>' {
		return Help{Rows: []Row{{fmt.Sprintf("STRING<1-%d>", maxFile), "File name"}}}, nil, true
	}
	words := split(line[at+1:])
	partial := word{at: len(line) - at - 1}
	if len(words) > 0 && !blank(line[len(line)-1]) {
		partial, words = words[len(words)-1], words[:len(words)-1]
	}
	numbered := false
	for _, w := range words {
		i, err := filterWord(w, at+1)
		if err != nil {
			return Help{}, err, true
		}
		if filterWords[i].mode != 0 {
			return Help{Rows: []Row{{"TEXT<1-256>", "Regular expression"}}}, nil, true
		}
		numbered = true
	}
	var rows []Row
	for _, c := range filterWords {
		if numbered && c.mode == 0 || len(partial.text) > len(c.name) || !strings.EqualFold(partial.text, c.name[:len(partial.text)]) {
			continue
		}
		rows = append(rows, Row{c.name, c.text})
	}
	if len(rows) == 0 {
		return Help{}, &Error{Unrecognized, at + 1 + partial.at}, true
	}
	if numbered && partial.text == "" {
		rows = append(rows, Row{"<cr>", ""})
	}
	return Help{Rows: rows}, nil, true
}

// Apply filters a command's output, whose lines end with "\n".
func (o *Output) Apply(out string) string {
	for _, f := range o.Filters {
		out = f.apply(out)
	}
	return out
}

func (f Filter) apply(out string) string {
	if out == "" {
		return ""
	}
	var b strings.Builder
	begun := false
	for i, l := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
		hit := f.Mode == 0 || f.Expr.MatchString(l)
		mark := ':'
		switch f.Mode {
		case Begin:
			if !hit && !begun {
				continue
			}
			begun = true
			if !hit {
				mark = '-'
			}
		case Exclude:
			if hit {
				continue
			}
		case Include:
			if !hit {
				continue
			}
		}
		if f.Numbers {
			fmt.Fprintf(&b, "%5d%c  ", i+1, mark)
		}
		b.WriteString(l)
		b.WriteByte('\n')
	}
	return b.String()
}
