package line

// History returns the commands kept, oldest first.
func (l *Line) History() []string { return append([]string(nil), l.hist...) }

// ClearHistory forgets all commands, as a logout does.
func (l *Line) ClearHistory() { l.hist, l.histAt = nil, 0 }

// Remember says, from within Execute, what the history keeps for the line
// being run; "" keeps nothing. Without it the line is kept as typed.
func (l *Line) Remember(text string) { l.pending = text }

// remember keeps a line that was run, but not one that repeats the last.
func (l *Line) remember() {
	text := l.pending
	l.pending = ""
	if n := len(l.hist); text != "" && (n == 0 || l.hist[n-1] != text) {
		l.hist = append(l.hist, text)
	}
	l.trimHistory()
}

func (l *Line) trimHistory() {
	if over := len(l.hist) - l.histMax; over > 0 {
		l.hist = append([]string(nil), l.hist[over:]...)
	}
	l.histAt = len(l.hist)
}

// recall goes to an older or newer command. Behind the newest one is the line
// that was being typed.
func (l *Line) recall(step int) {
	at := l.histAt + step
	if at < 0 || at > len(l.hist) {
		return
	}
	if l.histAt == len(l.hist) {
		l.stash = l.buf
	}
	now := l.stash
	if at < len(l.hist) {
		now = cells(l.hist[at])
	}
	l.histAt = at
	l.edit(0, now, len(now))
}
