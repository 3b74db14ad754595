package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/sim"
)

var replaceCommands = []feature.Command{
	{Views: "system", Syntax: "configuration replace file <file:string:1-255>",
		Help: "configuration=Configuration management;replace=Replace the current configuration;file=By that of a file;<file>=Name of the configuration file (*.cfg)", Run: replaceFile},
	{Views: "system", Syntax: "configuration commit delay <minutes:1-65535>",
		Help: "commit=Commit the configuration;delay=Roll back unless committed within a time;<minutes>=Minutes", Run: commitDelay},
	{Views: "system", Syntax: "configuration commit", Run: commit},
	{Views: "system", Syntax: "configuration encrypt { private-key | public-key }",
		Help: "encrypt=Encrypt the saved configuration;private-key=With the private key;public-key=With the public key",
		Keep: &feature.Keep{Place: feature.PlaceEncrypt, Undo: "configuration encrypt"}},
}

func replaceFile(x *feature.Exec, a *cli.Args) {
	name, err := configName(x, a.Str("file"))
	f, ok := x.Box.Flash.Read(name)
	if err == nil && !ok {
		err = feature.ErrNoFile
	}
	if err != nil {
		x.Error(err.Error())
		return
	}
	replace := func() {
		x.Print("Now replacing the current configuration. Please wait...\n")
		if rollBack(x.Box, f.Data) {
			x.Printf("Succeeded in replacing current configuration with the file %s.\n", f.Base())
		} else {
			x.Error("Failed to replace current configuration with the file " + f.Base() + ".")
		}
	}
	x.Confirm("Current configuration will be lost, save current configuration? [Y/N]:", func(yes bool) {
		if !yes {
			replace()
			return
		}
		askName(x, next(x.Box, false), func(name string) { write(x, name, false, replace) })
	})
}

// Restore brings the box to a configuration and says whether it then has it.
func Restore(b *feature.Box, text string) bool { return rollBack(b, text) }

// Merge enters the lines of a configuration that the box has not, and says
// whether it has all of them then.
func Merge(b *feature.Box, text string) bool {
	target, refused := b.Rehearse(text)
	(&rollback{b: b}).enter(nil, b.Conf.Root(), target.Root())
	return len(refused) == 0 && holds(b.Conf.Root(), target.Root())
}

// holds says whether a view has all lines of another.
func holds(have, want *conf.Node) bool {
	return !slices.ContainsFunc(want.Kids(), func(w *conf.Node) bool {
		k := have.Child(w.Key)
		return k == nil || k.Text != w.Text || !holds(k, w)
	})
}

// passes is how often a rollback tries again what other lines stood in the way
// of.
const passes = 5

// rollBack brings the box to the configuration of a file and says whether it
// then has it: lines that the file does not have are undone, those that the
// box does not have are entered, each through the parser, in the order in
// which lines that refer to others stand behind them.
func rollBack(b *feature.Box, text string) bool {
	target, refused := b.Rehearse(text)
	want := target.Lines()
	hopeless := map[string]int{}
	for pass := range passes {
		if slices.Equal(b.Conf.Lines(), want) {
			break
		}
		r := &rollback{b: b, stubborn: pass > 0, hopeless: hopeless}
		r.undo(nil, b.Conf.Root(), target.Root())
		r.enter(nil, b.Conf.Root(), target.Root())
	}
	return len(refused) == 0 && slices.Equal(b.Conf.Lines(), want)
}

// A rollback is one pass over the configuration.
type rollback struct {
	b *feature.Box
	// stubborn has lines undone that a new line in their place did not
	// change.
	stubborn bool
	// hopeless counts how often no undo form was found of a line.
	hopeless map[string]int
}

