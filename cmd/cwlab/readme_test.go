package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/sessions/ssh"
	"cwlab/tui"
	"cwlab/tui/words"
)

var update = flag.Bool("update", false, "rewrite golden files and the README's console blocks")

// block is a marker with the fenced text that follows it:
//
//	<!-- replay LAB/SCRIPT DEVICE /from/ LINES -->
//	<!-- screen LAB/SCRIPT DEVICE WIDTHxHEIGHT -->
//	<!-- coverage MODULE, ... -->
//	<!-- ssh LAB USER COMMAND -->
//	<!-- cast LAB/SCRIPT DEVICE /from/ LINES -->
//	<!-- play LAB/SCRIPT DEVICE TIME WIDTHxHEIGHT -->
//	<!-- verbs of scripts -->
var block = regexp.MustCompile("(?s)<!-- (replay|screen|ssh|coverage|cast|play|verbs) ([^>]*?) -->\n```\n(.*?)```\n")

// TestReadmeBlocks replays what the README shows.
func TestReadmeBlocks(t *testing.T) {
	const file = "../../README.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	fresh := block.ReplaceAllStringFunc(string(text), func(s string) string {
		found++
		m := block.FindStringSubmatch(s)
		var lines []string
		var err error
		switch m[1] {
		case "replay":
			lines, err = excerpt(m[2])
		case "ssh":
			lines, err = overSSH(t, m[2])
		case "coverage":
			lines, err = covered(m[2])
		case "verbs":
			for _, v := range sessions.Verbs() {
				lines = append(lines, fmt.Sprintf("%-46s %s", v.Example, v.Help))
			}
		case "cast":
			lines, err = castLines(m[2])
		case "play":
			lines, err = playPicture(m[2])
		default:
			lines, err = screen(m[2])
		}
		if err != nil {
			t.Errorf("%s: %v", m[2], err)
			return s
		}
		return fmt.Sprintf("<!-- %s %s -->\n```\n%s\n```\n", m[1], m[2], strings.Join(lines, "\n"))
	})
	if found < 4 {
		t.Errorf("the README has %d generated blocks, want at least 4", found)
	}
	if fresh == string(text) {
		return
	}
	if *update {
		if err := os.WriteFile(file, []byte(fresh), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("README.md does not show what the program prints; run go test ./cmd/cwlab -run Readme -update and read the difference")
}

// replayed is what a script leaves.
func replayed(name string) (*sessions.Result, error) {
	labName, script, _ := strings.Cut(name, "/")
	def, err := sessions.Load(labName)
	if err != nil {
		return nil, err
	}
	f, ok := def.Script(script)
	if !ok {
		return nil, fmt.Errorf("no script %s", name)
	}
	s, err := sessions.ParseScript(f.File, f.Text)
	if err != nil {
		return nil, err
	}
	r, err := sessions.Replay(def, device.Make, s, sessions.ReplayOptions{})
	if err == nil && !r.OK() {
		err = fmt.Errorf("the replay differs: %v %v", r.Err, r.Diffs())
	}
	return r, err
}

func excerpt(marker string) ([]string, error) {
	f := strings.Fields(marker)
	if len(f) < 4 {
		return nil, fmt.Errorf("want LAB/SCRIPT DEVICE /from/ LINES")
	}
	from, err := regexp.Compile(strings.Trim(strings.Join(f[2:len(f)-1], " "), "/"))
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(f[len(f)-1])
	if err != nil {
		return nil, err
	}
	r, err := replayed(f[0])
	if err != nil {
		return nil, err
	}
	return cut(strings.Split(strings.ReplaceAll(string(r.Console(f[1])), "\r", ""), "\n"), from, n)
}

// cut is n lines from the first that matches on.
func cut(lines []string, from *regexp.Regexp, n int) ([]string, error) {
	for i, l := range lines {
		if from.MatchString(l) {
			lines = lines[i:min(i+n, len(lines))]
			for i := range lines {
				lines[i] = strings.TrimRight(lines[i], " ")
			}
			return lines, nil
		}
	}
	return nil, fmt.Errorf("no line matches %s", from)
}

// covered is the lines of the coverage table for some modules, and the totals.
func covered(marker string) ([]string, error) {
	all, err := ledger()
	if err != nil {
		return nil, err
	}
	var lines []string
	rows := coverageTable(all, words.English)
	for _, name := range append(strings.Split(marker, ", "), "all") {
		i := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, name+"  ") })
		if i < 0 {
			return nil, fmt.Errorf("no module %q", name)
		}
		lines = append(lines, rows[i])
	}
	return append([]string{rows[0]}, lines...), nil
}

// overSSH is what a command of a user of the lab shows him.
func overSSH(t *testing.T, marker string) ([]string, error) {
	f := strings.SplitN(marker, " ", 3)
	if len(f) < 3 {
		return nil, fmt.Errorf("want LAB USER COMMAND")
	}
	def, err := sessions.Load(f[0])
	if err != nil {
		return nil, err
	}
	x := serveDefinition(t, def, lab.Options{}, ssh.Options{User: defaultUser})
	s, err := x.client(f[1], labPassword).NewSession()
	if err != nil {
		return nil, err
	}
	out, err := s.Output(f[2])
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("$ ssh -p 2200 %s@127.0.0.1 %s\n%s", f[1], f[2], strings.ReplaceAll(string(out), "\r", ""))
	return strings.Split(strings.TrimRight(text, "\n"), "\n"), nil
}

// screen is a picture of the full screen where a script ended.
func screen(marker string) ([]string, error) {
	var name, focus string
	var w, h int
	if _, err := fmt.Sscanf(marker, "%s %s %dx%d", &name, &focus, &w, &h); err != nil {
		return nil, fmt.Errorf("want LAB/SCRIPT DEVICE WIDTHxHEIGHT: %w", err)
	}
	r, err := replayed(name)
	if err != nil {
		return nil, err
	}
	rows := tui.Picture(r.Lab, focus, w, h)
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return rows, nil
}
