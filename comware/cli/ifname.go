package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An InterfaceType is a type of interface: its name as the device writes it,
// the form that tables print, the acronym that may be typed besides, and the
// numbers of types that have a plain number.
type InterfaceType struct {
	Name    string
	Short   string // in tables: GE1/0/1
	Acronym string // typed: Vlan-int; "" if it is Short
	Lo, Hi  int    // range of a plain number, 0 and 0 for slots or a fixed 0
}

// interfaceTypes are in the order in which `?` lists them. The acronyms are
// those of the "Using the CLI" guide.
var interfaceTypes = []InterfaceType{
	{Name: "Bridge-Aggregation", Short: "BAGG", Lo: 1, Hi: 1024},
	{Name: "Dialer", Short: "Dia", Lo: 0, Hi: 1023},
	{Name: "FortyGigE", Short: "FGE"},
	{Name: "GigabitEthernet", Short: "GE"},
	{Name: "HundredGigE", Short: "HGE"},
	{Name: "InLoopBack", Short: "InLoop"},
	{Name: "LoopBack", Short: "Loop", Lo: 0, Hi: 1023},
	{Name: "M-GigabitEthernet", Short: "MGE"},
	{Name: "MTunnel", Short: "MTunnel", Lo: 0, Hi: 1023},
	{Name: "NULL", Short: "NULL"},
	{Name: "Register-Tunnel", Short: "REG"},
	{Name: "Reth", Short: "Reth", Lo: 1, Hi: 1024},
	{Name: "Route-Aggregation", Short: "RAGG", Lo: 1, Hi: 1024},
	{Name: "SSLVPN-AC", Short: "SSLVPN-AC", Lo: 0, Hi: 4095},
	{Name: "Ten-GigabitEthernet", Short: "XGE", Acronym: "TGE"},
	{Name: "Tunnel", Short: "Tun", Lo: 0, Hi: 10239},
	{Name: "TwentyFiveGigE", Short: "WGE"},
	{Name: "Virtual-Template", Short: "VT", Lo: 0, Hi: 1023},
	{Name: "Vlan-interface", Short: "Vlan", Acronym: "Vlan-int", Lo: 1, Hi: 4094},
	{Name: "Vsi-interface", Short: "Vsi", Lo: 1, Hi: 8192},
}

// InterfaceTypes returns the table of types in the order in which `?` lists them.
func InterfaceTypes() []InterfaceType { return slices.Clone(interfaceTypes) }

// TypeOf is the type of a canonical interface name, and the number behind it.
func TypeOf(name string) (t InterfaceType, number string, ok bool) {
	for _, t := range interfaceTypes {
		if rest, ok := strings.CutPrefix(name, t.Name); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return t, rest, true
		}
	}
	return InterfaceType{}, "", false
}

// ShortInterface returns the form of a canonical interface name that tables
// print: GE1/0/1 for GigabitEthernet1/0/1.
func ShortInterface(name string) string {
	if t, number, ok := TypeOf(name); ok {
		return t.Short + number
	}
	return name
}

// InterfaceName returns the canonical spelling of an interface name in one
// word, and false if the type is unknown or the number is missing.
func InterfaceName(s string) (string, bool) {
	typ, number := cutInterface(s)
	name := ifType(typ, nil)
	if name == "" || !ifNumberOK(number) {
		return "", false
	}
	return name + number, true
}

