package conf

import (
	"fmt"
	"strings"
	"testing"
)

func TestLinesAreOrderedAndIndented(t *testing.T) {
	tree := New()
	root := tree.Root()
	policy := root.Open(90, "policy", "security-policy ip")
	policy.Insertion = true
	rule := policy.Open(0, "rule 9", "rule 9 name b")
	rule.Set(0, "action", "action pass")
	policy.Open(0, "rule 8", "rule 8 name a")
	for _, n := range []string{"10", "2"} {
		root.Open(20, "interface G"+n, "interface G"+n)
	}
	root.Set(50, "route b", "ip route-static b")
	root.Set(50, "route a", "ip route-static a")
	root.Set(10, "sysname", "sysname old")
	root.Set(10, "sysname", "sysname H3C")
	want := `#
 sysname H3C
#
interface G2
#
interface G10
#
 ip route-static a
 ip route-static b
#
security-policy ip
 rule 9 name b
  action pass
 rule 8 name a
#
return`
	if got := strings.Join(tree.Lines(), "\n"); got != want {
		t.Errorf("configuration is\n%s\nwant\n%s", got, want)
	}
	if got, want := strings.Join(rule.This(), "\n"), "#\n rule 9 name b\n  action pass\n#\nreturn"; got != want {
		t.Errorf("display this in the rule is\n%s\nwant\n%s", got, want)
	}
	policy.Move("rule 8", "rule 9")
	if policy.Kids()[0].Key != "rule 8" {
		t.Error("rule 8 was not moved to the front")
	}
}

func TestGenerationCountsChangesOnly(t *testing.T) {
	tree := New()
	tree.Root().Set(1, "a", "a")
	g := tree.Generation()
	tree.Root().Set(1, "a", "a")
	if tree.Generation() != g {
		t.Error("setting the same line again counted as a change")
	}
	if !tree.Root().Remove("a") || tree.Root().Remove("a") {
		t.Error("Remove must say true once")
	}
	if tree.Generation() == g {
		t.Error("removing a line did not count as a change")
	}
}

// TestManyLinesAreFoundAndOrdered goes past the size at which a view indexes
// its lines, in both orders.
func TestManyLinesAreFoundAndOrdered(t *testing.T) {
	tree := New()
	view := tree.Root().Open(1, "v", "v")
	view.Insertion = true
	const n = 3 * many
	for i := n - 1; i >= 0; i-- {
		tree.Root().Set(2, fmt.Sprint("k", i), fmt.Sprint("k", i))
		view.Set(0, fmt.Sprint("k", i), fmt.Sprint("k", i))
	}
	for i := range n {
		if got, want := tree.Root().Kids()[i+1].Key, fmt.Sprint("k", i); got != want {
			t.Fatalf("line %d is %s, want %s", i, got, want)
		}
		if got, want := view.Kids()[i].Key, fmt.Sprint("k", n-1-i); got != want {
			t.Fatalf("line %d of the view is %s, want %s", i, got, want)
		}
	}
	if got := view.RemoveAll(func(k string) bool { return strings.HasSuffix(k, "1") }); got != 5 {
		t.Errorf("removed %d lines, want 5", got)
	}
	view.Move("k2", "k40")
	view.Set(-1, "k3", "k3 first")
	switch {
	case view.Child("k11") != nil || view.Child("k12") == nil:
		t.Error("the index does not follow what was removed")
	case view.Kids()[0].Text != "k3 first":
		t.Errorf("a line of a lower place stands behind %s", view.Kids()[0].Text)
	case view.Remove("k11") || !view.Remove("k12") || view.Child("k12") != nil:
		t.Error("Remove does not follow the index")
	}
}
