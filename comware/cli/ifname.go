package cli

import "strings"

// ifTypes are the interface types and their acronyms, in the order in which
// `?` lists them.
var ifTypes = []struct{ name, short string }{
	{"Bridge-Aggregation", "BAGG"},
	{"Dialer", "Dia"},
	{"FortyGigE", "FGE"},
	{"GigabitEthernet", "GE"},
	{"HundredGigE", "HGE"},
	{"InLoopBack", "InLoop"},
	{"LoopBack", "Loop"},
	{"M-GigabitEthernet", "MGE"},
	{"NULL", "NULL"},
	{"Register-Tunnel", "REG"},
	{"Reth", "Reth"},
	{"Route-Aggregation", "RAGG"},
	{"Ten-GigabitEthernet", "XGE"},
	{"Tunnel", "Tun"},
	{"TwentyFiveGigE", "WGE"},
	{"Virtual-Template", "VT"},
	{"Vlan-interface", "Vlan-int"},
}

// ifType finds the interface type a word means: its full name, its acronym, or
// a prefix that no other type has, in any case. The types of the device are
// preferred when the Env names them.
func ifType(s string, env Env) string {
	if s == "" {
		return ""
	}
	own := map[string]bool{}
	if t, ok := env.(interface{ InterfaceTypes() []string }); ok {
		for _, name := range t.InterfaceTypes() {
			own[name] = true
		}
	}
	found, ownFound := "", ""
	n, ownN := 0, 0
	for _, t := range ifTypes {
		if strings.EqualFold(s, t.name) || strings.EqualFold(s, t.short) {
			return t.name
		}
		if len(s) < len(t.name) && strings.EqualFold(s, t.name[:len(s)]) {
			found = t.name
			n++
			if own[t.name] {
				ownFound = t.name
				ownN++
			}
		}
	}
	switch {
	case ownN == 1:
		return ownFound
	case n == 1:
		return found
	}
	return ""
}

// ShortInterface returns the acronym form of a canonical interface name, as
// tables print it: GE1/0/1 for GigabitEthernet1/0/1.
func ShortInterface(name string) string {
	for _, t := range ifTypes {
		if strings.HasPrefix(name, t.name) {
			return t.short + name[len(t.name):]
		}
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

// cutInterface cuts a word where the number begins.
func cutInterface(s string) (typ, number string) {
	i := strings.IndexAny(s, "0123456789")
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
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
