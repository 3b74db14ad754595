package ipsec

import (
	"encoding/hex"
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ipsec"
)

const (
	placeSPI    = 40
	placeSecret = 50
)

// handViews are those of SAs that are set up by hand: of policies, and of
// profiles, which protect packets of routing protocols.
const handViews = "ipsec-manual ipsec-profile"

// manualCommands are those of a policy or profile whose SAs are set up by hand.
var manualCommands = []feature.Command{
	command("system", "ipsec policy <name:string:1-63> <seq:1-65535> manual", func(x *feature.Exec, a *cli.Args) {
		enterManual(x, a.Str("name"), a.Int("seq"))
	}),
	command("ipsec-manual", "security acl { <acl:3000-3999> | name <acl-name:string:1-63> }", setACL),
	command("ipsec-manual", "undo security acl", undoACL),
	command(handViews, "transform-set <set:string:1-63>", setSets),
	command(handViews, "undo transform-set", undoSets),
	command(handViews, "sa spi { inbound | outbound } { ah | esp } <spi:256-4294967295>", func(x *feature.Exec, a *cli.Args) {
		keys(x, a).SPI = a.Uint32("spi")
		line := "sa spi " + keyWords(a)
		x.Node().Set(placeSPI, line, line+" "+a.Str("spi"))
	}),
	command(handViews, "undo sa spi { inbound | outbound } { ah | esp }", func(x *feature.Exec, a *cli.Args) {
		keys(x, a).SPI = 0
		x.Node().Remove("sa spi " + keyWords(a))
	}),
	command(handViews, "sa string-key { inbound | outbound } { ah | esp } { cipher <cipher:string:1-373> | simple <plain:string:1-255> }", setString),
	command(handViews, "undo sa string-key { inbound | outbound } { ah | esp }", func(x *feature.Exec, a *cli.Args) {
		keys(x, a).String = ""
		x.Node().Remove("sa string-key " + keyWords(a))
	}),
	command(handViews, "sa hex-key authentication { inbound | outbound } { ah | esp } { cipher <cipher:string:1-201> | simple <plain:hex:32-128> }", func(x *feature.Exec, a *cli.Args) {
		setHex(x, a, "authentication", &keys(x, a).Auth)
	}),
	command(handViews, "undo sa hex-key authentication { inbound | outbound } { ah | esp }", func(x *feature.Exec, a *cli.Args) {
		keys(x, a).Auth = nil
		x.Node().Remove("sa hex-key authentication " + keyWords(a))
	}),
	command(handViews, "sa hex-key encryption { inbound | outbound } esp { cipher <cipher:string:1-117> | simple <plain:hex:16-64> }", func(x *feature.Exec, a *cli.Args) {
		setHex(x, a, "encryption", &keys(x, a).Encr)
	}),
	command(handViews, "undo sa hex-key encryption { inbound | outbound } esp", func(x *feature.Exec, a *cli.Args) {
		keys(x, a).Encr = nil
		x.Node().Remove("sa hex-key encryption " + keyWords(a))
	}),
}

func enterManual(x *feature.Exec, name string, seq int) {
	e := engine(x)
	if p := e.Policy(name); p != nil {
		name = p.Name
		if old := p.Entry(seq); old != nil && old.Manual == nil {
			x.Error("The mode of the policy cannot be changed.")
			return
		}
	}
	entry := e.AddPolicy(name, seq)
	if entry.Manual == nil {
		entry.Manual = &ipsec.Manual{}
	}
	n := x.Box.Conf.Root().Open(feature.PlaceIPsecPolicy, policyKey(name, seq), fmt.Sprintf("ipsec policy %s %d manual", cli.Quote(name), seq))
	x.Enter(feature.ViewState{Name: "ipsec-manual", Suffix: fmt.Sprintf("ipsec-policy-manual-%s-%d", name, seq), Node: n, Obj: entryRef{policy: name, e: entry}})
	x.Box.After(0, e.Sync) // when a configuration is loaded, after all of it
}

