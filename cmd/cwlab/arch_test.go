package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport is which layers a layer imports beside itself. Imports run one
// way, tests included; only cmd wires everything together.
var mayImport = map[string][]string{
	"emulator": {},
	"comware":  {"emulator"},
	"sessions": {"emulator"},
	"tui":      {"emulator"},
	"cmd":      {"emulator", "comware", "sessions", "tui"},
}

// floors are the packages of the emulator from the ground up. A package
// imports only from floors below its own.
var floors = [][]string{
	{"sim", "isakmp", "modp", "netconf", "pki", "tap", "wire"},
	{"capfilter", "link", "track", "nqa", "ikev2/wire", "pki/pkitest"},
	{"stack"},
	{"gre", "ipsec", "vrrp", "zone"},
	{"ike", "nat"},
	{"ikev2", "rbm"},
	{"dissect"},
	{"impair"},
	{"lab", "pcap"},
	{"emutest"},
}

func floor(pkg string) int {
	return slices.IndexFunc(floors, func(names []string) bool { return slices.Contains(names, pkg) })
}

// goFiles are the Go files of the module by their path from its top, with
// slashes.
func goFiles(t *testing.T) map[string]string {
	t.Helper()
	top := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(top, "go.mod")); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	err := filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, p)
		if err != nil {
			return err
		}
		if d.IsDir() && rel != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(p, ".go") {
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			all[filepath.ToSlash(rel)] = string(b)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d Go files found", len(all))
	}
	return all
}

func TestImportsRunOneWay(t *testing.T) {
	for file, text := range goFiles(t) {
		f, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			continue
		}
		layer, rest, ok := strings.Cut(file, "/")
		may, known := mayImport[layer]
		if !ok || !known {
			t.Errorf("%s is in no layer", file)
			continue
		}
		for _, spec := range f.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			test := strings.HasSuffix(file, "_test.go")
			if imp == "crypto/rand" && !test && (layer == "emulator" || layer == "comware") {
				t.Errorf("%s imports crypto/rand: randomness comes from the world's streams", file)
			}
			if strings.HasSuffix(imp, "gopacket/pcap") {
				t.Errorf("%s imports %s, which needs cgo", file, imp)
			}
			ours, ok := strings.CutPrefix(imp, "cwlab/")
			if !ok {
				continue
			}
			to, sub, _ := strings.Cut(ours, "/")
			if to != layer && !slices.Contains(may, to) {
				t.Errorf("%s imports %s: %s may import %v", file, imp, layer, may)
			}
			if layer == "emulator" && to == "emulator" && !test {
				from, on := floor(path.Dir(rest)), floor(sub)
				if from < 0 || on < 0 || on >= from {
					t.Errorf("%s imports %s, which is not on a floor below", file, imp)
				}
			}
		}
	}
}

// The values of the case are random on a real box or belong to its lab: they
// stand in the lab's tape and configuration and in the excerpts, and no Go
// file knows them. The excerpts say what to look for.
func TestNoGoFileKnowsTheCase(t *testing.T) {
	excerpts, err := filepath.Glob(filepath.Join("..", "..", "sessions", "testdata", "case", "*.txt"))
	if err != nil || len(excerpts) == 0 {
		t.Fatalf("no excerpts of the case: %v", err)
	}
	// In every file: times, numbers of seven digits and more (cookies,
	// message IDs, thread IDs, in hex too), sequence numbers above one.
	anywhere := regexp.MustCompile(`\d\d:\d\d:\d\d|\b[0-9a-f]*[0-9][0-9a-f]*\b|icmp_seq=\d+`)
	// In the product, addresses too.
	address := regexp.MustCompile(`\b\d+\.\d+\.\d+\.\d+\b`)
	values, addresses := map[string]bool{}, map[string]bool{}
	for _, e := range excerpts {
		b, err := os.ReadFile(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range anywhere.FindAllString(string(b), -1) {
			if len(v) >= 7 {
				values[v] = true
			}
		}
		for _, v := range address.FindAllString(string(b), -1) {
			addresses[v] = true
		}
	}
	if len(values) < 10 || len(addresses) < 3 {
		t.Fatalf("the excerpts gave %d values and %d addresses, too few to look for", len(values), len(addresses))
	}
	for file, text := range goFiles(t) {
		for n, line := range strings.Split(text, "\n") {
			for _, v := range anywhere.FindAllString(strings.ReplaceAll(strings.ToLower(line), "0x", " "), -1) {
				if values[v] || values[strings.TrimPrefix(v, "0")] {
					t.Errorf("%s:%d has %q of the case", file, n+1, v)
				}
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, v := range address.FindAllString(line, -1) {
				if addresses[v] {
					t.Errorf("%s:%d has the address %s of the case", file, n+1, v)
				}
			}
		}
	}
}
