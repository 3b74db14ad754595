package ssh

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// This file gives public keys to other hosts and takes theirs, as files in the
// forms of OpenSSH and of RFC 4716 (SSH2).

var exchangeCommands = []feature.Command{
	texts.Command("system", "public-key local export { dsa | ecdsa | rsa } [ name <name:string:1-64> ] { openssh | ssh2 } [ <file:string:1-128> ]", export),
	texts.Command("system", "public-key peer <name:string:1-64> import sshkey <file:string:1-128>", importPeer),
}

var errKey = errors.New("ssh: no public key")

// sshNames are what SSH calls the curves (RFC 5656 section 10.1).
var sshNames = map[string]string{"secp192r1": "1.2.840.10045.3.1.1", "secp256r1": "nistp256", "secp384r1": "nistp384"}

// Algorithm is what SSH calls the type of the key.
func (k *Key) Algorithm() string {
	switch k.Type {
	case "rsa":
		return "ssh-rsa"
	case "dsa":
		return "ssh-dss"
	}
	return "ecdsa-sha2-" + sshNames[k.Curve]
}

// Blob is the public key in the wire form of SSH (RFC 4253 section 6.6, RFC
// 5656 section 3.1).
func (k *Key) Blob() []byte {
	b := field(nil, []byte(k.Algorithm()))
	switch k.Type {
	case "rsa":
		return mpint(mpint(b, k.E), k.N)
	case "dsa":
		for _, n := range []*big.Int{k.P, k.Q, k.G, k.E} {
			b = mpint(b, n)
		}
		return b
	}
	size := (curves[k.Curve].BitSize + 7) / 8
	point := append([]byte{4}, k.X.FillBytes(make([]byte, size))...)
	return field(field(b, []byte(sshNames[k.Curve])), append(point, k.Y.FillBytes(make([]byte, size))...))
}

// field appends a string of SSH (RFC 4251 section 5).
func field(b, s []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// mpint appends a positive number of SSH.
func mpint(b []byte, n *big.Int) []byte {
	s := n.Bytes()
	if len(s) > 0 && s[0]&0x80 != 0 {
		s = append([]byte{0}, s...)
	}
	return field(b, s)
}

// parseBlob reads the wire form of a key of RSA, DSA or ECDSA.
func parseBlob(b []byte) (*Key, error) {
	next := func() []byte {
		if len(b) < 4 || uint64(len(b)-4) < uint64(binary.BigEndian.Uint32(b)) {
			b = nil
			return nil
		}
		n := binary.BigEndian.Uint32(b)
		s := b[4 : 4+n]
		b = b[4+n:]
		return s
	}
	integer := func() *big.Int { return new(big.Int).SetBytes(next()) }
	k := &Key{}
	switch name := string(next()); name {
	case "ssh-rsa":
		k.Type, k.E, k.N = "rsa", integer(), integer()
		if k.N.Sign() == 0 || k.E.Sign() == 0 {
			return nil, errKey
		}
		return k, nil
	case "ssh-dss":
		k.Type, k.P, k.Q, k.G, k.E = "dsa", integer(), integer(), integer(), integer()
		if k.P.Sign() == 0 || k.E.Sign() == 0 {
			return nil, errKey
		}
		return k, nil
	default:
		for _, curve := range []string{"secp192r1", "secp256r1", "secp384r1"} {
			if name != "ecdsa-sha2-"+sshNames[curve] {
				continue
			}
			next()
			point := next()
			size := (curves[curve].BitSize + 7) / 8
			if len(point) != 1+2*size || point[0] != 4 {
				return nil, errKey
			}
			k.Type, k.Curve = "ecdsa", curve
			k.X, k.Y = new(big.Int).SetBytes(point[1:1+size]), new(big.Int).SetBytes(point[1+size:])
			return k, nil
		}
	}
	return nil, errKey
}

// export shows a public key, or writes it into a file.
func export(x *feature.Exec, a *cli.Args) {
	k := of(x.Box).find(named(a, a.Token(3)))
	if k == nil {
		x.Error("The local key pair does not exist.")
		return
	}
	body := base64.StdEncoding.EncodeToString(k.Blob())
	text := fmt.Sprintf("%s %s %s-key\n", k.Algorithm(), body, k.Type)
	if a.Has("ssh2") {
		text = fmt.Sprintf("---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"%s-key-%s\"\n%s\n---- END SSH2 PUBLIC KEY ----\n", k.Type, k.Time.Format("2006/01/02"), body)
	}
	if !a.Has("file") {
		x.Print(text)
		return
	}
	name, err := x.Box.Flash.Resolve("", a.Str("file"))
	if err == nil {
		err = x.Box.Flash.Write(name, text, x.Box.Clock())
	}
	if err != nil {
		x.Error(err.Error())
	}
}

// readFile reads a key from the text of a file.
func readFile(text string) (*Key, error) {
	var body strings.Builder
	if strings.HasPrefix(text, "---- BEGIN SSH2 PUBLIC KEY ----") {
		more := false
		for _, line := range strings.Split(text, "\n") {
			line = strings.TrimSpace(line)
			header := more || strings.Contains(line, ":")
			more = header && strings.HasSuffix(line, "\\")
			if !header && !strings.HasPrefix(line, "----") {
				body.WriteString(line)
			}
		}
	} else if f := strings.Fields(text); len(f) > 1 {
		body.WriteString(f[1])
	}
	blob, err := base64.StdEncoding.DecodeString(body.String())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKey, err)
	}
	return parseBlob(blob)
}

// importPeer takes the key of another host from a file. The configuration has
// it as if it had been typed.
func importPeer(x *feature.Exec, a *cli.Args) {
	if !plain(x, a.Str("name")) {
		return
	}
	name, err := x.Box.Flash.Resolve("", a.Str("file"))
	f, ok := x.Box.Flash.Read(name)
	if err != nil || !ok {
		x.Error(feature.ErrNoFile.Error())
		return
	}
	k, err := readFile(f.Data)
	if err != nil {
		x.Error("The public key is invalid.")
		return
	}
	key := "public-key peer " + a.Str("name")
	n := x.Node().Open(placePeer, key, key)
	n.Insertion = true
	n.RemoveAll(func(string) bool { return true })
	digits := strings.ToUpper(hex.EncodeToString(k.Public()))
	for i := 0; digits != ""; i++ {
		line := digits[:min(74, len(digits))]
		digits = digits[len(line):]
		n.Set(0, fmt.Sprintf("%04d", i), line)
	}
	n.Set(1, endOfKey, endOfKey)
}
