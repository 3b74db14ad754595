package pki

import (
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/pki"
)

// Places of the lines in PKI domain view.
const (
	placeCA = 10 * iota
	placeFrom
	placeRequestEntity
	placeMode
	placePolling
	placeURL
	placeLDAP
	placeCRL
	placeCRLURL
	placeKey
	placePrint
	placeSource
	placeUsage
)

// domainKey is the key of a domain's line in the system view.
func domainKey(name string) string { return "pki domain " + strings.ToLower(name) }

// inDomain is a command of PKI domain view.
func inDomain(syntax string, f func(x *feature.Exec, d *domain, a *cli.Args)) feature.Command {
	return texts.Command("pki-domain", syntax, func(x *feature.Exec, a *cli.Args) {
		if d := of(x.Box).domain(x.View().Obj.(string)); d != nil {
			f(x, d, a)
		}
	})
}

// kept is a line of PKI domain view that only a server would see.
func kept(place int, syntax, undo string) feature.Command {
	return texts.Keep("pki-domain", syntax, feature.Keep{Place: place, Undo: undo})
}

const (
	keyName = "<key:string:1-64>"
	length  = "[ length <bits:512-2048> ]"
)

var domainCommands = []feature.Command{
	texts.Command("system", "pki domain <domain:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		st, name := of(x.Box), a.Str("domain")
		if strings.ContainsAny(name, `~*\|:.<>"'`) {
			x.Error("The PKI domain name is invalid.")
			return
		}
		if st.domain(name) == nil {
			d := &domain{Domain: &pki.Domain{Name: name, CheckCRL: true}, keys: map[pki.Usage]keyRef{}}
			st.domains = append(st.domains, d)
			st.store.Domains = append(st.store.Domains, d.Domain)
			st.load(d)
		}
		node := x.Box.Conf.Root().Open(placePKI, domainKey(name), "pki domain "+cli.Quote(name))
		x.Enter(feature.ViewState{Name: "pki-domain", Suffix: "pki-domain-" + name, Node: node, Obj: name})
	}),
	texts.Command("system", "undo pki domain <domain:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		st, d := of(x.Box), find(x, a)
		if d == nil {
			return
		}
		st.empty(d)
		st.domains = slices.DeleteFunc(st.domains, func(o *domain) bool { return o == d })
		st.store.Domains = slices.DeleteFunc(st.store.Domains, func(o *pki.Domain) bool { return o == d.Domain })
		remove(x, domainKey(d.Name))
	}),
	texts.Command("system", "pki storage { certificates | crls } <directory:string:1-255>", func(x *feature.Exec, a *cli.Args) {
		dir, err := x.Box.Flash.Resolve(x.Shell.Dir, a.Str("directory"))
		if f, ok := x.Box.Flash.Stat(dir); err != nil || !ok || !f.Dir || strings.HasPrefix(a.Str("directory"), "/") || strings.Contains(a.Str("directory"), "../") {
			x.Error(feature.ErrNoFile.Error())
			return
		}
		what := a.Token(2)
		if err := of(x.Box).moveTo(what, dir); err != nil {
			x.Error(err.Error())
			return
		}
		x.Box.Conf.Root().Set(placePKI, "pki storage "+what, "pki storage "+what+" "+cli.Quote(a.Str("directory")))
	}),
	texts.Command("system", "undo pki storage { certificates | crls }", func(x *feature.Exec, a *cli.Args) {
		what := a.Token(3)
		if err := of(x.Box).moveTo(what, defaultDir); err != nil {
			x.Error(err.Error())
			return
		}
		x.Box.Conf.Root().Remove("pki storage " + what)
	}),
	inDomain("certificate request entity <entity:string:1-31>", func(x *feature.Exec, d *domain, a *cli.Args) {
		d.entity = a.Str("entity")
		x.Node().Set(placeRequestEntity, "certificate request entity", a.Line())
	}),
	inDomain("undo certificate request entity", func(x *feature.Exec, d *domain, _ *cli.Args) {
		d.entity = ""
		x.Node().Remove("certificate request entity")
	}),
	inDomain("crl check enable", func(x *feature.Exec, d *domain, _ *cli.Args) {
		d.CheckCRL = true
		x.Node().Remove("crl check enable")
	}),
	inDomain("undo crl check enable", func(x *feature.Exec, d *domain, a *cli.Args) {
		d.CheckCRL = false
		x.Node().Set(placeCRL, "crl check enable", a.Line())
	}),
	inDomain("root-certificate fingerprint { md5 <print:string:32-32> | sha1 <print:string:40-40> }", func(x *feature.Exec, d *domain, a *cli.Args) {
		p := strings.ToUpper(a.Str("print"))
		if strings.Trim(p, "0123456789ABCDEF") != "" {
			x.Error("The fingerprint is invalid.")
			return
		}
		d.print = p
		x.Node().Set(placePrint, "root-certificate fingerprint", a.Line())
	}),
	inDomain("undo root-certificate fingerprint", func(x *feature.Exec, d *domain, _ *cli.Args) {
		d.print = ""
		x.Node().Remove("root-certificate fingerprint")
	}),
	inDomain("public-key { dsa name "+keyName+" "+length+" | ecdsa name "+keyName+" [ secp192r1 | secp256r1 | secp384r1 | secp521r1 ] | rsa { general name "+keyName+" "+length+" | { encryption name "+keyName+" "+length+" | signature name <sign-key:string:1-64> [ length <sign-bits:512-2048> ] } * } }", setPublicKey),
	inDomain("undo public-key", func(x *feature.Exec, d *domain, _ *cli.Args) {
		clear(d.keys)
		x.Node().RemoveAll(func(key string) bool { return strings.HasPrefix(key, "public-key") })
	}),
	inDomain("usage { ike | ssl-client | ssl-server } *", func(x *feature.Exec, d *domain, a *cli.Args) {
		for _, u := range extended {
			if a.Has(u.word) && !slices.Contains(d.usage, u.word) {
				d.usage = append(d.usage, u.word)
			}
		}
		d.setUsage(x)
	}),
	inDomain("undo usage [ ike | ssl-client | ssl-server ] *", func(x *feature.Exec, d *domain, a *cli.Args) {
		d.usage = slices.DeleteFunc(d.usage, func(w string) bool { return len(a.All()) == 2 || a.Has(w) })
		d.setUsage(x)
	}),
	kept(placeCA, "ca identifier <ca:string:1-63>", ""),
	kept(placeURL, "certificate request url <url:string:1-511> [ vpn-instance <vpn:string:1-31> ]", "certificate request url"),
	kept(placeFrom, "certificate request from { ca | ra }", "certificate request from"),
	kept(placeMode, "certificate request mode { auto [ password { cipher <secret:string:1-73> | simple <plain:string:1-31> } ] | manual }", "certificate request mode"),
	kept(placePolling, "certificate request polling { count <count:1-100> | interval <minutes:5-168> }", "certificate request polling { count | interval }"),
	kept(placeLDAP, "ldap-server host <host:string:1-255> [ port <port:1-65535> ] [ vpn-instance <vpn:string:1-31> ]", "ldap-server"),
	kept(placeSource, "source { ip | ipv6 } { <address:string:2-46> | interface <interface:interface> }", "source"),
	kept(placeCRLURL, "crl url <url:string:1-511> [ vpn-instance <vpn:string:1-31> ]", "crl url"),
}

