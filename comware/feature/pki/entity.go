package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/netip"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// An entity is who a request is for.
type entity struct {
	names map[string]string // by command
	fqdn  string
	ip    netip.Addr
	iface string // whose address is taken
}

// attributes are the commands of PKI entity view that make up the subject, in
// its order.
var attributes = []struct {
	command, syntax string
	id              asn1.ObjectIdentifier
}{
	{"country", "<name:string:2-2>", asn1.ObjectIdentifier{2, 5, 4, 6}},
	{"state", "<name:string:1-63>", asn1.ObjectIdentifier{2, 5, 4, 8}},
	{"locality", "<name:string:1-63>", asn1.ObjectIdentifier{2, 5, 4, 7}},
	{"organization", "<name:string:1-63>", asn1.ObjectIdentifier{2, 5, 4, 10}},
	{"organization-unit", "<name:string:1-63>", asn1.ObjectIdentifier{2, 5, 4, 11}},
	{"common-name", "<name:string:1-63>", asn1.ObjectIdentifier{2, 5, 4, 3}},
}

// Places of the lines in PKI entity view.
const (
	placeNames = 10
	placeFQDN  = 20
	placeIP    = 30
	placeDN    = 40
)

func inEntity(syntax string, f func(x *feature.Exec, e *entity, a *cli.Args)) feature.Command {
	return texts.Command("pki-entity", syntax, func(x *feature.Exec, a *cli.Args) {
		if e := of(x.Box).entities[x.View().Obj.(string)]; e != nil {
			f(x, e, a)
		}
	})
}

var entityCommands = makeEntityCommands()

func makeEntityCommands() []feature.Command {
	all := []feature.Command{
		texts.Command("system", "pki entity <entity:string:1-31>", func(x *feature.Exec, a *cli.Args) {
			st, key := of(x.Box), strings.ToLower(a.Str("entity"))
			if st.entities[key] == nil {
				st.entities[key] = &entity{names: map[string]string{}}
			}
			node := x.Box.Conf.Root().Open(placePKI, "pki entity "+key, "pki entity "+cli.Quote(a.Str("entity")))
			x.Enter(feature.ViewState{Name: "pki-entity", Suffix: "pki-entity-" + a.Str("entity"), Node: node, Obj: key})
		}),
		texts.Command("system", "undo pki entity <entity:string:1-31>", func(x *feature.Exec, a *cli.Args) {
			st, key := of(x.Box), strings.ToLower(a.Str("entity"))
			if st.entities[key] == nil {
				x.Error("The PKI entity does not exist.")
				return
			}
			delete(st.entities, key)
			remove(x, "pki entity "+key)
		}),
		inEntity("fqdn <fqdn:string:1-255>", func(x *feature.Exec, e *entity, a *cli.Args) {
			e.fqdn = a.Str("fqdn")
			x.Node().Set(placeFQDN, "fqdn", a.Line())
		}),
		inEntity("undo fqdn", func(x *feature.Exec, e *entity, _ *cli.Args) {
			e.fqdn = ""
			x.Node().Remove("fqdn")
		}),
		inEntity("ip { <address:ip> | interface <interface:interface> }", func(x *feature.Exec, e *entity, a *cli.Args) {
			e.ip, e.iface = a.Addr("address"), a.Str("interface")
			x.Node().Set(placeIP, "ip", a.Line())
		}),
		inEntity("undo ip", func(x *feature.Exec, e *entity, _ *cli.Args) {
			e.ip, e.iface = netip.Addr{}, ""
			x.Node().Remove("ip")
		}),
		texts.Keep("pki-entity", "subject-dn <dn:string:1-255>", feature.Keep{Place: placeDN}),
	}
	for _, at := range attributes {
		all = append(all, inEntity(at.command+" "+at.syntax, func(x *feature.Exec, e *entity, a *cli.Args) {
			if strings.Contains(a.Str("name"), ",") {
				x.Error("The name is invalid.")
				return
			}
			e.names[at.command] = a.Str("name")
			x.Node().Set(placeNames, at.command, a.Line())
		}), inEntity("undo "+at.command, func(x *feature.Exec, e *entity, _ *cli.Args) {
			delete(e.names, at.command)
			x.Node().Remove(at.command)
		}))
	}
	return all
}

// subject is the distinguished name of the entity.
func (e *entity) subject() pkix.RDNSequence {
	var rdns pkix.RDNSequence
	for _, at := range attributes {
		if v := e.names[at.command]; v != "" {
			rdns = append(rdns, pkix.RelativeDistinguishedNameSET{{Type: at.id, Value: v}})
		}
	}
	return rdns
}

// address is the IPv4 address of the entity, invalid for none.
func (e *entity) address(b *feature.Box) netip.Addr {
	if e.iface == "" {
		return e.ip
	}
	if i := b.Stack.Iface(e.iface); i != nil && i.Addr().IsValid() {
		return i.Addr().Addr()
	}
	return netip.Addr{}
}
