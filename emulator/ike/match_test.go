package ike

import (
	"net/netip"
	"testing"
	"time"

	"cwlab/emulator/isakmp"
)

func addrs(low, high string) Match {
	return Match{Kind: isakmp.IDIPv4Addr, Low: netip.MustParseAddr(low), High: netip.MustParseAddr(high)}
}

func name(n string) Match { return Match{Kind: isakmp.IDFQDN, Name: n} }

// Which profile a peer belongs to: those restricted to the local address come
// first, then the smaller priority, then the one configured first; each of the
// rules of one counts.
func TestProfileOrder(t *testing.T) {
	const all, ours = "192.0.2.0", "192.0.2.255"
	one := func(n string, prio int, s Scope, ms ...Match) *Profile {
		return &Profile{Name: n, Priority: prio, Local: s, Matches: ms}
	}
	here, there := Scope{Addr: addrA}, Scope{Addr: addrB}
	wide, narrow := addrs(all, ours), addrs("192.0.2.2", "192.0.2.2")
	for _, c := range []struct {
		name     string
		profiles []*Profile
		id       *isakmp.ID
		want     string
	}{
		{"none", nil, isakmp.AddressID(addrB, 0, 0), ""},
		{"no rule", []*Profile{one("a", 1, Scope{})}, isakmp.AddressID(addrB, 0, 0), ""},
		{"configured first", []*Profile{one("a", 100, Scope{}, wide), one("b", 100, Scope{}, narrow)}, isakmp.AddressID(addrB, 0, 0), "a"},
		{"smaller priority", []*Profile{one("a", 100, Scope{}, wide), one("b", 99, Scope{}, narrow)}, isakmp.AddressID(addrB, 0, 0), "b"},
		{"restricted to here", []*Profile{one("a", 1, Scope{}, wide), one("b", 65535, here, narrow)}, isakmp.AddressID(addrB, 0, 0), "b"},
		{"restricted to an interface", []*Profile{one("a", 1, Scope{}, wide), one("b", 2, Scope{Interface: "if1"}, narrow)}, isakmp.AddressID(addrB, 0, 0), "b"},
		{"restricted to elsewhere", []*Profile{one("a", 1, there, wide), one("b", 2, Scope{Interface: "if2"}, wide), one("c", 100, Scope{}, wide)}, isakmp.AddressID(addrB, 0, 0), "c"},
		{"two restricted", []*Profile{one("a", 2, here, wide), one("b", 1, here, wide)}, isakmp.AddressID(addrB, 0, 0), "b"},
		{"second rule", []*Profile{one("a", 1, Scope{}, name("x"), name("y"), narrow)}, isakmp.AddressID(addrB, 0, 0), "a"},
		{"above the range", []*Profile{one("a", 1, Scope{}, addrs("192.0.2.0", "192.0.2.1"))}, isakmp.AddressID(addrB, 0, 0), ""},
		{"name", []*Profile{one("a", 1, Scope{}, wide), one("b", 1, Scope{}, name("branch"))}, &isakmp.ID{Kind: isakmp.IDFQDN, Data: []byte("branch")}, "b"},
		{"name in other case", []*Profile{one("b", 1, Scope{}, name("Branch"))}, &isakmp.ID{Kind: isakmp.IDFQDN, Data: []byte("branch")}, ""},
		{"user is no host", []*Profile{one("b", 1, Scope{}, name("branch"))}, &isakmp.ID{Kind: isakmp.IDUserFQDN, Data: []byte("branch")}, ""},
	} {
		cfg := Config{Profiles: c.profiles, InterfaceAddr: func(n string) (netip.Addr, bool) { return addrA, n == "if1" }}
		got := ""
		if p, _ := cfg.matchID(addrA, c.id, nil); p != nil {
			got = p.Name
		}
		if got != c.want {
			t.Errorf("%s: profile %q, want %q", c.name, got, c.want)
		}
	}
}

