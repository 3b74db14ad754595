package cli

import (
	"fmt"
	"sort"
	"strings"
)

// A Row is one line of a `?` list.
type Row struct{ Token, Text string }

// A Help is the answer to `?`.
type Help struct {
	Title string // "System view commands:" when nothing was typed
	Rows  []Row
}

// Lines lays the list out: two blanks, the token padded to the longest one, two
// blanks, the text.
func (h Help) Lines() []string {
	var lines []string
	if h.Title != "" {
		lines = append(lines, h.Title)
	}
	width := 0
	for _, r := range h.Rows {
		width = max(width, len(r.Token))
	}
	for _, r := range h.Rows {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("  %-*s  %s", width, r.Token, r.Text), " "))
	}
	return lines
}

// cut separates the words before the one the cursor is on. partial is that
// word; it is empty when the line ends with a blank.
func (g *Grammar) cut(v *view, line string) (before []word, partial word) {
	words := split(line)
	n := len(words)
	if n == 0 || blank(line[len(line)-1]) && !openQuote(line) {
		before, partial = words, word{at: len(line)}
	} else {
		before, partial = words[:n-1], words[n-1]
	}
	g.unalias(v, before)
	return before, partial
}

// openQuote says whether the line ends inside a string.
func openQuote(line string) bool {
	words := split(line)
	if len(words) == 0 || !words[len(words)-1].quoted {
		return false
	}
	s := line[words[len(words)-1].at+1:]
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return false
		}
	}
	return true
}

// Help answers `?` typed at the end of a line: what may follow, or with a word
// begun, what it may become.
func (g *Grammar) Help(viewName, line string, env Env) (Help, *Error) {
	g.freeze()
	v := g.views[viewName]
	if v == nil {
		return Help{}, incomplete(line)
	}
	if h, err, ok := g.filterHelp(line); ok {
		return h, err
	}
	before, partial := g.cut(v, line)
	var help Help
	var worst *Error
	found := false
	v.chain(func(v *view) bool {
		p, err := v.walk(before, line, env)
		var rows []Row
		if err == nil {
			rows, err = p.rows(partial, line, env, len(before) > 0 && g.piped(before[0].text))
		}
		if err != nil {
			if worst == nil || err.Col > worst.Col {
				worst = err
			}
			return false
		}
		help.Rows, found = rows, true
		if len(before) == 0 && partial.text == "" {
			help.Title = v.title
			help.Rows = g.withAliases(help.Rows)
		}
		return true
	})
	if !found {
		return Help{}, worst
	}
	return help, nil
}

// withAliases adds the system aliases of commands that are listed.
func (g *Grammar) withAliases(rows []Row) []Row {
	have := map[string]bool{}
	for _, r := range rows {
		have[r.Token] = true
	}
	for _, a := range g.Aliases() {
		if have[a.Command] && !have[a.Name] {
			rows = append(rows, Row{a.Name, "Alias for '" + a.Command + "'"})
		}
	}
	sortRows(rows)
	return rows
}

func sortRows(rows []Row) {
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].Token < rows[j].Token })
}

