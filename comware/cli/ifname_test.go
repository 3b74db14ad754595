package cli

import (
	"strings"
	"testing"
)

// every is a box that could have every interface.
type every struct{}

func (every) Interface(name string) (string, bool) { return name, true }

// TestEveryInterfaceType types every type in full, short, as its acronym and
// as every beginning that no other type has, with and without a blank before
// the number and with a subinterface.
func TestEveryInterfaceType(t *testing.T) {
	g := product(t)
	for _, it := range InterfaceTypes() {
		words := map[string]bool{it.Name: true, it.Short: true, strings.ToUpper(it.Name): true, strings.ToLower(it.Short): true}
		if it.Acronym != "" {
			words[it.Acronym] = true
		}
		for n := range it.Name {
			if n > 0 && ifType(it.Name[:n], nil) == it.Name {
				words[it.Name[:n]] = true
			}
		}
		for w := range words {
			for _, number := range []string{"1", "1/0/1", "1.4094", "1/0/1.1"} {
				for _, blank := range []string{"", " ", "  "} {
					line := "interface " + w + blank + number
					m, err := g.Parse("system", line, every{})
					if err != nil || m.Canonical() != "interface "+it.Name+number {
						t.Errorf("%q is %v, %v; want %s", line, m, err, it.Name+number)
					}
				}
			}
		}
		if got := ShortInterface(it.Name + "1/0/1"); got != it.Short+"1/0/1" {
			t.Errorf("%s is %s in tables", it.Name, got)
		}
		if again, ok := InterfaceName(it.Short + "1"); !ok || again != it.Name+"1" {
			t.Errorf("%s1 of a table is read as %s", it.Short, again)
		}
	}
}

func TestInterfaceHelp(t *testing.T) {
	g := product(t)
	for _, tt := range []struct{ line, want string }{
		{"interface LoopBack ", "<0-1023> LoopBack interface number"},
		{"interface loop", "LoopBack LoopBack interface"},
		{"interface loop 1", "<0-1023> LoopBack interface number"},
		{"interface loop1", "<0-1023> LoopBack interface number"},
		{"interface GE", "GigabitEthernet GigabitEthernet interface"},
		{"interface g ", "<1-1> GigabitEthernet interface number"},
		{"interface ge 1/", "<0-0> GigabitEthernet interface number"},
		{"interface ge1/0/", "<1-12> GigabitEthernet interface number"},
		{"interface ge1/0/1", "<1-12> GigabitEthernet interface number"},
		{"interface ge 1/0/1 ", "<cr> "},
	} {
		h, err := g.Help("system", tt.line, ports{})
		if err != nil || len(h.Rows) != 1 || h.Rows[0].Token+" "+h.Rows[0].Text != tt.want {
			t.Errorf("%q?: %v, %v; want %s", tt.line, h.Rows, err, tt.want)
		}
	}
	if h, err := g.Help("system", "interface ge 7", ports{}); err == nil || err.Kind != WrongParameter {
		t.Errorf("a number that there is not: %v, %v", h, err)
	}
}

// ports is a box that names the interfaces it has.
type ports struct{ env }

func (ports) InterfaceNumbers(typ string) []string {
	if typ == "GigabitEthernet" {
		return []string{"1/0/1", "1/0/2", "1/0/12"}
	}
	return nil
}
