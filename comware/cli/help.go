package cli

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
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
func cut(line string) (before []word, partial word) {
	words := split(line)
	n := len(words)
	if n == 0 || blank(line[len(line)-1]) && !openQuote(line) {
		return words, word{at: len(line)}
	}
	return words[:n-1], words[n-1]
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
	_ = g.texts() // Check reports the error
	v := g.views[viewName]
	if v == nil {
		return Help{}, incomplete(line)
	}
	e := g.expand(v, line, env, true)
	h, err := g.help(v, e.text, env)
	if err != nil {
		return Help{}, e.typed(err)
	}
	return h, nil
}

func (g *Grammar) help(v *view, line string, env Env) (Help, *Error) {
	if h, err, ok := g.filterHelp(line); ok {
		return h, err
	}
	before, partial := cut(line)
	var help Help
	var worst *Error
	found := false
	v.chain(func(v *view) bool {
		p, err := g.walk(v, before, line, env)
		var rows []Row
		if err == nil {
			rows, err = p.rows(partial, line, env, len(before) > 0 && g.piped(before[0].text))
			if len(before) == 0 {
				if rows = g.withAliases(rows, partial.text, p, env); len(rows) > 0 {
					err = nil
				}
			}
		}
		if err != nil {
			if worst == nil || err.Col > worst.Col {
				worst = err
			}
			return g.settles(v, before, err)
		}
		help.Rows, found = rows, true
		if len(before) == 0 && partial.text == "" {
			help.Title = v.title
		}
		return true
	})
	if !found {
		return Help{}, worst
	}
	return help, nil
}

// withAliases adds the aliases that begin with a word: those of users, and
// those of the system whose command is to be had here.
func (g *Grammar) withAliases(rows []Row, begin string, p *place, env Env) []Row {
	show := shown(env)
	have := func(name string) bool {
		for _, s := range p.at {
			for _, k := range s.fork.find(name) {
				if k.leaf.lower == name && k.to.offers(show) {
					return true
				}
			}
		}
		return false
	}
	for i, list := range [][]Alias{g.aliases, users(env)} {
		for _, a := range list {
			if strings.HasPrefix(a.Name, begin) && !have(a.Name) && (i > 0 || have(a.Command)) {
				rows = append(rows, Row{a.Name, "Alias for '" + a.Command + "'"})
			}
		}
	}
	sortRows(rows)
	return rows
}

func sortRows(rows []Row) {
	slices.SortStableFunc(rows, func(a, b Row) int { return strings.Compare(a.Token, b.Token) })
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
	show := shown(env)
	p.each(partial.lower(), func(e edge) {
		if !e.shown(show) {
			return
		}
		l := e.leaf
		switch {
		case l.kind == keyword:
			if r, _ := l.fit(partial, line, env); r != none {
				add(l.token, l.text)
			}
		case l.kind == iface, l.kind == ifKind:
			for _, r := range interfaceRows(partial.text, env) {
				add(r.Token, r.Text)
			}
		case l.kind == ifNumber:
			for _, r := range numberRows(l.ifType, partial.text, env) {
				add(r.Token, r.Text)
			}
		default:
			r, _ := l.fit(partial, line, env)
			if bare || r != none || l.begins(partial.text) {
				for _, name := range l.typeNames() {
					add(name, l.text)
				}
			}
		}
	})
	sortRows(rows)
	if bare && slices.ContainsFunc(p.ends, func(e end) bool { return show(e.cmd) }) {
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

// shown says whether `?` and Tab offer to go on by this edge.
func (e edge) shown(show func(*Command) bool) bool {
	if e.kid != nil {
		return e.kid.to.offers(show)
	}
	return show(e.cmd)
}

// begins says whether an argument may begin with a word that is none yet.
func (l *leaf) begins(s string) bool {
	switch l.kind {
	case ip, mask, wildcard:
		return strings.Trim(s, "0123456789.") == "" && len(s) < len("255.255.255.255")
	case mac:
		return strings.Trim(s, "0123456789abcdefABCDEF-") == "" && len(s) < len("ffff-ffff-ffff")
	case clock, minute:
		return strings.Trim(s, "0123456789:") == "" && len(s) < len("23:59:59")
	case ip6:
		return strings.Trim(s, "0123456789abcdefABCDEF:") == "" && len(s) < 39
	case date:
		return strings.Trim(s, "0123456789/") == "" && len(s) < len("2035/12/31")
	case str, text:
		return int64(utf8.RuneCountInString(s)) < l.lo
	case hex:
		return strings.Trim(s, "0123456789abcdefABCDEF") == "" && int64(len(s)) < l.lo
	case integer:
		n, ok := decimal(s)
		return ok && n < l.lo
	default:
	}
	return false
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
	case ip6:
		return []string{"X:X::X:X"}
	case mask:
		return []string{"<0-32>", "X.X.X.X"}
	case wildcard:
		return []string{"0", "X.X.X.X"}
	case hex:
		return []string{fmt.Sprintf("HEX<%d-%d>", l.lo, l.hi)}
	case mac:
		return []string{"H-H-H"}
	case clock, minute:
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
	v := g.views[viewName]
	if v == nil {
		return nil
	}
	line = g.expand(v, line, env, true).text
	before, partial := cut(line)
	if partial.quoted {
		return nil
	}
	show := shown(env)
	var words, types []string // keywords go before interface types
	v.chain(func(v *view) bool {
		p, err := g.walk(v, before, line, env)
		if err != nil {
			return g.settles(v, before, err)
		}
		others := len(p.ends) > 0
		p.each(partial.lower(), func(e edge) {
			if !e.shown(show) {
				return
			}
			switch e.leaf.kind {
			case keyword:
				if r, _ := e.leaf.fit(partial, line, env); r != none {
					words = append(words, e.leaf.token)
				}
			case iface, ifKind:
				for _, r := range interfaceRows(partial.text, env) {
					if partial.text != "" && !strings.HasPrefix(r.Token, "<") {
						types = append(types, r.Token)
					}
				}
				others = true
			default:
				others = true
			}
		})
		slices.Sort(words)
		slices.Sort(types)
		words = append(slices.Compact(words), slices.Compact(types)...)
		if partial.text == "" && (others || len(words) > 1) {
			words = nil
		}
		return len(words) > 0
	})
	return words
}