// rows lists what may come at a place, narrowed by the begin of a word.
func (p *place) rows(partial word, line string, env Env, display bool) ([]Row, *Error) {
	var rows []Row
	seen := map[string]int{}
	add := func(token, text string) {
		if i, ok := seen[token]; ok {
			if rows[i].Text == "" {
				rows[i].Text = text
			}
			return
		}
		seen[token] = len(rows)
		rows = append(rows, Row{token, text})
	}
	bare := partial.text == "" && !partial.quoted
	p.each(func(e edge) {
		if e.kid != nil && e.kid.hidden || e.cmd != nil && e.cmd.Hidden {
			return
		}
		l := e.leaf
		if l.kind == keyword {
			if r, _ := l.fit(partial, line, env); r != none {
				add(l.token, l.text)
			}
			return
		}
		if l.kind == iface {
			for _, t := range typesOf(env) {
				if bare || len(partial.text) <= len(t) && strings.EqualFold(partial.text, t[:len(partial.text)]) {
					add(t, t+" interface")
				}
			}
			if bare {
				return
			}
		}
		if bare {
			for _, name := range l.typeNames() {
				add(name, l.text)
			}
		} else if r, a := l.fit(partial, line, env); r != none && !a.partial {
			for _, name := range l.typeNames() {
				add(name, l.text)
			}
		}
	})
	sortRows(rows)
	if bare && len(p.visibleEnds()) > 0 {
		if display {
			rows = append(rows, Row{">", "Redirect it to a file"}, Row{">>", "Redirect it to a file in append mode"}, Row{"|", "Matching output"})
		}
		rows = append(rows, Row{"<cr>", ""})
	}
	if len(rows) > 0 {
		return rows, nil
	}
	if bare {
		// only hidden commands go on from here
		if len(p.ends) > 0 {
			return []Row{{"<cr>", ""}}, nil
		}
		return nil, &Error{Unrecognized, partial.at}
	}
	if _, _, err := p.step([]word{partial}, line, env); err != nil {
		return nil, err
	}
	return nil, &Error{Unrecognized, partial.at}
}

func (p *place) visibleEnds() []end {
	var ends []end
	for _, e := range p.ends {
		if !e.cmd.Hidden {
			ends = append(ends, e)
		}
	}
	return ends
}

func typesOf(env Env) []string {
	if t, ok := env.(interface{ InterfaceTypes() []string }); ok {
		return t.InterfaceTypes()
	}
	var names []string
	for _, t := range ifTypes {
		names = append(names, t.name)
	}
	return names
}

// typeNames says how `?` writes a placeholder.
func (l *leaf) typeNames() []string {
	switch l.kind {
	case integer:
		return []string{fmt.Sprintf("<%d-%d>", l.lo, l.hi)}
	case str:
		return []string{fmt.Sprintf("STRING<%d-%d>", l.lo, l.hi)}
	case text:
		return []string{fmt.Sprintf("TEXT<%d-%d>", l.lo, l.hi)}
	case ip:
		return []string{"X.X.X.X"}
	case mask:
		return []string{"<0-32>", "X.X.X.X"}
	case wildcard:
		return []string{"0", "X.X.X.X"}
	case hex:
		return []string{fmt.Sprintf("HEX<%d-%d>", l.lo, l.hi)}
	case mac:
		return []string{"H-H-H"}
	case clock:
		return []string{"TIME"}
	case date:
		return []string{"DATE"}
	case iface, ifNumber:
		return []string{"NUMBER"}
	default:
	}
	return []string{l.token}
}

// Complete answers Tab: the keywords that the last word of the line may become.
// Without a word begun it offers a keyword only if nothing else may follow.
func (g *Grammar) Complete(viewName, line string, env Env) []string {
	g.freeze()
	v := g.views[viewName]
	if v == nil {
		return nil
	}
	before, partial := g.cut(v, line)
	if partial.quoted {
		return nil
	}
	var words []string
	v.chain(func(v *view) bool {
		p, err := v.walk(before, line, env)
		if err != nil {
			return false
		}
		seen := map[string]bool{}
		add := func(s string) {
			if !seen[s] {
				seen[s] = true
				words = append(words, s)
			}
		}
		others := len(p.ends) > 0
		p.each(func(e edge) {
			if e.kid != nil && e.kid.hidden || e.cmd != nil && e.cmd.Hidden {
				return
			}
			switch e.leaf.kind {
			case keyword:
				if r, _ := e.leaf.fit(partial, line, env); r != none {
					add(e.leaf.token)
				}
			case iface:
				for _, t := range typesOf(env) {
					if partial.text != "" && len(partial.text) <= len(t) && strings.EqualFold(partial.text, t[:len(partial.text)]) {
						add(t)
					}
				}
				others = true
			default:
				others = true
			}
		})
		if partial.text == "" && (others || len(words) > 1) {
			words = nil
		}
		sort.Strings(words)
		return len(words) > 0
	})
	return words
}