// setPublicKey names the key pairs of a domain.
func setPublicKey(x *feature.Exec, d *domain, a *cli.Args) {
	for _, name := range []string{a.Str("key"), a.Str("sign-key")} {
		if !goodKeyName(name) {
			x.Error("The name is invalid.")
			return
		}
	}
	bits := func(arg string) int {
		if a.Str(arg) == "" {
			return defaultBits
		}
		return a.Int(arg)
	}
	if !a.Has("rsa") { // kept, as nothing signs with other keys
		clear(d.keys)
		x.Node().Set(placeKey, "public-key", a.Line())
		return
	}
	if a.Has("general") {
		d.setKey(x, pki.General, keyRef{a.Str("key"), bits("bits")})
	}
	if a.Has("encryption") {
		d.setKey(x, pki.Encryption, keyRef{a.Str("key"), bits("bits")})
	}
	if a.Has("signature") {
		d.setKey(x, pki.Signature, keyRef{a.Str("sign-key"), bits("sign-bits")})
	}
}

// setKey names the key pair of a use. One for both uses and those for one take
// each other's place.
func (d *domain) setKey(x *feature.Exec, u pki.Usage, k keyRef) {
	for _, o := range usages {
		if (o == pki.General) != (u == pki.General) {
			delete(d.keys, o)
		}
	}
	d.keys[u] = k
	d.setKeys(x.Node())
}

// setKeys puts the key pairs into the configuration.
func (d *domain) setKeys(n *conf.Node) {
	n.RemoveAll(func(key string) bool { return strings.HasPrefix(key, "public-key") })
	var uses []string
	for _, u := range []pki.Usage{pki.General, pki.Encryption, pki.Signature} {
		if k, ok := d.keys[u]; ok {
			uses = append(uses, k.line(u.String()))
		}
	}
	if uses != nil {
		n.Set(placeKey, "public-key", "public-key rsa "+strings.Join(uses, " "))
	}
}

// setUsage puts the extended usages into the configuration.
func (d *domain) setUsage(x *feature.Exec) {
	var words []string
	for _, u := range extended {
		if slices.Contains(d.usage, u.word) {
			words = append(words, u.word)
		}
	}
	if words == nil {
		x.Node().Remove("usage")
		return
	}
	x.Node().Set(placeUsage, "usage", "usage "+strings.Join(words, " "))
}

// goodKeyName says whether a name may be one of a key pair; none is.
func goodKeyName(name string) bool {
	return strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func (k keyRef) line(use string) string {
	line := fmt.Sprintf("%s name %s", use, k.name)
	if k.bits != defaultBits {
		line += fmt.Sprintf(" length %d", k.bits)
	}
	return line
}

// remove takes a view out of the configuration.
func remove(x *feature.Exec, key string) {
	if node := x.Box.Conf.Root().Child(key); node != nil {
		x.Box.Conf.Root().Remove(key)
		x.Box.Drop(node)
	}
}
