package ikev2

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	featureike "cwlab/comware/feature/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ikev2/wire"
)

// Places of the lines in IKEv2 keychain and peer view.
const (
	placePeer = 10

	placeAddress  = 10
	placeHost     = 20
	placeIdentity = 30
	placeKey      = 40
)

// inPeer is a command of IKEv2 peer view.
func inPeer(syntax string, f func(x *feature.Exec, p *ikev2.Peer, a *cli.Args)) feature.Command {
	return command("ikev2-peer", syntax, func(x *feature.Exec, a *cli.Args) { f(x, x.View().Obj.(*ikev2.Peer), a) })
}

// readID is an identity as a rule for peers, with its words in a line.
func readID(a *cli.Args) (ikev2.Match, string) {
	name := a.Str("name")
	switch {
	case a.Has("dn"):
		return ikev2.Match{Kind: wire.IDDN}, "dn"
	case a.Has("range"):
		return ikev2.Match{Kind: wire.IDIPv4, Low: a.Addr("low"), High: a.Addr("high")}, fmt.Sprintf("address range %s %s", a.Addr("low"), a.Addr("high"))
	case a.Has("fqdn"):
		return ikev2.Match{Kind: wire.IDFQDN, Name: name}, "fqdn " + cli.Quote(name)
	case a.Has("email"):
		return ikev2.Match{Kind: wire.IDEmail, Name: name}, "email " + cli.Quote(name)
	case a.Has("key-id"):
		return ikev2.Match{Kind: wire.IDKeyID, Name: name}, "key-id " + cli.Quote(name)
	}
	p := readPrefix(a)
	return ikev2.Match{Kind: wire.IDIPv4, Low: p.Masked().Addr(), High: featureike.Last(p)}, fmt.Sprintf("address %s %s", p.Addr(), featureike.Dotted(p))
}

func readPrefix(a *cli.Args) netip.Prefix {
	if a.Str("mask") != "" {
		return a.Prefix("address", "mask")
	}
	return netip.PrefixFrom(a.Addr("address"), 32)
}

// keySides are the lines of pre-shared keys: one for both ends, or one for
// each.
var keySides = []struct {
	word string
	of   func(p *ikev2.Peer) []**ikev2.Secret
}{
	{"", func(p *ikev2.Peer) []**ikev2.Secret { return []**ikev2.Secret{&p.Local, &p.Remote} }},
	{"local", func(p *ikev2.Peer) []**ikev2.Secret { return []**ikev2.Secret{&p.Local} }},
	{"remote", func(p *ikev2.Peer) []**ikev2.Secret { return []**ikev2.Secret{&p.Remote} }},
}

func keyLine(side string) string { return strings.TrimSpace("pre-shared-key " + side) }

// side is the end that a command names, 0 for both.
func side(a *cli.Args) int {
	for i, s := range keySides {
		if s.word != "" && a.Has(s.word) {
			return i
		}
	}
	return 0
}

func setKey(x *feature.Exec, p *ikev2.Peer, a *cli.Args) {
	secret, stored := &ikev2.Secret{}, a.Str("cipher")
	if plain := a.Str("plain"); plain != "" {
		secret.Key, stored = []byte(plain), feature.Encipher(plain)
	} else if plain, ok := feature.Decipher(stored); ok {
		secret.Key = []byte(plain)
	} else {
		secret.Unusable = true
	}
	// A key for both ends and keys for each take the place of one another.
	n := side(a)
	for i, s := range keySides {
		if (i == 0) != (n == 0) && x.Node().Remove(keyLine(s.word)) {
			for _, at := range s.of(p) {
				*at = nil
			}
		}
	}
	for _, at := range keySides[n].of(p) {
		*at = secret
	}
	line := keyLine(keySides[n].word)
	x.Node().Set(placeKey, line, line+" ciphertext "+cli.Quote(stored))
	if secret.Unusable {
		x.Print("The ciphertext key is saved, but it cannot be decrypted.\n")
	}
}

func clearKey(x *feature.Exec, p *ikev2.Peer, a *cli.Args) {
	s := keySides[side(a)]
	if !x.Node().Remove(keyLine(s.word)) {
		x.Error("The pre-shared key does not exist.")
		return
	}
	for _, at := range s.of(p) {
		*at = nil
	}
}

