package line

import (
	"slices"
	"strings"
)

// A pager is output that waits for keys at the end of a page ("Using the
// CLI" guide, pausing between screens of output): Space and PageDown show the
// next page, Enter the next line, PageUp the page before, the key that stops
// commands ends the output. /expression goes on from the first line that
// matches, +expression with the lines that match, -expression with those that
// do not.
type pager struct {
	more   bool     // ---- More ---- is on the screen
	pend   string   // output behind it
	shown  int      // lines of this page
	past   []string // lines on the screen or above
	filter []func(line string) bool
	expr   []cell // being typed, with its sign
}

// flow writes pending output up to the end of the page.
func (l *Line) flow() {
	for l.pend != "" {
		if l.page > 0 && l.shown >= l.page {
			l.out(moreMark)
			l.more = true
			return
		}
		i := strings.IndexByte(l.pend, '\n') + 1
		if i == 0 {
			i = len(l.pend)
		}
		s := l.pend[:i]
		l.pend = l.pend[i:]
		if slices.ContainsFunc(l.filter, func(keep func(string) bool) bool { return !keep(strings.TrimRight(s, "\r\n")) }) {
			continue
		}
		if strings.HasSuffix(s, "\n") {
			l.shown++
		}
		l.past = append(l.past, s)
		l.out(s)
	}
}

// pagerKey handles a key at the end of a page.
func (l *Line) pagerKey(k key) {
	if l.expr != nil {
		l.exprKey(k)
		return
	}
	stop := l.stops(k)
	switch {
	case k.code == keyEnter:
		l.shown = l.page - 1
	case k.code == keyChar && k.s == " ", k.code == keyPageDown:
		l.shown = 0
	case k.code == keyPageUp:
		l.shown = 0
		from := max(len(l.past)-2*l.page, 0)
		l.pend = strings.Join(l.past[from:], "") + l.pend
		l.past = l.past[:from]
	case stop:
		l.pend = ""
	case k.code == keyChar && (k.s == "/" || k.s == "+" || k.s == "-"):
		l.out(moreWipe + k.s)
		l.expr = cells(k.s)
		return
	default:
		return
	}
	l.more = false
	l.out(moreWipe)
	if stop && l.held {
		l.call(l.host.Interrupt)
		return
	}
	l.flow()
	l.settle()
}

// exprKey types an expression.
func (l *Line) exprKey(k key) {
	b, _ := l.keys.ofKey(k)
	switch {
	case k.code == keyEnter:
		sign, text := l.expr[0].s, join(l.expr[1:])
		l.expr = nil
		l.out("\r\n")
		if match := l.host.Filter(text); match != nil {
			l.narrow(sign, match)
			l.more = false
			l.shown = 0
			l.flow()
			l.settle()
			return
		}
		l.out(moreMark)
	case k.code != keyChar && l.stops(k), k.code == keyBackspace && len(l.expr) == 1, b.Function == EraseLeft && len(l.expr) == 1:
		l.out("\r" + strings.Repeat(" ", l.col) + "\r" + moreMark)
		l.expr = nil
	case k.code == keyBackspace, b.Function == EraseLeft:
		last := l.expr[len(l.expr)-1]
		l.expr = l.expr[:len(l.expr)-1]
		l.out(strings.Repeat("\b", last.w) + strings.Repeat(" ", last.w) + strings.Repeat("\b", last.w))
	case k.code == keyChar && k.s >= " " && len(join(l.expr))+len(k.s) <= maxExpr+1:
		l.expr = append(l.expr, cells(k.s)...)
		l.out(k.s)
	}
}

// maxExpr is the size of an expression in bytes.
const maxExpr = 256

// narrow filters what is still to be shown.
func (l *Line) narrow(sign string, match func(string) bool) {
	switch sign {
	case "+":
		l.filter = append(l.filter, match)
	case "-":
		l.filter = append(l.filter, func(s string) bool { return !match(s) })
	default:
		begun := false
		l.filter = append(l.filter, func(s string) bool {
			begun = begun || match(s)
			return begun
		})
	}
}