// undo takes out what the target has not, the last line first.
func (r *rollback) undo(path []string, have, want *conf.Node) {
	out := map[string]bool{}
	if have.Insertion {
		// From the first line that stands elsewhere on, all are entered anew.
		i := 0
		var stay []*conf.Node
		for _, k := range have.Kids() {
			if want.Child(k.Key) != nil {
				stay = append(stay, k)
			}
		}
		for _, k := range want.Kids() {
			if i < len(stay) && stay[i].Key == k.Key {
				i++
			} else if i < len(stay) {
				break
			}
		}
		for _, k := range stay[i:] {
			out[k.Key] = true
		}
	}
	for _, k := range slices.Backward(slices.Clone(have.Kids())) {
		if have.Child(k.Key) != k { // went with another
			continue
		}
		w := want.Child(k.Key)
		switch {
		case w == nil || out[k.Key]:
			r.drop(path, have, k)
		case k.Text != w.Text && (k.View || r.stubborn):
			r.drop(path, have, k)
			if k.View && have.Child(k.Key) == k && have.Parent() != nil {
				// It stays as it is while its own view is there.
				r.drop(path[:len(path)-1], have.Parent(), have)
				return
			}
		case k.View:
			r.undo(append(path[:len(path):len(path)], k.Text), k, w)
		}
	}
}

// drop undoes a line: `undo` and the line, then with more and more of its last
// words left out, then with words left out in one and in two places. A view
// that cannot be undone is emptied.
func (r *rollback) drop(path []string, have, k *conf.Node) {
	id := strings.Join(append(path[:len(path):len(path)], k.Text), "\n")
	if r.hopeless[id] == 2 { // it does not wait for another line to go
		return
	}
	gone := func(words []string) bool {
		r.b.Revise(path, strings.Join(words, " "))
		return have.Child(k.Key) != k
	}
	words := split(k.Text)
	if words[0] == "undo" && gone(words[1:]) {
		return
	}
	undo := append([]string{"undo"}, words...)
	for n := len(undo); n > 1; n-- {
		if gone(undo[:n]) {
			return
		}
	}
	if k.View {
		r.undo(append(path[:len(path):len(path)], k.Text), k, conf.New().Root())
		return
	}
	for _, shorter := range without(undo, 2) {
		if gone(shorter) {
			return
		}
		if len(undo) > longest {
			continue
		}
		for _, shortest := range without(shorter, 2) {
			if gone(shortest) {
				return
			}
		}
	}
	r.hopeless[id]++
}

// longest is of how many words a line may be for all its forms to be tried.
const longest = 18

// without is the words with a run of them left out, none before the given
// place; short runs come first.
func without(words []string, from int) [][]string {
	var all [][]string
	for n := 1; n <= len(words)-from; n++ {
		for i := from; i+n <= len(words); i++ {
			all = append(all, slices.Concat(words[:i], words[i+n:]))
		}
	}
	return all
}

// split cuts a line at blanks outside of quotes.
func split(line string) []string {
	quoted, escaped := false, false
	return strings.FieldsFunc(line, func(c rune) bool {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = quoted
		case c == '"':
			quoted = !quoted
		}
		return c == ' ' && !quoted
	})
}

// enter puts in what the box has not, or has otherwise.
func (r *rollback) enter(path []string, have, want *conf.Node) {
	for _, w := range want.Kids() {
		k := have.Child(w.Key)
		if k == nil || k.Text != w.Text {
			r.b.Revise(path, w.Block(len(path))...)
			k = have.Child(w.Key)
		}
		if w.View && k != nil {
			r.enter(append(path[:len(path):len(path)], w.Text), k, w)
		}
	}
}

// A deadline is a rollback that waits for somebody to commit what he did.
type deadline struct {
	minutes int
	text    string // the configuration to return to
	timer   *sim.Timer
}

func commitDelay(x *feature.Exec, a *cli.Args) {
	st := of(x.Box)
	start := func() {
		if st.commit == nil {
			st.commit = &deadline{text: running(x.Box)}
		}
		st.commit.timer.Stop()
		st.commit.minutes = a.Int("minutes")
		st.commit.timer = x.Box.After(time.Duration(st.commit.minutes)*time.Minute, func() {
			text := st.commit.text
			st.commit = nil
			rollBack(x.Box, text)
		})
	}
	if st.commit == nil {
		start()
		return
	}
	x.Confirm(fmt.Sprintf("The commit delay already set %d minutes, overwrite it? [Y/N]:", st.commit.minutes), func(yes bool) {
		if yes {
			start()
		}
	})
}

func commit(x *feature.Exec, _ *cli.Args) {
	if st := of(x.Box); st.commit != nil {
		st.commit.timer.Stop()
		st.commit = nil
	}
}