var keychainCommands = []feature.Command{
	command("system", "ikev2 keychain <keychain:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		c := &engine(x).Config
		k := c.Keychain(a.Str("keychain"))
		if k == nil {
			k = &ikev2.Keychain{Name: a.Str("keychain")}
			c.Keychains = append(c.Keychains, k)
		}
		node := x.Box.Conf.Root().Open(feature.PlaceIKEv2Keychain, "ikev2 keychain "+strings.ToLower(k.Name), "ikev2 keychain "+cli.Quote(k.Name))
		x.Enter(feature.ViewState{Name: "ikev2-keychain", Suffix: "ikev2-keychain-" + k.Name, Node: node, Obj: k})
	}),
	command("system", "undo ikev2 keychain <keychain:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		c, name := &engine(x).Config, a.Str("keychain")
		if c.Keychain(name) == nil {
			x.Error("The IKEv2 keychain does not exist.")
			return
		}
		c.Keychains = slices.DeleteFunc(c.Keychains, func(k *ikev2.Keychain) bool { return strings.EqualFold(k.Name, name) })
		drop(x, "ikev2 keychain "+strings.ToLower(name))
	}),
	command("ikev2-keychain", "peer <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		k, name := x.View().Obj.(*ikev2.Keychain), a.Str("name")
		i := slices.IndexFunc(k.Peers, func(p *ikev2.Peer) bool { return strings.EqualFold(p.Name, name) })
		if i < 0 {
			i = len(k.Peers)
			k.Peers = append(k.Peers, &ikev2.Peer{Name: name})
		}
		p := k.Peers[i]
		node := x.Node().Open(placePeer, "peer "+strings.ToLower(name), "peer "+cli.Quote(p.Name))
		x.Enter(feature.ViewState{Name: "ikev2-peer", Suffix: "ikev2-keychain-" + k.Name + "-peer-" + p.Name, Node: node, Obj: p})
	}),
	command("ikev2-keychain", "undo peer <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		k, name := x.View().Obj.(*ikev2.Keychain), a.Str("name")
		n := x.Node().Child("peer " + strings.ToLower(name))
		if n == nil {
			x.Error("The IKEv2 peer does not exist.")
			return
		}
		k.Peers = slices.DeleteFunc(k.Peers, func(p *ikev2.Peer) bool { return strings.EqualFold(p.Name, name) })
		x.Node().Remove(n.Key)
		x.Box.Drop(n)
	}),
	inPeer("address <address:ip> [ <mask:mask> ]", func(x *feature.Exec, p *ikev2.Peer, a *cli.Args) {
		prefix := readPrefix(a)
		p.Prefix = prefix.Masked()
		x.Node().Set(placeAddress, "address", fmt.Sprintf("address %s %s", prefix.Addr(), featureike.Dotted(prefix)))
	}),
	inPeer("undo address", func(x *feature.Exec, p *ikev2.Peer, _ *cli.Args) {
		p.Prefix = netip.Prefix{}
		x.Node().Remove("address")
	}),
	inPeer("hostname <host:string:1-253>", func(x *feature.Exec, p *ikev2.Peer, a *cli.Args) {
		p.Hostname = a.Str("host")
		x.Node().Set(placeHost, "hostname", "hostname "+cli.Quote(p.Hostname))
	}),
	inPeer("undo hostname", func(x *feature.Exec, p *ikev2.Peer, _ *cli.Args) {
		p.Hostname = ""
		x.Node().Remove("hostname")
	}),
	inPeer("identity { address <address:ip> | email <name:string:1-255> | fqdn <name:string:1-255> | key-id <name:string:1-255> }", func(x *feature.Exec, p *ikev2.Peer, a *cli.Args) {
		m, line := readID(a)
		if a.Has("address") {
			line = "address " + m.Low.String()
		}
		p.Identity = &m
		x.Node().Set(placeIdentity, "identity", "identity "+line)
	}),
	inPeer("undo identity", func(x *feature.Exec, p *ikev2.Peer, _ *cli.Args) {
		p.Identity = nil
		x.Node().Remove("identity")
	}),
	inPeer("pre-shared-key [ local | remote ] { ciphertext <cipher:string:1-201> | plaintext <plain:string:1-128> }", setKey),
	inPeer("undo pre-shared-key [ local | remote ]", clearKey),
}