// keys are those of the direction and protocol that a command names.
func keys(x *feature.Exec, a *cli.Args) *ipsec.ManualKeys {
	return entry(x).Manual.Of(a.Has("inbound"), protoOf(a))
}

// keyWords are the words that name them.
func keyWords(a *cli.Args) string {
	direction := "outbound"
	if a.Has("inbound") {
		direction = "inbound"
	}
	return direction + " " + strings.ToLower(protoName(protoOf(a)))
}

// secret is the key of a command, "" when it cannot be read, and how it is
// stored.
func secret(x *feature.Exec, a *cli.Args) (plain, stored string) {
	if plain = a.Str("plain"); plain != "" {
		return plain, feature.Encipher(plain)
	}
	stored = a.Str("cipher")
	plain, ok := feature.Decipher(stored)
	if !ok {
		x.Print("The ciphertext key is saved, but it cannot be decrypted.\n")
	}
	return plain, stored
}

// A key of a string and keys in hexadecimal take each other's place: what was
// typed last is in force.

func setString(x *feature.Exec, a *cli.Args) {
	plain, stored := secret(x, a)
	k, words := keys(x, a), keyWords(a)
	k.String, k.Encr, k.Auth = plain, nil, nil
	x.Node().Remove("sa hex-key authentication " + words)
	x.Node().Remove("sa hex-key encryption " + words)
	x.Node().Set(placeSecret, "sa string-key "+words, "sa string-key "+words+" cipher "+cli.Quote(stored))
}

func setHex(x *feature.Exec, a *cli.Args, use string, to *[]byte) {
	plain, stored := secret(x, a)
	key, err := hex.DecodeString(plain)
	if err != nil {
		x.Error("The key must be a hexadecimal string of whole bytes.")
		return
	}
	*to = key
	keys(x, a).String = ""
	words := keyWords(a)
	x.Node().Remove("sa string-key " + words)
	line := "sa hex-key " + use + " " + words
	x.Node().Set(placeSecret, line, line+" cipher "+cli.Quote(stored))
}

func undoACL(x *feature.Exec, _ *cli.Args) {
	entry(x).ACL, entry(x).Grouping = "", ipsec.Standard
	forget(x, "security acl")
}

// printManual is an entry whose SAs are set up by hand in `display ipsec
// policy`.
func printManual(x *feature.Exec, e *ipsec.Entry) {
	x.Printf("  Description:%s\n  Security data flow:%s\n  Remote address:%s\n  Transform set:%s\n",
		value(e.Description), value(e.ACL), remoteText(e), value(strings.Join(e.Sets, " ")))
	printKeys(x, e)
}

// printKeys are the SPIs and the places of the keys.
func printKeys(x *feature.Exec, e *ipsec.Entry) {
	for _, direction := range []string{"Inbound", "Outbound"} {
		in := direction == "Inbound"
		k := e.Manual.Of(in, ipsec.ProtoAH)
		x.Printf("  %s AH setting:\n    AH SPI:%s\n    AH string-key:%s\n    AH authentication hex key:%s\n", direction, spiText(k.SPI), stars(k.String), stars(k.Auth))
		k = e.Manual.Of(in, ipsec.ProtoESP)
		x.Printf("  %s ESP setting:\n    ESP SPI:%s\n    ESP string-key:%s\n    ESP encryption hex key:%s\n    ESP authentication hex key:%s\n",
			direction, spiText(k.SPI), stars(k.String), stars(k.Encr), stars(k.Auth))
	}
}

func spiText(spi uint32) string {
	if spi == 0 {
		return ""
	}
	return fmt.Sprintf(" %d (0x%08x)", spi, spi)
}

// stars stand for a secret.
func stars[T string | []byte](secret T) string {
	if len(secret) == 0 {
		return ""
	}
	return " ******"
}
