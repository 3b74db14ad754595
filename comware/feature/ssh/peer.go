package ssh

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// placePeer stands after the SSH settings.
const placePeer = feature.PlaceSSH + 50

// endOfKey is the line that ends a key.
const endOfKey = "peer-public-key end"

var peerCommands = []feature.Command{
	texts.Command("system", "public-key peer <name:string:1-64>", func(x *feature.Exec, a *cli.Args) {
		if !plain(x, a.Str("name")) {
			return
		}
		n := x.Node().Open(placePeer, a.Line(), a.Line())
		n.Insertion = true
		n.RemoveAll(func(string) bool { return true })
		x.Print("Enter public key view. Return to system view with \"peer-public-key end\" command.\n")
		x.Enter(feature.ViewState{Name: "public-key", Suffix: "pkey-public-key-" + a.Str("name"), Node: n})
	}),
	texts.Command("system", "undo public-key peer <name:string:1-64>", func(x *feature.Exec, a *cli.Args) {
		key := strings.TrimPrefix(a.Line(), "undo ")
		n := x.Node().Child(key)
		if n == nil {
			x.Error("The public key does not exist.")
			return
		}
		x.Box.Drop(n)
		x.Node().Remove(key)
	}),
	texts.Command("public-key", "<code:string:1-510>", func(x *feature.Exec, a *cli.Args) {
		n := x.Node()
		if strings.Trim(a.Str("code"), "0123456789abcdefABCDEF") != "" {
			x.Error("The public key is invalid.")
			return
		}
		n.Set(0, fmt.Sprintf("%04d", len(n.Kids())), strings.ToUpper(a.Str("code")))
	}),
	texts.Command("public-key", "peer-public-key end", func(x *feature.Exec, _ *cli.Args) {
		n := x.Node()
		_, _, err := peerKey(n)
		if err != nil {
			n.Parent().Remove(n.Key)
			x.Error("The public key is invalid.")
		} else {
			n.Set(1, endOfKey, endOfKey)
		}
		x.Quit()
	}),
	texts.Command("any", "display public-key peer [ brief | name <name:string:1-64> ]", displayPeer),
}

// peerBytes is the key that the lines of a view hold.
func peerBytes(n *conf.Node) ([]byte, error) {
	var digits strings.Builder
	for _, c := range n.Kids() {
		if c.Text != endOfKey {
			digits.WriteString(c.Text)
		}
	}
	return hex.DecodeString(digits.String())
}

func peerKey(n *conf.Node) (kind string, bits int, err error) {
	b, err := peerBytes(n)
	if err != nil {
		return "", 0, fmt.Errorf("ssh: key of a peer: %w", err)
	}
	return parsePublic(b)
}

// Peer is the public key of another host by its name in any case, as a
// SubjectPublicKeyInfo; nil for none.
func Peer(b *feature.Box, name string) []byte {
	i := slices.IndexFunc(b.Conf.Root().Kids(), func(n *conf.Node) bool { return strings.EqualFold(n.Text, "public-key peer "+name) })
	if i < 0 {
		return nil
	}
	n := b.Conf.Root().Kids()[i]
	if n.Child(endOfKey) == nil {
		return nil
	}
	key, err := peerBytes(n)
	if err != nil {
		return nil
	}
	return key
}

func displayPeer(x *feature.Exec, a *cli.Args) {
	if a.Has("brief") {
		x.Print("Type  Modulus  Name\n---------------------------\n")
	}
	for _, n := range x.Box.Conf.Root().Kids() {
		name, ok := strings.CutPrefix(n.Text, "public-key peer ")
		if !ok || a.Str("name") != "" && a.Str("name") != name {
			continue
		}
		kind, bits, err := peerKey(n)
		if err != nil || n.Child(endOfKey) == nil {
			continue
		}
		if a.Has("brief") {
			x.Printf("%-6s%-8d%s\n", kind, bits, name)
			continue
		}
		x.Printf("=============================================\nKey name: %s\nKey type: %s\nKey modulus: %d\nKey code:\n%s\n", name, kind, bits, code(Peer(x.Box, name)))
	}
}