// ifType finds the interface type a word means: its full name, its acronym or
// short form, or a prefix that no other type has, in any case. The types of
// the device are preferred when the Env names them.
func ifType(s string, env Env) string {
	if s == "" {
		return ""
	}
	var all, own []string
	for _, t := range interfaceTypes {
		if strings.EqualFold(s, t.Name) || strings.EqualFold(s, t.Short) || strings.EqualFold(s, t.Acronym) {
			return t.Name
		}
		if begins(t.Name, s) {
			all = append(all, t.Name)
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	if e, ok := env.(interface{ InterfaceTypes() []string }); ok && len(all) > 1 {
		for _, name := range e.InterfaceTypes() {
			if slices.Contains(all, name) {
				own = append(own, name)
			}
		}
	}
	if len(own) == 1 {
		return own[0]
	}
	return ""
}

// begins says whether a name begins with a word, in any case.
func begins(name, word string) bool {
	return len(word) <= len(name) && strings.EqualFold(word, name[:len(word)])
}

// cutInterface cuts a word where the number begins.
func cutInterface(s string) (typ, number string) {
	i := strings.IndexAny(s, "0123456789")
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

// numberAt is where the number of an interface begins whose type is known, 0
// if the word names none.
func numberAt(s string, env Env) int {
	if typ, _ := cutInterface(s); ifType(typ, env) != "" {
		return len(typ)
	}
	return 0
}

// ifNumberOK accepts 1, 1/0/1 and 1/0/1.100.
func ifNumberOK(s string) bool {
	main, sub, dot := strings.Cut(s, ".")
	if dot {
		if _, ok := decimal(sub); !ok {
			return false
		}
	}
	parts := strings.Split(main, "/")
	if len(parts) > 4 {
		return false
	}
	for _, p := range parts {
		if _, ok := decimal(p); !ok {
			return false
		}
	}
	return true
}

// fitInterface takes a whole name, or a type whose number is the next word.
func fitInterface(s string, a Arg, env Env) (rank, Arg) {
	typ, number := cutInterface(s)
	name := ifType(typ, env)
	if name == "" {
		return none, a
	}
	if number == "" {
		a.partial = true
		a.Word = name
		return loose, a
	}
	return fitNumber(name, number, a, env)
}

// fitNumber judges the number of an interface whose type is known.
func fitNumber(typ, number string, a Arg, env Env) (rank, Arg) {
	if !ifNumberOK(number) {
		return none, a
	}
	a.kind = iface
	a.Word = typ + number
	if env != nil {
		name, ok := env.Interface(a.Word)
		if !ok {
			return none, a
		}
		a.Word = name
	}
	return typed, a
}

// typesOf are the types that `?` lists on a device.
func typesOf(env Env) []string {
	if t, ok := env.(interface{ InterfaceTypes() []string }); ok {
		return t.InterfaceTypes()
	}
	var names []string
	for _, t := range interfaceTypes {
		names = append(names, t.Name)
	}
	return names
}

// interfaceRows lists the types that a word may become, or the number that
// may follow a type in the same word.
func interfaceRows(word string, env Env) []Row {
	typ, number := cutInterface(word)
	if number != "" {
		if name := ifType(typ, env); name != "" {
			return numberRows(name, number, env)
		}
		return nil
	}
	var rows []Row
	for _, name := range typesOf(env) {
		if begins(name, word) {
			rows = append(rows, Row{name, name + " interface"})
		}
	}
	for _, t := range interfaceTypes {
		if word != "" && (strings.EqualFold(word, t.Short) || strings.EqualFold(word, t.Acronym)) && !begins(t.Name, word) {
			rows = append(rows, Row{t.Name, t.Name + " interface"})
		}
	}
	return rows
}

// numberRows says what the number of an interface may go on with: the range
// of its next component.
func numberRows(typ, number string, env Env) []Row {
	text := typ + " interface number"
	i := slices.IndexFunc(interfaceTypes, func(t InterfaceType) bool { return t.Name == typ })
	if t := interfaceTypes[i]; t.Hi > 0 && !strings.Contains(number, ".") {
		if n, ok := decimal(number); number != "" && (!ok || int(n) > t.Hi) {
			return nil
		}
		return []Row{{fmt.Sprintf("<%d-%d>", t.Lo, t.Hi), text}}
	}
	e, ok := env.(interface{ InterfaceNumbers(typ string) []string })
	if !ok {
		return []Row{{"NUMBER", text}}
	}
	head := number[:strings.LastIndexAny(number, "/.")+1]
	var have []int
	for _, s := range e.InterfaceNumbers(typ) {
		if rest, ok := strings.CutPrefix(s, head); ok && strings.HasPrefix(s, number) {
			if end := strings.IndexAny(rest, "/."); end >= 0 {
				rest = rest[:end]
			}
			if n, err := strconv.Atoi(rest); err == nil {
				have = append(have, n)
			}
		}
	}
	if len(have) == 0 {
		return nil
	}
	return []Row{{fmt.Sprintf("<%d-%d>", slices.Min(have), slices.Max(have)), text}}
}
