package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cwlab/comware/cli"
	"cwlab/comware/device"
	"cwlab/comware/feature"
)

func TestLedgerHasEveryFamily(t *testing.T) {
	all, err := ledger()
	if err != nil {
		t.Fatal(err)
	}
	s := sum(all)
	if s.Families != strings.Count(manualTable, "\n")-1 {
		t.Errorf("%d families, the table has %d lines", s.Families, strings.Count(manualTable, "\n"))
	}
	counted := 0
	for _, tag := range tags {
		counted += s.Tags[tag]
	}
	if counted != s.Families || s.known() < 1400 {
		t.Errorf("%d of %d families are tagged, %d are known", counted, s.Families, s.known())
	}
}

// TestLedgerJudges says of a few families what they are.
func TestLedgerJudges(t *testing.T) {
	all, err := ledger()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ module, command, tag string }{
		{"IPsec", "display ike sa", "display-only"},
		{"IPsec", "ike keychain", "acts"},
		{"OSPF", "network (OSPF area view)", "config-only"},
		{"BGP", "peer as-number (for a BGP peer)", "config-only"},
		{"OSPF", "display ospf peer", unknown},
		{"Packet Capture", "packet-capture", unknown},
	} {
		found := false
		for _, m := range all {
			for _, f := range m.Commands {
				if m.Name != row.module || f.Command != row.command {
					continue
				}
				found = true
				if f.Tag != row.tag {
					t.Errorf("%s: %q is %s by %q, want %s", m.Name, f.Command, f.Tag, f.Here, row.tag)
				}
			}
		}
		if !found && row.module != "Packet Capture" {
			t.Errorf("%s has no %q", row.module, row.command)
		}
	}
}

func TestLedgerMatchesKeywordsOnly(t *testing.T) {
	for _, row := range []struct {
		syntax, words string
		want          bool
	}{
		{"peer { <a:ip> | <g:string> } as-number <n:1-9>", "peer as-number", true},
		{"display ike sa [ verbose | count ]", "display ike sa", true},
		{"display ike sa [ verbose | count ]", "display ike sa count", true},
		{"display ike sa", "display ike sa count", false},
		{"ip route-static <a:ip>", "ip route", false},
		{"a [ b | c ] * d", "a c b d", true},
		{"a { b | c } d", "a d", false},
	} {
		if got := begins(notation(row.syntax), strings.Fields(row.words)); got != row.want {
			t.Errorf("%q begins with %q: %v", row.syntax, row.words, got)
		}
	}
}

func TestCoverageVerb(t *testing.T) {
	code, out, errs := typed(t, "", "coverage", "vrrp")
	if code != 0 || errs != "" || !strings.Contains(out, "acts          vrrp vrid virtual-ip") && !strings.Contains(out, "acts          vrrp vrid") {
		t.Errorf("coverage vrrp: exit %d, errors %q\n%s", code, errs, out)
	}
	if code, out, _ = typed(t, "", "coverage", "--commands"); code != 0 || !strings.Contains(out, "  display-only  display ike sa") {
		t.Errorf("coverage --commands: exit %d", code)
	}
	var all []module
	if code, out, _ = typed(t, "", "coverage", "--json"); code != 0 || json.Unmarshal([]byte(out), &all) != nil || len(all) < 50 {
		t.Errorf("coverage --json: exit %d, %d modules", code, len(all))
	}
	for _, args := range [][]string{{"coverage", "no-module"}, {"coverage", "--commands", "--json"}} {
		if code, _, errs := typed(t, "", args...); code != exitMisuse || errs == "" {
			t.Errorf("%v: exit %d, errors %q", args, code, errs)
		}
	}
}

// typedLines are the lines that tests and scripts hold: every line of every
// string of the tests of the device and its features, and what the scripts
// type.
func typedLines(t *testing.T) map[string]bool {
	t.Helper()
	lines := map[string]bool{}
	add := func(text string) {
		for _, l := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
			if l = strings.TrimSpace(l); l != "" && len(l) < 300 {
				lines[l] = true
			}
		}
	}
	read := func(path string) {
		switch {
		case strings.HasSuffix(path, "_test.go"):
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return // somebody is at work on it
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if s, err := strconv.Unquote(lit.Value); err == nil {
						add(s)
					}
				}
				return true
			})
		case strings.HasSuffix(path, ".console"), strings.HasSuffix(path, ".cfg"), strings.HasSuffix(path, ".txt"):
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range strings.Split(string(text), "\n") {
				for _, prefix := range []string{"$- ", "$. ", "$ "} {
					l = strings.TrimPrefix(l, prefix)
				}
				add(l)
			}
		}
	}
	for _, dir := range []string{"../../comware/feature", "../../comware/device", "../../sessions", "."} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				read(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return lines
}

// TestEveryActingCommandIsTyped wants a test or script for every command that
// is tagged as acting.
func TestEveryActingCommandIsTyped(t *testing.T) {
	g, err := device.Grammar()
	if err != nil {
		t.Fatal(err)
	}
	var acting []*cli.Command
	var views []string
	for _, c := range g.Commands() {
		if c.Data.(*feature.Command).Tag() != feature.Acts || strings.HasPrefix(c.Syntax, "undo ") {
			continue
		}
		acting = append(acting, c)
		for _, v := range strings.Fields(c.Views) {
			if v == cli.Any {
				v = "user"
			}
			if !slices.Contains(views, v) {
				views = append(views, v)
			}
		}
	}
	typed := map[*cli.Command]bool{}
	for line := range typedLines(t) {
		for _, v := range views {
			if m, err := g.Parse(v, line, nil); err == nil {
				typed[m.Command] = true
			}
		}
	}
	for _, c := range acting {
		if !typed[c] {
			t.Errorf("no test types %s: %s", c.Views, c.Syntax)
		}
	}
}
