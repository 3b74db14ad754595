package cast

import (
	"bytes"
	"strings"
	"testing"
)

func TestRedactor(t *testing.T) {
	for in, want := range map[string]string{
		// echoed commands, in full and short, in any case
		"<H3C>key simple abc def":                                                                    "<H3C>key simple *** def",
		"[H3C]pre-shared-key address 1.1.1.1 key cipher abc":                                         "[H3C]pre-shared-key address 1.1.1.1 key cipher ***",
		"RBM_P[H3C-ike-keychain-k]pre address 1.1.1.1 key s abc":                                     "RBM_P[H3C-ike-keychain-k]pre address 1.1.1.1 key s ***",
		"[H3C]PASSWORD SIMPLE abc":                                                                   "[H3C]PASSWORD SIMPLE ***",
		"[H3C]pass h abc":                                                                            "[H3C]pass h ***",
		"[H3C]password sim abc":                                                                      "[H3C]password sim ***",
		"[H3C]set authentication password hash abc":                                                  "[H3C]set authentication password hash ***",
		"[H3C]super password role a simple abc":                                                      "[H3C]super password role a simple ***",
		"[H3C]sa string-key inbound esp simple abc":                                                  "[H3C]sa string-key inbound esp simple ***",
		"[H3C]pre-shared-key plaintext abc":                                                          "[H3C]pre-shared-key plaintext ***",
		"[H3C]vrrp vrid 1 authentication-mode simple plain abc":                                      "[H3C]vrrp vrid 1 authentication-mode simple plain ***",
		"[H3C]vrrp vrid 1 auth simple cipher abc":                                                    "[H3C]vrrp vrid 1 auth simple cipher ***",
		"[H3C]ntp authentication-keyid 1 auth md5 simple plain1":                                     "[H3C]ntp authentication-keyid 1 auth md5 simple ******",
		"[H3C]snmp-agent community read abc":                                                         "[H3C]snmp-agent community read ***",
		"[H3C]snmp-agent community write simple abc":                                                 "[H3C]snmp-agent community write simple ***",
		"[H3C]snmp-agent usm-user v3 u g simple authentication-mode sha abc privacy-mode aes128 def": "[H3C]snmp-agent usm-user v3 u g simple authentication-mode sha *** privacy-mode aes128 ***",
		// configurations, hashes, histories
		" pre-shared-key address 1.1.1.1 255.255.255.0 key cipher $c$3$ab+/=\r\n#": " pre-shared-key address 1.1.1.1 255.255.255.0 key cipher **********\r\n#",
		" password hash $h$6$x\r\n":       " password hash ******\r\n",
		" something $c$3$abc\r\n":         " something $c$*****\r\n",
		"  pre-s add 8.8.8.8 key s abc":   "  pre-s add 8.8.8.8 key s ***",
		" authentication-mode simple abc": " authentication-mode simple ***",
		// edited
		"<H3C>key simple abc\b\bXY":               "<H3C>key simple ***\b\b**",
		"<H3C>key simple abc\b\b\b\b\b\b\b\bx ab": "<H3C>key simple ***\b\b\b\b\b\b\b\bx ab",
		"<H3C>key simple \x1b[31mab":              "<H3C>key simple \x1b[31m**",
		"<H3C>key simple ab\x1b[Ccd":              "<H3C>key simple **\x1b[Ccd",
		"<H3C>key simple 口令":                      "<H3C>key simple **",
		// what is no secret
		"  simple   Specify a key":                   "  simple   Specify a key",
		"<H3C>simple abc":                            "<H3C>simple abc",
		"<H3C>display ike sa":                        "<H3C>display ike sa",
		"<H3C>ping -a 2.2.2.2 -c 5 3.3.3.3":          "<H3C>ping -a 2.2.2.2 -c 5 3.3.3.3",
		"The public key has been made":               "The public key has been made",
		"Encryption algorithm: AES-CBC":              "Encryption algorithm: AES-CBC",
		"IKE proposal hash\r\nalgorithm simple\r\nx": "IKE proposal hash\r\nalgorithm simple\r\nx",
	} {
		for _, size := range []int{1, 3, len(in)} {
			r := &Redactor{}
			r.SetWidth(80)
			var got []byte
			for b := []byte(in); len(b) > 0; {
				n := min(size, len(b))
				got, b = append(got, r.Redact(b[:n])...), b[n:]
			}
			if string(got) != want {
				t.Errorf("%q in pieces of %d is %q, want %q", in, size, got, want)
			}
		}
	}
}

// Whatever comes, redacting does not depend on the pieces in which it comes,
// nor takes away anything but characters of secrets.
func FuzzRedact(f *testing.F) {
	for _, s := range []string{"<H3C>key simple abc\b\bx\r\n", "a cipher $c$3$\xe4\xb8\r", "\x1b[5A\x1b[80Ckey simple ab", "password \x1b[1234567890Asimple x"} {
		f.Add([]byte(s), uint8(1))
	}
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		whole, pieces := &Redactor{}, &Redactor{}
		whole.SetWidth(80)
		pieces.SetWidth(80)
		want := bytes.Clone(whole.Redact(in))
		var got []byte
		for b := in; len(b) > 0; {
			n := min(int(size)+1, len(b))
			got, b = append(got, pieces.Redact(b[:n])...), b[n:]
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("in pieces of %d it is %q, else %q", int(size)+1, got, want)
		}
		if again := string((&Redactor{width: 80}).Redact(bytes.Clone(want))); again != string(want) {
			t.Fatalf("what is redacted is redacted again: %q, %q", want, again)
		}
		if a, b := strings.Count(string(want), "\n"), strings.Count(string(in), "\n"); a != b {
			t.Fatalf("there are %d lines of %d", a, b)
		}
	})
}