// Which key is used: the same order among keychains, the longest prefix within
// one, and a keychain that a profile names first before those named later.
func TestKeychainOrder(t *testing.T) {
	chain := func(n string, prio int, s Scope, keys ...Key) *Keychain {
		return &Keychain{Name: n, Priority: prio, Local: s, Keys: keys}
	}
	key := func(prefix, secret string) Key {
		return Key{Prefix: netip.MustParsePrefix(prefix), Secret: []byte(secret)}
	}
	host := Key{Hostname: "branch", Secret: []byte("named")}
	here, there := Scope{Addr: addrA}, Scope{Addr: addrB}
	branch := &isakmp.ID{Kind: isakmp.IDFQDN, Data: []byte("branch")}
	for _, c := range []struct {
		name    string
		chains  []*Keychain
		profile []string
		id      *isakmp.ID
		want    string
	}{
		{"none", nil, nil, nil, ""},
		{"no key for the peer", []*Keychain{chain("a", 1, Scope{}, key("10.0.0.0/8", "x"))}, nil, nil, ""},
		{"longest prefix", []*Keychain{chain("a", 1, Scope{}, key("0.0.0.0/0", "any"), key("192.0.2.2/32", "one"), key("192.0.2.0/24", "net"))}, nil, nil, "one"},
		{"chain before prefix", []*Keychain{chain("a", 1, Scope{}, key("0.0.0.0/0", "any")), chain("b", 2, Scope{}, key("192.0.2.2/32", "one"))}, nil, nil, "any"},
		{"configured first", []*Keychain{chain("a", 100, Scope{}, key("192.0.2.0/24", "a")), chain("b", 100, Scope{}, key("192.0.2.0/24", "b"))}, nil, nil, "a"},
		{"smaller priority", []*Keychain{chain("a", 100, Scope{}, key("192.0.2.0/24", "a")), chain("b", 10, Scope{}, key("192.0.2.0/24", "b"))}, nil, nil, "b"},
		{"restricted to here", []*Keychain{chain("a", 1, Scope{}, key("192.0.2.0/24", "a")), chain("b", 100, here, key("192.0.2.0/24", "b"))}, nil, nil, "b"},
		{"restricted to elsewhere", []*Keychain{chain("a", 1, there, key("192.0.2.0/24", "a")), chain("b", 100, Scope{}, key("192.0.2.0/24", "b"))}, nil, nil, "b"},
		{"named first in the profile", []*Keychain{chain("a", 100, Scope{}, key("192.0.2.0/24", "a")), chain("b", 100, Scope{}, key("192.0.2.0/24", "b"))}, []string{"b", "a"}, nil, "b"},
		{"only those of the profile", []*Keychain{chain("a", 1, Scope{}, key("192.0.2.0/24", "a")), chain("b", 100, Scope{}, key("192.0.2.0/24", "b"))}, []string{"b"}, nil, "b"},
		{"restricted, though named later", []*Keychain{chain("a", 100, Scope{}, key("192.0.0.0/16", "a")), chain("b", 100, here, key("192.0.2.0/24", "b"))}, []string{"a", "b"}, nil, "b"},
		{"one of the profile is missing", []*Keychain{chain("a", 100, Scope{}, key("192.0.2.0/24", "a"))}, []string{"gone", "a"}, nil, "a"},
		{"host name", []*Keychain{chain("a", 100, Scope{}, key("192.0.2.0/24", "a"), host)}, nil, branch, "named"},
		{"host name unknown yet", []*Keychain{chain("a", 100, Scope{}, key("192.0.2.0/24", "a"), host)}, nil, nil, "a"},
	} {
		cfg := Config{Keychains: c.chains}
		var p *Profile
		if c.profile != nil {
			p = &Profile{Keychains: c.profile}
		}
		got := ""
		if k, _, _ := cfg.key(p, addrA, addrB, c.id); k != nil {
			got = string(k.Secret)
		}
		if got != c.want {
			t.Errorf("%s: key %q, want %q", c.name, got, c.want)
		}
	}
}

