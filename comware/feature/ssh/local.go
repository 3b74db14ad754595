package ssh

import (
	"crypto/rsa"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// Sizes of keys in bits.
const (
	leastBits   = 512
	mostBits    = 2048
	defaultBits = 1024
	serverBits  = 768
)

const ofKind = "{ dsa | ecdsa | rsa } [ name <name:string:1-64> ]"

var keyCommands = []feature.Command{
	texts.Command("system", "public-key local create { dsa | rsa } [ name <name:string:1-64> ]", create),
	texts.Command("system", "public-key local create ecdsa [ secp192r1 | secp256r1 | secp384r1 ] [ name <name:string:1-64> ]", create),
	texts.Command("system", "public-key local destroy "+ofKind, destroy),
	texts.Command("any", "display public-key local { dsa | ecdsa | rsa } public [ name <name:string:1-64> ]", displayLocal),
}

// named is a key of the type and name of a command, without its numbers.
func named(a *cli.Args, kind string) *Key {
	if name := a.Str("name"); name != "" {
		return &Key{Type: kind, Name: name}
	}
	name := map[string]string{"rsa": "hostkey", "dsa": "dsakey", "ecdsa": "ecdsakey"}[kind]
	return &Key{Type: kind, Name: name, Default: true}
}

// Find is the key pair of a box of a type and a name that was given to it, in
// any case; nil for none.
func Find(b *feature.Box, kind, name string) *Key {
	return of(b).find(&Key{Type: kind, Name: name})
}

// Make makes an RSA key pair of a name and that many bits, in place of one that
// is there.
func Make(b *feature.Box, name string, bits int) (*Key, error) {
	k, _ := newRSA(b.Stream("rsa key"), bits)
	return k, k.save(b, name)
}

// Take keeps an RSA key pair that was made elsewhere under a name, in place of
// one that is there.
func Take(b *feature.Box, name string, r *rsa.PrivateKey) error {
	if len(r.Primes) != 2 {
		return fmt.Errorf("ssh: key of %d primes, want 2", len(r.Primes))
	}
	k := &Key{Type: "rsa", N: r.N, E: big.NewInt(int64(r.E)), D: r.D, P: r.Primes[0], Q: r.Primes[1]}
	return k.save(b, name)
}

func (k *Key) save(b *feature.Box, name string) error {
	k.Name, k.Time = name, b.Clock()
	return of(b).keep(k)
}

// find is the key pair of a type and name, nil for none.
func (st *state) find(k *Key) *Key {
	for _, x := range st.keys {
		if x.same(k) {
			return x
		}
	}
	return nil
}

func create(x *feature.Exec, a *cli.Args) {
	st, want := of(x.Box), named(a, a.Token(3))
	if strings.Trim(strings.ToLower(want.Name), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		x.Error("The name is invalid.")
		return
	}
	if st.find(want) == nil {
		size(x, a, want)
		return
	}
	x.Print("The local key pair already exists.\n")
	x.Confirm("Confirm to replace it? [Y/N]:", func(yes bool) {
		if yes {
			size(x, a, want)
		}
	})
}

// size asks how long the key is to be.
func size(x *feature.Exec, a *cli.Args, want *Key) {
	if want.Type == "ecdsa" {
		curve := "secp192r1"
		if c := a.Token(min(4, len(a.All())-1)); curves[c].oid != nil {
			curve = c
		}
		x.Print("Generating Keys...\n")
		finish(x, want, newECDSA(x.Box.Stream("ecdsa key"), curve), "")
		return
	}
	x.Printf("The range of public key modulus is (%d ~ %d).\n", leastBits, mostBits)
	x.Print("If the key modulus is greater than 512, it will take a few minutes.\nPress CTRL+C to abort.\n")
	var ask func()
	ask = func() {
		x.Shell.Term.Ask(fmt.Sprintf("Input the modulus length [default = %d]:", defaultBits), false, func(answer string) {
			bits := defaultBits
			if s := strings.TrimSpace(answer); s != "" {
				n, err := strconv.Atoi(s)
				if err != nil || n < leastBits || n > mostBits {
					ask()
					return
				}
				bits = n
			}
			x.Print("Generating Keys...\n")
			build(x, want, bits)
		})
	}
	ask()
}

// build makes a key pair of that many bits; with the default RSA host key comes
// a server key.
func build(x *feature.Exec, want *Key, bits int) {
	s := x.Box.Stream(want.Type + " key")
	if want.Type == "dsa" {
		k, progress := newDSA(s, bits)
		finish(x, want, k, progress)
		return
	}
	k, progress := newRSA(s, bits)
	if want.Default {
		server, more := newRSA(s, serverBits)
		server.Name, server.Default, server.Time = "serverkey", true, x.Box.Clock()
		if err := of(x.Box).keep(server); err != nil {
			x.Error(err.Error())
			return
		}
		progress += more
	}
	finish(x, want, k, progress)
}

// finish keeps a key pair under the name that it was wanted for.
func finish(x *feature.Exec, want, k *Key, progress string) {
	k.Name, k.Default, k.Time = want.Name, want.Default, x.Box.Clock()
	x.Print(progress)
	if err := of(x.Box).keep(k); err != nil {
		x.Error(err.Error())
		return
	}
	x.Print("Create the key pair successfully.\n")
}

func destroy(x *feature.Exec, a *cli.Args) {
	st, k := of(x.Box), named(a, a.Token(3))
	if st.find(k) == nil {
		x.Error("The local key pair does not exist.")
		return
	}
	x.Confirm("Confirm to destroy the key pair? [Y/N]:", func(yes bool) {
		if !yes {
			return
		}
		st.drop(k)
		if k.Type == "rsa" && k.Default {
			st.drop(&Key{Type: "rsa", Name: "serverkey", Default: true})
		}
	})
}

func displayLocal(x *feature.Exec, a *cli.Args) {
	for _, k := range Keys(x.Box, a.Token(3)) {
		if a.Str("name") != "" && !strings.EqualFold(a.Str("name"), k.Name) {
			continue
		}
		name := k.Name
		if k.Default {
			name += " (default)"
		}
		x.Printf("=============================================\nKey name: %s\nKey type: %s\nTime when key pair created: %s\nKey code:\n%s\n",
			name, strings.ToUpper(k.Type), k.Time.Format("15:04:05 2006/01/02"), code(k.Public()))
	}
}
