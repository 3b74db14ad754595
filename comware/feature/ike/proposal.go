package ike

import (
	"fmt"
	"slices"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ike"
	"cwlab/emulator/isakmp"
)

// Places of the lines in IKE proposal view.
const (
	placeMethod   = 10
	placeEncr     = 20
	placeDH       = 30
	placeHash     = 40
	placeDuration = 50
)

// A cipherName is an encryption algorithm as typed and as displayed.
var ciphers = []struct {
	word, shown string
	encr        isakmp.Encryption
	bits        int
}{
	{"3des-cbc", "3DES-CBC", isakmp.DES3CBC, 0},
	{"aes-cbc-128", "AES-CBC-128", isakmp.AESCBC, 128},
	{"aes-cbc-192", "AES-CBC-192", isakmp.AESCBC, 192},
	{"aes-cbc-256", "AES-CBC-256", isakmp.AESCBC, 256},
	{"des-cbc", "DES-CBC", isakmp.DESCBC, 0},
}

var hashes = []struct {
	word, shown string
	hash        isakmp.Hash
}{{"md5", "MD5", isakmp.MD5}, {"sha", "SHA1", isakmp.SHA1}, {"sha256", "SHA256", isakmp.SHA256},
	{"sha384", "SHA384", isakmp.SHA384}, {"sha512", "SHA512", isakmp.SHA512}}

var methods = []struct {
	word, shown string
	auth        isakmp.AuthMethod
}{{"dsa-signature", "DSA-SIG", isakmp.DSSSignatures}, {"pre-share", "PRE-SHARED-KEY", isakmp.PreSharedKey}, {"rsa-signature", "RSA-SIG", isakmp.RSASignatures}}

func cipherName(p ike.Proposal) string {
	for _, c := range ciphers {
		if c.encr == p.Encr && c.bits == p.KeyBits {
			return c.shown
		}
	}
	return p.Encr.String()
}

func hashName(h isakmp.Hash) string {
	for _, c := range hashes {
		if c.hash == h {
			return c.shown
		}
	}
	return h.String()
}

func methodName(a isakmp.AuthMethod) string {
	for _, c := range methods {
		if c.auth == a {
			return c.shown
		}
	}
	return a.String()
}

// inProposal is a command of IKE proposal view. f changes the proposal and
// says the line; the line that a default proposal gives too is not kept.
func inProposal(syntax, key string, place int, line func(p ike.Proposal) string, f func(p *ike.Proposal, a *cli.Args)) feature.Command {
	return command("ike-proposal", syntax, func(x *feature.Exec, a *cli.Args) {
		p := engine(x).Config.Proposal(x.View().Obj.(int))
		if p == nil {
			return
		}
		f(p, a)
		if text := line(*p); text == line(ike.DefaultProposal(p.Number)) {
			x.Node().Remove(key)
		} else {
			x.Node().Set(place, key, text)
		}
	})
}

func encrLine(p ike.Proposal) string {
	for _, c := range ciphers {
		if c.encr == p.Encr && c.bits == p.KeyBits {
			return "encryption-algorithm " + c.word
		}
	}
	return ""
}

func hashLine(p ike.Proposal) string {
	for _, c := range hashes {
		if c.hash == p.Hash {
			return "authentication-algorithm " + c.word
		}
	}
	return ""
}

func methodLine(p ike.Proposal) string {
	for _, c := range methods {
		if c.auth == p.Auth {
			return "authentication-method " + c.word
		}
	}
	return ""
}

func dhLine(p ike.Proposal) string       { return fmt.Sprintf("dh group%d", p.Group) }
func durationLine(p ike.Proposal) string { return fmt.Sprintf("sa duration %d", p.Seconds) }

