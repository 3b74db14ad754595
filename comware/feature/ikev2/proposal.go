package ikev2

import (
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ikev2/wire"
)

// Places of the lines in IKEv2 proposal view.
const (
	placeEncryption = 10 + 10*iota
	placeIntegrity
	placePRF
	placeDH
)

// An algorithm is one as typed and as displayed.
type algorithm[T any] struct {
	word, shown string
	is          T
}

var (
	ciphers = []algorithm[ikev2.Cipher]{
		{"3des-cbc", "3DES-CBC", ikev2.Cipher{ID: wire.Encr3DES}},
		{"aes-cbc-128", "AES-CBC-128", ikev2.Cipher{ID: wire.EncrAES, KeyBits: 128}},
		{"aes-cbc-192", "AES-CBC-192", ikev2.Cipher{ID: wire.EncrAES, KeyBits: 192}},
		{"aes-cbc-256", "AES-CBC-256", ikev2.Cipher{ID: wire.EncrAES, KeyBits: 256}},
		{"aes-ctr-128", "AES-CTR-128", ikev2.Cipher{ID: wire.EncrCTR, KeyBits: 128}},
		{"aes-ctr-192", "AES-CTR-192", ikev2.Cipher{ID: wire.EncrCTR, KeyBits: 192}},
		{"aes-ctr-256", "AES-CTR-256", ikev2.Cipher{ID: wire.EncrCTR, KeyBits: 256}},
		{"des-cbc", "DES-CBC", ikev2.Cipher{ID: wire.EncrDES}},
	}
	integrities = []algorithm[uint16]{
		{"md5", "MD5", wire.IntegMD5}, {"sha1", "SHA1", wire.IntegSHA1}, {"sha256", "SHA256", wire.IntegSHA256},
		{"sha384", "SHA384", wire.IntegSHA384}, {"sha512", "SHA512", wire.IntegSHA512},
	}
	prfs = []algorithm[uint16]{
		{"md5", "MD5", wire.PRFMD5}, {"sha1", "SHA1", wire.PRFSHA1}, {"sha256", "SHA256", wire.PRFSHA256},
		{"sha384", "SHA384", wire.PRFSHA384}, {"sha512", "SHA512", wire.PRFSHA512},
	}
	groups = []algorithm[int]{
		{"group1", "MODP768/Group1", 1}, {"group14", "MODP2048/Group14", 14}, {"group19", "ECP256/Group19", 19},
		{"group2", "MODP1024/Group2", 2}, {"group20", "ECP384/Group20", 20},
		{"group24", "MODP2048_256/Group24", 24}, {"group5", "MODP1536/Group5", 5},
	}
)

// shown is how displays write the algorithms of a list.
func shown[T comparable](all []algorithm[T], list []T) string {
	var words []string
	for _, v := range list {
		for _, a := range all {
			if a.is == v {
				words = append(words, a.shown)
			}
		}
	}
	return strings.Join(words, " ")
}

// anyOf is the grammar for one or more algorithms.
func anyOf[T any](all []algorithm[T]) string {
	var words []string
	for _, a := range all {
		words = append(words, a.word)
	}
	return "{ " + strings.Join(words, " | ") + " } *"
}

// list is a list of algorithms as a command of IKEv2 proposal view and its
// undo form; at is the list of a proposal.
func list[T comparable](word string, place int, all []algorithm[T], at func(p *ikev2.Proposal) *[]T) []feature.Command {
	in := func(syntax string, f func(x *feature.Exec, to *[]T, a *cli.Args)) feature.Command {
		return command("ikev2-proposal", syntax, func(x *feature.Exec, a *cli.Args) { f(x, at(x.View().Obj.(*ikev2.Proposal)), a) })
	}
	return []feature.Command{
		in(word+" "+anyOf(all), func(x *feature.Exec, to *[]T, a *cli.Args) {
			*to = nil
			line := word
			for _, g := range a.All()[1:] {
				i := slices.IndexFunc(all, func(n algorithm[T]) bool { return n.word == g.Word })
				*to = append(*to, all[i].is)
				line += " " + g.Word
			}
			x.Node().Set(place, word, line)
		}),
		in("undo "+word, func(x *feature.Exec, to *[]T, _ *cli.Args) {
			*to = nil
			x.Node().Remove(word)
		}),
	}
}

var proposalCommands = slices.Concat([]feature.Command{
	command("system", "ikev2 proposal <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		c, name := &engine(x).Config, a.Str("name")
		if strings.EqualFold(name, ikev2.DefaultName) {
			x.Error("The default IKEv2 proposal cannot be changed.")
			return
		}
		p := c.Proposal(name)
		if p == nil {
			p = &ikev2.Proposal{Name: name}
			c.Proposals = append(c.Proposals, p)
		}
		node := x.Box.Conf.Root().Open(feature.PlaceIKEv2Proposal, "ikev2 proposal "+strings.ToLower(name), "ikev2 proposal "+cli.Quote(p.Name))
		x.Enter(feature.ViewState{Name: "ikev2-proposal", Suffix: "ikev2-proposal-" + p.Name, Node: node, Obj: p})
	}),
	command("system", "undo ikev2 proposal <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		c, name := &engine(x).Config, a.Str("name")
		was := len(c.Proposals)
		c.Proposals = slices.DeleteFunc(c.Proposals, func(p *ikev2.Proposal) bool { return strings.EqualFold(p.Name, name) })
		if len(c.Proposals) == was {
			x.Error("The IKEv2 proposal does not exist.")
			return
		}
		drop(x, "ikev2 proposal "+strings.ToLower(name))
	}),
},
	list("encryption", placeEncryption, ciphers, func(p *ikev2.Proposal) *[]ikev2.Cipher { return &p.Encr }),
	list("integrity", placeIntegrity, integrities, func(p *ikev2.Proposal) *[]uint16 { return &p.Integ }),
	list("prf", placePRF, prfs, func(p *ikev2.Proposal) *[]uint16 { return &p.PRF }),
	list("dh", placeDH, groups, func(p *ikev2.Proposal) *[]int { return &p.Groups }),
)

func groupName(n int) string { return shown(groups, []int{n}) }

// setPriority writes a priority that is not the default.
func setPriority(x *feature.Exec, place, n int) {
	if n == ikev2.DefaultPriority {
		x.Node().Remove("priority")
		return
	}
	x.Node().Set(place, "priority", fmt.Sprintf("priority %d", n))
}
