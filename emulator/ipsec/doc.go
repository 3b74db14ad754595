// Package ipsec is the IPsec part of one host: a security policy database of
// ordered policy entries with access control lists as selectors, a security
// association database, and AH (RFC 4302) and ESP (RFC 4301, RFC 4303) in
// tunnel and transport mode with DES, 3DES and AES in CBC mode (RFC 2405, RFC
// 2451, RFC 3602) and HMAC-MD5-96, HMAC-SHA1-96 and HMAC-SHA-256-128,
// -384-192 and -512-256 (RFC 2403, RFC 2404, RFC 4868), with AES in counter mode (RFC 3686), and with
// AES-GCM and AES-GMAC, which need no other authenticator (RFC 4106, RFC
// 4543). Sequence numbers are of 32 or of 64 bits. A bundle is ESP with AH
// around it under one outer header.
//
// It negotiates nothing: it asks its Host, which hands the question to IKE,
// and is given finished pairs of security associations.
//
// Another device can go on with a pair under the same address: see Backup.
//
// Limitations: IPv4 only; counter mode, GCM and GMAC by IKE version 2 alone; of
// the IP options AH knows the record route. With aggregation the flow that is
// negotiated is that of the list's first rule.
package ipsec