// Who is let in by the responder, and with which profile. The initiator is at
// addrA and has the right key for its address in every row.
func TestWhoIsLetIn(t *testing.T) {
	fqdn := func(n string) *Identity { return &Identity{Kind: isakmp.IDFQDN, Name: n} }
	known := &Profile{Name: "known", Priority: 100, Keychains: []string{"k"}, Matches: []Match{name("branch")}}
	byAddr := &Profile{Name: "addr", Priority: 100, Keychains: []string{"k"}, Matches: []Match{addrs("192.0.2.1", "192.0.2.1")}}
	other := &Profile{Name: "other", Priority: 100, Keychains: []string{"other"}, Matches: []Match{name("branch")}}
	for _, c := range []struct {
		name       string
		aggressive bool
		id         *Identity
		profiles   []*Profile // of the responder
		hosts      []string   // its keys for names
		ok         bool
		profile    string
	}{
		{"an address, no profile", false, nil, nil, nil, true, ""},
		{"an address, profile for it", false, nil, []*Profile{byAddr}, nil, true, "addr"},
		{"an address, profile for another", false, nil, []*Profile{known}, nil, true, ""},
		{"another's address", false, &Identity{Kind: isakmp.IDIPv4Addr, Addr: netip.MustParseAddr("192.0.2.77")}, nil, nil, false, ""},
		{"a known name", false, fqdn("branch"), []*Profile{known}, nil, true, "known"},
		{"an unknown name", false, fqdn("nobody"), []*Profile{known}, nil, false, ""},
		{"an unknown name, profile for the address", false, fqdn("nobody"), []*Profile{byAddr}, nil, false, ""},
		{"a name, no profile", false, fqdn("branch"), nil, nil, false, ""},
		{"a name whose key came too late", false, fqdn("branch"), nil, []string{"branch"}, false, ""},
		{"a name of a profile with another key", false, fqdn("branch"), []*Profile{byAddr, other}, nil, false, ""},
		{"aggressive, an address", true, nil, nil, nil, true, ""},
		{"aggressive, a known name", true, fqdn("branch"), []*Profile{known}, nil, true, "known"},
		{"aggressive, an unknown name", true, fqdn("nobody"), []*Profile{known, byAddr}, nil, false, ""},
		{"aggressive, a name, no profile", true, fqdn("branch"), nil, nil, false, ""},
		{"aggressive, a name with a key of its own", true, fqdn("branch"), nil, []string{"branch"}, true, ""},
		{"aggressive, another name than the key's", true, fqdn("nobody"), nil, []string{"branch"}, false, ""},
	} {
		a, b := pair(t)
		if c.aggressive {
			a, b = aggressive(t)
		}
		a.Config.Identity = c.id
		b.Config.Profiles = c.profiles
		b.Config.Keychains = append(b.Config.Keychains, &Keychain{Name: "other", Priority: 200, Keys: []Key{{Prefix: netip.PrefixFrom(addrA, 32), Secret: []byte("another")}}})
		for _, h := range c.hosts {
			b.Config.Keychains[0].Keys = append(b.Config.Keychains[0].Keys, Key{Hostname: h, Secret: []byte("secret")})
		}
		a.Acquire(a.policy)
		a.run(30 * time.Second)
		if !c.ok {
			a.wantSAs(0, c.name)
			b.wantSAs(0, c.name)
			if n := b.Engine.Stats.Notify[isakmp.InvalidIDInformation]; n != 1 || b.count(PeerIDInvalid) != 1 {
				t.Errorf("%s: refused %d times, the identity found invalid %d times; want once", c.name, n, b.count(PeerIDInvalid))
			}
			continue
		}
		b.wantSAs(1, c.name)
		b.wantPairs(1, c.name)
		if got := b.SAs()[0].Profile; got != c.profile {
			t.Errorf("%s: profile %q, want %q", c.name, got, c.profile)
		}
	}
}

// An initiator without a profile takes the peer's address for its name, and no
// other.
func TestInitiatorChecksTheResponder(t *testing.T) {
	for _, c := range []struct {
		name string
		id   *Identity
		ok   bool
	}{
		{"its address", nil, true},
		{"another address", &Identity{Kind: isakmp.IDIPv4Addr, Addr: netip.MustParseAddr("192.0.2.77")}, false},
		{"a name", &Identity{Kind: isakmp.IDFQDN, Name: "centre"}, false},
	} {
		a, b := pair(t)
		b.Config.Identity = c.id
		a.Acquire(a.policy)
		a.run(30 * time.Second)
		if got := len(a.pairs) == 1; got != c.ok {
			t.Errorf("%s: a tunnel is there: %v, want %v", c.name, got, c.ok)
		}
		if !c.ok {
			a.wantSAs(0, c.name)
		}
	}
}