var proposalCommands = []feature.Command{
	command("system", "ike proposal <proposal:1-65535>", func(x *feature.Exec, a *cli.Args) {
		n := a.Int("proposal")
		e := engine(x)
		if e.Config.Proposal(n) == nil {
			e.Config.Proposals = append(e.Config.Proposals, ike.DefaultProposal(n))
		}
		line := fmt.Sprintf("ike proposal %d", n)
		node := x.Box.Conf.Root().Open(feature.PlaceIKEProposal, line, line)
		x.Enter(feature.ViewState{Name: "ike-proposal", Suffix: fmt.Sprintf("ike-proposal-%d", n), Node: node, Obj: n})
	}),
	command("system", "undo ike proposal <proposal:1-65535>", func(x *feature.Exec, a *cli.Args) {
		n := a.Int("proposal")
		e := engine(x)
		if e.Config.Proposal(n) == nil {
			x.Error("The IKE proposal does not exist.")
			return
		}
		e.Config.Proposals = slices.DeleteFunc(e.Config.Proposals, func(p ike.Proposal) bool { return p.Number == n })
		remove(x, fmt.Sprintf("ike proposal %d", n))
	}),
	inProposal("encryption-algorithm { 3des-cbc | aes-cbc-128 | aes-cbc-192 | aes-cbc-256 | des-cbc }", "encryption-algorithm", placeEncr, encrLine, func(p *ike.Proposal, a *cli.Args) {
		for _, c := range ciphers {
			if a.Has(c.word) {
				p.Encr, p.KeyBits = c.encr, c.bits
			}
		}
	}),
	inProposal("undo encryption-algorithm", "encryption-algorithm", placeEncr, encrLine, func(p *ike.Proposal, _ *cli.Args) {
		d := ike.DefaultProposal(0)
		p.Encr, p.KeyBits = d.Encr, d.KeyBits
	}),
	inProposal("authentication-algorithm { md5 | sha | sha256 | sha384 | sha512 }", "authentication-algorithm", placeHash, hashLine, func(p *ike.Proposal, a *cli.Args) {
		for _, c := range hashes {
			if a.Has(c.word) {
				p.Hash = c.hash
			}
		}
	}),
	inProposal("undo authentication-algorithm", "authentication-algorithm", placeHash, hashLine, func(p *ike.Proposal, _ *cli.Args) {
		p.Hash = ike.DefaultProposal(0).Hash
	}),
	inProposal("authentication-method { dsa-signature | pre-share | rsa-signature }", "authentication-method", placeMethod, methodLine, func(p *ike.Proposal, a *cli.Args) {
		for _, c := range methods {
			if a.Has(c.word) {
				p.Auth = c.auth
			}
		}
	}),
	inProposal("undo authentication-method", "authentication-method", placeMethod, methodLine, func(p *ike.Proposal, _ *cli.Args) {
		p.Auth = ike.DefaultProposal(0).Auth
	}),
	inProposal("dh { group1 | group14 | group2 | group24 | group5 }", "dh", placeDH, dhLine, func(p *ike.Proposal, a *cli.Args) {
		for _, g := range []int{1, 2, 5, 14, 24} {
			if a.Has(fmt.Sprintf("group%d", g)) {
				p.Group = g
			}
		}
	}),
	inProposal("undo dh", "dh", placeDH, dhLine, func(p *ike.Proposal, _ *cli.Args) {
		p.Group = ike.DefaultProposal(0).Group
	}),
	inProposal("sa duration <seconds:60-604800>", "sa duration", placeDuration, durationLine, func(p *ike.Proposal, a *cli.Args) {
		p.Seconds = a.Uint32("seconds")
	}),
	inProposal("undo sa duration", "sa duration", placeDuration, durationLine, func(p *ike.Proposal, _ *cli.Args) {
		p.Seconds = ike.DefaultProposal(0).Seconds
	}),
}

// remove takes a view out of the configuration.
func remove(x *feature.Exec, key string) {
	node := x.Box.Conf.Root().Child(key)
	if node == nil {
		return
	}
	x.Box.Conf.Root().Remove(key)
	x.Box.Drop(node)
}
