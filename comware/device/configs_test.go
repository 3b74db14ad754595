package device

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestLargeConfigurations boots configurations as large and varied as those of
// real firewalls. A golden file beside each lists the lines that are refused
// and those that are printed in another form or not at all; the others are
// printed in their order. What is printed boots, and is printed again to the
// letter.
func TestLargeConfigurations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.cfg")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d configurations: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d := bare(t, string(text))
			var b strings.Builder
			refused := map[string]bool{}
			for _, r := range d.refused {
				fmt.Fprintf(&b, "refused %d: %s: %s\n", r.Line, r.Text, r.Reason)
				refused[r.Text] = true
			}
			first := printed(d)
			lines := strings.Split(first, "\n")
			var taken []string
			for i, line := range strings.Split(string(text), "\n") {
				switch word := strings.TrimSpace(line); {
				case word == "#", refused[word]:
				case !slices.Contains(lines, line):
					fmt.Fprintf(&b, "not printed %d: %s\n", i+1, line)
				default:
					taken = append(taken, line)
				}
			}
			lines = slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "#" })
			if got, want := strings.Join(lines, "\n"), strings.Join(taken, "\n"); got != want {
				t.Errorf("the order of the lines differs:\n%s", differing(want, got))
			}
			golden := strings.TrimSuffix(file, ".cfg") + ".refused.txt"
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("refused or changed lines differ from %s:\n%s", golden, differing(string(want), b.String()))
			}
			again := bare(t, first)
			for _, r := range again.refused {
				t.Errorf("line %d of what was printed is refused: %s: %s", r.Line, r.Text, r.Reason)
			}
			if second := printed(again); second != first {
				t.Errorf("what was printed is printed again as\n%s", differing(first, second))
			}
		})
	}
}
