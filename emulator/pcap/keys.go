package pcap

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
)

// The files of Keys. Wireshark reads the first three from its configuration
// folder; the others are for checkers that derive all keys themselves.
const (
	FileIKEv1 = "ikev1_decryption_table" // initiator's cookie and cipher key, hex
	FileIKEv2 = "ikev2_decryption_table" // SPIs, keys and algorithms of both directions
	FileESP   = "esp_sa"
	FileDH    = "dh_secrets" // g^xy, hex, one a line
	FilePSK   = "psk"        // the pre-shared key as it is
)

// FileNames are all of them.
var FileNames = []string{FileIKEv1, FileIKEv2, FileESP, FileDH, FilePSK}

// Names of algorithms in esp_sa.
var (
	espCiphers = map[ipsec.Encryption]string{
		ipsec.DES: "DES-CBC [RFC2405]", ipsec.DES3: "TripleDES-CBC [RFC2451]", ipsec.AES: "AES-CBC [RFC3602]", ipsec.Null: "NULL",
		ipsec.AESCTR: "AES-CTR [RFC3686]", ipsec.AESGCM: "AES-GCM with 16 octet ICV [RFC4106]",
	}
	espAuths = map[ipsec.Authentication]string{
		0: "NULL", ipsec.HMACMD5: "HMAC-MD5-96 [RFC2403]", ipsec.HMACSHA1: "HMAC-SHA-1-96 [RFC2404]",
		ipsec.HMACSHA256: "HMAC-SHA-256-128 [RFC4868]", ipsec.HMACSHA384: "HMAC-SHA-384-192 [RFC4868]", ipsec.HMACSHA512: "HMAC-SHA-512-256 [RFC4868]",
	}
)

// Names of algorithms in ikev2_decryption_table.
var (
	ikeCiphers = map[ikev2.Cipher]string{
		{ID: wire.Encr3DES}: "3DES [RFC2451]", {ID: wire.EncrAES, KeyBits: 128}: "AES-CBC-128 [RFC3602]",
		{ID: wire.EncrAES, KeyBits: 192}: "AES-CBC-192 [RFC3602]", {ID: wire.EncrAES, KeyBits: 256}: "AES-CBC-256 [RFC3602]",
		{ID: wire.EncrCTR, KeyBits: 128}: "AES-CTR-128 [RFC5930]", {ID: wire.EncrCTR, KeyBits: 192}: "AES-CTR-192 [RFC5930]",
		{ID: wire.EncrCTR, KeyBits: 256}: "AES-CTR-256 [RFC5930]", {ID: wire.EncrGCM, KeyBits: 128}: "AES-GCM-128 with 16 octet ICV [RFC5282]",
		{ID: wire.EncrGCM, KeyBits: 192}: "AES-GCM-192 with 16 octet ICV [RFC5282]", {ID: wire.EncrGCM, KeyBits: 256}: "AES-GCM-256 with 16 octet ICV [RFC5282]",
	}
	ikeMACs = map[uint16]string{
		0:             "NONE [RFC4306]",
		wire.IntegMD5: "HMAC_MD5_96 [RFC2403]", wire.IntegSHA1: "HMAC_SHA1_96 [RFC2404]", wire.IntegSHA256: "HMAC_SHA2_256_128 [RFC4868]",
		wire.IntegSHA384: "HMAC_SHA2_384_192 [RFC4868]", wire.IntegSHA512: "HMAC_SHA2_512_256 [RFC4868]",
	}
)

// maxKeys is how many lines of a file are kept, the newest.
const maxKeys = 1 << 16

// Keys gathers the secrets that a capture is read with, in the order in which
// they are told. What both ends of a negotiation tell is kept once. It has the
// form of a listener of a laboratory.
type Keys struct {
	lines map[string][]string
	seen  map[[2]string]bool // file and line
	added int
	err   error
}

// Added is how many lines were told so far, those that are no longer kept
// included.
func (k *Keys) Added() int { return k.added }

// add appends a line to a file unless it is there.
func (k *Keys) add(file, line string) {
	if k.lines == nil {
		k.lines, k.seen = map[string][]string{}, map[[2]string]bool{}
	}
	if k.seen[[2]string{file, line}] {
		return
	}
	k.seen[[2]string{file, line}] = true
	k.added++
	all := append(k.lines[file], line)
	if len(all) > maxKeys+maxKeys/4 {
		for _, old := range all[:len(all)-maxKeys] {
			delete(k.seen, [2]string{file, old})
		}
		all = slices.Clone(all[len(all)-maxKeys:])
	}
	k.lines[file] = all
}

// IKEKeys takes the keys of an IKE SA.
func (k *Keys) IKEKeys(v ike.Keys) {
	k.add(FileIKEv1, fmt.Sprintf("%x,%x", v.Initiator[:], v.Cipher))
	k.add(FilePSK, string(v.PSK))
}

// IKEv2Keys takes the keys of an IKE SA of version 2.
func (k *Keys) IKEv2Keys(v ikev2.Keys) {
	encr, integ := ikeCiphers[v.Suite.Encr], ikeMACs[v.Suite.Integ]
	if encr == "" || integ == "" {
		k.unnamed(fmt.Sprintf("cipher %d with integrity algorithm %d", v.Suite.Encr.ID, v.Suite.Integ))
		return
	}
	k.add(FileIKEv2, fmt.Sprintf(`%x,%x,%x,%x,"%s",%x,%x,"%s"`, v.Initiator[:], v.Responder[:], v.EncrI, v.EncrR, encr, v.IntegI, v.IntegR, integ))
}

// unnamed keeps the first error of what Wireshark has no name for.
func (k *Keys) unnamed(what string) {
	if k.err == nil {
		k.err = fmt.Errorf("pcap: Wireshark has no name for %s", what)
	}
}

// DHSecret takes the result of a Diffie-Hellman exchange.
func (k *Keys) DHSecret(gxy []byte) { k.add(FileDH, fmt.Sprintf("%x", gxy)) }

// ESPKeys takes the keys of one direction of ESP. Wireshark 4.0 cannot read GCM
// with extended sequence numbers: it has no place for their upper half.
func (k *Keys) ESPKeys(src, dst netip.Addr, spi uint32, t ipsec.Transform, v ipsec.Keys) {
	encr, auth := espCiphers[t.Encr], espAuths[t.Auth]
	if encr == "" || auth == "" {
		k.unnamed(fmt.Sprintf("%v with %v", t.Encr, t.Auth))
		return
	}
	if t.ESN && t.Auth != 0 { // a reader does not see the upper half of the number, which the ICV covers
		auth = fmt.Sprintf("ANY %d bit authentication [no checking]", 8*t.ICVLen())
	}
	k.add(FileESP, fmt.Sprintf(`"IPv4","%v","%v","0x%08x","%s","%s","%s","%s"`, src, dst, spi, encr, hexKey(v.Encr), auth, hexKey(v.Auth)))
}

// hexKey is a key in esp_sa, where one of no length is empty.
func hexKey(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return fmt.Sprintf("0x%x", b)
}

// Files is the content of each file by its name, also of those that stay
// empty. The error is a key that no file has a form for; the files lack it.
func (k *Keys) Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, name := range FileNames {
		text := []byte{}
		for _, l := range k.lines[name] {
			text = append(append(text, l...), '\n')
		}
		files[name] = text
	}
	return files, k.err
}

// WriteTo writes all files to a folder, which is made for its owner alone, also
// where one key has no form.
func (k *Keys) WriteTo(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	files, err := k.Files()
	for _, name := range FileNames {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), files[name], 0o600))
	}
	return err
}
