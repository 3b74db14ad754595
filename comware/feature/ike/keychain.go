package ike

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ike"
)

// Places of the lines in IKE keychain view.
const (
	placeChainLocal    = 10
	placeKey           = 20
	placeChainPriority = 30
)

// Dotted is the mask of a prefix as the configuration prints it.
func Dotted(p netip.Prefix) string { return net.IP(net.CIDRMask(p.Bits(), 32)).String() }

// ReadScope is a `match local address`, as a line too.
func ReadScope(a *cli.Args) (ike.Scope, string) {
	if i := a.Str("interface"); i != "" {
		return ike.Scope{Interface: i}, "match local address " + i
	}
	return ike.Scope{Addr: a.Addr("address")}, "match local address " + a.Addr("address").String()
}

func inKeychain(syntax string, f func(x *feature.Exec, k *ike.Keychain, a *cli.Args)) feature.Command {
	return command("ike-keychain", syntax, func(x *feature.Exec, a *cli.Args) {
		if k := engine(x).Config.Keychain(x.View().Obj.(string)); k != nil {
			f(x, k, a)
		}
	})
}

// peerKey is what tells one key of a keychain from another.
func peerKey(a *cli.Args) (prefix netip.Prefix, host, key string) {
	if host = a.Str("host"); host != "" {
		return netip.Prefix{}, host, "pre-shared-key hostname " + cli.Quote(host)
	}
	prefix = netip.PrefixFrom(a.Addr("address"), 32)
	if a.Str("mask") != "" {
		prefix = a.Prefix("address", "mask")
	}
	return prefix, "", fmt.Sprintf("pre-shared-key address %s %s", prefix.Masked().Addr(), Dotted(prefix))
}

func setKey(x *feature.Exec, k *ike.Keychain, a *cli.Args) {
	prefix, host, key := peerKey(a)
	n := ike.Key{Hostname: host}
	if host == "" {
		n.Prefix = prefix.Masked()
	}
	stored := a.Str("cipher")
	if plain := a.Str("plain"); plain != "" {
		n.Secret, stored = []byte(plain), feature.Encipher(plain)
	} else if plain, ok := feature.Decipher(stored); ok {
		n.Secret = []byte(plain)
	} else {
		n.Unusable = true
	}
	at := slices.IndexFunc(k.Keys, func(o ike.Key) bool { return o.Prefix == n.Prefix && o.Hostname == n.Hostname })
	if at < 0 {
		k.Keys = append(k.Keys, n)
	} else {
		k.Keys[at] = n
	}
	x.Node().Set(placeKey, key, key+" key cipher "+cli.Quote(stored))
	if n.Unusable {
		x.Print("The ciphertext key is saved, but it cannot be decrypted.\n")
	}
}

func clearKey(x *feature.Exec, k *ike.Keychain, a *cli.Args) {
	prefix, host, key := peerKey(a)
	if !x.Node().Remove(key) {
		x.Error("The pre-shared key does not exist.")
		return
	}
	k.Keys = slices.DeleteFunc(k.Keys, func(o ike.Key) bool {
		return o.Hostname == host && (host != "" || o.Prefix == prefix.Masked())
	})
}

var keychainCommands = []feature.Command{
	command("system", "ike keychain <keychain:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		e := engine(x)
		k := e.Config.Keychain(a.Str("keychain"))
		if k == nil {
			k = &ike.Keychain{Name: a.Str("keychain"), Priority: defaultPriority}
			e.Config.Keychains = append(e.Config.Keychains, k)
		}
		node := x.Box.Conf.Root().Open(feature.PlaceIKEKeychain, "ike keychain "+strings.ToLower(k.Name), "ike keychain "+cli.Quote(k.Name))
		node.Insertion = true
		x.Enter(feature.ViewState{Name: "ike-keychain", Suffix: "ike-keychain-" + k.Name, Node: node, Obj: k.Name})
	}),
	command("system", "undo ike keychain <keychain:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		e := engine(x)
		name := a.Str("keychain")
		if e.Config.Keychain(name) == nil {
			x.Error("The IKE keychain does not exist.")
			return
		}
		e.Config.Keychains = slices.DeleteFunc(e.Config.Keychains, func(k *ike.Keychain) bool { return strings.EqualFold(k.Name, name) })
		remove(x, "ike keychain "+strings.ToLower(name))
	}),
	inKeychain("pre-shared-key { address <address:ip> [ <mask:mask> ] | hostname <host:string:1-255> } key { cipher <cipher:string:1-201> | simple <plain:string:1-128> }", setKey),
	inKeychain("undo pre-shared-key { address <address:ip> [ <mask:mask> ] | hostname <host:string:1-255> }", clearKey),
	inKeychain("match local address { <address:ip> | <interface:interface> }", func(x *feature.Exec, k *ike.Keychain, a *cli.Args) {
		s, line := ReadScope(a)
		k.Local = s
		x.Node().Set(placeChainLocal, "match local", line)
	}),
	inKeychain("undo match local", func(x *feature.Exec, k *ike.Keychain, _ *cli.Args) {
		k.Local = ike.Scope{}
		x.Node().Remove("match local")
	}),
	inKeychain("priority <priority:1-65535>", func(x *feature.Exec, k *ike.Keychain, a *cli.Args) {
		k.Priority = a.Int("priority")
		setPriority(x, placeChainPriority, k.Priority)
	}),
	inKeychain("undo priority", func(x *feature.Exec, k *ike.Keychain, _ *cli.Args) {
		k.Priority = defaultPriority
		x.Node().Remove("priority")
	}),
}

func setPriority(x *feature.Exec, place, n int) {
	if n == defaultPriority {
		x.Node().Remove("priority")
		return
	}
	x.Node().Set(place, "priority", fmt.Sprintf("priority %d", n))
}
